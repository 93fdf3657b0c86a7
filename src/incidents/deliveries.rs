//! Why an entry about telling was written: who was told, what arrived, who is to be rung up.

use std::collections::BTreeSet;

use crate::incidents::entry::{OwedId, Recipient};
use crate::incidents::input::ReceiptStage;
use crate::incidents::message::{CallEnd, CallRequest, Notice};
use crate::incidents::state::State;
use crate::text::Text;

pub(super) fn all(items: &BTreeSet<String>) -> Text {
    let items: Vec<&str> = items.iter().map(String::as_str).collect();
    Text::new(items.join("、"), items.join(", "))
}

pub(super) fn told(name: &Text, seats: &BTreeSet<String>, channels: &BTreeSet<String>) -> Text {
    let to: BTreeSet<String> = seats.union(channels).cloned().collect();
    let to = if to.is_empty() {
        Text::new("没有可送达的座席或渠道", "no seat or channel of it")
    } else {
        all(&to)
    };
    Text::new(
        format!("通知{}：{}", name.zh, to.zh),
        format!("told as {}: {}", name.en, to.en),
    )
}

/// `until`: the clock time before which it does not leave.
pub(super) fn owed(recipient: &Recipient, what: Notice, until: Option<String>) -> Text {
    let (Recipient::Seat(id) | Recipient::Channel(id)) = recipient;
    let notice = notice(what);
    if let Some(until) = until {
        return Text::new(
            format!("待发 {id}：{}，{until} 再发", notice.zh),
            format!("owed to {id}, not before {until}: {}", notice.en),
        );
    }
    Text::new(
        format!("待发 {id}：{}", notice.zh),
        format!("owed to {id}: {}", notice.en),
    )
}

pub(super) fn delivered(state: &State, owed: OwedId) -> Text {
    let (to, notice) = debt(state, owed);
    Text::new(
        format!("已送达 {to}：{}", notice.zh),
        format!("delivered to {to}: {}", notice.en),
    )
}

pub(super) fn lapsed(state: &State, owed: OwedId, why: &Text) -> Text {
    let (to, notice) = debt(state, owed);
    Text::new(
        format!("未能送达 {to}：{}（{}）", notice.zh, why.zh),
        format!("not delivered to {to}: {} ({})", notice.en, why.en),
    )
}

pub(super) fn received(name: &Text, stage: ReceiptStage, seats: &BTreeSet<String>) -> Text {
    let seats = all(seats);
    let (zh, en) = match stage {
        ReceiptStage::Received => ("已收到", "received"),
        ReceiptStage::Shown => ("已显示", "shown"),
        ReceiptStage::NotShown => ("没能显示", "not shown"),
    };
    Text::new(
        format!("{}卡片{zh}：{}", name.zh, seats.zh),
        format!("card {en} as {}: {}", name.en, seats.en),
    )
}

pub(super) fn seats_lapsed(name: &Text, seats: &BTreeSet<String>, why: &Text) -> Text {
    let seats = all(seats);
    Text::new(
        format!("{}卡片未能让 {} 看到（{}）", name.zh, seats.zh, why.zh),
        format!("card never seen as {}: {} ({})", name.en, seats.en, why.en),
    )
}

pub(super) fn call_asked(name: &Text, call: &CallRequest) -> Text {
    let channel = &call.channel;
    let whom = call.callee.as_ref().map_or_else(
        || Text::new("没有电话号码", "no number is known"),
        |callee| {
            Text::new(
                format!("{} {}", callee.name.zh, callee.phone),
                format!("{} {}", callee.name.en, callee.phone),
            )
        },
    );
    Text::new(
        format!(
            "{}发不出，请人打电话告诉{}：{}",
            channel.zh, name.zh, whom.zh
        ),
        format!(
            "{} does not deliver, the {} is to be phoned: {}",
            channel.en, name.en, whom.en
        ),
    )
}

pub(super) fn call_answered(name: &Text, reached: bool, seat: &str) -> Text {
    if reached {
        Text::new(
            format!("{seat} 已打电话告知{}", name.zh),
            format!("{seat} has phoned {}", name.en),
        )
    } else {
        Text::new(
            format!("{seat}：{}的电话没人接", name.zh),
            format!("{seat}: {} does not answer the phone", name.en),
        )
    }
}

pub(super) fn call_ended(name: &Text, why: CallEnd) -> Text {
    let why = match why {
        CallEnd::Delivered => Text::new("消息已送达", "the message has arrived"),
        CallEnd::Seen => Text::new("已知道", "it is known there"),
        CallEnd::NotNeeded => Text::new("不用知道了", "it need not be known any more"),
    };
    Text::new(
        format!("不用再打给{}（{}）", name.zh, why.zh),
        format!("no need to phone the {} ({})", name.en, why.en),
    )
}

fn notice(notice: Notice) -> Text {
    match notice {
        Notice::Opened => Text::new("启动", "opened"),
        Notice::Changed => Text::new("有变化", "changed"),
        Notice::Reminded => Text::new("仍未恢复", "still open"),
        Notice::Closed => Text::new("解除", "over"),
        Notice::Digest => Text::new("要IT看的", "what IT is to see to"),
    }
}

/// To whom a debt is, and what it tells.
fn debt(state: &State, owed: OwedId) -> (&str, Text) {
    state.debts.get(&owed).map_or_else(
        || ("", Text::default()),
        |debt| (debt.channel.as_str(), notice(debt.message.notice)),
    )
}
