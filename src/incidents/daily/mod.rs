//! What IT is to see to, in one message at a fixed hour of each working day.
//!
//! What is said is looked up when the hour has come ([`lines`]): the state of things
//! now, and what the entries since the last time add up to ([`tally`]). The entry that
//! says it is also what keeps it from being said twice ([`rule`]).

pub(super) mod lines;
pub(super) mod rule;
pub(super) mod tally;

#[cfg(test)]
mod stories;
