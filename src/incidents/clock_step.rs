//! The wall clock jumped: every moment from which an incident counts jumps with it.

use jiff::SignedDuration;

use crate::incidents::incident::Incident;
use crate::signals::later;

impl Incident {
    pub(super) fn shift(&mut self, by: SignedDuration) {
        let moments = [&mut self.onset, &mut self.opened_at, &mut self.reminded_at];
        let moments = moments
            .into_iter()
            .chain(self.stages.values_mut().map(|run| &mut run.begin))
            .chain(self.gate_since.as_mut())
            .chain(self.closed.as_mut().map(|closed| &mut closed.at))
            .chain(self.finish_by.values_mut())
            .chain(
                self.channels
                    .values_mut()
                    .filter_map(|told| told.undelivered_since.as_mut()),
            )
            .chain(self.answers.values_mut().map(|answer| &mut answer.at))
            .chain(
                self.steps
                    .values_mut()
                    .filter_map(|run| run.done_at.as_mut()),
            )
            .chain(self.roles.values_mut().flat_map(|told| {
                let seen = told.seen.values_mut();
                let next_up = told.next_up.as_mut().map(|(_, at)| at);
                let began = told
                    .stood_down_at
                    .as_mut()
                    .into_iter()
                    .chain(&mut told.since);
                began.chain(next_up).chain(seen)
            }));
        for moment in moments {
            *moment = later(*moment, by);
        }
    }
}
