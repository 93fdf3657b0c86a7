//! The loop over one UPS: when to ask, and where the reading goes.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::inbox::{Closed, Inbox};
use crate::incidents::Input;
use crate::probes::eye::Eye;
use crate::probes::snmp::Settings;
use crate::signals::later;
use crate::ups::Reading;

/// How often a UPS is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// Plan time between polls of what tells on battery or not.
    pub status: SignedDuration,
    /// Plan time between polls of everything.
    pub full: SignedDuration,
    /// Real time that one request may take.
    pub timeout: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            status: SignedDuration::from_secs(2),
            full: SignedDuration::from_secs(30),
            timeout: Duration::from_millis(1500),
        }
    }
}

/// Watches one UPS until cancelled, or until the inbox is closed.
///
/// Everything is asked at once at the start, then on an absolute schedule that
/// is spread by the UPS's id; a tick that a slow poll missed is left out.
pub async fn watch_ups(
    id: String,
    settings: Settings,
    pace: Pace,
    clock: Clock,
    inbox: Inbox,
    cancel: CancellationToken,
) {
    let eye = Eye::new(settings, pace.timeout);
    let watching = watch(id, eye, pace, &clock, &inbox);
    // It ends by itself only where the inbox is closed: the daemon is shutting down.
    if let Some(Err(closed)) = cancel.run_until_cancelled(watching).await {
        tracing::debug!(%closed, "a UPS is watched no longer");
    }
}

async fn watch(
    id: String,
    mut eye: Eye,
    pace: Pace,
    clock: &Clock,
    inbox: &Inbox,
) -> Result<(), Closed> {
    let start = later(clock.now(), spread(&id, pace.status));
    let mut full_from = Timestamp::MIN;
    let mut reachable = None;
    loop {
        let busy = inbox.begin();
        let now = clock.now();
        let full = full_from <= now;
        if full {
            full_from = next(start, pace.full, now.max(start));
        }
        let polled = eye.poll(full).await;
        if reachable.replace(polled.is_ok()) != Some(polled.is_ok()) {
            match &polled {
                Ok(reading) => {
                    tracing::info!(ups = id, verdict = reading.verdict.name(), "answers");
                }
                Err(blind) => tracing::warn!(ups = id, why = why(blind), "does not answer"),
            }
        }
        let ups = id.clone();
        let reading = polled.unwrap_or_else(|_| Reading::unreachable());
        inbox.send(Input::Ups { ups, reading }).await?;
        drop(busy);
        clock
            .sleep_until(next(start, pace.status, clock.now()))
            .await;
    }
}

/// An error with all that caused it.
fn why(error: &dyn std::error::Error) -> String {
    let chain = std::iter::successors(error.source(), |error| error.source());
    chain.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}

/// The first tick after `now` of a schedule that began at `start`.
fn next(start: Timestamp, every: SignedDuration, now: Timestamp) -> Timestamp {
    let every = every.as_millis().max(1);
    let passed = now.duration_since(start).as_millis();
    let ticks = passed.div_euclid(every) + 1;
    let millis = i64::try_from(ticks.saturating_mul(every)).unwrap_or(i64::MAX);
    later(start, SignedDuration::from_millis(millis))
}

/// Where within an interval a UPS has its turn: the same one on every start (FNV-1a).
fn spread(id: &str, interval: SignedDuration) -> SignedDuration {
    let hash = id.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let interval = interval.as_millis().max(1);
    let offset = i128::from(hash).rem_euclid(interval);
    SignedDuration::from_millis(i64::try_from(offset).unwrap_or(0))
}
