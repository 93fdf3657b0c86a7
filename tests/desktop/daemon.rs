//! The daemon's end of a seat's connection, in the hands of a test.

use std::net::SocketAddr;
use std::sync::Arc;

use callwatch::health::Health;
use callwatch::incidents::{Act, Card, CardButton, CardKey, IncidentId, Phase, ReceiptStage};
use callwatch::plan::Severity;
use callwatch::wire::{FromSeat, ToSeat};
use futures_util::{SinkExt as _, StreamExt as _};
use jiff::Timestamp;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

use crate::bus::SOON;

pub(crate) const INCIDENT: IncidentId = IncidentId(9);

pub(crate) fn acknowledge() -> Act {
    Act::Acknowledge { incident: INCIDENT }
}

/// A card as the daemon sends it.
pub(crate) fn card(revision: u32) -> Card {
    Card {
        key: CardKey {
            incident: INCIDENT,
            role: "staff".to_owned(),
        },
        revision,
        phase: Phase::Open,
        severity: Severity::Critical,
        title: "停电 15:02 · C座三楼".to_owned(),
        lines: vec![
            "照常接听，本机电池用到约15:40".to_owned(),
            "只留电话和CRM，其余都关掉".to_owned(),
        ],
        buttons: vec![CardButton {
            say: "收到".to_owned(),
            act: acknowledge(),
            done: false,
        }],
        more: Vec::new(),
        clocks: Vec::new(),
        since: Timestamp::UNIX_EPOCH,
        acknowledged: false,
        quiet: false,
        procedure: String::new(),
    }
}

pub(crate) struct Daemon {
    listener: TcpListener,
}

impl Daemon {
    pub(crate) async fn listen() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await;
        Self {
            listener: listener.expect("a port is free"),
        }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.listener.local_addr().expect("it is bound")
    }

    /// The next connection, after its hello.
    pub(crate) async fn seat(&self) -> Seat {
        let accepting = async {
            let (stream, _) = self.listener.accept().await.expect("it listens");
            tokio_tungstenite::accept_async(stream)
                .await
                .expect("it is a seat")
        };
        let socket = timeout(SOON, accepting).await.expect("the seat connects");
        let mut seat = Seat { socket };
        let hello = seat.next().await.expect("it says hello");
        let FromSeat::Hello { seat: id, key, .. } = hello else {
            panic!("it must say hello first: {hello:?}")
        };
        assert_eq!((id.as_str(), key.len()), ("C-01", 32));
        seat
    }
}

pub(crate) struct Seat {
    socket: WebSocketStream<TcpStream>,
}

impl Seat {
    pub(crate) async fn send(&mut self, frame: &ToSeat) {
        let json = serde_json::to_string(frame).expect("it is a frame");
        self.socket
            .send(Message::Text(json.into()))
            .await
            .expect("the seat listens");
    }

    pub(crate) async fn cards(&mut self, cards: &[Card]) {
        let cards: Vec<Arc<Card>> = cards.iter().cloned().map(Arc::new).collect();
        let server_now = Timestamp::UNIX_EPOCH;
        let revision = cards.iter().map(|card| u64::from(card.revision)).max();
        let frame = ToSeat::Cards {
            server_now,
            revision: revision.unwrap_or_default(),
            cards,
        };
        self.send(&frame).await;
    }

    /// The next frame that says something of what people do; `None` once the connection is closed.
    pub(crate) async fn next(&mut self) -> Option<FromSeat> {
        let reading = async {
            loop {
                match self.any().await {
                    Some(FromSeat::Alive | FromSeat::Health { .. }) => {}
                    other => return other,
                }
            }
        };
        timeout(SOON, reading).await.expect("the seat speaks")
    }

    /// Reads until the seat tells of itself what is wanted, and lets it know that it is heard.
    pub(crate) async fn health(&mut self, wanted: impl Fn(&Health) -> bool) -> Arc<Health> {
        let mut last = None;
        let reading = async {
            loop {
                match self.any().await.expect("it stays") {
                    FromSeat::Health { health } if wanted(&health) => return health,
                    FromSeat::Health { health } => last = Some(health),
                    FromSeat::Alive => {
                        let server_now = Timestamp::UNIX_EPOCH;
                        self.send(&ToSeat::Alive { server_now }).await;
                    }
                    _ => {}
                }
            }
        };
        let read = timeout(SOON, reading).await;
        read.unwrap_or_else(|_| panic!("it never tells that; at last it told {last:?}"))
    }

    async fn any(&mut self) -> Option<FromSeat> {
        loop {
            match self.socket.next().await {
                Some(Ok(Message::Text(text))) => {
                    return Some(serde_json::from_str(&text).expect("it is a frame"));
                }
                Some(Ok(Message::Close(_)) | Err(_)) | None => return None,
                Some(Ok(_)) => {}
            }
        }
    }

    /// Reads until this receipt is here.
    pub(crate) async fn receipt(&mut self, revision: u32, stage: ReceiptStage) {
        let wanted = FromSeat::Receipt {
            card: card(revision).key,
            revision,
            stage,
        };
        while self.next().await.expect("it stays") != wanted {}
    }

    /// Reads until the next command.
    pub(crate) async fn command(&mut self) -> (String, Act) {
        loop {
            if let FromSeat::Command { id, act } = self.next().await.expect("it stays") {
                return (id, act);
            }
        }
    }

    pub(crate) async fn outcome(&mut self, id: &str, refused: Option<&str>) {
        let outcome = ToSeat::Outcome {
            id: id.to_owned(),
            refused: refused.map(str::to_owned),
        };
        self.send(&outcome).await;
    }

    /// The last frame before the connection is closed.
    pub(crate) async fn last(&mut self) -> Option<FromSeat> {
        let mut last = None;
        while let Some(frame) = self.next().await {
            last = Some(frame);
        }
        last
    }
}
