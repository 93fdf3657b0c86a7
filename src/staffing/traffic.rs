//! The traffic that callers offer, and Erlang B, from which both models start.

use std::ops::RangeInclusive;

use jiff::SignedDuration;

/// The most traffic that is judged: twenty times the largest centre we reckon with.
pub const MOST_ERLANGS: f64 = 100_000.0;

const SECOND: SignedDuration = SignedDuration::from_secs(1);
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// Figures from which no number of agents follows.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum Nonsense {
    #[error("the {what} of {seconds} s makes no sense: give {least} to {most} s")]
    Duration {
        what: &'static str,
        seconds: f64,
        least: f64,
        most: f64,
    },
    #[error("the {what} of {share} makes no sense: give a share above 0 and below 1")]
    Share { what: &'static str, share: f64 },
    #[error("{erlangs} Erlang are more than {MOST_ERLANGS}: check the calls and the handling time")]
    TooMuch { erlangs: f64 },
}

/// Calls that arrive at random at a steady rate, and how long one takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Traffic {
    rate: f64,
    handling: f64,
    erlangs: f64,
}

impl Traffic {
    /// `calls` that joined within `period` (1 s to a day), hung up or not; one
    /// takes `handling` (1 s to a day) on average, wrap-up included.
    pub fn new(
        calls: u32,
        period: SignedDuration,
        handling: SignedDuration,
    ) -> Result<Self, Nonsense> {
        let period = seconds("period of counting", period, SECOND..=DAY)?;
        let handling = time_of_a_person("mean handling time", handling)?;
        // Multiplied first, so that whole Erlangs stay whole.
        let erlangs = f64::from(calls) * handling / period;
        if erlangs > MOST_ERLANGS {
            return Err(Nonsense::TooMuch { erlangs });
        }
        Ok(Self {
            rate: f64::from(calls) / period,
            handling,
            erlangs,
        })
    }

    /// Calls a second.
    pub fn rate(&self) -> f64 {
        self.rate
    }

    /// Mean handling time in seconds.
    pub fn handling(&self) -> f64 {
        self.handling
    }

    /// The offered load in Erlang: how many agents would be busy if nobody waited.
    pub fn erlangs(&self) -> f64 {
        self.erlangs
    }

    /// Erlang B: the share of calls that find all `agents` busy where none may wait.
    pub fn blocked(&self, agents: u32) -> f64 {
        let mut blocked = 1.0;
        for number in 1..=agents {
            blocked = self.blocked_with(number, blocked);
            if blocked == 0.0 {
                break;
            }
        }
        blocked
    }

    /// Erlang B with `agents` (1 or more) from Erlang B with one fewer: the
    /// recurrence that overflows nowhere, as factorials and powers do from 150
    /// agents on. What no `f64` holds in full is 0.
    pub(super) fn blocked_with(&self, agents: u32, with_one_fewer: f64) -> f64 {
        let busy = self.erlangs * with_one_fewer;
        let blocked = busy / (f64::from(agents) + busy);
        if blocked < f64::MIN_POSITIVE {
            0.0
        } else {
            blocked
        }
    }
}

/// A time that a person spends: 1 s to a day, in seconds.
pub(super) fn time_of_a_person(
    what: &'static str,
    duration: SignedDuration,
) -> Result<f64, Nonsense> {
    seconds(what, duration, SECOND..=DAY)
}

pub(super) fn seconds(
    what: &'static str,
    duration: SignedDuration,
    sensible: RangeInclusive<SignedDuration>,
) -> Result<f64, Nonsense> {
    let seconds = duration.as_secs_f64();
    if sensible.contains(&duration) {
        Ok(seconds)
    } else {
        Err(Nonsense::Duration {
            what,
            seconds,
            least: sensible.start().as_secs_f64(),
            most: sensible.end().as_secs_f64(),
        })
    }
}
