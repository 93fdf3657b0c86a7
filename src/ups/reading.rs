//! One honest reading of a UPS, and the levels of the signals that come of it.

use serde::{Deserialize, Serialize};

use crate::signals::Level;
use crate::ups::family::Family;

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
    /// The answers contradict each other, or do not tell what feeds the output.
    Conflicting,
    Unreachable,
}

impl Verdict {
    /// The name on the wire and in a probe's answer.
    pub fn name(self) -> &'static str {
        match self {
            Verdict::OnMains => "on-mains",
            Verdict::MainsLost => "mains-lost",
            Verdict::SelfTest => "self-test",
            Verdict::Calibration => "calibration",
            Verdict::Bypass => "bypass",
            Verdict::Eco => "eco",
            Verdict::Overload => "overload",
            Verdict::OutputOff => "output-off",
            Verdict::BatteryAbsent => "battery-absent",
            Verdict::ReplaceBattery => "replace-battery",
            Verdict::CardLostUps => "card-lost-ups",
            Verdict::Conflicting => "conflicting",
            Verdict::Unreachable => "unreachable",
        }
    }
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
    /// Model, serial number and whatever else tells a device from another one; a part
    /// that is not told is empty.
    #[serde(default)]
    pub device: Vec<String>,
}

/// Whether these name two devices: what one of them does not tell counts for neither.
pub fn is_another(one: &[String], other: &[String]) -> bool {
    let parts = one.iter().zip(other);
    parts
        .filter(|(one, other)| !one.is_empty() && !other.is_empty())
        .any(|(one, other)| one != other)
}

impl Reading {
    /// The reading of a device that did not answer.
    pub fn unreachable() -> Self {
        Self::blank(None, Verdict::Unreachable)
    }

    /// A reading without a value.
    pub(super) fn blank(family: Option<Family>, verdict: Verdict) -> Self {
        Self {
            family,
            verdict,
            on_battery: None,
            battery_low: None,
            charge_percent: None,
            runtime_minutes: None,
            load_percent: None,
            input_voltage: None,
            battery_temperature_c: None,
            output_source: None,
            device: Vec::new(),
        }
    }

    /// The level of `ups.mains`. A test is normal; what leaves the load
    /// unprotected is a warning; what cannot be known is unknown.
    pub fn mains_level(&self) -> Level {
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

    /// The level of `ups.battery-low`. A calibration empties the battery on
    /// purpose: low is a warning then, critical only where the mains are not.
    pub fn battery_low_level(&self) -> Level {
        match (self.battery_low, self.verdict) {
            (Some(true), Verdict::SelfTest | Verdict::Calibration) => Level::Warning,
            (Some(true), _) => Level::Critical,
            (Some(false), _) => Level::Normal,
            (None, _) => Level::Unknown,
        }
    }
}
