//! How far one attempt came, and what it saw on the way.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use jiff::Timestamp;

/// What an attempt is waiting for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stage {
    /// For other look-ups to end.
    #[default]
    Turn,
    Name,
    Connection,
    Tls,
    /// The head of an HTTP answer.
    Head,
    Body,
    Echo,
    /// A datagram of a name server.
    Reply,
}

/// What was seen, as far as it went. A duration is that of its stage alone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Way {
    pub stage: Stage,
    /// What the name resolved to; an address resolves to itself.
    pub addresses: Vec<IpAddr>,
    /// Absent where there was no name to look up.
    pub resolved_in: Option<Duration>,
    /// Who was spoken with.
    pub peer: Option<SocketAddr>,
    /// Absent on a connection that was kept from an earlier attempt.
    pub connected_in: Option<Duration>,
    pub secured_in: Option<Duration>,
    /// Where TLS was spoken: when the peer's own certificate ends.
    pub certificate_until: Option<Timestamp>,
    /// From the question to the last byte of the answer that was needed.
    pub answered_in: Option<Duration>,
    /// Of HTTP; after redirects, the last one.
    pub status: Option<u16>,
    /// Of the body, as far as it was read.
    pub bytes: usize,
    /// What a name server told of the type that was asked for.
    pub records: Vec<String>,
    /// How many redirects were followed.
    pub redirects: u8,
}
