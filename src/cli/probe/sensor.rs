//! `callwatch probe sensor`.

use std::io;
use std::process::ExitCode;

use anyhow::Context as _;

use crate::cli::probe::access::AccessArgs;
use crate::cli::probe::format::Format;
use crate::cli::probe::ups::{TIMEOUT, write_mend};
use crate::probes::snmp::Settings;
use crate::probes::{self, sensor, snmp};
use crate::sensors::{self, Asked, Meaning, Object, Reading};
use crate::ups::{Value, dotted};

/// One object of a card: a temperature, or the state of a contact.
#[derive(clap::Args)]
pub(super) struct Args {
    /// Where it is: `10.0.0.7`, `sensors.example:1161`, `[::1]:161`
    #[arg(value_name = "HOST[:PORT]")]
    place: String,
    /// Its object identifier, in numbers
    #[arg(value_name = "OID")]
    object: String,
    #[command(flatten)]
    access: AccessArgs,
    /// A temperature: its value times this is degrees Celsius
    #[arg(long, default_value_t = 1.0)]
    scale: f64,
    /// A contact: the values that say what it watches for; then the value is no temperature
    #[arg(
        long,
        value_delimiter = ',',
        requires = "normal",
        conflicts_with = "scale"
    )]
    alarm: Vec<i64>,
    /// A contact: the values that say that it is not so
    #[arg(long, value_delimiter = ',', requires = "alarm")]
    normal: Vec<i64>,
    /// How the answer is told
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

impl std::fmt::Debug for Args {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut shown = f.debug_struct("Args");
        shown.field("place", &self.place);
        shown.field("object", &self.object).finish_non_exhaustive()
    }
}

impl Args {
    fn asked(&self) -> anyhow::Result<(Object, Asked)> {
        let text = self.object.as_str();
        let object = sensors::object(text).map_err(|error| anyhow::anyhow!("`{text}` {error}"))?;
        let meaning = if self.alarm.is_empty() {
            Meaning::Celsius { scale: self.scale }
        } else {
            Meaning::Contact {
                alarm: self.alarm.clone(),
                normal: self.normal.clone(),
            }
        };
        let asked = Asked::Object {
            object: object.clone(),
            meaning,
        };
        Ok((object, asked))
    }
}

/// Asks, and tells. The exit code is 0 where it told something that can be believed, else 1.
pub(super) async fn ask(args: &Args, out: &mut impl io::Write) -> anyhow::Result<ExitCode> {
    let (place, access) = (args.place.as_str(), args.access.access()?);
    let (object, asked) = args.asked()?;
    let mend = || format!("`{place}` is no place to ask: write HOST, HOST:PORT or [V6]:PORT");
    let (host, port) = probes::read_place(place, snmp::PORT).with_context(mend)?;
    let settings = Settings { host, port, access };
    let told = sensor::ask_once(&settings, &asked, TIMEOUT).await;
    let raw = told
        .as_ref()
        .ok()
        .and_then(|(values, _)| values.get(&object));
    let reading = told.as_ref().ok().map(|(_, reading)| *reading);
    match args.format {
        Format::Json => writeln!(out, "{}", json(&object, raw, reading))?,
        Format::Text => {
            writeln!(out, "asked {place} for\n  {}", dotted(&object))?;
            if let Some(raw) = raw {
                writeln!(out, "answered\n  {} = {raw}", dotted(&object))?;
            }
            writeln!(out, "concluded")?;
            match (reading, told) {
                (_, Err(error)) => write_mend(out, "sensor", place, &error.into())?,
                (Some(reading), _) => writeln!(out, "  {}", words(reading))?,
                (None, Ok(_)) => {}
            }
        }
    }
    Ok(match reading {
        Some(Reading::Celsius(_) | Reading::Contact(_)) => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    })
}

fn words(reading: Reading) -> String {
    match reading {
        Reading::Celsius(celsius) => format!("{celsius:.1} °C"),
        Reading::Contact(true) => "alarm".to_owned(),
        Reading::Contact(false) => "normal".to_owned(),
        Reading::Nothing(nothing) => format!("unknown: {}", nothing.words().en),
    }
}

/// What is absent is null; `unknown` says why nothing can be believed.
fn json(object: &[u64], raw: Option<&Value>, reading: Option<Reading>) -> serde_json::Value {
    let unknown = match reading {
        None => Some("unreachable"),
        Some(Reading::Nothing(nothing)) => Some(nothing.name()),
        Some(_) => None,
    };
    serde_json::json!({
        "oid": dotted(object),
        "raw": raw.map(|raw| match raw.integer() {
            Some(number) => serde_json::json!(number),
            None => serde_json::json!(raw.to_string()),
        }),
        "celsius": match reading {
            Some(Reading::Celsius(celsius)) => Some((celsius * 1000.0).round() / 1000.0),
            _ => None,
        },
        "alarm": match reading {
            Some(Reading::Contact(alarm)) => Some(alarm),
            _ => None,
        },
        "unknown": unknown,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sensors::Nothing;

    #[test]
    fn what_cannot_be_believed_is_null_and_says_why() {
        let object = [1, 3, 6, 1];
        let well = json(
            &object,
            Some(&Value::Integer(362)),
            Some(Reading::Celsius(36.2)),
        );
        assert_eq!(well["celsius"], 36.2);
        assert_eq!(
            (well["raw"].as_i64(), well["oid"].as_str()),
            (Some(362), Some("1.3.6.1"))
        );
        assert!(well["unknown"].is_null() && well["alarm"].is_null());
        let odd = Reading::Nothing(Nothing::Impossible);
        let odd = json(&object, Some(&Value::Integer(-32768)), Some(odd));
        assert!(odd["celsius"].is_null());
        assert_eq!(odd["unknown"], "impossible");
        assert_eq!(json(&object, None, None)["unknown"], "unreachable");
    }
}
