//! One echo, over a datagram socket of ICMP: it needs no privilege, but the kernel's leave.
//!
//! `net.ipv4.ping_group_range` holds the groups that may, for both versions of IP: icmp(7).
//! The kernel sets identifier and checksum, and hands on no other's replies.

use rustix::io::Errno;
use rustix::net::{self, AddressFamily, SocketFlags, SocketType, ipproto};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::UdpSocket;
use tokio::time::Instant;

use crate::probes::reach::fault::Fault;
use crate::probes::reach::way::{Stage, Way};

/// Type 8 is answered by 0 (RFC 792), and 128 by 129 (RFC 4443).
const V4: (u8, u8) = (8, 0);
const V6: (u8, u8) = (128, 129);
/// Type, code, checksum, identifier, number; the data follow.
const HEAD: usize = 8;
/// A datagram may be lost; the same one is sent again after this, until time is up.
const AGAIN: Duration = Duration::from_secs(1);

/// Asks the first address that there is a way to.
pub(super) async fn echo(addresses: &[SocketAddr], way: &mut Way) -> Result<(), Fault> {
    way.stage = Stage::Echo;
    way.peer = addresses.first().copied();
    let mut fault = None;
    for peer in addresses {
        match open(*peer) {
            Ok(socket) => {
                way.peer = Some(*peer);
                return exchange(socket, *peer, way).await;
            }
            Err(found) => fault = fault.or(Some(found)),
        }
    }
    Err(fault.unwrap_or_else(|| Fault::Own("there is no address".to_owned())))
}

fn open(peer: SocketAddr) -> Result<UdpSocket, Fault> {
    let (family, protocol) = match peer {
        SocketAddr::V4(_) => (AddressFamily::INET, ipproto::ICMP),
        SocketAddr::V6(_) => (AddressFamily::INET6, ipproto::ICMPV6),
    };
    let flags = SocketFlags::NONBLOCK | SocketFlags::CLOEXEC;
    let socket = net::socket_with(family, SocketType::DGRAM, flags, Some(protocol));
    let socket = socket.map_err(|errno| match errno {
        Errno::ACCESS | Errno::PERM => Fault::EchoForbidden,
        // Without this version of IP, or of ICMP.
        Errno::AFNOSUPPORT | Errno::PROTONOSUPPORT => no_way(errno, peer),
        errno => Fault::own(&errno),
    })?;
    net::connect(&socket, &peer).map_err(|errno| no_way(errno, peer))?;
    // To the library one datagram socket is as another: it reads and writes what comes.
    UdpSocket::from_std(socket.into()).map_err(|error| Fault::own(&error))
}

fn no_way(errno: Errno, peer: SocketAddr) -> Fault {
    Fault::NoWay {
        peer,
        why: errno.to_string(),
    }
}

async fn exchange(socket: UdpSocket, peer: SocketAddr, way: &mut Way) -> Result<(), Fault> {
    let (request, reply) = match peer {
        SocketAddr::V4(_) => V4,
        SocketAddr::V6(_) => V6,
    };
    let mut sent = [0; HEAD + 16];
    sent[0] = request;
    getrandom::fill(&mut sent[HEAD..]).map_err(|error| Fault::own(&error))?;
    let begun = Instant::now();
    let of_echo = |error: std::io::Error| of_echo(&error, peer);
    loop {
        socket.send(&sent).await.map_err(of_echo)?;
        let replied = replied(&socket, reply, &sent[HEAD..]);
        if let Ok(replied) = tokio::time::timeout(AGAIN, replied).await {
            replied.map_err(of_echo)?;
            way.answered_in = Some(begun.elapsed());
            return Ok(());
        }
    }
}

/// Waits for the reply that brings the data back.
async fn replied(socket: &UdpSocket, reply: u8, data: &[u8]) -> std::io::Result<()> {
    let mut buffer = [0; 256];
    loop {
        let length = socket.recv(&mut buffer).await?;
        let got = &buffer[..length];
        if got.first() == Some(&reply) && got.get(HEAD..) == Some(data) {
            return Ok(());
        }
    }
}

/// A router on the way may say why not.
fn of_echo(error: &std::io::Error, peer: SocketAddr) -> Fault {
    match Fault::of_socket(error, peer, Stage::Echo) {
        Fault::Refused { peer }
        | Fault::Cut {
            peer: Some(peer), ..
        } => Fault::NoWay {
            peer,
            why: error.to_string(),
        },
        fault => fault,
    }
}
