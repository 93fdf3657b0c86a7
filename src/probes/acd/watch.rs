//! The loop over one ACD: when to ask, and where what it tells goes.

use std::collections::BTreeMap;

use reqwest::Client;
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::inbox::{Closed, Inbox};
use crate::incidents::Input;
use crate::probes::acd::failure::Failure;
use crate::probes::acd::settings::Settings;
use crate::probes::acd::source::{Source, place};
use crate::probes::acd::told::Told;
use crate::probes::pace::{next, spread};
use crate::signals::later;

/// Watches one ACD until cancelled, or until the inbox is closed. What is pushed in is not
/// asked for: nothing is done.
///
/// It is asked at once at the start, then on an absolute schedule that is spread by its id; a
/// tick that a slow poll missed is left out. What happens in its queues asks beside the schedule.
pub async fn watch_acd(
    id: String,
    settings: Settings,
    http: Client,
    clock: Clock,
    inbox: Inbox,
    cancel: CancellationToken,
) {
    let watching = Box::pin(watch(id, settings, &http, &clock, &inbox));
    // It ends by itself only where the inbox is closed: the daemon is shutting down.
    if let Some(Err(closed)) = cancel.run_until_cancelled(watching).await {
        tracing::debug!(%closed, "an ACD is watched no longer");
    }
}

async fn watch(
    acd: String,
    settings: Settings,
    http: &Client,
    clock: &Clock,
    inbox: &Inbox,
) -> Result<(), Closed> {
    let Settings { of, poll, .. } = settings;
    let place = place(&of);
    let Some(mut source) = Source::new(of) else {
        return std::future::pending().await;
    };
    let start = later(clock.now(), spread(&acd, poll));
    let mut said = Said::default();
    loop {
        let busy = inbox.begin();
        let polled = source.poll(http).await;
        said.of(&acd, &place, &polled);
        let reading = polled
            .map(|told| told.reading)
            .map_err(|failure| failure.no_reading);
        let acd = acd.clone();
        inbox.send(Input::Acd { acd, reading }).await?;
        drop(busy);
        let tick = next(start, poll, clock.now());
        tokio::select! {
            () = clock.sleep_until(tick) => {}
            () = source.news() => {}
        }
    }
}

/// What the log says of one ACD: each thing once, until it is of another kind.
#[derive(Debug, Default)]
struct Said {
    /// Why it tells nothing, or that it does.
    link: &'static str,
    /// Why a queue cannot be believed, by queue.
    blind: BTreeMap<String, &'static str>,
}

impl Said {
    fn of(&mut self, acd: &str, place: &str, polled: &Result<Told, Failure>) {
        let link = match polled {
            Ok(_) => "well",
            Err(failure) => failure.no_reading.name(),
        };
        if std::mem::replace(&mut self.link, link) != link {
            match polled {
                Ok(_) => tracing::info!(acd, place, "answers"),
                Err(failure) => {
                    let mend = failure.no_reading.mend().en;
                    tracing::warn!(acd, place, why = %failure, mend, "tells nothing");
                }
            }
        }
        let Ok(told) = polled else { return };
        for (queue, read) in &told.reading.queues {
            let Err(why) = read else {
                if self.blind.remove(queue).is_some() {
                    tracing::info!(acd, queue, "the queue can be believed again");
                }
                continue;
            };
            if self.blind.insert(queue.clone(), why.name()) != Some(why.name()) {
                let mend = why.mend().en;
                tracing::warn!(acd, queue, %why, mend, "the queue cannot be believed");
            }
        }
    }
}
