//! Many seats, as seat programs behave: a hello, a word every 5 s, a receipt a card.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use callwatch::clock::Clock;
use callwatch::health::Health;
use callwatch::incidents::{Act, CardKey, ReceiptStage};
use callwatch::wire::{FromSeat, VERSION};
use futures_util::{SinkExt as _, StreamExt as _};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;

use crate::secure::{Stream, Way};

/// Longer than anything here takes, however busy the machine.
const PATIENCE: Duration = Duration::from_secs(120);
const ALIVE: Duration = Duration::from_secs(5);
const REPORT: Duration = Duration::from_secs(10);

/// What a seat was shown: its place, when, and whether a card in force was among it.
struct Shown {
    place: usize,
    at: Timestamp,
    open: bool,
    frame: String,
}

/// All of them connected.
pub(crate) struct Crowd {
    clock: Clock,
    shown_rx: mpsc::UnboundedReceiver<Shown>,
    outcomes_rx: mpsc::UnboundedReceiver<Timestamp>,
    first: mpsc::UnboundedSender<String>,
    size: usize,
    clients: JoinSet<()>,
    /// The last frame with a card in force.
    pub(crate) frame: String,
}

/// One seat, and how it says who it is.
#[derive(Clone)]
pub(crate) struct Member {
    pub(crate) seat: String,
    pub(crate) key: String,
}

impl Crowd {
    /// Connects all at once, and waits until each was sent what is in force; `reports`:
    /// each tells of its PC every 10 s.
    pub(crate) async fn connect(
        address: SocketAddr,
        way: &Way,
        members: &[Member],
        reports: bool,
    ) -> (Self, SignedDuration) {
        let clock = Clock::real();
        let (shown_tx, shown_rx) = mpsc::unbounded_channel();
        let (outcomes_tx, outcomes_rx) = mpsc::unbounded_channel();
        let (first, first_rx) = mpsc::unbounded_channel();
        let mut say_rx = Some(first_rx);
        let mut clients = JoinSet::new();
        let begin = clock.now();
        for (place, member) in members.iter().enumerate() {
            let client = Client {
                place,
                apart: Duration::from_millis(place as u64 % 5000),
                clock: clock.clone(),
                way: way.clone(),
                shown_tx: shown_tx.clone(),
                outcomes_tx: outcomes_tx.clone(),
                reports,
            };
            let say_rx = say_rx.take();
            clients.spawn(client.work(address, member.clone(), say_rx));
        }
        let mut crowd = Self {
            clock,
            shown_rx,
            outcomes_rx,
            first,
            size: members.len(),
            clients,
            frame: String::new(),
        };
        let all = crowd.all_shown(begin, false).await;
        let last = all.into_iter().max().unwrap_or_default();
        (crowd, last)
    }

    /// Has the first of them say something, and tells after which time each was shown what
    /// came of it.
    pub(crate) async fn say(&mut self, frame: String, open: bool) -> Vec<SignedDuration> {
        while self.shown_rx.try_recv().is_ok() {}
        let begin = self.clock.now();
        self.first.send(frame).expect("the first lives");
        self.all_shown(begin, open).await
    }

    pub(crate) async fn act(&mut self, act: Act, open: bool) -> Vec<SignedDuration> {
        self.say(command(act), open).await
    }

    /// How long the first waits for the outcome of an act that is refused.
    pub(crate) async fn lag(&mut self, act: Act) -> SignedDuration {
        let begin = self.clock.now();
        self.first.send(command(act)).expect("the first lives");
        let at = tokio::time::timeout(PATIENCE, self.outcomes_rx.recv()).await;
        let at = at.expect("it is answered").expect("the first lives");
        at.duration_since(begin)
    }

    async fn all_shown(&mut self, begin: Timestamp, open: bool) -> Vec<SignedDuration> {
        let mut took = vec![None; self.size];
        let mut left = self.size;
        while left > 0 {
            let shown = tokio::select! {
                shown = tokio::time::timeout(PATIENCE, self.shown_rx.recv()) => {
                    let shown = shown.unwrap_or_else(|_| panic!("{left} seats were shown nothing"));
                    shown.expect("the seats live")
                }
                ended = self.clients.join_next() => panic!("a seat ended: {ended:?}"),
            };
            if shown.open != open {
                continue;
            }
            if open {
                self.frame = shown.frame;
            }
            if took[shown.place].is_none() {
                took[shown.place] = Some(shown.at.duration_since(begin));
                left -= 1;
            }
        }
        took.into_iter().flatten().collect()
    }
}

fn command(act: Act) -> String {
    let id = format!("bench-{}", Clock::real().now().as_nanosecond());
    text(&FromSeat::Command { id, act })
}

fn text(frame: &FromSeat) -> String {
    serde_json::to_string(frame).expect("a frame has no map")
}

struct Client {
    place: usize,
    apart: Duration,
    clock: Clock,
    way: Way,
    shown_tx: mpsc::UnboundedSender<Shown>,
    outcomes_tx: mpsc::UnboundedSender<Timestamp>,
    reports: bool,
}

/// As much of a card as a receipt needs.
#[derive(Deserialize)]
struct Card {
    #[serde(flatten)]
    key: CardKey,
    revision: u32,
}

#[derive(Deserialize)]
struct Cards {
    cards: Vec<Arc<Card>>,
}

impl Client {
    async fn work(
        self,
        address: SocketAddr,
        member: Member,
        mut say_rx: Option<mpsc::UnboundedReceiver<String>>,
    ) {
        let stream = self.way.connect(address).await;
        let small = WebSocketConfig::default()
            .read_buffer_size(2048)
            .write_buffer_size(0);
        let url = format!("ws://{address}/ws");
        let upgraded = tokio_tungstenite::client_async_with_config(url, stream, Some(small)).await;
        let (mut socket, _) = upgraded.expect("it upgrades");
        let hello = FromSeat::Hello {
            version: VERSION,
            seat: member.seat,
            key: member.key,
            language: None,
            machine: None,
        };
        say(&mut socket, text(&hello)).await;
        let start = tokio::time::Instant::from_std(crate::instant()) + self.apart;
        let mut alive = tokio::time::interval_at(start + ALIVE, ALIVE);
        let mut report = tokio::time::interval_at(start + REPORT, REPORT);
        let mut busy = 0;
        loop {
            tokio::select! {
                _ = alive.tick() => say(&mut socket, text(&FromSeat::Alive)).await,
                _ = report.tick(), if self.reports => {
                    busy = (busy + 7) % 100;
                    let health = Health { cpu_percent: Some(busy.into()), ..Health::default() };
                    say(&mut socket, text(&FromSeat::Health { health: Arc::new(health) })).await;
                }
                Some(frame) = heard(&mut say_rx) => say(&mut socket, frame).await,
                message = socket.next() => {
                    let text = match message {
                        Some(Ok(Message::Text(text))) => text,
                        Some(Ok(_)) => continue,
                        ended => panic!("seat {} lost its connection: {ended:?}", self.place),
                    };
                    self.take(&mut socket, &text).await;
                }
            }
        }
    }

    async fn take(&self, socket: &mut WebSocketStream<Stream>, frame: &str) {
        let at = self.clock.now();
        if frame.contains("\"frame\":\"outcome\"") {
            self.outcomes_tx.send(at).unwrap_or_default();
        }
        if !frame.contains("\"frame\":\"cards\"") {
            return;
        }
        let open = frame.contains("\"phase\":\"open\"");
        let shown = Shown {
            place: self.place,
            at,
            open,
            frame: frame.to_owned(),
        };
        drop(self.shown_tx.send(shown));
        let cards: Cards = serde_json::from_str(frame).expect("the daemon speaks our language");
        for card in cards.cards {
            let receipt = FromSeat::Receipt {
                card: card.key.clone(),
                revision: card.revision,
                stage: ReceiptStage::Shown,
            };
            say(socket, text(&receipt)).await;
        }
    }
}

async fn heard(say_rx: &mut Option<mpsc::UnboundedReceiver<String>>) -> Option<String> {
    match say_rx {
        Some(say_rx) => say_rx.recv().await,
        None => std::future::pending().await,
    }
}

async fn say(socket: &mut WebSocketStream<Stream>, text: String) {
    let sent = socket.send(Message::text(text)).await;
    sent.expect("it listens");
}
