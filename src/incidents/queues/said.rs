//! What cards say of queues now, and that it does not hop: worse is said soon, anything
//! else after two calm minutes, and all figures change together.

use jiff::{SignedDuration, Timestamp};

use crate::incidents::queues::figures::minutes;
use crate::incidents::queues::pool::{Outlook, Pool};
use crate::signals::later;
use crate::staffing::Clearing;

/// Something worse is said so long after the last, and no sooner.
const SOON: SignedDuration = SignedDuration::from_secs(30);
/// Anything else is said once it has differed for so long.
const CALM: SignedDuration = SignedDuration::from_mins(2);
/// A backlog grows by this part, or by [`MORE`] callers, before it is said.
const GROWS: u32 = 4;
const MORE: u32 = 2;
/// Minutes are rounded up to these.
const STEP: u32 = 5;
const HOUR: u32 = 60;

/// What is said of some queues.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::incidents) struct Speech {
    pub(in crate::incidents) waiting: Option<u32>,
    pub(in crate::incidents) longest_minutes: Option<u32>,
    pub(in crate::incidents) on_line: Option<u32>,
    pub(in crate::incidents) staffing: Staffing,
    pub(in crate::incidents) left: Option<Left>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::incidents) enum Staffing {
    Uncounted,
    TooFewCalls,
    Needs {
        agents: u32,
        /// Absent where nobody tells how many are on line.
        short: Option<u32>,
        clears: Clears,
    },
}

/// When the backlog is gone with as many as are needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::incidents) enum Clears {
    NobodyWaits,
    /// In minutes.
    Within(u32),
    OverAnHour,
    /// Calls come as fast as they are answered, and only those who hang up make it shorter.
    Slowly,
}

/// What those answer who are left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::incidents) struct Left {
    pub(in crate::incidents) agents: u32,
    /// As promised, in half an hour.
    pub(in crate::incidents) calls: u32,
    /// Of the calls that come, rounded down to five.
    pub(in crate::incidents) percent: u32,
}

/// What was said last.
#[derive(Clone, Copy, Debug)]
pub(in crate::incidents) struct Said {
    pub(in crate::incidents) speech: Speech,
    /// How many were on line when it was said first.
    pub(in crate::incidents) on_line_first: Option<u32>,
    at: Timestamp,
    differs_since: Option<Timestamp>,
}

impl Speech {
    /// Of pools with people of their own each; `None` where there is none.
    pub(in crate::incidents) fn of(pools: &[Pool], left: Option<Left>) -> Option<Self> {
        (!pools.is_empty()).then_some(())?;
        let figures = || pools.iter().map(|pool| pool.figures);
        Some(Self {
            waiting: figures()
                .filter_map(|it| it.waiting)
                .reduce(u32::saturating_add),
            longest_minutes: figures().filter_map(|it| it.longest).max().map(minutes),
            on_line: on_line(pools),
            staffing: staffing(pools),
            left,
        })
    }

    /// Whether it is so much worse than `before` that it does not wait.
    fn is_worse_than(&self, before: &Self) -> bool {
        let grown = before
            .waiting
            .zip(self.waiting)
            .is_some_and(|(before, now)| now >= before.saturating_add(MORE.max(before / GROWS)));
        let longer = self.longest_minutes > before.longest_minutes;
        let shorter = match (before.staffing, self.staffing) {
            (Staffing::Needs { short: before, .. }, Staffing::Needs { short: now, .. }) => {
                now > before
            }
            _ => false,
        };
        let fewer = before.on_line.zip(self.on_line);
        grown || longer || shorter || fewer.is_some_and(|(before, now)| now < before)
    }

    /// Whether another kind of thing is known than before.
    fn is_of_another_kind(&self, before: &Self) -> bool {
        let kind = |speech: &Self| std::mem::discriminant(&speech.staffing);
        kind(self) != kind(before) || self.left.is_some() != before.left.is_some()
    }
}

impl Said {
    pub(in crate::incidents) fn first(speech: Speech, now: Timestamp) -> Self {
        Self {
            speech,
            on_line_first: speech.on_line,
            at: now,
            differs_since: None,
        }
    }

    /// What is said now that `speech` is measured.
    pub(in crate::incidents) fn next(self, speech: Speech, now: Timestamp) -> Self {
        if speech == self.speech {
            return Self {
                differs_since: None,
                ..self
            };
        }
        let differs_since = self.differs_since.unwrap_or(now);
        let is_calm = later(differs_since, CALM) <= now;
        let is_soon = later(self.at, SOON) <= now && speech.is_worse_than(&self.speech);
        if is_calm || is_soon || speech.is_of_another_kind(&self.speech) {
            return Self {
                on_line_first: self.on_line_first,
                ..Self::first(speech, now)
            };
        }
        Self {
            differs_since: Some(differs_since),
            ..self
        }
    }

    pub(in crate::incidents) fn shift(&mut self, by: SignedDuration) {
        self.at = later(self.at, by);
        self.differs_since = self.differs_since.map(|since| later(since, by));
    }
}

/// How many are on line; absent where one ACD does not tell it.
pub(in crate::incidents) fn on_line(pools: &[Pool]) -> Option<u32> {
    sum(pools.iter().map(|pool| pool.figures.on_line))
}

fn staffing(pools: &[Pool]) -> Staffing {
    let outlooks: Vec<(Outlook, u32)> = pools
        .iter()
        .map(|pool| (pool.outlook(), pool.figures.waiting.unwrap_or(0)))
        .collect();
    let needs = outlooks
        .iter()
        .filter_map(|(outlook, waiting)| match outlook {
            Outlook::Needs(needs) => Some((needs, *waiting)),
            Outlook::Uncounted | Outlook::TooFewCalls => None,
        });
    let needs: Vec<_> = needs.collect();
    if needs.is_empty() {
        let few = outlooks.iter().any(|(it, _)| *it == Outlook::TooFewCalls);
        return if few {
            Staffing::TooFewCalls
        } else {
            Staffing::Uncounted
        };
    }
    let clears = needs
        .iter()
        .map(|(it, waiting)| clears(it.clearing, *waiting));
    Staffing::Needs {
        agents: needs.iter().map(|(it, _)| it.agents).sum(),
        short: sum(needs.iter().map(|(it, _)| it.short)),
        clears: clears.max().unwrap_or(Clears::NobodyWaits),
    }
}

/// Absent where one of them is.
fn sum(mut numbers: impl Iterator<Item = Option<u32>>) -> Option<u32> {
    numbers.try_fold(0_u32, |sum, number| Some(sum.saturating_add(number?)))
}

fn clears(clearing: Clearing, waiting: u32) -> Clears {
    if waiting == 0 {
        return Clears::NobodyWaits;
    }
    match clearing {
        Clearing::Never => Clears::Slowly,
        Clearing::After(time) => {
            let minutes = u32::try_from(time.as_secs().max(1).unsigned_abs().div_ceil(60));
            match minutes.map(|minutes| minutes.next_multiple_of(STEP)) {
                Ok(minutes) if minutes <= HOUR => Clears::Within(minutes),
                _ => Clears::OverAnHour,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + seconds).unwrap()
    }

    fn speech(waiting: u32, short: u32) -> Speech {
        Speech {
            waiting: Some(waiting),
            longest_minutes: Some(4),
            on_line: Some(7),
            staffing: Staffing::Needs {
                agents: 7 + short,
                short: Some(short),
                clears: Clears::Within(25),
            },
            left: None,
        }
    }

    #[test]
    fn a_backlog_that_goes_up_and_down_by_one_is_said_once_in_two_minutes() {
        let mut said = Said::first(speech(14, 3), at(0));
        let mut changes = Vec::new();
        for second in (5..=600).step_by(5) {
            let waiting = if second % 10 == 0 { 14 } else { 15 };
            let next = said.next(speech(waiting, 3), at(second));
            if next.speech != said.speech {
                changes.push(second);
            }
            said = next;
        }
        assert!(changes.is_empty(), "{changes:?}");
    }

    #[test]
    fn worse_is_said_after_half_a_minute_and_better_after_two_calm_ones() {
        let said = Said::first(speech(14, 3), at(0));
        let soon = said.next(speech(14, 4), at(25));
        assert_eq!(soon.speech, speech(14, 3));
        let soon = soon.next(speech(14, 4), at(30));
        assert_eq!(soon.speech, speech(14, 4));
        let mut better = soon.next(speech(14, 2), at(35));
        for second in (40..155).step_by(5) {
            better = better.next(speech(13, 2), at(second));
            assert_eq!(better.speech, speech(14, 4), "{second}");
        }
        assert_eq!(better.next(speech(12, 1), at(155)).speech, speech(12, 1));
    }

    #[test]
    fn that_something_can_be_estimated_at_last_does_not_wait() {
        let few = Speech {
            staffing: Staffing::TooFewCalls,
            ..speech(4, 0)
        };
        let said = Said::first(few, at(0)).next(speech(4, 1), at(5));
        assert_eq!(said.speech, speech(4, 1));
    }

    #[test]
    fn minutes_are_rounded_up_to_five_and_more_than_an_hour_is_only_that() {
        let after = |seconds| Clearing::After(SignedDuration::from_secs(seconds));
        assert_eq!(clears(after(1), 3), Clears::Within(5));
        assert_eq!(clears(after(301), 3), Clears::Within(10));
        assert_eq!(clears(after(3600), 3), Clears::Within(60));
        assert_eq!(clears(after(3601), 3), Clears::OverAnHour);
        assert_eq!(clears(after(0), 0), Clears::NobodyWaits);
        assert_eq!(clears(Clearing::Never, 3), Clears::Slowly);
        assert_eq!(clears(after(i64::MAX), 3), Clears::OverAnHour);
    }
}
