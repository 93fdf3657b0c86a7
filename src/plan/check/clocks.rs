//! Durations that contradict each other, and escalations that cannot fire.

use jiff::SignedDuration;

use crate::plan::check::findings::Findings;
use crate::plan::procedure::Procedure;
use crate::plan::stage::{Stage, Step, When};

pub(super) fn check(procedure: &Procedure, path: &str, findings: &mut Findings) {
    for (n, interval) in procedure.remind.iter().enumerate() {
        positive(*interval, &format!("{path}.remind[{n}]"), findings);
    }
    for (n, trigger) in procedure.trigger.iter().enumerate() {
        let path = format!("{path}.trigger[{n}]");
        not_negative(trigger.hold, &format!("{path}.for"), findings);
        if let Some(keep_for) = trigger.keep_for {
            positive(keep_for, &format!("{path}.keep_for"), findings);
        }
        if let Some(good_for) = procedure.clear.good_for
            && good_for < trigger.hold
        {
            findings.add(
                &format!("{path}.for"),
                format!(
                    "is longer than clear.good_for ({}), so it would close and open again in turns: shorten it",
                    spoken(good_for)
                ),
            );
        }
    }
    if let Some(good_for) = procedure.clear.good_for {
        positive(good_for, &format!("{path}.clear.good_for"), findings);
    }
    not_negative(
        procedure.clear.settle,
        &format!("{path}.clear.settle"),
        findings,
    );
    circles(procedure, path, findings);
    for (n, stage) in procedure.stage.iter().enumerate() {
        check_stage(procedure, stage, &format!("{path}.stage[{n}]"), findings);
    }
}

/// What comes after a step must not be what the step itself waits for.
fn circles(procedure: &Procedure, path: &str, findings: &mut Findings) {
    let before = |id: &str| -> Option<String> {
        let (stage, step) = procedure.step(id)?;
        step.after.clone().or_else(|| match &stage.when {
            When::After(after) => Some(after.step.clone()),
            _ => None,
        })
    };
    for (n, stage) in procedure.stage.iter().enumerate() {
        for (m, step) in stage.step.iter().enumerate() {
            let mut way = vec![step.id.clone()];
            while let Some(first) = before(way.last().map_or("", String::as_str)) {
                if way.contains(&first) {
                    if first == step.id {
                        let message = format!(
                            "can never begin: it waits for itself ({})",
                            way.join(", after ")
                        );
                        findings.add(&format!("{path}.stage[{n}].step[{m}].id"), message);
                    }
                    break;
                }
                way.push(first);
            }
        }
    }
}

fn check_stage(procedure: &Procedure, stage: &Stage, path: &str, findings: &mut Findings) {
    for (role, delay) in &stage.delay {
        let path = format!("{path}.delay.{role}");
        not_negative(*delay, &path, findings);
        if !stage.tell.contains(role) {
            findings.add(
                &path,
                format!("delays `{role}`, which this stage does not tell: add it to tell"),
            );
        }
    }
    for (n, role) in stage.stand_down.iter().enumerate() {
        if stage.tell.contains(role) {
            findings.add(
                &format!("{path}.stand_down[{n}]"),
                format!("`{role}` is told by the same stage: take it out of one"),
            );
        }
    }
    if let When::After(after) = &stage.when {
        let path = format!("{path}.when.after.bad_for");
        positive(after.bad_for, &path, findings);
    }
    if let When::BadFor(long) = stage.when {
        let path = format!("{path}.when.bad-for");
        positive(long, &path, findings);
        if procedure.clear.answer.is_none()
            && procedure
                .trigger
                .iter()
                .all(|trigger| !trigger.is_measured())
        {
            findings.add(
                &path,
                "can never come: the procedure watches no signal and asks for no answer, so its cause is never bad",
            );
        }
    }
    for (n, step) in stage.step.iter().enumerate() {
        check_step(stage, step, &format!("{path}.step[{n}]"), findings);
    }
}

fn check_step(stage: &Stage, step: &Step, path: &str, findings: &mut Findings) {
    if step.by.is_some() && step.within.is_some() {
        let message = "stands beside `within`: a step has one deadline";
        findings.add(&format!("{path}.by"), message);
    }
    if step.from_onset && (step.within.is_none() || step.after.is_some()) {
        let message = "says from when `within` counts: write `within` beside it, and no `after`";
        findings.add(&format!("{path}.from_onset"), message);
    }
    if step.after.is_some() && step.within.is_none() {
        let message = "says from when `within` counts: add `within`";
        findings.add(&format!("{path}.after"), message);
    }
    if let Some(within) = step.within {
        positive(within, &format!("{path}.within"), findings);
    }
    let missed = format!("{path}.missed");
    if !step.missed.is_empty() {
        if step.within.is_none() && step.by.is_none() {
            findings.add(&missed, "needs a deadline to miss: add `within`");
        }
        if step.each {
            findings.add(
                &missed,
                "can never fire: a step that every seat ticks does not escalate; drop `each` or `missed`",
            );
        }
        if step.missed.iter().all(|role| *role == step.who) {
            findings.add(
                &missed,
                format!(
                    "tells only `{}`, who missed it: name another role",
                    step.who
                ),
            );
        }
    }
    let gates = format!("{path}.gates");
    if step.gates && stage.when != When::Clear {
        findings.add(
            &gates,
            "holds nothing up: only a step of a stage with `when = \"clear\"` gates the all-clear",
        );
    }
    if step.gates && step.within.is_none() {
        findings.add(&gates, "could hold the all-clear up for ever: add `within`");
    }
}

fn positive(duration: SignedDuration, path: &str, findings: &mut Findings) {
    if !duration.is_positive() {
        findings.add(path, "must be longer than nothing, as \"30s\" or \"5m\"");
    }
}

fn not_negative(duration: SignedDuration, path: &str, findings: &mut Findings) {
    if duration.is_negative() {
        findings.add(path, "must not be negative");
    }
}

/// As it is written in a plan file.
fn spoken(duration: SignedDuration) -> String {
    format!("{duration:#}")
}
