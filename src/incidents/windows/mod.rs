//! Windows: the supply of a place is expected to be disturbed, by maintenance, by a power
//! cut that was announced, or by a test of the generator.
//!
//! People set them, with an owner and an end. Inside one, what it brings with
//! it opens nothing and is counted instead: mains gone, a UPS or a PC silent, within
//! the window's scope alone. It is an allow-list: a low battery, a battery shorter
//! than what remains, an early start and an overrun are told, and what no window expects
//! (another circuit, what people raise) does not know of windows at all.

#[cfg(test)]
mod announced;
pub(super) mod ledger;
pub(super) mod near;
pub(super) mod orders;
pub(super) mod places;
#[cfg(test)]
mod proofs;
pub(super) mod proving;
pub(super) mod refusal;
pub(super) mod rules;
pub(super) mod saying;
#[cfg(test)]
mod stories;
pub(super) mod view;
pub(super) mod window;
