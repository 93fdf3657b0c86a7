//! The windows as their entries add up: which there are, and what happened inside them.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::incidents::entry::{Entry, Event};
use crate::incidents::windows::window::{Tally, Window, WindowId, Worse};
use crate::signals::{Kind, Level, Signal, later};

/// Ended windows are remembered for so long.
pub(in crate::incidents) const KEPT_ENDED: SignedDuration = SignedDuration::from_hours(24);

/// So long after its end what a window muted is looked at anew.
const LATELY: SignedDuration = SignedDuration::from_mins(2);

/// All windows that are to come, under way or just over.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(in crate::incidents) struct Ledger {
    pub(in crate::incidents) windows: BTreeMap<WindowId, Known>,
}

/// A window and what happened inside it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::incidents) struct Known {
    pub(in crate::incidents) window: Window,
    /// Each UPS's turns to its battery, in order.
    transfers: BTreeMap<String, Vec<Transfer>>,
    /// What turned out worse than expected, by UPS: from then on all of it is told.
    pub(in crate::incidents) broken: BTreeMap<String, Worse>,
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
                    && !self.broken.contains_key(&signal.of)
                    && matches!(level, Level::Critical | Level::Unknown)
            }
            Kind::SeatPc => covered.seats.contains(&signal.of) && level == Level::Unknown,
            _ => false,
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
                ups.filter(|ups| !known.broken.contains_key(*ups))
            })
            .collect()
    }

    pub(in crate::incidents) fn apply(&mut self, entry: &Entry) {
        match &entry.event {
            Event::WindowSet { window, .. } => {
                self.forget_old(entry.at);
                let known = Known {
                    window: window.clone(),
                    transfers: BTreeMap::new(),
                    broken: BTreeMap::new(),
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
                }
            }
            Event::WindowEnded { window, .. } => {
                if let Some(known) = self.windows.get_mut(window) {
                    known.ended_at = Some(entry.at);
                }
            }
            Event::Turned {
                signal, to, since, ..
            } => self.count(signal, *to, *since, entry.at),
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
            for transfer in known.transfers.values_mut().flatten() {
                transfer.out = later(transfer.out, by);
                transfer.back = transfer.back.map(|back| later(back, by));
            }
        }
    }
}
