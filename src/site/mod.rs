//! The centre: zones, feeds and circuits, UPSs, devices, seats, and which role sits where.
//!
//! What feeds what (`fed_by`) and what lies behind what (`via`) are names of
//! other things of the same site; `config/` has checked that they resolve.

mod device;
mod hours;
mod monthly;
pub mod path;
mod queue;
mod quiet;
mod recipients;
mod roster;
mod sensor;
mod service;

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::site::path::{Accepted, Need, Part, Path, Plug, Subject, way};
use crate::text::{Language, Text};

pub use device::{Device, DeviceKind};
pub use hours::{Agenda, Calendar, Day, Hours, Span};
pub use monthly::{Monthly, NotMonthly};
pub use path::Readiness;
pub use queue::{Bounds, Days, HANDLING, Queue, Special, WRAP_UP};
pub use quiet::{Night, Quiet};
pub use recipients::{Channel, Contact, Deputy, Role, digits};
pub use roster::{Duty, GRACE, LONGEST_SHIFT, OnRoster, Person, Roster};
pub use sensor::Sensor;
pub use service::{Acd, Backup, Service};

/// A centre as its file describes it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Site {
    pub name: Text,
    /// The language of cards and messages where nobody chose one.
    pub language: Language,
    /// IANA name; clock times on cards are of this zone.
    pub time_zone: String,
    /// For the fire brigade: street, building, floor.
    pub address: Option<Text>,
    pub zones: BTreeMap<String, Zone>,
    pub feeds: BTreeMap<String, Feed>,
    pub circuits: BTreeMap<String, Circuit>,
    pub ups: BTreeMap<String, Ups>,
    /// UPSs that nothing but the PC of a seat sees: the seat, by UPS.
    #[serde(default)]
    pub ups_seen_by: BTreeMap<String, String>,
    pub devices: BTreeMap<String, Device>,
    /// What seats work with over the network.
    #[serde(default)]
    pub services: BTreeMap<String, Service>,
    /// What hands the calls out.
    #[serde(default)]
    pub acds: BTreeMap<String, Acd>,
    #[serde(default)]
    pub sensors: BTreeMap<String, Sensor>,
    #[serde(default)]
    pub backups: BTreeMap<String, Backup>,
    pub seats: BTreeMap<String, Seat>,
    /// The plan's roles, mapped to seats and channels.
    pub roles: BTreeMap<String, Role>,
    /// The ways out of the building, by the names that roles call them.
    #[serde(default)]
    pub channels: BTreeMap<String, Channel>,
    /// That of them which rings people up, where there is one.
    #[serde(default)]
    pub phone: Option<String>,
    /// Names and numbers that cards may print.
    pub contacts: BTreeMap<String, Contact>,
    pub queues: BTreeMap<String, Queue>,
    /// People who may be called in, in the order in which they are rung up, by list.
    pub reserves: BTreeMap<String, Vec<Contact>>,
    /// Holidays, and the days that make up for them.
    pub calendar: Calendar,
    pub roster: Roster,
    pub quiet: Quiet,
    /// Where callwatch itself runs.
    pub host: Option<Host>,
    pub readiness: Readiness,
}

/// The computer on which callwatch runs.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Host {
    /// A UPS or a circuit.
    pub fed_by: String,
    pub via: Vec<String>,
    pub accepted: Option<Accepted>,
}

/// A floor or room, as people call it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Zone {
    pub name: Text,
    /// Working hours; outside them silence is grey.
    pub hours: Option<Hours>,
    /// Where its people gather outside, for the roll call.
    pub assembly: Option<Text>,
    /// The devices that everything in it goes by which names no `via` of its own.
    pub network: Vec<String>,
    pub accepted: Option<Accepted>,
}

/// Mains from outside.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Feed {
    pub name: Text,
    /// A generator takes over this feed: to a UPS it looks like mains.
    pub generator: bool,
    /// When it is tried out every month; absent: nobody is reminded.
    #[serde(default)]
    pub generator_test: Option<Monthly>,
}

/// A named part of a feed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Circuit {
    pub name: Text,
    pub feed: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Ups {
    pub name: Text,
    pub zone: String,
    /// The circuit that it is plugged into.
    pub fed_by: String,
    /// The devices by which its card is reached.
    pub via: Vec<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Seat {
    pub zone: String,
    /// A UPS or a circuit.
    pub fed_by: String,
    /// The devices that its network goes by.
    pub via: Vec<String>,
    /// It carries a battery of its own, so it is no witness of the mains.
    pub laptop: bool,
    /// Nobody's: whoever's own seat fails moves here.
    pub spare: bool,
    /// In sight of the public: neutral titles only.
    pub public: bool,
    /// How long it must last without mains: its own floor.
    pub required_runtime: Option<SignedDuration>,
    pub accepted: Option<Accepted>,
    pub language: Option<Language>,
    /// The members of an ACD that take calls here, as the ACD calls their telephones.
    #[serde(default)]
    pub members: BTreeSet<String>,
}

impl Site {
    /// The circuit behind a UPS or circuit name.
    pub fn circuit_of<'a>(&'a self, fed_by: &'a str) -> Option<&'a str> {
        if self.circuits.contains_key(fed_by) {
            return Some(fed_by);
        }
        self.ups.get(fed_by).map(|ups| ups.fed_by.as_str())
    }

    /// The feed behind a UPS or circuit name.
    pub fn feed_of(&self, fed_by: &str) -> Option<&str> {
        let circuit = self.circuits.get(self.circuit_of(fed_by)?)?;
        Some(&circuit.feed)
    }

    /// The UPS that feeds a seat, if one does.
    pub fn ups_of_seat(&self, seat: &str) -> Option<&str> {
        let fed_by = self.seats.get(seat)?.fed_by.as_str();
        self.ups.contains_key(fed_by).then_some(fed_by)
    }

    /// The devices that a seat's network goes by: its own, or those of its zone.
    pub fn network_of_seat(&self, seat: &str) -> &[String] {
        let Some(seat) = self.seats.get(seat) else {
            return &[];
        };
        if !seat.via.is_empty() {
            return &seat.via;
        }
        let zone = self.zones.get(&seat.zone);
        zone.map_or(&[], |zone| &zone.network)
    }

    /// Every device behind these, nearest first.
    pub fn behind<'s>(&'s self, via: &'s [String]) -> Vec<&'s str> {
        way(via, |name| Some(self.devices.get(name)?.via.as_slice()))
    }

    /// Everything that must last without mains, with all that it needs: seats with a
    /// `required_runtime`, zones with a network, channels, and callwatch's own host.
    pub fn paths(&self) -> Vec<Path> {
        let path = |subject, needs, floor: SignedDuration, accepted: &Option<Accepted>| Path {
            subject,
            needs,
            target: self.readiness.target.max(floor),
            floor,
            accepted: accepted.clone(),
        };
        let floor = self.readiness.floor;
        let seats = self.seats.iter().filter_map(|(id, seat)| {
            let plug = match self.plug(&seat.fed_by) {
                Plug::Mains if seat.laptop => Plug::OwnBattery,
                plug => plug,
            };
            let part = Part::Itself;
            let mut needs = vec![Need { part, plug }];
            needs.extend(self.needs_behind(self.network_of_seat(id)));
            let floor = seat.required_runtime?;
            let subject = Subject::Seat(id.clone());
            Some(path(subject, needs, floor, &seat.accepted))
        });
        let zones = self.zones.iter().filter(|(_, it)| !it.network.is_empty());
        let zones = zones.map(|(id, zone)| {
            let needs = self.needs_behind(&zone.network);
            path(Subject::Zone(id.clone()), needs, floor, &zone.accepted)
        });
        let host = |part: Part| {
            let host = self.host.as_ref()?;
            let plug = self.plug(&host.fed_by);
            let mut needs = vec![Need { part, plug }];
            if !host.via.is_empty() {
                needs.extend(self.needs_behind(&host.via));
            }
            Some(needs)
        };
        let channels = self
            .channels
            .iter()
            .filter(|(_, channel)| !channel.via.is_empty())
            .map(|(id, channel)| {
                let mut needs = host(Part::Host).unwrap_or_else(|| {
                    let (part, plug) = (Part::Host, Plug::Unknown);
                    vec![Need { part, plug }]
                });
                for need in self.needs_behind(&channel.via) {
                    if !needs.contains(&need) {
                        needs.push(need);
                    }
                }
                let subject = Subject::Channel(id.clone());
                path(subject, needs, floor, &channel.accepted)
            });
        let own = host(Part::Itself).map(|needs| {
            let accepted = self.host.as_ref().and_then(|host| host.accepted.clone());
            path(Subject::Host, needs, floor, &accepted)
        });
        seats.chain(zones).chain(channels).chain(own).collect()
    }

    fn plug(&self, fed_by: &str) -> Plug {
        if self.ups.contains_key(fed_by) {
            Plug::Ups(fed_by.to_owned())
        } else {
            Plug::Mains
        }
    }

    /// Devices with their plugs; a way of which nobody says where it goes is one thing that is not known.
    fn needs_behind(&self, via: &[String]) -> Vec<Need> {
        let devices = self.behind(via).into_iter();
        let needs: Vec<Need> = devices
            .map(|id| Need {
                part: Part::Device(id.to_owned()),
                plug: self.plug(&self.devices[id].fed_by),
            })
            .collect();
        if needs.is_empty() {
            let (part, plug) = (Part::Way, Plug::Unknown);
            return vec![Need { part, plug }];
        }
        needs
    }

    /// When somebody works next: `at` itself while anybody is there, in any zone or in this one.
    pub fn next_work(&self, at: Timestamp, zone: Option<&str>) -> Timestamp {
        let agenda = zone.map_or_else(|| self.agenda(), |zone| self.agenda_of(zone));
        match agenda.open_since(at) {
            Some(_) => at,
            None => agenda.next_begin(at),
        }
    }

    fn zone_of_time(&self) -> TimeZone {
        TimeZone::get(&self.time_zone).unwrap_or(TimeZone::UTC)
    }

    /// The day of the site's calendar at that moment.
    pub fn date_of(&self, at: Timestamp) -> Date {
        self.zone_of_time().to_datetime(at).date()
    }

    /// When anybody of the whole centre works.
    pub fn agenda(&self) -> Agenda<'_> {
        let hours = self.zones.values().filter_map(|zone| zone.hours.as_ref());
        Agenda {
            zone: self.zone_of_time(),
            hours: hours.collect(),
            calendar: &self.calendar,
        }
    }

    /// When one zone works; one that does not say so always does.
    pub fn agenda_of(&self, zone: &str) -> Agenda<'_> {
        let hours = self.zones.get(zone).and_then(|zone| zone.hours.as_ref());
        Agenda {
            zone: self.zone_of_time(),
            hours: hours.into_iter().collect(),
            calendar: &self.calendar,
        }
    }

    /// When the work of a day ends: a promise for that day is due then.
    pub fn end_of_work(&self, date: Date) -> Timestamp {
        self.agenda().end_of_work(date)
    }

    /// Whether anybody works on that day.
    pub fn is_working_day(&self, date: Date) -> bool {
        self.agenda().is_working_day(date)
    }

    /// The day that comes so many working days after another.
    pub fn working_day_after(&self, date: Date, days: u32) -> Date {
        let agenda = self.agenda();
        let mut date = date;
        let mut left = days;
        // A centre that never works has no such day: the calendar's own days count then.
        for _ in 0..days.saturating_mul(7).saturating_add(366) {
            if left == 0 {
                break;
            }
            date = date.tomorrow().unwrap_or(Date::MAX);
            if agenda.is_working_day(date) {
                left -= 1;
            }
        }
        date
    }

    pub fn language_of(&self, seat: &str) -> Language {
        self.seats
            .get(seat)
            .and_then(|seat| seat.language)
            .unwrap_or(self.language)
    }
}
