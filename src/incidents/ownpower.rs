//! Stories of what a seat's PC sees of its own supply, and of seats that take leave.

use std::sync::Arc;

use crate::incidents::board::{Centre, Timing};
use crate::incidents::entry::Event;
use crate::incidents::input::{Input, Leave, Presence};
use crate::incidents::stories::{Story, site};
use crate::plan;
use crate::signals::{Kind, Level, Signal};
use crate::ups::{Flow, OwnPower, Supply, SupplyKind};

/// UPS-OWN is seen by nobody but the PC of AF-01.
fn begin(laptop: bool) -> Story {
    let text = plan::pack("call-center").expect("it is shipped");
    let mut site = site(false);
    let seen = ("UPS-OWN".to_owned(), "AF-01".to_owned());
    let own = site.ups["UPS-AF"].clone();
    site.ups.insert(seen.0.clone(), own);
    site.ups_seen_by = [seen].into();
    site.seats.get_mut("AF-01").expect("it is there").laptop = laptop;
    Story::of(Arc::new(Centre {
        site,
        plan: plan::parse("call-center.toml", text).expect("it has no fault"),
        timing: Timing::default(),
    }))
}

fn tell(story: &mut Story, kind: SupplyKind, on_battery: bool) {
    let flow = if on_battery {
        Flow::Discharging
    } else {
        Flow::Charging
    };
    let supply = Supply {
        kind,
        flow,
        low: false,
        charge_percent: Some(90.0),
        runtime_minutes: on_battery.then_some(20.0),
    };
    let power = OwnPower {
        on_battery,
        supplies: vec![supply],
    };
    let seat = "AF-01".to_owned();
    let told = story.take(Input::OwnPower { seat, power });
    told.expect("it is in the site");
}

fn come(story: &mut Story, presence: Presence) {
    let seat = "AF-01".to_owned();
    let came = story.take(Input::Seat { seat, presence });
    came.expect("it is in the site");
}

fn level(story: &Story) -> Level {
    story
        .board
        .state()
        .level(&Signal::new(Kind::UpsMains, "UPS-OWN"))
}

fn blind(story: &Story) -> usize {
    story.count(|event| {
        matches!(event, Event::Opened { procedure, scope, .. }
            if procedure.id != "power-loss" && scope.ups.contains("UPS-OWN"))
    })
}

#[test]
fn a_ups_that_only_a_seats_pc_sees_testifies_as_any_other() {
    let mut story = begin(false);
    tell(&mut story, SupplyKind::Ups, false);
    assert_eq!(level(&story), Level::Normal);
    tell(&mut story, SupplyKind::Ups, true);
    assert_eq!(level(&story), Level::Critical);
    assert!(story.has(
        |event| matches!(event, Event::Opened { procedure, .. } if procedure.id == "power-loss")
    ));
    assert!(story.has(|event| matches!(event, Event::FinishBy { ups, .. } if ups == "UPS-OWN")));
    assert_eq!(&story.replayed(), story.board.state());
}

#[test]
fn the_battery_inside_a_pc_testifies_only_of_a_laptop_that_the_site_declares() {
    let mut story = begin(false);
    tell(&mut story, SupplyKind::Battery, true);
    assert_eq!(level(&story), Level::Unknown);
    let mut story = begin(true);
    tell(&mut story, SupplyKind::Battery, true);
    assert_eq!(level(&story), Level::Critical);
}

#[test]
fn a_pc_that_took_leave_is_silent_without_fault_and_counts_anew_once_it_is_back() {
    let mut story = begin(false);
    come(&mut story, Presence::Alive);
    tell(&mut story, SupplyKind::Ups, false);
    come(&mut story, Presence::Left(Leave::Shutdown));
    // The page on the same PC dies a moment later.
    come(&mut story, Presence::Silent);
    assert!(
        story.has(|event| matches!(event, Event::SeatLeft { why, .. } if *why == Leave::Shutdown))
    );
    story.until(1000);
    assert_eq!((level(&story), blind(&story)), (Level::Unknown, 0));
    come(&mut story, Presence::Alive);
    assert!(story.has(|event| matches!(event, Event::SeatBack { .. })));
    story.until(1060);
    assert_eq!(blind(&story), 0, "it has just come back");
    story.until(1200);
    assert_eq!(blind(&story), 1, "it is back and its UPS is not");
    assert_eq!(&story.replayed(), story.board.state());
}

#[test]
fn a_page_that_is_loaded_anew_has_not_left() {
    let mut story = begin(false);
    come(&mut story, Presence::Alive);
    come(&mut story, Presence::Goodbye);
    story.until(12);
    come(&mut story, Presence::Alive);
    story.until(30);
    assert!(!story.has(|event| matches!(event, Event::SeatLeft { .. })));
    come(&mut story, Presence::Goodbye);
    story.until(40);
    assert!(
        story.has(|event| matches!(event, Event::SeatLeft { why, .. } if *why == Leave::Stopped))
    );
}
