//! `kind = "freeswitch"`.

use jiff::SignedDuration;
use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::document::{Document, Fault};
use crate::probes::acd::freeswitch::{self, PORT, is_name};
use crate::probes::acd::settings::desk::{Around, Desk};
use crate::probes::acd::settings::kinds::{Of, Settings};
use crate::probes::acd::settings::pace::pace;

const TIMEOUT: SignedDuration = SignedDuration::from_secs(3);
const LONGEST_TIMEOUT: SignedDuration = SignedDuration::from_secs(30);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Keys {
    #[serde(rename = "kind")]
    _kind: IgnoredAny,
    #[serde(rename = "name")]
    _name: Option<IgnoredAny>,
    #[serde(rename = "via")]
    _via: Option<IgnoredAny>,
    poll: Option<SignedDuration>,
    stale_after: Option<SignedDuration>,
    timeout: Option<SignedDuration>,
    host: String,
    port: Option<u16>,
    password: Option<String>,
    password_file: Option<String>,
    #[serde(default)]
    queues: Vec<String>,
}

pub(super) fn read(
    document: &Document<'_>,
    table: &str,
    around: Around<'_>,
    faults: &mut Vec<Fault>,
) -> Option<Settings> {
    let (file, mut desk) = Desk::open::<Keys>(document, table, around, faults)?;
    let (poll, stale_after) = pace(&mut desk, file.poll, file.stale_after);
    let timeout = desk.real_time("timeout", file.timeout, TIMEOUT, LONGEST_TIMEOUT);
    if file.host.trim().is_empty() {
        desk.fault("host", "is empty: write the address of the FreeSWITCH");
    }
    let password = desk.secret(
        "password",
        file.password.as_ref(),
        file.password_file.as_ref(),
    );
    if password
        .as_ref()
        .is_some_and(|password| !password.is_one_line())
    {
        let key = if file.password.is_some() {
            "password"
        } else {
            "password_file"
        };
        desk.fault(key, "has more than one line: no event socket takes that");
    }
    let queues = desk.queues(&file.queues);
    for (index, name) in file.queues.iter().enumerate() {
        if !is_name(name) {
            let path = format!("{}[{index}]", desk.path("queues"));
            desk.fault_at(
                &path,
                "has a quote, a bar or a backslash in it, with which no queue can be asked for",
            );
        }
    }
    let settings = freeswitch::Settings {
        host: file.host,
        port: file.port.unwrap_or(PORT),
        password: password?,
        queues,
        timeout,
    };
    Some(Settings {
        of: Of::FreeSwitch(settings),
        poll,
        stale_after,
    })
}
