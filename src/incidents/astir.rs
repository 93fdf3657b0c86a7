//! Which closed incidents the rules are asked about: those of which something was written
//! since the rules said nothing of them, and those whose next moment has come.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::incidents::board::Board;
use crate::incidents::concerns::incident_of;
use crate::incidents::entry::{Event, IncidentId};
use crate::incidents::incident::Incident;
use crate::incidents::owing::lapses_at;
use crate::incidents::state::State;

/// Kept beside the fold, as it follows from it.
#[derive(Debug, Default)]
pub(super) struct Astir {
    /// Of those that are open nobody asks here: they are always looked at.
    touched: BTreeSet<IncidentId>,
    /// When something lapses in one that is left alone.
    wakes: BTreeSet<(Timestamp, IncidentId)>,
}

impl Astir {
    /// Nothing was asked yet.
    pub(super) fn all(state: &State) -> Self {
        Self {
            touched: state.incidents.values().map(|it| it.id).collect(),
            wakes: BTreeSet::new(),
        }
    }

    /// What an event means for the rules; `state` has taken it in.
    pub(super) fn note(&mut self, event: &Event, state: &State) {
        if matches!(
            event,
            Event::Started | Event::Reconfigured { .. } | Event::ClockStepped { .. }
        ) {
            *self = Self::all(state);
        }
        self.touched.extend(incident_of(event));
    }

    /// Wakes those whose moment has come.
    pub(super) fn wake(&mut self, now: Timestamp) {
        while let Some((at, id)) = self.wakes.first().copied()
            && at <= now
        {
            self.wakes.pop_first();
            self.touched.insert(id);
        }
    }

    /// The rules have said all that there is to say.
    pub(super) fn rest(&mut self, state: &State) {
        for id in std::mem::take(&mut self.touched) {
            let at = state.incidents.get(id).and_then(lapses_at);
            self.wakes.extend(at.map(|at| (at, id)));
        }
    }

    /// When the next one wakes.
    pub(super) fn next(&self) -> Option<Timestamp> {
        self.wakes.first().map(|(at, _)| *at)
    }
}

impl Board {
    /// The closed incidents of which there may be something to say.
    pub(super) fn closed_astir(&self) -> impl Iterator<Item = &Incident> {
        let incidents = self.astir.touched.iter();
        let incidents = incidents.filter_map(|id| self.state.incidents.get(*id));
        incidents.filter(|incident| incident.closed.is_some())
    }
}
