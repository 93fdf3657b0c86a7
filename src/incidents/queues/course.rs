//! How a surge goes: since when it is bad anew, and who was rung up.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::incidents::card::RingAnswer;
use crate::incidents::entry::Event;
use crate::incidents::incident::Incident;
use crate::incidents::queues::ringing::card_of;
use crate::signals::later;
use crate::text::Text;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(in crate::incidents) struct Course {
    /// When it became bad again after a break that was long enough to count.
    bad_since: Option<Timestamp>,
    /// Who was rung up, by list, in order.
    rings: BTreeMap<String, Vec<Rung>>,
}

/// Somebody was rung up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::incidents) struct Rung {
    pub(in crate::incidents) name: Text,
    pub(in crate::incidents) phone: String,
    pub(in crate::incidents) answer: RingAnswer,
}

impl Course {
    pub(in crate::incidents) fn rung(&self, list: &str) -> &[Rung] {
        self.rings.get(list).map_or(&[], Vec::as_slice)
    }

    /// Who said that they come, of all lists.
    pub(in crate::incidents) fn coming(&self) -> u32 {
        let rung = self.rings.values().flatten();
        let coming = rung.filter(|rung| rung.answer == RingAnswer::Coming);
        u32::try_from(coming.count()).unwrap_or(u32::MAX)
    }

    pub(in crate::incidents) fn shift(&mut self, by: SignedDuration) {
        self.bad_since = self.bad_since.map(|since| later(since, by));
    }
}

impl Incident {
    /// It is bad again: after a break that its trigger does not keep, clocks start anew.
    pub(in crate::incidents) fn note_break(&mut self, at: Timestamp) {
        let trigger = self.procedure.opening().next();
        let keep_for = trigger.and_then(|trigger| trigger.keep_for);
        let kept = keep_for
            .zip(self.gate_since)
            .is_none_or(|(keep_for, since)| at < later(since, keep_for));
        if !kept {
            self.course.bad_since = Some(at);
        }
    }

    /// From when it counts how long it is bad after `moment`.
    pub(in crate::incidents) fn bad_from(&self, moment: Timestamp) -> Timestamp {
        moment.max(self.course.bad_since.unwrap_or(moment))
    }

    /// Takes in what is written of a list.
    pub(in crate::incidents) fn take_ring(&mut self, event: &Event, seq: u64) {
        match event {
            Event::RingAsked { list, seats, .. } => {
                let card = self.roles.entry(card_of(list)).or_default();
                card.seats.clone_from(seats);
                card.told_at = seq;
            }
            Event::Rang {
                list,
                name,
                phone,
                answer,
                ..
            } => {
                let rung = Rung {
                    name: name.clone(),
                    phone: phone.clone(),
                    answer: *answer,
                };
                self.course
                    .rings
                    .entry(list.clone())
                    .or_default()
                    .push(rung);
            }
            _ => {}
        }
    }
}
