//! Whose fault it is, where that is found out by what many see.

use serde::{Deserialize, Serialize};

/// What is at fault. Which of them it is depends on who sees it, and from where.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fault {
    /// callwatch itself is cut off: nothing that it asks answers.
    CutOff,
    /// A device that others lie behind, or the way out that services share.
    Network,
    /// One service does not do what it is for.
    Service,
    /// One service answers, but slowly.
    Slow,
    /// The ACD is down, or many cannot log in to it.
    Acd,
    /// One seat: its PC, its headset, its telephone, its log-in, or a service that it alone
    /// does not reach.
    Seat,
}

impl Fault {
    pub fn name(self) -> &'static str {
        match self {
            Fault::CutOff => "cut-off",
            Fault::Network => "network",
            Fault::Service => "service",
            Fault::Slow => "slow",
            Fault::Acd => "acd",
            Fault::Seat => "seat",
        }
    }
}
