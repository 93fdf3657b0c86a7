//! Where a role is reached; one that is reached nowhere goes to the next one up.

use std::collections::BTreeSet;

use crate::incidents::board::Board;
use crate::incidents::duty;
use crate::plan::Procedure;

/// The plan's order: a role that is not in it goes to the lead.
const UPWARDS: [&str; 5] = ["staff", "lead", "supervisor", "manager", "operations"];

/// Seats and channels of a role.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Reach {
    pub(super) seats: BTreeSet<String>,
    pub(super) channels: BTreeSet<String>,
}

impl Reach {
    fn is_empty(&self) -> bool {
        self.seats.is_empty() && self.channels.is_empty()
    }

    fn and(mut self, other: Reach) -> Reach {
        self.seats.extend(other.seats);
        self.channels.extend(other.channels);
        self
    }
}

/// Where a role itself is reached now.
fn own(board: &Board, role: &str) -> Reach {
    let Some(known) = board.centre.site.roles.get(role) else {
        return Reach::default();
    };
    Reach {
        seats: duty::seats_of(board, role),
        channels: known.channels.iter().cloned().collect(),
    }
}

/// Where a role of an incident is reached, or who gets it in its stead.
pub(super) fn of(board: &Board, procedure: &Procedure, role: &str) -> Reach {
    let reach = own(board, role);
    if !reach.is_empty() {
        return reach;
    }
    let up = next_up(board, procedure, role, |_| true).map(|(_, reach)| reach);
    let up = up.unwrap_or_default();
    if board.centre.site.roles.contains_key(role) {
        return up;
    }
    // A role that an incident still speaks of, but the site no more.
    ["lead", "it"]
        .into_iter()
        .filter(|role| procedure.is_visible_to(role))
        .map(|role| own(board, role))
        .fold(up, Reach::and)
}

/// The next role up that is reached somewhere, and may know of it.
pub(super) fn next_up(
    board: &Board,
    procedure: &Procedure,
    role: &str,
    wanted: impl Fn(&Reach) -> bool,
) -> Option<(String, Reach)> {
    let mut passed = BTreeSet::from([role.to_owned()]);
    let mut next = above(board, role);
    while let Some(role) = next.filter(|role| passed.insert(role.clone())) {
        let reach = own(board, &role);
        if !reach.is_empty() && procedure.is_visible_to(&role) && wanted(&reach) {
            return Some((role, reach));
        }
        next = above(board, &role);
    }
    None
}

/// The role to which one goes that cannot be reached.
pub(super) fn above(board: &Board, role: &str) -> Option<String> {
    let known = board.centre.site.roles.get(role);
    if let Some(next_up) = known.and_then(|role| role.next_up.clone()) {
        return Some(next_up);
    }
    match UPWARDS.iter().position(|known| *known == role) {
        Some(place) => UPWARDS.get(place + 1).map(|role| (*role).to_owned()),
        None => Some("lead".to_owned()),
    }
}

/// Where a role's deputies are reached: those of the roster, else those of the role.
pub(super) fn deputies(board: &Board, role: &str) -> Reach {
    let rostered = board.state.duty.get(role).map(|on| &on.deputies);
    let rostered: BTreeSet<String> = rostered
        .into_iter()
        .flatten()
        .filter_map(|deputy| deputy.seat.clone())
        .collect();
    let own = board.centre.site.roles.get(role).map(|role| &role.deputy);
    let own = own.cloned().unwrap_or_default();
    Reach {
        seats: if rostered.is_empty() {
            own.seats.into_iter().collect()
        } else {
            rostered
        },
        channels: own.channels.into_iter().collect(),
    }
}
