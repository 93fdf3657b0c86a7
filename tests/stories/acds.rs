//! The daemon over ACDs: a surge that comes and goes, an Asterisk that is down in each of its
//! ways, figures that stand still, telephones that go, and what is pushed in.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::ops::{Deref, DerefMut};
use std::path::{Path, PathBuf};

use callwatch::clock::Clock;
use callwatch::config::{self};
use callwatch::daemon::{self, Settings};
use callwatch::incidents::{Entry, Event, IncidentId, ReceiptStage};
use callwatch::sim::ami::{Ami, Mood, SECRET, USER};
use callwatch::sim::queue::{Device, Member, Queue};
use callwatch::web::{Keys, Limits};
use callwatch::wire::{FromSeat, ToSeat};
use futures_util::{SinkExt as _, StreamExt as _};
use jiff::SignedDuration;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_tungstenite::tungstenite::Message;
use tokio_util::sync::CancellationToken;

use crate::centre::{self, Record, configured, in_memory, sit_down, start};
use crate::{START, step};

/// Seats with a member each, `PJSIP/1003` and so on.
const SEATS: [&str; 6] = ["C-03", "C-04", "C-05", "C-06", "C-07", "C-08"];
/// Longer than any story takes in real time, however busy the machine.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(240);
const TOKEN: &str = "0123456789abcdef";

fn interface(seat: &str) -> String {
    format!("PJSIP/10{}", &seat[2..])
}

/// The reference centre, whose seats answer the hotline of an Asterisk; with more tables.
fn settings(ami: SocketAddr, secret: &str, more: &str) -> Settings {
    let mut text = config::example().to_owned();
    for seat in SEATS {
        let table = format!("[seat.{seat}]\n");
        let member = format!("{table}member = \"{}\"\n", interface(seat));
        text = text.replace(&table, &member);
    }
    let tables = format!(
        r#"
[acd.pbx]
name    = {{ zh = "话务平台", en = "ACD" }}
via     = ["PBX"]
kind    = "ami"
host    = "127.0.0.1"
port    = {}
user    = "{USER}"
secret  = "{secret}"
timeout = "2s"

[queue.hotline]
name = {{ zh = "客服热线", en = "Hotline" }}
acd  = "pbx"
queue = "support"
{more}"#,
        ami.port(),
    );
    text.push_str(&tables);
    let (config, plan) = configured(&text, Path::new("."));
    Settings {
        reach: BTreeMap::new(),
        stations: BTreeMap::new(),
        limits: Limits {
            // Of real time, in which a story takes as long as it takes.
            silent_after: PATIENCE,
            ..Limits::default()
        },
        ..centre::settings(config, plan)
    }
}

/// A running centre: its Asterisk, and what was written so far.
struct Told<'a> {
    ami: &'a mut Ami,
    clock: &'a Clock,
    address: SocketAddr,
    keys: Keys,
    readers: JoinSet<()>,
    record: Record,
}

impl Deref for Told<'_> {
    type Target = Record;

    fn deref(&self) -> &Record {
        &self.record
    }
}

impl DerefMut for Told<'_> {
    fn deref_mut(&mut self) -> &mut Record {
        &mut self.record
    }
}

impl Told<'_> {
    async fn closed(&mut self, opened: &Entry) -> Entry {
        let id = IncidentId(opened.seq);
        self.until(
            |entry| matches!(&entry.event, Event::Closed { incident, .. } if *incident == id),
        )
        .await
    }

    async fn begins(&mut self, wanted: &str) -> Entry {
        self.until(
            |entry| matches!(&entry.event, Event::StageBegan { stage, .. } if stage == wanted),
        )
        .await
    }

    /// Plan time passes, and nothing is done.
    async fn wait(&mut self, seconds: i64) {
        self.record.wait(SignedDuration::from_secs(seconds)).await;
    }

    /// How often each procedure was opened, but for the UPSs that nobody asks here.
    fn all_opened(&self) -> BTreeMap<String, usize> {
        let mut all = BTreeMap::new();
        for entry in &self.entries {
            if let Event::Opened { procedure, .. } = &entry.event
                && procedure.id != "blind"
            {
                *all.entry(procedure.id.clone()).or_default() += 1;
            }
        }
        all
    }

    /// The page of a seat is open, and stays so.
    async fn sit_down(&mut self, seat: &str) {
        let _busy = self.clock.work().begin();
        let key = self.keys.of(seat);
        let mut socket = sit_down(self.address, seat, key).await;
        self.readers.spawn(async move {
            // Whoever sits there looks at every card.
            while let Some(Ok(frame)) = socket.next().await {
                let cards = frame.to_text().ok().map(serde_json::from_str);
                let Some(Ok(ToSeat::Cards { cards, .. })) = cards else {
                    continue;
                };
                for card in cards {
                    let seen = FromSeat::Receipt {
                        card: card.key.clone(),
                        revision: card.revision,
                        stage: ReceiptStage::Shown,
                    };
                    let json = serde_json::to_string(&seen).expect("plain fields");
                    if socket.send(Message::text(json)).await.is_err() {
                        return;
                    }
                }
            }
        });
        self.level(&format!("seat.pc/{seat}"), "normal").await;
    }

    fn set_phone(&self, seat: &str, device: Device) {
        self.ami.at("support", |queue, _| {
            queue.set_device(&interface(seat), device)
        });
    }
}

fn in_words(entry: &Entry) -> String {
    format!("{} {}", entry.at, entry.reason.en)
}

/// Runs the daemon on a stepped clock while `story` is told.
async fn runs(story: impl AsyncFnOnce(&mut Told<'_>)) {
    runs_with(SECRET, "", story).await;
}

async fn runs_with(secret: &str, more: &str, story: impl AsyncFnOnce(&mut Told<'_>)) {
    let clock = Clock::stepped(START);
    let members = SEATS.map(|seat| Member::new(seat, &interface(seat), START));
    let queue = members.into_iter().fold(Queue::new("support"), Queue::with);
    let ami = Ami::start(vec![queue], clock.clone()).await;
    let mut ami = ami.expect("loopback");
    let settings = settings(ami.address(), secret, more);
    let keys = settings.keys.clone();
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback");
    let address = listener.local_addr().expect("it is bound");
    let (entries_tx, entries_rx) = daemon::time_line();
    let start = start(&clock, in_memory(), listener, entries_tx);
    let cancel = CancellationToken::new();
    let running = Box::pin(daemon::run(settings, start, cancel.clone()));
    let mut told = Told {
        ami: &mut ami,
        clock: &clock,
        address,
        keys,
        readers: JoinSet::new(),
        record: Record::new(&clock, entries_rx),
    };
    let telling = async {
        let ended = tokio::time::timeout(PATIENCE, Box::pin(story(&mut told))).await;
        if ended.is_err() {
            let told: Vec<String> = told.entries.iter().map(in_words).collect();
            panic!("what it waits for does not come:\n{}", told.join("\n"));
        }
        cancel.cancel();
    };
    let both = async { tokio::join!(running, telling) };
    tokio::select! {
        (ended, ()) = both => ended.expect("it ends well"),
        () = step(&clock) => unreachable!("it never ends"),
    }
}

#[tokio::test]
async fn a_surge_raises_itself_level_by_level_and_ends_when_the_callers_are_gone() {
    runs(async |centre| {
        centre.level("queue.calls/hotline", "normal").await;
        centre.sit_down("C-01").await;
        centre.ami.at("support", |queue, now| {
            (0..12)
                .flat_map(|_| queue.join("13900000000", now))
                .collect()
        });
        let turned = centre.level("queue.calls/hotline", "critical").await;
        let opened = centre.opened("call-surge").await;
        assert_eq!(opened.at.duration_since(turned.at).as_secs(), 300);
        let Event::Opened { onset, .. } = &opened.event else {
            unreachable!("it was asked for");
        };
        assert_eq!(*onset, turned.at);
        centre.begins("level-2").await;
        centre.ami.at("support", |queue, now| {
            (0..12).flat_map(|_| queue.abandon(0, now)).collect()
        });
        let calm = centre.level("queue.calls/hotline", "normal").await;
        let closed = centre.closed(&opened).await;
        assert_eq!(closed.reason.en, "all clear");
        assert!(closed.at.duration_since(calm.at) >= SignedDuration::from_mins(10));
        assert_eq!(centre.all_opened()["call-surge"], 1);
    })
    .await;
}

#[tokio::test]
async fn an_asterisk_that_is_down_in_any_of_its_ways_is_one_system_fault_in_its_words() {
    runs(async |centre| {
        centre.level("acd.reach/pbx", "normal").await;
        for (way, words) in [
            ("killed", "the ACD does not run"),
            ("hung", "the ACD hangs"),
            ("wedged", "the ACD is wedged"),
            ("hangs up", "the ACD closes the connection"),
            ("stopped", "the ACD was stopped by somebody"),
        ] {
            {
                // Time stands still until it is done.
                let _busy = centre.clock.work().begin();
                match way {
                    "killed" => centre.ami.kill().await,
                    "hung" => centre.ami.behave(Mood::Hung),
                    "wedged" => centre.ami.behave(Mood::Wedged),
                    "hangs up" => {
                        centre.ami.kill().await;
                        centre.ami.behave(Mood::HangsUp);
                        centre.ami.start_again().await.expect("its port is free");
                    }
                    _ => centre.ami.stop(false).await,
                }
            }
            let turned = centre.level("acd.reach/pbx", "critical").await;
            assert!(
                turned.reason.en.contains(words),
                "{way}: {}",
                turned.reason.en
            );
            assert!(
                turned.reason.zh.contains("话务平台"),
                "{}",
                turned.reason.zh
            );
            let opened = centre.opened("system-fault").await;
            assert_eq!(opened.at.duration_since(turned.at).as_secs(), 30, "{way}");
            centre.wait(60).await;
            {
                let _busy = centre.clock.work().begin();
                centre.ami.behave(Mood::Well);
                centre.ami.start_again().await.expect("its port is free");
            }
            centre.level("acd.reach/pbx", "normal").await;
            let closed = centre.closed(&opened).await;
            assert_eq!(closed.reason.en, "all clear", "{way}");
            // What is found at the very end is of what has ended.
            centre.wait(7).await;
        }
        assert_eq!(centre.all_opened(), [("system-fault".to_owned(), 5)].into());
    })
    .await;
}

#[tokio::test]
async fn an_asterisk_that_does_not_let_us_in_is_blind_and_no_fault_of_its_own() {
    runs_with("another secret", "", async |centre| {
        let unknown = centre.level("queue.calls/hotline", "unknown").await;
        assert!(
            unknown.reason.en.contains("does not let us log in"),
            "{}",
            unknown.reason.en
        );
        centre.wait(600).await;
        assert_eq!(centre.all_opened(), BTreeMap::new());
        assert!(centre.ami.logins() < 12, "nobody is locked out by us");
    })
    .await;
}

#[tokio::test]
async fn one_telephone_that_goes_is_its_seats_and_many_are_the_acds() {
    runs(async |centre| {
        for seat in SEATS {
            centre.sit_down(seat).await;
        }
        centre.wait(10).await;
        // Whoever paused first is at lunch, and nobody's fault.
        centre.ami.at("support", |queue, now| {
            queue.pause(&interface("C-08"), Some("午休"), now)
        });
        centre.wait(10).await;
        centre.set_phone("C-08", Device::Unregistered);
        centre.set_phone("C-03", Device::Unregistered);
        let turned = centre.level("seat.phone/C-03", "critical").await;
        assert!(
            turned.reason.en.contains("telephone not registered"),
            "{}",
            turned.reason.en
        );
        let seat = centre.opened("seat-fault").await;
        assert_eq!(seat.at.duration_since(turned.at).as_secs(), 180);
        let Event::Opened { scope, .. } = &seat.event else {
            unreachable!("it was asked for");
        };
        assert_eq!(scope.of, "C-03");
        for other in ["C-04", "C-05", "C-06"] {
            centre.set_phone(other, Device::Unregistered);
        }
        let wide = centre.opened("system-fault").await;
        let Event::Opened { scope, .. } = &wide.event else {
            unreachable!("it was asked for");
        };
        assert_eq!(scope.of, "pbx");
        centre.wait(300).await;
        for seat in SEATS {
            centre.set_phone(seat, Device::Free);
        }
        centre.closed(&wide).await;
        let once = |id: &str| (id.to_owned(), 1);
        assert_eq!(
            centre.all_opened(),
            [once("seat-fault"), once("system-fault")].into()
        );
        assert!(!centre.entries.iter().any(|entry| {
            matches!(&entry.event, Event::Turned { signal, to, .. }
                if signal.to_string() == "seat.phone/C-08" && to.name() == "critical")
        }));
    })
    .await;
}

/// A file that a program prints; gone with the test.
struct Printed(PathBuf);

impl Printed {
    fn new(name: &str) -> Self {
        let name = format!("callwatch-{name}-{}.json", std::process::id());
        Self(std::env::temp_dir().join(name))
    }

    fn say(&self, waiting: u32, longest: i64) {
        let text =
            format!("{{\"waiting\": {waiting}, \"longest_wait\": {longest}, \"staffed\": 8}}");
        // Nobody reads half of it.
        let fresh = self.0.with_extension("fresh");
        std::fs::write(&fresh, text).expect("it can be written");
        std::fs::rename(&fresh, &self.0).expect("it is ours");
    }
}

impl Drop for Printed {
    fn drop(&mut self) {
        drop(std::fs::remove_file(&self.0));
    }
}

#[tokio::test]
async fn figures_that_stand_still_are_neither_a_surge_nor_the_end_of_one() {
    let printed = Printed::new("frozen");
    let more = format!(
        r#"
[acd.wall]
name    = {{ zh = "大屏", en = "Wallboard" }}
kind    = "exec"
command = ["cat", "{}"]
queues  = ["vip"]

[queue.vip]
name = {{ zh = "贵宾", en = "VIP" }}
acd  = "wall"
"#,
        printed.0.display()
    );
    printed.say(9, 200);
    runs_with(SECRET, &more, async |centre| {
        let critical = centre.level("queue.calls/vip", "critical").await;
        let frozen = centre.level("queue.calls/vip", "unknown").await;
        assert!(frozen.reason.en.contains("frozen"), "{}", frozen.reason.en);
        assert_eq!(frozen.at.duration_since(critical.at).as_secs(), 90);
        centre.level("acd.reach/wall", "unknown").await;
        centre.wait(900).await;
        assert_eq!(centre.all_opened(), BTreeMap::new());
        // They move, for long enough; then they stand still on calm ones.
        for seconds in 0..240 {
            printed.say(9, 200 + seconds * 5);
            centre.wait(5).await;
            if !centre.all_opened().is_empty() {
                break;
            }
        }
        assert_eq!(centre.all_opened(), [("call-surge".to_owned(), 1)].into());
        printed.say(1, 30);
        centre.level("queue.calls/vip", "normal").await;
        centre.level("queue.calls/vip", "unknown").await;
        centre.wait(1800).await;
        let closed = |entry: &Entry| matches!(entry.event, Event::Closed { .. });
        assert!(!centre.entries.iter().any(closed), "blind is no all-clear");
    })
    .await;
}

#[tokio::test]
async fn what_is_pushed_in_is_judged_and_is_blind_once_nothing_comes() {
    let more = format!(
        r#"
[acd.old]
name   = {{ zh = "旧平台", en = "Old ACD" }}
kind   = "pushed"
token  = "{TOKEN}"
queues = ["night"]

[queue.night]
name = {{ zh = "夜班", en = "Night" }}
acd  = "old"
"#
    );
    runs_with(SECRET, &more, async |centre| {
        centre.level("acd.reach/pbx", "normal").await;
        let http = callwatch::alerts::client().expect("a client");
        let url = format!("http://{}/ingest/queue/night", centre.address);
        let status = {
            let _busy = centre.clock.work().begin();
            let push = http.post(url).bearer_auth(TOKEN);
            let pushed = push
                .body("{\"waiting\": 9, \"longest_wait\": 60}")
                .send()
                .await;
            pushed.expect("it listens").status()
        };
        assert_eq!(status, 204);
        let critical = centre.level("queue.calls/night", "critical").await;
        let stale = centre.level("queue.calls/night", "unknown").await;
        assert!(stale.reason.en.contains("60 s old"), "{}", stale.reason.en);
        assert_eq!(stale.at.duration_since(critical.at).as_secs(), 60);
        let reach = centre.level("acd.reach/old", "unknown").await;
        assert!(reach.reason.en.contains("60 s old"), "{}", reach.reason.en);
        assert_eq!(centre.all_opened(), BTreeMap::new());
    })
    .await;
}

/// Says this to everybody who connects.
async fn foreign(said: Vec<u8>) -> (SocketAddr, JoinSet<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback");
    let address = listener.local_addr().expect("it is bound");
    let mut tasks = JoinSet::new();
    tasks.spawn(async move {
        let mut open = Vec::new();
        while let Ok((mut stream, _)) = listener.accept().await {
            // Whoever hangs up in the middle has heard enough.
            drop(stream.write_all(&said).await);
            open.push(stream);
        }
    });
    (address, tasks)
}

#[tokio::test]
async fn an_acd_that_sends_junk_without_end_is_named_and_delays_no_other() {
    let (endless, _endless) = foreign(vec![b'x'; 12 * 1024 * 1024]).await;
    let (web, _web) = foreign(b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec()).await;
    let (half, _half) = foreign(b"Asterisk Call Manager/11.0.0\r\nResponse: Suc".to_vec()).await;
    let more: String = [("endless", endless), ("web", web), ("half", half)]
        .map(|(id, at)| {
            format!(
                "\n[acd.{id}]\nname = {{ zh = \"{id}\", en = \"{id}\" }}\nkind = \"ami\"\n\
                 host = \"127.0.0.1\"\nport = {}\nuser = \"u\"\nsecret = \"s\"\ntimeout = \"2s\"\n\
                 [queue.{id}]\nname = {{ zh = \"{id}\", en = \"{id}\" }}\nacd = \"{id}\"\n",
                at.port()
            )
        })
        .concat();
    runs_with(SECRET, &more, async |centre| {
        centre.level("acd.reach/pbx", "normal").await;
        centre.level("acd.reach/half", "critical").await;
        let mut words = BTreeMap::new();
        for _ in 0..3 {
            let unknown = centre
                .until(|entry| {
                    matches!(&entry.event, Event::Turned { signal, to, .. }
                        if signal.kind.name() == "queue.calls" && to.name() == "unknown")
                })
                .await;
            let Event::Turned { signal, value, .. } = unknown.event else {
                unreachable!("it was asked for");
            };
            words.insert(signal.of, value.en);
        }
        assert!(words["endless"].contains("longer than"), "{words:?}");
        assert!(words["web"].contains("not of the protocol"), "{words:?}");
        assert!(words["half"].contains("wedged"), "{words:?}");
        // The good one is asked as ever.
        centre.ami.at("support", |queue, now| {
            (0..9)
                .flat_map(|_| queue.join("13900000000", now))
                .collect()
        });
        centre.level("queue.calls/hotline", "critical").await;
    })
    .await;
}
