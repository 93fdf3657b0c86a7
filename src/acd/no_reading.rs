//! Why there is no reading of an ACD.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::acd::blind::Blind;
use crate::acd::outage::Outage;
use crate::signals::Level;
use crate::text::Text;

/// An ACD that tells nothing, or nothing that can be believed.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NoReading {
    Down(Outage),
    Blind(Blind),
}

impl NoReading {
    /// Of the link to the ACD: blind is a warning.
    pub fn level(&self) -> Level {
        match self {
            NoReading::Down(outage) => outage.level(),
            NoReading::Blind(_) => Level::Warning,
        }
    }

    /// The name in a probe's answer.
    pub fn name(&self) -> &'static str {
        match self {
            NoReading::Down(outage) => outage.name(),
            NoReading::Blind(blind) => blind.name(),
        }
    }

    /// What people call it.
    pub fn words(&self) -> Text {
        match self {
            NoReading::Down(outage) => outage.words(),
            NoReading::Blind(blind) => blind.words(),
        }
    }

    /// What to do about it.
    pub fn mend(&self) -> Text {
        match self {
            NoReading::Down(outage) => outage.mend(),
            NoReading::Blind(blind) => blind.mend(),
        }
    }
}

impl fmt::Display for NoReading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words().en)
    }
}

impl std::error::Error for NoReading {}

impl From<Outage> for NoReading {
    fn from(outage: Outage) -> Self {
        NoReading::Down(outage)
    }
}

impl From<Blind> for NoReading {
    fn from(blind: Blind) -> Self {
        NoReading::Blind(blind)
    }
}
