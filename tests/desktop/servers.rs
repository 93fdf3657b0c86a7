//! Real notification servers under a virtual screen. Each shows a Chinese card, of
//! which a picture is taken to `target/pictures`, and the card is acknowledged there.

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use callwatch::incidents::{Card, CardButton, CardClock, ReceiptStage};
use jiff::Timestamp;
use tokio::time::timeout;

use crate::bus::{self, Bus, Process, absent};
use crate::daemon::{Daemon, INCIDENT, Seat, acknowledge, card};

/// How long a server may take to draw, or a press to arrive, before it is tried again.
const AGAIN: Duration = Duration::from_millis(500);
const TRIES: u32 = 40;

/// A virtual screen of a desk's size.
pub(crate) struct Screen {
    display: String,
    _process: Process,
}

impl Screen {
    pub(crate) fn start() -> Option<Self> {
        let mut server = Command::new("Xvfb");
        server.args(["-displayfd", "1", "-screen", "0", "1280x720x24"]);
        server.args(["-nolisten", "tcp"]);
        let started = server.stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        let mut process = match started {
            Ok(child) => Process(child),
            Err(error) => {
                absent("Xvfb", &error);
                return None;
            }
        };
        let mut number = String::new();
        let out = process.0.stdout.take().expect("it is piped");
        BufReader::new(out)
            .read_line(&mut number)
            .expect("it prints its number");
        Some(Self {
            display: format!(":{}", number.trim()),
            _process: process,
        })
    }

    pub(crate) fn command(&self, program: &str, bus: &Bus) -> Command {
        let mut command = Command::new(program);
        command
            .env("DISPLAY", &self.display)
            .env("DBUS_SESSION_BUS_ADDRESS", &bus.address)
            .env("LC_ALL", "C.UTF-8")
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command
    }

    fn picture(&self, name: &str) -> PathBuf {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("target/pictures");
        std::fs::create_dir_all(&folder).expect("target can be written to");
        let path = folder.join(name);
        let status = Command::new("import")
            .args(["-window", "root", "-crop", "640x360+640+0"])
            .arg(&path)
            .env("DISPLAY", &self.display)
            .status();
        assert!(status.is_ok_and(|status| status.success()), "no picture");
        eprintln!("a picture: {}", path.display());
        path
    }
}

/// Whether the real ones are wanted here.
pub(crate) fn wanted() -> bool {
    let wanted = std::env::var_os("CALLWATCH_REAL").is_some();
    if !wanted {
        eprintln!("skipped: real notification servers are tested with CALLWATCH_REAL=1");
    }
    wanted
}

/// The lead's card, which has most on it.
fn lead_card() -> Card {
    let mut lead = card(1);
    lead.lines = vec![
        "8席已黑，先让2人坐到 C-01、C-02".to_owned(),
        "看一眼走廊灯，按下面的键告诉我".to_owned(),
    ];
    let answer = |value: &str| callwatch::incidents::Act::Answer {
        incident: INCIDENT,
        ask: "lights".to_owned(),
        value: value.to_owned(),
    };
    let button = |say: &str, act| CardButton {
        say: say.to_owned(),
        act,
        done: false,
    };
    lead.buttons = vec![
        button("收到", acknowledge()),
        button("灯亮", answer("on")),
        button("灯灭", answer("off")),
    ];
    lead.clocks = vec![CardClock {
        step: "phone-manager".to_owned(),
        say: "打电话告诉经理".to_owned(),
        deadline: Timestamp::constant(1_772_435_040, 0),
        reminded: false,
    }];
    lead
}

/// A seat that shows the lead's card at a real server.
async fn desk(bus: &Bus) -> (Process, bus::Scratch, Seat) {
    let daemon = Daemon::listen().await;
    let (program, key) = bus::seat(&bus.address, daemon.address());
    let mut seat = daemon.seat().await;
    seat.cards(&[lead_card()]).await;
    seat.receipt(1, ReceiptStage::Shown).await;
    (program, key, seat)
}

/// Presses until the daemon has heard it.
async fn pressed(seat: &mut Seat, mut press: impl FnMut()) {
    let command = seat.command();
    tokio::pin!(command);
    for _ in 0..TRIES {
        press();
        if let Ok((_, act)) = timeout(AGAIN, &mut command).await {
            assert_eq!(act, acknowledge());
            return;
        }
    }
    panic!("no press was heard");
}

/// Takes pictures until one has the colours of a notification, which a server draws when it can.
pub(crate) async fn pictured(screen: &Screen, name: &str) {
    for _ in 0..TRIES {
        let path = screen.picture(name);
        let mut identify = Command::new("identify");
        let counted = identify.args(["-format", "%k"]).arg(&path).output();
        let counted = counted.expect("it comes with import").stdout;
        let counted = String::from_utf8_lossy(&counted);
        let colours: u32 = counted.trim().parse().unwrap_or(0);
        if colours > 16 {
            return;
        }
        tokio::time::sleep(AGAIN).await;
    }
    panic!("nothing was drawn");
}

#[tokio::test]
async fn dunst_shows_a_chinese_card_and_its_click_is_an_acknowledgement() {
    if !wanted() {
        return;
    }
    let Some((screen, bus)) = Screen::start().zip(Bus::start()) else {
        return;
    };
    let mut dunst = screen.command("dunst", &bus);
    let _dunst = match dunst.args(["-font", "Noto Sans CJK SC 12"]).spawn() {
        Ok(child) => Process(child),
        Err(error) => return absent("dunst", &error),
    };
    let (_program, _key, mut seat) = desk(&bus).await;
    pictured(&screen, "dunst.png").await;
    pressed(&mut seat, || {
        let mut click = screen.command("dunstctl", &bus);
        drop(click.args(["action", "0"]).status());
    })
    .await;
}

#[tokio::test]
async fn xfce_shows_a_chinese_card_with_buttons_and_a_press_is_an_acknowledgement() {
    const SERVER: &str = "/usr/lib/x86_64-linux-gnu/xfce4/notifyd/xfce4-notifyd";
    if !wanted() {
        return;
    }
    let Some((screen, bus)) = Screen::start().zip(Bus::start()) else {
        return;
    };
    let _server = match screen.command(SERVER, &bus).spawn() {
        Ok(child) => Process(child),
        Err(error) => return absent("xfce4-notifyd", &error),
    };
    let (_program, _key, mut seat) = desk(&bus).await;
    pictured(&screen, "xfce.png").await;
    pressed(&mut seat, || {
        // The first of three buttons, in a notification of three lines.
        let mut click = screen.command("xdotool", &bus);
        click.args(["mousemove", "1023", "134", "click", "1"]);
        drop(click.status());
    })
    .await;
}
