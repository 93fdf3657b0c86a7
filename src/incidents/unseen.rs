//! Rules: nobody waits for one person. What is not seen goes to the deputy, then
//! to the next one up, then by the phone of whoever is there; and whoever takes
//! over a role is told what is under way.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use crate::incidents::board::{Board, Moment};
use crate::incidents::dialling::dial::DialCause;
use crate::incidents::dialling::rule::{self, Next, is_seen};
use crate::incidents::duty;
use crate::incidents::entry::Event;
use crate::incidents::incident::Incident;
use crate::incidents::post::Joining;
use crate::incidents::post::PHONE;
use crate::incidents::progress::{Call, RoleTold, call_of};
use crate::incidents::reaching::{self, Reach};
use crate::incidents::telling::card_text;
use crate::plan::{Button, CardText, Class, Does, RAISER};
use crate::signals::later;
use crate::text::Text;

/// Unseen for so long: the deputy too.
const DEPUTY_AFTER: SignedDuration = SignedDuration::from_mins(1);
/// Unseen for so long: the next one up; at night the deputy.
const NEXT_UP_AFTER: SignedDuration = SignedDuration::from_mins(3);
/// What was open when work began is not urged before people have sat down.
const SITTING_DOWN: SignedDuration = SignedDuration::from_mins(20);
/// A message that was not delivered so long after is one for the phone.
const UNDELIVERED: SignedDuration = SignedDuration::from_secs(20);
/// The stage of a card that asks to phone.
const TO_PHONE: &str = "to-phone";

/// Rule: whoever has a role now is told what those before them were told.
pub(super) fn handed_over(board: &Board, _moment: &Moment) -> Vec<Event> {
    for incident in board.state.running() {
        for (role, told) in &incident.roles {
            if told.stood_down.is_some() || !duty::is_handed_over(board, role) {
                continue;
            }
            let seats = new_seats(board, incident, role, told, duty::seats_of(board, role));
            if !seats.is_empty() {
                return vec![Event::Joined {
                    incident: incident.id,
                    role: role.clone(),
                    seats,
                    channels: BTreeSet::new(),
                    why: Joining::OnDuty,
                }];
            }
        }
    }
    Vec::new()
}

/// Rule: the deputy, the next one up, the phone.
pub(super) fn unseen(board: &Board, moment: &Moment) -> Vec<Event> {
    for incident in board.state.running() {
        if incident.gate_since.is_some() || incident.procedure.class != Class::Floor {
            continue;
        }
        for (role, told) in &incident.roles {
            if told.stood_down.is_some() || !is_urged(board, incident, role) {
                continue;
            }
            if is_seen(incident, role, told) {
                continue;
            }
            if let Some(event) = urged(board, incident, role, told, moment) {
                return vec![event];
            }
        }
    }
    Vec::new()
}

/// Whether a role is one on which the others wait.
fn is_urged(board: &Board, incident: &Incident, role: &str) -> bool {
    if role == RAISER || role == "staff" || role.starts_with(PHONE) {
        return false;
    }
    let site = &board.centre.site;
    let stands_in = site.roles.get(role).is_some_and(|role| {
        role.next_up.is_some() || !role.deputy.seats.is_empty() || !role.deputy.channels.is_empty()
    });
    let on_call = incident.woken && role == site.quiet.on_call;
    role == "lead" || stands_in || on_call || board.state.duty.contains_key(role)
}

/// From when a role is waited for, and how long for its deputy and for the next one up.
fn patience(
    board: &Board,
    incident: &Incident,
    role: &str,
    told: &RoleTold,
    moment: &Moment,
) -> Option<(Timestamp, SignedDuration)> {
    let site = &board.centre.site;
    let told_since = told.since?;
    let agenda = site.agenda();
    if let Some(open_since) = agenda.open_since(moment.now) {
        let since = if told_since < open_since {
            later(open_since, SITTING_DOWN)
        } else {
            told_since
        };
        return (!told.seats.is_empty()).then_some((since, DEPUTY_AFTER));
    }
    // Nobody sits there; only who was called is waited for.
    moment.reached(agenda.next_begin(moment.now));
    (incident.woken && role == site.quiet.on_call).then_some((told_since, NEXT_UP_AFTER))
}

fn urged(
    board: &Board,
    incident: &Incident,
    role: &str,
    told: &RoleTold,
    moment: &Moment,
) -> Option<Event> {
    let (since, deputy_after) = patience(board, incident, role, told, moment)?;
    if !told.deputy && moment.reached(later(since, deputy_after)) {
        let deputies = reaching::deputies(board, role);
        if let Some(event) = joined(board, incident, role, told, deputies, Joining::Deputy) {
            return Some(event);
        }
    }
    if !moment.reached(later(since, NEXT_UP_AFTER)) {
        return None;
    }
    let procedure = &incident.procedure;
    let Some((next, next_at)) = &told.next_up else {
        // At night the deputy is the last who is woken, where there is one.
        if told.deputy && deputy_after == NEXT_UP_AFTER {
            return None;
        }
        let is_new = |reach: &Reach| {
            !reach.channels.is_empty() || reach.seats.iter().any(|seat| !told.seats.contains(seat))
        };
        let (next, reach) = reaching::next_up(board, procedure, role, is_new)?;
        return joined(board, incident, role, told, reach, Joining::NextUp(next));
    };
    phoned(board, incident, role, next, *next_at, moment)
}

fn new_seats(
    board: &Board,
    incident: &Incident,
    role: &str,
    told: &RoleTold,
    seats: BTreeSet<String>,
) -> BTreeSet<String> {
    let mut seats = seats;
    seats.retain(|seat| {
        !told.seats.contains(seat) && card_text(board, incident, role, seat).is_some()
    });
    seats
}

fn joined(
    board: &Board,
    incident: &Incident,
    role: &str,
    told: &RoleTold,
    reach: Reach,
    why: Joining,
) -> Option<Event> {
    let seats = new_seats(board, incident, role, told, reach.seats);
    if seats.is_empty() && reach.channels.is_empty() {
        return None;
    }
    Some(Event::Joined {
        incident: incident.id,
        role: role.to_owned(),
        seats,
        channels: reach.channels,
        why,
    })
}

/// Somebody has seen the card that asks to ring that role.
fn is_called(incident: &Incident, role: &str) -> bool {
    let open = incident.calls.get(role).is_some_and(Call::is_open);
    let card = incident.roles.get(&call_of(role));
    open && card.is_some_and(|card| !card.shown.is_empty())
}

/// Whom the machine cannot reach a person must phone: one who is there.
fn phoned(
    board: &Board,
    incident: &Incident,
    role: &str,
    next: &str,
    next_at: Timestamp,
    moment: &Moment,
) -> Option<Event> {
    let phone = format!("{PHONE}{next}");
    if incident.procedure.is_sensitive()
        || incident.roles.contains_key(&phone)
        || is_called(incident, next)
    {
        return None;
    }
    let reach = reaching::of(board, &incident.procedure, next);
    let connected = |seat: &String| board.live.connected(seat);
    let delivered = |channel: &String| {
        let told = incident.channels.get(channel);
        told.is_some_and(|told| told.delivered)
    };
    if reach.channels.iter().any(delivered) {
        return None;
    }
    let may_come = !reach.channels.is_empty() || reach.seats.iter().any(connected);
    if may_come && !moment.reached(later(next_at, UNDELIVERED)) {
        return None;
    }
    let cause = DialCause::Unseen(role.to_owned());
    match rule::next(board, incident, next, cause, moment) {
        Next::Dial(event) => return Some(*event),
        Next::Wait | Next::Told => return None,
        Next::Person => {}
    }
    let site = &board.centre.site;
    let of_role = |role: &str| duty::seats_of(board, role);
    let is_private = |seat: &String| site.seats.get(seat).is_some_and(|seat| !seat.public);
    let there = [
        of_role(role),
        reaching::deputies(board, role).seats,
        of_role("it"),
        of_role("staff"),
    ];
    let seat = there
        .into_iter()
        .flatten()
        .chain(site.seats.keys().cloned())
        .filter(|seat| !reach.seats.contains(seat) && is_private(seat))
        .find(connected)?;
    Some(Event::RoleTold {
        incident: incident.id,
        role: phone,
        stage: TO_PHONE.to_owned(),
        seats: BTreeSet::from([seat]),
        channels: BTreeSet::new(),
    })
}

/// The card of a seat that is asked to phone.
pub(super) fn phone_text(board: &Board, role: &str) -> Option<CardText> {
    let role = role.strip_prefix(PHONE)?;
    let site = &board.centre.site;
    let name = board.centre.plan.roles.get(role).cloned();
    let name = name.unwrap_or_else(|| Text::same(role));
    let contact = site.roles.get(role).and_then(|role| role.duty.as_ref());
    let contact = contact.and_then(|contact| site.contacts.get(contact));
    let phone = duty::phone_of_role(board, role).or(contact.map(|contact| &contact.phone));
    let phone = phone.map_or_else(String::new, |phone| format!(" {phone}"));
    Some(CardText {
        role: String::new(),
        on_ups: None,
        in_scope: None,
        raised: None,
        title: None,
        lines: vec![
            Text::new(
                format!("打电话给{}：{}", name.zh, phone.trim_start()),
                format!("Phone the {}:{phone}", name.en),
            ),
            Text::new("没人看到，请他接手", "Nobody has seen this: they take over"),
        ],
        buttons: vec![Button {
            say: Text::new("已打通", "Reached"),
            does: Does::Ack,
        }],
        more: Vec::new(),
    })
}
