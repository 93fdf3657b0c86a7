//! A seat that loses its daemon: the real program, a UPS on its cable, and a daemon that
//! is ours or the real one.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use callwatch::incidents::{
    AloneAct, AloneReport, Card, Cause, Entry, Event, Kit, KitCard, KitPhone, Phase, ReceiptStage,
    SealedKit, State,
};
use callwatch::store::{Log as _, SqliteLog};
use callwatch::wire::{FromSeat, ToSeat};
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStderr, Command};
use tokio::time::timeout;

use crate::bus::{Process, SOON, absent};
use crate::daemon::{Daemon, Seat, card};
use crate::notifications::{Server, Shown};
use crate::servers::{Screen, pictured, wanted};
use crate::system::Pc;

/// Whoever pressed and saw nothing happen presses again after this.
const AGAIN: Duration = Duration::from_millis(100);
const MARK: &str = "未连callwatch，本机自行判断";

/// A folder of its own; removed with the value.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let folder = format!("callwatch-outage-{name}-{}", std::process::id());
        let folder = std::env::temp_dir().join(folder);
        std::fs::create_dir_all(&folder).expect("a folder for temporary files");
        Self(folder)
    }

    /// What the seat keeps; empty where it keeps nothing yet.
    fn kept(&self) -> String {
        let path = self.0.join("callwatch/seat-C-01.json");
        std::fs::read_to_string(path).unwrap_or_default()
    }

    /// Waits until the seat keeps this.
    async fn keeps(&self, wanted: &str) {
        let keeping = async {
            while !self.kept().contains(wanted) {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let kept = timeout(SOON, keeping).await;
        kept.unwrap_or_else(|_| panic!("`{wanted}` is not kept: {}", self.kept()));
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

/// A process whose journal is read; it ends with this value.
struct Running {
    child: Child,
    journal: Lines<BufReader<ChildStderr>>,
}

impl Running {
    fn start(command: &mut Command) -> Self {
        let started = command
            .env_remove("JOURNAL_STREAM")
            .env_remove("RUST_LOG")
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn();
        let mut child = started.expect("the program was built");
        let stderr = child.stderr.take().expect("it is piped");
        let journal = BufReader::new(stderr).lines();
        Self { child, journal }
    }

    /// Waits for a line with these words, and returns it.
    async fn logs(&mut self, wanted: &str) -> String {
        let mut seen = Vec::new();
        let logging = async {
            while let Ok(Some(line)) = self.journal.next_line().await {
                if line.contains(wanted) {
                    return Some(line);
                }
                seen.push(line);
            }
            None
        };
        let logged = timeout(SOON, logging).await.ok().flatten();
        logged.unwrap_or_else(|| panic!("`{wanted}` is not logged: {seen:#?}"))
    }

    async fn kill(mut self) {
        self.child.kill().await.expect("it runs");
    }
}

/// The seat program of C-01, which is alone after a second.
fn seat(pc: &Pc, folder: &Folder, daemon: SocketAddr, key: &str) -> Running {
    let key_file = folder.0.join("seat.key");
    std::fs::write(&key_file, key).expect("a file");
    let mut command = Command::new(env!("CARGO_BIN_EXE_callwatch"));
    command
        .args(["seat", "--seat", "C-01", "--language", "zh"])
        .args(["--alone-after", "1"])
        .args(["--url", &format!("http://{daemon}")])
        .arg("--key-file")
        .arg(key_file)
        .env("DBUS_SESSION_BUS_ADDRESS", &pc.bus.address)
        .env("DBUS_SYSTEM_BUS_ADDRESS", &pc.bus.address)
        .env("XDG_STATE_HOME", &folder.0)
        .env("TZ", "Asia/Shanghai");
    Running::start(&mut command)
}

/// The last notification that is shown before one is as wanted.
async fn shown(server: &mut Server, wanted: impl Fn(&Shown) -> bool) -> Shown {
    loop {
        let shown = server.shown().await;
        if wanted(&shown) {
            return shown;
        }
    }
}

/// A kit with one card for a lead whose PC has a UPS on its cable.
fn kit(good_for: u32) -> ToSeat {
    let power = "power-loss".to_owned();
    let open = Card {
        title: "停电 {since} · C座三楼".to_owned(),
        lines: vec![
            "照常接听，本机电池用到{finish_by}".to_owned(),
            "只留电话和CRM，其余都关掉".to_owned(),
        ],
        procedure: power.clone(),
        ..card(0)
    };
    let over = Card {
        phase: Phase::Over,
        title: "供电恢复 {ended} · C座三楼".to_owned(),
        lines: vec!["停电解除，停了{lasted}，可以照常用".to_owned()],
        ..open.clone()
    };
    let known = KitCard {
        cause: Cause::Power,
        procedure: power,
        delay: 0,
        good_for,
        open,
        over: Some(over),
    };
    let phone = KitPhone {
        role: "lead".to_owned(),
        name: "值班组长".to_owned(),
        phone: "8001".to_owned(),
    };
    let kit = Kit {
        ups: true,
        laptop: false,
        public: false,
        cards: vec![known],
        phones: vec![phone],
    };
    ToSeat::Kit(SealedKit {
        digest: "0123456789abcdef".into(),
        kit: Arc::new(kit),
    })
}

/// The next frame of a kind.
async fn frame<T>(seat: &mut Seat, wanted: impl Fn(&FromSeat) -> Option<T>) -> T {
    loop {
        let frame = seat.next().await.expect("it stays");
        if let Some(found) = wanted(&frame) {
            return found;
        }
    }
}

async fn report(seat: &mut Seat) -> AloneReport {
    frame(seat, |frame| match frame {
        FromSeat::Alone { report } => Some(report.clone()),
        _ => None,
    })
    .await
}

fn daemons_card(revision: u32) -> Card {
    Card {
        procedure: "power-loss".to_owned(),
        ..card(revision)
    }
}

/// A seat that was given its kit and then lost its daemon and its mains, with its card.
async fn alone(name: &str) -> Option<(Pc, Folder, Daemon, Running, Server, Shown)> {
    let pc = Pc::start().await?;
    let folder = Folder::new(name);
    let daemon = Daemon::listen().await;
    let program = seat(&pc, &folder, daemon.address(), &"0".repeat(32));
    let mut server = Server::start(&pc.bus).await;
    let mut connected = daemon.seat().await;
    connected.cards(&[]).await;
    let digest = frame(&mut connected, |frame| match frame {
        FromSeat::Kit { digest } => Some(digest.clone()),
        _ => None,
    });
    assert_eq!(digest.await, "", "it has nothing yet");
    connected.send(&kit(1)).await;
    folder.keeps("0123456789abcdef").await;
    pc.cut().await;
    frame(&mut connected, |frame| match frame {
        FromSeat::Power { power } => power.on_battery.then_some(()),
        _ => None,
    })
    .await;
    assert!(server.asked_already().is_none(), "the daemon tells it");
    drop(connected);
    let shown = server.shown().await;
    Some((pc, folder, daemon, program, server, shown))
}

/// Presses until it is kept, as a person does.
async fn press(server: &Server, folder: &Folder, id: u32, action: &str) {
    for _ in 0..100 {
        server.press(id, action).await;
        tokio::time::sleep(AGAIN).await;
        if folder.kept().contains("\"acts\":[{") {
            return;
        }
    }
    panic!("no press was kept: {}", folder.kept());
}

#[tokio::test]
async fn its_own_card_says_that_it_is_its_own_and_gives_way_to_the_daemons() {
    let Some((_pc, folder, daemon, _program, mut server, own)) = alone("own").await else {
        return;
    };
    assert!(own.title.starts_with("停电 "), "{own:?}");
    assert!(own.title.ends_with(" · C座三楼"), "{own:?}");
    let lines: Vec<&str> = own.body.lines().collect();
    assert!(lines[0].starts_with("照常接听，本机电池用到约"), "{own:?}");
    assert_eq!(
        lines[1..],
        ["只留电话和CRM，其余都关掉", MARK, "值班组长 8001"]
    );
    assert_eq!((own.urgency, own.replaces), (2, 0));
    press(&server, &folder, own.id, "0").await;
    let pressed = server.shown().await;
    assert_eq!((pressed.replaces, pressed.actions.len()), (own.id, 0));

    // An answer that is lost with the connection: it is told again, by the same names.
    let mut seat = daemon.seat().await;
    seat.cards(&[]).await;
    let first = report(&mut seat).await;
    assert_eq!(first.procedure, "power-loss");
    assert_eq!((first.until, first.acts.len()), (0, 1));
    assert_eq!(first.acts[0].act, AloneAct::Acknowledge);
    drop(seat);
    let mut seat = daemon.seat().await;
    seat.cards(&[]).await;
    let digest = frame(&mut seat, |frame| match frame {
        FromSeat::Kit { digest } => Some(digest.clone()),
        _ => None,
    });
    assert_eq!(digest.await, "0123456789abcdef", "it asks for no other");
    let second = report(&mut seat).await;
    assert_eq!(
        (&second.id, &second.acts[0].id),
        (&first.id, &first.acts[0].id)
    );
    seat.outcome(&second.id, None).await;

    // The daemon's card changes the seat's own in its place: nobody sees two.
    seat.cards(&[daemons_card(5)]).await;
    let theirs = server.shown().await;
    assert_eq!(theirs.replaces, own.id);
    assert_eq!(theirs.title, daemons_card(5).title);
    assert!(!theirs.body.contains(MARK), "{theirs:?}");
    seat.receipt(5, ReceiptStage::Shown).await;
    assert!(server.asked_already().is_none(), "nothing is shown twice");
    folder.keeps("\"outages\":[]").await;
}

#[tokio::test]
async fn power_that_comes_back_without_a_daemon_is_the_cards_last_form() {
    let Some((pc, folder, daemon, _program, mut server, own)) = alone("over").await else {
        return;
    };
    pc.restore().await;
    let over = shown(&mut server, |shown| shown.title.starts_with("供电恢复")).await;
    assert_eq!((over.replaces, over.urgency), (own.id, 1));
    assert!(over.body.starts_with("停电解除，停了"), "{over:?}");
    assert!(
        over.body.contains(MARK) && over.actions.is_empty(),
        "{over:?}"
    );
    let mut seat = daemon.seat().await;
    seat.cards(&[]).await;
    let told = report(&mut seat).await;
    assert!(told.onset >= told.until && told.acts.is_empty(), "{told:?}");
    // A daemon that does not take it is not asked for ever.
    seat.outcome(&told.id, Some("配置里没有这一项")).await;
    drop(folder);
}

/// A centre of two seats, one of them with a UPS on its cable.
fn centre(listen: &str) -> String {
    format!(
        r#"
[site]
name      = {{ zh = "客服中心", en = "Call centre" }}
time_zone = "Asia/Shanghai"

[emergency]
fire      = "119"
police    = "110"
ambulance = "120"

[plan]
pack = "call-center"

[zone.c3]
name = {{ zh = "C座三楼", en = "Third floor" }}

[feed.mains]
name = {{ zh = "市电", en = "Mains" }}

[circuit.c3-power]
name = {{ zh = "三楼回路", en = "Third floor circuit" }}
feed = "mains"

[ups.UPS-C1]
name   = {{ zh = "1号UPS", en = "UPS 1" }}
zone   = "c3"
fed_by = "c3-power"
seat   = "C-01"

[device.SW-3F]
name   = {{ zh = "三楼交换机", en = "Floor switch" }}
fed_by = "UPS-C1"

[seat.C-01]
zone   = "c3"
fed_by = "UPS-C1"
via    = ["SW-3F"]

[seat.C-02]
zone   = "c3"
fed_by = "c3-power"
via    = ["SW-3F"]

[role.lead]
seats = ["C-01"]
duty  = "lead"

[role.it]
seats = ["C-02"]
duty  = "it"

[role.staff]
seats = ["C-02"]

[role.manager]
seats = ["C-02"]

[role.operations]
seats = ["C-02"]

[contact.lead]
name  = {{ zh = "值班组长", en = "Duty lead" }}
phone = "8001"

[contact.it]
name  = {{ zh = "信息部值班", en = "IT on duty" }}
phone = "8002"

[web]
listen = "{listen}"
"#
    )
}

/// The real daemon over that centre, once it listens.
async fn real(folder: &Folder, listen: &str) -> (Running, SocketAddr) {
    let config = folder.0.join("callwatch.toml");
    std::fs::write(&config, centre(listen)).expect("a file");
    let mut command = Command::new(env!("CARGO_BIN_EXE_callwatch"));
    command
        .args(["daemon", "--config"])
        .arg(config)
        .env("STATE_DIRECTORY", folder.0.join("state"));
    let mut daemon = Running::start(&mut command);
    let line = daemon.logs("listens on http://").await;
    let (_, address) = line.split_once("http://").expect("it was looked for");
    (daemon, address.trim().parse().expect("an address"))
}

async fn key(folder: &Folder) -> String {
    let printed = Command::new(env!("CARGO_BIN_EXE_callwatch"))
        .args(["key", "C-01", "--config"])
        .arg(folder.0.join("callwatch.toml"))
        .env("STATE_DIRECTORY", folder.0.join("state"))
        .output()
        .await
        .expect("the program was built");
    String::from_utf8(printed.stdout).expect("it is hex")
}

fn entries(folder: &Path) -> Vec<Entry> {
    let path = folder.join("state/callwatch.db");
    let mut log = SqliteLog::open(&path).expect("it holds together");
    log.entries(1, usize::MAX).expect("it can be read")
}

#[tokio::test]
async fn a_cut_while_the_daemon_is_dead_is_told_by_the_seat_and_is_in_the_record_once() {
    let Some(pc) = Pc::start().await else { return };
    let folder = Folder::new("story");
    let (daemon, address) = real(&folder, "127.0.0.1:0").await;
    let listen = address.to_string();
    let key = key(&folder).await;
    let mut server = Server::start(&pc.bus).await;
    let mut program = seat(&pc, &folder, address, &key);
    program.logs("connected").await;
    folder.keeps("power-loss").await;

    // A daemon that starts anew is nobody's business.
    daemon.kill().await;
    let (daemon, _) = real(&folder, &listen).await;
    program.logs("connected").await;
    assert!(server.asked_already().is_none());

    daemon.kill().await;
    pc.cut().await;
    let own = server.shown().await;
    assert!(own.title.starts_with("停电 "), "{own:?}");
    assert!(own.body.contains(MARK), "{own:?}");
    assert!(own.body.ends_with("信息部值班 8002"), "{own:?}");
    assert_eq!(own.actions[5], "人已坐好");
    press(&server, &folder, own.id, "2").await;
    let pressed = server.shown().await;
    assert_eq!((pressed.replaces, pressed.actions.len()), (own.id, 4));

    // The program dies too; what it was given and what was done there stay.
    program.kill().await;
    let mut program = seat(&pc, &folder, address, &key);
    let again = server.shown().await;
    assert!(again.body.contains(MARK), "{again:?}");

    let (mut daemon, _) = real(&folder, &listen).await;
    program.logs("connected").await;
    daemon.logs("while alone").await;
    let theirs = shown(&mut server, |shown| !shown.body.contains(MARK)).await;
    assert_eq!(theirs.replaces, again.id, "in its place");
    assert!(theirs.title.starts_with("停电 "), "{theirs:?}");
    folder.keeps("\"outages\":[]").await;
    daemon.kill().await;

    let entries = entries(&folder.0);
    let ticked: Vec<_> = entries
        .iter()
        .filter(|entry| matches!(&entry.event, Event::Ticked { step, .. } if step == "move"))
        .collect();
    assert_eq!(ticked.len(), 1);
    let Event::Ticked { at: Some(at), .. } = ticked[0].event else {
        panic!("it was done before it was told: {ticked:?}")
    };
    assert!(at < ticked[0].at, "{ticked:?}");
    let stood =
        |entry: &&Entry| matches!(&entry.event, Event::StoodAlone(stood) if !stood.acts.is_empty());
    let stood: Vec<_> = entries.iter().filter(stood).collect();
    assert_eq!(stood.len(), 1);
    let said = &stood[0].reason.zh;
    assert!(
        said.starts_with("C-01 在 ") && said.contains("完成："),
        "{said}"
    );
    let mut state = State::default();
    for entry in &entries {
        state.apply(entry);
    }
    assert_eq!(state.seq(), entries.len() as u64);
}

#[tokio::test]
async fn dunst_shows_the_card_of_a_seat_that_is_alone() {
    if !wanted() {
        return;
    }
    let Some((screen, pc)) = Screen::start().zip(Pc::start().await) else {
        return;
    };
    let mut dunst = screen.command("dunst", &pc.bus);
    let _dunst = match dunst.args(["-font", "Noto Sans CJK SC 12"]).spawn() {
        Ok(child) => Process(child),
        Err(error) => return absent("dunst", &error),
    };
    let folder = Folder::new("dunst");
    let (daemon, address) = real(&folder, "127.0.0.1:0").await;
    let key = key(&folder).await;
    let mut program = seat(&pc, &folder, address, &key);
    program.logs("connected").await;
    folder.keeps("power-loss").await;
    daemon.kill().await;
    pc.cut().await;
    program.logs("shows its own card").await;
    pictured(&screen, "alone.png").await;
}
