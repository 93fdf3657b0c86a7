//! The daemon's memory: a damaged log and the way back to a copy, a log that cannot be
//! written when it starts, a disk that is really full.

use std::fs::{self, Permissions};
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use callwatch::incidents::{Entry, Event};
use callwatch::store::{Backups, Log as _, SqliteLog};
use jiff::civil::date;
use rustix::process::Signal;

use crate::service::{Folder, SOON, Service, got, reference};

/// Everybody's user, who may do nothing.
const NOBODY: u32 = 65_534;

fn entries(path: &Path) -> Vec<Entry> {
    let mut log = SqliteLog::open(path).expect("it holds together");
    log.entries(1, usize::MAX).expect("it can be read")
}

async fn run_once(folder: &Folder) {
    let mut service = Service::start(folder.0.clone());
    service.tells_systemd("READY=1").await;
    service.signal(Signal::TERM);
    assert!(service.ends().await.success());
}

/// Waits until the health of the daemon is said to be this.
async fn health_says(address: SocketAddr, wanted: &str) {
    let wanted = format!("\r\n\r\n{wanted}");
    let saying = async { while !got(address, "/healthz").await.contains(&wanted) {} };
    let said = tokio::time::timeout(SOON, saying).await;
    said.unwrap_or_else(|_| panic!("never: {wanted}"));
}

fn allow(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).expect("it is ours");
}

#[tokio::test]
async fn a_damaged_log_is_set_aside_and_the_daemon_starts_from_a_copy_in_its_place() {
    let folder = Folder::with("damaged", &reference());
    run_once(&folder).await;
    let state = folder.0.join("state");
    let path = state.join("callwatch.db");
    let backups = Backups {
        log: path.clone(),
        folder: state.join("backups"),
        kept: 4,
    };
    let copy = backups.make(date(2026, 3, 2)).expect("there is room");
    let kept = entries(&path);
    run_once(&folder).await;
    let size = fs::metadata(&path).expect("it is there").len();
    let file = fs::File::options().write(true).open(&path).expect("a file");
    file.set_len(size / 2).expect("it can be cut");

    let mut service = Service::start(folder.0.clone());
    service.logs("is kept as").await;
    assert!(!service.ends().await.success());
    let aside = state.join("callwatch.db.damaged-1");
    assert_eq!(fs::metadata(&aside).expect("it is kept").len(), size / 2);
    assert!(!path.exists());

    fs::copy(&copy, &path).expect("there is room");
    run_once(&folder).await;
    let restored = entries(&path);
    assert_eq!(restored[..kept.len()], kept);
    assert!(matches!(restored[kept.len()].event, Event::Started));
}

#[tokio::test]
async fn over_a_log_that_cannot_be_written_it_starts_says_so_and_writes_once_it_can() {
    let folder = Folder::with("read-only", &reference());
    run_once(&folder).await;
    let state = folder.0.join("state");
    let path = state.join("callwatch.db");
    let before = entries(&path).len();
    let user = rustix::process::geteuid().is_root().then_some(NOBODY);
    for file in fs::read_dir(&state).expect("a folder") {
        let file = file.expect("a file").path();
        std::os::unix::fs::chown(&file, user, None).expect("it is ours");
    }
    allow(&path, 0o400);
    std::os::unix::fs::chown(&state, user, None).expect("it is ours");
    allow(&state, 0o500);

    let mut service = Service::start_as(user, folder.0.clone());
    let address = service.address().await;
    service.logs("NOT RECORDED").await;
    service.tells_systemd("READY=1").await;
    let health = got(address, "/healthz").await;
    assert!(health.contains("\r\n\r\nnot recorded: the log"), "{health}");
    let view = got(address, "/api/view").await;
    assert!(view.contains("\"not_recorded\":\"the log"), "{view}");
    service.signal(Signal::HUP);
    service.logs("nothing was changed").await;

    allow(&state, 0o700);
    allow(&path, 0o600);
    service.logs("the log is written again").await;
    health_says(address, "ok").await;
    service.signal(Signal::TERM);
    assert!(service.ends().await.success());
    let after = entries(&path);
    assert!(matches!(after[before].event, Event::Started));
}

/// A file system of its own, gone with this value.
struct Disk(std::path::PathBuf);

impl Disk {
    /// `None` with the reason printed where none may be mounted.
    fn mounted(at: &Path) -> Option<Self> {
        let real = std::env::var_os("CALLWATCH_REAL").is_some_and(|real| real == "1");
        if !real || !rustix::process::geteuid().is_root() {
            eprintln!("skipped: a full disk is mounted by root alone, with CALLWATCH_REAL=1");
            return None;
        }
        fs::create_dir_all(at).expect("a folder");
        let mounting = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=2m", "tmpfs"])
            .arg(at)
            .status();
        assert!(mounting.is_ok_and(|status| status.success()), "no tmpfs");
        Some(Self(at.to_owned()))
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        drop(Command::new("umount").arg("-l").arg(&self.0).status());
    }
}

#[tokio::test]
async fn on_a_disk_that_is_really_full_it_goes_on_and_writes_all_once_there_is_room() {
    let folder = Folder::with("full", &reference());
    let state = folder.0.join("state");
    let Some(disk) = Disk::mounted(&state) else {
        return;
    };
    let mut service = Service::start(folder.0.clone());
    let address = service.address().await;
    service.tells_systemd("READY=1").await;
    let filler = state.join("filler");
    let written = fs::write(&filler, vec![0_u8; 4 * 1024 * 1024]);
    assert!(written.is_err(), "the disk is full");

    // The UPSs do not answer: after fifteen seconds that is written down, or should be.
    let said = service.logs("NOT RECORDED").await;
    assert!(
        said.contains("make room on the disk") || said.contains("check the disk"),
        "{said}"
    );
    health_says(address, "not recorded: ").await;
    service.logs("Not recorded opened").await;

    fs::remove_file(&filler).expect("it is ours");
    service.logs("the log is written again").await;
    service.signal(Signal::TERM);
    assert!(service.ends().await.success());
    let opened = entries(&state.join("callwatch.db"))
        .iter()
        .filter(|entry| matches!(&entry.event, Event::Opened { procedure, .. } if procedure.id == "not-recorded"))
        .count();
    assert_eq!(opened, 1);
    drop(disk);
}
