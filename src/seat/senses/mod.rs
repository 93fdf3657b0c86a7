//! What this PC is like: each sensor is a file, and what one cannot see it does not tell.
//!
//! Files of the kernel are read every ten seconds, what costs more every thirty; logind and
//! the sound server say themselves when something changes. Each takes the folder above
//! `proc`, `sys` and `etc`, so that a test can hand it a PC of its own making.

mod adapters;
mod disks;
mod headset;
mod heat;
mod lasting;
mod load;
mod look;
pub(super) mod machine;
mod outward;
pub(super) mod session;
mod sip;
mod softphone;
pub(super) mod sound;

pub(super) use look::{Around, follow, once};
pub(super) use outward::can_ask;
