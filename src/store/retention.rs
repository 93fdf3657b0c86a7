//! Takes out what is older than it must be kept.
//!
//! What is taken out is first added up to a checkpoint, so that the fold stays
//! whole and the first kept entry still follows a hash that is known.

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, TransactionBehavior};

use crate::store::checkpoints::{self, Unsound};
use crate::store::log::{Checkpoint, Cut};

/// So many entries are taken out at once, so that nobody waits long for the log. A year
/// writes that many in about four days, so that a backlog melts.
const AT_ONCE: u64 = 2000;

/// Takes out the oldest entries that are older than `keep`; never those that no checkpoint
/// of today's state has behind it.
pub(crate) fn cut(
    connection: &mut Connection,
    keep: SignedDuration,
    now: Timestamp,
) -> Result<Cut, Unsound> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let first: Option<u64> = checkpoints::one(&transaction, "SELECT min(seq) FROM entries", [])?;
    let newest: Option<u64> =
        checkpoints::one(&transaction, "SELECT max(seq) FROM checkpoints", [])?;
    let (Some(first), Some(newest)) = (first, newest) else {
        return Ok(Cut::default());
    };
    let last = newest.min(first + AT_ONCE - 1);
    let Ok(before) = now.checked_sub(keep) else {
        return Ok(Cut::default());
    };
    let mut state = checkpoints::newest(&transaction, first - 1)?.state;
    if state.seq() + 1 != first {
        return Err(Unsound::Damaged(format!(
            "the checkpoint before entry {first} is missing"
        )));
    }
    let mut count = 0;
    for entry in checkpoints::entries(&transaction, first, last)? {
        if entry.at >= before {
            break;
        }
        state.apply(&entry);
        count += 1;
    }
    if count == 0 {
        return Ok(Cut { entries: 0, first });
    }
    let checkpoint = Checkpoint::of(&state).map_err(|error| Unsound::Damaged(error.to_string()))?;
    let seq = checkpoint.seq;
    checkpoints::write(&transaction, &checkpoint)?;
    transaction.execute("DELETE FROM entries WHERE seq <= ?1", [seq])?;
    transaction.execute("DELETE FROM checkpoints WHERE seq < ?1", [seq])?;
    transaction.commit()?;
    Ok(Cut {
        entries: count,
        first: seq + 1,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::incidents::{Entry, State};
    use crate::store::fixture::{Scratch, checkpoint_after, entries_after};
    use crate::store::log::Log as _;
    use crate::store::sqlite::{Care, SqliteLog};

    const DAY: SignedDuration = SignedDuration::from_hours(24);

    fn at(day: i32) -> Timestamp {
        Timestamp::UNIX_EPOCH + DAY * day
    }

    /// `per_day` entries on each of so many days.
    fn days(days: i32, per_day: u64) -> Vec<Entry> {
        let mut entries: Vec<Entry> = Vec::new();
        for day in 0..days {
            for _ in 0..per_day {
                let mut entry = entries_after(entries.last(), 1).remove(0);
                entry.at = at(day);
                entries.push(entry);
            }
        }
        entries
    }

    fn open(scratch: &Scratch, keep_days: i32) -> SqliteLog {
        let care = Care {
            keep: Some(DAY * keep_days),
            backups: None,
        };
        SqliteLog::open(scratch.path("log.db")).unwrap().with(care)
    }

    fn folded(log: &mut SqliteLog) -> State {
        let loaded = log.load().unwrap();
        let mut state = loaded.checkpoint.map_or_else(State::default, |checkpoint| {
            serde_json::from_str(&checkpoint.state).unwrap()
        });
        for entry in &loaded.entries {
            state.apply(entry);
        }
        state
    }

    #[test]
    fn what_is_too_old_is_taken_out_and_the_fold_and_the_chain_stay_whole() {
        let scratch = Scratch::new("cut");
        let written = days(40, 10);
        let mut log = open(&scratch, 30);
        log.append(1, &written).unwrap();
        // Without a checkpoint behind it nothing may go.
        assert_eq!(log.cut(at(400)).unwrap().entries, 0);
        log.checkpoint(&checkpoint_after(&written[..395])).unwrap();
        let before = folded(&mut log);
        let cut = log.cut(at(40)).unwrap();
        assert_eq!((cut.entries, cut.first), (100, 101));
        assert_eq!(
            log.cut(at(40)).unwrap(),
            Cut {
                entries: 0,
                first: 101
            }
        );
        assert_eq!(folded(&mut log), before);
        drop(log);

        // The whole chain is followed from the first kept entry.
        let mut log = open(&scratch, 30);
        assert_eq!(log.entries(1, 1).unwrap(), written[100..101]);
        // The newest checkpoint is damaged: the one before the first kept entry is there.
        log.spoil_checkpoint(395);
        assert_eq!(folded(&mut log), before);
        // Never further than a checkpoint.
        log.checkpoint(&checkpoint_after(&written[..395])).unwrap();
        assert_eq!(log.cut(at(4000)).unwrap().first, 396);
        assert_eq!(folded(&mut log), before);
        log.append(401, &entries_after(written.last(), 1)).unwrap();
    }

    #[test]
    fn a_backlog_melts_in_slices() {
        let scratch = Scratch::new("slices");
        let written = days(2, 2100);
        let mut log = open(&scratch, 30);
        log.append(1, &written).unwrap();
        log.checkpoint(&checkpoint_after(&written)).unwrap();
        let cuts: Vec<u64> = (0..4).map(|_| log.cut(at(100)).unwrap().entries).collect();
        assert_eq!(cuts, [2000, 2000, 200, 0]);
        let next = entries_after(written.last(), 1);
        log.append(4201, &next).unwrap();
        drop(log);
        assert_eq!(open(&scratch, 30).load().unwrap().entries, next);
    }

    #[test]
    fn a_first_entry_that_does_not_follow_what_was_taken_out_is_found() {
        let scratch = Scratch::new("uncut");
        let written = days(40, 10);
        let mut log = open(&scratch, 30);
        log.append(1, &written).unwrap();
        log.checkpoint(&checkpoint_after(&written)).unwrap();
        log.cut(at(40)).unwrap();
        log.remove_entry(101);
        drop(log);
        let error = SqliteLog::open(scratch.path("log.db")).unwrap_err();
        assert!(
            error.to_string().contains("the entries before 102"),
            "{error}"
        );
    }
}
