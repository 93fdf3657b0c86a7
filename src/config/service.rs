//! `[service.X]`: a program on the network that seats work with.

use jiff::SignedDuration;
use serde::Deserialize;

use crate::text::Text;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Service {
    pub(crate) name: Text,
    pub(crate) reach: Option<String>,
    pub(crate) reach_file: Option<String>,
    #[serde(default)]
    pub(crate) via: Vec<String>,
    pub(crate) every: Option<SignedDuration>,
    pub(crate) slow: Option<SignedDuration>,
    /// Whether the seats ask it too.
    pub(crate) seats: Option<bool>,
}
