//! The daemon over a directory of backups and a job that reports: what is too old is seen, told
//! to nobody at once, and what was reported outlasts a restart.

use std::fs::File;
use std::path::Path;

use callwatch::clock::Clock;
use callwatch::config;
use callwatch::daemon;
use callwatch::incidents::{Entry, Event};
use jiff::{SignedDuration, Timestamp};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::centre::{self, Folder, Record, configured, start};
use crate::{START, step};

const TOKEN: &str = "b5e1f0a2c4d68790";

/// A backup whose file was written then.
fn write(folder: &Path, name: &str, at: Timestamp) {
    let file = File::create(folder.join(name)).expect("the folder is there");
    std::io::Write::write_all(&mut &file, b"dump").expect("there is room");
    let since = std::time::Duration::try_from(at.as_duration()).expect("after 1970");
    let modified = std::time::SystemTime::UNIX_EPOCH + since;
    file.set_modified(modified).expect("it is ours");
}

/// Where to report, and what is written.
struct Told {
    url: String,
    record: Record,
}

/// One run of the daemon over a log in `folder`, on a stepped clock.
async fn run(folder: &Folder, clock: &Clock, story: impl AsyncFnOnce(&mut Told)) -> Vec<Entry> {
    let directory = folder.0.join("crm");
    let more = format!(
        r#"
[backup.crm]
name       = {{ zh = "客户系统", en = "CRM" }}
directory  = "{}"
suffix     = ".dump"
every      = "10m"
late_after = "26h"

[backup.files]
name       = {{ zh = "文件盘", en = "Files" }}
token      = "{TOKEN}"
late_after = "2d"
"#,
        directory.display()
    );
    let (mut config, plan) = configured(&(config::example().to_owned() + &more), Path::new("."));
    // Nobody is to be told of UPSs that do not answer.
    config.site.ups.clear();
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback");
    let address = listener.local_addr().expect("it is bound");
    let (entries_tx, entries_rx) = daemon::time_line();
    let start = start(clock, &folder.0.join("log.db"), listener, entries_tx);
    let cancel = CancellationToken::new();
    let settings = centre::settings(config, plan);
    let running = Box::pin(daemon::run(settings, start, cancel.clone()));
    let mut told = Told {
        url: format!("http://{address}/ingest/backup/files"),
        record: Record::new(clock, entries_rx),
    };
    let telling = async {
        Box::pin(story(&mut told)).await;
        cancel.cancel();
    };
    let both = async { tokio::join!(running, telling) };
    tokio::select! {
        (ended, ()) = both => ended.expect("it ends well"),
        () = step(clock) => unreachable!("it never ends"),
    }
    told.record.entries
}

fn turned(entry: &Entry) -> Option<(String, &'static str)> {
    match &entry.event {
        Event::Turned { signal, to, .. } => Some((signal.to_string(), to.name())),
        _ => None,
    }
}

#[tokio::test]
async fn a_backup_too_old_is_seen_and_opens_nothing_until_a_newer_one_is_there() {
    let (folder, clock) = (Folder::new("backup-files"), Clock::stepped(START));
    let directory = folder.0.join("crm");
    std::fs::create_dir(&directory).expect("the folder is there");
    let written_at = START - SignedDuration::from_hours(25);
    write(&directory, "1.dump", written_at);
    write(&directory, "restore.log", START);
    let entries = run(&folder, &clock, async |told| {
        let record = &mut told.record;
        record.level("backup.fresh/crm", "normal").await;
        let late = record.level("backup.fresh/crm", "warning").await;
        assert_eq!(late.at, written_at + SignedDuration::from_hours(26));
        assert!(
            late.reason.en.starts_with("CRM backup: late"),
            "{}",
            late.reason.en
        );
        write(&directory, "2.dump", late.at);
        let fresh = record.level("backup.fresh/crm", "normal").await;
        assert!(fresh.at <= late.at + SignedDuration::from_mins(10));
        std::fs::remove_dir_all(&directory).expect("it is ours");
        let gone = record.level("backup.fresh/crm", "unknown").await;
        let why = "CRM backup: unknown (there is no such directory)";
        assert!(gone.reason.en.starts_with(why), "{}", gone.reason.en);
    })
    .await;
    let opened = entries.iter().filter(|entry| match &entry.event {
        // Without UPSs nothing lasts without mains.
        Event::Opened { procedure, .. } => procedure.id != "endurance",
        _ => false,
    });
    assert_eq!(opened.count(), 0);
}

#[tokio::test]
async fn what_a_job_has_reported_counts_after_a_restart_and_grows_too_old_in_its_time() {
    let (folder, clock) = (Folder::new("backup-report"), Clock::stepped(START));
    std::fs::create_dir(folder.0.join("crm")).expect("the folder is there");
    let before = run(&folder, &clock, async |told| {
        let silent = told.record.level("backup.fresh/files", "unknown").await;
        assert!(
            silent.reason.en.contains("nothing was reported"),
            "{silent:?}"
        );
        let status = {
            let _busy = clock.work().begin();
            let http = callwatch::alerts::client().expect("a client");
            let sent = http.post(&told.url).bearer_auth(TOKEN).send().await;
            sent.expect("it listens").status()
        };
        assert_eq!(status, 204);
        told.record.level("backup.fresh/files", "normal").await;
    })
    .await;
    let reported = before.iter().find(|entry| {
        matches!(&entry.event, Event::BackedUp { backup, newest } if backup == "files" && newest.reported)
    });
    let reported = reported.expect("it was taken once it was written down").at;
    run(&folder, &clock, async |told| {
        let next = told
            .record
            .until(|entry| turned(entry).is_some_and(|(signal, _)| signal == "backup.fresh/files"));
        let next = next.await;
        assert_eq!(turned(&next).map(|(_, to)| to), Some("warning"));
        assert_eq!(next.at, reported + SignedDuration::from_hours(48));
    })
    .await;
}
