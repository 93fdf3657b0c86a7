//! A large centre: every UPS feeds a room of its own, a hundred on each feed.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use callwatch::config;

use crate::agents::COMMUNITY;
use crate::{FULL, POLL, Process};

/// UPSs on one feed, and on one circuit of it.
const ON_A_FEED: usize = 100;
const ON_A_CIRCUIT: usize = 10;

/// The folder of the centre, removed with this value.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new(ports: &[u16]) -> Self {
        let folder = std::env::temp_dir();
        let folder = folder.join(format!("callwatch-bench-poll-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder for temporary files");
        std::fs::write(folder.join("callwatch.toml"), centre(ports)).expect("it is ours");
        Self(folder)
    }

    /// The daemon as it is shipped, with an empty log of its own.
    pub(crate) fn daemon(&self) -> Process {
        let state = self.0.join("state");
        drop(std::fs::remove_dir_all(&state));
        std::fs::create_dir_all(&state).expect("it is ours");
        let child = Command::new(env!("CARGO_BIN_EXE_callwatch"))
            .args(["daemon", "--config"])
            .arg(self.0.join("callwatch.toml"))
            .env("STATE_DIRECTORY", state)
            .env("RUST_LOG", "warn")
            .env_remove("JOURNAL_STREAM")
            .env_remove("NOTIFY_SOCKET")
            .stderr(Stdio::inherit())
            .spawn();
        Process(child.expect("the program is built"))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

fn centre(ports: &[u16]) -> String {
    let mut text = String::from(
        r#"
[site]
name = { zh = "试", en = "Bench" }
language = "en"
time_zone = "Asia/Shanghai"
[emergency]
fire = "119"
police = "110"
ambulance = "120"
[plan]
pack = "call-center"
"#,
    );
    let mut write = |lines: std::fmt::Arguments<'_>| {
        text.write_fmt(lines).expect("a string takes everything");
    };
    for (place, port) in ports.iter().enumerate() {
        let (feed, circuit) = (place / ON_A_FEED, place / ON_A_CIRCUIT);
        if place % ON_A_FEED == 0 {
            let name = format!("{{ zh = \"路{feed}\", en = \"feed {feed}\" }}");
            write(format_args!("[feed.f{feed}]\nname = {name}\n"));
        }
        if place % ON_A_CIRCUIT == 0 {
            let name = format!("{{ zh = \"回路{circuit}\", en = \"circuit {circuit}\" }}");
            write(format_args!(
                "[circuit.c{circuit}]\nname = {name}\nfeed = \"f{feed}\"\n"
            ));
        }
        let name = format!("{{ zh = \"房间{place}\", en = \"room {place}\" }}");
        write(format_args!(
            "[zone.z{place}]\nname = {name}\n\
             [ups.u{place}]\nname = {name}\nzone = \"z{place}\"\nfed_by = \"c{circuit}\"\n\
             host = \"127.0.0.1\"\nport = {port}\ncommunity = \"{COMMUNITY}\"\n"
        ));
    }
    for seat in ["L-01", "I-01", "S-01"] {
        write(format_args!(
            "[seat.{seat}]\nzone = \"z0\"\nfed_by = \"u0\"\n"
        ));
    }
    for (role, seat) in [
        ("staff", "S-01"),
        ("lead", "L-01"),
        ("it", "I-01"),
        ("manager", "S-01"),
        ("operations", "S-01"),
    ] {
        write(format_args!("[role.{role}]\nseats = [\"{seat}\"]\n"));
    }
    let reference = config::example();
    let contacts = reference.find("[contact.lead]").expect("it has contacts");
    let timing = reference[contacts..]
        .find("[timing]")
        .expect("it has timing");
    write(format_args!("{}", &reference[contacts..contacts + timing]));
    write(format_args!(
        "[timing]\nstatus_poll = \"{POLL:?}\"\nfull_poll = \"{FULL:?}\"\n\
         [web]\nlisten = \"127.0.0.1:0\"\n"
    ));
    text
}
