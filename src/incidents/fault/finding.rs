//! What is concluded from all that is seen.

use std::collections::BTreeSet;

use jiff::Timestamp;

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
}

impl Finding {
    pub(in crate::incidents) fn scope(&self) -> Scope {
        Scope {
            of: self.of.clone(),
            place: self.place.clone(),
            seats: self.seats.clone(),
            ..Scope::default()
        }
    }
}
