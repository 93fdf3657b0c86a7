//! Rules: things on plain mains that fall silent together are a question, and a
//! person's answer makes it a power loss or not.
//!
//! Silence testifies to nothing by itself. Where nothing else answers it is our own
//! network, and nobody is asked.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::incidents::board::{Board, Moment};
use crate::incidents::entry::{Ending, Event, IncidentId};
use crate::incidents::incident::{Incident, key};
use crate::incidents::input::Presence;
use crate::incidents::sensing;
use crate::incidents::windows::near;
use crate::incidents::witnesses;
use crate::plan::{Becomes, Procedure, Silence, Trigger};
use crate::signals::{Kind, Level, Signal, later};
use crate::site::Site;

/// Since when a thing answers, or since when it is silent without a goodbye.
enum Eye {
    Answers(Timestamp),
    Silent(Timestamp),
}

/// What is seen of each thing of a feed that is on no UPS. What is asked in another
/// way than by its own connection joins here.
fn unfed<'b>(board: &'b Board, feed: &str) -> BTreeMap<&'b str, Eye> {
    let site = &board.centre.site;
    let seats = site.seats.iter().filter(|(_, seat)| {
        let plain = !seat.laptop && site.circuits.contains_key(&seat.fed_by);
        plain && site.feed_of(&seat.fed_by) == Some(feed) && !is_ours(site, &seat.fed_by)
    });
    seats
        .filter_map(|(id, _)| {
            let live = board.live.seats.get(id)?;
            let eye = match (live.presence, live.connected_since) {
                (Presence::Alive, Some(since)) => Eye::Answers(since),
                (Presence::Silent, _) => Eye::Silent(live.seen_at),
                _ => return None,
            };
            Some((id.as_str(), eye))
        })
        .collect()
}

/// While callwatch runs on this circuit without a UPS, the circuit is live.
fn is_ours(site: &Site, circuit: &str) -> bool {
    site.host
        .as_ref()
        .is_some_and(|host| host.fed_by == circuit)
}

/// Whether anything that is not among the silent has answered since.
fn something_answers(board: &Board, silent: &BTreeSet<String>, since: Timestamp) -> bool {
    let ups = board.live.ups.values().any(|ups| ups.seen_at > since);
    let mut seats = board.live.seats.iter();
    ups || seats.any(|(id, seat)| {
        seat.presence == Presence::Alive && seat.seen_at > since && !silent.contains(id)
    })
}

/// Rule: a silence of many at once asks the question.
pub(super) fn ask(board: &Board, moment: &Moment) -> Vec<Event> {
    let windows = &board.state.windows;
    if !board.live.lately_silent(moment.now) && !windows.lately_ended(moment.now) {
        return Vec::new();
    }
    let procedures = board.centre.plan.procedures.values();
    let asked = procedures.flat_map(|procedure| {
        let triggers = procedure.opening();
        triggers.filter_map(move |trigger| Some((procedure, trigger, trigger.silence?)))
    });
    for (procedure, trigger, silence) in asked {
        for feed in board.centre.site.feeds.keys() {
            if let Some(events) = asked_of(board, moment, procedure, trigger, silence, feed) {
                return events;
            }
        }
    }
    Vec::new()
}

fn asked_of(
    board: &Board,
    moment: &Moment,
    procedure: &std::sync::Arc<Procedure>,
    trigger: &Trigger,
    silence: Silence,
    feed: &str,
) -> Option<Vec<Event>> {
    let others = procedure.becomes.iter().map(|becomes| &becomes.procedure);
    let known: Vec<&String> = others.chain([&procedure.id]).collect();
    let mut open = board.state.open_incidents();
    if open.any(|open| open.scope.feed == feed && known.contains(&&open.procedure.id)) {
        return None;
    }
    // What was silent when this was over the last time is asked after no more.
    let keys = known.iter().map(|id| key(id, feed));
    let closed_at = keys.filter_map(|key| board.state.closed_at.get(&key)).max();
    let mut silent: Vec<(Timestamp, &str)> = Vec::new();
    let mut answering = 0;
    let windows = &board.state.windows;
    for (id, eye) in unfed(board, feed) {
        // Where somebody works, a PC says nothing either way.
        if windows.mutes(&Signal::new(Kind::SeatPc, id), Level::Unknown, moment.now) {
            continue;
        }
        match eye {
            Eye::Answers(_) => answering += 1,
            Eye::Silent(since) if board.faults.excuses(board, id, since) => {}
            Eye::Silent(since) if closed_at.is_none_or(|closed| since > *closed) => {
                silent.push((since, id));
            }
            Eye::Silent(_) => {}
        }
    }
    silent.sort();
    let (group, enough_at) = together(&silent, answering, silence)?;
    let onset = group[0].0;
    let site = &board.centre.site;
    let zone_of = |id: &str| site.seats.get(id).map(|seat| seat.zone.as_str());
    if trigger.in_hours
        && group
            .iter()
            .any(|(since, id)| site.next_work(*since, zone_of(id)) > *since)
    {
        return None;
    }
    let out: BTreeSet<String> = group.iter().map(|(_, id)| (*id).to_owned()).collect();
    if !moment.reached(later(enough_at, trigger.hold)) || !something_answers(board, &out, onset) {
        return None;
    }
    let mut scope = witnesses::feed_scope(site, feed);
    let zones: BTreeSet<&str> = out.iter().filter_map(|id| zone_of(id)).collect();
    if let [zone] = zones.into_iter().collect::<Vec<_>>().as_slice()
        && let Some(zone) = site.zones.get(*zone)
    {
        scope.place = zone.name.clone();
    }
    let incident = IncidentId(board.state.seq() + 1);
    let opened = Event::Opened {
        procedure: procedure.clone(),
        generator: false,
        scope,
        onset,
        raised_by: None,
        command: None,
        case: None,
        started_by: None,
    };
    Some(vec![opened, Event::OutChanged { incident, out }])
}

/// The first that fell silent together, and when they were enough. Those that were silent
/// long before count on neither side.
fn together<'s, 'i>(
    silent: &'s [(Timestamp, &'i str)],
    answering: usize,
    wanted: Silence,
) -> Option<(&'s [(Timestamp, &'i str)], Timestamp)> {
    (0..silent.len()).find_map(|first| {
        let until = later(silent[first].0, wanted.within);
        let group = &silent[first..];
        let group = &group[..group.partition_point(|(since, _)| *since <= until)];
        let rest = silent.len() - first - group.len();
        let share = share(group.len(), group.len() + rest + answering);
        let enough = group.len() >= wanted.count && share >= wanted.share;
        enough.then(|| (group, group[wanted.count.max(1) - 1].0))
    })
}

fn share(part: usize, whole: usize) -> f64 {
    let number = |count: usize| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
    number(part) / number(whole).max(1.0)
}

/// Whether an incident that opened by itself is what this one foresaw or asked after.
fn turned_out(incident: &Incident, open: &Incident) -> bool {
    if near::is_over_one(incident) {
        !open.out.is_disjoint(&incident.scope.ups) || !open.out.is_disjoint(&incident.scope.seats)
    } else if sensing::is_over_zone(incident) {
        open.scope.of == incident.scope.of
    } else {
        open.scope.feed == incident.scope.feed
    }
}

/// Rule: a question ends in what its answer raises, and in what opened by itself.
pub(super) fn settle(board: &Board, moment: &Moment) -> Vec<Event> {
    for incident in board.state.open_incidents() {
        let Some(becomes) = &incident.procedure.becomes else {
            continue;
        };
        let other = board
            .state
            .open_incidents()
            .find(|open| open.procedure.id == becomes.procedure && turned_out(incident, open));
        if let Some(other) = other {
            return vec![Event::Closed {
                incident: incident.id,
                why: Ending::Adopted(other.id),
                command: None,
            }];
        }
        let procedure = board.centre.plan.procedures.get(&becomes.procedure);
        let answer = becomes.answer.as_ref();
        let said = answer.is_some_and(|answer| incident.is_answered(answer));
        if let (Some(procedure), true) = (procedure, said || is_late(incident, becomes, moment)) {
            return raised(board, incident, procedure);
        }
    }
    Vec::new()
}

/// Whether nobody has said for too long what it is, while its cause stands.
fn is_late(incident: &Incident, becomes: &Becomes, moment: &Moment) -> bool {
    let Some(asked) = becomes.answer.as_ref() else {
        return false;
    };
    if incident.gate_since.is_some() {
        return false;
    }
    let late_at = match incident.answers.get(&asked.ask) {
        None => becomes
            .unanswered
            .map(|long| later(incident.opened_at, long)),
        Some(answer) => becomes.unsettled.map(|long| later(answer.at, long)),
    };
    late_at.is_some_and(|late_at| moment.reached(late_at))
}

/// The same feed or zone since the first silence or alarm, with what was answered already.
fn raised(board: &Board, incident: &Incident, procedure: &std::sync::Arc<Procedure>) -> Vec<Event> {
    let site = &board.centre.site;
    let scope = if sensing::is_over_zone(incident) {
        incident.scope.clone()
    } else {
        witnesses::feed_scope(site, &incident.scope.feed)
    };
    let feed = site.feeds.get(&incident.scope.feed);
    let asked = incident.procedure.becomes.as_ref();
    let answer = asked.and_then(|becomes| incident.answer_to(becomes.answer.as_ref()?));
    let mut events = vec![Event::Opened {
        procedure: procedure.clone(),
        generator: feed.is_some_and(|feed| feed.generator),
        scope,
        onset: incident.onset,
        raised_by: answer.map(|answer| answer.seat.clone()),
        command: None,
        case: None,
        started_by: Some(incident.id),
    }];
    for (ask, answer) in &incident.answers {
        let known = procedure.ask.get(ask);
        if known.is_some_and(|known| known.takes(&answer.value)) {
            events.push(Event::Answered {
                incident: IncidentId(board.state.seq() + 1),
                ask: ask.clone(),
                value: answer.value.clone(),
                seat: answer.seat.clone(),
                command: format!("{ask} of incident {}", incident.id),
            });
        }
    }
    events
}

/// Since when so many of what was silent answer again that it is no silence of many.
pub(super) fn good_since(
    board: &Board,
    incident: &Incident,
    silence: Silence,
) -> Option<Timestamp> {
    let seen = unfed(board, &incident.scope.feed);
    let mut back: Vec<Timestamp> = incident
        .ever_out
        .iter()
        .filter_map(|id| match seen.get(id.as_str())? {
            Eye::Answers(since) => Some(*since),
            Eye::Silent(_) => None,
        })
        .collect();
    back.sort();
    let enough =
        (1..=back.len()).find(|count| share(*count, incident.ever_out.len()) >= silence.share)?;
    Some(back[enough - 1].max(incident.onset))
}
