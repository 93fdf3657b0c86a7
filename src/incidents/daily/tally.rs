//! What the entries since the last digest add up to.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::incidents::entry::{Entry, Event};
use crate::signals::{Kind, Level, later};
use crate::text::Text;

/// The last digest, and what came after it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(in crate::incidents) struct Tally {
    /// Since when there is a record: what was due before is nobody's.
    pub(super) begun: Option<Timestamp>,
    pub(super) last: Option<Said>,
    /// Messages that never arrived, by channel.
    pub(super) undelivered: BTreeMap<String, Undelivered>,
    /// Seats that never showed a card, by role.
    pub(super) unseen: BTreeMap<String, BTreeSet<String>>,
    /// When entries could not be written.
    pub(super) unwritten: Option<Unwritten>,
    /// What room is left where the log lies, while that is little.
    #[serde(default)]
    pub(super) room: Option<Text>,
}

/// What a digest said.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Said {
    pub(super) at: Timestamp,
    pub(super) late: bool,
    pub(super) lines: Vec<Text>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Undelivered {
    pub(super) count: u32,
    /// Of the last one.
    pub(super) why: Text,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Unwritten {
    pub(super) count: u32,
    /// The last time that it began.
    pub(super) last: Timestamp,
}

impl Tally {
    /// Takes an entry in; `channel`: to which channel a message is owed that it speaks of.
    pub(in crate::incidents) fn apply(&mut self, entry: &Entry, channel: Option<&str>) {
        self.begun.get_or_insert(entry.at);
        match &entry.event {
            Event::Digested { late, lines } => {
                let said = Said {
                    at: entry.at,
                    late: *late,
                    lines: lines.clone(),
                };
                *self = Self {
                    begun: self.begun,
                    room: self.room.take(),
                    last: Some(said),
                    ..Self::default()
                };
            }
            Event::Lapsed { why, .. } => {
                let Some(channel) = channel else {
                    return;
                };
                let known = self.undelivered.remove(channel);
                let count = known.map_or(0, |known| known.count) + 1;
                let why = why.clone();
                self.undelivered
                    .insert(channel.to_owned(), Undelivered { count, why });
            }
            Event::SeatsLapsed { card, seats, .. } => {
                let known = self.unseen.entry(card.role.clone()).or_default();
                known.extend(seats.iter().cloned());
            }
            Event::Turned {
                signal, to, since, ..
            } if signal.kind == Kind::LogWritten && *to == Level::Critical => {
                let count = self.unwritten.map_or(0, |known| known.count) + 1;
                let last = *since;
                self.unwritten = Some(Unwritten { count, last });
            }
            Event::Turned {
                signal, to, value, ..
            } if signal.kind == Kind::DiskRoom => {
                self.room = (*to == Level::Critical).then(|| value.clone());
            }
            _ => {}
        }
    }

    /// The wall clock jumped: what was said today was said today by the new clock too.
    pub(in crate::incidents) fn shift(&mut self, by: SignedDuration) {
        let said = self.last.as_mut().map(|said| &mut said.at);
        let unwritten = self.unwritten.as_mut().map(|known| &mut known.last);
        let begun = self.begun.as_mut();
        for moment in said.into_iter().chain(unwritten).chain(begun) {
            *moment = later(*moment, by);
        }
    }
}
