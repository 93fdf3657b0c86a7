//! `callwatch probe acd`: asks one ACD once, each kind in a file of its own.

mod ami;
mod exec;
mod freeswitch;
mod json;
mod source;
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
    /// Asks whatever tells its queues in JSON over HTTP
    Json(json::Args),
    /// Runs a program that prints its queues
    Exec(exec::Args),
    /// Asks a FreeSWITCH, with its call centre module, over its event socket
    Fs(freeswitch::Args),
}

/// The exit code is 0 where all that was asked for was told, else 1.
pub(super) async fn ask(args: &Args, out: &mut impl io::Write) -> anyhow::Result<ExitCode> {
    match &args.of {
        Asked::Ami(args) => ami::ask(args, out).await,
        Asked::Json(args) => json::ask(args, out).await,
        Asked::Exec(args) => exec::ask(args, out).await,
        Asked::Fs(args) => freeswitch::ask(args, out).await,
    }
}
