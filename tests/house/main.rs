//! The house itself: pure rooms stay pure, rooms import downward only, a child
//! never imports its parent, and no file grows beyond what one reads at once.

mod source;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use source::{Source, mentions};

/// Rooms that neither wait, nor read a clock, nor speak with anybody.
const PURE: [&str; 12] = [
    "acd",
    "document",
    "health",
    "incidents",
    "plan",
    "sensors",
    "signals",
    "site",
    "staffing",
    "text",
    "ups",
    "wire",
];

/// What a pure room does not name.
const IMPURE: [&str; 22] = [
    "axum",
    "libc",
    "notify_rust",
    "reqwest",
    "rusqlite",
    "rustix",
    "snmp2",
    "sysinfo",
    "tokio",
    "tokio_tungstenite",
    "tokio_util",
    "tracing",
    "zbus",
    "getrandom",
    "std::env",
    "std::fs",
    "std::net",
    "std::process",
    "std::thread",
    "SystemTime",
    "Instant",
    "crate::clock",
];

/// The floor of each room; one imports from lower floors, or beside itself on its own.
const FLOORS: [(&str, u8); 26] = [
    ("text", 1),
    ("document", 1),
    ("health", 1),
    ("sensors", 1),
    ("signals", 1),
    ("acd", 1),
    ("program", 1),
    ("staffing", 1),
    ("ups", 1),
    ("clock", 1),
    ("site", 2),
    ("plan", 2),
    ("incidents", 3),
    ("wire", 4),
    ("inbox", 4),
    ("probes", 4),
    ("store", 5),
    ("alerts", 5),
    ("control", 6),
    ("web", 7),
    ("seat", 7),
    ("sim", 8),
    ("config", 9),
    ("daemon", 10),
    ("demo", 11),
    ("cli", 11),
];

/// Names of modules that say nothing.
const MEANINGLESS: [&str; 6] = ["common", "helpers", "misc", "prelude", "types", "utils"];

/// Lines of a file without its tests.
const LONGEST: usize = 400;

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut sources = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("the sources are here") {
            let path = entry.expect("it can be listed").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|kind| kind == "rs") {
                let text = std::fs::read_to_string(&path).expect("it is UTF-8");
                let within = path.strip_prefix(&root).expect("it lies within");
                sources.push(Source::read(within, &text));
            }
        }
    }
    sources.sort_by(|a, b| a.path.cmp(&b.path));
    assert!(sources.len() > 100, "the sources were not found");
    sources
}

fn floor(room: &str) -> Option<u8> {
    FLOORS
        .iter()
        .find(|(known, _)| *known == room)
        .map(|(_, floor)| *floor)
}

fn impurities(source: &Source) -> Vec<String> {
    if !PURE.contains(&source.room.as_str()) {
        return Vec::new();
    }
    let mut faults: Vec<String> = IMPURE
        .iter()
        .flat_map(|name| source.places(name))
        .map(|place| format!("{place} is not pure: hand it in as a value"))
        .collect();
    faults.extend(
        source
            .places("::now()")
            .map(|place| format!("{place} reads a clock: take `now` as an argument")),
    );
    faults
}

fn climbs(source: &Source) -> Vec<String> {
    let Some(own) = floor(&source.room) else {
        return match source.room.as_str() {
            "lib" | "main" | "bin" => Vec::new(),
            room => vec![format!(
                "room `{room}` has no floor: give it one here and in lib.rs"
            )],
        };
    };
    source
        .imports()
        .filter(|import| import.room != source.room)
        .filter_map(|import| {
            let theirs = floor(&import.room)?;
            let climbs =
                theirs > own || (theirs == own && own > 1 && !beside(source, &import.room));
            climbs.then(|| {
                format!(
                    "{} (floor {own}) imports `{}` (floor {theirs}): only what stands below",
                    import.place, import.room
                )
            })
        })
        .collect()
}

/// Rooms that stand on one floor side by side, in an order of their own.
fn beside(source: &Source, room: &str) -> bool {
    matches!(
        (source.room.as_str(), room),
        ("plan", "site") | ("probes", "inbox") | ("cli", "demo")
    )
}

fn looks_up(source: &Source) -> Vec<String> {
    if !source.is_child() {
        return Vec::new();
    }
    source
        .imports()
        .filter(|import| import.room == source.room && import.is_of_the_room_itself())
        .map(|import| {
            format!(
                "{} imports from its parent `{}`: name the sibling that defines it",
                import.place, import.room
            )
        })
        .collect()
}

fn misnamed(source: &Source) -> Option<String> {
    let path: &Path = &source.path;
    let name = path.iter().find_map(|part| {
        let part = Path::new(part).file_stem()?.to_str()?;
        MEANINGLESS.contains(&part).then_some(part)
    })?;
    Some(format!(
        "{}: `{name}` says nothing: name what it holds",
        path.display()
    ))
}

fn too_long(source: &Source) -> Option<String> {
    let lines = source.lines_without_tests();
    (lines > LONGEST).then(|| {
        format!(
            "{}: {lines} lines without tests: split at its second noun",
            source.path.display()
        )
    })
}

fn none(faults: impl IntoIterator<Item = String>) {
    let faults: Vec<String> = faults.into_iter().collect();
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

#[test]
fn pure_rooms_stay_pure() {
    none(sources().iter().flat_map(impurities));
}

#[test]
fn rooms_import_downward_only() {
    none(sources().iter().flat_map(climbs));
}

#[test]
fn a_child_never_imports_its_parent() {
    none(sources().iter().flat_map(looks_up));
}

#[test]
fn names_say_something_and_files_stay_short() {
    none(sources().iter().filter_map(misnamed));
    none(sources().iter().filter_map(too_long));
}

#[test]
fn the_picture_in_lib_names_every_room_on_its_floor() {
    let lib = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs");
    let lib = std::fs::read_to_string(lib).expect("it is here");
    let mut drawn: BTreeMap<u8, Vec<String>> = BTreeMap::new();
    for row in lib.lines().filter_map(|line| line.strip_prefix("//! | ")) {
        let Some((floor, rooms)) = row.trim_end_matches('|').split_once(" | ") else {
            continue;
        };
        let Ok(floor) = floor.parse() else { continue };
        let rooms = rooms.split(", ");
        let mut rooms: Vec<String> = rooms
            .map(|room| room.trim().trim_matches(['[', ']', '`']).to_owned())
            .collect();
        rooms.sort();
        drawn.insert(floor, rooms);
    }
    let mut kept: BTreeMap<u8, Vec<String>> = BTreeMap::new();
    for (room, floor) in FLOORS {
        kept.entry(floor).or_default().push(room.to_owned());
    }
    for rooms in kept.values_mut() {
        rooms.sort();
    }
    assert_eq!(drawn, kept);
}

#[test]
fn each_rule_finds_what_breaks_it() {
    let read = |path: &str, text: &str| Source::read(&PathBuf::from(path), text);
    let impure = read(
        "plan/a.rs",
        "use std::fs;\nfn f() { let t = Timestamp::now(); }\n",
    );
    assert_eq!(impurities(&impure).len(), 2, "{:?}", impurities(&impure));
    let allowed =
        "// std::fs\nconst A: &str = \"tokio\";\n#[cfg(test)]\nmod tests {\n    use std::fs;\n}\n";
    assert_eq!(impurities(&read("plan/a.rs", allowed)), [""; 0]);
    assert_eq!(impurities(&read("store/a.rs", "use std::fs;\n")), [""; 0]);
    let climbing = read(
        "store/a.rs",
        "use crate::web::Hall;\nuse crate::plan::Plan;\n",
    );
    let faults = climbs(&climbing);
    assert_eq!(faults.len(), 1);
    assert!(faults[0].starts_with("store/a.rs:1 "), "{faults:?}");
    assert_eq!(climbs(&read("attic/a.rs", "")).len(), 1);
    let grouped = read(
        "signals/a.rs",
        "use crate::{plan::Plan,\n    text::Text};\n",
    );
    assert_eq!(climbs(&grouped).len(), 1, "{:?}", climbs(&grouped));
    let child = read(
        "plan/a.rs",
        "use crate::plan::{Plan, stage::Stage};\nuse super::Plan;\n",
    );
    assert_eq!(looks_up(&child).len(), 2, "{:?}", looks_up(&child));
    assert_eq!(
        looks_up(&read("plan/mod.rs", "use crate::plan::Plan;\n")),
        [""; 0]
    );
    assert!(misnamed(&read("plan/utils.rs", "")).is_some());
    let long = "fn a() {}\n".repeat(LONGEST + 1);
    assert!(too_long(&read("plan/a.rs", &long)).is_some());
    let tested = format!("fn a() {{}}\n#[cfg(test)]\nmod tests {{\n{long}}}\n");
    assert!(too_long(&read("plan/a.rs", &tested)).is_none());
}

#[test]
fn the_project_speaks_of_itself_alone() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut faults = Vec::new();
    for folder in ["src", "config", "systemd", "tests", "benches", ".ci"] {
        mentions(&root.join(folder), &mut faults);
    }
    for file in ["README.md", "README.zh-CN.md", "Cargo.toml", "clippy.toml"] {
        mentions(&root.join(file), &mut faults);
    }
    none(faults);
}
