//! What the seat keeps on its disk, so that it can help itself even after a reboot:
//! what the daemon gave it for when it is alone, and what people did then.
//!
//! One small file, for its owner alone, replaced as a whole. One that cannot be read is
//! set aside and never overwritten in place.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use crate::incidents::{AloneAct, Cause, MOST_ACTS, SealedKit};

/// The version of the file; another one is not read.
const VERSION: u16 = 1;
/// No file is longer, in bytes: a kit has a few thousand.
const LONGEST: usize = 256 * 1024;
/// So many outages are kept until a daemon has heard of them; the oldest go first.
const MOST_OUTAGES: usize = 16;

/// What is kept.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Kept {
    version: u16,
    pub(super) kit: SealedKit,
    /// There was a way out of this network when the daemon was heard last.
    pub(super) routed: bool,
    pub(super) outages: Vec<Outage>,
}

/// One trouble that the seat met alone, until a daemon has heard all of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Outage {
    /// Of the seat's making: a daemon that hears it twice writes it once.
    pub(super) id: String,
    pub(super) cause: Cause,
    pub(super) procedure: String,
    /// Since when there was no daemon.
    pub(super) lost: Timestamp,
    pub(super) onset: Timestamp,
    /// Until when it is known of.
    pub(super) until: Timestamp,
    /// A daemon has it in its record.
    pub(super) told: bool,
    pub(super) acts: Vec<Done>,
}

/// What somebody did on a card of the seat's own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Done {
    pub(super) id: String,
    pub(super) at: Timestamp,
    pub(super) act: AloneAct,
    /// A daemon has it in its record.
    pub(super) told: bool,
}

impl Outage {
    /// Whether a daemon has all of it.
    pub(super) fn is_told(&self) -> bool {
        self.told && self.acts.iter().all(|act| act.told)
    }

    /// Whether this was done on its card.
    pub(super) fn has(&self, act: &AloneAct) -> bool {
        self.acts.iter().any(|known| known.act == *act)
    }

    /// Adds what was done, once; `false` where nothing new was.
    pub(super) fn add(&mut self, id: String, at: Timestamp, act: AloneAct) -> bool {
        if self.has(&act) || self.acts.len() >= MOST_ACTS {
            return false;
        }
        self.until = self.until.max(at);
        self.acts.push(Done {
            id,
            at,
            act,
            told: false,
        });
        true
    }
}

impl Kept {
    /// Adds an outage; of too many the oldest is forgotten.
    pub(super) fn add(&mut self, outage: Outage) {
        if self.outages.len() >= MOST_OUTAGES {
            let forgotten = self.outages.remove(0);
            tracing::warn!(
                onset = %forgotten.onset,
                "too much happened without a daemon: the oldest of it is forgotten"
            );
        }
        self.outages.push(outage);
    }
}

/// Where a seat's file lies: beside those of other seats of the same person.
pub(super) fn place(folder: &Path, seat: &str) -> PathBuf {
    let mut name = String::from("seat-");
    for byte in seat.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' => name.push(char::from(byte)),
            byte => name.extend([format!("%{byte:02X}")]),
        }
    }
    folder.join(name + ".json")
}

/// Reads what was kept; nothing where there is no file, or none that can be read.
pub(super) fn read(path: &Path) -> Kept {
    let why = match try_read(path) {
        Ok(kept) => return kept,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Kept::default(),
        Err(error) => error,
    };
    let aside = path.with_extension("damaged");
    let renamed = fs::rename(path, &aside);
    let path = path.display();
    match renamed {
        Ok(()) => tracing::warn!(
            "what this seat kept for when it is alone cannot be read, {path}: {why}; it is set aside as {}, and the daemon gives it anew",
            aside.display()
        ),
        Err(error) => tracing::warn!(
            "what this seat kept for when it is alone cannot be read, {path}: {why}; it cannot be set aside either: {error}; see to the rights of its folder"
        ),
    }
    Kept::default()
}

fn try_read(path: &Path) -> io::Result<Kept> {
    let mut text = String::new();
    let longest = u64::try_from(LONGEST).unwrap_or(u64::MAX);
    File::open(path)?
        .take(longest + 1)
        .read_to_string(&mut text)?;
    let invalid = |why: String| io::Error::new(io::ErrorKind::InvalidData, why);
    if text.len() > LONGEST {
        return Err(invalid(format!("it is longer than {LONGEST} bytes")));
    }
    let kept: Kept = serde_json::from_str(&text).map_err(|error| invalid(error.to_string()))?;
    if kept.version != VERSION {
        return Err(invalid(format!("it is of version {}", kept.version)));
    }
    Ok(kept)
}

/// Replaces the file as a whole: after a power cut it is the old one or the new one.
fn write(path: &Path, kept: &Kept) -> io::Result<()> {
    let versioned = Kept {
        version: VERSION,
        ..kept.clone()
    };
    let json = serde_json::to_vec(&versioned)?;
    if json.len() > LONGEST {
        let why = format!("it would be longer than {LONGEST} bytes");
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, why));
    }
    let folder = path.parent().unwrap_or(Path::new("."));
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)?;
    let fresh = path.with_extension("new");
    let written = (|| {
        // One that was left behind may be anybody's.
        match fs::remove_file(&fresh) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&fresh)?;
        file.write_all(&json)?;
        file.sync_all()?;
        fs::rename(&fresh, path)
    })();
    if written.is_err() {
        drop(fs::remove_file(&fresh));
    }
    written?;
    File::open(folder)?.sync_all()
}

/// Writes whatever is to be kept, until the other end is gone; the last of it is written first.
pub(super) async fn keep(path: PathBuf, mut kept_rx: watch::Receiver<Kept>) {
    let mut failing = false;
    while kept_rx.changed().await.is_ok() {
        let kept = kept_rx.borrow_and_update().clone();
        let place = path.clone();
        let written = tokio::task::spawn_blocking(move || write(&place, &kept)).await;
        let failure = match written {
            Ok(Ok(())) => None,
            Ok(Err(error)) => Some(error.to_string()),
            Err(error) => Some(error.to_string()),
        };
        if let Some(why) = failure.as_ref().filter(|_| !failing) {
            tracing::warn!(
                "what this seat needs when it is alone cannot be kept in {}: {why}; a restart of this program would lose it",
                path.display()
            );
        }
        failing = failure.is_some();
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    /// A folder of its own; removed with the value.
    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Self {
            let folder = format!("callwatch-memory-{name}-{}", std::process::id());
            Self(std::env::temp_dir().join(folder))
        }

        fn place(&self) -> PathBuf {
            place(&self.0, "C-01")
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            drop(fs::remove_dir_all(&self.0));
        }
    }

    fn outage(n: usize) -> Outage {
        let at = Timestamp::UNIX_EPOCH;
        Outage {
            id: n.to_string(),
            cause: Cause::Power,
            procedure: "power-loss".to_owned(),
            lost: at,
            onset: at,
            until: at,
            told: false,
            acts: Vec::new(),
        }
    }

    fn kept() -> Kept {
        let mut kept = Kept {
            version: VERSION,
            routed: true,
            ..Kept::default()
        };
        kept.add(outage(1));
        kept
    }

    #[test]
    fn what_was_kept_is_read_again_and_is_its_owners_alone() {
        let folder = Folder::new("again");
        assert_eq!(read(&folder.place()), Kept::default());
        write(&folder.place(), &kept()).unwrap();
        let mut more = kept();
        more.outages[0].add("a".to_owned(), Timestamp::UNIX_EPOCH, AloneAct::Acknowledge);
        write(&folder.place(), &more).unwrap();
        assert_eq!(read(&folder.place()), more);
        let rights = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((rights(&folder.place()), rights(&folder.0)), (0o600, 0o700));
        assert_eq!(fs::read_dir(&folder.0).unwrap().count(), 1, "nothing else");
    }

    #[test]
    fn a_damaged_or_truncated_file_is_set_aside_and_the_seat_begins_anew() {
        for (name, spoil) in [
            (
                "truncated",
                (|json| json[..json.len() / 2].to_vec()) as fn(Vec<u8>) -> Vec<u8>,
            ),
            ("empty", |_| Vec::new()),
            ("binary", |_| vec![0xff; 64]),
            ("long", |json| [json, vec![b' '; LONGEST]].concat()),
            ("newer", |json| {
                let text = String::from_utf8(json).unwrap();
                text.replace("\"version\":1", "\"version\":2").into_bytes()
            }),
        ] {
            let folder = Folder::new(name);
            let place = folder.place();
            write(&place, &kept()).unwrap();
            let spoilt = spoil(fs::read(&place).unwrap());
            fs::write(&place, &spoilt).unwrap();
            assert_eq!(read(&place), Kept::default(), "{name}");
            let aside = fs::read(place.with_extension("damaged")).unwrap();
            assert!(aside == spoilt, "{name}: it is kept as it was");
            assert!(!place.exists(), "{name}");
            write(&place, &kept()).unwrap();
            assert_eq!(read(&place), kept(), "{name}");
        }
    }

    #[test]
    fn what_cannot_be_written_leaves_what_was_there() {
        let folder = Folder::new("full");
        let place = folder.place();
        write(&place, &kept()).unwrap();
        let mut long = kept();
        long.outages[0].procedure = "x".repeat(LONGEST);
        let error = write(&place, &long).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::FileTooLarge);
        // Where its new form should be stands something that cannot be taken away.
        fs::create_dir_all(place.with_extension("new").join("full")).unwrap();
        assert!(write(&place, &Kept::default()).is_err());
        assert_eq!(read(&place), kept());
    }

    #[test]
    fn of_too_much_the_oldest_is_forgotten() {
        let mut kept = Kept::default();
        for n in 0..MOST_OUTAGES + 3 {
            kept.add(outage(n));
        }
        assert_eq!(kept.outages.len(), MOST_OUTAGES);
        assert_eq!(kept.outages[0].id, "3");
        let outage = &mut kept.outages[0];
        for n in 0..MOST_ACTS + 3 {
            let step = n.to_string();
            let act = AloneAct::Tick { step };
            outage.add(n.to_string(), Timestamp::UNIX_EPOCH, act);
        }
        assert_eq!(outage.acts.len(), MOST_ACTS);
        let again = outage.acts[0].act.clone();
        assert!(!outage.add("again".to_owned(), Timestamp::UNIX_EPOCH, again));
    }

    #[test]
    fn a_seats_name_is_no_way_out_of_the_folder() {
        let folder = Path::new("/state");
        assert_eq!(place(folder, "C-01"), Path::new("/state/seat-C-01.json"));
        let odd = place(folder, "../座");
        assert_eq!(odd, Path::new("/state/seat-%2E%2E%2F%E5%BA%A7.json"));
    }

    #[tokio::test]
    async fn the_last_that_is_to_be_kept_is_written_before_the_end() {
        let folder = Folder::new("last");
        let (kept_tx, kept_rx) = watch::channel(Kept::default());
        kept_tx.send_replace(kept());
        drop(kept_tx);
        keep(folder.place(), kept_rx).await;
        assert_eq!(read(&folder.place()), kept());
    }
}
