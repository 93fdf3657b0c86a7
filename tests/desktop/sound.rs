//! A real sound server, whose microphone is muted and whose default is changed by hand.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use callwatch::health::Headset;

use crate::bus::{self, Bus, Process, absent};
use crate::daemon::Daemon;

/// A server is up in less; then it is looked again.
const AGAIN: Duration = Duration::from_millis(50);

/// `PulseAudio` with a headset, and a screen that plays too; none of them is real.
struct Server {
    folder: PathBuf,
    _process: Process,
}

impl Server {
    /// `None`, said aloud, where there is none.
    async fn start() -> Option<Self> {
        let folder = format!("callwatch-sound-{}", std::process::id());
        let folder = std::env::temp_dir().join(folder);
        std::fs::create_dir_all(&folder).expect("the temporary directory can be written to");
        let socket = folder.join("native");
        let mut server = Command::new("pulseaudio");
        server.args([
            "--daemonize=no",
            "--exit-idle-time=-1",
            "--disable-shm",
            "-n",
        ]);
        for module in [
            &format!("module-native-protocol-unix socket={}", socket.display()),
            "module-null-sink sink_name=head sink_properties='device.form_factor=headset device.description=Voyager'",
            "module-null-sink sink_name=screen",
            "module-null-source source_name=wire",
            "module-remap-source master=wire source_name=mic source_properties=device.form_factor=headset",
        ] {
            server.args(["-L", module]);
        }
        let started = at_home(&mut server, &folder).spawn();
        let process = match started {
            Ok(child) => Process(child),
            Err(error) => {
                absent("pulseaudio", &error);
                return None;
            }
        };
        let server = Self {
            folder,
            _process: process,
        };
        let up = async {
            while !server.control(&["set-default-source", "mic"]) {
                tokio::time::sleep(AGAIN).await;
            }
        };
        tokio::time::timeout(bus::SOON, up).await.expect("it is up");
        Some(server)
    }

    fn place(&self) -> String {
        format!("unix:{}", self.folder.join("native").display())
    }

    fn control(&self, order: &[&str]) -> bool {
        let mut control = Command::new("pactl");
        control.args(order).env("PULSE_SERVER", self.place());
        let status = at_home(&mut control, &self.folder).status();
        status.expect("pactl comes with the server").success()
    }
}

fn at_home<'c>(command: &'c mut Command, folder: &Path) -> &'c mut Command {
    let command = command.env("HOME", folder).env("XDG_RUNTIME_DIR", folder);
    command.stdout(Stdio::null()).stderr(Stdio::null())
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.folder));
    }
}

#[tokio::test]
async fn a_muted_microphone_and_a_wrong_default_are_told_when_they_happen() {
    let Some(server) = Server::start().await else {
        return;
    };
    let Some(bus) = Bus::start() else { return };
    let daemon = Daemon::listen().await;
    let place = server.place();
    let cookie = server.folder.join(".config/pulse/cookie");
    let environment = HashMap::from([
        ("PULSE_SERVER", place.as_str()),
        ("PULSE_COOKIE", cookie.to_str().expect("it is text")),
        ("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent/bus"),
    ]);
    let (_program, _key) = bus::seat_with(&bus.address, daemon.address(), &environment);
    let mut seat = daemon.seat().await;
    seat.cards(&[]).await;
    let wanted = |headset: Headset| {
        move |health: &callwatch::health::Health| {
            let told = health.headset.as_ref();
            told.is_some_and(|told| {
                Headset {
                    for_seconds: 0,
                    ..told.clone()
                } == headset
            })
        }
    };
    let good = Headset {
        present: true,
        name: Some("Voyager".to_owned()),
        default_out: Some(true),
        default_in: Some(true),
        muted: Some(false),
        silenced: Some(false),
        for_seconds: 0,
    };
    seat.health(wanted(good.clone())).await;
    assert!(server.control(&["set-source-mute", "mic", "1"]));
    assert!(server.control(&["set-default-sink", "screen"]));
    let bad = Headset {
        default_out: Some(false),
        muted: Some(true),
        ..good
    };
    seat.health(wanted(bad)).await;
    drop(server);
    seat.health(|health| health.headset.as_ref().is_none_or(|it| it.muted.is_none()))
        .await;
}
