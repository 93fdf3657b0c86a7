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

/// What was seen last, and till when that is believed. Outside the fold.
#[derive(Clone, Debug, Default)]
pub(in crate::incidents) struct Sights {
    last: BTreeMap<Signal, Seen>,
    ends: BTreeSet<(Timestamp, Signal)>,
    /// What the site has no more.
    gone: BTreeSet<Signal>,
}

#[derive(Clone, Debug)]
struct Seen {
    at: Timestamp,
    until: Timestamp,
    words: Text,
}

impl Sights {
    fn note(&mut self, now: Timestamp, sight: &Sight) {
        let until = later(now, sight.lasts);
        let words = sight.words.clone();
        self.put(sight.signal.clone(), now, until, words);
    }

    fn put(&mut self, signal: Signal, at: Timestamp, until: Timestamp, words: Text) {
        let seen = Seen { at, until, words };
        if let Some(before) = self.last.insert(signal.clone(), seen) {
            self.ends.remove(&(before.until, signal.clone()));
        }
        self.ends.insert((until, signal));
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
            let until = later(now, AFTER_START);
            self.put(signal.clone(), now, until, Text::default());
        }
    }

    /// When a signal was seen last.
    pub(in crate::incidents) fn seen_at(&self, signal: &Signal) -> Option<Timestamp> {
        self.last.get(signal).map(|seen| seen.at)
    }

    /// What it said last.
    pub(in crate::incidents) fn words(&self, signal: &Signal) -> Option<&Text> {
        self.last.get(signal).map(|seen| &seen.words)
    }

    /// The wall clock jumped: nothing is older for that.
    pub(in crate::incidents) fn shift(&mut self, by: SignedDuration) {
        for seen in self.last.values_mut() {
            seen.at = later(seen.at, by);
            seen.until = later(seen.until, by);
        }
        let last = self.last.iter();
        self.ends = last.map(|(id, seen)| (seen.until, id.clone())).collect();
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
    sights: Vec<Sight>,
) -> Result<Vec<Event>, Refused> {
    let site = &board.centre.site;
    if let Some(stranger) = sights.iter().find(|it| !is_known(site, &it.signal)) {
        return Err(Refused::NoSuchSignal(stranger.signal.clone()));
    }
    let mut events = Vec::new();
    for sight in sights {
        board.live.sights.note(now, &sight);
        let words = || sight.words;
        turning::turn(board, now, sight.signal, sight.level, words, &mut events);
    }
    Ok(events)
}

/// Rule: what was not seen for too long is unknown; so is what left the site.
pub(in crate::incidents) fn stale(board: &Board, moment: &Moment) -> Vec<Event> {
    let sights = &board.live.sights;
    for (until, signal) in &sights.ends {
        if !moment.reached(*until) {
            break;
        }
        if let Some(event) = unknown(board, signal, sights.last[signal].at, || {
            Text::new("没再看到", "it was not seen any more")
        }) {
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
