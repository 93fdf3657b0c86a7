//! What the callers of one queue ask for, from what was counted.

use jiff::SignedDuration;

use crate::incidents::queues::watched::{Count, Watched};
use crate::site;
use crate::staffing::FEWEST_CALLS;

/// A rate of a shorter time is mostly chance.
const SHORTEST_COUNT: SignedDuration = SignedDuration::from_mins(2);
/// So many calls make a mean handling time.
const FEWEST_HANDLED: u32 = 20;
/// So many hang-ups make a mean patience.
const FEWEST_HANG_UPS: u32 = 10;
/// What is measured outside these is a fault of the measuring.
const TALKS: (f64, f64) = (15.0, 3600.0);
const PATIENCES: (f64, f64) = (15.0, 1800.0);

/// What was counted of one queue, and what follows for one call.
#[derive(Clone, Copy, Debug)]
pub(in crate::incidents) struct Asked {
    pub(in crate::incidents) calls: u32,
    pub(in crate::incidents) period: SignedDuration,
    pub(in crate::incidents) handling: SignedDuration,
    pub(in crate::incidents) patience: Option<SignedDuration>,
}

impl Asked {
    /// Of the last quarter of an hour, or of half an hour where that has too few calls;
    /// `None` where nothing is counted.
    pub(in crate::incidents) fn of(queue: &site::Queue, watched: &Watched) -> Option<Self> {
        let half = watched.half_hour()?;
        let count = watched
            .lately()
            .filter(|count| count.calls >= FEWEST_CALLS)
            .unwrap_or(half);
        (count.period >= SHORTEST_COUNT).then(|| Self {
            calls: count.calls,
            period: count.period,
            handling: talk(&half).map_or(queue.handling, |talk| talk + queue.wrap_up),
            patience: queue.patience.or_else(|| patience(&half)),
        })
    }
}

/// How long a call lasts on average: what agents talked by the calls that ended.
fn talk(count: &Count) -> Option<SignedDuration> {
    let completed = count.completed.filter(|calls| *calls >= FEWEST_HANDLED)?;
    mean(count.busy?, completed, TALKS)
}

/// How long callers wait on average before hanging up, where that is a matter of chance:
/// what all of them waited by the hang-ups.
fn patience(count: &Count) -> Option<SignedDuration> {
    let abandoned = count.abandoned.filter(|calls| *calls >= FEWEST_HANG_UPS)?;
    mean(count.waited, abandoned, PATIENCES)
}

fn mean(seconds: f64, count: u32, (least, most): (f64, f64)) -> Option<SignedDuration> {
    let mean = seconds / f64::from(count);
    let sensible = (least..=most).contains(&mean);
    sensible.then(|| SignedDuration::try_from_secs_f64(mean.round()).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count() -> Count {
        Count {
            period: SignedDuration::from_mins(30),
            calls: 60,
            completed: Some(40),
            abandoned: Some(20),
            waited: 2400.0,
            busy: Some(8000.0),
        }
    }

    #[test]
    fn talk_and_patience_are_measured_once_there_are_calls_enough() {
        let seconds = |seconds| Some(SignedDuration::from_secs(seconds));
        assert_eq!(talk(&count()), seconds(200));
        assert_eq!(patience(&count()), seconds(120));
        let few = Count {
            completed: Some(19),
            abandoned: Some(9),
            ..count()
        };
        assert_eq!((talk(&few), patience(&few)), (None, None));
    }

    #[test]
    fn what_cannot_be_is_not_believed() {
        let odd = Count {
            busy: Some(4.0),
            waited: 1e9,
            ..count()
        };
        assert_eq!((talk(&odd), patience(&odd)), (None, None));
        let untold = Count {
            busy: None,
            abandoned: None,
            ..count()
        };
        assert_eq!((talk(&untold), patience(&untold)), (None, None));
    }
}
