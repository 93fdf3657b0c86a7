//! Phoenixtec and Megatec cards, sold under many names: `XPPC-MIB`
//! (`1.3.6.1.4.1.935.1.1.1`) and `EPPC-MIB` (`1.3.6.1.4.1.935.10.1.1`).
//!
//! What they do not know is -1, or 9999 seconds of runtime. On a three-phase UPS
//! the objects of a single phase cannot be relied on, so those of the phases win.

use crate::ups::family::Family;
use crate::ups::mib::Object::{First, Highest, HighestOf, Scalar};
use crate::ups::mib::{
    CHARGE, Fact, Feed, LOAD, Measure, Mib, RUNTIME, SECONDS, SECONDS_PER_MINUTE, Sign,
    TEMPERATURE, VOLTAGE, enterprise,
};
use crate::ups::value::Oid;

const MODEL: Oid = enterprise![935, 1, 1, 1, 1, 1, 1, 0];
const BATTERY_STATUS: Oid = enterprise![935, 1, 1, 1, 2, 1, 1, 0];
const BATTERY_CAPACITY: Oid = enterprise![935, 1, 1, 1, 2, 2, 1, 0];
const BATTERY_TEMPERATURE: Oid = enterprise![935, 1, 1, 1, 2, 2, 3, 0];
const BATTERY_RUNTIME: Oid = enterprise![935, 1, 1, 1, 2, 2, 4, 0];
const LINE_VOLTAGE: Oid = enterprise![935, 1, 1, 1, 3, 2, 1, 0];
const OUTPUT_STATUS: Oid = enterprise![935, 1, 1, 1, 4, 1, 1, 0];
const OUTPUT_LOAD: Oid = enterprise![935, 1, 1, 1, 4, 2, 3, 0];
const INPUT_VOLTAGE_R: Oid = enterprise![935, 1, 1, 1, 8, 2, 2, 0];
const LOAD_R: Oid = enterprise![935, 1, 1, 1, 8, 3, 5, 0];
const LOAD_S: Oid = enterprise![935, 1, 1, 1, 8, 3, 6, 0];
const LOAD_T: Oid = enterprise![935, 1, 1, 1, 8, 3, 7, 0];

pub(super) const XPPC: Mib = Mib {
    family: Family::Xppc,
    detected_by: OUTPUT_STATUS,
    beside_rfc1628: true,
    identity: &[MODEL],
    status: OUTPUT_STATUS,
    feeds: &[
        (1, Feed::Unknown, "unknown"),
        (2, Feed::Mains, "onLine"),
        (3, Feed::Battery, "onBattery"),
        (4, Feed::Mains, "onBoost"),
        (5, Feed::Off, "sleeping"),
        (6, Feed::Bypass, "onBypass"),
        (7, Feed::Off, "rebooting"),
        // Sent by healthy units that carry a load.
        (8, Feed::Inverter, "standBy"),
        (9, Feed::Mains, "onBuck"),
    ],
    signs: &[
        Sign::Equals(BATTERY_STATUS, 2, Fact::BatteryNotLow),
        Sign::Equals(BATTERY_STATUS, 3, Fact::BatteryLow),
    ],
    charge: &[Measure::new(Scalar(BATTERY_CAPACITY), 1.0, CHARGE)],
    runtime: &[
        Measure::new(Scalar(BATTERY_RUNTIME), SECONDS_PER_MINUTE, RUNTIME).unknown(&[0, 9999]),
    ],
    load: &[
        Measure::new(HighestOf(&[LOAD_R, LOAD_S, LOAD_T]), 10.0, LOAD).unknown(&[0]),
        Measure::new(Scalar(OUTPUT_LOAD), 1.0, LOAD),
    ],
    input_voltage: &[
        Measure::new(Scalar(INPUT_VOLTAGE_R), 10.0, VOLTAGE).unknown(&[0]),
        Measure::new(Scalar(LINE_VOLTAGE), 10.0, VOLTAGE),
    ],
    battery_temperature: &[
        Measure::new(Scalar(BATTERY_TEMPERATURE), 10.0, TEMPERATURE).unknown(&[-1, 0])
    ],
    seconds_on_battery: &[],
};

const EPPC_STATUS: Oid = enterprise![935, 10, 1, 1, 2, 1, 0];
const EPPC_INPUT_VOLTAGE: Oid = enterprise![935, 10, 1, 1, 2, 16, 1, 3];
const EPPC_OUTPUT_LOAD: Oid = enterprise![935, 10, 1, 1, 2, 18, 1, 7];
const EPPC_BATTERY_STATUS: Oid = enterprise![935, 10, 1, 1, 3, 1, 0];
const EPPC_SECONDS_ON_BATTERY: Oid = enterprise![935, 10, 1, 1, 3, 2, 0];
const EPPC_REMAINING_MINUTES: Oid = enterprise![935, 10, 1, 1, 3, 3, 0];
const EPPC_CHARGE: Oid = enterprise![935, 10, 1, 1, 3, 4, 0];
const EPPC_BATTERY_TEMPERATURE: Oid = enterprise![935, 10, 1, 1, 3, 8, 0];

pub(super) const EPPC: Mib = Mib {
    family: Family::Eppc,
    detected_by: EPPC_STATUS,
    beside_rfc1628: true,
    identity: &[],
    status: EPPC_STATUS,
    feeds: &[
        (1, Feed::Unknown, "powerOn"),
        (2, Feed::Off, "standby"),
        (3, Feed::Bypass, "bypass"),
        (4, Feed::Mains, "line"),
        (5, Feed::Battery, "battery"),
        (6, Feed::BatteryTest, "batteryTest"),
        (7, Feed::Unknown, "fault"),
        (8, Feed::Mains, "converter"),
        (9, Feed::Eco, "eco"),
        (10, Feed::Off, "shutdown"),
        (11, Feed::Mains, "onBooster"),
        (12, Feed::Mains, "onReducer"),
    ],
    signs: &[
        Sign::Equals(EPPC_BATTERY_STATUS, 2, Fact::BatteryNotLow),
        Sign::Equals(EPPC_BATTERY_STATUS, 3, Fact::BatteryLow),
        Sign::Equals(EPPC_BATTERY_STATUS, 4, Fact::BatteryLow),
        Sign::Equals(EPPC_BATTERY_STATUS, 5, Fact::OnBattery),
        Sign::Equals(EPPC_BATTERY_STATUS, 6, Fact::ReplaceBattery),
    ],
    charge: &[Measure::new(Scalar(EPPC_CHARGE), 1.0, CHARGE)],
    runtime: &[Measure::new(Scalar(EPPC_REMAINING_MINUTES), 1.0, RUNTIME).unknown(&[0, 65_535])],
    load: &[Measure::new(Highest(EPPC_OUTPUT_LOAD), 1.0, LOAD)],
    input_voltage: &[Measure::new(First(EPPC_INPUT_VOLTAGE), 10.0, VOLTAGE)],
    battery_temperature: &[
        Measure::new(Scalar(EPPC_BATTERY_TEMPERATURE), 10.0, TEMPERATURE).unknown(&[-1, 0]),
    ],
    seconds_on_battery: &[Measure::new(Scalar(EPPC_SECONDS_ON_BATTERY), 1.0, SECONDS)],
};
