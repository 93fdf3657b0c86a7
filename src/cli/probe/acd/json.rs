//! `callwatch probe acd json`.

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::bail;

use crate::cli::probe::acd::source::{self, Telling};
use crate::probes::acd::Of;

/// A source that tells its queues in JSON.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The file with the source's settings, beginning with `kind = "json"`
    #[arg(long, value_name = "FILE")]
    source: PathBuf,
    #[command(flatten)]
    telling: Telling,
}

pub(super) async fn ask(args: &Args, out: &mut impl io::Write) -> anyhow::Result<ExitCode> {
    let of = source::read(&args.source)?.of;
    if !matches!(of, Of::Json(_)) {
        bail!(
            "{} is of another kind: write `kind = \"json\"`",
            args.source.display()
        );
    }
    source::ask(of, &args.telling, out).await
}
