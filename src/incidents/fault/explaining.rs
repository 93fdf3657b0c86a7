//! Whether what one incident is caused by explains another, where both were seen.

use std::collections::BTreeSet;

use crate::incidents::board::Board;
use crate::incidents::fault::look::{cause_of, dark_devices};
use crate::incidents::fault::map::Map;
use crate::incidents::fault::symptom::Cause;
use crate::incidents::incident::Incident;
use crate::signals::{Level, Signal};

/// `None` where one of them is only what a person said: then it is where they lie that counts.
pub(in crate::incidents) fn explains(
    board: &Board,
    wider: &Incident,
    narrower: &Incident,
) -> Option<bool> {
    let site = &board.centre.site;
    let map = board.faults.map();
    let (effect, cause) = (cause_of(site, narrower)?, cause_of(site, wider));
    let inside = |seats: &BTreeSet<String>| narrower.scope.seats.is_subset(seats);
    let what = narrower.answers.get("what").map(|it| it.value.as_str());
    // Several seats with the same trouble take in the single ones, whoever tells of it.
    if let (Some(Cause::Seat(wide)), Cause::Seat(of)) = (&cause, &effect)
        && wider.is_seen()
    {
        let common = wider.answers.get("what").map(|it| it.value.as_str());
        return Some(wide != of && what == common && inside(&wider.scope.seats));
    }
    if !narrower.is_seen() {
        return None;
    }
    let Some(cause) = cause else {
        // A power loss: what has no supply, and what is reached through it.
        let dark = || dark_devices(site, map, &board.state);
        return Some(match &effect {
            Cause::Network(device) => dark().contains(device),
            Cause::Service(of) => goes_by_any(map.of_service.get(of), &dark()),
            Cause::Acd(of) => goes_by_any(map.of_acd.get(of), &dark()),
            Cause::Seat(_) => inside(&wider.scope.seats),
            Cause::CutOff => false,
        });
    };
    if !wider.is_seen() {
        return None;
    }
    Some(match (&cause, &effect) {
        (Cause::Network(device), Cause::Service(of)) => {
            device.is_empty()
                || Map::goes_by(&map.of_service, of, device)
                || inside(&map.seats_behind(device))
        }
        (Cause::Network(device), Cause::Acd(of)) => {
            Map::goes_by(&map.of_acd, of, device) || inside(&map.seats_behind(device))
        }
        (Cause::Network(wide), Cause::Network(of)) => {
            wide != of && (wide.is_empty() || Map::goes_by(&map.of_device, of, wide))
        }
        (Cause::Network(device), Cause::Seat(_)) => {
            let reached = matches!(what, Some("program" | "login"));
            device.is_empty() && reached
                || what != Some("headset") && inside(&map.seats_behind(device))
        }
        (Cause::Service(of), Cause::Seat(_)) => {
            let fails = |seat: &String| {
                let level = board.state.level(&Signal::of_service_at(seat, of));
                matches!(level, Level::Critical | Level::Warning)
            };
            what == Some("program") && narrower.scope.seats.iter().all(fails)
        }
        (Cause::Acd(_), Cause::Seat(_)) => {
            matches!(what, Some("login" | "phone")) && inside(&wider.scope.seats)
        }
        _ => false,
    })
}

fn goes_by_any(way: Option<&Vec<String>>, devices: &BTreeSet<String>) -> bool {
    way.is_some_and(|way| way.iter().any(|device| devices.contains(device)))
}
