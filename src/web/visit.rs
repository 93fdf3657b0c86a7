//! Visits: real clients at a real listener, with control in the hands of the test.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use jiff::Timestamp;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::health::{Answer, Health, Machine, State, Watch};
use crate::inbox::{Envelope, Inbox};
use crate::incidents::{
    Act, AloneReport, Card, CardKey, Centre, IncidentId, Input, Leave, Phase, Presence,
    ReceiptStage, Refused, Screen, SealedKit, Timing, View, WindowRefused,
};
use crate::plan::Severity;
use crate::signals::Level;
use crate::site::{Role, Seat, Site};
use crate::text::{Language, Text};
use crate::ups::OwnPower;
use crate::web::hall::{Hall, Limits};
use crate::web::ingest::Ingest;
use crate::web::keys::Keys;
use crate::wire::{FromSeat, ToSeat, VERSION};

/// Nothing here takes longer, or it has failed.
const SOON: Duration = Duration::from_secs(10);

/// A listener over two seats, `C-01` in Chinese and `C-02` in English.
struct House {
    address: SocketAddr,
    keys: Keys,
    screens_tx: BTreeMap<String, watch::Sender<Screen>>,
    envelopes_rx: mpsc::Receiver<Envelope>,
    _view_tx: watch::Sender<Arc<View>>,
    _listener: JoinSet<()>,
}

/// The shipped plan, and nothing of the site but its seats.
fn centre(seats: &[(&str, Language)]) -> Centre {
    let text = crate::plan::pack("call-center").unwrap();
    let mut site = Site::default();
    let mut staff = Role::default();
    for (id, language) in seats {
        let seat = Seat {
            zone: String::new(),
            fed_by: String::new(),
            via: Vec::new(),
            members: std::collections::BTreeSet::new(),
            laptop: false,
            spare: false,
            public: false,
            required_runtime: None,
            accepted: None,
            language: Some(*language),
        };
        site.seats.insert((*id).to_owned(), seat);
        staff.seats.push((*id).to_owned());
    }
    site.roles.insert("staff".to_owned(), staff);
    Centre {
        site,
        plan: crate::plan::parse("call-center", text).unwrap(),
        timing: Timing::default(),
    }
}

/// On the desk of `C-01` is a telephone.
fn watch() -> BTreeMap<String, Arc<Watch>> {
    let watch = Watch {
        phone: Some("sip:192.0.2.21".to_owned()),
        ..Watch::default()
    };
    [("C-01".to_owned(), Arc::new(watch))].into()
}

impl House {
    async fn open(limits: Limits) -> Self {
        let clock = Clock::real();
        let (inbox, envelopes_rx) = Inbox::new(clock.work().clone());
        let seats = [("C-01", Language::Zh), ("C-02", Language::En)];
        let mut screens_tx = BTreeMap::new();
        let mut screens_rx = BTreeMap::new();
        for (seat, _) in seats {
            let (tx, rx) = watch::channel(Screen::default());
            screens_tx.insert(seat.to_owned(), tx);
            screens_rx.insert(seat.to_owned(), rx);
        }
        let (view_tx, view) = watch::channel(Arc::new(View {
            now: Timestamp::UNIX_EPOCH,
            site: Text::new("客服中心", "Centre"),
            language: Language::Zh,
            time_zone: "Asia/Shanghai".to_owned(),
            incidents: Vec::new(),
            signals: Vec::new(),
            readiness: Vec::new(),
            seats: BTreeMap::new(),
            windows: Vec::new(),
            duty: Vec::new(),
            working: true,
            sheets: Vec::new(),
            digest: None,
            not_recorded: None,
        }));
        let keys = Keys::new([7; 32]);
        let hall = Hall {
            screens: Arc::new(screens_rx),
            view,
            inbox,
            clock,
            keys: Arc::new(keys.clone()),
            centre: Arc::new(centre(&seats)),
            ingest: Arc::new(Ingest::new([], &BTreeMap::new()).unwrap().0),
            watch: Arc::new(watch()),
            limits,
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            crate::web::serve(listener, None, hall, CancellationToken::new())
                .await
                .unwrap();
        });
        Self {
            address,
            keys,
            screens_tx,
            envelopes_rx,
            _view_tx: view_tx,
            _listener: tasks,
        }
    }

    async fn connect(&self, origin: Option<&str>) -> Result<Client, Error> {
        let mut request = format!("ws://{}/ws", self.address).into_client_request()?;
        if let Some(origin) = origin {
            request
                .headers_mut()
                .insert("origin", origin.parse().unwrap());
        }
        let (socket, _) = tokio_tungstenite::connect_async(request).await?;
        Ok(Client { socket })
    }

    async fn client(&self) -> Client {
        self.connect(None).await.unwrap()
    }

    fn hello(&self, seat: &str) -> FromSeat {
        FromSeat::Hello {
            version: VERSION,
            seat: seat.to_owned(),
            key: self.keys.of(seat),
            language: None,
            machine: None,
        }
    }

    /// A client that has said hello and got its cards, and is known to be alive.
    async fn seated(&mut self, seat: &str) -> Client {
        let mut client = self.client().await;
        client.say(&self.hello(seat)).await;
        assert_eq!(self.presence().await, (seat.to_owned(), Presence::Alive));
        assert!(matches!(client.hear().await, ToSeat::Cards { .. }));
        client
    }

    /// What control gets next.
    async fn input(&mut self) -> Envelope {
        let input = timeout(SOON, self.envelopes_rx.recv());
        input.await.expect("something comes").expect("it listens")
    }

    async fn presence(&mut self) -> (String, Presence) {
        match self.input().await.input {
            Input::Seat { seat, presence } => (seat, presence),
            other => panic!("it is no presence: {other:?}"),
        }
    }

    fn show(&self, seat: &str, cards: Vec<Card>) {
        let cards: Arc<[Arc<Card>]> = cards.into_iter().map(Arc::new).collect();
        let screen = Screen {
            kits: crate::incidents::Kits::default(),
            revision: u64::from(cards.iter().map(|card| card.revision).max().unwrap_or(0)),
            zh: Arc::clone(&cards),
            en: cards,
        };
        self.screens_tx[seat].send_replace(screen);
    }

    /// The whole answer to a post of JSON.
    async fn post(address: SocketAddr, path: &str, json: &str) -> String {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let request = format!(
            "POST {path} HTTP/1.1\r\nHost: callwatch\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{json}",
            json.len()
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        let reading = stream.read_to_string(&mut answer);
        timeout(SOON, reading).await.unwrap().unwrap();
        answer
    }

    /// The whole answer to a plain request.
    async fn get(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let request =
            format!("GET {path} HTTP/1.1\r\nHost: callwatch\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        let reading = stream.read_to_string(&mut answer);
        timeout(SOON, reading).await.unwrap().unwrap();
        answer
    }
}

struct Client {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

impl Client {
    async fn say(&mut self, frame: &FromSeat) {
        self.write(&serde_json::to_string(frame).unwrap()).await;
    }

    async fn write(&mut self, text: &str) {
        self.socket.send(Message::text(text)).await.unwrap();
    }

    /// The next frame, or `None` where the connection is over.
    async fn hear_any(&mut self) -> Option<ToSeat> {
        loop {
            match timeout(SOON, self.socket.next()).await.unwrap() {
                Some(Ok(Message::Text(text))) => return Some(serde_json::from_str(&text).unwrap()),
                Some(Ok(Message::Close(_)) | Err(_)) | None => return None,
                Some(Ok(_)) => {}
            }
        }
    }

    async fn hear(&mut self) -> ToSeat {
        self.hear_any().await.expect("it goes on")
    }

    /// Why the connection was refused; it is over then.
    async fn refusal(&mut self) -> String {
        let ToSeat::Refused { why } = self.hear().await else {
            panic!("it was not refused")
        };
        assert_eq!(self.hear_any().await, None);
        why
    }
}

fn card(revision: u32) -> Card {
    Card {
        key: CardKey {
            incident: IncidentId(9),
            role: "staff".to_owned(),
        },
        revision,
        phase: Phase::Open,
        severity: Severity::Critical,
        title: "停电".to_owned(),
        lines: Vec::new(),
        buttons: Vec::new(),
        more: Vec::new(),
        clocks: Vec::new(),
        since: Timestamp::UNIX_EPOCH,
        acknowledged: false,
        quiet: false,
        procedure: String::new(),
    }
}

fn receipt(revision: u32, stage: ReceiptStage) -> FromSeat {
    FromSeat::Receipt {
        card: card(revision).key,
        revision,
        stage,
    }
}

fn command(id: &str) -> FromSeat {
    FromSeat::Command {
        id: id.to_owned(),
        act: Act::Acknowledge {
            incident: IncidentId(9),
        },
    }
}

#[tokio::test]
async fn a_wrong_key_and_an_unknown_seat_get_the_same_answer() {
    let house = House::open(Limits::default()).await;
    let mut answers = Vec::new();
    for seat in ["C-02", "C-99"] {
        let mut client = house.client().await;
        let hello = FromSeat::Hello {
            version: VERSION,
            seat: seat.to_owned(),
            key: "0".repeat(32),
            language: Some(Language::En),
            machine: None,
        };
        client.say(&hello).await;
        answers.push(client.refusal().await.replace(seat, "SEAT"));
    }
    assert_eq!(answers[0], answers[1]);
    assert!(answers[0].contains("callwatch key SEAT"), "{answers:?}");
}

#[tokio::test]
async fn whoever_does_not_say_a_good_hello_is_told_why_in_his_language() {
    let limits = Limits {
        hello_within: Duration::from_millis(50),
        ..Limits::default()
    };
    let house = House::open(limits).await;
    let mut silent = house.client().await;
    assert!(silent.refusal().await.contains("say hello first"));
    for (first, wanted) in [
        (r#"{"frame":"alive"}"#, "say hello first"),
        ("hello?", "the first frame must be a hello"),
        (
            r#"{"frame":"hello","version":99,"seat":"C-01","key":""}"#,
            "请刷新网页",
        ),
        (
            r#"{"frame":"hello","version":99,"seat":"C-01","key":"","language":"en"}"#,
            "reload the page",
        ),
    ] {
        let mut client = house.client().await;
        client.write(first).await;
        let why = client.refusal().await;
        assert!(why.contains(wanted), "{first}: {why}");
    }
}

#[tokio::test]
async fn cards_come_when_they_change_and_all_of_them_after_a_new_connection() {
    let mut house = House::open(Limits::default()).await;
    let mut client = house.seated("C-01").await;
    house.show("C-01", vec![card(1)]);
    house.show("C-02", vec![card(2)]);
    let revisions = |frame| match frame {
        ToSeat::Cards { cards, .. } => cards.iter().map(|card| card.revision).collect::<Vec<_>>(),
        other => panic!("these are no cards: {other:?}"),
    };
    assert_eq!(revisions(client.hear().await), [1]);
    let mut again = house.client().await;
    again.say(&house.hello("C-01")).await;
    assert_eq!(revisions(again.hear().await), [1]);
    house.show("C-01", Vec::new());
    assert_eq!(revisions(client.hear().await), [0; 0]);
    assert_eq!(revisions(again.hear().await), [0; 0]);
}

fn kits(digest: &str) -> crate::incidents::Kits {
    let kit = SealedKit {
        digest: digest.into(),
        ..SealedKit::default()
    };
    crate::incidents::Kits {
        zh: kit.clone(),
        en: kit,
    }
}

#[tokio::test]
async fn what_a_seat_needs_when_it_is_alone_is_sent_to_who_asks_and_when_it_changes() {
    let house = House::open(Limits::default()).await;
    let packed = |digest: &str| {
        house.screens_tx["C-01"].send_modify(|screen| screen.kits = kits(digest));
    };
    packed("one");
    let mut page = house.client().await;
    page.say(&house.hello("C-01")).await;
    assert!(matches!(page.hear().await, ToSeat::Cards { .. }));
    let mut program = house.client().await;
    program.say(&house.hello("C-01")).await;
    assert!(matches!(program.hear().await, ToSeat::Cards { .. }));
    let digest = String::new();
    program.say(&FromSeat::Kit { digest }).await;
    let digest = |frame| match frame {
        ToSeat::Kit(kit) => kit.digest.to_string(),
        other => panic!("it is no kit: {other:?}"),
    };
    assert_eq!(digest(program.hear().await), "one");
    // What it has it is not sent again; another one it is.
    house.screens_tx["C-01"].send_modify(|screen| screen.revision += 1);
    assert!(matches!(program.hear().await, ToSeat::Cards { .. }));
    house.screens_tx["C-01"].send_modify(|screen| screen.kits = kits("two"));
    assert!(matches!(program.hear().await, ToSeat::Cards { .. }));
    assert_eq!(digest(program.hear().await), "two");
    let mut again = house.client().await;
    again.say(&house.hello("C-01")).await;
    assert!(matches!(again.hear().await, ToSeat::Cards { .. }));
    let digest = "two".to_owned();
    again.say(&FromSeat::Kit { digest }).await;
    again.say(&FromSeat::Alive).await;
    assert!(matches!(again.hear().await, ToSeat::Alive { .. }));
    // The page asked for nothing, and is sent nothing but its cards.
    page.say(&FromSeat::Alive).await;
    loop {
        match page.hear().await {
            ToSeat::Cards { .. } => {}
            ToSeat::Alive { .. } => break,
            other => panic!("it did not ask for this: {other:?}"),
        }
    }
    drop(house.envelopes_rx);
}

#[tokio::test]
async fn what_was_done_without_a_daemon_gets_the_outcome_of_its_report() {
    let mut house = House::open(Limits::default()).await;
    let mut client = house.seated("C-01").await;
    let report = AloneReport {
        id: "r".to_owned(),
        procedure: "power-loss".to_owned(),
        lost: 60,
        onset: 50,
        until: 0,
        acts: Vec::new(),
    };
    let said = FromSeat::Alone {
        report: report.clone(),
    };
    client.say(&said).await;
    let envelope = house.input().await;
    let seat = "C-01".to_owned();
    assert_eq!(envelope.input, Input::Alone { seat, report });
    envelope.reply.unwrap().send(Ok(())).unwrap();
    let done = ToSeat::Outcome {
        id: "r".to_owned(),
        refused: None,
    };
    assert_eq!(client.hear().await, done);
}

#[tokio::test]
async fn a_receipt_is_called_recorded_once_it_is_and_others_need_not_wait_for_it() {
    let mut house = House::open(Limits::default()).await;
    let mut client = house.seated("C-01").await;
    client.say(&receipt(1, ReceiptStage::Shown)).await;
    let envelope = house.input().await;
    let Input::Receipt(taken) = envelope.input else {
        panic!("it is no receipt")
    };
    assert_eq!(taken.seats, ["C-01".to_owned()].into());
    // While the log is busy, a press goes through.
    client.say(&command("one")).await;
    let press = house.input().await;
    press.reply.unwrap().send(Ok(())).unwrap();
    let done = ToSeat::Outcome {
        id: "one".to_owned(),
        refused: None,
    };
    assert_eq!(client.hear().await, done);
    envelope.reply.unwrap().send(Ok(())).unwrap();
    let recorded = ToSeat::Recorded {
        card: card(1).key,
        revision: 1,
        stage: ReceiptStage::Shown,
    };
    assert_eq!(client.hear().await, recorded);
}

#[tokio::test]
async fn a_refused_press_is_told_in_the_readers_language_and_one_without_outcome_is_not_answered() {
    let mut house = House::open(Limits::default()).await;
    for (seat, words) in [("C-01", "这件事已经解除"), ("C-02", "this is over already")] {
        let mut client = house.seated(seat).await;
        client.say(&command("one")).await;
        let press = house.input().await.reply.unwrap();
        press.send(Err(Refused::NoSuchIncident(9))).unwrap();
        let outcome = client.hear().await;
        assert!(
            matches!(&outcome, ToSeat::Outcome { refused: Some(why), .. } if why == words),
            "{outcome:?}"
        );
        client.say(&command("two")).await;
        // Control ends before it has an outcome; the client says it again to the next one.
        drop(house.input().await.reply);
        client.say(&FromSeat::Alive).await;
        assert_eq!(house.presence().await.1, Presence::Alive);
        assert!(matches!(client.hear().await, ToSeat::Alive { .. }));
        client.say(&FromSeat::Goodbye { why: None }).await;
        assert_eq!(house.presence().await.1, Presence::Goodbye);
    }
}

#[tokio::test]
async fn a_card_that_is_not_shown_in_time_is_reported_as_such_once() {
    let limits = Limits {
        shown_within: Duration::from_millis(20),
        ..Limits::default()
    };
    let mut house = House::open(limits).await;
    let _client = house.seated("C-01").await;
    house.show("C-01", vec![card(4)]);
    let Input::Receipt(taken) = house.input().await.input else {
        panic!("it is no receipt")
    };
    assert_eq!((taken.revision, taken.stage), (4, ReceiptStage::NotShown));
}

#[tokio::test]
async fn a_seat_is_gone_with_its_last_client_and_how_it_went_is_told() {
    let mut house = House::open(Limits::default()).await;
    let mut page = house.seated("C-01").await;
    let mut program = house.seated("C-01").await;
    page.say(&FromSeat::Goodbye { why: None }).await;
    assert_eq!(page.hear_any().await, None);
    program.say(&FromSeat::Alive).await;
    assert_eq!(house.presence().await.1, Presence::Alive);
    program.say(&FromSeat::Goodbye { why: None }).await;
    assert_eq!(
        house.presence().await,
        ("C-01".to_owned(), Presence::Goodbye)
    );
    let program = house.seated("C-01").await;
    drop(program);
    assert_eq!(
        house.presence().await,
        ("C-01".to_owned(), Presence::Silent)
    );
}

#[tokio::test]
async fn a_client_that_falls_silent_is_gone() {
    let limits = Limits {
        silent_after: Duration::from_millis(50),
        ..Limits::default()
    };
    let mut house = House::open(limits).await;
    let _client = house.seated("C-01").await;
    assert_eq!(house.presence().await.1, Presence::Silent);
}

#[tokio::test]
async fn a_page_of_another_host_and_one_connection_too_many_are_turned_away() {
    let limits = Limits {
        connections: 1,
        ..Limits::default()
    };
    let house = House::open(limits).await;
    let status = |refused: Result<Client, Error>| match refused {
        Err(Error::Http(answer)) => answer.status().as_u16(),
        Err(error) => panic!("another error: {error}"),
        Ok(_) => 101,
    };
    let foreign = house.connect(Some("http://elsewhere.example")).await;
    assert_eq!(status(foreign), 403);
    let own = format!("http://{}", house.address);
    let first = house.connect(Some(&own)).await.unwrap();
    assert_eq!(status(house.connect(Some(&own)).await), 503);
    drop(first);
}

#[tokio::test]
async fn garbage_gets_an_answer_and_too_much_of_it_ends_that_connection_alone() {
    let mut house = House::open(Limits::default()).await;
    let mut good = house.seated("C-02").await;
    let mut bad = house.seated("C-01").await;
    for garbage in ["{", r#"{"frame":"dance"}"#, r#"{"frame":"command","id":7}"#] {
        bad.write(garbage).await;
        let answer = bad.hear().await;
        assert!(
            matches!(&answer, ToSeat::Outcome { refused: Some(why), .. } if why.contains("cannot be read")),
            "{answer:?}"
        );
    }
    bad.write(&"x".repeat(20_000)).await;
    assert_eq!(bad.hear_any().await, None);
    assert_eq!(
        house.presence().await,
        ("C-01".to_owned(), Presence::Silent)
    );
    good.say(&FromSeat::Alive).await;
    assert!(matches!(good.hear().await, ToSeat::Alive { .. }));
}

#[tokio::test]
async fn what_a_pc_tells_is_kept_and_garbage_is_refused_with_the_name_of_the_seat() {
    let mut house = House::open(Limits::default()).await;
    let mut client = house.seated("C-01").await;
    let long = "x".repeat(200);
    for (garbage, wanted) in [
        (r#"{"cpu_percent":700}"#, "`cpu_percent` is 700"),
        (r#"{"cpu_percent":1e999}"#, "cannot be read"),
        (r#"{"cpu_percent":"NaN"}"#, "cannot be read"),
        (
            &format!(r#"{{"headset":{{"name":"{long}"}}}}"#),
            "200 characters",
        ),
    ] {
        let frame = format!(r#"{{"frame":"health","health":{garbage}}}"#);
        client.write(&frame).await;
        let answer = client.hear().await;
        assert!(
            matches!(&answer, ToSeat::Outcome { refused: Some(why), .. }
                if why.starts_with("seat C-01: ") && why.contains(wanted)),
            "{answer:?}"
        );
    }
    assert!(house.get("/api/health").await.ends_with("\r\n{}"));
    let good = r#"{"frame":"health","health":{"cpu_percent":7.5,"smell":"smoke"}}"#;
    client.write(good).await;
    client.say(&FromSeat::Alive).await;
    assert!(matches!(client.hear().await, ToSeat::Alive { .. }));
    let told = house.get("/api/health").await;
    assert!(told.contains(r#"{"C-01":{"page":{"at":""#), "{told}");
    assert!(told.contains(r#""health":{"cpu_percent":7.5}"#), "{told}");
    // Too much of what is good is refused too, and the seat stays connected.
    for _ in 0..20 {
        client.write(good).await;
    }
    client.say(&FromSeat::Alive).await;
    let mut refused = 0;
    loop {
        match client.hear().await {
            ToSeat::Outcome {
                refused: Some(why), ..
            } if why.contains("more often") => refused += 1,
            ToSeat::Alive { .. } => break,
            other => panic!("it is no answer to this: {other:?}"),
        }
    }
    assert!((14..20).contains(&refused), "{refused}");
}

fn pc(host: &str) -> Machine {
    Machine {
        host: Some(host.to_owned()),
        id: Some("the disk was cloned".to_owned()),
        board: None,
        adapters: [format!("adapter of {host}")].into(),
    }
}

#[tokio::test]
async fn a_program_is_told_what_to_look_at_and_what_it_sees_turns_signals_once() {
    let mut house = House::open(Limits::default()).await;
    let mut program = house.client().await;
    let mut hello = house.hello("C-01");
    if let FromSeat::Hello { machine, .. } = &mut hello {
        *machine = Some(pc("pc-17"));
    }
    program.say(&hello).await;
    assert_eq!(house.presence().await.1, Presence::Alive);
    let ToSeat::Watch(watch) = program.hear().await else {
        panic!("it is told what to look at first")
    };
    assert_eq!(watch.phone.as_deref(), Some("sip:192.0.2.21"));
    let health = |state| {
        let phone = Answer {
            state,
            latency_ms: None,
            why: None,
            for_seconds: 0,
        };
        let phone = Some(phone);
        FromSeat::Health {
            health: Arc::new(Health {
                phone,
                ..Health::default()
            }),
        }
    };
    let mut levels = Vec::new();
    for state in [State::Ok, State::Ok, State::Failing] {
        program.say(&health(state)).await;
    }
    program.say(&FromSeat::Alive).await;
    loop {
        match house.input().await.input {
            Input::Sights(sights) => levels.extend(
                sights
                    .into_iter()
                    .map(|it| (it.signal.to_string(), it.level)),
            ),
            Input::Seat { .. } => break,
            other => panic!("nobody said this: {other:?}"),
        }
    }
    let told = |level| ("seat.phone/C-01".to_owned(), level);
    assert_eq!(levels, [told(Level::Normal), told(Level::Critical)]);
    // A page looks at nothing, whatever it says.
    let mut page = house.seated("C-02").await;
    page.say(&health(State::Failing)).await;
    page.say(&FromSeat::Alive).await;
    assert!(matches!(house.input().await.input, Input::Seat { .. }));
}

#[tokio::test]
async fn two_pcs_with_one_key_are_named_and_both_get_cards_but_one_is_believed() {
    let mut house = House::open(Limits::default()).await;
    let seated = async |house: &mut House, host: &str| {
        let mut client = house.client().await;
        let mut hello = house.hello("C-01");
        if let FromSeat::Hello { machine, .. } = &mut hello {
            *machine = Some(pc(host));
        }
        client.say(&hello).await;
        assert_eq!(house.presence().await.1, Presence::Alive);
        assert!(matches!(client.hear().await, ToSeat::Watch(_)));
        assert!(matches!(client.hear().await, ToSeat::Cards { .. }));
        client
    };
    let mut first = seated(&mut house, "pc-17").await;
    assert!(!house.get("/api/view").await.contains("doubles"));
    let mut clone = seated(&mut house, "pc-18").await;
    let view = house.get("/api/view").await;
    assert!(
        view.contains("two PCs use the key of seat C-01: 127.0.0.1 (pc-17) and 127.0.0.1 (pc-18)"),
        "{view}"
    );
    assert!(view.contains("两台电脑在用坐席 C-01 的钥匙"), "{view}");
    house.show("C-01", vec![card(1)]);
    for client in [&mut first, &mut clone] {
        assert!(matches!(client.hear().await, ToSeat::Cards { .. }));
    }
    let busy = |percent: f64| FromSeat::Health {
        health: Arc::new(Health {
            cpu_percent: Some(percent),
            ..Health::default()
        }),
    };
    let power = FromSeat::Power {
        power: OwnPower::default(),
    };
    first.say(&busy(11.0)).await;
    first.say(&FromSeat::Alive).await;
    assert_eq!(house.presence().await.1, Presence::Alive);
    clone.say(&busy(99.0)).await;
    clone.say(&power).await;
    let why = Some(Leave::Shutdown);
    clone.say(&FromSeat::Goodbye { why }).await;
    assert!(clone.hear_any().await.is_none());
    let told = house.get("/api/health").await;
    assert!(told.contains("11.0") && !told.contains("99.0"), "{told}");
    // Nothing came of the clone's supply, nor of its leave: the seat is still there.
    first.say(&power).await;
    assert!(matches!(house.input().await.input, Input::OwnPower { .. }));
    drop(first);
    assert_eq!(house.presence().await.1, Presence::Silent);
}

#[tokio::test]
async fn pages_come_from_here_alone_and_in_the_language_of_their_seat() {
    let house = House::open(Limits::default()).await;
    for (path, kind) in [
        ("/", "text/html"),
        ("/seat/C-01", "text/html"),
        ("/page.css", "text/css"),
        ("/seat.js", "text/javascript"),
        ("/centre.js", "text/javascript"),
    ] {
        let answer = house.get(path).await.to_lowercase();
        assert!(answer.starts_with("http/1.1 200"), "{path}: {answer}");
        assert!(
            answer.contains(&format!("content-type: {kind}; charset=utf-8")),
            "{path}"
        );
        assert!(answer.contains("x-content-type-options: nosniff"), "{path}");
        assert!(
            answer.contains("content-security-policy: default-src 'none'"),
            "{path}"
        );
        let (_, body) = answer.split_once("\r\n\r\n").unwrap();
        let asks = ["src=\"http", "href=\"http", "url(http", "import "];
        assert!(
            !asks.iter().any(|ask| body.contains(ask)),
            "{path} asks another host"
        );
    }
    assert!(
        house
            .get("/seat/C-01")
            .await
            .contains(r#"<html lang="zh-CN">"#)
    );
    assert!(
        house
            .get("/seat/C-02")
            .await
            .contains(r#"<html lang="en">"#)
    );
    assert!(house.get("/healthz").await.ends_with("ok\n"));
    assert!(
        house
            .get("/api/view")
            .await
            .contains(r#""time_zone":"Asia/Shanghai""#)
    );
    assert!(house.get("/etc/passwd").await.starts_with("HTTP/1.1 404"));
}

#[tokio::test]
async fn a_window_is_ordered_with_the_seats_own_key_and_refused_in_both_languages() {
    let mut house = House::open(Limits::default()).await;
    let order = r#"{"do":"set","of":["seat:C-02"],"owner":"IT","end":"2026-11-25T14:00+08:00"}"#;
    let asked =
        |key: &str| format!(r#"{{"seat":"C-01","key":"{key}","id":"one","order":{order}}}"#);
    let wrong = House::post(
        house.address,
        "/api/windows",
        &asked(&house.keys.of("C-02")),
    )
    .await;
    assert!(wrong.starts_with("HTTP/1.1 403"), "{wrong}");
    for (outcome, status, words) in [
        (Ok(()), "200", r#"{"refused":null}"#),
        (
            Err(Refused::Window(WindowRefused::NoEnd)),
            "409",
            "没有结束时间",
        ),
    ] {
        let body = asked(&house.keys.of("C-01"));
        let posting = House::post(house.address, "/api/windows", &body);
        let taking = async {
            let press = house.input().await;
            let Input::Command(command) = press.input else {
                panic!("it is no command")
            };
            assert_eq!(
                (command.id.as_str(), command.seat.as_str()),
                ("one", "C-01")
            );
            assert!(matches!(command.act, Act::Window { .. }));
            press.reply.unwrap().send(outcome).unwrap();
        };
        let (answer, ()) = tokio::join!(posting, taking);
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status}")),
            "{answer}"
        );
        assert!(answer.contains(words), "{answer}");
    }
}
