//! What a seat sees of an incident that is part of another.

use crate::incidents::board::Board;
use crate::incidents::incident::Incident;
use crate::incidents::post::PHONE;
use crate::incidents::progress::{RoleTold, called};
use crate::incidents::telling::card_text;
use crate::plan::{Button, CardText, Does};
use crate::text::Text;

/// Whether a seat has a card of what an incident is part of.
pub(in crate::incidents) fn sees_wider(board: &Board, incident: &Incident, seat: &str) -> bool {
    let has_card = |wider: &Incident| {
        wider.roles.iter().any(|(role, told)| {
            let asks = called(role).is_some() || role.starts_with(PHONE);
            !asks
                && told.stood_down.is_none()
                && told.seats.contains(seat)
                && card_text(board, wider, role, seat).is_some()
        })
    };
    let mut wider = board.state.incidents.wider(incident);
    wider.any(has_card)
}

/// Whether the card of a role gives way to that of what the incident is part of; whoever
/// was stood down sees that all the same.
pub(in crate::incidents) fn gives_way(
    board: &Board,
    incident: &Incident,
    told: &RoleTold,
    seat: &str,
) -> bool {
    let adopted = incident.adopted_by.is_some() && incident.closed.is_none();
    adopted && told.stood_down.is_none() && sees_wider(board, incident, seat)
}

/// The line that says what an open incident is part of; not to those who may not know.
pub(in crate::incidents) fn line(board: &Board, incident: &Incident, role: &str) -> Option<Text> {
    if incident.closed.is_some() {
        return None;
    }
    let widest = board.state.incidents.wider(incident).last()?;
    let title = &widest.procedure.title;
    Some(if widest.procedure.is_visible_to(role) {
        Text::new(
            format!("归入：{}", title.zh),
            format!("Part of: {}", title.en),
        )
    } else {
        Text::new("归入另一件事", "Part of a wider matter")
    })
}

/// What whoever raised it sees where no stage has begun.
pub(in crate::incidents) fn answer() -> CardText {
    CardText {
        role: String::new(),
        on_ups: None,
        in_scope: None,
        title: None,
        raised: None,
        lines: vec![Text::new(
            "这件事已经在处理",
            "It is being dealt with already",
        )],
        buttons: vec![Button {
            say: Text::new("收到", "Got it"),
            does: Does::Ack,
        }],
        more: Vec::new(),
    }
}
