//! `callwatch probe ups` and `probe nut`.

use std::io;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;

use crate::cli::probe::access::AccessArgs;
use crate::cli::probe::format::Format;
use crate::probes::snmp::Settings;
use crate::probes::{self, Blind, Trace, nut, snmp};
use crate::ups::{Reading, Wanted, dotted, judge_nut};

/// Of each request; a person waits, so it may be longer than the daemon's.
pub(super) const TIMEOUT: Duration = Duration::from_secs(3);

/// A UPS that answers by SNMP.
#[derive(clap::Args)]
pub(super) struct Args {
    /// Where it is: `10.0.0.5`, `ups.example:1161`, `[::1]:161`
    #[arg(value_name = "HOST[:PORT]")]
    place: String,
    #[command(flatten)]
    access: AccessArgs,
    /// How the answer is told
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// A UPS that NUT's upsd watches.
#[derive(Debug, clap::Args)]
pub(super) struct NutArgs {
    /// Which one: `desk@10.0.0.5`, `desk@pc-7:3493`
    #[arg(value_name = "NAME@HOST[:PORT]")]
    place: nut::Settings,
    /// How the answer is told
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

impl std::fmt::Debug for Args {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut shown = f.debug_struct("Args");
        shown.field("place", &self.place);
        shown.field("format", &self.format).finish_non_exhaustive()
    }
}

/// Asks upsd. The exit code is 0 where the UPS answered, else 1.
pub(super) async fn by_nut(args: &NutArgs, out: &mut impl io::Write) -> anyhow::Result<ExitCode> {
    let NutArgs { place, format } = args;
    let mut client = nut::Client::new(place.clone(), TIMEOUT);
    let variables = client.variables().await;
    let reading = variables.as_ref().ok().and_then(judge_nut);
    if *format == Format::Json {
        let reading = reading.as_ref();
        let told = reading.map_or_else(|| json(&Reading::unreachable()), json);
        writeln!(out, "{told}")?;
    } else {
        writeln!(out, "asked {place} for its variables")?;
        let told = variables.as_ref().ok().filter(|told| !told.is_empty());
        if let Some(told) = told {
            writeln!(out, "answered")?;
            for (name, value) in told {
                writeln!(out, "  {name} = {value}")?;
            }
        }
        writeln!(out, "concluded")?;
        match (&reading, variables) {
            (Some(reading), _) => write_reading(out, reading)?,
            (None, Err(error)) => write_mend(out, "UPS", &place.to_string(), &error.into())?,
            (None, Ok(_)) => {
                write_mend(out, "UPS", &place.to_string(), &nut::Error::Garbage.into())?;
            }
        }
    }
    Ok(if reading.is_some() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Asks by SNMP. The exit code is 0 where a UPS answered, else 1.
pub(super) async fn by_snmp(args: &Args, out: &mut impl io::Write) -> anyhow::Result<ExitCode> {
    let (place, access) = (args.place.as_str(), args.access.access()?);
    let mend = || format!("`{place}` is no place to ask: write HOST, HOST:PORT or [V6]:PORT");
    let (host, port) = probes::read_place(place, snmp::PORT).with_context(mend)?;
    let settings = Settings { host, port, access };
    let trace = probes::trace_ups(&settings, TIMEOUT).await;
    match args.format {
        Format::Text => write_text(out, place, &trace)?,
        Format::Json => writeln!(out, "{}", json(&trace.reading))?,
    }
    Ok(match trace.blind {
        None => ExitCode::SUCCESS,
        Some(_) => ExitCode::FAILURE,
    })
}

/// The reading as other programs take it; what is absent is null.
fn json(reading: &Reading) -> serde_json::Value {
    serde_json::json!({
        "family": reading.family,
        "verdict": reading.verdict,
        "on_battery": reading.on_battery,
        "battery_low": reading.battery_low,
        "charge_percent": reading.charge_percent,
        "runtime_minutes": reading.runtime_minutes,
        "load_percent": reading.load_percent,
        "input_voltage": reading.input_voltage,
        "battery_temperature_c": reading.battery_temperature_c,
        "output_source": reading.output_source,
    })
}

fn write_text(out: &mut impl io::Write, place: &str, trace: &Trace) -> io::Result<()> {
    writeln!(out, "asked {place} for")?;
    for wanted in &trace.asked {
        match wanted {
            Wanted::Scalar(oid) => writeln!(out, "  {}", dotted(oid))?,
            Wanted::Column(oid) => writeln!(out, "  {}.*", dotted(oid))?,
        }
    }
    if !trace.answered.is_empty() {
        writeln!(out, "answered")?;
    }
    for answered in &trace.answered {
        let oid = dotted(&answered.oid);
        writeln!(out, "  {oid} = {}  ({})", answered.value, answered.topic)?;
    }
    writeln!(out, "concluded")?;
    match &trace.blind {
        None => write_reading(out, &trace.reading),
        Some(blind) => write_mend(out, "UPS", place, blind),
    }
}

fn write_reading(out: &mut impl io::Write, reading: &Reading) -> io::Result<()> {
    let yes_or_no =
        |known: Option<bool>| known.map(|yes| if yes { "yes" } else { "no" }.to_owned());
    let number = |known: Option<f64>, unit: &str| known.map(|known| format!("{known:.1} {unit}"));
    let rows = [
        ("family", reading.family.map(|family| family.to_string())),
        ("verdict", Some(reading.verdict.name().to_owned())),
        ("on battery", yes_or_no(reading.on_battery)),
        ("battery low", yes_or_no(reading.battery_low)),
        ("charge", number(reading.charge_percent, "%")),
        ("runtime", number(reading.runtime_minutes, "min")),
        ("load", number(reading.load_percent, "%")),
        ("input", number(reading.input_voltage, "V")),
        ("battery temp.", number(reading.battery_temperature_c, "°C")),
        ("output source", reading.output_source.clone()),
    ];
    for (name, told) in rows {
        let told = told.as_deref().unwrap_or("not told");
        writeln!(out, "  {name:<14} {told}")?;
    }
    Ok(())
}

/// Why nothing was heard of a thing at a place, and what to do about it.
pub(super) fn write_mend(
    out: &mut impl io::Write,
    what: &str,
    place: &str,
    blind: &Blind,
) -> io::Result<()> {
    let mend = match blind {
        Blind::Silent(snmp::Error::Silence(_)) => {
            "a wrong community cannot be told from silence: check the community, that the card \
             allows this version of SNMP from this host, and that UDP reaches it; a card with \
             several addresses may answer from another address than the one that is asked, which \
             is not heard: ask it at that one"
        }
        Blind::Silent(snmp::Error::NoWay { .. }) => "check the name and the network",
        Blind::Silent(snmp::Error::UserRefused(_)) => {
            "compare the user, its protocol and its password of authentication with the card's"
        }
        Blind::Silent(snmp::Error::NotDecrypted) => {
            "compare the protocol and the password of privacy with the card's"
        }
        Blind::Silent(snmp::Error::LongMessages) => {
            "set a smaller longest message on the card, or use SNMP v2c with it"
        }
        Blind::Silent(snmp::Error::NoBoots) => {
            "restart the card, renew its firmware, or use SNMP v2c with it"
        }
        Blind::Silent(_) => "check that this version of SNMP is served on this port",
        Blind::Nut(nut::Error::Silence(_) | nut::Error::NoWay(_)) => {
            "check the name, the network, and that upsd listens there: LISTEN in its upsd.conf"
        }
        Blind::Nut(nut::Error::UnknownUps(_)) => "upsc -l HOST lists what upsd knows",
        Blind::Nut(nut::Error::Stale | nut::Error::NoDriver) => {
            "look at the driver on that host: the cable, and systemctl status 'nut-driver@*'"
        }
        Blind::Nut(_) => "check that upsd listens on this port and lets this host read",
        Blind::NoFamily => "check that this is the UPS's own card, and that its community may read",
    };
    let mut why = blind.to_string();
    let mut cause = std::error::Error::source(blind);
    while let Some(error) = cause {
        why = format!("{why}: {error}");
        cause = error.source();
    }
    writeln!(out, "  no {what} at {place}: {why}")?;
    writeln!(out, "  {mend}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_absent_value_is_null() {
        let shown = json(&Reading::unreachable());
        assert_eq!(shown["verdict"], "unreachable");
        assert!(shown["charge_percent"].is_null());
        assert_eq!(shown.as_object().unwrap().len(), 10);
    }
}
