//! Working hours and quiet hours: one span or several, and times of day.

use std::fmt;

use jiff::SignedDuration;
use jiff::civil::Time;
use serde::Deserialize;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};

use crate::config::checks::Checks;
use crate::config::file::File;
use crate::config::values;
use crate::document::{join, which};
use crate::site;

/// A span past midnight that is longer was most likely written the wrong way round.
const LONG_NIGHT: SignedDuration = SignedDuration::from_hours(12);

/// When IT hears what it is to see to, unless the file says otherwise.
const IT_DIGEST: Time = Time::constant(9, 0, 0, 0);

/// Hours as they are written: a span, or a list of them.
#[derive(Debug)]
pub(crate) struct Hours {
    spans: Vec<Span>,
    is_list: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Span {
    days: Vec<i64>,
    from: String,
    to: String,
}

impl<'de> Deserialize<'de> for Hours {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Spans;
        impl<'de> Visitor<'de> for Spans {
            type Value = Hours;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a table with days, from and to, or a list of them")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Hours, A::Error> {
                let span = Span::deserialize(MapAccessDeserializer::new(map))?;
                Ok(Hours {
                    spans: vec![span],
                    is_list: false,
                })
            }

            fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Hours, A::Error> {
                let spans = Vec::deserialize(SeqAccessDeserializer::new(seq))?;
                Ok(Hours {
                    spans,
                    is_list: true,
                })
            }
        }
        deserializer.deserialize_any(Spans)
    }
}

/// When a channel is left alone: `false` for never, or a time of day.
#[derive(Clone, Debug)]
pub(crate) enum Quiet {
    Never,
    AsUsual,
    Between(Between),
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Between {
    pub(crate) from: String,
    pub(crate) to: String,
}

impl<'de> Deserialize<'de> for Quiet {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = Quiet;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("false, or a table with from and to")
            }

            fn visit_bool<E>(self, quiet: bool) -> Result<Quiet, E> {
                Ok(if quiet { Quiet::AsUsual } else { Quiet::Never })
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Quiet, A::Error> {
                Between::deserialize(MapAccessDeserializer::new(map)).map(Quiet::Between)
            }
        }
        deserializer.deserialize_any(Either)
    }
}

/// A time of each day: `false` for never.
#[derive(Clone, Debug)]
pub(crate) enum Hour {
    Never,
    AsUsual,
    At(String),
}

impl<'de> Deserialize<'de> for Hour {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl Visitor<'_> for Either {
            type Value = Hour;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("false, or a time of day")
            }

            fn visit_bool<E>(self, wanted: bool) -> Result<Hour, E> {
                Ok(if wanted { Hour::AsUsual } else { Hour::Never })
            }

            fn visit_str<E>(self, text: &str) -> Result<Hour, E> {
                Ok(Hour::At(text.to_owned()))
            }
        }
        deserializer.deserialize_any(Either)
    }
}

/// When IT hears what it is to see to.
fn it_digest(checks: &mut Checks<'_, '_>, file: &File) -> Option<Time> {
    let hour = match &file.site.it_digest {
        Some(Hour::Never) => return None,
        None | Some(Hour::AsUsual) => IT_DIGEST,
        Some(Hour::At(text)) => values::time(checks, "site.it_digest", text)?,
    };
    let night = site::Night::default();
    if hour >= night.from || hour < night.to {
        let message = format!(
            "{} is at night: its channels are left alone then, and hear of it in the morning",
            hour.strftime("%H:%M")
        );
        checks.warn("site.it_digest", message);
    }
    // Without a channel the page alone shows it, as it does everything.
    let channels = file.role.get("it").map_or(&[][..], |it| &it.channels);
    let known = channels.iter().filter_map(|id| file.channel.get(id));
    let pagers = known.filter(|channel| channel.kind.is_pager()).count();
    if pagers > 0 && pagers == channels.len() {
        let message = "IT has only pagerduty or alertmanager, which take no digest: it stands on the page alone; \
                       add a channel for people, or write it_digest = false";
        checks.warn("role.it.channels", message);
    }
    Some(hour)
}

/// The hours of one zone.
pub(crate) fn hours(checks: &mut Checks<'_, '_>, table: &str, hours: &Hours) -> site::Hours {
    let path = join(table, "hours");
    let spans = hours.spans.iter().enumerate().filter_map(|(index, span)| {
        let path = if hours.is_list {
            format!("{path}[{index}]")
        } else {
            path.clone()
        };
        self::span(checks, &path, span)
    });
    site::Hours {
        spans: spans.collect(),
    }
}

fn span(checks: &mut Checks<'_, '_>, path: &str, span: &Span) -> Option<site::Span> {
    let mut days = Vec::new();
    for (index, day) in span.days.iter().enumerate() {
        match u8::try_from(*day) {
            Ok(day @ 1..=7) if !days.contains(&day) => days.push(day),
            Ok(1..=7) => checks.fault(
                &format!("{path}.days[{index}]"),
                format!("day {day} stands here twice: take one out"),
            ),
            _ => checks.fault(
                &format!("{path}.days[{index}]"),
                format!("{day} is no day: write 1 (Monday) to 7 (Sunday)"),
            ),
        }
    }
    let from = values::time(checks, &join(path, "from"), &span.from);
    let to = end(checks, &join(path, "to"), &span.to);
    let (from, to) = (from?, to?);
    let read = site::Span { days, from, to };
    if from == to && span.to != MIDNIGHT {
        let message = format!("ends at {} as it begins: write 24:00 for midnight", span.to);
        checks.fault(&join(path, "to"), message);
    } else if to < from && read.length() > LONG_NIGHT {
        let message = format!(
            "goes from {} past midnight to {}, {} hours: swap them if it ends on the same day",
            span.from,
            span.to,
            read.length().as_hours()
        );
        checks.warn(&join(path, "to"), message);
    }
    Some(read)
}

const MIDNIGHT: &str = "24:00";

/// The end of a span; midnight is written as 24:00, too.
pub(crate) fn end(checks: &mut Checks<'_, '_>, path: &str, text: &str) -> Option<Time> {
    if text == MIDNIGHT {
        return Some(Time::midnight());
    }
    values::time(checks, path, text)
}

/// When channels are left alone, and when they hear of what they were spared.
pub(crate) fn quiet(checks: &mut Checks<'_, '_>, file: &File) -> site::Quiet {
    let pagers = file.channel.iter().filter(|(_, it)| it.kind.is_pager());
    let mut quiet = site::Quiet {
        it_digest: it_digest(checks, file),
        pagers: pagers.map(|(id, _)| id.clone()).collect(),
        ..site::Quiet::default()
    };
    for (id, channel) in &file.channel {
        let table = join(&join("channel", id), "quiet");
        let night = match &channel.quiet {
            None | Some(Quiet::AsUsual) => continue,
            Some(Quiet::Never) => None,
            Some(Quiet::Between(between)) => {
                let from = values::time(checks, &join(&table, "from"), &between.from);
                let to = end(checks, &join(&table, "to"), &between.to);
                let Some((from, to)) = from.zip(to) else {
                    continue;
                };
                if from == to {
                    let message =
                        "ends as it begins: write quiet = false for a channel that may always ring";
                    checks.fault(&join(&table, "to"), message);
                }
                Some(site::Night { from, to })
            }
        };
        quiet.channels.insert(id.clone(), night);
    }
    if let Some(text) = &file.site.digest
        && let Some(read) = values::time(checks, "site.digest", text)
    {
        quiet.digest = read;
    }
    let night = site::Night::default();
    if quiet.digest >= night.from || quiet.digest < night.to {
        let message = format!(
            "{} is at night: what must wake nobody would ring then",
            quiet.digest.strftime("%H:%M")
        );
        checks.warn("site.digest", message);
    }
    if let Some(role) = &file.site.on_call {
        let roles: Vec<&String> = file.role.keys().collect();
        if !roles.contains(&role) {
            let mend = which(role, &roles);
            checks.fault("site.on_call", format!("there is no role `{role}`: {mend}"));
        }
        quiet.on_call.clone_from(role);
    } else if !file.role.contains_key(&quiet.on_call) {
        "lead".clone_into(&mut quiet.on_call);
    }
    quiet
}
