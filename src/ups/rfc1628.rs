//! RFC 1628, the UPS-MIB that most cards serve, `1.3.6.1.2.1.33.1`, and what vendors
//! cloned from it leaf by leaf: Riello, `1.3.6.1.4.1.5491.10.1`, and Sinetica,
//! `1.3.6.1.4.1.13891.101`.
//!
//! The runtime is whole minutes, with many ways to say "unknown". The id of
//! the last test stays when it has ended: only its result tells that one runs.

use crate::ups::family::Family;
use crate::ups::mib::Object::{First, Highest, Scalar};
use crate::ups::mib::{
    CHARGE, Fact, Feed, LOAD, Measure, Mib, RUNTIME, SECONDS, Sign, TEMPERATURE, VOLTAGE,
};
use crate::ups::value::Oid;

/// The whole table below one root.
macro_rules! ups_mib {
    ($family:expr, $($root:literal),+) => {{
        const MODEL: Oid = &[$($root),+, 1, 2, 0];
        const BATTERY_STATUS: Oid = &[$($root),+, 2, 1, 0];
        const SECONDS_ON_BATTERY: Oid = &[$($root),+, 2, 2, 0];
        const ESTIMATED_MINUTES: Oid = &[$($root),+, 2, 3, 0];
        const ESTIMATED_CHARGE: Oid = &[$($root),+, 2, 4, 0];
        const BATTERY_TEMPERATURE: Oid = &[$($root),+, 2, 7, 0];
        const INPUT_VOLTAGE: Oid = &[$($root),+, 3, 3, 1, 3];
        const OUTPUT_SOURCE: Oid = &[$($root),+, 4, 1, 0];
        const OUTPUT_LOAD: Oid = &[$($root),+, 4, 4, 1, 5];
        const ALARMS_PRESENT: Oid = &[$($root),+, 6, 1, 0];
        const ALARM: Oid = &[$($root),+, 6, 2, 1, 2];
        const BATTERY_BAD: Oid = &[$($root),+, 6, 3, 1];
        const ON_BATTERY: Oid = &[$($root),+, 6, 3, 2];
        const LOW_BATTERY: Oid = &[$($root),+, 6, 3, 3];
        const DEPLETED_BATTERY: Oid = &[$($root),+, 6, 3, 4];
        const INPUT_BAD: Oid = &[$($root),+, 6, 3, 6];
        const OUTPUT_OVERLOAD: Oid = &[$($root),+, 6, 3, 8];
        const ON_BYPASS: Oid = &[$($root),+, 6, 3, 9];
        const COMMUNICATIONS_LOST: Oid = &[$($root),+, 6, 3, 20];
        const TEST_IN_PROGRESS: Oid = &[$($root),+, 6, 3, 24];
        const TEST_RESULT: Oid = &[$($root),+, 7, 3, 0];
        Mib {
            family: $family,
            detected_by: OUTPUT_SOURCE,
            beside_rfc1628: false,
            identity: &[MODEL],
            status: OUTPUT_SOURCE,
            feeds: &[
                // `other` is sent by Tripp Lite in economy mode.
                (1, Feed::Other, "other"),
                (2, Feed::Off, "none"),
                (3, Feed::Mains, "normal"),
                (4, Feed::Bypass, "bypass"),
                (5, Feed::Battery, "battery"),
                (6, Feed::Mains, "booster"),
                (7, Feed::Mains, "reducer"),
            ],
            signs: &[
                Sign::Equals(BATTERY_STATUS, 2, Fact::BatteryNotLow),
                Sign::Equals(BATTERY_STATUS, 3, Fact::BatteryLow),
                Sign::Equals(BATTERY_STATUS, 4, Fact::BatteryLow),
                Sign::Equals(TEST_RESULT, 5, Fact::SelfTest),
                Sign::Equals(ALARMS_PRESENT, 0, Fact::NoAlarm),
                Sign::Listed(ALARM, BATTERY_BAD, Fact::ReplaceBattery),
                Sign::Listed(ALARM, ON_BATTERY, Fact::OnBattery),
                Sign::Listed(ALARM, LOW_BATTERY, Fact::BatteryLow),
                Sign::Listed(ALARM, DEPLETED_BATTERY, Fact::BatteryLow),
                Sign::Listed(ALARM, INPUT_BAD, Fact::MainsBad),
                Sign::Listed(ALARM, OUTPUT_OVERLOAD, Fact::Overload),
                Sign::Listed(ALARM, ON_BYPASS, Fact::OnBypass),
                Sign::Listed(ALARM, COMMUNICATIONS_LOST, Fact::CardLostUps),
                Sign::Listed(ALARM, TEST_IN_PROGRESS, Fact::SelfTest),
            ],
            charge: &[Measure::new(Scalar(ESTIMATED_CHARGE), 1.0, CHARGE)],
            runtime: &[
                Measure::new(Scalar(ESTIMATED_MINUTES), 1.0, RUNTIME).unknown(&[
                    -1,
                    0,
                    65_535,
                    2_147_483_647,
                    4_294_967_295,
                ]),
            ],
            load: &[Measure::new(Highest(OUTPUT_LOAD), 1.0, LOAD)],
            // Delta's Mini-SNMP sends tenths.
            input_voltage: &[Measure::new(First(INPUT_VOLTAGE), 1.0, VOLTAGE).tenths_from(600.0)],
            // Dell and Eaton send 0 where they have no sensor.
            battery_temperature: &[Measure::new(Scalar(BATTERY_TEMPERATURE), 1.0, TEMPERATURE)
                .unknown(&[-273, -1, 0])
                .tenths_from(150.0)],
            seconds_on_battery: &[Measure::new(Scalar(SECONDS_ON_BATTERY), 1.0, SECONDS)],
        }
    }};
}

pub(super) const MIB: Mib = ups_mib!(Family::Rfc1628, 1, 3, 6, 1, 2, 1, 33, 1);
pub(super) const RIELLO: Mib = ups_mib!(Family::Riello, 1, 3, 6, 1, 4, 1, 5491, 10, 1);
pub(super) const SINETICA: Mib = ups_mib!(Family::Sinetica, 1, 3, 6, 1, 4, 1, 13_891, 101);
