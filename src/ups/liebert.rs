//! Liebert and Vertiv `LIEBERT-GP-POWER-MIB`: `1.3.6.1.4.1.476.1.42.3.5`.
//!
//! What it lacks, its cards tell by RFC 1628. Newer cards have a table of points
//! whose values are all text, enumerations and numbers alike; it is read where
//! neither of the other two is there.

use crate::ups::family::Family;
use crate::ups::mib::Object::Scalar;
use crate::ups::mib::{CHARGE, Fact, Feed, Measure, Mib, RUNTIME, Sign, enterprise};
use crate::ups::value::Oid;

const CHARGE_STATUS: Oid = enterprise![476, 1, 42, 3, 5, 1, 14, 0];
const REMAINING_MINUTES: Oid = enterprise![476, 1, 42, 3, 5, 1, 18, 0];
const CAPACITY: Oid = enterprise![476, 1, 42, 3, 5, 1, 19, 0];
const OUTPUT_SOURCE: Oid = enterprise![476, 1, 42, 3, 5, 3, 55, 0];

pub(super) const MIB: Mib = Mib {
    family: Family::Liebert,
    detected_by: OUTPUT_SOURCE,
    beside_rfc1628: true,
    identity: &[],
    status: OUTPUT_SOURCE,
    feeds: &[
        (1, Feed::Other, "other"),
        (2, Feed::Off, "none"),
        (3, Feed::Mains, "normal"),
        (4, Feed::Bypass, "bypass"),
        (5, Feed::Battery, "battery"),
        (6, Feed::Mains, "booster"),
        (7, Feed::Mains, "reducer"),
    ],
    signs: &[Sign::Equals(CHARGE_STATUS, 4, Fact::OnBattery)],
    charge: &[Measure::new(Scalar(CAPACITY), 1.0, CHARGE)],
    runtime: &[Measure::new(Scalar(REMAINING_MINUTES), 1.0, RUNTIME).unknown(&[0, 65_535])],
    load: &[],
    input_voltage: &[],
    battery_temperature: &[],
    seconds_on_battery: &[],
};

/// The value of a point in the flexible table.
macro_rules! point {
    ($id:literal) => {
        enterprise![476, 1, 42, 3, 9, 20, 1, 20, 1, 2, 1, $id]
    };
}
const BATTERY_TIME_REMAINING: Oid = point!(4150);
const UPS_OUTPUT_SOURCE: Oid = point!(4872);

pub(super) const FLEXIBLE: Mib = Mib {
    family: Family::Liebert,
    detected_by: UPS_OUTPUT_SOURCE,
    beside_rfc1628: false,
    identity: &[],
    status: UPS_OUTPUT_SOURCE,
    feeds: &[
        (1, Feed::Other, "other"),
        (2, Feed::Off, "none"),
        (2, Feed::Off, "off"),
        (3, Feed::Mains, "normal"),
        (4, Feed::Bypass, "bypass"),
        (4, Feed::Bypass, "maintenance bypass"),
        (5, Feed::Battery, "battery"),
        (6, Feed::Mains, "booster"),
        (7, Feed::Mains, "reducer"),
    ],
    signs: &[],
    charge: &[],
    runtime: &[Measure::new(Scalar(BATTERY_TIME_REMAINING), 1.0, RUNTIME).unknown(&[0, 65_535])],
    load: &[],
    input_voltage: &[],
    battery_temperature: &[],
    seconds_on_battery: &[],
};
