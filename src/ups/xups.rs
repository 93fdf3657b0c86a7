//! Eaton `XUPS-MIB`, `1.3.6.1.4.1.534.1`, and its clone in HP's `CPQPOWER-MIB`,
//! `1.3.6.1.4.1.232.165.3`.
//!
//! There is no object for a low battery: only the table of alarms tells it, and
//! that table is there only while there are alarms. Two of its alarms are good
//! news and stay listed, so their count says nothing.

use crate::ups::family::Family;
use crate::ups::mib::Object::{First, Scalar};
use crate::ups::mib::{
    CHARGE, Fact, Feed, LOAD, Measure, Mib, RUNTIME, SECONDS_PER_MINUTE, Sign, VOLTAGE, enterprise,
};
use crate::ups::value::Oid;

/// The last eight are what old firmware sends: the modes of its serial protocol.
const FEEDS: &[(i64, Feed, &str)] = &[
    (1, Feed::Other, "other"),
    (2, Feed::Off, "none"),
    (3, Feed::Mains, "normal"),
    (4, Feed::Bypass, "bypass"),
    (5, Feed::Battery, "battery"),
    (6, Feed::Mains, "booster"),
    (7, Feed::Mains, "reducer"),
    (8, Feed::Mains, "parallelCapacity"),
    (9, Feed::Mains, "parallelRedundant"),
    (10, Feed::Eco, "highEfficiencyMode"),
    (11, Feed::Bypass, "maintenanceBypass"),
    (12, Feed::Eco, "essMode"),
    (0x10, Feed::Off, "none"),
    (0x50, Feed::Mains, "normal"),
    (0x60, Feed::Bypass, "bypass"),
    (0x64, Feed::Bypass, "maintenanceBypass"),
    (0xf0, Feed::Battery, "battery"),
];

const MODEL: Oid = enterprise![534, 1, 1, 2, 0];
const RUNTIME_SECONDS: Oid = enterprise![534, 1, 2, 1, 0];
const BATTERY_CAPACITY: Oid = enterprise![534, 1, 2, 4, 0];
const BATTERY_ABM_STATUS: Oid = enterprise![534, 1, 2, 5, 0];
const INPUT_VOLTAGE: Oid = enterprise![534, 1, 3, 4, 1, 2];
const OUTPUT_LOAD: Oid = enterprise![534, 1, 4, 1, 0];
const OUTPUT_SOURCE: Oid = enterprise![534, 1, 4, 5, 0];
const ALARM: Oid = enterprise![534, 1, 7, 2, 1, 2];
const ON_BATTERY: Oid = enterprise![534, 1, 7, 3];
const LOW_BATTERY: Oid = enterprise![534, 1, 7, 4];
const OUTPUT_OVERLOAD: Oid = enterprise![534, 1, 7, 7];
const BATTERY_DISCHARGED: Oid = enterprise![534, 1, 7, 9];
const ON_BYPASS: Oid = enterprise![534, 1, 7, 11];
const OUTPUT_OFF: Oid = enterprise![534, 1, 7, 13];
const INPUT_FAILURE: Oid = enterprise![534, 1, 7, 14];
const BATTERY_BAD: Oid = enterprise![534, 1, 7, 23];
const COMMUNICATIONS_LOST: Oid = enterprise![534, 1, 7, 26];
const TEST_IN_PROGRESS: Oid = enterprise![534, 1, 7, 28];
const MAINTENANCE_BYPASS: Oid = enterprise![534, 1, 7, 48];
const TEST_STATUS: Oid = enterprise![534, 1, 8, 2, 0];

pub(super) const EATON: Mib = Mib {
    family: Family::Xups,
    detected_by: OUTPUT_SOURCE,
    beside_rfc1628: true,
    identity: &[MODEL],
    status: OUTPUT_SOURCE,
    feeds: FEEDS,
    signs: &[
        Sign::Equals(BATTERY_ABM_STATUS, 2, Fact::OnBattery),
        Sign::Equals(TEST_STATUS, 4, Fact::SelfTest),
        Sign::Listed(ALARM, ON_BATTERY, Fact::OnBattery),
        Sign::Listed(ALARM, LOW_BATTERY, Fact::BatteryLow),
        Sign::Listed(ALARM, BATTERY_DISCHARGED, Fact::BatteryLow),
        Sign::Listed(ALARM, OUTPUT_OVERLOAD, Fact::Overload),
        Sign::Listed(ALARM, ON_BYPASS, Fact::OnBypass),
        Sign::Listed(ALARM, OUTPUT_OFF, Fact::OutputOff),
        Sign::Listed(ALARM, INPUT_FAILURE, Fact::MainsBad),
        Sign::Listed(ALARM, BATTERY_BAD, Fact::ReplaceBattery),
        Sign::Listed(ALARM, COMMUNICATIONS_LOST, Fact::CardLostUps),
        Sign::Listed(ALARM, TEST_IN_PROGRESS, Fact::SelfTest),
        Sign::Listed(ALARM, MAINTENANCE_BYPASS, Fact::OnBypass),
    ],
    charge: &[Measure::new(Scalar(BATTERY_CAPACITY), 1.0, CHARGE)],
    runtime: &[Measure::new(Scalar(RUNTIME_SECONDS), SECONDS_PER_MINUTE, RUNTIME).unknown(&[0])],
    load: &[Measure::new(Scalar(OUTPUT_LOAD), 1.0, LOAD)],
    input_voltage: &[Measure::new(First(INPUT_VOLTAGE), 1.0, VOLTAGE)],
    // What it measures is the room.
    battery_temperature: &[],
    seconds_on_battery: &[],
};

const CPQ_MODEL: Oid = enterprise![232, 165, 3, 1, 2, 0];
const CPQ_RUNTIME_SECONDS: Oid = enterprise![232, 165, 3, 2, 1, 0];
const CPQ_BATTERY_CAPACITY: Oid = enterprise![232, 165, 3, 2, 4, 0];
const CPQ_BATTERY_ABM_STATUS: Oid = enterprise![232, 165, 3, 2, 5, 0];
const CPQ_INPUT_VOLTAGE: Oid = enterprise![232, 165, 3, 3, 4, 1, 2];
const CPQ_OUTPUT_LOAD: Oid = enterprise![232, 165, 3, 4, 1, 0];
const CPQ_OUTPUT_SOURCE: Oid = enterprise![232, 165, 3, 4, 5, 0];
const CPQ_TEST_STATUS: Oid = enterprise![232, 165, 3, 7, 2, 0];

pub(super) const CPQ_POWER: Mib = Mib {
    family: Family::CpqPower,
    detected_by: CPQ_OUTPUT_SOURCE,
    beside_rfc1628: true,
    identity: &[CPQ_MODEL],
    status: CPQ_OUTPUT_SOURCE,
    feeds: FEEDS,
    signs: &[
        Sign::Equals(CPQ_BATTERY_ABM_STATUS, 2, Fact::OnBattery),
        Sign::Equals(CPQ_TEST_STATUS, 4, Fact::SelfTest),
    ],
    charge: &[Measure::new(Scalar(CPQ_BATTERY_CAPACITY), 1.0, CHARGE)],
    runtime: &[
        Measure::new(Scalar(CPQ_RUNTIME_SECONDS), SECONDS_PER_MINUTE, RUNTIME).unknown(&[0]),
    ],
    load: &[Measure::new(Scalar(CPQ_OUTPUT_LOAD), 1.0, LOAD)],
    input_voltage: &[Measure::new(First(CPQ_INPUT_VOLTAGE), 1.0, VOLTAGE)],
    battery_temperature: &[],
    seconds_on_battery: &[],
};
