//! The names of the MIB families.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The MIB family that a device answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Family {
    Rfc1628,
    Powernet,
    Cps,
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Family::Rfc1628 => "RFC 1628 (UPS-MIB)",
            Family::Powernet => "APC PowerNet",
            Family::Cps => "CyberPower CPS",
        })
    }
}
