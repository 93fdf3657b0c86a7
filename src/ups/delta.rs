//! Delta `DeltaUPS-MIB`: `1.3.6.1.4.1.2254.2.4`.
//!
//! Its enumerations count from 0, and what is not known is NULL.

use crate::ups::family::Family;
use crate::ups::mib::Object::{HighestOf, Scalar};
use crate::ups::mib::{
    CHARGE, Fact, Feed, LOAD, Measure, Mib, RUNTIME, SECONDS, Sign, TEMPERATURE, VOLTAGE,
    enterprise,
};
use crate::ups::value::Oid;

const INPUT_VOLTAGE: Oid = enterprise![2254, 2, 4, 4, 3, 0];
const OUTPUT_SOURCE: Oid = enterprise![2254, 2, 4, 5, 1, 0];
const LOAD_1: Oid = enterprise![2254, 2, 4, 5, 7, 0];
const LOAD_2: Oid = enterprise![2254, 2, 4, 5, 11, 0];
const LOAD_3: Oid = enterprise![2254, 2, 4, 5, 15, 0];
const BATTERY_CONDITION: Oid = enterprise![2254, 2, 4, 7, 1, 0];
const BATTERY_STATUS: Oid = enterprise![2254, 2, 4, 7, 2, 0];
const SECONDS_ON_BATTERY: Oid = enterprise![2254, 2, 4, 7, 4, 0];
const ESTIMATED_MINUTES: Oid = enterprise![2254, 2, 4, 7, 5, 0];
const CHARGE_PERCENT: Oid = enterprise![2254, 2, 4, 7, 8, 0];
const BATTERY_TEMPERATURE: Oid = enterprise![2254, 2, 4, 7, 9, 0];
const LOST_UPS_ALARM: Oid = enterprise![2254, 2, 4, 9, 1, 0];
const POWER_FAIL_ALARM: Oid = enterprise![2254, 2, 4, 9, 2, 0];
const BATTERY_LOW_ALARM: Oid = enterprise![2254, 2, 4, 9, 3, 0];

pub(super) const MIB: Mib = Mib {
    family: Family::Delta,
    detected_by: OUTPUT_SOURCE,
    beside_rfc1628: true,
    identity: &[],
    status: OUTPUT_SOURCE,
    feeds: &[
        (0, Feed::Mains, "normal"),
        (1, Feed::Battery, "battery"),
        (2, Feed::Bypass, "bypass"),
        (3, Feed::Mains, "reducing"),
        (4, Feed::Mains, "boosting"),
        (5, Feed::Bypass, "manualBypass"),
        (6, Feed::Unknown, "other"),
        (7, Feed::Off, "none"),
    ],
    signs: &[
        Sign::Equals(BATTERY_CONDITION, 2, Fact::ReplaceBattery),
        Sign::Equals(BATTERY_STATUS, 0, Fact::BatteryNotLow),
        Sign::Equals(BATTERY_STATUS, 1, Fact::BatteryLow),
        Sign::Equals(BATTERY_STATUS, 2, Fact::BatteryLow),
        Sign::Equals(LOST_UPS_ALARM, 1, Fact::CardLostUps),
        Sign::Equals(POWER_FAIL_ALARM, 1, Fact::MainsBad),
        Sign::Equals(BATTERY_LOW_ALARM, 1, Fact::BatteryLow),
    ],
    charge: &[Measure::new(Scalar(CHARGE_PERCENT), 1.0, CHARGE)],
    runtime: &[Measure::new(Scalar(ESTIMATED_MINUTES), 1.0, RUNTIME).unknown(&[0, 65_535])],
    load: &[Measure::new(
        HighestOf(&[LOAD_1, LOAD_2, LOAD_3]),
        1.0,
        LOAD,
    )],
    input_voltage: &[Measure::new(Scalar(INPUT_VOLTAGE), 10.0, VOLTAGE)],
    battery_temperature: &[
        Measure::new(Scalar(BATTERY_TEMPERATURE), 1.0, TEMPERATURE).unknown(&[-1, 0])
    ],
    seconds_on_battery: &[Measure::new(Scalar(SECONDS_ON_BATTERY), 1.0, SECONDS)],
};
