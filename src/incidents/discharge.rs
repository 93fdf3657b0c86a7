//! What a discharge of a UPS has shown: a runtime for those that tell none.
//!
//! Only what was seen from answer to answer counts, and only where the mains were
//! lost: a self-test or a calibration proves nothing here. The shown runtime is
//! half of what the discharge adds up to: no battery empties evenly, and it ages.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::signals::later;
use crate::ups::{self, Verdict};

/// A shorter discharge proves nothing.
const SHORTEST: SignedDuration = SignedDuration::from_mins(5);
/// Nor does one that used fewer percents: gauges are coarse.
const LEAST_USED: u8 = 10;
/// A battery that was not seen to work for a year may be another one by now, or a dead one.
const BELIEVED_FOR: SignedDuration = SignedDuration::from_hours(365 * 24);
/// A load that is higher than it was by more than this share shortens the runtime.
const LOAD_MARGIN: f64 = 1.25;

/// A discharge that proves something, as it is written down.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Discharge {
    /// Of the last answer from the battery.
    pub until: Timestamp,
    pub lasted: SignedDuration,
    /// Percent at its begin and at its end; absent where the UPS does not tell it.
    pub charge: Option<(u8, u8)>,
    /// The mean, in percent.
    pub load: Option<u8>,
    /// The battery was low at its end.
    pub emptied: bool,
    /// Model and serial number.
    pub device: Vec<String>,
}

/// How long a UPS would last by its last discharge.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct About {
    /// Negative where the half is over already.
    pub(super) minutes: f64,
    /// Nobody knows how much of the battery that discharge used: it may last longer.
    pub(super) at_least: bool,
    /// When the discharge ended.
    pub(super) by: Timestamp,
}

impl Discharge {
    /// Minutes that a full battery would last.
    fn whole_minutes(&self) -> f64 {
        let minutes = self.lasted.as_secs_f64() / 60.0;
        match self.charge {
            Some((from, to)) => minutes * 100.0 / f64::from(from.saturating_sub(to).max(1)),
            None => minutes,
        }
    }

    /// Whether it was low at its end, or its charge was told.
    fn is_measure(&self) -> bool {
        self.charge.is_some() || self.emptied
    }

    /// Whether it says anything of the device that answers now.
    fn holds(&self, reading: &ups::Reading, now: Timestamp) -> bool {
        later(self.until, BELIEVED_FOR) > now && !ups::is_another(&self.device, &reading.device)
    }

    /// What is left by it; `out_for`: how long the battery feeds the load already.
    pub(super) fn left(
        &self,
        reading: &ups::Reading,
        out_for: Option<SignedDuration>,
        now: Timestamp,
    ) -> Option<About> {
        if !self.holds(reading, now) {
            return None;
        }
        let more = match (self.load, reading.load_percent) {
            (Some(then), Some(load)) if load > f64::from(then.max(1)) * LOAD_MARGIN => {
                load / f64::from(then.max(1))
            }
            _ => 1.0,
        };
        let half = self.whole_minutes() / 2.0 / more;
        let charge = reading.charge_percent.filter(|_| self.charge.is_some());
        let minutes = match (charge, out_for) {
            (Some(charge), _) => half * charge / 100.0,
            (None, Some(out_for)) => half - out_for.as_secs_f64() / 60.0,
            (None, None) => half,
        };
        Some(About {
            minutes,
            at_least: !self.is_measure(),
            by: self.until,
        })
    }

    /// Whether it takes the place of the one that is known: the newest does, unless it
    /// merely shows that a battery can do again what it can do anyway.
    pub(super) fn replaces(&self, known: Option<&Discharge>) -> bool {
        let Some(known) = known else {
            return true;
        };
        if known.until >= self.until {
            return false;
        }
        let stale = later(known.until, BELIEVED_FOR) <= self.until;
        let other = ups::is_another(&known.device, &self.device);
        self.is_measure() || stale || other || self.whole_minutes() > known.whole_minutes()
    }
}

/// A discharge as it is being seen.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Stretch {
    since: Timestamp,
    until: Timestamp,
    charge: Option<(f64, f64)>,
    /// Their sum, and how many there were.
    loads: (f64, u32),
    low: bool,
    device: Vec<String>,
    /// The last answer was from the battery.
    pub(super) goes_on: bool,
    /// It told by itself how long it lasts.
    pub(super) measured: bool,
}

impl Stretch {
    /// Takes an answer in; `goes_on`: the one before was of the same discharge.
    pub(super) fn take(
        known: Option<Self>,
        goes_on: bool,
        now: Timestamp,
        reading: &ups::Reading,
    ) -> Option<Self> {
        let out = reading.verdict == Verdict::MainsLost && reading.on_battery == Some(true);
        let known = match known {
            Some(known) if !out => {
                return Some(Self {
                    goes_on: false,
                    ..known
                });
            }
            _ if !out => return None,
            known => known.filter(|known| goes_on && known.goes_on),
        };
        let mut stretch = known.unwrap_or_else(|| Self {
            since: now,
            until: now,
            charge: reading.charge_percent.map(|charge| (charge, charge)),
            loads: (0.0, 0),
            low: false,
            device: Vec::new(),
            goes_on: true,
            measured: false,
        });
        stretch.until = now;
        stretch.charge = stretch
            .charge
            .zip(reading.charge_percent)
            .map(|((from, _), charge)| (from, charge));
        if let Some(load) = reading.load_percent {
            stretch.loads = (stretch.loads.0 + load, stretch.loads.1 + 1);
        }
        stretch.low = reading.battery_low == Some(true);
        stretch.measured |= reading.runtime_minutes.is_some();
        stretch.device.clone_from(&reading.device);
        Some(stretch)
    }

    /// The wall clock jumped.
    pub(super) fn shift(&mut self, by: SignedDuration) {
        self.since = later(self.since, by);
        self.until = later(self.until, by);
    }

    /// What it shows, once it is over; `None`: nothing.
    pub(super) fn proof(&self) -> Option<Discharge> {
        let lasted = self.until.duration_since(self.since);
        // The begin rounded up and the end down: rather too much used than too little.
        let charge = self
            .charge
            .map(|(from, to)| (whole(from.ceil()), whole(to.floor())));
        let used = charge.map(|(from, to)| from.saturating_sub(to));
        if lasted < SHORTEST || used.is_some_and(|used| used < LEAST_USED) {
            return None;
        }
        let (sum, count) = self.loads;
        Some(Discharge {
            until: self.until,
            lasted,
            charge,
            load: (count > 0).then(|| whole((sum / f64::from(count)).round())),
            emptied: self.low,
            device: self.device.clone(),
        })
    }
}

/// A share in percent; a load may be higher than all that the UPS is made for.
fn whole(percent: f64) -> u8 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it lies between 0 and 255"
    )]
    let whole = percent.clamp(0.0, 255.0) as u8;
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: Timestamp = Timestamp::constant(1_800_000_000, 0);

    fn after(minutes: i64) -> Timestamp {
        later(NOON, SignedDuration::from_mins(minutes))
    }

    fn reading(verdict: Verdict, charge: Option<f64>) -> ups::Reading {
        let mut reading = ups::Reading::unreachable();
        reading.verdict = verdict;
        reading.on_battery = Some(verdict != Verdict::OnMains);
        reading.charge_percent = charge;
        reading.load_percent = Some(20.0);
        reading.device = vec!["Model".to_owned(), "A1".to_owned()];
        reading
    }

    /// One answer a minute, the charge falling evenly between the two, then mains.
    fn seen(minutes: u8, charge: Option<(f64, f64)>, alter: impl Fn(&mut ups::Reading)) -> Stretch {
        let mut stretch = None;
        for minute in 0..=minutes {
            let part = f64::from(minute) / f64::from(minutes);
            let charge = charge.map(|(from, to)| from + (to - from) * part);
            let mut reading = reading(Verdict::MainsLost, charge);
            alter(&mut reading);
            stretch = Stretch::take(stretch, minute > 0, after(minute.into()), &reading);
        }
        let mains = reading(Verdict::OnMains, None);
        let over = Stretch::take(stretch, true, after(i64::from(minutes) + 1), &mains);
        over.expect("it was on battery")
    }

    fn proof(minutes: u8, charge: Option<(f64, f64)>) -> Option<Discharge> {
        seen(minutes, charge, |_| ()).proof()
    }

    fn minutes(about: Option<About>) -> Option<f64> {
        about.map(|about| about.minutes)
    }

    #[test]
    fn half_of_what_the_discharge_adds_up_to_is_left_in_proportion_of_the_charge() {
        let proof = proof(20, Some((100.0, 60.0))).unwrap();
        assert_eq!((proof.charge, proof.load), (Some((100, 60)), Some(20)));
        let left = |charge, out_for| {
            let reading = reading(Verdict::OnMains, charge);
            proof.left(&reading, out_for, after(60))
        };
        // 40 % in 20 min are 50 min in all.
        assert_eq!(minutes(left(Some(100.0), None)), Some(25.0));
        assert_eq!(minutes(left(Some(60.0), None)), Some(15.0));
        assert_eq!(minutes(left(None, None)), Some(25.0));
        let ten = Some(SignedDuration::from_mins(10));
        assert_eq!(minutes(left(None, ten)), Some(15.0));
        assert_eq!(
            minutes(left(Some(80.0), ten)),
            Some(20.0),
            "its gauge counts"
        );
        assert!(!left(None, None).unwrap().at_least);
    }

    #[test]
    fn what_was_short_or_used_little_proves_nothing() {
        assert_eq!(proof(4, Some((100.0, 40.0))), None);
        assert_eq!(proof(40, Some((100.0, 91.0))), None);
        assert_eq!(
            proof(40, Some((60.0, 80.0))),
            None,
            "it was charged meanwhile"
        );
        assert!(proof(5, Some((100.0, 90.0))).is_some());
        for verdict in [Verdict::SelfTest, Verdict::Calibration] {
            let reading = reading(verdict, Some(100.0));
            assert_eq!(Stretch::take(None, false, NOON, &reading), None);
        }
    }

    #[test]
    fn a_ups_that_does_not_tell_its_charge_lasts_at_least_half_as_long_as_it_did() {
        let plain = proof(30, None).unwrap();
        let about = plain.left(&reading(Verdict::OnMains, None), None, after(60));
        assert_eq!(minutes(about), Some(15.0));
        assert!(about.unwrap().at_least, "it was not empty");
        let low = seen(30, None, |reading| reading.battery_low = Some(true));
        let emptied = low.proof().unwrap();
        let about = emptied.left(&reading(Verdict::OnMains, None), None, after(60));
        assert!(!about.unwrap().at_least);
        // A shorter one says less, but for one that emptied the battery.
        let later = |proof: Discharge| Discharge {
            until: after(600),
            ..proof
        };
        let shorter = later(proof(10, None).unwrap());
        assert!(!shorter.replaces(Some(&plain)));
        let emptied = Discharge {
            emptied: true,
            ..shorter
        };
        assert!(emptied.replaces(Some(&plain)));
        assert!(later(proof(40, None).unwrap()).replaces(Some(&plain)));
        assert!(!plain.replaces(Some(&plain)), "it is written once");
    }

    #[test]
    fn another_device_or_a_year_later_nothing_is_known() {
        let proof = proof(20, Some((100.0, 60.0))).unwrap();
        let mut reading = reading(Verdict::OnMains, Some(100.0));
        let year = 365 * 24 * 60;
        assert!(proof.left(&reading, None, after(year)).is_some());
        assert_eq!(proof.left(&reading, None, after(year + 20)), None);
        reading.device[1] = String::new();
        assert!(proof.left(&reading, None, after(60)).is_some(), "not told");
        reading.device[1] = "B2".to_owned();
        assert_eq!(proof.left(&reading, None, after(60)), None);
    }

    #[test]
    fn a_much_higher_load_shortens_it_and_a_lower_one_promises_nothing() {
        let proof = proof(20, Some((100.0, 60.0))).unwrap();
        let at = |load| {
            let mut reading = reading(Verdict::OnMains, Some(100.0));
            reading.load_percent = Some(load);
            minutes(proof.left(&reading, None, after(60)))
        };
        assert_eq!(at(24.0), Some(25.0));
        assert_eq!(at(40.0), Some(12.5));
        assert_eq!(at(10.0), Some(25.0));
    }

    #[test]
    fn a_break_begins_another_discharge() {
        let out = reading(Verdict::MainsLost, Some(90.0));
        let first = Stretch::take(None, false, NOON, &out);
        let second = Stretch::take(first.clone(), false, after(10), &out).unwrap();
        assert_eq!(second.proof(), None, "what lies between was not seen");
        let whole = Stretch::take(first, true, after(10), &out).unwrap();
        assert_eq!(whole.until.duration_since(whole.since).as_mins(), 10);
    }
}
