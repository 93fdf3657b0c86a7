//! The centre: zones, feeds and circuits, UPSs, devices, seats, and which role sits where.
//!
//! What feeds what (`fed_by`) and what lies behind what (`via`) are names of
//! other things of the same site; `config/` has checked that they resolve.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::text::{Language, Text};

/// A centre as its file describes it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Site {
    pub name: Text,
    /// The language of cards and messages where nobody chose one.
    pub language: Language,
    /// IANA name; clock times on cards are of this zone.
    pub time_zone: String,
    pub zones: BTreeMap<String, Zone>,
    pub feeds: BTreeMap<String, Feed>,
    pub circuits: BTreeMap<String, Circuit>,
    pub ups: BTreeMap<String, Ups>,
    pub devices: BTreeMap<String, Device>,
    pub seats: BTreeMap<String, Seat>,
    /// The plan's roles, mapped to seats and channels.
    pub roles: BTreeMap<String, Role>,
    /// Names and numbers that cards may print.
    pub contacts: BTreeMap<String, Contact>,
}

/// A floor or room, as people call it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Zone {
    pub name: Text,
    /// Working hours; outside them silence is grey.
    pub hours: Option<Hours>,
}

/// Working hours of a zone, in the site's time zone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hours {
    /// ISO weekdays, 1 is Monday.
    pub days: Vec<u8>,
    pub from: jiff::civil::Time,
    pub to: jiff::civil::Time,
}

/// Mains from outside.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Feed {
    pub name: Text,
    /// A generator takes over this feed: to a UPS it looks like mains.
    pub generator: bool,
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
}

/// A switch, router, PBX or server.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Device {
    pub name: Text,
    pub zone: Option<String>,
    /// A UPS or a circuit.
    pub fed_by: String,
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
    /// In sight of the public: neutral titles only.
    pub public: bool,
    /// How long it must last without mains.
    pub required_runtime: Option<SignedDuration>,
    pub language: Option<Language>,
}

/// Where a role of the plan is reached: recipients are seats and channels, never persons.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Role {
    pub seats: Vec<String>,
    pub channels: Vec<String>,
    /// The contact that is on duty, by name.
    pub duty: Option<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Contact {
    pub name: Text,
    pub phone: String,
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

    pub fn language_of(&self, seat: &str) -> Language {
        self.seats
            .get(seat)
            .and_then(|seat| seat.language)
            .unwrap_or(self.language)
    }
}
