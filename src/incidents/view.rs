//! What is shown: each seat's screen, the page's view, and what is still to be sent.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use serde::Serialize;

use crate::incidents::card::Card;
use crate::incidents::daily::rule::DigestView;
use crate::incidents::entry::{IncidentId, OwedId};
use crate::incidents::kit::Kits;
use crate::incidents::message::Message;
use crate::incidents::readiness::Readiness;
use crate::incidents::remaining::RuntimeView;
use crate::incidents::windows::view::WindowView;
use crate::plan::Severity;
use crate::signals::{Level, Signal};
use crate::text::{Language, Text};

/// All cards in force at one seat, in both languages.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Screen {
    /// Of the last change of this screen.
    pub revision: u64,
    pub zh: Arc<[Arc<Card>]>,
    pub en: Arc<[Arc<Card>]>,
    /// What it needs when it is alone.
    pub kits: Kits,
}

impl Screen {
    pub fn in_language(&self, language: Language) -> &Arc<[Arc<Card>]> {
        match language {
            Language::Zh => &self.zh,
            Language::En => &self.en,
        }
    }
}

/// A message that a channel is owed: the outbox holds those without an end.
#[derive(Clone, Debug, PartialEq)]
pub struct Due {
    pub owed: OwedId,
    pub incident: IncidentId,
    /// When the debt was written down.
    pub at: Timestamp,
    pub channel: String,
    pub message: Message,
    /// The same over every attempt and every restart; the receiver's idempotency key.
    pub webhook_id: String,
    /// It is told although the log could not be written.
    pub not_recorded: bool,
    /// It was held back: it goes out as one message with whatever else waits for that channel.
    pub digest: bool,
}

/// The whole centre at one moment, for the page and `/api/view`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct View {
    pub now: Timestamp,
    pub site: Text,
    pub language: Language,
    pub time_zone: String,
    /// Open ones first, then those closed in the last 24 h; the newest first.
    pub incidents: Vec<Arc<IncidentView>>,
    pub signals: Vec<SignalView>,
    pub seats: BTreeMap<String, SeatView>,
    /// Those that have not ended first; over ones for 24 h.
    pub windows: Vec<WindowView>,
    /// Who has each role now, the lead first; roles that never change hands are left out.
    pub duty: Vec<DutyView>,
    /// Whether anybody is at work; outside working hours silence is grey.
    pub working: bool,
    /// What is wrong with the calendar or the roster in force.
    pub sheets: Vec<String>,
    /// How long what must last without mains would last, now.
    pub readiness: Vec<Readiness>,
    /// What IT was to see to, last time there was anything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<DigestView>,
    /// Absent where all is well; else why entries are not being written.
    pub not_recorded: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct IncidentView {
    pub id: IncidentId,
    pub procedure: String,
    pub title: Text,
    pub kind: Option<Text>,
    pub severity: Severity,
    #[serde(rename = "where")]
    pub place: Text,
    pub since: Timestamp,
    pub closed: Option<Timestamp>,
    /// The wider incident that it is part of, or was at its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub part_of: Option<IncidentId>,
    /// Newest last; the reasons of its entries.
    pub timeline: Vec<(Timestamp, Text)>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SignalView {
    pub signal: Signal,
    pub name: Text,
    pub level: Level,
    pub since: Option<Timestamp>,
    /// Of the last answer; how old a value is.
    pub seen_at: Option<Timestamp>,
    /// Of a UPS that is out: since our first bad reading, whatever its own counter says.
    pub on_battery_since: Option<Timestamp>,
    /// Of a UPS: how long it lasts from now, and whether it says so itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub runtime: Option<RuntimeView>,
    /// What it said last.
    pub value: Text,
}

/// Who has a role now.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DutyView {
    pub role: String,
    pub name: Text,
    /// Names as the roster has them; none where it says nothing.
    pub people: Vec<String>,
    /// Whose shift has just ended.
    pub leaving: Vec<String>,
    pub deputies: Vec<String>,
    /// Where the role is reached.
    pub seats: Vec<String>,
    /// The seat that stands in, and until when.
    pub substitute: Option<(String, Timestamp)>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SeatView {
    pub zone: Text,
    /// Whether its zone is at work.
    pub working: bool,
    pub connected: bool,
    pub cards: usize,
    /// Why it is silent, where it took leave.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub left: Option<Text>,
}
