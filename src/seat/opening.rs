//! Opens a connection to the daemon, in the clear or by TLS, or says why there is none.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rustls::client::Resumption;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_tungstenite::tungstenite::{self, Error};
use tokio_tungstenite::{WebSocketStream, client_async};
use tokio_util::either::Either;

use crate::probes::reach::{Fault, tls_fault};
use crate::seat::address::Address;
use crate::seat::settings::Settings;

/// How a connection, or the attempt at one, failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Lost {
    /// The daemon's host answered, if only to refuse: the network is well.
    pub(super) reached: bool,
    /// Nothing had been heard for so long.
    pub(super) silent: Duration,
}

impl Lost {
    pub(super) const ANSWERED: Self = Self {
        reached: true,
        silent: Duration::ZERO,
    };
    pub(super) const UNHEARD: Self = Self {
        reached: false,
        silent: Duration::ZERO,
    };
}

/// A connection that both ends have agreed on.
pub(super) type Socket = WebSocketStream<Either<TcpStream, Box<TlsStream<TcpStream>>>>;

/// A daemon keeps its ticket for the next connection.
const SESSIONS: usize = 1;
/// Of what a server says instead of a WebSocket, so many characters are told.
const LONGEST_ANSWER: usize = 200;

/// Opens connections; whose certificates it believes is read when it is first needed.
#[derive(Default)]
pub(super) struct Opening {
    connector: Option<TlsConnector>,
}

impl Opening {
    /// One attempt. The error says why, with the mend, and whether the daemon's host answered.
    pub(super) async fn open(&mut self, settings: &Settings) -> Result<Socket, (String, Lost)> {
        let address = &settings.address;
        let connector = self.connector(settings)?;
        let stream = TcpStream::connect((address.host(), address.port())).await;
        let stream = stream.map_err(|error| of_socket(&error))?;
        // What a seat says is small, and is not to wait for what was said before.
        stream
            .set_nodelay(true)
            .map_err(|error| of_socket(&error))?;
        let stream = match connector {
            Some(connector) => {
                let secured = secure(&connector, stream, address).await;
                if secured.is_err() {
                    // Where an authority was missing, it may be there the next time.
                    self.connector = None;
                }
                Either::Right(Box::new(secured?))
            }
            None => Either::Left(stream),
        };
        match client_async(address.websocket(), stream).await {
            Ok((socket, _)) => Ok(socket),
            Err(error) => Err(of_websocket(&error)),
        }
    }

    fn connector(&mut self, settings: &Settings) -> Result<Option<TlsConnector>, (String, Lost)> {
        if !settings.address.speaks_tls() {
            return Ok(None);
        }
        if self.connector.is_none() {
            // The daemon has not been asked: it is not its network that is in the way.
            let connector = connector(settings.ca.as_deref());
            self.connector = Some(connector.map_err(|why| (why, Lost::ANSWERED))?);
        }
        Ok(self.connector.clone())
    }
}

/// Believes the authorities of this PC, and those of a file beside them.
fn connector(ca: Option<&Path>) -> Result<TlsConnector, String> {
    let mut roots = RootCertStore::empty();
    let found = rustls_native_certs::load_native_certs();
    let (taken, _) = roots.add_parsable_certificates(found.certs);
    if let Some(ca) = ca {
        let read = |error: rustls::pki_types::pem::Error| {
            let ca = ca.display();
            format!("the authority's file {ca} cannot be read: {error}; see --ca")
        };
        let certificates = CertificateDer::pem_file_iter(ca).map_err(read)?;
        let certificates: Result<Vec<_>, _> = certificates.collect();
        let (taken, _) = roots.add_parsable_certificates(certificates.map_err(read)?);
        if taken == 0 {
            let ca = ca.display();
            return Err(format!(
                "the authority's file {ca} holds no certificate in PEM: that begins with -----BEGIN CERTIFICATE-----"
            ));
        }
    } else if taken == 0 {
        tracing::warn!(
            "this PC knows no certificate authorities: install ca-certificates, or name the daemon's own by --ca FILE"
        );
    }
    let provider = Arc::new(ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?;
    let mut config = config.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    config.resumption = Resumption::in_memory_sessions(SESSIONS);
    Ok(TlsConnector::from(Arc::new(config)))
}

async fn secure(
    connector: &TlsConnector,
    stream: TcpStream,
    address: &Address,
) -> Result<TlsStream<TcpStream>, (String, Lost)> {
    let host = address.host();
    let name = ServerName::try_from(host.to_owned()).map_err(|_| {
        let why =
            format!("`{host}` is no name that a certificate can be for; write --url with one");
        (why, Lost::ANSWERED)
    })?;
    let peer = stream.peer_addr().ok();
    let secured = connector.connect(name, stream).await;
    secured.map_err(|error| match tls_fault(&error, host, peer) {
        Some(fault) => (format!("{fault}; {}", mend(&fault)), Lost::ANSWERED),
        None => of_socket(&error),
    })
}

/// What is done about it, for somebody at this PC.
fn mend(fault: &Fault) -> String {
    match fault {
        Fault::WrongName { .. } => {
            "write --url with a name that the certificate holds, or have it made for this one".to_owned()
        }
        Fault::UnknownIssuer => {
            "install its authority on this PC (update-ca-certificates or update-ca-trust), or name the authority's file by --ca".to_owned()
        }
        Fault::NoTls { .. } => {
            "write --url with http:// where the daemon has no certificate".to_owned()
        }
        other => other.mend().en,
    }
}

fn of_socket(error: &io::Error) -> (String, Lost) {
    let lost = if is_answer(error) {
        Lost::ANSWERED
    } else {
        Lost::UNHEARD
    };
    (format!("{error}; does the daemon run there?"), lost)
}

fn of_websocket(error: &Error) -> (String, Lost) {
    let Error::Http(answer) = error else {
        let lost = if answered(error) {
            Lost::ANSWERED
        } else {
            Lost::UNHEARD
        };
        return (format!("{error}; does the daemon run there?"), lost);
    };
    // The daemon says in its last line what mends it.
    let body = answer.body().as_deref().unwrap_or_default();
    let body = String::from_utf8_lossy(body);
    let last = body.lines().rfind(|line| !line.trim().is_empty());
    let last: String = last
        .unwrap_or("no daemon answers there")
        .chars()
        .take(LONGEST_ANSWER)
        .collect();
    (format!("{}: {last}", answer.status()), Lost::ANSWERED)
}

/// Whether a host answered that took no connection, or no WebSocket.
pub(super) fn answered(error: &tungstenite::Error) -> bool {
    match error {
        Error::Io(error) => is_answer(error),
        _ => true,
    }
}

fn is_answer(error: &io::Error) -> bool {
    let of_tls = error
        .get_ref()
        .and_then(|it| it.downcast_ref::<rustls::Error>())
        .is_some();
    of_tls
        || matches!(
            error.kind(),
            io::ErrorKind::ConnectionRefused
                | io::ErrorKind::ConnectionReset
                | io::ErrorKind::UnexpectedEof
        )
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;
    use std::path::PathBuf;

    use jiff::SignedDuration;
    use tokio::net::TcpListener;
    use tokio::task::JoinSet;

    use super::*;
    use crate::probes::reach::authority::{Authority, Made};
    use crate::probes::reach::shown::acceptor;

    /// A daemon's port, and the file with an authority.
    struct House {
        address: SocketAddr,
        ca: PathBuf,
        tasks: JoinSet<()>,
    }

    impl House {
        /// Shows a certificate, and takes every WebSocket; `believed` is in the file.
        async fn open(name: &str, made: &Made, believed: &Authority) -> Self {
            let acceptor = acceptor(made);
            let ca = format!("callwatch-opening-{name}-{}.pem", std::process::id());
            let ca = std::env::temp_dir().join(ca);
            std::fs::write(&ca, believed.pem()).unwrap();
            let (tcp, address) = port().await;
            let mut tasks = JoinSet::new();
            tasks.spawn(async move {
                while let Ok((stream, _)) = tcp.accept().await {
                    if let Ok(stream) = acceptor.accept(stream).await {
                        drop(tokio_tungstenite::accept_async(stream).await);
                    }
                }
            });
            Self { address, ca, tasks }
        }

        fn settings(&self, host: &str) -> Settings {
            let url = format!("https://{host}:{}", self.address.port());
            settings(&url, Some(self.ca.clone()))
        }

        async fn why(&self, host: &str) -> String {
            refused(&self.settings(host)).await
        }
    }

    impl Drop for House {
        fn drop(&mut self) {
            self.tasks.abort_all();
            std::fs::remove_file(&self.ca).unwrap();
        }
    }

    async fn port() -> (TcpListener, SocketAddr) {
        let tcp = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = tcp.local_addr().unwrap();
        (tcp, address)
    }

    fn settings(url: &str, ca: Option<PathBuf>) -> Settings {
        Settings {
            address: url.parse().unwrap(),
            ca,
            seat: "C-01".to_owned(),
            key: String::new(),
            language: None,
            alone_after: SignedDuration::from_secs(20),
            state: None,
        }
    }

    /// Why there is no connection; the network is not taken as down for it.
    async fn refused(settings: &Settings) -> String {
        let refused = Opening::default().open(settings).await;
        let (why, lost) = refused.expect_err("it is refused");
        assert_eq!(lost, Lost::ANSWERED, "{why}");
        why
    }

    #[tokio::test]
    async fn a_daemon_with_a_certificate_that_is_believed_is_talked_with_again_and_again() {
        let authority = Authority::new("the centre's own");
        let made = authority.server("localhost", 4000);
        let house = House::open("good", &made, &authority).await;
        let mut opening = Opening::default();
        for _ in 0..3 {
            let opened = opening.open(&house.settings("localhost")).await;
            assert!(opened.is_ok(), "{:?}", opened.err());
        }
    }

    #[tokio::test]
    async fn a_wrong_certificate_is_named_with_its_mend_and_is_no_network_that_is_down() {
        let authority = Authority::new("the centre's own");
        let made = authority.server("localhost", 4000);
        let house = House::open("name", &made, &authority).await;
        let why = house.why("127.0.0.1").await;
        assert!(why.contains("not for `127.0.0.1`: localhost"), "{why}");
        assert!(why.contains("--url"), "{why}");
        let made = authority.server("localhost", 2020);
        let house = House::open("expired", &made, &authority).await;
        let why = house.why("localhost").await;
        assert!(why.contains("has expired: 2020-01-01"), "{why}");
        assert!(why.contains("renew"), "{why}");
        let made = Authority::new("another").server("localhost", 4000);
        let house = House::open("issuer", &made, &authority).await;
        let why = house.why("localhost").await;
        assert!(why.contains("unknown issuer"), "{why}");
        assert!(why.contains("--ca"), "{why}");
    }

    #[tokio::test]
    async fn an_authority_that_comes_later_is_believed_without_a_restart() {
        let (right, wrong) = (Authority::new("right"), Authority::new("wrong"));
        let made = right.server("localhost", 4000);
        let house = House::open("later", &made, &wrong).await;
        let mut opening = Opening::default();
        let settings = house.settings("localhost");
        assert!(opening.open(&settings).await.is_err());
        std::fs::write(&house.ca, right.pem()).unwrap();
        assert!(opening.open(&settings).await.is_ok());
    }

    #[tokio::test]
    async fn a_port_that_speaks_otherwise_and_a_file_that_is_no_authoritys_say_the_mend() {
        let (tcp, address) = port().await;
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            while let Ok((mut stream, _)) = tcp.accept().await {
                let answer =
                    "HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n别\nwrite https://\n";
                let mut request = [0; 4096];
                let read = tokio::io::AsyncReadExt::read(&mut stream, &mut request).await;
                drop(read);
                drop(tokio::io::AsyncWriteExt::write_all(&mut stream, answer.as_bytes()).await);
            }
        });
        let why = refused(&settings(&format!("https://{address}"), None)).await;
        assert!(why.contains("does not speak TLS"), "{why}");
        assert!(why.contains("http://"), "{why}");
        let why = refused(&settings(&format!("http://{address}"), None)).await;
        assert!(
            why.contains("400") && why.ends_with("write https://"),
            "{why}"
        );
        let missing = Some(PathBuf::from("/nonexistent/ca.pem"));
        let why = refused(&settings(&format!("https://{address}"), missing)).await;
        assert!(why.contains("/nonexistent/ca.pem"), "{why}");
    }
}
