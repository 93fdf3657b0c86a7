//! What is seen of everything that is not a UPS, gathered from what is written down.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use crate::incidents::board::Centre;
use crate::incidents::fault::map::Map;
use crate::incidents::fault::symptom::{Cause, Seen, Symptom};
use crate::incidents::incident::Incident;
use crate::incidents::state::State;
use crate::plan::{Fault, Procedure, Reach};
use crate::signals::{Kind, Level, Signal, Standing, later};
use crate::site::Site;

/// While PCs boot and people sign on nobody is at fault.
const SHIFT_BEGINS: SignedDuration = SignedDuration::from_mins(20);

/// What people call the ACD, whichever it is.
pub(super) const ACD: &str = "acd";

/// What is seen at `now`.
pub(super) fn seen<'a>(centre: &'a Centre, map: &'a Map, state: &'a State, now: Timestamp) -> Seen {
    let site = &centre.site;
    let mut look = Look {
        site,
        state,
        power: Power::of(site, state),
        floors: Floors::of(site, map, state),
        away: BTreeSet::new(),
        seen: Seen::default(),
    };
    look.at_what_all_share(map);
    look.at_pcs(now);
    look.at_what_is_a_seats_own();
    look.at_services_from_seats();
    look.at_what_people_say();
    look.seen
}

/// A look at everything, one kind after the other.
struct Look<'a> {
    site: &'a Site,
    state: &'a State,
    power: Power,
    floors: Floors<'a>,
    /// Seats that cannot tell what else they see.
    away: BTreeSet<&'a str>,
    seen: Seen,
}

impl<'a> Look<'a> {
    fn of(&self, kind: Kind) -> impl Iterator<Item = (&'a Signal, &'a Standing)> + use<'a> {
        self.state.standings_of(kind)
    }

    fn at_what_all_share(&mut self, map: &Map) {
        let (site, state) = (self.site, self.state);
        let known = |kind: Kind, is_there: &dyn Fn(&str) -> bool| {
            let there = self.of(kind).filter(|(signal, _)| is_there(&signal.of));
            let told = there.map(|(signal, standing)| {
                let since = self.floors.of_thing(&signal.of, standing.since);
                (signal.of.clone(), (standing.level, since))
            });
            told.collect::<BTreeMap<_, _>>()
        };
        let services = known(Kind::ServiceReach, &|id| site.services.contains_key(id));
        let devices = known(Kind::DeviceReach, &|id| site.devices.contains_key(id));
        let acds = known(Kind::AcdReach, &|id| site.acds.contains_key(id));
        let well = |it: &(Level, Timestamp)| matches!(it.0, Level::Normal | Level::Warning);
        let mut all = services.values().chain(devices.values());
        let answers = all.any(well)
            || acds.values().any(well)
            || self
                .of(Kind::UpsMains)
                .any(|(_, standing)| standing.level != Level::Unknown);
        let open = state.open_incidents();
        self.seen = Seen {
            services,
            devices,
            acds,
            dark: self.power.dark_devices(site, map, state),
            perhaps_dark: self.power.perhaps_dark(site),
            open: open
                .filter_map(|incident| cause_of(site, incident))
                .collect(),
            something_answers: answers,
            ..Seen::default()
        };
    }

    fn at_pcs(&mut self, now: Timestamp) {
        for (signal, standing) in self.of(Kind::SeatPc) {
            let seat = signal.of.as_str();
            let Some(known) = self.site.seats.get(seat) else {
                continue;
            };
            if self.power.seats.contains(seat) {
                self.away.insert(seat);
                continue;
            }
            match standing.level {
                Level::Normal => {
                    self.seen.expected.insert(seat.to_owned());
                    self.seen.something_answers = true;
                }
                Level::Unknown => {
                    self.away.insert(seat);
                    let muted = self.state.windows.mutes(signal, Level::Unknown, now);
                    if !muted && counts(self.site, &known.zone, standing.since) {
                        self.seen.expected.insert(seat.to_owned());
                        self.suffers(seat, Symptom::Pc, standing);
                    }
                }
                Level::Warning | Level::Critical => {
                    self.away.insert(seat);
                }
            }
        }
    }

    fn at_what_is_a_seats_own(&mut self) {
        let own = [
            (Kind::SeatHeadset, Symptom::Headset),
            (Kind::SeatPhone, Symptom::Phone),
            (Kind::SeatLogin, Symptom::Login),
        ];
        for (kind, symptom) in own {
            for (signal, standing) in self.of(kind) {
                let seat = signal.of.as_str();
                if !self.tells(seat, standing) {
                    continue;
                }
                if symptom.is_of_acd() {
                    self.seen.ask_acd.insert(seat.to_owned());
                }
                if standing.level == Level::Critical {
                    self.suffers(seat, symptom.clone(), standing);
                }
            }
        }
    }

    fn at_services_from_seats(&mut self) {
        for (signal, standing) in self.of(Kind::SeatService) {
            let Some((seat, service)) = signal.seat_and_service() else {
                continue;
            };
            if !self.site.services.contains_key(service) || !self.tells(seat, standing) {
                continue;
            }
            let tell = self.seen.ask_service.entry(service.to_owned()).or_default();
            tell.insert(seat.to_owned());
            match standing.level {
                Level::Critical => self.suffers(seat, Symptom::Dead(service.to_owned()), standing),
                Level::Warning => self.suffers(seat, Symptom::Slow(service.to_owned()), standing),
                Level::Normal | Level::Unknown => {}
            }
        }
    }

    /// What people report of their own seats, while it is not mended.
    fn at_what_people_say(&mut self) {
        let (site, state) = (self.site, self.state);
        for incident in state.open_incidents() {
            let Some(Cause::Seat(seat)) = cause_of(site, incident) else {
                continue;
            };
            let what = incident.answers.get("what");
            let mended = incident.procedure.clear.answer.as_ref();
            let is_mended = mended.is_some_and(|mended| incident.is_answered(mended));
            let (Some(what), false) = (what, is_mended || self.power.seats.contains(&seat)) else {
                continue;
            };
            if incident.raised_by.is_none() || !site.seats.contains_key(&seat) {
                continue;
            }
            let symptom = Symptom::said(&what.value);
            if symptom.is_of_acd() {
                self.seen.ask_acd.insert(seat.clone());
            }
            let since = self.floors.of_seat(&seat, incident.onset);
            let symptoms = self.seen.seats.entry(seat.clone()).or_default();
            if !symptoms.contains_key(&symptom) {
                symptoms.insert(symptom.clone(), since);
                self.seen.said.insert((seat, symptom));
            }
        }
    }

    /// Whether what this seat says of something counts.
    fn tells(&self, seat: &str, standing: &Standing) -> bool {
        self.site.seats.contains_key(seat)
            && !self.away.contains(seat)
            && !self.power.seats.contains(seat)
            && standing.level != Level::Unknown
    }

    fn suffers(&mut self, seat: &str, symptom: Symptom, standing: &Standing) {
        let since = self.floors.of_seat(seat, standing.since);
        let symptoms = self.seen.seats.entry(seat.to_owned()).or_default();
        symptoms.insert(symptom, since);
    }
}

/// Whether people work where this is, and have for long enough.
fn counts(site: &Site, zone: &str, since: Timestamp) -> bool {
    let open_since = site.agenda_of(zone).open_since(since);
    open_since.is_some_and(|open| later(open, SHIFT_BEGINS) <= since)
}

/// Devices without supply, and those behind them.
pub(super) fn dark_devices(site: &Site, map: &Map, state: &State) -> BTreeSet<String> {
    Power::of(site, state).dark_devices(site, map, state)
}

/// What an incident is caused by, whether it was measured or a person said so.
pub(in crate::incidents) fn cause_of(site: &Site, incident: &Incident) -> Option<Cause> {
    let which = incident.answers.get("which").map(|it| it.value.as_str());
    cause(site, &incident.procedure, &incident.opened_over, which)
}

/// What a procedure is about that is opened over `of`, and where that says nothing over
/// `which` service.
pub(super) fn cause(
    site: &Site,
    procedure: &Procedure,
    of: &str,
    which: Option<&str>,
) -> Option<Cause> {
    let fault = procedure.trigger.iter().find_map(|it| it.fault)?;
    let named = if of.is_empty() {
        which.unwrap_or(of)
    } else {
        of
    }
    .to_owned();
    Some(match fault {
        Fault::CutOff => Cause::CutOff,
        Fault::Network => Cause::Network(of.to_owned()),
        Fault::Seat => Cause::Seat(of.to_owned()),
        _ if site.acds.contains_key(&named) => Cause::Acd(named),
        // People say "the ACD" where there is but one.
        _ if named == ACD => Cause::Acd(site.acds.keys().next().cloned().unwrap_or(named)),
        Fault::Service | Fault::Slow | Fault::Acd => Cause::Service(named),
    })
}

/// What has no mains, or is asked after.
struct Power {
    /// Seats within a power loss or the question of one.
    seats: BTreeSet<String>,
    circuits: BTreeSet<String>,
    ups: BTreeSet<String>,
    /// Feeds of which people are asked.
    asked: BTreeSet<String>,
}

impl Power {
    fn of(site: &Site, state: &State) -> Self {
        let mut power = Self {
            seats: BTreeSet::new(),
            circuits: BTreeSet::new(),
            ups: BTreeSet::new(),
            asked: BTreeSet::new(),
        };
        for incident in state.open_incidents() {
            let mut opening = incident.procedure.opening();
            let Some(trigger) = opening.find(|it| it.scope == Reach::Feed) else {
                continue;
            };
            let scope = &incident.scope;
            if trigger.silence.is_some() {
                power.asked.insert(scope.feed.clone());
                power.seats.extend(incident.out.iter().cloned());
            } else if trigger.signal == Some(Kind::UpsMains) && trigger.blips_of.is_none() {
                power.seats.extend(scope.seats.iter().cloned());
                power.ups.extend(scope.ups.iter().cloned());
                let named: Vec<&str> = scope.of.split('+').collect();
                let circuits = site.circuits.iter();
                let out = circuits.filter(|(id, circuit)| {
                    circuit.feed == scope.of || named.contains(&id.as_str())
                });
                power.circuits.extend(out.map(|(id, _)| id.clone()));
            }
        }
        power
    }

    /// Devices without supply, and those behind them.
    fn dark_devices(&self, site: &Site, map: &Map, state: &State) -> BTreeSet<String> {
        let gone = |ups: &str| {
            self.ups.contains(ups)
                && state.level(&Signal::new(Kind::UpsMains, ups)) == Level::Unknown
        };
        let unfed: BTreeSet<&String> = site
            .devices
            .iter()
            .filter(|(_, it)| self.circuits.contains(&it.fed_by) || gone(&it.fed_by))
            .map(|(id, _)| id)
            .collect();
        let behind = |id: &&String| map.of_device[*id].iter().any(|it| unfed.contains(it));
        let ids = site.devices.keys();
        let dark = ids.filter(|id| unfed.contains(id) || behind(id));
        dark.cloned().collect()
    }

    fn perhaps_dark(&self, site: &Site) -> BTreeSet<String> {
        let devices = site.devices.iter().filter(|(_, it)| {
            let circuit = site.circuits.get(&it.fed_by);
            circuit.is_some_and(|circuit| self.asked.contains(&circuit.feed))
        });
        devices.map(|(id, _)| id.clone()).collect()
    }
}

/// Until when something wider explained what is still bad: its own clocks start then.
struct Floors<'s> {
    /// Until callwatch itself was cut off.
    all: Timestamp,
    seats: BTreeMap<&'s str, Timestamp>,
    things: BTreeMap<&'s str, Timestamp>,
}

impl<'s> Floors<'s> {
    fn of(site: &'s Site, map: &'s Map, state: &'s State) -> Self {
        let mut floors = Self {
            all: Timestamp::MIN,
            seats: BTreeMap::new(),
            things: BTreeMap::new(),
        };
        for incident in state.incidents.values() {
            let Some(closed) = &incident.closed else {
                continue;
            };
            let cause = cause_of(site, incident);
            let mut opening = incident.procedure.opening();
            let is_power = opening.any(|it| it.scope == Reach::Feed);
            if cause == Some(Cause::CutOff) {
                floors.all = floors.all.max(closed.at);
                continue;
            }
            if !is_power && cause.is_none() {
                continue;
            }
            for seat in &incident.scope.seats {
                let floor = floors.seats.entry(seat).or_insert(closed.at);
                *floor = closed.at.max(*floor);
            }
            let Some(Cause::Network(device)) = cause else {
                continue;
            };
            let things = [&map.of_service, &map.of_acd, &map.of_device];
            for (id, way) in things.into_iter().flatten() {
                if device.is_empty() || way.contains(&device) {
                    let floor = floors.things.entry(id).or_insert(closed.at);
                    *floor = closed.at.max(*floor);
                }
            }
        }
        floors
    }

    fn of_seat(&self, seat: &str, since: Timestamp) -> Timestamp {
        let floor = self.seats.get(seat).unwrap_or(&self.all);
        since.max(*floor).max(self.all)
    }

    fn of_thing(&self, id: &str, since: Timestamp) -> Timestamp {
        let floor = self.things.get(id).unwrap_or(&self.all);
        since.max(*floor).max(self.all)
    }
}
