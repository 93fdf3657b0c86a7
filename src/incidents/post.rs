//! Who fills a role, as it is written down.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::site::Person;

/// Whom the roster names for a role; nobody where it says nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OnDuty {
    pub holders: Vec<Holder>,
    /// They hand over, and are told too.
    #[serde(default)]
    pub leaving: Vec<Holder>,
    #[serde(default)]
    pub deputies: Vec<Holder>,
}

/// A person in a role, without the phone number: that stands in the roster alone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Holder {
    pub name: String,
    pub seat: Option<String>,
}

impl From<&Person> for Holder {
    fn from(person: &Person) -> Self {
        Self {
            name: person.name.clone(),
            seat: person.seat.clone(),
        }
    }
}

/// Who stands in for a role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Substitute {
    /// Absent once it is over.
    pub(super) seat: Option<String>,
    pub(super) since: Timestamp,
}

/// The stage of a message to those who are told because a role has not seen it.
pub(super) fn joining(role: &str) -> String {
    format!("{UNSEEN}{role}")
}

pub(super) const UNSEEN: &str = "unseen ";
/// The role under which a seat is asked to phone another role.
pub(super) const PHONE: &str = "phone ";

/// Why more are told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Joining {
    /// They have the role now.
    OnDuty,
    /// Nobody in the role has seen it.
    Deputy,
    /// Nobody in the role has seen it for longer: this role takes over.
    NextUp(String),
    /// The incident has grown wider, and concerns them too.
    Concerned,
}
