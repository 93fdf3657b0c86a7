//! The log under stress, seen from control: a disk that is full, read-only or hangs,
//! and another daemon on the same file.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

use jiff::{SignedDuration, Timestamp};
use tokio::task::JoinSet;

use super::*;
use crate::config::{self, Surroundings};
use crate::inbox::Inbox;
use crate::incidents::{Centre, State, Timing};
use crate::plan;
use crate::signals::Level;
use crate::store::fixture::{Hanging, Scratch};
use crate::store::{AppendError, Cut, Loaded, Log, LogError, MemoryLog, SqliteLog};
use crate::ups::{Family, Reading, Verdict};

const START: Timestamp = Timestamp::constant(1_800_000_000, 0);
const LEAD: &str = "C-01";
const IT: &str = "C-09";
const SOON: Duration = Duration::from_secs(20);

/// A log that the test keeps a hand on.
#[derive(Clone)]
struct Shared(Arc<Mutex<SqliteLog>>);

impl Shared {
    fn with<T>(&self, act: impl FnOnce(&mut SqliteLog) -> T) -> T {
        act(&mut self.0.lock().unwrap())
    }

    fn written(&self) -> Vec<Entry> {
        self.with(|log| log.entries(1, usize::MAX).unwrap())
    }
}

impl Log for Shared {
    fn load(&mut self) -> Result<Loaded, LogError> {
        self.with(SqliteLog::load)
    }

    fn append(&mut self, expected_seq: u64, batch: &[Entry]) -> Result<(), AppendError> {
        self.with(|log| log.append(expected_seq, batch))
    }

    fn checkpoint(&mut self, checkpoint: &Checkpoint) -> Result<(), LogError> {
        self.with(|log| log.checkpoint(checkpoint))
    }

    fn entries(&mut self, from: u64, limit: usize) -> Result<Vec<Entry>, LogError> {
        self.with(|log| log.entries(from, limit))
    }

    fn cut(&mut self, now: Timestamp) -> Result<Cut, LogError> {
        self.with(|log| log.cut(now))
    }
}

/// The reference centre, where IT has a channel too.
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
    let mut site = loaded.expect("it has no fault").config.site;
    let it = site.roles.get_mut("it").expect("it is there");
    it.channels.push("hook".to_owned());
    Arc::new(Centre {
        site,
        plan,
        timing: Timing {
            stale_after: SignedDuration::from_hours(24 * 365),
        },
    })
}

fn reading(out: bool) -> Input {
    Input::Ups {
        ups: "UPS-C1".to_owned(),
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
            runtime_minutes: Some(60.0),
            load_percent: Some(20.0),
            input_voltage: Some(if out { 0.0 } else { 230.0 }),
            battery_temperature_c: None,
            output_source: None,
            device: Vec::new(),
        },
    }
}

/// Control at work, and what it publishes.
struct Bench {
    inbox: Inbox,
    clock: Clock,
    view_rx: watch::Receiver<Arc<View>>,
    due_rx: watch::Receiver<Arc<Vec<Due>>>,
    screens_rx: BTreeMap<String, watch::Receiver<Screen>>,
    entries_rx: mpsc::Receiver<Entry>,
    signs: Arc<Mutex<Vec<Sign>>>,
    cancel: CancellationToken,
    running: JoinSet<anyhow::Result<()>>,
}

impl Bench {
    fn over(mut log: impl Log) -> Self {
        let clock = Clock::stepped(START);
        let loaded = log.load().unwrap();
        let mut state = loaded.checkpoint.map_or_else(State::default, |checkpoint| {
            serde_json::from_str(&checkpoint.state).unwrap()
        });
        for entry in &loaded.entries {
            state.apply(entry);
        }
        let mut board = Board::new(centre(), state, clock.now());
        let view = Arc::new(board.view(clock.now(), &[], None));
        let (view_tx, view_rx) = watch::channel(view);
        let (due_tx, due_rx) = watch::channel(Arc::new(Vec::new()));
        let mut screens = BTreeMap::new();
        let mut screens_rx = BTreeMap::new();
        for seat in [LEAD, IT] {
            let (screen_tx, screen_rx) = watch::channel(Screen::default());
            screens.insert(seat.to_owned(), screen_tx);
            screens_rx.insert(seat.to_owned(), screen_rx);
        }
        let (entries_tx, entries_rx) = mpsc::channel(10_000);
        let publishing = Publishing {
            screens,
            view: view_tx,
            due: due_tx,
            calls: watch::channel(Arc::default()).0,
            entries: Some(entries_tx),
        };
        let writer = Writer::start(log).unwrap();
        let control = Control::new(board, writer, clock.clone(), publishing, Vec::new());
        let (inbox, envelopes_rx) = Inbox::new(clock.work().clone());
        let cancel = CancellationToken::new();
        let signs = Arc::new(Mutex::new(Vec::new()));
        let sign = {
            let signs = Arc::clone(&signs);
            move |sign| signs.lock().unwrap().push(sign)
        };
        let mut running = JoinSet::new();
        running.spawn(control.run(envelopes_rx, None, sign, cancel.clone()));
        Self {
            inbox,
            clock,
            view_rx,
            due_rx,
            screens_rx,
            entries_rx,
            signs,
            cancel,
            running,
        }
    }

    async fn tell(&self, input: Input) {
        let told = tokio::time::timeout(SOON, self.inbox.ask(input)).await;
        told.expect("a round is never held up for long").unwrap();
    }

    /// Steps the clock until `found` says so.
    async fn until(&mut self, what: &str, found: impl Fn(&Self) -> bool) {
        let waiting = async {
            while !found(self) {
                self.clock.work().idle().await;
                if self.clock.step().is_none() {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
                self.tell(Input::Tick).await;
            }
        };
        let waited = tokio::time::timeout(SOON, waiting).await;
        assert!(waited.is_ok(), "never: {what}");
    }

    /// In real time alone.
    async fn settles(&mut self, what: &str, found: impl Fn(&View) -> bool) {
        let seen = self.view_rx.wait_for(|view| found(view));
        let waited = tokio::time::timeout(SOON, seen).await;
        assert!(waited.is_ok(), "never: {what}");
    }

    fn titles(&self, seat: &str) -> Vec<String> {
        let screen = self.screens_rx[seat].borrow();
        screen.en.iter().map(|card| card.title.clone()).collect()
    }

    fn tells(&self, seat: &str, title: &str) -> bool {
        self.titles(seat).iter().any(|known| known.contains(title))
    }

    async fn end(mut self) -> (anyhow::Result<()>, Vec<Entry>) {
        self.cancel.cancel();
        let ended = tokio::time::timeout(SOON, self.running.join_next()).await;
        let outcome = ended.expect("it ends").expect("it ran").expect("no panic");
        let mut told = Vec::new();
        while let Some(entry) = self.entries_rx.recv().await {
            told.push(entry);
        }
        (outcome, told)
    }
}

fn marked(due: &[Due]) -> Vec<bool> {
    due.iter().map(|due| due.not_recorded).collect()
}

/// What is told while the log cannot be written, and what the log holds once it can.
async fn told_and_recorded_later(
    test: &str,
    spoil: fn(&SqliteLog),
    mend: fn(&SqliteLog),
    why: &str,
) {
    let scratch = Scratch::new(test);
    let log = Shared(Arc::new(Mutex::new(
        SqliteLog::open(scratch.path("log.db")).unwrap(),
    )));
    let mut bench = Bench::over(log.clone());
    bench.tell(reading(false)).await;
    assert_eq!(bench.view_rx.borrow().not_recorded, None);
    let before = log.written().len();
    log.with(|log| spoil(log));

    bench.tell(reading(true)).await;
    bench
        .until("the lead's card", |bench| bench.tells(LEAD, "Power"))
        .await;
    bench
        .until("the message to IT", |bench| {
            !bench.due_rx.borrow().is_empty()
        })
        .await;
    assert!(marked(&bench.due_rx.borrow()).iter().all(|marked| *marked));
    let said = bench
        .view_rx
        .borrow()
        .not_recorded
        .clone()
        .unwrap_or_default();
    assert!(said.contains(why), "{said}");
    bench
        .until("IT and the lead know that nothing is recorded", |bench| {
            bench.tells(IT, "Not recorded") && bench.tells(LEAD, "Not recorded")
        })
        .await;
    assert!(bench.signs.lock().unwrap().contains(&Sign::Recorded(false)));
    assert_eq!(log.written().len(), before);

    log.with(|log| mend(log));
    bench
        .settles("recorded again", |view| view.not_recorded.is_none())
        .await;
    bench
        .until("the end of the notice", |bench| {
            bench.tells(IT, "Recorded again") && bench.tells(LEAD, "Recorded again")
        })
        .await;
    assert!(marked(&bench.due_rx.borrow()).iter().all(|marked| !marked));
    assert_eq!(
        bench.signs.lock().unwrap().last(),
        Some(&Sign::Recorded(true))
    );
    let (outcome, told) = bench.end().await;
    outcome.unwrap();
    // Every entry that was ever in force is there, in order.
    assert_eq!(log.written(), told);
    let path = scratch.path("log.db");
    drop(log);
    SqliteLog::open(path).expect("and the chain holds");
}

#[tokio::test]
async fn on_a_full_disk_all_is_told_marked_and_recorded_once_there_is_room() {
    let mend = |log: &SqliteLog| log.leave_room(10_000);
    told_and_recorded_later(
        "full",
        |log| log.leave_room(0),
        mend,
        "make room on the disk",
    )
    .await;
}

#[tokio::test]
async fn on_a_read_only_disk_all_is_told_marked_and_recorded_once_it_can_be_written() {
    let mend = |log: &SqliteLog| log.refuse_writing(false);
    let why = "let callwatch write the file";
    told_and_recorded_later("read-only", |log| log.refuse_writing(true), mend, why).await;
}

#[tokio::test]
async fn a_disk_that_hangs_holds_one_round_up_for_a_second_and_no_other() {
    let memory = MemoryLog::default();
    let (go_on_tx, hanging) = Hanging::over(memory.clone());
    // The first two batches, the start and the first reading, go through.
    go_on_tx.send(()).unwrap();
    go_on_tx.send(()).unwrap();
    let mut bench = Bench::over(hanging);
    bench.tell(reading(false)).await;
    let before = memory.written().len();
    let started = tokio::time::Instant::now();
    bench.tell(reading(true)).await;
    let said = bench
        .view_rx
        .borrow()
        .not_recorded
        .clone()
        .unwrap_or_default();
    assert!(said.contains("did not answer within 1 s"), "{said}");
    let after_one = tokio::time::Instant::now();
    for _ in 0..50 {
        bench.tell(reading(false)).await;
        bench.tell(reading(true)).await;
    }
    assert!(
        after_one.elapsed() < Duration::from_secs(5),
        "{:?}",
        after_one.elapsed()
    );
    assert!(started.elapsed() >= Duration::from_secs(1));
    bench
        .until("IT knows", |bench| bench.tells(IT, "Not recorded"))
        .await;
    assert_eq!(memory.written().len(), before);
    // It goes on: the late answer comes, and the tail behind it follows.
    for _ in 0..1000 {
        go_on_tx.send(()).unwrap();
    }
    bench
        .settles("recorded again", |view| view.not_recorded.is_none())
        .await;
    let (outcome, told) = bench.end().await;
    outcome.unwrap();
    assert_eq!(memory.written(), told);
}

#[tokio::test]
async fn where_another_daemon_leads_it_stops_at_once_and_tells_nothing() {
    let scratch = Scratch::new("led");
    let path = scratch.path("log.db");
    let mut bench = Bench::over(SqliteLog::open(&path).unwrap());
    bench.tell(reading(false)).await;
    let other = Bench::over(SqliteLog::open(&path).unwrap());
    other.tell(reading(false)).await;
    // Nobody answers: control is gone.
    assert!(bench.inbox.ask(reading(true)).await.is_err());
    let ended = bench.running.join_next().await.unwrap().unwrap();
    let error = format!("{:#}", ended.unwrap_err());
    assert!(error.contains("another daemon writes here"), "{error}");
    assert!(bench.due_rx.borrow().is_empty());
    assert_eq!(bench.titles(LEAD), [""; 0]);
    let mut told = Vec::new();
    while let Some(entry) = bench.entries_rx.recv().await {
        told.push(entry.event.clone());
    }
    let out = |event: &crate::incidents::Event| {
        matches!(
            event,
            crate::incidents::Event::Turned {
                to: Level::Critical,
                ..
            }
        )
    };
    assert!(!told.iter().any(out), "{told:?}");
    let (outcome, _) = other.end().await;
    outcome.unwrap();
}

#[tokio::test]
async fn more_than_can_be_kept_stops_the_daemon_and_says_what_to_mend() {
    let memory = MemoryLog::default();
    let log = crate::store::DyingLog::unwritable(memory, crate::store::Death::Before(1));
    let mut recorder = Recorder::new(Writer::start(log).unwrap());
    recorder.bound = 10;
    let entries = crate::store::fixture::entries_after(None, 11);
    recorder.record(&entries[..10]).await.unwrap();
    assert!(recorder.fault().is_some());
    assert_eq!(recorder.first_unwritten(), Some(1));
    let error = recorder
        .record(&entries[10..])
        .await
        .unwrap_err()
        .to_string();
    assert!(error.contains("11 entries wait to be written"), "{error}");
}

#[tokio::test]
async fn a_failed_backup_is_told_to_it_alone_and_ends_with_the_next_copy() {
    let mut bench = Bench::over(MemoryLog::default());
    let kept = |fault: Option<&str>| Input::Kept {
        kind: Kind::BackupMade,
        fault: fault.map(str::to_owned),
    };
    bench.tell(kept(Some("no backup in /srv: make room"))).await;
    bench
        .until("IT knows", |bench| bench.tells(IT, "No backup"))
        .await;
    assert!(!bench.tells(LEAD, "No backup"));
    bench.tell(kept(None)).await;
    bench
        .until("IT knows the end", |bench| bench.tells(IT, "Backup made"))
        .await;
    let (outcome, _) = bench.end().await;
    outcome.unwrap();
}
