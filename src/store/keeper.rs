//! Cares for the log: makes its weekly copy in its turn and looks at its disk, and says
//! where either is amiss.

use std::path::PathBuf;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::inbox::Inbox;
use crate::incidents::Input;
use crate::signals::Kind;
use crate::store::backup::Backups;
use crate::store::room::watch_room;

/// A start is busy enough, and a daemon that ends again at once shall copy nothing.
const AFTER_THE_START: SignedDuration = SignedDuration::from_mins(10);
/// How often it is seen whether a copy is due; one that failed is tried again then.
const LOOK_EVERY: SignedDuration = SignedDuration::from_hours(1);

/// Cares for what there is to care for, until cancelled.
pub async fn keep(
    folder: Option<PathBuf>,
    backups: Option<Backups>,
    inbox: Inbox,
    clock: Clock,
    cancel: CancellationToken,
) {
    let room = async {
        if let Some(folder) = folder {
            watch_room(folder, inbox.clone(), clock.clone(), cancel.clone()).await;
        }
    };
    let copies = async {
        if let Some(backups) = backups {
            keep_backups(backups, inbox.clone(), clock.clone(), cancel.clone()).await;
        }
    };
    tokio::join!(room, copies);
    cancel.cancelled().await;
}

/// Looks every hour of plan time until cancelled.
async fn keep_backups(backups: Backups, inbox: Inbox, clock: Clock, cancel: CancellationToken) {
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
