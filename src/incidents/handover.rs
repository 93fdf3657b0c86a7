//! What is said when a role changes hands, or when others are told in its stead.

use std::collections::BTreeSet;

use crate::incidents::deliveries::all;
use crate::incidents::entry::Event;
use crate::incidents::post::Joining;
use crate::incidents::post::{Holder, OnDuty};
use crate::text::Text;

/// Why an entry of this kind was written; `name` is what a role is called.
pub(super) fn reason(event: &Event, name: impl Fn(&str) -> Text) -> Text {
    match event {
        Event::DutyChanged { role, on } => changed(&name(role), on),
        Event::Substituted { role, seat, by, .. } => substituted(&name(role), seat, by),
        Event::SubstituteEnded { role, by, .. } => resumed(&name(role), by.as_deref()),
        Event::Joined {
            role,
            seats,
            channels,
            why,
            ..
        } => {
            let to: BTreeSet<String> = seats.union(channels).cloned().collect();
            let next = match why {
                Joining::NextUp(next) => name(next),
                Joining::OnDuty | Joining::Deputy | Joining::Concerned => Text::default(),
            };
            joined(&name(role), &next, why, &all(&to))
        }
        Event::Woken { why, .. } => Text::new(
            format!("不等早上，叫值守的人：{}", why.zh),
            format!("whoever is on call is told: {}", why.en),
        ),
        Event::Released { owed } => Text::new(
            format!("压着的{}条消息现在一起发", owed.len()),
            format!("what waited goes out together: {}", owed.len()),
        ),
        _ => Text::default(),
    }
}

/// A seat is asked to phone a role.
pub(super) fn to_phone(role: &Text, seats: &BTreeSet<String>) -> Text {
    let seats = all(seats);
    Text::new(
        format!("机器找不到{}，请 {} 打电话", role.zh, seats.zh),
        format!("{} is asked to phone the {}", seats.en, role.en),
    )
}

fn names(people: &[Holder]) -> Text {
    let seat = |holder: &Holder| match &holder.seat {
        Some(seat) => (
            format!("{}（{seat}）", holder.name),
            format!("{} ({seat})", holder.name),
        ),
        None => (holder.name.clone(), holder.name.clone()),
    };
    let (zh, en): (Vec<String>, Vec<String>) = people.iter().map(seat).unzip();
    Text::new(zh.join("、"), en.join(", "))
}

fn changed(role: &Text, on: &OnDuty) -> Text {
    if on.holders.is_empty() {
        return Text::new(
            format!("{}：值班表上现在没有人", role.zh),
            format!("{} now: nobody on the roster", role.en),
        );
    }
    let holders = names(&on.holders);
    let mut zh = vec![format!("{}现在是：{}", role.zh, holders.zh)];
    let mut en = vec![format!("{} now: {}", role.en, holders.en)];
    for (people, say_zh, say_en) in [
        (&on.leaving, "交接中，也通知", "handing over, told too"),
        (&on.deputies, "副手", "deputy"),
    ] {
        if !people.is_empty() {
            let people = names(people);
            zh.push(format!("{say_zh}：{}", people.zh));
            en.push(format!("{say_en}: {}", people.en));
        }
    }
    Text::new(zh.join("；"), en.join("; "))
}

fn substituted(role: &Text, seat: &str, by: &str) -> Text {
    Text::new(
        format!("{}由 {seat} 代班，最长90分钟（{by} 安排）", role.zh),
        format!(
            "{seat} stands in as {}, for 90 min at most (from {by})",
            role.en
        ),
    )
}

fn resumed(role: &Text, by: Option<&str>) -> Text {
    match by {
        Some(seat) => Text::new(
            format!("{}代班结束（{seat} 已回）", role.zh),
            format!("nobody stands in as {} any more (from {seat})", role.en),
        ),
        None => Text::new(
            format!("{}代班到时，自动结束", role.zh),
            format!("the time of whoever stood in as {} is over", role.en),
        ),
    }
}

/// `next` is the role that takes over, where one does.
fn joined(role: &Text, next: &Text, why: &Joining, to: &Text) -> Text {
    match why {
        Joining::OnDuty => Text::new(
            format!("{}换了人，一并通知：{}", role.zh, to.zh),
            format!("told as {}, now on duty: {}", role.en, to.en),
        ),
        Joining::Deputy => Text::new(
            format!("{}还没看到，副手也通知：{}", role.zh, to.zh),
            format!(
                "the {} has not seen it, the deputy is told too: {}",
                role.en, to.en
            ),
        ),
        Joining::Concerned => Text::new(
            format!("范围变大，{}一并通知：{}", role.zh, to.zh),
            format!("it is wider now, told as {} too: {}", role.en, to.en),
        ),
        Joining::NextUp(_) => Text::new(
            format!("{}一直没看到，转{}：{}", role.zh, next.zh, to.zh),
            format!(
                "the {} has not seen it, so the {} is told: {}",
                role.en, next.en, to.en
            ),
        ),
    }
}
