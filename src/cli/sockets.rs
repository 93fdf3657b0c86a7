//! What the daemon listens on.

use std::net::{SocketAddr, TcpListener, UdpSocket};

use anyhow::Context as _;

use crate::config::Config;
use crate::web::Tls;

/// They outlive the runs, so that nobody is refused between two.
pub(super) struct Sockets {
    pub(super) listener: TcpListener,
    pub(super) tls: Option<Tls>,
    traps: Option<Traps>,
}

/// Where traps are heard.
struct Traps {
    socket: UdpSocket,
    /// It came from systemd, and is heard whatever the file says.
    handed_over: bool,
}

impl Sockets {
    pub(super) fn open(config: &Config) -> anyhow::Result<Self> {
        let handed_over = listenfd::ListenFd::from_env()
            .take_udp_socket(0)
            .context("the socket for traps that systemd hands over")?;
        let traps = match (handed_over, config.traps) {
            (Some(socket), _) => Some(Traps::of(socket, true)?),
            (None, Some(address)) => Some(Traps::bind(address)?),
            (None, None) => None,
        };
        Ok(Self {
            listener: listen(config.web.listen)?,
            tls: config.web.identity.clone().map(Tls::new).transpose()?,
            traps,
        })
    }

    /// What stays where it was is the same socket, with all that waits in it.
    pub(super) fn reopen(&self, before: &Config, after: &Config) -> anyhow::Result<Self> {
        let listener = if before.web.listen == after.web.listen {
            self.listener.try_clone()?
        } else {
            listen(after.web.listen)?
        };
        let traps = match (&self.traps, after.traps) {
            (Some(traps), _) if traps.handed_over || before.traps == after.traps => {
                Some(Traps::of(traps.socket.try_clone()?, traps.handed_over)?)
            }
            (_, Some(address)) => Some(Traps::bind(address)?),
            (_, None) => None,
        };
        let tls = match (&self.tls, &after.web.identity) {
            // The last of all that may fail: the run under way shows it at once.
            (Some(tls), Some(identity)) => {
                tls.renew(identity.clone());
                Some(tls.clone())
            }
            (_, identity) => identity.clone().map(Tls::new).transpose()?,
        };
        Ok(Self {
            listener,
            tls,
            traps,
        })
    }

    pub(super) fn traps(&self) -> anyhow::Result<Option<tokio::net::UdpSocket>> {
        let Some(traps) = &self.traps else {
            return Ok(None);
        };
        let address = traps.socket.local_addr()?;
        tracing::info!("traps are heard on {address}");
        let socket = tokio::net::UdpSocket::from_std(traps.socket.try_clone()?)?;
        Ok(Some(socket))
    }
}

impl Traps {
    fn of(socket: UdpSocket, handed_over: bool) -> anyhow::Result<Self> {
        socket.set_nonblocking(true)?;
        Ok(Self {
            socket,
            handed_over,
        })
    }

    fn bind(address: SocketAddr) -> anyhow::Result<Self> {
        let socket = UdpSocket::bind(address).with_context(|| {
            format!(
                "traps cannot be heard on {address}: for port 162 take traps.listen out and enable callwatch-traps.socket"
            )
        })?;
        Self::of(socket, false)
    }
}

fn listen(address: SocketAddr) -> anyhow::Result<TcpListener> {
    let listener = TcpListener::bind(address)
        .with_context(|| format!("{address} cannot be listened on; see web.listen"))?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}
