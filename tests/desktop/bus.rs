//! A session bus of its own, which starts nobody, and the seat program on it.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// Nothing here takes longer, or it has failed.
pub(crate) const SOON: Duration = Duration::from_secs(20);

const CONFIG: &str = r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:tmpdir=/tmp</listen>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"#;

/// A file that goes with this value.
pub(crate) struct Scratch(pub(crate) PathBuf);

impl Scratch {
    pub(crate) fn new(name: &str, text: &str) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let file = format!("callwatch-{name}-{}-{count}", std::process::id());
        let path = std::env::temp_dir().join(file);
        std::fs::write(&path, text).expect("the temporary directory can be written to");
        Self(path)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        drop(std::fs::remove_file(&self.0));
    }
}

/// A process that ends with this value.
pub(crate) struct Process(pub(crate) Child);

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

pub(crate) struct Bus {
    pub(crate) address: String,
    _process: Process,
    _config: Scratch,
}

impl Bus {
    /// `None`, said aloud, where there is no `dbus-daemon`.
    pub(crate) fn start() -> Option<Self> {
        let config = Scratch::new("bus.conf", CONFIG);
        let started = Command::new("dbus-daemon")
            .arg(format!("--config-file={}", config.0.display()))
            .args(["--nofork", "--nopidfile", "--print-address=1"])
            .stdout(Stdio::piped())
            .spawn();
        let mut process = match started {
            Ok(child) => Process(child),
            Err(error) => {
                absent("dbus-daemon", &error);
                return None;
            }
        };
        let out = process.0.stdout.take().expect("it is piped");
        let mut address = String::new();
        BufReader::new(out)
            .read_line(&mut address)
            .expect("it prints its address");
        Some(Self {
            address: address.trim().to_owned(),
            _process: process,
            _config: config,
        })
    }

    pub(crate) async fn connect(&self) -> zbus::Connection {
        let address = self.address.as_str();
        let builder = zbus::connection::Builder::address(address);
        builder.build().await.expect("the bus runs")
    }
}

/// Says why a test is skipped; where real peers are wanted, fails it.
pub(crate) fn absent(what: &str, error: &dyn std::fmt::Display) {
    assert!(
        std::env::var_os("CALLWATCH_REAL").is_none(),
        "{what} is missing ({error}): with CALLWATCH_REAL=1 it must be there"
    );
    eprintln!("skipped: {what} is missing ({error})");
}

/// A PC without a system bus.
const NOBODY: (&str, &str) = ("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent/bus");

/// The seat program, as a person's session starts it.
pub(crate) fn seat(bus_address: &str, daemon: SocketAddr) -> (Process, Scratch) {
    seat_with(bus_address, daemon, &HashMap::from([NOBODY]))
}

/// The same, with more in its environment.
pub(crate) fn seat_with(
    bus_address: &str,
    daemon: SocketAddr,
    environment: &HashMap<&str, &str>,
) -> (Process, Scratch) {
    let alone = Command::new(env!("CARGO_BIN_EXE_callwatch-seat"));
    seat_of(alone, bus_address, daemon, environment)
}

/// The seat program as the whole program has it.
pub(crate) fn seat_of_the_whole(bus_address: &str, daemon: SocketAddr) -> (Process, Scratch) {
    let mut whole = Command::new(env!("CARGO_BIN_EXE_callwatch"));
    whole.arg("seat");
    seat_of(whole, bus_address, daemon, &HashMap::from([NOBODY]))
}

fn seat_of(
    mut program: Command,
    bus_address: &str,
    daemon: SocketAddr,
    environment: &HashMap<&str, &str>,
) -> (Process, Scratch) {
    let key = Scratch::new("seat.key", "0123456789abcdef0123456789abcdef\n");
    let child = program
        .args(["--seat", "C-01", "--language", "zh"])
        .args(["--url", &format!("http://{daemon}")])
        .arg("--key-file")
        .arg(&key.0)
        .env("DBUS_SESSION_BUS_ADDRESS", bus_address)
        .envs(environment)
        .env("TZ", "Asia/Shanghai")
        .env_remove("JOURNAL_STREAM")
        .spawn()
        .expect("the program was built");
    (Process(child), key)
}

/// Asks a process to end, by its id.
pub(crate) fn terminate(process: &Process) {
    signal(process.0.id(), "TERM");
}

pub(crate) fn signal(process: u32, name: &str) {
    let status = Command::new("kill")
        .arg(format!("-{name}"))
        .arg(process.to_string())
        .status()
        .expect("kill is everywhere");
    assert!(status.success());
}

/// Waits until a process has ended, and says how.
pub(crate) async fn ended(process: &mut Process) -> std::process::ExitStatus {
    let waiting = async {
        loop {
            if let Some(status) = process.0.try_wait().expect("it is our child") {
                return status;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(SOON, waiting).await.expect("it ends")
}
