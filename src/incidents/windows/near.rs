//! Rules: signals of the windows that people are told of beforehand: cuts and tests.
//!
//! A plan's procedures watch them as they watch any other signal; the scope of such an
//! incident is what its window covers.

use jiff::SignedDuration;

use crate::incidents::board::{Board, Moment};
use crate::incidents::entry::{Event, Scope};
use crate::incidents::incident::Incident;
use crate::incidents::windows::ledger::Known;
use crate::incidents::windows::window::{Purpose, WindowId};
use crate::incidents::wording::clock_time;
use crate::plan::Reach;
use crate::signals::{Kind, Level, Signal, later};
use crate::site::Site;
use crate::text::Text;

/// So long before its begin it is checked whether everything is ready,
const CHECKED: SignedDuration = SignedDuration::from_hours(24);
/// and so long before it people are told.
const TOLD: SignedDuration = SignedDuration::from_mins(30);

/// What its signals and its incidents are of.
pub(in crate::incidents) fn of(id: WindowId) -> String {
    format!("window {id}")
}

/// The signal by which people are told of it; none of maintenance, which disturbs nobody.
fn told_by(purpose: Purpose) -> Option<Kind> {
    match purpose {
        Purpose::Maintenance => None,
        Purpose::Cut => Some(Kind::CutAnnounced),
        Purpose::GeneratorTest => Some(Kind::TestAnnounced),
    }
}

impl Board {
    /// The window that an incident or a signal is of, till a day after its end.
    pub(in crate::incidents) fn window_of(&self, of: &str) -> Option<&Known> {
        let mut windows = self.state.windows.windows.iter();
        windows.find_map(|(id, known)| (self::of(*id) == of).then_some(known))
    }

    /// UPSs of a window that are on their batteries.
    pub(in crate::incidents) fn on_battery_in<'a>(
        &'a self,
        known: &'a Known,
    ) -> impl Iterator<Item = &'a String> {
        let covered = known.window.covered.ups.iter();
        covered
            .filter(|ups| self.state.level(&Signal::new(Kind::UpsMains, *ups)) == Level::Critical)
    }
}

/// Whether an incident is over a window.
pub(in crate::incidents) fn is_over_one(incident: &Incident) -> bool {
    let mut triggers = incident.procedure.opening();
    triggers.any(|trigger| trigger.scope == Reach::Window)
}

/// What an incident over this window covers.
pub(in crate::incidents) fn scope(site: &Site, id: WindowId, known: &Known) -> Scope {
    let covered = &known.window.covered;
    let ups = covered.ups.iter().filter_map(|ups| site.ups.get(ups));
    let seats = covered.seats.iter().filter_map(|seat| site.seats.get(seat));
    let mut fed_by = ups.map(|it| &it.fed_by).chain(seats.map(|it| &it.fed_by));
    let feed = fed_by.find_map(|fed_by| site.feed_of(fed_by));
    Scope {
        feed: feed.unwrap_or_default().to_owned(),
        of: of(id),
        place: covered.place.clone(),
        ups: covered.ups.clone(),
        seats: covered.seats.clone(),
    }
}

/// Rule: a window turns its signals as it comes near, and as it ends.
pub(in crate::incidents) fn turn(board: &Board, moment: &Moment) -> Vec<Event> {
    for (id, known) in &board.state.windows.windows {
        let signals = [
            told_by(known.window.purpose).map(|kind| (kind, nearness(known, moment))),
            (known.window.purpose == Purpose::Cut)
                .then(|| (Kind::CutOutlasts, outlasted(board, *id, known, moment))),
        ];
        for (kind, to) in signals.into_iter().flatten() {
            let signal = Signal::new(kind, of(*id));
            let standing = board.state.standings.get(&signal);
            let from = standing.map_or(Level::Unknown, |standing| standing.level);
            if from != to && (standing.is_some() || to != Level::Normal) {
                let value = words(&board.centre.site, known);
                return vec![Event::Turned {
                    signal,
                    from,
                    to,
                    since: moment.now,
                    value,
                }];
            }
        }
    }
    Vec::new()
}

fn nearness(known: &Known, moment: &Moment) -> Level {
    let begin = known.window.begin;
    if known.ended_at.is_some() {
        Level::Normal
    } else if moment.reached(later(begin, -TOLD)) {
        Level::Critical
    } else if moment.reached(later(begin, -CHECKED)) {
        Level::Warning
    } else {
        Level::Normal
    }
}

/// Once a battery is too short it stays so till the supply is back: times that hop are not believed.
fn outlasted(board: &Board, id: WindowId, known: &Known, moment: &Moment) -> Level {
    let window = &known.window;
    if known.ended_at.is_some() || !window.is_open(moment.now) {
        return Level::Normal;
    }
    let stood = board.state.level(&Signal::new(Kind::CutOutlasts, of(id)));
    let mut on_battery = board.on_battery_in(known);
    let left = window.end.duration_since(moment.now);
    let is_short = |ups: &String| board.lasts(ups, moment.now).is_some_and(|it| it < left);
    let short = if stood == Level::Critical {
        on_battery.next().is_some()
    } else {
        on_battery.any(is_short)
    };
    if short {
        Level::Critical
    } else {
        Level::Normal
    }
}

fn words(site: &Site, known: &Known) -> Text {
    let window = &known.window;
    let day = site.date_of(window.begin);
    let (begin, end) = (clock_time(site, window.begin), clock_time(site, window.end));
    let place = &window.covered.place;
    Text::new(
        format!("{}，{day} {begin}至{end}", place.zh),
        format!("{}, {day} {begin} to {end}", place.en),
    )
}

/// UPSs of a window that are known to be empty before it ends, with how long they last;
/// the shortest two.
pub(in crate::incidents) fn short_list(
    board: &Board,
    known: &Known,
    say: impl Fn(&str, SignedDuration) -> String,
) -> Vec<String> {
    let window = &known.window;
    let length = window.end.duration_since(window.begin);
    let mut short: Vec<(SignedDuration, &String)> = Vec::new();
    for ups in &window.covered.ups {
        let seen_at = board.live.ups_seen_at(ups);
        let lasts = board.lasts(ups, seen_at).filter(|lasts| *lasts < length);
        short.extend(lasts.map(|lasts| (lasts, ups)));
    }
    short.sort();
    let shortest = short.into_iter().take(2);
    shortest.map(|(lasts, ups)| say(ups, lasts)).collect()
}
