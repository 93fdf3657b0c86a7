//! What people do: acknowledge, tick, answer, stand down, raise.

use jiff::Timestamp;

use crate::incidents::board::Board;
use crate::incidents::calling;
use crate::incidents::card::Act;
use crate::incidents::duty;
use crate::incidents::entry::{Ending, Event, IncidentId};
use crate::incidents::incident::Incident;
use crate::incidents::input::{Command, Refused};
use crate::incidents::neighbours;
use crate::incidents::queues::ringing;
use crate::incidents::raising::{self, Raised};
use crate::incidents::windows::orders;

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
        Act::Tick { incident, step } => tick(board, now, command, *incident, step),
        Act::Answer {
            incident,
            ask,
            value,
        } => answer(board, now, command, *incident, ask, value),
        Act::Told { incident, role } => calling::told(open(board, *incident)?, command, role),
        Act::NoAnswer {
            incident,
            role,
            turn,
        } => calling::no_answer(open(board, *incident)?, command, role, *turn),
        Act::Rang {
            incident,
            list,
            turn,
            answer,
        } => ringing::rang(board, command, *incident, list, *turn, *answer),
        Act::Neighbour { incident, too } => {
            neighbours::answered(board, now, command, open(board, *incident)?, *too)
        }
        Act::StandDown { incident } => stand_down(board, command, *incident),
        Act::Close { incident } => close(board, command, *incident),
        Act::Raise {
            procedure,
            of,
            found,
            answers,
        } => {
            let raised = Raised {
                procedure,
                of,
                found: *found,
                answers,
            };
            raising::raise(board, now, command, &raised)
        }
        Act::Window { order } => orders::take(board, now, command, order),
        Act::Substitute { role, seat } => duty::substituted(board, command, role, seat),
        Act::Resume { role } => duty::resumed(board, command, role),
    }
}

fn open(board: &Board, id: IncidentId) -> Result<&Incident, Refused> {
    board
        .state
        .incidents
        .get(id)
        .filter(|incident| incident.closed.is_none())
        .ok_or(Refused::NoSuchIncident(id.0))
}

pub(super) fn has_role(board: &Board, seat: &str, role: &str) -> bool {
    board
        .centre
        .site
        .roles
        .get(role)
        .is_some_and(|role| role.seats.iter().any(|known| known == seat))
        || duty::holds(board, seat, role)
}

/// Whether a seat has a role, or was told of an incident as if it had.
pub(super) fn acts_as(board: &Board, incident: &Incident, seat: &str, role: &str) -> bool {
    let told = incident.roles.get(role);
    has_role(board, seat, role) || told.is_some_and(|told| told.seats.contains(seat))
}

pub(super) fn acknowledge(
    board: &Board,
    command: &Command,
    id: IncidentId,
) -> Result<Vec<Event>, Refused> {
    let incident = board
        .state
        .incidents
        .get(id)
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

pub(super) fn tick(
    board: &Board,
    now: Timestamp,
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
    let own = |role: &str| acts_as(board, incident, &command.seat, role);
    let raised = incident.raised_by.as_ref() == Some(&command.seat);
    if !own(&known.who) && !own("lead") && !raised {
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
    let started = known
        .starts
        .as_ref()
        .and_then(|started| raising::started(board, now, command, incident, started));
    let mut events = vec![Event::Ticked {
        incident: id,
        step: step.to_owned(),
        seat: Some(command.seat.clone()),
        command: Some(command.id.clone()),
        at: None,
    }];
    events.extend(started);
    Ok(events)
}

pub(super) fn answer(
    board: &Board,
    now: Timestamp,
    command: &Command,
    id: IncidentId,
    ask: &str,
    value: &str,
) -> Result<Vec<Event>, Refused> {
    let incident = open(board, id)?;
    let value = raising::answer(board, now, &incident.procedure, ask, value)?;
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
        value,
        seat: command.seat.clone(),
        command: command.id.clone(),
    }])
}

fn stand_down(board: &Board, command: &Command, id: IncidentId) -> Result<Vec<Event>, Refused> {
    let incident = open(board, id)?;
    let by = &incident.procedure.clear.by;
    let raised = incident.raised_by.as_ref() == Some(&command.seat);
    if !raised && !may_end(board, incident, command, by) {
        return Err(Refused::NotYours {
            seat: command.seat.clone(),
            why: "only the lead, who raised it and the roles of the procedure's `clear.by` stand down"
                .to_owned(),
        });
    }
    Ok(vec![Event::Closed {
        incident: id,
        why: Ending::StoodDown(command.seat.clone()),
        command: Some(command.id.clone()),
    }])
}

fn may_end(board: &Board, incident: &Incident, command: &Command, by: &[String]) -> bool {
    let may = |role: &str| acts_as(board, incident, &command.seat, role);
    may("lead") || by.iter().any(|role| may(role))
}

fn close(board: &Board, command: &Command, id: IncidentId) -> Result<Vec<Event>, Refused> {
    let incident = open(board, id)?;
    let by = &incident.procedure.clear.by;
    if by.is_empty() || !may_end(board, incident, command, by) {
        return Err(Refused::NotYours {
            seat: command.seat.clone(),
            why: "only the lead and the roles of the procedure's `clear.by` close it".to_owned(),
        });
    }
    Ok(vec![Event::Closed {
        incident: id,
        why: Ending::Done(command.seat.clone()),
        command: Some(command.id.clone()),
    }])
}
