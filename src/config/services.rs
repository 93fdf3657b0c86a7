//! What is asked over the network: services, and the devices that say by what they are reached.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::SignedDuration;

use crate::config::checks::Checks;
use crate::config::file::File;
use crate::config::service::Service;
use crate::config::values;
use crate::document::join;
use crate::health::WatchedService;
use crate::probes::reach::{EVERY, SLOW, Settings, Target};
use crate::signals::{Kind, Signal};
use crate::site;

/// No service is helped by being asked more often,
const LEAST: SignedDuration = SignedDuration::from_secs(1);
/// and what is asked more seldom is not watched.
const MOST: SignedDuration = SignedDuration::from_hours(1);
/// Nobody works with what takes longer.
const SLOWEST: SignedDuration = SignedDuration::from_mins(1);

/// What is asked by whom.
#[derive(Debug, Default)]
pub(crate) struct Asked {
    /// By this host.
    pub(crate) ours: BTreeMap<Signal, Settings>,
    /// By every seat.
    pub(crate) seats: BTreeMap<String, WatchedService>,
}

pub(crate) fn asked(
    checks: &mut Checks<'_, '_>,
    file: &File,
    secrets: values::Secrets<'_>,
) -> Asked {
    let mut asked = Asked::default();
    for (id, service) in &file.service {
        let table = join("service", id);
        let every = every(checks, &table, service.every);
        let slow = slow(checks, &table, service.slow);
        let reach = reach(checks, &table, service, secrets);
        let Some(target) = reach.and_then(|(path, text)| target(checks, &path, &text)) else {
            continue;
        };
        if asked_by_seats(checks, &table, service, &target) {
            let slow_ms = u32::try_from(slow.as_millis()).unwrap_or(u32::MAX);
            let watched = WatchedService {
                slow_ms,
                ..WatchedService::new(id, target.with_password())
            };
            asked.seats.insert(id.clone(), watched);
        }
        let signal = Signal::new(Kind::ServiceReach, id);
        let settings = Settings::of_service(target, every, slow);
        asked.ours.insert(signal, settings);
    }
    for (id, device) in &file.device {
        let table = join("device", id);
        let Some(reach) = &device.reach else {
            let path = join(&table, "every");
            if device.every.is_some() && !checks.is_faulty(&join(&table, "reach")) {
                checks.fault(
                    &path,
                    "goes with `reach`: say how it is asked, or take this out",
                );
            }
            continue;
        };
        let every = every(checks, &table, device.every);
        if let Some(target) = target(checks, &join(&table, "reach"), reach) {
            let signal = Signal::new(Kind::DeviceReach, id);
            asked
                .ours
                .insert(signal, Settings::of_device(target, every));
        }
    }
    warn_of_ways(checks, file);
    asked
}

/// What is written to be asked, and where: it may hold a password, and so lie in a file.
fn reach(
    checks: &mut Checks<'_, '_>,
    table: &str,
    service: &Service,
    secrets: values::Secrets<'_>,
) -> Option<(String, String)> {
    let (inline, in_file) = (service.reach.as_ref(), service.reach_file.as_ref());
    if inline.is_none() && in_file.is_none() {
        let path = join(table, "reach");
        if !checks.is_faulty(&path) && !checks.is_faulty(&join(table, "reach_file")) {
            let message = "is missing: write how it is asked, as \"https://HOST/PATH\" or \"tcp://HOST:PORT\"";
            checks.fault(&path, message);
        }
        return None;
    }
    values::secret(checks, table, "reach", inline, in_file, secrets)
}

fn target(checks: &mut Checks<'_, '_>, path: &str, text: &str) -> Option<Target> {
    match text.parse() {
        Ok(target) => Some(target),
        // There may be a password in what is written there.
        Err(error) => {
            checks.fault(path, format!("cannot be asked: {error}"));
            None
        }
    }
}

fn every(
    checks: &mut Checks<'_, '_>,
    table: &str,
    every: Option<SignedDuration>,
) -> SignedDuration {
    let every = every.unwrap_or(EVERY);
    if !(LEAST..=MOST).contains(&every) {
        let message = "is not from 1 s to 1 h: write it as \"10s\"";
        checks.fault(&join(table, "every"), message);
    }
    every
}

fn slow(checks: &mut Checks<'_, '_>, table: &str, slow: Option<SignedDuration>) -> Duration {
    let slow = slow.unwrap_or(SLOW);
    if slow <= SignedDuration::ZERO || slow > SLOWEST {
        let message = "is not between 0 s and 1 min: write it as \"5s\"";
        checks.fault(&join(table, "slow"), message);
    }
    slow.unsigned_abs()
}

/// A password is given to the seats only where somebody says so.
fn asked_by_seats(
    checks: &mut Checks<'_, '_>,
    table: &str,
    service: &Service,
    target: &Target,
) -> bool {
    let has_password = target.with_password() != target.to_string();
    if has_password && service.seats.is_none() {
        let message = "is asked with a password, so the seats do not ask it: write `seats = true` to give it to each of them, or `seats = false`";
        checks.warn(table, message);
    }
    service.seats.unwrap_or(!has_password)
}

/// What lies behind nothing is never explained by what it lies behind.
fn warn_of_ways(checks: &mut Checks<'_, '_>, file: &File) {
    if file.service.values().all(|service| service.via.is_empty()) {
        return;
    }
    for (id, service) in &file.service {
        if service.via.is_empty() && !checks.is_faulty(&join(&join("service", id), "via")) {
            let message = "has no `via`, and others have: where its gateway fails, it counts as a fault of its own";
            checks.warn(&join("service", id), message);
        }
    }
}

/// The services as the site has them.
pub(crate) fn site(services: BTreeMap<String, Service>) -> BTreeMap<String, site::Service> {
    let services = services.into_iter().map(|(id, it)| {
        let service = site::Service {
            name: it.name,
            via: it.via,
        };
        (id, service)
    });
    services.collect()
}
