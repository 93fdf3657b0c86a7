//! The loop over one directory: when to look, and what is told of it.

use std::convert::Infallible;
use std::time::Duration;

use jiff::SignedDuration;
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::inbox::{Closed, Inbox};
use crate::incidents::{BackupSight, Input, Unseen};
use crate::probes::backup::{Client, Fault, Newest, Settings};
use crate::probes::pace::{next, spread};
use crate::signals::later;

/// Looks into one directory at once, and then every so often, until cancelled, or until the
/// inbox is closed.
pub async fn watch_backup(
    id: String,
    settings: Settings,
    (every, timeout): (SignedDuration, Duration),
    clock: Clock,
    inbox: Inbox,
    cancel: CancellationToken,
) {
    let client = Client::new(settings, timeout);
    let watching = watch(&id, &client, every, &clock, &inbox);
    // It ends by itself only where the inbox is closed: the daemon is shutting down.
    if let Some(Err(closed)) = cancel.run_until_cancelled(watching).await {
        tracing::debug!(%closed, "a backup is watched no longer");
    }
}

async fn watch(
    id: &str,
    client: &Client,
    every: SignedDuration,
    clock: &Clock,
    inbox: &Inbox,
) -> Result<Infallible, Closed> {
    let start = later(clock.now(), spread(id, every));
    let mut before = None;
    loop {
        let busy = inbox.begin();
        let found = client.probe().await;
        let said = found.as_ref().err().map(Fault::kind);
        if before.replace(said) != Some(said) {
            log(id, client, &found);
        }
        let sight = sight(&found);
        let backup = id.to_owned();
        inbox.send(Input::Backup { backup, sight }).await?;
        drop(busy);
        clock.sleep_until(next(start, every, clock.now())).await;
    }
}

fn sight(found: &Result<Newest, Fault>) -> BackupSight {
    let fault = match found {
        Ok(newest) => return BackupSight::Newest(newest.modified),
        Err(fault) => fault,
    };
    let unseen = Unseen {
        why: fault.why(),
        mend: fault.mend(),
    };
    match fault {
        Fault::Empty { .. } => BackupSight::None(unseen),
        _ => BackupSight::Blind(unseen),
    }
}

/// That backups are seen, or are not any more, with what mends it.
fn log(backup: &str, client: &Client, found: &Result<Newest, Fault>) {
    let directory = client.settings.directory.display();
    match found {
        Ok(newest) => {
            let (file, modified) = (&newest.name, newest.modified);
            tracing::info!(backup, %directory, file, %modified, "the newest backup is seen");
        }
        Err(why) => {
            let mend = why.mend().en;
            tracing::warn!(backup, %directory, mend, "no backup is seen: {why}");
        }
    }
}
