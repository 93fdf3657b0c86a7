//! The fold: what the entries so far add up to. `apply` reads state and entry, nothing else.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::incidents::backups::Newest;
use crate::incidents::card::CardKey;
use crate::incidents::concerns::incident_of;
use crate::incidents::configuring::Configuration;
use crate::incidents::daily::tally::Tally;
use crate::incidents::debt::Debt;
use crate::incidents::discharge::Discharge;
use crate::incidents::docket::Docket;
use crate::incidents::entry::{Ending, Entry, Event, IncidentId, OwedId, Recipient};
use crate::incidents::incident::{Incident, key};
use crate::incidents::leaving::Left;
use crate::incidents::post::{OnDuty, Substitute};
use crate::incidents::progress::RoleTold;
use crate::incidents::repeats::commands_of;
use crate::incidents::stood::{self, Waiting};
use crate::incidents::windows::ledger::Ledger;
use crate::signals::{Kind, Level, Signal, Standing, later};

/// How many command ids are remembered, so that a repeat gets the first outcome.
const COMMANDS: usize = 4096;
/// Closed incidents are shown for so long.
pub(super) const KEPT_CLOSED: SignedDuration = SignedDuration::from_hours(24);
/// Turns are counted over this window.
pub(super) const UNSTABLE_WINDOW: SignedDuration = SignedDuration::from_mins(10);

/// Everything that is remembered; equal after a replay of the same entries.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// Of the last entry; 0 before the first.
    pub(super) seq: u64,
    /// Hash of the last entry.
    pub(super) last_hash: String,
    pub(super) configuration: Configuration,
    pub(super) standings: BTreeMap<Signal, Standing>,
    /// Since when each UPS that is out runs on its battery, by our clock; silence does not end it.
    #[serde(default)]
    pub(super) on_battery_since: BTreeMap<String, Timestamp>,
    /// What the last discharge of each UPS has shown.
    #[serde(default)]
    pub(super) discharges: BTreeMap<String, Discharge>,
    /// The turns of the last ten minutes.
    pub(super) turns: BTreeMap<Signal, VecDeque<Timestamp>>,
    /// Signals that turn too often to be written down.
    pub(super) unstable: BTreeSet<Signal>,
    pub(super) incidents: Docket,
    /// When an incident of a procedure over a scope was closed last: older turns do not open it again.
    pub(super) closed_at: BTreeMap<String, Timestamp>,
    /// When causes ended before anybody was told, by procedure and scope.
    pub(super) blips: BTreeMap<String, VecDeque<Timestamp>>,
    /// How many cases a procedure has counted in a year.
    #[serde(default)]
    cases: BTreeMap<String, u32>,
    /// Messages to channels that have no end yet.
    pub(super) debts: BTreeMap<OwedId, Debt>,
    /// Calls that are under way, and of which incident.
    #[serde(default)]
    pub(super) dials: BTreeMap<OwedId, IncidentId>,
    commands: VecDeque<String>,
    #[serde(default)]
    pub(super) windows: Ledger,
    #[serde(default)]
    pub(super) daily: Tally,
    /// Whom the roster names, by role.
    #[serde(default)]
    pub(super) duty: BTreeMap<String, OnDuty>,
    #[serde(default)]
    pub(super) substitutes: BTreeMap<String, Substitute>,
    /// Seats that took leave, and when those that are back came.
    #[serde(default)]
    pub(super) left: BTreeMap<String, Left>,
    #[serde(default)]
    pub(super) backups: Newest,
    /// What seats did alone that may still land in an incident.
    #[serde(default)]
    pub(super) alone: Vec<Waiting>,
}

impl State {
    /// Sequence number of the last entry; 0 before the first.
    pub fn seq(&self) -> u64 {
        self.seq
    }

    /// All that stands of one kind: a large centre has tens of thousands of others.
    pub(super) fn standings_of(&self, kind: Kind) -> impl Iterator<Item = (&Signal, &Standing)> {
        let known = self.standings.range(Signal::new(kind, "")..);
        known.take_while(move |(signal, _)| signal.kind == kind)
    }

    pub(super) fn level(&self, signal: &Signal) -> Level {
        self.standings
            .get(signal)
            .map_or(Level::Unknown, |standing| standing.level)
    }

    /// When causes of a procedure over a scope ended within the last ten minutes
    /// before anybody was told, after `floor`.
    pub(super) fn blips_since(
        &self,
        procedure: &str,
        of: &str,
        now: Timestamp,
        floor: Option<&Timestamp>,
    ) -> Vec<Timestamp> {
        let blips = self.blips.get(&key(procedure, of));
        blips
            .into_iter()
            .flatten()
            .filter(|blip| later(**blip, UNSTABLE_WINDOW) > now)
            .filter(|blip| floor.is_none_or(|floor| *blip > floor))
            .copied()
            .collect()
    }

    pub(super) fn cases_of(&self, procedure: &str, year: i16) -> u32 {
        let counted = self.cases.get(&case_counter(procedure, year));
        counted.copied().unwrap_or_default()
    }

    pub(super) fn knows_command(&self, id: &str) -> bool {
        self.commands.iter().any(|known| known == id)
    }

    pub(super) fn role_told(&self, card: &CardKey) -> Option<&RoleTold> {
        self.incidents.get(card.incident)?.roles.get(&card.role)
    }

    pub(super) fn open_incidents(&self) -> impl Iterator<Item = &Incident> {
        self.incidents.open()
    }

    /// Those of the open ones whose clocks run: what is adopted waits.
    pub(super) fn running(&self) -> impl Iterator<Item = &Incident> {
        let open = self.incidents.open();
        open.filter(|incident| incident.adopted_by.is_none())
    }

    fn remember_command(&mut self, event: &Event) {
        for command in commands_of(event) {
            if self.knows_command(command) {
                // Known since it was told late; now it has landed.
                self.alone.retain(|waiting| waiting.late.command != command);
                continue;
            }
            if self.commands.len() == COMMANDS {
                self.commands.pop_front();
            }
            self.commands.push_back(command.to_owned());
        }
    }

    /// Takes one entry in.
    pub fn apply(&mut self, entry: &Entry) {
        self.seq = entry.seq;
        self.last_hash = entry.hash();
        self.keep(entry);
        match &entry.event {
            Event::Started => self.forget_old(entry.at),
            Event::Reconfigured { digest, came, went } => {
                self.configuration.change(digest, came, went);
            }
            Event::ClockStepped { by } => self.shift(*by),
            Event::SeatLeft { seat, why } => {
                self.left.insert(seat.clone(), Left::new(*why, entry.at));
            }
            Event::SeatBack { seat } => {
                if let Some(left) = self.left.get_mut(seat) {
                    left.back_at = Some(entry.at);
                }
            }
            Event::Turned {
                signal, to, since, ..
            } => self.turn(signal, *to, *since, entry.at),
            Event::Unstable { signal, .. } => {
                self.unstable.insert(signal.clone());
            }
            Event::Opened {
                procedure,
                scope,
                onset,
                generator,
                raised_by,
                case,
                started_by,
                ..
            } => {
                let id = IncidentId(entry.seq);
                let mut incident = Incident::open(
                    id,
                    procedure.clone(),
                    scope.clone(),
                    *onset,
                    *generator,
                    entry.at,
                );
                incident.raised_by.clone_from(raised_by);
                incident.started_by = *started_by;
                if let Some(case) = case {
                    incident.case_number = Some(case.number.clone());
                    let counter = case_counter(&procedure.id, case.year);
                    self.cases.insert(counter, case.count);
                }
                self.incidents.insert(incident);
                self.forget_old(entry.at);
            }
            Event::Owed {
                incident,
                recipient: Recipient::Channel(channel),
                message,
                held,
                ..
            } => {
                let hash = self.last_hash.clone();
                let debt = Debt::new(*incident, channel, message, hash, entry.at, *held);
                self.debts.insert(OwedId(entry.seq), debt);
            }
            Event::Woken { owed, .. } => self.release(owed, entry.at, false),
            Event::Released { owed } => self.release(owed, entry.at, true),
            Event::Delivered { owed }
            | Event::Lapsed { owed, .. }
            | Event::Superseded { owed, .. } => {
                if let Some(debt) = self.debts.remove(owed)
                    && let Some(incident) = self.incidents.get_mut(debt.incident)
                {
                    match entry.event {
                        Event::Delivered { .. } => incident.note_delivered(&debt.channel),
                        Event::Superseded { .. } => incident.unsay(&debt.channel),
                        _ => {}
                    }
                }
            }
            event => self.hand_over(event, entry.seq, entry.at),
        }
        self.remember_command(&entry.event);
        if let Some(id) = incident_of(&entry.event)
            && let Some(incident) = self.incidents.apply(id, entry)
            && let Event::Closed { why, .. } = &entry.event
        {
            let (key, measured) = (
                incident.key(),
                incident.procedure.opening().next().is_some(),
            );
            if *why == Ending::Blip {
                note_blip(self.blips.entry(key.clone()).or_default(), entry.at);
            }
            // Only what is measured could open again on an older turn.
            if measured {
                self.closed_at.insert(key, entry.at);
            }
            if matches!(why, Ending::With(_)) {
                self.incidents.share_end(id);
            }
        }
    }

    /// What is remembered for later: how UPSs held, and what the next digest says.
    fn keep(&mut self, entry: &Entry) {
        let lapsed = match &entry.event {
            Event::Discharged { ups, discharge } => {
                self.discharges.insert(ups.clone(), discharge.clone());
                None
            }
            Event::BackedUp { backup, newest } => {
                self.backups.insert(backup.clone(), *newest);
                None
            }
            Event::Lapsed { owed, .. } => self.debts.get(owed),
            _ => None,
        };
        let channel = lapsed.map(|debt| debt.channel.as_str());
        self.daily.apply(entry, channel);
        self.windows.apply(entry);
    }

    /// Who has a role, who stands in, and who is rung up; what was done where nobody was told.
    fn hand_over(&mut self, event: &Event, seq: u64, at: Timestamp) {
        match event {
            Event::StoodAlone(stood) => {
                stood::wait(&mut self.alone, &mut self.on_battery_since, stood, at);
            }
            Event::Dialled { incident, .. } => {
                self.dials.insert(OwedId(seq), *incident);
            }
            Event::DialEnded { dial, .. } => {
                self.dials.remove(dial);
            }
            Event::DutyChanged { role, on } => {
                self.duty.insert(role.clone(), on.clone());
            }
            Event::Substituted { role, seat, .. } => {
                let substitute = Substitute {
                    seat: Some(seat.clone()),
                    since: at,
                };
                self.substitutes.insert(role.clone(), substitute);
            }
            Event::SubstituteEnded { role, .. } => {
                if let Some(substitute) = self.substitutes.get_mut(role) {
                    substitute.seat = None;
                }
            }
            _ => {}
        }
    }

    fn release(&mut self, owed: &BTreeSet<OwedId>, at: Timestamp, digest: bool) {
        for owed in owed {
            if let Some(debt) = self.debts.get_mut(owed) {
                debt.release(at, digest);
            }
        }
    }

    fn turn(&mut self, signal: &Signal, to: Level, since: Timestamp, at: Timestamp) {
        self.unstable.remove(signal);
        if signal.kind == Kind::UpsMains {
            match to {
                Level::Critical => {
                    let clock = self.on_battery_since.entry(signal.of.clone());
                    clock.or_insert(since);
                }
                Level::Normal | Level::Warning => {
                    self.on_battery_since.remove(&signal.of);
                }
                Level::Unknown => {}
            }
        }
        self.standings
            .insert(signal.clone(), Standing { level: to, since });
        let turns = self.turns.entry(signal.clone()).or_default();
        turns.push_back(at);
        while turns
            .front()
            .is_some_and(|turn| later(*turn, UNSTABLE_WINDOW) < at)
        {
            turns.pop_front();
        }
    }

    /// Drops closed incidents that nobody is owed anything of, a day after their end.
    fn forget_old(&mut self, now: Timestamp) {
        let debts: BTreeSet<_> = self.debts.values().map(|debt| debt.incident).collect();
        self.incidents.retain(|incident| {
            let closed = incident.closed.as_ref();
            debts.contains(&incident.id)
                || closed.is_none_or(|closed| later(closed.at, KEPT_CLOSED) > now)
        });
        for blips in self.blips.values_mut() {
            blips.retain(|blip| later(*blip, UNSTABLE_WINDOW) > now);
        }
        self.blips.retain(|_, blips| !blips.is_empty());
    }
}

fn note_blip(blips: &mut VecDeque<Timestamp>, at: Timestamp) {
    blips.push_back(at);
    blips.retain(|blip| later(*blip, UNSTABLE_WINDOW) > at);
}

fn case_counter(procedure: &str, year: i16) -> String {
    format!("{procedure} {year}")
}
