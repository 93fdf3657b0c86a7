//! The daemon over services and devices on loopback that go away, answer wrongly or slowly,
//! and come back: each raises what is at fault, and nothing beside it.

use std::net::SocketAddr;
use std::ops::{Deref, DerefMut};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use callwatch::clock::Clock;
use callwatch::config::{self};
use callwatch::daemon::{self, Settings};
use callwatch::incidents::{Entry, Event};
use jiff::SignedDuration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::centre::{self, Record, configured, in_memory, start};
use crate::{START, step};

/// Something that takes connections, or refuses them.
struct Peer {
    address: SocketAddr,
    taking: JoinSet<()>,
}

impl Peer {
    async fn begin() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback");
        let mut peer = Self {
            address: listener.local_addr().expect("it is bound"),
            taking: JoinSet::new(),
        };
        peer.takes(listener);
        peer
    }

    fn takes(&mut self, listener: TcpListener) {
        self.taking.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                drop(stream);
            }
        });
    }

    async fn goes(&mut self) {
        self.taking.shutdown().await;
    }

    async fn comes_back(&mut self) {
        let listener = TcpListener::bind(self.address).await;
        self.takes(listener.expect("its port is free"));
    }
}

const WELL: u8 = 0;
const BROKEN: u8 = 1;
const SLOW: u8 = 2;

/// A CRM with a page of its health.
struct Crm {
    address: SocketAddr,
    mood: Arc<AtomicU8>,
    _serving: JoinSet<()>,
}

impl Crm {
    async fn begin() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback");
        let address = listener.local_addr().expect("it is bound");
        let mood = Arc::new(AtomicU8::new(WELL));
        let now = Arc::clone(&mood);
        let mut serving = JoinSet::new();
        serving.spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.expect("it listens");
                answer(stream, now.load(Ordering::SeqCst)).await;
            }
        });
        Self {
            address,
            mood,
            _serving: serving,
        }
    }

    fn is(&self, mood: u8) {
        self.mood.store(mood, Ordering::SeqCst);
    }
}

async fn answer(mut stream: TcpStream, mood: u8) {
    let mut head = [0; 4096];
    let length = stream.read(&mut head).await.expect("a question comes");
    assert!(head[..length].starts_with(b"GET /health "));
    if mood == SLOW {
        // So long takes what is slow; nothing is waited for.
        tokio::time::sleep(Duration::from_millis(60)).await;
    }
    let body = if mood == BROKEN {
        r#"{"status": "no database"}"#
    } else {
        r#"{"status": "ok"}"#
    };
    let length = body.len();
    let answer =
        format!("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}");
    stream
        .write_all(answer.as_bytes())
        .await
        .expect("it is read");
}

/// What the centre's network is made of.
struct Network {
    crm: Crm,
    kb: Peer,
    files: Peer,
    /// Not behind the router.
    desk: Peer,
    switch: Peer,
}

impl Network {
    async fn begin() -> Self {
        Self {
            crm: Crm::begin().await,
            kb: Peer::begin().await,
            files: Peer::begin().await,
            desk: Peer::begin().await,
            switch: Peer::begin().await,
        }
    }

    /// The reference centre with four services, three of them behind the router.
    fn settings(&self) -> Settings {
        let services = format!(
            r#"
[service.crm]
name  = {{ zh = "客户系统", en = "CRM" }}
reach = "http://{crm}/health#json=/status:ok"
via   = ["ROUTER"]
slow  = "30ms"

[service.kb]
name  = {{ zh = "知识库", en = "Knowledge base" }}
reach = "tcp://{kb}"
via   = ["ROUTER"]
every = "15s"

[service.files]
name  = {{ zh = "文件盘", en = "Files" }}
reach = "tcp://{files}"
via   = ["ROUTER"]

[service.desk]
name  = {{ zh = "工单", en = "Service desk" }}
reach = "tcp://{desk}"
via   = ["SW-IN"]
"#,
            crm = self.crm.address,
            kb = self.kb.address,
            files = self.files.address,
            desk = self.desk.address,
        );
        let device = format!("[device.SW-IN]\nreach  = \"tcp://{}\"", self.switch.address);
        let text = config::example().replace("[device.SW-IN]", &device) + &services;
        // The switch is not behind the router here.
        let text = text.replace(
            "via    = [\"ROUTER\"]              # what lies",
            "via    = []                      # what lies",
        );
        let (mut config, plan) = configured(&text, Path::new("."));
        // Nobody is to be told of UPSs that do not answer.
        config.site.ups.clear();
        let of_seats = config.stations.values().map(|it| it.services.len());
        assert_eq!((config.reach.len(), of_seats.min()), (5, Some(4)));
        centre::settings(config, plan)
    }
}

/// A running centre, and what was written so far.
struct Told {
    network: Network,
    record: Record,
}

impl Deref for Told {
    type Target = Record;

    fn deref(&self) -> &Record {
        &self.record
    }
}

impl DerefMut for Told {
    fn deref_mut(&mut self) -> &mut Record {
        &mut self.record
    }
}

impl Told {
    async fn opened(&mut self) -> Entry {
        self.until(|entry| matches!(entry.event, Event::Opened { .. }))
            .await
    }

    async fn closed(&mut self) -> Entry {
        self.until(|entry| matches!(entry.event, Event::Closed { .. }))
            .await
    }

    /// Plan time passes, and nothing is done.
    async fn wait(&mut self, minutes: i64) {
        self.record.wait(SignedDuration::from_mins(minutes)).await;
    }

    /// Procedure and scope of all that was opened.
    fn all_opened(&self) -> Vec<(String, String)> {
        // Without UPSs nothing lasts without mains.
        let opened = self.entries.iter().filter_map(|entry| match &entry.event {
            Event::Opened {
                procedure, scope, ..
            } if procedure.id != "endurance" => Some((procedure.id.clone(), scope.of.clone())),
            _ => None,
        });
        opened.collect()
    }
}

fn one(procedure: &str, of: &str) -> Vec<(String, String)> {
    vec![(procedure.to_owned(), of.to_owned())]
}

/// Runs the daemon on a stepped clock while `story` is told, from when all answers.
async fn runs(story: impl AsyncFnOnce(&mut Told)) {
    let clock = Clock::stepped(START);
    let network = Network::begin().await;
    let settings = network.settings();
    let signals: Vec<String> = settings.reach.keys().map(ToString::to_string).collect();
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback");
    let (entries_tx, entries_rx) = daemon::time_line();
    let start = start(&clock, in_memory(), listener, entries_tx);
    let cancel = CancellationToken::new();
    let running = Box::pin(daemon::run(settings, start, cancel.clone()));
    let mut told = Told {
        network,
        record: Record::new(&clock, entries_rx),
    };
    let telling = async {
        let mut unseen = signals;
        while !unseen.is_empty() {
            let entry = told
                .until(|entry| matches!(entry.event, Event::Turned { .. }))
                .await;
            if let Event::Turned { signal, to, .. } = &entry.event {
                let answers = matches!(to.name(), "normal" | "warning");
                unseen.retain(|known| *known != signal.to_string() || !answers);
            }
        }
        Box::pin(story(&mut told)).await;
        cancel.cancel();
    };
    let both = async { tokio::join!(running, telling) };
    tokio::select! {
        (ended, ()) = both => ended.expect("it ends well"),
        () = step(&clock) => unreachable!("it never ends"),
    }
}

#[tokio::test]
async fn a_crm_whose_page_says_that_it_is_not_well_is_a_system_fault_until_it_is() {
    runs(async |centre| {
        centre.network.crm.is(BROKEN);
        let down = centre.level("service.reach/crm", "critical").await;
        assert!(down.reason.en.starts_with("CRM reach: down ("), "{down:?}");
        let opened = centre.opened().await;
        assert_eq!(opened.at.duration_since(down.at).as_secs(), 30);
        let Event::Opened { onset, scope, .. } = &opened.event else {
            unreachable!("it was asked for");
        };
        assert_eq!((*onset, scope.seats.len()), (down.at, 11));
        centre.network.crm.is(WELL);
        let back = centre
            .until(|entry| {
                matches!(&entry.event, Event::Turned { signal, to, .. }
                    if signal.of == "crm" && to.name() != "critical")
            })
            .await;
        let closed = centre.closed().await;
        assert!(closed.at.duration_since(back.at) >= SignedDuration::from_mins(5));
        assert_eq!(centre.all_opened(), one("system-fault", "crm"));
    })
    .await;
}

#[tokio::test]
async fn a_service_that_fails_once_is_asked_again_before_anybody_is_told() {
    runs(async |centre| {
        centre.network.kb.goes().await;
        let down = centre.level("service.reach/kb", "critical").await;
        centre.network.kb.comes_back().await;
        let back = centre.level("service.reach/kb", "normal").await;
        // It is asked every 15 s, and what fails sooner.
        assert!(back.at.duration_since(down.at).as_secs() <= 10);
        centre.wait(10).await;
        assert_eq!(centre.all_opened(), []);
    })
    .await;
}

#[tokio::test]
async fn a_crm_that_is_slow_for_three_minutes_is_a_system_fault_too() {
    runs(async |centre| {
        centre.network.crm.is(SLOW);
        let opened = centre.opened().await;
        let Event::Opened { onset, .. } = &opened.event else {
            unreachable!("it was asked for");
        };
        assert_eq!(opened.at.duration_since(*onset).as_secs(), 180);
        let slow = centre
            .until(|entry| matches!(&entry.event, Event::Answered { value, .. } if value == "slow"))
            .await;
        assert!(slow.at >= opened.at);
        assert_eq!(centre.all_opened(), one("system-fault", "crm"));
    })
    .await;
}

#[tokio::test]
async fn three_services_behind_one_router_that_are_gone_are_one_network_failure() {
    runs(async |centre| {
        centre.network.crm.is(BROKEN);
        centre.network.kb.goes().await;
        centre.network.files.goes().await;
        let opened = centre.opened().await;
        let what = centre
            .until(|entry| matches!(&entry.event, Event::Answered { ask, .. } if ask == "what"))
            .await;
        let Event::Answered { value, .. } = &what.event else {
            unreachable!("it was asked for");
        };
        assert_eq!(value, "gear", "the lobby's network goes by it");
        let Event::Opened { onset, .. } = opened.event else {
            unreachable!("it was asked for");
        };
        // Each is asked within its own interval, and 30 s after the last all is said.
        assert!(opened.at.duration_since(onset) <= SignedDuration::from_secs(45));
        centre.wait(10).await;
        centre.network.crm.is(WELL);
        centre.network.kb.comes_back().await;
        centre.network.files.comes_back().await;
        centre.closed().await;
        centre.wait(10).await;
        assert_eq!(centre.all_opened(), one("network-failure", "ROUTER"));
    })
    .await;
}

#[tokio::test]
async fn where_nothing_answers_callwatch_is_cut_off_and_blames_nobody() {
    runs(async |centre| {
        let network = &mut centre.network;
        network.crm.is(BROKEN);
        for peer in [
            &mut network.kb,
            &mut network.files,
            &mut network.desk,
            &mut network.switch,
        ] {
            peer.goes().await;
        }
        centre.opened().await;
        centre.wait(10).await;
        assert_eq!(centre.all_opened(), one("cut-off", ""));
        let network = &mut centre.network;
        network.crm.is(WELL);
        for peer in [
            &mut network.kb,
            &mut network.files,
            &mut network.desk,
            &mut network.switch,
        ] {
            peer.comes_back().await;
        }
        centre.closed().await;
        centre.wait(10).await;
        assert_eq!(centre.all_opened(), one("cut-off", ""));
    })
    .await;
}
