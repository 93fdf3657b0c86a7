//! What a window is, and how people order one.

use std::collections::BTreeSet;
use std::fmt;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::text::Text;

/// The sequence number of the entry that set it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct WindowId(pub u64);

impl fmt::Display for WindowId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Why the supply of a place is expected to be disturbed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Purpose {
    /// Somebody works on it.
    #[default]
    Maintenance,
    /// The supplier or the building has announced that it is switched off.
    Cut,
    /// The generator is tried out.
    GeneratorTest,
}

/// What a window covers, resolved when it was set.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Covered {
    /// The places as they were named, as `circuit:c3`.
    pub of: Vec<String>,
    /// As people call it.
    pub place: Text,
    pub ups: BTreeSet<String>,
    pub devices: BTreeSet<String>,
    pub seats: BTreeSet<String>,
}

/// A window as it was set or changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    #[serde(default)]
    pub purpose: Purpose,
    pub covered: Covered,
    /// Who answers for it, as it was given.
    pub owner: String,
    pub begin: Timestamp,
    pub end: Timestamp,
    /// What is done, in the owner's words; may be empty.
    pub note: String,
}

impl Window {
    /// Whether it is under way: from its begin, till just before its end.
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.begin <= now && now < self.end
    }
}

/// What people order; times are RFC 3339.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case", deny_unknown_fields)]
pub enum WindowOrder {
    Set {
        #[serde(default)]
        purpose: Purpose,
        /// Places, as `feed:mains`, `circuit:c3`, `zone:lobby`, `ups:UPS-C1`, `device:PBX` or `seat:C-01`.
        of: Vec<String>,
        #[serde(default)]
        owner: String,
        /// Absent: now.
        #[serde(default)]
        begin: Option<Timestamp>,
        /// Needed; absent it is refused in words.
        #[serde(default)]
        end: Option<Timestamp>,
        #[serde(default)]
        note: String,
    },
    /// What is absent stays.
    Change {
        window: WindowId,
        #[serde(default)]
        begin: Option<Timestamp>,
        #[serde(default)]
        end: Option<Timestamp>,
        #[serde(default)]
        owner: Option<String>,
        #[serde(default)]
        note: Option<String>,
    },
    /// It is done with, or it will not be.
    End { window: WindowId },
}

/// Who ordered it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct By {
    pub seat: String,
    pub command: String,
}

/// How often the UPSs of a window went to their batteries, and for how long at most.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    pub transfers: u32,
    pub longest: Option<SignedDuration>,
}

/// Why what a window expects is told all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Worse {
    /// The battery of a UPS is low.
    BatteryLow,
    /// A UPS will be empty before the window ends, or before the generator must have taken over.
    TooShort,
    /// A UPS on its battery answers no more.
    FellSilent,
    /// The generator under test has not taken over in time.
    NotTakenOver,
}

/// What a test of the generator has shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tested {
    /// The feeds with a generator that it was about.
    pub feeds: BTreeSet<String>,
    /// UPSs that never went to their batteries, or were on them at the end: they prove nothing.
    pub missing: BTreeSet<String>,
    /// Every UPS went to its battery and came back in time, and nothing was worse.
    pub proved: bool,
}
