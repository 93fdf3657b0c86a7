//! A large centre: so many seats in rooms of forty, and UPSs that feed none of them.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use callwatch::config;
use callwatch::web::Keys;
use tokio::net::TcpStream;

use crate::Process;
use crate::agents::COMMUNITY;
use crate::secure::{CERTIFICATE, KEY, Way};

const IN_A_ROOM: usize = 40;
const UPS_ON_A_FEED: usize = 100;
/// A daemon that has not begun to listen by then never will.
const PATIENCE: Duration = Duration::from_secs(60);

/// The folder of the centre, removed with this value.
pub(crate) struct Centre {
    pub(crate) folder: PathBuf,
    pub(crate) address: SocketAddr,
    /// How seats come in.
    pub(crate) way: Way,
    pub(crate) keys: Keys,
    pub(crate) seats: Vec<String>,
}

impl Centre {
    pub(crate) fn new(seats: usize, ups: &[u16], tls: bool) -> Self {
        let folder = std::env::temp_dir();
        let folder = folder.join(format!("callwatch-bench-seats-{}", std::process::id()));
        drop(std::fs::remove_dir_all(&folder));
        std::fs::create_dir_all(&folder).expect("a folder for temporary files");
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let address = listener.local_addr().expect("it is bound");
        let seats: Vec<String> = (0..seats).map(|seat| format!("S-{seat:05}")).collect();
        let way = if tls {
            Way::secure(&folder)
        } else {
            Way::default()
        };
        let mut text = text(&seats, ups, address);
        if tls {
            writeln!(text, "certificate = \"{CERTIFICATE}\"\nkey = \"{KEY}\"")
                .expect("a string takes everything");
        }
        std::fs::write(folder.join("callwatch.toml"), text).expect("it is ours");
        let keys = Keys::load_or_create(&folder.join("seat.key")).expect("it is ours");
        Self {
            folder,
            address,
            way,
            keys,
            seats,
        }
    }

    /// The daemon as it is shipped, once it listens.
    pub(crate) async fn daemon(&self) -> Process {
        let child = Command::new(env!("CARGO_BIN_EXE_callwatch"))
            .args(["daemon", "--config"])
            .arg(self.folder.join("callwatch.toml"))
            .env("STATE_DIRECTORY", &self.folder)
            .env("RUST_LOG", "error")
            .env_remove("JOURNAL_STREAM")
            .env_remove("NOTIFY_SOCKET")
            .stderr(Stdio::inherit())
            .spawn();
        let process = Process(child.expect("the program is built"));
        let listens = async {
            while TcpStream::connect(self.address).await.is_err() {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        let listens = tokio::time::timeout(PATIENCE, listens).await;
        listens.expect("the daemon listens");
        process
    }
}

impl Drop for Centre {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.folder));
    }
}

fn text(seats: &[String], ups: &[u16], address: SocketAddr) -> String {
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
[feed.mains]
name = { zh = "市电", en = "Mains" }
[circuit.plain]
name = { zh = "回路", en = "Plain circuit" }
feed = "mains"
[zone.all]
name = { zh = "一楼", en = "First floor" }
"#,
    );
    let mut write = |lines: std::fmt::Arguments<'_>| {
        text.write_fmt(lines).expect("a string takes everything");
    };
    for (place, seat) in seats.iter().enumerate() {
        let room = place / IN_A_ROOM;
        if place % IN_A_ROOM == 0 {
            let name = format!("{{ zh = \"交换机{room}\", en = \"Switch {room}\" }}");
            write(format_args!(
                "[device.sw{room}]\nname = {name}\nkind = \"switch\"\nfed_by = \"plain\"\n"
            ));
        }
        write(format_args!(
            "[seat.{seat}]\nzone = \"all\"\nfed_by = \"plain\"\nvia = [\"sw{room}\"]\n"
        ));
    }
    for (place, port) in ups.iter().enumerate() {
        let feed = place / UPS_ON_A_FEED;
        if place % UPS_ON_A_FEED == 0 {
            let name = format!("{{ zh = \"路{feed}\", en = \"feed {feed}\" }}");
            write(format_args!(
                "[feed.f{feed}]\nname = {name}\n[circuit.c{feed}]\nname = {name}\nfeed = \"f{feed}\"\n"
            ));
        }
        let name = format!("{{ zh = \"房间{place}\", en = \"room {place}\" }}");
        write(format_args!(
            "[zone.z{place}]\nname = {name}\n\
             [ups.u{place}]\nname = {name}\nzone = \"z{place}\"\nfed_by = \"c{feed}\"\n\
             host = \"127.0.0.1\"\nport = {port}\ncommunity = \"{COMMUNITY}\"\n"
        ));
    }
    for role in ["lead", "it", "manager", "operations"] {
        let seat = &seats[0];
        write(format_args!("[role.{role}]\nseats = [\"{seat}\"]\n"));
    }
    write(format_args!("[role.staff]\nseats = {seats:?}\n"));
    let reference = config::example();
    let contacts = reference.find("[contact.lead]").expect("it has contacts");
    let timing = reference[contacts..]
        .find("[timing]")
        .expect("it has timing");
    write(format_args!("{}", &reference[contacts..contacts + timing]));
    write(format_args!("[web]\nlisten = \"{address}\"\n"));
    text
}
