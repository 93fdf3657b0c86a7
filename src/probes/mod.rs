//! The eyes: they ask the devices and bring readings.
//!
//! An attempt takes settings in and gives one reading back; the loop owns the
//! schedule. One stuck device delays no other: each has its own task.

mod eye;
pub mod snmp;
mod trace;
mod watch;

pub use eye::Blind;
pub use trace::{Trace, trace_ups};
pub use watch::{Pace, watch_ups};
