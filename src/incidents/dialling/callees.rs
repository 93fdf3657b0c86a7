//! Whom to ring up for a role, and why.

use crate::incidents::board::Board;
use crate::incidents::duty;
use crate::incidents::incident::Incident;
use crate::incidents::message::Callee;
use crate::incidents::reaching;
use crate::text::Text;

/// In turn: who is on duty by the roster, the role's contact, who is listed under the
/// role's own name, its deputies; then the same of the role above it.
pub(in crate::incidents) fn of(board: &Board, role: &str) -> Vec<Callee> {
    let site = &board.centre.site;
    let above = reaching::above(board, role);
    let mut callees: Vec<Callee> = Vec::new();
    for role in [Some(role), above.as_deref()].into_iter().flatten() {
        let known = site.roles.get(role);
        let contact = |id: &str| {
            site.contacts.get(id).map(|contact| Callee {
                role: role.to_owned(),
                name: contact.name.clone(),
                phone: contact.phone.clone(),
            })
        };
        let duty = known.and_then(|role| role.duty.as_deref());
        let listed = duty.into_iter().chain([role]).filter_map(contact);
        let deputy = known.and_then(|role| role.deputy.duty.as_deref());
        let deputies = duty::deputies_on_roster(board, role)
            .into_iter()
            .chain(deputy.and_then(contact));
        let on_duty = duty::on_roster(board, role).into_iter();
        for callee in on_duty.chain(listed).chain(deputies) {
            if callees.iter().all(|known| known.phone != callee.phone) {
                callees.push(callee);
            }
        }
    }
    callees
}

/// What people call the channel that does not bring the role what it is owed.
pub(in crate::incidents) fn dead_channel(board: &Board, incident: &Incident, role: &str) -> Text {
    let dead = incident
        .channels
        .iter()
        .find(|(_, told)| told.roles.contains(role) && told.undelivered_since.is_some());
    dead.map_or_else(Text::default, |(channel, _)| {
        let known = board.centre.site.channels.get(channel);
        known.map_or_else(|| Text::same(channel), |known| known.name.clone())
    })
}
