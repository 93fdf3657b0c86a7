//! How fresh a backup is: the newest file of one directory.
//!
//! What lies in its folders is not looked at. A share that is gone hangs whoever
//! looks, so it is looked aside, once at a time.

mod watch;

use std::fs;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::oneshot;

use crate::probes::acd::Hidden;
use crate::probes::aside::Aside;
use crate::text::{Language, Text};

pub use watch::watch_backup;

/// So many entries are looked at; a directory with more is no place to look in every hour.
const MOST_ENTRIES: usize = 50_000;

/// Which files count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    pub directory: PathBuf,
    /// What the names of backups end with; absent where every file is one.
    pub suffix: Option<String>,
}

/// How anybody knows that a backup was made.
#[derive(Clone, Debug)]
pub enum Known {
    /// By its files, which are looked for.
    Files {
        settings: Settings,
        /// In plan time.
        every: SignedDuration,
        /// Of one look, in real time.
        timeout: Duration,
    },
    /// Its job reports with this token.
    Reports(Hidden),
}

/// The backup that was written last. One that is empty is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Newest {
    pub name: String,
    /// By the clock of whoever keeps the directory.
    pub modified: Timestamp,
    pub bytes: u64,
    /// How many there are.
    pub files: usize,
}

/// Why no backup was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    Missing,
    NoDirectory,
    Forbidden,
    Unreadable(String),
    /// No file of those that count; what else there is.
    Empty {
        others: usize,
        folders: usize,
    },
    TooMany,
    /// The look, or the one before, hangs.
    Silence(Duration),
}

/// One directory that is looked at again and again.
#[derive(Debug)]
pub struct Client {
    settings: Settings,
    /// In real time.
    timeout: Duration,
    aside: Aside,
}

impl Client {
    pub fn new(settings: Settings, timeout: Duration) -> Self {
        Self {
            settings,
            timeout,
            aside: Aside::new(1),
        }
    }

    /// Looks once. While a look hangs there is no second one.
    pub async fn probe(&self) -> Result<Newest, Fault> {
        let silence = Fault::Silence(self.timeout);
        let place = self.aside.free_place().ok_or(silence.clone())?;
        let (found_tx, found_rx) = oneshot::channel();
        let settings = self.settings.clone();
        let begun = place.begin("backup", move || {
            // Nobody waits any more where it took too long.
            drop(found_tx.send(look(&settings, MOST_ENTRIES)));
        });
        begun.map_err(|error| Fault::Unreadable(error.to_string()))?;
        let found = tokio::time::timeout(self.timeout, found_rx).await;
        found.map_err(|_| silence.clone())?.map_err(|_| silence)?
    }
}

fn look(settings: &Settings, most: usize) -> Result<Newest, Fault> {
    let directory = &settings.directory;
    let entries = fs::read_dir(directory).map_err(|error| unreadable(&error))?;
    let mut newest: Option<Newest> = None;
    let (mut files, mut others, mut folders) = (0, 0, 0);
    for (place, entry) in entries.enumerate() {
        if place == most {
            return Err(Fault::TooMany);
        }
        let name = entry.map_err(|error| unreadable(&error))?.file_name();
        let metadata = match fs::metadata(directory.join(&name)) {
            Ok(metadata) => metadata,
            // Its names may be read, but it may not be entered.
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                return Err(Fault::Forbidden);
            }
            // It was removed while it was looked at, or leads nowhere.
            Err(_) => {
                others += 1;
                continue;
            }
        };
        let name = name.to_string_lossy();
        if metadata.is_dir() {
            folders += 1;
            continue;
        }
        let counts = settings
            .suffix
            .as_ref()
            .is_none_or(|suffix| name.ends_with(suffix.as_str()));
        let modified = metadata.modified().map(Timestamp::try_from);
        let (true, true, Ok(Ok(modified))) =
            (counts && metadata.is_file(), metadata.len() > 0, modified)
        else {
            others += 1;
            continue;
        };
        files += 1;
        if newest
            .as_ref()
            .is_none_or(|newest| newest.modified < modified)
        {
            newest = Some(Newest {
                name: name.into_owned(),
                modified,
                bytes: metadata.len(),
                files,
            });
        }
    }
    let newest = newest.ok_or(Fault::Empty { others, folders })?;
    Ok(Newest { files, ..newest })
}

fn unreadable(error: &io::Error) -> Fault {
    match error.kind() {
        io::ErrorKind::NotFound => Fault::Missing,
        io::ErrorKind::NotADirectory => Fault::NoDirectory,
        io::ErrorKind::PermissionDenied => Fault::Forbidden,
        _ => Fault::Unreadable(error.to_string()),
    }
}

impl Fault {
    /// As other programs tell the reasons apart.
    pub fn kind(&self) -> &'static str {
        match self {
            Fault::Missing => "missing",
            Fault::NoDirectory => "no-directory",
            Fault::Forbidden => "forbidden",
            Fault::Unreadable(_) => "unreadable",
            Fault::Empty { .. } => "empty",
            Fault::TooMany => "too-many",
            Fault::Silence(_) => "silence",
        }
    }

    /// Why no backup was seen.
    pub fn why(&self) -> Text {
        match self {
            Fault::Missing => Text::new("目录不存在", "there is no such directory"),
            Fault::NoDirectory => Text::new("它不是目录", "it is no directory"),
            Fault::Forbidden => Text::new("没有权限读取目录", "the directory may not be read"),
            Fault::Unreadable(why) => Text::new(
                format!("目录读不出来：{why}"),
                format!("the directory cannot be read: {why}"),
            ),
            Fault::Empty { others, folders } => Text::new(
                format!("目录里没有备份文件（其他 {others} 个，子目录 {folders} 个）"),
                format!("it holds no backup ({others} other files, {folders} folders)"),
            ),
            Fault::TooMany => Text::new(
                format!("目录里超过 {MOST_ENTRIES} 项"),
                format!("it holds more than {MOST_ENTRIES} entries"),
            ),
            Fault::Silence(after) => Text::new(
                format!("{after:?} 内目录没有回应"),
                format!("the directory does not answer within {after:?}"),
            ),
        }
    }

    /// What to look at first.
    pub fn mend(&self) -> Text {
        match self {
            Fault::Missing => Text::new(
                "核对路径；若是挂载点，看共享是否已挂载；服务看不到 /home",
                "check the path; where it is a mount, see that the share is mounted; the service does not see /home",
            ),
            Fault::NoDirectory => Text::new(
                "写备份文件所在的目录，不要写文件",
                "write the directory that the backups lie in, not a file",
            ),
            Fault::Forbidden => Text::new(
                "让 callwatch 的用户可以读和进入它：`setfacl -m u:callwatch:rx 目录`",
                "let callwatch's user read and enter it: `setfacl -m u:callwatch:rx DIRECTORY`",
            ),
            Fault::Unreadable(_) => Text::new(
                "看磁盘和共享：`dmesg`、`mount`",
                "look at the disk or share: `dmesg`, `mount`",
            ),
            Fault::Empty { .. } => Text::new(
                "备份任务可能从未成功：看它的日志；空文件不算备份，子目录里的不看，请写到那一级目录；核对后缀",
                "the job may never have ended well: look at its log; an empty file is no backup, and one in a folder is seen only where that folder is the directory; check the suffix",
            ),
            Fault::TooMany => Text::new(
                "让备份单独放一个目录，并清理旧的",
                "give the backups a directory of their own, and remove old ones",
            ),
            Fault::Silence(_) => Text::new(
                "共享服务器可能已断：看 `mount` 里它的服务器是否活着",
                "the share's server may be gone: see in `mount` whose it is, and whether that lives",
            ),
        }
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.why().in_language(Language::En))
    }
}

impl std::error::Error for Fault {}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;

    /// A directory that is removed with the value.
    struct Directory(PathBuf);

    impl Directory {
        fn new(name: &str) -> Self {
            let name = format!("callwatch-backup-{name}-{}", std::process::id());
            let path = std::env::temp_dir().join(name);
            fs::create_dir_all(&path).unwrap();
            Self(path)
        }

        fn put(&self, name: &str, text: &str, seconds: u64) {
            let file = fs::File::create(self.0.join(name)).unwrap();
            io::Write::write_all(&mut &file, text.as_bytes()).unwrap();
            let modified = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
            file.set_modified(modified).unwrap();
        }

        fn look(&self, suffix: Option<&str>, most: usize) -> Result<Newest, Fault> {
            let settings = Settings {
                directory: self.0.clone(),
                suffix: suffix.map(str::to_owned),
            };
            look(&settings, most)
        }
    }

    impl Drop for Directory {
        fn drop(&mut self) {
            drop(fs::remove_dir_all(&self.0));
        }
    }

    #[test]
    fn the_newest_file_that_counts_is_the_backup() {
        let directory = Directory::new("newest");
        directory.put("crm-1.dump", "1", 1_000);
        directory.put("crm-2.dump", "22", 2_000);
        directory.put("crm-3.dump", "", 3_000);
        directory.put("restore.log", "4", 4_000);
        fs::create_dir(directory.0.join("folder.dump")).unwrap();
        let newest = directory.look(Some(".dump"), 9).unwrap();
        let wanted = Newest {
            name: "crm-2.dump".to_owned(),
            modified: Timestamp::from_second(2_000).unwrap(),
            bytes: 2,
            files: 2,
        };
        assert_eq!(newest, wanted);
        assert_eq!(directory.look(None, 9).unwrap().name, "restore.log");
        let empty = Fault::Empty {
            others: 4,
            folders: 1,
        };
        assert_eq!(directory.look(Some(".gz"), 9), Err(empty));
        assert_eq!(directory.look(None, 4), Err(Fault::TooMany));
    }

    #[tokio::test]
    async fn each_way_of_not_seeing_a_backup_has_a_name_of_its_own() {
        let directory = Directory::new("faults");
        directory.put("file", "1", 1_000);
        let probe = async |path: PathBuf| {
            let settings = Settings {
                directory: path,
                suffix: None,
            };
            let client = Client::new(settings, Duration::from_secs(20));
            client.probe().await
        };
        assert_eq!(probe(directory.0.join("gone")).await, Err(Fault::Missing));
        let file = directory.0.join("file");
        assert_eq!(probe(file).await, Err(Fault::NoDirectory));
        assert_eq!(probe(directory.0.clone()).await.unwrap().files, 1);
        let forbidden = io::Error::from(io::ErrorKind::PermissionDenied);
        assert_eq!(unreadable(&forbidden), Fault::Forbidden);
    }

    #[tokio::test]
    async fn while_a_look_hangs_there_is_no_second_one() {
        let directory = Directory::new("hangs");
        directory.put("file", "1", 1_000);
        let settings = Settings {
            directory: directory.0.clone(),
            suffix: None,
        };
        let client = Client::new(settings, Duration::from_secs(20));
        let hangs = client.aside.free_place().unwrap();
        let silence = Fault::Silence(Duration::from_secs(20));
        assert_eq!(client.probe().await, Err(silence));
        drop(hangs);
        assert!(client.probe().await.is_ok());
    }
}
