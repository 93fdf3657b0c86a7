//! How far the parts of an incident have come: its stages, roles, channels and steps.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::incidents::entry::{Ending, OwedId};
use crate::incidents::input::ReceiptStage;
use crate::incidents::message::CallRequest;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Closed {
    pub(super) at: Timestamp,
    pub(super) seq: u64,
    pub(super) why: Ending,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct StageRun {
    pub(super) begin: Timestamp,
    /// Ended by a changed kind or a broken gate: no part of it counts any more.
    pub(super) ended: bool,
}

/// Before a role that is to be rung up, in the role of the card that asks for it.
const CALL: &str = "call ";

/// The role under which the card that asks to ring `role` stands.
pub(super) fn call_of(role: &str) -> String {
    format!("{CALL}{role}")
}

/// Whom a card asks to ring, where it is one that asks.
pub(super) fn called(role: &str) -> Option<&str> {
    role.strip_prefix(CALL)
}

/// A role that has been told, and how far its card has come.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct RoleTold {
    pub(super) seats: BTreeSet<String>,
    /// The stages in which it was told.
    pub(super) stages: BTreeSet<String>,
    /// Stood down at this entry: its card has its last form.
    pub(super) stood_down: Option<u64>,
    pub(super) stood_down_at: Option<Timestamp>,
    /// Seats that have received the card, and its newest revision there.
    pub(super) received: BTreeMap<String, u32>,
    /// Seats that have shown any form of the card, and its newest revision there.
    pub(super) shown: BTreeMap<String, u32>,
    /// The entry that told it last: a card of this revision or later shows its newest stage.
    #[serde(default)]
    pub(super) told_at: u64,
    /// When it was told first, or anew.
    #[serde(default)]
    pub(super) since: Option<Timestamp>,
    /// Its deputy was told too.
    #[serde(default)]
    pub(super) deputy: bool,
    /// The role that took over, and when.
    #[serde(default)]
    pub(super) next_up: Option<(String, Timestamp)>,
    /// When a seat showed a stage first.
    #[serde(default)]
    pub(super) seen: BTreeMap<String, Timestamp>,
    /// Seats that have seen its last form.
    pub(super) shown_over: BTreeSet<String>,
    pub(super) not_shown: BTreeSet<String>,
    pub(super) lapsed: BTreeSet<String>,
    /// Seats that see the end of what this was part of, and not its own.
    #[serde(default)]
    pub(super) elsewhere: BTreeSet<String>,
}

impl RoleTold {
    /// Takes in how far its card has come; `closed` is the entry of the incident's end.
    pub(super) fn receive(
        &mut self,
        revision: u32,
        stage: ReceiptStage,
        seats: &BTreeSet<String>,
        closed: Option<u64>,
    ) {
        match stage {
            ReceiptStage::Received => {
                let seats = seats.iter().map(|seat| (seat.clone(), revision));
                self.received.extend(seats);
            }
            ReceiptStage::NotShown => self.not_shown.extend(seats.iter().cloned()),
            ReceiptStage::Shown => {
                for seat in seats {
                    self.not_shown.remove(seat);
                    self.shown.insert(seat.clone(), revision);
                    let over = self.stood_down.or(closed);
                    if over.is_some_and(|seq| u64::from(revision) >= seq) {
                        self.shown_over.insert(seat.clone());
                    }
                }
            }
        }
    }

    /// Somebody of the role knows all that it was told.
    pub(super) fn saw_all(&mut self, at: Timestamp) {
        for stage in &self.stages {
            self.seen.entry(stage.clone()).or_insert(at);
        }
    }
}

/// What a channel has been told.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct ChannelTold {
    pub(super) roles: BTreeSet<String>,
    /// The stages that it was told of.
    pub(super) stages: BTreeSet<String>,
    /// Why it was told beside those whom the plan names: each is a message of its own.
    #[serde(default)]
    pub(super) joins: BTreeSet<String>,
    /// Something of this incident has arrived there.
    pub(super) delivered: bool,
    /// It was owed the end.
    pub(super) closed: bool,
    /// Since when it is owed what has not arrived.
    #[serde(default)]
    pub(super) undelivered_since: Option<Timestamp>,
    /// How many messages it was owed.
    pub(super) messages: u32,
    /// The last of them.
    #[serde(default)]
    pub(super) newest: Option<OwedId>,
}

/// A role that is to be rung up, and what came of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Call {
    pub(super) request: CallRequest,
    pub(super) state: CallState,
}

impl Call {
    pub(super) fn asked(request: CallRequest) -> Self {
        let state = CallState::Asked;
        Self { request, state }
    }

    /// Whether whoever is rung has this role, and not one above it; taken for granted
    /// where the card knew no number.
    pub(super) fn rings(&self, role: &str) -> bool {
        let callee = self.request.callee.as_ref();
        callee.is_none_or(|callee| callee.role == role)
    }

    pub(super) fn is_open(&self) -> bool {
        matches!(self.state, CallState::Asked | CallState::NoAnswer)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum CallState {
    Asked,
    /// Nobody answered: the next is to be asked for.
    NoAnswer,
    Told,
    /// Nobody needs to ring any more.
    Ended,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct StepRun {
    pub(super) done_at: Option<Timestamp>,
    /// The seat that said so; absent where evidence did.
    #[serde(default)]
    pub(super) done_from: Option<String>,
    /// Seats that ticked a step that each does for itself.
    pub(super) each: BTreeSet<String>,
    pub(super) reminded: bool,
    pub(super) missed: bool,
    /// By when it was to be done.
    #[serde(default)]
    pub(super) missed_deadline: Option<Timestamp>,
    /// Its clock has ended: done, or done late.
    pub(super) settled: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Answer {
    pub(super) value: String,
    pub(super) at: Timestamp,
    pub(super) seat: String,
}
