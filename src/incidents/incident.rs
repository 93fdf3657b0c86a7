//! One incident, as its entries add up: its kind, its stages, who was told, what is done.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::incidents::dialling::dial::Dial;
use crate::incidents::entry::{Entry, Event, IncidentId, OwedId, Recipient, Scope};
use crate::incidents::input::ReceiptStage;
use crate::incidents::message::Notice;
use crate::incidents::neighbours::Neighbours;
use crate::incidents::progress::{
    Answer, Call, CallState, ChannelTold, Closed, RoleTold, StageRun, StepRun, call_of,
};
use crate::incidents::queues::course::Course;
use crate::plan::{Condition, Procedure, Severity, Spread, Stage, Step, When};

/// An incident; open until `closed`.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own, and none excludes another"
)]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Incident {
    pub(super) id: IncidentId,
    pub(super) procedure: Arc<Procedure>,
    /// As it was opened; the first part of its key.
    pub(super) opened_over: String,
    pub(super) scope: Scope,
    /// It concerns more than it did when it was opened.
    #[serde(default)]
    pub(super) widened: bool,
    /// What it is about is seen, and not only said by a person.
    #[serde(default)]
    pub(super) confirmed: bool,
    pub(super) onset: Timestamp,
    pub(super) opened_at: Timestamp,
    pub(super) generator: bool,
    pub(super) raised_by: Option<String>,
    pub(super) case_number: Option<String>,
    pub(super) kind: Option<String>,
    /// How its witnesses lay when the kind was settled; absent where an answer did.
    pub(super) spread: Option<Spread>,
    /// UPSs that are out now.
    pub(super) out: BTreeSet<String>,
    /// UPSs that were out at any time.
    pub(super) ever_out: BTreeSet<String>,
    pub(super) stages: BTreeMap<String, StageRun>,
    pub(super) roles: BTreeMap<String, RoleTold>,
    pub(super) channels: BTreeMap<String, ChannelTold>,
    /// Roles to be rung up, by role.
    #[serde(default)]
    pub(super) calls: BTreeMap<String, Call>,
    /// Calls that callwatch made itself, in turn.
    #[serde(default)]
    pub(super) dials: Vec<Dial>,
    pub(super) steps: BTreeMap<String, StepRun>,
    pub(super) answers: BTreeMap<String, Answer>,
    pub(super) acknowledged: BTreeSet<String>,
    pub(super) finish_by: BTreeMap<String, Timestamp>,
    pub(super) reminded: u32,
    pub(super) reminded_at: Timestamp,
    pub(super) gate_since: Option<Timestamp>,
    #[serde(default)]
    pub(super) course: Course,
    /// Whoever is on call was woken.
    #[serde(default)]
    pub(super) woken: bool,
    /// The incident that was under way when this was raised because of it.
    #[serde(default)]
    pub(super) started_by: Option<IncidentId>,
    #[serde(default)]
    pub(super) neighbours: Option<Neighbours>,
    /// What it is part of; kept when it ends.
    #[serde(default)]
    pub(super) adopted_by: Option<IncidentId>,
    /// Since when it is part of nothing any more.
    #[serde(default)]
    pub(super) freed_at: Option<Timestamp>,
    pub(super) closed: Option<Closed>,
}

/// A key for one procedure over one scope.
pub(super) fn key(procedure: &str, of: &str) -> String {
    format!("{procedure} {of}")
}

impl Incident {
    pub(super) fn open(
        id: IncidentId,
        procedure: Arc<Procedure>,
        scope: Scope,
        onset: Timestamp,
        generator: bool,
        at: Timestamp,
    ) -> Self {
        Self {
            id,
            procedure,
            opened_over: scope.of.clone(),
            scope,
            widened: false,
            confirmed: false,
            onset,
            opened_at: at,
            generator,
            raised_by: None,
            case_number: None,
            kind: None,
            spread: None,
            out: BTreeSet::new(),
            ever_out: BTreeSet::new(),
            stages: BTreeMap::new(),
            roles: BTreeMap::new(),
            channels: BTreeMap::new(),
            calls: BTreeMap::new(),
            dials: Vec::new(),
            steps: BTreeMap::new(),
            answers: BTreeMap::new(),
            acknowledged: BTreeSet::new(),
            finish_by: BTreeMap::new(),
            reminded: 0,
            reminded_at: at,
            gate_since: None,
            course: Course::default(),
            woken: false,
            started_by: None,
            neighbours: None,
            adopted_by: None,
            freed_at: None,
            closed: None,
        }
    }

    pub(super) fn key(&self) -> String {
        key(&self.procedure.id, &self.opened_over)
    }

    /// The stages under way, in the plan's order.
    pub(super) fn stages_under_way(&self) -> impl Iterator<Item = (&Stage, &StageRun)> {
        self.procedure.stage.iter().filter_map(|stage| {
            let run = self.stages.get(&stage.id)?;
            // An answer that was corrected takes its stage with it.
            let corrected = matches!(&stage.when, When::Answer(condition)
                if !self.is_answered(condition));
            (!run.ended && !corrected).then_some((stage, run))
        })
    }

    /// Steps of the stages under way.
    pub(super) fn steps_under_way(&self) -> impl Iterator<Item = (&Step, &StageRun)> {
        self.stages_under_way()
            .flat_map(|(stage, run)| stage.step.iter().map(move |step| (step, run)))
    }

    /// The answer that meets a condition, if it was given and not corrected.
    pub(super) fn answer_to(&self, condition: &Condition) -> Option<&Answer> {
        let answer = self.answers.get(&condition.ask)?;
        condition.holds(&answer.value).then_some(answer)
    }

    pub(super) fn is_answered(&self, condition: &Condition) -> bool {
        self.answer_to(condition).is_some()
    }

    pub(super) fn in_recovery(&self) -> bool {
        self.stages_under_way()
            .any(|(stage, _)| stage.when == When::Clear)
    }

    pub(super) fn anybody_told(&self) -> bool {
        !self.roles.is_empty()
    }

    /// The highest severity of the procedure and its stages under way.
    pub(super) fn severity(&self) -> Severity {
        self.stages_under_way()
            .filter_map(|(stage, _)| stage.severity)
            .fold(self.procedure.severity, Severity::max)
    }

    #[expect(
        clippy::too_many_lines,
        reason = "one arm an event, in the order of the enum"
    )]
    pub(super) fn apply(&mut self, entry: &Entry) {
        match &entry.event {
            Event::KindSettled {
                kind,
                spread,
                scope,
                ..
            } => {
                self.end_stages(|when| !when.kinds().is_empty() && !when.kinds().contains(kind));
                self.kind = Some(kind.clone());
                self.spread = *spread;
                self.scope = scope.clone();
            }
            Event::Widened { scope, .. } => {
                self.scope = scope.clone();
                self.widened = true;
            }
            Event::Confirmed { .. } => self.confirmed = true,
            Event::OutChanged { out, .. } => {
                self.out.clone_from(out);
                self.ever_out.extend(out.iter().cloned());
            }
            Event::StageBegan { stage, begin, .. } => {
                let run = StageRun {
                    begin: *begin,
                    ended: false,
                };
                self.stages.insert(stage.clone(), run);
            }
            Event::RoleTold {
                role,
                stage,
                seats,
                channels,
                ..
            } => {
                let told = self.roles.entry(role.clone()).or_default();
                if told.stood_down.is_some() {
                    told.since = None;
                }
                told.since.get_or_insert(entry.at);
                told.seats.extend(seats.iter().cloned());
                told.stages.insert(stage.clone());
                told.told_at = entry.seq;
                told.stood_down = None;
                told.stood_down_at = None;
                for channel in channels {
                    let told = self.channels.entry(channel.clone()).or_default();
                    told.roles.insert(role.clone());
                    told.closed = false;
                }
            }
            Event::Joined {
                role,
                seats,
                channels,
                why,
                ..
            } => self.join(role, seats, channels, why, entry.at),
            Event::Woken { .. } => self.woken = true,
            Event::RoleStoodDown { role, .. } => {
                if let Some(told) = self.roles.get_mut(role) {
                    told.stood_down = Some(entry.seq);
                    told.stood_down_at = Some(entry.at);
                }
            }
            Event::FinishBy { ups, finish_by, .. } => match finish_by {
                Some(finish_by) => {
                    self.finish_by.insert(ups.clone(), *finish_by);
                }
                None => {
                    self.finish_by.remove(ups);
                }
            },
            Event::Owed {
                recipient: Recipient::Channel(channel),
                stage,
                message,
                held,
                ..
            } => {
                if let Some(told) = self.channels.get_mut(channel) {
                    told.messages += 1;
                    if held.is_none() && stage.is_some() && message.notice != Notice::Closed {
                        told.undelivered_since.get_or_insert(entry.at);
                    }
                    told.stages.extend(stage.clone());
                    told.newest = Some(OwedId(entry.seq));
                    told.closed = message.notice == Notice::Closed;
                }
            }
            Event::Receipts {
                card,
                revision,
                stage,
                seats,
            } => {
                let closed = self.closed.as_ref().map(|closed| closed.seq);
                if let Some(told) = self.roles.get_mut(&card.role) {
                    told.receive(*revision, *stage, seats, closed);
                    if *stage == ReceiptStage::Shown && u64::from(*revision) >= told.told_at {
                        told.saw_all(entry.at);
                    }
                }
            }
            Event::CallAsked {
                role, call, seats, ..
            } => {
                let card = self.roles.entry(call_of(role)).or_default();
                card.seats.clone_from(seats);
                card.told_at = entry.seq;
                self.calls.insert(role.clone(), Call::asked(call.clone()));
            }
            Event::CallAnswered { role, reached, .. } => {
                self.end_call(
                    role,
                    if *reached {
                        CallState::Told
                    } else {
                        CallState::NoAnswer
                    },
                );
                if self.was_rung(role)
                    && let Some(told) = self.roles.get_mut(role)
                {
                    told.saw_all(entry.at);
                }
            }
            Event::CallEnded { role, .. } => self.end_call(role, CallState::Ended),
            Event::SeatsLapsed { card, seats, .. } => {
                if let Some(told) = self.roles.get_mut(&card.role) {
                    told.lapsed.extend(seats.iter().cloned());
                }
            }
            Event::Acknowledged { seat, .. } => {
                self.acknowledged.insert(seat.clone());
            }
            Event::Ticked { step, seat, at, .. } => {
                self.tick(step, seat.as_deref(), at.unwrap_or(entry.at));
            }
            Event::StoodAlone(stood) if stood.alone_out => {
                self.onset = stood.onset.min(self.onset);
            }
            Event::Answered {
                ask, value, seat, ..
            } => {
                let answer = Answer {
                    value: value.clone(),
                    at: entry.at,
                    seat: seat.clone(),
                };
                self.answers.insert(ask.clone(), answer);
            }
            Event::StepReminded { step, .. } => self.step_mut(step).reminded = true,
            Event::StepDone { step, .. } => self.step_mut(step).settled = true,
            Event::StepMissed { step, deadline, .. } => {
                let run = self.step_mut(step);
                run.missed = true;
                run.missed_deadline = Some(*deadline);
            }
            Event::Reminded { count, .. } => {
                self.reminded = *count;
                self.reminded_at = entry.at;
            }
            Event::GateBegan { since, .. } => self.gate_since = Some(*since),
            Event::GateBroken { .. } => {
                self.note_break(entry.at);
                self.gate_since = None;
                self.end_stages(|when| *when == When::Clear);
            }
            Event::Adopted { by, .. } => self.adopted_by = Some(*by),
            Event::Freed { .. } => self.be_free(entry.at),
            Event::Closed { why, .. } => {
                self.closed = Some(Closed {
                    at: entry.at,
                    seq: entry.seq,
                    why: why.clone(),
                });
            }
            Event::Dialled { .. } | Event::DialEnded { .. } => self.take_dial(entry),
            Event::AskedAround(asked) => self.take_around(entry, &asked.what),
            event => self.take_ring(event, entry.seq),
        }
    }

    /// Ends stages, and forgets what was ticked in them: should they begin again, they begin anew.
    fn end_stages(&mut self, which: impl Fn(&When) -> bool) {
        let procedure = Arc::clone(&self.procedure);
        for stage in procedure.stage.iter().filter(|stage| which(&stage.when)) {
            if let Some(run) = self.stages.get_mut(&stage.id) {
                run.ended = true;
                for step in &stage.step {
                    self.steps.remove(&step.id);
                }
                for told in self.roles.values_mut() {
                    told.stages.remove(&stage.id);
                }
            }
        }
    }
}
