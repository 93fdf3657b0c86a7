//! Who is told, and by what: roles, channels, and people with their numbers.

use serde::{Deserialize, Serialize};

use crate::site::path::Accepted;
use crate::text::Text;

/// Where a role of the plan is reached: recipients are seats and channels, never persons.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Role {
    pub seats: Vec<String>,
    pub channels: Vec<String>,
    /// The contact that is on duty, by name.
    pub duty: Option<String>,
    /// Who stands in where nobody on duty looks.
    pub deputy: Deputy,
    /// The role that gets what this one does not see; absent: the plan's order.
    pub next_up: Option<String>,
}

/// Where a role's deputy is reached, where no roster says so.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deputy {
    pub seats: Vec<String>,
    pub channels: Vec<String>,
    /// The contact that is rung up, by name.
    #[serde(default)]
    pub duty: Option<String>,
}

/// A way out of the building.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Channel {
    /// As people call it: "DingTalk".
    pub name: Text,
    /// The devices that it leaves by, beyond those of callwatch's own host; empty
    /// where the file does not say.
    pub via: Vec<String>,
    pub accepted: Option<Accepted>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Contact {
    pub name: Text,
    pub phone: String,
}

/// A number as it is dialled: what only helps to read it is taken out.
pub fn digits(phone: &str) -> String {
    let reads = |c: char| c.is_whitespace() || "-()（）".contains(c);
    phone.chars().filter(|c| !reads(*c)).collect()
}
