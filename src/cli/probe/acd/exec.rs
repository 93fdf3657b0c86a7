//! `callwatch probe acd exec`.

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::bail;
use jiff::SignedDuration;

use crate::cli::probe::acd::source::{self, Telling};
use crate::probes::acd::{Of, exec};

/// A program that prints its queues in JSON. It reads which ones are asked for on
/// standard input.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The file with the source's settings, beginning with `kind = "exec"`
    #[arg(long, value_name = "FILE", conflicts_with_all = ["queues", "command"])]
    source: Option<PathBuf>,
    /// A queue; may be given again
    #[arg(
        long = "queue",
        value_name = "QUEUE",
        required_unless_present = "source"
    )]
    queues: Vec<String>,
    /// How many seconds it may take
    #[arg(
        long,
        value_name = "SECONDS",
        default_value_t = 10,
        conflicts_with = "source"
    )]
    timeout: u16,
    #[command(flatten)]
    telling: Telling,
    /// The program and its arguments, behind `--`
    #[arg(
        last = true,
        value_name = "PROGRAM",
        required_unless_present = "source"
    )]
    command: Vec<String>,
}

pub(super) async fn ask(args: &Args, out: &mut impl io::Write) -> anyhow::Result<ExitCode> {
    let of = match &args.source {
        Some(path) => source::read(path)?.of,
        None => Of::Exec(exec::Settings {
            command: args.command.clone(),
            secret: None,
            queues: args.queues.iter().cloned().collect(),
            timeout: Duration::from_secs(args.timeout.into()),
            stale_after: SignedDuration::from_mins(1),
        }),
    };
    if !matches!(of, Of::Exec(_)) {
        bail!("the source is of another kind: write `kind = \"exec\"`");
    }
    source::ask(of, &args.telling, out).await
}
