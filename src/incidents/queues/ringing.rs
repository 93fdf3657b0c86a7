//! A list of people to call in: the next one to ring up, and what they said.
//!
//! People are called in by people. Whoever does the step sees a card of its own with one
//! name and number; each press is an entry, and brings the next. Who did not answer comes
//! round once more after the last.

use std::collections::BTreeSet;

use crate::incidents::board::{Board, Moment};
use crate::incidents::card::{Act, Card, CardButton, CardKey, Phase, RingAnswer};
use crate::incidents::commands::acts_as;
use crate::incidents::entry::{Event, IncidentId};
use crate::incidents::incident::Incident;
use crate::incidents::input::{Command, Refused};
use crate::incidents::progress::{call_of, called};
use crate::incidents::queues::answering;
use crate::incidents::queues::course::Rung;
use crate::incidents::wording::Words;
use crate::plan::{Placeholder, Rings, Step, neutral_title};
use crate::site::Contact;
use crate::text::{Language, Text};

/// Nobody is rung up more often.
const MOST_TRIES: usize = 2;
/// Before a list, in the role of the card that asks to ring it.
const LIST: &str = "list ";

/// The role under which the card of a list stands.
pub(in crate::incidents) fn card_of(list: &str) -> String {
    call_of(&format!("{LIST}{list}"))
}

/// The list whose card this role is of.
pub(in crate::incidents) fn list_of(role: &str) -> Option<&str> {
    called(role)?.strip_prefix(LIST)
}

/// The list that is rung now, and the step that it is for: that of the newest card of
/// whoever does it, until they say that it is done, or all is good.
fn under_way(incident: &Incident) -> Option<(&Step, &Rings)> {
    if incident.closed.is_some() || incident.gate_since.is_some() {
        return None;
    }
    let stages: Vec<_> = incident.stages_under_way().collect();
    let (step, rings) = stages.iter().rev().find_map(|(stage, _)| {
        let mut steps = stage.step.iter();
        steps.find_map(|step| {
            let newest = stages.iter().rev().find(|(stage, _)| {
                let mut cards = stage.card.iter();
                cards.any(|card| card.role == step.who)
            });
            let is_newest = newest.is_some_and(|(newest, _)| newest.id == stage.id);
            is_newest.then_some((step, step.rings.as_ref()?))
        })
    })?;
    let may_begin = rings
        .after
        .as_ref()
        .is_none_or(|first| incident.step(first).done_at.is_some());
    let said = incident.step(&step.id).done_from.is_some();
    (may_begin && !said).then_some((step, rings))
}

/// Whom to ring next.
fn next<'s>(list: &'s [Contact], rung: &[Rung]) -> Option<&'s Contact> {
    let tries = |contact: &Contact| {
        let tries = rung.iter().filter(|rung| rung.phone == contact.phone);
        let answered = |rung: &Rung| rung.answer != RingAnswer::NoAnswer;
        if tries.clone().any(answered) {
            MOST_TRIES
        } else {
            tries.count()
        }
    };
    let fewest = list.iter().map(tries).min().filter(|it| *it < MOST_TRIES)?;
    list.iter().find(|contact| tries(contact) == fewest)
}

/// Rule: whoever has the step sees the list.
pub(in crate::incidents) fn asked(board: &Board, _moment: &Moment) -> Vec<Event> {
    for incident in board.state.open_incidents() {
        let Some((step, rings)) = under_way(incident) else {
            continue;
        };
        let is_empty = board.list(&rings.list).is_empty();
        let seats = incident.roles.get(&step.who).map(|told| &told.seats);
        let Some(seats) = seats.filter(|_| !is_empty) else {
            continue;
        };
        let known = incident.roles.get(&card_of(&rings.list));
        if known.is_none_or(|known| &known.seats != seats) {
            return vec![Event::RingAsked {
                incident: incident.id,
                list: rings.list.clone(),
                seats: seats.clone(),
            }];
        }
    }
    Vec::new()
}

/// Somebody was rung up; a press for a turn that is over says nothing new.
pub(in crate::incidents) fn rang(
    board: &Board,
    command: &Command,
    id: IncidentId,
    list: &str,
    turn: u32,
    answer: RingAnswer,
) -> Result<Vec<Event>, Refused> {
    let incident = board
        .state
        .incidents
        .get(id)
        .filter(|incident| incident.closed.is_none())
        .ok_or(Refused::NoSuchIncident(id.0))?;
    let not_now = || Refused::NoSuchStep {
        incident: id.0,
        step: list.to_owned(),
    };
    let (step, _) = under_way(incident)
        .filter(|(_, rings)| rings.list == list)
        .ok_or_else(not_now)?;
    let may = |role: &str| acts_as(board, incident, &command.seat, role);
    if !may(&step.who) && !may("lead") {
        return Err(Refused::NotYours {
            seat: command.seat.clone(),
            why: format!("the list `{list}` is for `{}` to ring", step.who),
        });
    }
    let rung = incident.course.rung(list);
    if u32::try_from(rung.len()) != Ok(turn) {
        return Ok(Vec::new());
    }
    let contact = next(board.list(list), rung).ok_or_else(not_now)?;
    Ok(vec![Event::Rang {
        incident: id,
        list: list.to_owned(),
        name: contact.name.clone(),
        phone: contact.phone.clone(),
        answer,
        seat: command.seat.clone(),
        command: command.id.clone(),
    }])
}

/// Why it is written down.
pub(in crate::incidents) fn reason(event: &Event) -> Text {
    match event {
        Event::RingAsked { seats, .. } => {
            let seats: BTreeSet<&str> = seats.iter().map(String::as_str).collect();
            let seats: Vec<&str> = seats.into_iter().collect();
            Text::new(
                format!("{} 按名单打电话", seats.join("、")),
                format!("{} is asked to phone down the list", seats.join(", ")),
            )
        }
        Event::Rang {
            name, answer, seat, ..
        } => {
            let (zh, en) = match answer {
                RingAnswer::Coming => ("能来", "is coming"),
                RingAnswer::Cannot => ("来不了", "cannot come"),
                RingAnswer::NoAnswer => ("没接", "did not answer"),
            };
            Text::new(
                format!("{}{zh}（{seat} 打的电话）", name.zh),
                format!("{} {en} (rung from {seat})", name.en),
            )
        }
        _ => Text::default(),
    }
}

impl Board {
    fn list(&self, list: &str) -> &[Contact] {
        let known = self.centre.site.reserves.get(list);
        known.map_or(&[], Vec::as_slice)
    }

    /// The card of a list, while it is rung.
    pub(in crate::incidents) fn ring_card(
        &self,
        incident: &Incident,
        list: &str,
        seat: &str,
        language: Language,
    ) -> Option<Card> {
        under_way(incident).filter(|(_, rings)| rings.list == list)?;
        let people = self.list(list);
        let rung = incident.course.rung(list);
        let words = Words::new(self, incident, Some(seat));
        let say = |text: &Text| text.in_language(language).to_owned();
        let contact = next(people, rung);
        let coming = incident.course.coming();
        let title = Text::new(
            format!("打名单 · {coming}人来"),
            format!("Phone the list · {coming} coming"),
        );
        let whom = match contact {
            Some(contact) => Text::new(
                format!("{} {}", contact.name.zh, contact.phone),
                format!("{} {}", contact.name.en, contact.phone),
            ),
            None => Text::new("名单打完了", "The list is through"),
        };
        let short = answering::words(self, incident, &Placeholder::Staffing);
        let lines: Vec<String> = [Some(whom), short].iter().flatten().map(say).collect();
        let left = people.iter().filter(|person| {
            let mut rung = rung.iter();
            !rung.any(|rung| rung.phone == person.phone)
        });
        let left = left.count();
        let more = vec![say(&Text::new(
            format!("名单共{}人，{left}人还没打", people.len()),
            format!("{} on the list, {left} not rung yet", people.len()),
        ))];
        let public = self.centre.site.seats.get(seat).is_some_and(|s| s.public);
        let (title, lines, more) = if public {
            let neutral = neutral_title();
            let neutral = words.fill(neutral.in_language(language), language);
            (neutral, Vec::new(), lines.into_iter().chain(more).collect())
        } else {
            (say(&title), lines, more)
        };
        let turn = u32::try_from(rung.len()).unwrap_or(u32::MAX);
        let buttons = [
            ("能来", "Coming", RingAnswer::Coming),
            ("来不了", "Cannot", RingAnswer::Cannot),
            ("没接", "No answer", RingAnswer::NoAnswer),
        ];
        let buttons = buttons.into_iter().filter(|_| contact.is_some());
        let buttons = buttons.map(|(zh, en, answer)| CardButton {
            say: say(&Text::new(zh, en)),
            act: Act::Rang {
                incident: incident.id,
                list: list.to_owned(),
                turn,
                answer,
            },
            done: false,
        });
        Some(Card {
            key: CardKey {
                incident: incident.id,
                role: card_of(list),
            },
            revision: 0,
            phase: Phase::Open,
            severity: incident.severity(),
            title,
            lines,
            buttons: buttons.collect(),
            more,
            clocks: Vec::new(),
            since: incident.onset,
            acknowledged: false,
            quiet: false,
            procedure: String::new(),
        })
    }
}
