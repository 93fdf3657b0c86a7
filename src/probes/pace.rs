//! How often devices are asked, and when each has its turn.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::signals::later;

/// How often a UPS is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// Plan time between polls of what tells on battery or not.
    pub status: SignedDuration,
    /// Plan time between polls of everything.
    pub full: SignedDuration,
    /// Real time that one request may take.
    pub timeout: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            status: SignedDuration::from_secs(2),
            full: SignedDuration::from_secs(30),
            timeout: Duration::from_millis(1500),
        }
    }
}

/// The first tick after `now` of a schedule that began at `start`.
pub(crate) fn next(start: Timestamp, every: SignedDuration, now: Timestamp) -> Timestamp {
    let every = every.as_millis().max(1);
    let passed = now.duration_since(start).as_millis();
    let ticks = passed.div_euclid(every) + 1;
    let millis = i64::try_from(ticks.saturating_mul(every)).unwrap_or(i64::MAX);
    later(start, SignedDuration::from_millis(millis))
}

/// The whole intervals within a duration.
pub(crate) fn whole(duration: SignedDuration, interval: SignedDuration) -> SignedDuration {
    let interval = interval.as_millis().max(1);
    let millis = duration.as_millis() / interval * interval;
    SignedDuration::from_millis(i64::try_from(millis).unwrap_or(0))
}

/// Where within an interval a UPS has its turn: the same one on every start (FNV-1a).
pub(crate) fn spread(id: &str, interval: SignedDuration) -> SignedDuration {
    let hash = id.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let interval = interval.as_millis().max(1);
    let offset = i128::from(hash).rem_euclid(interval);
    SignedDuration::from_millis(i64::try_from(offset).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thousand_polls_are_spread_over_their_interval() {
        let mut slices = [0; 20];
        for ups in 0..1000 {
            let offset = spread(&format!("UPS-{ups}"), Pace::default().status);
            slices[usize::try_from(offset.as_millis() / 100).unwrap()] += 1;
        }
        assert!(
            slices.iter().all(|slice| (20..=90).contains(slice)),
            "{slices:?}"
        );
    }

    #[test]
    fn full_polls_are_spread_over_their_own_interval() {
        let pace = Pace::default();
        let mut turns = [0; 15];
        for ups in 0..1000 {
            let offset = whole(spread(&format!("UPS-{ups}"), pace.full), pace.status);
            turns[usize::try_from(offset.as_secs() / 2).unwrap()] += 1;
        }
        assert!(
            turns.iter().all(|turn| (30..=110).contains(turn)),
            "{turns:?}"
        );
    }

    #[test]
    fn the_schedule_is_absolute_and_spread_by_id() {
        let start = Timestamp::UNIX_EPOCH;
        let at = |millis| later(start, SignedDuration::from_millis(millis));
        let every = SignedDuration::from_secs(2);
        assert_eq!(next(start, every, at(-500)), at(0));
        assert_eq!(next(start, every, at(0)), at(2000));
        // A slow poll leaves ticks out; it does not shift them.
        assert_eq!(next(start, every, at(5100)), at(6000));
        let spreads = ["UPS-A", "UPS-B", "UPS-C"].map(|id| spread(id, every));
        assert!(
            spreads
                .iter()
                .all(|spread| *spread < every && !spread.is_negative())
        );
        assert!(spreads[0] != spreads[1] && spreads[1] != spreads[2]);
        assert_eq!(spread("UPS-A", every), spreads[0]);
    }
}
