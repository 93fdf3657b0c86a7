//! Makes the weekly copy of the log in its turn, and says where that fails.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::inbox::Inbox;
use crate::incidents::Input;
use crate::signals::Kind;
use crate::store::backup::Backups;

/// A start is busy enough, and a daemon that ends again at once shall copy nothing.
const AFTER_THE_START: SignedDuration = SignedDuration::from_mins(10);
/// How often it is seen whether a copy is due; one that failed is tried again then.
const LOOK_EVERY: SignedDuration = SignedDuration::from_hours(1);

/// Looks every hour of plan time until cancelled.
pub async fn keep_backups(backups: Backups, inbox: Inbox, clock: Clock, cancel: CancellationToken) {
    let mut wait = AFTER_THE_START;
    loop {
        tokio::select! {
            biased;
            () = cancel.cancelled() => return,
            () = clock.sleep(wait) => {}
        }
        wait = LOOK_EVERY;
        let _busy = inbox.begin();
        let Some(fault) = look(backups.clone(), clock.now()).await else {
            continue;
        };
        let kind = Kind::BackupMade;
        // Nobody listens any more: the daemon is ending.
        if inbox.send(Input::Kept { kind, fault }).await.is_err() {
            return;
        }
    }
}

/// Makes a copy if one is due: `None` where none is, else why it failed, if it did.
async fn look(backups: Backups, now: Timestamp) -> Option<Option<String>> {
    let today = TimeZone::UTC.to_datetime(now).date();
    let copying =
        tokio::task::spawn_blocking(move || backups.is_due(today).then(|| backups.make(today)));
    let made = match copying.await {
        Ok(made) => made?.map_err(anyhow::Error::new),
        Err(error) => Err(anyhow::Error::new(error).context("the backup was broken off")),
    };
    match made {
        Ok(copy) => {
            tracing::info!("the log is backed up to {}", copy.display());
            Some(None)
        }
        Err(error) => {
            tracing::error!("{error:#}; it is tried again in an hour");
            Some(Some(format!("{error:#}")))
        }
    }
}
