//! What an ACD's answer says of itself, and of the seats whose people take its calls.
//!
//! **Itself.** It is down where it does not serve us; where it does not let us in, or nothing
//! that it says can be believed, we are blind.
//!
//! **Seats.** An ACD sees telephones and not people, and a person who is not there is no fault.
//! So a fault is only what cannot be a choice, and only while the seat's own PC speaks:
//!
//! - A telephone that is not registered is a fault (`seat.phone`) if it was registered, and its
//!   member not paused, while this seat was there. Whoever goes home, or to lunch, pauses or logs
//!   off first, or shuts the PC down; a telephone that was not seen registered yet waits for
//!   somebody to begin the shift.
//! - A device that the ACD does not know (`seat.login`) is one that nobody can log in with,
//!   whoever tries: mistyped, or a module of the ACD that is not loaded.
//! - Who is logged off, or is no member of any queue, is not known to be well or ill.
//!
//! From three seats with the same on it is the ACD's, by the rules of the other causes.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;

use crate::acd::{Member, NoReading, Outage, Reading, Standing};
use crate::incidents::board::Board;
use crate::incidents::entry::Event;
use crate::incidents::fault::sight::{self, Eye};
use crate::incidents::input::Refused;
use crate::signals::{Kind, Level, Sight, Signal};
use crate::text::Text;

/// Takes what an ACD told into its own signal and those of its seats; nothing where the site
/// does not know it.
pub(in crate::incidents) fn take(
    board: &mut Board,
    now: Timestamp,
    acd: &str,
    reading: &Result<Reading, NoReading>,
) -> Result<Vec<Event>, Refused> {
    let Some(known) = board.centre.site.acds.get(acd) else {
        return Ok(Vec::new());
    };
    let lasts = known.stale_after;
    let sight = |(signal, level, words)| Sight {
        signal,
        level,
        words,
        lasts,
    };
    let (level, words) = reach(board, acd, reading);
    let own = sight((Signal::new(Kind::AcdReach, acd), level, words));
    let mut events = sight::take(board, now, Eye::Own, vec![own])?;
    let members = reading.as_ref().ok().and_then(|it| it.members.as_ref());
    // Where nobody is told of, nobody is absent.
    let told = members.map_or_else(Vec::new, |members| seats(board, members));
    let told = told.into_iter().map(sight).collect();
    events.extend(sight::take(board, now, Eye::Acd, told)?);
    Ok(events)
}

fn reach(board: &Board, acd: &str, reading: &Result<Reading, NoReading>) -> (Level, Text) {
    match reading {
        Err(none @ (NoReading::Down(Outage::LoginRefused) | NoReading::Blind(_))) => {
            (Level::Unknown, none.words())
        }
        Err(none @ NoReading::Down(_)) => (Level::Critical, none.words()),
        Ok(_) => {
            let queues = board.centre.site.queues.iter();
            let own = queues.filter(|(_, queue)| queue.acd == acd);
            let blind: Option<Vec<&Text>> = own
                .map(|(id, _)| board.live.queues.get(id)?.blind.as_ref())
                .collect();
            match blind.as_deref() {
                // Not one of its queues can be believed.
                Some([first, ..]) => (Level::Unknown, (*first).clone()),
                _ => (Level::Normal, Text::new("有应答", "it answers")),
            }
        }
    }
}

/// What is seen of each seat that has members.
fn seats(board: &mut Board, members: &[Member]) -> Vec<(Signal, Level, Text)> {
    let centre = Arc::clone(&board.centre);
    let mut seen = Vec::new();
    for (id, seat) in &centre.site.seats {
        if seat.members.is_empty() {
            continue;
        }
        let standing = standing(&seat.members, members);
        // The ACD itself does not know: what was seen last stands for its time.
        if standing == Standing::Unclear {
            continue;
        }
        let (phone, login) = (
            Signal::new(Kind::SeatPhone, id),
            Signal::new(Kind::SeatLogin, id),
        );
        let level = phone_level(board, id, &phone, &standing);
        seen.push((phone, level, standing.words()));
        // While nothing was ever wrong with it there is nothing to say.
        if standing == Standing::UnknownDevice || board.state.level(&login) != Level::Unknown {
            let level = login_level(board, id, &standing);
            seen.push((login, level, standing.words()));
        }
    }
    seen
}

/// How a seat stands that has these members: one that is well is enough to work with.
fn standing(own: &BTreeSet<String>, members: &[Member]) -> Standing {
    let is_own = |name: &String| own.contains(name);
    let own = members
        .iter()
        .filter(|it| is_own(&it.interface) || it.device.as_ref().is_some_and(is_own));
    let rank = |standing: &&Standing| match standing {
        Standing::Free | Standing::Busy | Standing::Ringing => 0,
        Standing::Paused { .. } => 1,
        Standing::Unclear => 2,
        Standing::Unregistered => 3,
        Standing::UnknownDevice => 4,
        Standing::LoggedOff => 5,
    };
    let best = own.map(|member| &member.standing).min_by_key(rank);
    best.cloned().unwrap_or(Standing::LoggedOff)
}

fn phone_level(board: &mut Board, seat: &str, phone: &Signal, standing: &Standing) -> Level {
    match standing {
        Standing::Free | Standing::Busy | Standing::Ringing => {
            board.live.paused.remove(seat);
            Level::Normal
        }
        Standing::Paused { .. } => {
            board.live.paused.insert(seat.to_owned());
            Level::Normal
        }
        Standing::Unregistered if is_there(board, seat) => {
            let before = board.live.sights.level(phone, Eye::Acd);
            // After a start what is written down is what was seen last.
            match before.unwrap_or_else(|| board.state.level(phone)) {
                Level::Critical => Level::Critical,
                Level::Normal if !board.live.paused.contains(seat) => Level::Critical,
                Level::Normal | Level::Warning | Level::Unknown => Level::Unknown,
            }
        }
        Standing::Unregistered
        | Standing::UnknownDevice
        | Standing::LoggedOff
        | Standing::Unclear => Level::Unknown,
    }
}

fn login_level(board: &Board, seat: &str, standing: &Standing) -> Level {
    match standing {
        Standing::UnknownDevice if is_there(board, seat) => Level::Critical,
        standing if standing.is_staffed() => Level::Normal,
        _ => Level::Unknown,
    }
}

/// Whether somebody may be there: its PC speaks.
fn is_there(board: &Board, seat: &str) -> bool {
    board.state.level(&Signal::new(Kind::SeatPc, seat)) == Level::Normal
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::acd::Blind;
    use crate::incidents::board::{Centre, Timing};
    use crate::incidents::input::{Input, Presence};
    use crate::incidents::stories::{Story, site};
    use crate::plan;
    use crate::site::Acd;
    use jiff::SignedDuration;

    /// Seat `C-01` with the telephone `PJSIP/1`, at one ACD.
    fn begin() -> Story {
        let mut site = site(false);
        let acd = Acd {
            name: Text::same("ACD"),
            via: Vec::new(),
            stale_after: SignedDuration::from_secs(15),
        };
        site.acds.insert("pbx".to_owned(), acd);
        let seat = site.seats.get_mut("C-01").unwrap();
        seat.members = ["PJSIP/1".to_owned(), "SIP/1".to_owned()].into();
        let plan = plan::parse("call-center", plan::pack("call-center").unwrap());
        let centre = Centre {
            site,
            plan: plan.unwrap(),
            timing: Timing::default(),
        };
        let mut story = Story::of(Arc::new(centre));
        presence(&mut story, Presence::Alive);
        story
    }

    fn presence(story: &mut Story, presence: Presence) {
        let seat = "C-01".to_owned();
        story.take(Input::Seat { seat, presence }).unwrap();
    }

    fn tell(story: &mut Story, reading: Result<Reading, NoReading>) {
        story.now += 1;
        let acd = "pbx".to_owned();
        story.take(Input::Acd { acd, reading }).unwrap();
    }

    fn stand(story: &mut Story, members: &[(&str, Standing)]) -> (Level, Level) {
        let member = |(interface, standing): &(&str, Standing)| Member {
            name: "张伟".to_owned(),
            interface: (*interface).to_owned(),
            device: None,
            queues: BTreeSet::new(),
            standing: standing.clone(),
        };
        let members = Some(members.iter().map(member).collect());
        let reading = Reading {
            members,
            ..Reading::default()
        };
        tell(story, Ok(reading));
        (level(story, Kind::SeatPhone), level(story, Kind::SeatLogin))
    }

    fn level(story: &Story, kind: Kind) -> Level {
        story.board.state().level(&Signal::new(kind, "C-01"))
    }

    fn paused() -> Standing {
        let reason = Some("午休".to_owned());
        Standing::Paused { reason }
    }

    const UNKNOWN: (Level, Level) = (Level::Unknown, Level::Unknown);
    const GONE: (Level, Level) = (Level::Critical, Level::Unknown);
    const WELL: (Level, Level) = (Level::Normal, Level::Unknown);

    #[test]
    fn a_telephone_is_a_fault_once_it_was_there_and_is_gone_and_whoever_leaves_is_none() {
        let mut story = begin();
        let gone = [("PJSIP/1", Standing::Unregistered)];
        assert_eq!(stand(&mut story, &gone), UNKNOWN, "nobody has begun");
        assert_eq!(stand(&mut story, &[("PJSIP/1", Standing::Free)]), WELL);
        assert_eq!(stand(&mut story, &gone), GONE);
        assert_eq!(stand(&mut story, &gone), GONE);
        assert_eq!(stand(&mut story, &[("PJSIP/1", paused())]), WELL);
        assert_eq!(stand(&mut story, &gone), UNKNOWN, "it paused first");
        assert_eq!(stand(&mut story, &[("PJSIP/1", Standing::Busy)]), WELL);
        assert_eq!(stand(&mut story, &[]), UNKNOWN, "it logged off");
        assert_eq!(stand(&mut story, &gone), UNKNOWN);
        assert_eq!(stand(&mut story, &[("PJSIP/1", Standing::Free)]), WELL);
        presence(&mut story, Presence::Goodbye);
        assert_eq!(stand(&mut story, &gone), UNKNOWN, "nobody is there");
        presence(&mut story, Presence::Alive);
        assert_eq!(stand(&mut story, &gone), UNKNOWN, "nobody has begun");
        assert_eq!(&story.replayed(), story.board.state());
    }

    #[test]
    fn of_two_telephones_one_is_enough_and_an_unclear_one_changes_nothing() {
        let mut story = begin();
        let gone = ("PJSIP/1", Standing::Unregistered);
        let both = [gone.clone(), ("SIP/1", Standing::Ringing)];
        assert_eq!(stand(&mut story, &both), WELL);
        let unclear = [gone.clone(), ("SIP/1", Standing::Unclear)];
        assert_eq!(stand(&mut story, &unclear), WELL);
        assert_eq!(stand(&mut story, &[gone]), GONE);
        assert_eq!(stand(&mut story, &[("PJSIP/9", Standing::Free)]), UNKNOWN);
    }

    #[test]
    fn a_device_that_the_acd_does_not_know_is_one_that_nobody_can_log_in_with() {
        let mut story = begin();
        let unknown = [("PJSIP/1", Standing::UnknownDevice)];
        let no_login = (Level::Unknown, Level::Critical);
        assert_eq!(stand(&mut story, &unknown), no_login);
        let mended = [("PJSIP/1", Standing::Free)];
        let well = (Level::Normal, Level::Normal);
        assert_eq!(stand(&mut story, &mended), well);
        presence(&mut story, Presence::Goodbye);
        assert_eq!(stand(&mut story, &unknown), UNKNOWN);
    }

    #[test]
    fn of_what_two_eyes_see_of_a_telephone_the_worse_counts_until_it_is_seen_no_more() {
        let mut story = begin();
        let sight = |level| {
            Input::Sights(vec![Sight {
                signal: Signal::new(Kind::SeatPhone, "C-01"),
                level,
                words: Text::same("as the PC sees it"),
                lasts: SignedDuration::from_secs(60),
            }])
        };
        assert_eq!(stand(&mut story, &[("PJSIP/1", Standing::Free)]), WELL);
        assert_eq!(
            stand(&mut story, &[("PJSIP/1", Standing::Unregistered)]),
            GONE
        );
        story.take(sight(Level::Normal)).unwrap();
        assert_eq!(level(&story, Kind::SeatPhone), Level::Critical);
        // The ACD tells nothing any more: the other eye still sees it.
        story.until(story.now + 20);
        assert_eq!(level(&story, Kind::SeatPhone), Level::Normal);
        story.take(sight(Level::Critical)).unwrap();
        assert_eq!(stand(&mut story, &[("PJSIP/1", Standing::Free)]), GONE);
        story.until(story.now + 80);
        assert_eq!(level(&story, Kind::SeatPhone), Level::Unknown);
        assert_eq!(&story.replayed(), story.board.state());
    }

    #[test]
    fn down_is_critical_and_a_login_refused_or_junk_is_blind() {
        let mut story = begin();
        let reach = |story: &Story| {
            story
                .board
                .state()
                .level(&Signal::new(Kind::AcdReach, "pbx"))
        };
        tell(&mut story, Ok(Reading::default()));
        assert_eq!(reach(&story), Level::Normal);
        for down in [
            Outage::Refused,
            Outage::Hung,
            Outage::Wedged,
            Outage::HungUp,
        ] {
            tell(&mut story, Err(down.into()));
            assert_eq!(reach(&story), Level::Critical, "{down:?}");
        }
        tell(&mut story, Err(Outage::LoginRefused.into()));
        assert_eq!(reach(&story), Level::Unknown);
        tell(&mut story, Ok(Reading::default()));
        tell(&mut story, Err(Blind::Slow.into()));
        assert_eq!(reach(&story), Level::Unknown);
    }
}
