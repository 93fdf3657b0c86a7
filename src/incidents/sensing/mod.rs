//! Sensors: their readings and silence become turns, and what they watch in a zone is one incident.

#[cfg(test)]
mod stories;

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::incidents::board::{Board, Moment};
use crate::incidents::entry::{Event, Scope};
use crate::incidents::incident::{Incident, key};
use crate::incidents::input::Refused;
use crate::incidents::turning;
use crate::incidents::view::SignalView;
use crate::plan::{Procedure, Reach, Trigger};
use crate::sensors::Reading;
use crate::signals::{Kind, Level, Signal, Standing, later};
use crate::site::{Sensor, Site};
use crate::text::Text;

/// Takes what a sensor said. One that tells nothing is not heard of, and ages as silence does.
pub(super) fn take(
    board: &mut Board,
    now: Timestamp,
    id: &str,
    reading: Reading,
) -> Result<Vec<Event>, Refused> {
    let Some(sensor) = board.centre.site.sensors.get(id) else {
        return Err(Refused::NoSuchSensor(id.to_owned()));
    };
    let signal = sensor.signal(id);
    let before = board.state.level(&signal);
    let level = reading.level(&sensor.bounds, before);
    let is_of_feed = sensor.is_of_feed();
    let goes_on = board.live.sensor(id).is_some_and(|last| {
        let fresh_until = later(last.seen_at, board.centre.timing.stale_after);
        last.reading == reading && fresh_until > now
    });
    let Some(to) = level else {
        board.live.take_nothing(id, reading);
        return Ok(Vec::new());
    };
    board.live.take_sensor(now, id, reading);
    // A person who looked outranks a contact, until that says another thing.
    if is_of_feed && goes_on && before != Level::Unknown {
        return Ok(Vec::new());
    }
    let mut events = Vec::new();
    turning::turn(board, now, signal, to, || reading.words(), &mut events);
    Ok(events)
}

/// Rule: a sensor that was not heard of for too long is unknown, since it was heard of last.
pub(super) fn stale(board: &Board, moment: &Moment) -> Vec<Event> {
    let mut events = Vec::new();
    let site = &board.centre.site;
    for (id, sensor) in &site.sensors {
        let seen_at = board.live.sensor_seen_at(id);
        let stale_at = later(seen_at, board.centre.timing.stale_after);
        if !moment.reached(stale_at) {
            continue;
        }
        let signal = sensor.signal(id);
        let standing = board.state.standings.get(&signal);
        let from = standing.map_or(Level::Unknown, |standing| standing.level);
        if standing.is_some() && (from == Level::Unknown || is_presumed(board, sensor)) {
            continue;
        }
        events.push(Event::Turned {
            signal,
            from,
            to: Level::Unknown,
            since: seen_at,
            value: board.live.silence_of(id),
        });
    }
    events.extend(gone(board, moment));
    events
}

/// Without its contact it is presumed whether a generator runs while the supply is watched.
fn is_presumed(board: &Board, sensor: &Sensor) -> bool {
    let mut open = board.state.open_incidents();
    sensor.is_of_feed() && open.any(|it| it.generator && it.scope.feed == sensor.of)
}

/// Sensors that the configuration had once.
fn gone(board: &Board, moment: &Moment) -> Vec<Event> {
    let site = &board.centre.site;
    let kinds = Kind::OF_SENSORS.into_iter();
    let standings = kinds.flat_map(|kind| board.state.standings_of(kind));
    standings
        .filter(|(signal, standing)| {
            let known = site.sensors.get(&signal.of);
            let same = known.is_some_and(|known| known.signal(&signal.of) == **signal);
            !same && standing.level != Level::Unknown
        })
        .map(|(signal, standing)| Event::Turned {
            signal: signal.clone(),
            from: standing.level,
            to: Level::Unknown,
            since: moment.now,
            value: Text::new(
                "配置里已没有这个传感器",
                "it is not in the configuration any more",
            ),
        })
        .collect()
}

/// What a sensor's own signal stands at.
fn standing<'b>(board: &'b Board, id: &str) -> Option<(Kind, &'b Standing)> {
    let known = board.centre.site.sensors.get(id);
    let kinds = match known {
        Some(sensor) => vec![sensor.kind.signal()],
        None => Kind::OF_SENSORS.to_vec(),
    };
    kinds.into_iter().find_map(|kind| {
        let standing = board.state.standings.get(&Signal::new(kind, id))?;
        Some((kind, standing))
    })
}

/// Whether a procedure opens by such a signal at such a level.
fn opens(procedure: &Procedure, kind: Kind, level: Level) -> bool {
    let mut triggers = procedure.opening();
    triggers.any(|it| it.scope == Reach::Zone && it.signal == Some(kind) && it.at == level)
}

/// Whether an incident is over what sensors watch.
pub(super) fn is_over_zone(incident: &Incident) -> bool {
    let mut triggers = incident.procedure.opening();
    triggers.any(|trigger| trigger.scope == Reach::Zone)
}

/// A zone in which enough of its sensors have stood for long enough; with the onset.
pub(super) fn opening(
    board: &Board,
    moment: &Moment,
    procedure: &Procedure,
    trigger: &Trigger,
) -> Option<(Scope, Timestamp)> {
    let kind = trigger.signal?;
    let site = &board.centre.site;
    let known = board.state.standings_of(kind);
    let bad: Vec<(&str, &Sensor, &Standing)> = known
        .filter(|(_, standing)| standing.level == trigger.at)
        .filter_map(|(signal, standing)| {
            let sensor = site.sensors.get(&signal.of)?;
            Some((signal.of.as_str(), sensor, standing))
        })
        .collect();
    if bad.is_empty() {
        return None;
    }
    site.zones.keys().find_map(|zone| {
        let onset = stood(board, moment, procedure, trigger, zone, &bad)?;
        Some((scope(site, zone), onset))
    })
}

fn stood(
    board: &Board,
    moment: &Moment,
    procedure: &Procedure,
    trigger: &Trigger,
    zone: &str,
    bad: &[(&str, &Sensor, &Standing)],
) -> Option<Timestamp> {
    let key = key(&procedure.id, zone);
    if board.state.open_incidents().any(|open| open.key() == key) {
        return None;
    }
    let closed_at = board.state.closed_at.get(&key);
    let mut held: Vec<(Timestamp, Timestamp)> = bad
        .iter()
        .filter(|(_, sensor, standing)| {
            let new = closed_at.is_none_or(|closed| standing.since > *closed);
            sensor.is_in(zone) && new
        })
        .map(|(_, sensor, standing)| {
            let hold = match trigger.at {
                Level::Unknown => trigger.hold,
                _ => trigger.hold.max(sensor.hold),
            };
            (standing.held_at(hold), standing.since)
        })
        .collect();
    held.sort();
    let (held_at, _) = *held.get(trigger.count.max(1) - 1)?;
    if !moment.reached(held_at) {
        return None;
    }
    let site = &board.centre.site;
    if trigger.in_hours && !moment.reached(site.next_work(moment.now, Some(zone))) {
        return None;
    }
    held.iter().map(|(_, since)| *since).min()
}

/// A zone with its seats.
fn scope(site: &Site, zone: &str) -> Scope {
    let place = site.zones.get(zone).map(|zone| zone.name.clone());
    let seats = site.seats.iter().filter(|(_, seat)| seat.zone == zone);
    Scope {
        of: zone.to_owned(),
        place: place.unwrap_or_default(),
        seats: seats.map(|(id, _)| id.clone()).collect(),
        ..Scope::default()
    }
}

/// The sensors of an incident's zone that say now what opens it.
pub(super) fn out(board: &Board, incident: &Incident) -> BTreeSet<String> {
    let sensors = board.centre.site.sensors.iter();
    let says = |id: &str| {
        let standing = standing(board, id);
        standing.is_some_and(|(kind, it)| opens(&incident.procedure, kind, it.level))
    };
    sensors
        .filter(|(id, sensor)| sensor.is_in(&incident.opened_over) && says(id))
        .map(|(id, _)| id.clone())
        .collect()
}

/// Since when every sensor that said so says it no more; `None` while one does, or is unknown.
pub(super) fn good_since(board: &Board, incident: &Incident) -> Option<Timestamp> {
    let mut since = incident.onset;
    for id in &incident.ever_out {
        let (kind, standing) = standing(board, id)?;
        if standing.level == Level::Unknown || opens(&incident.procedure, kind, standing.level) {
            return None;
        }
        since = since.max(standing.since);
    }
    Some(since)
}

/// Whether a sensor of an incident stands at critical.
pub(super) fn is_critical(board: &Board, incident: &Incident, kind: Kind) -> bool {
    let mut out = incident.out.iter();
    out.any(|id| board.state.level(&Signal::new(kind, id)) == Level::Critical)
}

impl Board {
    /// What the page shows of each sensor.
    pub(super) fn sensor_views(&self) -> impl Iterator<Item = SignalView> {
        self.centre.site.sensors.iter().map(|(id, sensor)| {
            let signal = sensor.signal(id);
            let standing = self.state.standings.get(&signal);
            let level = self.state.level(&signal);
            let live = self.live.sensor(id);
            let said = live.filter(|_| level != Level::Unknown);
            SignalView {
                name: sensor.name.clone(),
                level,
                since: standing.map(|standing| standing.since),
                seen_at: live.map(|live| live.seen_at),
                on_battery_since: None,
                runtime: None,
                value: said.map_or_else(|| self.live.silence_of(id), |live| live.reading.words()),
                signal,
            }
        })
    }

    /// Whether a contact tells whether this feed's generator runs.
    pub(super) fn has_generator_contact(&self, feed: &str, now: Timestamp) -> bool {
        let sensors = self.centre.site.sensors.iter();
        let mut contacts = sensors.filter(|(_, it)| it.is_of_feed() && it.of == feed);
        let stale_after = self.centre.timing.stale_after;
        contacts.any(|(id, _)| later(self.live.sensor_seen_at(id), stale_after) > now)
    }
}
