//! The daemon with a certificate: a page and a seat program over TLS, and a renewal meanwhile.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use callwatch::clock::Clock;
use callwatch::config;
use callwatch::daemon::{self, Start};
use callwatch::incidents::{Act, Entry, Event, ReceiptStage};
use callwatch::seat;
use callwatch::web::Tls;
use callwatch::web::tls::{Files, Identity};
use callwatch::wire::{FromSeat, ToSeat};
use futures_util::StreamExt as _;
use jiff::SignedDuration;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_tungstenite::WebSocketStream;
use tokio_util::sync::CancellationToken;

use crate::authority::Authority;
use crate::centre::{self, Folder, configured, hello, in_memory, say, start};

/// Longer than anything here takes; the files are looked at every 10 s.
const SOON: Duration = Duration::from_secs(60);
const PAGE: &str = "C-03";
const PROGRAM: &str = "C-02";

/// Puts a certificate for `localhost` there.
fn put(files: &Files, authority: &Authority, until: i32) {
    let made = authority.server("localhost", until);
    std::fs::write(&files.key, made.key).expect("it is ours");
    std::fs::write(&files.certificate, made.certificate).expect("it is ours");
}

fn connector(authority: &Authority) -> TlsConnector {
    let mut roots = RootCertStore::empty();
    let own = CertificateDer::from_pem_slice(authority.pem().as_bytes());
    roots.add(own.expect("PEM")).expect("an authority");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("ring has suites");
    let mut config = config.with_root_certificates(roots).with_no_client_auth();
    config.resumption = rustls::client::Resumption::disabled();
    TlsConnector::from(Arc::new(config))
}

async fn connect(connector: &TlsConnector, address: SocketAddr) -> TlsStream<TcpStream> {
    let stream = TcpStream::connect(address).await.expect("it listens");
    let name = ServerName::try_from("localhost").expect("a name");
    connector
        .connect(name, stream)
        .await
        .expect("it is believed")
}

/// The certificate that is shown.
fn shown(stream: &TlsStream<TcpStream>) -> CertificateDer<'static> {
    let shown = stream.get_ref().1.peer_certificates();
    shown.expect("it has one")[0].clone()
}

async fn until(entries_rx: &mut mpsc::Receiver<Entry>, wanted: impl Fn(&Event) -> bool) {
    let waiting =
        async { while !wanted(&entries_rx.recv().await.expect("the daemon runs").event) {} };
    timeout(SOON, waiting).await.expect("it is written");
}

fn receipt(event: &Event, wanted: ReceiptStage, seat: &str) -> bool {
    matches!(event, Event::Receipts { stage, seats, .. } if *stage == wanted && seats.contains(seat))
}

/// Raises a fire, waits for the card of it, and says that it is shown.
async fn raise(page: &mut WebSocketStream<TlsStream<TcpStream>>) {
    let act = Act::Raise {
        procedure: "fire".to_owned(),
        of: "block-c".to_owned(),
        found: 0,
        answers: std::collections::BTreeMap::new(),
    };
    let id = "one".to_owned();
    say(page, &FromSeat::Command { id, act }).await;
    let card = loop {
        let frame = page.next().await.expect("it is open").expect("it is whole");
        let Ok(frame) = serde_json::from_slice(&frame.into_data()) else {
            continue;
        };
        if let ToSeat::Cards { cards, .. } = frame
            && let Some(card) = cards.first()
        {
            break Arc::clone(card);
        }
    };
    let receipt = FromSeat::Receipt {
        card: card.key.clone(),
        revision: card.revision,
        stage: ReceiptStage::Shown,
    };
    say(page, &receipt).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_and_a_seat_program_get_their_cards_by_tls_and_a_renewal_is_taken_up() {
    let folder = Folder::new("tls");
    let authority = Authority::new("the centre's own");
    let ca = folder.0.join("ca.pem");
    std::fs::write(&ca, authority.pem()).expect("it is ours");
    let files = Files {
        certificate: folder.0.join("callwatch.pem"),
        key: folder.0.join("callwatch.key"),
    };
    put(&files, &authority, 4000);
    let tls = Tls::new(Identity::read(&files).expect("it is good")).expect("randomness");
    let (config, plan) = configured(config::example(), Path::new("."));
    let settings = centre::settings(config, plan);
    let keys = settings.keys.clone();
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("it is bound");
    let (entries_tx, mut entries_rx) = daemon::time_line();
    let start = Start {
        tls: Some(tls),
        ..start(&Clock::real(), in_memory(), listener, entries_tx)
    };
    let cancel = CancellationToken::new();
    let mut tasks = JoinSet::new();
    tasks.spawn(daemon::run(settings, start, cancel.clone()));
    let program = seat::Settings {
        address: format!("https://localhost:{}", address.port())
            .parse()
            .expect("an address"),
        ca: Some(ca),
        seat: PROGRAM.to_owned(),
        key: keys.of(PROGRAM),
        language: None,
        alone_after: SignedDuration::from_secs(600),
        state: None,
    };
    let over = cancel.clone();
    tasks.spawn(async move {
        seat::run(program, over).await;
        Ok(())
    });
    let connector = connector(&authority);
    let stream = connect(&connector, address).await;
    let before = shown(&stream);
    let opened = tokio_tungstenite::client_async("wss://localhost/ws", stream).await;
    let (mut page, _) = opened.expect("it upgrades");
    say(&mut page, &hello(PAGE, keys.of(PAGE))).await;
    timeout(SOON, raise(&mut page)).await.expect("a card comes");
    let mut missing = vec![
        (ReceiptStage::Shown, PAGE),
        (ReceiptStage::Received, PROGRAM),
    ];
    while !missing.is_empty() {
        let got = std::cell::RefCell::new(&mut missing);
        until(&mut entries_rx, |event| {
            let mut missing = got.borrow_mut();
            let before = missing.len();
            missing.retain(|(stage, seat)| !receipt(event, *stage, seat));
            missing.len() < before
        })
        .await;
    }
    // What is connected stays so; whoever comes is shown the new one.
    put(&files, &authority, 4001);
    let renewed = async { while shown(&connect(&connector, address).await) == before {} };
    timeout(SOON, renewed).await.expect("it is taken up");
    say(&mut page, &FromSeat::Alive).await;
    cancel.cancel();
    while let Some(ended) = tasks.join_next().await {
        ended.expect("nothing panics").expect("it ends well");
    }
}
