//! What kind of source it is.

use jiff::SignedDuration;

use crate::probes::acd::pushed::Pushed;
use crate::probes::acd::{exec, freeswitch, json};

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
    Json(Box<json::Settings>),
    Exec(exec::Settings),
    FreeSwitch(freeswitch::Settings),
    Pushed(Pushed),
}
