//! The loop over one target: when to ask, and what is told of the answer.

use std::convert::Infallible;

use jiff::SignedDuration;
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::inbox::{Closed, Inbox};
use crate::incidents::Input;
use crate::probes::pace::{next, spread};
use crate::probes::reach::answer::Answer;
use crate::probes::reach::client::{Client, Shared};
use crate::probes::reach::fault::Fault;
use crate::probes::reach::settings::{EVERY, Settings};
use crate::probes::reach::sight::sight;
use crate::signals::{Kind, Signal, later};

/// An answer is believed until so many are missing.
const MISSING: i32 = 3;

/// Watches one target until cancelled, or until the inbox is closed.
///
/// It is asked at once, then every so often in plan time, on an absolute schedule that is
/// spread by its name; a tick that a slow attempt missed is left out. What fails is asked
/// at least as often as [`EVERY`]: nobody is alarmed by one lost answer, and its end is seen
/// soon.
pub async fn watch_target(
    signal: Signal,
    settings: Settings,
    shared: Shared,
    (clock, inbox, cancel): (Clock, Inbox, CancellationToken),
) {
    let watching = watch(&signal, settings, shared, &clock, &inbox);
    let ended = cancel.run_until_cancelled(watching).await;
    // It ends by itself only where the inbox is closed: the daemon is shutting down.
    if let Some(Err(closed)) = ended {
        tracing::debug!(%closed, "a target is watched no longer");
    }
}

async fn watch(
    signal: &Signal,
    settings: Settings,
    shared: Shared,
    clock: &Clock,
    inbox: &Inbox,
) -> Result<Infallible, Closed> {
    let Settings {
        target,
        every,
        slow,
        timeout,
    } = settings;
    let mut client = Client::new(target, timeout, shared.clone());
    let patience = SignedDuration::try_from(timeout).unwrap_or(SignedDuration::MAX);
    let speed = i32::try_from(clock.speed()).unwrap_or(i32::MAX);
    let patience = patience.saturating_mul(speed);
    let lasts = every.saturating_mul(MISSING).saturating_add(patience);
    let start = later(clock.now(), spread(&signal.to_string(), every));
    let mut before = None;
    let mut certificate = None;
    loop {
        let busy = inbox.begin();
        let answer = client.probe().await;
        if before.replace(answer.reached.is_ok()) != Some(answer.reached.is_ok()) {
            log(signal, &client, &shared, &answer);
        }
        let sight = sight(signal, &answer, slow, lasts);
        inbox.send(Input::Sights(vec![sight])).await?;
        // A connection that was kept shows none.
        let until = answer.way.certificate_until;
        if let Some(until) = until.filter(|_| signal.kind == Kind::ServiceReach)
            && certificate.replace(until) != Some(until)
        {
            let service = signal.of.clone();
            inbox.send(Input::Certificate { service, until }).await?;
        }
        drop(busy);
        let now = clock.now();
        let mut tick = next(start, every, now);
        if answer.reached.is_err() {
            tick = tick.min(later(now, EVERY));
        }
        clock.sleep_until(tick).await;
    }
}

/// What is reached, and is not any more, with what mends it.
fn log(signal: &Signal, client: &Client, shared: &Shared, answer: &Answer) {
    let target = client.target();
    match &answer.reached {
        Ok(()) => tracing::info!(%signal, %target, "is reached"),
        Err(why @ Fault::EchoForbidden) => {
            // It is so for all of them.
            if shared.tells_of_echoes() {
                let mend = why.mend().en;
                tracing::error!(%signal, %target, "{why}, so whatever is asked by icmp:// stays unknown: {mend}");
            }
        }
        Err(why) => {
            let mend = why.mend().en;
            tracing::warn!(%signal, %target, mend, "is not reached: {why}");
        }
    }
}
