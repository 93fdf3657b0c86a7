//! How a program begins and ends: its log, its thread, its last words.

use std::future::Future;
use std::io::{self, Write as _};
use std::process::ExitCode;

use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// The program's end; why it failed goes to standard error.
pub(super) fn end(outcome: anyhow::Result<ExitCode>) -> ExitCode {
    outcome.unwrap_or_else(|error| {
        // Where even standard error is gone there is nobody left to tell.
        drop(writeln!(io::stderr(), "callwatch: {error:#}"));
        ExitCode::FAILURE
    })
}

/// Runs a small command on one thread.
pub(super) fn lean<T>(command: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(command)
}

/// Under systemd to the journal with its fields, else to the terminal; `RUST_LOG` chooses how much.
pub(super) fn log_to_journal_or_terminal() {
    let wanted = std::env::var("RUST_LOG").ok();
    let filter: Targets = wanted
        .and_then(|wanted| wanted.parse().ok())
        .unwrap_or_else(|| Targets::new().with_default(tracing::Level::INFO));
    let registry = tracing_subscriber::registry().with(filter);
    let journal = std::env::var_os("JOURNAL_STREAM").and_then(|_| tracing_journald::layer().ok());
    match journal {
        Some(journal) => registry.with(journal).init(),
        None => registry
            .with(
                tracing_subscriber::fmt::layer()
                    .with_writer(io::stderr)
                    .with_target(false),
            )
            .init(),
    }
}
