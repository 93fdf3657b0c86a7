//! APC `PowerNet-MIB`: `1.3.6.1.4.1.318.1.1.1`.
//!
//! Times are `TimeTicks`, the high-precision group is in tenths with -1 for
//! "unsupported". Older cards say `onBattery` during a self-test too; the test
//! objects tell it apart.

use crate::ups::family::Family;
use crate::ups::mib::Object::{First, Highest, Scalar};
use crate::ups::mib::{
    CHARGE, Fact, Feed, LOAD, Measure, Mib, RUNTIME, SECONDS, Sign, TEMPERATURE, TICKS_PER_MINUTE,
    VOLTAGE, enterprise,
};
use crate::ups::value::Oid;

const BATTERY_STATUS: Oid = &[1, 3, 6, 1, 4, 1, 318, 1, 1, 1, 2, 1, 1, 0];
const TIME_ON_BATTERY: Oid = &[1, 3, 6, 1, 4, 1, 318, 1, 1, 1, 2, 1, 2, 0];
const CHARGE_PERCENT: Oid = &[1, 3, 6, 1, 4, 1, 318, 1, 1, 1, 2, 2, 1, 0];
const TEMPERATURE_DEGREES: Oid = &[1, 3, 6, 1, 4, 1, 318, 1, 1, 1, 2, 2, 2, 0];
const RUNTIME_REMAINING: Oid = &[1, 3, 6, 1, 4, 1, 318, 1, 1, 1, 2, 2, 3, 0];
const REPLACE_INDICATOR: Oid = &[1, 3, 6, 1, 4, 1, 318, 1, 1, 1, 2, 2, 4, 0];
const CHARGE_TENTHS: Oid = &[1, 3, 6, 1, 4, 1, 318, 1, 1, 1, 2, 3, 1, 0];
const TEMPERATURE_TENTHS: Oid = &[1, 3, 6, 1, 4, 1, 318, 1, 1, 1, 2, 3, 2, 0];
const LINE_VOLTAGE: Oid = &[1, 3, 6, 1, 4, 1, 318, 1, 1, 1, 3, 2, 1, 0];
const TRANSFER_CAUSE: Oid = &[1, 3, 6, 1, 4, 1, 318, 1, 1, 1, 3, 2, 5, 0];
const LINE_VOLTAGE_TENTHS: Oid = &[1, 3, 6, 1, 4, 1, 318, 1, 1, 1, 3, 3, 1, 0];
const OUTPUT_STATUS: Oid = &[1, 3, 6, 1, 4, 1, 318, 1, 1, 1, 4, 1, 1, 0];
const LOAD_PERCENT: Oid = &[1, 3, 6, 1, 4, 1, 318, 1, 1, 1, 4, 2, 3, 0];
const LOAD_TENTHS: Oid = &[1, 3, 6, 1, 4, 1, 318, 1, 1, 1, 4, 3, 3, 0];
const SELF_TEST_RESULT: Oid = &[1, 3, 6, 1, 4, 1, 318, 1, 1, 1, 7, 2, 3, 0];
const CALIBRATION_RESULT: Oid = &[1, 3, 6, 1, 4, 1, 318, 1, 1, 1, 7, 2, 6, 0];
const COMMUNICATION: Oid = &[1, 3, 6, 1, 4, 1, 318, 1, 1, 1, 8, 1, 0];
const PHASE_VOLTAGE: Oid = &[1, 3, 6, 1, 4, 1, 318, 1, 1, 1, 9, 2, 3, 1, 3];
const PHASE_LOAD: Oid = &[1, 3, 6, 1, 4, 1, 318, 1, 1, 1, 9, 3, 3, 1, 10];
/// 64 flags as characters, `0` or `1`; or the word UNKNOWN.
const STATE_FLAGS: Oid = &[1, 3, 6, 1, 4, 1, 318, 1, 1, 1, 11, 1, 1, 0];

const MODEL: Oid = enterprise![318, 1, 1, 1, 1, 1, 1, 0];
const SERIAL_NUMBER: Oid = enterprise![318, 1, 1, 1, 1, 2, 3, 0];

pub(super) const MIB: Mib = Mib {
    family: Family::Powernet,
    detected_by: OUTPUT_STATUS,
    beside_rfc1628: true,
    identity: &[MODEL, SERIAL_NUMBER],
    status: OUTPUT_STATUS,
    feeds: &[
        (1, Feed::Unknown, "unknown"),
        (2, Feed::Mains, "onLine"),
        (3, Feed::Battery, "onBattery"),
        (4, Feed::Mains, "onSmartBoost"),
        (5, Feed::Off, "timedSleeping"),
        (6, Feed::Bypass, "softwareBypass"),
        (7, Feed::Off, "off"),
        (8, Feed::Off, "rebooting"),
        (9, Feed::Bypass, "switchedBypass"),
        (10, Feed::Bypass, "hardwareFailureBypass"),
        (11, Feed::Off, "sleepingUntilPowerReturn"),
        (12, Feed::Mains, "onSmartTrim"),
        (13, Feed::Eco, "ecoMode"),
        (14, Feed::Mains, "hotStandby"),
        (15, Feed::BatteryTest, "onBatteryTest"),
        (16, Feed::Bypass, "emergencyStaticBypass"),
        (17, Feed::Bypass, "staticBypassStandby"),
        (18, Feed::Eco, "powerSavingMode"),
        (19, Feed::Mains, "spotMode"),
        (20, Feed::Eco, "eConversion"),
        (21, Feed::Mains, "chargerSpotmode"),
        (22, Feed::Mains, "inverterSpotmode"),
        (23, Feed::Mains, "activeLoad"),
        (24, Feed::BatteryTest, "batteryDischargeSpotmode"),
        (25, Feed::Mains, "inverterStandby"),
        (26, Feed::Off, "chargerOnly"),
        // Feeds the grid's need from the battery while the mains are there.
        (27, Feed::Unknown, "distributedEnergyReserve"),
        (28, Feed::BatteryTest, "selfTest"),
    ],
    signs: &[
        Sign::Equals(BATTERY_STATUS, 2, Fact::BatteryNotLow),
        Sign::Equals(BATTERY_STATUS, 3, Fact::BatteryLow),
        // A fault is not low, nor is an absent battery, whatever other drivers make of it.
        Sign::Equals(BATTERY_STATUS, 4, Fact::ReplaceBattery),
        Sign::Equals(BATTERY_STATUS, 5, Fact::BatteryAbsent),
        Sign::Equals(REPLACE_INDICATOR, 2, Fact::ReplaceBattery),
        Sign::Equals(TRANSFER_CAUSE, 3, Fact::TransferForMains),
        Sign::Equals(TRANSFER_CAUSE, 4, Fact::TransferForMains),
        Sign::Equals(TRANSFER_CAUSE, 9, Fact::TransferForTest),
        Sign::Equals(SELF_TEST_RESULT, 4, Fact::SelfTest),
        Sign::Equals(CALIBRATION_RESULT, 3, Fact::Calibration),
        Sign::Equals(COMMUNICATION, 2, Fact::CardLostUps),
        Sign::Flag(STATE_FLAGS, 2, Fact::OnBattery),
        Sign::Flag(STATE_FLAGS, 3, Fact::BatteryLow),
        Sign::Flag(STATE_FLAGS, 4, Fact::OnMains),
        Sign::Flag(STATE_FLAGS, 5, Fact::ReplaceBattery),
        // Frozen: it is on line or on battery, and the card does not hear it.
        Sign::FlagWithout(STATE_FLAGS, 6, 2, Fact::CardLostUps),
        Sign::FlagWithout(STATE_FLAGS, 6, 4, Fact::CardLostUps),
        Sign::Flag(STATE_FLAGS, 9, Fact::Overload),
        Sign::Flag(STATE_FLAGS, 10, Fact::Calibration),
        Sign::Flag(STATE_FLAGS, 12, Fact::OnBypass),
        Sign::Flag(STATE_FLAGS, 13, Fact::OnBypass),
        Sign::Flag(STATE_FLAGS, 14, Fact::OnBypass),
        Sign::Flag(STATE_FLAGS, 15, Fact::OnBypass),
        Sign::Flag(STATE_FLAGS, 16, Fact::OnBypass),
        Sign::Flag(STATE_FLAGS, 29, Fact::SelfTest),
        Sign::Flag(STATE_FLAGS, 33, Fact::BatteryAbsent),
    ],
    charge: &[
        Measure::new(Scalar(CHARGE_TENTHS), 10.0, CHARGE),
        Measure::new(Scalar(CHARGE_PERCENT), 1.0, CHARGE),
    ],
    runtime: &[Measure::new(
        Scalar(RUNTIME_REMAINING),
        TICKS_PER_MINUTE,
        RUNTIME,
    )],
    load: &[
        Measure::new(Scalar(LOAD_TENTHS), 10.0, LOAD),
        Measure::new(Scalar(LOAD_PERCENT), 1.0, LOAD),
        Measure::new(Highest(PHASE_LOAD), 1.0, LOAD),
    ],
    input_voltage: &[
        Measure::new(Scalar(LINE_VOLTAGE_TENTHS), 10.0, VOLTAGE),
        Measure::new(Scalar(LINE_VOLTAGE), 1.0, VOLTAGE),
        Measure::new(First(PHASE_VOLTAGE), 1.0, VOLTAGE),
    ],
    battery_temperature: &[
        Measure::new(Scalar(TEMPERATURE_TENTHS), 10.0, TEMPERATURE).unknown(&[-1]),
        Measure::new(Scalar(TEMPERATURE_DEGREES), 1.0, TEMPERATURE).unknown(&[-1]),
    ],
    seconds_on_battery: &[Measure::new(Scalar(TIME_ON_BATTERY), 100.0, SECONDS)],
};
