//! How many agents the callers need: Erlang C and Erlang A.
//!
//! In comes a [`Demand`] (calls counted, how long one takes, what is promised);
//! out comes an [`Estimate`]: the fewest agents that keep the promise and what
//! one, two and three more would bring, or that too few calls were counted to
//! say. [`erlang_c`] supposes that nobody hangs up, [`erlang_a`] knows how long
//! callers wait before they do. Both are stable up to [`MOST_ERLANGS`], refuse
//! [`Nonsense`], and always end.

pub mod erlang_a;
pub mod erlang_c;
mod estimate;
mod goal;
mod traffic;
#[cfg(test)]
mod vectors;

pub use estimate::{
    Clearing, Demand, Estimate, FEWEST_CALLS, LONGEST_COUNT_MINUTES, Need, Outlook,
};
pub use goal::Goal;
pub use traffic::{MOST_ERLANGS, Nonsense, Traffic};
