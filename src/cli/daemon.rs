//! `callwatch daemon`: watches real devices until it is told to stop.
//!
//! It runs once for each configuration and for each jump of the wall clock: what
//! is under way ends, the next run replays the log and goes on. Connections that
//! come meanwhile wait at the listener, which stays.

use std::path::{Path, PathBuf};
use std::pin::pin;
use std::process::ExitCode;

use anyhow::Context as _;
use jiff::SignedDuration;
use sd_notify::NotifyState;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::cli::sockets::Sockets;
use crate::clock::Clock;
use crate::config::{self, Agreed, Config, Lost, Pack, RolesOf};
use crate::control::Sign;
use crate::daemon::{self, Settings, Start};
use crate::document::Fault;
use crate::incidents::{Centre, Timing};
use crate::plan::Plan;
use crate::probes::Pace;
use crate::site::Site;
use crate::store::{Backups, Care, SqliteLog};
use crate::web::{Keys, Limits};

/// A wall clock that is off by more than this has jumped.
const JUMP: SignedDuration = SignedDuration::from_secs(2);
/// How often the wall clock is looked at.
const LOOK_EVERY: std::time::Duration = std::time::Duration::from_secs(5);

#[derive(Debug, clap::Args)]
pub struct Args {
    /// The centre's file
    #[arg(long, value_name = "FILE", default_value = config::DEFAULT_PATH)]
    pub config: PathBuf,
}

/// Reads the centre's file; its faults, one a line, are the error.
pub fn load(path: &Path, roles: RolesOf<'_>) -> anyhow::Result<config::Loaded> {
    config::load(path, roles).map_err(|faults| joined(&faults))
}

/// Reads the plan that a centre's file names.
pub type PlanOf = fn(&Pack) -> Result<Plan, Vec<Fault>>;

fn joined(faults: &[Fault]) -> anyhow::Error {
    let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
    anyhow::anyhow!("{}", faults.join("\n"))
}

/// Where the keys of the seats come from: beside the log, made at the first start.
pub fn keys(config: &Config) -> anyhow::Result<Keys> {
    let folder = config.store.path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)
        .with_context(|| format!("the state directory {} cannot be made", folder.display()))?;
    Keys::load_or_create(&folder.join("seat.key"))
}

/// What the files say: the centre's, and its plan's.
struct Files {
    config: Config,
    plan: Plan,
    lost: Lost,
}

/// Reads both files; warnings are logged, faults are the error.
fn read(path: &Path, plan_of: PlanOf) -> anyhow::Result<Files> {
    let roles = |pack: &Pack| Ok(Agreed::from(&plan_of(pack)?));
    let loaded = load(path, &roles)?;
    for warning in &loaded.warnings {
        tracing::warn!("{warning}");
    }
    for fault in loaded.lost.faults() {
        tracing::error!("{fault}");
    }
    for warning in config::running_out(&loaded.config, Clock::real().now()) {
        tracing::warn!("{warning}");
    }
    if let Some(warning) = config::certificate_ending(&loaded.config, Clock::real().now()) {
        tracing::warn!("{warning}");
    }
    let plan = plan_of(&loaded.config.plan).map_err(|faults| joined(&faults))?;
    let mut config = loaded.config;
    loaded.lost.keep(&Site::default(), &mut config.site);
    Ok(Files {
        config,
        plan,
        lost: loaded.lost,
    })
}

/// Why a run ends.
enum Next {
    Stop,
    Reload(Box<Files>, Sockets),
    Jumped(SignedDuration),
}

/// Runs until SIGTERM or SIGINT; SIGHUP reads the files anew.
pub async fn run(path: &Path, plan_of: PlanOf) -> anyhow::Result<ExitCode> {
    let mut files = read(path, plan_of)?;
    let mut sockets = Sockets::open(&files.config)?;
    let mut jumped = None;
    let mut heard = Heard::listen()?;
    loop {
        let clock = Clock::real();
        let keys = keys(&files.config)?;
        let start = Start {
            clock: clock.clone(),
            log: open_log(&files.config.store)?,
            listener: tokio::net::TcpListener::from_std(sockets.listener.try_clone()?)?,
            tls: sockets.tls.clone(),
            traps: sockets.traps()?,
            entries: None,
            jumped,
            sign: {
                let recorded_tx = heard.recorded_tx.clone();
                move |sign| match sign {
                    Sign::Ready => tell_systemd(NotifyState::Ready),
                    Sign::Alive => tell_systemd(NotifyState::Watchdog),
                    Sign::Recorded(recorded) => {
                        recorded_tx.send_replace(recorded);
                        tell_systemd(NotifyState::Status(if recorded {
                            ""
                        } else {
                            "NOT RECORDED: the log cannot be written; do not restart before that is mended"
                        }));
                    }
                }
            },
        };
        let address = sockets.listener.local_addr()?;
        tracing::info!(
            "callwatch {} listens on {}://{address}",
            env!("CARGO_PKG_VERSION"),
            files.config.web.scheme()
        );
        let cancel = CancellationToken::new();
        let settings = settings(files.config.clone(), files.plan.clone(), keys);
        let mut running = pin!(daemon::run(settings, start, cancel.clone()));
        let next = tokio::select! {
            ended = &mut running => return ended.map(|()| ExitCode::SUCCESS),
            next = heard.next(path, plan_of, &clock, &files, &sockets) => next?,
        };
        if matches!(next, Next::Stop) {
            tell_systemd(NotifyState::Stopping);
        }
        cancel.cancel();
        running.await?;
        heard.recorded_tx.send_replace(true);
        jumped = None;
        match next {
            Next::Stop => break,
            Next::Reload(new_files, new_sockets) => (files, sockets) = (*new_files, new_sockets),
            Next::Jumped(by) => jumped = Some(by),
        }
    }
    tracing::info!("callwatch has stopped");
    Ok(ExitCode::SUCCESS)
}

/// What ends a run from outside.
struct Heard {
    terminate: Signal,
    interrupt: Signal,
    hangup: Signal,
    /// Whether the log is written: the end of a run would lose what waits for it.
    recorded_tx: watch::Sender<bool>,
}

impl Heard {
    fn listen() -> anyhow::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hangup: signal(SignalKind::hangup())?,
            recorded_tx: watch::Sender::new(true),
        })
    }

    /// Waits for a reason to end this run. Files with faults are none.
    async fn next(
        &mut self,
        path: &Path,
        plan_of: PlanOf,
        clock: &Clock,
        files: &Files,
        sockets: &Sockets,
    ) -> anyhow::Result<Next> {
        let mut look = tokio::time::interval(LOOK_EVERY);
        let recorded_rx = self.recorded_tx.subscribe();
        loop {
            tokio::select! {
                _ = self.terminate.recv() => return Ok(Next::Stop),
                _ = self.interrupt.recv() => return Ok(Next::Stop),
                _ = self.hangup.recv() => {
                    // What waits for the log would be lost with the run.
                    let reloaded = if *recorded_rx.borrow() {
                        reload(path, plan_of, files, sockets)
                    } else {
                        Err(anyhow::anyhow!("the log cannot be written: first mend what it says of that"))
                    };
                    match reloaded {
                        Ok((files, sockets)) => return Ok(Next::Reload(Box::new(files), sockets)),
                        Err(error) => {
                            for fault in format!("{error:#}").lines() {
                                tracing::error!("{fault}");
                            }
                            tracing::error!("nothing was changed: mend {} and reload again", path.display());
                        }
                    }
                }
                _ = look.tick() => {
                    let by = clock.jumped().unwrap_or_default();
                    // Until the log is written the run goes on by its own time.
                    if by.abs() > JUMP && *recorded_rx.borrow() {
                        return Ok(Next::Jumped(by));
                    }
                }
            }
        }
    }
}

/// All that the next run needs, so that the run under way ends only if there is one.
fn reload(
    path: &Path,
    plan_of: PlanOf,
    files: &Files,
    sockets: &Sockets,
) -> anyhow::Result<(Files, Sockets)> {
    let mut new_files = read(path, plan_of)?;
    let lost = &new_files.lost;
    lost.keep(&files.config.site, &mut new_files.config.site);
    for (sheet, faults) in [("calendar", &lost.calendar), ("roster", &lost.roster)] {
        if !faults.is_empty() {
            tracing::error!("the {sheet} in force stays: mend the file and reload again");
        }
    }
    keys(&new_files.config)?;
    let store = &new_files.config.store;
    if store.path != files.config.store.path {
        open_log(store)?;
    }
    let sockets = sockets.reopen(&files.config, &new_files.config)?;
    Ok((new_files, sockets))
}

fn open_log(store: &config::Store) -> anyhow::Result<SqliteLog> {
    let path = &store.path;
    let log = SqliteLog::open(path).with_context(|| format!("the log {}", path.display()))?;
    if log.is_read_only() {
        tracing::error!(
            "the log {} can be read and not written: callwatch watches all the same, and tries again every second",
            path.display()
        );
    }
    let backups = (store.backups > 0).then(|| Backups {
        log: path.clone(),
        folder: store.backup_folder.clone(),
        kept: store.backups,
    });
    let keep = Some(store.keep);
    Ok(log.with(Care { keep, backups }))
}

fn settings(config: Config, plan: Plan, keys: Keys) -> Settings {
    Settings {
        watch: config.watch,
        sensors: config.sensors,
        acds: config.acds,
        backups: config.backups,
        reach: config.reach,
        stations: config.stations,
        pace: Pace {
            status: config.timing.status_poll,
            full: config.timing.full_poll,
            ..Pace::default()
        },
        channels: config.channels,
        phone: config.phone,
        keys,
        limits: Limits::for_seats(config.site.seats.len()),
        centre: Centre {
            site: config.site,
            plan,
            timing: Timing {
                stale_after: config.timing.stale_after.max(SignedDuration::from_secs(1)),
            },
        },
    }
}

/// Without systemd there is nobody to tell, and no fault.
fn tell_systemd(state: NotifyState<'_>) {
    if let Err(error) = sd_notify::notify(&[state]) {
        tracing::warn!("systemd cannot be told: {error}");
    }
}
