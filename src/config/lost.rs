//! Files beside the centre's that could not be read: who had good ones before keeps those.

use crate::document::Fault;
use crate::site::{Calendar, Roster, Site};

/// What is wrong with the files beside the centre's; nothing where they are left out.
#[derive(Clone, Debug, Default)]
pub struct Lost {
    pub calendar: Vec<Fault>,
    pub roster: Vec<Fault>,
}

impl Lost {
    pub fn faults(&self) -> impl Iterator<Item = &Fault> {
        self.calendar.iter().chain(&self.roster)
    }

    /// Puts the sheets of `before` in the place of those that were lost.
    pub fn keep(&self, before: &Site, now: &mut Site) {
        let why = |faults: &[Fault]| faults.first().map(ToString::to_string);
        if !self.calendar.is_empty() {
            now.calendar = Calendar {
                kept: why(&self.calendar),
                ..before.calendar.clone()
            };
        }
        if !self.roster.is_empty() {
            now.roster = Roster {
                kept: why(&self.roster),
                ..before.roster.clone()
            };
        }
    }
}
