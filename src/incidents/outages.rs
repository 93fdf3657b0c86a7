//! Stories of a seat that had no daemon, and what it tells afterwards.

use std::sync::Arc;

use crate::incidents::board::{Board, Centre, Timing};
use crate::incidents::entry::Event;
use crate::incidents::input::{Input, Refused};
use crate::incidents::state::State;
use crate::incidents::stood::{AloneAct, AloneReport, ReportedAct};
use crate::incidents::stories::{Story, at, site};
use crate::plan;
use crate::site::{Contact, Site};
use crate::text::Text;

/// The reference centre with numbers to ring, where AF-01 alone sees UPS-AF.
pub(super) fn begin(change: impl Fn(&mut Site)) -> Story {
    let text = plan::pack("call-center").expect("it is shipped");
    let mut site = site(false);
    for (role, zh, en, phone) in [
        ("lead", "值班组长", "Duty lead", "8001"),
        ("it", "信息部值班", "IT on duty", "8002"),
    ] {
        let contact = Contact {
            name: Text::new(zh, en),
            phone: phone.to_owned(),
        };
        site.contacts.insert(role.to_owned(), contact);
        let known = site.roles.get_mut(role).expect("it is there");
        known.duty = Some(role.to_owned());
    }
    site.ups_seen_by = [("UPS-AF".to_owned(), "AF-01".to_owned())].into();
    change(&mut site);
    Story::of(Arc::new(Centre {
        site,
        plan: plan::parse("call-center.toml", text).expect("it has no fault"),
        timing: Timing::default(),
    }))
}

fn step(step: &str) -> AloneAct {
    AloneAct::Tick {
        step: step.to_owned(),
    }
}

/// A report of AF-01, or of C-01, whose acts are `(id, seconds ago, act)`.
fn report(id: &str, ages: (u32, u32, u32), acts: &[(&str, u32, AloneAct)]) -> AloneReport {
    AloneReport {
        id: id.to_owned(),
        procedure: "power-loss".to_owned(),
        lost: ages.0,
        onset: ages.1,
        until: ages.2,
        acts: acts
            .iter()
            .map(|(id, ago, act)| ReportedAct {
                id: (*id).to_owned(),
                ago: *ago,
                act: act.clone(),
            })
            .collect(),
    }
}

fn tell(story: &mut Story, seat: &str, report: &AloneReport) {
    let (seat, report) = (seat.to_owned(), report.clone());
    let told = story.take(Input::Alone { seat, report });
    told.expect("it is in the site");
}

fn ticked(story: &Story, wanted: &str) -> usize {
    story.count(|event| matches!(event, Event::Ticked { step, .. } if step == wanted))
}

fn said(story: &Story) -> Vec<String> {
    let entries = story.entries.iter();
    entries
        .filter(|entry| matches!(entry.event, Event::StoodAlone(_)))
        .map(|entry| entry.reason.en.clone())
        .collect()
}

#[test]
fn an_act_done_alone_lands_once_in_the_open_incident_with_its_own_time() {
    let mut story = begin(|_| {});
    story.until(100);
    story.out = ["UPS-C1", "UPS-C2", "UPS-AF"].into();
    story.until(110);
    let done = report("r", (400, 12, 0), &[("a", 7, step("move"))]);
    tell(&mut story, "C-01", &done);
    assert_eq!(ticked(&story, "move"), 1);
    let entry = story
        .entries
        .iter()
        .find(|entry| matches!(entry.event, Event::Ticked { .. }))
        .expect("it was ticked");
    let Event::Ticked { at: done_at, .. } = &entry.event else {
        unreachable!()
    };
    assert_eq!(*done_at, Some(at(103)));
    assert!(
        entry.reason.en.contains("while alone"),
        "{}",
        entry.reason.en
    );
    let incident = &story.board.state().incidents[&story.incident()];
    assert_eq!(incident.step("move").done_at, Some(at(103)));
    // Said again, as a whole and in parts.
    tell(&mut story, "C-01", &done);
    let again = report("r2", (401, 13, 1), &[("a", 8, step("move"))]);
    tell(&mut story, "C-01", &again);
    assert_eq!(ticked(&story, "move"), 1);
    assert_eq!(said(&story).len(), 2, "the second one is another report");
    assert_eq!(&story.replayed(), story.board.state());
}

#[test]
fn an_act_that_is_added_to_a_report_lands_beside_those_that_are_known() {
    let mut story = begin(|_| {});
    story.cut();
    story.until(40);
    let first = [("a", 9, AloneAct::Acknowledge)];
    tell(&mut story, "C-01", &report("r", (300, 30, 0), &first));
    let both = [("a", 19, AloneAct::Acknowledge), ("b", 2, step("move"))];
    tell(&mut story, "C-01", &report("r", (310, 40, 0), &both));
    assert_eq!(ticked(&story, "move"), 1);
    assert_eq!(
        story.count(|event| matches!(event, Event::Acknowledged { .. })),
        1
    );
    assert_eq!(said(&story).len(), 2);
    assert_eq!(&story.replayed(), story.board.state());
}

#[test]
fn an_incident_that_opens_a_moment_after_the_seat_is_back_takes_what_was_done_alone() {
    let mut story = begin(|_| {});
    story.until(100);
    tell(
        &mut story,
        "C-01",
        &report("r", (400, 60, 0), &[("a", 30, step("move"))]),
    );
    assert_eq!(ticked(&story, "move"), 0);
    story.cut();
    story.until(110);
    assert_eq!(ticked(&story, "move"), 1);
    assert_eq!(&story.replayed(), story.board.state());
}

#[test]
fn what_opens_long_after_is_another_matter() {
    let mut story = begin(|_| {});
    story.until(100);
    tell(
        &mut story,
        "C-01",
        &report("r", (400, 60, 0), &[("a", 30, step("move"))]),
    );
    story.until(300);
    story.cut();
    story.until(340);
    assert_eq!(ticked(&story, "move"), 0);
    assert_eq!(&story.replayed(), story.board.state());
}

#[test]
fn without_an_incident_the_whole_of_it_stands_in_the_record_by_itself() {
    let mut story = begin(|_| {});
    story.until(600);
    let acts = [
        ("a", 300, AloneAct::Acknowledge),
        (
            "b",
            240,
            AloneAct::Answer {
                ask: "lights".to_owned(),
                value: "off".to_owned(),
            },
        ),
    ];
    tell(&mut story, "AF-01", &report("r", (540, 420, 60), &acts));
    // The story begins at 16:00 of the site.
    assert_eq!(
        said(&story),
        [
            "seat AF-01 stood alone 16:01-16:09: Power out, since 16:03; \
             acknowledged at 16:05; answered: Lights off at 16:06"
        ]
    );
    let zh = story
        .entries
        .last()
        .expect("it was written")
        .reason
        .zh
        .clone();
    assert!(zh.starts_with("AF-01 在 16:01-16:09 连不上"), "{zh}");
    story.until(1000);
    assert!(!story.has(|event| matches!(event, Event::Acknowledged { .. })));
    assert_eq!(&story.replayed(), story.board.state());
}

#[test]
fn a_closed_incident_that_opened_meanwhile_is_named_and_not_opened_again() {
    let mut story = begin(|_| {});
    story.until(100);
    story.cut();
    story.until(160);
    story.restore();
    story.until(700);
    story.settle_debts();
    story.until(2000);
    let opened = story.incident();
    tell(
        &mut story,
        "C-01",
        &report("r", (1950, 1900, 1400), &[("a", 1700, step("move"))]),
    );
    let stood = story.entries.iter().find_map(|entry| match &entry.event {
        Event::StoodAlone(stood) => Some(stood.clone()),
        _ => None,
    });
    assert_eq!(stood.expect("it is written").incident, Some(opened));
    assert_eq!(
        ticked(&story, "move"),
        0,
        "nothing is ticked in what is over"
    );
    assert_eq!(&story.replayed(), story.board.state());
}

#[test]
fn the_onset_is_the_seats_where_no_other_ups_is_out() {
    let mut story = begin(|_| {});
    story.until(600);
    story.out = ["UPS-AF"].into();
    story.until(610);
    tell(&mut story, "AF-01", &report("r", (500, 430, 0), &[]));
    let opened = story.incident();
    let state = story.board.state();
    assert_eq!(state.incidents[&opened].onset, at(180));
    assert_eq!(state.on_battery_since["UPS-AF"], at(180));
    // A step's clock counts from when somebody could be told.
    assert!(state.incidents[&opened].stages["open"].begin > at(600));
    assert_eq!(&story.replayed(), state);

    let mut wide = begin(|_| {});
    wide.until(600);
    wide.cut();
    wide.until(610);
    tell(&mut wide, "AF-01", &report("r", (500, 430, 0), &[]));
    let onset = wide.board.state().incidents[&wide.incident()].onset;
    assert!(onset > at(600), "one plug does not date a whole floor");
}

#[test]
fn what_is_not_this_seats_to_do_is_recorded_and_ticks_nothing() {
    let mut story = begin(|_| {});
    story.cut();
    story.until(40);
    tell(
        &mut story,
        "AF-01",
        &report("r", (300, 30, 0), &[("a", 9, step("move"))]),
    );
    assert_eq!(ticked(&story, "move"), 0);
    assert!(said(&story)[0].contains("ticked: "), "{:?}", said(&story));
    let stranger = Input::Alone {
        seat: "C-99".to_owned(),
        report: report("x", (1, 1, 0), &[]),
    };
    let refused = story.take(stranger);
    assert_eq!(refused, Err(Refused::NoSuchSeat("C-99".to_owned())));
}

#[test]
fn a_restart_between_the_report_and_the_incident_loses_and_doubles_nothing() {
    let mut story = begin(|_| {});
    story.until(100);
    let done = report("r", (400, 60, 0), &[("a", 30, step("move"))]);
    tell(&mut story, "C-01", &done);
    let centre = Arc::clone(story.board.centre());
    let json = serde_json::to_string(&story.replayed()).expect("its maps have strings for keys");
    let state: State = serde_json::from_str(&json).expect("it was just written");
    assert_eq!(&state, story.board.state());
    story.board = Board::new(centre, state, at(story.now));
    story.take(Input::Started).expect("it is no command");
    tell(&mut story, "C-01", &done);
    story.cut();
    story.until(110);
    assert_eq!((ticked(&story, "move"), said(&story).len()), (1, 1));
    assert_eq!(&story.replayed(), story.board.state());
}
