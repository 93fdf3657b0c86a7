//! Readings of an ACD become turns of `queue.calls`; what they mean for an incident.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use crate::acd::{self, Blind, NoReading};
use crate::incidents::board::{Board, Moment};
use crate::incidents::entry::{Event, Scope};
use crate::incidents::incident::Incident;
use crate::incidents::naming::signal_name;
use crate::incidents::queues::answering;
use crate::incidents::queues::figures::Figures;
use crate::incidents::queues::watched::Watched;
use crate::incidents::raising;
use crate::incidents::turning::turn;
use crate::incidents::view::SignalView;
use crate::plan::{Over, Reach};
use crate::signals::{Kind, Level, Signal, Standing, later};
use crate::text::Text;

fn signal(queue: &str) -> Signal {
    Signal::new(Kind::QueueCalls, queue)
}

/// Takes what an ACD told, or why it told nothing, into the queues that it has.
pub(in crate::incidents) fn take(
    board: &mut Board,
    now: Timestamp,
    acd: &str,
    reading: &Result<acd::Reading, NoReading>,
) -> Vec<Event> {
    let centre = Arc::clone(&board.centre);
    let today = centre.site.date_of(now);
    let mut events = Vec::new();
    for (id, queue) in centre.site.queues.iter().filter(|(_, it)| it.acd == acd) {
        let begun_at = match reading {
            Ok(_) => now,
            Err(_) => board.live.started_at,
        };
        let watched = board.live.queues.entry(id.clone());
        let watched = watched.or_insert_with(|| Watched::new(begun_at));
        let told = match reading {
            Ok(reading) => reading.queue(&queue.queue).cloned(),
            Err(none) => {
                // Silence is aged by `stale`, not judged by a single lost answer.
                watched.blind = Some(none.words());
                continue;
            }
        };
        let (to, value) = match told.and_then(|told| watched.take(now, &told)) {
            Ok(()) => {
                let before = board.state.level(&signal(id));
                let level = watched.figures.level(&queue.bounds_on(today), before);
                (level, watched.figures.words())
            }
            Err(blind) => {
                watched.blind = Some(blind.words());
                if !is_certain(&blind) {
                    continue;
                }
                (Level::Unknown, blind.words())
            }
        };
        turn(board, now, signal(id), to, || value.clone(), &mut events);
    }
    answering::refresh(board, now);
    events
}

/// Whether it says of itself that nothing is known; all else may be one bad answer.
fn is_certain(blind: &Blind) -> bool {
    matches!(
        blind,
        Blind::UnknownQueue | Blind::Frozen { .. } | Blind::Stale { .. }
    )
}

/// Rule: a queue that nobody told of for too long is blind, since it was told of last.
pub(in crate::incidents) fn stale(board: &Board, moment: &Moment) -> Vec<Event> {
    let queues = &board.centre.site.queues;
    let mut events = Vec::new();
    let turned = |signal: Signal, standing: Option<&Standing>, since, value| Event::Turned {
        from: standing.map_or(Level::Unknown, |standing| standing.level),
        signal,
        to: Level::Unknown,
        since,
        value,
    };
    let known = board.state.standings.range(signal("")..);
    let known = known.take_while(|(signal, _)| signal.kind == Kind::QueueCalls);
    for (signal, standing) in known {
        if standing.level != Level::Unknown && !queues.contains_key(&signal.of) {
            let value = Text::new(
                "配置里已没有这个队列",
                "it is not in the configuration any more",
            );
            events.push(turned(signal.clone(), Some(standing), moment.now, value));
        }
    }
    for (id, queue) in queues {
        let standing = board.state.standings.get(&signal(id));
        if standing.is_some_and(|standing| standing.level == Level::Unknown) {
            continue;
        }
        let watched = board.live.queues.get(id);
        let seen_at = watched.map_or(board.live.started_at, |watched| watched.seen_at);
        let after = queue.stale_after.unwrap_or(board.centre.timing.stale_after);
        if !moment.reached(later(seen_at, after)) {
            continue;
        }
        let why = watched.and_then(|watched| watched.blind.clone());
        let value = why.unwrap_or_else(|| Text::new("话务平台没有回答", "the ACD does not answer"));
        events.push(turned(signal(id), standing, seen_at, value));
    }
    events
}

/// One surge covers the whole centre, as one that a person raises: who is short is short
/// everywhere. It is called by its queue where that is the only one.
pub(in crate::incidents) fn scope(board: &Board) -> Scope {
    let site = &board.centre.site;
    let whole = raising::scope(site, Over::Site, "").unwrap_or_default();
    let out: Vec<&String> = site
        .queues
        .keys()
        .filter(|id| board.state.level(&signal(id)) == Level::Critical)
        .collect();
    match out.as_slice() {
        [one] => Scope {
            place: site.queues[*one].name.clone(),
            ..whole
        },
        _ => whole,
    }
}

/// The queues that stand at a level.
pub(in crate::incidents) fn at_level(board: &Board, level: Level) -> BTreeSet<String> {
    let queues = board.centre.site.queues.keys();
    queues
        .filter(|id| board.state.level(&signal(id)) == level)
        .cloned()
        .collect()
}

/// Whether an incident is over queues.
pub(in crate::incidents) fn is_over_queues(incident: &Incident) -> bool {
    let mut opening = incident.procedure.opening();
    opening.any(|trigger| trigger.scope == Reach::Queues)
}

/// Since when a person's word counts that it is over: where a person raised it, where
/// nothing was measured, and, as long as it lasts, where nothing can be.
pub(in crate::incidents) fn word_counts_since(
    board: &Board,
    incident: &Incident,
) -> Option<Timestamp> {
    if incident.raised_by.is_some() || incident.ever_out.is_empty() {
        return Some(incident.opened_at);
    }
    let standings = incident.ever_out.iter().map(|id| {
        let standing = board.state.standings.get(&signal(id))?;
        (standing.level == Level::Unknown).then_some(standing.since)
    });
    standings.flatten().max()
}

/// Whether a person said that it is over where their word counts.
fn is_said(board: &Board, incident: &Incident) -> Option<Timestamp> {
    let answer = incident.answer_to(incident.procedure.clear.answer.as_ref()?)?;
    let since = word_counts_since(board, incident)?;
    (answer.at >= since).then_some(answer.at)
}

/// Since when all is under control; `None` while something is not, or is blind.
pub(in crate::incidents) fn good_since(board: &Board, incident: &Incident) -> Option<Timestamp> {
    if let Some(said) = is_said(board, incident) {
        return Some(said);
    }
    let mut since = (!incident.ever_out.is_empty()).then_some(incident.onset)?;
    for id in &incident.ever_out {
        let standing = board.state.standings.get(&signal(id))?;
        if standing.level != Level::Normal {
            return None;
        }
        since = since.max(standing.since);
    }
    Some(since)
}

/// How long it must be good: a person's word is enough, what is measured must hold.
pub(in crate::incidents) fn gate(board: &Board, incident: &Incident) -> Option<SignedDuration> {
    if !is_over_queues(incident) {
        return incident.gate();
    }
    match is_said(board, incident) {
        Some(_) => Some(SignedDuration::ZERO),
        None => incident.procedure.gate(),
    }
}

/// Whether this answer is of no use, as what it would say is measured.
pub(in crate::incidents) fn is_measured(board: &Board, incident: &Incident, ask: &str) -> bool {
    let answer = incident.procedure.clear.answer.as_ref();
    is_over_queues(incident)
        && answer.is_some_and(|answer| answer.ask == ask)
        && word_counts_since(board, incident).is_none()
}

/// Since when a person's word is asked for anew: what was said before is of another time.
pub(in crate::incidents) fn asked_since(board: &Board, incident: &Incident) -> Option<Timestamp> {
    is_over_queues(incident)
        .then(|| word_counts_since(board, incident))
        .flatten()
}

impl Board {
    /// What the page shows of each queue.
    pub(in crate::incidents) fn queue_views(&self) -> impl Iterator<Item = SignalView> {
        self.centre.site.queues.keys().map(|id| {
            let signal = signal(id);
            let watched = self.live.queues.get(id);
            let words = watched.map(|watched| match &watched.blind {
                Some(blind) => blind.clone(),
                None => watched.figures.words(),
            });
            SignalView {
                name: signal_name(&self.centre.site, &signal),
                level: self.state.level(&signal),
                since: self.state.standings.get(&signal).map(|known| known.since),
                seen_at: watched
                    .filter(|watched| watched.figures != Figures::default())
                    .map(|watched| watched.seen_at),
                on_battery_since: None,
                runtime: None,
                value: words.unwrap_or_default(),
                signal,
            }
        })
    }
}
