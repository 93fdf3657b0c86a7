//! MGE and Eaton network cards: `1.3.6.1.4.1.705.1`.
//!
//! Nearly all is yes (1) or no (2). A Galaxy tells its input line to line.

use crate::ups::family::Family;
use crate::ups::mib::Object::{First, Highest, Scalar};
use crate::ups::mib::{
    CHARGE, Fact, Feed, LOAD, Measure, Mib, RUNTIME, SECONDS_PER_MINUTE, Sign, TEMPERATURE,
    VOLTAGE, enterprise,
};
use crate::ups::value::Oid;

const REMAINING_TIME: Oid = enterprise![705, 1, 5, 1, 0];
const BATTERY_LEVEL: Oid = enterprise![705, 1, 5, 2, 0];
const BATTERY_TEMPERATURE: Oid = enterprise![705, 1, 5, 7, 0];
const BATTERY_FAULT: Oid = enterprise![705, 1, 5, 9, 0];
const REPLACE_BATTERY: Oid = enterprise![705, 1, 5, 11, 0];
const LOW_BATTERY: Oid = enterprise![705, 1, 5, 14, 0];
const LOW_CONDITION: Oid = enterprise![705, 1, 5, 16, 0];
const INPUT_VOLTAGE: Oid = enterprise![705, 1, 6, 2, 1, 2];
const INPUT_BAD: Oid = enterprise![705, 1, 6, 3, 0];
const INPUT_FAIL_CAUSE: Oid = enterprise![705, 1, 6, 4, 0];
const OUTPUT_LOAD: Oid = enterprise![705, 1, 7, 2, 1, 4];
const ON_BATTERY: Oid = enterprise![705, 1, 7, 3, 0];
const ON_BYPASS: Oid = enterprise![705, 1, 7, 4, 0];
const OUTPUT_OFF: Oid = enterprise![705, 1, 7, 7, 0];
const OVERLOAD: Oid = enterprise![705, 1, 7, 10, 0];

const MODEL: Oid = enterprise![705, 1, 1, 2, 0];
const SERIAL_NUMBER: Oid = enterprise![705, 1, 1, 7, 0];

pub(super) const MIB: Mib = Mib {
    family: Family::Mge,
    detected_by: ON_BATTERY,
    beside_rfc1628: true,
    identity: &[MODEL, SERIAL_NUMBER],
    status: ON_BATTERY,
    feeds: &[(1, Feed::Battery, "battery"), (2, Feed::Mains, "normal")],
    signs: &[
        Sign::Equals(LOW_BATTERY, 1, Fact::BatteryLow),
        Sign::Equals(LOW_BATTERY, 2, Fact::BatteryNotLow),
        Sign::Equals(LOW_CONDITION, 1, Fact::BatteryLow),
        Sign::Equals(BATTERY_FAULT, 1, Fact::ReplaceBattery),
        Sign::Equals(REPLACE_BATTERY, 1, Fact::ReplaceBattery),
        Sign::Equals(INPUT_BAD, 1, Fact::MainsBad),
        Sign::Equals(INPUT_FAIL_CAUSE, 4, Fact::MainsBad),
        Sign::Equals(ON_BYPASS, 1, Fact::OnBypass),
        Sign::Equals(OUTPUT_OFF, 1, Fact::OutputOff),
        Sign::Equals(OVERLOAD, 1, Fact::Overload),
    ],
    charge: &[Measure::new(Scalar(BATTERY_LEVEL), 1.0, CHARGE)],
    runtime: &[Measure::new(Scalar(REMAINING_TIME), SECONDS_PER_MINUTE, RUNTIME).unknown(&[0])],
    load: &[Measure::new(Highest(OUTPUT_LOAD), 1.0, LOAD)],
    input_voltage: &[Measure::new(First(INPUT_VOLTAGE), 10.0, VOLTAGE)],
    battery_temperature: &[
        Measure::new(Scalar(BATTERY_TEMPERATURE), 1.0, TEMPERATURE).unknown(&[-1, 0])
    ],
    seconds_on_battery: &[],
};
