//! Rules: what channels are owed, and when a debt ends unpaid.
//!
//! The newest state wins: a message that was not delivered yet is superseded by
//! the next one, which then opens in its place. The end is never dropped.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use crate::incidents::board::{Board, Moment};
use crate::incidents::card::CardKey;
use crate::incidents::debt::Debt;
use crate::incidents::entry::{Event, OwedId, Recipient};
use crate::incidents::incident::Incident;
use crate::incidents::message::{Message, Notice};
use crate::incidents::night;
use crate::incidents::progress::{ChannelTold, called};
use crate::incidents::saying;
use crate::signals::later;
use crate::text::Text;

/// How long an all-clear stays in force at a seat that has not shown it.
const ALL_CLEAR_IN_FORCE: SignedDuration = SignedDuration::from_hours(12);
/// How long a channel's debt is kept.
const DEBT_IN_FORCE: SignedDuration = SignedDuration::from_hours(24);

/// Rule: a channel is owed each stage that it was told of, reminders, and the end.
pub(super) fn messages(board: &Board, moment: &Moment) -> Vec<Event> {
    for incident in board.closed_astir() {
        let events = next_message(board, incident, moment);
        if !events.is_empty() {
            return events;
        }
    }
    for incident in board.state.running() {
        let events = next_message(board, incident, moment);
        if !events.is_empty() {
            return events;
        }
        let events = reminder(board, incident, moment);
        if !events.is_empty() {
            return events;
        }
    }
    Vec::new()
}

fn next_message(board: &Board, incident: &Incident, moment: &Moment) -> Vec<Event> {
    let channels = incident.channels.iter();
    let message = channels
        .map(|(channel, told)| message(board, incident, channel, told, moment.now))
        .find(|events| !events.is_empty());
    message.unwrap_or_default()
}

fn message(
    board: &Board,
    incident: &Incident,
    channel: &str,
    told: &ChannelTold,
    now: Timestamp,
) -> Vec<Event> {
    let to = Addressed {
        board,
        incident,
        channel,
        now,
    };
    if told.closed {
        return Vec::new();
    }
    let still_concerned = told.roles.iter().any(|role| {
        incident
            .roles
            .get(role)
            .is_some_and(|role| role.stood_down.is_none())
    });
    let role = told.roles.first().cloned().unwrap_or_default();
    if incident.closed.is_some() || !still_concerned {
        if told.messages == 0 {
            return Vec::new();
        }
        let text = saying::end(board, incident, told.delivered);
        return to.owe(&role, None, Notice::Closed, text);
    }
    let stage = told.roles.iter().find_map(|role| {
        let stages = &incident.roles.get(role)?.stages;
        // In the plan's order, so that the newest stage is told last.
        incident
            .procedure
            .stage
            .iter()
            .map(|stage| &stage.id)
            .chain(stages.iter())
            .find(|stage| stages.contains(*stage) && !told.stages.contains(*stage))
            .map(|stage| (role, stage))
    });
    let join = told.joins.iter().find(|join| !told.stages.contains(*join));
    let stage = stage.or(join.and_then(|join| Some((told.roles.first()?, join))));
    let Some((role, stage)) = stage else {
        return Vec::new();
    };
    let notice = if told.messages == 0 {
        Notice::Opened
    } else {
        Notice::Changed
    };
    let text = saying::stage(board, incident, stage);
    to.owe(role, Some(stage), notice, text)
}

fn reminder(board: &Board, incident: &Incident, moment: &Moment) -> Vec<Event> {
    let remind = &incident.procedure.remind;
    let count = usize::try_from(incident.reminded).unwrap_or(usize::MAX);
    let Some(after) = remind.get(count).or(remind.last()) else {
        return Vec::new();
    };
    if incident.in_recovery()
        || !incident.anybody_told()
        || !moment.reached(later(incident.reminded_at, *after))
    {
        return Vec::new();
    }
    let mut events = vec![Event::Reminded {
        incident: incident.id,
        count: incident.reminded + 1,
    }];
    for (channel, told) in &incident.channels {
        let pending = board
            .state
            .debts
            .values()
            .any(|debt| debt.incident == incident.id && &debt.channel == channel);
        if told.closed || told.messages == 0 || pending {
            // What waits there says it already.
            continue;
        }
        events.push(Event::Owed {
            incident: incident.id,
            recipient: Recipient::Channel(channel.clone()),
            role: told.roles.first().cloned().unwrap_or_default(),
            stage: None,
            message: compose(
                incident,
                told,
                Notice::Reminded,
                saying::still(board, incident, moment.now),
                board,
            ),
            held: night::held_until(board, incident, channel, Notice::Reminded, moment.now),
        });
    }
    events
}

/// A channel that is told of an incident now.
struct Addressed<'a> {
    board: &'a Board,
    incident: &'a Incident,
    channel: &'a str,
    now: Timestamp,
}

impl Addressed<'_> {
    fn owe(&self, role: &str, stage: Option<&str>, notice: Notice, text: Text) -> Vec<Event> {
        let Addressed {
            board,
            incident,
            channel,
            now,
        } = *self;
        let pending: Vec<(OwedId, &Debt)> = board
            .state
            .debts
            .iter()
            .filter(|(_, debt)| debt.incident == incident.id && debt.channel == channel)
            .map(|(owed, debt)| (*owed, debt))
            .collect();
        let never_opened = pending
            .iter()
            .any(|(_, debt)| debt.message.notice == Notice::Opened);
        let notice = if never_opened && notice == Notice::Changed {
            Notice::Opened
        } else {
            notice
        };
        let by = OwedId(board.state.seq + 1);
        let mut events = vec![Event::Owed {
            incident: incident.id,
            recipient: Recipient::Channel(channel.to_owned()),
            role: role.to_owned(),
            stage: stage.map(str::to_owned),
            message: compose(incident, &incident.channels[channel], notice, text, board),
            held: night::held_until(board, incident, channel, notice, now),
        }];
        events.extend(
            pending
                .into_iter()
                .map(|(owed, _)| Event::Superseded { owed, by }),
        );
        events
    }
}

/// A message that has waited and is still true, as it is said now.
pub(super) fn anew(
    board: &Board,
    incident: &Incident,
    (owed, debt): (OwedId, &Debt),
    held: Timestamp,
    now: Timestamp,
) -> Vec<Event> {
    let Some(told) = incident.channels.get(&debt.channel) else {
        return Vec::new();
    };
    let text = saying::still(board, incident, now);
    vec![
        Event::Owed {
            incident: incident.id,
            recipient: Recipient::Channel(debt.channel.clone()),
            role: told.roles.first().cloned().unwrap_or_default(),
            stage: None,
            message: compose(incident, told, debt.message.notice, text, board),
            held: Some(held),
        },
        Event::Superseded {
            owed,
            by: OwedId(board.state.seq + 1),
        },
    ]
}

fn compose(
    incident: &Incident,
    channel: &ChannelTold,
    notice: Notice,
    text: Text,
    board: &Board,
) -> Message {
    let may_read = |role: &String| incident.procedure.is_visible_to(role);
    if !channel.roles.iter().any(may_read) {
        let veiled = saying::veiled(board, incident, notice);
        return Message {
            notice,
            procedure: String::new(),
            kind: None,
            severity: incident.severity(),
            since: incident.onset,
            place: Text::default(),
            title: veiled.clone(),
            text: veiled,
            told: Vec::new(),
        };
    }
    Message {
        notice,
        procedure: incident.procedure.id.clone(),
        kind: incident.kind.clone(),
        severity: incident.severity(),
        since: incident.onset,
        place: incident.scope.place.clone(),
        title: saying::title(board, incident),
        text,
        told: incident.told_roles(),
    }
}

/// Rule: what can or need no longer be paid ends by name.
pub(super) fn lapsed(board: &Board, moment: &Moment) -> Vec<Event> {
    let mut events = Vec::new();
    for (owed, debt) in &board.state.debts {
        let mut roles = board.centre.site.roles.values();
        let removed = !roles.any(|role| {
            let mut channels = role.channels.iter().chain(&role.deputy.channels);
            channels.any(|channel| channel == &debt.channel)
        });
        let why = if removed {
            Text::new(
                "配置里已没有这个渠道",
                "the channel is not in the configuration any more",
            )
        } else if debt.held.is_some() {
            continue;
        } else if moment.reached(later(debt.released.unwrap_or(debt.since), DEBT_IN_FORCE)) {
            Text::new("24小时未能送达", "it could not be delivered for 24 h")
        } else {
            continue;
        };
        events.push(Event::Lapsed { owed: *owed, why });
    }
    let incidents = board.state.open_incidents().chain(board.closed_astir());
    for incident in incidents {
        for (role, over_at, unseen) in unseen_ends(incident) {
            let (seats, why) = if moment.reached(later(over_at, ALL_CLEAR_IN_FORCE)) {
                (
                    unseen.into_iter().cloned().collect(),
                    Text::new("结束后12小时未显示", "not shown for 12 h after the end"),
                )
            } else {
                let unseen = unseen.into_iter();
                let removed: BTreeSet<String> = unseen
                    .filter(|seat| !board.centre.site.seats.contains_key(*seat))
                    .cloned()
                    .collect();
                (
                    removed,
                    Text::new(
                        "配置里已没有这个座席",
                        "the seat is not in the configuration any more",
                    ),
                )
            };
            if !seats.is_empty() {
                events.push(Event::SeatsLapsed {
                    card: CardKey {
                        incident: incident.id,
                        role: role.clone(),
                    },
                    seats,
                    why,
                });
            }
        }
    }
    events
}

/// Each role that is over, since when, and the seats that have not shown that; none where
/// all have. Whoever was to ring is owed nothing for that.
fn unseen_ends(incident: &Incident) -> impl Iterator<Item = (&String, Timestamp, Vec<&String>)> {
    let roles = incident.roles.iter();
    let roles = roles.filter(|(role, _)| called(role).is_none());
    roles.filter_map(|(role, told)| {
        let over_at = over_at(incident, told.stood_down_at)?;
        let seats = told.seats.iter();
        let unseen: Vec<&String> = seats
            .filter(|seat| {
                let ends = [&told.shown_over, &told.lapsed, &told.elsewhere];
                ends.iter().all(|ended| !ended.contains(*seat))
            })
            .collect();
        (!unseen.is_empty()).then_some((role, over_at, unseen))
    })
}

/// When what is owed to seats of an incident lapses next.
pub(super) fn lapses_at(incident: &Incident) -> Option<Timestamp> {
    unseen_ends(incident)
        .map(|(_, over_at, _)| later(over_at, ALL_CLEAR_IN_FORCE))
        .min()
}

/// When a role's card got its last form.
pub(super) fn over_at(incident: &Incident, stood_down_at: Option<Timestamp>) -> Option<Timestamp> {
    let closed_at = incident.closed.as_ref().map(|closed| closed.at);
    match (stood_down_at, closed_at) {
        (Some(stood_down), Some(closed)) => Some(stood_down.min(closed)),
        (either, other) => either.or(other),
    }
}
