//! What the listener speaks TLS with: one configuration, whose certificate may change.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use anyhow::Context as _;
use rustls::ServerConfig;
use rustls::crypto::ring::{self, Ticketer};
use rustls::server::{ClientHello, NoServerSessionStorage, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use tokio_rustls::TlsAcceptor;

use crate::web::tls::identity::Identity;

/// Shared by all runs of the daemon, so that a client resumes its session after a reload.
#[derive(Clone)]
pub struct Tls {
    acceptor: TlsAcceptor,
    shown: Arc<Shown>,
}

struct Shown(RwLock<Identity>);

impl Tls {
    /// TLS 1.2 and 1.3 for HTTP/1.1. Nothing is kept of a session that has ended: its client
    /// holds all of it as a ticket.
    pub fn new(identity: Identity) -> anyhow::Result<Self> {
        let shown = Arc::new(Shown(RwLock::new(identity)));
        let provider = Arc::new(ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .context("the versions of TLS")?
            .with_no_client_auth();
        let mut config = config.with_cert_resolver(Arc::clone(&shown) as _);
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        config.session_storage = Arc::new(NoServerSessionStorage {});
        config.ticketer = Ticketer::new().context("the system has no randomness")?;
        // A seat opens one connection at a time.
        config.send_tls13_tickets = 1;
        Ok(Self {
            acceptor: TlsAcceptor::from(Arc::new(config)),
            shown,
        })
    }

    /// Shows this one from now on; what is connected stays so.
    pub fn renew(&self, identity: Identity) {
        let mut shown = self.shown.0.write().unwrap_or_else(PoisonError::into_inner);
        *shown = identity;
    }

    /// What is shown now.
    pub fn identity(&self) -> Identity {
        let shown = self.shown.0.read().unwrap_or_else(PoisonError::into_inner);
        shown.clone()
    }

    pub(in crate::web) fn acceptor(&self) -> &TlsAcceptor {
        &self.acceptor
    }
}

impl ResolvesServerCert for Shown {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let shown = self.0.read().unwrap_or_else(PoisonError::into_inner);
        Some(Arc::clone(&shown.certified))
    }
}

impl fmt::Debug for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Shown")
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tls({:?})", self.identity())
    }
}
