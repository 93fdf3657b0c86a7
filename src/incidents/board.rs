//! The Board: turns inputs and the time into entries.
//!
//! An input is first taken for what it says itself. Then the rules are asked,
//! in order, what follows from the state at `now`, until nothing more does.
//! Every rule is true of the state alone and made untrue by its own entry, so a
//! restart at any point finds again what is still to be done, and only that.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;

use crate::incidents::adoption::rule as adoption;
use crate::incidents::astir::Astir;
use crate::incidents::backups;
use crate::incidents::configuring::Configuration;
use crate::incidents::daily::rule as daily;
use crate::incidents::dialling::rule as dialling;
use crate::incidents::entry::{Entry, Event};
use crate::incidents::fault::sight::Eye;
use crate::incidents::fault::{Faults, presence, rule as fault, sight, switchboard};
use crate::incidents::input::{Input, Outcome, Presence, Refused};
use crate::incidents::live::Live;
use crate::incidents::neighbours;
use crate::incidents::packed::Packed;
use crate::incidents::queues::{ringing, rule};
use crate::incidents::rendered::Rendered;
use crate::incidents::repeated::Weight;
use crate::incidents::state::State;
use crate::incidents::timeline::Timelines;
use crate::incidents::windows::{near, proving, rules};
use crate::incidents::{
    alone, calling, commands, configuring, describe, duty, gate, keeping, kinds, leaving, morning,
    night, opening, owing, readiness, remaining, repeated, sensing, steps, suspicion, telling,
    turning, unseen,
};
use crate::plan::Plan;
use crate::signals::{Kind, Level};
use crate::site::Site;
use crate::site::path::Path;
use crate::text::Text;

pub(super) use crate::incidents::moment::Moment;

/// The version of the entry format.
pub const VERSION: u16 = 1;

/// How many rounds of consequences one input may have before it is a fault of ours.
const CONSEQUENCES: usize = 10_000;

/// The centre and its plan: what `decide` reads and `apply` never does.
#[derive(Clone, Debug)]
pub struct Centre {
    pub site: Site,
    pub plan: Plan,
    pub timing: Timing,
}

/// When silence counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timing {
    /// A signal that was not heard of for so long is unknown.
    pub stale_after: jiff::SignedDuration,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            stale_after: jiff::SignedDuration::from_secs(15),
        }
    }
}

/// The one thing that judges.
#[derive(Debug)]
pub struct Board {
    pub(super) centre: Arc<Centre>,
    /// Which configuration `centre` is.
    pub(super) configuration: Configuration,
    pub(super) state: State,
    pub(super) live: Live,
    /// What must last without mains, with all that it needs.
    pub(super) paths: Vec<Path>,
    /// The UPSs that they hang on.
    pub(super) lasting: BTreeSet<String>,
    pub(super) astir: Astir,
    pub(super) faults: Faults,
    pub(super) rendered: Rendered,
    pub(super) timelines: Timelines,
    pub(super) kits: Packed,
    next: Option<Timestamp>,
    /// When the rules were asked last.
    pub(super) asked_at: Option<Timestamp>,
    /// Something was taken in, and the rules were not asked since.
    is_pending: bool,
    stirred: bool,
}

/// The rules, in the order in which they are asked.
const RULES: [fn(&Board, &Moment) -> Vec<Event>; 51] = [
    configuring::reconfigured,
    adoption::released,
    leaving::seats,
    duty::changed,
    duty::substitute_over,
    turning::stale,
    sight::stale,
    presence::grey,
    rule::stale,
    sensing::stale,
    remaining::proved,
    turning::generator,
    rules::ended,
    rules::broken,
    near::turn,
    proving::turn,
    readiness::turn,
    backups::turn,
    opening::open,
    suspicion::ask,
    suspicion::settle,
    fault::open,
    fault::widen,
    adoption::adopt,
    adoption::answered,
    turning::finished,
    kinds::out_changed,
    turning::finish_by,
    kinds::settle,
    gate::begin_or_break,
    telling::stages_begin,
    telling::roles_told,
    fault::told_more,
    dialling::withdrawn,
    calling::calls,
    ringing::asked,
    neighbours::ask,
    neighbours::end,
    unseen::handed_over,
    unseen::unseen,
    alone::land,
    night::woken,
    night::on_call,
    dialling::on_call,
    steps::clocks,
    gate::close,
    morning::released,
    daily::digested,
    owing::messages,
    adoption::superseded,
    owing::lapsed,
];

impl Board {
    /// A Board that remembers `state`; what it watches begins anew at `now`.
    pub fn new(centre: Arc<Centre>, state: State, now: Timestamp) -> Self {
        let paths = centre.site.paths();
        let faults = Faults::of(&centre.site);
        Self {
            configuration: Configuration::of(&centre),
            lasting: repeated::lasting(&paths),
            paths,
            centre,
            astir: Astir::all(&state),
            faults,
            state,
            live: Live::new(now),
            rendered: Rendered::default(),
            timelines: Timelines::default(),
            kits: Packed::default(),
            next: None,
            asked_at: None,
            is_pending: false,
            stirred: true,
        }
    }

    /// Judges one input. What it returns is in force, and must be appended
    /// before anything is told. A refusal changes nothing.
    pub fn handle(&mut self, now: Timestamp, input: Input) -> Result<Vec<Entry>, Refused> {
        let mut written = self.take_in(now, input)?;
        written.extend(self.follow_up(now));
        Ok(written)
    }

    /// As [`Self::handle`], but for the consequences: [`Self::follow_up`] tells those, of
    /// all that was taken in before. What many machines say at once is judged once.
    pub fn take_in(&mut self, now: Timestamp, input: Input) -> Result<Vec<Entry>, Refused> {
        let mut written = Vec::new();
        let weight = self.weight(now, &input);
        for event in self.take(now, input)? {
            self.write(now, event, &mut written);
        }
        match weight {
            _ if !written.is_empty() => self.is_pending = true,
            Weight::News => self.is_pending = true,
            Weight::CanWait(until) => {
                self.next = Some(self.next.map_or(until, |next| next.min(until)));
            }
            Weight::Repeated => {
                debug_assert!(self.is_pending || self.consequences(now).0.is_empty());
            }
        }
        Ok(written)
    }

    /// What follows from all that was taken in; nothing, where nothing was.
    pub fn follow_up(&mut self, now: Timestamp) -> Vec<Entry> {
        let mut written = Vec::new();
        self.stirred = std::mem::take(&mut self.is_pending);
        if self.stirred {
            self.follow(now, &mut written);
        }
        written
    }

    /// Asks the rules until they say nothing more.
    fn follow(&mut self, now: Timestamp, written: &mut Vec<Entry>) {
        self.asked_at = Some(now);
        self.astir.wake(now);
        for _ in 0..CONSEQUENCES {
            self.faults.seek(&self.centre, &self.state, now);
            let (events, next) = self.consequences(now);
            if events.is_empty() {
                self.astir.rest(&self.state);
                self.next = [next, self.astir.next()].into_iter().flatten().min();
                return;
            }
            for event in events {
                self.write(now, event, written);
            }
        }
        unreachable!("the rules contradict each other: an input had endless consequences");
    }

    /// What the first rule that says something says; else when one would say more.
    fn consequences(&self, now: Timestamp) -> (Vec<Event>, Option<Timestamp>) {
        let moment = Moment::new(now);
        let events = RULES
            .iter()
            .map(|rule| rule(self, &moment))
            .find(|events| !events.is_empty());
        (events.unwrap_or_default(), moment.next())
    }

    /// Whether what was followed up last may have changed more than the values that are shown.
    pub fn is_stirred(&self) -> bool {
        self.stirred
    }

    /// When the Board wants to be asked again, by [`Input::Tick`].
    pub fn next_deadline(&self) -> Option<Timestamp> {
        self.next
    }

    pub fn state(&self) -> &State {
        &self.state
    }

    pub fn centre(&self) -> &Arc<Centre> {
        &self.centre
    }

    fn write(&mut self, now: Timestamp, event: Event, written: &mut Vec<Entry>) {
        let entry = Entry {
            seq: self.state.seq + 1,
            at: now,
            version: VERSION,
            reason: describe::reason(&event, self),
            previous: self.state.last_hash.clone(),
            event,
        };
        self.rendered.note(&entry.event, &self.state);
        self.state.apply(&entry);
        self.astir.note(&entry.event, &self.state);
        self.faults.note(&entry.event);
        self.live.silences.note(&entry.event);
        written.push(entry);
    }

    /// What the input says itself.
    fn take(&mut self, now: Timestamp, input: Input) -> Result<Vec<Event>, Refused> {
        match input {
            Input::Started => {
                self.live = Live::new(now);
                self.expect(now);
                let mut events = vec![Event::Started];
                events.extend(dialling::interrupted(self));
                Ok(events)
            }
            Input::ClockStepped { by } => {
                self.live.shift(now, by);
                Ok(vec![Event::ClockStepped { by }])
            }
            Input::Sights(sights) => sight::take(self, now, Eye::Own, sights),
            Input::Dial(report) => dialling::take(self, report),
            Input::Certificate { service, until } => {
                if !self.centre.site.services.contains_key(&service) {
                    return Err(Refused::NoSuchService(service));
                }
                self.live.certificates.insert(service, until);
                Ok(Vec::new())
            }
            Input::OwnCertificate { until } => {
                self.live.own_certificate = Some(until);
                Ok(Vec::new())
            }
            Input::Backup { backup, sight } => backups::take(self, now, &backup, sight),
            Input::Kept { kind, fault } => Ok(keeping::take(self, now, kind, fault.as_deref())),
            Input::Tick => Ok(Vec::new()),
            Input::Ups { ups, reading } => turning::take_ups(self, now, &ups, reading),
            Input::Sensor { sensor, reading } => sensing::take(self, now, &sensor, reading),
            Input::Alone { seat, report } => alone::take(self, now, &seat, &report),
            Input::OwnPower { seat, power } => turning::take_own(self, now, &seat, &power),
            Input::Acd { acd, reading } => {
                let mut events = rule::take(self, now, &acd, &reading);
                events.extend(switchboard::take(self, now, &acd, &reading)?);
                Ok(events)
            }
            Input::Seat { seat, presence } => {
                if !self.centre.site.seats.contains_key(&seat) {
                    return Err(Refused::NoSuchSeat(seat));
                }
                Ok(self.take_presence(now, &seat, presence))
            }
            Input::Command(command) => commands::take(self, now, &command),
            Input::Receipt(receipt) => self.take_receipt(receipt),
            Input::Delivery { owed, outcome } => {
                if !self.state.debts.contains_key(&owed) {
                    return Err(Refused::NothingOwed(owed.0));
                }
                Ok(vec![match outcome {
                    Outcome::Delivered => Event::Delivered { owed },
                    Outcome::GaveUp(why) => Event::Lapsed {
                        owed,
                        why: Text::same(why),
                    },
                }])
            }
        }
    }

    fn take_presence(&mut self, now: Timestamp, seat: &str, presence: Presence) -> Vec<Event> {
        let has_left = self.left(seat).is_some();
        self.live.take_seat(now, seat, presence, has_left);
        presence::turned(self, now, seat, presence)
            .into_iter()
            .collect()
    }

    /// What was seen before the start has to be seen anew.
    fn expect(&mut self, now: Timestamp) {
        let well = self.state.standings.iter();
        let known = well.filter(|(_, standing)| standing.level != Level::Unknown);
        let known: Vec<_> = known.map(|(signal, _)| signal.clone()).collect();
        self.live
            .sights
            .expect(now, &self.centre.site, known.iter());
        let there = known.iter().filter(|signal| {
            signal.kind == Kind::SeatPc && self.state.level(signal) == Level::Normal
        });
        self.live
            .silences
            .expect(now, there.map(|signal| &signal.of));
    }
}
