//! What is promised to callers.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::staffing::traffic::{Nonsense, seconds};

/// What is promised to callers, such as 80 % answered within 20 s.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Goal {
    /// Answered within this: 0 s to a day.
    pub within: SignedDuration,
    /// The share of all calls offered that is answered in time: above 0, below 1.
    pub service_level: f64,
    /// The share of callers who may hang up: above 0, below 1. Without this cap
    /// Erlang A reaches its service level with every tenth caller lost.
    pub abandoned: f64,
}

impl Goal {
    /// The seconds within which a call is to be answered, if the goal can be meant.
    pub(super) fn seconds(&self) -> Result<f64, Nonsense> {
        share("service level", self.service_level)?;
        share("cap on abandoned calls", self.abandoned)?;
        answered_within(self.within)
    }
}

/// A target time in seconds: 0 s to a day.
pub(super) fn answered_within(target: SignedDuration) -> Result<f64, Nonsense> {
    let sensible = SignedDuration::ZERO..=SignedDuration::from_hours(24);
    seconds("target answer time", target, sensible)
}

/// Not a number is no share either.
fn share(what: &'static str, share: f64) -> Result<(), Nonsense> {
    if share > 0.0 && share < 1.0 {
        Ok(())
    } else {
        Err(Nonsense::Share { what, share })
    }
}
