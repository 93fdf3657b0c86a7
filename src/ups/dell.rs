//! Dell `DELL-SNMP-UPS-MIB`: `1.3.6.1.4.1.674.10902.2`.
//!
//! It tells the runtime to the second; what feeds the output, and all else, its
//! cards tell by RFC 1628.

use crate::ups::family::Family;
use crate::ups::mib::Object::Scalar;
use crate::ups::mib::{Measure, Mib, RUNTIME, SECONDS_PER_MINUTE, enterprise};
use crate::ups::rfc1628;
use crate::ups::value::Oid;

const PRODUCT_STATUS: Oid = enterprise![674, 10_902, 2, 110, 1, 0];
const RUNTIME_SECONDS: Oid = enterprise![674, 10_902, 2, 120, 5, 3, 0];

pub(super) const MIB: Mib = Mib {
    family: Family::Dell,
    detected_by: PRODUCT_STATUS,
    beside_rfc1628: true,
    identity: &[],
    status: rfc1628::MIB.status,
    feeds: rfc1628::MIB.feeds,
    signs: &[],
    charge: &[],
    runtime: &[Measure::new(Scalar(RUNTIME_SECONDS), SECONDS_PER_MINUTE, RUNTIME).unknown(&[0])],
    load: &[],
    input_voltage: &[],
    battery_temperature: &[],
    seconds_on_battery: &[],
};
