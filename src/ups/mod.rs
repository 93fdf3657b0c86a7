//! What UPSs mean: MIB families as data, one honest reading, the verdict.
//!
//! In come the [`Values`] that a device answered, matched by object identifier;
//! out comes one [`Reading`] with units, where a value that is absent or
//! implausible is `None`, never a number. A family is a [`Mib`]: a table of
//! objects, scales and meanings; all families are judged by one [`judge`].
//! No I/O here.

mod cps;
mod dell;
mod delta;
mod family;
mod huawei;
mod judgement;
mod liebert;
mod mge;
mod mib;
mod nut;
mod own;
mod phoenixtec;
mod powernet;
mod reading;
mod rfc1628;
mod served;
mod socomec;
mod tripplite;
mod value;
mod words;
mod xups;

#[cfg(test)]
mod device;
#[cfg(test)]
mod facts;
#[cfg(test)]
mod quirks;

pub use family::Family;
pub use judgement::{LOW_CHARGE_PERCENT, LOW_RUNTIME_MINUTES, judge};
pub use mib::{Extent, Feed, Mib, Object, SYS_UPTIME, Wanted};
pub use nut::judge_nut;
pub use own::{Flow, OwnPower, Supply, SupplyKind};
pub use reading::{Reading, Verdict, is_another};
pub use served::{MIBS, Served};
pub use value::{Oid, Value, Values, dotted};
