//! The simulated centre around a real daemon: the reference configuration, its devices on loopback.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;
use jiff::SignedDuration;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::alerts;
use crate::clock::Clock;
use crate::config::{self, Config, Pack, Surroundings};
use crate::daemon::{self, Settings, Start};
use crate::demo::scene::{Act, Scene};
use crate::incidents::{self, Entry, Timing};
use crate::plan::{self, Plan};
use crate::probes::access::Access;
use crate::probes::{self, Pace, snmp};
use crate::sim::receiver::Receiver;
use crate::sim::seat::{Badge, Seat};
use crate::sim::ups::{COMMUNITY, Card, Ups};
use crate::store::{AppendError, Checkpoint, Loaded, Log, LogError, SqliteLog};
use crate::text::Text;
use crate::web::{Keys, Limits};

/// After a restart so many entries are read again.
const REREAD: u64 = 256;

/// The channel that the demo gives to IT and the manager.
const CHANNEL: &str = "webhook";

/// A simulated card answers at once or not at all, in real time.
const TIMEOUT: Duration = Duration::from_millis(100);

/// A centre that runs until it is stopped.
#[derive(Debug)]
pub struct Centre {
    scene: Scene,
    clock: Clock,
    config: Config,
    plan: Plan,
    keys: Keys,
    secret: alerts::Secret,
    receiver: Receiver,
    ups: BTreeMap<String, Ups>,
    seats: BTreeMap<String, Seat>,
    address: SocketAddr,
    folder: PathBuf,
    entries_tx: mpsc::Sender<Entry>,
    daemon: JoinSet<anyhow::Result<()>>,
    /// Ends when the log of the running daemon is closed.
    log_closed_rx: Option<oneshot::Receiver<()>>,
    cancel: CancellationToken,
}

impl Centre {
    pub async fn start(
        scene: Scene,
        clock: Clock,
        entries_tx: mpsc::Sender<Entry>,
    ) -> anyhow::Result<Self> {
        let (config, plan) = reference(scene)?;
        let secret = alerts::Secret::random().context("the system has no randomness")?;
        let receiver = Receiver::start(secret.clone()).await?;
        let mut ups = BTreeMap::new();
        let cards = [Card::Rfc1628, Card::Powernet, Card::Cps];
        for (id, card) in config.site.ups.keys().zip(cards.into_iter().cycle()) {
            ups.insert(id.clone(), Ups::start(card, clock.clone()).await?);
        }
        let mut master = [0; 32];
        getrandom::fill(&mut master).context("the system has no randomness")?;
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let mut number = [0; 8];
        getrandom::fill(&mut number).context("the system has no randomness")?;
        let folder = std::env::temp_dir().join(format!(
            "callwatch-demo-{:016x}",
            u64::from_be_bytes(number)
        ));
        std::fs::create_dir_all(&folder)
            .with_context(|| format!("{} cannot be made", folder.display()))?;
        let mut centre = Self {
            scene,
            clock,
            config,
            plan,
            keys: Keys::new(master),
            secret,
            receiver,
            ups,
            seats: BTreeMap::new(),
            address: listener.local_addr()?,
            folder,
            entries_tx,
            daemon: JoinSet::new(),
            log_closed_rx: None,
            cancel: CancellationToken::new(),
        };
        centre.run_daemon(listener)?;
        let seats: Vec<String> = centre.config.site.seats.keys().cloned().collect();
        for seat in seats {
            centre.sit_down(&seat);
        }
        Ok(centre)
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// For each role that sits somewhere: its name, and the address of a page of it, with its key.
    pub fn seat_pages(&self) -> impl Iterator<Item = (&Text, String)> {
        self.plan.roles.iter().filter_map(|(role, name)| {
            let seat = self.config.site.roles.get(role)?.seats.first()?;
            let key = self.keys.of(seat);
            Some((name, format!("http://{}/seat/{seat}#{key}", self.address)))
        })
    }

    pub fn seats(&self) -> impl Iterator<Item = &String> {
        self.config.site.seats.keys()
    }

    /// Waits for the daemon to end by itself, which it should not. Cancel safe.
    pub async fn daemon_ended(&mut self) -> anyhow::Result<()> {
        match self.daemon.join_next().await {
            Some(Ok(Err(error))) => Err(error),
            Some(Err(error)) => Err(error.into()),
            Some(Ok(Ok(()))) | None => anyhow::bail!("it ended by itself"),
        }
    }

    pub async fn act(&mut self, act: Act) -> anyhow::Result<()> {
        match act {
            Act::Cut(ups) => {
                for id in ups {
                    self.ups[*id].mains(false);
                }
                let dark: Vec<String> = self.without_ups(Some(ups));
                for seat in dark {
                    self.seats.remove(&seat);
                }
            }
            Act::Supply(ups) => {
                for id in ups {
                    self.ups[*id].mains(true);
                }
            }
            Act::FallSilent => {
                for seat in self.without_ups(None) {
                    self.seats.remove(&seat);
                }
            }
            Act::SwitchOn => {
                for seat in self.without_ups(None) {
                    if !self.seats.contains_key(&seat) {
                        self.sit_down(&seat);
                    }
                }
            }
            Act::SelfTest(ups, on) => self.ups[ups].self_test(on),
            Act::CardDies(ups, dead) => self.ups[ups].silent(dead),
            Act::Restart => {
                // No farewell: whatever it was doing ends where it is.
                self.daemon.shutdown().await;
                self.cancel = CancellationToken::new();
                self.read_the_record().await?;
                let listener = free_again(self.address).await?;
                self.run_daemon(listener)?;
            }
        }
        Ok(())
    }

    /// Ends the daemon as SIGTERM does, and cleans up.
    pub async fn stop(&mut self) -> anyhow::Result<()> {
        self.seats.clear();
        self.cancel.cancel();
        let mut outcome = Ok(());
        while let Some(ended) = self.daemon.join_next().await {
            outcome = ended?;
        }
        std::fs::remove_dir_all(&self.folder)
            .with_context(|| format!("{} cannot be removed", self.folder.display()))?;
        outcome
    }

    /// The webhooks that were taken.
    pub fn receiver(&self) -> &Receiver {
        &self.receiver
    }

    /// What was written and not told before the daemon was ended, and some before it.
    async fn read_the_record(&mut self) -> anyhow::Result<()> {
        if let Some(closed_rx) = self.log_closed_rx.take() {
            // It is closed by being dropped.
            drop(closed_rx.await);
        }
        let mut log = SqliteLog::open(self.folder.join("callwatch.db"))?;
        let loaded = log.load()?;
        let newest = loaded.entries.last().map_or(0, |entry| entry.seq);
        for entry in log.entries(newest.saturating_sub(REREAD) + 1, usize::MAX)? {
            self.entries_tx.send(entry).await?;
        }
        Ok(())
    }

    /// Seats without a UPS, on the circuits of these UPSs or on any.
    fn without_ups(&self, beside: Option<&[&str]>) -> Vec<String> {
        let site = &self.config.site;
        let circuits: Option<Vec<&str>> =
            beside.map(|ups| ups.iter().filter_map(|id| site.circuit_of(id)).collect());
        let seats = site.seats.iter();
        seats
            .filter(|(id, seat)| {
                site.ups_of_seat(id).is_none()
                    && circuits.as_ref().is_none_or(|circuits| {
                        site.circuit_of(&seat.fed_by)
                            .is_some_and(|circuit| circuits.contains(&circuit))
                    })
            })
            .map(|(id, _)| id.clone())
            .collect()
    }

    fn sit_down(&mut self, seat: &str) {
        let badge = Badge {
            daemon: self.address,
            seat: seat.to_owned(),
            key: self.keys.of(seat),
        };
        // Nobody acts in the very same second as another.
        let place = self.seats().position(|known| known == seat);
        let longer =
            SignedDuration::from_secs(i64::try_from(place.unwrap_or_default()).unwrap_or(0));
        let person = Seat::start(badge, self.scene.habit(), longer, self.clock.clone());
        self.seats.insert(seat.to_owned(), person);
    }

    fn run_daemon(&mut self, listener: TcpListener) -> anyhow::Result<()> {
        let (closed_tx, closed_rx) = oneshot::channel();
        self.log_closed_rx = Some(closed_rx);
        let log = Watched {
            log: SqliteLog::open(self.folder.join("callwatch.db"))?,
            _closed_tx: closed_tx,
        };
        let watch = self.ups.iter().map(|(id, ups)| {
            let settings = probes::Settings::Snmp(snmp::Settings {
                host: ups.address().ip().to_string(),
                port: ups.address().port(),
                access: Access::V2c {
                    community: COMMUNITY.to_owned(),
                },
            });
            (id.clone(), settings)
        });
        let webhook = alerts::webhook::Settings {
            url: self.receiver.url(),
            secret: self.secret.clone(),
            previous_secret: None,
        };
        let settings = Settings {
            centre: incidents::Centre {
                site: self.config.site.clone(),
                plan: self.plan.clone(),
                timing: Timing {
                    stale_after: daemon::stale_after(self.config.timing.stale_after, &self.clock),
                },
            },
            watch: watch.collect(),
            sensors: BTreeMap::new(),
            acds: BTreeMap::new(),
            backups: BTreeMap::new(),
            reach: BTreeMap::new(),
            stations: BTreeMap::new(),
            pace: Pace {
                status: self.config.timing.status_poll,
                full: self.config.timing.full_poll,
                timeout: TIMEOUT,
            },
            channels: [(CHANNEL.to_owned(), alerts::Settings::Webhook(webhook))].into(),
            phone: None,
            keys: self.keys.clone(),
            limits: Limits::default(),
        };
        let start = Start {
            clock: self.clock.clone(),
            log,
            listener,
            tls: None,
            traps: None,
            entries: Some(self.entries_tx.clone()),
            jumped: None,
            sign: |_| (),
        };
        let cancel = self.cancel.clone();
        self.daemon
            .spawn(async move { daemon::run(settings, start, cancel).await });
        Ok(())
    }
}

/// A log that tells when it is closed: a killed process closes its files with its end,
/// a task that is ended leaves them to its thread.
struct Watched {
    log: SqliteLog,
    _closed_tx: oneshot::Sender<()>,
}

impl Log for Watched {
    fn load(&mut self) -> Result<Loaded, LogError> {
        self.log.load()
    }

    fn append(&mut self, expected_seq: u64, batch: &[Entry]) -> Result<(), AppendError> {
        self.log.append(expected_seq, batch)
    }

    fn checkpoint(&mut self, checkpoint: &Checkpoint) -> Result<(), LogError> {
        self.log.checkpoint(checkpoint)
    }

    fn entries(&mut self, from: u64, limit: usize) -> Result<Vec<Entry>, LogError> {
        self.log.entries(from, limit)
    }
}

/// Listens again where a daemon listened that has just been ended: its listener
/// is closed a moment after its task.
async fn free_again(address: SocketAddr) -> anyhow::Result<TcpListener> {
    for _ in 0..200 {
        match TcpListener::bind(address).await {
            Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            bound => return bound.with_context(|| format!("{address} cannot be listened on")),
        }
    }
    anyhow::bail!("{address} was not free again within 2 s")
}

/// The reference centre and its plan, with a webhook for IT and the managers.
fn reference(scene: Scene) -> anyhow::Result<(Config, Plan)> {
    let faults = |faults: Vec<crate::document::Fault>| {
        let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
        anyhow::anyhow!("the reference has faults: {}", faults.join("; "))
    };
    let plan = |pack: &Pack| match pack {
        Pack::Shipped(id) => plan::parse(id, plan::pack(id).unwrap_or_default()),
        Pack::File(_) => Ok(Plan {
            id: String::new(),
            name: crate::text::Text::default(),
            roles: BTreeMap::new(),
            procedures: BTreeMap::new(),
        }),
    };
    let surroundings = Surroundings {
        directory: Path::new("."),
        state_directory: Path::new("."),
        credentials: None,
        secret: &|name| {
            Err(format!(
                "the reference needs no secret file, and so not {name}"
            ))
        },
        roles: &|pack| Ok(config::Agreed::from(&plan(pack)?)),
    };
    let loaded =
        config::from_text("callwatch.toml", config::example(), &surroundings).map_err(faults)?;
    let mut config = loaded.config;
    let plan = plan(&config.plan).map_err(faults)?;
    for role in ["it", "manager", "operations"] {
        if let Some(role) = config.site.roles.get_mut(role) {
            role.channels = vec![CHANNEL.to_owned()];
        }
    }
    // A scene is played at any hour of the day, as if people were there.
    for zone in config.site.zones.values_mut() {
        zone.hours = None;
    }
    config.site.quiet.channels.insert(CHANNEL.to_owned(), None);
    for feed in config.site.feeds.values_mut() {
        feed.generator = scene.generator();
    }
    Ok((config, plan))
}
