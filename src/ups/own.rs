//! What a seat's PC sees of its own supply: the UPS on its USB cable and its own battery.
//!
//! A UPS on the cable is a device of its own; the battery inside a laptop is not:
//! a pulled plug empties it too. The words are those of `UPower`:
//! <https://upower.freedesktop.org/docs/Device.html>.

use serde::{Deserialize, Serialize};

use crate::ups::judgement::{Facts, Told, conclude};
use crate::ups::mib::{CHARGE, Fact, Feed, RUNTIME};
use crate::ups::reading::Reading;

/// What feeds a PC, as the PC itself sees it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct OwnPower {
    /// Whether the PC as a whole runs on a battery or a UPS now.
    pub on_battery: bool,
    pub supplies: Vec<Supply>,
}

/// One UPS or battery that feeds the PC.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Supply {
    pub kind: SupplyKind,
    pub flow: Flow,
    /// The PC's own warning that it is low.
    #[serde(default)]
    pub low: bool,
    pub charge_percent: Option<f64>,
    /// While it discharges.
    pub runtime_minutes: Option<f64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SupplyKind {
    Ups,
    Battery,
}

/// What a supply does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Flow {
    Discharging,
    /// It charges, or is full.
    Charging,
    Unknown,
}

impl OwnPower {
    /// The UPS on the cable; where `laptop`, else the battery inside.
    pub fn supply(&self, laptop: bool) -> Option<&Supply> {
        let of = |kind| self.supplies.iter().find(move |supply| supply.kind == kind);
        of(SupplyKind::Ups).or_else(|| of(SupplyKind::Battery).filter(|_| laptop))
    }

    /// The reading of a UPS that this PC sees; `None` where it sees none.
    pub fn judge(&self, laptop: bool) -> Option<Reading> {
        let supply = self.supply(laptop)?;
        let feed = match supply.flow {
            // A laptop may hold its charge although it is plugged in: the PC as a whole tells.
            _ if supply.kind == SupplyKind::Battery => {
                if self.on_battery {
                    Feed::Battery
                } else {
                    Feed::Mains
                }
            }
            Flow::Discharging => Feed::Battery,
            Flow::Charging => Feed::Mains,
            Flow::Unknown => Feed::Unknown,
        };
        let plausible = |number: Option<f64>, (least, most): (f64, f64)| {
            number.filter(|number| (least..=most).contains(number))
        };
        let told = Told {
            charge_percent: plausible(supply.charge_percent, CHARGE),
            // Zero is how it says that it does not know.
            runtime_minutes: plausible(supply.runtime_minutes, RUNTIME).filter(|left| *left > 0.0),
            load_percent: None,
            input_voltage: None,
            battery_temperature_c: None,
            seconds_on_battery: None,
        };
        let low = supply.low.then_some(Fact::BatteryLow);
        Some(conclude(
            None,
            feed,
            None,
            Facts::new(low.into_iter()),
            told,
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ups::reading::Verdict;

    fn supply(kind: SupplyKind, flow: Flow) -> Supply {
        Supply {
            kind,
            flow,
            low: false,
            charge_percent: Some(80.0),
            runtime_minutes: Some(0.0),
        }
    }

    fn sees(on_battery: bool, supplies: &[Supply]) -> OwnPower {
        OwnPower {
            on_battery,
            supplies: supplies.to_vec(),
        }
    }

    #[test]
    fn a_ups_on_the_cable_is_told_from_the_battery_inside() {
        let ups = supply(SupplyKind::Ups, Flow::Discharging);
        let battery = supply(SupplyKind::Battery, Flow::Discharging);
        let verdict = |power: &OwnPower, laptop| power.judge(laptop).map(|reading| reading.verdict);
        let both = sees(true, &[battery, ups]);
        assert_eq!(both.supply(true).unwrap().kind, SupplyKind::Ups);
        assert_eq!(verdict(&both, false), Some(Verdict::MainsLost));
        let inside = sees(true, &[battery]);
        assert_eq!(verdict(&inside, false), None, "its battery is no UPS");
        assert_eq!(verdict(&inside, true), Some(Verdict::MainsLost));
        assert_eq!(
            verdict(&sees(false, &[battery]), true),
            Some(Verdict::OnMains)
        );
    }

    #[test]
    fn what_it_does_not_know_is_not_known() {
        let ups = supply(SupplyKind::Ups, Flow::Unknown);
        let reading = sees(false, &[ups]).judge(false).unwrap();
        assert_eq!(reading.verdict, Verdict::Conflicting);
        assert_eq!(reading.runtime_minutes, None);
        assert_eq!(reading.charge_percent, Some(80.0));
        let mut low = supply(SupplyKind::Ups, Flow::Discharging);
        low.low = true;
        assert_eq!(
            sees(true, &[low]).judge(false).unwrap().battery_low,
            Some(true)
        );
    }
}
