//! What UPSs mean: MIB families as data, one honest reading, the verdict.
//!
//! In come the values that a device answered, matched by object identifier;
//! out comes one [`Reading`] with units, where a value that is absent or
//! implausible is `None`, never a number. No I/O here.

use serde::{Deserialize, Serialize};

/// The MIB family that a device answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Family {
    Rfc1628,
    Powernet,
    Cps,
}

/// What the UPS does now, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    OnMains,
    MainsLost,
    SelfTest,
    Calibration,
    Bypass,
    Eco,
    Overload,
    OutputOff,
    BatteryAbsent,
    ReplaceBattery,
    /// The card answers, but has lost its UPS: its values are frozen.
    CardLostUps,
    /// The answers contradict each other.
    Conflicting,
    Unreachable,
}

/// One honest reading of a UPS. `None` is absent, unknown or implausible.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reading {
    pub family: Option<Family>,
    pub verdict: Verdict,
    /// Does the battery feed the load now, whatever the cause.
    pub on_battery: Option<bool>,
    /// The device's flag, or on battery with a runtime of at most 10 min or a charge of at most 30 %.
    pub battery_low: Option<bool>,
    pub charge_percent: Option<f64>,
    pub runtime_minutes: Option<f64>,
    /// Of the phase with the highest load.
    pub load_percent: Option<f64>,
    /// RMS, of the first line.
    pub input_voltage: Option<f64>,
    pub battery_temperature_c: Option<f64>,
    /// The family's own word for the source of the output.
    pub output_source: Option<String>,
}

impl Reading {
    /// The reading of a device that did not answer.
    pub fn unreachable() -> Self {
        Self {
            family: None,
            verdict: Verdict::Unreachable,
            on_battery: None,
            battery_low: None,
            charge_percent: None,
            runtime_minutes: None,
            load_percent: None,
            input_voltage: None,
            battery_temperature_c: None,
            output_source: None,
        }
    }
}

impl Reading {
    pub fn mains_level(&self) -> crate::signals::Level {
        use crate::signals::Level;
        match self.verdict {
            Verdict::MainsLost => Level::Critical,
            Verdict::OnMains
            | Verdict::SelfTest
            | Verdict::Calibration
            | Verdict::Eco
            | Verdict::ReplaceBattery => Level::Normal,
            Verdict::Bypass | Verdict::Overload | Verdict::OutputOff | Verdict::BatteryAbsent => {
                Level::Warning
            }
            Verdict::CardLostUps | Verdict::Conflicting | Verdict::Unreachable => Level::Unknown,
        }
    }

    pub fn battery_low_level(&self) -> crate::signals::Level {
        use crate::signals::Level;
        match self.battery_low {
            Some(true) => Level::Critical,
            Some(false) => Level::Normal,
            None => Level::Unknown,
        }
    }
}
