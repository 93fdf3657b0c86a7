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

/// Tries all of them, the later ones later: one that is silent delays the others little.
/// Where none takes it, the fault that tells most is told.
pub(super) async fn connect(addresses: &[SocketAddr], way: &mut Way) -> Result<TcpStream, Fault> {
    way.stage = Stage::Connection;
    way.peer = addresses.first().copied();
    let begun = Instant::now();
    let starts = (0..).map(|place| APART * place);
    let mut trying: FuturesUnordered<_> = addresses
        .iter()
        .zip(starts)
        .map(|(address, start)| async move {
            sleep(start).await;
            (*address, TcpStream::connect(address).await)
        })
        .collect();
    let mut worst = None;
    while let Some((peer, connected)) = trying.next().await {
        match connected {
            Ok(stream) => {
                way.peer = Some(peer);
                way.connected_in = Some(begun.elapsed());
                return Ok(stream);
            }
            Err(error) => {
                let fault = Fault::of_socket(&error, peer, Stage::Connection);
                // A host without version 6 has no way to half of the addresses.
                if worst.is_none() || !matches!(fault, Fault::NoWay { .. }) {
                    way.peer = Some(peer);
                    worst = Some(fault);
                }
            }
        }
    }
    Err(worst.unwrap_or_else(|| Fault::Own("there is no address".to_owned())))
}
