//! What each seat told of itself last, and when.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use serde::Serialize;

use crate::health::Health;

/// The last that each client of a seat told: its program, and its page.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub(super) struct Kept {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) program: Option<Told>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) page: Option<Told>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Told {
    /// By the daemon's clock.
    pub(super) at: Timestamp,
    pub(super) health: Arc<Health>,
}

#[derive(Debug, Default)]
pub(super) struct Ledger(Mutex<BTreeMap<String, Kept>>);

impl Ledger {
    pub(super) fn keep(&self, seat: &str, is_program: bool, told: Told) {
        let mut seats = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // No key is made anew for each of ten thousand words a minute.
        let kept = match seats.get_mut(seat) {
            Some(kept) => kept,
            None => seats.entry(seat.to_owned()).or_default(),
        };
        let place = if is_program {
            &mut kept.program
        } else {
            &mut kept.page
        };
        *place = Some(told);
    }

    pub(super) fn all(&self) -> BTreeMap<String, Kept> {
        let seats = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seats.clone()
    }
}
