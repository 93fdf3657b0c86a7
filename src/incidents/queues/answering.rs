//! What is said of queues in the cards of an incident: those that it is about, else all.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::incidents::board::Board;
use crate::incidents::incident::Incident;
use crate::incidents::queues::pool::Pool;
use crate::incidents::queues::said::{Left, Said, Speech, on_line};
use crate::incidents::queues::watched::Watched;
use crate::incidents::wording::clock_time;
use crate::plan::{AskKind, Placeholder, Procedure, When};
use crate::signals::{Kind, Level, Signal};
use crate::site::Queue;
use crate::text::Text;

/// Percent are rounded down to these.
const STEP: u32 = 5;
/// Those who sit at seats and answer.
const STAFF: &str = "staff";

/// A sentence; `None` where there is nothing to say.
pub(in crate::incidents) fn words(
    board: &Board,
    incident: &Incident,
    placeholder: &Placeholder,
) -> Option<Text> {
    let said = board.live.said.get(&incident.id).map(|said| said.speech);
    let Some(speech) = said.or_else(|| speech(board, incident)) else {
        return (*placeholder == Placeholder::Staffing)
            .then(|| blind(board, incident))
            .flatten();
    };
    let words = match placeholder {
        Placeholder::Queue => speech.figures(),
        Placeholder::Staffing => speech.staffing(incident.course.coming()),
        Placeholder::Left => speech.left?.words(),
        _ => return None,
    };
    Some(words)
}

/// What is said changes calmly: see [`Said`].
pub(in crate::incidents) fn refresh(board: &mut Board, now: Timestamp) {
    let open = board.state.open_incidents();
    let speaking = open.filter(|incident| speaks(&incident.procedure));
    let speeches: Vec<_> = speaking
        .filter_map(|incident| Some((incident.id, speech(board, incident)?)))
        .collect();
    let said = std::mem::take(&mut board.live.said);
    board.live.said = speeches
        .into_iter()
        .map(|(id, speech)| {
            let before = said.get(&id);
            let now_said = before.map_or_else(
                || Said::first(speech, now),
                |before| before.next(speech, now),
            );
            (id, now_said)
        })
        .collect();
}

/// Whether any card or message of it says something of queues.
fn speaks(procedure: &Procedure) -> bool {
    let names = [Placeholder::Queue, Placeholder::Staffing, Placeholder::Left];
    let names = names.map(|placeholder| format!("{{{placeholder}}}"));
    let mut stages = procedure.stage.iter();
    stages.any(|stage| {
        let texts = stage
            .card
            .iter()
            .flat_map(|card| card.lines.iter().chain(&card.more));
        let mut texts = texts.chain(&stage.say);
        texts.any(|text| names.iter().any(|name| text.zh.contains(name)))
    })
}

/// The queues of which something is known, by the people who answer them: those that it is
/// about with those that share their people, or all.
fn groups<'b>(
    board: &'b Board,
    incident: &Incident,
) -> BTreeMap<&'b BTreeSet<String>, Vec<(&'b Queue, &'b Watched)>> {
    let mut groups: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for (id, queue) in concerned(board, incident) {
        let level = board.state.level(&Signal::new(Kind::QueueCalls, id));
        let watched = board.live.queues.get(id);
        if let Some(watched) = watched.filter(|_| level != Level::Unknown) {
            groups
                .entry(&queue.seats)
                .or_default()
                .push((queue, watched));
        }
    }
    groups
}

fn concerned<'b>(
    board: &'b Board,
    incident: &Incident,
) -> impl Iterator<Item = (&'b String, &'b Queue)> {
    let queues = &board.centre.site.queues;
    let about = queues
        .iter()
        .filter(|(id, _)| incident.ever_out.contains(*id));
    let people: Vec<&BTreeSet<String>> = about.map(|(_, queue)| &queue.seats).collect();
    let all = people.is_empty();
    queues
        .iter()
        .filter(move |(_, queue)| all || people.contains(&&queue.seats))
}

fn speech(board: &Board, incident: &Incident) -> Option<Speech> {
    let groups = groups(board, incident);
    let pools: Vec<Pool> = groups
        .values()
        .filter_map(|group| Pool::of(group))
        .collect();
    Speech::of(&pools, left(board, incident, &pools))
}

/// What those who are left answer: who is on line, save those of the hurt who are still
/// counted there; where the ACD does not tell that, whoever sits at a seat and is not hurt.
fn left(board: &Board, incident: &Incident, pools: &[Pool]) -> Option<Left> {
    let hurt = hurt(incident)?;
    let mut counted = counted_still(board, incident, hurt, pools);
    let staff = board.centre.site.roles.get(STAFF).map(|role| &role.seats);
    let there = staff.into_iter().flatten();
    let there = there.filter(|seat| board.live.connected(seat)).count();
    let there = u32::try_from(there)
        .unwrap_or(u32::MAX)
        .saturating_sub(hurt);
    let (mut agents, mut calls, mut answered, mut come) = (0, 0, 0.0, 0.0);
    for pool in pools {
        let on_line = match pool.figures.on_line {
            Some(on_line) => {
                let off = counted.min(on_line);
                counted -= off;
                on_line - off
            }
            None if pools.len() == 1 => there,
            None => return None,
        };
        let (kept, share) = pool.answered_by(on_line)?;
        let rate = pool.calls_an_hour()?;
        agents += on_line;
        calls += kept;
        answered += share * rate;
        come += rate;
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share of calls, in percent"
    )]
    let percent = (answered / come * 100.0 + 1e-9) as u32;
    (come > 0.0).then_some(Left {
        agents,
        calls,
        percent: percent / STEP * STEP,
    })
}

/// How many of the hurt are on line for the ACD: none once somebody said that they are off,
/// else those by whom it has not become fewer.
fn counted_still(board: &Board, incident: &Incident, hurt: u32, pools: &[Pool]) -> u32 {
    let mut stages = incident.stages_under_way();
    if stages.any(|(stage, _)| matches!(stage.when, When::After(_))) {
        return 0;
    }
    let first = board.live.said.get(&incident.id);
    let first = first.and_then(|said| said.on_line_first);
    let gone = first.zip(on_line(pools));
    let gone = gone.map_or(0, |(first, now)| first.saturating_sub(now));
    hurt.saturating_sub(gone)
}

/// How many were said to be hurt when it was raised: what it asks for a number first.
fn hurt(incident: &Incident) -> Option<u32> {
    let procedure = &incident.procedure;
    let asks = procedure.raise.as_ref()?.ask.iter();
    let mut numbers = asks.filter(|ask| {
        let ask = procedure.ask.get(*ask);
        ask.is_some_and(|ask| ask.kind == AskKind::Number)
    });
    let answer = incident.answers.get(numbers.next()?)?;
    answer.value.parse().ok()
}

/// Since when nothing is known any more; `None` where it never was.
fn blind(board: &Board, incident: &Incident) -> Option<Text> {
    let site = &board.centre.site;
    let since = concerned(board, incident)
        .filter_map(|(id, _)| {
            let standings = &board.state.standings;
            standings.get(&Signal::new(Kind::QueueCalls, id))
        })
        .map(|standing| standing.since)
        .max()?;
    let since = clock_time(site, since);
    Some(Text::new(
        format!("{since} 起看不到排队数"),
        format!("No queue figures since {since}"),
    ))
}
