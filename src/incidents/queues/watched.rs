//! What is known of a queue only for now: its last figures, and what was counted lately.

use std::collections::VecDeque;

use jiff::{SignedDuration, Timestamp};

use crate::acd::{self, Blind, FROZEN_AFTER, Lately, Pulse, Rates};
use crate::incidents::queues::figures::Figures;
use crate::signals::later;
use crate::text::Text;

/// The rate of now, where it has calls enough.
pub(in crate::incidents) const QUARTER: SignedDuration = SignedDuration::from_mins(15);
/// The longest time that is looked back.
pub(in crate::incidents) const HALF: SignedDuration = SignedDuration::from_mins(30);

/// What happened in a longer silence is not known, and all is counted anew.
const LONGEST_GAP: SignedDuration = SignedDuration::from_mins(2);
/// What was spent is kept by parts of this length.
const PART: SignedDuration = SignedDuration::from_secs(30);

#[derive(Clone, Debug)]
pub(in crate::incidents) struct Watched {
    /// The last that were believed.
    pub(in crate::incidents) figures: Figures,
    pub(in crate::incidents) seen_at: Timestamp,
    /// Why nothing is believed now.
    pub(in crate::incidents) blind: Option<Text>,
    pulse: Pulse,
    quarter: Rates,
    half: Rates,
    counted_since: Timestamp,
    last: Moment,
    parts: VecDeque<Part>,
}

/// What lasts until the next reading.
#[derive(Clone, Copy, Debug, Default)]
struct Moment {
    waiting: Option<u32>,
    busy: Option<u32>,
}

/// Seconds of callers that waited and of agents on a call.
#[derive(Clone, Copy, Debug)]
struct Part {
    begin: Timestamp,
    /// Who waited at its begin.
    waiting: Option<u32>,
    waited: f64,
    busy: Option<f64>,
}

/// What was counted within a time that ends now.
#[derive(Clone, Copy, Debug)]
pub(in crate::incidents) struct Count {
    pub(in crate::incidents) period: SignedDuration,
    /// Calls that joined.
    pub(in crate::incidents) calls: u32,
    /// Calls that were answered, and callers who hung up.
    pub(in crate::incidents) completed: Option<u32>,
    pub(in crate::incidents) abandoned: Option<u32>,
    /// Seconds that callers waited, together.
    pub(in crate::incidents) waited: f64,
    /// Seconds that agents were on calls, together.
    pub(in crate::incidents) busy: Option<f64>,
}

impl Watched {
    pub(in crate::incidents) fn new(now: Timestamp) -> Self {
        Self {
            figures: Figures::default(),
            seen_at: now,
            blind: None,
            pulse: Pulse::new(FROZEN_AFTER),
            quarter: Rates::new(QUARTER),
            half: Rates::new(HALF),
            counted_since: now,
            last: Moment::default(),
            parts: VecDeque::new(),
        }
    }

    /// Takes figures in that are believed, or finds that they stand still.
    pub(in crate::incidents) fn take(
        &mut self,
        now: Timestamp,
        queue: &acd::Queue,
    ) -> Result<(), Blind> {
        self.pulse.feel(now, queue)?;
        let gap = now.duration_since(self.seen_at);
        if gap > LONGEST_GAP || gap.is_negative() {
            *self = Self {
                pulse: self.pulse.clone(),
                ..Self::new(now)
            };
        } else {
            self.spend(now, gap.as_secs_f64());
        }
        self.quarter.take(now, queue.totals);
        self.half.take(now, queue.totals);
        self.figures = Figures::of(queue);
        self.last = Moment {
            waiting: queue.waiting,
            busy: queue.busy,
        };
        if self.parts.is_empty() {
            self.begin_part(now);
        }
        self.seen_at = now;
        self.blind = None;
        Ok(())
    }

    fn begin_part(&mut self, now: Timestamp) {
        self.parts.push_back(Part {
            begin: now,
            waiting: self.last.waiting,
            waited: 0.0,
            busy: Some(0.0),
        });
    }

    fn spend(&mut self, now: Timestamp, seconds: f64) {
        let last = self.last;
        if let Some(part) = self.parts.back_mut() {
            part.waited += last.waiting.map_or(0.0, f64::from) * seconds;
            let busy = last.busy.map(|busy| f64::from(busy) * seconds);
            part.busy = part.busy.zip(busy).map(|(so_far, more)| so_far + more);
            if later(part.begin, PART) <= now {
                self.begin_part(now);
            }
        }
        while self
            .parts
            .front()
            .is_some_and(|part| later(part.begin, HALF) <= now)
        {
            self.parts.pop_front();
        }
    }

    /// What was counted within the last quarter of an hour.
    pub(in crate::incidents) fn lately(&self) -> Option<Count> {
        self.count(QUARTER, &self.quarter.lately(self.seen_at))
    }

    /// What was counted within the last half hour.
    pub(in crate::incidents) fn half_hour(&self) -> Option<Count> {
        self.count(HALF, &self.half.lately(self.seen_at))
    }

    /// `None` where the ACD counts no calls, or nothing was counted yet.
    fn count(&self, window: SignedDuration, lately: &Lately) -> Option<Count> {
        let now = self.seen_at;
        let small = |calls: u64| u32::try_from(calls).unwrap_or(u32::MAX);
        let totals = lately.calls();
        let within = |part: &&Part| now < later(part.begin, window);
        let parts: Vec<&Part> = self.parts.iter().filter(within).collect();
        let before = parts.first().and_then(|part| part.waiting);
        let calls = if let Some(offered) = totals.offered {
            small(offered)
        } else {
            // Who joined and still waits has not ended.
            let ended = i64::from(small(lately.ended()?));
            let more = self.figures.waiting.zip(before);
            let more = more.map_or(0, |(now, before)| i64::from(now) - i64::from(before));
            u32::try_from((ended + more).max(0)).unwrap_or(u32::MAX)
        };
        let busy = parts.iter().map(|part| part.busy);
        Some(Count {
            period: now.duration_since(self.counted_since).min(window),
            calls,
            completed: totals.completed.map(small),
            abandoned: totals.abandoned.map(small),
            waited: parts.iter().map(|part| part.waited).sum(),
            busy: busy.sum(),
        })
    }

    pub(in crate::incidents) fn shift(&mut self, by: SignedDuration) {
        for moment in [&mut self.seen_at, &mut self.counted_since] {
            *moment = later(*moment, by);
        }
        for part in &mut self.parts {
            part.begin = later(part.begin, by);
        }
        // These have times of their own: they begin anew.
        self.pulse = Pulse::new(FROZEN_AFTER);
        self.quarter = Rates::new(QUARTER);
        self.half = Rates::new(HALF);
        self.counted_since = self.seen_at;
        self.parts.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + seconds).unwrap()
    }

    /// Every minute three calls are answered, one is abandoned and one more waits; six talk.
    fn rising(minute: i64) -> acd::Queue {
        let whole = u64::try_from(minute).unwrap();
        acd::Queue {
            waiting: Some(u32::try_from(whole).unwrap()),
            longest_wait: Some(u32::try_from(minute * 7 + 1).unwrap()),
            staffed: Some(7),
            paused: Some(1),
            busy: Some(6),
            totals: acd::Totals {
                completed: Some(100 + 3 * whole),
                abandoned: Some(10 + whole),
                ..acd::Totals::default()
            },
            ..acd::Queue::default()
        }
    }

    #[test]
    fn calls_that_joined_are_those_that_ended_and_those_that_came_to_wait() {
        let mut watched = Watched::new(at(0));
        for minute in 0..=10 {
            watched.take(at(60 * minute), &rising(minute)).unwrap();
        }
        let count = watched.lately().unwrap();
        assert_eq!(count.period, SignedDuration::from_mins(10));
        assert_eq!(count.calls, 50);
        assert_eq!((count.completed, count.abandoned), (Some(30), Some(10)));
        assert!((count.busy.unwrap() - 3600.0).abs() < 1e-9, "{count:?}");
        // 0, 1, ... 9 waited for a minute each.
        assert!((count.waited - 2700.0).abs() < 1e-9, "{count:?}");
    }

    #[test]
    fn after_a_silence_all_is_counted_anew_and_an_acd_without_totals_counts_nothing() {
        let mut watched = Watched::new(at(0));
        watched.take(at(0), &rising(0)).unwrap();
        watched.take(at(60), &rising(1)).unwrap();
        watched.take(at(600), &rising(10)).unwrap();
        assert_eq!(watched.lately().map(|count| count.calls), None);
        watched.take(at(660), &rising(11)).unwrap();
        assert_eq!(watched.lately().unwrap().calls, 5);
        let mut silent = Watched::new(at(0));
        let untold = acd::Queue {
            totals: acd::Totals::default(),
            ..rising(3)
        };
        silent.take(at(0), &untold).unwrap();
        silent.take(at(5), &untold).unwrap();
        assert!(silent.half_hour().is_none());
    }

    #[test]
    fn only_the_last_half_hour_is_kept() {
        let mut watched = Watched::new(at(0));
        for minute in 0..=240 {
            watched.take(at(60 * minute), &rising(minute)).unwrap();
        }
        assert!(watched.parts.len() <= 61, "{}", watched.parts.len());
        let calls = watched.half_hour().unwrap().calls;
        assert!((145..=155).contains(&calls), "{calls}");
    }
}
