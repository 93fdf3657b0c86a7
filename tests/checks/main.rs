//! One file a fault: `NAME.toml` stands beside what `callwatch check` says of it, `NAME.expected`.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use callwatch::cli::check;
use callwatch::config::{self, Pack};
use callwatch::document::Fault;

const FOLDER: &str = "tests/checks";

/// The roles of the plan that the fixtures speak of.
#[expect(clippy::unnecessary_wraps, reason = "the shape of the hook")]
fn small_plan(_: &Pack) -> Result<BTreeSet<String>, Vec<Fault>> {
    Ok(["lead", "it"].map(str::to_owned).into())
}

#[expect(clippy::unnecessary_wraps, reason = "the shape of the hook")]
fn call_center(_: &Pack) -> Result<BTreeSet<String>, Vec<Fault>> {
    let roles = ["staff", "lead", "it", "manager", "operations"];
    Ok(roles.map(str::to_owned).into())
}

fn said_of(path: &Path, roles: config::RolesOf<'_>) -> (bool, String) {
    let args = check::Args {
        config: path.to_owned(),
    };
    let mut out = Vec::new();
    let good = check::run(&args, roles, &mut out).unwrap();
    (good, String::from_utf8(out).unwrap())
}

#[test]
fn each_fault_is_told_with_its_place_and_the_mend() {
    let mut fixtures: Vec<PathBuf> = std::fs::read_dir(FOLDER)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "toml")
        })
        .collect();
    fixtures.sort();
    assert!(fixtures.len() > 40, "the fixtures are in {FOLDER}");
    let mut wrong = Vec::new();
    for fixture in fixtures {
        let (good, said) = said_of(&fixture, &small_plan);
        let expected = std::fs::read_to_string(fixture.with_extension("expected"))
            .unwrap_or_else(|error| panic!("{}: {error}", fixture.display()));
        if said != expected {
            wrong.push(format!("--- expected\n{expected}--- said\n{said}"));
        }
        assert_eq!(good, said.contains(": good"), "{said}");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_reference_file_passes() {
    let path = Path::new("config/callwatch.toml");
    let (good, said) = said_of(path, &call_center);
    assert!(good, "{said}");
    let loaded = config::load(path, &call_center).unwrap();
    let said: Vec<_> = loaded.warnings.iter().map(|w| w.key.as_str()).collect();
    assert_eq!(said, ["ups"], "only that SNMP is in clear");
}
