//! What a thousand devices take of the machine: one socket each, and buffers with a bound.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use callwatch::config;

use crate::SOON;
use crate::agent::{Agent, on_mains};

const DEVICES: usize = 1000;
/// What the daemon has open besides: the log, the listener, what its runtime needs.
const BESIDE: usize = 40;
/// The library has two buffers of a datagram's size a session, and callwatch one session a device.
const KIB_A_DEVICE: usize = 132;
/// The daemon without any device, as it is built for tests, and what its allocator keeps.
const KIB_BESIDE: usize = 96 * 1024;

/// The daemon, begun with fewer files that may be open than it has devices: systemd
/// allows 1,024 by default, and the seats want theirs too.
struct Daemon {
    child: Child,
    folder: PathBuf,
}

impl Daemon {
    fn start(port: u16) -> Self {
        let folder = std::env::temp_dir().join(format!("callwatch-bounds-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("callwatch.toml"), centre(port)).unwrap();
        let child = Command::new("sh")
            .args(["-c", "ulimit -Sn 512 && exec \"$0\" daemon --config \"$1\""])
            .arg(env!("CARGO_BIN_EXE_callwatch"))
            .arg(folder.join("callwatch.toml"))
            .env("STATE_DIRECTORY", &folder)
            .env("RUST_LOG", "error")
            .env_remove("JOURNAL_STREAM")
            .env_remove("NOTIFY_SOCKET")
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Self { child, folder }
    }

    /// The sockets that it has open, and everything else.
    fn open(&self) -> (BTreeSet<String>, usize) {
        let folder = format!("/proc/{}/fd", self.child.id());
        let (mut sockets, mut others) = (BTreeSet::new(), 0);
        // It may not have begun yet.
        for one in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            match std::fs::read_link(one.path()) {
                Ok(name) if name.to_string_lossy().starts_with("socket:") => {
                    sockets.insert(name.display().to_string());
                }
                _ => others += 1,
            }
        }
        (sockets, others)
    }

    fn resident_kib(&self) -> usize {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()));
        let status = status.unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS:"));
        let kib = line.and_then(|line| line.split_whitespace().nth(1));
        kib.unwrap().parse().unwrap()
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
        drop(std::fs::remove_dir_all(&self.folder));
    }
}

/// Every device at one address: a session is the daemon's own in any case.
fn centre(port: u16) -> String {
    let mut text = String::from(
        r#"
[site]
name = { zh = "试", en = "Test" }
language = "en"
time_zone = "Asia/Shanghai"
[emergency]
fire = "119"
police = "110"
ambulance = "120"
[plan]
pack = "call-center"
[zone.z]
name = { zh = "区", en = "zone" }
[feed.f]
name = { zh = "路", en = "feed" }
[circuit.c]
name = { zh = "回路", en = "circuit" }
feed = "f"
"#,
    );
    for ups in 0..DEVICES {
        write!(
            text,
            "[ups.u{ups}]\nname = {{ zh = \"电源{ups}\", en = \"ups {ups}\" }}\nzone = \"z\"\n\
             fed_by = \"c\"\nhost = \"127.0.0.1\"\nport = {port}\ncommunity = \"public\"\n"
        )
        .unwrap();
    }
    text.push_str("[seat.S-01]\nzone = \"z\"\nfed_by = \"c\"\n");
    for role in ["staff", "lead", "it", "manager", "operations"] {
        write!(text, "[role.{role}]\nseats = [\"S-01\"]\n").unwrap();
    }
    let reference = config::example();
    let contacts = reference.find("[contact.lead]").unwrap();
    let timing = reference[contacts..].find("[timing]").unwrap();
    text.push_str(&reference[contacts..contacts + timing]);
    text.push_str("[web]\nlisten = \"127.0.0.1:0\"\n");
    text
}

/// Waits until it holds, and tells what was last seen where it never does.
async fn wait<T: std::fmt::Debug>(see: impl Fn() -> T, holds: impl Fn(&T) -> bool) -> T {
    let waiting = async {
        loop {
            let seen = see();
            if holds(&seen) {
                return seen;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let held = tokio::time::timeout(SOON, waiting).await;
    held.unwrap_or_else(|_| panic!("it never holds: {:?}", see()))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_thousand_devices_take_a_socket_each_and_no_more_memory_than_their_buffers() {
    let agent = Agent::start(on_mains()).await;
    let daemon = Daemon::start(agent.port);
    let bounded = |what: &str| {
        let (sockets, others) = daemon.open();
        assert!(
            sockets.len() <= DEVICES + BESIDE,
            "{what}: {}",
            sockets.len()
        );
        assert!(others <= BESIDE, "{what}: {others}");
        let resident = daemon.resident_kib();
        let bound = KIB_BESIDE + DEVICES * KIB_A_DEVICE;
        assert!(resident <= bound, "{what}: {resident} KiB");
        println!(
            "{what}: {} sockets, {others} other files, {resident} KiB",
            sockets.len()
        );
    };
    let (first, _) = wait(|| daemon.open(), |(sockets, _)| sockets.len() >= DEVICES).await;
    bounded("connected");
    // After a silence each has a new session: the old socket is closed, its buffers are free.
    agent.silent(true);
    wait(
        || daemon.open().0.intersection(&first).count(),
        |old| *old <= BESIDE,
    )
    .await;
    bounded("silent");
    agent.silent(false);
    for round in 1..=3 {
        let asked = agent.asked();
        wait(|| agent.asked(), |now| *now > asked + 4 * DEVICES).await;
        bounded(&format!("back, round {round}"));
    }
    let (sockets, _) = wait(|| daemon.open(), |(sockets, _)| sockets.len() >= DEVICES).await;
    assert!(sockets.len() >= DEVICES);
}
