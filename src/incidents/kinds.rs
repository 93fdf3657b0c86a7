//! Rules: which UPSs of an incident are out, and what kind it turns out to be.
//!
//! A cause is not guessed early, and once it is known to be wide it is not
//! narrowed by a supply that returns in pieces. A person's answer outranks what
//! is measured.

use std::collections::BTreeSet;

use crate::incidents::board::{Board, Moment};
use crate::incidents::entry::{Event, Scope};
use crate::incidents::incident::Incident;
use crate::incidents::queues::rule;
use crate::incidents::sensing;
use crate::incidents::witnesses::{self, Witnesses};
use crate::plan::{Reach, Spread, Trigger};
use crate::signals::{Kind, Signal, later};

/// Rule: an incident knows which UPSs are out.
pub(super) fn out_changed(board: &Board, _moment: &Moment) -> Vec<Event> {
    let site = &board.centre.site;
    for incident in board.state.open_incidents() {
        let Some(trigger) = incident.procedure.opening().next() else {
            continue;
        };
        let Some(kind) = trigger.signal.filter(|_| trigger.blips_of.is_none()) else {
            continue;
        };
        if trigger.scope == Reach::Zone {
            let out = sensing::out(board, incident);
            if out != incident.out {
                let incident = incident.id;
                return vec![Event::OutChanged { incident, out }];
            }
            continue;
        }
        if trigger.is_of_scope() {
            let signal = Signal::new(kind, &incident.opened_over);
            let level = board.state.level(&signal);
            let short = incident.procedure.opening().any(|it| it.at == level);
            let out: BTreeSet<String> = short.then_some(signal.of).into_iter().collect();
            if out != incident.out {
                let incident = incident.id;
                return vec![Event::OutChanged { incident, out }];
            }
            continue;
        }
        if trigger.scope == Reach::Queues {
            let out = rule::at_level(board, trigger.at);
            if out != incident.out {
                let incident = incident.id;
                return vec![Event::OutChanged { incident, out }];
            }
            continue;
        }
        let within = |id: &str, fed_by: &str| match trigger.scope {
            Reach::Feed => site.feed_of(fed_by) == Some(&incident.scope.feed),
            Reach::Ups => incident.scope.ups.contains(id),
            Reach::Path | Reach::Centre | Reach::Window | Reach::Queues | Reach::Zone => false,
        };
        let apart = board.state.windows.apart(incident.onset);
        let muted = |id: &String| kind == Kind::UpsMains && apart.contains(id);
        let out: BTreeSet<String> = site
            .ups
            .iter()
            .filter(|(id, ups)| {
                within(id, &ups.fed_by)
                    && !muted(id)
                    && board.state.level(&Signal::new(kind, id.as_str())) == trigger.at
            })
            .map(|(id, _)| id.clone())
            .collect();
        if out != incident.out {
            let incident = incident.id;
            return vec![Event::OutChanged { incident, out }];
        }
    }
    Vec::new()
}

/// Rule: an incident gets the kind that its witnesses or a person's answer tell.
pub(super) fn settle(board: &Board, moment: &Moment) -> Vec<Event> {
    for incident in board.state.open_incidents() {
        if let Some(event) = answered(board, incident) {
            return vec![event];
        }
        let answered = incident.kind.is_some() && incident.spread.is_none();
        if answered || incident.gate_since.is_some() {
            continue;
        }
        if let Some(event) = measured(board, incident, moment) {
            return vec![event];
        }
    }
    Vec::new()
}

fn answered(board: &Board, incident: &Incident) -> Option<Event> {
    let trigger = incident.procedure.trigger.iter().find(|trigger| {
        let condition = trigger.answer.as_ref();
        condition.is_some_and(|condition| incident.is_answered(condition))
    })?;
    let kind = trigger.kind.as_ref()?;
    if incident.kind.as_ref() == Some(kind) && incident.spread.is_none() {
        return None;
    }
    let site = &board.centre.site;
    let feed = &incident.scope.feed;
    if feed.is_empty() {
        return Some(settled(incident, kind, None, incident.scope.clone()));
    }
    // What the same kind covers where it is measured.
    let measured = incident.procedure.trigger.iter();
    let spread = measured
        .filter(|other| other.answer.is_none() && other.kind.as_ref() == Some(kind))
        .map(|other| other.spread)
        .next();
    let scope = match spread {
        Some(Spread::Circuit) => {
            let circuits: BTreeSet<&str> = incident
                .ever_out
                .iter()
                .filter_map(|ups| site.circuit_of(ups))
                .collect();
            let circuits: Vec<&str> = circuits.into_iter().collect();
            if circuits.is_empty() {
                incident.scope.clone()
            } else {
                witnesses::circuits_scope(site, feed, &circuits)
            }
        }
        _ => witnesses::feed_scope(site, feed),
    };
    Some(settled(incident, kind, None, scope))
}

fn measured(board: &Board, incident: &Incident, moment: &Moment) -> Option<Event> {
    let site = &board.centre.site;
    let feed = &incident.scope.feed;
    let witnesses = Witnesses::of_feed(site, &board.state, &board.live, feed, incident.onset);
    let holds = |trigger: &&Trigger| {
        trigger.answer.is_none()
            && trigger.kind.is_some()
            && witnesses.lie(trigger.spread, trigger.count)
            && wider(trigger.spread, incident.spread)
            && witnesses
                .last_out()
                .is_some_and(|since| moment.reached(later(since, trigger.hold)))
    };
    let trigger = incident
        .procedure
        .trigger
        .iter()
        .filter(holds)
        .max_by_key(|trigger| breadth(trigger.spread))?;
    let kind = trigger.kind.as_ref()?;
    let scope = witnesses.scope(site, feed, trigger.spread);
    Some(settled(incident, kind, Some(trigger.spread), scope))
}

fn settled(incident: &Incident, kind: &str, spread: Option<Spread>, scope: Scope) -> Event {
    Event::KindSettled {
        incident: incident.id,
        kind: kind.to_owned(),
        spread,
        scope,
    }
}

fn breadth(spread: Spread) -> u8 {
    match spread {
        Spread::Any => 0,
        Spread::Lone => 1,
        Spread::Part => 2,
        Spread::Circuit => 3,
        Spread::Feed => 4,
    }
}

fn wider(new: Spread, settled: Option<Spread>) -> bool {
    settled.is_none_or(|settled| breadth(new) > breadth(settled))
}
