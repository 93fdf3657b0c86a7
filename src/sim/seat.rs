//! A simulated person at a seat: a real client of the seat endpoint, who reads, presses and ticks in plan time.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use jiff::{SignedDuration, Timestamp};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

use crate::clock::{Busy, Clock};
use crate::incidents::{Act, Card, CardKey, Phase, ReceiptStage};
use crate::signals::later;
use crate::wire::{FromSeat, ToSeat, VERSION};

/// A client says that it is alive so often, in real time.
const ALIVE: Duration = Duration::from_secs(5);
/// It tries again so long after a connection broke, in real time.
const AGAIN: Duration = Duration::from_millis(100);

/// What a person does with a button, and how long after it first appeared; `None` leaves it alone.
pub type Habit = fn(&Act) -> Option<SignedDuration>;

/// A person at a switched-on PC; dropping it is a power cut.
#[derive(Debug)]
pub struct Seat {
    _client: JoinSet<()>,
}

/// Whom a client says it is.
#[derive(Clone, Debug)]
pub struct Badge {
    pub daemon: SocketAddr,
    pub seat: String,
    pub key: String,
}

impl Seat {
    /// Connects, and again whenever the connection breaks. Whatever the habit
    /// says, this person takes `longer`.
    pub fn start(badge: Badge, habit: Habit, longer: SignedDuration, clock: Clock) -> Self {
        let mut client = JoinSet::new();
        client.spawn(async move {
            let mut person = Person {
                badge,
                habit,
                longer,
                connecting: Some(clock.work().begin()),
                clock,
                reported: BTreeSet::new(),
                plans: Vec::new(),
                planned: BTreeSet::new(),
                commands: 0,
                asked: BTreeMap::new(),
            };
            loop {
                person.work().await;
                person.connecting = Some(person.clock.work().begin());
                tokio::time::sleep(AGAIN).await;
            }
        });
        Self { _client: client }
    }
}

struct Person {
    badge: Badge,
    habit: Habit,
    longer: SignedDuration,
    clock: Clock,
    /// Until the first cards are here.
    connecting: Option<Busy>,
    reported: BTreeSet<(CardKey, u32)>,
    /// What will be pressed, and when.
    plans: Vec<(Timestamp, Act)>,
    /// What was planned already, so that each is pressed once.
    planned: BTreeSet<String>,
    commands: u32,
    /// Commands without an outcome yet.
    asked: BTreeMap<String, (Act, Busy)>,
}

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

impl Person {
    /// Works until the connection breaks.
    async fn work(&mut self) {
        let address = format!("ws://{}/ws", self.badge.daemon);
        let Ok((mut socket, _)) = tokio_tungstenite::connect_async(address).await else {
            return;
        };
        let hello = FromSeat::Hello {
            version: VERSION,
            seat: self.badge.seat.clone(),
            key: self.badge.key.clone(),
            language: None,
            machine: None,
        };
        // What is in force is shown anew after a lost connection.
        self.reported.clear();
        if say(&mut socket, &hello).await.is_none() {
            return;
        }
        // What has no outcome is said again, under the same id.
        for (id, (act, _)) in &self.asked {
            let (id, act) = (id.clone(), act.clone());
            if say(&mut socket, &FromSeat::Command { id, act })
                .await
                .is_none()
            {
                return;
            }
        }
        let mut alive = tokio::time::interval(ALIVE);
        loop {
            let next = self.plans.iter().map(|(at, _)| *at).min();
            let clock = self.clock.clone();
            let press = async {
                match next {
                    Some(at) => clock.sleep_until(at).await,
                    None => std::future::pending().await,
                }
            };
            let done = tokio::select! {
                message = socket.next() => match message {
                    Some(Ok(Message::Text(text))) => self.read(&mut socket, &text).await,
                    Some(Ok(_)) => Some(()),
                    Some(Err(_)) | None => None,
                },
                () = press => self.press(&mut socket).await,
                _ = alive.tick() => say(&mut socket, &FromSeat::Alive).await,
            };
            if done.is_none() {
                return;
            }
        }
    }

    async fn read(&mut self, socket: &mut Socket, text: &str) -> Option<()> {
        let cards = match serde_json::from_str(text) {
            Ok(ToSeat::Cards { cards, .. }) => cards,
            Ok(ToSeat::Outcome { id, .. }) => {
                self.asked.remove(&id);
                return Some(());
            }
            _ => return Some(()),
        };
        for card in cards {
            if self.reported.insert((card.key.clone(), card.revision)) {
                for stage in [ReceiptStage::Received, ReceiptStage::Shown] {
                    let receipt = FromSeat::Receipt {
                        card: card.key.clone(),
                        revision: card.revision,
                        stage,
                    };
                    say(socket, &receipt).await?;
                }
            }
            if card.phase == Phase::Open {
                self.plan(&card);
            }
        }
        self.connecting = None;
        Some(())
    }

    fn plan(&mut self, card: &Card) {
        for button in card.buttons.iter().filter(|button| !button.done) {
            let Some(after) = (self.habit)(&button.act) else {
                continue;
            };
            if self.planned.insert(format!("{:?}", button.act)) {
                let at = later(later(self.clock.now(), after), self.longer);
                self.plans.push((at, button.act.clone()));
            }
        }
    }

    async fn press(&mut self, socket: &mut Socket) -> Option<()> {
        let now = self.clock.now();
        let due = self.plans.iter().position(|(at, _)| *at <= now)?;
        let (_, act) = self.plans.swap_remove(due);
        self.commands += 1;
        let id = format!("{}-{}-{now}", self.badge.seat, self.commands);
        let busy = self.clock.work().begin();
        self.asked.insert(id.clone(), (act.clone(), busy));
        say(socket, &FromSeat::Command { id, act }).await
    }
}

async fn say(socket: &mut Socket, frame: &FromSeat) -> Option<()> {
    let json = serde_json::to_string(frame).ok()?;
    socket.send(Message::Text(json.into())).await.ok()
}
