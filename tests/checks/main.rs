//! One file a fault: `NAME.toml` stands beside what `callwatch check` says of it, `NAME.expected`.

#[path = "../../src/probes/reach/authority.rs"]
mod authority;
mod figures;
mod plans;
mod tls;

use std::path::{Path, PathBuf};

use callwatch::cli::check;
use callwatch::config::{self, Agreed, Pack};
use callwatch::document::Fault;
use callwatch::plan;

const FOLDER: &str = "tests/checks";

/// The roles of the plan that the fixtures speak of.
#[expect(clippy::unnecessary_wraps, reason = "the shape of the hook")]
fn small_plan(_: &Pack) -> Result<Agreed, Vec<Fault>> {
    Ok(Agreed {
        roles: ["lead", "it"].map(str::to_owned).into(),
        sensitive: [("theft".to_owned(), vec!["lead".to_owned()])].into(),
        lists: ["backup".to_owned()].into(),
    })
}

fn call_center(_: &Pack) -> Result<Agreed, Vec<Fault>> {
    let text = plan::pack("call-center").expect("it is shipped");
    Ok(Agreed::from(&plan::parse("call-center.toml", text)?))
}

fn said_of(path: &Path, roles: config::RolesOf<'_>) -> (bool, String) {
    let args = check::Args {
        config: path.to_owned(),
    };
    let mut out = Vec::new();
    let good = check::run(&args, roles, &mut out).expect("a Vec takes everything");
    (good, String::from_utf8(out).expect("text is UTF-8"))
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

/// Whatever is done to a line of the reference, the reader ends and each fault has a place in the text.
#[test]
fn every_spoilt_line_of_the_reference_is_told_with_a_place() {
    let lines: Vec<&str> = config::example().lines().collect();
    let secret = |_: &str| Err("there is no file".to_owned());
    let surroundings = config::Surroundings {
        directory: Path::new("/etc/callwatch"),
        state_directory: Path::new("/var/lib/callwatch"),
        credentials: None,
        secret: &secret,
        roles: &call_center,
    };
    let mut refused = 0;
    for (index, line) in lines.iter().enumerate() {
        let Some((key, _)) = line.split_once('=').filter(|_| !line.starts_with('#')) else {
            continue;
        };
        let spoilt = [
            String::new(),
            format!("{key}= 5"),
            format!("{key}= [5, {{}}]"),
            format!("{key}= {{ x = 5 }}"),
            format!("x{line}"),
            format!("{line}\n{line}"),
            format!("{key}="),
        ];
        for line in &spoilt {
            let mut lines = lines.clone();
            lines[index] = line;
            let text = lines.join("\n");
            let Err(faults) = config::from_text("a.toml", &text, &surroundings) else {
                continue;
            };
            refused += 1;
            assert!(!faults.is_empty(), "{line}");
            for fault in faults {
                let column = text
                    .lines()
                    .nth(fault.line - 1)
                    .map(|line| line.chars().count());
                assert!(
                    column.is_some_and(|end| fault.column <= end + 1),
                    "{line}: {fault}"
                );
            }
        }
    }
    assert!(refused > 500, "{refused}");
}
