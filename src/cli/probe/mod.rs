//! `callwatch probe`: asks one thing once and says what it makes of the answers.

mod access;
mod acd;
mod backup;
mod format;
mod patience;
mod reach;
mod seat;
mod sensor;
mod ups;

use std::io;
use std::process::ExitCode;

#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    of: Asked,
}

#[derive(Debug, clap::Subcommand)]
enum Asked {
    /// Asks a UPS by SNMP
    Ups(ups::Args),
    /// Asks NUT's upsd for a UPS that it watches
    Nut(ups::NutArgs),
    /// Asks whether a host or a service is reached, and how long it takes
    Reach(reach::Args),
    /// Looks how fresh the newest file of a directory is
    Backup(backup::Args),
    /// Looks at this PC as its seat program does
    Seat(seat::Args),
    /// Asks an ACD for its queues
    Acd(acd::Args),
    /// Asks a sensor by SNMP: one object of a card
    Sensor(sensor::Args),
}

/// Asks, and tells. The exit code is 0 where it answered, else 1.
pub async fn run(args: &Args, out: &mut impl io::Write) -> anyhow::Result<ExitCode> {
    match &args.of {
        Asked::Ups(args) => ups::by_snmp(args, out).await,
        Asked::Nut(args) => ups::by_nut(args, out).await,
        Asked::Reach(args) => reach::run(args, out).await,
        Asked::Backup(args) => backup::run(args, out).await,
        Asked::Seat(args) => seat::look(args, out).await.map(|()| ExitCode::SUCCESS),
        Asked::Acd(args) => acd::ask(args, out).await,
        Asked::Sensor(args) => sensor::ask(args, out).await,
    }
}
