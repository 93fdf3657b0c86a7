//! The wall clock jumped: every moment from which something counts jumps with it.

use jiff::SignedDuration;

use crate::incidents::incident::Incident;
use crate::incidents::state::State;
use crate::signals::later;

impl State {
    /// The wall clock jumped: durations go on, so every moment that one is counted from jumps too.
    pub(super) fn shift(&mut self, by: SignedDuration) {
        for standing in self.standings.values_mut() {
            standing.since = later(standing.since, by);
        }
        for moment in self
            .turns
            .values_mut()
            .chain(self.blips.values_mut())
            .flatten()
            .chain(self.closed_at.values_mut())
            .chain(self.on_battery_since.values_mut())
        {
            *moment = later(*moment, by);
        }
        for discharge in self.discharges.values_mut() {
            discharge.until = later(discharge.until, by);
        }
        self.daily.shift(by);
        for left in self.left.values_mut() {
            left.shift(by);
        }
        for newest in self.backups.values_mut() {
            newest.shift(by);
        }
        for waiting in &mut self.alone {
            waiting.shift(by);
        }
        for debt in self.debts.values_mut() {
            debt.since = later(debt.since, by);
            debt.released = debt.released.map(|released| later(released, by));
        }
        for substitute in self.substitutes.values_mut() {
            substitute.since = later(substitute.since, by);
        }
        self.incidents.shift(by);
    }
}

impl Incident {
    pub(super) fn shift(&mut self, by: SignedDuration) {
        self.course.shift(by);
        self.shift_dials(by);
        if let Some(neighbours) = &mut self.neighbours {
            neighbours.shift(by);
        }
        let moments = [&mut self.onset, &mut self.opened_at, &mut self.reminded_at];
        let moments = moments
            .into_iter()
            .chain(self.stages.values_mut().map(|run| &mut run.begin))
            .chain(self.gate_since.as_mut())
            .chain(self.freed_at.as_mut())
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
                    .flat_map(|run| run.done_at.iter_mut().chain(&mut run.missed_deadline)),
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
