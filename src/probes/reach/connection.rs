//! A TCP connection to whichever address of a host takes it first.

use std::net::SocketAddr;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep};

use crate::probes::reach::fault::Fault;
use crate::probes::reach::way::{Stage, Way};

/// Each address is given so much of a start over the next (RFC 8305, 8).
const APART: Duration = Duration::from_millis(250);

/// Tries one address after the other, and the next at once where one fails: one that is
/// silent delays the others little. Where none takes it, the fault that tells most is told.
pub(super) async fn connect(addresses: &[SocketAddr], way: &mut Way) -> Result<TcpStream, Fault> {
    way.stage = Stage::Connection;
    let begun = Instant::now();
    let mut later = addresses.iter().copied();
    let mut pending = Vec::new();
    let mut trying = FuturesUnordered::new();
    let mut fault = None;
    loop {
        if let Some(peer) = later.next() {
            trying.push(async move { (peer, TcpStream::connect(peer).await) });
            pending.push(peer);
        }
        // Should nothing more come, it is this one that is silent.
        way.peer = pending.first().copied();
        let next = async {
            match later.len() {
                0 => std::future::pending().await,
                _ => sleep(APART).await,
            }
        };
        let (peer, connected) = tokio::select! {
            biased;
            tried = trying.next() => match tried {
                Some(tried) => tried,
                None => break,
            },
            () = next => continue,
        };
        match connected {
            Ok(stream) => {
                way.peer = Some(peer);
                way.connected_in = Some(begun.elapsed());
                return Ok(stream);
            }
            Err(error) => {
                let found = Fault::of_socket(&error, peer, Stage::Connection);
                // A host without version 6 has no way to half of the addresses.
                if fault.is_none() || !matches!(found, Fault::NoWay { .. }) {
                    fault = Some(found);
                }
                pending.retain(|other| *other != peer);
            }
        }
    }
    Err(fault.unwrap_or_else(|| Fault::own(&"there is no address")))
}
