//! The incidents that are remembered; the open ones are found without looking at the rest.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Index;

use serde::{Deserialize, Serialize, Serializer};

use crate::incidents::entry::{Entry, IncidentId};
use crate::incidents::incident::Incident;

/// Serialized as the incidents alone.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(from = "BTreeMap<IncidentId, Incident>")]
pub(super) struct Docket {
    all: BTreeMap<IncidentId, Incident>,
    open: BTreeSet<IncidentId>,
}

impl Docket {
    pub(super) fn insert(&mut self, incident: Incident) {
        if incident.closed.is_none() {
            self.open.insert(incident.id);
        }
        self.all.insert(incident.id, incident);
    }

    pub(super) fn get(&self, id: IncidentId) -> Option<&Incident> {
        self.all.get(&id)
    }

    /// The oldest first.
    pub(super) fn values(&self) -> impl DoubleEndedIterator<Item = &Incident> {
        self.all.values()
    }

    /// The oldest first.
    pub(super) fn open(&self) -> impl DoubleEndedIterator<Item = &Incident> {
        self.open.iter().filter_map(|id| self.all.get(id))
    }

    /// Takes an entry of an incident in; the incident, where it is known.
    pub(super) fn apply(&mut self, id: IncidentId, entry: &Entry) -> Option<&Incident> {
        let incident = self.all.get_mut(&id)?;
        incident.apply(entry);
        if incident.closed.is_some() {
            self.open.remove(&id);
        }
        Some(incident)
    }

    /// To take in what is not an entry of its own: it stays as open as it is.
    pub(super) fn get_mut(&mut self, id: IncidentId) -> Option<&mut Incident> {
        self.all.get_mut(&id)
    }

    pub(super) fn shift(&mut self, by: jiff::SignedDuration) {
        for incident in self.all.values_mut() {
            incident.shift(by);
        }
    }

    /// Forgets the closed ones that are not to be kept.
    pub(super) fn retain(&mut self, keep: impl Fn(&Incident) -> bool) {
        self.all
            .retain(|id, incident| self.open.contains(id) || keep(incident));
    }
}

impl Index<&IncidentId> for Docket {
    type Output = Incident;

    fn index(&self, id: &IncidentId) -> &Incident {
        &self.all[id]
    }
}

impl From<BTreeMap<IncidentId, Incident>> for Docket {
    fn from(all: BTreeMap<IncidentId, Incident>) -> Self {
        let open = all.values().filter(|incident| incident.closed.is_none());
        Self {
            open: open.map(|incident| incident.id).collect(),
            all,
        }
    }
}

impl Serialize for Docket {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.all.serialize(serializer)
    }
}
