//! Stories of the monthly test of the generator.

use std::sync::Arc;

use crate::incidents::board::{Centre, Timing};
use crate::incidents::entry::Event;
use crate::incidents::stories::{Story, at, opened, site};
use crate::incidents::windows::announced::{HOUR, MINUTE, announce, is_open, stage};
use crate::incidents::windows::window::{Purpose, Tested, Worse};
use crate::plan;
use crate::signals::{Kind, Level, Signal};

fn tests(generator_test: &str) -> Story {
    let mut site = site(true);
    let feed = site.feeds.get_mut("mains").unwrap();
    feed.generator_test = Some(generator_test.parse().unwrap());
    let text = plan::pack("hotline-center").unwrap();
    Story::of(Arc::new(Centre {
        site,
        plan: plan::parse("hotline-center", text).unwrap(),
        timing: Timing::default(),
    }))
}

fn tested(story: &Story) -> Option<Tested> {
    let mut ended = story.entries.iter().rev();
    ended.find_map(|entry| match &entry.event {
        Event::WindowEnded { tested, .. } => Some(tested.clone()),
        _ => None,
    })?
}

fn level(story: &Story) -> Level {
    let state = story.board.state();
    state.level(&Signal::new(Kind::GeneratorTested, "mains"))
}

/// The day of the month of the stories' begin, as the file writes it.
fn today(story: &Story) -> String {
    let site = &story.board.centre().site;
    site.date_of(at(0)).day().to_string()
}

#[test]
fn a_test_in_which_every_ups_transfers_and_comes_back_is_a_proof() {
    let day = today(&tests("1"));
    let mut story = tests(&day);
    story.until(10);
    assert_eq!(level(&story), Level::Warning);
    assert!(is_open(&story, "generator-test-due"));
    announce(&mut story, Purpose::GeneratorTest, "feed:mains", 20, HOUR).unwrap();
    story.until(MINUTE);
    story.cut();
    story.until(2 * MINUTE);
    story.restore();
    story.until(HOUR + 5 * MINUTE);
    let tested = tested(&story).unwrap();
    assert!(tested.proved && tested.missing.is_empty(), "{tested:?}");
    assert_eq!(level(&story), Level::Normal);
    assert!(!is_open(&story, "generator-test-due"));
    assert!(opened(&story, "power-loss").is_empty());
    let reason = story.entries.iter().find_map(|entry| {
        let ended = matches!(entry.event, Event::WindowEnded { .. });
        ended.then(|| entry.reason.clone())
    });
    assert!(reason.unwrap().zh.contains("发电机试验合格"));
    assert_eq!(story.replayed(), *story.board.state());
}

#[test]
fn a_ups_that_never_transfers_proves_nothing_and_is_named() {
    let day = today(&tests("1"));
    let mut story = tests(&day);
    announce(&mut story, Purpose::GeneratorTest, "feed:mains", 20, HOUR).unwrap();
    story.until(MINUTE);
    story.out = ["UPS-C1", "UPS-C2"].into();
    story.until(2 * MINUTE);
    story.restore();
    story.until(HOUR + MINUTE);
    let tested = tested(&story).unwrap();
    assert!(!tested.proved);
    assert_eq!(tested.missing, ["UPS-AF".to_owned()].into());
    assert_eq!(level(&story), Level::Warning);
}

#[test]
fn a_generator_that_does_not_take_over_within_ten_minutes_is_a_power_loss() {
    let mut story = tests("31");
    announce(&mut story, Purpose::GeneratorTest, "feed:mains", 20, HOUR).unwrap();
    story.until(MINUTE);
    story.cut();
    story.until(10 * MINUTE);
    assert!(opened(&story, "power-loss").is_empty());
    story.until(12 * MINUTE);
    assert_eq!(opened(&story, "power-loss").len(), 1);
    let worse = story.has(|event| {
        matches!(
            event,
            Event::WindowBroken {
                worse: Worse::NotTakenOver,
                ..
            }
        )
    });
    assert!(worse);
    story.restore();
    story.until(HOUR + MINUTE);
    assert!(!tested(&story).unwrap().proved);
}

#[test]
fn a_battery_that_cannot_bridge_the_start_of_the_generator_is_told_at_once() {
    let mut story = tests("31");
    announce(&mut story, Purpose::GeneratorTest, "feed:mains", 20, HOUR).unwrap();
    story.until(MINUTE);
    story.cut();
    story.until(2 * MINUTE);
    assert!(!story.has(|event| matches!(event, Event::WindowBroken { .. })));
    story.runtime_minutes = 4.0;
    story.until(2 * MINUTE + 10);
    assert!(story.has(|event| matches!(event, Event::WindowBroken { .. })));
}

#[test]
fn a_test_that_was_not_done_on_its_day_is_overdue_the_day_after() {
    let day = today(&tests("1"));
    let mut story = tests(&day);
    story.until(10);
    story.doze(25 * HOUR);
    assert_eq!(level(&story), Level::Critical);
    assert!(stage(&story, "overdue"));
    // Of days before callwatch asked for a proof nothing is known.
    let mut new = tests("1");
    assert_ne!(today(&new), "1");
    new.doze(25 * HOUR);
    assert_eq!(level(&new), Level::Normal);
    assert!(!is_open(&new, "generator-test-due"));
}
