//! Sensors and dry contacts: where each is, how it is asked, and what its answer means.

use std::collections::BTreeMap;

use jiff::SignedDuration;

use crate::config::asked::{Keys, by_snmp, there};
use crate::config::checks::Checks;
use crate::config::file::{Closed, File, Sensor};
use crate::config::values;
use crate::document::{join, which};
use crate::probes::sensor::{At, Settings};
use crate::sensors::{self, Asked, Bounds, Kind, Meaning, object};
use crate::site;

const NO_HOST: &str = "is missing: write the address of the card that has it, or `ups` where it hangs on the card of a UPS";

/// How each sensor is asked, by its name.
pub(crate) fn watch(
    checks: &mut Checks<'_, '_>,
    file: &File,
    secrets: values::Secrets<'_>,
) -> BTreeMap<String, Settings> {
    let mut watch = BTreeMap::new();
    let mut in_clear = false;
    for (id, sensor) in &file.sensor {
        let table = join("sensor", id);
        let at = if let Some(ups) = &sensor.ups {
            at_ups(checks, file, &table, sensor, ups)
        } else {
            let keys = Keys::from(sensor);
            in_clear |= keys.is_in_clear();
            by_snmp(checks, &table, &keys, NO_HOST, secrets).map(At::Card)
        };
        // What it means follows from what it is.
        let is_known = !checks.is_faulty(&join(&table, "kind"));
        let asked = is_known.then(|| asked(checks, &table, sensor)).flatten();
        let settings = at.zip(asked).map(|(at, asked)| Settings { at, asked });
        watch.extend(settings.map(|settings| (id.clone(), settings)));
    }
    if in_clear {
        checks.warn(
            "sensor",
            "SNMP v1 and v2c send the community in clear: keep the sensors in a network of their own",
        );
    }
    watch
}

/// It is asked with the UPS, over the same session.
fn at_ups(
    checks: &mut Checks<'_, '_>,
    file: &File,
    table: &str,
    sensor: &Sensor,
    ups: &str,
) -> Option<At> {
    for key in Keys::from(sensor).all() {
        let message =
            "does not go with `ups`, whose card is asked as the UPS says: keep one of the two";
        checks.fault(&join(table, key), message);
    }
    let path = join(table, "ups");
    let Some(known) = file.ups.get(ups) else {
        let mend = which(ups, &checks.document.keys("ups"));
        checks.fault(&path, format!("there is no UPS `{ups}`: {mend}"));
        return None;
    };
    if known.nut.is_some() || known.seat.is_some() {
        let message =
            format!("`{ups}` is not asked by SNMP: write the `host` of a card that has the sensor");
        checks.fault(&path, message);
        return None;
    }
    Some(At::Ups(ups.to_owned()))
}

fn asked(checks: &mut Checks<'_, '_>, table: &str, sensor: &Sensor) -> Option<Asked> {
    if let Some(input) = &sensor.input {
        return of_input(checks, table, sensor, input);
    }
    refuse(
        checks,
        table,
        [("closed", sensor.closed.is_some())],
        "goes with an `input` of a UPS's card: say by `alarm` and `normal` what the values of an `oid` mean",
    );
    let meaning = meaning(checks, table, sensor);
    let Some(oid) = &sensor.oid else {
        let mend = if sensor.ups.is_some() {
            "is missing: write `input = \"probe 1\"` or the `oid` of one object"
        } else {
            "is missing: write the object identifier of its value"
        };
        let path = join(table, "oid");
        if !checks.is_faulty(&path) {
            checks.fault(&path, mend);
        }
        return None;
    };
    match object(oid) {
        Ok(object) => Some(Asked::Object {
            object,
            meaning: meaning?,
        }),
        Err(error) => {
            checks.fault(&join(table, "oid"), format!("`{oid}` {error}"));
            None
        }
    }
}

/// An input of a UPS's card has a meaning of its own.
fn of_input(
    checks: &mut Checks<'_, '_>,
    table: &str,
    sensor: &Sensor,
    input: &str,
) -> Option<Asked> {
    let path = join(table, "input");
    if sensor.ups.is_none() {
        checks.fault(
            &path,
            "is of a UPS's card: name the UPS by `ups`, or write an `oid`",
        );
    }
    let of_objects = [
        ("oid", sensor.oid.is_some()),
        ("scale", sensor.scale.is_some()),
        ("alarm", sensor.alarm.is_some()),
        ("normal", sensor.normal.is_some()),
    ];
    refuse(
        checks,
        table,
        of_objects,
        "does not go with `input`, whose values are known: keep one of the two",
    );
    let input = match input.parse::<sensors::Input>() {
        Ok(input) => input,
        Err(error) => {
            checks.fault(&path, format!("`{input}` {error}"));
            return None;
        }
    };
    if input.is_contact() != sensor.kind.is_contact() {
        let wanted = if sensor.kind.is_contact() {
            "a contact: write \"contact 1\""
        } else {
            "a temperature: write \"ambient\" or \"probe 1\""
        };
        checks.fault(
            &path,
            format!("`{input}` does not tell what this kind is, {wanted}"),
        );
        return None;
    }
    let closed = [("closed", sensor.closed.is_some() && !input.is_contact())];
    refuse(checks, table, closed, "is of contacts: take it out");
    let closed = sensor.closed.unwrap_or(Closed::Alarm) == Closed::Alarm;
    Some(Asked::Input { input, closed })
}

fn meaning(checks: &mut Checks<'_, '_>, table: &str, sensor: &Sensor) -> Option<Meaning> {
    if !sensor.kind.is_contact() {
        let of_contacts = [
            ("alarm", sensor.alarm.is_some()),
            ("normal", sensor.normal.is_some()),
        ];
        refuse(checks, table, of_contacts, "is of contacts: take it out");
        let scale = sensor.scale.unwrap_or(1.0);
        if scale == 0.0 || !scale.is_finite() {
            checks.fault(
                &join(table, "scale"),
                "makes no degrees of a value: write it as 0.1",
            );
            return None;
        }
        return Some(Meaning::Celsius { scale });
    }
    refuse(
        checks,
        table,
        [("scale", sensor.scale.is_some())],
        "is of temperatures: take it out",
    );
    let mut values = |key: &str, known: &Option<Vec<i64>>| {
        let path = join(table, key);
        match known {
            Some(values) if !values.is_empty() => Some(values.clone()),
            _ if checks.is_faulty(&path) => None,
            _ => {
                let message = format!("is missing: list the values that mean it, as `{key} = [1]`");
                checks.fault(&path, message);
                None
            }
        }
    };
    let alarm = values("alarm", &sensor.alarm);
    let normal = values("normal", &sensor.normal);
    let (alarm, normal) = alarm.zip(normal)?;
    if let Some(both) = alarm.iter().find(|value| normal.contains(value)) {
        let message = format!("{both} stands in `alarm` too: it means one of the two");
        checks.fault(&join(table, "normal"), message);
        return None;
    }
    Some(Meaning::Contact { alarm, normal })
}

fn refuse<const N: usize>(
    checks: &mut Checks<'_, '_>,
    table: &str,
    keys: [(&'static str, bool); N],
    message: &str,
) {
    for key in there(keys) {
        checks.fault(&join(table, key), message);
    }
}

/// The sensors as the site has them.
pub(crate) fn site(checks: &mut Checks<'_, '_>, file: &File) -> BTreeMap<String, site::Sensor> {
    let mut contacts: BTreeMap<&str, &str> = BTreeMap::new();
    let mut sensors = BTreeMap::new();
    for (id, sensor) in &file.sensor {
        let table = join("sensor", id);
        if checks.is_faulty(&join(&table, "kind")) {
            continue;
        }
        let of = place(checks, file, &table, sensor);
        if let Some(feed) = sensor
            .feed
            .as_deref()
            .filter(|_| sensor.kind == Kind::Generator)
            && let Some(first) = contacts.insert(feed, id)
        {
            let message = format!(
                "`{first}` tells of the generator of `{feed}` already: a feed has one contact"
            );
            checks.fault(&join(&table, "feed"), message);
        }
        let sensor = site::Sensor {
            name: sensor.name.clone(),
            kind: sensor.kind,
            of: of.unwrap_or_default(),
            bounds: bounds(checks, &table, sensor),
            hold: hold(checks, &table, sensor),
        };
        sensors.insert(id.clone(), sensor);
    }
    sensors
}

/// A zone, or the feed of a generator.
fn place(checks: &mut Checks<'_, '_>, file: &File, table: &str, sensor: &Sensor) -> Option<String> {
    let of_feed = sensor.kind == Kind::Generator;
    let (key, place, other, there) = if of_feed {
        ("feed", &sensor.feed, "zone", sensor.zone.is_some())
    } else {
        ("zone", &sensor.zone, "feed", sensor.feed.is_some())
    };
    if there {
        let message = format!("is not where this kind is: write `{key}` instead");
        checks.fault(&join(table, other), message);
    }
    let path = join(table, key);
    let Some(place) = place else {
        if !checks.is_faulty(&path) {
            let message = format!("is missing: name the {key} that it watches");
            checks.fault(&path, message);
        }
        return None;
    };
    if of_feed {
        match file.feed.get(place) {
            None => checks.unknown_name(&path, key, place),
            Some(feed) if !feed.generator => {
                let message = format!("`{place}` has no generator: set its `generator = true`");
                checks.fault(&path, message);
            }
            Some(_) => {}
        }
    } else if !file.zone.contains_key(place) {
        checks.unknown_name(&path, key, place);
    }
    Some(place.clone())
}

fn bounds(checks: &mut Checks<'_, '_>, table: &str, sensor: &Sensor) -> Bounds {
    let shipped = Bounds::default();
    let bounds = Bounds {
        warning: sensor.warning.unwrap_or(shipped.warning),
        critical: sensor.critical.unwrap_or(shipped.critical),
        back: sensor.back.unwrap_or(shipped.back),
    };
    if sensor.kind.is_contact() {
        let of_degrees = [
            ("warning", sensor.warning.is_some()),
            ("critical", sensor.critical.is_some()),
            ("back", sensor.back.is_some()),
        ];
        refuse(checks, table, of_degrees, "is of temperatures: take it out");
        return bounds;
    }
    if bounds.critical <= bounds.warning {
        let key = if sensor.critical.is_some() {
            "critical"
        } else {
            "warning"
        };
        let message = format!(
            "`critical` ({}) is not above `warning` ({}): make it higher",
            bounds.critical, bounds.warning
        );
        checks.fault(&join(table, key), message);
    }
    if !(0.0..=20.0).contains(&bounds.back) {
        checks.fault(
            &join(table, "back"),
            "is not between 0 and 20 degrees: write it as 2",
        );
    }
    bounds
}

fn hold(checks: &mut Checks<'_, '_>, table: &str, sensor: &Sensor) -> SignedDuration {
    let hold = sensor.hold.unwrap_or(sensor.kind.hold());
    if hold.is_negative() {
        checks.fault(&join(table, "for"), "is negative: write it as \"60s\"");
    }
    hold
}
