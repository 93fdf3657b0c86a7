//! Rule: a generator proves itself in a test every month, or IT is reminded of it.

use std::collections::BTreeSet;

use jiff::civil::Date;

use crate::incidents::board::{Board, Moment};
use crate::incidents::entry::Event;
use crate::signals::{Kind, Level, Signal};
use crate::site::Monthly;
use crate::text::Text;

/// Rule: on the day of the month, and after it, a feed's generator is asked for a proof. One of the same
/// month counts, before the day too; what lay before callwatch asked for it is not asked after.
pub(in crate::incidents) fn turn(board: &Board, moment: &Moment) -> Vec<Event> {
    let site = &board.centre.site;
    let today = site.date_of(moment.now);
    let asked = board.state.standings_of(Kind::GeneratorTested);
    let asked = asked.map(|(signal, _)| &signal.of);
    let feeds: BTreeSet<&String> = site.feeds.keys().chain(asked).collect();
    for id in feeds {
        let signal = Signal::new(Kind::GeneratorTested, id);
        let standing = board.state.standings.get(&signal);
        let from = standing.map_or(Level::Unknown, |standing| standing.level);
        let (to, value) = match site.feeds.get(id).and_then(|feed| feed.generator_test) {
            Some(monthly) => due(board, moment, id, monthly, today),
            None => (
                Level::Unknown,
                Text::new("配置里不再要求", "the configuration asks for it no more"),
            ),
        };
        if from != to {
            return vec![Event::Turned {
                signal,
                from,
                to,
                since: moment.now,
                value,
            }];
        }
    }
    Vec::new()
}

fn due(board: &Board, moment: &Moment, feed: &str, monthly: Monthly, today: Date) -> (Level, Text) {
    let site = &board.centre.site;
    // The day turns while nothing else happens.
    let midnight = site
        .agenda()
        .next_time(moment.now, jiff::civil::Time::midnight());
    moment.reached(midnight);
    let windows = &board.state.windows;
    let day = monthly.latest(today);
    let proved = windows.proved.get(feed).map(|at| site.date_of(*at));
    if let Some(proved) = proved.filter(|proved| *proved >= day.first_of_month()) {
        return (
            Level::Normal,
            Text::new(
                format!("{proved} 试过发电机"),
                format!("the generator was tested on {proved}"),
            ),
        );
    }
    let asked_since = windows.asked_since.get(feed).copied();
    if site.date_of(asked_since.unwrap_or(moment.now)) > day {
        return (
            Level::Normal,
            Text::new("还没到日子", "its day is still to come"),
        );
    }
    if day == today {
        (
            Level::Warning,
            Text::new("今天该试发电机", "the generator is to be tested today"),
        )
    } else {
        (
            Level::Critical,
            Text::new(
                format!("{day} 该试发电机，没有试"),
                format!("the generator was to be tested on {day}, and was not"),
            ),
        )
    }
}
