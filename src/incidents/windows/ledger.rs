//! The windows as their entries add up: which there are, and what happened inside them.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::incidents::entry::{Entry, Event};
use crate::incidents::windows::window::{Purpose, Tally, Tested, Window, WindowId, Worse};
use crate::signals::{Kind, Level, Signal, later};

/// Ended windows are remembered for so long.
pub(in crate::incidents) const KEPT_ENDED: SignedDuration = SignedDuration::from_hours(24);

/// So long after its end what a window muted is looked at anew.
const LATELY: SignedDuration = SignedDuration::from_mins(2);

/// All windows that are to come, under way or just over.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(in crate::incidents) struct Ledger {
    pub(in crate::incidents) windows: BTreeMap<WindowId, Known>,
    /// When the generator of a feed proved itself in a test last.
    #[serde(default)]
    pub(in crate::incidents) proved: BTreeMap<String, Timestamp>,
    /// Since when the generator of a feed is asked for a proof every month.
    #[serde(default)]
    pub(in crate::incidents) asked_since: BTreeMap<String, Timestamp>,
}

/// A window and what happened inside it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::incidents) struct Known {
    pub(in crate::incidents) window: Window,
    /// Each UPS's turns to its battery, in order.
    transfers: BTreeMap<String, Vec<Transfer>>,
    /// What turned out worse than expected, by UPS: from then on all of it is told.
    pub(in crate::incidents) broken: BTreeMap<String, Worse>,
    /// When the first of them did.
    #[serde(default)]
    broken_at: Option<Timestamp>,
    pub(in crate::incidents) ended_at: Option<Timestamp>,
}

/// Once to the battery, and back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Transfer {
    out: Timestamp,
    back: Option<Timestamp>,
}

impl Known {
    /// Whether it expects this signal to stand at this level: the list of all that is muted.
    fn expects(&self, signal: &Signal, level: Level) -> bool {
        let covered = &self.window.covered;
        match signal.kind {
            Kind::UpsMains => {
                covered.ups.contains(&signal.of)
                    && !self.is_broken(&signal.of)
                    && matches!(level, Level::Critical | Level::Unknown)
            }
            Kind::SeatPc => covered.seats.contains(&signal.of) && level == Level::Unknown,
            _ => false,
        }
    }

    /// Whether all of this UPS is told. Work is done on one UPS or another; a cut or a
    /// test that turns bad for one of them is bad for the whole place.
    fn is_broken(&self, ups: &str) -> bool {
        match self.window.purpose {
            Purpose::Maintenance => self.broken.contains_key(ups),
            Purpose::Cut | Purpose::GeneratorTest => !self.broken.is_empty(),
        }
    }

    /// Since when a UPS is on its battery in this window.
    pub(in crate::incidents) fn on_battery_since(&self, ups: &str) -> Option<Timestamp> {
        let last = self.transfers.get(ups)?.last()?;
        last.back.is_none().then_some(last.out)
    }

    /// What a test of the generator has shown by `now`, of the feeds that have one. A
    /// battery alone must have borne the load for no longer than `at_most` at a time.
    pub(in crate::incidents) fn tested(
        &self,
        feeds: BTreeSet<String>,
        at_most: SignedDuration,
        now: Timestamp,
    ) -> Tested {
        let came_back = |ups: &&String| {
            let known = self.transfers.get(*ups);
            known.is_some_and(|all| all.iter().all(|one| one.back.is_some()))
        };
        let covered = self.window.covered.ups.iter();
        let missing: BTreeSet<String> = covered.filter(|ups| !came_back(ups)).cloned().collect();
        let longest = self.tally(now).longest;
        Tested {
            proved: !feeds.is_empty()
                && missing.is_empty()
                && self.broken.is_empty()
                && longest.is_some_and(|longest| longest <= at_most),
            feeds,
            missing,
        }
    }

    /// What happened up to `now`; who is still on the battery is so till then.
    pub(in crate::incidents) fn tally(&self, now: Timestamp) -> Tally {
        let until = self.ended_at.unwrap_or(now);
        let lengths = self.transfers.values().flatten().map(|transfer| {
            let back = transfer.back.unwrap_or(until);
            back.duration_since(transfer.out).max(SignedDuration::ZERO)
        });
        lengths.fold(Tally::default(), |tally, length| Tally {
            transfers: tally.transfers + 1,
            longest: tally.longest.max(Some(length)),
        })
    }
}

impl Ledger {
    /// Windows that have not ended, in the order in which they were set.
    pub(in crate::incidents) fn standing(&self) -> impl Iterator<Item = (WindowId, &Known)> {
        let known = self.windows.iter();
        known
            .filter(|(_, known)| known.ended_at.is_none())
            .map(|(id, known)| (*id, known))
    }

    /// Whether a window has just ended: what it muted may be told now.
    pub(in crate::incidents) fn lately_ended(&self, now: Timestamp) -> bool {
        let mut ended = self.windows.values().filter_map(|known| known.ended_at);
        ended.any(|ended| later(ended, LATELY) > now)
    }

    /// Whether a window under way expects the signal to stand so.
    pub(in crate::incidents) fn mutes(
        &self,
        signal: &Signal,
        level: Level,
        now: Timestamp,
    ) -> bool {
        self.standing()
            .any(|(_, known)| known.window.is_open(now) && known.expects(signal, level))
    }

    /// The UPSs that testify to nothing in an incident with this onset: they were
    /// worked on before it began.
    pub(in crate::incidents) fn apart(&self, onset: Timestamp) -> BTreeSet<&String> {
        self.standing()
            .filter(|(_, known)| known.window.begin <= onset)
            .flat_map(|(_, known)| {
                let ups = known.window.covered.ups.iter();
                ups.filter(|ups| !known.is_broken(ups))
            })
            .collect()
    }

    /// Till when what a UPS shows since then was announced to people: what goes on after
    /// that has its onset there, for it was no news before.
    pub(in crate::incidents) fn announced_until(
        &self,
        ups: &str,
        since: Timestamp,
    ) -> Option<Timestamp> {
        let announced = self.windows.values().filter(|known| {
            known.window.purpose != Purpose::Maintenance
                && known.window.covered.ups.contains(ups)
                && known.window.begin <= since
        });
        let until = announced.filter_map(|known| known.broken_at.or(known.ended_at));
        until.filter(|until| *until > since).max()
    }

    pub(in crate::incidents) fn apply(&mut self, entry: &Entry) {
        match &entry.event {
            Event::WindowSet { window, .. } => {
                self.forget_old(entry.at);
                let known = Known {
                    window: window.clone(),
                    transfers: BTreeMap::new(),
                    broken: BTreeMap::new(),
                    broken_at: None,
                    ended_at: None,
                };
                self.windows.insert(WindowId(entry.seq), known);
            }
            Event::WindowChanged { window, to, .. } => {
                if let Some(known) = self.windows.get_mut(window) {
                    known.window = to.clone();
                }
            }
            Event::WindowBroken {
                window, ups, worse, ..
            } => {
                if let Some(known) = self.windows.get_mut(window) {
                    known.broken.insert(ups.clone(), *worse);
                    known.broken_at.get_or_insert(entry.at);
                }
            }
            Event::WindowEnded { window, tested, .. } => {
                if let Some(known) = self.windows.get_mut(window) {
                    known.ended_at = Some(entry.at);
                }
                if let Some(tested) = tested.as_ref().filter(|tested| tested.proved) {
                    let feeds = tested.feeds.iter();
                    self.proved
                        .extend(feeds.map(|feed| (feed.clone(), entry.at)));
                }
            }
            Event::Turned {
                signal, to, since, ..
            } => {
                if signal.kind == Kind::GeneratorTested {
                    self.asked(&signal.of, *to, entry.at);
                }
                self.count(signal, *to, *since, entry.at);
            }
            Event::ClockStepped { by } => self.shift(*by, entry.at),
            _ => {}
        }
    }

    /// What was expected is counted.
    fn count(&mut self, signal: &Signal, to: Level, since: Timestamp, at: Timestamp) {
        if signal.kind != Kind::UpsMains {
            return;
        }
        for known in self.windows.values_mut() {
            let covered = known.window.covered.ups.contains(&signal.of);
            if known.ended_at.is_some() || !covered || !known.window.is_open(at) {
                continue;
            }
            let transfers = known.transfers.entry(signal.of.clone()).or_default();
            let last = transfers.last_mut().filter(|last| last.back.is_none());
            match (to, last) {
                (Level::Critical, None) => transfers.push(Transfer {
                    out: since,
                    back: None,
                }),
                (Level::Normal | Level::Warning, Some(last)) => last.back = Some(since),
                _ => {}
            }
        }
    }

    fn asked(&mut self, feed: &str, to: Level, at: Timestamp) {
        if to == Level::Unknown {
            self.asked_since.remove(feed);
        } else {
            self.asked_since.entry(feed.to_owned()).or_insert(at);
        }
    }

    fn forget_old(&mut self, now: Timestamp) {
        self.windows.retain(|_, known| {
            let ended = known.ended_at;
            ended.is_none_or(|ended| later(ended, KEPT_ENDED) > now)
        });
    }

    /// The wall clock jumped to `at`. A window under way goes on for as long as it
    /// was to; one to come begins at the time of the day that people were promised.
    fn shift(&mut self, by: SignedDuration, at: Timestamp) {
        let before = later(at, -by);
        for known in self.windows.values_mut() {
            if known.window.begin <= before {
                known.window.begin = later(known.window.begin, by);
                known.window.end = later(known.window.end, by);
            }
            known.ended_at = known.ended_at.map(|ended| later(ended, by));
            known.broken_at = known.broken_at.map(|broken| later(broken, by));
            for transfer in known.transfers.values_mut().flatten() {
                transfer.out = later(transfer.out, by);
                transfer.back = transfer.back.map(|back| later(back, by));
            }
        }
    }
}
