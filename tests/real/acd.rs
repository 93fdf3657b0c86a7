//! A real Asterisk 22, as it was recorded: its own bytes are replayed to the probe.
//!
//! `CALLWATCH_DEVICES` names the folder whose `acd/` holds the recordings: `NAME.raw`
//! has the bytes that the server sent, `NAME.txt` both sides with the times.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use callwatch::acd::{Blind, NoReading, Outage, Rates, Reading, Standing};
use callwatch::alerts::phone::{self, Outcome, Why};
use callwatch::clock::Clock;
use callwatch::probes::ami::{Client, Error, Secret, Settings};
use callwatch::sim::ami::{Ami, SECRET, USER};
use callwatch::sim::queue::{Member, Queue};
use jiff::{SignedDuration, Timestamp};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// Longer than anything here takes, however busy the machine.
const SOON: Duration = Duration::from_secs(60);
const PATIENT: Duration = Duration::from_secs(50);

/// What the recorded server said, by the identifier of the action that it answers.
struct Recording {
    banner: String,
    messages: Vec<String>,
}

impl Recording {
    /// `None` where recordings are not asked for; where they are, one that is missing is a fault.
    #[expect(clippy::print_stdout, reason = "a test that is skipped says why")]
    fn open(name: &str) -> Option<Self> {
        if std::env::var("CALLWATCH_REAL").as_deref() != Ok("1") {
            println!("skipped: CALLWATCH_REAL is not 1; it needs CALLWATCH_DEVICES");
            return None;
        }
        let devices = std::env::var("CALLWATCH_DEVICES")
            .expect("CALLWATCH_DEVICES names the folder of recordings");
        let path = PathBuf::from(devices).join(format!("acd/{name}.raw"));
        let bytes =
            std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let text = String::from_utf8(bytes).unwrap();
        let (banner, rest) = text.split_once("\r\n").unwrap();
        let messages = rest.split_inclusive("\r\n\r\n").map(str::to_owned);
        Some(Self {
            banner: format!("{banner}\r\n"),
            messages: messages.collect(),
        })
    }

    /// All that was answered to this action, byte for byte.
    fn answer(&self, id: &str) -> String {
        let line = format!("ActionID: {id}\r\n");
        let answers = self.messages.iter().filter(|it| it.contains(&line));
        let answer: String = answers.map(String::as_str).collect();
        assert!(!answer.is_empty(), "nothing was recorded for `{id}`");
        // Of the action that is replayed, whatever it was called.
        answer.replace(&line, "ActionID: <id>\r\n")
    }

    /// The first message that holds this.
    fn message(&self, holding: &str) -> &str {
        let found = self.messages.iter().find(|it| it.contains(holding));
        found.unwrap_or_else(|| panic!("nothing recorded holds `{holding}`"))
    }
}

/// What a replayed server does with an action.
type Answers = BTreeMap<&'static str, String>;

/// An Asterisk that lets `probe` in as it was recorded, and answers `more`.
fn answers(more: &[(&'static str, String)]) -> Option<Answers> {
    let login = Recording::open("03-login-md5")?;
    let ping = Recording::open("05-ping-core")?;
    let mut answers = Answers::from([
        ("banner", login.banner.clone()),
        ("Challenge", login.answer("ch")),
        ("Login", login.answer("login-1")),
        ("Ping", ping.answer("p1")),
    ]);
    answers.extend(more.iter().cloned());
    Some(answers)
}

/// Replays to one connection after the other; the last answer to `Ping` may be followed
/// by more, and an action without an answer ends the connection.
async fn replay(answers: Answers) -> (JoinSet<()>, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let mut tasks = JoinSet::new();
    tasks.spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            drop(talk(stream, &answers).await);
        }
    });
    (tasks, address)
}

async fn talk(stream: TcpStream, answers: &Answers) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    stream.write_all(answers["banner"].as_bytes()).await?;
    let mut asked = BTreeMap::new();
    let mut line = String::new();
    while stream.read_line(&mut line).await? > 0 {
        if let Some((key, value)) = line.trim_end().split_once(": ") {
            asked.insert(key.to_owned(), value.to_owned());
        } else {
            let Some(answer) = answers.get(asked["Action"].as_str()) else {
                return Ok(());
            };
            if asked["Action"] == "Login" && asked.get("Username").is_some_and(|it| it == "probe") {
                // Recorded for this challenge and this secret.
                assert_eq!(asked["Key"], "d14bc9c93d0d7086cc107fefacd002db");
            }
            let answer = answer.replace("<id>", &asked["ActionID"]);
            stream.write_all(answer.as_bytes()).await?;
            asked.clear();
        }
        line.clear();
    }
    Ok(())
}

fn settings(address: SocketAddr, queues: &[&str]) -> Settings {
    let secret = Secret::new("probe-secret").unwrap();
    let settings = Settings::new("127.0.0.1", address.port(), "probe", secret).unwrap();
    let queues = queues.iter().map(|&name| name.to_owned()).collect();
    let settings = settings.queues(queues).unwrap();
    settings.patience(PATIENT, PATIENT)
}

async fn poll(client: &mut Client) -> Result<Reading, Error> {
    let polled = tokio::time::timeout(SOON, client.poll()).await;
    polled.expect("a poll ends by itself")
}

async fn read(recording: &Recording, summary: &str, status: &str, queues: &[&str]) -> Reading {
    let more = [
        ("QueueSummary", recording.answer(summary)),
        ("QueueStatus", recording.answer(status)),
    ];
    let (_asterisk, address) = replay(answers(&more).unwrap()).await;
    let mut client = Client::new(settings(address, queues));
    poll(&mut client).await.unwrap()
}

#[tokio::test]
async fn idle_queues_with_all_seats_free_are_read_right() {
    let Some(recording) = Recording::open("06-queuestatus-idle") else {
        return;
    };
    let reading = read(&recording, "qs2", "qs1", &[]).await;
    assert_eq!(reading.queues.len(), 2);
    for (name, seats) in [("support", 7), ("sales", 4)] {
        let queue = reading.queue(name).unwrap();
        assert_eq!((queue.waiting, queue.longest_wait), (Some(0), Some(0)));
        assert_eq!((queue.staffed, queue.available), (Some(seats), Some(seats)));
        assert_eq!((queue.busy, queue.paused), (Some(0), Some(0)));
    }
    let members = reading.members.unwrap();
    assert_eq!(members.len(), 11);
    assert!(
        members
            .iter()
            .all(|member| member.standing == Standing::Free)
    );
    let member = members.iter().find(|member| member.name == "张伟 1001");
    let member = member.unwrap();
    assert_eq!(member.interface, "Local/1001@agents/n");
    assert_eq!(member.device.as_deref(), Some("Custom:seat1001"));
}

#[tokio::test]
async fn a_surge_is_read_right_and_its_service_level_is_no_hundred_percent() {
    let Some(recording) = Recording::open("12-surge-queuestatus") else {
        return;
    };
    let surge = read(&recording, "s1", "s2", &["support"]).await;
    let queue = surge.queue("support").unwrap();
    assert_eq!((queue.waiting, queue.longest_wait), (Some(33), Some(9)));
    assert_eq!((queue.staffed, queue.available), (Some(7), Some(0)));
    assert_eq!((queue.busy, queue.paused), (Some(7), Some(0)));
    let over = read(&recording, "s3", "s4", &["support"]).await;
    let totals = over.queue("support").unwrap().totals;
    assert_eq!(totals.completed, Some(7));
    assert_eq!(totals.abandoned, Some(33));
    let mut rates = Rates::new(SignedDuration::from_mins(30));
    let start = Timestamp::from_second(1_795_453_700).unwrap();
    rates.take(start, queue.totals);
    rates.take(start + SignedDuration::from_secs(22), totals);
    let lately = rates.lately(start + SignedDuration::from_secs(22));
    assert_eq!(lately.service_level_percent(), Some(17.5));
    assert_eq!(lately.abandoned_percent(), Some(82.5));
}

#[tokio::test]
async fn an_unknown_queue_and_a_telephone_that_is_not_registered_are_read_right() {
    let Some(recording) = Recording::open("04-errors") else {
        return;
    };
    let reading = read(&recording, "x7", "x6", &["nosuchqueue"]).await;
    assert_eq!(reading.queue("nosuchqueue"), Err(Blind::UnknownQueue));
    let recording = Recording::open("11-member-actions").unwrap();
    let reading = read(&recording, "qsum", "qst", &["support"]).await;
    let queue = reading.queue("support").unwrap();
    assert_eq!((queue.staffed, queue.available), (Some(6), Some(6)));
    let members = reading.members.unwrap();
    assert_eq!(members[0].standing, Standing::Unregistered);
}

#[tokio::test]
async fn a_login_refused_a_death_and_a_stop_are_told_apart() {
    let Some(recording) = Recording::open("02-login-failed") else {
        return;
    };
    let refused = [("Login", recording.answer("login-1"))];
    let (_asterisk, address) = replay(answers(&refused).unwrap()).await;
    let error = poll(&mut Client::new(settings(address, &[]))).await;
    let error = error.unwrap_err();
    assert_eq!(*error.why(), NoReading::Down(Outage::LoginRefused));
    assert_eq!(error.detail(), Some("Authentication failed"));

    let idle = Recording::open("06-queuestatus-idle").unwrap();
    let stop = Recording::open("26-shutdown-graceful").unwrap();
    let dead = Recording::open("27-kill9").unwrap();
    for (last, outage) in [
        (
            stop.message("Event: Shutdown"),
            Outage::Stopping { restart: false },
        ),
        (dead.message("Event: FullyBooted"), Outage::Refused),
    ] {
        let more = [
            ("QueueSummary", idle.answer("qs2")),
            ("QueueStatus", idle.answer("qs1") + last),
        ];
        let (asterisk, address) = replay(answers(&more).unwrap()).await;
        let mut client = Client::listening(settings(address, &[]));
        poll(&mut client).await.unwrap();
        drop(asterisk);
        let news = tokio::time::timeout(SOON, client.news()).await;
        news.expect("the end of the connection is news");
        let why = poll(&mut client).await.unwrap_err().why().clone();
        assert_eq!(why, NoReading::Down(outage));
    }
}

/// Rings through a replayed Asterisk that says this of the call, and more besides.
async fn rung(alert: &str, said: &[&str]) -> Outcome {
    let queued = Recording::open("22-phone-alert-ack").unwrap().answer("ok1");
    let queued = queued.split_inclusive("\r\n\r\n").next().unwrap();
    assert!(queued.contains("successfully queued"), "{queued}");
    let more = [("Originate", queued.to_owned() + &said.concat())];
    let (_asterisk, address) = replay(answers(&more).unwrap()).await;
    let mut settings = phone::Settings::new(settings(address, &[]), "Local/{number}@manager/n");
    settings.key = PATIENT;
    let rung = tokio::time::timeout(SOON, phone::ring(&settings, "13900000000", alert));
    rung.await.expect("a call ends by itself")
}

#[tokio::test]
async fn what_became_of_a_call_is_read_off_its_events_and_never_off_that_it_was_queued() {
    let Some(good) = Recording::open("22-phone-alert-ack") else {
        return;
    };
    let of = |recording: &Recording, id: &str| {
        let line = format!("ActionID: {id}\r\n");
        let mut messages = recording.messages.iter();
        let event = messages.find(|it| it.contains("Event: Originate") && it.contains(&line));
        event.unwrap().replace(&line, "ActionID: <id>\r\n")
    };
    let answered = of(&good, "ok1");
    let key = good.message("UserEvent: PhoneAlert");
    let hangup = |unique: &str| {
        let unique = format!("Uniqueid: {unique}\r\n");
        let mut messages = good.messages.iter();
        let event = messages.find(|it| it.contains("Event: Hangup\r") && it.contains(&unique));
        event.unwrap().as_str()
    };
    let (other_end, end) = (
        hangup("acdtest-1795453893.113"),
        hangup("acdtest-1795453893.112"),
    );
    let said = [&answered, key, other_end, end];
    assert_eq!(rung("inc-42", &said).await, Outcome::Acknowledged);
    let said = [&answered, other_end, key, end];
    assert_eq!(rung("inc-42", &said).await, Outcome::Acknowledged);
    // Somebody else's key is none of ours.
    let said = [&answered, key, other_end, end];
    assert_eq!(rung("inc-43", &said).await, Outcome::AnsweredNoKey);
    let said = [&*answered, end];
    assert_eq!(rung("inc-42", &said).await, Outcome::AnsweredNoKey);

    let events = Recording::open("20-originate-events").unwrap();
    for (id, outcome) in [
        // On this line, a Local channel, an engaged one did not ring either.
        ("busy1", Outcome::Failed(Why::NeverRang)),
        ("noans1", Outcome::NoAnswer),
        ("noext1", Outcome::Failed(Why::NeverRang)),
        ("notech1", Outcome::Failed(Why::NeverRang)),
    ] {
        let said = of(&events, id);
        assert_eq!(rung("inc-42", &[&said]).await, outcome, "{id}");
    }
}

/// The keys of the first message that holds this, in their order.
fn keys(messages: &[String], holding: &str) -> Vec<String> {
    let found = messages.iter().find(|it| it.contains(holding));
    let message = found.unwrap_or_else(|| panic!("nothing holds `{holding}`"));
    let keys = message.lines().filter_map(|line| line.split_once(':'));
    keys.map(|(key, _)| key.to_owned()).collect()
}

#[tokio::test]
async fn the_simulated_one_says_what_the_real_one_says() {
    let Some(surge) = Recording::open("12-surge-queuestatus") else {
        return;
    };
    let clock = Clock::real();
    let seat = Member::new("1001", "PJSIP/1001", clock.now());
    let other = Member::new("1002", "PJSIP/1002", clock.now());
    let queue = Queue::new("support").with(seat).with(other);
    let ami = Ami::start(vec![queue], clock).await.unwrap();
    let mut stream = TcpStream::connect(ami.address()).await.unwrap();
    let login = format!(
        "Action: Login\r\nActionID: 1\r\nUsername: {USER}\r\nSecret: {SECRET}\r\nEvents: on\r\n\r\n"
    );
    stream.write_all(login.as_bytes()).await.unwrap();
    let mut text = until(&mut stream, "Fully Booted").await;
    ami.at("support", |queue, now| {
        let mut happened = queue.join("139", now);
        happened.extend(queue.join("138", now));
        happened.extend(queue.pause("PJSIP/1002", Some("午休"), now));
        happened.extend(queue.answer("PJSIP/1001", now));
        happened.extend(queue.join("137", now));
        happened.extend(queue.abandon(0, now));
        happened
    });
    text += &until(&mut stream, "Event: QueueCallerAbandon").await;
    let asked = "Action: QueueSummary\r\nActionID: 2\r\n\r\nAction: QueueStatus\r\nActionID: 3\r\n\r\n\
        Action: Ping\r\nActionID: 4\r\n\r\n";
    stream.write_all(asked.as_bytes()).await.unwrap();
    text += &until(&mut stream, "Pong").await;
    let said: Vec<String> = text.split("\r\n\r\n").map(str::to_owned).collect();
    for event in [
        "QueueSummary\r",
        "QueueSummaryComplete",
        "QueueParams",
        "QueueMember\r",
        "QueueEntry",
        "QueueStatusComplete",
    ] {
        let holding = format!("Event: {event}");
        assert_eq!(keys(&said, &holding), keys(&surge.messages, &holding));
    }
    let live = Recording::open("10-live-events-agent-only").unwrap();
    for event in [
        "QueueCallerJoin",
        "QueueCallerLeave",
        "QueueCallerAbandon",
        "QueueMemberStatus",
        "QueueMemberPause",
    ] {
        let holding = format!("Event: {event}\r");
        assert_eq!(keys(&said, &holding), keys(&live.messages, &holding));
    }
    assert!(text.starts_with(&surge.banner), "{text}");
}

/// Reads on until this was said, and the message is whole.
async fn until(stream: &mut TcpStream, wanted: &str) -> String {
    let mut bytes = Vec::new();
    let reading = async {
        loop {
            let text = String::from_utf8_lossy(&bytes).into_owned();
            let whole = text.ends_with("\r\n\r\n");
            if whole && text.contains(wanted) {
                return text;
            }
            assert!(stream.read_buf(&mut bytes).await.unwrap() > 0, "{text}");
        }
    };
    let read = tokio::time::timeout(SOON, reading).await;
    read.unwrap_or_else(|_| panic!("`{wanted}` is not said"))
}
