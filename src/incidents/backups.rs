//! Backups of what seats work with: how old the newest is, of which IT hears in its digest.
//!
//! What lies in a directory is looked at again after a start; what a job reported is told
//! once, so both are written down. Why nothing is seen is known only for now.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::incidents::board::{Board, Moment};
use crate::incidents::daily::lines::{day, moment};
use crate::incidents::entry::Event;
use crate::incidents::input::Refused;
use crate::incidents::naming::signal_name;
use crate::incidents::view::SignalView;
use crate::signals::{Kind, Level, Signal, later};
use crate::site::Backup;
use crate::text::{Language, Text};

/// Clocks of file servers differ from ours by no more than this.
const AHEAD: SignedDuration = SignedDuration::from_mins(10);

/// What was seen of a backup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BackupSight {
    /// Its job says that it has just ended well.
    Reported,
    /// The newest of its files was written then, by the clock of whoever keeps them.
    Newest(Timestamp),
    /// Somebody looked, and there is none.
    None(Unseen),
    /// Nobody could look.
    Blind(Unseen),
}

/// Why nothing was seen, and what mends it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unseen {
    pub why: Text,
    pub mend: Text,
}

/// The newest copy of a backup that anybody knows of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewestBackup {
    pub at: Timestamp,
    /// By its job, and so by our clock.
    pub reported: bool,
}

impl NewestBackup {
    /// Our clock jumped; that of a file server did not.
    pub(super) fn shift(&mut self, by: SignedDuration) {
        if self.reported {
            self.at = later(self.at, by);
        }
    }
}

/// What the last look into a directory brought.
#[derive(Clone, Debug)]
pub(super) struct LastLook {
    at: Timestamp,
    unseen: Option<BackupSight>,
}

impl LastLook {
    fn unseen(&self) -> Option<&Unseen> {
        match &self.unseen {
            Some(BackupSight::None(unseen) | BackupSight::Blind(unseen)) => Some(unseen),
            _ => None,
        }
    }
}

/// Takes in what was seen of a backup; a copy that is not the newest known is news too, for
/// the newest may have been removed.
pub(super) fn take(
    board: &mut Board,
    now: Timestamp,
    id: &str,
    sight: BackupSight,
) -> Result<Vec<Event>, Refused> {
    if !board.centre.site.backups.contains_key(id) {
        return Err(Refused::NoSuchBackup(id.to_owned()));
    }
    let sight = match sight {
        BackupSight::Newest(at) if at > later(now, AHEAD) => BackupSight::Blind(from_future()),
        sight => sight,
    };
    let newest = match &sight {
        BackupSight::Reported => Some(NewestBackup {
            at: now,
            reported: true,
        }),
        BackupSight::Newest(at) => Some(NewestBackup {
            at: *at,
            reported: false,
        }),
        BackupSight::None(_) | BackupSight::Blind(_) => None,
    };
    let look = LastLook {
        at: now,
        unseen: newest.is_none().then_some(sight),
    };
    board.live.backups.insert(id.to_owned(), look);
    let newest = newest.filter(|newest| board.state.backups.get(id) != Some(newest));
    let event = newest.map(|newest| Event::BackedUp {
        backup: id.to_owned(),
        newest,
    });
    Ok(event.into_iter().collect())
}

fn from_future() -> Unseen {
    Unseen {
        why: Text::new("最新的文件时间在将来", "its newest file is of the future"),
        mend: Text::new(
            "核对保存备份的主机的时钟",
            "check the clock of whoever keeps the directory",
        ),
    }
}

/// Rule: a backup turns as its newest grows too old, as there is none, and as nobody sees it.
pub(super) fn turn(board: &Board, moment: &Moment) -> Vec<Event> {
    let mut events = Vec::new();
    let backups = &board.centre.site.backups;
    for (id, backup) in backups {
        let signal = Signal::new(Kind::BackupFresh, id);
        let standing = board.state.standings.get(&signal);
        let Some((to, since)) = stands(board, moment, id, backup) else {
            continue;
        };
        if standing.is_none_or(|standing| standing.level != to) {
            events.push(Event::Turned {
                from: board.state.level(&signal),
                signal,
                to,
                since,
                value: words(board, id, backup),
            });
        }
    }
    let known = board.state.standings_of(Kind::BackupFresh);
    let gone = known.filter(|(signal, standing)| {
        standing.level != Level::Unknown && !backups.contains_key(&signal.of)
    });
    events.extend(gone.map(|(signal, standing)| Event::Turned {
        signal: signal.clone(),
        from: standing.level,
        to: Level::Unknown,
        since: moment.now,
        value: Text::new(
            "配置里已没有这个备份",
            "it is not in the configuration any more",
        ),
    }));
    events
}

/// How a backup stands, and since when; `None` until somebody has looked since the start.
fn stands(board: &Board, moment: &Moment, id: &str, backup: &Backup) -> Option<(Level, Timestamp)> {
    let look = board.live.backups.get(id);
    let unseen = look.and_then(|look| look.unseen.as_ref());
    if let Some(BackupSight::None(_)) = unseen {
        return Some((Level::Warning, moment.now));
    }
    let newest = board.state.backups.get(id);
    if let Some(newest) = newest {
        let late_at = later(newest.at, backup.late_after);
        if moment.reached(late_at) {
            return Some((Level::Warning, late_at));
        }
    }
    match (newest, unseen) {
        (_, Some(_)) => Some((Level::Unknown, moment.now)),
        (Some(newest), None) if look.is_some() || newest.reported => {
            Some((Level::Normal, moment.now))
        }
        (None, None) if backup.reports => Some((Level::Unknown, moment.now)),
        _ => None,
    }
}

/// What is known of it, as the page and the record say it.
fn words(board: &Board, id: &str, backup: &Backup) -> Text {
    let look = board.live.backups.get(id);
    if let Some(unseen) = look.and_then(LastLook::unseen) {
        return unseen.why.clone();
    }
    let Some(newest) = board.state.backups.get(id) else {
        return if backup.reports {
            Text::new("还没有报告过", "nothing was reported yet")
        } else {
            Text::new("还没看过", "nobody looked yet")
        };
    };
    let said = |language| moment(board, newest.at, language);
    if newest.reported {
        return Text::new(
            format!("最近一次报告：{}", said(Language::Zh)),
            format!("last reported on {}", said(Language::En)),
        );
    }
    Text::new(
        format!("最新的是{}", said(Language::Zh)),
        format!("the newest is of {}", said(Language::En)),
    )
}

/// Backups that are too old or missing, that nobody sees, or of which nobody ever heard.
pub(super) fn lines(board: &Board, _now: Timestamp) -> Vec<Text> {
    let backups = board.centre.site.backups.iter();
    let line = |(id, backup): (&String, &Backup)| {
        let name = &backup.name;
        let signal = Signal::new(Kind::BackupFresh, id);
        let level = board.state.level(&signal);
        if level == Level::Normal {
            return None;
        }
        let look = board.live.backups.get(id);
        if let Some(unseen) = look.and_then(LastLook::unseen) {
            let (why, mend) = (&unseen.why, &unseen.mend);
            return Some(Text::new(
                format!("{}的备份：{}。{}", name.zh, why.zh, mend.zh),
                format!("the backup of {}: {}; {}", name.en, why.en, mend.en),
            ));
        }
        let newest = board.state.backups.get(id);
        let Some(newest) = newest else {
            // Whoever looks into a directory has not come back yet.
            return backup.reports.then(|| {
                Text::new(
                    format!("{}的备份任务还没有报告过", name.zh),
                    format!("the job that backs {} up has not reported yet", name.en),
                )
            });
        };
        (level == Level::Warning).then(|| {
            let date = board.centre.site.date_of(newest.at);
            let (zh, en) = (day(date, Language::Zh), day(date, Language::En));
            Text::new(
                format!("{}的备份最新只到{zh}，请看备份任务", name.zh),
                format!(
                    "the newest backup of {} is of {en}: look at its job",
                    name.en
                ),
            )
        })
    };
    backups.filter_map(line).collect()
}

impl Board {
    /// What the page shows of each backup.
    pub(super) fn backup_views(&self) -> impl Iterator<Item = SignalView> {
        let backups = self.centre.site.backups.iter();
        backups.map(|(id, backup)| {
            let signal = Signal::new(Kind::BackupFresh, id);
            let standing = self.state.standings.get(&signal);
            let reported = self.state.backups.get(id).filter(|newest| newest.reported);
            let look = self.live.backups.get(id);
            SignalView {
                name: signal_name(&self.centre.site, &signal),
                level: self.state.level(&signal),
                since: standing.map(|standing| standing.since),
                seen_at: look
                    .map(|look| look.at)
                    .or_else(|| reported.map(|newest| newest.at)),
                on_battery_since: None,
                runtime: None,
                value: words(self, id, backup),
                signal,
            }
        })
    }
}

/// The newest copies that anybody knows of, by backup.
pub(super) type Newest = BTreeMap<String, NewestBackup>;

/// Why the entry was written.
pub(super) fn reason(board: &Board, id: &str, newest: NewestBackup) -> Text {
    let known = board.centre.site.backups.get(id);
    let name = known.map_or_else(|| Text::same(id), |backup| backup.name.clone());
    if newest.reported {
        return Text::new(
            format!("{}的备份任务报告：做完了", name.zh),
            format!("the job that backs {} up reports that it is done", name.en),
        );
    }
    let said = |language| moment(board, newest.at, language);
    Text::new(
        format!("{}的备份，最新的是{}", name.zh, said(Language::Zh)),
        format!(
            "backup of {}: the newest is of {}",
            name.en,
            said(Language::En)
        ),
    )
}
