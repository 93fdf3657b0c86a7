//! TLS for the seats, for the daemon and for the bare server, with one certificate.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rustls::client::Resumption;
use rustls::crypto::ring::{self, Ticketer};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::server::NoServerSessionStorage;
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::client;
use tokio_rustls::server::TlsStream;
use tokio_rustls::{TlsAcceptor, TlsConnector};
use tokio_util::either::Either;

use crate::authority::Authority;

pub(crate) const CERTIFICATE: &str = "callwatch.pem";
pub(crate) const KEY: &str = "callwatch.key";
const CA: &str = "ca.pem";
/// How a server ends a handshake that takes too long.
const ENDED: [ErrorKind; 2] = [ErrorKind::ConnectionReset, ErrorKind::UnexpectedEof];
/// As the seat program waits first.
const AGAIN: Duration = Duration::from_millis(500);

/// A seat's end of a connection.
pub(crate) type Stream = Either<TcpStream, Box<client::TlsStream<TcpStream>>>;

/// How seats connect; in the clear without a connector.
#[derive(Clone, Default)]
pub(crate) struct Way {
    connector: Option<TlsConnector>,
    ca: Option<PathBuf>,
}

impl Way {
    /// Makes an authority and a certificate in a folder. Every handshake is a whole one.
    pub(crate) fn secure(folder: &Path) -> Self {
        let authority = Authority::new("the bench's own");
        let made = authority.server("127.0.0.1", 4000);
        let put = |name: &str, text: String| {
            std::fs::write(folder.join(name), text).expect("it is ours");
        };
        put(CERTIFICATE, made.certificate);
        put(KEY, made.key);
        put(CA, authority.pem());
        let own = CertificateDer::from_pem_slice(authority.pem().as_bytes());
        let mut roots = RootCertStore::empty();
        roots.add(own.expect("PEM")).expect("an authority");
        let provider = Arc::new(ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("ring has suites");
        let mut config = config.with_root_certificates(roots).with_no_client_auth();
        config.resumption = Resumption::disabled();
        Self {
            connector: Some(TlsConnector::from(Arc::new(config))),
            ca: Some(folder.join(CA)),
        }
    }

    pub(crate) async fn connect(&self, address: SocketAddr) -> Stream {
        loop {
            let stream = TcpStream::connect(address).await.expect("it listens");
            stream.set_nodelay(true).expect("it is TCP");
            let Some(connector) = &self.connector else {
                return Either::Left(stream);
            };
            let name = ServerName::from(address.ip());
            match connector.connect(name, stream).await {
                Ok(stream) => return Either::Right(Box::new(stream)),
                // Who was not served in time comes again, as a seat does.
                Err(error) if ENDED.contains(&error.kind()) => tokio::time::sleep(AGAIN).await,
                Err(error) => panic!("it is not believed: {error}"),
            }
        }
    }

    /// What asks the daemon for its view, and what its addresses begin with.
    pub(crate) fn http(&self) -> (reqwest::Client, &'static str) {
        let (client, scheme) = if let Some(ca) = &self.ca {
            (callwatch::alerts::client_trusting(ca).ok(), "https")
        } else {
            (callwatch::alerts::client().ok(), "http")
        };
        (client.expect("a client can be made"), scheme)
    }
}

/// What others would write: each handshake a task, and no more.
pub(crate) struct Bare {
    tcp: TcpListener,
    acceptor: TlsAcceptor,
    under_way: JoinSet<(TlsStream<TcpStream>, SocketAddr)>,
}

impl Bare {
    /// Shows what lies in a folder.
    pub(crate) fn new(tcp: TcpListener, folder: &Path) -> Self {
        let own = CertificateDer::from_pem_file(folder.join(CERTIFICATE)).expect("PEM");
        let key = PrivateKeyDer::from_pem_file(folder.join(KEY)).expect("PEM");
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("ring has suites")
            .with_no_client_auth()
            .with_single_cert(vec![own], key)
            .expect("they belong together");
        config.session_storage = Arc::new(NoServerSessionStorage {});
        config.ticketer = Ticketer::new().expect("randomness");
        config.send_tls13_tickets = 1;
        Self {
            tcp,
            acceptor: TlsAcceptor::from(Arc::new(config)),
            under_way: JoinSet::new(),
        }
    }
}

impl axum::serve::Listener for Bare {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (TlsStream<TcpStream>, SocketAddr) {
        loop {
            tokio::select! {
                accepted = self.tcp.accept() => {
                    let (stream, address) = accepted.expect("there are files");
                    stream.set_nodelay(true).expect("it is TCP");
                    let accepting = self.acceptor.accept(stream);
                    self.under_way.spawn(async move {
                        (accepting.await.expect("a seat shakes hands"), address)
                    });
                }
                Some(Ok(secured)) = self.under_way.join_next() => return secured,
            }
        }
    }

    fn local_addr(&self) -> std::io::Result<SocketAddr> {
        self.tcp.local_addr()
    }
}
