//! What a seat judges by itself while it has no daemon: when its card is raised, when it
//! is over, and when the daemon's own takes its place.
//!
//! Pure: time is passed in, and every deadline is a moment. A clock that was set back
//! counts from then on.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use crate::incidents::Cause;
use crate::signals::later;

/// A daemon that is back has judged by then: its card takes the place of ours, or there is none.
const HANDED_OVER: SignedDuration = SignedDuration::from_secs(30);
/// The last form of a card stays on the screen for so long, as the daemon's do.
const LINGERS: SignedDuration = SignedDuration::from_mins(10);

/// How a cause looks from this seat. Unknown is neither bad nor good.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Sight {
    Bad,
    Good,
    #[default]
    Unknown,
}

/// How long a cause must last, as the plan says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Holds {
    /// Bad for so long before anybody here is told.
    pub(super) bad: SignedDuration,
    /// Good for so long without a break before it is over.
    pub(super) good: SignedDuration,
}

/// What there is to judge by, at a moment.
#[derive(Debug)]
pub(super) struct Grounds {
    /// The causes that this seat has a card for.
    pub(super) holds: BTreeMap<Cause, Holds>,
    /// Those of which a card of the daemon's is on the screen.
    pub(super) shown: BTreeSet<Cause>,
}

/// A card of the seat's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Standing {
    pub(super) onset: Timestamp,
    /// When it became good, once it was for long enough.
    pub(super) ended: Option<Timestamp>,
    /// When its last form leaves the screen.
    fades: Option<Timestamp>,
}

/// What changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    Raised(Cause),
    /// Good again, since then.
    Over(Cause, Timestamp),
    /// It leaves the screen.
    Gone(Cause),
}

#[derive(Debug, Default)]
struct Trouble {
    sight: Sight,
    /// Since when it has been as it is.
    since: Option<Timestamp>,
    standing: Option<Standing>,
}

/// The seat's own judgement.
#[derive(Debug)]
pub(super) struct Alone {
    /// Without a daemon for so long, it is alone.
    after: SignedDuration,
    /// Since when there has been no daemon.
    lost: Option<Timestamp>,
    /// Since when there has been one again.
    back: Option<Timestamp>,
    troubles: BTreeMap<Cause, Trouble>,
    next: Option<Timestamp>,
}

impl Alone {
    /// It begins without a daemon.
    pub(super) fn new(after: SignedDuration, now: Timestamp) -> Self {
        let causes = [Cause::Power, Cause::Network];
        Self {
            after,
            lost: Some(now),
            back: None,
            troubles: causes.map(|cause| (cause, Trouble::default())).into(),
            next: None,
        }
    }

    /// No daemon, since then; once lost, it is lost since the first time.
    pub(super) fn lose(&mut self, since: Timestamp) {
        self.lost.get_or_insert(since);
        self.back = None;
    }

    pub(super) fn connect(&mut self, now: Timestamp) {
        if self.lost.take().is_some() {
            self.back = Some(now);
        }
    }

    pub(super) fn lost(&self) -> Option<Timestamp> {
        self.lost
    }

    pub(super) fn see(&mut self, now: Timestamp, cause: Cause, sight: Sight) {
        let trouble = self.troubles.entry(cause).or_default();
        if trouble.sight != sight {
            trouble.sight = sight;
            trouble.since = Some(now);
        }
    }

    pub(super) fn standing(&self, cause: Cause) -> Option<&Standing> {
        self.troubles.get(&cause)?.standing.as_ref()
    }

    /// When it wants to be asked again.
    pub(super) fn next_moment(&self) -> Option<Timestamp> {
        self.next
    }

    /// What follows at `now`.
    pub(super) fn judge(&mut self, now: Timestamp, grounds: &Grounds) -> Vec<Turn> {
        self.set_back(now);
        self.next = None;
        let mut turns = Vec::new();
        let alone_at = self.lost.map(|lost| later(lost, self.after));
        let (after, back) = (self.after, self.back);
        let mut next = None;
        let mut reached = |at: Timestamp| {
            if at > now {
                next = Some(next.map_or(at, |next: Timestamp| next.min(at)));
            }
            at <= now
        };
        for (cause, trouble) in &mut self.troubles {
            let holds = grounds.holds.get(cause);
            let shown = grounds.shown.contains(cause);
            if let Some(standing) = &mut trouble.standing {
                let taken = back.is_some() && shown;
                // The daemon has judged otherwise: what is good by now is over, what is not is gone.
                let judged = standing.ended.is_none()
                    && back.is_some_and(|back| reached(later(back, HANDED_OVER)));
                let good = trouble.since.filter(|_| trouble.sight == Sight::Good);
                if let Some(since) = good
                    && standing.ended.is_none()
                    && !taken
                    && (reached(later(
                        since,
                        holds.map_or(SignedDuration::ZERO, |it| it.good),
                    )) || judged)
                {
                    standing.ended = Some(since);
                    standing.fades = Some(later(now, LINGERS));
                    turns.push(Turn::Over(*cause, since));
                }
                let faded = standing.fades.is_some_and(&mut reached);
                if taken || faded || (judged && standing.ended.is_none()) {
                    trouble.standing = None;
                    turns.push(Turn::Gone(*cause));
                }
            }
            let stands = trouble
                .standing
                .is_some_and(|standing| standing.ended.is_none());
            let (Some(holds), Some(alone_at)) = (holds, alone_at) else {
                continue;
            };
            if stands || shown || trouble.sight != Sight::Bad {
                continue;
            }
            let Some(onset) = trouble.since else { continue };
            // A plug that is pulled and put back, a switch that starts anew: no network for a
            // moment is no failure.
            let hold = match cause {
                Cause::Power => holds.bad,
                Cause::Network => holds.bad.max(after),
            };
            if reached(alone_at.max(later(onset, hold))) {
                trouble.standing = Some(Standing {
                    onset,
                    ended: None,
                    fades: None,
                });
                turns.push(Turn::Raised(*cause));
            }
        }
        self.next = next;
        turns
    }

    /// Nothing began later than now.
    fn set_back(&mut self, now: Timestamp) {
        let troubles = self.troubles.values_mut();
        let since = troubles.filter_map(|trouble| trouble.since.as_mut());
        for moment in since.chain(&mut self.lost).chain(&mut self.back) {
            *moment = now.min(*moment);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + seconds).unwrap()
    }

    /// Has cards for both causes, of the plan's own holds.
    struct Seat {
        alone: Alone,
        grounds: Grounds,
    }

    impl Seat {
        /// Connected since 0, with mains and network.
        fn connected() -> Self {
            let seconds = SignedDuration::from_secs;
            let holds = |bad, good| Holds {
                bad: seconds(bad),
                good: seconds(good),
            };
            let mut alone = Alone::new(seconds(20), at(0));
            alone.connect(at(0));
            for cause in [Cause::Power, Cause::Network] {
                alone.see(at(0), cause, Sight::Good);
            }
            let holds = [
                (Cause::Power, holds(15, 180)),
                (Cause::Network, holds(0, 0)),
            ];
            Self {
                alone,
                grounds: Grounds {
                    holds: holds.into(),
                    shown: BTreeSet::new(),
                },
            }
        }

        fn judge(&mut self, second: i64) -> Vec<Turn> {
            self.alone.judge(at(second), &self.grounds)
        }

        /// Asked whenever it wants to be, until then; what it said and when.
        fn until(&mut self, from: i64, end: i64) -> Vec<(i64, Turn)> {
            let mut said = Vec::new();
            let mut now = from;
            loop {
                said.extend(self.judge(now).into_iter().map(|turn| (now, turn)));
                let next = self.alone.next_moment();
                let Some(next) = next.map(|next| next.as_second() - at(0).as_second()) else {
                    return said;
                };
                if next > end {
                    return said;
                }
                assert!(next > now, "it waits for what is past");
                now = next;
            }
        }

        fn power(&mut self, second: i64, sight: Sight) {
            self.alone.see(at(second), Cause::Power, sight);
        }
    }

    #[test]
    fn a_daemon_that_starts_anew_raises_nothing() {
        let mut seat = Seat::connected();
        seat.alone.lose(at(100));
        assert_eq!(seat.until(100, 10_000), []);
    }

    #[test]
    fn a_battery_while_the_daemon_is_there_is_the_daemons_to_tell() {
        let mut seat = Seat::connected();
        seat.power(100, Sight::Bad);
        assert_eq!(seat.until(100, 10_000), []);
    }

    #[test]
    fn on_battery_without_a_daemon_the_power_card_is_raised_with_its_own_onset() {
        let mut seat = Seat::connected();
        seat.power(97, Sight::Bad);
        seat.alone.lose(at(100));
        assert_eq!(seat.until(100, 400), [(120, Turn::Raised(Cause::Power))]);
        let standing = seat.alone.standing(Cause::Power).unwrap();
        assert_eq!((standing.onset, standing.ended), (at(97), None));
    }

    #[test]
    fn a_seat_that_is_alone_already_waits_as_long_as_the_plan_does() {
        let mut seat = Seat::connected();
        seat.alone.lose(at(100));
        seat.power(500, Sight::Bad);
        assert_eq!(seat.until(500, 900), [(515, Turn::Raised(Cause::Power))]);
    }

    #[test]
    fn a_blip_raises_nothing() {
        let mut seat = Seat::connected();
        seat.alone.lose(at(100));
        seat.power(500, Sight::Bad);
        seat.judge(500);
        seat.power(510, Sight::Good);
        assert_eq!(seat.until(510, 900), []);
    }

    #[test]
    fn what_is_unknown_raises_nothing_and_ends_nothing() {
        let mut seat = Seat::connected();
        seat.alone.lose(at(100));
        seat.power(200, Sight::Unknown);
        assert_eq!(seat.until(200, 900), []);
        seat.power(1000, Sight::Bad);
        seat.until(1000, 1100);
        seat.power(1200, Sight::Good);
        seat.judge(1200);
        // Before it was good for long enough nobody knows any more.
        seat.power(1300, Sight::Unknown);
        assert_eq!(seat.until(1300, 9000), []);
        assert_eq!(seat.alone.standing(Cause::Power).unwrap().ended, None);
    }

    #[test]
    fn power_that_is_back_for_long_enough_is_the_last_form_and_fades() {
        let mut seat = Seat::connected();
        seat.alone.lose(at(100));
        seat.power(500, Sight::Bad);
        seat.until(500, 600);
        seat.power(700, Sight::Good);
        assert_eq!(
            seat.until(700, 5000),
            [
                (880, Turn::Over(Cause::Power, at(700))),
                (1480, Turn::Gone(Cause::Power))
            ]
        );
    }

    #[test]
    fn a_supply_that_returns_in_pairs_is_over_once() {
        let mut seat = Seat::connected();
        seat.alone.lose(at(100));
        seat.power(500, Sight::Bad);
        seat.until(500, 600);
        seat.power(700, Sight::Good);
        seat.judge(700);
        seat.power(760, Sight::Bad);
        assert_eq!(seat.until(760, 800), [], "the card that stands goes on");
        assert_eq!(seat.alone.standing(Cause::Power).unwrap().onset, at(500));
        seat.power(800, Sight::Good);
        assert_eq!(
            seat.until(800, 1000),
            [(980, Turn::Over(Cause::Power, at(800)))]
        );
    }

    #[test]
    fn a_second_cut_after_the_end_is_a_card_of_its_own() {
        let mut seat = Seat::connected();
        seat.alone.lose(at(100));
        seat.power(500, Sight::Bad);
        seat.until(500, 600);
        seat.power(700, Sight::Good);
        seat.until(700, 900);
        seat.power(1000, Sight::Bad);
        assert_eq!(seat.until(1000, 1100), [(1015, Turn::Raised(Cause::Power))]);
        assert_eq!(seat.alone.standing(Cause::Power).unwrap().onset, at(1000));
    }

    #[test]
    fn the_daemons_card_takes_the_place_of_the_seats_own() {
        let mut seat = Seat::connected();
        seat.alone.lose(at(100));
        seat.power(500, Sight::Bad);
        seat.until(500, 600);
        seat.alone.connect(at(700));
        assert_eq!(seat.judge(701), [], "not before there is another");
        seat.grounds.shown.insert(Cause::Power);
        assert_eq!(seat.judge(712), [Turn::Gone(Cause::Power)]);
        assert_eq!(seat.until(712, 5000), []);
    }

    #[test]
    fn a_daemon_that_judges_otherwise_ends_the_seats_card_after_a_while() {
        let mut seat = Seat::connected();
        seat.alone.lose(at(100));
        seat.power(500, Sight::Bad);
        seat.until(500, 600);
        seat.alone.connect(at(700));
        assert_eq!(seat.until(700, 5000), [(730, Turn::Gone(Cause::Power))]);
    }

    #[test]
    fn what_is_good_when_the_daemon_is_back_gets_its_last_form_and_not_silence() {
        let mut seat = Seat::connected();
        seat.alone.lose(at(100));
        seat.power(500, Sight::Bad);
        seat.until(500, 600);
        seat.power(690, Sight::Good);
        seat.judge(690);
        seat.alone.connect(at(700));
        assert_eq!(
            seat.until(700, 5000),
            [
                (730, Turn::Over(Cause::Power, at(690))),
                (1330, Turn::Gone(Cause::Power))
            ]
        );
    }

    #[test]
    fn a_connection_that_breaks_again_at_once_leaves_the_card_as_it_is() {
        let mut seat = Seat::connected();
        seat.alone.lose(at(100));
        seat.power(500, Sight::Bad);
        seat.until(500, 600);
        seat.alone.connect(at(700));
        seat.judge(700);
        seat.alone.lose(at(710));
        assert_eq!(seat.until(710, 5000), []);
        assert_eq!(seat.alone.standing(Cause::Power).unwrap().onset, at(500));
    }

    #[test]
    fn a_card_of_the_daemons_that_still_stands_is_not_doubled() {
        let mut seat = Seat::connected();
        seat.power(50, Sight::Bad);
        seat.grounds.shown.insert(Cause::Power);
        seat.alone.lose(at(100));
        assert_eq!(seat.until(100, 5000), []);
    }

    #[test]
    fn a_network_that_is_gone_must_stay_gone_and_comes_back_at_once() {
        let mut seat = Seat::connected();
        seat.alone.lose(at(100));
        seat.alone.see(at(300), Cause::Network, Sight::Bad);
        seat.judge(300);
        seat.alone.see(at(310), Cause::Network, Sight::Good);
        assert_eq!(seat.until(310, 400), [], "a switch started anew");
        seat.alone.see(at(500), Cause::Network, Sight::Bad);
        assert_eq!(seat.until(500, 800), [(520, Turn::Raised(Cause::Network))]);
        seat.alone.see(at(900), Cause::Network, Sight::Good);
        assert_eq!(seat.judge(900), [Turn::Over(Cause::Network, at(900))]);
    }

    #[test]
    fn both_may_stand_side_by_side() {
        let mut seat = Seat::connected();
        seat.alone.lose(at(100));
        for cause in [Cause::Power, Cause::Network] {
            seat.alone.see(at(100), cause, Sight::Bad);
        }
        assert_eq!(
            seat.until(100, 400),
            [
                (120, Turn::Raised(Cause::Power)),
                (120, Turn::Raised(Cause::Network))
            ]
        );
    }

    #[test]
    fn without_a_card_for_it_nothing_is_raised() {
        let mut seat = Seat::connected();
        seat.grounds.holds.clear();
        seat.alone.lose(at(100));
        seat.power(100, Sight::Bad);
        assert_eq!(seat.until(100, 5000), []);
    }

    #[test]
    fn a_clock_that_is_set_back_holds_nothing_up() {
        let mut seat = Seat::connected();
        seat.alone.lose(at(10_000));
        seat.power(10_000, Sight::Bad);
        seat.judge(10_001);
        // Two hours back: it counts from then.
        assert_eq!(seat.until(2800, 3000), [(2820, Turn::Raised(Cause::Power))]);
    }
}
