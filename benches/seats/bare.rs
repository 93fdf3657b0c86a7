//! What others would build: a WebSocket of axum a seat, and one text to all. It shares
//! nothing with the daemon but the frames, and does nothing else.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::extract::ws::{Message, Utf8Bytes, WebSocket, WebSocketUpgrade};
use axum::response::Response;
use axum::routing::get;
use axum::serve::ListenerExt as _;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::secure::Bare;
use crate::{Process, again};

pub(crate) const ROLE: &str = "bare";

/// The bare server in a process of its own, and where it listens.
/// By TLS where there is a folder with a certificate.
pub(crate) fn start(folder: Option<&Path>) -> (Process, SocketAddr) {
    use std::io::BufRead as _;
    let child = again(ROLE).args(folder).stdout(Stdio::piped()).spawn();
    let mut child = child.expect("this program can be started again");
    let stdout = child.stdout.take().expect("it is piped");
    let mut line = String::new();
    let mut stdout = std::io::BufReader::new(stdout);
    stdout
        .read_line(&mut line)
        .expect("it says where it listens");
    (Process(child), line.trim().parse().expect("an address"))
}

type Text = Arc<watch::Sender<Utf8Bytes>>;

/// Serves until it is killed.
pub(crate) async fn run(folder: Option<&Path>) {
    let (text_tx, _) = watch::channel(Utf8Bytes::from_static("{\"frame\":\"cards\",\"cards\":[]}"));
    let router = Router::new()
        .route("/ws", get(open))
        .with_state(Arc::new(text_tx));
    let listener = TcpListener::bind("127.0.0.1:0").await;
    let listener = listener.expect("a port is free");
    let address = listener.local_addr().expect("it is bound");
    crate::print(&address.to_string());
    let served = if let Some(folder) = folder {
        axum::serve(Bare::new(listener, folder), router).await
    } else {
        let listener = listener.tap_io(|stream| stream.set_nodelay(true).expect("it is TCP"));
        axum::serve(listener, router).await
    };
    served.expect("it serves");
}

async fn open(State(text): State<Text>, upgrade: WebSocketUpgrade) -> Response {
    upgrade
        .read_buffer_size(2048)
        .write_buffer_size(0)
        .on_upgrade(move |socket| attend(socket, text))
}

async fn attend(mut socket: WebSocket, text: Text) {
    let mut text_rx = text.subscribe();
    text_rx.mark_changed();
    loop {
        tokio::select! {
            changed = text_rx.changed() => {
                let now = text_rx.borrow_and_update().clone();
                if changed.is_err() || socket.send(Message::Text(now)).await.is_err() {
                    return;
                }
            }
            message = socket.recv() => match message {
                Some(Ok(Message::Text(said))) if said.starts_with("{\"all\"") => {
                    text.send_replace(said);
                }
                Some(Ok(Message::Text(said))) if said.as_str() == "{\"frame\":\"alive\"}" => {
                    if socket.send(Message::Text(said)).await.is_err() {
                        return;
                    }
                }
                Some(Ok(_)) => {}
                _ => return,
            },
        }
    }
}
