//! Checks single values: times, addresses, secrets, phone numbers.

use std::net::SocketAddr;

use jiff::SignedDuration;
use jiff::civil::Time;
use jiff::tz::TimeZone;

use crate::config::checks::Checks;
use crate::config::file::{File, Timing, Web};
use crate::document::join;
use crate::text::Text;

/// Looks a secret file up and returns its text; the error says where it was looked for.
pub(crate) type Secrets<'a> = &'a dyn Fn(&str) -> Result<String, String>;

/// A secret stands in the file or in one of its own; either way it is trimmed.
pub(crate) fn secret(
    checks: &mut Checks<'_, '_>,
    table: &str,
    key: &str,
    inline: Option<&String>,
    file: Option<&String>,
    secrets: Secrets<'_>,
) -> Option<(String, String)> {
    let file_key = format!("{key}_file");
    let (inline_path, file_path) = (join(table, key), join(table, &file_key));
    match (inline, file) {
        (Some(inline), None) => Some((inline_path, inline.trim().to_owned())),
        (None, Some(file)) => match secrets(file) {
            Ok(text) => Some((file_path, text.trim().to_owned())),
            Err(why) => {
                checks.fault(&file_path, why);
                None
            }
        },
        (Some(_), Some(_)) => {
            let message = format!("`{key}` stands beside it: keep one of the two");
            checks.fault(&file_path, message);
            None
        }
        (None, None) => {
            if !checks.is_faulty(&inline_path) && !checks.is_faulty(&file_path) {
                checks.fault(
                    &file_path,
                    format!("is missing: add `{file_key}` or `{key}`"),
                );
            }
            None
        }
    }
}

pub(crate) fn url(checks: &mut Checks<'_, '_>, path: &str, url: &str) {
    let rest = url
        .strip_prefix("https://")
        .or_else(|| url.strip_prefix("http://"));
    let Some(rest) = rest else {
        // What is written there may be a secret.
        return checks.fault(path, "is no web address: begin it with https:// or http://");
    };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if host.is_empty() || host.starts_with(':') || url.contains(char::is_whitespace) {
        checks.fault(path, "names no host: write https://host/path");
    }
}

pub(crate) fn listen_for_traps(
    checks: &mut Checks<'_, '_>,
    listen: Option<&str>,
) -> Option<SocketAddr> {
    let listen = listen?;
    let address = listen.parse().ok();
    if address.is_none() {
        let message = format!("`{listen}` is no address: write it as \"0.0.0.0:1162\"");
        checks.fault("traps.listen", message);
    }
    address
}

pub(crate) fn listen(checks: &mut Checks<'_, '_>, web: &Web) -> Option<SocketAddr> {
    let (path, listen) = ("web.listen", &web.listen);
    let in_clear = web.certificate.is_none() && web.key.is_none();
    if let Ok(address) = listen.parse::<SocketAddr>() {
        if in_clear && !address.ip().is_loopback() {
            checks.warn(
                path,
                format!("{address} is reached from other machines and speaks no TLS: give it a certificate and a key, put a proxy with TLS in front, or trust this network"),
            );
        }
        Some(address)
    } else {
        let message = format!("`{listen}` is no address: write it as \"127.0.0.1:8460\"");
        checks.fault(path, message);
        None
    }
}

pub(crate) fn time_zone(checks: &mut Checks<'_, '_>, name: &str) {
    if TimeZone::get(name).is_err() {
        let message = format!("`{name}` is no time zone: write an IANA name as \"Asia/Shanghai\"");
        checks.fault("site.time_zone", message);
    }
}

pub(crate) fn time(checks: &mut Checks<'_, '_>, path: &str, text: &str) -> Option<Time> {
    let time = text.parse().ok();
    if time.is_none() {
        let message = format!("`{text}` is no time of day: write it as \"08:30\"");
        checks.fault(path, message);
    }
    time
}

/// A value that must say something.
pub(crate) fn filled(checks: &mut Checks<'_, '_>, path: &str, text: &str, mend: &str) {
    if text.trim().is_empty() {
        checks.fault(path, format!("is empty: {mend}"));
    }
}

pub(crate) fn name(checks: &mut Checks<'_, '_>, table: &str, name: &Text) {
    let path = join(table, "name");
    filled(
        checks,
        &join(&path, "zh"),
        &name.zh,
        "write the name in Chinese",
    );
    filled(
        checks,
        &join(&path, "en"),
        &name.en,
        "write the name in English",
    );
}

pub(crate) fn check(checks: &mut Checks<'_, '_>, file: &File) {
    name(checks, "site", &file.site.name);
    time_zone(checks, &file.site.time_zone);
    let zones = file.zone.iter().map(|(id, it)| ("zone", id, &it.name));
    let feeds = file.feed.iter().map(|(id, it)| ("feed", id, &it.name));
    let circuits = file
        .circuit
        .iter()
        .map(|(id, it)| ("circuit", id, &it.name));
    let ups = file.ups.iter().map(|(id, it)| ("ups", id, &it.name));
    let devices = file.device.iter().map(|(id, it)| ("device", id, &it.name));
    let contacts = file
        .contact
        .iter()
        .map(|(id, it)| ("contact", id, &it.name));
    let sensors = file.sensor.iter().map(|(id, it)| ("sensor", id, &it.name));
    let services = file
        .service
        .iter()
        .map(|(id, it)| ("service", id, &it.name));
    let named = zones.chain(feeds).chain(circuits);
    for (kind, id, text) in named
        .chain(ups)
        .chain(devices)
        .chain(sensors)
        .chain(services)
        .chain(contacts)
    {
        name(checks, &join(kind, id), text);
    }
    for (id, contact) in &file.contact {
        let path = join(&join("contact", id), "phone");
        filled(checks, &path, &contact.phone, "write the number to dial");
        if ["fire", "police", "ambulance"].contains(&id.as_str()) {
            let message =
                format!("the number of `{id}` stands in [emergency]: take this contact out");
            checks.fault(&join("contact", id), message);
        }
    }
    for (id, seat) in &file.seat {
        if seat
            .required_runtime
            .is_some_and(|runtime| runtime <= SignedDuration::ZERO)
        {
            let path = join(&join("seat", id), "required_runtime");
            checks.fault(
                &path,
                "is not positive: write how long it must last, as \"45m\"",
            );
        }
    }
    let emergency = &file.emergency;
    let mend = "write the number to dial";
    filled(checks, "emergency.fire", &emergency.fire, mend);
    filled(checks, "emergency.police", &emergency.police, mend);
    filled(checks, "emergency.ambulance", &emergency.ambulance, mend);
    timing(checks, &file.timing);
}

/// Each wait is longer than what it waits for.
fn timing(checks: &mut Checks<'_, '_>, timing: &Timing) {
    let waits = [
        ("status_poll", timing.status_poll),
        ("full_poll", timing.full_poll),
        ("stale_after", timing.stale_after),
    ];
    for (key, wait) in waits {
        if wait <= SignedDuration::ZERO {
            checks.fault(&join("timing", key), "is not positive: write it as \"2s\"");
        }
    }
    for (key, longer, other, shorter) in [
        (
            "full_poll",
            timing.full_poll,
            "status_poll",
            timing.status_poll,
        ),
        (
            "stale_after",
            timing.stale_after,
            "status_poll",
            timing.status_poll,
        ),
    ] {
        let path = join("timing", key);
        if longer < shorter && !checks.is_faulty(&join("timing", other)) {
            checks.fault(
                &path,
                format!("{longer:#} is shorter than `{other}` ({shorter:#}): make it longer"),
            );
        }
    }
}
