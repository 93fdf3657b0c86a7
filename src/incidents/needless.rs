//! Whether anybody still needs to ring a role up.

use jiff::Timestamp;

use crate::incidents::board::Board;
use crate::incidents::incident::Incident;
use crate::incidents::message::CallEnd;
use crate::incidents::progress::RoleTold;
use crate::plan::Evidence;

/// Why nobody needs to ring that role: it knows, or it need not know any more.
pub(super) fn needless(
    board: &Board,
    incident: &Incident,
    role: &str,
    told: &RoleTold,
) -> Option<CallEnd> {
    let newest = |revision: &u32| u64::from(*revision) >= told.told_at;
    let said = incident.steps_under_way().any(|(step, _)| {
        matches!(&step.done_when, Some(Evidence::Told(roles)) if roles.as_slice().iter().any(|it| it == role))
            && incident.step(&step.id).done_at.is_some()
    });
    let waits = incident.gate_since.is_some() || incident.adopted_by.is_some();
    if told.stood_down.is_some() || waits {
        Some(CallEnd::NotNeeded)
    } else if told.shown.values().any(newest) || said {
        Some(CallEnd::Seen)
    } else if undelivered_since(board, incident, role).is_none() {
        Some(CallEnd::Delivered)
    } else {
        None
    }
}

/// Since when nothing has arrived at any channel of a role; `None` where
/// something did, or it has no channel.
pub(super) fn undelivered_since(
    board: &Board,
    incident: &Incident,
    role: &str,
) -> Option<Timestamp> {
    let mut first = None;
    // A channel of somebody else that heard of it too is not the role's own.
    let own = board.centre.site.roles.get(role)?;
    for told in own
        .channels
        .iter()
        .filter_map(|id| incident.channels.get(id))
    {
        if !told.roles.contains(role) || told.messages == 0 {
            continue;
        }
        let since = told.undelivered_since?;
        first = Some(first.map_or(since, |first: Timestamp| first.min(since)));
    }
    first
}
