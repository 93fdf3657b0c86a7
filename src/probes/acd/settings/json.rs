//! `kind = "json"`.

use std::collections::{BTreeMap, BTreeSet};

use encoding_rs::Encoding;
use jiff::SignedDuration;
use jiff::tz::TimeZone;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::acd::figure::Unit;
use crate::acd::{Field, Standing};
use crate::document::{Document, Fault, join, which};
use crate::probes::acd::auth::Auth;
use crate::probes::acd::figures::{Figures, Meaning, Members, Wait};
use crate::probes::acd::hidden::Hidden;
use crate::probes::acd::json;
use crate::probes::acd::settings::auth;
use crate::probes::acd::settings::desk::{Around, Desk};
use crate::probes::acd::settings::kinds::{Of, Settings};
use crate::probes::acd::settings::pace::pace;

const TIMEOUT: SignedDuration = SignedDuration::from_secs(10);
const LONGEST_TIMEOUT: SignedDuration = SignedDuration::from_mins(1);

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
    url: Option<String>,
    url_file: Option<String>,
    #[serde(default)]
    method: Method,
    body: Option<String>,
    body_file: Option<String>,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    auth: Option<IgnoredAny>,
    encoding: Option<String>,
    ok: Option<auth::Ok>,
    #[serde(default)]
    durations_in: Unit,
    time_zone: Option<String>,
    #[serde(default)]
    queue: BTreeMap<String, Queue>,
    members: Option<InMembers>,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize)]
enum Method {
    #[default]
    #[serde(rename = "GET")]
    Get,
    #[serde(rename = "POST")]
    Post,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Queue {
    waiting: String,
    longest_wait: Option<String>,
    longest_wait_since: Option<String>,
    staffed: Option<String>,
    available: Option<String>,
    paused: Option<String>,
    busy: Option<String>,
    offered: Option<String>,
    completed: Option<String>,
    abandoned: Option<String>,
    within_level: Option<String>,
    #[serde(default)]
    absent_is_zero: BTreeSet<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct InMembers {
    list: String,
    interface: String,
    name: Option<String>,
    standing: String,
    reason: Option<String>,
    queues: Option<String>,
    /// What the source calls a standing, and ours.
    standings: BTreeMap<String, String>,
}

/// The figures by their keys.
const FIELDS: [(&str, Field); 10] = [
    ("waiting", Field::Waiting),
    ("longest_wait", Field::LongestWait),
    ("staffed", Field::Staffed),
    ("available", Field::Available),
    ("paused", Field::Paused),
    ("busy", Field::Busy),
    ("offered", Field::Offered),
    ("completed", Field::Completed),
    ("abandoned", Field::Abandoned),
    ("within_level", Field::WithinLevel),
];

pub(super) fn read(
    document: &Document<'_>,
    table: &str,
    around: Around<'_>,
    faults: &mut Vec<Fault>,
) -> Option<Settings> {
    let (file, mut desk) = Desk::open::<Keys>(document, table, around, faults)?;
    let (poll, stale_after) = pace(&mut desk, file.poll, file.stale_after);
    let timeout = desk.real_time("timeout", file.timeout, TIMEOUT, LONGEST_TIMEOUT);
    let zone = zone(&mut desk, file.time_zone.as_ref());
    desk.around.zone = zone.as_ref().or(around.zone);
    let url = desk.address(file.url.as_ref(), file.url_file.as_ref());
    let auth = match file.auth {
        Some(_) => auth::read(&mut desk),
        None => Some(Auth::None),
    };
    let body = body(&mut desk, &file);
    let headers = headers(&mut desk, &file.headers, body.is_some());
    let encoding = file.encoding.as_ref().and_then(|label| {
        let encoding = Encoding::for_label(label.as_bytes());
        if encoding.is_none() {
            desk.fault(
                "encoding",
                format!("`{label}` is no encoding: write \"gbk\", \"gb18030\" or \"utf-8\""),
            );
        }
        encoding
    });
    let ok = file.ok.as_ref().and_then(|ok| ok.condition(&mut desk));
    if file.queue.is_empty() {
        desk.fault(
            "queue",
            "names no queue: add a table [queue.NAME] with `waiting = \"/…\"`",
        );
    }
    let mut queues = BTreeMap::new();
    for (name, queue) in &file.queue {
        let at = join(&desk.path("queue"), name);
        queues.extend(figures(&mut desk, &at, queue).map(|figures| (name.clone(), figures)));
    }
    let members = file.members.as_ref().and_then(|it| members(&mut desk, it));
    let settings = json::Settings {
        url: url?,
        method: match file.method {
            Method::Get => reqwest::Method::GET,
            Method::Post => reqwest::Method::POST,
        },
        body,
        headers,
        auth: auth?,
        encoding,
        ok,
        meaning: Meaning {
            unit: file.durations_in,
            zone: desk.around.zone.cloned(),
        },
        queues,
        members,
        timeout,
    };
    Some(Settings {
        of: Of::Json(Box::new(settings)),
        poll,
        stale_after,
    })
}

fn zone(desk: &mut Desk<'_, '_, '_>, name: Option<&String>) -> Option<TimeZone> {
    let name = name?;
    let zone = TimeZone::get(name).ok();
    if zone.is_none() {
        let message = format!("`{name}` is no time zone: write an IANA name as \"Asia/Shanghai\"");
        desk.fault("time_zone", message);
    }
    zone
}

fn body(desk: &mut Desk<'_, '_, '_>, file: &Keys) -> Option<Hidden> {
    if file.body.is_none() && file.body_file.is_none() {
        return None;
    }
    if file.method != Method::Post {
        let key = if file.body.is_some() {
            "body"
        } else {
            "body_file"
        };
        desk.fault(
            key,
            "goes with `method = \"POST\"`: add that, or take it out",
        );
    }
    desk.secret("body", file.body.as_ref(), file.body_file.as_ref())
}

fn headers(
    desk: &mut Desk<'_, '_, '_>,
    set: &BTreeMap<String, String>,
    has_body: bool,
) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in set {
        let path = join(&desk.path("headers"), name);
        let Ok(header) = HeaderName::try_from(name) else {
            desk.fault_at(&path, "is no name of a header: write it as \"X-Tenant\"");
            continue;
        };
        let Ok(mut value) = HeaderValue::from_str(value) else {
            desk.fault_at(&path, "has characters that no header can carry");
            continue;
        };
        value.set_sensitive(true);
        headers.insert(header, value);
    }
    if has_body {
        let json = HeaderValue::from_static("application/json");
        headers.entry(CONTENT_TYPE).or_insert(json);
    }
    headers
}

fn figures(desk: &mut Desk<'_, '_, '_>, at: &str, queue: &Queue) -> Option<Figures> {
    let waiting = desk.parsed_at(&join(at, "waiting"), &queue.waiting);
    let mut pointer = |key: &str, text: Option<&String>| {
        text.and_then(|text| desk.parsed_at(&join(at, key), text))
    };
    let lasting = pointer("longest_wait", queue.longest_wait.as_ref());
    let since = pointer("longest_wait_since", queue.longest_wait_since.as_ref());
    let others = [
        ("staffed", Field::Staffed, &queue.staffed),
        ("available", Field::Available, &queue.available),
        ("paused", Field::Paused, &queue.paused),
        ("busy", Field::Busy, &queue.busy),
        ("offered", Field::Offered, &queue.offered),
        ("completed", Field::Completed, &queue.completed),
        ("abandoned", Field::Abandoned, &queue.abandoned),
        ("within_level", Field::WithinLevel, &queue.within_level),
    ];
    let others = others
        .into_iter()
        .filter_map(|(key, field, text)| Some((field, pointer(key, text.as_ref())?)));
    let others: BTreeMap<_, _> = others.collect();
    if queue.longest_wait.is_some() && queue.longest_wait_since.is_some() {
        let message = "`longest_wait` stands beside it: keep one of the two";
        desk.fault_at(&join(at, "longest_wait_since"), message);
    }
    let mut absent_is_zero = BTreeSet::new();
    for name in &queue.absent_is_zero {
        if let Some((_, field)) = FIELDS.iter().find(|(key, _)| key == name) {
            absent_is_zero.insert(*field);
        } else {
            let known = FIELDS.map(|(key, _)| key);
            let message = format!("there is no figure `{name}`: {}", which(name, &known));
            desk.fault_at(&join(at, "absent_is_zero"), message);
        }
    }
    Some(Figures {
        waiting: waiting?,
        longest_wait: lasting.map(Wait::Lasting).or(since.map(Wait::Since)),
        others,
        absent_is_zero,
    })
}

fn members(desk: &mut Desk<'_, '_, '_>, file: &InMembers) -> Option<Members> {
    let list = desk.parsed("members.list", Some(&file.list));
    let interface = desk.parsed("members.interface", Some(&file.interface));
    let standing = desk.parsed("members.standing", Some(&file.standing));
    let name = desk.parsed("members.name", file.name.as_ref());
    let reason = desk.parsed("members.reason", file.reason.as_ref());
    let queues = desk.parsed("members.queues", file.queues.as_ref());
    let mut standings = BTreeMap::new();
    for (word, standing) in &file.standings {
        if let Some(standing) = Standing::named(standing, None) {
            standings.insert(word.clone(), standing);
        } else {
            let path = join(&desk.path("members.standings"), word);
            let mend = which(standing, &Standing::NAMES);
            desk.fault_at(&path, format!("there is no standing `{standing}`: {mend}"));
        }
    }
    Some(Members {
        list: list?,
        interface: interface?,
        name,
        standing: standing?,
        reason,
        queues,
        standings,
    })
}
