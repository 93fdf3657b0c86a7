//! Stories of maintenance windows: what they mute, what they never mute, and how they end.

use std::sync::Arc;

use jiff::SignedDuration;

use crate::incidents::board::{Board, Centre, Timing};
use crate::incidents::card::Act;
use crate::incidents::entry::Event;
use crate::incidents::input::{Command, Input, Presence, Refused};
use crate::incidents::state::State;
use crate::incidents::stories::{Story, at, opened, site};
use crate::incidents::view::View;
use crate::incidents::windows::refusal::WindowRefused;
use crate::incidents::windows::window::{Purpose, WindowId, WindowOrder, Worse};
use crate::plan;
use crate::signals::{Kind, Level, Signal};

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;

/// From now on, for so many seconds.
fn set(story: &Story, of: &[&str], seconds: i64) -> WindowOrder {
    WindowOrder::Set {
        purpose: Purpose::Maintenance,
        of: of.iter().map(|&place| place.to_owned()).collect(),
        owner: "Electrician".to_owned(),
        begin: None,
        end: Some(at(story.now + seconds)),
        note: "swap a breaker".to_owned(),
    }
}

impl Story {
    fn order(&mut self, seat: &str, order: WindowOrder) -> Result<(), Refused> {
        self.act(seat, Act::Window { order })
    }

    fn window(&mut self, of: &[&str], seconds: i64) -> WindowId {
        let order = set(self, of, seconds);
        self.order("IT-01", order).unwrap();
        WindowId(self.board.state().seq())
    }

    fn lost(&self) -> bool {
        !opened(self, "power-loss").is_empty()
    }

    fn onsets(&self) -> Vec<i64> {
        let onsets = self.entries.iter().filter_map(|entry| match &entry.event {
            Event::Opened { onset, .. } => Some(onset.duration_since(at(0)).as_secs()),
            _ => None,
        });
        onsets.collect()
    }

    fn view(&mut self) -> View {
        self.board.view(at(self.now), &self.entries, None)
    }

    fn worse(&self) -> Vec<(String, Worse)> {
        let worse = self.entries.iter().filter_map(|entry| match &entry.event {
            Event::WindowBroken { ups, worse, .. } => Some((ups.clone(), *worse)),
            _ => None,
        });
        worse.collect()
    }
}

#[test]
fn what_a_window_expects_opens_nothing_and_is_measured_all_the_same() {
    let mut story = Story::begin(false);
    story.window(&["circuit:c3"], 30 * MINUTE);
    story.out = ["UPS-C1", "UPS-C2"].into();
    story.until(10 * MINUTE);
    assert!(!story.has(|event| matches!(event, Event::Opened { .. } | Event::Owed { .. })));
    let mains = Signal::new(Kind::UpsMains, "UPS-C1");
    assert_eq!(story.board.state().level(&mains), Level::Critical);
    // Blind where somebody works is expected, too.
    story.silent = ["UPS-C1", "UPS-C2"].into();
    story.until(20 * MINUTE);
    assert_eq!(story.board.state().level(&mains), Level::Unknown);
    assert!(!story.has(|event| matches!(event, Event::Opened { .. })));
}

#[test]
fn without_a_window_the_same_opens_within_seconds() {
    let mut story = Story::begin(false);
    story.out = ["UPS-C1", "UPS-C2"].into();
    story.until(10 * MINUTE);
    assert!(story.lost());
}

#[test]
fn a_window_ends_by_itself_and_says_how_many_transfers_there_were_and_the_longest() {
    let mut story = Story::begin(false);
    let window = story.window(&["ups:UPS-C1"], 10 * MINUTE);
    story.out = ["UPS-C1"].into();
    story.until(40);
    story.out.clear();
    story.until(100);
    story.out = ["UPS-C1"].into();
    story.until(100 + 2 * MINUTE);
    story.out.clear();
    story.until(11 * MINUTE);
    let ended = story.entries.iter().find_map(|entry| match &entry.event {
        Event::WindowEnded {
            window: id,
            tally,
            by: None,
            ..
        } => Some((*id, *tally, entry.at, entry.reason.clone())),
        _ => None,
    });
    let (id, tally, ended_at, reason) = ended.unwrap();
    assert_eq!((id, tally.transfers), (window, 2));
    assert_eq!(tally.longest, Some(SignedDuration::from_mins(2)));
    assert_eq!(ended_at, at(10 + 10 * MINUTE));
    assert!(reason.zh.contains("转电池2次，最长2分钟"), "{reason:?}");
    assert!(
        reason
            .en
            .contains("2 transfers to battery, the longest 2 min"),
        "{reason:?}"
    );
    assert!(story.onsets().is_empty());
}

#[test]
fn what_is_still_bad_at_the_end_opens_then_since_its_first_bad_reading() {
    let mut story = Story::begin(false);
    story.window(&["circuit:c3"], 10 * MINUTE);
    story.until(100);
    story.out = ["UPS-C1", "UPS-C2"].into();
    let end = 10 + 10 * MINUTE;
    story.until(end - 1);
    assert!(story.onsets().is_empty());
    story.until(end + 20);
    assert_eq!(story.onsets(), [101]);
    assert_eq!(story.kind().as_deref(), Some("circuit"));
    assert!(story.told("lead"));
}

#[test]
fn a_window_that_is_ended_early_mutes_no_longer() {
    let mut story = Story::begin(false);
    let window = story.window(&["circuit:c3"], HOUR);
    story.out = ["UPS-C1", "UPS-C2"].into();
    story.until(5 * MINUTE);
    assert!(!story.lost());
    story.order("C-01", WindowOrder::End { window }).unwrap();
    assert!(story.lost(), "at once: its first bad reading is long ago");
    let again = story.order("C-01", WindowOrder::End { window });
    assert_eq!(again, Err(WindowRefused::NoSuchWindow(window).into()));
}

#[test]
fn another_scope_is_never_muted() {
    let mut story = Story::begin(false);
    story.window(&["ups:UPS-AF"], 30 * MINUTE);
    story.out = ["UPS-C1", "UPS-C2"].into();
    story.until(MINUTE);
    assert!(story.lost());
}

#[test]
fn a_ups_in_maintenance_neither_proves_nor_disproves_a_mains_loss() {
    // Live, it would say that the mains are there.
    let mut story = Story::begin(false);
    story.window(&["ups:UPS-AF"], 30 * MINUTE);
    story.until(20);
    story.out = ["UPS-C1", "UPS-C2"].into();
    story.until(30);
    assert_eq!(story.kind().as_deref(), Some("mains"));
    // Out, it would say that they are gone.
    let mut story = Story::begin(false);
    story.window(&["ups:UPS-AF"], 30 * MINUTE);
    story.out = ["UPS-AF"].into();
    story.until(60);
    story.out = ["UPS-AF", "UPS-C1"].into();
    story.until(90);
    assert_eq!(story.kind().as_deref(), Some("plug"));
    let out = story
        .entries
        .iter()
        .rev()
        .find_map(|entry| match &entry.event {
            Event::OutChanged { out, .. } => Some(out.clone()),
            _ => None,
        });
    assert_eq!(out, Some(["UPS-C1".to_owned()].into()));
}

#[test]
fn a_low_battery_is_never_muted() {
    let mut story = Story::begin(false);
    story.window(&["circuit:c3"], 20 * MINUTE);
    story.out = ["UPS-C1", "UPS-C2"].into();
    story.until(14 * MINUTE);
    assert!(!story.lost());
    // Enough for what remains, and low all the same.
    story.runtime_minutes = 9.0;
    story.until(15 * MINUTE);
    assert!(
        story
            .worse()
            .contains(&("UPS-C1".to_owned(), Worse::BatteryLow))
    );
    assert!(story.lost());
}

#[test]
fn a_runtime_shorter_than_what_remains_is_never_muted_and_one_just_longer_is() {
    let mut story = Story::begin(false);
    story.window(&["circuit:c3"], 2 * HOUR);
    // An hour on the battery, and nearly two to go.
    story.out = ["UPS-C1"].into();
    story.until(MINUTE);
    assert_eq!(story.worse(), [("UPS-C1".to_owned(), Worse::TooShort)]);
    assert!(story.lost());
    assert_eq!(story.view().windows[0].worse.len(), 1);
    let mut story = Story::begin(false);
    story.window(&["circuit:c3"], 55 * MINUTE);
    story.out = ["UPS-C1"].into();
    story.until(10 * MINUTE);
    assert!(story.worse().is_empty() && !story.lost());
}

#[test]
fn a_window_to_come_mutes_nothing_before_it_begins() {
    let mut story = Story::begin(false);
    let order = WindowOrder::Set {
        purpose: Purpose::Maintenance,
        of: vec!["circuit:c3".to_owned()],
        owner: "Electrician".to_owned(),
        begin: Some(at(10 * MINUTE)),
        end: Some(at(40 * MINUTE)),
        note: String::new(),
    };
    story.order("IT-01", order).unwrap();
    story.out = ["UPS-C1", "UPS-C2"].into();
    story.until(MINUTE);
    assert!(story.lost());
}

#[test]
fn a_silent_pc_is_muted_in_its_own_scope_alone_and_nothing_else_of_it() {
    let mut story = Story::begin(false);
    story.window(&["seat:C-02"], HOUR);
    let windows = &story.board.state().windows;
    let now = at(story.now);
    let mutes = |kind, of: &str, level| windows.mutes(&Signal::new(kind, of), level, now);
    assert!(mutes(Kind::SeatPc, "C-02", Level::Unknown));
    assert!(!mutes(Kind::SeatPc, "C-01", Level::Unknown));
    assert!(!mutes(Kind::UpsMains, "UPS-C2", Level::Critical));
    assert!(!mutes(Kind::UpsBatteryLow, "UPS-C2", Level::Critical));
    assert!(!windows.mutes(
        &Signal::new(Kind::SeatPc, "C-02"),
        Level::Unknown,
        at(2 * HOUR)
    ));
}

#[test]
fn pcs_that_fall_silent_together_in_a_window_are_asked_after_at_its_end_alone() {
    let mut site = site(false);
    let plain = ["C-03", "P-01", "P-02", "P-03"];
    for id in &plain[1..] {
        let seat = site.seats["C-03"].clone();
        site.seats.insert((*id).to_owned(), seat);
    }
    let text = plan::pack("call-center").unwrap();
    let mut story = Story::of(Arc::new(Centre {
        site,
        plan: plan::parse("call-center", text).unwrap(),
        timing: Timing::default(),
    }));
    let say = |story: &mut Story, seats: &[&str], presence| {
        for seat in seats {
            let seat = (*seat).to_owned();
            story.take(Input::Seat { seat, presence }).unwrap();
        }
    };
    say(&mut story, &plain, Presence::Alive);
    story.window(&["circuit:c3"], 10 * MINUTE);
    story.until(MINUTE);
    say(&mut story, &plain[..3], Presence::Silent);
    story.until(9 * MINUTE);
    assert!(opened(&story, "suspected-cut").is_empty());
    story.until(11 * MINUTE);
    assert_eq!(opened(&story, "suspected-cut").len(), 1);
    assert_eq!(story.onsets(), [MINUTE]);
}

#[test]
fn an_order_that_cannot_be_is_refused_in_both_languages_and_changes_nothing() {
    let mut story = Story::begin(false);
    let order = |of: &[&str], owner: &str, begin: i64, end: Option<i64>| WindowOrder::Set {
        purpose: Purpose::Maintenance,
        of: of.iter().map(|&place| place.to_owned()).collect(),
        owner: owner.to_owned(),
        begin: Some(at(begin)),
        end: end.map(at),
        note: String::new(),
    };
    let c3: &[&str] = &["circuit:c3"];
    let good = order(c3, "Electrician", 10, Some(HOUR));
    let unknown = "circuit:c9".to_owned();
    let refused = [
        (order(c3, " ", 10, Some(HOUR)), WindowRefused::NoOwner),
        (order(c3, "Electrician", 10, None), WindowRefused::NoEnd),
        (
            order(c3, "Electrician", 10, Some(10 + 4 * HOUR + 1)),
            WindowRefused::TooLong(4),
        ),
        (order(c3, "Electrician", 10, Some(5)), WindowRefused::Past),
        (
            order(c3, "Electrician", -HOUR, Some(HOUR)),
            WindowRefused::Past,
        ),
        (
            order(c3, "Electrician", 2 * HOUR, Some(HOUR)),
            WindowRefused::Backwards,
        ),
        (
            order(&[], "Electrician", 10, Some(HOUR)),
            WindowRefused::NoPlace,
        ),
        (
            order(&["ups:UPS-C1", &unknown], "Electrician", 10, Some(HOUR)),
            WindowRefused::NoSuchPlace(unknown.clone()),
        ),
        (
            order(c3, &"x".repeat(61), 10, Some(HOUR)),
            WindowRefused::TooWordy(60),
        ),
    ];
    let before = story.board.state().clone();
    for (order, wanted) in refused {
        let words = wanted.words();
        assert!(!words.zh.is_empty() && !words.en.is_empty());
        assert_eq!(story.order("IT-01", order), Err(wanted.into()));
    }
    let stranger = WindowRefused::NotYours("C-02".to_owned());
    assert_eq!(story.order("C-02", good.clone()), Err(stranger.into()));
    assert_eq!(*story.board.state(), before);
    story.order("C-01", good).unwrap();
}

#[test]
fn a_window_is_changed_within_the_same_bounds() {
    let mut story = Story::begin(false);
    let window = story.window(&["circuit:c3"], HOUR);
    let change = |begin, end, owner: Option<&str>| WindowOrder::Change {
        window,
        begin,
        end,
        owner: owner.map(str::to_owned),
        note: None,
    };
    let too_long = change(None, Some(at(5 * HOUR)), None);
    assert_eq!(
        story.order("C-01", too_long),
        Err(WindowRefused::TooLong(4).into())
    );
    let begun = change(Some(at(HOUR / 2)), None, None);
    assert_eq!(story.order("C-01", begun), Err(WindowRefused::Begun.into()));
    let good = change(None, Some(at(2 * HOUR)), Some("Facility"));
    story.order("C-01", good).unwrap();
    let view = &story.view().windows[0];
    assert_eq!((view.owner.as_str(), view.end), ("Facility", at(2 * HOUR)));
    assert_eq!(view.remaining, Some(2 * HOUR - story.now));
}

#[test]
fn a_repeated_order_sets_one_window() {
    let mut story = Story::begin(false);
    let command = Command {
        id: "one".to_owned(),
        seat: "IT-01".to_owned(),
        act: Act::Window {
            order: set(&story, &["feed:mains"], HOUR),
        },
    };
    story.take(Input::Command(command.clone())).unwrap();
    story.take(Input::Command(command)).unwrap();
    assert_eq!(story.view().windows.len(), 1);
}

#[test]
fn a_window_survives_a_restart_and_an_old_checkpoint_has_none() {
    let mut story = Story::begin(false);
    story.window(&["circuit:c3"], 10 * MINUTE);
    story.out = ["UPS-C1", "UPS-C2"].into();
    story.until(MINUTE);
    let kept = serde_json::to_string(story.board.state()).unwrap();
    assert_eq!(
        serde_json::from_str::<State>(&kept).unwrap(),
        *story.board.state()
    );
    assert_eq!(story.replayed(), *story.board.state());
    let centre = story.board.centre().clone();
    story.board = Board::new(centre, story.replayed(), at(story.now));
    story.take(Input::Started).unwrap();
    story.until(9 * MINUTE);
    assert!(!story.lost());
    story.until(11 * MINUTE);
    assert!(story.lost());
    assert_eq!(story.replayed(), *story.board.state());
    let mut old: serde_json::Value = serde_json::from_str(&kept).unwrap();
    old.as_object_mut().unwrap().remove("windows");
    let old: State = serde_json::from_value(old).unwrap();
    assert!(old.windows.windows.is_empty());
}

#[test]
fn a_jump_of_the_wall_clock_moves_a_window_under_way_and_leaves_one_to_come() {
    let mut story = Story::begin(false);
    story.window(&["circuit:c3"], 10 * MINUTE);
    let to_come = WindowOrder::Set {
        purpose: Purpose::Maintenance,
        of: vec!["zone:lobby".to_owned()],
        owner: "Electrician".to_owned(),
        begin: Some(at(5 * HOUR)),
        end: Some(at(6 * HOUR)),
        note: String::new(),
    };
    story.order("IT-01", to_come).unwrap();
    story.out = ["UPS-C1", "UPS-C2"].into();
    story.until(MINUTE);
    story.now += HOUR;
    let by = SignedDuration::from_secs(HOUR);
    let centre = story.board.centre().clone();
    story.board = Board::new(centre, story.replayed(), at(story.now));
    story.take(Input::ClockStepped { by }).unwrap();
    story.take(Input::Started).unwrap();
    story.until(HOUR + 9 * MINUTE);
    assert!(!story.lost());
    story.until(HOUR + 11 * MINUTE);
    assert_eq!(story.onsets().first(), Some(&(HOUR + 11)));
    assert_eq!(story.view().windows[0].begin, at(5 * HOUR));
    assert_eq!(story.replayed(), *story.board.state());
}
