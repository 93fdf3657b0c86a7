//! What people order: a window is set, changed or ended, or refused.

use jiff::{SignedDuration, Timestamp};

use crate::incidents::board::Board;
use crate::incidents::duty;
use crate::incidents::entry::Event;
use crate::incidents::input::{Command, Refused};
use crate::incidents::windows::ledger::Known;
use crate::incidents::windows::places::cover;
use crate::incidents::windows::refusal::WindowRefused;
use crate::incidents::windows::rules::ending;
use crate::incidents::windows::window::{By, Purpose, Window, WindowId, WindowOrder};
use crate::signals::later;
use crate::site::Site;

/// The roles whose seats may order windows.
const MAY: [&str; 2] = ["lead", "it"];

/// In hours: nobody works or tests unseen for longer, and no supplier is waited for
/// longer than a day.
pub(in crate::incidents) fn longest(purpose: Purpose) -> i64 {
    match purpose {
        Purpose::Maintenance | Purpose::GeneratorTest => 4,
        Purpose::Cut => 24,
    }
}

/// A form takes a while to fill in: a begin just now is now.
const GRACE: SignedDuration = SignedDuration::from_mins(2);
const LONGEST_OWNER: usize = 60;
const LONGEST_NOTE: usize = 200;

/// Takes an order of a seat that is in the site.
pub(in crate::incidents) fn take(
    board: &Board,
    now: Timestamp,
    command: &Command,
    order: &WindowOrder,
) -> Result<Vec<Event>, Refused> {
    let roles = &board.centre.site.roles;
    let may = MAY.iter().any(|role| {
        let sits = roles.get(*role).map(|role| &role.seats);
        sits.is_some_and(|seats| seats.contains(&command.seat))
            || duty::holds(board, &command.seat, role)
    });
    if !may {
        let seat = command.seat.clone();
        return Err(WindowRefused::NotYours(seat).into());
    }
    let by = By {
        seat: command.seat.clone(),
        command: command.id.clone(),
    };
    match order {
        WindowOrder::Set {
            purpose,
            of,
            owner,
            begin,
            end,
            note,
        } => {
            let covered = cover(&board.centre.site, of)?;
            let end = end.ok_or(WindowRefused::NoEnd)?;
            let begin = begin.unwrap_or(now);
            if later(begin, GRACE) < now {
                return Err(WindowRefused::Past.into());
            }
            let window = Window {
                purpose: *purpose,
                covered,
                owner: owner.trim().to_owned(),
                begin: begin.max(now),
                end,
                note: note.trim().to_owned(),
            };
            check(now, &window)?;
            fits(&board.centre.site, &window)?;
            Ok(vec![Event::WindowSet { window, by }])
        }
        WindowOrder::Change {
            window,
            begin,
            end,
            owner,
            note,
        } => {
            let mut to = standing(board, *window)?.window.clone();
            let before = to.clone();
            if let Some(begin) = begin.filter(|begin| *begin != to.begin) {
                if to.begin <= now {
                    return Err(WindowRefused::Begun.into());
                }
                if later(begin, GRACE) < now {
                    return Err(WindowRefused::Past.into());
                }
                to.begin = begin.max(now);
            }
            to.end = end.unwrap_or(to.end);
            if let Some(owner) = owner {
                owner.trim().clone_into(&mut to.owner);
            }
            if let Some(note) = note {
                note.trim().clone_into(&mut to.note);
            }
            check(now, &to)?;
            if to == before {
                return Ok(Vec::new());
            }
            Ok(vec![Event::WindowChanged {
                window: *window,
                to,
                by,
            }])
        }
        WindowOrder::End { window } => {
            let known = standing(board, *window)?;
            Ok(vec![ending(
                &board.centre.site,
                now,
                *window,
                known,
                Some(by),
            )])
        }
    }
}

fn standing(board: &Board, window: WindowId) -> Result<&Known, WindowRefused> {
    let known = board.state.windows.windows.get(&window);
    known
        .filter(|known| known.ended_at.is_none())
        .ok_or(WindowRefused::NoSuchWindow(window))
}

fn check(now: Timestamp, window: &Window) -> Result<(), WindowRefused> {
    if window.owner.is_empty() {
        return Err(WindowRefused::NoOwner);
    }
    for (text, most) in [(&window.owner, LONGEST_OWNER), (&window.note, LONGEST_NOTE)] {
        if text.chars().count() > most {
            return Err(WindowRefused::TooWordy(most));
        }
    }
    if window.end <= now {
        return Err(WindowRefused::Past);
    }
    if window.end <= window.begin {
        return Err(WindowRefused::Backwards);
    }
    let longest = longest(window.purpose);
    if later(window.begin, SignedDuration::from_hours(longest)) < window.end {
        return Err(WindowRefused::TooLong(longest));
    }
    Ok(())
}

/// A cut is of a supply, and a test of a feed that has a generator.
fn fits(site: &Site, window: &Window) -> Result<(), WindowRefused> {
    let covered = &window.covered;
    if window.purpose == Purpose::Maintenance {
        return Ok(());
    }
    if covered.ups.is_empty() && (covered.seats.is_empty() || window.purpose != Purpose::Cut) {
        return Err(WindowRefused::NothingFed);
    }
    let ups = covered.ups.iter().filter_map(|ups| site.ups.get(ups));
    let mut feeds = ups.filter_map(|ups| site.feeds.get(site.feed_of(&ups.fed_by)?));
    if window.purpose == Purpose::GeneratorTest && !feeds.any(|feed| feed.generator) {
        return Err(WindowRefused::NoGenerator);
    }
    Ok(())
}
