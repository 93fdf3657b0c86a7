//! What eyes see of services, devices, ACDs and seats: taken, believed for a while, and
//! unknown after that.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use crate::incidents::board::{Board, Moment};
use crate::incidents::entry::Event;
use crate::incidents::input::Refused;
use crate::incidents::turning;
use crate::signals::{Kind, Level, Sight, Signal, later};
use crate::site::Site;
use crate::text::Text;

/// The kinds that come as sights.
const KINDS: [Kind; 7] = [
    Kind::SeatHeadset,
    Kind::SeatPhone,
    Kind::SeatLogin,
    Kind::SeatService,
    Kind::ServiceReach,
    Kind::DeviceReach,
    Kind::AcdReach,
];
/// After a start each eye has so long to see again what it saw before.
const AFTER_START: SignedDuration = SignedDuration::from_mins(2);

/// Who saw it. A telephone has two eyes on it: of what they say the worse counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::incidents) enum Eye {
    /// The thing's own: a probe, the client of a seat.
    Own,
    Acd,
}

/// What was seen last, and till when that is believed. Outside the fold.
#[derive(Clone, Debug, Default)]
pub(in crate::incidents) struct Sights {
    last: BTreeMap<(Signal, Eye), Seen>,
    ends: BTreeSet<(Timestamp, Signal, Eye)>,
    /// What the site has no more.
    gone: BTreeSet<Signal>,
}

#[derive(Clone, Debug)]
struct Seen {
    at: Timestamp,
    until: Timestamp,
    /// `None` where it is still to be seen anew.
    level: Option<Level>,
    words: Text,
}

impl Sights {
    fn note(&mut self, now: Timestamp, eye: Eye, sight: &Sight) {
        let seen = Seen {
            at: now,
            until: later(now, sight.lasts),
            level: Some(sight.level),
            words: sight.words.clone(),
        };
        self.put(sight.signal.clone(), eye, seen);
    }

    fn put(&mut self, signal: Signal, eye: Eye, seen: Seen) {
        let until = seen.until;
        if let Some(before) = self.last.insert((signal.clone(), eye), seen) {
            self.ends.remove(&(before.until, signal.clone(), eye));
        }
        self.ends.insert((until, signal, eye));
    }

    /// All that is remembered is to be seen anew.
    pub(in crate::incidents) fn expect<'s>(
        &mut self,
        now: Timestamp,
        site: &Site,
        known: impl Iterator<Item = &'s Signal>,
    ) {
        for signal in known.filter(|signal| KINDS.contains(&signal.kind)) {
            if !is_known(site, signal) {
                self.gone.insert(signal.clone());
            }
            let seen = Seen {
                at: now,
                until: later(now, AFTER_START),
                level: None,
                words: Text::default(),
            };
            self.put(signal.clone(), Eye::Own, seen);
        }
    }

    fn of(&self, signal: &Signal) -> impl Iterator<Item = &Seen> {
        let eyes = [Eye::Own, Eye::Acd];
        eyes.into_iter()
            .filter_map(|eye| self.last.get(&(signal.clone(), eye)))
    }

    /// The worst of what is still believed at `now`.
    fn worst(&self, now: Timestamp, signal: &Signal) -> Option<(Level, &Text)> {
        let believed = self.of(signal).filter(|seen| now < seen.until);
        let told = believed.filter_map(|seen| Some((seen.level?, &seen.words)));
        told.min_by_key(|(level, _)| std::cmp::Reverse(level.weight()))
    }

    /// The level that one eye saw last.
    pub(in crate::incidents) fn level(&self, signal: &Signal, eye: Eye) -> Option<Level> {
        self.last.get(&(signal.clone(), eye))?.level
    }

    /// When a signal was seen last.
    pub(in crate::incidents) fn seen_at(&self, signal: &Signal) -> Option<Timestamp> {
        self.of(signal).map(|seen| seen.at).max()
    }

    /// What it said last.
    pub(in crate::incidents) fn words(&self, signal: &Signal) -> Option<&Text> {
        let last = self.of(signal).max_by_key(|seen| seen.at)?;
        let worst = self.worst(last.at, signal);
        Some(worst.map_or(&last.words, |(_, words)| words))
    }

    /// The wall clock jumped: nothing is older for that.
    pub(in crate::incidents) fn shift(&mut self, by: SignedDuration) {
        for seen in self.last.values_mut() {
            seen.at = later(seen.at, by);
            seen.until = later(seen.until, by);
        }
        let last = self.last.iter();
        self.ends = last
            .map(|((signal, eye), seen)| (seen.until, signal.clone(), *eye))
            .collect();
    }
}

/// Whether a signal is of something that the site has.
fn is_known(site: &Site, signal: &Signal) -> bool {
    let of = &signal.of;
    match signal.kind {
        Kind::ServiceReach => site.services.contains_key(of),
        Kind::DeviceReach => site.devices.contains_key(of),
        Kind::AcdReach => site.acds.contains_key(of),
        Kind::SeatHeadset | Kind::SeatPhone | Kind::SeatLogin => site.seats.contains_key(of),
        Kind::SeatService => signal.seat_and_service().is_some_and(|(seat, service)| {
            site.seats.contains_key(seat) && site.services.contains_key(service)
        }),
        _ => false,
    }
}

/// What was seen; a level that changes is a turn.
pub(in crate::incidents) fn take(
    board: &mut Board,
    now: Timestamp,
    eye: Eye,
    sights: Vec<Sight>,
) -> Result<Vec<Event>, Refused> {
    let site = &board.centre.site;
    if let Some(stranger) = sights.iter().find(|it| !is_known(site, &it.signal)) {
        return Err(Refused::NoSuchSignal(stranger.signal.clone()));
    }
    let mut events = Vec::new();
    for sight in sights {
        board.live.sights.note(now, eye, &sight);
        let worst = board.live.sights.worst(now, &sight.signal);
        let (level, words) = worst.unwrap_or((sight.level, &sight.words));
        let words = || words.clone();
        turning::turn(board, now, sight.signal.clone(), level, words, &mut events);
    }
    Ok(events)
}

/// Rule: what was not seen for too long is unknown; so is what left the site.
pub(in crate::incidents) fn stale(board: &Board, moment: &Moment) -> Vec<Event> {
    let sights = &board.live.sights;
    for (until, signal, eye) in &sights.ends {
        if !moment.reached(*until) {
            break;
        }
        let since = sights.last[&(signal.clone(), *eye)].at;
        let event = match sights.worst(moment.now, signal) {
            // Another eye still sees it.
            Some((level, words)) if level != Level::Unknown => {
                let from = board.state.level(signal);
                (from == Level::Critical && level != from).then(|| Event::Turned {
                    signal: signal.clone(),
                    from,
                    to: level,
                    since: moment.now,
                    value: words.clone(),
                })
            }
            _ => unknown(board, signal, since, || {
                Text::new("没再看到", "it was not seen any more")
            }),
        };
        if let Some(event) = event {
            return vec![event];
        }
    }
    for signal in &sights.gone {
        let gone = || Text::new("配置里已没有它", "it is not in the configuration any more");
        if let Some(event) = unknown(board, signal, moment.now, gone) {
            return vec![event];
        }
    }
    Vec::new()
}

fn unknown(
    board: &Board,
    signal: &Signal,
    since: Timestamp,
    why: impl Fn() -> Text,
) -> Option<Event> {
    let from = board.state.level(signal);
    (from != Level::Unknown).then(|| Event::Turned {
        signal: signal.clone(),
        from,
        to: Level::Unknown,
        since,
        value: why(),
    })
}
