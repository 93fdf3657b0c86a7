//! logind: says that the PC shuts down or sleeps, and waits a moment for the goodbye.
//!
//! The delay inhibitor: <https://systemd.io/INHIBITOR_LOCKS/>.

use std::time::Duration;

use futures_util::StreamExt as _;
use tokio::sync::watch;
use tokio::time::timeout;
use zbus::message::Type;
use zbus::{MatchRule, MessageStream, OwnedFd};

use crate::incidents::Leave;
use crate::seat::asking::asked;

pub(super) const NAME: &str = "org.freedesktop.login1";
const PATH: &str = "/org/freedesktop/login1";
const MANAGER: &str = "org.freedesktop.login1.Manager";
/// The PC is held up no longer than this for a goodbye.
const GOODBYE: Duration = Duration::from_secs(1);

/// Why the seat goes, and whether the daemon has heard it.
pub(super) struct Farewell {
    pub(super) leave_tx: watch::Sender<Option<Leave>>,
    /// The connection has said what it had to say.
    pub(super) parted_rx: watch::Receiver<bool>,
}

impl Farewell {
    /// The seat goes nowhere.
    pub(super) fn stay(&self) {
        self.leave_tx.send_replace(None);
    }

    async fn leave(&self, why: Leave) {
        tracing::info!(?why, "the PC goes down: saying goodbye");
        self.leave_tx.send_replace(Some(why));
        let mut parted_rx = self.parted_rx.clone();
        // Nobody hears it where there is no connection: then the PC goes all the same.
        drop(timeout(GOODBYE, parted_rx.wait_for(|parted| *parted)).await);
    }
}

/// Says goodbye in time, until the service or the bus fails.
pub(super) async fn watch(bus: &zbus::Connection, farewell: &Farewell) -> zbus::Result<()> {
    let rule = MatchRule::builder()
        .msg_type(Type::Signal)
        .interface(MANAGER)
        .path(PATH)
        .build()?;
    let mut signals = MessageStream::for_match_rule(rule, bus, None).await?;
    let mut held = Some(asked(hold(bus)).await?);
    while let Some(signal) = signals.next().await {
        let signal = signal?;
        let header = signal.header();
        let why = match header.member().map(zbus::names::MemberName::as_str) {
            Some("PrepareForShutdown") => Leave::Shutdown,
            Some("PrepareForSleep") => Leave::Sleep,
            _ => continue,
        };
        let goes: bool = signal.body().deserialize()?;
        if goes {
            farewell.leave(why).await;
            drop(held.take());
        } else {
            farewell.stay();
            held = Some(asked(hold(bus)).await?);
        }
    }
    Ok(())
}

/// The PC waits while this is open.
async fn hold(bus: &zbus::Connection) -> zbus::Result<OwnedFd> {
    let what = (
        "sleep:shutdown",
        "callwatch",
        "says goodbye to the daemon",
        "delay",
    );
    let answer = bus
        .call_method(Some(NAME), PATH, Some(MANAGER), "Inhibit", &what)
        .await?;
    answer.body().deserialize()
}
