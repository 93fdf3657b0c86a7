//! `callwatch probe seat`: what this PC tells of itself.

use std::io;

use crate::cli::probe::format::Format;
use crate::health::{Answer, Headset, Health, Machine, Watch, WatchedService};
use crate::seat;

/// This PC, as its seat program would tell of it.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A program that telephones, as `ps -o comm` names it; may be given several times
    #[arg(long, value_name = "PROGRAM")]
    softphone: Vec<String>,
    /// The telephone on the desk: sip:HOST[:PORT]
    #[arg(long, value_name = "PLACE")]
    phone: Option<String>,
    /// A service to ask from here; may be given several times
    #[arg(long, value_name = "NAME=TARGET", value_parser = service)]
    service: Vec<WatchedService>,
    /// How the answer is told
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

fn service(text: &str) -> Result<WatchedService, String> {
    match text.split_once('=') {
        Some((id, target)) if !id.is_empty() => Ok(WatchedService::new(id, target)),
        _ => Err("write NAME=TARGET, as crm=https://crm.example/".to_owned()),
    }
}

/// Looks once, and tells. What cannot be seen is no failure.
pub(super) async fn look(args: &Args, out: &mut impl io::Write) -> anyhow::Result<()> {
    let watch = Watch {
        services: args.service.clone(),
        softphone: args.softphone.clone(),
        phone: args.phone.clone(),
        ..Watch::default()
    };
    let (machine, health) = seat::look(watch).await;
    health.check()?;
    match args.format {
        Format::Json => {
            let told = serde_json::json!({ "machine": machine, "health": health });
            writeln!(out, "{told}")?;
        }
        Format::Text => write_text(out, &machine, &health)?,
    }
    Ok(())
}

fn write_text(out: &mut impl io::Write, machine: &Machine, health: &Health) -> io::Result<()> {
    let mut rows: Vec<(String, Option<String>)> = Vec::new();
    let mut row = |name: &str, told: Option<String>| rows.push((name.to_owned(), told));
    row("host", machine.host.clone());
    row("system", machine.id.clone());
    row("board", machine.board.clone());
    row("adapters", listed(machine.adapters.iter().cloned()));
    row("boot", health.boot.clone());
    row("up for", health.uptime_seconds.map(lasted));
    row(
        "processors",
        health.cpu_percent.map(|busy| format!("{busy:.1} % busy")),
    );
    row(
        "memory",
        health
            .memory
            .map(|memory| of(memory.available_bytes, memory.total_bytes)),
    );
    if health.disks.is_empty() {
        row("disks", None);
    }
    for disk in &health.disks {
        let low = if disk.is_low() { ", low" } else { "" };
        let free = of(disk.free_bytes, disk.total_bytes);
        row(&format!("disk {}", disk.mount), Some(free + low));
    }
    let errors = health.network_errors_per_minute;
    row(
        "network errors",
        errors.map(|errors| format!("{errors:.0} a minute")),
    );
    let temperatures = health.temperatures.iter();
    let temperatures = temperatures.map(|it| format!("{} {:.1} °C", it.of, it.celsius));
    row("temperatures", listed(temperatures));
    row("headset", health.headset.as_ref().map(headset));
    row(
        "softphone",
        health.softphone.as_ref().map(|softphone| {
            let name = softphone.name.clone();
            name.map_or_else(|| "does not run".to_owned(), |name| format!("{name} runs"))
        }),
    );
    row("phone", health.phone.as_ref().map(answer));
    if health.services.is_empty() {
        row("services", None);
    }
    for (id, service) in &health.services {
        row(&format!("service {id}"), Some(answer(service)));
    }
    row(
        "session",
        health.session.and_then(|session| {
            let said = [
                (session.locked, "locked"),
                (session.idle, "idle"),
                (session.remote, "remote"),
            ];
            let said = said.into_iter().filter_map(|(known, word)| {
                known.map(|yes| {
                    if yes {
                        word.to_owned()
                    } else {
                        format!("not {word}")
                    }
                })
            });
            listed(said)
        }),
    );
    let width = rows.iter().map(|(name, _)| name.chars().count()).max();
    let width = width.unwrap_or(0);
    for (name, told) in rows {
        let told = told.as_deref().unwrap_or("not told");
        writeln!(out, "  {name:<width$}  {told}")?;
    }
    Ok(())
}

fn listed(of: impl Iterator<Item = String>) -> Option<String> {
    let all: Vec<String> = of.collect();
    (!all.is_empty()).then(|| all.join(", "))
}

fn of(free: u64, total: u64) -> String {
    let tenths = |bytes: u64| {
        let tenths = bytes / 100_000_000;
        format!("{}.{} GB", tenths / 10, tenths % 10)
    };
    format!("{} free of {}", tenths(free), tenths(total))
}

fn lasted(seconds: u64) -> String {
    let minutes = seconds / 60;
    let (days, hours) = (minutes / 1440, minutes / 60 % 24);
    format!("{days} d {hours} h {} min", minutes % 60)
}

fn headset(headset: &Headset) -> String {
    if !headset.present {
        return "none is plugged in".to_owned();
    }
    let mut said = vec![
        headset
            .name
            .clone()
            .unwrap_or_else(|| "plugged in".to_owned()),
    ];
    let words = [
        (
            headset.default_out,
            "the PC plays to it",
            "the PC plays elsewhere",
        ),
        (headset.default_in, "listens to it", "listens elsewhere"),
        (headset.muted, "microphone muted", "microphone open"),
        (headset.silenced, "sound muted", "sound on"),
    ];
    let words = words.into_iter();
    said.extend(
        words.filter_map(|(known, yes, no)| {
            known.map(|known| if known { yes } else { no }.to_owned())
        }),
    );
    said.join(", ")
}

fn answer(answer: &Answer) -> String {
    let mut said = answer.state.name().to_owned();
    if let Some(latency) = answer.latency_ms {
        said = format!("{said}, {latency:.1} ms");
    }
    if let Some(why) = &answer.why {
        said = format!("{said}: {why}");
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::health::{Disk, Session, State};

    fn text(health: &Health) -> String {
        let mut out = Vec::new();
        write_text(&mut out, &Machine::default(), health).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn what_is_absent_is_said_to_be_not_told() {
        let told = text(&Health::default());
        assert_eq!(told.lines().count(), 16, "{told}");
        assert!(told.lines().all(|row| row.ends_with("not told")), "{told}");
    }

    #[test]
    fn what_is_told_reads_aloud() {
        let told = text(&Health {
            uptime_seconds: Some(90_061),
            disks: vec![Disk {
                mount: "/".to_owned(),
                total_bytes: 90_000_000_000,
                free_bytes: 1_950_000_000,
            }],
            headset: Some(Headset {
                present: true,
                name: Some("Voyager".to_owned()),
                default_out: Some(false),
                muted: Some(true),
                ..Headset::default()
            }),
            services: [(
                "crm".to_owned(),
                Answer {
                    state: State::Failing,
                    latency_ms: None,
                    why: Some("refused".to_owned()),
                    for_seconds: 0,
                },
            )]
            .into(),
            session: Some(Session {
                locked: Some(false),
                idle: None,
                remote: Some(true),
            }),
            ..Health::default()
        });
        for row in [
            "up for          1 d 1 h 1 min",
            "disk /          1.9 GB free of 90.0 GB, low",
            "headset         Voyager, the PC plays elsewhere, microphone muted",
            "service crm     failing: refused",
            "session         not locked, remote",
        ] {
            assert!(told.contains(row), "{row}\n{told}");
        }
    }

    #[test]
    fn a_service_is_a_name_and_a_target() {
        assert_eq!(
            service("a=tcp://b:1").unwrap(),
            WatchedService::new("a", "tcp://b:1")
        );
        assert!(service("tcp://b:1").is_err() && service("=x").is_err());
    }
}
