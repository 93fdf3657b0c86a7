//! Rules: something is worse than a window expects, and a window is over.

use jiff::{SignedDuration, Timestamp};

use crate::incidents::board::{Board, Moment};
use crate::incidents::entry::Event;
use crate::incidents::windows::ledger::Known;
use crate::incidents::windows::window::{By, WindowId, Worse};
use crate::signals::{Kind, Level, Signal, later};

/// Rule: a UPS on its battery that is low, or will be empty before the window
/// ends, is worse than the window expects.
pub(in crate::incidents) fn broken(board: &Board, moment: &Moment) -> Vec<Event> {
    for (id, known) in board.state.windows.standing() {
        if !moment.reached(known.window.begin) || !known.window.is_open(moment.now) {
            continue;
        }
        for ups in &known.window.covered.ups {
            if known.broken.contains_key(ups) {
                continue;
            }
            let critical = |kind| board.state.level(&Signal::new(kind, ups)) == Level::Critical;
            let empty = empty_at(board, ups).filter(|_| critical(Kind::UpsMains));
            let worse = if critical(Kind::UpsBatteryLow) {
                Worse::BatteryLow
            } else if empty.is_some_and(|empty| empty < known.window.end) {
                Worse::TooShort
            } else {
                continue;
            };
            return vec![Event::WindowBroken {
                window: id,
                ups: ups.clone(),
                worse,
            }];
        }
    }
    Vec::new()
}

/// When a UPS will be empty by its last answer; not rounded, as a window's end is not.
fn empty_at(board: &Board, ups: &str) -> Option<Timestamp> {
    let live = board.live.ups.get(ups)?;
    let minutes = live.reading.runtime_minutes?;
    let runtime = SignedDuration::try_from_secs_f64(minutes.max(0.0) * 60.0).ok()?;
    Some(later(live.seen_at, runtime))
}

/// Rule: a window ends by itself.
pub(in crate::incidents) fn ended(board: &Board, moment: &Moment) -> Vec<Event> {
    for (id, known) in board.state.windows.standing() {
        if moment.reached(known.window.end) {
            return vec![ending(moment.now, id, known, None)];
        }
    }
    Vec::new()
}

/// The end of a window, with what happened inside it.
pub(in crate::incidents) fn ending(
    now: Timestamp,
    window: WindowId,
    known: &Known,
    by: Option<By>,
) -> Event {
    Event::WindowEnded {
        window,
        tally: known.tally(now),
        by,
    }
}
