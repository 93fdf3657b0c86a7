//! Whether a queue's data still live.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::acd::blind::Blind;
use crate::acd::queue::Queue;
use crate::signals::later;

/// How long a longest wait may stand still while callers wait. Some ACDs tell it in
/// whole minutes.
pub const FROZEN_AFTER: SignedDuration = SignedDuration::from_secs(90);

/// Where no figure tells the time, callers who wait and a queue in which nothing at
/// all happens are believed so many times longer.
const WITHOUT_A_CLOCK: i32 = 10;

/// So many readings alike at least: two may be one, fetched twice.
const FEWEST_READINGS: u32 = 3;

/// Watches one queue for data that stand still. An empty queue is never frozen: at
/// night nothing changes, and that is as it should be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pulse {
    after: SignedDuration,
    /// The longest wait of callers that wait, where it is told and not nought.
    wait: Option<Still<u32>>,
    /// The whole queue while callers wait.
    whole: Option<Still<Queue>>,
}

/// A value that has not changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Still<T> {
    value: T,
    since: Timestamp,
    readings: u32,
}

impl Pulse {
    /// `after`: how long a longest wait may stand still, [`FROZEN_AFTER`] as a rule;
    /// more where the source is brought up to date less often.
    pub fn new(after: SignedDuration) -> Self {
        Self {
            after,
            wait: None,
            whole: None,
        }
    }

    /// Takes a reading in; [`Blind::Frozen`] where it cannot be of now.
    pub fn feel(&mut self, now: Timestamp, queue: &Queue) -> Result<(), Blind> {
        let waits = queue.waiting.is_some_and(|waiting| waiting > 0);
        let wait = queue.longest_wait.filter(|wait| waits && *wait > 0);
        self.wait = next(self.wait.take(), wait, now);
        self.whole = next(self.whole.take(), waits.then(|| queue.clone()), now);
        let still = [
            self.wait
                .as_ref()
                .and_then(|it| it.outlasts(self.after, now)),
            self.whole
                .as_ref()
                .and_then(|it| it.outlasts(self.after * WITHOUT_A_CLOCK, now)),
        ];
        match still.into_iter().flatten().max() {
            Some(seconds) => Err(Blind::Frozen { seconds }),
            None => Ok(()),
        }
    }
}

impl<T> Still<T> {
    /// For how many seconds it has stood, where that is too long.
    fn outlasts(&self, longest: SignedDuration, now: Timestamp) -> Option<u64> {
        let held = later(self.since, longest) <= now && self.readings >= FEWEST_READINGS;
        held.then(|| now.duration_since(self.since).as_secs().unsigned_abs())
    }
}

fn next<T: PartialEq>(
    before: Option<Still<T>>,
    value: Option<T>,
    now: Timestamp,
) -> Option<Still<T>> {
    let value = value?;
    match before {
        // A clock set back proves nothing.
        Some(before) if before.value == value && before.since <= now => Some(Still {
            readings: before.readings.saturating_add(1),
            ..before
        }),
        _ => Some(Still {
            value,
            since: now,
            readings: 1,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn queue(waiting: u32, longest_wait: Option<u32>) -> Queue {
        Queue {
            waiting: Some(waiting),
            longest_wait,
            ..Queue::default()
        }
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + seconds).unwrap()
    }

    fn feel(pulse: &mut Pulse, seconds: i64, waiting: u32, wait: Option<u32>) -> Option<u64> {
        match pulse.feel(at(seconds), &queue(waiting, wait)) {
            Ok(()) => None,
            Err(Blind::Frozen { seconds }) => Some(seconds),
            Err(blind) => panic!("{blind:?}"),
        }
    }

    #[test]
    fn a_longest_wait_that_stands_still_while_callers_wait_is_frozen_until_it_moves() {
        let mut pulse = Pulse::new(FROZEN_AFTER);
        for seconds in (0..90).step_by(5) {
            assert_eq!(feel(&mut pulse, seconds, 4, Some(37)), None);
        }
        // Another number of callers does not make the wait a live one.
        assert_eq!(feel(&mut pulse, 90, 5, Some(37)), Some(90));
        assert_eq!(feel(&mut pulse, 300, 5, Some(37)), Some(300));
        assert_eq!(feel(&mut pulse, 305, 5, Some(42)), None);
    }

    #[test]
    fn an_empty_queue_is_never_frozen_however_long_the_night() {
        let mut pulse = Pulse::new(FROZEN_AFTER);
        for minutes in 0..720 {
            assert_eq!(feel(&mut pulse, minutes * 60, 0, Some(0)), None);
            // Some keep the wait of the last caller.
            assert_eq!(feel(&mut pulse, minutes * 60 + 30, 0, Some(12)), None);
        }
    }

    #[test]
    fn a_live_queue_is_not_frozen_by_callers_that_come_and_go() {
        let mut pulse = Pulse::new(FROZEN_AFTER);
        for minutes in 0..60 {
            let wait = u32::try_from(minutes % 3 * 60 + 1).unwrap();
            assert_eq!(feel(&mut pulse, minutes * 60, 3, Some(wait)), None);
        }
    }

    #[test]
    fn without_a_wait_a_queue_in_which_nothing_happens_is_frozen_after_a_quarter_of_an_hour() {
        let mut pulse = Pulse::new(FROZEN_AFTER);
        for seconds in (0..900).step_by(30) {
            assert_eq!(feel(&mut pulse, seconds, 3, None), None);
        }
        assert_eq!(feel(&mut pulse, 900, 3, None), Some(900));
        assert_eq!(feel(&mut pulse, 930, 2, None), None);
        // A wait of nought tells no time either.
        let mut pulse = Pulse::new(FROZEN_AFTER);
        assert_eq!(feel(&mut pulse, 0, 1, Some(0)), None);
        assert_eq!(feel(&mut pulse, 400, 1, Some(0)), None);
        assert_eq!(feel(&mut pulse, 890, 1, Some(0)), None);
        assert_eq!(feel(&mut pulse, 905, 1, Some(0)), Some(905));
    }

    #[test]
    fn two_readings_far_apart_are_no_proof_and_a_clock_set_back_starts_anew() {
        let mut pulse = Pulse::new(FROZEN_AFTER);
        assert_eq!(feel(&mut pulse, 0, 3, Some(50)), None);
        assert_eq!(feel(&mut pulse, 300, 3, Some(50)), None);
        assert_eq!(feel(&mut pulse, 600, 3, Some(50)), Some(600));
        assert_eq!(feel(&mut pulse, -100, 3, Some(50)), None);
    }
}
