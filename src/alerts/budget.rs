//! How many attempts a channel may have in a while.

use std::collections::VecDeque;

use jiff::{SignedDuration, Timestamp};

use crate::signals::later;

/// So many attempts in so long.
pub(super) type Limit = (usize, SignedDuration);

/// The attempts of late, held against the limits of the channel.
#[derive(Debug, Default)]
pub(super) struct Budget {
    limits: &'static [Limit],
    /// When the newest attempts were made, the oldest first; as many as the widest limit has.
    attempts: VecDeque<Timestamp>,
}

impl Budget {
    pub(super) fn of(limits: &'static [Limit]) -> Self {
        Self {
            limits,
            attempts: VecDeque::new(),
        }
    }

    /// The limits allow no attempt before this.
    pub(super) fn spent_until(&self) -> Timestamp {
        let spent = self.limits.iter().filter_map(|(most, span)| {
            let first = self.attempts.len().checked_sub(*most)?;
            Some(later(*self.attempts.get(first)?, *span))
        });
        spent.max().unwrap_or(Timestamp::MIN)
    }

    /// How many attempts are left for now; `None` where nothing limits them.
    pub(super) fn left(&self, now: Timestamp) -> Option<usize> {
        let left = self.limits.iter().map(|(most, span)| {
            let made = self.attempts.iter();
            let made = made.filter(|attempt| later(**attempt, *span) > now).count();
            most.saturating_sub(made)
        });
        // The shortest limit only spaces them.
        left.max()
    }

    pub(super) fn spend(&mut self, now: Timestamp) {
        let most = self.limits.iter().map(|(most, _)| *most).max();
        self.attempts.push_back(now);
        while self.attempts.len() > most.unwrap_or_default() {
            self.attempts.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_limit_holds_and_what_is_left_is_counted_over_the_widest() {
        const LIMITS: &[Limit] = &[
            (4, SignedDuration::from_mins(1)),
            (2, SignedDuration::from_secs(1)),
        ];
        let at = |millis| Timestamp::from_millisecond(millis).unwrap();
        let mut budget = Budget::of(LIMITS);
        assert_eq!(budget.left(at(0)), Some(4));
        budget.spend(at(0));
        budget.spend(at(100));
        assert_eq!(budget.spent_until(), at(1000));
        assert_eq!(budget.left(at(200)), Some(2));
        budget.spend(at(1000));
        budget.spend(at(1100));
        assert_eq!(budget.spent_until(), at(60_000));
        assert_eq!(budget.left(at(60_000)), Some(2), "the limit of a second");
        assert_eq!(Budget::default().left(at(0)), None);
        assert_eq!(Budget::default().spent_until(), Timestamp::MIN);
    }
}
