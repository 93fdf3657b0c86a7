//! What goes out: messages to channels, and what a person is asked to say by phone.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::plan::Severity;
use crate::text::Text;

/// What a channel is told, complete without a link; written down whole, so that
/// a retry after a restart says the same.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Message {
    pub notice: Notice,
    pub procedure: String,
    pub kind: Option<String>,
    pub severity: Severity,
    /// The onset.
    pub since: Timestamp,
    #[serde(rename = "where")]
    pub place: Text,
    pub title: Text,
    pub text: Text,
    /// The roles that have been told.
    pub told: Vec<String>,
}

/// The event that a message brings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Notice {
    #[serde(rename = "incident.opened")]
    Opened,
    #[serde(rename = "incident.changed")]
    Changed,
    #[serde(rename = "incident.reminded")]
    Reminded,
    #[serde(rename = "incident.closed")]
    Closed,
    /// Of no incident: what IT is to see to.
    #[serde(rename = "it.digest")]
    Digest,
}

impl Notice {
    pub fn name(self) -> &'static str {
        match self {
            Notice::Opened => "incident.opened",
            Notice::Changed => "incident.changed",
            Notice::Reminded => "incident.reminded",
            Notice::Closed => "incident.closed",
            Notice::Digest => "it.digest",
        }
    }
}

/// A role to be rung up, because no channel of it takes what it is owed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallRequest {
    /// The channel that is dead, as people call it.
    pub channel: Text,
    /// Who is rung now; absent where no number is known.
    pub callee: Option<Callee>,
    /// How many were asked for before.
    pub turn: u32,
    /// The stages of which the role is to hear.
    pub stages: BTreeSet<String>,
}

/// Who is to be rung up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Callee {
    /// The role that they have: that to be told, or the one above it.
    pub role: String,
    pub name: Text,
    pub phone: String,
}

/// Why nobody needs to ring any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CallEnd {
    /// The message arrived after all.
    Delivered,
    /// The role has seen its card, or somebody has told it.
    Seen,
    /// The causes are gone, or the role was stood down.
    NotNeeded,
}
