//! When a channel is left alone, and when what it was spared is told.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Time;
use serde::{Deserialize, Serialize};

/// When channels are left alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quiet {
    /// Channels that have hours of their own; `None`: never left alone.
    pub channels: BTreeMap<String, Option<Night>>,
    /// When all that was held back goes out.
    pub digest: Time,
    /// The role that is called at night.
    pub on_call: String,
    /// When IT hears on working days what it is to see to; `None`: never.
    #[serde(default)]
    pub it_digest: Option<Time>,
    /// Channels that take what begins and ends, and no such digest.
    #[serde(default)]
    pub pagers: BTreeSet<String>,
}

/// A time of day; outside working hours a channel is left alone in any case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Night {
    pub from: Time,
    pub to: Time,
}

impl Default for Night {
    fn default() -> Self {
        Self {
            from: Time::constant(21, 0, 0, 0),
            to: Time::constant(7, 30, 0, 0),
        }
    }
}

impl Default for Quiet {
    fn default() -> Self {
        Self {
            channels: BTreeMap::new(),
            digest: Time::constant(7, 45, 0, 0),
            on_call: "it".to_owned(),
            it_digest: None,
            pagers: BTreeSet::new(),
        }
    }
}

impl Quiet {
    /// When a channel is left alone; `None`: never.
    pub fn of(&self, channel: &str) -> Option<Night> {
        let own = self.channels.get(channel).copied();
        own.unwrap_or_else(|| Some(Night::default()))
    }
}
