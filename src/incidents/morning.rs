//! Rule: what was held back over night goes out together.

use std::collections::BTreeSet;

use crate::incidents::board::{Board, Moment};
use crate::incidents::entry::Event;
use crate::incidents::message::Notice;
use crate::incidents::owing;

/// Rule: in the morning all that waited goes out, what is still open as it stands then.
pub(super) fn released(board: &Board, moment: &Moment) -> Vec<Event> {
    let mut due = BTreeSet::new();
    for (owed, debt) in &board.state.debts {
        let Some(held) = debt.held.filter(|held| moment.reached(*held)) else {
            continue;
        };
        let open = board.state.incidents.get(debt.incident);
        let open = open.filter(|it| it.closed.is_none() && it.adopted_by.is_none());
        if let Some(incident) = open
            && debt.since < held
            && debt.message.notice != Notice::Closed
        {
            let anew = owing::anew(board, incident, (*owed, debt), held, moment.now);
            if !anew.is_empty() {
                return anew;
            }
        }
        due.insert(*owed);
    }
    if due.is_empty() {
        return Vec::new();
    }
    vec![Event::Released { owed: due }]
}
