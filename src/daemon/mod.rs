//! Wiring: the rooms become one daemon, which ends as a whole.
//!
//! One `JoinSet`, one `CancellationToken`. Control, alerts and the listener stop
//! the daemon if they end early; systemd restarts it, and replay makes that cheap.

mod eyes;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use jiff::SignedDuration;
use tokio::net::{TcpListener, UdpSocket};
use tokio::sync::{mpsc, watch};
use tokio::task::{JoinError, JoinSet};
use tokio_util::sync::CancellationToken;

use crate::alerts;
use crate::clock::{Clock, Work};
use crate::control::{Control, Publishing, Sign};
use crate::daemon::eyes::{Ended, Eyes};
use crate::health::Watch;
use crate::inbox::Inbox;
use crate::incidents::{Board, Centre, Entry, Screen, State};
use crate::probes;
use crate::probes::acd;
use crate::probes::backup;
use crate::probes::reach;
use crate::probes::sensor;
use crate::signals::Signal;
use crate::store::{self, Checkpoint, Log, Writer};
use crate::web::{self, Hall, Keys, Limits, Tls};

/// A shutdown waits so long for what is under way, in real time.
const DRAIN: Duration = Duration::from_secs(2);
/// How many of the newest entries are read for time lines.
const RECORD: u64 = 2048;
/// How many entries may wait for whoever prints them.
const ENTRIES: usize = 4096;

/// A replay of more entries than this is not done twice: a day or two of them.
const LONG_REPLAY: usize = 1000;

type Sending = BTreeMap<String, watch::Sender<Screen>>;
type Seeing = BTreeMap<String, watch::Receiver<Screen>>;

/// What the daemon runs with.
#[derive(Debug)]
pub struct Settings {
    pub centre: Centre,
    /// How each UPS is asked, by its name.
    pub watch: BTreeMap<String, probes::Settings>,
    /// How each sensor is asked, by its name.
    pub sensors: BTreeMap<String, sensor::Settings>,
    /// How each ACD is asked, by its name.
    pub acds: BTreeMap<String, acd::Settings>,
    /// How each backup is known of, by its name.
    pub backups: BTreeMap<String, backup::Known>,
    /// How each service and device is asked whether it answers.
    pub reach: BTreeMap<Signal, reach::Settings>,
    /// What is looked at from each seat.
    pub stations: BTreeMap<String, Arc<Watch>>,
    pub pace: probes::Pace,
    pub channels: BTreeMap<String, alerts::Settings>,
    /// How people are rung up, where they are.
    pub phone: Option<alerts::phone::Settings>,
    pub keys: Keys,
    pub limits: Limits,
}

/// The time line as it is written: give the sending end to [`run`].
pub fn time_line() -> (mpsc::Sender<Entry>, mpsc::Receiver<Entry>) {
    mpsc::channel(ENTRIES)
}

/// What one run of the daemon takes over.
pub struct Start<L, S> {
    pub clock: Clock,
    pub log: L,
    pub listener: TcpListener,
    /// What it is listened with by TLS; in the clear without it.
    pub tls: Option<Tls>,
    /// Where traps are heard, if anywhere.
    pub traps: Option<UdpSocket>,
    /// The time line, for whoever prints it.
    pub entries: Option<mpsc::Sender<Entry>>,
    /// How far the wall clock jumped, where that ended the last run.
    pub jumped: Option<SignedDuration>,
    /// Told by control when it watches, and that it lives.
    pub sign: S,
}

/// Runs until cancelled; returns within five seconds of it.
pub async fn run(
    settings: Settings,
    start: Start<impl Log, impl Fn(Sign) + Send + 'static>,
    cancel: CancellationToken,
) -> anyhow::Result<()> {
    let Start {
        clock,
        mut log,
        listener,
        tls,
        traps,
        entries,
        jumped,
        sign,
    } = start;
    let loaded = log.load().context("reading the log")?;
    let state = replay(&loaded)?;
    let record = newest(&mut log, &state)?;
    spare_the_next_start(&mut log, &loaded, &state);
    let (folder, backups) = (log.folder(), log.backups());
    let writer = Writer::start(log)?;
    let centre = Arc::new(settings.centre);
    let mut board = Board::new(Arc::clone(&centre), state, clock.now());

    let (inbox, envelopes_rx) = Inbox::new(clock.work().clone());
    let (screens_tx, screens_rx) = screens(&centre);
    let view = Arc::new(board.view(clock.now(), &record, None));
    let (view_tx, view_rx) = watch::channel(view);
    let (due_tx, due_rx) = watch::channel(Arc::new(board.outbox()));
    // What was under way at the end of the last run is judged at the start of this one.
    let (calls_tx, calls_rx) = watch::channel(Arc::default());
    let publishing = Publishing {
        calls: calls_tx,
        screens: screens_tx,
        view: view_tx,
        due: due_tx,
        entries,
    };
    let (ingest, latest) = web::doors(settings.acds.values(), &settings.backups)?;
    let control = Control::new(board, writer, clock.clone(), publishing, record);
    let hall = Hall {
        screens: Arc::new(screens_rx),
        view: view_rx,
        inbox: inbox.clone(),
        clock: clock.clone(),
        keys: Arc::new(settings.keys),
        centre,
        ingest: Arc::new(ingest),
        watch: Arc::new(settings.stations),
        limits: settings.limits,
    };

    // Control is the last to stop, so that what the others bring is still written.
    let control_cancel = CancellationToken::new();
    let client = alerts::client().context("the HTTP client")?;
    let http = client.clone();
    let mut tasks: JoinSet<Ended> = JoinSet::new();
    {
        let cancel = control_cancel.clone();
        tasks.spawn(async move {
            control.run(envelopes_rx, jumped, sign, cancel).await?;
            Ok("control")
        });
    }
    let serving = web::serve(listener, tls.clone(), hall, cancel.clone());
    tasks.spawn(async move {
        serving.await?;
        Ok("the listener")
    });
    {
        let (inbox, clock, cancel) = (inbox.clone(), clock.clone(), cancel.clone());
        tasks.spawn(async move {
            alerts::run(settings.channels, due_rx, inbox, clock, client, cancel).await;
            Ok("alerts")
        });
    }
    let calling = alerts::calls::make(settings.phone, calls_rx, inbox.clone(), cancel.clone());
    tasks.spawn(async move {
        calling.await;
        Ok("the telephone")
    });
    {
        let (inbox, clock, cancel) = (inbox.clone(), clock.clone(), cancel.clone());
        tasks.spawn(async move {
            store::keep(folder, backups, inbox, clock, cancel).await;
            Ok("the care for the log")
        });
    }
    let eyes = Eyes {
        pace: settings.pace,
        clock: &clock,
        inbox: &inbox,
        cancel: &cancel,
    };
    eyes.open(&mut tasks, settings.watch, settings.sensors, traps);
    eyes.open_acds(&mut tasks, settings.acds, latest, &http);
    eyes.open_reach(&mut tasks, settings.reach);
    eyes.open_backups(&mut tasks, settings.backups);
    eyes.open_certificate(&mut tasks, tls);
    drop(inbox);

    // Biased: a task that a cancellation ended may be seen before the cancellation itself.
    let ended_early = tokio::select! {
        biased;
        () = cancel.cancelled() => None,
        ended = tasks.join_next() => ended,
    };
    cancel.cancel();
    end(tasks, ended_early, clock.work(), &control_cancel).await
}

/// The newest entries, for time lines.
fn newest(log: &mut impl Log, state: &State) -> anyhow::Result<Vec<Entry>> {
    let first = state.seq().saturating_sub(RECORD) + 1;
    let newest = log.entries(first, usize::try_from(RECORD)?);
    newest.context("reading the newest entries")
}

/// Both ends of each seat's screen.
fn screens(centre: &Centre) -> (Sending, Seeing) {
    let mut screens_tx = BTreeMap::new();
    let mut screens_rx = BTreeMap::new();
    for seat in centre.site.seats.keys() {
        let (screen_tx, screen_rx) = watch::channel(Screen::default());
        screens_tx.insert(seat.clone(), screen_tx);
        screens_rx.insert(seat.clone(), screen_rx);
    }
    (screens_tx, screens_rx)
}

/// Lets what is under way end, then control, then the rest; all bounded.
async fn end(
    mut tasks: JoinSet<Ended>,
    ended_early: Option<Result<Ended, JoinError>>,
    work: &Work,
    control_cancel: &CancellationToken,
) -> anyhow::Result<()> {
    if ended_early.is_none() {
        // A post that hangs is not waited for: it is still owed, and comes again.
        if tokio::time::timeout(DRAIN, work.idle()).await.is_err() {
            tracing::info!("what is still under way comes again after the next start");
        }
    }
    control_cancel.cancel();
    let mut outcome = match ended_early {
        None => Ok(()),
        Some(Ok(Ok(name))) => Err(anyhow::anyhow!("{name} ended although nobody asked it to")),
        Some(Ok(Err(error))) => Err(error),
        Some(Err(error)) => Err(anyhow::Error::new(error).context("a task panicked")),
    };
    let rest = async {
        while let Some(ended) = tasks.join_next().await {
            let error = match ended {
                Ok(Ok(_)) => continue,
                Ok(Err(error)) => error,
                Err(error) => anyhow::Error::new(error).context("a task panicked"),
            };
            if outcome.is_ok() {
                outcome = Err(error);
            }
        }
    };
    if tokio::time::timeout(DRAIN, rest).await.is_err() {
        tracing::warn!("not every task ended in time; what it did is not lost");
    }
    outcome
}

/// After a long replay, a checkpoint at once: a centre whose computer is off at midnight has
/// no other ones.
fn spare_the_next_start(log: &mut impl Log, loaded: &store::Loaded, state: &State) {
    if loaded.entries.len() <= LONG_REPLAY {
        return;
    }
    let kept = Checkpoint::of(state).and_then(|checkpoint| log.checkpoint(&checkpoint));
    if let Err(error) = kept.map_err(anyhow::Error::new) {
        tracing::warn!("no checkpoint at the start: {error:#}");
    }
}

/// The state that the log adds up to.
fn replay(loaded: &crate::store::Loaded) -> anyhow::Result<State> {
    let mut state = match &loaded.checkpoint {
        Some(checkpoint) => serde_json::from_str(&checkpoint.state).context(
            "the newest checkpoint cannot be read; was it written by a newer callwatch?",
        )?,
        None => State::default(),
    };
    for entry in &loaded.entries {
        state.apply(entry);
    }
    Ok(state)
}

/// Staleness is never judged under a second of real time.
pub fn stale_after(setting: SignedDuration, clock: &Clock) -> SignedDuration {
    setting.max(SignedDuration::from_secs(i64::from(clock.speed())))
}
