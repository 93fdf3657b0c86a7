//! Looks how much room is left where the log lies, before there is none.

use std::io;
use std::path::{Path, PathBuf};

use jiff::SignedDuration;
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::inbox::Inbox;
use crate::incidents::Input;
use crate::signals::Kind;

/// Less than this is little: 2 GB.
const LEAST_BYTES: u64 = 2_000_000_000;
const LOOK_EVERY: SignedDuration = SignedDuration::from_hours(1);
/// A start is busy enough.
const AFTER_THE_START: SignedDuration = SignedDuration::from_mins(5);

/// Looks every hour of plan time until cancelled.
pub(super) async fn watch_room(
    folder: PathBuf,
    inbox: Inbox,
    clock: Clock,
    cancel: CancellationToken,
) {
    let mut wait = AFTER_THE_START;
    loop {
        tokio::select! {
            biased;
            () = cancel.cancelled() => return,
            () = clock.sleep(wait) => {}
        }
        wait = LOOK_EVERY;
        let _busy = inbox.begin();
        let place = folder.clone();
        let looked = tokio::task::spawn_blocking(move || free(&place)).await;
        let bytes = match looked.map_err(io::Error::from).flatten() {
            Ok(bytes) => bytes,
            Err(error) => {
                let folder = folder.display();
                tracing::warn!("how much room is left in {folder} cannot be seen: {error}");
                continue;
            }
        };
        let (kind, fault) = (Kind::DiskRoom, fault(bytes, &folder));
        // Nobody listens any more: the daemon is ending.
        if inbox.send(Input::Kept { kind, fault }).await.is_err() {
            return;
        }
    }
}

/// What may still be written there, in bytes.
fn free(folder: &Path) -> io::Result<u64> {
    let room = rustix::fs::statvfs(folder)?;
    Ok(room.f_bavail.saturating_mul(room.f_frsize))
}

/// In figures alone, which every language reads; `None` where there is enough.
fn fault(bytes: u64, folder: &Path) -> Option<String> {
    let tenths = bytes / 100_000_000;
    (bytes < LEAST_BYTES)
        .then(|| format!("{}.{} GB, {}", tenths / 10, tenths % 10, folder.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn less_than_two_gigabytes_is_little() {
        let folder = Path::new("/var/lib/callwatch");
        assert_eq!(fault(LEAST_BYTES, folder), None);
        let said = fault(LEAST_BYTES - 1, folder).unwrap();
        assert_eq!(said, "1.9 GB, /var/lib/callwatch");
        assert_eq!(fault(0, folder).unwrap(), "0.0 GB, /var/lib/callwatch");
    }

    #[test]
    fn what_is_free_is_seen_and_a_folder_that_is_gone_is_an_error() {
        assert!(free(&std::env::temp_dir()).unwrap() > 0);
        assert!(free(Path::new("/nowhere/at/all")).is_err());
    }
}
