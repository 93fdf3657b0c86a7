//! Ten thousand seats: how soon one card is on all of them, what a seat costs, and what a
//! storm of reconnections and a day's reports do to the daemon.
//!
//! `cargo bench --bench seats` runs the daemon as it is shipped and a bare WebSocket server
//! of axum by turns, each a process of its own, with the same seats and the same frames.
//! `cargo bench --bench seats -- cards`, `-- storm` or `-- load` run one part, `-- cards 10000` at
//! one size; with `tls` among them the seats come in by TLS, whose every handshake is a whole one.

mod bare;
mod centre;
mod crowd;
mod secure;

#[path = "../../src/probes/reach/authority.rs"]
mod authority;

#[path = "../poll/agents.rs"]
#[expect(dead_code, reason = "a part of it is for the bench of polls")]
mod agents;
#[path = "../poll/cost.rs"]
#[expect(dead_code, reason = "a part of it is for the bench of polls")]
mod cost;
#[path = "../poll/process.rs"]
mod process;

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::time::Duration;

use callwatch::incidents::{Act, IncidentId};
use jiff::SignedDuration;

use agents::Agents;
use centre::Centre;
use crowd::{Crowd, Member};
use process::{Process, again};

const SEATS: [usize; 3] = [100, 1000, 10_000];
const MOST: usize = 10_000;
const UPS: usize = 1000;
/// Cards to all, in each run.
const CARDS: usize = 5;
const STORMS: usize = 3;
const MEASURED: Duration = Duration::from_secs(60);
const LAGS: u32 = 300;
/// The argument that has everything go by TLS.
const TLS: &str = "tls";

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("threads can be started");
    match args.first().map(String::as_str) {
        Some(agents::ROLE) => agents::run(),
        Some(bare::ROLE) => {
            let folder = args.get(1).map(Path::new);
            runtime.block_on(bare::run(folder));
        }
        _ => {
            let tls = args.iter().any(|arg| arg == TLS);
            let only: Option<usize> = args.iter().find_map(|arg| arg.parse().ok());
            let is_wanted = |part: &str| {
                let is_part = |arg: &&String| ["cards", "storm", "load"].contains(&arg.as_str());
                let mut parts = args.iter().filter(is_part);
                parts.clone().next().is_none() || parts.any(|arg| arg == part)
            };
            if is_wanted("cards") {
                runtime.block_on(cards(tls, only));
            }
            if is_wanted("storm") {
                runtime.block_on(storm(tls));
            }
            if is_wanted("load") {
                runtime.block_on(load(tls));
            }
        }
    }
}

/// One card to all: callwatch beside the bare server, at each size.
#[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
async fn cards(tls: bool, only: Option<usize>) {
    let by = if tls { ", by TLS" } else { "" };
    print(&format!(
        "one card to all seats{by}; CPU and memory of the server a seat"
    ));
    print("  seats  server      p50 ms   p99 ms  CPU us a card  KiB a seat");
    let sizes = SEATS.into_iter();
    for count in sizes.filter(|count| only.is_none_or(|only| only == *count)) {
        let centre = Centre::new(count, &[], tls);
        let daemon = centre.daemon().await;
        let before = memory(&daemon);
        let (mut crowd, _) =
            Crowd::connect(centre.address, &centre.way, &members(&centre), false).await;
        calm(&daemon).await;
        let kib = (memory(&daemon) - before) / count as f64;
        let mut ours = Vec::new();
        let mut cpu = 0.0;
        for _ in 0..CARDS {
            let spent = cpu_us(&daemon);
            ours.extend(crowd.act(fire(), true).await);
            calm(&daemon).await;
            cpu += cpu_us(&daemon) - spent;
            let incident = incident_of(&crowd.frame);
            crowd.act(Act::StandDown { incident }, false).await;
            calm(&daemon).await;
        }
        let ours = line(count, "callwatch", ours, cpu / (CARDS * count) as f64, kib);
        let frame = crowd.frame.clone();
        drop(crowd);
        drop(daemon);

        let folder = tls.then_some(centre.folder.as_path());
        let (server, address) = bare::start(folder);
        let before = memory(&server);
        let (mut crowd, _) = Crowd::connect(address, &centre.way, &members(&centre), false).await;
        calm(&server).await;
        let kib = (memory(&server) - before) / count as f64;
        let mut bares = Vec::new();
        let mut cpu = 0.0;
        for _ in 0..CARDS {
            let spent = cpu_us(&server);
            let text = frame.replacen('{', "{\"all\":1,", 1);
            bares.extend(crowd.say(text, true).await);
            calm(&server).await;
            cpu += cpu_us(&server) - spent;
            let none = "{\"all\":1,\"frame\":\"cards\",\"cards\":[]}".to_owned();
            crowd.say(none, false).await;
            calm(&server).await;
        }
        let bares = line(count, "bare axum", bares, cpu / (CARDS * count) as f64, kib);
        print(&format!(
            "  {count:>5}  p99 {:.2} of the bare server's; the frame has {} bytes; load {}",
            ours / bares,
            frame.len(),
            cost::load()
        ));
    }
}

/// All connections break at once and come again.
#[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
async fn storm(tls: bool) {
    let centre = Centre::new(MOST, &[], tls);
    let daemon = centre.daemon().await;
    let members = members(&centre);
    let (mut crowd, first) = Crowd::connect(centre.address, &centre.way, &members, false).await;
    print(&format!(
        "{MOST} seats connect for the first time in {first:#}"
    ));
    for _ in 0..STORMS {
        calm(&daemon).await;
        let spent = cpu_us(&daemon);
        drop(crowd);
        let (again, took) = Crowd::connect(centre.address, &centre.way, &members, false).await;
        crowd = again;
        let each = (cpu_us(&daemon) - spent) / MOST as f64;
        print(&format!(
            "{MOST} seats lose their connections and are shown their cards again after {took:#}; {each:.0} us CPU each; open incidents: {}",
            open_incidents(&centre).await
        ));
    }
    tokio::time::sleep(Duration::from_secs(40)).await;
    print(&format!(
        "40 s later: open incidents: {}",
        open_incidents(&centre).await
    ));
}

/// All seats report every 10 s, and 1,000 UPSs are polled every 2 s.
async fn load(tls: bool) {
    let agents = Agents::start(UPS);
    let centre = Centre::new(MOST, &agents.ports, tls);
    let daemon = centre.daemon().await;
    let (mut crowd, _) = Crowd::connect(centre.address, &centre.way, &members(&centre), true).await;
    tokio::time::sleep(Duration::from_secs(20)).await;
    let spent = cpu_us(&daemon);
    let mut lags = Vec::new();
    let mut tick = tokio::time::interval(MEASURED / LAGS);
    for _ in 0..LAGS {
        tick.tick().await;
        let nothing = Act::StandDown {
            incident: IncidentId(u64::MAX),
        };
        lags.push(crowd.lag(nothing).await);
    }
    let spent = cpu_us(&daemon) - spent;
    lags.sort();
    let at = |percent: usize| millis(lags[(lags.len() - 1) * percent / 100]);
    print(&format!(
        "{MOST} seats report every 10 s, {UPS} UPSs are polled every 2 s: {:.1} % of one core; an act is answered after p50 {:.1}, p99 {:.1}, at most {:.1} ms; {:.0} MiB; open incidents: {}; load {}",
        spent / 10_000.0 / MEASURED.as_secs_f64(),
        at(50),
        at(99),
        at(100),
        memory(&daemon) / 1024.0,
        open_incidents(&centre).await,
        cost::load()
    ));
}

fn members(centre: &Centre) -> Vec<Member> {
    let seats = centre.seats.iter();
    seats
        .map(|seat| Member {
            seat: seat.clone(),
            key: centre.keys.of(seat),
        })
        .collect()
}

fn fire() -> Act {
    Act::Raise {
        procedure: "fire".to_owned(),
        of: "all".to_owned(),
        found: 0,
        answers: BTreeMap::new(),
    }
}

fn incident_of(frame: &str) -> IncidentId {
    let frame: serde_json::Value = serde_json::from_str(frame).expect("a frame of the daemon");
    let cards = frame["cards"].as_array().expect("it has cards");
    let open = cards.iter().find(|card| card["phase"] == "open");
    let incident = &open.expect("one is in force")["incident"];
    serde_json::from_value(incident.clone()).expect("a card names its incident")
}

async fn open_incidents(centre: &Centre) -> String {
    let (client, scheme) = centre.way.http();
    let view = client
        .get(format!("{scheme}://{}/api/view", centre.address))
        .send()
        .await;
    let view = view.expect("the daemon listens").text().await;
    let view: serde_json::Value =
        serde_json::from_str(&view.expect("the daemon answers")).expect("it is JSON");
    let incidents = view["incidents"].as_array().expect("it lists incidents");
    let open = incidents.iter().filter(|it| it["ended"].is_null());
    open.count().to_string()
}

/// Prints one line of the chart, and gives its p99.
fn line(count: usize, server: &str, mut took: Vec<SignedDuration>, cpu: f64, kib: f64) -> f64 {
    took.sort();
    let at = |percent: usize| millis(took[(took.len() - 1) * percent / 100]);
    let (p50, p99) = (at(50), at(99));
    print(&format!(
        "  {count:>5}  {server:<10} {p50:>7.1}  {p99:>7.1}  {cpu:>13.1}  {kib:>10.1}"
    ));
    p99
}

fn millis(took: SignedDuration) -> f64 {
    took.as_secs_f64() * 1000.0
}

/// Waits until a process does little for a second: ten thousand seats say a word every 5 s.
async fn calm(process: &Process) {
    loop {
        let before = cpu_us(process);
        tokio::time::sleep(Duration::from_secs(1)).await;
        if cpu_us(process) - before < 300_000.0 {
            return;
        }
    }
}

/// What stays in memory, in KiB.
fn memory(process: &Process) -> f64 {
    let status = fs::read_to_string(format!("/proc/{}/status", process.0.id()));
    let status = status.expect("it lives");
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let kib = line.and_then(|line| line.split_whitespace().nth(1));
    kib.and_then(|kib| kib.parse().ok()).expect("it has memory")
}

/// CPU time of a process, in microseconds.
#[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
fn cpu_us(process: &Process) -> f64 {
    cost::cpu_ns(process.0.id()) as f64 / 1000.0
}

#[expect(
    clippy::disallowed_methods,
    reason = "the seats' own pace is no business of the daemon's clock"
)]
fn instant() -> std::time::Instant {
    std::time::Instant::now()
}

fn print(line: &str) {
    writeln!(std::io::stdout(), "{line}").expect("somebody reads");
}
