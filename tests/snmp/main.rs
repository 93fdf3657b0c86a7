//! Faulty and changing devices over SNMP, as an operator would see them: made by
//! hand, byte by byte, on a socket of loopback each.

#![expect(
    clippy::unwrap_used,
    reason = "a device that cannot be set up fails the test"
)]

mod agent;
mod bounds;
mod engine;
mod odd_answers;
mod swap;
mod users;

use std::time::Duration;

use callwatch::clock::{Clock, Work};
use callwatch::inbox::{Envelope, Inbox};
use callwatch::incidents::Input;
use callwatch::probes::access::Access;
use callwatch::probes::trap::Nudge;
use callwatch::probes::{self, Pace, Trace, snmp};
use callwatch::ups::Reading;
use jiff::SignedDuration;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// Longer than anything here takes, however busy the machine.
const SOON: Duration = Duration::from_secs(60);
/// Of each request.
const TIMEOUT: Duration = Duration::from_secs(2);

fn settings(port: u16, access: Access) -> snmp::Settings {
    snmp::Settings {
        host: "127.0.0.1".to_owned(),
        port,
        access,
    }
}

fn community() -> Access {
    let community = "public".to_owned();
    Access::V2c { community }
}

fn v1() -> Access {
    let community = "public".to_owned();
    Access::V1 { community }
}

/// Asks once, for everything; a probe that hangs is a fault.
async fn asked(port: u16, access: Access) -> Trace {
    let settings = settings(port, access);
    let asking = probes::trace_ups(&settings, TIMEOUT);
    let asked = tokio::time::timeout(SOON, asking).await;
    asked.expect("a probe ends by itself")
}

/// What `callwatch probe` prints of a device, whatever it thinks of it.
async fn probed(port: u16, access: &[&str]) -> String {
    let probing = tokio::process::Command::new(env!("CARGO_BIN_EXE_callwatch"))
        .args(["probe", "ups", &format!("127.0.0.1:{port}")])
        .args(access)
        .kill_on_drop(true)
        .output();
    let probed = tokio::time::timeout(SOON, probing).await;
    let output = probed
        .expect("a probe ends by itself")
        .expect("it is built");
    String::from_utf8(output.stdout).expect("texts are UTF-8")
}

/// One UPS that is polled many times a second, and for everything a few times.
struct Watched {
    envelopes_rx: mpsc::Receiver<Envelope>,
    _watching: JoinSet<()>,
}

impl Watched {
    fn begin(port: u16, access: Access) -> Self {
        let pace = Pace {
            status: SignedDuration::from_millis(10),
            full: SignedDuration::from_millis(50),
            timeout: TIMEOUT,
        };
        let (inbox, envelopes_rx) = Inbox::new(Work::default());
        let mut watching = JoinSet::new();
        watching.spawn(probes::watch_ups(
            "UPS-A".to_owned(),
            probes::Settings::Snmp(settings(port, access)),
            Nudge::default(),
            pace,
            Clock::real(),
            inbox,
            CancellationToken::new(),
        ));
        Self {
            envelopes_rx,
            _watching: watching,
        }
    }

    async fn next(&mut self) -> Reading {
        let next = tokio::time::timeout(SOON, self.envelopes_rx.recv()).await;
        let envelope = next.expect("readings come").expect("the loop goes on");
        let Input::Ups { ups, reading } = envelope.input else {
            panic!("a reading, not {:?}", envelope.input);
        };
        assert_eq!(ups, "UPS-A");
        reading
    }

    /// Every reading until one that is wanted, with that one.
    async fn until(&mut self, wanted: impl Fn(&Reading) -> bool) -> Vec<Reading> {
        let mut seen = Vec::new();
        let waiting = async {
            loop {
                seen.push(self.next().await);
                if seen.last().is_some_and(&wanted) {
                    break;
                }
            }
        };
        let came = tokio::time::timeout(SOON, waiting).await;
        assert!(came.is_ok(), "it never comes; the last: {:?}", seen.last());
        seen
    }

    /// Forgets what waits: the next reading is of a poll that began after this.
    async fn catch_up(&mut self) {
        while self.envelopes_rx.try_recv().is_ok() {}
        // The one that was under way.
        self.next().await;
    }
}
