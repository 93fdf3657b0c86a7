//! `callwatch daemon`: watches real devices until it is told to stop.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use jiff::SignedDuration;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::config::{self, Config, RolesOf};
use crate::daemon::{self, Settings};
use crate::incidents::{Centre, Timing};
use crate::plan::Plan;
use crate::store::SqliteLog;
use crate::web::{Keys, Limits};
use crate::{alerts, probes};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// The centre's file
    #[arg(long, value_name = "FILE", default_value = config::DEFAULT_PATH)]
    pub config: PathBuf,
}

/// Reads the centre's file; its faults, one a line, are the error.
pub fn load(path: &Path, roles: RolesOf<'_>) -> anyhow::Result<config::Loaded> {
    config::load(path, roles).map_err(|faults| {
        let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
        anyhow::anyhow!("{}", faults.join("\n"))
    })
}

/// Where the keys of the seats come from: beside the log, made at the first start.
pub fn keys(config: &Config) -> anyhow::Result<Keys> {
    let folder = config.store.path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)
        .with_context(|| format!("the state directory {} cannot be made", folder.display()))?;
    Keys::load_or_create(&folder.join("seat.key"))
}

/// Runs until SIGTERM or SIGINT.
pub async fn run(config: Config, warnings: Vec<String>, plan: Plan) -> anyhow::Result<ExitCode> {
    for warning in warnings {
        tracing::warn!("{warning}");
    }
    let clock = Clock::real();
    let keys = keys(&config)?;
    let log = SqliteLog::open(&config.store.path)
        .with_context(|| format!("the log {}", config.store.path.display()))?;
    let listen = config.web.listen;
    let listener = TcpListener::bind(listen)
        .await
        .with_context(|| format!("{listen} cannot be listened on; see web.listen"))?;
    let settings = settings(config, plan, keys)?;

    let cancel = CancellationToken::new();
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let stop = cancel.clone();
    let mut tasks = tokio::task::JoinSet::new();
    tasks.spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tell_systemd(&[sd_notify::NotifyState::Stopping]);
        stop.cancel();
    });
    tracing::info!(
        "callwatch {} listens on http://{listen}",
        env!("CARGO_PKG_VERSION")
    );
    tell_systemd(&[sd_notify::NotifyState::Ready]);
    let alive = || tell_systemd(&[sd_notify::NotifyState::Watchdog]);
    daemon::run(settings, clock, log, listener, None, alive, cancel).await?;
    tracing::info!("callwatch has stopped");
    Ok(ExitCode::SUCCESS)
}

fn settings(config: Config, plan: Plan, keys: Keys) -> anyhow::Result<Settings> {
    let mut channels = BTreeMap::new();
    for (name, webhook) in config.channels {
        let Ok(secret) = alerts::Secret::try_from(webhook.secret) else {
            bail!("the secret of channel `{name}` must have 24 to 64 bytes");
        };
        let webhook = alerts::webhook::Settings {
            url: webhook.url,
            secret,
            previous_secret: None,
        };
        channels.insert(name, alerts::Settings::Webhook(webhook));
    }
    let watch = config.watch.into_iter().map(|(ups, snmp)| {
        let settings = probes::snmp::Settings {
            host: snmp.host,
            port: snmp.port,
            community: snmp.community,
        };
        (ups, settings)
    });
    Ok(Settings {
        watch: watch.collect(),
        pace: probes::Pace {
            status: config.timing.status_poll,
            full: config.timing.full_poll,
            ..probes::Pace::default()
        },
        channels,
        keys,
        limits: Limits::default(),
        centre: Centre {
            site: config.site,
            plan,
            timing: Timing {
                stale_after: config.timing.stale_after.max(SignedDuration::from_secs(1)),
            },
        },
    })
}

/// Without systemd there is nobody to tell, and no fault.
fn tell_systemd(states: &[sd_notify::NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::warn!("systemd cannot be told: {error}");
    }
}
