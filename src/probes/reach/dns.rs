//! One question to a name server, by UDP.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use tokio::net::UdpSocket;
use tokio::time::Instant;

use crate::probes::reach::fault::Fault;
use crate::probes::reach::message;
use crate::probes::reach::target::Question;
use crate::probes::reach::way::{Stage, Way};

/// RCODE of a name that there is not (RFC 1035, 4.1.1).
const NO_SUCH_NAME: u8 = 3;

/// Asks the first address of the server that there is a way to.
pub(super) async fn ask(
    question: &Question,
    addresses: &[SocketAddr],
    way: &mut Way,
) -> Result<(), Fault> {
    way.stage = Stage::Reply;
    way.peer = addresses.first().copied();
    let (socket, peer) = open(addresses).await?;
    way.peer = Some(peer);
    let of_socket = |error: &std::io::Error| Fault::of_socket(error, peer, Stage::Reply);
    let mut id = [0; 2];
    getrandom::fill(&mut id).map_err(|error| Fault::own(&error))?;
    let sent = message::question(u16::from_be_bytes(id), &question.name, question.record);
    let begun = Instant::now();
    socket
        .send(&sent)
        .await
        .map_err(|error| of_socket(&error))?;
    let mut buffer = [0; 4096];
    let reply = loop {
        let length = socket.recv(&mut buffer).await;
        let length = length.map_err(|error| of_socket(&error))?;
        let datagram = &buffer[..length];
        match message::read(datagram, &sent, question.record) {
            Some(reply) => break reply,
            // It answers to us, but not so that one could read it.
            None if datagram.get(..2) == Some(&id) => return Err(Fault::NoDns),
            None => {}
        }
    };
    way.answered_in = Some(begun.elapsed());
    let name = question.name.clone();
    match reply.code {
        0 if reply.records.is_empty() && !reply.truncated => Err(Fault::NoRecord {
            name,
            record: question.record,
        }),
        0 => {
            way.records = reply.records;
            Ok(())
        }
        NO_SUCH_NAME => Err(Fault::NoSuchName { name }),
        code => Err(Fault::NameServerRefuses { code }),
    }
}

async fn open(addresses: &[SocketAddr]) -> Result<(UdpSocket, SocketAddr), Fault> {
    let mut fault = None;
    for peer in addresses {
        let any = match peer {
            SocketAddr::V4(_) => SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0)),
            SocketAddr::V6(_) => SocketAddr::from((Ipv6Addr::UNSPECIFIED, 0)),
        };
        let opening = async {
            let socket = UdpSocket::bind(any).await?;
            socket.connect(peer).await?;
            Ok(socket)
        };
        match opening.await {
            Ok(socket) => return Ok((socket, *peer)),
            Err(error) => {
                let found = Fault::of_socket(&error, *peer, Stage::Reply);
                fault = fault.or(Some(found));
            }
        }
    }
    Err(fault.unwrap_or_else(|| Fault::Own("there is no address".to_owned())))
}
