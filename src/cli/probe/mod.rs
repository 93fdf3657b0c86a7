//! `callwatch probe`: asks one thing once and says what it makes of the answers.

mod access;
mod format;
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
    /// Asks a sensor by SNMP: one object of a card
    Sensor(sensor::Args),
}

/// Asks, and tells. The exit code is 0 where it answered, else 1.
pub async fn run(args: &Args, out: &mut impl io::Write) -> anyhow::Result<ExitCode> {
    match &args.of {
        Asked::Ups(args) => ups::by_snmp(args, out).await,
        Asked::Nut(args) => ups::by_nut(args, out).await,
        Asked::Sensor(args) => sensor::ask(args, out).await,
    }
}
