//! The plan file: a header, the roles, and a table for each procedure.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;

use crate::document::{Document, Fault};
use crate::plan::check::check_beside;
use crate::plan::pack::{BUILT_IN, Plan};
use crate::plan::procedure::Procedure;
use crate::text::Text;

/// The version of the file's shape that this program reads.
const SHAPE: u32 = 1;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PlanFile {
    plan: u32,
    id: String,
    name: Text,
    roles: BTreeMap<String, Text>,
    procedure: BTreeMap<String, Procedure>,
}

/// Reads and checks a plan file, and adds the procedures that every plan has.
/// `file` is the name that faults are told under; every fault is told at once,
/// in the order of the file.
pub fn parse(file: &str, text: &str) -> Result<Plan, Vec<Fault>> {
    let mut plan = parse_alone(file, text)?;
    for (file, text) in BUILT_IN {
        let built_in = parse_alone(file, text).expect("a test reads it without a fault");
        for (id, procedure) in built_in.procedures {
            plan.procedures.entry(id).or_insert(procedure);
        }
    }
    Ok(plan)
}

fn parse_alone(file: &str, text: &str) -> Result<Plan, Vec<Fault>> {
    let (document, mut faults) = Document::parse(file, text);
    if !faults.is_empty() {
        // What a fault of syntax swallowed would be reported as missing.
        return Err(faults);
    }
    let Some(read) = document.read_leniently::<PlanFile>("", &mut faults) else {
        return Err(faults);
    };
    let shape = read.value.plan;
    if shape != SHAPE && !faults.iter().any(|fault| fault.key == "plan") {
        faults.push(document.fault(
            "plan",
            format!("has the shape {shape}, but this program reads shape {SHAPE}: write {SHAPE}"),
        ));
    }
    let plan = plan_of(read.value);
    let found = check_beside(&plan, &document, &faults);
    faults.extend(found);
    faults.sort();
    // Whatever was invented to go on reading is beneath a fault.
    if faults.is_empty() {
        Ok(plan)
    } else {
        Err(faults)
    }
}

fn plan_of(file: PlanFile) -> Plan {
    let procedures = file.procedure.into_iter().map(|(id, mut procedure)| {
        procedure.id.clone_from(&id);
        (id, Arc::new(procedure))
    });
    Plan {
        id: file.id,
        name: file.name,
        roles: file.roles,
        procedures: procedures.collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::pack::PACKS;

    fn told(file: &str, text: &str) -> Vec<String> {
        let faults = parse(file, text).err().unwrap_or_default();
        faults.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn both_packs_are_read_and_checked_without_a_fault() {
        for (id, text) in PACKS {
            assert_eq!(told(&format!("{id}.toml"), text), [""; 0]);
            let plan = parse(id, text).unwrap();
            assert_eq!(plan.id, id);
            assert_eq!(plan.procedures["power-loss"].id, "power-loss");
        }
    }

    #[test]
    fn every_plan_has_the_procedures_that_are_built_in_unless_it_has_its_own() {
        let own = BUILT_IN[0]
            .1
            .replace("失联", "没应答")
            .replace("[procedure.unstable-supply", "[procedure.other");
        let plan = parse("own.toml", &own).unwrap();
        assert_eq!(plan.procedures["blind"].title.zh, "没应答");
        assert_eq!(plan.procedures["unstable-supply"].id, "unstable-supply");
        assert_eq!(plan.procedures.len(), 16);
    }

    #[test]
    fn a_procedure_survives_being_written_down_in_an_entry() {
        for (id, text) in PACKS {
            let plan = parse(id, text).unwrap();
            let written = serde_json::to_string(&plan).unwrap();
            assert_eq!(serde_json::from_str::<Plan>(&written).unwrap(), plan);
        }
    }

    #[test]
    fn faults_of_syntax_are_told_alone() {
        let faults = told("a.toml", "plan = 1\nid = \n[roles\n");
        assert_eq!(faults.len(), 2, "{faults:#?}");
        assert!(faults[0].starts_with("a.toml:2:"), "{faults:#?}");
    }

    #[test]
    fn what_is_missing_is_told_once() {
        assert_eq!(
            told("a.toml", "plan = 1\n"),
            ["id", "name", "procedure", "roles"]
                .map(|key| format!("a.toml:1:1: {key}: is missing: add this key"))
        );
    }
}
