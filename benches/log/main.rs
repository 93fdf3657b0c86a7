//! The log of a year: how soon the daemon starts over it, and what an append costs.
//!
//! `cargo bench --bench log` writes 200,000 entries as a Board writes them (power
//! cuts and silent cards, day after day), with the checkpoints that lie there
//! after a year, starts the daemon as it is shipped over it, and prints figures.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use callwatch::clock::Clock;
use callwatch::config::{self, Surroundings};
use callwatch::incidents::{Board, Centre, Entry, Input, State, Timing};
use callwatch::plan;
use callwatch::signals::later;
use callwatch::store::{Checkpoint, Log as _, SqliteLog};
use callwatch::ups::{Family, Reading, Verdict};
use jiff::{SignedDuration, Timestamp};

const ENTRIES: usize = 200_000;
/// 200,000 in a year.
const A_DAY: usize = 548;
/// Of a summer's working day.
const BEGIN: Timestamp = Timestamp::constant(1_740_000_000, 0);
const MIB: u64 = 1024 * 1024;

fn main() {
    let clock = Clock::real();
    let folder = Folder::new();
    let path = folder.0.join("callwatch.db");
    let batches = written(&clock, &path);
    for how in ["first", "second", "third"] {
        start(&clock, &folder.0, how);
    }
    appended(&clock, &folder.0.join("other.db"), &batches);
}

/// A folder for the centre, removed with this value.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        let folder =
            std::env::temp_dir().join(format!("callwatch-bench-log-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder for temporary files");
        let centre = config::example().replace("127.0.0.1:8460", "127.0.0.1:0");
        std::fs::write(folder.join("callwatch.toml"), centre).expect("it is ours");
        Self(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

fn centre() -> Arc<Centre> {
    let text = plan::pack("call-center").expect("it is shipped");
    let plan = plan::parse("call-center.toml", text).expect("it has no fault");
    let surroundings = Surroundings {
        directory: Path::new("."),
        state_directory: Path::new("."),
        credentials: None,
        secret: &|_| Err("there is none".to_owned()),
        roles: &|_| Ok((&plan).into()),
    };
    let loaded = config::from_text("callwatch.toml", config::example(), &surroundings);
    Arc::new(Centre {
        site: loaded.expect("the reference has no fault").config.site,
        plan,
        timing: Timing::default(),
    })
}

fn reading(ups: &str, out: bool, minutes: i32) -> Input {
    Input::Ups {
        ups: ups.to_owned(),
        reading: Reading {
            family: Some(Family::Rfc1628),
            verdict: if out {
                Verdict::MainsLost
            } else {
                Verdict::OnMains
            },
            on_battery: Some(out),
            battery_low: Some(false),
            charge_percent: Some(90.0),
            runtime_minutes: Some(f64::from(60 - minutes)),
            load_percent: Some(20.0),
            input_voltage: Some(if out { 0.0 } else { 230.0 }),
            battery_temperature_c: None,
            output_source: None,
            device: Vec::new(),
        },
    }
}

/// Writes the year, and returns its last rounds.
fn written(clock: &Clock, path: &Path) -> Vec<Vec<Entry>> {
    let begun = clock.now();
    let mut log = SqliteLog::open(path).expect("it is new");
    let mut board = Board::new(centre(), State::default(), BEGIN);
    let mut batch = board.handle(BEGIN, Input::Started).expect("it is taken");
    let mut rounds = Vec::new();
    let (mut count, mut day, mut now) = (0, 0, BEGIN);
    let mut days = BTreeMap::new();
    while count < ENTRIES {
        // Twenty minutes without mains, twenty with it, three UPSs polled every ten seconds.
        for second in (0..2400).step_by(10) {
            now = later(now, SignedDuration::from_secs(10));
            let out = second < 1200;
            for ups in ["UPS-C1", "UPS-C2", "UPS-AF"] {
                let round = board.handle(now, reading(ups, out, second / 60));
                let round = round.expect("it is in the site");
                if !round.is_empty() {
                    batch.extend(round.iter().cloned());
                    rounds.push(round);
                }
            }
        }
        let write = batch.len() >= A_DAY;
        if write {
            log.append(batch[0].seq, &batch).expect("there is room");
            count += batch.len();
            batch.clear();
            day += 1;
            days.insert(day, count);
            // The last day has no checkpoint yet.
            if count + A_DAY < ENTRIES {
                let checkpoint = Checkpoint::of(board.state()).expect("it is JSON");
                log.checkpoint(&checkpoint).expect("it follows");
            }
        }
    }
    let loaded = log.load().expect("it was just written");
    let size = std::fs::metadata(path).map_or(0, |file| file.len());
    let state = loaded
        .checkpoint
        .map_or(0, |checkpoint| checkpoint.state.len());
    print(&format!(
        "a log of {count} entries in {} days, {} MiB; the checkpoint {} KiB, {} entries behind it; written in {} s",
        days.len(),
        size / MIB,
        state / 1024,
        loaded.entries.len(),
        clock.now().duration_since(begun).as_secs()
    ));
    rounds.split_off(rounds.len().saturating_sub(1000))
}

struct Daemon(Child);

impl Drop for Daemon {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// From the start of the process until control has judged it.
fn start(clock: &Clock, folder: &Path, how: &str) {
    let begun = clock.now();
    let child = Command::new(env!("CARGO_BIN_EXE_callwatch"))
        .args(["daemon", "--config"])
        .arg(folder.join("callwatch.toml"))
        .env("STATE_DIRECTORY", folder)
        .env_remove("JOURNAL_STREAM")
        .env_remove("NOTIFY_SOCKET")
        .env_remove("RUST_LOG")
        .stderr(Stdio::piped())
        .spawn();
    let mut daemon = Daemon(child.expect("the program is built"));
    let stderr = daemon.0.stderr.take().expect("it is piped");
    let watching = BufReader::new(stderr)
        .lines()
        .map_while(Result::ok)
        .any(|line| line.contains("callwatch began to watch"));
    assert!(watching, "the daemon ended");
    let took = clock.now().duration_since(begun);
    let status = std::fs::read_to_string(format!("/proc/{}/status", daemon.0.id()));
    let status = status.unwrap_or_default();
    let of = |key: &str| {
        let line = status.lines().find(|line| line.starts_with(key));
        line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok())
            .unwrap_or_default()
    };
    print(&format!(
        "the {how} start: {} ms until it watches, the target is under 2000; resident {} MiB, at most {} MiB",
        took.as_millis(),
        of("VmRSS:") / 1024,
        of("VmHWM:") / 1024
    ));
}

/// The last rounds of the year once more, into a log of their own.
fn appended(clock: &Clock, path: &Path, rounds: &[Vec<Entry>]) {
    let mut log = SqliteLog::open(path).expect("it is new");
    let mut took = Vec::new();
    let mut before: Option<Entry> = None;
    for round in rounds {
        let mut round = round.clone();
        for entry in &mut round {
            entry.seq = before.as_ref().map_or(1, |before| before.seq + 1);
            entry.previous = before.as_ref().map(Entry::hash).unwrap_or_default();
            before = Some(entry.clone());
        }
        let begun = clock.now();
        log.append(round[0].seq, &round).expect("there is room");
        took.push(clock.now().duration_since(begun).as_micros());
    }
    took.sort_unstable();
    let percentile = |percent: usize| took[(took.len() * percent).div_ceil(100).max(1) - 1];
    print(&format!(
        "{} rounds appended, each synced: p50 {} us, p99 {} us, max {} us",
        took.len(),
        percentile(50),
        percentile(99),
        percentile(100)
    ));
}

fn print(line: &str) {
    writeln!(std::io::stdout(), "{line}").expect("somebody reads");
}
