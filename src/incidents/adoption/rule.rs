//! Rules: what lies inside a wider incident is adopted by it, and let go at its end.

use std::collections::BTreeSet;

use crate::incidents::adoption::part;
use crate::incidents::adoption::within::takes_in;
use crate::incidents::board::{Board, Moment};
use crate::incidents::entry::{Ending, Event, OwedId};
use crate::incidents::incident::Incident;
use crate::incidents::message::Notice;
use crate::plan::RAISER;

/// The stage in which whoever raised what was adopted at once gets an answer.
const TAKEN_IN: &str = "taken-in";

/// The open incident that adopts a narrower one: it stands for itself and its end is not
/// in sight, or what is new has not to do with it any more.
fn adopter<'b>(board: &'b Board, narrower: &Incident) -> Option<&'b Incident> {
    let mut open = board.state.running();
    open.find(|wider| {
        let was_bad = wider
            .gate_since
            .is_none_or(|since| narrower.opened_at <= since);
        wider.id != narrower.id
            && was_bad
            && takes_in(board, wider, narrower)
            && !wider.in_recovery()
    })
}

/// Rule: what lies inside a wider incident is adopted; what is in recovery comes to its own end.
pub(in crate::incidents) fn adopt(board: &Board, _moment: &Moment) -> Vec<Event> {
    for narrower in board.state.running() {
        let by = adopter(board, narrower).filter(|_| !narrower.in_recovery());
        if let Some(by) = by {
            return vec![Event::Adopted {
                incident: narrower.id,
                by: by.id,
            }];
        }
    }
    Vec::new()
}

/// Rule: at the end of what adopted it, a good incident ends with it and a bad one is free;
/// so is one that does not lie inside it any more. Where another adopts it, it stays adopted.
pub(in crate::incidents) fn released(board: &Board, moment: &Moment) -> Vec<Event> {
    for narrower in board.state.open_incidents() {
        let Some(by) = narrower.adopted_by else {
            continue;
        };
        let known = board.state.incidents.get(by);
        let open = known.filter(|wider| wider.closed.is_none());
        if open.is_some_and(|wider| takes_in(board, wider, narrower)) {
            continue;
        }
        let incident = narrower.id;
        return vec![if let Some(other) = adopter(board, narrower) {
            let by = other.id;
            Event::Adopted { incident, by }
        } else if open.is_none()
            && (board.good_since(narrower, moment).is_some()
                || known.is_some_and(|wider| said_for_both(wider, narrower)))
        {
            Event::Closed {
                incident,
                why: Ending::With(by),
                command: None,
            }
        } else {
            Event::Freed { incident }
        }];
    }
    Vec::new()
}

/// Whether somebody said of several seats that they are mended, of each of which only a
/// person said that it is not.
fn said_for_both(wider: &Incident, narrower: &Incident) -> bool {
    let mended = wider.procedure.clear.answer.as_ref();
    let mended = mended.is_some_and(|mended| wider.is_answered(mended));
    let closed = wider.closed.as_ref();
    let stood_down = closed.is_some_and(|closed| matches!(closed.why, Ending::StoodDown(_)));
    let same = wider.procedure.id == narrower.procedure.id;
    same && !narrower.is_seen() && (mended || stood_down)
}

/// Rule: whoever raised what was adopted before anybody was told sees what it is part of.
pub(in crate::incidents) fn answered(board: &Board, _moment: &Moment) -> Vec<Event> {
    for incident in board.state.open_incidents() {
        let raise = incident.procedure.raise.as_ref();
        let (Some(_), Some(seat), false) = (
            incident.adopted_by,
            &incident.raised_by,
            raise.is_some_and(|raise| raise.silent),
        ) else {
            continue;
        };
        let mut told = incident.roles.values();
        if !told.any(|told| told.seats.contains(seat)) && !part::sees_wider(board, incident, seat) {
            return vec![Event::RoleTold {
                incident: incident.id,
                role: RAISER.to_owned(),
                stage: TAKEN_IN.to_owned(),
                seats: BTreeSet::from([seat.clone()]),
                channels: BTreeSet::new(),
            }];
        }
    }
    Vec::new()
}

/// Rule: an opening that never left says nothing to a channel that hears of the wider
/// incident; nor does anything that waits where the wider one's end is heard.
pub(in crate::incidents) fn superseded(board: &Board, _moment: &Moment) -> Vec<Event> {
    let debts = board.state.debts.iter();
    let superseded = debts.filter_map(|(owed, debt)| {
        let incident = board.state.incidents.get(debt.incident)?;
        let notice = debt.message.notice;
        let wanted = if incident.closed.is_none() {
            notice == Notice::Opened
        } else {
            incident.channels.get(&debt.channel)?.closed && notice != Notice::Closed
        };
        let by = wanted.then(|| heard_of_wider(board, incident, &debt.channel));
        Some(Event::Superseded {
            owed: *owed,
            by: by.flatten()?,
        })
    });
    superseded.collect()
}

/// The newest that a channel was owed of a wider incident: its end, once it is over.
fn heard_of_wider(board: &Board, incident: &Incident, channel: &str) -> Option<OwedId> {
    let mut wider = board.state.incidents.wider(incident);
    wider.find_map(|wider| {
        let told = wider.channels.get(channel)?;
        let newest = told.newest.filter(|_| told.messages > 0);
        newest.filter(|_| told.closed == wider.closed.is_some())
    })
}
