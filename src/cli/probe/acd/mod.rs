//! `callwatch probe acd`: asks one ACD once, each kind in a file of its own.

mod ami;
mod told;

use std::io;
use std::process::ExitCode;

/// An ACD.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    of: Asked,
}

#[derive(Debug, clap::Subcommand)]
enum Asked {
    /// Asks an Asterisk over its manager interface
    Ami(ami::Args),
}

/// The exit code is 0 where all that was asked for was told, else 1.
pub(super) async fn ask(args: &Args, out: &mut impl io::Write) -> anyhow::Result<ExitCode> {
    match &args.of {
        Asked::Ami(args) => ami::ask(args, out).await,
    }
}
