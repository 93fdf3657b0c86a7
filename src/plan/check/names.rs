//! Every name in a procedure must be the name of something, and of one thing only.

use std::collections::{BTreeMap, BTreeSet};

use crate::plan::ask::{Ask, AskKind, Condition};
use crate::plan::card::{CardText, Does, EVERY_ROLE, RAISER};
use crate::plan::check::findings::Findings;
use crate::plan::pack::Plan;
use crate::plan::procedure::{PAPERS, Procedure, Raise};
use crate::plan::stage::{Evidence, Roles, Stage, Step, When};

pub(super) fn check(plan: &Plan, procedure: &Procedure, path: &str, findings: &mut Findings) {
    let names = Names { plan, procedure };
    for (n, paper) in procedure.records.iter().enumerate() {
        findings.known(&format!("{path}.records[{n}]"), "paper", paper, PAPERS);
    }
    names.roles(&procedure.visible, &format!("{path}.visible"), findings);
    if let Some(raise) = &procedure.raise {
        names.roles(&raise.by, &format!("{path}.raise.by"), findings);
        for (n, ask) in raise.ask.iter().enumerate() {
            names.ask(ask, &format!("{path}.raise.ask[{n}]"), findings);
        }
    }
    for (n, trigger) in procedure.trigger.iter().enumerate() {
        let path = format!("{path}.trigger[{n}]");
        if let Some(kind) = &trigger.kind {
            names.kind(kind, &format!("{path}.kind"), findings);
        }
        for (key, other) in [("beside", &trigger.beside), ("blips_of", &trigger.blips_of)] {
            if let Some(other) = other {
                names.procedure(other, &format!("{path}.{key}"), findings);
            }
        }
        if let Some(answer) = &trigger.answer {
            names.answer(answer, &format!("{path}.answer"), findings);
        }
    }
    for (n, stage) in procedure.stage.iter().enumerate() {
        names.stage(stage, &format!("{path}.stage[{n}]"), findings);
    }
    if let Some(answer) = &procedure.clear.answer {
        names.answer(answer, &format!("{path}.clear.answer"), findings);
    }
    if let Some(becomes) = &procedure.becomes {
        let path = format!("{path}.becomes");
        names.procedure(&becomes.procedure, &format!("{path}.procedure"), findings);
        if let Some(answer) = &becomes.answer {
            names.answer(answer, &format!("{path}.answer"), findings);
        }
    }
    names.roles(&procedure.clear.by, &format!("{path}.clear.by"), findings);
    for (n, card) in procedure.clear.card.iter().enumerate() {
        let path = format!("{path}.clear.card[{n}]");
        if card.role != EVERY_ROLE {
            names.reader(&card.role, &format!("{path}.role"), findings);
        }
        names.buttons(card, &path, findings);
    }
    names.unique(path, findings);
}

struct Names<'p> {
    plan: &'p Plan,
    procedure: &'p Procedure,
}

impl Names<'_> {
    fn role(&self, role: &str, path: &str, findings: &mut Findings) {
        let known = self.plan.roles.keys().map(String::as_str);
        findings.known(path, "role", role, known);
    }

    /// A role, or whoever raised it.
    fn reader(&self, role: &str, path: &str, findings: &mut Findings) {
        if role != RAISER {
            self.role(role, path, findings);
        } else if self.procedure.raise.is_none() {
            findings.add(path, "nobody raises it: add `raise`, or name a role");
        }
    }

    fn readers<'r>(
        &self,
        roles: impl IntoIterator<Item = &'r String>,
        path: &str,
        findings: &mut Findings,
    ) {
        for (n, role) in roles.into_iter().enumerate() {
            self.reader(role, &format!("{path}[{n}]"), findings);
        }
    }

    fn roles<'r>(
        &self,
        roles: impl IntoIterator<Item = &'r String>,
        path: &str,
        findings: &mut Findings,
    ) {
        for (n, role) in roles.into_iter().enumerate() {
            self.role(role, &format!("{path}[{n}]"), findings);
        }
    }

    /// What is built in may speak of a procedure that a plan of its own lacks.
    fn procedure(&self, id: &str, path: &str, findings: &mut Findings) {
        let known = self.plan.procedures.keys().map(String::as_str);
        findings.known(path, "procedure", id, known.chain(["power-loss", "fire"]));
    }

    fn kind(&self, kind: &str, path: &str, findings: &mut Findings) {
        let known = self.procedure.kinds.keys().map(String::as_str);
        findings.known(path, "kind", kind, known);
    }

    fn ask(&self, ask: &str, path: &str, findings: &mut Findings) -> bool {
        let known = self.procedure.ask.keys().map(String::as_str);
        findings.known(path, "ask", ask, known)
    }

    fn answer(&self, answer: &Condition, path: &str, findings: &mut Findings) {
        if !self.ask(&answer.ask, &format!("{path}.ask"), findings) {
            return;
        }
        let ask = &self.procedure.ask[&answer.ask];
        match (&answer.is, answer.at_least) {
            (Some(is), None) => choice(ask, is, &format!("{path}.is"), findings),
            (None, Some(_)) if ask.kind == AskKind::Number => {}
            (None, Some(_)) => {
                let message = format!("`{}` is not asked for a number: write `is`", answer.ask);
                findings.add(&format!("{path}.at_least"), message);
            }
            (Some(_), Some(_)) | (None, None) => {
                findings.add(path, "wants one of `is` and `at_least`");
            }
        }
    }

    fn stage(&self, stage: &Stage, path: &str, findings: &mut Findings) {
        match &stage.when {
            When::Kind(kind) => self.kind(kind, &format!("{path}.when.kind"), findings),
            When::Kinds(kinds) => {
                for (n, kind) in kinds.iter().enumerate() {
                    self.kind(kind, &format!("{path}.when.kinds[{n}]"), findings);
                }
            }
            When::Answer(answer) => self.answer(answer, &format!("{path}.when.answer"), findings),
            When::Beside(other) => self.procedure(other, &format!("{path}.when.beside"), findings),
            When::After(after) => {
                self.step(&after.step, &format!("{path}.when.after.step"), findings);
            }
            When::Open | When::Clear | When::Signal(_) | When::BadFor(_) => {}
        }
        self.readers(&stage.tell, &format!("{path}.tell"), findings);
        self.readers(&stage.stand_down, &format!("{path}.stand_down"), findings);
        for role in stage.delay.keys() {
            self.reader(role, &format!("{path}.delay.{role}"), findings);
        }
        for (n, card) in stage.card.iter().enumerate() {
            let path = format!("{path}.card[{n}]");
            self.reader(&card.role, &format!("{path}.role"), findings);
            self.buttons(card, &path, findings);
        }
        for (n, step) in stage.step.iter().enumerate() {
            self.of_step(step, &format!("{path}.step[{n}]"), findings);
        }
    }

    fn of_step(&self, step: &Step, path: &str, findings: &mut Findings) {
        self.role(&step.who, &format!("{path}.who"), findings);
        self.roles(&step.missed, &format!("{path}.missed"), findings);
        match &step.done_when {
            Some(Evidence::Told(told)) => match told {
                Roles::One(role) => self.role(role, &format!("{path}.done_when.told"), findings),
                Roles::Each(roles) => {
                    self.roles(roles, &format!("{path}.done_when.told"), findings);
                }
            },
            Some(Evidence::Answer(reply)) => {
                let path = format!("{path}.done_when.answer");
                if self.ask(&reply.ask, &format!("{path}.ask"), findings) {
                    let path = format!("{path}.is");
                    choice(&self.procedure.ask[&reply.ask], &reply.is, &path, findings);
                }
            }
            Some(Evidence::Seen(seen)) => {
                self.role(&seen.role, &format!("{path}.done_when.seen.role"), findings);
            }
            Some(Evidence::Signal(_)) | None => {}
        }
        if let Some(paper) = &step.record {
            findings.known(&format!("{path}.record"), "paper", paper, PAPERS);
        }
        if let Some(first) = &step.after {
            self.step(first, &format!("{path}.after"), findings);
        }
        if let Some(ask) = &step.by {
            let path = format!("{path}.by");
            let of_day = |ask: &Ask| matches!(ask.kind, AskKind::Date | AskKind::WorkingDays);
            if self.ask(ask, &path, findings) && !of_day(&self.procedure.ask[ask]) {
                findings.add(&path, format!("`{ask}` is not asked for a date"));
            }
        }
        if step
            .rings
            .as_ref()
            .is_some_and(|it| it.list.trim().is_empty())
        {
            findings.add(
                &format!("{path}.rings.list"),
                "is empty: write the name of the list, as it stands under [reserve]",
            );
        }
        if let Some(first) = step.rings.as_ref().and_then(|rings| rings.after.as_ref()) {
            self.step(first, &format!("{path}.rings.after"), findings);
        }
        if let Some(started) = &step.starts {
            self.procedure(started, &format!("{path}.starts"), findings);
        }
    }

    fn step(&self, step: &str, path: &str, findings: &mut Findings) {
        let stages = self.procedure.stage.iter();
        let known = stages.flat_map(|stage| stage.step.iter().map(|step| step.id.as_str()));
        findings.known(path, "step", step, known);
    }

    fn buttons(&self, card: &CardText, path: &str, findings: &mut Findings) {
        for (n, button) in card.buttons.iter().enumerate() {
            let path = format!("{path}.buttons[{n}].does");
            match &button.does {
                Does::Ack | Does::Close | Does::StandDown => {}
                Does::Answer(reply) => {
                    let path = format!("{path}.answer");
                    if self.ask(&reply.ask, &format!("{path}.ask"), findings) {
                        let path = format!("{path}.is");
                        choice(&self.procedure.ask[&reply.ask], &reply.is, &path, findings);
                    }
                }
                Does::Tick(step) => {
                    self.tick(step, &card.role, &format!("{path}.tick"), findings);
                }
            }
        }
    }

    fn tick(&self, step: &str, role: &str, path: &str, findings: &mut Findings) {
        if let Some((_, found)) = self.procedure.step(step) {
            let raises = |raise: &Raise| role == RAISER && raise.by.contains(&found.who);
            if found.who != role && !self.procedure.raise.as_ref().is_some_and(raises) {
                let who = &found.who;
                findings.add(
                    path,
                    format!("step `{step}` is of role `{who}`: `{role}` cannot tick it"),
                );
            }
        } else {
            self.step(step, path, findings);
        }
    }

    fn unique(&self, path: &str, findings: &mut Findings) {
        let mut stages = BTreeSet::new();
        let mut steps = BTreeMap::new();
        for (n, stage) in self.procedure.stage.iter().enumerate() {
            let path = format!("{path}.stage[{n}]");
            if !stages.insert(&stage.id) {
                let id = &stage.id;
                let message = format!("another stage is called `{id}` too: rename one");
                findings.add(&format!("{path}.id"), message);
            }
            for (n, step) in stage.step.iter().enumerate() {
                if let Some(first) = steps.insert(&step.id, &stage.id) {
                    let id = &step.id;
                    findings.add(
                        &format!("{path}.step[{n}].id"),
                        format!("stage `{first}` has a step `{id}` too: rename one"),
                    );
                }
            }
        }
    }
}

/// An answer that the question can have.
pub(super) fn choice(ask: &Ask, is: &str, path: &str, findings: &mut Findings) {
    let options = ask.options();
    if options.is_empty() && ask.takes(is) {
        return;
    }
    let known = options.keys().map(String::as_str);
    findings.known(path, "choice", is, known);
}
