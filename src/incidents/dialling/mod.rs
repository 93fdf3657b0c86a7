//! Rings people up by itself, before a person is asked to do it.
//!
//! The Board decides who is rung, and writes it down ([`dial::Dial`]); a call without an
//! end is owed, as a message is. What became of it comes back as an input. Where nobody
//! hears of it, or the telephone itself is what failed, a person is asked on the screen.

pub(super) mod callees;
pub(super) mod dial;
pub(super) mod fold;
pub(super) mod rule;
pub(super) mod saying;

#[cfg(test)]
mod stories;
