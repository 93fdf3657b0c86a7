//! `accepted`: a gap that is known.

use jiff::SignedDuration;
use serde::Deserialize;

/// A known gap, and who lives with it for how long.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Accepted {
    pub(crate) by: String,
    pub(crate) until: String,
    pub(crate) down_to: Option<SignedDuration>,
}
