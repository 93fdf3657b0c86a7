//! Stories of calls that callwatch makes: who is rung, in which turn, and when a person is asked.

use std::sync::Arc;

use jiff::SignedDuration;
use jiff::civil::time;

use crate::incidents::board::{Board, Centre};
use crate::incidents::dialling::dial::{DialOutcome, DialReport, DueCall};
use crate::incidents::entry::Event;
use crate::incidents::input::{Input, Refused};
use crate::incidents::people;
use crate::incidents::progress::called;
use crate::incidents::stories::{Story, at};
use crate::plan::Severity;
use crate::site::{Channel, Contact, Hours, Site, Span};
use crate::text::Text;

/// Where a call is made, and a message of the stories arrives nowhere.
fn with_phone(site: &mut Site) {
    let people = [
        ("manager", "1001"),
        ("vice", "1004"),
        ("operations", "1002"),
        ("it", "1003"),
        ("it-vice", "1005"),
    ];
    for (id, phone) in people {
        let contact = Contact {
            name: Text::same(id),
            phone: phone.to_owned(),
        };
        site.contacts.insert(id.to_owned(), contact);
    }
    for (role, deputy) in [("manager", "vice"), ("it", "it-vice")] {
        let role = site.roles.get_mut(role).unwrap();
        role.deputy.duty = Some(deputy.to_owned());
    }
    site.phone = Some("phone".to_owned());
    for (id, zh, en) in [
        ("phone", "电话", "The telephone"),
        ("boss", "钉钉", "DingTalk"),
    ] {
        let name = Text::new(zh, en);
        let channel = Channel {
            name,
            ..Channel::default()
        };
        site.channels.insert(id.to_owned(), channel);
    }
}

fn begin(change: impl Fn(&mut Centre)) -> Story {
    let mut centre = Centre::clone(&people::centre("call-center"));
    // Of the other pack; and nobody sits above the lead.
    centre.site.roles.remove("supervisor");
    centre.site.roles.get_mut("manager").unwrap().seats.clear();
    with_phone(&mut centre.site);
    change(&mut centre);
    Story::of(Arc::new(centre))
}

/// A mains loss of which everybody at a seat knows; `boss` takes nothing.
fn cut(change: impl Fn(&mut Centre)) -> Story {
    let mut story = begin(|centre| {
        centre.site.roles.get_mut("it").unwrap().channels.clear();
        change(centre);
    });
    story.cut();
    story.until(30);
    story.settle_debts();
    story.until(75);
    assert!(story.told("manager"));
    story
}

impl Story {
    fn ringing(&self) -> Vec<String> {
        let due = self.board.calls_due().into_iter();
        due.map(|due| due.phone).collect()
    }

    fn only_call(&self) -> DueCall {
        let due = self.board.calls_due();
        assert_eq!(due.len(), 1, "{due:?}");
        due.into_iter().next().unwrap()
    }

    fn report(&mut self, due: &DueCall, outcome: DialOutcome) -> Result<(), Refused> {
        self.take(Input::Dial(DialReport {
            dial: due.dial,
            incident: due.incident,
            outcome,
            words: Text::new("没人接", "no answer"),
        }))
    }

    /// The call that is under way ends so.
    fn ends(&mut self, outcome: DialOutcome) {
        let due = self.only_call();
        self.report(&due, outcome).unwrap();
    }

    fn asked(&self) -> bool {
        self.has(|event| matches!(event, Event::CallAsked { role, .. } if role == "manager"))
    }

    fn dialled(&self) -> Vec<(i64, &str)> {
        let dialled = self.entries.iter().filter_map(|entry| match &entry.event {
            Event::Dialled { call, .. } => {
                let phone = &call.callee.as_ref().unwrap().phone;
                Some((entry.at.duration_since(at(0)).as_secs(), phone.as_str()))
            }
            _ => None,
        });
        dialled.collect()
    }

    fn said(&self) -> Vec<&str> {
        let said = self.entries.iter().filter(|entry| {
            let of_calls = matches!(
                entry.event,
                Event::Dialled { .. } | Event::DialEnded { .. } | Event::CallAsked { .. }
            );
            of_calls
        });
        said.map(|entry| entry.reason.en.as_str()).collect()
    }

    fn is_as_replayed(&self) {
        assert_eq!(&self.replayed(), self.board.state());
    }
}

/// As after a crash: all that is not written down is gone.
fn restart(story: &mut Story) {
    let centre = Arc::clone(story.board.centre());
    story.board = Board::new(centre, story.replayed(), at(story.now));
    story.take(Input::Started).unwrap();
}

#[test]
fn the_one_on_duty_is_rung_then_the_deputy_then_the_next_one_up_and_a_key_ends_it() {
    let mut story = cut(|_| ());
    story.until(90);
    assert!(story.ringing().is_empty());
    story.until(95);
    assert_eq!(story.ringing(), ["1001"]);
    story.until(120);
    assert_eq!(story.ringing(), ["1001"], "one at a time");
    story.ends(DialOutcome::Unheard);
    assert_eq!(story.ringing(), ["1004"]);
    story.ends(DialOutcome::Unheard);
    assert_eq!(story.ringing(), ["1002"]);
    story.ends(DialOutcome::Heard);
    story.until(400);
    assert!(story.ringing().is_empty() && !story.asked());
    assert_eq!(
        story.said(),
        [
            "DingTalk does not deliver, callwatch phones manager 1001 to tell the service manager",
            "phoned manager 1001: no answer",
            "DingTalk does not deliver, callwatch phones vice 1004 to tell the service manager",
            "phoned vice 1004: no answer",
            "DingTalk does not deliver, callwatch phones operations 1002 to tell the service manager",
            "phoned operations 1002: no answer",
        ]
    );
    story.is_as_replayed();
}

#[test]
fn where_nobody_presses_the_key_a_person_is_asked_to_ring() {
    let mut story = cut(|_| ());
    story.until(95);
    for _ in 0..3 {
        assert!(!story.asked());
        story.ends(DialOutcome::Unheard);
    }
    assert!(story.asked() && story.ringing().is_empty());
    let cards = story.cards("C-01");
    let card = cards.iter().find(|card| called(&card.key.role).is_some());
    let more = &card.expect("the lead is asked").more;
    assert!(
        more.contains(&"机器打给vice 1004：没人接".to_owned()),
        "{more:?}"
    );
    assert!(
        cards
            .iter()
            .any(|card| called(&card.key.role) == Some("manager"))
    );
    story.until(600);
    assert_eq!(story.dialled().len(), 3, "everybody is rung once");
    story.is_as_replayed();
}

#[test]
fn a_telephone_that_makes_no_calls_leaves_it_to_a_person_at_once() {
    let mut story = cut(|_| ());
    story.until(95);
    story.ends(DialOutcome::NoLine);
    assert!(story.asked());
    story.until(600);
    assert_eq!(story.dialled().len(), 1);
    story.is_as_replayed();
}

#[test]
fn a_key_is_evidence_that_the_role_knows_and_one_pressed_in_its_stead_is_none() {
    let known = |at: usize| {
        let mut story = cut(|_| ());
        story.answer("C-01", "lights", "on");
        story.until(95);
        for _ in 0..at {
            story.ends(DialOutcome::Unheard);
        }
        story.ends(DialOutcome::Heard);
        story.until(130);
        story.has(|event| {
            matches!(event, Event::Ticked { step, seat: None, .. } if step == "phone-manager")
        })
    };
    assert!(known(0) && known(1), "the deputy has the role");
    assert!(!known(2), "the one above has not");
}

#[test]
fn whoever_has_pressed_the_key_is_rung_no_more_and_hears_what_is_new_from_a_person() {
    let mut story = cut(|_| ());
    story.until(95);
    story.ends(DialOutcome::Heard);
    story.answer("C-01", "lights", "on");
    story.until(230);
    let to_manager =
        |event: &Event| matches!(event, Event::Dialled { role, .. } if role == "manager");
    assert_eq!(story.count(to_manager), 1);
    assert!(story.asked());
    story.is_as_replayed();
}

#[test]
fn a_call_is_owed_no_more_once_the_message_arrives_or_the_incident_is_over() {
    let mut arrives = cut(|_| ());
    arrives.until(95);
    let due = arrives.only_call();
    arrives.settle_debts();
    assert!(arrives.ringing().is_empty());
    arrives.until(400);
    assert_eq!(arrives.dialled().len(), 1);
    // It went on ringing meanwhile, and what became of it is written all the same.
    arrives.report(&due, DialOutcome::Heard).unwrap();
    let again = arrives.report(&due, DialOutcome::Heard);
    assert!(matches!(again, Err(Refused::NothingOwed(_))), "{again:?}");
    let said = arrives.said();
    assert_eq!(
        said[said.len() - 2..],
        [
            "phoned manager 1001: no need to any more",
            "phoned manager 1001: no answer"
        ]
    );
    arrives.is_as_replayed();
    let mut over = cut(|_| ());
    over.until(95);
    over.restore();
    over.until(130);
    assert!(over.ringing().is_empty());
    over.is_as_replayed();
}

#[test]
fn a_call_that_a_restart_broke_off_is_written_and_made_again_but_not_for_ever() {
    let mut story = cut(|_| ());
    story.until(95);
    restart(&mut story);
    assert_eq!(story.ringing(), ["1001"]);
    restart(&mut story);
    assert_eq!(story.ringing(), ["1004"]);
    assert_eq!(
        story.said()[1],
        "phoned manager 1001: callwatch was restarted, what became of it is not known"
    );
    story.is_as_replayed();
}

#[test]
fn what_is_not_critical_rings_no_telephone() {
    let mut story = cut(|centre| {
        let procedure = centre.plan.procedures.get_mut("power-loss").unwrap();
        let procedure = Arc::make_mut(procedure);
        procedure.severity = Severity::Warning;
        for stage in &mut procedure.stage {
            stage.severity = None;
        }
    });
    story.until(95);
    assert!(story.dialled().is_empty() && story.asked());
}

#[test]
fn without_a_telephone_a_person_is_asked_as_ever() {
    let mut story = cut(|centre| centre.site.phone = None);
    story.until(95);
    assert!(story.dialled().is_empty() && story.asked());
}

#[test]
fn one_number_is_rung_once_for_two_roles() {
    let mut story = begin(|centre| {
        let it = centre.site.contacts.get_mut("it").unwrap();
        it.phone = "10-01".to_owned();
    });
    story.cut();
    story.until(60);
    // IT's own channel is as dead.
    assert_eq!(story.ringing(), ["10-01"]);
    story.until(95);
    assert_eq!(
        story.ringing(),
        ["10-01"],
        "one call at a time to one number"
    );
    story.ends(DialOutcome::Heard);
    story.until(120);
    let numbers = story.dialled();
    assert!(
        !numbers.iter().any(|(_, phone)| *phone == "1001"),
        "{numbers:?}"
    );
    story.is_as_replayed();
}

#[test]
fn what_the_lead_does_not_see_is_told_the_next_one_up_by_phone_before_a_person_is_asked() {
    let mut story = begin(|_| ());
    crate::incidents::shifts::connect(&mut story, "IT-01");
    story.cut();
    story.until(200);
    // The manager is rung for what `boss` does not bring: that is one call, not two.
    let to_manager = |story: &Story| {
        let numbers = story.dialled();
        numbers.iter().filter(|(_, phone)| *phone == "1001").count()
    };
    while let Some(due) = story.board.calls_due().first().cloned() {
        story.report(&due, DialOutcome::Unheard).unwrap();
    }
    story.until(400);
    assert_eq!(to_manager(&story), 1);
    let cards = story.cards("IT-01");
    assert!(cards.iter().any(|card| card.key.role == "phone manager"));
    story.is_as_replayed();
}

/// The stories begin on a Friday at 16:00; this is 22:00 of that day, in seconds.
const NIGHT: i64 = 6 * 3600;

fn at_night() -> Story {
    let mut story = begin(|centre| {
        for zone in centre.site.zones.values_mut() {
            zone.hours = Some(Hours {
                spans: vec![Span {
                    days: vec![1, 2, 3, 4, 5],
                    from: time(8, 30, 0, 0),
                    to: time(17, 30, 0, 0),
                }],
            });
        }
    });
    story.doze(NIGHT);
    story
}

#[test]
fn a_fire_at_night_rings_whoever_is_on_call_at_once_and_the_deputy_after_three_minutes() {
    let mut story = at_night();
    story.raise("C-03", "fire", "c3", 0, &[]).unwrap();
    assert_eq!(story.ringing(), ["1003"]);
    story.ends(DialOutcome::Unheard);
    story.until(NIGHT + 179);
    assert!(story.ringing().is_empty());
    story.until(NIGHT + 180);
    assert_eq!(story.ringing(), ["1005"]);
    story.ends(DialOutcome::Heard);
    story.doze(NIGHT + 3600);
    assert_eq!(story.dialled().len(), 2);
    story.is_as_replayed();
}

#[test]
fn a_key_that_is_pressed_at_night_leaves_everybody_else_asleep() {
    let mut story = at_night();
    story.raise("C-03", "fire", "c3", 0, &[]).unwrap();
    story.ends(DialOutcome::Heard);
    story.doze(NIGHT + 3600);
    assert_eq!(story.dialled().len(), 1);
    assert!(!story.has(|event| matches!(event, Event::Joined { .. })));
    story.is_as_replayed();
}

#[test]
fn at_night_everybody_is_rung_twice_and_then_the_telephone_is_silent() {
    let mut story = at_night();
    story.raise("C-03", "fire", "c3", 0, &[]).unwrap();
    for minute in 0..60 {
        story.doze(NIGHT + minute * 60);
        while let Some(due) = story.board.calls_due().first().cloned() {
            story.report(&due, DialOutcome::Unheard).unwrap();
        }
    }
    let times = |phone: &str| {
        let dialled = story.dialled().into_iter();
        let own = dialled.filter(|(_, known)| *known == phone);
        own.map(|(at, _)| (at - NIGHT) / 60).collect::<Vec<_>>()
    };
    assert_eq!(times("1003").len(), 2, "{:?}", story.dialled());
    assert_eq!(times("1005").len(), 2);
    let apart = story
        .dialled()
        .windows(2)
        .all(|two| two[1].0 - two[0].0 >= 180);
    assert!(apart, "{:?}", story.dialled());
    story.is_as_replayed();
}

#[test]
fn at_night_a_telephone_that_makes_no_calls_is_tried_again_for_a_while() {
    let mut story = at_night();
    story.raise("C-03", "fire", "c3", 0, &[]).unwrap();
    story.ends(DialOutcome::NoLine);
    story.until(NIGHT + 180);
    assert_eq!(story.ringing(), ["1003"], "nobody has been rung yet");
    for minute in 3..90 {
        story.doze(NIGHT + minute * 60);
        while let Some(due) = story.board.calls_due().first().cloned() {
            story.report(&due, DialOutcome::NoLine).unwrap();
        }
    }
    assert_eq!(story.dialled().len(), 10);
    story.is_as_replayed();
}

#[test]
fn a_power_cut_at_night_that_wakes_nobody_rings_nobody() {
    let mut story = at_night();
    story.cut();
    story.until(NIGHT + 400);
    assert!(story.told("manager") && story.dialled().is_empty());
}

#[test]
fn a_jump_of_the_clock_leaves_the_deputy_three_minutes() {
    let mut story = at_night();
    story.raise("C-03", "fire", "c3", 0, &[]).unwrap();
    story.ends(DialOutcome::Unheard);
    let by = SignedDuration::from_mins(20);
    story.now += by.as_secs();
    story.take(Input::ClockStepped { by }).unwrap();
    story.until(NIGHT + by.as_secs() + 170);
    assert!(story.ringing().is_empty());
    story.until(NIGHT + by.as_secs() + 181);
    assert_eq!(story.ringing(), ["1005"]);
    story.is_as_replayed();
}
