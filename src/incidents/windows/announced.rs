//! Stories of announced power cuts.

use jiff::SignedDuration;

use crate::incidents::board::Board;
use crate::incidents::card::Act;
use crate::incidents::entry::{Ending, Event};
use crate::incidents::input::{Command, Input, Refused};
use crate::incidents::stories::{Story, at, opened};
use crate::incidents::windows::refusal::WindowRefused;
use crate::incidents::windows::window::{Purpose, WindowId, WindowOrder, Worse};
use crate::text::Language;

pub(super) const MINUTE: i64 = 60;
pub(super) const HOUR: i64 = 60 * MINUTE;

/// Set by IT: a place that will be without mains from a time to a time.
pub(super) fn announce(
    story: &mut Story,
    purpose: Purpose,
    of: &str,
    begin: i64,
    end: i64,
) -> Result<WindowId, Refused> {
    let order = WindowOrder::Set {
        purpose,
        of: vec![of.to_owned()],
        owner: "Building".to_owned(),
        begin: Some(at(begin)),
        end: Some(at(end)),
        note: String::new(),
    };
    let seq = story.board.state().seq();
    story.act("IT-01", Act::Window { order })?;
    Ok(WindowId(seq + 1))
}

fn cut(story: &mut Story, begin: i64, end: i64) -> WindowId {
    announce(story, Purpose::Cut, "feed:mains", begin, end).unwrap()
}

pub(super) fn is_open(story: &Story, procedure: &str) -> bool {
    let mut open = story.board.state().open_incidents();
    open.any(|open| open.procedure.id == procedure)
}

pub(super) fn stage(story: &Story, wanted: &str) -> bool {
    story.has(|event| matches!(event, Event::StageBegan { stage, .. } if stage == wanted))
}

fn lines(story: &mut Story, seat: &str, language: Language) -> Vec<String> {
    let card = story.card(seat, language);
    card.map_or_else(Vec::new, |card| {
        let lines = card.lines.iter();
        std::iter::once(card.title.clone())
            .chain(lines.cloned())
            .collect()
    })
}

#[test]
fn it_checks_a_day_before_a_cut_and_everybody_is_told_half_an_hour_before() {
    let mut story = Story::begin(false);
    cut(&mut story, 26 * HOUR, 28 * HOUR);
    story.doze(2 * HOUR - 10);
    assert!(!is_open(&story, "cut-checks"));
    story.doze(2 * HOUR + 10);
    assert!(is_open(&story, "cut-checks"));
    assert!(story.told("it") && story.told("lead") && !story.told("staff"));
    story.doze(25 * HOUR + HOUR / 2 - 10);
    assert!(!is_open(&story, "announced-cut"));
    story.doze(25 * HOUR + HOUR / 2 + 10);
    assert!(is_open(&story, "announced-cut") && !is_open(&story, "cut-checks"));
    assert!(story.told("staff"));
    let on_ups = lines(&mut story, "C-02", Language::En);
    assert!(on_ups[1].starts_with("Save before"), "{on_ups:?}");
    let plain = lines(&mut story, "C-03", Language::Zh);
    assert!(plain[1].contains("本机没有UPS"), "{plain:?}");
    let other_zone_is_told_too = lines(&mut story, "AF-01", Language::En);
    assert!(!other_zone_is_told_too.is_empty());
}

#[test]
fn it_reads_a_day_before_which_batteries_are_too_short_for_the_cut() {
    let mut story = Story::begin(false);
    story.doze(20);
    cut(&mut story, 10 * HOUR, 12 * HOUR);
    let message = story.entries.iter().find_map(|entry| match &entry.event {
        Event::Owed { message, .. } => Some(message.text.clone()),
        _ => None,
    });
    let message = message.unwrap();
    // Each lasts an hour, and the cut two.
    assert!(message.en.contains("about 60 min"), "{message:?}");
    assert!(message.zh.contains("撑不到结束"), "{message:?}");
}

#[test]
fn an_announced_cut_raises_no_power_loss_and_is_over_with_one_all_clear() {
    let mut story = Story::begin(false);
    cut(&mut story, 10 * MINUTE, 40 * MINUTE);
    assert!(is_open(&story, "announced-cut"));
    story.until(11 * MINUTE);
    story.settle_debts();
    story.cut();
    story.until(30 * MINUTE);
    assert!(stage(&story, "out"));
    let card = lines(&mut story, "C-02", Language::En);
    assert_eq!(card[1], "Off as announced: keep taking calls");
    assert!(card[2].starts_with("Battery to about"), "{card:?}");
    story.restore();
    story.until(45 * MINUTE);
    assert!(opened(&story, "power-loss").is_empty());
    assert_eq!(story.ending("announced-cut"), Some(Ending::AllClear));
    assert_eq!(opened(&story, "announced-cut").len(), 1);
    assert_eq!(story.replayed(), *story.board.state());
}

#[test]
fn a_cut_that_starts_early_is_a_power_loss_and_the_announcement_ends_in_it() {
    let mut story = Story::begin(false);
    cut(&mut story, 20 * MINUTE, HOUR);
    story.until(MINUTE);
    story.settle_debts();
    story.cut();
    story.until(2 * MINUTE);
    let Some(loss) = opened(&story, "power-loss").pop_first() else {
        panic!("one power loss");
    };
    assert_eq!(story.ending("announced-cut"), Some(Ending::Adopted(loss)));
    // It is not opened anew when its time comes.
    story.until(25 * MINUTE);
    assert_eq!(opened(&story, "announced-cut").len(), 1);
    assert_eq!(story.replayed(), *story.board.state());
}

#[test]
fn a_cut_that_lasts_longer_than_announced_is_a_power_loss_since_its_announced_end() {
    let mut story = Story::begin(false);
    story.runtime_minutes = 300.0;
    cut(&mut story, 10 * MINUTE, 40 * MINUTE);
    story.until(11 * MINUTE);
    story.settle_debts();
    story.cut();
    story.until(40 * MINUTE - 1);
    assert!(opened(&story, "power-loss").is_empty());
    story.until(41 * MINUTE);
    let onset = story.entries.iter().find_map(|entry| match &entry.event {
        Event::Opened {
            procedure, onset, ..
        } if procedure.id == "power-loss" => Some(*onset),
        _ => None,
    });
    assert_eq!(onset, Some(at(40 * MINUTE)));
    assert!(matches!(
        story.ending("announced-cut"),
        Some(Ending::Adopted(_))
    ));
    // No clock of the plan ran while the cut was expected.
    assert!(!story.has(|event| matches!(event, Event::StepMissed { .. })));
}

#[test]
fn a_battery_shorter_than_the_cut_is_told_at_once_and_a_low_one_is_a_power_loss() {
    let mut story = Story::begin(false);
    cut(&mut story, MINUTE, 3 * HOUR);
    story.until(MINUTE + 10);
    story.settle_debts();
    story.cut();
    story.until(2 * MINUTE);
    // An hour of battery for nearly three of darkness.
    assert!(stage(&story, "short"));
    let card = lines(&mut story, "C-01", Language::En);
    assert_eq!(card[1], "Those seats wrap up and move before that");
    assert!(card[2].contains("UPS-"), "{card:?}");
    assert!(opened(&story, "power-loss").is_empty());
    story.runtime_minutes = 8.0;
    story.until(3 * MINUTE);
    assert_eq!(opened(&story, "power-loss").len(), 1);
    let worse = story.has(|event| {
        matches!(
            event,
            Event::WindowBroken {
                worse: Worse::BatteryLow,
                ..
            }
        )
    });
    assert!(worse);
}

#[test]
fn a_ups_that_falls_silent_on_its_battery_in_a_cut_is_not_hidden() {
    let mut story = Story::begin(false);
    story.runtime_minutes = 300.0;
    cut(&mut story, MINUTE, HOUR);
    story.until(MINUTE + 10);
    story.cut();
    story.until(5 * MINUTE);
    story.silent = ["UPS-C1"].into();
    story.until(10 * MINUTE);
    let silent = story.has(|event| {
        matches!(event, Event::WindowBroken { worse: Worse::FellSilent, ups, .. } if ups == "UPS-C1")
    });
    assert!(silent);
    assert!(is_open(&story, "blind"));
    // One that died with its switch at the begin was on no battery when it was heard last.
    let mut story = Story::begin(false);
    cut(&mut story, MINUTE, HOUR);
    story.until(MINUTE + 10);
    story.silent = ["UPS-C1"].into();
    story.until(10 * MINUTE);
    assert!(!story.has(|event| matches!(event, Event::WindowBroken { .. })));
}

#[test]
fn a_power_loss_elsewhere_during_a_cut_is_told_as_always() {
    let mut story = Story::begin(false);
    announce(&mut story, Purpose::Cut, "circuit:lobby", MINUTE, HOUR).unwrap();
    story.until(2 * MINUTE);
    story.out = ["UPS-C1", "UPS-C2"].into();
    story.until(3 * MINUTE);
    assert_eq!(opened(&story, "power-loss").len(), 1);
    assert!(is_open(&story, "announced-cut"), "its own place has mains");
}

#[test]
fn a_cut_that_is_taken_back_is_told_as_over_to_those_who_were_told() {
    let mut story = Story::begin(false);
    let window = cut(&mut story, 20 * MINUTE, HOUR);
    story.until(MINUTE);
    story.settle_debts();
    let order = WindowOrder::End { window };
    story.act("IT-01", Act::Window { order }).unwrap();
    story.until(10 * MINUTE);
    assert_eq!(story.ending("announced-cut"), Some(Ending::AllClear));
    story.cut();
    story.until(25 * MINUTE);
    assert_eq!(opened(&story, "power-loss").len(), 1, "nothing is muted");
}

#[test]
fn a_test_where_no_generator_is_and_a_cut_where_nothing_is_fed_are_refused() {
    let mut story = Story::begin(false);
    let refused = announce(&mut story, Purpose::GeneratorTest, "feed:mains", 20, HOUR);
    assert_eq!(refused, Err(WindowRefused::NoGenerator.into()));
    let refused = announce(&mut story, Purpose::Cut, "feed:mains", 20, 26 * HOUR);
    assert_eq!(refused, Err(WindowRefused::TooLong(24).into()));
    let refused = announce(&mut story, Purpose::GeneratorTest, "seat:C-02", 20, HOUR);
    assert_eq!(refused, Err(WindowRefused::NothingFed.into()));
}

#[test]
fn a_restart_and_a_jump_of_the_clock_in_a_cut_change_nothing_for_people() {
    let mut story = Story::begin(false);
    story.runtime_minutes = 300.0;
    cut(&mut story, 5 * MINUTE, HOUR);
    story.until(6 * MINUTE);
    story.cut();
    story.until(10 * MINUTE);
    story.now += HOUR;
    let by = SignedDuration::from_secs(HOUR);
    let centre = story.board.centre().clone();
    story.board = Board::new(centre, story.replayed(), at(story.now));
    story.take(Input::ClockStepped { by }).unwrap();
    story.take(Input::Started).unwrap();
    story.until(HOUR + 50 * MINUTE);
    assert!(opened(&story, "power-loss").is_empty());
    assert_eq!(opened(&story, "announced-cut").len(), 1);
    assert_eq!(story.replayed(), *story.board.state());
}

#[test]
fn an_order_without_a_purpose_is_maintenance_as_it_was_before() {
    let order = r#"{"do":"set","of":["feed:mains"],"owner":"x","end":"2026-11-25T16:00:00Z"}"#;
    let order: WindowOrder = serde_json::from_str(order).unwrap();
    assert!(matches!(
        order,
        WindowOrder::Set {
            purpose: Purpose::Maintenance,
            ..
        }
    ));
    let command = Command {
        id: "one".to_owned(),
        seat: "IT-01".to_owned(),
        act: Act::Window { order },
    };
    assert!(
        serde_json::to_string(&command)
            .unwrap()
            .contains("maintenance")
    );
}
