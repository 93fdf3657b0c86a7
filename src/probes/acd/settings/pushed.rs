//! `kind = "pushed"`.

use jiff::SignedDuration;
use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::document::{Document, Fault};
use crate::probes::acd::pushed::{Pushed, SHORT_TOKEN, SHORTEST_TOKEN};
use crate::probes::acd::settings::desk::{Around, Desk};
use crate::probes::acd::settings::kinds::{Of, Settings};
use crate::probes::acd::settings::pace::{LONGEST_STALE, PUSHED_STALE};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Keys {
    #[serde(rename = "kind")]
    _kind: IgnoredAny,
    #[serde(rename = "name")]
    _name: Option<IgnoredAny>,
    #[serde(rename = "via")]
    _via: Option<IgnoredAny>,
    stale_after: Option<SignedDuration>,
    token: Option<String>,
    token_file: Option<String>,
    queues: Vec<String>,
}

pub(super) fn read(
    document: &Document<'_>,
    table: &str,
    around: Around<'_>,
    faults: &mut Vec<Fault>,
) -> Option<Settings> {
    let (file, mut desk) = Desk::open::<Keys>(document, table, around, faults)?;
    let stale_after = file.stale_after.unwrap_or(PUSHED_STALE);
    let least = SignedDuration::from_secs(1);
    if stale_after < least || stale_after > LONGEST_STALE {
        let message = format!(
            "is not between {least:#} and {LONGEST_STALE:#}: write it as \"{PUSHED_STALE:#}\""
        );
        desk.fault("stale_after", message);
    }
    let token = desk.secret("token", file.token.as_ref(), file.token_file.as_ref());
    if token
        .as_ref()
        .is_some_and(|token| token.reveal().len() < SHORTEST_TOKEN)
    {
        let key = if file.token.is_some() {
            "token"
        } else {
            "token_file"
        };
        desk.fault(key, SHORT_TOKEN);
    }
    if file.queues.is_empty() {
        desk.fault("queues", "names no queue: write it as [\"support\"]");
    }
    let queues = desk.queues(&file.queues);
    Some(Settings {
        of: Of::Pushed(Pushed {
            token: token?,
            queues,
        }),
        poll: SignedDuration::ZERO,
        stale_after,
    })
}
