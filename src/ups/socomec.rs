//! Socomec Net Vision, new (`1.3.6.1.4.1.4555.1.1.7.1`) and old (`1.3.6.1.4.1.4555.1.1.1.1`).
//!
//! The output's source never says "battery": an inverter may run on either, and
//! the state of the battery tells which. The same leaf of both has opposite
//! meanings: 3 is "charging" in the new one and "low" in the old.

use crate::ups::family::Family;
use crate::ups::mib::Object::{First, Highest, Scalar};
use crate::ups::mib::{
    CHARGE, Fact, Feed, LOAD, Measure, Mib, RUNTIME, SECONDS, Sign, TEMPERATURE, VOLTAGE,
    enterprise,
};
use crate::ups::value::Oid;

const BATTERY_STATUS: Oid = enterprise![4555, 1, 1, 7, 1, 2, 1, 0];
const SECONDS_ON_BATTERY: Oid = enterprise![4555, 1, 1, 7, 1, 2, 2, 0];
const REMAINING_MINUTES: Oid = enterprise![4555, 1, 1, 7, 1, 2, 3, 0];
const CHARGE_PERCENT: Oid = enterprise![4555, 1, 1, 7, 1, 2, 4, 0];
const BATTERY_TEMPERATURE: Oid = enterprise![4555, 1, 1, 7, 1, 2, 6, 0];
const INPUT_VOLTAGE: Oid = enterprise![4555, 1, 1, 7, 1, 3, 3, 1, 2];
const OUTPUT_SOURCE: Oid = enterprise![4555, 1, 1, 7, 1, 4, 1, 0];
const OUTPUT_LOAD: Oid = enterprise![4555, 1, 1, 7, 1, 4, 4, 1, 4];
const ON_BATTERY_ALARM: Oid = enterprise![4555, 1, 1, 7, 1, 6, 3, 2, 0];

pub(super) const MIB: Mib = Mib {
    family: Family::Socomec,
    detected_by: OUTPUT_SOURCE,
    beside_rfc1628: true,
    identity: &[],
    status: OUTPUT_SOURCE,
    feeds: &[
        (1, Feed::Unknown, "unknown"),
        (2, Feed::Bypass, "onMaintenanceBypass"),
        (3, Feed::Inverter, "onInverter"),
        (4, Feed::Inverter, "normalMode"),
        (5, Feed::Eco, "ecoMode"),
        (6, Feed::Bypass, "onBypass"),
        (7, Feed::Off, "standby"),
        (8, Feed::Off, "off"),
        (9, Feed::Inverter, "lineInteractive"),
        (10, Feed::Inverter, "flexMode"),
    ],
    signs: &[
        Sign::Equals(BATTERY_STATUS, 2, Fact::BatteryNotLow),
        Sign::Equals(BATTERY_STATUS, 3, Fact::BatteryNotLow),
        // The load is on the battery while that is tested.
        Sign::Equals(BATTERY_STATUS, 4, Fact::OnBattery),
        Sign::Equals(BATTERY_STATUS, 4, Fact::SelfTest),
        Sign::Equals(BATTERY_STATUS, 5, Fact::OnBattery),
        Sign::Equals(BATTERY_STATUS, 6, Fact::BatteryLow),
        Sign::Equals(BATTERY_STATUS, 7, Fact::BatteryLow),
        Sign::Equals(BATTERY_STATUS, 8, Fact::ReplaceBattery),
        Sign::Equals(BATTERY_STATUS, 9, Fact::BatteryAbsent),
        Sign::Equals(ON_BATTERY_ALARM, 1, Fact::OnBattery),
    ],
    charge: &[Measure::new(Scalar(CHARGE_PERCENT), 1.0, CHARGE)],
    runtime: &[Measure::new(Scalar(REMAINING_MINUTES), 1.0, RUNTIME).unknown(&[0, 65_535])],
    load: &[Measure::new(Highest(OUTPUT_LOAD), 1.0, LOAD)],
    input_voltage: &[Measure::new(First(INPUT_VOLTAGE), 10.0, VOLTAGE)],
    battery_temperature: &[
        Measure::new(Scalar(BATTERY_TEMPERATURE), 10.0, TEMPERATURE).unknown(&[-1, 0])
    ],
    seconds_on_battery: &[Measure::new(Scalar(SECONDS_ON_BATTERY), 1.0, SECONDS)],
};

const OLD_BATTERY_STATUS: Oid = enterprise![4555, 1, 1, 1, 1, 2, 1, 0];
const OLD_SECONDS_ON_BATTERY: Oid = enterprise![4555, 1, 1, 1, 1, 2, 2, 0];
const OLD_REMAINING_MINUTES: Oid = enterprise![4555, 1, 1, 1, 1, 2, 3, 0];
const OLD_CHARGE_PERCENT: Oid = enterprise![4555, 1, 1, 1, 1, 2, 4, 0];
const OLD_INPUT_VOLTAGE: Oid = enterprise![4555, 1, 1, 1, 1, 3, 3, 1, 5];
const OLD_OUTPUT_SOURCE: Oid = enterprise![4555, 1, 1, 1, 1, 4, 1, 0];
const OLD_OUTPUT_LOAD: Oid = enterprise![4555, 1, 1, 1, 1, 4, 4, 1, 4];
const OLD_ON_BATTERY_ALARM: Oid = enterprise![4555, 1, 1, 1, 1, 6, 3, 2, 0];

pub(super) const OLD: Mib = Mib {
    family: Family::SocomecOld,
    detected_by: OLD_OUTPUT_SOURCE,
    beside_rfc1628: true,
    identity: &[],
    status: OLD_OUTPUT_SOURCE,
    feeds: &[
        (1, Feed::Unknown, "unknown"),
        (2, Feed::Inverter, "onInverter"),
        (3, Feed::Mains, "onMains"),
        (4, Feed::Eco, "ecoMode"),
        (5, Feed::Bypass, "onBypass"),
        (6, Feed::Off, "standby"),
        (7, Feed::Bypass, "onMaintenanceBypass"),
        (8, Feed::Off, "off"),
        (9, Feed::Inverter, "normalMode"),
    ],
    signs: &[
        Sign::Equals(OLD_BATTERY_STATUS, 2, Fact::BatteryNotLow),
        Sign::Equals(OLD_BATTERY_STATUS, 3, Fact::BatteryLow),
        Sign::Equals(OLD_BATTERY_STATUS, 4, Fact::BatteryLow),
        Sign::Equals(OLD_BATTERY_STATUS, 5, Fact::OnBattery),
        Sign::Equals(OLD_BATTERY_STATUS, 6, Fact::ReplaceBattery),
        Sign::Equals(OLD_ON_BATTERY_ALARM, 1, Fact::OnBattery),
    ],
    charge: &[Measure::new(Scalar(OLD_CHARGE_PERCENT), 1.0, CHARGE)],
    runtime: &[Measure::new(Scalar(OLD_REMAINING_MINUTES), 1.0, RUNTIME).unknown(&[0, 65_535])],
    load: &[Measure::new(Highest(OLD_OUTPUT_LOAD), 1.0, LOAD)],
    input_voltage: &[Measure::new(First(OLD_INPUT_VOLTAGE), 10.0, VOLTAGE)],
    battery_temperature: &[],
    seconds_on_battery: &[Measure::new(Scalar(OLD_SECONDS_ON_BATTERY), 1.0, SECONDS)],
};
