//! What kind of source it is.

use std::collections::BTreeSet;

use jiff::SignedDuration;

use crate::probes::acd::pushed::Pushed;
use crate::probes::acd::{exec, freeswitch, json};
use crate::probes::ami;

/// One source, and how often it is asked.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    pub of: Of,
    /// Plan time between two polls; of what is pushed in, nothing.
    pub poll: SignedDuration,
    /// A reading that is older is none.
    pub stale_after: SignedDuration,
}

/// What kind of source it is.
#[derive(Clone, Debug, PartialEq)]
pub enum Of {
    Ami(ami::Settings),
    Json(Box<json::Settings>),
    Exec(exec::Settings),
    FreeSwitch(freeswitch::Settings),
    Pushed(Pushed),
}

impl Of {
    /// The queues that it is asked for; `None` where all are that it has.
    pub fn queues(&self) -> Option<BTreeSet<String>> {
        let queues: BTreeSet<String> = match self {
            Of::Ami(settings) => settings.asked().iter().cloned().collect(),
            Of::Json(settings) => settings.queues.keys().cloned().collect(),
            Of::Exec(settings) => settings.queues.clone(),
            Of::FreeSwitch(settings) => settings.queues.clone(),
            Of::Pushed(pushed) => pushed.queues.clone(),
        };
        (!queues.is_empty()).then_some(queues)
    }
}
