//! `kind = "exec"`.

use jiff::SignedDuration;
use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::document::{Document, Fault};
use crate::probes::acd::exec;
use crate::probes::acd::settings::desk::{Around, Desk};
use crate::probes::acd::settings::kinds::{Of, Settings};
use crate::probes::acd::settings::pace::pace;

const TIMEOUT: SignedDuration = SignedDuration::from_secs(10);
const LONGEST_TIMEOUT: SignedDuration = SignedDuration::from_mins(2);

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
    command: Vec<String>,
    secret: Option<String>,
    secret_file: Option<String>,
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
    let mut command = file.command;
    match command.first_mut().filter(|name| !name.trim().is_empty()) {
        // One with a folder lies where the file says, else on the daemon's PATH.
        Some(program) if program.contains('/') => {
            *program = around.directory.join(&*program).display().to_string();
        }
        Some(_) => {}
        None => desk.fault(
            "command",
            "names no program: write it as [\"/usr/local/bin/queues\", \"argument\"]",
        ),
    }
    let secret = match (&file.secret, &file.secret_file) {
        (None, None) => None,
        (inline, in_file) => desk.secret("secret", inline.as_ref(), in_file.as_ref()),
    };
    if file.queues.is_empty() {
        desk.fault("queues", "names no queue: write it as [\"support\"]");
    }
    let settings = exec::Settings {
        command,
        secret,
        queues: desk.queues(&file.queues),
        timeout,
        stale_after,
    };
    Some(Settings {
        of: Of::Exec(settings),
        poll,
        stale_after,
    })
}
