//! The main job in one command: the real daemon over a simulated centre.
//!
//! Three simulated UPSs speak real SNMP, simulated people sit at real clients,
//! a receiver takes the webhooks; in between runs the daemon as it runs
//! everywhere. A [`Scene`] is what happens to the centre, and what the plan must
//! have made of it.

mod centre;
mod scene;

use std::collections::BTreeMap;
use std::io::Write;
use std::time::Duration;

use anyhow::{Context as _, bail};
use jiff::{SignedDuration, Timestamp};
use tokio::sync::mpsc;

pub use centre::Centre;
pub use scene::Scene;

use crate::clock::Clock;
use crate::daemon;
use crate::incidents::{Entry, Event, Notice, OwedId, Recipient};
use crate::signals::later;
use crate::text::Language;

/// A scene is over in any case after so much plan time.
const LONGEST: SignedDuration = SignedDuration::from_mins(45);
/// After the end, what is still owed may take so long, in real time.
const SETTLING: Duration = Duration::from_secs(10);

/// Plays one scene and prints its time line; an error says what of the plan was not kept.
pub async fn play(
    scene: Scene,
    clock: Clock,
    language: Language,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    let (entries_tx, mut entries_rx) = daemon::time_line();
    let mut centre = Centre::start(scene, clock.clone(), entries_tx).await?;
    writeln!(out, "{}: http://{}/", scene.name(), centre.address())?;
    for (name, page) in centre.seat_pages() {
        writeln!(out, "{page}  {}", name.in_language(language))?;
    }
    writeln!(out)?;
    let begun = clock.now();
    let mut acts: Vec<_> = scene.acts().to_vec();
    let mut record: Vec<Entry> = Vec::new();
    let mut ended = None;
    loop {
        let next = acts
            .first()
            .map(|(second, _)| later(begun, SignedDuration::from_secs(*second)));
        let deadline = ended.unwrap_or(later(begun, LONGEST));
        tokio::select! {
            entry = entries_rx.recv() => {
                let Some(entry) = entry else { bail!("the daemon ended in the middle of the scene") };
                if record.last().is_some_and(|last| entry.seq <= last.seq) {
                    // Read again after a restart.
                    continue;
                }
                print(out, begun, &entry, language)?;
                if matches!(entry.event, Event::Closed { .. }) {
                    ended = Some(later(entry.at, SignedDuration::from_secs(60)));
                }
                record.push(entry);
            }
            () = clock.sleep_until(next.unwrap_or(deadline)) => {
                let Some((second, act)) = acts.first().copied() else { break };
                let _busy = clock.work().begin();
                acts.remove(0);
                writeln!(out, "{} -- {}", stamp(SignedDuration::from_secs(second)), act.say(language))?;
                centre.act(act).await?;
                if acts.is_empty() && scene.procedure().is_none() {
                    ended = Some(later(clock.now(), SignedDuration::from_mins(3)));
                }
            }
            failed = centre.daemon_ended() => return failed.context("the daemon ended in the middle of the scene"),
        }
        if ended.is_some_and(|ended| ended <= clock.now()) && acts.is_empty() {
            break;
        }
    }
    settle(&mut entries_rx, &mut record, out, begun, language).await?;
    centre.stop().await?;
    kept(scene, &record)
}

/// Waits until nothing is owed any more, bounded.
async fn settle(
    entries_rx: &mut mpsc::Receiver<Entry>,
    record: &mut Vec<Entry>,
    out: &mut impl Write,
    begun: Timestamp,
    language: Language,
) -> anyhow::Result<()> {
    let settled = async {
        while !unsettled(record).is_empty() {
            let Some(entry) = entries_rx.recv().await else {
                break;
            };
            print(out, begun, &entry, language)?;
            record.push(entry);
        }
        anyhow::Ok(())
    };
    match tokio::time::timeout(SETTLING, settled).await {
        Ok(done) => done,
        // What is missing is named by `kept`.
        Err(_) => Ok(()),
    }
}

fn print(
    out: &mut impl Write,
    begun: Timestamp,
    entry: &Entry,
    language: Language,
) -> anyhow::Result<()> {
    if crate::incidents::is_news(&entry.event) {
        let passed = stamp(entry.at.duration_since(begun));
        writeln!(out, "{passed}    {}", entry.reason.in_language(language))?;
        out.flush()?;
    }
    Ok(())
}

fn stamp(passed: SignedDuration) -> String {
    let seconds = passed.as_secs();
    format!("{:3}:{:02}", seconds / 60, seconds % 60)
}

/// Debts without an end.
fn unsettled(record: &[Entry]) -> BTreeMap<OwedId, String> {
    let mut owed = BTreeMap::new();
    for entry in record {
        match &entry.event {
            Event::Owed {
                recipient, message, ..
            } => {
                let what = format!("{} to {recipient}", message.notice.name());
                owed.insert(OwedId(entry.seq), what);
            }
            Event::Delivered { owed: id } | Event::Superseded { owed: id, .. } => {
                owed.remove(id);
            }
            _ => {}
        }
    }
    owed
}

/// Whether the plan was kept; the error names every point that was not.
fn kept(scene: Scene, record: &[Entry]) -> anyhow::Result<()> {
    let mut faults = Vec::new();
    let opened: Vec<&str> = record
        .iter()
        .filter_map(|entry| match &entry.event {
            Event::Opened { procedure, .. } => Some(procedure.id.as_str()),
            _ => None,
        })
        .collect();
    let wanted: Vec<&str> = scene.procedure().into_iter().collect();
    if opened != wanted {
        faults.push(format!("opened: {opened:?}, and not {wanted:?}"));
    }
    let closed = record
        .iter()
        .filter(|entry| matches!(entry.event, Event::Closed { .. }));
    if closed.count() < opened.len() {
        faults.push("an incident was never closed".to_owned());
    }
    for entry in record {
        match &entry.event {
            Event::StepMissed { .. } | Event::Lapsed { .. } | Event::SeatsLapsed { .. } => {
                faults.push(entry.reason.en.clone());
            }
            _ => {}
        }
    }
    faults.extend(
        unsettled(record)
            .into_values()
            .map(|what| format!("still owed: {what}")),
    );
    if !opened.is_empty() {
        let kinds: Vec<&str> = record
            .iter()
            .filter_map(|entry| match &entry.event {
                Event::KindSettled { kind, .. } => Some(kind.as_str()),
                _ => None,
            })
            .collect();
        if kinds.last().copied() != scene.kind() {
            faults.push(format!("the kind was {kinds:?}"));
        }
        let ends = record.iter().any(|entry| {
            matches!(&entry.event, Event::Owed { recipient: Recipient::Channel(_), message, .. }
                if message.notice == Notice::Closed)
        });
        if !ends {
            faults.push("nobody was told the end".to_owned());
        }
    }
    if faults.is_empty() {
        return Ok(());
    }
    bail!(
        "scene {}: the plan was not kept: {}",
        scene.name(),
        faults.join("; ")
    )
}
