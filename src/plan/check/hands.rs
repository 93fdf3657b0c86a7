//! What nobody can do, read or be in time for: a step without a button, a role
//! without a card, a deadline that is over before anybody hears of it.

use jiff::SignedDuration;

use crate::plan::card::Does;
use crate::plan::check::findings::Findings;
use crate::plan::procedure::Procedure;
use crate::plan::stage::{Stage, Step, When};

pub(super) fn check(procedure: &Procedure, path: &str, findings: &mut Findings) {
    for (n, stage) in procedure.stage.iter().enumerate() {
        let path = format!("{path}.stage[{n}]");
        if let When::After(after) = &stage.when
            && let Some((_, step)) = procedure.step(&after.step)
            && !can_be_ticked(procedure, step)
        {
            let message = format!("can never begin: {}", nobody(step));
            findings.add(&format!("{path}.when.after.step"), message);
        }
        cards(
            procedure,
            stage,
            &stage.tell,
            &format!("{path}.tell"),
            findings,
        );
        for (n, step) in stage.step.iter().enumerate() {
            let path = format!("{path}.step[{n}]");
            cards(
                procedure,
                stage,
                &step.missed,
                &format!("{path}.missed"),
                findings,
            );
            of_step(procedure, stage, step, &path, findings);
        }
    }
}

fn of_step(procedure: &Procedure, stage: &Stage, step: &Step, path: &str, findings: &mut Findings) {
    let has_end = !step.missed.is_empty() || step.gates;
    let closes = buttons(procedure).any(|does| *does == Does::Close);
    let settled = can_be_ticked(procedure, step) || closes && !step.gates;
    if has_end && !step.each && !settled {
        findings.add(
            &format!("{path}.id"),
            format!("is always missed: {}", nobody(step)),
        );
    }
    if step.starts.as_ref() == Some(&procedure.id) {
        let message = "starts the procedure that it belongs to: name another, or take it out";
        findings.add(&format!("{path}.starts"), message);
    }
    let Some(within) = step.within.filter(SignedDuration::is_positive) else {
        return;
    };
    if step.after.is_some() {
        return;
    }
    let within_path = format!("{path}.within");
    if stage.when == When::Open || step.from_onset {
        let holds = procedure.opening().map(|trigger| trigger.hold);
        if let Some(hold) = holds.min().filter(|hold| *hold >= within) {
            findings.add(
                &within_path,
                format!(
                    "is over before the procedure opens, which holds for {hold:#}: make it longer"
                ),
            );
        }
    }
    let told = stage
        .delay
        .get(&step.who)
        .copied()
        .unwrap_or(SignedDuration::ZERO);
    if told >= within {
        findings.add(
            &within_path,
            format!(
                "is over before `{}` is told, {told:#} after the begin: make it longer",
                step.who
            ),
        );
    }
}

fn buttons(procedure: &Procedure) -> impl Iterator<Item = &Does> {
    let cards = procedure.stage.iter().flat_map(|stage| &stage.card);
    cards.flat_map(|card| card.buttons.iter().map(|button| &button.does))
}

/// By evidence, or by a button; that a card's role may press it is checked with the names.
fn can_be_ticked(procedure: &Procedure, step: &Step) -> bool {
    step.done_when.is_some()
        || buttons(procedure).any(|does| matches!(does, Does::Tick(id) if *id == step.id))
}

fn nobody(step: &Step) -> String {
    format!(
        "nobody can tick `{}`: give a card of `{}` a button for it, or write `done_when`",
        step.id, step.who
    )
}

/// A role's seats show a card of this stage, or the one that the incident opened with.
fn cards(
    procedure: &Procedure,
    stage: &Stage,
    roles: &[String],
    path: &str,
    findings: &mut Findings,
) {
    let opening = procedure
        .stage
        .iter()
        .filter(|known| known.when == When::Open);
    let cards: Vec<&str> = opening
        .chain([stage])
        .flat_map(|stage| stage.card.iter().map(|card| card.role.as_str()))
        .collect();
    for (n, role) in roles.iter().enumerate() {
        if !cards.contains(&role.as_str()) {
            findings.add(
                &format!("{path}[{n}]"),
                format!("`{role}` sees nothing at its seats: add a card for it to this stage, or to the one that opens"),
            );
        }
    }
}
