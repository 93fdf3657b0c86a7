//! Queues that are pushed in by somebody else's job.

use std::collections::BTreeSet;

use crate::probes::acd::hidden::Hidden;

/// Whoever guesses has more to guess than can be tried.
pub(crate) const SHORTEST_TOKEN: usize = 16;
pub(crate) const SHORT_TOKEN: &str =
    "has fewer than 16 characters and can be guessed: `openssl rand -hex 16` makes one";

/// Who may push, and what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pushed {
    /// What the job shows: `Authorization: Bearer TOKEN`.
    pub token: Hidden,
    pub queues: BTreeSet<String>,
}
