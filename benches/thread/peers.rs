//! What stands around the daemon: its folder, the programs, a seat's connection.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use callwatch::incidents::{Act, Card, ReceiptStage};
use callwatch::web::Keys;
use callwatch::wire::{FromSeat, ToSeat, VERSION};
use futures_util::{SinkExt as _, StreamExt as _};
use tokio::net::TcpStream;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

use crate::bus::{Bus, Process};
use crate::notifications::{Asked, Server, Shown};

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// The folder of a centre, removed with this value.
pub(crate) struct Folder(pub(crate) PathBuf);

impl Folder {
    pub(crate) fn new(name: &str) -> Self {
        let folder = format!("callwatch-bench-{name}-{}", std::process::id());
        let folder = std::env::temp_dir().join(folder);
        std::fs::create_dir_all(&folder).expect("a folder for temporary files");
        Self(folder)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        std::fs::write(self.0.join(name), text).expect("it is ours");
    }

    pub(crate) fn keys(&self) -> Keys {
        Keys::load_or_create(&self.0.join("seat.key")).expect("it is ours")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

fn quiet(mut program: Command) -> Command {
    program.env_remove("JOURNAL_STREAM").env("RUST_LOG", "warn");
    program.stderr(Stdio::null());
    program
}

/// The daemon over the `callwatch.toml` of a folder, once it listens at `address`.
pub(crate) async fn daemon(folder: &Path, address: SocketAddr) -> Process {
    let child = quiet(Command::new(env!("CARGO_BIN_EXE_callwatch")))
        .args(["daemon", "--config"])
        .arg(folder.join("callwatch.toml"))
        .env("STATE_DIRECTORY", folder)
        .spawn();
    let process = Process(child.expect("the program is built"));
    while TcpStream::connect(address).await.is_err() {
        tokio::task::yield_now().await;
    }
    process
}

/// The seat program on a bus, as a seat PC has it.
pub(crate) fn seat_program(folder: &Folder, bus: &Bus, daemon: SocketAddr, seat: &str) -> Process {
    let program = Command::new(env!("CARGO_BIN_EXE_callwatch-seat"));
    seat_on(program, folder, bus, daemon, seat)
}

/// The same as a part of the whole program.
pub(crate) fn seat_of_the_whole(
    folder: &Folder,
    bus: &Bus,
    daemon: SocketAddr,
    seat: &str,
) -> Process {
    let mut program = Command::new(env!("CARGO_BIN_EXE_callwatch"));
    program.arg("seat");
    seat_on(program, folder, bus, daemon, seat)
}

fn seat_on(
    program: Command,
    folder: &Folder,
    bus: &Bus,
    daemon: SocketAddr,
    seat: &str,
) -> Process {
    let key = format!("{seat}.key");
    folder.write(&key, &folder.keys().of(seat));
    let child = quiet(program)
        .args(["--seat", seat, "--url", &format!("http://{daemon}")])
        .arg("--key-file")
        .arg(folder.0.join(key))
        .env("DBUS_SESSION_BUS_ADDRESS", &bus.address)
        .env("DBUS_SYSTEM_BUS_ADDRESS", &bus.address)
        .spawn();
    Process(child.expect("the program is built"))
}

/// The next new notification, not an update or a close.
pub(crate) async fn new_notification(server: &mut Server) -> Shown {
    loop {
        match server.asked_rx.recv().await.expect("it lives") {
            Asked::Show(shown) if shown.replaces == 0 => return shown,
            Asked::Show(_) | Asked::Close(_) => {}
        }
    }
}

/// An address of 127.0.0.1 that was free a moment ago.
pub(crate) fn free_address() -> SocketAddr {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port is free");
    listener.local_addr().expect("it is bound")
}

/// The same, for datagrams.
pub(crate) fn free_ear() -> SocketAddr {
    let socket = std::net::UdpSocket::bind("127.0.0.1:0").expect("a port is free");
    socket.local_addr().expect("it is bound")
}

/// A seat's connection: the cards in force, and a way to act.
pub(crate) struct Seat {
    pub(crate) cards_rx: watch::Receiver<Vec<Arc<Card>>>,
    acts_tx: mpsc::UnboundedSender<Act>,
    _client: JoinSet<()>,
}

impl Seat {
    pub(crate) async fn connect(folder: &Folder, daemon: SocketAddr, seat: &str) -> Self {
        let url = format!("ws://{daemon}/ws");
        let (mut socket, _) = tokio_tungstenite::connect_async(url)
            .await
            .expect("the daemon listens");
        let hello = FromSeat::Hello {
            version: VERSION,
            seat: seat.to_owned(),
            key: folder.keys().of(seat),
            language: None,
            machine: None,
        };
        say(&mut socket, &hello).await;
        let (cards_tx, cards_rx) = watch::channel(Vec::new());
        let (acts_tx, acts_rx) = mpsc::unbounded_channel();
        let mut client = JoinSet::new();
        client.spawn(work(socket, cards_tx, acts_rx));
        Self {
            cards_rx,
            acts_tx,
            _client: client,
        }
    }

    pub(crate) fn act(&self, act: Act) {
        self.acts_tx.send(act).expect("the connection lives");
    }
}

async fn work(
    mut socket: Socket,
    cards_tx: watch::Sender<Vec<Arc<Card>>>,
    mut acts_rx: mpsc::UnboundedReceiver<Act>,
) {
    let mut alive = tokio::time::interval(std::time::Duration::from_secs(5));
    let mut acts = 0;
    let mut shown = BTreeSet::new();
    loop {
        tokio::select! {
            _ = alive.tick() => say(&mut socket, &FromSeat::Alive).await,
            act = acts_rx.recv() => {
                let Some(act) = act else { return };
                acts += 1;
                say(&mut socket, &FromSeat::Command { id: format!("bench-{acts}"), act }).await;
            }
            message = socket.next() => {
                let text = match message {
                    Some(Ok(Message::Text(text))) => text,
                    Some(Ok(Message::Ping(_) | Message::Pong(_))) => continue,
                    ended => panic!("the connection ended: {ended:?}"),
                };
                match serde_json::from_str(&text).expect("the daemon speaks our language") {
                    ToSeat::Cards { cards, .. } => {
                        cards_tx.send_replace(cards.clone());
                        for card in cards {
                            if !shown.insert((card.key.clone(), card.revision)) {
                                continue;
                            }
                            let receipt = FromSeat::Receipt {
                                card: card.key.clone(),
                                revision: card.revision,
                                stage: ReceiptStage::Shown,
                            };
                            say(&mut socket, &receipt).await;
                        }
                    }
                    ToSeat::Outcome { refused: Some(why), .. } | ToSeat::Refused { why } => {
                        panic!("refused: {why}");
                    }
                    _ => {}
                }
            }
        }
    }
}

async fn say(socket: &mut Socket, frame: &FromSeat) {
    let text = serde_json::to_string(frame).expect("a frame has no map");
    let sent = socket.send(Message::text(text)).await;
    sent.expect("the daemon listens");
}
