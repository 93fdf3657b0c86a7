//! What a person raises, or a step that was done: over what, since when, and what is known already.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use crate::incidents::asked;
use crate::incidents::board::Board;
use crate::incidents::commands::has_role;
use crate::incidents::entry::{Case, Event, IncidentId, Scope};
use crate::incidents::fault::rule as fault;
use crate::incidents::incident::{Incident, key};
use crate::incidents::input::{Command, Refused};
use crate::incidents::witnesses;
use crate::plan::{AskKind, Class, Over, Procedure};
use crate::signals::later;
use crate::site::Site;
use crate::text::Text;

/// Nobody raises what was found longer ago, in seconds.
const LONGEST_FOUND: u32 = 24 * 60 * 60;

/// What a person says who raises something.
pub(super) struct Raised<'a> {
    pub(super) procedure: &'a str,
    /// The feed, zone or seat; empty for the whole centre.
    pub(super) of: &'a str,
    /// Seconds ago that it was found.
    pub(super) found: u32,
    pub(super) answers: &'a BTreeMap<String, String>,
}

pub(super) fn raise(
    board: &Board,
    now: Timestamp,
    command: &Command,
    raised: &Raised<'_>,
) -> Result<Vec<Event>, Refused> {
    let id = raised.procedure;
    let plan = &board.centre.plan;
    let procedure = plan
        .procedures
        .get(id)
        .ok_or_else(|| Refused::NoSuchProcedure(id.to_owned()))?;
    let raise = procedure
        .raise
        .as_ref()
        .ok_or_else(|| Refused::NoSuchProcedure(id.to_owned()))?;
    if !raise
        .by
        .iter()
        .any(|role| has_role(board, &command.seat, role))
    {
        return Err(Refused::NotYours {
            seat: command.seat.clone(),
            why: format!("`{id}` may be raised by {}", raise.by.join(", ")),
        });
    }
    let scope =
        scope(&board.centre.site, raise.over, raised.of).ok_or_else(|| Refused::NoSuchPlace {
            procedure: id.to_owned(),
            of: raised.of.to_owned(),
        })?;
    let answers = answers(board, now, procedure, &raise.ask, raised.answers)?;
    let which = answers.get("which").map(String::as_str);
    if is_open(board, procedure, &scope.of) || fault::is_open(board, procedure, &scope.of, which) {
        return Ok(Vec::new());
    }
    let found = i64::from(raised.found.min(LONGEST_FOUND));
    let onset = later(now, -SignedDuration::from_secs(found));
    let mut events = vec![opened(board, now, procedure, scope, onset, command, None)];
    let incident = IncidentId(board.state.seq() + 1);
    for (ask, value) in answers {
        events.push(Event::Answered {
            incident,
            ask,
            value,
            seat: command.seat.clone(),
            command: command.id.clone(),
        });
    }
    Ok(events)
}

/// What a step starts that has just been ticked: another procedure over the same scope.
pub(super) fn started(
    board: &Board,
    now: Timestamp,
    command: &Command,
    incident: &Incident,
    procedure: &str,
) -> Option<Event> {
    let procedure = board.centre.plan.procedures.get(procedure)?;
    let scope = incident.scope.clone();
    if is_open(board, procedure, &scope.of) {
        return None;
    }
    let by = Some(incident.id);
    Some(opened(board, now, procedure, scope, now, command, by))
}

/// What is raised twice is one incident; each case of a register is one of its own.
fn is_open(board: &Board, procedure: &Procedure, of: &str) -> bool {
    let key = key(&procedure.id, of);
    procedure.class == Class::Floor && board.state.open_incidents().any(|open| open.key() == key)
}

pub(super) fn opened(
    board: &Board,
    now: Timestamp,
    procedure: &Arc<Procedure>,
    scope: Scope,
    onset: Timestamp,
    command: &Command,
    started_by: Option<IncidentId>,
) -> Event {
    let site = &board.centre.site;
    let feed = site.feeds.get(&scope.feed);
    let year = site.date_of(now).year();
    Event::Opened {
        procedure: Arc::clone(procedure),
        generator: feed.is_some_and(|feed| feed.generator),
        scope,
        onset,
        raised_by: Some(command.seat.clone()),
        command: Some(command.id.clone()),
        case: procedure.number.as_ref().map(|pattern| {
            let count = board.state.cases_of(&procedure.id, year) + 1;
            Case {
                year,
                count,
                number: pattern
                    .replace("{year}", &year.to_string())
                    .replace("{n}", &count.to_string()),
            }
        }),
        started_by,
    }
}

/// What it covers: all of it is resolved here, and nothing is looked up again.
pub(super) fn scope(site: &Site, over: Over, of: &str) -> Option<Scope> {
    let seats = |within: &dyn Fn(&str) -> bool| -> BTreeSet<String> {
        let seats = site.seats.iter();
        seats
            .filter(|(id, seat)| within(&seat.zone) || within(id))
            .map(|(id, _)| id.clone())
            .collect()
    };
    Some(match over {
        Over::Site => Scope {
            place: Text::new("全部坐席", "all seats"),
            seats: seats(&|_| true),
            ..Scope::default()
        },
        Over::Zone => Scope {
            of: of.to_owned(),
            place: site.zones.get(of)?.name.clone(),
            seats: seats(&|zone| zone == of),
            ..Scope::default()
        },
        Over::Seat => Scope {
            of: of.to_owned(),
            place: site.seats.get(of).map(|_| Text::same(of))?,
            seats: BTreeSet::from([of.to_owned()]),
            ..Scope::default()
        },
        Over::Feed => {
            site.feeds.get(of)?;
            witnesses::feed_scope(site, of)
        }
    })
}

/// The answers as they are written down; those that must be there are.
fn answers(
    board: &Board,
    now: Timestamp,
    procedure: &Procedure,
    asked: &[String],
    given: &BTreeMap<String, String>,
) -> Result<BTreeMap<String, String>, Refused> {
    let mut answers = BTreeMap::new();
    for (ask, value) in given {
        if !asked.contains(ask) {
            return Err(no_such_answer(procedure, ask, value));
        }
        answers.insert(ask.clone(), answer(board, now, procedure, ask, value)?);
    }
    let missing = asked.iter().find(|ask| {
        let optional = procedure.ask.get(*ask).is_some_and(|ask| ask.optional);
        !optional && !answers.contains_key(*ask)
    });
    match missing {
        Some(ask) => Err(Refused::Unanswered {
            procedure: procedure.id.clone(),
            ask: ask.clone(),
        }),
        None => Ok(answers),
    }
}

/// One answer as it is written down: a number of working days as the date that it comes to.
pub(super) fn answer(
    board: &Board,
    now: Timestamp,
    procedure: &Procedure,
    ask: &str,
    value: &str,
) -> Result<String, Refused> {
    let site = &board.centre.site;
    let known = procedure
        .ask
        .get(ask)
        .filter(|known| known.takes(value))
        .filter(|known| asked::is_there(site, known, value))
        .ok_or_else(|| no_such_answer(procedure, ask, value))?;
    if known.kind != AskKind::WorkingDays {
        return Ok(value.to_owned());
    }
    let days = value.parse().unwrap_or(0);
    let date: Date = site.working_day_after(site.date_of(now), days);
    Ok(date.to_string())
}

fn no_such_answer(procedure: &Procedure, ask: &str, value: &str) -> Refused {
    Refused::NoSuchAnswer {
        procedure: procedure.id.clone(),
        ask: ask.to_owned(),
        value: value.to_owned(),
    }
}
