//! What one role sees of one incident, in one language, ready to be shown.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::incidents::entry::IncidentId;
use crate::incidents::windows::window::WindowOrder;
use crate::plan::Severity;

/// Which card: one a role in an incident.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct CardKey {
    pub incident: IncidentId,
    pub role: String,
}

/// A card as it is shown: texts filled in, in the seat's language.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Card {
    #[serde(flatten)]
    pub key: CardKey,
    /// Grows with every change of what is shown; receipts name it.
    pub revision: u32,
    pub phase: Phase,
    pub severity: Severity,
    pub title: String,
    /// At most two.
    pub lines: Vec<String>,
    pub buttons: Vec<CardButton>,
    /// Behind "More".
    pub more: Vec<String>,
    /// Steps with a deadline, the nearest first; a client counts down against `server_now`.
    pub clocks: Vec<CardClock>,
    /// The onset.
    pub since: Timestamp,
    /// Somebody at this seat has pressed acknowledge.
    pub acknowledged: bool,
    /// Of a register: it does not pop up.
    #[serde(default)]
    pub quiet: bool,
    /// The procedure that it is of; empty for whoever may not know.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub procedure: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    Open,
    /// The all-clear: the card's last form.
    Over,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardButton {
    pub say: String,
    pub act: Act,
    /// Already pressed, by this seat or by somebody in the role.
    pub done: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardClock {
    pub step: String,
    pub say: String,
    pub deadline: Timestamp,
    /// 80 % of it has passed: one quiet reminder.
    pub reminded: bool,
}

/// What a person can do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case")]
pub enum Act {
    Acknowledge {
        incident: IncidentId,
    },
    Tick {
        incident: IncidentId,
        step: String,
    },
    Answer {
        incident: IncidentId,
        ask: String,
        value: String,
    },
    /// A false alarm, or over although nobody can measure it.
    StandDown {
        incident: IncidentId,
    },
    /// Somebody of the role was rung up and knows.
    Told {
        incident: IncidentId,
        role: String,
    },
    /// Nobody answered the phone: the next, please.
    NoAnswer {
        incident: IncidentId,
        role: String,
        /// Which of those to ring; a second press on the same card is not another's.
        turn: u32,
    },
    /// The next one on a list of people to call in was rung up.
    Rang {
        incident: IncidentId,
        list: String,
        /// How many calls came before it; a second press on the same card is not another's.
        turn: u32,
        answer: RingAnswer,
    },
    /// Whether it is so here too.
    Neighbour {
        incident: IncidentId,
        too: bool,
    },
    /// It is done with.
    Close {
        incident: IncidentId,
    },
    Raise {
        procedure: String,
        /// Where: a feed, zone or seat of the site; empty for the whole centre.
        of: String,
        /// Seconds ago that it was found.
        found: u32,
        /// What was asked first, by question.
        #[serde(default)]
        answers: BTreeMap<String, String>,
    },
    /// A maintenance window is set, changed or ended.
    Window {
        order: WindowOrder,
    },
    /// Another seat stands in for a role, for ninety minutes at most.
    Substitute {
        role: String,
        seat: String,
    },
    /// Whoever had the role is back.
    Resume {
        role: String,
    },
}

/// What somebody said who was asked to come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RingAnswer {
    Coming,
    Cannot,
    NoAnswer,
}
