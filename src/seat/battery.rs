//! Until when the seat's own battery lasts, as a time that one can go by: earlier at once,
//! later only after two calm minutes, as the daemon says it.

use jiff::{SignedDuration, Timestamp};

use crate::signals::later;

const CALM: SignedDuration = SignedDuration::from_mins(2);
const FIVE_MINUTES: i64 = 5 * 60;

#[derive(Debug, Default)]
pub(super) struct Battery {
    lasts_to: Option<Timestamp>,
    /// Since when it has looked better than that.
    better_since: Option<Timestamp>,
}

impl Battery {
    /// What it says it has left, in minutes; `None` where it does not say, or is not in use.
    pub(super) fn see(&mut self, now: Timestamp, runtime_minutes: Option<f64>) {
        let left = runtime_minutes
            .and_then(|left| SignedDuration::try_from_secs_f64(left.max(0.0) * 60.0).ok());
        let Some(left) = left else {
            *self = Self::default();
            return;
        };
        let at = round_down(later(now, left));
        match self.lasts_to {
            Some(known) if at > known => {
                let since = *self.better_since.get_or_insert(now);
                if later(since, CALM) <= now {
                    self.lasts_to = Some(at);
                    self.better_since = None;
                }
            }
            _ => {
                self.lasts_to = Some(at);
                self.better_since = None;
            }
        }
    }

    pub(super) fn lasts_to(&self) -> Option<Timestamp> {
        self.lasts_to
    }
}

/// Rounds down to five minutes of the clock.
fn round_down(moment: Timestamp) -> Timestamp {
    let second = moment.as_second();
    Timestamp::from_second(second - second.rem_euclid(FIVE_MINUTES)).unwrap_or(moment)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + seconds).unwrap()
    }

    #[test]
    fn it_is_rounded_down_and_jumps_earlier_at_once_and_later_when_calm() {
        let mut battery = Battery::default();
        battery.see(at(10), Some(22.0));
        assert_eq!(battery.lasts_to(), Some(at(20 * 60)));
        battery.see(at(20), Some(12.0));
        assert_eq!(battery.lasts_to(), Some(at(10 * 60)));
        battery.see(at(30), Some(30.0));
        assert_eq!(battery.lasts_to(), Some(at(10 * 60)));
        battery.see(at(151), Some(28.0));
        assert_eq!(battery.lasts_to(), Some(at(30 * 60)));
        battery.see(at(160), None);
        assert_eq!(battery.lasts_to(), None, "nobody knows");
    }
}
