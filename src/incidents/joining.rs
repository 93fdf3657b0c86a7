//! More are told as a role that was told before.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::incidents::incident::Incident;
use crate::incidents::post::Joining;
use crate::incidents::post::joining;

impl Incident {
    pub(super) fn join(
        &mut self,
        role: &str,
        seats: &BTreeSet<String>,
        channels: &BTreeSet<String>,
        why: &Joining,
        at: Timestamp,
    ) {
        let Some(told) = self.roles.get_mut(role) else {
            return;
        };
        told.seats.extend(seats.iter().cloned());
        match why {
            Joining::OnDuty | Joining::Concerned => {}
            Joining::Deputy => told.deputy = true,
            Joining::NextUp(next) => told.next_up = Some((next.clone(), at)),
        }
        for channel in channels {
            let known = self.channels.entry(channel.clone()).or_default();
            known.roles.insert(role.to_owned());
            known.closed = false;
            // What it missed is in the message that says why it is told.
            known.stages.extend(told.stages.iter().cloned());
            known.joins.insert(joining(role));
        }
    }
}
