//! The system bus: what the PC says of its own supply and of its session, and that it goes
//! down.
//!
//! All are of Linux services that may be absent: that is said once, and the seat
//! then neither reports them nor says why it goes.

use std::time::Duration;

use futures_util::StreamExt as _;
use tokio::sync::watch;
use tokio::time::sleep;
use zbus::fdo::DBusProxy;

use crate::health::Session;
use crate::seat::logind::Farewell;
use crate::seat::senses::session;
use crate::seat::{logind, upower};
use crate::ups::OwnPower;

/// A bus that is not there is looked for again after this.
const NO_BUS_WAIT: Duration = Duration::from_secs(60);

/// Follows both for ever.
pub(super) async fn follow(
    power_tx: watch::Sender<Option<OwnPower>>,
    session_tx: watch::Sender<Option<Session>>,
    farewell: Farewell,
) {
    let mut told = String::new();
    loop {
        let ended = async {
            let bus = zbus::Connection::system().await?;
            tokio::try_join!(
                serve(&bus, upower::NAME, || upower::watch(&bus, &power_tx)),
                serve(&bus, logind::NAME, || logind::watch(&bus, &farewell)),
                serve(&bus, logind::NAME, || session::watch(&bus, &session_tx)),
            )
        };
        let why = match Box::pin(ended).await {
            Ok(((), (), ())) => "it is gone".to_owned(),
            Err(error) => error.to_string(),
        };
        power_tx.send_replace(None);
        session_tx.send_replace(None);
        farewell.stay();
        if told != why {
            tracing::info!("no system bus, so the PC's own supply is not seen: {why}");
            told = why;
        }
        sleep(NO_BUS_WAIT).await;
    }
}

/// Watches a service, and again whenever it comes back; ends with the bus.
async fn serve<F: Future<Output = zbus::Result<()>>>(
    bus: &zbus::Connection,
    name: &'static str,
    watch: impl Fn() -> F,
) -> zbus::Result<()> {
    let proxy = DBusProxy::new(bus).await?;
    let mut owners = proxy
        .receive_name_owner_changed_with_args(&[(0, name)])
        .await?;
    let mut told = String::new();
    loop {
        let changed = {
            let watching = watch();
            tokio::pin!(watching);
            tokio::select! {
                ended = &mut watching => {
                    let why = ended.err().map_or_else(|| "it is gone".to_owned(), |error| error.to_string());
                    if told != why {
                        tracing::info!(service = name, "not there: {why}");
                        told = why;
                    }
                    owners.next().await
                }
                changed = owners.next() => changed,
            }
        };
        if changed.is_none() {
            return Ok(());
        }
    }
}
