//! What is concluded from all that is seen.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use crate::incidents::fault::symptom::Symptom;
use crate::incidents::scope::Scope;
use crate::plan::Fault;
use crate::text::Text;

/// One cause that explains what is seen.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::incidents) struct Finding {
    pub(in crate::incidents) fault: Fault,
    /// The device, service, ACD or seat; of several seats what they have in common; empty for
    /// the whole network.
    pub(in crate::incidents) of: String,
    pub(in crate::incidents) place: Text,
    /// Whom it concerns.
    pub(in crate::incidents) seats: BTreeSet<String>,
    /// The first bad reading that it explains.
    pub(in crate::incidents) onset: Timestamp,
    /// When enough of them said so.
    pub(in crate::incidents) crossed: Timestamp,
    /// What a person who raises it would have answered: question and answer.
    pub(in crate::incidents) answers: Vec<(&'static str, String)>,
    /// Only people tell of it: it needs no proof, and proves nothing.
    pub(in crate::incidents) is_said: bool,
}

/// A headset that is gone is the person's own to find first: she is shown a hint before.
const HEADSET: SignedDuration = SignedDuration::from_mins(5);

impl Finding {
    /// How long it must be found before it opens what a trigger opens after `hold`.
    pub(in crate::incidents) fn hold(&self, hold: SignedDuration) -> SignedDuration {
        if self.is_said {
            return SignedDuration::ZERO;
        }
        let headset = ("what", Symptom::Headset.answer().to_owned());
        if self.answers.contains(&headset) {
            hold.max(HEADSET)
        } else {
            hold
        }
    }

    pub(in crate::incidents) fn scope(&self) -> Scope {
        Scope {
            of: self.of.clone(),
            place: self.place.clone(),
            seats: self.seats.clone(),
            ..Scope::default()
        }
    }
}
