//! Who is told as which role, and that more are than were before.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::incidents::incident::Incident;
use crate::incidents::post::Joining;
use crate::incidents::post::{PHONE, joining};
use crate::incidents::progress::called;

impl Incident {
    /// Roles that are told and not stood down.
    pub(super) fn told_roles(&self) -> Vec<String> {
        self.roles
            .iter()
            .filter(|(role, told)| {
                let asks = called(role).is_some() || role.starts_with(PHONE);
                told.stood_down.is_none() && !asks
            })
            .map(|(role, _)| role.clone())
            .collect()
    }

    pub(super) fn note_delivered(&mut self, channel: &str) {
        if let Some(told) = self.channels.get_mut(channel) {
            told.delivered = true;
            told.undelivered_since = None;
        }
    }

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
