//! Whose fault it is: seats, services, devices and ACDs that fail, and the one cause of it.
//!
//! What eyes see turns signals. From all of them the fewest causes are found that explain
//! what is bad, and each that stands for long enough opens its procedure over those whom it
//! concerns. Nothing is counted: what is found is a function of what is written down.

mod acd;
mod cause;
pub(super) mod explaining;
mod finding;
pub(super) mod look;
mod map;
mod network;
pub(super) mod presence;
pub(super) mod rule;
mod search;
mod seats;
mod services;
pub(super) mod sight;
pub(super) mod switchboard;
mod symptom;

#[cfg(test)]
mod stories;

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use crate::incidents::board::{Board, Centre};
use crate::incidents::entry::Event;
use crate::incidents::fault::finding::Finding;
use crate::incidents::fault::map::Map;
use crate::incidents::state::State;
use crate::plan::Fault;
use crate::signals::{Kind, Level, Signal, later};
use crate::site::{Site, Ups};

/// While much turns at once, causes are sought anew no more often than this.
const EVERY: SignedDuration = SignedDuration::from_secs(1);

/// What is found in what is written down so far.
#[derive(Debug)]
pub(super) struct Faults {
    map: Map,
    found: Vec<Finding>,
    sought_at: Option<Timestamp>,
    /// Something turned since.
    is_stale: bool,
}

impl Faults {
    pub(super) fn of(site: &Site) -> Self {
        Self {
            map: Map::of(site),
            found: Vec::new(),
            sought_at: None,
            is_stale: true,
        }
    }

    fn map(&self) -> &Map {
        &self.map
    }

    pub(super) fn found(&self) -> &[Finding] {
        &self.found
    }

    /// When causes are sought again, where something has turned since.
    pub(super) fn due_at(&self) -> Option<Timestamp> {
        let sought_at = self.sought_at.filter(|_| self.is_stale)?;
        Some(later(sought_at, EVERY))
    }

    fn lies_behind(&self, service: &str, device: &str) -> bool {
        Map::goes_by(&self.map.of_service, service, device)
    }

    /// Whether the silence of a seat says nothing of its supply: a device that its network
    /// goes by is down though it has a supply of its own, or was not asked since.
    pub(super) fn excuses(&self, board: &Board, seat: &str, since: Timestamp) -> bool {
        let site = &board.centre.site;
        let way = self.map.of_seat.get(seat);
        let mut way = way.into_iter().flatten();
        way.any(|device| {
            let signal = Signal::new(Kind::DeviceReach, device);
            let is_plain = || {
                let device = site.devices.get(device);
                device.is_some_and(|it| site.circuits.contains_key(&it.fed_by))
            };
            match board.state.level(&signal) {
                Level::Unknown => false,
                Level::Critical => !is_plain(),
                Level::Normal | Level::Warning => {
                    let seen_at = board.live.sights.seen_at(&signal);
                    seen_at.is_some_and(|seen_at| seen_at <= since)
                }
            }
        })
    }

    /// Whether a UPS is silent because what it is reached by is.
    pub(super) fn hides(&self, ups: &BTreeMap<String, Ups>, id: &str) -> bool {
        let via = ups.get(id).map(|ups| &ups.via);
        let goes_by = |device: &String| {
            let direct = via.is_some_and(|via| via.contains(device));
            let mut via = via.into_iter().flatten();
            direct || via.any(|near| Map::goes_by(&self.map.of_device, near, device))
        };
        self.found.iter().any(|found| match found.fault {
            Fault::CutOff => true,
            Fault::Network => goes_by(&found.of),
            _ => false,
        })
    }

    /// An entry was written.
    pub(super) fn note(&mut self, event: &Event) {
        match event {
            Event::Turned { .. } | Event::Answered { .. } => self.is_stale = true,
            Event::Started
            | Event::ClockStepped { .. }
            | Event::Reconfigured { .. }
            | Event::Opened { .. }
            | Event::Closed { .. }
            | Event::KindSettled { .. }
            | Event::OutChanged { .. }
            | Event::WindowSet { .. }
            | Event::WindowChanged { .. }
            | Event::WindowBroken { .. }
            | Event::WindowEnded { .. } => {
                self.is_stale = true;
                self.sought_at = None;
            }
            _ => {}
        }
    }

    /// Seeks anew what may have changed.
    pub(super) fn seek(&mut self, centre: &Centre, state: &State, now: Timestamp) {
        if !self.is_stale || self.due_at().is_some_and(|due| now < due) {
            return;
        }
        let seen = look::seen(centre, &self.map, state, now);
        self.found = cause::find(&centre.site, &self.map, &seen);
        self.sought_at = Some(now);
        self.is_stale = false;
    }
}
