//! Who has a role now: the roster, a substitute for ninety minutes, or where the role sits.

use std::collections::BTreeSet;

use jiff::SignedDuration;

use crate::incidents::board::{Board, Moment};
use crate::incidents::entry::Event;
use crate::incidents::input::{Command, Refused};
use crate::incidents::message::Callee;
use crate::incidents::post::{Holder, OnDuty};
use crate::incidents::view::DutyView;
use crate::signals::later;
use crate::site::{Duty, Person};
use crate::text::Text;

/// A substitute stands in for a lunch, and not for good.
pub(super) const SUBSTITUTES_FOR: SignedDuration = SignedDuration::from_mins(90);

/// The role of everybody who sits there, whatever a roster says.
const STAFF: &str = "staff";

fn people<'a>(people: impl Iterator<Item = &'a Person>) -> Vec<Holder> {
    let people: BTreeSet<Holder> = people.map(Holder::from).collect();
    people.into_iter().collect()
}

/// Rule: whoever has a role by the roster is written down when that changes.
pub(super) fn changed(board: &Board, moment: &Moment) -> Vec<Event> {
    let roster = &board.centre.site.roster;
    let known = &board.state.duty;
    let roles: BTreeSet<&String> = roster.duties.keys().chain(known.keys()).collect();
    for role in roles {
        let at = roster.at(role, moment.now);
        if let Some(until) = at.until {
            moment.reached(until);
        }
        let named = |duties: &[&Duty]| people(duties.iter().map(|duty| &duty.person));
        let on = OnDuty {
            holders: named(&at.holders),
            leaving: named(&at.leaving),
            deputies: people(at.holders.iter().filter_map(|duty| duty.deputy.as_ref())),
        };
        if known.get(role).unwrap_or(&OnDuty::default()) != &on {
            return vec![Event::DutyChanged {
                role: role.clone(),
                on,
            }];
        }
    }
    Vec::new()
}

/// Rule: a substitute ends by itself, or with the shift in which it began.
pub(super) fn substitute_over(board: &Board, moment: &Moment) -> Vec<Event> {
    for (role, substitute) in &board.state.substitutes {
        if substitute.seat.is_none() {
            continue;
        }
        let roster = board.centre.site.roster.at(role, moment.now);
        let shift_over = roster
            .holders
            .iter()
            .any(|duty| duty.from > substitute.since);
        if shift_over || moment.reached(later(substitute.since, SUBSTITUTES_FOR)) {
            return vec![Event::SubstituteEnded {
                role: role.clone(),
                by: None,
                command: None,
            }];
        }
    }
    Vec::new()
}

/// The seat that stands in for a role.
pub(super) fn substitute<'a>(board: &'a Board, role: &str) -> Option<&'a String> {
    let seat = board.state.substitutes.get(role)?.seat.as_ref();
    seat.filter(|seat| board.centre.site.seats.contains_key(*seat))
}

/// Where a role is reached now.
pub(super) fn seats_of(board: &Board, role: &str) -> BTreeSet<String> {
    if let Some(seat) = substitute(board, role) {
        return BTreeSet::from([seat.clone()]);
    }
    let own = board.centre.site.roles.get(role);
    let own = own.into_iter().flat_map(|role| &role.seats).cloned();
    let on = board.state.duty.get(role);
    let rostered: BTreeSet<String> = on
        .into_iter()
        .flat_map(|on| on.holders.iter().chain(&on.leaving))
        .filter_map(|holder| holder.seat.clone())
        .filter(|seat| board.centre.site.seats.contains_key(seat))
        .collect();
    // Who is named without a seat sits where the role sits.
    let unseated = on.is_none_or(|on| on.holders.iter().all(|holder| holder.seat.is_none()));
    if unseated || rostered.is_empty() || role == STAFF {
        own.chain(rostered).collect()
    } else {
        rostered
    }
}

/// Whether a seat may act for a role: its own seats may, and who is on duty.
pub(super) fn holds(board: &Board, seat: &str, role: &str) -> bool {
    let on = board.state.duty.get(role);
    let rostered = on.is_some_and(|on| {
        let mut people = on.holders.iter().chain(&on.leaving).chain(&on.deputies);
        people.any(|holder| holder.seat.as_deref() == Some(seat))
    });
    rostered || substitute(board, role).is_some_and(|known| known == seat)
}

/// Whether anybody but the role's own seats ever had it: then who has it may change.
pub(super) fn is_handed_over(board: &Board, role: &str) -> bool {
    board.state.duty.contains_key(role) || board.state.substitutes.contains_key(role)
}

/// The number of whoever has the role whose contact this is, where the roster knows it.
pub(super) fn phone<'a>(board: &'a Board, contact: &str) -> Option<&'a String> {
    let site = &board.centre.site;
    let mut roles = site.roles.iter();
    let (role, _) = roles.find(|(_, role)| role.duty.as_deref() == Some(contact))?;
    phone_of_role(board, role)
}

/// The number of whoever the roster names for a role.
pub(super) fn phone_of_role<'a>(board: &'a Board, role: &str) -> Option<&'a String> {
    if substitute(board, role).is_some() {
        return None;
    }
    let on = board.state.duty.get(role)?;
    let roster = &board.centre.site.roster;
    let mut holders = on.holders.iter();
    holders.find_map(|holder| roster.phone_of(role, &holder.name))
}

/// Whom the roster names for a role, with their numbers.
pub(super) fn on_roster(board: &Board, role: &str) -> Vec<Callee> {
    let on = board.state.duty.get(role);
    called(board, role, on.into_iter().flat_map(|on| &on.holders))
}

/// The deputies of whom the roster names for a role, with their numbers.
pub(super) fn deputies_on_roster(board: &Board, role: &str) -> Vec<Callee> {
    let on = board.state.duty.get(role);
    called(board, role, on.into_iter().flat_map(|on| &on.deputies))
}

fn called<'a>(board: &Board, role: &str, holders: impl Iterator<Item = &'a Holder>) -> Vec<Callee> {
    let roster = &board.centre.site.roster;
    holders
        .filter_map(|holder| {
            Some(Callee {
                role: role.to_owned(),
                name: Text::same(&holder.name),
                phone: roster.phone_of(role, &holder.name)?.clone(),
            })
        })
        .collect()
}

/// Who has a role now, as it is shown.
pub(super) fn view(board: &Board, role: &str, name: Text) -> DutyView {
    let on = board.state.duty.get(role).cloned().unwrap_or_default();
    let names = |people: Vec<Holder>| people.into_iter().map(|holder| holder.name).collect();
    let substitute = board.state.substitutes.get(role).and_then(|substitute| {
        let until = later(substitute.since, SUBSTITUTES_FOR);
        Some((substitute.seat.clone()?, until))
    });
    DutyView {
        role: role.to_owned(),
        name,
        people: names(on.holders),
        leaving: names(on.leaving),
        deputies: names(on.deputies),
        seats: seats_of(board, role).into_iter().collect(),
        substitute,
    }
}

/// A person asks another seat to stand in.
pub(super) fn substituted(
    board: &Board,
    command: &Command,
    role: &str,
    seat: &str,
) -> Result<Vec<Event>, Refused> {
    may(board, command, role)?;
    if !board.centre.site.seats.contains_key(seat) {
        return Err(Refused::NoSuchSeat(seat.to_owned()));
    }
    if substitute(board, role).is_some_and(|known| known == seat) {
        return Ok(Vec::new());
    }
    Ok(vec![Event::Substituted {
        role: role.to_owned(),
        seat: seat.to_owned(),
        by: command.seat.clone(),
        command: command.id.clone(),
    }])
}

/// Whoever had the role is back.
pub(super) fn resumed(board: &Board, command: &Command, role: &str) -> Result<Vec<Event>, Refused> {
    may(board, command, role)?;
    if substitute(board, role).is_none() {
        return Ok(Vec::new());
    }
    Ok(vec![Event::SubstituteEnded {
        role: role.to_owned(),
        by: Some(command.seat.clone()),
        command: Some(command.id.clone()),
    }])
}

fn may(board: &Board, command: &Command, role: &str) -> Result<(), Refused> {
    let roles = &board.centre.site.roles;
    if !roles.contains_key(role) {
        return Err(Refused::NoSuchRole(role.to_owned()));
    }
    let has = |role: &str| {
        let own = roles.get(role).map(|role| &role.seats);
        own.is_some_and(|seats| seats.contains(&command.seat)) || holds(board, &command.seat, role)
    };
    if has(role) || has("lead") {
        return Ok(());
    }
    Err(Refused::NotYours {
        seat: command.seat.clone(),
        why: format!("only who has the role `{role}`, and the lead, name a substitute"),
    })
}
