//! What is pushed in of one ACD's queues, handed to whoever judges it.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use tokio_util::sync::CancellationToken;

use crate::acd::{Blind, Member, Reading};
use crate::clock::Clock;
use crate::inbox::{Closed, Inbox};
use crate::incidents::Input;
use crate::probes::acd::{self, Of};
use crate::probes::backup::Known;
use crate::signals::later;
use crate::web::ingest::{Arrived, Ingest, Latest};

/// What is pushed in of one ACD.
#[derive(Debug)]
pub struct Own {
    queues: Latest,
    stale_after: SignedDuration,
}

/// Opens the doors of the ACDs whose figures are pushed in, and of the backups that report.
pub fn doors<'a>(
    acds: impl Iterator<Item = &'a acd::Settings>,
    backups: &BTreeMap<String, Known>,
) -> anyhow::Result<(Ingest, Latest)> {
    let pushed = acds.filter_map(|settings| match &settings.of {
        Of::Pushed(pushed) => Some((pushed, settings.stale_after)),
        _ => None,
    });
    Ingest::new(pushed, backups)
}

/// Takes what is pushed in of this ACD; `None` where it is asked.
pub fn own_of(latest: &mut Latest, settings: &acd::Settings) -> Option<Own> {
    let Of::Pushed(pushed) = &settings.of else {
        return None;
    };
    let queues = pushed.queues.iter();
    Some(Own {
        queues: queues
            .filter_map(|queue| latest.remove_entry(queue))
            .collect(),
        stale_after: settings.stale_after,
    })
}

/// Hands on whatever is pushed in of the queues of one ACD, and that nothing is any more,
/// until cancelled, or until the inbox is closed.
pub async fn watch_pushed(
    acd: String,
    own: Own,
    clock: Clock,
    inbox: Inbox,
    cancel: CancellationToken,
) {
    let watching = watch(&acd, own, &clock, &inbox);
    // It ends by itself only where the inbox is closed: the daemon is shutting down.
    if let Some(Err(closed)) = cancel.run_until_cancelled(watching).await {
        tracing::debug!(%closed, "an ACD is watched no longer");
    }
}

async fn watch(acd: &str, own: Own, clock: &Clock, inbox: &Inbox) -> Result<(), Closed> {
    let Own {
        mut queues,
        stale_after,
    } = own;
    let due_at = later(clock.now(), stale_after);
    let mut said = Said::default();
    loop {
        let busy = inbox.begin();
        let now = clock.now();
        let latest: BTreeMap<String, Option<Arrived>> = queues
            .iter_mut()
            .map(|(queue, latest_rx)| (queue.clone(), latest_rx.borrow_and_update().clone()))
            .collect();
        let reading = reading(&latest, now, stale_after);
        let ends_at = next_end(&latest, stale_after, now);
        // Until the first figures are due nobody misses them.
        let is_due = due_at <= now;
        if is_due || reading.queues.values().any(Result::is_ok) {
            said.of(acd, &reading, is_due);
            let (acd, reading) = (acd.to_owned(), Ok(reading));
            inbox.send(Input::Acd { acd, reading }).await?;
        }
        drop(busy);
        let wake_at = ends_at.into_iter().chain((!is_due).then_some(due_at)).min();
        let waits = async {
            match wake_at {
                Some(at) => clock.sleep_until(at).await,
                None => std::future::pending().await,
            }
        };
        let coming = queues
            .values_mut()
            .map(|latest_rx| Box::pin(latest_rx.changed()));
        tokio::select! {
            () = waits => {}
            // The doors are closed only with the listener, and the daemon with it.
            (Ok(()), ..) = futures_util::future::select_all(coming) => {}
            else => std::future::pending().await,
        }
    }
}

/// What the log says of each queue: once, until it is another.
#[derive(Debug, Default)]
struct Said {
    queues: BTreeMap<String, bool>,
}

impl Said {
    fn of(&mut self, acd: &str, reading: &Reading, is_due: bool) {
        for (queue, told) in &reading.queues {
            let is_told = told.is_ok();
            if !(is_told || is_due) || self.queues.insert(queue.clone(), is_told) == Some(is_told) {
                continue;
            }
            match told {
                Ok(_) => tracing::info!(acd, queue, "figures are pushed in"),
                Err(why) => {
                    let mend = why.mend().en;
                    tracing::warn!(acd, queue, %why, mend, "no figures are pushed in");
                }
            }
        }
    }
}

/// All queues as they were pushed in last.
fn reading(
    latest: &BTreeMap<String, Option<Arrived>>,
    now: Timestamp,
    stale_after: SignedDuration,
) -> Reading {
    let mut reading = Reading::default();
    for (name, arrived) in latest {
        let told = match arrived {
            None => Err(Blind::Unpushed),
            Some(arrived) if later(arrived.told.taken_at, stale_after) <= now => {
                let age = now.duration_since(arrived.told.taken_at);
                let seconds = age.as_secs().unsigned_abs();
                Err(Blind::Stale { seconds })
            }
            Some(arrived) => {
                for member in arrived.told.members.iter().flatten() {
                    join(reading.members.get_or_insert_default(), member);
                }
                Ok(arrived.told.queue.clone())
            }
        };
        reading.queues.insert(name.clone(), told);
    }
    reading
}

/// A member of several queues is one member.
fn join(members: &mut Vec<Member>, member: &Member) {
    match members
        .iter_mut()
        .find(|known| known.interface == member.interface)
    {
        Some(known) => known.queues.extend(member.queues.iter().cloned()),
        None => members.push(member.clone()),
    }
}

/// When the next of them is too old.
fn next_end(
    latest: &BTreeMap<String, Option<Arrived>>,
    stale_after: SignedDuration,
    now: Timestamp,
) -> Option<Timestamp> {
    let ends = latest.values().flatten();
    let ends = ends.map(|arrived| later(arrived.told.taken_at, stale_after));
    ends.filter(|end| now < *end).min()
}
