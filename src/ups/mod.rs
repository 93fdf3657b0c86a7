//! What UPSs mean: MIB families as data, one honest reading, the verdict.
//!
//! In come the [`Values`] that a device answered, matched by object identifier;
//! out comes one [`Reading`] with units, where a value that is absent or
//! implausible is `None`, never a number. A family is a [`Mib`]: a table of
//! objects, scales and meanings; all families are judged by one [`judge`].
//! No I/O here.

mod cps;
mod family;
mod judgement;
mod mib;
mod powernet;
mod reading;
mod rfc1628;
mod value;
mod words;

pub use family::Family;
pub use judgement::{LOW_CHARGE_PERCENT, LOW_RUNTIME_MINUTES, judge};
pub use mib::{Extent, Feed, Mib, Object, SYS_UPTIME, Wanted};
pub use reading::{Reading, Verdict};
pub use value::{Oid, Value, Values, dotted};

/// Every family, in the order of detection: a vendor's own objects tell more
/// than RFC 1628, so they win where both answer.
pub const MIBS: [&Mib; 3] = [&powernet::MIB, &cps::MIB, &rfc1628::MIB];

/// The family of a device, by what it answers to every family's status object.
///
/// `sysObjectID` is not asked: cards of one vendor carry another's. A status
/// that answers NULL counts only where no family answers better.
pub fn detect(values: &Values) -> Option<&'static Mib> {
    let tells = |mib: &&'static Mib| {
        values
            .get(mib.status)
            .is_some_and(|status| status.integer().is_some())
    };
    let exists = |mib: &&'static Mib| values.contains_key(mib.status);
    let mut mibs = MIBS.into_iter();
    mibs.clone().find(tells).or_else(|| mibs.find(exists))
}
