//! The daemon as systemd runs it: readiness, the reload, the end.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use callwatch::config;
use callwatch::incidents::Event;
use callwatch::store::{Log as _, SqliteLog};
use rustix::process::{Pid, Signal, kill_process};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::net::{TcpStream, UnixDatagram};
use tokio::process::{Child, ChildStderr, Command};
use tokio::time::timeout;

/// Longer than anything here takes, however busy the machine.
const SOON: Duration = Duration::from_secs(60);

struct Service {
    child: Child,
    folder: PathBuf,
    notify: UnixDatagram,
    journal: Lines<BufReader<ChildStderr>>,
}

impl Service {
    /// The reference centre with the seat page on a free port.
    fn start(folder: PathBuf) -> Self {
        let notify = UnixDatagram::bind(folder.join("notify")).expect("a socket");
        let mut child = Command::new(env!("CARGO_BIN_EXE_callwatch"))
            .args(["daemon", "--config"])
            .arg(folder.join("callwatch.toml"))
            .env("NOTIFY_SOCKET", folder.join("notify"))
            .env("STATE_DIRECTORY", folder.join("state"))
            .env_remove("JOURNAL_STREAM")
            .env_remove("RUST_LOG")
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("the program is built");
        let stderr = child.stderr.take().expect("it is piped");
        Self {
            child,
            folder,
            notify,
            journal: BufReader::new(stderr).lines(),
        }
    }

    fn configure(&self, text: &str) {
        std::fs::write(self.folder.join("callwatch.toml"), text).expect("a file");
    }

    fn signal(&self, signal: Signal) {
        let pid = self.child.id().and_then(|id| i32::try_from(id).ok());
        let pid = pid.and_then(Pid::from_raw).expect("it runs");
        kill_process(pid, signal).expect("it runs");
    }

    /// Waits until systemd is told this.
    async fn tells_systemd(&self, wanted: &str) {
        let telling = async {
            let mut told = [0; 256];
            loop {
                let length = self.notify.recv(&mut told).await.expect("it is bound");
                if told[..length].trim_ascii_end() == wanted.as_bytes() {
                    break;
                }
            }
        };
        let told = timeout(SOON, telling).await;
        told.unwrap_or_else(|_| panic!("systemd is never told `{wanted}`"));
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

    async fn address(&mut self) -> SocketAddr {
        let line = self.logs("listens on http://").await;
        let (_, address) = line.split_once("http://").expect("it was looked for");
        address.trim().parse().expect("an address")
    }

    async fn ends(&mut self) -> ExitStatus {
        let ended = timeout(Duration::from_secs(5), self.child.wait()).await;
        ended
            .expect("SIGTERM ends it within 5 s")
            .expect("it is ours")
    }

    fn changes(&self) -> Vec<(Vec<String>, Vec<String>)> {
        let path = self.folder.join("state/callwatch.db");
        let mut log = SqliteLog::open(&path).expect("the daemon has closed it");
        let entries = log.entries(1, usize::MAX).expect("it can be read");
        entries
            .into_iter()
            .filter_map(|entry| match entry.event {
                Event::Reconfigured { came, went, .. } => {
                    Some((came.into_iter().collect(), went.into_iter().collect()))
                }
                _ => None,
            })
            .collect()
    }
}

/// A folder of its own with this as the centre's file; removed with the value.
struct Folder(PathBuf);

impl Folder {
    fn with(name: &str, text: &str) -> Self {
        let folder =
            std::env::temp_dir().join(format!("callwatch-service-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder for temporary files");
        std::fs::write(folder.join("callwatch.toml"), text).expect("a file");
        Self(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

fn reference() -> String {
    let text = config::example();
    format!("{}\n[web]\nlisten = \"127.0.0.1:0\"\n", without_web(text))
}

/// The reference file without its own `[web]`.
fn without_web(text: &str) -> String {
    let mut kept = true;
    let lines = text.lines().filter(|line| {
        if line.starts_with('[') {
            kept = *line != "[web]";
        }
        kept
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// The first line of the answer to a request for the page.
async fn page(address: SocketAddr) -> String {
    let asking = async {
        let mut stream = TcpStream::connect(address).await.expect("it listens");
        let request = format!("GET / HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
        let sent = stream.write_all(request.as_bytes()).await;
        sent.expect("it reads");
        let mut answer = String::new();
        let read = stream.read_to_string(&mut answer).await;
        read.expect("it answers");
        answer
    };
    let answer = timeout(SOON, asking).await.expect("it answers soon");
    answer.lines().next().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn the_service_is_ready_reloads_what_is_good_refuses_what_is_not_and_ends() {
    let folder = Folder::with("reload", &reference());
    let mut service = Service::start(folder.0.clone());
    service.tells_systemd("READY=1").await;
    service.tells_systemd("WATCHDOG=1").await;
    let address = service.address().await;
    assert_eq!(page(address).await, "HTTP/1.1 200 OK");

    service.configure(&reference().replace("[seat.C-03]", "[seet.C-03]"));
    service.signal(Signal::HUP);
    let fault = service.logs("seet").await;
    assert!(fault.contains("callwatch.toml:"), "{fault}");
    service.logs("nothing was changed").await;
    assert_eq!(page(address).await, "HTTP/1.1 200 OK");

    // A log that cannot be opened is no reason to stop either.
    let folder = service.folder.join("nowhere.db");
    std::fs::create_dir_all(&folder).expect("a folder where a file should be");
    let store = format!("\n[store]\npath = \"{}\"\n", folder.display());
    service.configure(&(reference() + &store));
    service.signal(Signal::HUP);
    let fault = service.logs("nowhere.db").await;
    assert!(fault.contains("the log"), "{fault}");
    service.logs("nothing was changed").await;
    assert_eq!(page(address).await, "HTTP/1.1 200 OK");

    let name = "name = { zh = \"备用\", en = \"Spare\" }";
    let spare = format!("\n[circuit.spare]\n{name}\nfeed = \"mains\"\n");
    service.configure(&(reference() + &spare));
    service.signal(Signal::HUP);
    service
        .logs("the configuration changed; came: circuit spare")
        .await;
    service.tells_systemd("READY=1").await;
    assert_eq!(page(address).await, "HTTP/1.1 200 OK");

    service.signal(Signal::TERM);
    service.tells_systemd("STOPPING=1").await;
    assert!(service.ends().await.success());
    let changes = service.changes();
    assert_eq!(changes.len(), 2, "{changes:?}");
    assert!(changes[0].0.contains(&"seat C-03".to_owned()));
    let spare = (vec!["circuit spare".to_owned()], Vec::new());
    assert_eq!(changes[1], spare);
}

#[tokio::test]
async fn a_faulty_file_stops_the_start_with_every_fault() {
    let text = reference().replace("[seat.C-03]", "[seet.C-03]");
    let text = text.replace("[seat.C-04]", "[seat.C-04]\nchair = 1");
    let folder = Folder::with("faulty", &text);
    let output = Command::new(env!("CARGO_BIN_EXE_callwatch"))
        .args(["daemon", "--config"])
        .arg(folder.0.join("callwatch.toml"))
        .output()
        .await
        .expect("the program is built");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("seet") && said.contains("chair"), "{said}");
}

#[tokio::test]
async fn a_broken_roster_leaves_the_old_one_in_force_and_is_told() {
    let text = reference().replace("# roster ", "roster ");
    let folder = Folder::with("roster", &text);
    let today = callwatch::clock::Clock::real().now();
    let zone = jiff::tz::TimeZone::get("Asia/Shanghai").expect("it is bundled");
    let today = zone.to_datetime(today).date();
    let tomorrow = today.tomorrow().expect("not the last day");
    let roster = |name: &str| {
        let rows = [today, tomorrow].map(|date| format!("{date},00:00-24:00,lead,{name}\n"));
        let text = format!("日期,班次,岗位,姓名\n{}", rows.concat());
        let (bytes, _, _) = encoding_rs::GBK.encode(&text);
        std::fs::write(folder.0.join("roster.csv"), bytes).expect("a file");
    };
    roster("主管甲");
    let mut service = Service::start(folder.0.clone());
    service.logs("floor lead now: 主管甲").await;
    service.tells_systemd("READY=1").await;

    std::fs::write(folder.0.join("roster.csv"), "date,shift\n").expect("a file");
    service.signal(Signal::HUP);
    let fault = service.logs("roster.csv:1:1").await;
    assert!(fault.contains("lacks a column"), "{fault}");
    service.logs("the roster in force stays").await;
    service.tells_systemd("READY=1").await;

    roster("主管乙");
    service.signal(Signal::HUP);
    // Nobody had left in between.
    let next = service.logs("floor lead now:").await;
    assert!(next.contains("主管乙"), "{next}");
    service.signal(Signal::TERM);
    assert!(service.ends().await.success());
}
