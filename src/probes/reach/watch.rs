//! The loop over one target: when to ask, and where the answer goes.

use jiff::SignedDuration;
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::inbox::{Closed, Inbox};
use crate::incidents::Input;
use crate::probes::pace::{next, spread};
use crate::probes::reach::answer::Answer;
use crate::probes::reach::client::Client;
use crate::signals::later;

/// Watches one target until cancelled, or until the inbox is closed.
///
/// It is asked at once, then every so often in plan time, on an absolute schedule that is
/// spread by its id; a tick that a slow attempt missed is left out. `input` says what an
/// answer is to the Board.
pub async fn watch_target(
    id: String,
    mut client: Client,
    every: SignedDuration,
    (clock, inbox, cancel): (Clock, Inbox, CancellationToken),
    input: impl Fn(Answer) -> Input,
) {
    let watching = async {
        let start = later(clock.now(), spread(&id, every));
        let mut reachable = None;
        loop {
            let busy = inbox.begin();
            let answer = client.probe().await;
            let reached = answer.reached.is_ok();
            if reachable.replace(reached) != Some(reached) {
                match &answer.reached {
                    Ok(()) => tracing::info!(target = id, "is reached"),
                    Err(why) => tracing::warn!(target = id, %why, "is not reached"),
                }
            }
            inbox.send(input(answer)).await?;
            drop(busy);
            clock.sleep_until(next(start, every, clock.now())).await;
        }
    };
    let ended: Option<Result<std::convert::Infallible, Closed>> =
        cancel.run_until_cancelled(watching).await;
    // It ends by itself only where the inbox is closed: the daemon is shutting down.
    if let Some(Err(closed)) = ended {
        tracing::debug!(%closed, "a target is watched no longer");
    }
}
