//! Stories of what people raise: who sees what, which clocks run, and how it ends.

use std::sync::Arc;

use crate::incidents::board::{Centre, Timing};
use crate::incidents::card::{Act, Card};
use crate::incidents::entry::{Ending, Event, Recipient};
use crate::incidents::input::Refused;
use crate::incidents::stories::{Story, at, site};
use crate::plan;
use crate::text::Text;

/// The small centre of the stories, with a desk for those above the lead.
pub(super) fn centre(pack: &str) -> Arc<Centre> {
    let text = plan::pack(pack).unwrap();
    let mut site = site(false);
    site.address = Some(Text::new("康宁路88号", "88 Kangning Road"));
    let desk = site.seats["AF-01"].clone();
    site.seats.insert("M-01".to_owned(), desk);
    for role in ["supervisor", "manager"] {
        let role = site.roles.entry(role.to_owned()).or_default();
        role.seats.push("M-01".to_owned());
    }
    Arc::new(Centre {
        site,
        plan: plan::parse(pack, text).unwrap(),
        timing: Timing::default(),
    })
}

fn begin() -> Story {
    Story::of(centre("call-center"))
}

impl Story {
    pub(super) fn raise(
        &mut self,
        seat: &str,
        procedure: &str,
        of: &str,
        found: u32,
        answers: &[(&str, &str)],
    ) -> Result<(), Refused> {
        let answers = answers.iter();
        let answers = answers.map(|(ask, value)| ((*ask).to_owned(), (*value).to_owned()));
        self.act(
            seat,
            Act::Raise {
                procedure: procedure.to_owned(),
                of: of.to_owned(),
                found,
                answers: answers.collect(),
            },
        )
    }

    pub(super) fn cards(&mut self, seat: &str) -> Vec<Arc<Card>> {
        let screens = self.board.screens(at(self.now));
        screens[seat].zh.to_vec()
    }

    fn only_card(&mut self, seat: &str) -> Arc<Card> {
        let cards = self.cards(seat);
        assert_eq!(cards.len(), 1, "{cards:#?}");
        cards.into_iter().next().unwrap()
    }

    fn lines(&mut self, seat: &str) -> Vec<String> {
        self.only_card(seat).lines.clone()
    }

    fn began(&self, wanted: &str) -> bool {
        self.has(|event| matches!(event, Event::StageBegan { stage, .. } if stage == wanted))
    }

    fn missed(&self, wanted: &str) -> bool {
        self.has(|event| matches!(event, Event::StepMissed { step, .. } if step == wanted))
    }
}

#[test]
fn a_fire_tells_each_one_what_to_do_where_they_are() {
    let mut story = begin();
    story.raise("C-03", "fire", "c3", 0, &[]).unwrap();
    let raiser = story.only_card("C-03");
    assert!(raiser.lines[0].contains("康宁路88号"), "{raiser:?}");
    assert_eq!(story.lines("C-02")[0], "放下电话走楼梯，东西别拿");
    assert_eq!(story.lines("AF-01")[0], "听楼内广播，叫走就走");
    assert_eq!(story.lines("C-01")[1], "点齐人，在东门");
    assert!(story.told("manager"));
    // Whoever raises it again joins it.
    story.raise("C-02", "fire", "c3", 0, &[]).unwrap();
    assert_eq!(
        story.count(|event| matches!(event, Event::Opened { .. })),
        1
    );
    story.tick("C-01", "roll");
    story.until(story.now + 2);
    assert!(story.began("safe"));
    let incident = story.incident();
    let refused = story.act("C-02", Act::Close { incident });
    assert!(matches!(refused, Err(Refused::NotYours { .. })));
    story.act("C-01", Act::Close { incident }).unwrap();
    assert_eq!(story.ending("fire"), Some(Ending::Done("C-01".to_owned())));
    assert_eq!(story.only_card("C-02").title, "火警解除 · C座三楼");
}

#[test]
fn a_deadline_counts_from_when_it_was_found_and_what_is_missed_goes_up() {
    let mut story = begin();
    // Found a minute ago: two minutes of the plan are one minute from now.
    story.raise("C-03", "fire", "c3", 60, &[]).unwrap();
    story.until(story.now + 59);
    assert!(!story.missed("tell-up"));
    story.until(story.now + 1);
    assert!(story.missed("tell-up") && story.told("operations"));
    let mut story = begin();
    story.raise("C-03", "fire", "c3", 60, &[]).unwrap();
    // The manager's screen has shown it: nobody need phone.
    story.settle_debts();
    story.until(story.now + 120);
    assert!(!story.missed("tell-up") && !story.told("operations"));
}

#[test]
fn who_raised_a_false_alarm_takes_it_back() {
    let mut story = begin();
    story.raise("C-03", "fire", "c3", 0, &[]).unwrap();
    let incident = story.incident();
    let refused = story.act("C-02", Act::StandDown { incident });
    assert!(matches!(refused, Err(Refused::NotYours { .. })));
    story.act("C-03", Act::StandDown { incident }).unwrap();
    assert_eq!(
        story.ending("fire"),
        Some(Ending::StoodDown("C-03".to_owned()))
    );
}

#[test]
fn a_theft_is_nobodys_news_but_those_who_deal_with_it() {
    let mut story = begin();
    story.raise("C-03", "theft", "c3", 0, &[]).unwrap();
    for seat in ["C-03", "C-02", "IT-01"] {
        assert_eq!(story.cards(seat).len(), 0, "{seat}");
    }
    let card = story.only_card("C-01");
    assert_eq!(
        (card.title.as_str(), card.lines.len()),
        ("请联系呼叫中心主管", 0)
    );
    assert!(card.more.iter().any(|line| line.contains("别动现场")));
    let record = story.entries.clone();
    let view = story.board.view(at(story.now), &record, None);
    assert_eq!(view.incidents[0].title.zh, "内部事务");
    assert!(view.incidents[0].timeline.is_empty());
    story.answer("M-01", "police", "yes");
    assert!(story.began("police"));
    let card = story.only_card("C-01");
    assert!(card.more.iter().any(|line| line.contains("康宁路88号")));
}

#[test]
fn a_channel_of_others_hears_of_a_sensitive_matter_without_its_name() {
    let mut centre = (*centre("call-center")).clone();
    // Staff have a channel, and are told that there is something.
    centre.site.roles.get_mut("staff").unwrap().channels = vec!["group".to_owned()];
    let accident = centre.plan.procedures.get_mut("personal-accident").unwrap();
    let mut changed = (**accident).clone();
    changed.stage[0].tell.push("staff".to_owned());
    *accident = Arc::new(changed);
    let mut story = Story::of(Arc::new(centre));
    story
        .raise("C-03", "personal-accident", "c3", 0, &[("hurt", "1")])
        .unwrap();
    let said = |wanted: &str| {
        story.entries.iter().find_map(|entry| match &entry.event {
            Event::Owed {
                recipient: Recipient::Channel(channel),
                message,
                ..
            } if channel == wanted => Some(message.clone()),
            _ => None,
        })
    };
    let group = said("group").unwrap();
    assert_eq!(group.text.zh, "请联系呼叫中心主管。");
    assert_eq!(
        (group.procedure.as_str(), group.place.zh.as_str()),
        ("", "")
    );
    assert!(said("boss").unwrap().text.zh.contains("人员伤病"));
}

#[test]
fn a_system_fault_runs_its_clocks_until_somebody_says_that_it_is_mended() {
    let mut story = begin();
    let answers = [("which", "crm"), ("symptom", "login")];
    story
        .raise("C-02", "system-fault", "", 120, &answers)
        .unwrap();
    let card = story.only_card("C-03");
    assert!(card.title.starts_with("CRM登不上 "), "{}", card.title);
    assert!(card.title.ends_with(" · 全部坐席"), "{}", card.title);
    let begin = story.now;
    story.until(begin + 180);
    assert!(story.missed("report"), "5 min from when it was found");
    story.until(begin + 479);
    assert!(!story.began("10-min"));
    story.until(begin + 480);
    assert!(story.began("10-min"));
    story.until(begin + 3480);
    assert!(story.began("60-min"));
    story.answer("IT-01", "state", "back");
    assert!(story.began("recovery"));
    story.until(story.now + 400);
    assert_eq!(
        story.ending("system-fault"),
        None,
        "the lead has not phoned"
    );
    story.answer("IT-01", "state", "bad");
    assert!(story.has(|event| matches!(event, Event::GateBroken { .. })));
    story.answer("IT-01", "state", "back");
    story.tick("C-01", "phone-told");
    story.until(story.now + 300);
    assert_eq!(story.ending("system-fault"), Some(Ending::AllClear));
}

#[test]
fn it_says_earlier_that_ten_minutes_will_not_do_and_operations_hears_it_once() {
    let mut story = begin();
    let answers = [("which", "acd"), ("symptom", "slow")];
    story
        .raise("C-02", "system-fault", "", 0, &answers)
        .unwrap();
    story.answer("IT-01", "outlook", "longer");
    assert!(story.told("operations"));
    story.until(story.now + 700);
    let told =
        |event: &Event| matches!(event, Event::RoleTold { role, .. } if role == "operations");
    // At minute 5 the manager had not been reached either, and that was missed.
    let stages: Vec<String> = story
        .entries
        .iter()
        .filter(|entry| told(&entry.event))
        .map(|entry| match &entry.event {
            Event::RoleTold { stage, .. } => stage.clone(),
            _ => String::new(),
        })
        .collect();
    assert_eq!(stages, ["report-up", "missed report"]);
}

#[test]
fn a_surge_grows_thirty_minutes_after_the_support_stood() {
    let mut story = begin();
    story.raise("C-01", "call-surge", "", 0, &[]).unwrap();
    story.until(story.now + 3600);
    assert!(
        !story.began("level-2"),
        "nobody has seen level 1, nobody gave it"
    );
    // Seen, and not said to be given: it counts as given 5 min later.
    story.settle_debts();
    let seen = story.now;
    story.until(seen + 300 + 1799);
    assert!(!story.began("level-2"));
    story.until(seen + 300 + 1800);
    assert!(story.began("level-2"));
    story.tick("C-01", "level-2-given");
    story.until(story.now + 1800);
    assert!(story.began("level-3") && story.told("manager"));
    story.answer("C-01", "state", "calm");
    assert_eq!(story.ending("call-surge"), Some(Ending::AllClear));
}

#[test]
fn a_complaint_is_numbered_quiet_and_due_at_the_end_of_the_promised_day() {
    let mut story = begin();
    let promised = story.board.centre().site.date_of(at(0)).to_string();
    let answers = [
        ("about", "product"),
        ("written", "no"),
        ("promised", promised.as_str()),
    ];
    for count in 1..=2 {
        story
            .raise("C-02", "complaint", "C-02", 0, &answers)
            .unwrap();
        let opened = story
            .entries
            .iter()
            .rev()
            .find_map(|entry| match &entry.event {
                Event::Opened { case, .. } => case.clone(),
                _ => None,
            });
        assert_eq!(opened.unwrap().count, count, "each is one of its own");
    }
    let cards = story.cards("C-02");
    assert!(cards.iter().all(|card| card.quiet), "{cards:#?}");
    assert!(
        cards[0].title.starts_with("TS-2027-2 · "),
        "{}",
        cards[0].title
    );
    assert!(story.cards("C-01").iter().all(|card| card.quiet));
    let view = story.board.view(at(story.now), &[], None);
    assert!(view.incidents.is_empty(), "a register is not on the board");
    assert!(!story.told("manager"));
    // 18:00 in Shanghai.
    let due = story
        .board
        .centre()
        .site
        .end_of_work(promised.parse().unwrap());
    let due = due.as_second() - at(0).as_second();
    assert!(due > 0, "the stories begin before the end of work");
    story.until(due);
    assert!(story.missed("progress") && story.told("manager"));
    assert!(story.cards("M-01").iter().all(|card| !card.quiet));
}

#[test]
fn a_number_of_working_days_is_written_down_as_the_day_that_it_comes_to() {
    let mut story = begin();
    let answers = [
        ("about", "staff"),
        ("written", "yes"),
        ("promised", "2027-12-31"),
        ("confirm", "5"),
    ];
    story
        .raise("C-02", "complaint", "C-02", 0, &answers)
        .unwrap();
    let site = &story.board.centre().site;
    let today = site.date_of(at(story.now));
    let day = site.working_day_after(today, 5);
    assert_eq!(
        day.duration_since(today).as_hours(),
        7 * 24,
        "a week-end lies between"
    );
    let confirm = story.entries.iter().find_map(|entry| match &entry.event {
        Event::Answered { ask, value, .. } if ask == "confirm" => Some(value.clone()),
        _ => None,
    });
    assert_eq!(confirm, Some(day.to_string()));
    assert!(story.began("written") && story.began("about-staff"));
}

#[test]
fn what_cannot_be_solved_alone_is_passed_on_by_a_tick() {
    let mut story = begin();
    let answers = [
        ("about", "product"),
        ("written", "no"),
        ("promised", "2027-12-31"),
    ];
    story
        .raise("C-02", "complaint", "C-02", 0, &answers)
        .unwrap();
    let complaint = story.incident();
    story.tick("C-02", "hand-up");
    let started = story.entries.iter().find_map(|entry| match &entry.event {
        Event::Opened {
            procedure,
            started_by: Some(by),
            ..
        } => Some((procedure.id.clone(), *by)),
        _ => None,
    });
    assert_eq!(
        started,
        Some(("complaint-escalation".to_owned(), complaint))
    );
    assert!(
        story.cards("C-01").iter().any(|card| !card.quiet),
        "the lead is to come"
    );
}

#[test]
fn a_seat_fault_names_a_spare_seat_that_is_not_at_fault_itself() {
    let mut story = begin();
    story
        .raise("C-02", "seat-fault", "C-02", 0, &[("what", "headset")])
        .unwrap();
    assert_eq!(story.lines("C-02")[0], "换到 C-03，接着接电话");
    story
        .raise("C-03", "seat-fault", "C-03", 0, &[("what", "pc")])
        .unwrap();
    assert_eq!(
        story.lines("C-02"),
        ["接着接电话", "等呼叫中心主管安排，信息部也知道了"]
    );
    story.answer("IT-01", "state", "back");
    assert_eq!(story.ending("seat-fault"), Some(Ending::AllClear));
}

#[test]
fn what_is_raised_wrongly_is_refused_and_changes_nothing() {
    let mut story = begin();
    let before = story.entries.len();
    let raised = [
        story.raise("C-02", "fire", "attic", 0, &[]),
        story.raise("C-02", "blind", "", 0, &[]),
        story.raise("C-02", "call-surge", "", 0, &[]),
        story.raise("C-02", "seat-fault", "C-02", 0, &[]),
        story.raise("C-02", "seat-fault", "C-02", 0, &[("what", "chair")]),
        story.raise("C-02", "seat-fault", "C-99", 0, &[("what", "pc")]),
        story.raise("C-02", "personal-accident", "c3", 0, &[("hurt", "-1")]),
        story.raise("C-02", "fire", "c3", 0, &[("what", "pc")]),
    ];
    for refused in &raised {
        assert!(refused.is_err(), "{raised:#?}");
    }
    assert_eq!(story.entries.len(), before);
    // Nobody finds today what was found last year.
    story.raise("C-02", "fire", "c3", u32::MAX, &[]).unwrap();
    let onset = story.entries.iter().find_map(|entry| match &entry.event {
        Event::Opened { onset, .. } => Some(*onset),
        _ => None,
    });
    assert_eq!(at(story.now).duration_since(onset.unwrap()).as_hours(), 24);
}
