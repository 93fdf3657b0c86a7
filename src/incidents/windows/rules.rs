//! Rules: something is worse than a window expects, and a window is over.

use jiff::{SignedDuration, Timestamp};

use crate::incidents::board::{Board, Moment};
use crate::incidents::entry::Event;
use crate::incidents::windows::ledger::Known;
use crate::incidents::windows::window::{By, Purpose, Tested, WindowId, Worse};
use crate::signals::{Kind, Level, Signal, later};
use crate::site::Site;

/// So long a battery alone bears the load till the generator must have taken over: the
/// hotline centre's plan gives it 7 to 10 min.
pub(in crate::incidents) const TAKEOVER: SignedDuration = SignedDuration::from_mins(10);

/// A UPS that fell silent while it ran on its battery is given so long to answer again.
const SILENT: SignedDuration = SignedDuration::from_secs(20);

/// Rule: what is worse than a window expects is told from then on.
pub(in crate::incidents) fn broken(board: &Board, moment: &Moment) -> Vec<Event> {
    for (id, known) in board.state.windows.standing() {
        if !moment.reached(known.window.begin) || !known.window.is_open(moment.now) {
            continue;
        }
        for ups in &known.window.covered.ups {
            if known.broken.contains_key(ups) {
                continue;
            }
            if let Some(worse) = worse(board, moment, known, ups) {
                return vec![Event::WindowBroken {
                    window: id,
                    ups: ups.clone(),
                    worse,
                }];
            }
        }
    }
    Vec::new()
}

/// A low battery always is. A battery too short for a cut is foreseen, and has a stage of
/// its own in the procedure of the cut; in a test it must bridge the start alone.
fn worse(board: &Board, moment: &Moment, known: &Known, ups: &str) -> Option<Worse> {
    let standing = |kind| board.state.standings.get(&Signal::new(kind, ups));
    let critical = |kind| standing(kind).is_some_and(|it| it.level == Level::Critical);
    if critical(Kind::UpsBatteryLow) {
        return Some(Worse::BatteryLow);
    }
    let end = known.window.end;
    let on_battery = known.on_battery_since(ups);
    if known.window.purpose == Purpose::Maintenance {
        let empty = empty_at(board, ups).filter(|_| critical(Kind::UpsMains))?;
        return (empty < end).then_some(Worse::TooShort);
    }
    let since = on_battery?;
    let silent = standing(Kind::UpsMains).filter(|it| it.level == Level::Unknown);
    if silent.is_some_and(|silent| moment.reached(later(silent.since, SILENT))) {
        return Some(Worse::FellSilent);
    }
    if known.window.purpose == Purpose::Cut || !critical(Kind::UpsMains) {
        return None;
    }
    let taken_over_by = later(since, TAKEOVER);
    if moment.reached(taken_over_by) {
        return Some(Worse::NotTakenOver);
    }
    let empty = empty_at(board, ups)?;
    (empty < end.min(taken_over_by)).then_some(Worse::TooShort)
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
            let site = &board.centre.site;
            return vec![ending(site, moment.now, id, known, None)];
        }
    }
    Vec::new()
}

/// The end of a window, with what happened inside it.
pub(in crate::incidents) fn ending(
    site: &Site,
    now: Timestamp,
    window: WindowId,
    known: &Known,
    by: Option<By>,
) -> Event {
    let test = known.window.purpose == Purpose::GeneratorTest && known.window.begin < now;
    Event::WindowEnded {
        window,
        tally: known.tally(now),
        tested: test.then(|| tested(site, now, known)),
        by,
    }
}

fn tested(site: &Site, now: Timestamp, known: &Known) -> Tested {
    let covered = known.window.covered.ups.iter();
    let fed_by = covered.filter_map(|ups| site.ups.get(ups));
    let feeds = fed_by.filter_map(|ups| site.feed_of(&ups.fed_by));
    let has_one = |feed: &&str| site.feeds.get(*feed).is_some_and(|feed| feed.generator);
    let feeds = feeds.filter(has_one).map(str::to_owned).collect();
    known.tested(feeds, TAKEOVER, now)
}
