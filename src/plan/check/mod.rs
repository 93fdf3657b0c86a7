//! What is wrong with a plan beyond its shape: every fault at once.
//!
//! A plan that passes names only what there is, can be reached in every part,
//! can come to an end, and speaks both languages in texts that fit a card.

mod clocks;
mod findings;
mod names;
mod reach;
mod texts;

use crate::document::{Document, Fault, join};
use crate::plan::check::findings::Findings;
use crate::plan::pack::Plan;

/// All that is wrong with a plan; the document says where it stands.
pub fn check(plan: &Plan, document: &Document<'_>) -> Vec<Fault> {
    let mut findings = Findings::new(document);
    texts::header(plan, &mut findings);
    for (id, procedure) in &plan.procedures {
        let path = join("procedure", id);
        names::check(plan, procedure, &path, &mut findings);
        clocks::check(procedure, &path, &mut findings);
        reach::check(procedure, &path, &mut findings);
        texts::check(procedure, &path, &mut findings);
    }
    findings.faults
}
