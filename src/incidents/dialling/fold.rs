//! What the entries of calls add up to in an incident.

use jiff::SignedDuration;

use crate::incidents::dialling::dial::{Dial, DialOutcome};
use crate::incidents::entry::{Entry, Event, OwedId};
use crate::incidents::incident::Incident;
use crate::incidents::progress::{Call, CallState};
use crate::signals::later;
use crate::text::Text;

impl Incident {
    /// The call of this number.
    pub(in crate::incidents) fn dial(&self, id: OwedId) -> Option<&Dial> {
        self.dials.iter().find(|dial| dial.id == id)
    }

    pub(in crate::incidents) fn shift_dials(&mut self, by: SignedDuration) {
        for dial in &mut self.dials {
            dial.at = later(dial.at, by);
        }
    }

    pub(in crate::incidents) fn take_dial(&mut self, entry: &Entry) {
        match &entry.event {
            Event::Dialled {
                role, cause, call, ..
            } => self.dials.push(Dial {
                id: OwedId(entry.seq),
                role: role.clone(),
                cause: cause.clone(),
                call: call.clone(),
                at: entry.at,
                outcome: None,
                words: Text::default(),
            }),
            Event::DialEnded {
                dial,
                outcome,
                words,
                ..
            } => {
                let known = self.dials.iter_mut().find(|known| known.id == *dial);
                let Some(dial) = known else {
                    return;
                };
                dial.outcome = Some(*outcome);
                dial.words = words.clone();
                if *outcome != DialOutcome::Heard {
                    return;
                }
                let (role, request) = (dial.role.clone(), dial.call.clone());
                let state = CallState::Told;
                self.calls.insert(role.clone(), Call { request, state });
                if self.was_rung(&role)
                    && let Some(told) = self.roles.get_mut(&role)
                {
                    told.saw_all(entry.at);
                }
            }
            _ => {}
        }
    }
}
