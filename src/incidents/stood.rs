//! What a seat says of a time without a daemon, and how it is written down.
//!
//! The seat's clock may be wrong by any amount, so it says ages and never times.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::incidents::card::Act;
use crate::incidents::entry::IncidentId;
use crate::signals::later;

/// An incident that opens so long after the seat is back may still be what it stood
/// alone with: its UPS is asked, and its role told, within this.
pub(super) const LANDS_WITHIN: SignedDuration = SignedDuration::from_mins(2);
/// Nobody presses more buttons on one card.
pub const MOST_ACTS: usize = 64;

/// What a person can do on a card that a seat shows by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case")]
pub enum AloneAct {
    Acknowledge,
    Tick { step: String },
    Answer { ask: String, value: String },
}

impl AloneAct {
    /// The same act on a card; `None` where it cannot wait for a daemon.
    pub fn from_card(act: &Act) -> Option<Self> {
        match act.clone() {
            Act::Acknowledge { .. } => Some(Self::Acknowledge),
            Act::Tick { step, .. } => Some(Self::Tick { step }),
            Act::Answer { ask, value, .. } => Some(Self::Answer { ask, value }),
            _ => None,
        }
    }

    /// The same act in an incident.
    pub(super) fn of(&self, incident: IncidentId) -> Act {
        match self.clone() {
            Self::Acknowledge => Act::Acknowledge { incident },
            Self::Tick { step } => Act::Tick { incident, step },
            Self::Answer { ask, value } => Act::Answer {
                incident,
                ask,
                value,
            },
        }
    }
}

/// One trouble that a seat met alone. A repeat gets the first outcome: of the report by
/// its id, and of each act by its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AloneReport {
    pub id: String,
    pub procedure: String,
    /// For how long there had been no daemon, in seconds before this is said.
    pub lost: u32,
    /// The onset, likewise.
    pub onset: u32,
    /// Until when it is known of, likewise; 0: it goes on.
    pub until: u32,
    /// At most [`MOST_ACTS`].
    pub acts: Vec<ReportedAct>,
}

/// What somebody did there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportedAct {
    pub id: String,
    /// Seconds before it is said.
    pub ago: u32,
    pub act: AloneAct,
}

/// The same, as it is written down.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoodAlone {
    pub seat: String,
    pub procedure: String,
    pub from: Timestamp,
    pub onset: Timestamp,
    pub until: Timestamp,
    /// Those that were not written down before.
    pub acts: Vec<LateAct>,
    /// What it belongs to, where that is known already.
    pub incident: Option<IncidentId>,
    /// UPSs that nothing but this seat's PC sees.
    pub ups: BTreeSet<String>,
    /// No other UPS of the incident is out: the seat's onset is the incident's.
    pub alone_out: bool,
    pub command: String,
}

/// An act that is told late.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LateAct {
    pub command: String,
    pub at: Timestamp,
    pub act: AloneAct,
}

/// An act that may still land in an incident.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Waiting {
    pub(super) seat: String,
    pub(super) procedure: String,
    /// Until when the seat stood alone: what began long after is something else.
    pub(super) until: Timestamp,
    /// When it was written down.
    since: Timestamp,
    pub(super) late: LateAct,
}

impl Waiting {
    pub(super) fn is_over(&self, now: Timestamp) -> bool {
        later(self.since, LANDS_WITHIN) <= now
    }

    pub(super) fn shift(&mut self, by: SignedDuration) {
        for moment in [&mut self.until, &mut self.since, &mut self.late.at] {
            *moment = later(*moment, by);
        }
    }
}

/// Adds what may still land to what waits; what found no incident in time waits no longer.
/// A UPS that only this seat sees has run on its battery since the seat's own onset.
pub(super) fn wait(
    all: &mut Vec<Waiting>,
    on_battery_since: &mut BTreeMap<String, Timestamp>,
    stood: &StoodAlone,
    at: Timestamp,
) {
    all.retain(|waiting| !waiting.is_over(at));
    all.extend(stood.acts.iter().map(|late| Waiting {
        seat: stood.seat.clone(),
        procedure: stood.procedure.clone(),
        until: stood.until,
        since: at,
        late: late.clone(),
    }));
    for ups in &stood.ups {
        if let Some(since) = on_battery_since.get_mut(ups) {
            *since = stood.onset.min(*since);
        }
    }
}
