//! What a procedure takes in: others that there are, never itself, not even by way of them.

use crate::plan::check::findings::Findings;
use crate::plan::check::names::choice;
use crate::plan::pack::Plan;
use crate::plan::procedure::Procedure;
use crate::plan::takes_in::{TakesIn, Those};

pub(super) fn check(plan: &Plan, procedure: &Procedure, path: &str, findings: &mut Findings) {
    for (n, taken) in procedure.takes_in.iter().enumerate() {
        let path = format!("{path}.takes_in[{n}]");
        let id = taken.procedure();
        let named = match taken {
            TakesIn::Every(_) => path.clone(),
            TakesIn::Those(_) => format!("{path}.procedure"),
        };
        let known = plan.procedures.keys().map(String::as_str);
        if !findings.known(&named, "procedure", id, known) {
            continue;
        }
        if *id == procedure.id {
            findings.add(&named, "takes in itself: name another, or take it out");
        } else if let Some(way) = way(plan, id, &procedure.id) {
            let way = way.join(", which takes in ");
            let message = format!("takes in itself: {way}: take one of these out");
            findings.add(&named, message);
        }
        if let TakesIn::Those(those) = taken {
            answers(&plan.procedures[id], those, &path, findings);
        }
    }
}

/// From one procedure to another by what each takes in, both ends included.
fn way<'p>(plan: &'p Plan, from: &'p str, to: &str) -> Option<Vec<&'p str>> {
    let mut ways = vec![vec![from]];
    let mut next = 0;
    while let Some(way) = ways.get(next).cloned() {
        next += 1;
        let last = way.last().and_then(|last| plan.procedures.get(*last));
        for taken in last.into_iter().flat_map(|last| &last.takes_in) {
            let mut longer = way.clone();
            longer.push(taken.procedure());
            if taken.procedure() == to {
                return Some(longer);
            }
            // Every procedure is gone through once, the nearest first.
            if ways.iter().all(|known| known.last() != longer.last()) {
                ways.push(longer);
            }
        }
    }
    None
}

fn answers(narrower: &Procedure, those: &Those, path: &str, findings: &mut Findings) {
    for (ask, values) in &those.answers {
        let path = format!("{path}.answers.{ask}");
        let known = narrower.ask.keys().map(String::as_str);
        if !findings.known(&path, "ask", ask, known) {
            continue;
        }
        for (n, value) in values.iter().enumerate() {
            choice(&narrower.ask[ask], value, &format!("{path}[{n}]"), findings);
        }
        if values.is_empty() {
            findings.add(&path, "takes in nothing: name an answer, or take it out");
        }
    }
}
