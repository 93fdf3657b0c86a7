//! How far the steps of an incident are.

use jiff::Timestamp;

use crate::incidents::incident::Incident;
use crate::incidents::progress::StepRun;

impl Incident {
    pub(super) fn step(&self, id: &str) -> StepRun {
        self.steps.get(id).cloned().unwrap_or_default()
    }

    pub(super) fn tick(&mut self, step: &str, seat: Option<&str>, at: Timestamp) {
        let each = self
            .procedure
            .stage
            .iter()
            .flat_map(|stage| &stage.step)
            .any(|known| known.id == step && known.each);
        let run = self.step_mut(step);
        match seat {
            Some(seat) if each => {
                run.each.insert(seat.to_owned());
            }
            _ => {
                run.done_at = Some(at);
                run.done_from = seat.map(str::to_owned);
            }
        }
    }

    pub(super) fn step_mut(&mut self, step: &str) -> &mut StepRun {
        self.steps.entry(step.to_owned()).or_default()
    }
}
