//! A reading that says what the last one said, of a UPS that nobody waits for, has no
//! consequence: the rules need not be asked. In a large centre nearly all are such.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use crate::incidents::board::Board;
use crate::incidents::input::{Input, Presence};
use crate::signals::{Kind, Level, Signal, later};
use crate::site::path::{Path, Runtime};
use crate::ups;

/// The rules are asked at least so often while readings come.
const ASKED_EVERY: SignedDuration = SignedDuration::from_secs(1);

/// The UPSs whose runtime something hangs on that must last.
pub(super) fn lasting(paths: &[Path]) -> BTreeSet<String> {
    let ups = std::cell::RefCell::new(BTreeSet::new());
    for path in paths {
        // With what is unknown it goes on to the next part.
        path.endurance(|id| {
            ups.borrow_mut().insert(id.to_owned());
            Runtime::Unknown
        });
    }
    ups.into_inner()
}

/// After a silence of seats whatever answers counts; the rules hear of it as soon as this.
const HEARD_WITHIN: SignedDuration = SignedDuration::from_millis(100);

/// What an input that brings no turn is to the rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Weight {
    /// They are asked at once.
    News,
    /// They are asked by then.
    CanWait(Timestamp),
    /// They need not be asked.
    Repeated,
}

impl Board {
    /// What an input is to the rules, if it brings no turn.
    pub(super) fn weight(&self, now: Timestamp, input: &Input) -> Weight {
        let due = self.next_deadline().is_some_and(|next| next <= now);
        let Some(asked_at) = self.asked_at.filter(|_| !due) else {
            return Weight::News;
        };
        if now >= later(asked_at, ASKED_EVERY) || !self.is_repeated(input) {
            return Weight::News;
        }
        if !self.answers_count(now) || matches!(input, Input::Sensor { .. }) {
            return Weight::Repeated;
        }
        let until = later(asked_at, HEARD_WITHIN);
        if until <= now {
            Weight::News
        } else {
            Weight::CanWait(until)
        }
    }

    /// Whether anything that answers at all may have a consequence.
    fn answers_count(&self, now: Timestamp) -> bool {
        self.live.lately_silent(now) || self.state.windows.lately_ended(now)
    }

    /// Whether nothing changes with this input that a rule reads, but when it was heard.
    fn is_repeated(&self, input: &Input) -> bool {
        let (ups, reading) = match input {
            Input::Ups { ups, reading } => (ups, reading),
            // What a sensor says without a turn is shown, and no rule reads it.
            Input::Sensor { sensor, .. } => return self.live.sensor(sensor).is_some(),
            Input::Seat {
                seat,
                presence: Presence::Alive,
            } => {
                let there = self.state.level(&Signal::new(Kind::SeatPc, seat)) == Level::Normal;
                return there && self.live.connected(seat) && self.left(seat).is_none();
            }
            Input::OwnPower { seat, .. } => {
                let mut seen_by = self.centre.site.ups_seen_by.values();
                return !seen_by.any(|by| by == seat);
            }
            Input::Sights(sights) => {
                let mut sights = sights.iter();
                return sights.all(|it| self.state.level(&it.signal) == it.level);
            }
            _ => return false,
        };
        let Some(before) = self.live.ups.get(ups).map(|live| &live.reading) else {
            return false;
        };
        // One that tells no runtime is held to its last discharge, by all of these.
        let by = |it: &ups::Reading| (it.verdict, it.charge_percent, it.load_percent);
        let same_runtime = before.runtime_minutes == reading.runtime_minutes
            && (reading.runtime_minutes.is_some()
                || by(before) == by(reading) && before.device == reading.device);
        before.on_battery == reading.on_battery
            && (same_runtime || !self.lasting.contains(ups))
            && self.state.level(&Signal::new(Kind::UpsMains, ups)) != Level::Critical
            && !self.is_waited_for(ups)
    }

    /// Whether something hangs on it that this UPS answers at all.
    fn is_waited_for(&self, ups: &str) -> bool {
        let site = &self.centre.site;
        let feed = site.ups.get(ups).and_then(|ups| site.feed_of(&ups.fed_by));
        self.state.open_incidents().any(|incident| {
            feed == Some(incident.scope.feed.as_str())
                || incident.scope.ups.contains(ups)
                || incident.finish_by.contains_key(ups)
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::incidents::input::Input;
    use crate::incidents::stories::Story;

    /// Lets a UPS say once more what it said last.
    fn again(story: &mut Story, ups: &str) -> bool {
        let reading = story.board.live.ups[ups].reading.clone();
        let ups = ups.to_owned();
        story.take(Input::Ups { ups, reading }).unwrap();
        story.board.is_stirred()
    }

    #[test]
    fn what_a_ups_says_again_stirs_nothing_until_somebody_waits_for_it() {
        let mut story = Story::begin(false);
        assert!(!again(&mut story, "UPS-C1"));
        story.now += 1;
        assert!(again(&mut story, "UPS-C1"), "a second is over");
        assert!(!again(&mut story, "UPS-C1"));
        story.cut();
        story.until(30);
        assert!(story.kind().is_some());
        assert!(again(&mut story, "UPS-C1"), "an incident is open");
        assert_eq!(&story.replayed(), story.board.state());
    }
}
