//! What an incident covers.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::text::Text;

/// What an incident covers, resolved when it was written down.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scope {
    /// The feed that it lies in; empty where it is of no supply.
    pub feed: String,
    /// What it is about: the feed, a circuit, a UPS, a zone or a seat; empty for the whole centre.
    pub of: String,
    pub place: Text,
    pub ups: BTreeSet<String>,
    /// Seats whose supply hangs on it.
    pub seats: BTreeSet<String>,
}
