//! What people do: acknowledge, tick, answer, stand down, raise.

use jiff::{SignedDuration, Timestamp};

use crate::incidents::board::Board;
use crate::incidents::card::Act;
use crate::incidents::entry::{Ending, Event, IncidentId};
use crate::incidents::incident::{Incident, key};
use crate::incidents::input::{Command, Refused};
use crate::incidents::witnesses;
use crate::signals::later;

/// Takes a command; a repeat of one that was done is done already.
pub(super) fn take(
    board: &mut Board,
    now: Timestamp,
    command: &Command,
) -> Result<Vec<Event>, Refused> {
    if !board.centre.site.seats.contains_key(&command.seat) {
        return Err(Refused::NoSuchSeat(command.seat.clone()));
    }
    if board.state.knows_command(&command.id) {
        return Ok(Vec::new());
    }
    match &command.act {
        Act::Acknowledge { incident } => acknowledge(board, command, *incident),
        Act::Tick { incident, step } => tick(board, command, *incident, step),
        Act::Answer {
            incident,
            ask,
            value,
        } => answer(board, command, *incident, ask, value),
        Act::StandDown { incident } => stand_down(board, command, *incident),
        Act::Raise {
            procedure,
            feed,
            found,
        } => raise(board, now, command, procedure, feed, *found),
    }
}

fn open(board: &Board, id: IncidentId) -> Result<&Incident, Refused> {
    board
        .state
        .incidents
        .get(&id)
        .filter(|incident| incident.closed.is_none())
        .ok_or(Refused::NoSuchIncident(id.0))
}

fn has_role(board: &Board, seat: &str, role: &str) -> bool {
    board
        .centre
        .site
        .roles
        .get(role)
        .is_some_and(|role| role.seats.iter().any(|known| known == seat))
}

fn acknowledge(board: &Board, command: &Command, id: IncidentId) -> Result<Vec<Event>, Refused> {
    let incident = board
        .state
        .incidents
        .get(&id)
        .ok_or(Refused::NoSuchIncident(id.0))?;
    if incident.acknowledged.contains(&command.seat) {
        return Ok(Vec::new());
    }
    Ok(vec![Event::Acknowledged {
        incident: id,
        seat: command.seat.clone(),
        command: command.id.clone(),
    }])
}

fn tick(
    board: &Board,
    command: &Command,
    id: IncidentId,
    step: &str,
) -> Result<Vec<Event>, Refused> {
    let incident = open(board, id)?;
    let known = incident
        .steps_under_way()
        .map(|(known, _)| known)
        .find(|known| known.id == step)
        .ok_or_else(|| Refused::NoSuchStep {
            incident: id.0,
            step: step.to_owned(),
        })?;
    if !has_role(board, &command.seat, &known.who) && !has_role(board, &command.seat, "lead") {
        return Err(Refused::NotYours {
            seat: command.seat.clone(),
            why: format!(
                "step `{step}` is for `{}`; the lead may tick it too",
                known.who
            ),
        });
    }
    let run = incident.step(step);
    let ticked = if known.each {
        run.each.contains(&command.seat)
    } else {
        run.done_at.is_some()
    };
    if ticked {
        return Ok(Vec::new());
    }
    Ok(vec![Event::Ticked {
        incident: id,
        step: step.to_owned(),
        seat: Some(command.seat.clone()),
        command: Some(command.id.clone()),
    }])
}

fn answer(
    board: &Board,
    command: &Command,
    id: IncidentId,
    ask: &str,
    value: &str,
) -> Result<Vec<Event>, Refused> {
    let incident = open(board, id)?;
    let known = incident
        .procedure
        .ask
        .get(ask)
        .is_some_and(|known| known.choices.contains_key(value));
    if !known {
        return Err(Refused::NoSuchAnswer {
            procedure: incident.procedure.id.clone(),
            ask: ask.to_owned(),
            value: value.to_owned(),
        });
    }
    let told = incident
        .roles
        .values()
        .any(|told| told.seats.contains(&command.seat));
    if !told {
        return Err(Refused::NotYours {
            seat: command.seat.clone(),
            why: format!("it was not told of incident {id}"),
        });
    }
    Ok(vec![Event::Answered {
        incident: id,
        ask: ask.to_owned(),
        value: value.to_owned(),
        seat: command.seat.clone(),
        command: command.id.clone(),
    }])
}

fn stand_down(board: &Board, command: &Command, id: IncidentId) -> Result<Vec<Event>, Refused> {
    let incident = open(board, id)?;
    let by = &incident.procedure.clear.by;
    let may = |role: &str| has_role(board, &command.seat, role);
    if !may("lead") && !by.iter().any(|role| may(role)) {
        return Err(Refused::NotYours {
            seat: command.seat.clone(),
            why: "only the lead and the roles of the procedure's `clear.by` stand down".to_owned(),
        });
    }
    Ok(vec![Event::Closed {
        incident: id,
        why: Ending::StoodDown(command.seat.clone()),
        command: Some(command.id.clone()),
    }])
}

fn raise(
    board: &Board,
    now: Timestamp,
    command: &Command,
    procedure: &str,
    feed: &str,
    found: u32,
) -> Result<Vec<Event>, Refused> {
    let site = &board.centre.site;
    let known = board
        .centre
        .plan
        .procedures
        .get(procedure)
        .ok_or_else(|| Refused::NoSuchProcedure(procedure.to_owned()))?;
    let not_yours = |why: String| Refused::NotYours {
        seat: command.seat.clone(),
        why,
    };
    let by = known
        .raise
        .as_ref()
        .map(|raise| raise.by.as_slice())
        .unwrap_or_default();
    if !by.iter().any(|role| has_role(board, &command.seat, role)) {
        return Err(not_yours(format!(
            "`{procedure}` may be raised by {}",
            by.join(", ")
        )));
    }
    let Some(known_feed) = site.feeds.get(feed) else {
        return Err(not_yours(format!("no feed is called `{feed}`")));
    };
    if board
        .state
        .open_incidents()
        .any(|open| open.key() == key(procedure, feed))
    {
        return Ok(Vec::new());
    }
    Ok(vec![Event::Opened {
        procedure: known.clone(),
        scope: witnesses::feed_scope(site, feed),
        onset: later(now, -SignedDuration::from_secs(i64::from(found))),
        generator: known_feed.generator,
        raised_by: Some(command.seat.clone()),
        command: Some(command.id.clone()),
    }])
}
