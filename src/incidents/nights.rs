//! Stories of nights and holidays: what wakes, what waits, and what the morning hears.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::civil::time;

use crate::incidents::adoption::stories::laws;
use crate::incidents::board::{Board, Centre};
use crate::incidents::card::Act;
use crate::incidents::entry::{Ending, Event};
use crate::incidents::input::Input;
use crate::incidents::message::Notice;
use crate::incidents::people;
use crate::incidents::stories::{Story, at, opened, told_of};
use crate::incidents::view::Due;
use crate::site::{Day, Device, Hours, Site, Span};
use crate::text::Text;

/// The stories begin on a Friday at 16:00; this is 22:00 of that day, in seconds.
const NIGHT: i64 = 6 * 3600;
/// 07:45 on Saturday.
const MORNING: i64 = 15 * 3600 + 45 * 60;
const ALL: [&str; 3] = ["UPS-C1", "UPS-C2", "UPS-AF"];

/// From Monday to Friday, 08:30 to 17:30.
fn office_hours(site: &mut Site) {
    for zone in site.zones.values_mut() {
        zone.hours = Some(Hours {
            spans: vec![Span {
                days: vec![1, 2, 3, 4, 5],
                from: time(8, 30, 0, 0),
                to: time(17, 30, 0, 0),
            }],
        });
    }
}

fn begin(change: impl Fn(&mut Site)) -> Story {
    let mut centre = Centre::clone(&people::centre("call-center"));
    office_hours(&mut centre.site);
    change(&mut centre.site);
    Story::of(Arc::new(centre))
}

fn due(story: &Story, channel: &str) -> Vec<Due> {
    let mut due = story.board.outbox();
    due.retain(|due| due.channel == channel);
    due
}

/// As after a crash: all that is not written down is gone.
fn restart(story: &mut Story) {
    let centre = Arc::clone(story.board.centre());
    story.board = Board::new(centre, story.replayed(), at(story.now));
    story.take(Input::Started).unwrap();
}

#[test]
fn a_power_cut_at_night_wakes_nobody_and_the_morning_hears_one_line() {
    let mut story = begin(|_| ());
    story.doze(NIGHT);
    story.out = ALL.into();
    story.until(NIGHT + 120);
    assert!(story.told("manager"), "the plan is run all the same");
    assert!(!story.cards("C-01").is_empty(), "a screen wakes nobody");
    story.out.clear();
    story.doze(NIGHT + 3600);
    assert_eq!(story.ending("power-loss"), Some(Ending::AllClear));
    assert!(story.board.outbox().is_empty());
    restart(&mut story);
    story.doze(MORNING - 1);
    assert!(story.board.outbox().is_empty());
    story.doze(MORNING);
    for channel in ["hook", "boss"] {
        let due = due(&story, channel);
        assert_eq!(due.len(), 1, "{channel}: {due:#?}");
        assert!(due[0].digest);
        assert_eq!(due[0].message.notice, Notice::Closed);
        assert!(
            due[0].message.text.zh.contains("停过电"),
            "was, is over, lasted: {:?}",
            due[0].message.text
        );
    }
    restart(&mut story);
    assert_eq!(due(&story, "hook").len(), 1, "a restart forgets no debt");
    assert!(due(&story, "hook")[0].digest);
    story.settle_debts();
    story.doze(MORNING + 3600);
    assert!(story.board.outbox().is_empty());
    let woken = |event: &Event| matches!(event, Event::Woken { .. });
    assert!(!story.has(woken));
    assert_eq!(&story.replayed(), story.board.state());
}

#[test]
fn what_was_adopted_over_night_is_said_in_the_morning_as_it_was_and_only_where_nothing_wider_is() {
    let mut story = begin(|_| ());
    story.doze(NIGHT);
    let how = [("which", "crm"), ("symptom", "login")];
    story.raise("C-02", "system-fault", "", 0, &how).unwrap();
    let system = story.incident();
    story.until(NIGHT + 60);
    let how = [("what", "gear")];
    story.raise("C-01", "network-failure", "", 0, &how).unwrap();
    let network = story.incident();
    story.doze(MORNING);
    assert!(story.has(|event| matches!(event, Event::Adopted { .. })));
    let said = |channel: &str| {
        let due = due(&story, channel).into_iter();
        due.map(|due| (due.incident, due.message.notice, due.digest))
            .collect::<Vec<_>>()
    };
    assert_eq!(said("hook"), [(network, Notice::Opened, true)]);
    assert_eq!(said("boss"), [(system, Notice::Opened, true)]);
    laws(&story);
    assert_eq!(&story.replayed(), story.board.state());
}

#[test]
fn what_is_still_open_in_the_morning_is_said_as_it_stands_then() {
    let mut story = begin(|_| ());
    story.doze(NIGHT);
    story.out = ALL.into();
    story.doze(MORNING);
    let due = due(&story, "boss");
    assert_eq!(due.len(), 1);
    assert_eq!(due[0].message.notice, Notice::Opened, "it never left");
    let text = &due[0].message.text;
    assert!(text.zh.contains("还没恢复，已经9小时"), "{text:?}");
    assert_eq!(&story.replayed(), story.board.state());
}

#[test]
fn a_fire_at_night_calls_whoever_is_on_call_and_after_three_minutes_the_deputy() {
    let mut story = begin(|site| {
        let it = site.roles.get_mut("it").unwrap();
        it.deputy.channels.push("deputy".to_owned());
    });
    story.doze(NIGHT);
    story.raise("C-03", "fire", "c3", 0, &[]).unwrap();
    let called = due(&story, "hook");
    assert_eq!(
        called.len(),
        1,
        "{:#?}",
        story
            .entries
            .iter()
            .map(|e| &e.reason.en)
            .collect::<Vec<_>>()
    );
    assert!(!called[0].digest);
    assert!(called[0].message.text.en.contains("Nobody is at work now"));
    assert!(due(&story, "boss").is_empty() && due(&story, "deputy").is_empty());
    story.until(NIGHT + 179);
    assert!(due(&story, "deputy").is_empty());
    story.until(NIGHT + 180);
    let deputy = due(&story, "deputy");
    assert_eq!(deputy.len(), 1);
    assert!(deputy[0].message.text.zh.contains("还没看到，请您接手"));
    story.settle_debts();
    story.until(NIGHT + 400);
    assert!(
        story.board.outbox().is_empty(),
        "the deputy is the last who is woken"
    );
    let incident = story.incident();
    story.act("C-03", Act::StandDown { incident }).unwrap();
    assert!(story.board.outbox().is_empty(), "an all-clear wakes nobody");
    story.doze(MORNING);
    for channel in ["hook", "boss", "deputy"] {
        let ends: Vec<Notice> = due(&story, channel)
            .iter()
            .map(|due| due.message.notice)
            .collect();
        assert_eq!(ends, [Notice::Closed], "{channel}");
    }
    assert_eq!(&story.replayed(), story.board.state());
}

#[test]
fn a_battery_under_the_network_wakes_once_it_lasts_less_than_an_hour() {
    let mut story = begin(|site| {
        let device = Device {
            kind: None,
            name: Text::same("SW"),
            zone: None,
            fed_by: "UPS-C1".to_owned(),
            via: Vec::new(),
        };
        site.devices.insert("SW".to_owned(), device);
    });
    story.doze(NIGHT);
    story.runtime_minutes = 120.0;
    story.out = ALL.into();
    story.until(NIGHT + 300);
    assert!(due(&story, "hook").is_empty());
    story.runtime_minutes = 55.0;
    story.until(NIGHT + 303);
    let woken = |event: &Event| matches!(event, Event::Woken { owed, .. } if !owed.is_empty());
    assert!(story.has(woken));
    assert_eq!(due(&story, "hook").len(), 1);
    assert!(due(&story, "boss").is_empty());
    assert_eq!(&story.replayed(), story.board.state());
}

#[test]
fn a_channel_that_may_always_ring_is_told_at_once() {
    let mut story = begin(|site| {
        site.quiet.channels.insert("hook".to_owned(), None);
    });
    story.doze(NIGHT);
    story.out = ALL.into();
    story.until(NIGHT + 30);
    assert_eq!(due(&story, "hook").len(), 1);
    assert!(due(&story, "boss").is_empty());
}

#[test]
fn silence_on_a_holiday_is_grey_until_somebody_works_again() {
    let mut story = begin(|site| {
        let today = site.date_of(at(0));
        site.calendar.days.insert(today, Day::Off);
        // The Saturday makes up for it.
        let make_up = today.tomorrow().unwrap();
        site.calendar.days.insert(make_up, Day::As(5));
    });
    assert!(!story.board.view(at(0), &[], None).working);
    story.silent = ["UPS-C1"].into();
    story.doze(MORNING);
    assert!(opened(&story, "blind").is_empty());
    story.doze(MORNING + 45 * 60 - 1);
    assert!(opened(&story, "blind").is_empty());
    // 08:30 of the make-up Saturday.
    story.doze(MORNING + 45 * 60);
    assert_eq!(told_of(&story, "blind"), BTreeSet::from(["it".to_owned()]));
    assert_eq!(due(&story, "hook").len(), 1, "people are at work");
    assert!(!due(&story, "hook")[0].digest);
}

#[test]
fn between_the_digest_and_the_begin_of_work_it_waits_for_the_begin() {
    let mut story = begin(|site| {
        let today = site.date_of(at(0));
        let make_up = today.tomorrow().unwrap();
        site.calendar.days.insert(make_up, Day::As(5));
    });
    story.doze(MORNING + 600);
    story.out = ALL.into();
    story.until(MORNING + 700);
    assert!(story.board.outbox().is_empty());
    story.doze(MORNING + 45 * 60 - 1);
    assert!(story.board.outbox().is_empty());
    story.doze(MORNING + 45 * 60);
    assert_eq!(due(&story, "hook").len(), 1);
}
