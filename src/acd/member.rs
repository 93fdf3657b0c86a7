//! Whoever answers calls, as the ACD sees them.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::text::Text;

/// One who answers calls for one or more queues.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// As the ACD calls it; the interface where it has no name.
    pub name: String,
    /// What the ACD rings, and by what it tells one member from another: `PJSIP/1003`.
    pub interface: String,
    /// The device whose state counts where that is another one than is rung.
    pub device: Option<String>,
    /// The queues it is a member of.
    pub queues: BTreeSet<String>,
    /// Over all its queues: paused only where it is so in each of them.
    pub standing: Standing,
}

/// What a member can do now.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    Free,
    /// On a call, or holding one; also while paused.
    Busy,
    Ringing,
    Paused {
        /// As the ACD has it, where one was given.
        reason: Option<String>,
    },
    /// The telephone is not registered.
    Unregistered,
    /// The ACD does not know such a device: mistyped, or its module is not loaded.
    UnknownDevice,
    LoggedOff,
    /// The ACD itself does not know.
    Unclear,
}

impl Standing {
    /// Whether it is logged in with a telephone that is there, paused or not.
    pub fn is_staffed(&self) -> bool {
        match self {
            Standing::Free
            | Standing::Busy
            | Standing::Ringing
            | Standing::Paused { .. }
            | Standing::Unclear => true,
            Standing::Unregistered | Standing::UnknownDevice | Standing::LoggedOff => false,
        }
    }

    /// The name in a probe's answer.
    pub fn name(&self) -> &'static str {
        match self {
            Standing::Free => "free",
            Standing::Busy => "busy",
            Standing::Ringing => "ringing",
            Standing::Paused { .. } => "paused",
            Standing::Unregistered => "unregistered",
            Standing::UnknownDevice => "unknown-device",
            Standing::LoggedOff => "logged-off",
            Standing::Unclear => "unclear",
        }
    }

    /// What people call it.
    pub fn words(&self) -> Text {
        let (zh, en) = match self {
            Standing::Free => ("空闲", "free"),
            Standing::Busy => ("通话中", "on a call"),
            Standing::Ringing => ("振铃", "ringing"),
            Standing::Paused { reason: None } => ("示忙", "paused"),
            Standing::Paused {
                reason: Some(reason),
            } => return Text::new(format!("示忙：{reason}"), format!("paused: {reason}")),
            Standing::Unregistered => ("话机没注册", "telephone not registered"),
            Standing::UnknownDevice => (
                "话务平台不认识这部话机",
                "a device that the ACD does not know",
            ),
            Standing::LoggedOff => ("没签入", "logged off"),
            Standing::Unclear => ("话务平台也不清楚", "not known to the ACD itself"),
        };
        Text::new(zh, en)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_is_told_with_its_reason_and_counts_as_staffed() {
        let paused = |reason: Option<&str>| Standing::Paused {
            reason: reason.map(str::to_owned),
        };
        assert_eq!(paused(Some("午休")).words().zh, "示忙：午休");
        assert_eq!(paused(None).words().en, "paused");
        assert!(paused(None).is_staffed());
        assert!(!Standing::Unregistered.is_staffed());
    }
}
