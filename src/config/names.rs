//! Checks that names resolve: what feeds what, what lies behind what, who sits where.

use std::collections::BTreeSet;

use crate::config::checks::Checks;
use crate::config::file::{File, Role};
use crate::document::{join, meant, which};

/// The tables whose names `fed_by`, `via` and signals refer to.
const THINGS: [&str; 4] = ["circuit", "ups", "device", "seat"];

pub(crate) fn check(checks: &mut Checks<'_, '_>, file: &File) {
    unique(checks);
    for (id, circuit) in &file.circuit {
        resolve(checks, &at("circuit", id, "feed"), "feed", &circuit.feed);
    }
    for (id, ups) in &file.ups {
        resolve(checks, &at("ups", id, "zone"), "zone", &ups.zone);
        ups_feed(checks, file, id, &ups.fed_by);
        via(checks, &at("ups", id, "via"), &ups.via);
    }
    for (id, zone) in &file.zone {
        via(checks, &at("zone", id, "network"), &zone.network);
    }
    for (id, acd) in &file.acd {
        via(checks, &at("acd", id, "via"), &acd.via);
    }
    for (id, channel) in &file.channel {
        via(checks, &at("channel", id, "via"), &channel.via);
    }
    if let Some(host) = &file.host {
        feed(checks, "host.fed_by", &host.fed_by);
        via(checks, "host.via", &host.via);
    }
    for (id, device) in &file.device {
        if let Some(zone) = &device.zone {
            resolve(checks, &at("device", id, "zone"), "zone", zone);
        }
        feed(checks, &at("device", id, "fed_by"), &device.fed_by);
        via(checks, &at("device", id, "via"), &device.via);
    }
    for (id, service) in &file.service {
        via(checks, &at("service", id, "via"), &service.via);
    }
    via_loops(checks, file);
    for (id, seat) in &file.seat {
        resolve(checks, &at("seat", id, "zone"), "zone", &seat.zone);
        feed(checks, &at("seat", id, "fed_by"), &seat.fed_by);
        via(checks, &at("seat", id, "via"), &seat.via);
    }
    for (id, role) in &file.role {
        each(checks, &at("role", id, "seats"), "seat", &role.seats);
        each(
            checks,
            &at("role", id, "channels"),
            "channel",
            &role.channels,
        );
        if let Some(duty) = &role.duty {
            resolve(checks, &at("role", id, "duty"), "contact", duty);
        }
        let deputy = at("role", id, "deputy");
        let (seats, channels) = (&role.deputy.seats, &role.deputy.channels);
        each(checks, &join(&deputy, "seats"), "seat", seats);
        each(checks, &join(&deputy, "channels"), "channel", channels);
        if let Some(duty) = &role.deputy.duty {
            resolve(checks, &join(&deputy, "duty"), "contact", duty);
        }
        if let Some(next_up) = &role.next_up {
            let path = at("role", id, "next_up");
            resolve(checks, &path, "role", next_up);
            if next_up == id {
                checks.fault(&path, "is this role itself: name the one above it");
            }
        }
    }
}

/// Every role that the plan speaks of is reached somewhere, and no other is named.
pub(crate) fn check_roles(checks: &mut Checks<'_, '_>, file: &File, roles: &BTreeSet<String>) {
    for (id, role) in &file.role {
        let path = join("role", id);
        if !roles.contains(id) {
            let roles: Vec<&String> = roles.iter().collect();
            let mend = which(id, &roles);
            checks.fault(&path, format!("the plan has no role `{id}`: {mend}"));
        } else if is_empty(role) {
            checks.fault(
                &path,
                "nobody is reached: give it seats or channels, or name who stands in by next_up",
            );
        }
    }
    let misspelt = |role: &str| {
        let others = file.role.keys().filter(|id| !roles.contains(*id));
        meant(role, others.map(String::as_str)).is_some()
    };
    for role in roles {
        if !checks.document.keys("role").contains(role) && !misspelt(role) {
            checks.fault(
                &join("role", role),
                format!(
                    "the plan tells the role `{role}`: add [role.{role}] with seats or channels"
                ),
            );
        }
    }
}

fn is_empty(role: &Role) -> bool {
    role.seats.is_empty() && role.channels.is_empty() && role.next_up.is_none()
}

fn at(kind: &str, id: &str, key: &str) -> String {
    join(&join(kind, id), key)
}

fn has(checks: &Checks<'_, '_>, kind: &str, name: &str) -> bool {
    checks.document.has_key(kind, name)
}

fn resolve(checks: &mut Checks<'_, '_>, path: &str, kind: &str, name: &str) {
    if !has(checks, kind, name) {
        checks.unknown_name(path, kind, name);
    }
}

/// Names of one kind, none of them twice.
fn each(checks: &mut Checks<'_, '_>, path: &str, kind: &str, names: &[String]) {
    let mut seen = BTreeSet::new();
    for (index, name) in names.iter().enumerate() {
        let path = format!("{path}[{index}]");
        resolve(checks, &path, kind, name);
        if !seen.insert(name) {
            checks.fault(&path, format!("`{name}` stands here twice: take one out"));
        }
    }
}

/// One name means one thing, else `fed_by` and `via` could not refer to it.
fn unique(checks: &mut Checks<'_, '_>) {
    for (index, kind) in THINGS.into_iter().enumerate() {
        for name in checks.document.keys(kind) {
            let other = THINGS[..index].iter().find(|kind| has(checks, kind, &name));
            if let Some(other) = other {
                let line = checks.document.fault(&join(other, &name), "").line;
                checks.fault(
                    &join(kind, &name),
                    format!(
                        "`{name}` is a {} too (line {line}): give one of them another name",
                        noun(other)
                    ),
                );
            }
        }
    }
}

/// What a name is when it is not what it should be.
fn is_a(checks: &Checks<'_, '_>, name: &str) -> Option<&'static str> {
    let kinds = THINGS.into_iter().chain(["feed", "zone"]);
    kinds.into_iter().find(|kind| has(checks, kind, name))
}

/// A table's name as people write it.
fn noun(kind: &str) -> &str {
    if kind == "ups" { "UPS" } else { kind }
}

/// A seat or device is fed by a UPS or a circuit.
fn feed(checks: &mut Checks<'_, '_>, path: &str, name: &str) {
    match is_a(checks, name) {
        Some("ups" | "circuit") => {}
        Some(other) => checks.fault(
            path,
            format!(
                "`{name}` is a {}: name the UPS or the circuit that it is plugged into",
                noun(other)
            ),
        ),
        None => {
            let mut known = checks.document.keys("ups");
            known.extend(checks.document.keys("circuit"));
            let mend = which(name, &known);
            checks.fault(path, format!("there is no UPS or circuit `{name}`: {mend}"));
        }
    }
}

/// A UPS is fed by a circuit; one behind another, or behind itself, is refused.
fn ups_feed(checks: &mut Checks<'_, '_>, file: &File, id: &str, name: &str) {
    let path = at("ups", id, "fed_by");
    match is_a(checks, name) {
        Some("circuit") => {}
        Some("ups") => {
            let mut chain = vec![id, name];
            while let Some(next) = chain.last().and_then(|last| file.ups.get(*last)) {
                let seen = chain.contains(&next.fed_by.as_str());
                chain.push(&next.fed_by);
                if seen {
                    break;
                }
            }
            let message = if chain.last() == Some(&id) {
                format!(
                    "a loop ({}): name the circuit that it is plugged into",
                    chain.join(" < ")
                )
            } else {
                format!("`{name}` is a UPS, and none feeds another: name the circuit behind it")
            };
            checks.fault(&path, message);
        }
        Some(other) => checks.fault(
            &path,
            format!(
                "`{name}` is a {}: name the circuit that it is plugged into",
                noun(other)
            ),
        ),
        None => checks.unknown_name(&path, "circuit", name),
    }
}

/// The network of a thing goes by devices.
fn via(checks: &mut Checks<'_, '_>, path: &str, names: &[String]) {
    for (index, name) in names.iter().enumerate() {
        let path = format!("{path}[{index}]");
        match is_a(checks, name) {
            Some("device") | None => {}
            Some(other) => {
                checks.fault(
                    &path,
                    format!("`{name}` is a {}: name a device", noun(other)),
                );
            }
        }
    }
    each(checks, path, "device", names);
}

/// A device that is reached by itself; each loop is told once, at its first name.
fn via_loops(checks: &mut Checks<'_, '_>, file: &File) {
    let mut told: BTreeSet<&str> = BTreeSet::new();
    for start in file.device.keys() {
        let mut paths = vec![vec![start.as_str()]];
        let mut seen: BTreeSet<&str> = BTreeSet::new();
        while let Some(path) = paths.pop() {
            let last = path[path.len() - 1];
            let next = file.device.get(last).map_or(&[][..], |device| &device.via);
            for name in next {
                let mut path = path.clone();
                path.push(name);
                if name == start && path.iter().all(|name| !told.contains(name)) {
                    checks.fault(
                        &at("device", start, "via"),
                        format!(
                            "a loop ({}): name only what lies between it and the daemon",
                            path.join(" > ")
                        ),
                    );
                    told.extend(path);
                } else if seen.insert(name) {
                    paths.push(path);
                }
            }
        }
    }
}
