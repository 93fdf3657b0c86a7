//! Which incident an entry is about.

use crate::incidents::entry::{Event, IncidentId};

/// The incident that an entry belongs to; that of `Opened` is its own number.
pub(super) fn incident_of(event: &Event) -> Option<IncidentId> {
    match event {
        Event::KindSettled { incident, .. }
        | Event::OutChanged { incident, .. }
        | Event::Widened { incident, .. }
        | Event::Confirmed { incident }
        | Event::RingAsked { incident, .. }
        | Event::Rang { incident, .. }
        | Event::StageBegan { incident, .. }
        | Event::RoleTold { incident, .. }
        | Event::RoleStoodDown { incident, .. }
        | Event::FinishBy { incident, .. }
        | Event::Owed { incident, .. }
        | Event::Acknowledged { incident, .. }
        | Event::Ticked { incident, .. }
        | Event::Answered { incident, .. }
        | Event::StepReminded { incident, .. }
        | Event::StepDone { incident, .. }
        | Event::StepMissed { incident, .. }
        | Event::Reminded { incident, .. }
        | Event::CallAsked { incident, .. }
        | Event::Dialled { incident, .. }
        | Event::DialEnded { incident, .. }
        | Event::CallAnswered { incident, .. }
        | Event::CallEnded { incident, .. }
        | Event::GateBegan { incident, .. }
        | Event::GateBroken { incident, .. }
        | Event::Joined { incident, .. }
        | Event::Woken { incident, .. }
        | Event::Adopted { incident, .. }
        | Event::Freed { incident }
        | Event::Closed { incident, .. } => Some(*incident),
        Event::StoodAlone(stood) => stood.incident,
        Event::AskedAround(asked) => Some(asked.incident),
        Event::Receipts { card, .. } | Event::SeatsLapsed { card, .. } => Some(card.incident),
        Event::Started
        | Event::Reconfigured { .. }
        | Event::ClockStepped { .. }
        | Event::Turned { .. }
        | Event::Unstable { .. }
        | Event::Discharged { .. }
        | Event::Digested { .. }
        | Event::Opened { .. }
        | Event::Delivered { .. }
        | Event::Lapsed { .. }
        | Event::DutyChanged { .. }
        | Event::Substituted { .. }
        | Event::SubstituteEnded { .. }
        | Event::Released { .. }
        | Event::WindowSet { .. }
        | Event::WindowChanged { .. }
        | Event::WindowBroken { .. }
        | Event::WindowEnded { .. }
        | Event::Superseded { .. }
        | Event::SeatLeft { .. }
        | Event::SeatBack { .. }
        | Event::BackedUp { .. } => None,
    }
}
