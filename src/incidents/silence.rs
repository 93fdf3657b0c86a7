//! Stories of what falls silent together, and of what would not last without mains.

use std::sync::Arc;

use jiff::SignedDuration;

use crate::incidents::board::{Centre, Timing};
use crate::incidents::card::Act;
use crate::incidents::entry::{Ending, Event};
use crate::incidents::input::{Input, Presence};
use crate::incidents::message::Notice;
use crate::incidents::stories::{Story, at, opened, site, told_of};
use crate::plan;
use crate::signals::{Kind, Level, Signal};
use crate::site::path::Accepted;
use crate::site::{Hours, Readiness, Site, Span};
use crate::text::{Language, Text};

const PLAIN: [&str; 4] = ["C-03", "P-01", "P-02", "P-03"];

/// The small centre with three more seats on plain mains.
fn centre(change: impl Fn(&mut Site)) -> Arc<Centre> {
    let mut site = site(false);
    for id in &PLAIN[1..] {
        let seat = site.seats["C-03"].clone();
        site.seats.insert((*id).to_owned(), seat);
    }
    change(&mut site);
    let text = plan::pack("call-center").unwrap();
    Arc::new(Centre {
        site,
        plan: plan::parse("call-center", text).unwrap(),
        timing: Timing::default(),
    })
}

/// All seats are there.
fn begin(change: impl Fn(&mut Site)) -> Story {
    let mut story = Story::of(centre(change));
    for seat in PLAIN.iter().chain(&["C-01", "C-02", "IT-01"]) {
        story.seat(seat, Presence::Alive);
    }
    story
}

impl Story {
    fn seat(&mut self, seat: &str, presence: Presence) {
        let seat = seat.to_owned();
        self.take(Input::Seat { seat, presence }).unwrap();
    }

    /// Three of the four fall silent, a second apart.
    fn fall_silent(&mut self, presence: Presence) {
        for seat in &PLAIN[..3] {
            self.until(self.now + 1);
            self.seat(seat, presence);
        }
    }

    fn lines_at(&mut self, seat: &str) -> Vec<String> {
        let card = self.card(seat, Language::En);
        card.map(|card| card.lines.clone()).unwrap_or_default()
    }
}

#[test]
fn much_of_what_is_on_plain_mains_falling_silent_asks_lead_and_it_and_off_is_a_power_loss() {
    let mut story = begin(|_| ());
    story.fall_silent(Presence::Silent);
    let first = story.now - 2;
    story.until(story.now + 4);
    assert!(
        opened(&story, "suspected-cut").is_empty(),
        "a UPS may say it"
    );
    story.until(story.now + 2);
    let told = ["it".to_owned(), "lead".to_owned()].into();
    assert_eq!(told_of(&story, "suspected-cut"), told);
    assert_eq!(
        story.lines_at("C-01"),
        [
            "Look at the corridor lights, press one below",
            "3 PCs without a UPS fell silent together"
        ]
    );
    story.until(story.now + 60);
    assert!(
        opened(&story, "power-loss").is_empty(),
        "silence raises nothing"
    );
    story.answer("C-01", "lights", "off");
    let onset = story.entries.iter().find_map(|entry| match &entry.event {
        Event::Opened {
            procedure, onset, ..
        } if procedure.id == "power-loss" => Some(*onset),
        _ => None,
    });
    assert_eq!(onset, Some(at(first)));
    assert_eq!(story.kind().as_deref(), Some("mains"));
    let power_loss = *opened(&story, "power-loss").first().unwrap();
    let adopted = Some(Ending::Adopted(power_loss));
    assert_eq!(story.ending("suspected-cut"), adopted);
    story.until(story.now + 400);
    assert_eq!(opened(&story, "suspected-cut").len(), 1);
    assert_eq!(opened(&story, "power-loss").len(), 1);
    assert_eq!(&story.replayed(), story.board.state());
}

#[test]
fn lights_that_are_on_are_the_network_and_the_same_silence_is_not_asked_after_again() {
    let mut story = begin(|_| ());
    story.fall_silent(Presence::Silent);
    story.until(story.now + 10);
    story.answer("IT-01", "lights", "on");
    assert_eq!(story.lines_at("IT-01")[0], "Lights are on: no power cut");
    let incident = story.incident();
    story.until(story.now + 20);
    let close = Act::Close { incident };
    story.act("IT-01", close).unwrap();
    story.until(story.now + 600);
    assert_eq!(opened(&story, "suspected-cut").len(), 1);
    assert!(opened(&story, "power-loss").is_empty());
}

#[test]
fn a_silence_that_ends_is_over_by_itself_and_a_new_one_is_a_new_question() {
    let mut story = begin(|_| ());
    story.fall_silent(Presence::Silent);
    story.until(story.now + 10);
    for seat in &PLAIN[..2] {
        story.seat(seat, Presence::Alive);
    }
    story.until(story.now + 58);
    assert_eq!(story.ending("suspected-cut"), None);
    story.until(story.now + 5);
    assert_eq!(story.ending("suspected-cut"), Some(Ending::AllClear));
    story.seat(PLAIN[2], Presence::Alive);
    story.fall_silent(Presence::Silent);
    story.until(story.now + 10);
    assert_eq!(opened(&story, "suspected-cut").len(), 2);
}

#[test]
fn a_question_that_nobody_answers_is_asked_once_more() {
    let mut story = begin(|_| ());
    story.fall_silent(Presence::Silent);
    story.until(story.now + 3600);
    let again =
        |event: &Event| matches!(event, Event::RoleTold { stage, .. } if stage == "asked-again");
    assert_eq!(story.count(again), 2, "the lead and IT, once each");
    assert_eq!(story.ending("suspected-cut"), None);
}

#[test]
fn a_ups_that_says_it_first_leaves_nothing_to_ask_and_later_ends_the_question() {
    let mut story = begin(|_| ());
    story.fall_silent(Presence::Silent);
    story.out = ["UPS-C1", "UPS-C2", "UPS-AF"].into();
    story.until(story.now + 60);
    assert!(opened(&story, "suspected-cut").is_empty());
    let mut story = begin(|_| ());
    story.fall_silent(Presence::Silent);
    story.until(story.now + 10);
    story.out = ["UPS-C1", "UPS-C2", "UPS-AF"].into();
    story.until(story.now + 3);
    let ending = story.ending("suspected-cut");
    assert!(matches!(ending, Some(Ending::Adopted(_))), "{ending:?}");
}

#[test]
fn nobody_is_asked_after_a_goodbye_a_few_our_own_network_or_the_evening() {
    let asked = |change: &dyn Fn(&mut Site), act: &dyn Fn(&mut Story)| {
        let mut story = begin(change);
        act(&mut story);
        story.until(story.now + 120);
        !opened(&story, "suspected-cut").is_empty()
    };
    assert!(asked(&|_| (), &|story| story.fall_silent(Presence::Silent)));
    assert!(!asked(&|_| (), &|story| story.fall_silent(Presence::Goodbye)));
    assert!(!asked(&|_| (), &|story| {
        for seat in &PLAIN[..2] {
            story.seat(seat, Presence::Silent);
        }
    }));
    assert!(!asked(&|_| (), &|story| {
        story.silent = ["UPS-C1", "UPS-C2", "UPS-AF"].into();
        story.until(story.now + 1);
        story.fall_silent(Presence::Silent);
    }));
    assert!(!asked(&|_| (), &|story| {
        for seat in &PLAIN[..3] {
            story.seat(seat, Presence::Silent);
            story.until(story.now + 30);
        }
    }));
    let evening = |site: &mut Site| {
        for zone in site.zones.values_mut() {
            zone.hours = Some(hours(8, 12));
        }
    };
    assert!(!asked(&evening, &|story| story.fall_silent(Presence::Silent)));
    // callwatch runs on that circuit and on no UPS: the circuit is live.
    let beside_us = |site: &mut Site| {
        site.host = Some(crate::site::Host {
            fed_by: "c3".to_owned(),
            via: Vec::new(),
            accepted: None,
        });
    };
    assert!(!asked(&beside_us, &|story| story.fall_silent(Presence::Silent)));
}

/// On every day of the week; the stories begin at 16:00.
fn hours(from: i8, to: i8) -> Hours {
    let span = Span {
        days: (1..=7).collect(),
        from: jiff::civil::time(from, 0, 0, 0),
        to: jiff::civil::time(to, 0, 0, 0),
    };
    Hours { spans: vec![span] }
}

fn critical(site: &mut Site) {
    let seat = site.seats.get_mut("C-01").unwrap();
    seat.required_runtime = Some(SignedDuration::from_mins(45));
    site.zones.get_mut("c3").unwrap().network = vec!["SW".to_owned()];
    let device = crate::site::Device {
        name: Text::new("三楼交换机", "Floor switch"),
        kind: Some(crate::site::DeviceKind::Switch),
        zone: None,
        fed_by: "UPS-C2".to_owned(),
        via: Vec::new(),
    };
    site.devices.insert("SW".to_owned(), device);
}

fn level(story: &Story) -> Level {
    let signal = Signal::new(Kind::UpsEndurance, "C-01");
    story.board.state().level(&signal)
}

fn lasts(story: &mut Story) -> String {
    let view = story.board.view(at(story.now), &[], None);
    let seat = view.readiness.iter().find(|it| it.of == "C-01").unwrap();
    seat.lasts.en.clone()
}

#[test]
fn what_is_short_of_battery_is_told_to_it_once_a_turn_and_its_end_too() {
    let mut story = begin(critical);
    assert_eq!(level(&story), Level::Warning, "60 min of 120");
    story.until(1700);
    assert!(opened(&story, "endurance").is_empty());
    story.until(1900);
    assert_eq!(
        opened(&story, "endurance").len(),
        2,
        "the seat and its zone"
    );
    assert_eq!(told_of(&story, "endurance"), ["it".to_owned()].into());
    let owed = |story: &Story| {
        story.count(|event| matches!(event, Event::Owed { message, .. } if message.procedure == "endurance"))
    };
    assert_eq!(owed(&story), 2);
    story.settle_debts();
    story.until(30_000);
    assert_eq!(owed(&story), 2, "it is not repeated");
    story.runtime_minutes = 30.0;
    story.until(30_100);
    assert_eq!(level(&story), Level::Critical);
    assert_eq!(owed(&story), 4, "below the floor is told at once");
    story.settle_debts();
    story.runtime_minutes = 200.0;
    story.until(32_000);
    assert_eq!(story.ending("endurance"), Some(Ending::AllClear));
    let ends = story.count(|event| {
        matches!(event, Event::Owed { message, .. }
            if message.procedure == "endurance" && message.notice == Notice::Closed)
    });
    assert_eq!(ends, 2);
    assert_eq!(&story.replayed(), story.board.state());
}

#[test]
fn what_turns_outside_working_hours_is_told_when_they_begin() {
    let mut story = begin(|site| {
        critical(site);
        for zone in site.zones.values_mut() {
            zone.hours = Some(hours(17, 18));
        }
    });
    story.until(3590);
    assert!(opened(&story, "endurance").is_empty());
    story.until(3601);
    assert!(!opened(&story, "endurance").is_empty());
}

#[test]
fn while_a_ups_is_on_its_battery_nothing_is_said_of_how_long_it_lasts() {
    let mut story = begin(critical);
    let turned = |event: &Event| matches!(event, Event::Turned { signal, .. } if signal.kind == Kind::UpsEndurance);
    let before = story.count(turned);
    story.out = ["UPS-C1", "UPS-C2", "UPS-AF"].into();
    story.until(story.now + 10);
    story.runtime_minutes = 20.0;
    story.until(story.now + 60);
    assert_eq!(story.count(turned), before);
    assert_eq!(lasts(&mut story), "not judged now");
}

#[test]
fn the_words_name_the_weakest_part_and_who_accepted_it() {
    let mut story = begin(|site| {
        critical(site);
        site.devices.get_mut("SW").unwrap().fed_by = "c3".to_owned();
    });
    assert_eq!(level(&story), Level::Critical);
    assert_eq!(
        lasts(&mut story),
        "dark at once: its switch “Floor switch” is on plain mains"
    );
    let accepted = |until: &str| {
        let until = until.parse().unwrap();
        move |site: &mut Site| {
            critical(site);
            site.readiness = Readiness::default();
            site.seats.get_mut("C-01").unwrap().accepted = Some(Accepted {
                by: "Service manager".to_owned(),
                until,
                down_to: None,
            });
        }
    };
    story = begin(accepted("2027-01-15"));
    assert_eq!(level(&story), Level::Normal);
    assert_eq!(
        lasts(&mut story),
        "about 60 min: it hangs on UPS-C1 (accepted by Service manager until 15 Jan 2027)"
    );
    story = begin(accepted("2027-01-14"));
    assert_eq!(level(&story), Level::Warning);
    assert_eq!(
        lasts(&mut story),
        "about 60 min: it hangs on UPS-C1 (accepted by Service manager, which ended on 14 Jan 2027)"
    );
    // Silent in the end: not known, and never well.
    story.silent = ["UPS-C1"].into();
    story.until(story.now + 30);
    assert_eq!(
        lasts(&mut story),
        "about 60 min: its switch “Floor switch” hangs on UPS-C2; how long is not known of UPS-C1 (accepted by Service manager, which ended on 14 Jan 2027)"
    );
}
