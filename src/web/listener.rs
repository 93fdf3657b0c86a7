//! Connections, in the clear or by TLS; whoever shakes hands slowly holds up nobody else.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use axum::extract::connect_info::Connected;
use axum::serve::IncomingStream;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tokio_util::either::Either;

use crate::web::tls::Tls;

/// The first byte of a TLS record that begins a handshake (RFC 8446, 5.1).
const HANDSHAKE: u8 = 0x16;
/// Of a request in the clear no more is read.
const LONGEST: u64 = 16 * 1024;

/// What a browser shows of it, and a program its log.
const SPEAKS_TLS: &str = "HTTP/1.1 400 Bad Request\r\n\
    content-type: text/plain; charset=utf-8\r\n\
    connection: close\r\n\r\n\
    这里只用加密连接：把地址里的 http:// 改成 https://\n\
    this port speaks TLS only: write https:// instead of http://\n";

/// Where connections come in.
pub(super) struct Listener {
    tcp: TcpListener,
    handshakes: Option<Handshakes>,
}

/// A connection that can be talked over. What TLS needs lies apart, so that one in the clear
/// is not larger for it.
pub(super) type Stream = Either<TcpStream, Box<TlsStream<TcpStream>>>;

/// Where a client calls from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Caller(pub(super) SocketAddr);

impl Connected<IncomingStream<'_, Listener>> for Caller {
    fn connect_info(stream: IncomingStream<'_, Listener>) -> Self {
        Self(*stream.remote_addr())
    }
}

impl Listener {
    /// Hands are shaken `within` this; where so many as `most` do it at once, the oldest makes
    /// room for one more.
    pub(super) fn new(tcp: TcpListener, tls: Option<&Tls>, within: Duration, most: usize) -> Self {
        let handshakes = tls.map(|tls| Handshakes {
            acceptor: tls.acceptor().clone(),
            within,
            most: most.max(1),
            under_way: JoinSet::new(),
            by_age: BTreeMap::new(),
            next: 0,
            is_crowded: false,
        });
        Self { tcp, handshakes }
    }
}

impl axum::serve::Listener for Listener {
    type Io = Stream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Stream, SocketAddr) {
        let Some(handshakes) = &mut self.handshakes else {
            let (stream, address) = accept(&mut self.tcp).await;
            return (Either::Left(stream), address);
        };
        loop {
            tokio::select! {
                (stream, address) = accept(&mut self.tcp) => handshakes.begin(stream, address),
                (stream, address) = handshakes.end() => return (Either::Right(stream), address),
            }
        }
    }

    fn local_addr(&self) -> std::io::Result<SocketAddr> {
        self.tcp.local_addr()
    }
}

async fn accept(tcp: &mut TcpListener) -> (TcpStream, SocketAddr) {
    // That of axum, which goes on where there are no files left, and not the socket's own.
    let (stream, address) = axum::serve::Listener::accept(tcp).await;
    // A card must not wait until the one before it is acknowledged (RFC 1122, 4.2.3.2: 500 ms).
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!("a connection may be slow: {error}");
    }
    (stream, address)
}

/// Connections that are no more than that yet.
struct Handshakes {
    acceptor: TlsAcceptor,
    within: Duration,
    most: usize,
    under_way: JoinSet<Shaken>,
    /// The oldest first.
    by_age: BTreeMap<u64, AbortHandle>,
    next: u64,
    /// There were too many, and it was told.
    is_crowded: bool,
}

/// How a handshake ended, and its number.
struct Shaken {
    number: u64,
    address: SocketAddr,
    stream: Option<Box<TlsStream<TcpStream>>>,
}

impl Handshakes {
    fn begin(&mut self, stream: TcpStream, address: SocketAddr) {
        if self.by_age.len() >= self.most {
            if !std::mem::replace(&mut self.is_crowded, true) {
                let most = self.most;
                tracing::warn!(
                    last = %address,
                    "{most} TLS handshakes at once: the oldest gives way to each new one; see who connects and says nothing"
                );
            }
            if let Some((_, oldest)) = self.by_age.pop_first() {
                oldest.abort();
            }
        } else if self.by_age.is_empty() {
            self.is_crowded = false;
        }
        let number = self.next;
        self.next += 1;
        let (acceptor, within) = (self.acceptor.clone(), self.within);
        let begun = self.under_way.spawn(async move {
            let shaking = Box::pin(shake(acceptor, stream, address));
            let stream = timeout(within, shaking).await.ok().flatten();
            Shaken {
                number,
                address,
                stream,
            }
        });
        self.by_age.insert(number, begun);
    }

    /// The next that is secured; never where none is under way.
    async fn end(&mut self) -> (Box<TlsStream<TcpStream>>, SocketAddr) {
        while let Some(ended) = self.under_way.join_next().await {
            // One that made room is forgotten already.
            let Ok(ended) = ended else { continue };
            self.by_age.remove(&ended.number);
            if let Some(stream) = ended.stream {
                return (stream, ended.address);
            }
        }
        std::future::pending().await
    }
}

async fn shake(
    acceptor: TlsAcceptor,
    stream: TcpStream,
    address: SocketAddr,
) -> Option<Box<TlsStream<TcpStream>>> {
    let mut first = [0];
    match stream.peek(&mut first).await {
        Ok(1) if first == [HANDSHAKE] => {}
        Ok(1) => {
            explain(stream).await;
            return None;
        }
        // It went without a word.
        _ => return None,
    }
    match acceptor.accept(stream).await {
        Ok(stream) => Some(Box::new(stream)),
        Err(error) => {
            tracing::debug!(%address, "no TLS: {error}");
            None
        }
    }
}

/// Tells who speaks in the clear what to do.
async fn explain(mut stream: TcpStream) {
    // What is sent and not read would end the connection before the answer is.
    let mut request = (&mut stream).take(LONGEST);
    let mut read = Vec::new();
    let mut chunk = [0; 1024];
    while let Ok(length @ 1..) = request.read(&mut chunk).await {
        read.extend_from_slice(&chunk[..length]);
        if read.windows(4).any(|end| end == b"\r\n\r\n") {
            break;
        }
    }
    // One that does not hear it has gone.
    drop(stream.write_all(SPEAKS_TLS.as_bytes()).await);
    drop(stream.shutdown().await);
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use axum::serve::Listener as _;
    use rustls::crypto::ring;
    use rustls::pki_types::ServerName;
    use rustls::{ClientConfig, HandshakeKind, RootCertStore};
    use tokio_rustls::TlsConnector;
    use tokio_rustls::client::TlsStream;

    use super::*;
    use crate::probes::reach::shown::der;
    use crate::web::tls::Identity;
    use crate::web::tls::scratch::Scratch;

    /// Longer than anything here takes.
    const LONG: Duration = Duration::from_secs(60);

    /// A listener in a task, that says one byte to whoever has shaken hands.
    struct House {
        address: SocketAddr,
        scratch: Scratch,
        client: TlsConnector,
        _tasks: JoinSet<()>,
    }

    impl House {
        async fn open(name: &str, within: Duration, most: usize) -> Self {
            let scratch = Scratch::new(name);
            scratch.put("localhost", 4000);
            let tls = Tls::new(Identity::read(&scratch.files).unwrap()).unwrap();
            let tcp = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = tcp.local_addr().unwrap();
            let mut listener = Listener::new(tcp, Some(&tls), within, most);
            let mut tasks = JoinSet::new();
            tasks.spawn(async move {
                let mut kept = Vec::new();
                loop {
                    let (mut stream, _) = listener.accept().await;
                    stream.write_all(b"!").await.unwrap();
                    stream.flush().await.unwrap();
                    kept.push(stream);
                }
            });
            let mut roots = RootCertStore::empty();
            roots.add(der(&scratch.authority.pem())).unwrap();
            let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
                .with_safe_default_protocol_versions()
                .unwrap();
            let mut config = config.with_root_certificates(roots).with_no_client_auth();
            config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
            Self {
                address,
                scratch,
                client: TlsConnector::from(Arc::new(config)),
                _tasks: tasks,
            }
        }

        async fn connect(&self) -> TcpStream {
            TcpStream::connect(self.address).await.unwrap()
        }

        /// Shakes hands as it ought to be done.
        async fn greet(&self) -> TlsStream<TcpStream> {
            let name = ServerName::try_from("localhost").unwrap();
            let stream = self.client.connect(name, self.connect().await);
            let mut stream = timeout(LONG, stream).await.unwrap().unwrap();
            let mut said = [0];
            stream.read_exact(&mut said).await.unwrap();
            assert_eq!(said, *b"!");
            stream
        }
    }

    /// All that comes until the other end closes.
    async fn last_words(mut stream: TcpStream) -> String {
        let mut said = Vec::new();
        let read = timeout(LONG, stream.read_to_end(&mut said)).await;
        // A reset is an end too.
        drop(read.expect("it is closed"));
        String::from_utf8_lossy(&said).into_owned()
    }

    #[tokio::test]
    async fn who_shakes_hands_slowly_or_not_at_all_delays_nobody() {
        let house = House::open("slow", LONG, 100).await;
        let silent = house.connect().await;
        let mut slow = house.connect().await;
        slow.write_all(&[HANDSHAKE]).await.unwrap();
        for _ in 0..3 {
            house.greet().await;
            slow.write_all(&[3]).await.unwrap();
        }
        drop(silent);
        house.greet().await;
    }

    #[tokio::test]
    async fn a_handshake_has_a_deadline() {
        let house = House::open("deadline", Duration::from_millis(50), 100).await;
        assert_eq!(last_words(house.connect().await).await, "");
        let mut slow = house.connect().await;
        slow.write_all(&[HANDSHAKE, 3, 1]).await.unwrap();
        assert_eq!(last_words(slow).await, "");
    }

    #[tokio::test]
    async fn of_too_many_handshakes_the_oldest_makes_room() {
        let house = House::open("many", LONG, 2).await;
        let oldest = house.connect().await;
        let _others = [house.connect().await, house.connect().await];
        assert_eq!(last_words(oldest).await, "");
        house.greet().await;
    }

    #[tokio::test]
    async fn a_request_in_the_clear_is_told_to_use_https() {
        let house = House::open("clear", LONG, 100).await;
        let mut clear = house.connect().await;
        let request = b"GET /seat/C-01 HTTP/1.1\r\nhost: localhost\r\n\r\n";
        clear.write_all(request).await.unwrap();
        let answer = last_words(clear).await;
        assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
        assert!(answer.contains("https://"), "{answer}");
        house.greet().await;
    }

    #[tokio::test]
    async fn http_1_is_agreed_on_and_a_session_is_resumed() {
        let house = House::open("resumed", LONG, 100).await;
        let first = house.greet().await;
        let (_, session) = first.get_ref();
        assert_eq!(session.alpn_protocol(), Some(&b"http/1.1"[..]));
        assert_eq!(session.handshake_kind(), Some(HandshakeKind::Full));
        let second = house.greet().await;
        let kind = second.get_ref().1.handshake_kind();
        assert_eq!(kind, Some(HandshakeKind::Resumed));
        assert!(house.scratch.files.key.exists());
    }
}
