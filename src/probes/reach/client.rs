//! One target that is asked again and again.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::time::Instant;

use crate::probes::reach::answer::Answer;
use crate::probes::reach::connection::connect;
use crate::probes::reach::fault::Fault;
use crate::probes::reach::http::{self, Kept};
use crate::probes::reach::resolver::Resolver;
use crate::probes::reach::target::Target;
use crate::probes::reach::tls::Trust;
use crate::probes::reach::way::Way;
use crate::probes::reach::{dns, icmp};

/// What all targets' clients share; cheap to clone.
#[derive(Clone)]
pub struct Shared {
    resolver: Resolver,
    trust: Trust,
    /// It was said that echoes are forbidden.
    echoes_told: Arc<AtomicBool>,
}

impl Shared {
    /// Reads the certificate authorities of this host, once.
    pub fn of_host() -> Self {
        Self::trusting(Trust::of_host())
    }

    pub fn trusting(trust: Trust) -> Self {
        Self {
            resolver: Resolver::default(),
            trust,
            echoes_told: Arc::default(),
        }
    }

    /// Whether it is still to be said that echoes are forbidden.
    pub(super) fn tells_of_echoes(&self) -> bool {
        !self.echoes_told.swap(true, Ordering::Relaxed)
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Shared")
    }
}

/// One target, with the connection that is kept to it.
pub struct Client {
    target: Target,
    /// In real time, of a whole attempt.
    timeout: Duration,
    shared: Shared,
    kept: Option<Kept>,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Client({})", self.target)
    }
}

impl Client {
    pub fn new(target: Target, timeout: Duration, shared: Shared) -> Self {
        Self {
            target,
            timeout,
            shared,
            kept: None,
        }
    }

    pub fn target(&self) -> &Target {
        &self.target
    }

    /// Asks once, within the timeout. Where it is cancelled, the connection is left.
    pub async fn probe(&mut self) -> Answer {
        let mut way = Way::default();
        let begun = Instant::now();
        let timeout = self.timeout;
        let attempt = self.attempt(&mut way);
        let attempted = tokio::time::timeout(timeout, attempt).await;
        let latency = begun.elapsed();
        let reached = attempted
            .unwrap_or_else(|_| Err(Fault::out_of_time(&way, self.target.host(), timeout)));
        Answer {
            reached,
            latency,
            way,
        }
    }

    async fn attempt(&mut self, way: &mut Way) -> Result<(), Fault> {
        let Shared {
            resolver, trust, ..
        } = &self.shared;
        match &self.target {
            Target::Tcp { host, port } => {
                let addresses = resolver.addresses(host, *port, way).await?;
                connect(&addresses, way).await.map(drop)
            }
            Target::Tls { host, port } => {
                let addresses = resolver.addresses(host, *port, way).await?;
                let stream = connect(&addresses, way).await?;
                trust.secure(stream, host, way).await.map(drop)
            }
            Target::Icmp { host } => {
                let addresses = resolver.addresses(host, 0, way).await?;
                icmp::echo(&addresses, way).await
            }
            Target::Dns(question) => {
                let host = &question.server;
                let addresses = resolver.addresses(host, question.port, way).await?;
                dns::ask(question, &addresses, way).await
            }
            Target::Http(page) => http::ask(page, &mut self.kept, (resolver, trust), way).await,
        }
    }
}
