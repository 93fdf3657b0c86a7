//! "You too?": a seat reports what it suffers from, and two neighbours are asked whether they
//! have it too. Who has is a seat fault like the first; from three on it is one incident.
//!
//! Who is asked sees a card of its own with two buttons, and only for a while: a question must
//! not stand in anybody's way.

#[cfg(test)]
mod stories;

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::incidents::board::{Board, Moment};
use crate::incidents::card::{Act, Card, CardButton, CardKey, Phase};
use crate::incidents::deliveries::all;
use crate::incidents::entry::{Entry, Event, IncidentId};
use crate::incidents::incident::{Incident, key};
use crate::incidents::input::{Command, Refused};
use crate::incidents::progress::{call_of, called};
use crate::incidents::raising;
use crate::incidents::wording::Words;
use crate::plan::{Fault, Over, Procedure};
use crate::signals::{Kind, Level, Signal, later};
use crate::site::Site;
use crate::text::{Language, Text};

/// So many are asked: with the first they are as many as make one incident.
const ASKED: usize = 2;
/// The question stands for so long.
const STANDS: SignedDuration = SignedDuration::from_mins(2);
/// What was opened longer ago is asked after no more.
const LATELY: SignedDuration = SignedDuration::from_mins(1);
/// No role is called so.
const AROUND: &str = "neighbours: you too?";

/// What became of a question to the neighbours of a seat.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AskedAround {
    pub incident: IncidentId,
    #[serde(flatten)]
    pub what: Around,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "kebab-case")]
pub enum Around {
    Asked {
        seats: BTreeSet<String>,
    },
    Answered {
        seat: String,
        /// It is so there too.
        too: bool,
        command: String,
    },
    /// Nobody there answered within the time.
    Silent {
        seats: BTreeSet<String>,
    },
}

impl AskedAround {
    /// The command that an answer carries out.
    pub(super) fn command(&self) -> Option<&str> {
        match &self.what {
            Around::Answered { command, .. } => Some(command),
            Around::Asked { .. } | Around::Silent { .. } => None,
        }
    }
}

/// What one who is asked has said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Said {
    Nothing,
    Answered,
    /// Not within the time.
    Silent,
}

/// Who was asked beside one who reported something, and what they said.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Neighbours {
    asked_at: Timestamp,
    said: BTreeMap<String, Said>,
}

impl Neighbours {
    /// The wall clock jumped.
    pub(super) fn shift(&mut self, by: SignedDuration) {
        self.asked_at = later(self.asked_at, by);
    }
}

/// The role under which the card of the question stands.
fn card_role() -> String {
    call_of(AROUND)
}

/// Whether this is the role of that card.
pub(super) fn is_card_role(role: &str) -> bool {
    called(role) == Some(AROUND)
}

impl Incident {
    pub(super) fn take_around(&mut self, entry: &Entry, around: &Around) {
        let (seats, said) = match around {
            Around::Asked { seats } => (seats.clone(), Said::Nothing),
            Around::Answered { seat, .. } => (BTreeSet::from([seat.clone()]), Said::Answered),
            Around::Silent { seats } => (seats.clone(), Said::Silent),
        };
        let card = self.roles.entry(card_role()).or_default();
        if said == Said::Nothing {
            card.seats.clone_from(&seats);
            card.told_at = entry.seq;
        } else {
            // The question leaves the screen with the answer.
            card.seats.retain(|seat| !seats.contains(seat));
        }
        let known = self.neighbours.get_or_insert_with(|| Neighbours {
            asked_at: entry.at,
            said: BTreeMap::new(),
        });
        known
            .said
            .extend(seats.into_iter().map(|seat| (seat, said)));
    }
}

fn event(incident: IncidentId, what: Around) -> Event {
    Event::AskedAround(AskedAround { incident, what })
}

/// Whether it is about one seat and what a person there suffers from.
fn is_of_seat(procedure: &Procedure) -> bool {
    let over = procedure.raise.as_ref().map(|raise| raise.over);
    let mut opening = procedure.opening();
    over == Some(Over::Seat)
        && opening.any(|trigger| trigger.fault == Some(Fault::Seat))
        && !procedure.is_sensitive()
}

/// Rule: beside whoever has just reported something two neighbours are asked, those who were
/// not themselves asked into it.
pub(super) fn ask(board: &Board, moment: &Moment) -> Vec<Event> {
    for incident in board.state.running() {
        let is_new = later(incident.opened_at, LATELY) > moment.now;
        if !is_new
            || incident.raised_by.is_none()
            || incident.started_by.is_some()
            || incident.neighbours.is_some()
            || !is_of_seat(&incident.procedure)
        {
            continue;
        }
        let free = |seat: &str| is_free(board, incident, seat);
        let seats = nearest(&board.centre.site, &incident.opened_over, free);
        if !seats.is_empty() {
            return vec![event(incident.id, Around::Asked { seats })];
        }
    }
    Vec::new()
}

/// Whether somebody sits there who may be asked, and knows nothing of it yet.
fn is_free(board: &Board, incident: &Incident, seat: &str) -> bool {
    let site = &board.centre.site;
    let known = site.seats.get(seat);
    let told = incident
        .roles
        .values()
        .any(|told| told.seats.contains(seat));
    // Whoever leads or repairs has a card of it, or is about to.
    let mut others = site.roles.iter().filter(|(role, _)| *role != "staff");
    known.is_some_and(|known| !known.spare && !known.public)
        && !others.any(|(_, role)| role.seats.iter().any(|known| known == seat))
        && board.live.connected(seat)
        && board.state.level(&Signal::new(Kind::SeatPc, seat)) == Level::Normal
        && !told
        && !has_one(board, &incident.procedure, seat)
}

/// Whether an incident of this procedure is open over that seat.
fn has_one(board: &Board, procedure: &Procedure, seat: &str) -> bool {
    let key = key(&procedure.id, seat);
    let mut open = board.state.open_incidents();
    open.any(|incident| incident.key() == key)
}

/// The seats beside one in its zone, as they are numbered.
fn nearest(site: &Site, seat: &str, free: impl Fn(&str) -> bool) -> BTreeSet<String> {
    let Some(own) = site.seats.get(seat) else {
        return BTreeSet::new();
    };
    let in_zone = site.seats.iter().filter(|(_, it)| it.zone == own.zone);
    let mut row: Vec<&String> = in_zone.map(|(id, _)| id).collect();
    // C-2 stands before C-10.
    row.sort_by_key(|id| (id.len(), *id));
    let place = row.iter().position(|id| *id == seat).unwrap_or_default();
    let others = row.iter().enumerate();
    let others = others.filter(|(at, id)| *at != place && free(id));
    let mut others: Vec<(usize, &String)> =
        others.map(|(at, id)| (at.abs_diff(place), *id)).collect();
    others.sort();
    let nearest = others.into_iter().take(ASKED);
    nearest.map(|(_, id)| id.clone()).collect()
}

/// Rule: a question that nobody answered is over after a while.
pub(super) fn end(board: &Board, moment: &Moment) -> Vec<Event> {
    for incident in board.state.open_incidents() {
        let Some(known) = &incident.neighbours else {
            continue;
        };
        let waits = known
            .said
            .iter()
            .filter(|(_, said)| **said == Said::Nothing);
        let seats: BTreeSet<String> = waits.map(|(seat, _)| seat.clone()).collect();
        if !seats.is_empty() && moment.reached(later(known.asked_at, STANDS)) {
            return vec![event(incident.id, Around::Silent { seats })];
        }
    }
    Vec::new()
}

/// Somebody said whether it is so there too; where it is, it is reported from there.
pub(super) fn answered(
    board: &Board,
    now: Timestamp,
    command: &Command,
    incident: &Incident,
    too: bool,
) -> Result<Vec<Event>, Refused> {
    let id = incident.id;
    let neighbours = incident.neighbours.as_ref();
    let said = neighbours.and_then(|known| known.said.get(&command.seat));
    let Some(said) = said else {
        return Err(Refused::NotYours {
            seat: command.seat.clone(),
            why: format!("it was not asked beside incident {id}"),
        });
    };
    // Whoever was slow has said it all the same.
    if *said == Said::Answered {
        return Ok(Vec::new());
    }
    let answered = Around::Answered {
        seat: command.seat.clone(),
        too,
        command: command.id.clone(),
    };
    let mut events = vec![event(id, answered)];
    let scope = raising::scope(&board.centre.site, Over::Seat, &command.seat);
    let new = too && !has_one(board, &incident.procedure, &command.seat);
    let Some(scope) = scope.filter(|_| new) else {
        return Ok(events);
    };
    let procedure = &incident.procedure;
    let by = Some(id);
    events.push(raising::opened(
        board, now, procedure, scope, now, command, by,
    ));
    // That of the answer comes before it.
    let opened = IncidentId(board.state.seq() + 2);
    let asked = procedure.raise.iter().flat_map(|raise| &raise.ask);
    let given = asked.filter_map(|ask| Some((ask, incident.answers.get(ask)?)));
    events.extend(given.map(|(ask, answer)| Event::Answered {
        incident: opened,
        ask: ask.clone(),
        value: answer.value.clone(),
        seat: command.seat.clone(),
        command: command.id.clone(),
    }));
    Ok(events)
}

impl Board {
    /// The question, while it stands.
    pub(super) fn neighbour_card(
        &self,
        incident: &Incident,
        seat: &str,
        language: Language,
    ) -> Option<Card> {
        if incident.closed.is_some() || incident.adopted_by.is_some() {
            return None;
        }
        let words = Words::new(self, incident, Some(seat));
        let say = |text: &Text| words.fill(text.in_language(language), language);
        let lines = [
            Text::new(
                "{seat}：{answer.what}，你也是吗？",
                "{seat}: {answer.what}. You too?",
            ),
            Text::new("按一下就行，接着接电话", "One tap, then go on with calls"),
        ];
        let buttons = [("我也是", "Me too", true), ("我没有", "Not here", false)];
        let buttons = buttons.map(|(zh, en, too)| CardButton {
            say: say(&Text::new(zh, en)),
            act: Act::Neighbour {
                incident: incident.id,
                too,
            },
            done: false,
        });
        Some(Card {
            key: CardKey {
                incident: incident.id,
                role: card_role(),
            },
            revision: 0,
            phase: Phase::Open,
            severity: incident.severity(),
            title: say(&incident.procedure.headline()),
            lines: lines.iter().map(say).collect(),
            buttons: buttons.into(),
            more: Vec::new(),
            clocks: Vec::new(),
            since: incident.onset,
            acknowledged: false,
            quiet: false,
            procedure: String::new(),
        })
    }
}

/// Why it is written down.
pub(super) fn reason(around: &Around) -> Text {
    match around {
        Around::Asked { seats } => {
            let seats = all(seats);
            Text::new(
                format!("问 {}：是不是也这样", seats.zh),
                format!("asked whether it is so there too: {}", seats.en),
            )
        }
        Around::Answered {
            seat, too: true, ..
        } => Text::new(format!("{seat} 也这样"), format!("it is so at {seat} too")),
        Around::Answered { seat, .. } => Text::new(
            format!("{seat} 没有这样"),
            format!("it is not so at {seat}"),
        ),
        Around::Silent { seats } => {
            let seats = all(seats);
            Text::new(
                format!("{} 没有回答", seats.zh),
                format!("no answer from {}", seats.en),
            )
        }
    }
}
