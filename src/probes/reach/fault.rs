//! Why a target was not reached, each reason by itself.

use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

use jiff::Timestamp;

use crate::probes::reach::conditions::Statuses;
use crate::probes::reach::record::Record;
use crate::probes::reach::way::{Stage, Way};
use crate::text::Language;

/// Why not. What it is called stands in `wording`, what mends it in `mending`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// This host itself could not: no socket, no thread.
    Own(String),
    /// Too many look-ups hang already.
    Crowded,
    NoSuchHost {
        host: String,
    },
    /// The name servers of this host do not answer.
    NoNameServer {
        host: String,
    },
    Refused {
        peer: SocketAddr,
    },
    NoWay {
        peer: SocketAddr,
        why: String,
    },
    /// Nothing came within the timeout.
    Silence {
        stage: Stage,
        peer: Option<SocketAddr>,
        after: Duration,
    },
    /// The body had begun, and did not end within the timeout.
    TooSlow {
        bytes: usize,
        after: Duration,
    },
    /// The peer closed the connection before its answer was whole.
    Cut {
        stage: Stage,
        peer: Option<SocketAddr>,
    },
    /// The kernel lets nobody of ours send echoes.
    EchoForbidden,
    NoTls {
        peer: Option<SocketAddr>,
    },
    /// The peer broke off the handshake, or we did.
    TlsRefused {
        why: String,
    },
    Expired {
        not_after: Timestamp,
    },
    NotYetValid {
        not_before: Timestamp,
    },
    WrongName {
        host: String,
        named: Vec<String>,
    },
    UnknownIssuer,
    /// The peer shows the certificate of an authority, mostly one that it signed itself.
    OwnAuthority,
    BadCertificate {
        why: String,
    },
    NoHttp,
    Status {
        status: u16,
        wanted: Statuses,
        location: Option<String>,
    },
    TooManyRedirects {
        most: u8,
    },
    BadRedirect {
        location: String,
    },
    Lacks {
        text: String,
    },
    NoJson,
    NoValue {
        pointer: String,
    },
    OtherValue {
        pointer: String,
        wanted: String,
        got: String,
    },
    TooLong {
        most: usize,
    },
    /// A name server says that there is no such name.
    NoSuchName {
        name: String,
    },
    NoRecord {
        name: String,
        record: Record,
    },
    /// A name server does not answer the question: RCODE (RFC 1035, 4.1.1).
    NameServerRefuses {
        code: u8,
    },
    NoDns,
}

impl Fault {
    pub(super) fn own(error: &dyn fmt::Display) -> Self {
        Self::Own(error.to_string())
    }

    /// What it means that nothing more came within the timeout.
    pub(super) fn out_of_time(way: &Way, host: &str, after: Duration) -> Self {
        match way.stage {
            Stage::Turn => Self::Crowded,
            Stage::Name => Self::NoNameServer {
                host: host.to_owned(),
            },
            Stage::Body => Self::TooSlow {
                bytes: way.bytes,
                after,
            },
            stage => Self::Silence {
                stage,
                peer: way.peer,
                after,
            },
        }
    }

    /// Of a connection or socket that failed.
    pub(super) fn of_socket(error: &std::io::Error, peer: SocketAddr, stage: Stage) -> Self {
        use std::io::ErrorKind as Kind;
        match error.kind() {
            Kind::ConnectionRefused => Self::Refused { peer },
            Kind::ConnectionReset
            | Kind::ConnectionAborted
            | Kind::BrokenPipe
            | Kind::UnexpectedEof => Self::Cut {
                stage,
                peer: Some(peer),
            },
            Kind::TimedOut => Self::NoWay {
                peer,
                why: "the kernel gave up on it".to_owned(),
            },
            Kind::HostUnreachable | Kind::NetworkUnreachable | Kind::NetworkDown => Self::NoWay {
                peer,
                why: error.to_string(),
            },
            _ => Self::own(error),
        }
    }

    /// This host could not ask at all, so that nothing is known of the target.
    pub fn is_our_own(&self) -> bool {
        matches!(self, Self::Own(_) | Self::Crowded | Self::EchoForbidden)
    }

    /// As other programs tell the reasons apart.
    pub fn kind(&self) -> &'static str {
        match self {
            Fault::Own(_) => "own",
            Fault::Crowded => "crowded",
            Fault::NoSuchHost { .. } => "no-such-host",
            Fault::NoNameServer { .. } => "no-name-server",
            Fault::Refused { .. } => "refused",
            Fault::NoWay { .. } => "no-way",
            Fault::Silence { .. } => "silence",
            Fault::TooSlow { .. } => "too-slow",
            Fault::Cut { .. } => "cut",
            Fault::EchoForbidden => "echo-forbidden",
            Fault::NoTls { .. } => "no-tls",
            Fault::TlsRefused { .. } => "tls-refused",
            Fault::Expired { .. } => "expired",
            Fault::NotYetValid { .. } => "not-yet-valid",
            Fault::WrongName { .. } => "wrong-name",
            Fault::UnknownIssuer => "unknown-issuer",
            Fault::OwnAuthority => "own-authority",
            Fault::BadCertificate { .. } => "bad-certificate",
            Fault::NoHttp => "no-http",
            Fault::Status { .. } => "status",
            Fault::TooManyRedirects { .. } => "too-many-redirects",
            Fault::BadRedirect { .. } => "bad-redirect",
            Fault::Lacks { .. } => "lacks",
            Fault::NoJson => "no-json",
            Fault::NoValue { .. } => "no-value",
            Fault::OtherValue { .. } => "other-value",
            Fault::TooLong { .. } => "too-long",
            Fault::NoSuchName { .. } => "no-such-name",
            Fault::NoRecord { .. } => "no-record",
            Fault::NameServerRefuses { .. } => "name-server-refuses",
            Fault::NoDns => "no-dns",
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.why().in_language(Language::En))
    }
}

impl std::error::Error for Fault {}
