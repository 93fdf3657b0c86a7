//! `kind = "ami"`.

use std::time::Duration;

use jiff::SignedDuration;
use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::document::{Document, Fault};
use crate::probes::acd::settings::desk::{Around, Desk};
use crate::probes::acd::settings::kinds::{Of, Settings};
use crate::probes::acd::settings::pace::pace;
use crate::probes::ami::{self, PORT, Secret};

/// Until one answer begins.
const TIMEOUT: SignedDuration = SignedDuration::from_secs(3);
const LONGEST_TIMEOUT: SignedDuration = SignedDuration::from_secs(30);
/// A login is refused after about a second (measured with Asterisk 22): who waits no longer takes
/// an ACD that is well for one that is wedged.
const REFUSAL: Duration = Duration::from_secs(2);
/// So many answers may be waited for in a poll: a kept connection that has died, and what opening another takes.
const ANSWERS: u32 = 4;

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
    user: String,
    secret: Option<String>,
    secret_file: Option<String>,
    #[serde(default)]
    in_the_clear: bool,
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
    if timeout < REFUSAL && file.timeout.is_some() {
        let message =
            "is not above the second that Asterisk takes to refuse a login: write it as \"3s\"";
        desk.fault("timeout", message);
    }
    if file.host.trim().is_empty() {
        desk.fault("host", "is empty: write the address of the Asterisk");
    }
    if file.user.is_empty() {
        desk.fault("user", "is empty: write the user of its manager.conf");
    } else if let Err(odd) = ami::check("the user", "Username", &file.user) {
        desk.fault("user", odd.to_string());
    }
    let queues: Vec<String> = desk.queues(&file.queues).into_iter().collect();
    for (index, name) in file.queues.iter().enumerate() {
        if let Err(odd) = ami::check("the name of a queue", "Queue", name) {
            let path = format!("{}[{index}]", desk.path("queues"));
            desk.fault_at(&path, odd.to_string());
        }
    }
    let secret = desk.secret("secret", file.secret.as_ref(), file.secret_file.as_ref())?;
    let secret = match Secret::new(secret.reveal()) {
        Ok(secret) => secret,
        Err(odd) => {
            let key = if file.secret.is_some() {
                "secret"
            } else {
                "secret_file"
            };
            desk.fault(key, odd.to_string());
            return None;
        }
    };
    let port = file.port.unwrap_or(PORT);
    let settings = ami::Settings::new(file.host.trim(), port, &file.user, secret).ok()?;
    Some(Settings {
        of: Of::Ami(
            settings
                .queues(queues)
                .ok()?
                .in_the_clear(file.in_the_clear)
                .patience(timeout, timeout.saturating_mul(ANSWERS)),
        ),
        poll,
        stale_after,
    })
}
