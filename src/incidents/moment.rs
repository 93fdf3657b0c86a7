//! A moment at which the rules are asked, and when they are to be asked again.

use std::cell::Cell;

use jiff::Timestamp;

/// `now`, and the next moment at which a rule would say more.
pub(super) struct Moment {
    pub(super) now: Timestamp,
    next: Cell<Option<Timestamp>>,
}

impl Moment {
    pub(super) fn new(now: Timestamp) -> Self {
        Self {
            now,
            next: Cell::new(None),
        }
    }

    /// The earliest that was not reached.
    pub(super) fn next(&self) -> Option<Timestamp> {
        self.next.get()
    }

    /// Whether `at` has come; if not, the Board asks again then.
    pub(super) fn reached(&self, at: Timestamp) -> bool {
        if at <= self.now {
            return true;
        }
        let next = self.next.get().map_or(at, |next| next.min(at));
        self.next.set(Some(next));
        false
    }
}
