//! The view of the whole centre: what is happening, what the devices say, who is connected.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use crate::incidents::board::Board;
use crate::incidents::duty;
use crate::incidents::entry::Entry;
use crate::incidents::input::Leave;
use crate::incidents::naming::signal_name;
use crate::incidents::state::KEPT_CLOSED;
use crate::incidents::turning::last_words;
use crate::incidents::view::{DutyView, IncidentView, SeatView, SignalView, View};
use crate::incidents::windows::view::views;
use crate::plan::Class;
use crate::signals::{Kind, Signal, later};

impl Board {
    /// The whole centre; `record` are the entries to tell the time lines from.
    pub fn view(&mut self, now: Timestamp, record: &[Entry], not_recorded: Option<String>) -> View {
        self.timelines.tell(&self.state.incidents, record);
        let incidents = self.state.incidents.values().rev();
        let shown = incidents.filter(|incident| {
            let closed = incident.closed.as_ref();
            let recent = closed.is_none_or(|closed| later(closed.at, KEPT_CLOSED) > now);
            recent && incident.procedure.class == Class::Floor
        });
        let shown = shown.filter_map(|incident| self.timelines.of(incident.id).cloned());
        let mut incidents: Vec<Arc<IncidentView>> = shown.collect();
        incidents.sort_by_key(|incident| incident.closed.is_some());
        let site = &self.centre.site;
        let zones = site.zones.keys();
        let working: BTreeMap<&str, bool> = zones
            .map(|zone| (zone.as_str(), site.agenda_of(zone).works_at(now)))
            .collect();
        let has_contact = |feed: &str| {
            let mut sensors = site.sensors.values();
            sensors.any(|sensor| sensor.is_of_feed() && sensor.of == feed)
        };
        let signals = site
            .ups
            .keys()
            .flat_map(|ups| {
                [Kind::UpsMains, Kind::UpsBatteryLow].map(|kind| Signal::new(kind, ups))
            })
            .chain(
                site.feeds
                    .iter()
                    .filter(|(id, feed)| feed.generator && !has_contact(id))
                    .map(|(id, _)| Signal::new(Kind::GeneratorRunning, id))
                    // Nothing measures it: it is known once somebody or something has told.
                    .filter(|signal| self.state.standings.contains_key(signal)),
            )
            .chain(self.reach_signals())
            .map(|signal| self.signal_view(now, signal))
            .chain(self.queue_views())
            .chain(self.sensor_views())
            .chain(self.backup_views())
            .collect();
        let seats = site.seats.iter().map(|(id, seat)| {
            let zone = site.zones.get(&seat.zone);
            let view = SeatView {
                zone: zone.map(|zone| zone.name.clone()).unwrap_or_default(),
                working: working.get(seat.zone.as_str()).copied().unwrap_or_default(),
                connected: self.live.connected(id),
                left: self.left(id).map(Leave::words),
                cards: self.rendered.count(id),
            };
            (id.clone(), view)
        });
        View {
            now,
            site: site.name.clone(),
            language: site.language,
            time_zone: site.time_zone.clone(),
            incidents,
            signals,
            seats: seats.collect(),
            windows: views(&self.state, site, now),
            duty: self.duty_views(),
            working: site.agenda().open_since(now).is_some(),
            sheets: site
                .calendar
                .kept
                .iter()
                .chain(&site.roster.kept)
                .cloned()
                .collect(),
            readiness: self.readiness(now),
            digest: self.digest_view(),
            not_recorded,
        }
    }

    /// Who has the lead's role now, and every other that has changed hands.
    pub fn duty_views(&self) -> Vec<DutyView> {
        let roles = self.centre.plan.roles.iter();
        let shown = roles.filter(|(role, _)| *role == "lead" || duty::is_handed_over(self, role));
        let mut views: Vec<DutyView> = shown
            .map(|(role, name)| duty::view(self, role, name.clone()))
            .collect();
        views.sort_by_key(|view| view.role != "lead");
        views
    }

    /// Of what is asked whether it answers: devices, services and ACDs.
    fn reach_signals(&self) -> impl Iterator<Item = Signal> {
        let site = &self.centre.site;
        let of = |kind: Kind| move |id: &String| Signal::new(kind, id);
        let devices = site.devices.keys().map(of(Kind::DeviceReach));
        let services = site.services.keys().map(of(Kind::ServiceReach));
        let acds = site.acds.keys().map(of(Kind::AcdReach));
        let all = devices.chain(services).chain(acds);
        // A device that nobody asks has nothing to show.
        all.filter(|signal| self.live.sights.seen_at(signal).is_some())
    }

    fn signal_view(&self, now: Timestamp, signal: Signal) -> SignalView {
        let standing = self.state.standings.get(&signal);
        let live = self.live.ups.get(&signal.of);
        SignalView {
            name: signal_name(&self.centre.site, &signal),
            level: self.state.level(&signal),
            since: standing.map(|standing| standing.since),
            seen_at: live
                .map(|live| live.seen_at)
                .or_else(|| self.live.sights.seen_at(&signal)),
            on_battery_since: self.state.on_battery_since.get(&signal.of).copied(),
            runtime: self.runtime_view(&signal.of, now),
            value: match self.live.sights.words(&signal) {
                Some(words) => words.clone(),
                None => last_words(self, &signal.of, now),
            },
            signal,
        }
    }
}
