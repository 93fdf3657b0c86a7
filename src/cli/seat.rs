//! `callwatch seat` shows one seat's cards on its own desktop until told to stop;
//! `callwatch-seat` is a program that does nothing else.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, ensure};
use clap::Parser;
use jiff::SignedDuration;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::cli::{language, start};
use crate::seat::{self, Address, Settings};
use crate::text::Language;

/// Shows a seat's cards on its own desktop
#[derive(Debug, Parser)]
#[command(name = "callwatch-seat", version)]
struct Program {
    #[command(flatten)]
    args: Args,
}

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Where the daemon listens: https://HOST:PORT, or http://HOST:PORT where it has no certificate
    #[arg(long, value_name = "URL")]
    url: Address,
    /// The certificate of the daemon's authority, in PEM, where this PC does not know it
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
    /// The seat, as the centre's file calls it
    #[arg(long, value_name = "SEAT")]
    seat: String,
    /// The file with the seat's key, which `callwatch key SEAT` prints
    #[arg(long, value_name = "FILE")]
    key_file: PathBuf,
    /// The language of the cards: zh or en; otherwise the seat's own
    #[arg(long, value_name = "LANGUAGE", value_parser = language::read)]
    language: Option<Language>,
    /// Without a daemon for so many seconds, the seat judges by itself
    #[arg(long, value_name = "SECONDS", default_value_t = seat::ALONE_AFTER.as_secs(), value_parser = clap::value_parser!(i64).range(1..=3600))]
    alone_after: i64,
}

/// The whole of `callwatch-seat`.
pub fn main() -> ExitCode {
    start::end(run(Program::parse().args))
}

/// Runs until SIGTERM or SIGINT.
pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    start::log_to_journal_or_terminal();
    start::lean(show(args))
}

async fn show(args: Args) -> anyhow::Result<ExitCode> {
    let settings = Settings {
        key: key(&args.key_file, &args.seat)?,
        address: args.url,
        ca: args.ca,
        seat: args.seat,
        language: args.language,
        alone_after: SignedDuration::from_secs(args.alone_after),
        state: state_folder(),
    };
    let cancel = CancellationToken::new();
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let program = seat::run(settings, cancel.clone());
    tokio::pin!(program);
    tokio::select! {
        () = &mut program => return Ok(ExitCode::SUCCESS),
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    cancel.cancel();
    program.await;
    Ok(ExitCode::SUCCESS)
}

/// `$XDG_STATE_HOME/callwatch`: <https://specifications.freedesktop.org/basedir-spec/latest/>.
fn state_folder() -> Option<PathBuf> {
    let named = |name: &str| std::env::var_os(name).map(PathBuf::from);
    let state = named("XDG_STATE_HOME").filter(|path| path.is_absolute());
    let home = || named("HOME").map(|home| home.join(".local/state"));
    let state = state.or_else(home);
    if state.is_none() {
        tracing::warn!(
            "neither XDG_STATE_HOME nor HOME is set: a restart loses what this seat needs when it is alone"
        );
    }
    Some(state?.join("callwatch"))
}

/// Reads the file with a seat's key.
pub(super) fn key(path: &Path, seat: &str) -> anyhow::Result<String> {
    let text = std::fs::read_to_string(path).with_context(|| {
        format!(
            "the key file {} cannot be read; IT prints the key: callwatch key {seat}",
            path.display()
        )
    })?;
    let key = text.trim();
    ensure!(
        !key.is_empty(),
        "the key file {} is empty; IT prints the key: callwatch key {seat}",
        path.display()
    );
    Ok(key.to_owned())
}
