//! Huawei UPS2000 and UPS5000: `1.3.6.1.4.1.2011.6.174.1`.
//!
//! Tables whose only row is 1. Unknown is the largest number of 32 bits, signed
//! or not, which is beyond everything plausible.

use crate::ups::family::Family;
use crate::ups::mib::Object::{HighestOf, Scalar};
use crate::ups::mib::{
    CHARGE, Fact, Feed, LOAD, Measure, Mib, RUNTIME, SECONDS_PER_MINUTE, Sign, VOLTAGE, enterprise,
};
use crate::ups::value::Oid;

const SUPPLY_METHOD: Oid = enterprise![2011, 6, 174, 1, 2, 101, 1, 1, 1];
const BATTERY_STATE: Oid = enterprise![2011, 6, 174, 1, 2, 101, 1, 3, 1];
const INPUT_VOLTAGE: Oid = enterprise![2011, 6, 174, 1, 3, 100, 1, 1, 1];
const LOAD_A: Oid = enterprise![2011, 6, 174, 1, 4, 100, 1, 14, 1];
const LOAD_B: Oid = enterprise![2011, 6, 174, 1, 4, 100, 1, 15, 1];
const LOAD_C: Oid = enterprise![2011, 6, 174, 1, 4, 100, 1, 16, 1];
const BATTERY_CAPACITY: Oid = enterprise![2011, 6, 174, 1, 6, 100, 1, 3, 1];
const BACKUP_SECONDS: Oid = enterprise![2011, 6, 174, 1, 6, 100, 1, 4, 1];

pub(super) const MIB: Mib = Mib {
    family: Family::Huawei,
    detected_by: SUPPLY_METHOD,
    beside_rfc1628: true,
    identity: &[],
    status: SUPPLY_METHOD,
    feeds: &[
        (1, Feed::Off, "none"),
        (2, Feed::Bypass, "bypass"),
        (3, Feed::Mains, "mains"),
        (4, Feed::Battery, "battery"),
        // Mains and battery together: the mains are too weak, and the battery discharges.
        (5, Feed::Battery, "joint"),
        (6, Feed::Eco, "eco"),
        (7, Feed::Battery, "batteryInEco"),
    ],
    signs: &[
        Sign::Equals(BATTERY_STATE, 1, Fact::BatteryAbsent),
        Sign::Equals(BATTERY_STATE, 6, Fact::OnBattery),
    ],
    charge: &[Measure::new(Scalar(BATTERY_CAPACITY), 1.0, CHARGE)],
    runtime: &[Measure::new(Scalar(BACKUP_SECONDS), SECONDS_PER_MINUTE, RUNTIME).unknown(&[0])],
    load: &[Measure::new(
        HighestOf(&[LOAD_A, LOAD_B, LOAD_C]),
        10.0,
        LOAD,
    )],
    input_voltage: &[Measure::new(Scalar(INPUT_VOLTAGE), 10.0, VOLTAGE)],
    battery_temperature: &[],
    seconds_on_battery: &[],
};
