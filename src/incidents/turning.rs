//! Readings and silence become turns of signals.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use crate::incidents::board::{Board, Moment};
use crate::incidents::entry::Event;
use crate::incidents::input::Refused;
use crate::incidents::state::UNSTABLE_WINDOW;
use crate::incidents::windows::near;
use crate::signals::{Kind, Level, Signal, later};
use crate::text::Text;
use crate::ups;

/// More turns than this in ten minutes, and a signal is unstable.
const UNSTABLE_TURNS: usize = 10;

/// Takes the reading of a UPS: a turn of its mains or its battery, if it brings one.
pub(super) fn take_ups(
    board: &mut Board,
    now: Timestamp,
    ups: &str,
    reading: ups::Reading,
) -> Result<Vec<Event>, Refused> {
    if !board.centre.site.ups.contains_key(ups) {
        return Err(Refused::NoSuchUps(ups.to_owned()));
    }
    if reading.verdict == ups::Verdict::Unreachable {
        // Silence is aged by `stale`, not judged by a single lost answer.
        return Ok(Vec::new());
    }
    let mains = reading.mains_level();
    let mut battery = reading.battery_low_level();
    let goes_on = board.state.level(&Signal::new(Kind::UpsMains, ups)) == Level::Critical;
    board.live.take_discharge(now, ups, &reading, goes_on);
    let low_twice = board.live.take_ups(now, ups, reading);
    if battery == Level::Critical && !low_twice {
        battery = board.state.level(&Signal::new(Kind::UpsBatteryLow, ups));
    }
    let mut events = Vec::new();
    let words = || board.live.ups.get(ups).map(|live| live.words.clone());
    for (kind, to) in [(Kind::UpsMains, mains), (Kind::UpsBatteryLow, battery)] {
        let (signal, words) = (Signal::new(kind, ups), || words().unwrap_or_default());
        turn(board, now, signal, to, words, &mut events);
    }
    finish_later(board, now, ups, &mut events);
    Ok(events)
}

/// Takes what a seat's PC sees of its own supply: the reading of the UPS that the
/// site declares to be seen from there.
pub(super) fn take_own(
    board: &mut Board,
    now: Timestamp,
    seat: &str,
    power: &ups::OwnPower,
) -> Result<Vec<Event>, Refused> {
    let centre = Arc::clone(&board.centre);
    let Some(known) = centre.site.seats.get(seat) else {
        return Err(Refused::NoSuchSeat(seat.to_owned()));
    };
    let Some(reading) = power.judge(known.laptop) else {
        return Ok(Vec::new());
    };
    let mut events = Vec::new();
    for (ups, _) in centre.site.ups_seen_by.iter().filter(|(_, by)| *by == seat) {
        events.extend(take_ups(board, now, ups, reading.clone())?);
    }
    Ok(events)
}

/// Adds a turn where the level is another than the one written down; a signal
/// that turns too often is written down as unstable once, until it is calm.
pub(super) fn turn(
    board: &Board,
    now: Timestamp,
    signal: Signal,
    to: Level,
    words: impl FnOnce() -> Text,
    events: &mut Vec<Event>,
) {
    let from = board.state.level(&signal);
    if from == to && (board.state.standings.contains_key(&signal) || to == Level::Unknown) {
        return;
    }
    let recent = board.state.turns.get(&signal).map_or(0, |turns| {
        turns
            .iter()
            .filter(|turn| later(**turn, UNSTABLE_WINDOW) > now)
            .count()
    });
    if recent >= UNSTABLE_TURNS && to != Level::Critical {
        // Worse is always written down, better only once it is calm again.
        if !board.state.unstable.contains(&signal) {
            events.push(Event::Unstable {
                signal,
                turns: u32::try_from(recent).unwrap_or(u32::MAX),
            });
        }
        return;
    }
    events.push(Event::Turned {
        value: words(),
        signal,
        from,
        to,
        since: now,
    });
}

/// What the page shows of a UPS's last answer, and how long it runs on its battery.
pub(super) fn last_words(board: &Board, ups: &str, now: Timestamp) -> Text {
    let words = board.live.ups.get(ups).map(|live| live.words.clone());
    let words = match (words, board.about_words(ups, now)) {
        (Some(words), Some(about)) => Some(joined(&words, &about)),
        (words, _) => words,
    };
    let since = board.state.on_battery_since.get(ups);
    match (words, since) {
        (words, None) => words.unwrap_or_default(),
        (words, Some(since)) => {
            let clock = on_battery_words(now.duration_since(*since));
            match words {
                Some(words) => joined(&words, &clock),
                None => clock,
            }
        }
    }
}

fn joined(words: &Text, more: &Text) -> Text {
    Text::new(
        format!("{}，{}", words.zh, more.zh),
        format!("{}, {}", words.en, more.en),
    )
}

/// By our clock: cards leave old counts.
fn on_battery_words(lasted: SignedDuration) -> Text {
    let seconds = lasted.as_secs().max(0);
    let (minutes, rest) = (seconds / 60, seconds % 60);
    if minutes == 0 {
        Text::new(
            format!("已用电池{rest}秒"),
            format!("on battery for {rest} s"),
        )
    } else {
        Text::new(
            format!("已用电池{minutes}分钟"),
            format!("on battery for {minutes} min"),
        )
    }
}

/// A time that jumps later is believed only after two calm minutes.
fn finish_later(board: &mut Board, now: Timestamp, ups: &str, events: &mut Vec<Event>) {
    let written: Vec<_> = board
        .state
        .open_incidents()
        .filter_map(|incident| Some((incident.id, *incident.finish_by.get(ups)?)))
        .collect();
    for (incident, written) in written {
        let estimate = board.finish(ups, now);
        if board.live.calmly_later(now, ups, written, estimate) {
            events.push(Event::FinishBy {
                incident,
                ups: ups.to_owned(),
                finish_by: estimate,
            });
        }
    }
}

/// Rule: a UPS that is out has a time by which to finish; an earlier one counts at once.
pub(super) fn finish_by(board: &Board, moment: &Moment) -> Vec<Event> {
    for incident in board.state.open_incidents() {
        let ups = if near::is_over_one(incident) {
            &incident.scope.ups
        } else {
            &incident.out
        };
        for ups in ups {
            let on_battery =
                board.state.level(&Signal::new(Kind::UpsMains, ups)) == Level::Critical;
            let Some(estimate) = board.finish(ups, moment.now).filter(|_| on_battery) else {
                continue;
            };
            let written = incident.finish_by.get(ups);
            if written.is_none_or(|written| estimate < *written) {
                return vec![Event::FinishBy {
                    incident: incident.id,
                    ups: ups.clone(),
                    finish_by: Some(estimate),
                }];
            }
        }
    }
    Vec::new()
}

/// Rule: a UPS that is not known to run on its battery any more has no time to finish by.
pub(super) fn finished(board: &Board, _moment: &Moment) -> Vec<Event> {
    let mut events = Vec::new();
    for incident in board.state.open_incidents() {
        for ups in incident.finish_by.keys() {
            if board.state.level(&Signal::new(Kind::UpsMains, ups)) != Level::Critical {
                events.push(Event::FinishBy {
                    incident: incident.id,
                    ups: ups.clone(),
                    finish_by: None,
                });
            }
        }
    }
    events
}

/// Rule: what was not heard of for too long is unknown, since it was heard of last.
pub(super) fn stale(board: &Board, moment: &Moment) -> Vec<Event> {
    let mut events = Vec::new();
    let watched = &board.centre.site.ups;
    let kinds = [Kind::UpsMains, Kind::UpsBatteryLow];
    let known = kinds.map(|kind| board.state.standings_of(kind));
    for (signal, standing) in known.into_iter().flatten() {
        if standing.level != Level::Unknown && !watched.contains_key(&signal.of) {
            events.push(Event::Turned {
                signal: signal.clone(),
                from: standing.level,
                to: Level::Unknown,
                since: moment.now,
                value: Text::new(
                    "配置里已没有这台UPS",
                    "it is not in the configuration any more",
                ),
            });
        }
    }
    for ups in watched.keys() {
        let seen_at = board.live.ups_seen_at(ups);
        let stale_at = later(seen_at, board.centre.timing.stale_after);
        if !moment.reached(stale_at) {
            continue;
        }
        for kind in [Kind::UpsMains, Kind::UpsBatteryLow] {
            let signal = Signal::new(kind, ups);
            let standing = board.state.standings.get(&signal);
            if standing.is_some_and(|standing| standing.level == Level::Unknown)
                || (standing.is_none() && kind != Kind::UpsMains)
            {
                continue;
            }
            events.push(Event::Turned {
                from: standing.map_or(Level::Unknown, |standing| standing.level),
                signal,
                to: Level::Unknown,
                since: seen_at,
                value: ups::Verdict::Unreachable.words(),
            });
        }
    }
    events
}

/// Rule: supply that returns to a feed with a generator whose contact nobody watches is the generator's, until
/// somebody says otherwise, a seat on plain mains comes back to life, or it is gone again.
pub(super) fn generator(board: &Board, moment: &Moment) -> Vec<Event> {
    let mut events = Vec::new();
    for incident in board.state.open_incidents() {
        if !incident.generator || incident.ever_out.is_empty() {
            continue;
        }
        let feed = &incident.scope.feed;
        let signal = Signal::new(Kind::GeneratorRunning, feed);
        let running = board.state.level(&signal) == Level::Critical;
        let said = incident.answers.get("supply");
        let bad =
            |ups: &String| board.state.level(&Signal::new(Kind::UpsMains, ups)) == Level::Critical;
        let still_out = incident.ever_out.iter().any(bad);
        let back_at = incident
            .ever_out
            .iter()
            .filter_map(|ups| {
                let standing = board
                    .state
                    .standings
                    .get(&Signal::new(Kind::UpsMains, ups))?;
                (standing.level == Level::Normal).then_some(standing.since)
            })
            .max();
        // Before there was any supply nobody can have seen which it is.
        let mains_said = said.filter(|said| said.value == "mains" && Some(said.at) >= back_at);
        let turned = |to: Level, since: Timestamp, value: Text| Event::Turned {
            signal: signal.clone(),
            from: board.state.level(&signal),
            to,
            since,
            value,
        };
        let now = moment.now;
        // What a contact says stands, and is not presumed; only who looked knows better.
        let measured = board.has_generator_contact(feed, now);
        if running {
            let witness = board.revived_seat(incident, back_at);
            if still_out && !measured {
                events.push(turned(
                    Level::Normal,
                    now,
                    Text::new("又断电了", "the supply is gone again"),
                ));
            } else if let Some(answer) = mains_said {
                let seat = &answer.seat;
                let value = Text::new(
                    format!("{seat} 说市电恢复了"),
                    format!("seat {seat} says the mains are back"),
                );
                events.push(turned(Level::Normal, answer.at.max(incident.onset), value));
            } else if let Some((seat, since)) = witness.filter(|_| !measured) {
                let value = Text::new(
                    format!("没有UPS的 {seat} 又开机了"),
                    format!("seat {seat} on plain mains is alive again"),
                );
                events.push(turned(Level::Normal, since, value));
            }
        } else if let Some(back_at) = back_at
            && !measured
            && !still_out
            && incident.may_be_mains()
        {
            let ended_since = board.state.standings.get(&signal).is_some_and(|standing| {
                standing.level == Level::Normal && standing.since >= back_at
            });
            let revived = board.revived_seat(incident, Some(back_at)).is_some();
            if !ended_since && mains_said.is_none() && !revived {
                events.push(turned(
                    Level::Critical,
                    back_at,
                    Text::new(
                        "推测：又有电了，这路电有发电机",
                        "presumed: there is power again, and this feed has a generator",
                    ),
                ));
            }
        }
    }
    events
}
