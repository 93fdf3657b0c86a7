//! Tripp Lite `TRIPPLITE-PRODUCTS`: `1.3.6.1.4.1.850.1.1.3.1.3`.
//!
//! Everything stands in tables by device; the first device is read. Sensors
//! that are absent hold negative numbers in an unsigned type.

use crate::ups::family::Family;
use crate::ups::mib::Object::{First, Highest, Scalar};
use crate::ups::mib::{
    CHARGE, Fact, Feed, LOAD, Measure, Mib, RUNTIME, SECONDS, Sign, VOLTAGE, enterprise,
};
use crate::ups::value::Oid;

const BATTERY_STATUS: Oid = enterprise![850, 1, 1, 3, 1, 3, 1, 1, 1, 1, 1];
const SECONDS_ON_BATTERY: Oid = enterprise![850, 1, 1, 3, 1, 3, 1, 1, 1, 2, 1];
const ESTIMATED_MINUTES: Oid = enterprise![850, 1, 1, 3, 1, 3, 1, 1, 1, 3, 1];
const ESTIMATED_CHARGE: Oid = enterprise![850, 1, 1, 3, 1, 3, 1, 1, 1, 4, 1];
const INPUT_VOLTAGE: Oid = enterprise![850, 1, 1, 3, 1, 3, 2, 2, 1, 1, 3, 1];
const OUTPUT_SOURCE: Oid = enterprise![850, 1, 1, 3, 1, 3, 3, 1, 1, 1, 1];
const OUTPUT_LOAD: Oid = enterprise![850, 1, 1, 3, 1, 3, 3, 2, 1, 1, 5, 1];

pub(super) const MIB: Mib = Mib {
    family: Family::TrippLite,
    detected_by: OUTPUT_SOURCE,
    beside_rfc1628: true,
    identity: &[],
    status: OUTPUT_SOURCE,
    feeds: &[
        (0, Feed::Unknown, "unknown"),
        (1, Feed::Other, "other"),
        (2, Feed::Off, "none"),
        (3, Feed::Mains, "normal"),
        (4, Feed::Bypass, "bypass"),
        (5, Feed::Battery, "battery"),
        (6, Feed::Mains, "boosting"),
        (7, Feed::Mains, "reducing"),
        (8, Feed::Mains, "second"),
        (9, Feed::Eco, "economy"),
        (10, Feed::BatteryTest, "testing"),
    ],
    signs: &[
        Sign::Equals(BATTERY_STATUS, 2, Fact::BatteryNotLow),
        Sign::Equals(BATTERY_STATUS, 3, Fact::BatteryLow),
        Sign::Equals(BATTERY_STATUS, 4, Fact::BatteryLow),
    ],
    charge: &[Measure::new(Scalar(ESTIMATED_CHARGE), 1.0, CHARGE)],
    runtime: &[Measure::new(Scalar(ESTIMATED_MINUTES), 1.0, RUNTIME).unknown(&[0, 65_535])],
    load: &[Measure::new(Highest(OUTPUT_LOAD), 1.0, LOAD)],
    input_voltage: &[Measure::new(First(INPUT_VOLTAGE), 10.0, VOLTAGE)],
    battery_temperature: &[],
    seconds_on_battery: &[Measure::new(Scalar(SECONDS_ON_BATTERY), 1.0, SECONDS)],
};
