//! Stories of "you too?": who is asked, what comes of each answer, and how it ends.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::SignedDuration;

use crate::incidents::board::Centre;
use crate::incidents::card::{Act, Card};
use crate::incidents::entry::{Entry, Event, IncidentId};
use crate::incidents::input::{Input, Presence, Refused};
use crate::incidents::neighbours::{Around, is_card_role};
use crate::incidents::people;
use crate::incidents::stories::Story;
use crate::signals::{Kind, Level, Sight, Signal};
use crate::site::{Acd, Seat};
use crate::text::{Language, Text};

const STAFF: [&str; 6] = ["C-04", "C-05", "C-06", "C-07", "C-08", "C-10"];

/// A floor of six, their lead and IT, all of whom sit there.
struct Floor {
    story: Story,
    present: BTreeSet<&'static str>,
}

fn begin() -> Floor {
    begin_with(|_| ())
}

fn begin_with(change: impl Fn(&mut Centre)) -> Floor {
    let mut centre = Centre::clone(&people::centre("call-center"));
    for id in STAFF {
        let seat = Seat {
            spare: false,
            ..centre.site.seats["C-02"].clone()
        };
        centre.site.seats.insert(id.to_owned(), seat);
        let staff = centre.site.roles.get_mut("staff").unwrap();
        staff.seats.push(id.to_owned());
    }
    change(&mut centre);
    let mut floor = Floor {
        story: Story::of(Arc::new(centre)),
        present: STAFF.into_iter().chain(["C-01", "C-02", "IT-01"]).collect(),
    };
    floor.pass(2);
    floor
}

impl Floor {
    /// Seconds go by in which whoever is there is heard.
    fn pass(&mut self, seconds: i64) {
        let end = self.story.now + seconds;
        while self.story.now < end {
            let next = (self.story.now + 5).min(end);
            for seat in &self.present {
                let seat = (*seat).to_owned();
                let presence = Presence::Alive;
                self.story.take(Input::Seat { seat, presence }).unwrap();
            }
            self.story.until(next);
        }
    }

    fn report(&mut self, seat: &str, what: &str) {
        let answers = [("what", what)];
        self.story
            .raise(seat, "seat-fault", seat, 0, &answers)
            .unwrap();
        self.pass(1);
    }

    /// The question at a seat, if it stands there.
    fn question(&mut self, seat: &str) -> Option<Arc<Card>> {
        let cards = self.story.cards(seat);
        cards.into_iter().find(|card| is_card_role(&card.key.role))
    }

    fn asked(&mut self) -> Vec<&'static str> {
        let all: Vec<&'static str> = self.present.iter().copied().collect();
        all.into_iter()
            .filter(|seat| self.question(seat).is_some())
            .collect()
    }

    fn press(&mut self, seat: &str, too: bool) {
        let card = self.question(seat).expect("it is asked");
        let button = card
            .buttons
            .iter()
            .find(|button| matches!(&button.act, Act::Neighbour { too: says, .. } if *says == too));
        let act = button.expect("there are two").act.clone();
        self.story.act(seat, act).unwrap();
        self.pass(1);
    }

    /// Procedure and scope of all that is open and part of nothing.
    fn open(&self) -> Vec<String> {
        let running = self.story.board.state.running();
        let said = running.map(|it| format!("{} {}", it.procedure.id, it.scope.of));
        said.filter(|said| !said.starts_with("endurance")).collect()
    }

    fn of(&self, scope: &str) -> IncidentId {
        let mut open = self.story.board.state.open_incidents();
        open.find(|it| it.scope.of == scope).expect("it is open").id
    }

    fn reasons(&self) -> Vec<String> {
        let asked = |entry: &&Entry| matches!(entry.event, Event::AskedAround(_));
        let entries = self.story.entries.iter().filter(asked);
        entries.map(|entry| entry.reason.en.clone()).collect()
    }

    fn ends_well(&self) {
        assert_eq!(&self.story.replayed(), self.story.board.state());
    }
}

#[test]
fn the_two_beside_whoever_reports_something_are_asked_in_one_line_with_two_buttons() {
    let mut floor = begin();
    floor.report("C-06", "login");
    assert_eq!(floor.asked(), ["C-05", "C-07"]);
    let card = floor.question("C-05").unwrap();
    assert_eq!(card.lines[0], "C-06：平台登不上，你也是吗？");
    let says: Vec<&str> = card.buttons.iter().map(|it| it.say.as_str()).collect();
    assert_eq!(says, ["我也是", "我没有"]);
    let english = floor.story.board.card(
        floor
            .story
            .board
            .state
            .incidents
            .get(floor.of("C-06"))
            .unwrap(),
        &card.key.role,
        &floor
            .story
            .board
            .state
            .incidents
            .get(floor.of("C-06"))
            .unwrap()
            .roles[&card.key.role],
        "C-05",
        Language::En,
    );
    assert_eq!(english.unwrap().lines[0], "C-06: No login. You too?");
    // Neither who leads nor who repairs is asked, and a report is told as it always was.
    assert!(floor.story.told("lead") && floor.story.told("it"));
    floor.ends_well();
}

#[test]
fn who_says_no_is_left_alone_and_one_who_says_nothing_is_asked_for_two_minutes() {
    let mut floor = begin();
    floor.report("C-06", "headset");
    floor.press("C-05", false);
    assert_eq!(floor.asked(), ["C-07"]);
    floor.pass(110);
    assert_eq!(floor.asked(), ["C-07"]);
    floor.pass(10);
    assert_eq!(floor.asked(), [""; 0]);
    assert_eq!(floor.open(), ["seat-fault C-06"]);
    let said = [
        "asked whether it is so there too: C-05, C-07",
        "it is not so at C-05",
        "no answer from C-07",
    ];
    assert_eq!(floor.reasons(), said);
    floor.ends_well();
}

#[test]
fn one_who_has_it_too_is_a_seat_fault_of_their_own_and_asks_nobody_further() {
    let mut floor = begin();
    floor.report("C-06", "slow");
    floor.press("C-07", true);
    floor.press("C-05", false);
    assert_eq!(floor.open(), ["seat-fault C-06", "seat-fault C-07"]);
    assert_eq!(floor.asked(), [""; 0]);
    let own = floor
        .story
        .board
        .state
        .incidents
        .get(floor.of("C-07"))
        .unwrap();
    assert_eq!(own.raised_by.as_deref(), Some("C-07"));
    assert_eq!(own.answers["what"].value, "slow");
    floor.ends_well();
}

#[test]
fn three_with_the_same_trouble_are_one_incident_at_once_and_end_with_one_word() {
    let mut floor = begin();
    floor.report("C-06", "program");
    floor.press("C-05", true);
    floor.press("C-07", true);
    floor.pass(2);
    assert_eq!(floor.open(), ["seat-fault program"]);
    let group = floor.of("program");
    let known = floor.story.board.state.incidents.get(group).unwrap();
    assert_eq!(known.scope.place.zh, "C-05、C-06、C-07");
    assert!(!known.confirmed);
    // One word of IT ends them all.
    let mended = Act::Answer {
        incident: group,
        ask: "state".to_owned(),
        value: "back".to_owned(),
    };
    floor.story.act("IT-01", mended).unwrap();
    floor.pass(400);
    assert_eq!(floor.open(), [""; 0]);
    assert!(
        !floor
            .story
            .has(|event| matches!(event, Event::Freed { .. }))
    );
    floor.ends_well();
}

#[test]
fn three_who_cannot_log_in_are_a_system_fault_unless_the_acd_sees_the_others_log_in() {
    let mut floor = begin();
    floor.report("C-06", "login");
    floor.press("C-05", true);
    floor.press("C-07", true);
    floor.pass(35);
    assert_eq!(floor.open(), ["system-fault acd"]);
    floor.ends_well();

    let others: Vec<String> = (0..12).map(|n| format!("B-{n:02}")).collect();
    let mut floor = begin_with(|centre| {
        let acd = Acd {
            name: Text::same("PBX"),
            via: Vec::new(),
            stale_after: SignedDuration::from_secs(30),
        };
        centre.site.acds.insert("pbx".to_owned(), acd);
        for id in &others {
            let seat = centre.site.seats["C-05"].clone();
            centre.site.seats.insert(id.clone(), seat);
        }
    });
    let sees = |seat: &str| Sight {
        signal: Signal::new(Kind::SeatLogin, seat),
        level: Level::Normal,
        words: Text::same("logged in"),
        lasts: SignedDuration::from_hours(1),
    };
    let own = STAFF.iter().copied();
    let seats = own.chain(others.iter().map(String::as_str));
    floor
        .story
        .take(Input::Sights(seats.map(sees).collect()))
        .unwrap();
    floor.report("C-06", "login");
    floor.press("C-05", true);
    floor.press("C-07", true);
    floor.pass(60);
    assert_eq!(floor.open(), ["seat-fault login"]);
    floor.ends_well();
}

#[test]
fn what_three_report_without_being_asked_is_one_incident_too() {
    let mut floor = begin();
    floor.report("C-04", "unlisted");
    floor.report("C-06", "unlisted");
    floor.report("C-10", "unlisted");
    floor.pass(2);
    assert_eq!(floor.open(), ["seat-fault unlisted"]);
    // A fourth is part of it, and the group grows.
    floor.report("C-08", "unlisted");
    floor.pass(2);
    assert_eq!(floor.open(), ["seat-fault unlisted"]);
    let group = floor
        .story
        .board
        .state
        .incidents
        .get(floor.of("unlisted"))
        .unwrap();
    assert_eq!(group.scope.seats.len(), 4);
    floor.ends_well();
}

#[test]
fn who_was_not_asked_cannot_answer_and_a_second_press_says_nothing_new() {
    let mut floor = begin();
    floor.report("C-06", "pc");
    let incident = floor.of("C-06");
    let act = |too| Act::Neighbour { incident, too };
    let refused = floor.story.act("C-10", act(true));
    assert!(matches!(refused, Err(Refused::NotYours { .. })));
    floor.story.act("C-05", act(true)).unwrap();
    floor.story.act("C-05", act(false)).unwrap();
    let answers = floor.story.count(|event| {
        matches!(event, Event::AskedAround(asked) if matches!(asked.what, Around::Answered { .. }))
    });
    assert_eq!(answers, 1);
    // Whoever was slow has said it all the same.
    floor.pass(130);
    floor.story.act("C-07", act(true)).unwrap();
    floor.pass(2);
    assert_eq!(floor.open(), ["seat-fault pc"]);
    let unknown = Act::Neighbour {
        incident: IncidentId(9_999),
        too: true,
    };
    let refused = floor.story.act("C-05", unknown);
    assert!(matches!(refused, Err(Refused::NoSuchIncident(9_999))));
    floor.ends_well();
}

#[test]
fn where_nobody_sits_beside_them_nobody_is_asked() {
    let mut floor = begin();
    for seat in ["C-02", "C-04", "C-05", "C-07", "C-08", "C-10"] {
        floor.present.remove(seat);
        let (seat, presence) = (seat.to_owned(), Presence::Silent);
        floor.story.take(Input::Seat { seat, presence }).unwrap();
    }
    floor.pass(60);
    floor.report("C-06", "phone");
    assert_eq!(floor.asked(), [""; 0]);
    floor.pass(60);
    // Who comes later is not asked after what is old.
    floor.present.insert("C-05");
    floor.pass(10);
    assert_eq!(floor.asked(), [""; 0]);
    floor.ends_well();
}

#[test]
fn a_clock_that_jumps_neither_ends_the_question_nor_keeps_it() {
    let mut floor = begin();
    floor.report("C-06", "login");
    floor.story.now += 3600;
    let by = SignedDuration::from_hours(1);
    floor.story.take(Input::ClockStepped { by }).unwrap();
    floor.pass(60);
    assert_eq!(floor.asked(), ["C-05", "C-07"]);
    floor.pass(65);
    assert_eq!(floor.asked(), [""; 0]);
    floor.ends_well();
}
