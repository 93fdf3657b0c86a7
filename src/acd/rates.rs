//! Our own service level and rate of abandoned calls, from an ACD's totals.
//!
//! An ACD's percentages are not to be had: Asterisk's counts only completed calls, so
//! that a surge in which 33 of 40 hang up reads 100 %.

use std::collections::VecDeque;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::acd::queue::Totals;
use crate::signals::later;

/// Parts of the window that are counted apart: what is kept does not grow with the
/// number of readings.
const PARTS: i32 = 60;

/// What became of the calls of one queue within a window of time that ends now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rates {
    window: SignedDuration,
    last: Option<(Timestamp, Totals)>,
    parts: VecDeque<Part>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Part {
    begin: Timestamp,
    calls: Totals,
}

impl Rates {
    pub fn new(window: SignedDuration) -> Self {
        Self {
            window,
            last: None,
            parts: VecDeque::new(),
        }
    }

    /// Takes totals in. The first ones count nothing: they say when nothing began. A
    /// total that went down was reset, and then each of them counts from nought.
    pub fn take(&mut self, now: Timestamp, totals: Totals) {
        self.forget(now);
        let before = self.last.replace((now, totals));
        let Some((at, before)) = before else { return };
        // What happened in a longer silence may lie outside the window.
        if at > now || later(at, self.window) < now {
            return;
        }
        let calls = since(before, totals);
        let within = |part: &&mut Part| now < later(part.begin, self.window / PARTS);
        match self.parts.back_mut().filter(within) {
            Some(part) => part.calls = sum(part.calls, calls),
            None => self.parts.push_back(Part { begin: now, calls }),
        }
    }

    /// What became of the calls within the window that ends at `now`.
    pub fn lately(&self, now: Timestamp) -> Lately {
        let within = self
            .parts
            .iter()
            .filter(|part| part.begin <= now && now < later(part.begin, self.window));
        Lately(
            within
                .map(|part| part.calls)
                .reduce(sum)
                .unwrap_or_default(),
        )
    }

    fn forget(&mut self, now: Timestamp) {
        let window = self.window;
        self.parts
            .retain(|part| part.begin <= now && now < later(part.begin, window));
    }
}

/// Calls within a window; `None` is what the ACD does not tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lately(Totals);

impl Lately {
    /// Calls that joined, were completed, were abandoned, were answered in time.
    pub fn calls(&self) -> Totals {
        self.0
    }

    /// Calls whose waiting ended, one way or the other.
    pub fn ended(&self) -> Option<u64> {
        let Totals {
            offered,
            completed,
            abandoned,
            ..
        } = self.0;
        match (completed, abandoned) {
            (Some(completed), Some(abandoned)) => Some(completed + abandoned),
            _ => offered,
        }
    }

    /// Of the calls that ended, those answered within the target, in percent; `None`
    /// where none ended. Whoever hung up was not answered in time, however early.
    pub fn service_level_percent(&self) -> Option<f64> {
        percent(self.0.within_level?, self.ended()?)
    }

    /// Of the calls that ended, those that were abandoned, in percent; `None` where none ended.
    pub fn abandoned_percent(&self) -> Option<f64> {
        percent(self.0.abandoned?, self.ended()?)
    }
}

/// At most 100: totals of one moment need not be counted at one moment.
fn percent(part: u64, whole: u64) -> Option<f64> {
    #[expect(
        clippy::cast_precision_loss,
        reason = "no queue has 2^52 calls in a window"
    )]
    let share = part as f64 / whole as f64;
    (whole > 0).then_some((share * 100.0).min(100.0))
}

/// What happened between two totals.
fn since(before: Totals, now: Totals) -> Totals {
    let went_down = |before: Option<u64>, now: Option<u64>| match (before, now) {
        (Some(before), Some(now)) => now < before,
        _ => false,
    };
    // Not by the calls in time: those may be made of a rounded percentage.
    let reset = went_down(before.offered, now.offered)
        || went_down(before.completed, now.completed)
        || went_down(before.abandoned, now.abandoned);
    let before = if reset {
        Totals {
            offered: Some(0),
            completed: Some(0),
            abandoned: Some(0),
            within_level: Some(0),
        }
    } else {
        before
    };
    let more = |before: Option<u64>, now: Option<u64>| Some(now?.saturating_sub(before?));
    Totals {
        offered: more(before.offered, now.offered),
        completed: more(before.completed, now.completed),
        abandoned: more(before.abandoned, now.abandoned),
        within_level: more(before.within_level, now.within_level),
    }
}

fn sum(one: Totals, other: Totals) -> Totals {
    let both = |one: Option<u64>, other: Option<u64>| match (one, other) {
        (Some(one), Some(other)) => Some(one.saturating_add(other)),
        (one, other) => one.or(other),
    };
    Totals {
        offered: both(one.offered, other.offered),
        completed: both(one.completed, other.completed),
        abandoned: both(one.abandoned, other.abandoned),
        within_level: both(one.within_level, other.within_level),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HALF_AN_HOUR: SignedDuration = SignedDuration::from_mins(30);

    fn totals(completed: u64, abandoned: u64, within_level: u64) -> Totals {
        Totals {
            offered: None,
            completed: Some(completed),
            abandoned: Some(abandoned),
            within_level: Some(within_level),
        }
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + seconds).unwrap()
    }

    fn shown(lately: Lately) -> (Option<f64>, Option<f64>) {
        (lately.service_level_percent(), lately.abandoned_percent())
    }

    #[test]
    fn a_surge_in_which_33_of_40_hang_up_is_no_hundred_percent() {
        let mut rates = Rates::new(HALF_AN_HOUR);
        rates.take(at(0), totals(1000, 10, 990));
        assert_eq!(
            shown(rates.lately(at(0))),
            (None, None),
            "nothing ended yet"
        );
        rates.take(at(5), totals(1004, 30, 994));
        rates.take(at(10), totals(1007, 43, 997));
        assert_eq!(shown(rates.lately(at(10))), (Some(17.5), Some(82.5)));
        assert_eq!(rates.lately(at(10)).ended(), Some(40));
    }

    #[test]
    fn totals_that_went_down_were_reset_and_all_of_them_count_from_nought() {
        let mut rates = Rates::new(HALF_AN_HOUR);
        rates.take(at(0), totals(50, 2, 40));
        rates.take(at(5), totals(3, 2, 3));
        assert_eq!(rates.lately(at(5)).calls(), totals(3, 2, 3));
        // A rounded percentage that goes down by one is none.
        rates.take(at(10), totals(4, 2, 2));
        assert_eq!(rates.lately(at(10)).calls(), totals(4, 2, 3));
    }

    #[test]
    fn what_is_older_than_the_window_is_forgotten_and_little_is_kept() {
        let mut rates = Rates::new(HALF_AN_HOUR);
        for second in 0..7200 {
            let calls = u64::try_from(second).unwrap();
            rates.take(at(second), totals(calls, 0, calls));
        }
        let ended = rates.lately(at(7199)).ended().unwrap();
        assert!((1770..=1800).contains(&ended), "{ended}");
        assert!(rates.parts.len() <= 61, "{}", rates.parts.len());
        assert_eq!(rates.lately(at(7199 + 1800)).ended(), None);
    }

    #[test]
    fn calls_of_a_long_silence_or_before_a_clock_set_back_are_not_counted() {
        let mut rates = Rates::new(HALF_AN_HOUR);
        rates.take(at(0), totals(10, 0, 10));
        rates.take(at(1801), totals(300, 50, 200));
        assert_eq!(rates.lately(at(1801)).ended(), None);
        rates.take(at(1806), totals(301, 50, 201));
        assert_eq!(rates.lately(at(1806)).ended(), Some(1));
        rates.take(at(0), totals(302, 50, 202));
        assert_eq!(rates.lately(at(0)).ended(), None);
    }

    #[test]
    fn an_acd_that_tells_offered_and_abandoned_alone_still_has_a_rate() {
        let mut rates = Rates::new(HALF_AN_HOUR);
        let told = |offered, abandoned| Totals {
            offered: Some(offered),
            abandoned: Some(abandoned),
            ..Totals::default()
        };
        rates.take(at(0), told(0, 0));
        rates.take(at(60), told(20, 5));
        assert_eq!(shown(rates.lately(at(60))), (None, Some(25.0)));
    }
}
