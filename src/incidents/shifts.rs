//! Stories of who has a role: shifts, substitutes, deputies, and roles that nobody has.

use std::sync::Arc;

use jiff::SignedDuration;

use crate::incidents::board::Centre;
use crate::incidents::card::{Act, Card};
use crate::incidents::entry::{Ending, Event};
use crate::incidents::input::{Input, Outcome, Presence, Refused};
use crate::incidents::people;
use crate::incidents::post::Joining;
use crate::incidents::stories::{Story, at};
use crate::incidents::view::Due;
use crate::signals::later;
use crate::site::{Duty, Person, Site};

pub(super) const ALL: [&str; 3] = ["UPS-C1", "UPS-C2", "UPS-AF"];

pub(super) fn begin(change: impl Fn(&mut Site)) -> Story {
    let mut centre = Centre::clone(&people::centre("call-center"));
    // Of the other pack.
    centre.site.roles.remove("supervisor");
    change(&mut centre.site);
    Story::of(Arc::new(centre))
}

pub(super) fn turn(name: &str, seat: &str, from: i64, to: i64) -> Duty {
    Duty {
        from: at(from),
        to: at(to),
        person: Person {
            name: name.to_owned(),
            phone: Some(format!("600{}", name.len())),
            seat: Some(seat.to_owned()),
        },
        deputy: None,
    }
}

fn as_lead(story: &mut Story, seat: &str) -> bool {
    let cards = story.cards(seat);
    cards.iter().any(|card| card.key.role == "lead")
}

pub(super) fn connect(story: &mut Story, seat: &str) {
    let seat = seat.to_owned();
    let presence = Presence::Alive;
    story.take(Input::Seat { seat, presence }).unwrap();
}

#[test]
fn at_a_change_of_shift_both_are_told_and_what_is_under_way_is_handed_over() {
    let mut story = begin(|site| {
        let shifts = vec![
            turn("lead A", "C-01", -600, 60),
            turn("lead B", "AF-01", 60, 7200),
        ];
        site.roster.duties.insert("lead".to_owned(), shifts);
    });
    story.out = ALL.into();
    story.until(40);
    assert!(as_lead(&mut story, "C-01") && !as_lead(&mut story, "AF-01"));
    story.until(60);
    assert!(as_lead(&mut story, "C-01") && as_lead(&mut story, "AF-01"));
    let duty = &story.board.view(at(story.now), &[], None).duty[0];
    assert_eq!(
        (duty.people.as_slice(), duty.leaving.as_slice()),
        (
            ["lead B".to_owned()].as_slice(),
            ["lead A".to_owned()].as_slice()
        )
    );
    // In the grace, what is new goes to both.
    story
        .raise("C-03", "seat-fault", "C-03", 0, &[("what", "headset")])
        .unwrap();
    let own = |card: &&Arc<Card>| !card.key.role.starts_with("call ");
    assert_eq!(story.cards("C-01").iter().filter(own).count(), 2);
    story.until(60 + 15 * 60);
    let duty = &story.board.view(at(story.now), &[], None).duty[0];
    assert!(duty.leaving.is_empty());
    let reasons: Vec<&str> = story
        .entries
        .iter()
        .map(|entry| entry.reason.en.as_str())
        .collect();
    assert!(
        reasons.contains(&"floor lead now: lead B (AF-01); handing over, told too: lead A (C-01)"),
        "{reasons:#?}"
    );
    assert_eq!(&story.replayed(), story.board.state());
}

#[test]
fn a_substitute_stands_in_for_ninety_minutes_and_ends_by_itself() {
    let mut story = begin(|_| ());
    let stand_in = |seat: &str| Act::Substitute {
        role: "lead".to_owned(),
        seat: seat.to_owned(),
    };
    let refused = story.act("C-03", stand_in("C-03"));
    assert!(matches!(refused, Err(Refused::NotYours { .. })));
    let refused = story.act("C-01", stand_in("C-99"));
    assert!(matches!(refused, Err(Refused::NoSuchSeat(_))));
    story.act("C-01", stand_in("C-02")).unwrap();
    let begun = story.now;
    story.out = ALL.into();
    story.until(story.now + 30);
    assert!(as_lead(&mut story, "C-02") && !as_lead(&mut story, "C-01"));
    // Who stands in may do what the lead may.
    story.answer("C-02", "lights", "off");
    story.settle_debts();
    story.doze(begun + 90 * 60 - 1);
    assert!(!as_lead(&mut story, "C-01"));
    story.doze(begun + 90 * 60);
    assert!(
        as_lead(&mut story, "C-01"),
        "who is back is told what is under way"
    );
    let ended = |event: &Event| matches!(event, Event::SubstituteEnded { by: None, .. });
    assert_eq!(story.count(ended), 1);
    story.act("C-01", stand_in("C-02")).unwrap();
    let resume = Act::Resume {
        role: "lead".to_owned(),
    };
    story.act("C-01", resume).unwrap();
    assert_eq!(&story.replayed(), story.board.state());
}

#[test]
fn what_the_lead_does_not_see_goes_to_the_deputy_then_up_then_by_phone() {
    let mut story = begin(|site| {
        site.roles
            .get_mut("lead")
            .unwrap()
            .deputy
            .seats
            .push("C-03".to_owned());
    });
    connect(&mut story, "IT-01");
    story.out = ALL.into();
    story.until(30);
    let told = |story: &Story| {
        let told = story
            .entries
            .iter()
            .find(|entry| matches!(&entry.event, Event::RoleTold { role, .. } if role == "lead"));
        told.unwrap().at
    };
    let told = told(&story).duration_since(at(0)).as_secs();
    story.until(told + 59);
    assert!(!as_lead(&mut story, "C-03"));
    story.until(told + 60);
    assert!(as_lead(&mut story, "C-03"));
    story.until(told + 179);
    let up = |event: &Event| matches!(event, Event::Joined { why: Joining::NextUp(next), .. } if next == "manager");
    assert!(!story.has(up));
    story.until(told + 180);
    assert!(story.has(up) && as_lead(&mut story, "M-01"));
    let asked =
        |due: &Due| due.channel == "boss" && due.message.text.zh.contains("还没看到，请您接手");
    assert!(story.board.outbox().iter().any(asked));
    story.until(told + 199);
    assert_eq!(story.cards("IT-01").len(), 1);
    // Nothing was delivered: somebody who is there must phone.
    story.until(told + 200);
    let cards = story.cards("IT-01");
    let phone = cards.iter().find(|card| card.key.role == "phone manager");
    let phone = phone.expect("IT is the only one who is there");
    assert_eq!(phone.lines[0], "打电话给客服部经理");
    let incident = story.incident();
    story.act("IT-01", Act::Acknowledge { incident }).unwrap();
    assert_eq!(&story.replayed(), story.board.state());
}

#[test]
fn who_sees_it_in_time_is_left_alone() {
    let mut story = begin(|site| {
        site.roles
            .get_mut("lead")
            .unwrap()
            .deputy
            .seats
            .push("C-03".to_owned());
    });
    story.out = ALL.into();
    story.until(30);
    story.settle_debts();
    story.until(400);
    assert!(!story.has(|event| matches!(event, Event::Joined { .. })));
}

#[test]
fn a_message_that_reached_the_next_one_up_needs_no_phone() {
    let mut story = begin(|_| ());
    connect(&mut story, "IT-01");
    story.out = ALL.into();
    story.until(200);
    for due in story.board.outbox() {
        let (owed, outcome) = (due.owed, Outcome::Delivered);
        story.take(Input::Delivery { owed, outcome }).unwrap();
    }
    story.until(400);
    assert_eq!(story.cards("IT-01").len(), 1);
}

#[test]
fn a_role_that_nobody_has_goes_to_the_next_one_up_at_once() {
    let mut story = begin(|site| {
        let lead = site.roles.get_mut("lead").unwrap();
        lead.seats.clear();
    });
    story.out = ALL.into();
    story.until(20);
    assert!(
        as_lead(&mut story, "M-01"),
        "the manager has the lead's card"
    );
    let mut story = begin(|site| {
        let lead = site.roles.get_mut("lead").unwrap();
        lead.seats.clear();
        lead.next_up = Some("it".to_owned());
    });
    story.out = ALL.into();
    story.until(20);
    assert!(as_lead(&mut story, "IT-01"));
}

#[test]
fn a_roster_of_seats_that_are_gone_leaves_the_role_where_it_sits() {
    let mut story = begin(|site| {
        let shift = vec![turn("lead A", "C-77", -600, 7200)];
        site.roster.duties.insert("lead".to_owned(), shift);
    });
    story.out = ALL.into();
    story.until(30);
    assert!(as_lead(&mut story, "C-01"));
}

#[test]
fn the_number_on_a_card_is_that_of_who_is_on_duty() {
    let mut story = begin(|site| {
        let name = crate::text::Text::new("信息部值班", "IT on duty");
        let contact = crate::site::Contact {
            name,
            phone: "8002".to_owned(),
        };
        site.contacts.insert("it".to_owned(), contact);
        site.roles.get_mut("it").unwrap().duty = Some("it".to_owned());
        let shift = vec![turn("IT A", "IT-01", 100, 7200)];
        site.roster.duties.insert("it".to_owned(), shift);
    });
    story.out = ALL.into();
    story.until(30);
    let said = |story: &mut Story| {
        let cards = story.cards("C-01");
        cards[0]
            .more
            .iter()
            .find(|line| line.contains("信息部电话"))
            .cloned()
    };
    assert_eq!(said(&mut story).as_deref(), Some("信息部电话：8002"));
    story.until(100);
    assert_eq!(said(&mut story).as_deref(), Some("信息部电话：6004"));
}

#[test]
fn a_jump_of_the_clock_leaves_a_substitute_its_ninety_minutes() {
    let mut story = begin(|_| ());
    let stand_in = Act::Substitute {
        role: "lead".to_owned(),
        seat: "C-02".to_owned(),
    };
    story.act("C-01", stand_in).unwrap();
    let begun = story.now;
    let by = SignedDuration::from_hours(3);
    story.now += by.as_secs();
    story.take(Input::ClockStepped { by }).unwrap();
    let jumped = at(begun) == later(at(story.now), -by);
    assert!(jumped);
    story.doze(begun + by.as_secs() + 89 * 60);
    let ended = |event: &Event| matches!(event, Event::SubstituteEnded { .. });
    assert!(!story.has(ended));
    story.doze(begun + by.as_secs() + 90 * 60);
    assert!(story.has(ended));
    assert_eq!(story.ending("power-loss"), None::<Ending>);
}
