//! TLS over a connection, and what is wrong with a certificate.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use rustls::client::Resumption;
use rustls::crypto::ring;
use rustls::pki_types::{ServerName, UnixTime};
use rustls::{AlertDescription, CertificateError, ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio::time::Instant;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::probes::reach::certificate::not_after;
use crate::probes::reach::fault::Fault;
use crate::probes::reach::way::{Stage, Way};

/// Names that a certificate is for, of which so many are told.
const NAMES_TOLD: usize = 5;

/// Whose certificates are believed; shared by all that ask.
#[derive(Clone)]
pub struct Trust(TlsConnector);

impl Trust {
    /// The authorities of this host. Where there are none, no certificate is believed.
    pub fn of_host() -> Self {
        let found = rustls_native_certs::load_native_certs();
        for error in found.errors {
            tracing::warn!(%error, "certificate authorities cannot be read");
        }
        let mut roots = RootCertStore::empty();
        let (taken, left) = roots.add_parsable_certificates(found.certs);
        if taken == 0 {
            tracing::warn!(
                left,
                "no certificate authorities: https and tls targets are not believed; install ca-certificates and restart"
            );
        }
        Self::of(roots)
    }

    pub fn of(roots: RootCertStore) -> Self {
        let provider = Arc::new(ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("ring has suites for TLS 1.2 and 1.3");
        let mut config = config.with_root_certificates(roots).with_no_client_auth();
        // A resumed session shows no certificate: one that has expired would pass.
        config.resumption = Resumption::disabled();
        Self(TlsConnector::from(Arc::new(config)))
    }

    /// Shakes hands; the certificate has to be for `host`.
    pub(super) async fn secure(
        &self,
        stream: TcpStream,
        host: &str,
        way: &mut Way,
    ) -> Result<TlsStream<TcpStream>, Fault> {
        way.stage = Stage::Tls;
        let begun = Instant::now();
        let name = ServerName::try_from(host.to_owned());
        let name = name.map_err(|_| Fault::TlsRefused {
            why: format!("`{host}` is no name that a certificate can be for"),
        })?;
        let secured = self.0.connect(name, stream).await;
        let secured = secured.map_err(|error| {
            let fault = fault(&error, host, way);
            if let Fault::Expired { not_after } = &fault {
                way.certificate_until = Some(*not_after);
            }
            fault
        })?;
        way.secured_in = Some(begun.elapsed());
        let certificates = secured.get_ref().1.peer_certificates();
        let own = certificates.and_then(<[_]>::first);
        way.certificate_until = own.and_then(|own| not_after(own));
        Ok(secured)
    }
}

/// What rustls says, in whatever it is wrapped.
pub(super) fn inner(error: &io::Error) -> Option<&rustls::Error> {
    error.get_ref()?.downcast_ref()
}

/// Why no TLS came about with `host`; `None` where it is the fault of the connection below.
pub(crate) fn tls_fault(error: &io::Error, host: &str, peer: Option<SocketAddr>) -> Option<Fault> {
    let way = Way {
        peer,
        ..Way::default()
    };
    inner(error).map(|inner| of_tls(inner, host, &way))
}

fn fault(error: &io::Error, host: &str, way: &Way) -> Fault {
    let Some(inner) = inner(error) else {
        let Some(peer) = way.peer else {
            return Fault::own(error);
        };
        return Fault::of_socket(error, peer, Stage::Tls);
    };
    of_tls(inner, host, way)
}

/// Of what rustls says, in a handshake or behind it.
pub(super) fn of_tls(error: &rustls::Error, host: &str, way: &Way) -> Fault {
    match error {
        rustls::Error::InvalidMessage(_) => Fault::NoTls { peer: way.peer },
        rustls::Error::InvalidCertificate(error) => of_certificate(error, host),
        // What a server without TLS of our versions or suites says, and one that wants a certificate of us.
        rustls::Error::AlertReceived(alert) => Fault::TlsRefused {
            why: alert_words(*alert),
        },
        other => Fault::TlsRefused {
            why: other.to_string(),
        },
    }
}

fn alert_words(alert: AlertDescription) -> String {
    format!(
        "alert {} ({})",
        u8::from(alert),
        alert.as_str().unwrap_or("unknown")
    )
}

fn of_certificate(error: &CertificateError, host: &str) -> Fault {
    let bad = || Fault::BadCertificate {
        why: error.to_string(),
    };
    match error {
        CertificateError::ExpiredContext { not_after, .. } => {
            moment(*not_after).map_or_else(bad, |not_after| Fault::Expired { not_after })
        }
        CertificateError::NotValidYetContext { not_before, .. } => {
            moment(*not_before).map_or_else(bad, |not_before| Fault::NotYetValid { not_before })
        }
        CertificateError::NotValidForNameContext { presented, .. } => Fault::WrongName {
            host: host.to_owned(),
            named: presented
                .iter()
                .take(NAMES_TOLD)
                .map(|name| bare(name))
                .collect(),
        },
        CertificateError::NotValidForName => Fault::WrongName {
            host: host.to_owned(),
            named: Vec::new(),
        },
        CertificateError::UnknownIssuer => Fault::UnknownIssuer,
        // Of the library below, whose errors rustls does not all name.
        CertificateError::Other(other) if other.to_string().contains("CaUsedAsEndEntity") => {
            Fault::OwnAuthority
        }
        _ => bad(),
    }
}

/// A name without what rustls writes around it: `DnsName("crm.example")`.
fn bare(presented: &str) -> String {
    let mut parts = presented.split('"');
    let quoted = parts.nth(1).unwrap_or(presented);
    quoted.to_owned()
}

fn moment(time: UnixTime) -> Option<Timestamp> {
    let since = Duration::from_secs(time.as_secs());
    Timestamp::UNIX_EPOCH.checked_add(since).ok()
}
