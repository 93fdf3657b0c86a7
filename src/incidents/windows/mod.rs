//! Maintenance windows: somebody works on the supply or on the seats of a place.
//!
//! People set them, with an owner and an end. Inside one, what the work brings with
//! it opens nothing and is counted instead: mains gone, a UPS or a PC silent, within
//! the window's scope alone. It is an allow-list: a low battery, a battery shorter
//! than what remains and an overrun are told as always, and what no window expects
//! (another circuit, what people raise) does not know of windows at all.

pub(super) mod ledger;
pub(super) mod orders;
pub(super) mod places;
pub(super) mod refusal;
pub(super) mod rules;
pub(super) mod saying;
#[cfg(test)]
mod stories;
pub(super) mod view;
pub(super) mod window;
