//! Queues that are pushed in by somebody else's job.

use std::collections::BTreeSet;

use crate::probes::acd::hidden::Hidden;

/// Who may push, and what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pushed {
    /// What the job shows: `Authorization: Bearer TOKEN`.
    pub token: Hidden,
    pub queues: BTreeSet<String>,
}
