//! What the plan says of the time to come: by when, what comes next, and who is to hear of the end.

use jiff::Timestamp;

use crate::incidents::incident::Incident;
use crate::incidents::steps::clock;
use crate::plan::{RAISER, When};
use crate::signals::later;
use crate::site::Site;

/// By when a step must be done; `None` while its clock does not run.
pub(super) fn due(site: &Site, incident: &Incident, step: &str) -> Option<Timestamp> {
    let (stage, step) = incident.procedure.step(step)?;
    let run = incident.stages.get(&stage.id).filter(|run| !run.ended)?;
    Some(clock(site, incident, step, run)?.1)
}

/// When a stage began, or will begin if the cause stays bad; `None` where nobody can know.
pub(super) fn begin(incident: &Incident, stage: &str) -> Option<Timestamp> {
    if let Some(run) = incident.stages.get(stage).filter(|run| !run.ended) {
        return Some(run.begin);
    }
    match &incident.procedure.stage(stage)?.when {
        _ if incident.adopted_by.is_some() => None,
        When::BadFor(long) => {
            let from = incident.bad_from(incident.counts_from());
            Some(later(from, *long))
        }
        When::After(after) => {
            let done = incident.counts_from_no_earlier(incident.step(&after.step).done_at?);
            Some(later(incident.bad_from(done), after.bad_for))
        }
        _ => None,
    }
}

/// The roles that were told and that a person tells the end: not those whom the recovery tells itself.
pub(super) fn to_phone(incident: &Incident) -> Vec<String> {
    let stages = incident.procedure.stage.iter();
    let recovery = stages.filter(|stage| stage.when == When::Clear);
    let told_anyway: Vec<&String> = recovery.flat_map(|stage| &stage.tell).collect();
    let mut told = incident.told_roles();
    told.retain(|role| role != RAISER && !told_anyway.contains(&role));
    told
}
