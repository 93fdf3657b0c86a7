//! `CyberPower` `CPS-MIB`: `1.3.6.1.4.1.3808.1.1.1`.
//!
//! Laid out like `PowerNet`, but with its own enumerations. An RMCARD answers
//! NULL for what it does not support.

use crate::ups::family::Family;
use crate::ups::mib::Object::Scalar;
use crate::ups::mib::{
    CHARGE, Fact, Feed, LOAD, Measure, Mib, RUNTIME, SECONDS, Sign, TEMPERATURE, TICKS_PER_MINUTE,
    VOLTAGE, enterprise,
};
use crate::ups::value::Oid;

const BATTERY_STATUS: Oid = &[1, 3, 6, 1, 4, 1, 3808, 1, 1, 1, 2, 1, 1, 0];
const TIME_ON_BATTERY: Oid = &[1, 3, 6, 1, 4, 1, 3808, 1, 1, 1, 2, 1, 2, 0];
const CHARGE_PERCENT: Oid = &[1, 3, 6, 1, 4, 1, 3808, 1, 1, 1, 2, 2, 1, 0];
const BATTERY_TEMPERATURE: Oid = &[1, 3, 6, 1, 4, 1, 3808, 1, 1, 1, 2, 2, 3, 0];
const RUNTIME_REMAINING: Oid = &[1, 3, 6, 1, 4, 1, 3808, 1, 1, 1, 2, 2, 4, 0];
const REPLACE_INDICATOR: Oid = &[1, 3, 6, 1, 4, 1, 3808, 1, 1, 1, 2, 2, 5, 0];
const LINE_VOLTAGE: Oid = &[1, 3, 6, 1, 4, 1, 3808, 1, 1, 1, 3, 2, 1, 0];
const TRANSFER_CAUSE: Oid = &[1, 3, 6, 1, 4, 1, 3808, 1, 1, 1, 3, 2, 5, 0];
const OUTPUT_STATUS: Oid = &[1, 3, 6, 1, 4, 1, 3808, 1, 1, 1, 4, 1, 1, 0];
const LOAD_PERCENT: Oid = &[1, 3, 6, 1, 4, 1, 3808, 1, 1, 1, 4, 2, 3, 0];
const SYSTEM_TEMPERATURE: Oid = &[1, 3, 6, 1, 4, 1, 3808, 1, 1, 1, 10, 2, 0];

const MODEL: Oid = enterprise![3808, 1, 1, 1, 1, 1, 1, 0];
const SERIAL_NUMBER: Oid = enterprise![3808, 1, 1, 1, 1, 2, 3, 0];

pub(super) const MIB: Mib = Mib {
    family: Family::Cps,
    detected_by: OUTPUT_STATUS,
    beside_rfc1628: true,
    identity: &[MODEL, SERIAL_NUMBER],
    status: OUTPUT_STATUS,
    feeds: &[
        (1, Feed::Unknown, "unknown"),
        (2, Feed::Mains, "onLine"),
        (3, Feed::Battery, "onBattery"),
        (4, Feed::Mains, "onBoost"),
        (5, Feed::Off, "onSleep"),
        (6, Feed::Off, "off"),
        (7, Feed::Off, "rebooting"),
        (8, Feed::Eco, "onECO"),
        (9, Feed::Bypass, "onBypass"),
        (10, Feed::Mains, "onBuck"),
        (11, Feed::Overload, "onOverload"),
    ],
    signs: &[
        Sign::Equals(BATTERY_STATUS, 2, Fact::BatteryNotLow),
        Sign::Equals(BATTERY_STATUS, 3, Fact::BatteryLow),
        Sign::Equals(BATTERY_STATUS, 4, Fact::BatteryAbsent),
        Sign::Equals(REPLACE_INDICATOR, 2, Fact::ReplaceBattery),
        Sign::Equals(TRANSFER_CAUSE, 4, Fact::TransferForTest),
    ],
    charge: &[Measure::new(Scalar(CHARGE_PERCENT), 1.0, CHARGE)],
    runtime: &[Measure::new(
        Scalar(RUNTIME_REMAINING),
        TICKS_PER_MINUTE,
        RUNTIME,
    )],
    load: &[Measure::new(Scalar(LOAD_PERCENT), 1.0, LOAD)],
    input_voltage: &[Measure::new(Scalar(LINE_VOLTAGE), 10.0, VOLTAGE)],
    battery_temperature: &[
        Measure::new(Scalar(BATTERY_TEMPERATURE), 1.0, TEMPERATURE).unknown(&[-1, 0]),
        Measure::new(Scalar(SYSTEM_TEMPERATURE), 1.0, TEMPERATURE).unknown(&[-1, 0]),
    ],
    seconds_on_battery: &[Measure::new(Scalar(TIME_ON_BATTERY), 100.0, SECONDS)],
};
