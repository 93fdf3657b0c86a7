//! All that is seen, put together.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep};

use crate::health::{Disk, Headset, Health, Session, Softphone, Watch};
use crate::seat::senses::adapters::Errors;
use crate::seat::senses::headset::{Plugged, together};
use crate::seat::senses::lasting::Lasting;
use crate::seat::senses::load::Processors;
use crate::seat::senses::outward::{self, Outward};
use crate::seat::senses::softphone::Found;
use crate::seat::senses::sound::{self, Sound};
use crate::seat::senses::{disks, headset, heat, load, session};

/// What is cheap is looked at so often.
const EVERY: Duration = Duration::from_secs(10);
/// What costs more is looked at with every so many of those.
const SELDOM: u32 = 3;
/// How busy the processors are takes two looks: so far apart where it is looked only once.
const APART: Duration = Duration::from_millis(250);

/// Who else tells something of this PC.
pub(in crate::seat) struct Around {
    /// The folder above `proc`.
    pub(in crate::seat) root: PathBuf,
    pub(in crate::seat) sound: Option<sound::Place>,
    pub(in crate::seat) session_rx: watch::Receiver<Option<Session>>,
    pub(in crate::seat) watch_rx: watch::Receiver<Arc<Watch>>,
}

impl Around {
    /// With the sound server of whoever runs this program.
    pub(in crate::seat) fn own(
        root: PathBuf,
        session_rx: watch::Receiver<Option<Session>>,
        watch_rx: watch::Receiver<Arc<Watch>>,
    ) -> Self {
        Self {
            root,
            sound: sound::Place::own(),
            session_rx,
            watch_rx,
        }
    }
}

/// Looks for ever, and tells all of it whenever something was looked at.
pub(in crate::seat) async fn follow(around: Around, health_tx: watch::Sender<Option<Arc<Health>>>) {
    let Around {
        root,
        sound,
        mut session_rx,
        mut watch_rx,
    } = around;
    let (sound_tx, mut sound_rx) = watch::channel(None);
    let (outward_tx, mut outward_rx) = watch::channel(Outward::default());
    let listening = async {
        match sound {
            Some(place) => sound::follow(place, sound_tx).await,
            None => std::future::pending().await,
        }
    };
    let reaching = outward::follow(watch_rx.clone(), outward_tx);
    let looking = async {
        let mut pc = Pc::new(root);
        let mut rounds = interval(EVERY);
        rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut round: u32 = 0;
        loop {
            tokio::select! {
                _ = rounds.tick() => {
                    pc.look_often();
                    if round.is_multiple_of(SELDOM) {
                        pc.look_seldom(&watch_rx.borrow().softphone);
                    }
                    round = round.wrapping_add(1);
                }
                disks = pc.measured() => pc.health.disks = disks,
                Ok(()) = sound_rx.changed() => pc.hear(sound_rx.borrow_and_update().clone()),
                Ok(()) = session_rx.changed() => {
                    pc.health.session = *session_rx.borrow_and_update();
                }
                Ok(()) = outward_rx.changed() => {
                    pc.reach(outward_rx.borrow_and_update().clone());
                }
                Ok(()) = watch_rx.changed() => {
                    let softphone = watch_rx.borrow_and_update().softphone.clone();
                    pc.look_for_softphone(&softphone);
                }
            }
            health_tx.send_replace(Some(Arc::new(pc.health.clone())));
        }
    };
    tokio::join!(listening, reaching, looking);
}

/// Looks once at everything.
pub(in crate::seat) async fn once(
    root: PathBuf,
    sound: Option<sound::Place>,
    watch: Watch,
) -> Health {
    let mut pc = Pc::new(root);
    pc.look_often();
    let sounding = async {
        match &sound {
            Some(place) => sound::once(place).await,
            None => None,
        }
    };
    let (session, sound, outward, ()) = tokio::join!(
        session::once(),
        sounding,
        outward::once(&watch),
        sleep(APART)
    );
    pc.health.session = session;
    pc.hear(sound);
    pc.reach(outward);
    pc.look_often();
    pc.look_seldom(&watch.softphone);
    pc.health.disks = pc.measured().await;
    pc.health
}

/// One PC under its sensors.
struct Pc {
    root: PathBuf,
    health: Health,
    processors: Processors,
    errors: Errors,
    found: Found,
    softphone: Lasting<Option<String>>,
    plugged: Option<Vec<Plugged>>,
    sound: Option<Sound>,
    headset: Lasting<Headset>,
    /// A broken disk may keep who measures it for minutes.
    measuring: Option<JoinHandle<Vec<Disk>>>,
}

impl Pc {
    fn new(root: PathBuf) -> Self {
        Self {
            root,
            health: Health::default(),
            processors: Processors::default(),
            errors: Errors::default(),
            found: Found::default(),
            softphone: Lasting::default(),
            plugged: None,
            sound: None,
            headset: Lasting::default(),
            measuring: None,
        }
    }

    fn look_often(&mut self) {
        let root = &self.root;
        if let Some(busy) = self.processors.look(root) {
            self.health.cpu_percent = Some(busy);
        }
        self.health.memory = load::memory(root);
        self.health.uptime_seconds = load::uptime_seconds(root);
        if self.health.boot.is_none() {
            self.health.boot = load::boot(root);
        }
        self.health.network_errors_per_minute = self.errors.look(root, Instant::now());
        self.plugged = headset::plugged(root);
        self.look_at_headset();
    }

    fn look_seldom(&mut self, softphone: &[String]) {
        self.health.temperatures = heat::look(&self.root);
        self.look_for_softphone(softphone);
        if self.measuring.is_none() {
            let root = self.root.clone();
            let measuring = move || disks::look(&root, disks::measure);
            self.measuring = Some(tokio::task::spawn_blocking(measuring));
        }
    }

    /// The disks, once they were measured; may be dropped and called again.
    async fn measured(&mut self) -> Vec<Disk> {
        let Some(measuring) = &mut self.measuring else {
            return std::future::pending().await;
        };
        let disks = measuring.await;
        self.measuring = None;
        disks.unwrap_or_default()
    }

    fn look_for_softphone(&mut self, names: &[String]) {
        if names.is_empty() {
            self.health.softphone = None;
            return;
        }
        let name = self.found.look(&self.root, names).map(str::to_owned);
        let for_seconds = self.softphone.see(Instant::now(), name.clone());
        self.health.softphone = Some(Softphone {
            running: name.is_some(),
            name,
            for_seconds,
        });
    }

    fn hear(&mut self, sound: Option<Sound>) {
        self.sound = sound;
        self.look_at_headset();
    }

    fn look_at_headset(&mut self) {
        let headset = together(self.plugged.as_deref(), self.sound.as_ref());
        self.health.headset = headset.map(|headset| Headset {
            for_seconds: self.headset.see(Instant::now(), headset.clone()),
            ..headset
        });
    }

    fn reach(&mut self, outward: Outward) {
        self.health.services = outward.services;
        self.health.phone = outward.phone;
    }
}
