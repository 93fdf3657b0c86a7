//! ACDs: how each is asked, which seats take its calls, and that it tells of the queues named.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use jiff::SignedDuration;
use jiff::tz::TimeZone;
use serde::de::{self, Deserialize, Deserializer, SeqAccess, Visitor};

use crate::config::checks::Checks;
use crate::config::file::File;
use crate::config::surroundings::Surroundings;
use crate::config::values;
use crate::document::{join, which};
use crate::probes::acd::{Around, Of, Settings, settings};
use crate::site;
use crate::text::Text;

/// Whose names stand beside an ACD's.
const OTHERS: [&str; 2] = ["device", "service"];

/// What is read here; the other keys are of its kind.
#[derive(Debug, serde::Deserialize)]
pub(crate) struct Acd {
    name: Text,
    #[serde(default)]
    pub(crate) via: Vec<String>,
}

/// One name, or several of them in a list.
#[derive(Debug, Default)]
pub(crate) struct Names(Vec<String>);

impl<'de> Deserialize<'de> for Names {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OneOrMore;
        impl<'de> Visitor<'de> for OneOrMore {
            type Value = Names;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name or a list of names")
            }

            fn visit_str<E: de::Error>(self, name: &str) -> Result<Names, E> {
                Ok(Names(vec![name.to_owned()]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut names: A) -> Result<Names, A::Error> {
                let mut all = Vec::new();
                while let Some(name) = names.next_element()? {
                    all.push(name);
                }
                Ok(Names(all))
            }
        }
        deserializer.deserialize_any(OneOrMore)
    }
}

/// How each ACD is asked, by its name.
pub(crate) fn watch(
    checks: &mut Checks<'_, '_>,
    file: &File,
    surroundings: &Surroundings<'_>,
) -> BTreeMap<String, Settings> {
    let zone = TimeZone::get(&file.site.time_zone).ok();
    let around = Around {
        secret: surroundings.secret,
        directory: surroundings.directory,
        zone: zone.as_ref(),
    };
    let mut watch = BTreeMap::new();
    let mut pushed: BTreeMap<String, &String> = BTreeMap::new();
    for id in file.acd.keys() {
        let table = join("acd", id);
        let document = checks.document;
        let Some(settings) = settings::read(document, &table, around, &mut checks.faults) else {
            continue;
        };
        if let Of::Pushed(own) = &settings.of {
            for queue in &own.queues {
                if let Some(first) = pushed.insert(queue.clone(), id) {
                    let message = format!("`{queue}` is pushed in by `{first}` already");
                    checks.fault(&join(&table, "queues"), message);
                }
            }
        }
        watch.insert(id.clone(), settings);
    }
    watch
}

/// The ACDs as the site has them.
pub(crate) fn site(
    checks: &mut Checks<'_, '_>,
    file: &File,
    watch: &BTreeMap<String, Settings>,
) -> BTreeMap<String, site::Acd> {
    let mut acds = BTreeMap::new();
    for (id, acd) in &file.acd {
        let table = join("acd", id);
        values::name(checks, &table, &acd.name);
        let other = OTHERS
            .into_iter()
            .find(|kind| checks.document.keys(kind).contains(id));
        if let Some(other) = other {
            let line = checks.document.fault(&join(other, id), "").line;
            let message =
                format!("`{id}` is a {other} too (line {line}): give one of them another name");
            checks.fault(&table, message);
        }
        let Some(settings) = watch.get(id) else {
            continue;
        };
        let acd = site::Acd {
            name: acd.name.clone(),
            via: acd.via.clone(),
            stale_after: own_word_first(settings, settings.stale_after),
        };
        acds.insert(id.clone(), acd);
    }
    acds
}

/// When the Board itself says that a word is old. Whoever takes what is pushed in says so, and
/// why; the Board counts beside that, and is not to be first.
fn own_word_first(settings: &Settings, stale_after: SignedDuration) -> SignedDuration {
    match settings.of {
        Of::Pushed(_) => stale_after.saturating_add(SignedDuration::from_secs(1)),
        _ => stale_after,
    }
}

/// That the ACD of each queue is there, and is asked for it.
pub(crate) fn check_queues(
    checks: &mut Checks<'_, '_>,
    file: &File,
    queues: &mut BTreeMap<String, site::Queue>,
    watch: &BTreeMap<String, Settings>,
) {
    for (id, queue) in queues {
        let table = join("queue", id);
        let path = join(&table, "acd");
        if !file.acd.contains_key(&queue.acd) {
            let known = checks.document.keys("acd");
            let mend = match known.as_slice() {
                [] => format!("add [acd.{}] with its kind, and how it is asked", queue.acd),
                _ => which(&queue.acd, &known),
            };
            checks.fault(&path, format!("there is no acd `{}`: {mend}", queue.acd));
            continue;
        }
        let Some(settings) = watch.get(&queue.acd) else {
            continue;
        };
        let after = queue.stale_after.unwrap_or(settings.stale_after);
        if after < settings.poll {
            let message = format!(
                "is shorter than `poll` of `{}` ({:#}): make it longer",
                queue.acd, settings.poll
            );
            checks.fault(&join(&table, "stale_after"), message);
        }
        queue.stale_after = Some(own_word_first(settings, after));
        let Some(told) = settings.of.queues() else {
            continue;
        };
        if !told.contains(&queue.queue) {
            let told: Vec<&String> = told.iter().collect();
            let mend = which(&queue.queue, &told);
            let acd = &queue.acd;
            let message = format!("acd `{acd}` is not asked for `{}`: {mend}", queue.queue);
            let path = join(&table, "queue");
            let path = if checks.document.keys(&table).contains(&"queue".to_owned()) {
                path
            } else {
                table
            };
            checks.fault(&path, message);
        }
    }
}

/// Which seat each member is, by seat.
pub(crate) fn members(
    checks: &mut Checks<'_, '_>,
    file: &File,
) -> BTreeMap<String, BTreeSet<String>> {
    let mut seat_of: BTreeMap<&String, &String> = BTreeMap::new();
    let mut members: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (id, seat) in &file.seat {
        let Some(Names(names)) = &seat.member else {
            continue;
        };
        let path = join(&join("seat", id), "member");
        if file.acd.is_empty() {
            let message = "no acd tells of members: add [acd.NAME], or take it out";
            checks.fault(&path, message);
        }
        for (n, name) in names.iter().enumerate() {
            let path = match names.len() {
                1 => path.clone(),
                _ => format!("{path}[{n}]"),
            };
            values::filled(
                checks,
                &path,
                name,
                "write it as the ACD calls its telephone",
            );
            match seat_of.insert(name, id) {
                Some(first) if first == id => {
                    checks.fault(&path, format!("`{name}` stands here twice: take one out"));
                }
                Some(first) => {
                    let message = format!("`{name}` is seat `{first}` already: it is one of them");
                    checks.fault(&path, message);
                }
                None => {}
            }
        }
        members.insert(id.clone(), names.iter().cloned().collect());
    }
    members
}
