//! What stories have in common: the reference centre as a file says it, one run of the daemon
//! over it, and what is written meanwhile.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use callwatch::clock::Clock;
use callwatch::config::{self, Config, Surroundings};
use callwatch::daemon::{Settings, Start};
use callwatch::incidents::{Centre, Entry, Event, Timing};
use callwatch::plan::{self, Plan};
use callwatch::probes::Pace;
use callwatch::store::SqliteLog;
use callwatch::web::{Keys, Limits};
use callwatch::wire::{FromSeat, VERSION};
use futures_util::SinkExt as _;
use jiff::SignedDuration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

pub(crate) type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// A centre's file without a fault, whose sheets lie in `folder`, and the plan of its pack.
pub(crate) fn configured(text: &str, folder: &Path) -> (Config, Plan) {
    let plan = plan::pack("call-center").map(|text| plan::parse("call-center", text));
    let plan = plan.expect("it is shipped").expect("it has no fault");
    let agreed = config::Agreed::from(&plan);
    let surroundings = Surroundings {
        directory: folder,
        state_directory: folder,
        credentials: None,
        secret: &|_| Err("there is none".to_owned()),
        roles: &|_| Ok(agreed.clone()),
    };
    let loaded = config::from_text("callwatch.toml", text, &surroundings);
    let loaded = loaded.unwrap_or_else(|faults| panic!("{faults:#?}"));
    let lost: Vec<String> = loaded.lost.faults().map(ToString::to_string).collect();
    assert!(lost.is_empty(), "{lost:#?}");
    (loaded.config, plan)
}

/// The daemon over it; no UPS is asked and no channel told but by who says so.
pub(crate) fn settings(config: Config, plan: Plan) -> Settings {
    Settings {
        centre: Centre {
            site: config.site,
            plan,
            timing: Timing::default(),
        },
        watch: BTreeMap::new(),
        sensors: config.sensors,
        acds: config.acds,
        backups: config.backups,
        reach: config.reach,
        stations: config.stations,
        phone: config.phone,
        pace: Pace::default(),
        channels: BTreeMap::new(),
        keys: Keys::new([7; 32]),
        limits: Limits::default(),
    }
}

/// A run over a log: nobody hears traps, nothing jumped.
pub(crate) fn start(
    clock: &Clock,
    log: &Path,
    listener: TcpListener,
    entries: mpsc::Sender<Entry>,
) -> Start<SqliteLog, fn(callwatch::control::Sign)> {
    Start {
        clock: clock.clone(),
        log: SqliteLog::open(log).expect("a log"),
        listener,
        tls: None,
        traps: None,
        entries: Some(entries),
        jumped: None,
        sign: |_| (),
    }
}

/// A folder of its own; removed with the value.
pub(crate) struct Folder(pub(crate) PathBuf);

impl Folder {
    pub(crate) fn new(name: &str) -> Self {
        let name = format!("callwatch-story-{name}-{}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder).expect("a folder for temporary files");
        Self(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

/// A log that is gone with the daemon.
pub(crate) fn in_memory() -> &'static Path {
    Path::new(":memory:")
}

/// The page of a seat is open.
pub(crate) async fn sit_down(address: std::net::SocketAddr, seat: &str, key: String) -> Socket {
    let connected = tokio_tungstenite::connect_async(format!("ws://{address}/ws")).await;
    let (mut socket, _) = connected.expect("it listens");
    say(&mut socket, &hello(seat, key)).await;
    socket
}

pub(crate) fn hello(seat: &str, key: String) -> FromSeat {
    FromSeat::Hello {
        version: VERSION,
        seat: seat.to_owned(),
        key,
        language: None,
        machine: None,
    }
}

pub(crate) async fn say<S>(socket: &mut WebSocketStream<S>, frame: &FromSeat)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let json = serde_json::to_string(frame).expect("plain fields");
    socket.send(Message::text(json)).await.expect("it reads");
}

/// What was written so far, and what comes.
pub(crate) struct Record {
    clock: Clock,
    entries_rx: mpsc::Receiver<Entry>,
    pub(crate) entries: Vec<Entry>,
}

impl Record {
    pub(crate) fn new(clock: &Clock, entries_rx: mpsc::Receiver<Entry>) -> Self {
        Self {
            clock: clock.clone(),
            entries_rx,
            entries: Vec::new(),
        }
    }

    /// Waits for an entry that is wanted; returns it.
    pub(crate) async fn until(&mut self, wanted: impl Fn(&Entry) -> bool) -> Entry {
        loop {
            let entry = self.entries_rx.recv().await.expect("the daemon runs");
            self.entries.push(entry.clone());
            if wanted(&entry) {
                return entry;
            }
        }
    }

    pub(crate) async fn opened(&mut self, id: &str) -> Entry {
        self.until(
            |entry| matches!(&entry.event, Event::Opened { procedure, .. } if procedure.id == id),
        )
        .await
    }

    pub(crate) async fn level(&mut self, signal: &str, level: &str) -> Entry {
        self.until(|entry| {
            matches!(&entry.event, Event::Turned { signal: known, to, .. }
                if known.to_string() == signal && to.name() == level)
        })
        .await
    }

    /// Plan time passes, and nothing is done.
    pub(crate) async fn wait(&mut self, time: SignedDuration) {
        let until = self.clock.now() + time;
        self.clock.sleep_until(until).await;
        while let Ok(entry) = self.entries_rx.try_recv() {
            self.entries.push(entry);
        }
    }
}
