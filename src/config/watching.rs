//! How each UPS is asked: by SNMP, or through NUT's upsd; or that a seat's PC tells of it.

use std::collections::BTreeMap;

use crate::config::asked::{Keys, by_snmp, there};
use crate::config::checks::Checks;
use crate::config::file::{File, Ups};
use crate::config::values;
use crate::document::join;
use crate::probes;

const NO_HOST: &str = "is missing: write the address of its network card, or `nut = \"NAME@HOST\"` where upsd watches it";

pub(crate) fn watch(
    checks: &mut Checks<'_, '_>,
    file: &File,
    secrets: values::Secrets<'_>,
) -> BTreeMap<String, probes::Settings> {
    let mut watch = BTreeMap::new();
    let mut in_clear = false;
    for (id, ups) in &file.ups {
        let table = join("ups", id);
        let settings = if let Some(seat) = &ups.seat {
            by_seat(checks, file, &table, ups, seat);
            None
        } else if let Some(nut) = &ups.nut {
            by_nut(checks, &table, ups, nut)
        } else {
            let keys = Keys::from(ups);
            in_clear |= keys.is_in_clear();
            by_snmp(checks, &table, &keys, NO_HOST, secrets).map(probes::Settings::Snmp)
        };
        watch.extend(settings.map(|settings| (id.clone(), settings)));
    }
    if in_clear {
        checks.warn(
            "ups",
            "SNMP v1 and v2c send the community in clear: keep the UPSs in a network of their own",
        );
    }
    watch
}

/// Nobody asks: the seat program tells what its PC sees on the cable.
fn by_seat(checks: &mut Checks<'_, '_>, file: &File, table: &str, ups: &Ups, seat: &str) {
    let others = there([("nut", ups.nut.is_some())]);
    for key in others.chain(Keys::from(ups).all()) {
        let message = "does not go with `seat`, by which a PC tells of it: keep one of the two";
        checks.fault(&join(table, key), message);
    }
    if !file.seat.contains_key(seat) {
        checks.unknown_name(&join(table, "seat"), "seat", seat);
    }
    let mut twice = file
        .ups
        .iter()
        .filter(|(_, other)| other.seat.as_deref() == Some(seat));
    if let Some((first, _)) = twice.next()
        && join("ups", first) != table
    {
        let message = format!("seat `{seat}` tells of `{first}` already: a PC tells of one UPS");
        checks.fault(&join(table, "seat"), message);
    }
}

fn by_nut(
    checks: &mut Checks<'_, '_>,
    table: &str,
    ups: &Ups,
    nut: &str,
) -> Option<probes::Settings> {
    for key in Keys::from(ups).all() {
        let message = "is of SNMP, but `nut` says that upsd is asked: keep one of the two";
        checks.fault(&join(table, key), message);
    }
    match nut.parse() {
        Ok(settings) => Some(probes::Settings::Nut(settings)),
        Err(error) => {
            checks.fault(&join(table, "nut"), format!("`{nut}` is no UPS: {error}"));
            None
        }
    }
}
