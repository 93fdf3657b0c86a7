//! Turns the file's tables into the site and each room's settings, checking on the way.

use std::collections::BTreeMap;
use std::path::Path;

use crate::config::acds;
use crate::config::backups;
use crate::config::certificate;
use crate::config::channels;
use crate::config::checks::Checks;
use crate::config::endurance;
use crate::config::file::{self, File};
use crate::config::hours;
use crate::config::keeping;
use crate::config::names;
use crate::config::phone;
use crate::config::queues;
use crate::config::readiness;
use crate::config::sensors;
use crate::config::services;
use crate::config::settings::{Config, Pack, SHIPPED_PACKS, Timing, Web};
use crate::config::sheets::Sheets;
use crate::config::stations;
use crate::config::surroundings::Surroundings;
use crate::config::values;
use crate::config::watching;
use crate::document::{join, which};
use crate::probes;
use crate::site::{
    Channel, Circuit, Contact, Deputy, Device, Feed, Host, NotMonthly, Role, Seat, Site, Ups, Zone,
};
use crate::text::Text;

/// Checks everything; `None` where a value is of no use.
pub(crate) fn build(
    checks: &mut Checks<'_, '_>,
    file: File,
    surroundings: &Surroundings<'_>,
) -> Option<Config> {
    names::check(checks, &file);
    values::check(checks, &file);
    let plan = pack(checks, &file.plan.pack, surroundings.directory);
    if let Some(plan) = &plan {
        match (surroundings.roles)(plan) {
            Ok(agreed) => {
                names::check_roles(checks, &file, &agreed.roles);
                queues::check_lists(checks, &file, &agreed.lists);
                channels::check_sensitive(checks, &file, &agreed.sensitive);
            }
            Err(faults) => checks.faults.extend(faults),
        }
    }
    let watch = watching::watch(checks, &file, surroundings.secret);
    let sensors = sensors::watch(checks, &file, surroundings.secret);
    let acds = acds::watch(checks, &file, surroundings);
    let asked = services::asked(checks, &file, surroundings.secret);
    let backups = backups::watch(checks, &file, surroundings);
    let stations = stations::stations(checks, &file, &asked.seats);
    let channels = channels::channels(checks, &file, surroundings);
    let phone = phone::phone(checks, &file, surroundings);
    let traps = values::listen_for_traps(checks, file.traps.listen.as_deref());
    let listen = values::listen(checks, &file.web);
    let identity = certificate::identity(checks, &file.web, surroundings);
    let store = keeping::store(checks, &file.store, surroundings);
    let timing = Timing {
        status_poll: file.timing.status_poll,
        full_poll: file.timing.full_poll,
        stale_after: file.timing.stale_after,
    };
    let sheets = Sheets::of(checks, &file, surroundings.directory);
    let mut site = site(checks, file, &acds);
    sheets.read(checks, &mut site);
    endurance::warn(checks, &site);
    Some(Config {
        site,
        plan: plan?,
        watch,
        sensors,
        acds,
        backups,
        reach: asked.ours,
        stations,
        channels,
        phone,
        timing,
        traps,
        web: Web {
            listen: listen?,
            identity,
        },
        store: store?,
    })
}

fn pack(checks: &mut Checks<'_, '_>, name: &str, directory: &Path) -> Option<Pack> {
    if let Some(shipped) = SHIPPED_PACKS.into_iter().find(|shipped| *shipped == name) {
        return Some(Pack::Shipped(shipped));
    }
    if name.contains('/') || Path::new(name).extension().is_some() {
        return Some(Pack::File(directory.join(name)));
    }
    let mend = which(name, &SHIPPED_PACKS);
    let mend = format!("{mend} (a file of your own is written as \"./{name}.toml\")");
    checks.fault("plan.pack", format!("there is no pack `{name}`: {mend}"));
    None
}

/// The file's tables as the site's.
fn site(
    checks: &mut Checks<'_, '_>,
    file: File,
    watch: &BTreeMap<String, probes::acd::Settings>,
) -> Site {
    let phone = phone::of(&file).map(|(id, _)| id.clone());
    let quiet = hours::quiet(checks, &file);
    let acds = acds::site(checks, &file, watch);
    let mut members = acds::members(checks, &file);
    let mut queues = queues::queues(checks, &file);
    acds::check_queues(checks, &file, &mut queues, watch);
    let reserves = queues::reserves(checks, &file);
    let sensors = sensors::site(checks, &file);
    let backups = backups::site(checks, &file);
    let zones = zones(checks, file.zone);
    let contacts = contacts(file.contact, file.emergency);
    let channels = file.channel.into_iter().map(|(id, it)| {
        let channel = Channel {
            name: it.name.unwrap_or_else(|| it.kind.name()),
            accepted: readiness::accepted(checks, &join("channel", &id), it.accepted),
            via: it.via,
        };
        (id, channel)
    });
    let channels = channels.collect();
    let seats = file.seat.into_iter().map(|(id, it)| {
        let seat = Seat {
            accepted: readiness::accepted(checks, &join("seat", &id), it.accepted),
            members: members.remove(&id).unwrap_or_default(),
            zone: it.zone,
            fed_by: it.fed_by,
            via: it.via,
            laptop: it.laptop,
            spare: it.spare,
            public: it.public,
            required_runtime: it.required_runtime,
            language: it.language,
        };
        (id, seat)
    });
    let seats = seats.collect();
    let host = file.host.map(|it| Host {
        fed_by: it.fed_by,
        via: it.via,
        accepted: readiness::accepted(checks, "host", it.accepted),
    });
    let seen = file.ups.iter();
    let ups_seen_by = seen
        .filter_map(|(id, ups)| Some((id.clone(), ups.seat.clone()?)))
        .collect();
    Site {
        channels,
        acds,
        phone,
        sensors,
        backups,
        host,
        readiness: readiness::bounds(checks, &file.readiness),
        name: file.site.name,
        language: file.site.language,
        time_zone: file.site.time_zone,
        address: file.site.address,
        zones,
        feeds: feeds(checks, file.feed),
        circuits: each(file.circuit, |it| Circuit {
            name: it.name,
            feed: it.feed,
        }),
        ups_seen_by,
        ups: each(file.ups, |it| Ups {
            name: it.name,
            zone: it.zone,
            fed_by: it.fed_by,
            via: it.via,
        }),
        devices: each(file.device, |it| Device {
            name: it.name,
            kind: it.kind,
            zone: it.zone,
            fed_by: it.fed_by,
            via: it.via,
        }),
        services: services::site(file.service),
        seats,
        roles: each(file.role, |it| Role {
            seats: it.seats,
            channels: it.channels,
            duty: it.duty,
            deputy: Deputy {
                seats: it.deputy.seats,
                channels: it.deputy.channels,
                duty: it.deputy.duty,
            },
            next_up: it.next_up,
        }),
        contacts,
        queues,
        reserves,
        quiet,
        ..Site::default()
    }
}

fn feeds(
    checks: &mut Checks<'_, '_>,
    table: BTreeMap<String, file::Feed>,
) -> BTreeMap<String, Feed> {
    let read = |(id, it): (String, file::Feed)| {
        let key = join(&join("feed", &id), "generator_test");
        let generator_test = it.generator_test.and_then(|text| match text.parse() {
            Ok(_) if !it.generator => {
                checks.fault(&key, "has no generator to test: set `generator = true`");
                None
            }
            Ok(monthly) => Some(monthly),
            Err(fault @ NotMonthly) => {
                checks.fault(&key, format!("`{text}` {fault}"));
                None
            }
        });
        let feed = Feed {
            name: it.name,
            generator: it.generator,
            generator_test,
        };
        (id, feed)
    };
    table.into_iter().map(read).collect()
}

fn zones(
    checks: &mut Checks<'_, '_>,
    file: BTreeMap<String, file::Zone>,
) -> BTreeMap<String, Zone> {
    let mut zones = BTreeMap::new();
    for (id, zone) in file {
        let table = join("zone", &id);
        let hours = zone.hours.map(|hours| hours::hours(checks, &table, &hours));
        let zone = Zone {
            name: zone.name,
            hours,
            assembly: zone.assembly,
            network: zone.network,
            accepted: readiness::accepted(checks, &table, zone.accepted),
        };
        zones.insert(id, zone);
    }
    zones
}

/// Those of the file, and the numbers that every site has.
fn contacts(
    file: BTreeMap<String, file::Contact>,
    emergency: file::Emergency,
) -> BTreeMap<String, Contact> {
    let emergency = [
        ("fire", "火警", "Fire brigade", emergency.fire),
        ("police", "报警", "Police", emergency.police),
        ("ambulance", "急救", "Ambulance", emergency.ambulance),
    ];
    let emergency = emergency.map(|(id, zh, en, phone)| {
        let name = Text::new(zh, en);
        (id.to_owned(), Contact { name, phone })
    });
    let contacts = each(file, |it| Contact {
        name: it.name,
        phone: it.phone,
    });
    contacts.into_iter().chain(emergency).collect()
}

fn each<A, B>(table: BTreeMap<String, A>, turn: impl Fn(A) -> B) -> BTreeMap<String, B> {
    table.into_iter().map(|(id, it)| (id, turn(it))).collect()
}
