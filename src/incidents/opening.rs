//! Rule: a cause that stands for long enough opens its procedure.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::incidents::board::{Board, Moment};
use crate::incidents::entry::{Event, Scope};
use crate::incidents::incident::key;
use crate::incidents::queues::rule;
use crate::incidents::windows::near;
use crate::incidents::{keeping, readiness, sensing, witnesses};
use crate::plan::{Procedure, Reach, Trigger};
use crate::signals::{Level, Signal, later};

pub(super) fn open(board: &Board, moment: &Moment) -> Vec<Event> {
    for procedure in board.centre.plan.procedures.values() {
        for trigger in procedure.opening() {
            if let Some(event) = opened(board, moment, procedure, trigger) {
                return vec![event];
            }
        }
    }
    Vec::new()
}

fn opened(
    board: &Board,
    moment: &Moment,
    procedure: &std::sync::Arc<Procedure>,
    trigger: &Trigger,
) -> Option<Event> {
    let site = &board.centre.site;
    match trigger.scope {
        Reach::Feed if trigger.is_of_feed() => site.feeds.keys().find_map(|feed| {
            let scope = || witnesses::feed_scope(site, feed);
            opened_over(
                board,
                moment,
                procedure,
                trigger,
                feed,
                feed,
                &[feed],
                scope,
            )
        }),
        Reach::Zone => {
            let (scope, onset) = sensing::opening(board, moment, procedure, trigger)?;
            Some(event(board, procedure, "", onset, scope))
        }
        Reach::Window => board.state.windows.standing().find_map(|(id, known)| {
            let scope = near::scope(site, id, known);
            let (feed, of) = (scope.feed.clone(), scope.of.clone());
            let scope = || scope.clone();
            opened_over(board, moment, procedure, trigger, &feed, &of, &[&of], scope)
        }),
        Reach::Feed => {
            let standing = standing(board, trigger);
            if standing.is_empty() && trigger.blips_of.is_none() {
                return None;
            }
            site.feeds.keys().find_map(|feed| {
                let of_feed = |id: &&&String| {
                    let ups = site.ups.get(id.as_str());
                    ups.and_then(|ups| site.feed_of(&ups.fed_by)) == Some(feed)
                };
                let ups: Vec<&String> = standing.iter().filter(of_feed).copied().collect();
                let scope = || witnesses::feed_scope(site, feed);
                opened_over(board, moment, procedure, trigger, feed, feed, &ups, scope)
            })
        }
        Reach::Ups => {
            let opened = |id: &String| {
                let feed = site.feed_of(&site.ups.get(id)?.fed_by)?;
                let scope = || witnesses::ups_scope(site, feed, &BTreeSet::from([id.clone()]));
                opened_over(board, moment, procedure, trigger, feed, id, &[id], scope)
            };
            if trigger.blips_of.is_some() {
                site.ups.keys().find_map(opened)
            } else {
                standing(board, trigger).into_iter().find_map(opened)
            }
        }
        Reach::Centre => {
            let (whole, scope) = (String::new(), || keeping::scope(site));
            opened_over(board, moment, procedure, trigger, "", "", &[&whole], scope)
        }
        Reach::Queues => {
            let queues: Vec<&String> = site.queues.keys().collect();
            let scope = || rule::scope(board);
            opened_over(board, moment, procedure, trigger, "", "", &queues, scope)
        }
        Reach::Path => board.paths.iter().find_map(|path| {
            let of = path.subject.of();
            let scope = || Scope {
                of: of.clone(),
                place: readiness::name(site, &path.subject),
                ..Scope::default()
            };
            opened_over(board, moment, procedure, trigger, "", &of, &[&of], scope)
        }),
    }
}

/// The UPSs at which the signal of a trigger stands as it wants; of a thousand mostly none.
fn standing<'b>(board: &'b Board, trigger: &Trigger) -> Vec<&'b String> {
    let Some(kind) = trigger.signal else {
        return Vec::new();
    };
    let known = board.state.standings_of(kind);
    known
        .filter(|(_, standing)| standing.level == trigger.at)
        .map(|(signal, _)| &signal.of)
        .filter(|of| board.centre.site.ups.contains_key(*of))
        .collect()
}

#[expect(
    clippy::too_many_arguments,
    reason = "one trigger over one scope, spelled out once"
)]
fn opened_over(
    board: &Board,
    moment: &Moment,
    procedure: &std::sync::Arc<Procedure>,
    trigger: &Trigger,
    feed: &str,
    of: &str,
    ups: &[&String],
    scope: impl Fn() -> Scope,
) -> Option<Event> {
    let site = &board.centre.site;
    let key = key(&procedure.id, of);
    if board.state.open_incidents().any(|open| open.key() == key) {
        return None;
    }
    let beside_since = match &trigger.beside {
        None => Timestamp::MIN,
        Some(other) => {
            let mut beside = board.state.open_incidents().filter(|open| {
                &open.procedure.id == other && open.scope.feed == feed && !open.in_recovery()
            });
            beside.next()?.opened_at
        }
    };
    let closed_at = board.state.closed_at.get(&key);
    if let Some(other) = &trigger.blips_of {
        let blips = board.state.blips_since(other, of, moment.now, closed_at);
        let onset = *blips.first().filter(|_| blips.len() >= trigger.count)?;
        return Some(event(board, procedure, feed, onset, scope()));
    }
    let mut since: Vec<Timestamp> = ups
        .iter()
        .filter_map(|id| {
            let signal = Signal::new(trigger.signal?, id.as_str());
            let standing = board.state.standings.get(&signal)?;
            let windows = &board.state.windows;
            if windows.mutes(&signal, standing.level, moment.now) {
                return None;
            }
            let new = closed_at.is_none_or(|closed| standing.since > *closed);
            let stands = standing.level == trigger.at && new;
            if stands && trigger.at == Level::Unknown && board.faults.hides(&site.ups, id) {
                return None;
            }
            if stands && trigger.at == Level::Unknown {
                return board.silence_counts_from(id, standing.since);
            }
            let told_until = windows.announced_until(id, standing.since);
            stands.then_some(told_until.unwrap_or(standing.since))
        })
        .collect();
    since.sort();
    // Enough witnesses since the moment at which the last needed one joined.
    let enough_since = *since.get(trigger.count.max(1) - 1)?;
    let held_at = later(enough_since.max(beside_since), trigger.hold);
    if !moment.reached(held_at) {
        return None;
    }
    if trigger.in_hours && !anybody_there(board, of, moment) {
        return None;
    }
    let onset = since[0];
    let mut scope = scope();
    if trigger.scope == Reach::Feed {
        // Till the kind is known it is called by where it is seen.
        scope.place = place_of(board, ups, trigger).unwrap_or(scope.place);
    }
    Some(event(board, procedure, feed, onset, scope))
}

/// Whether people work where this stands, or anywhere.
fn anybody_there(board: &Board, of: &str, moment: &Moment) -> bool {
    let site = &board.centre.site;
    let ups = site.ups.get(of).map(|ups| ups.zone.as_str());
    let zone = ups.or(site.seats.get(of).map(|seat| seat.zone.as_str()));
    moment.reached(site.next_work(moment.now, zone))
}

fn event(
    board: &Board,
    procedure: &std::sync::Arc<Procedure>,
    feed: &str,
    onset: Timestamp,
    scope: Scope,
) -> Event {
    let feed = board.centre.site.feeds.get(feed);
    Event::Opened {
        procedure: procedure.clone(),
        generator: feed.is_some_and(|feed| feed.generator),
        scope,
        onset,
        raised_by: None,
        command: None,
        case: None,
        started_by: None,
    }
}

fn place_of(board: &Board, ups: &[&String], trigger: &Trigger) -> Option<crate::text::Text> {
    let site = &board.centre.site;
    let zones: BTreeSet<&str> = ups
        .iter()
        .filter(|id| {
            trigger.signal.is_some_and(|kind| {
                board.state.level(&Signal::new(kind, id.as_str())) == trigger.at
            })
        })
        .filter_map(|id| site.ups.get(id.as_str()))
        .map(|ups| ups.zone.as_str())
        .collect();
    match zones.into_iter().collect::<Vec<_>>().as_slice() {
        [zone] => site.zones.get(*zone).map(|zone| zone.name.clone()),
        _ => None,
    }
}
