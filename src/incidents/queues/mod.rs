//! Queues of callers: when one is not under control, how many are short, who is rung up.
//!
//! Readings of an ACD become turns of `queue.calls`, with hysteresis; a queue of which
//! nothing is known is blind, never calm. What cards say of a queue is measured too, and
//! changes no faster than people read.

pub(super) mod answering;
pub(super) mod course;
pub(super) mod demand;
pub(super) mod figures;
pub(super) mod pool;
pub(super) mod ringing;
pub(super) mod rule;
pub(super) mod said;
pub(super) mod watched;
pub(super) mod word;

#[cfg(test)]
mod stories;
