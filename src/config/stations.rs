//! What is looked at from a seat: its headset, its softphone, the telephone on its desk.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::config::checks::Checks;
use crate::config::file::File;
use crate::document::join;
use crate::health::{Watch, WatchedService};
use crate::seat;

/// So many names are looked for among all programs of a PC.
const MOST_PROGRAMS: usize = 8;

/// `services`: those that every seat asks, by their names.
pub(crate) fn stations(
    checks: &mut Checks<'_, '_>,
    file: &File,
    services: &BTreeMap<String, WatchedService>,
) -> BTreeMap<String, Arc<Watch>> {
    let shared = &file.desk;
    programs(checks, "desk.softphone", &shared.softphone);
    let mut phones: BTreeMap<&str, &str> = BTreeMap::new();
    let mut stations = BTreeMap::new();
    for (id, seat) in &file.seat {
        let table = join("seat", id);
        if let Some(own) = &seat.softphone {
            programs(checks, &join(&table, "softphone"), own);
        }
        if let Some(place) = &seat.phone {
            let key = join(&table, "phone");
            if let Err(why) = seat::can_ask(place) {
                checks.fault(&key, format!("cannot be asked: {why}"));
            } else if let Some(other) = phones.insert(place, id) {
                let message = format!("is the telephone of seat `{other}` already");
                checks.fault(&key, message);
            }
        }
        let watch = Watch {
            softphone: seat.softphone.as_ref().unwrap_or(&shared.softphone).clone(),
            phone: seat.phone.clone(),
            headset: seat.headset.or(shared.headset).unwrap_or(true),
            services: services.values().cloned().collect(),
        };
        stations.insert(id.clone(), Arc::new(watch));
    }
    stations
}

/// The names of programs, as the kernel has them.
fn programs(checks: &mut Checks<'_, '_>, key: &str, names: &[String]) {
    if names.len() > MOST_PROGRAMS {
        let message = format!("has {} names: name {MOST_PROGRAMS} at most", names.len());
        checks.fault(key, message);
        return;
    }
    let mut known = BTreeSet::new();
    for name in names {
        let why = if name.trim().is_empty() {
            "is empty: name the program as `ps -o comm` does".to_owned()
        } else if name.contains('/') {
            format!("`{name}` is a path: name the program as `ps -o comm` does")
        } else if name.chars().any(char::is_control) {
            format!("`{}` has control characters in it", name.escape_debug())
        } else if !known.insert(name) {
            format!("names `{name}` twice")
        } else {
            continue;
        };
        checks.fault(key, why);
        return;
    }
}
