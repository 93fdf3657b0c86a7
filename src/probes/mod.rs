//! The eyes: they ask the devices and bring readings.
//!
//! An attempt takes settings in and gives one reading back; the loop owns the
//! schedule. One stuck device delays no other: each has its own task.

pub mod access;
pub mod acd;
pub mod ami;
mod aside;
pub mod backup;
mod blind;
mod datagram;
mod eye;
pub mod nut;
mod pace;
mod place;
mod questions;
pub mod reach;
pub mod sensor;
pub mod snmp;
mod source;
mod trace;
pub mod trap;
mod watch;

pub use blind::Blind;
pub use pace::Pace;
pub use place::read_place;
pub use source::Settings;
pub use trace::{Trace, trace_ups};
pub use watch::{Asked, BEGINS_APART, watch_ups};
