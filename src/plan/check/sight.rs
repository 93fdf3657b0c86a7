//! Signals that are named where nobody looks at them: such a trigger never
//! pulls, such a stage never begins, such a step is never ticked by itself,
//! and such a gate holds nothing up.

use crate::plan::check::findings::Findings;
use crate::plan::procedure::{Over, Procedure, Wakes};
use crate::plan::stage::{Evidence, When};
use crate::plan::trigger::{Reach, Spread, Trigger};
use crate::signals::Kind;

pub(super) fn check(procedure: &Procedure, path: &str, findings: &mut Findings) {
    triggers(procedure, path, findings);
    gate(procedure, path, findings);
    let seen = seen(procedure);
    let known = |kind: Kind, path: &str, findings: &mut Findings| {
        if !seen.contains(&kind) {
            let mend = "name one of these, or let a person answer or tick";
            findings.add(path, format!("{}: {mend}", unseen(kind, &seen)));
        }
    };
    if let Some(Wakes::Signal(kind)) = procedure.wakes {
        known(kind, &format!("{path}.wakes.signal"), findings);
    }
    for (n, stage) in procedure.stage.iter().enumerate() {
        let path = format!("{path}.stage[{n}]");
        if let When::Signal(kind) = &stage.when {
            known(*kind, &format!("{path}.when.signal"), findings);
        }
        for (n, step) in stage.step.iter().enumerate() {
            if let Some(Evidence::Signal(kind)) = &step.done_when {
                let path = format!("{path}.step[{n}].done_when.signal");
                known(*kind, &path, findings);
            }
        }
    }
}

/// The signals of which what an incident covers has any.
fn seen(procedure: &Procedure) -> Vec<Kind> {
    let reaches = |wanted: &[Reach]| {
        let mut opening = procedure.opening();
        opening.any(|trigger| wanted.contains(&trigger.scope))
    };
    let raised_over = procedure.raise.as_ref().map(|raise| raise.over);
    let mut seen = Vec::new();
    if reaches(&[Reach::Feed, Reach::Ups, Reach::Window]) || raised_over == Some(Over::Feed) {
        seen.extend([Kind::UpsMains, Kind::UpsBatteryLow, Kind::GeneratorRunning]);
    }
    if procedure.opening().any(Trigger::is_of_feed) {
        seen.push(Kind::GeneratorTested);
    }
    for scope in [Reach::Path, Reach::Window, Reach::Queues, Reach::Zone] {
        if reaches(&[scope]) {
            seen.extend(pulling(scope));
        }
    }
    seen
}

/// The signals that may pull a trigger over such a scope.
fn pulling(scope: Reach) -> &'static [Kind] {
    match scope {
        Reach::Feed => &[
            Kind::UpsMains,
            Kind::UpsBatteryLow,
            Kind::GeneratorRunning,
            Kind::GeneratorTested,
        ],
        Reach::Ups => &[Kind::UpsMains, Kind::UpsBatteryLow],
        Reach::Centre => &[Kind::LogWritten, Kind::BackupMade],
        Reach::Path => &[Kind::UpsEndurance],
        Reach::Window => &[Kind::CutAnnounced, Kind::CutOutlasts, Kind::TestAnnounced],
        Reach::Queues => &[Kind::QueueCalls],
        Reach::Zone => &Kind::OF_SENSORS,
    }
}

fn triggers(procedure: &Procedure, path: &str, findings: &mut Findings) {
    let mut first = None;
    for (n, trigger) in procedure.trigger.iter().enumerate() {
        let Some(kind) = trigger.signal.filter(|_| trigger.answer.is_none()) else {
            continue;
        };
        if trigger.scope == Reach::Zone {
            let path = format!("{path}.trigger[{n}]");
            of_zone(trigger, &path, findings);
        }
        let path = format!("{path}.trigger[{n}].signal");
        let known = pulling(trigger.scope);
        if !known.contains(&kind) {
            let scope = "name one of these, or another `scope`";
            findings.add(&path, format!("{}: {scope}", unseen(kind, known)));
        }
        let first = *first.get_or_insert(kind);
        // Of a zone, each of its sensors is followed by its own signal.
        if first != kind && trigger.scope != Reach::Zone {
            findings.add(
                &path,
                format!("stands beside `{first}`: an incident follows one signal, so write a procedure for each"),
            );
        }
    }
}

/// What asks how UPSs lie on a feed asks nothing of sensors.
fn of_zone(trigger: &Trigger, path: &str, findings: &mut Findings) {
    let of_supply = [
        ("kind", trigger.kind.is_some()),
        ("beside", trigger.beside.is_some()),
        ("blips_of", trigger.blips_of.is_some()),
        ("spread", trigger.spread != Spread::Any),
    ];
    for (key, _) in of_supply.iter().filter(|(_, there)| *there) {
        let message = "is of a supply, and no sensor tells of it: take it out";
        findings.add(&format!("{path}.{key}"), message);
    }
}

/// The all-clear waits for what opened it, and for the generator of its feed.
fn gate(procedure: &Procedure, path: &str, findings: &mut Findings) {
    let mut waited: Vec<Kind> = procedure.opening().filter_map(|it| it.signal).collect();
    waited.dedup();
    if seen(procedure).contains(&Kind::GeneratorRunning) {
        waited.push(Kind::GeneratorRunning);
    }
    for (n, kind) in procedure.clear.signal.iter().enumerate() {
        if !waited.contains(kind) {
            findings.add(
                &format!("{path}.clear.signal[{n}]"),
                format!(
                    "{}: the all-clear would not wait for it",
                    unseen(*kind, &waited)
                ),
            );
        }
    }
}

fn unseen(kind: Kind, seen: &[Kind]) -> String {
    if seen.is_empty() {
        return format!("`{kind}` is not seen here, nor is any signal");
    }
    let seen: Vec<String> = seen.iter().map(|kind| format!("`{kind}`")).collect();
    format!("`{kind}` is not seen here, only {}", seen.join(", "))
}
