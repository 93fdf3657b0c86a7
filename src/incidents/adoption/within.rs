//! Whether one incident is part of another.

use crate::incidents::board::Board;
use crate::incidents::fault::explaining::explains;
use crate::incidents::incident::Incident;

/// Whether a wider incident explains a narrower one: its procedure takes that one in, and
/// the narrower lies inside its scope, or what is seen of both says so.
pub(in crate::incidents) fn takes_in(board: &Board, wider: &Incident, narrower: &Incident) -> bool {
    match explains(board, wider, narrower) {
        Some(explained) => {
            let same = wider.procedure.id == narrower.procedure.id;
            explained && (same || is_named(wider, narrower))
        }
        None => is_named(wider, narrower) && lies_inside(board, wider, narrower),
    }
}

/// Whether the wider one's procedure takes in the narrower one's, as it was answered.
fn is_named(wider: &Incident, narrower: &Incident) -> bool {
    let answer = |ask: &str| Some(narrower.answers.get(ask)?.value.as_str());
    let mut taken = wider.procedure.takes_in.iter();
    taken.any(|taken| taken.names(&narrower.procedure.id, answer))
}

/// Whether it is about a seat of the wider one, or about no seat outside it; seats that
/// the configuration has no more lie nowhere.
fn lies_inside(board: &Board, wider: &Incident, narrower: &Incident) -> bool {
    let seats = &wider.scope.seats;
    if seats.contains(&narrower.opened_over) {
        return true;
    }
    let known = &board.centre.site.seats;
    let mut own = narrower.scope.seats.iter();
    let mut own = own.by_ref().filter(|seat| known.contains_key(*seat));
    own.next().is_some_and(|first| seats.contains(first)) && own.all(|seat| seats.contains(seat))
}
