//! What is said when an incident takes in more, or less.

use std::collections::BTreeSet;

use crate::incidents::deliveries;
use crate::incidents::scope::Scope;
use crate::plan::{Reach, Trigger};
use crate::signals::{Kind, Level};
use crate::text::Text;

/// Of an incident that concerns more than before.
pub(super) fn wider(scope: &Scope) -> Text {
    let seats = scope.seats.len();
    Text::new(
        format!("范围变大：{}，座席{seats}", scope.place.zh),
        format!("it is wider now: {}, seats {seats}", scope.place.en),
    )
}

/// Of an incident that this opens: what of it is out now.
pub(super) fn words(trigger: Option<&Trigger>, out: &BTreeSet<String>) -> Text {
    let names = deliveries::all(out);
    if trigger.is_some_and(|trigger| trigger.silence.is_some()) {
        return Text::new(
            format!("没了回应：{}", names.zh),
            format!("silent: {}", names.en),
        );
    }
    let scope = trigger.map(|trigger| trigger.scope);
    if scope == Some(Reach::Queues) {
        return if out.is_empty() {
            Text::new("排队都不多了", "no queue is out of control")
        } else {
            Text::new(
                format!("排队太多：{}", names.zh),
                format!("not under control: {}", names.en),
            )
        };
    }
    if let Some(zone) = trigger.filter(|trigger| trigger.scope == Reach::Zone) {
        return match (out.is_empty(), zone.at) {
            (true, _) => Text::new("传感器都正常了", "its sensors are well"),
            (false, Level::Unknown) => Text::new(
                format!("没有读数：{}", names.zh),
                format!("tells nothing: {}", names.en),
            ),
            (false, _) => Text::new(
                format!("报警：{}", names.zh),
                format!("alarm: {}", names.en),
            ),
        };
    }
    let of_scope = trigger.filter(|trigger| trigger.is_of_scope());
    match of_scope.map(|trigger| (trigger.scope, trigger.signal)) {
        Some((Reach::Path, _)) if out.is_empty() => Text::new("断电撑得住了", "it would last now"),
        Some((Reach::Path, _)) => Text::new(
            format!("断电撑不够：{}", names.zh),
            format!("would not last without mains: {}", names.en),
        ),
        Some((_, Some(kind))) => announced(kind, out.is_empty()),
        _ if out.is_empty() => Text::new("没有UPS在用电池", "no UPS of it is out"),
        _ => Text::new(format!("失电：{}", names.zh), format!("out: {}", names.en)),
    }
}

/// Whether what people were told of beforehand is near or under way, or a test is due.
fn announced(kind: Kind, is_over: bool) -> Text {
    match (kind, is_over) {
        (Kind::GeneratorTested, false) => {
            Text::new("该试发电机了", "the test of the generator is due")
        }
        (Kind::GeneratorTested, true) => Text::new("发电机试过了", "the generator was tested"),
        (Kind::TestAnnounced, false) => {
            Text::new("发电机试验临近", "the test of the generator is near")
        }
        (Kind::TestAnnounced, true) => {
            Text::new("发电机试验结束", "the test of the generator is over")
        }
        (_, false) => Text::new("预告的停电临近", "the announced cut is near"),
        (_, true) => Text::new("预告的停电结束", "the announced cut is over"),
    }
}
