//! The names of the MIB families.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The MIB family that a device answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Family {
    Rfc1628,
    Powernet,
    Xups,
    Mge,
    Cps,
    Xppc,
    Eppc,
    Socomec,
    SocomecOld,
    Delta,
    Huawei,
    #[serde(rename = "cpqpower")]
    CpqPower,
    Riello,
    Sinetica,
    #[serde(rename = "tripplite")]
    TrippLite,
    Liebert,
    Dell,
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Family::Rfc1628 => "RFC 1628 (UPS-MIB)",
            Family::Powernet => "APC PowerNet",
            Family::Xups => "Eaton XUPS",
            Family::Mge => "MGE / Eaton",
            Family::Cps => "CyberPower CPS",
            Family::Xppc => "Phoenixtec XPPC",
            Family::Eppc => "Phoenixtec EPPC",
            Family::Socomec => "Socomec Net Vision",
            Family::SocomecOld => "Socomec Net Vision, old",
            Family::Delta => "Delta",
            Family::Huawei => "Huawei",
            Family::CpqPower => "HP CPQPOWER",
            Family::Riello => "Riello",
            Family::Sinetica => "Sinetica",
            Family::TrippLite => "Tripp Lite",
            Family::Liebert => "Liebert / Vertiv",
            Family::Dell => "Dell",
        })
    }
}
