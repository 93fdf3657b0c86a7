//! The view of the whole centre: what is happening, what the devices say, who is connected.

use jiff::Timestamp;

use crate::incidents::board::Board;
use crate::incidents::describe;
use crate::incidents::entry::Entry;
use crate::incidents::incident::Incident;
use crate::incidents::state::{KEPT_CLOSED, incident_of};
use crate::incidents::turning::last_words;
use crate::incidents::view::{IncidentView, SeatView, SignalView, View};
use crate::incidents::windows::view::views;
use crate::incidents::wording::signal_name;
use crate::plan::{Class, Severity};
use crate::signals::{Kind, Signal, later};
use crate::text::Text;

impl Board {
    /// The whole centre; `record` are the entries to tell the time lines from.
    pub fn view(&self, now: Timestamp, record: &[Entry], not_recorded: Option<String>) -> View {
        let site = &self.centre.site;
        let mut incidents: Vec<IncidentView> = self
            .state
            .incidents
            .values()
            .rev()
            .filter(|incident| {
                let closed = incident.closed.as_ref();
                let recent = closed.is_none_or(|closed| later(closed.at, KEPT_CLOSED) > now);
                recent && incident.procedure.class == Class::Floor
            })
            .map(|incident| incident_view(incident, record))
            .collect();
        incidents.sort_by_key(|incident| incident.closed.is_some());
        let signals = site
            .ups
            .keys()
            .flat_map(|ups| {
                [Kind::UpsMains, Kind::UpsBatteryLow].map(|kind| Signal::new(kind, ups))
            })
            .chain(
                site.feeds
                    .iter()
                    .filter(|(_, feed)| feed.generator)
                    .map(|(id, _)| Signal::new(Kind::GeneratorRunning, id))
                    // Nothing measures it: it is known once somebody or something has told.
                    .filter(|signal| self.state.standings.contains_key(signal)),
            )
            .map(|signal| self.signal_view(signal))
            .collect();
        let seats = site.seats.iter().map(|(id, seat)| {
            let zone = site.zones.get(&seat.zone);
            let view = SeatView {
                zone: zone.map(|zone| zone.name.clone()).unwrap_or_default(),
                connected: self.live.connected(id),
                cards: self.shown.keys().filter(|(seat, _)| seat == id).count(),
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
            not_recorded,
        }
    }

    fn signal_view(&self, signal: Signal) -> SignalView {
        let standing = self.state.standings.get(&signal);
        let live = self.live.ups.get(&signal.of);
        SignalView {
            name: signal_name(&self.centre.site, &signal),
            level: self.state.level(&signal),
            since: standing.map(|standing| standing.since),
            seen_at: live.map(|live| live.seen_at),
            value: last_words(self, &signal.of),
            signal,
        }
    }
}

fn incident_view(incident: &Incident, record: &[Entry]) -> IncidentView {
    let timeline = record
        .iter()
        .filter(|entry| {
            incident_of(&entry.event) == Some(incident.id) || entry.seq == incident.id.0
        })
        .filter(|entry| describe::is_news(&entry.event))
        .map(|entry| (entry.at, entry.reason.clone()))
        .collect();
    let kind = incident.kind.as_ref();
    if incident.procedure.is_sensitive() {
        // Anybody may read this page.
        return IncidentView {
            id: incident.id,
            procedure: String::new(),
            title: Text::new("内部事务", "Internal matter"),
            kind: None,
            severity: Severity::Info,
            place: Text::default(),
            since: incident.onset,
            closed: incident.closed.as_ref().map(|closed| closed.at),
            timeline: Vec::new(),
        };
    }
    IncidentView {
        id: incident.id,
        procedure: incident.procedure.id.clone(),
        title: incident.procedure.title.clone(),
        kind: kind.and_then(|kind| incident.procedure.kinds.get(kind).cloned()),
        severity: incident.severity(),
        place: incident.scope.place.clone(),
        since: incident.onset,
        closed: incident.closed.as_ref().map(|closed| closed.at),
        timeline,
    }
}
