//! Parts that can never be reached: a kind nothing settles, an answer nobody
//! can give, a card that is never shown, an incident without begin or end.

use std::collections::BTreeSet;

use crate::document::join;
use crate::plan::ask::Condition;
use crate::plan::card::{CardText, Does, RAISER};
use crate::plan::check::findings::Findings;
use crate::plan::procedure::Procedure;
use crate::plan::stage::{Evidence, Stage, When};
use crate::plan::trigger::{Reach as Scope, Trigger};

pub(super) fn check(procedure: &Procedure, path: &str, findings: &mut Findings) {
    ends(procedure, path, findings);
    let reach = Reach::of(procedure);
    reach.triggers(path, findings);
    if let Some(answer) = &procedure.clear.answer {
        reach.answer(answer, &format!("{path}.clear.answer"), findings);
    }
    if let Some(answer) = procedure.becomes.iter().find_map(|it| it.answer.as_ref()) {
        reach.answer(answer, &format!("{path}.becomes.answer"), findings);
    }
    becomes(procedure, path, findings);
    closes(procedure, path, findings);
    for (n, stage) in procedure.stage.iter().enumerate() {
        let path = format!("{path}.stage[{n}]");
        reach.stage(stage, &path, findings);
        distinct(&stage.card, &path, findings);
    }
    distinct(&procedure.clear.card, &format!("{path}.clear"), findings);
}

/// It must be possible to open it and to bring it to an end.
fn ends(procedure: &Procedure, path: &str, findings: &mut Findings) {
    let opens = procedure
        .trigger
        .iter()
        .any(|trigger| trigger.is_measured() && trigger.kind.is_none());
    if procedure.trigger.is_empty() && procedure.raise.is_none() {
        findings.add(
            path,
            "nothing can open it: add a [[trigger]] or say in `raise` who may",
        );
    } else if !opens && procedure.raise.is_none() {
        findings.add(
            &format!("{path}.trigger"),
            "none of them opens it: one needs a `signal` and no `kind`",
        );
    }
    let clear = &procedure.clear;
    let clear_path = format!("{path}.clear");
    if procedure.gate().is_none() && clear.by.is_empty() {
        findings.add(
            &clear_path,
            "nothing can end it: add `good_for`, or say in `by` who closes it",
        );
    }
    let silence = procedure.trigger.iter().any(|it| it.silence.is_some());
    let fault = procedure.trigger.iter().any(|it| it.fault.is_some());
    let waits = clear.answer.is_some() || silence || fault || !procedure.clear_signals().is_empty();
    if clear.good_for.is_some() && !waits {
        findings.add(
            &clear_path,
            "`good_for` has no signal to wait for: name one in `signal`",
        );
    }
    let tells = procedure.stage.iter().any(|stage| !stage.tell.is_empty());
    if tells && clear.say.is_none() {
        findings.add(
            &clear_path,
            "whoever was told is told the end too: add the sentence of the all-clear as `say`",
        );
    }
    if tells && clear.was.is_none() {
        findings.add(
            &clear_path,
            "whoever could not be told in time hears of it afterwards: add the sentence as `was`",
        );
    }
}

/// Nobody waits for an answer that is not asked for.
fn becomes(procedure: &Procedure, path: &str, findings: &mut Findings) {
    let Some(becomes) = &procedure.becomes else {
        return;
    };
    let waits = [
        ("unanswered", becomes.unanswered),
        ("unsettled", becomes.unsettled),
    ];
    for (key, wait) in waits {
        let path = format!("{path}.becomes.{key}");
        match wait {
            Some(_) if becomes.answer.is_none() => {
                findings.add(&path, "waits for no answer: add `answer`, or take it out");
            }
            Some(wait) if !wait.is_positive() => {
                findings.add(&path, "must be longer than nothing, as \"30s\"");
            }
            _ => {}
        }
    }
}

/// A button that closes is of use only to those who may.
fn closes(procedure: &Procedure, path: &str, findings: &mut Findings) {
    for (n, stage) in procedure.stage.iter().enumerate() {
        for (m, card) in stage.card.iter().enumerate() {
            let by = &procedure.clear.by;
            let raisers = procedure.raise.iter().flat_map(|raise| &raise.by);
            let may = card.role == "lead"
                || by.contains(&card.role)
                || card.role == RAISER && raisers.clone().any(|role| by.contains(role));
            let buttons = card.buttons.iter().enumerate();
            for (k, _) in buttons.filter(|(_, button)| button.does == Does::Close && !may) {
                findings.add(
                    &format!("{path}.stage[{n}].card[{m}].buttons[{k}].does"),
                    format!("`{}` may not close it: add it to `clear.by`", card.role),
                );
            }
        }
    }
}

/// A share that is none, and fewer than two are no silence together.
fn silence(trigger: &Trigger, path: &str, findings: &mut Findings) {
    let Some(silence) = &trigger.silence else {
        return;
    };
    if silence.count < 2 {
        findings.add(
            &format!("{path}.silence.count"),
            "one alone is not silent together: write 2 or more",
        );
    }
    if !(silence.share > 0.0 && silence.share <= 1.0) {
        findings.add(
            &format!("{path}.silence.share"),
            "is no share: write a part of 1, as 0.6",
        );
    }
    if !silence.within.is_positive() {
        findings.add(
            &format!("{path}.silence.within"),
            "must be longer than nothing, as \"20s\"",
        );
    }
}

struct Reach<'p> {
    procedure: &'p Procedure,
    /// Answers that a button or a question before the raise can give.
    answers: BTreeSet<(&'p str, &'p str)>,
    /// Asked before the raise: every choice can be given.
    asked: BTreeSet<&'p str>,
}

impl<'p> Reach<'p> {
    fn of(procedure: &'p Procedure) -> Self {
        let stages = procedure.stage.iter().flat_map(|stage| &stage.card);
        let answers =
            stages
                .flat_map(|card| &card.buttons)
                .filter_map(|button| match &button.does {
                    Does::Answer(answer) => Some((answer.ask.as_str(), answer.is.as_str())),
                    Does::Ack | Does::Tick(_) | Does::Close | Does::StandDown => None,
                });
        let asked = procedure.raise.iter().flat_map(|raise| &raise.ask);
        Self {
            procedure,
            answers: answers.collect(),
            asked: asked.map(String::as_str).collect(),
        }
    }

    fn triggers(&self, path: &str, findings: &mut Findings) {
        for (n, trigger) in self.procedure.trigger.iter().enumerate() {
            let path = format!("{path}.trigger[{n}]");
            match (&trigger.signal, &trigger.answer) {
                (signal, answer) if trigger.fault.is_some() => {
                    if signal.is_some() || answer.is_some() || trigger.silence.is_some() {
                        findings.add(
                            &format!("{path}.fault"),
                            "stands beside another cause: write a trigger of its own for each",
                        );
                    }
                    if trigger.kind.is_some() {
                        findings.add(
                            &format!("{path}.kind"),
                            "what is at fault settles no kind: take `kind` out",
                        );
                    }
                }
                (None, None) if trigger.silence.is_some() => silence(trigger, &path, findings),
                (None, None) => findings.add(&path, "nothing pulls it: add `signal` or `answer`"),
                (Some(_), Some(_)) => findings.add(
                    &format!("{path}.answer"),
                    "stands beside a `signal`: write a trigger of its own for each",
                ),
                (_, Some(answer)) => {
                    self.answer(answer, &format!("{path}.answer"), findings);
                    if trigger.kind.is_none() {
                        findings.add(&path, "an answer settles a kind: add `kind`");
                    }
                }
                (_, None) => {}
            }
            if trigger.blips_of.is_some() && trigger.scope == Scope::Ups {
                findings.add(
                    &format!("{path}.scope"),
                    "blips are counted over a feed: take `scope` out",
                );
            }
            if trigger.count == 0 {
                findings.add(&format!("{path}.count"), "must be 1 or more");
            }
        }
        for kind in self.procedure.kinds.keys() {
            let settled = |t: &Trigger| t.kind.as_ref() == Some(kind);
            if !self.procedure.trigger.iter().any(settled) {
                findings.add(
                    &join(&format!("{path}.kinds"), kind),
                    format!("no trigger settles the kind `{kind}`: add one, or take it out"),
                );
            }
        }
    }

    fn stage(&self, stage: &Stage, path: &str, findings: &mut Findings) {
        match &stage.when {
            When::Answer(answer) => {
                self.answer(answer, &format!("{path}.when.answer"), findings);
            }
            When::Clear if self.procedure.gate().is_none() => findings.add(
                &format!("{path}.when"),
                "can never begin: `clear` has no `good_for`",
            ),
            When::Kinds(kinds) if kinds.is_empty() => findings.add(
                &format!("{path}.when.kinds"),
                "can never begin: name at least one kind",
            ),
            _ => {}
        }
        for (n, step) in stage.step.iter().enumerate() {
            if let Some(Evidence::Answer(reply)) = &step.done_when {
                let path = format!("{path}.step[{n}].done_when.answer");
                self.answer(&reply.condition(), &path, findings);
            }
        }
    }

    /// An answer of a known question that nobody is offered.
    fn answer(&self, answer: &Condition, path: &str, findings: &mut Findings) {
        let ask = answer.ask.as_str();
        let is = answer.is.as_deref().unwrap_or_default();
        let known = self
            .procedure
            .ask
            .get(ask)
            .is_some_and(|known| known.options().contains_key(is));
        if known && !self.asked.contains(ask) && !self.answers.contains(&(ask, is)) {
            findings.add(
                path,
                format!("nobody can answer `{ask}` with `{is}`: give a card a button for it"),
            );
        }
    }
}

/// Of two cards for the same role and the same seats only the first is ever shown.
fn distinct(cards: &[CardText], path: &str, findings: &mut Findings) {
    for (n, card) in cards.iter().enumerate() {
        let hidden = cards[..n].iter().any(|first| {
            first.role == card.role
                && (first.on_ups.is_none() || first.on_ups == card.on_ups)
                && (first.in_scope.is_none() || first.in_scope == card.in_scope)
                && (first.raised.is_none() || first.raised == card.raised)
        });
        if hidden {
            findings.add(
                &format!("{path}.card[{n}]"),
                format!(
                    "is never shown: a card above is for every such seat of `{}` already",
                    card.role
                ),
            );
        }
    }
}
