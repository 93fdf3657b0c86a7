//! Stories of a surge, as the ACD tells it every ten seconds.

use std::sync::Arc;

use jiff::SignedDuration;

use crate::acd::{self, Blind, NoReading, Outage};
use crate::incidents::board::{Board, Centre};
use crate::incidents::card::{Act, Card, RingAnswer};
use crate::incidents::entry::{Ending, Event};
use crate::incidents::input::{Input, Refused};
use crate::incidents::people::centre;
use crate::incidents::stories::{Story, at};
use crate::signals::{Kind, Level, Signal};
use crate::site::{Bounds, Contact, Days, Queue, Site, Special};
use crate::staffing::Goal;
use crate::text::{Language, Text};

const SURGE: &str = "call-surge";

fn queue(site: &Site) -> Queue {
    Queue {
        name: Text::new("客服热线", "Hotline"),
        acd: "pbx".to_owned(),
        queue: "8000".to_owned(),
        seats: site.seats.keys().cloned().collect(),
        bounds: Bounds::default(),
        on: Vec::new(),
        handling: SignedDuration::from_secs(180),
        wrap_up: SignedDuration::from_secs(30),
        patience: None,
        goal: Goal {
            within: SignedDuration::from_secs(20),
            service_level: 0.8,
            abandoned: 0.05,
        },
        stale_after: None,
    }
}

/// A floor of eleven on line, and two lists of people to call in.
struct Floor {
    story: Story,
    waiting: u32,
    longest: u32,
    on_line: u32,
    /// Seconds between two calls.
    every: i64,
    offered: u64,
    /// What the ACD says in place of figures.
    none: Option<NoReading>,
    blind: Option<Blind>,
}

impl Floor {
    fn begin() -> Self {
        Self::with(|_| ())
    }

    fn with(shape: impl Fn(&mut Site)) -> Self {
        let mut centre: Centre = (*centre("call-center")).clone();
        let hotline = queue(&centre.site);
        centre.site.queues.insert("hotline".to_owned(), hotline);
        for (list, people) in [("backup", ["1", "2", "3"]), ("support", ["7", "8", "9"])] {
            let people = people.map(|phone| Contact {
                name: Text::same(format!("{list} {phone}")),
                phone: phone.to_owned(),
            });
            centre
                .site
                .reserves
                .insert(list.to_owned(), people.to_vec());
        }
        shape(&mut centre.site);
        let mut floor = Self {
            story: Story::of(Arc::new(centre)),
            waiting: 0,
            longest: 0,
            on_line: 11,
            every: 18,
            offered: 0,
            none: None,
            blind: None,
        };
        floor.pass(1800);
        floor
    }

    fn told(&mut self) -> Result<acd::Reading, NoReading> {
        if let Some(none) = &self.none {
            return Err(none.clone());
        }
        // A live queue's longest wait moves.
        let tick = u32::try_from(self.story.now / 10 % 2).unwrap();
        let queue = acd::Queue {
            waiting: Some(self.waiting),
            longest_wait: Some(if self.longest > 1 {
                self.longest + tick
            } else {
                self.longest
            }),
            staffed: Some(self.on_line + 1),
            paused: Some(1),
            totals: acd::Totals {
                offered: Some(self.offered),
                ..acd::Totals::default()
            },
            ..acd::Queue::default()
        };
        let told = self.blind.clone().map_or(Ok(queue), Err);
        Ok(acd::Reading {
            queues: [("8000".to_owned(), told)].into(),
            members: None,
        })
    }

    fn pass(&mut self, seconds: i64) {
        let end = self.story.now + seconds;
        while self.story.now < end {
            self.story.doze((self.story.now + 10).min(end));
            self.offered = u64::try_from(self.story.now / self.every).unwrap();
            let acd = "pbx".to_owned();
            let reading = self.told();
            self.story.take(Input::Acd { acd, reading }).unwrap();
        }
    }

    fn busy(&mut self) {
        (self.waiting, self.longest) = (30, 200);
    }

    fn calm(&mut self) {
        (self.waiting, self.longest) = (1, 20);
    }

    fn level(&self) -> Level {
        let signal = Signal::new(Kind::QueueCalls, "hotline");
        self.story.board.state().level(&signal)
    }

    fn opened(&self) -> usize {
        self.story.count(
            |event| matches!(event, Event::Opened { procedure, .. } if procedure.id == SURGE),
        )
    }

    fn began(&self, wanted: &str) -> bool {
        let begins =
            |event: &Event| matches!(event, Event::StageBegan { stage, .. } if stage == wanted);
        self.story.has(begins)
    }

    /// A surge at level 1 that the lead has given.
    fn given() -> Self {
        let mut floor = Self::begin();
        floor.busy();
        floor.pass(320);
        assert_eq!(floor.opened(), 1);
        floor.story.settle_debts();
        floor.story.tick("C-01", "level-1-given");
        floor
    }

    /// The lead's own card of the surge, and the one that asks to ring somebody up.
    fn cards(&mut self, seat: &str, language: Language) -> (Option<Arc<Card>>, Option<Arc<Card>>) {
        let screens = self.story.board.screens(at(self.story.now));
        let cards = screens[seat].in_language(language);
        let rings = |card: &&Arc<Card>| card.key.role.starts_with("call list");
        (
            cards.iter().find(|card| !rings(card)).cloned(),
            cards.iter().find(rings).cloned(),
        )
    }

    fn lines(&mut self, language: Language) -> Vec<String> {
        let (card, _) = self.cards("C-01", language);
        card.expect("the lead has a card").lines.clone()
    }

    fn ring(&mut self, answer: RingAnswer) {
        let (_, card) = self.cards("C-01", Language::En);
        let card = card.expect("the lead is asked to ring");
        let wanted = match answer {
            RingAnswer::Coming => 0,
            RingAnswer::Cannot => 1,
            RingAnswer::NoAnswer => 2,
        };
        let act = card.buttons[wanted].act.clone();
        self.story.act("C-01", act).unwrap();
    }

    fn asked(&mut self) -> Option<String> {
        let (_, card) = self.cards("C-01", Language::En);
        card.map(|card| card.lines[0].clone())
    }
}

#[test]
fn a_surge_goes_through_its_levels_and_ends_when_it_has_been_calm_for_ten_minutes() {
    let mut floor = Floor::begin();
    assert_eq!(floor.level(), Level::Normal);
    floor.busy();
    floor.pass(290);
    assert_eq!(floor.opened(), 0);
    floor.pass(30);
    assert_eq!(floor.opened(), 1);
    assert_eq!(
        floor.lines(Language::Zh),
        [
            "约差3人，补齐后约25分清完",
            "把能接的都叫上线，叫齐按“齐了”"
        ]
    );
    assert_eq!(
        floor.lines(Language::En)[0],
        "About 3 short; then clear in 25 min"
    );
    floor.story.settle_debts();
    floor.story.tick("C-01", "level-1-given");
    let given = floor.story.now;
    floor.pass(1790);
    assert!(!floor.began("level-2"));
    floor.pass(10);
    assert!(floor.began("level-2"));
    assert_eq!(floor.story.now, given + 1800);
    floor.story.settle_debts();
    assert_eq!(floor.asked().as_deref(), Some("backup 1 1"));
    floor.ring(RingAnswer::Coming);
    floor.ring(RingAnswer::NoAnswer);
    floor.ring(RingAnswer::Cannot);
    assert_eq!(
        floor.lines(Language::En)[0],
        "About 3 short, 1 coming; then clear in 25 min"
    );
    floor.on_line = 15;
    floor.calm();
    floor.pass(590);
    assert_eq!(floor.story.ending(SURGE), None);
    floor.pass(20);
    assert_eq!(floor.story.ending(SURGE), Some(Ending::AllClear));
    assert!(!floor.began("level-3"));
    assert_eq!(&floor.story.replayed(), floor.story.board.state());
}

#[test]
fn the_message_to_the_manager_says_how_many_are_short_too() {
    let mut floor = Floor::begin();
    floor.busy();
    floor.pass(320);
    let said = floor
        .story
        .entries
        .iter()
        .find_map(|entry| match &entry.event {
            Event::Owed { message, .. } => Some(message.text.clone()),
            _ => None,
        });
    let said = said.expect("the manager has a channel");
    assert!(
        said.en.contains("About 3 short; then clear in 25 min"),
        "{}",
        said.en
    );
    assert!(said.zh.contains("约差3人，补齐后约25分清完"), "{}", said.zh);
}

#[test]
fn a_surge_that_is_under_control_before_level_2_never_calls_it() {
    let mut floor = Floor::given();
    floor.pass(1500);
    floor.calm();
    floor.pass(620);
    assert_eq!(floor.story.ending(SURGE), Some(Ending::AllClear));
    floor.pass(3600);
    assert!(!floor.began("level-2"));
    assert_eq!(floor.opened(), 1);
}

#[test]
fn a_blip_of_less_than_five_minutes_opens_nothing() {
    let mut floor = Floor::begin();
    for _ in 0..3 {
        floor.busy();
        floor.pass(290);
        floor.calm();
        floor.pass(60);
    }
    assert_eq!(floor.opened(), 0);
    // Between the bounds it is what it was: that is no break.
    floor.busy();
    floor.pass(150);
    (floor.waiting, floor.longest) = (2, 100);
    floor.pass(160);
    assert_eq!(floor.opened(), 1);
}

#[test]
fn calm_of_less_than_three_minutes_does_not_start_the_thirty_anew() {
    let mut floor = Floor::given();
    let given = floor.story.now;
    for _ in 0..3 {
        floor.pass(300);
        floor.calm();
        floor.pass(170);
        floor.busy();
    }
    floor.pass(given + 1800 - floor.story.now);
    assert!(floor.began("level-2"));
    assert_eq!(&floor.story.replayed(), floor.story.board.state());
}

#[test]
fn calm_of_three_minutes_or_more_starts_the_thirty_anew() {
    let mut floor = Floor::given();
    floor.pass(1200);
    floor.calm();
    floor.pass(190);
    floor.busy();
    floor.pass(10);
    let again = floor.story.now;
    floor.pass(1780);
    assert!(!floor.began("level-2"));
    floor.pass(20);
    assert!(
        floor.began("level-2"),
        "{} s after",
        floor.story.now - again
    );
    let card = floor.cards("C-01", Language::Zh).0.unwrap();
    // Level 2 begins thirty minutes after it was bad again.
    assert!(card.title.starts_with("来电激增二级"), "{}", card.title);
    assert_eq!(&floor.story.replayed(), floor.story.board.state());
}

#[test]
fn a_blind_acd_opens_no_surge_and_ends_none() {
    let mut floor = Floor::begin();
    floor.busy();
    floor.pass(200);
    floor.none = Some(NoReading::Down(Outage::Refused));
    floor.pass(600);
    assert_eq!((floor.level(), floor.opened()), (Level::Unknown, 0));
    floor.none = None;
    floor.pass(320);
    assert_eq!(floor.opened(), 1);
    // Blind while it is calm: the ten minutes count anew.
    floor.calm();
    floor.pass(500);
    floor.blind = Some(Blind::UnknownQueue);
    floor.pass(1200);
    assert_eq!(
        (floor.level(), floor.story.ending(SURGE)),
        (Level::Unknown, None)
    );
    let since = floor.lines(Language::En)[0].clone();
    assert!(since.starts_with("No queue figures since "), "{since}");
    floor.blind = None;
    floor.pass(590);
    assert_eq!(floor.story.ending(SURGE), None);
    floor.pass(30);
    assert_eq!(floor.story.ending(SURGE), Some(Ending::AllClear));
    assert_eq!(&floor.story.replayed(), floor.story.board.state());
}

/// Nobody measures it then, as one that a person raised: it goes by the lead's word.
#[test]
fn a_surge_whose_acd_goes_blind_goes_on_by_the_clock_until_the_lead_says_that_it_is_calm() {
    let mut floor = Floor::given();
    floor.pass(600);
    floor.none = Some(NoReading::Down(Outage::Refused));
    floor.pass(1190);
    assert!(!floor.began("level-2"));
    floor.pass(10);
    assert!(floor.began("level-2"));
    let line = floor.lines(Language::Zh)[0].clone();
    assert!(line.ends_with(" 起看不到排队数"), "{line}");
    floor.story.answer("C-01", "state", "calm");
    assert_eq!(floor.story.ending(SURGE), Some(Ending::AllClear));
    // Seen again, and never under control between: it is a surge of its own.
    floor.none = None;
    floor.pass(320);
    assert_eq!(floor.opened(), 2);
}

#[test]
fn one_answer_that_is_lost_is_no_blindness() {
    let mut floor = Floor::given();
    for blind in [
        Blind::Slow,
        Blind::HalfList {
            told: 3,
            received: 2,
        },
    ] {
        floor.blind = Some(blind);
        floor.pass(10);
        floor.blind = None;
        floor.pass(10);
        assert_eq!(floor.level(), Level::Critical);
    }
    floor.blind = Some(Blind::Slow);
    floor.pass(20);
    assert_eq!(floor.level(), Level::Unknown);
}

#[test]
fn frozen_figures_are_blind_by_themselves() {
    let mut floor = Floor::begin();
    (floor.waiting, floor.longest) = (30, 1);
    floor.pass(40);
    assert_eq!(floor.level(), Level::Critical);
    floor.pass(70);
    assert_eq!(floor.level(), Level::Unknown);
    floor.pass(600);
    assert_eq!(floor.opened(), 0);
}

#[test]
fn the_leads_word_ends_what_a_person_raised_and_what_is_blind_but_not_what_is_measured() {
    let calm = |floor: &mut Floor| {
        let incident = floor.story.incident();
        let (ask, value) = ("state".to_owned(), "calm".to_owned());
        floor.story.act(
            "C-01",
            Act::Answer {
                incident,
                ask,
                value,
            },
        )
    };
    let offered = |floor: &mut Floor| {
        let card = floor.cards("C-01", Language::En).0.unwrap();
        let button = card.buttons.iter().find(|it| it.say == "Calm again");
        button.map(|button| button.done)
    };
    let mut floor = Floor::begin();
    floor.story.raise("C-01", SURGE, "", 0, &[]).unwrap();
    assert_eq!(offered(&mut floor), Some(false));
    calm(&mut floor).unwrap();
    assert_eq!(floor.story.ending(SURGE), Some(Ending::AllClear));
    let mut floor = Floor::given();
    assert_eq!(offered(&mut floor), None);
    calm(&mut floor).unwrap();
    floor.pass(60);
    assert_eq!(floor.story.ending(SURGE), None);
    floor.none = Some(NoReading::Down(Outage::Refused));
    floor.pass(60);
    assert_eq!(
        floor.story.ending(SURGE),
        None,
        "said while it was measured"
    );
    assert_eq!(offered(&mut floor), Some(false));
    calm(&mut floor).unwrap();
    assert_eq!(floor.story.ending(SURGE), Some(Ending::AllClear));
}

#[test]
fn what_a_person_raised_and_the_acd_sees_too_is_one_surge() {
    let mut floor = Floor::begin();
    floor.busy();
    floor.pass(60);
    floor.story.raise("C-01", SURGE, "", 0, &[]).unwrap();
    floor.pass(600);
    assert_eq!(floor.opened(), 1);
    floor.calm();
    floor.pass(620);
    assert_eq!(floor.story.ending(SURGE), Some(Ending::AllClear));
}

#[test]
fn with_few_calls_the_card_says_what_is_measured() {
    let mut floor = Floor::begin();
    floor.every = 120;
    floor.offered = 0;
    // What was counted before is gone after half an hour.
    floor.pass(1900);
    (floor.waiting, floor.longest) = (4, 230);
    floor.pass(320);
    let zh = floor.lines(Language::Zh)[0].clone();
    assert!(zh.starts_with("来电少估不准：排队4，最久等4分"), "{zh}");
}

#[test]
fn on_a_festival_other_bounds_hold() {
    let mut floor = Floor::with(|site| {
        let today = site.date_of(at(0));
        let hotline = site.queues.get_mut("hotline").unwrap();
        let bounds = Bounds {
            waiting: 50,
            longest: SignedDuration::from_mins(10),
            ..Bounds::default()
        };
        let days = vec![Days::On(today)];
        hotline.on.push(Special { days, bounds });
    });
    floor.busy();
    floor.pass(900);
    assert_eq!(floor.opened(), 0);
    floor.waiting = 50;
    floor.pass(320);
    assert_eq!(floor.opened(), 1);
}

#[test]
fn who_did_not_answer_comes_round_once_more_and_then_the_list_is_through() {
    let mut floor = Floor::given();
    floor.pass(1800);
    for (asked, answer) in [
        ("backup 1 1", RingAnswer::NoAnswer),
        ("backup 2 2", RingAnswer::Coming),
        ("backup 3 3", RingAnswer::NoAnswer),
        ("backup 1 1", RingAnswer::Cannot),
        ("backup 3 3", RingAnswer::NoAnswer),
    ] {
        assert_eq!(floor.asked().as_deref(), Some(asked));
        floor.ring(answer);
    }
    let card = floor.cards("C-01", Language::Zh).1.unwrap();
    assert_eq!(card.title, "打名单 · 1人来");
    assert_eq!(card.lines[0], "名单打完了");
    assert!(card.buttons.is_empty());
    let reasons: Vec<&str> = floor
        .story
        .entries
        .iter()
        .filter(|entry| matches!(entry.event, Event::Rang { .. }))
        .map(|entry| entry.reason.en.as_str())
        .collect();
    assert_eq!(reasons[1], "backup 2 is coming (rung from C-01)");
    assert_eq!(reasons.len(), 5);
    assert_eq!(&floor.story.replayed(), floor.story.board.state());
}

#[test]
fn a_second_press_on_the_same_card_is_not_the_next_ones() {
    let mut floor = Floor::given();
    floor.pass(1800);
    let card = floor.cards("C-01", Language::En).1.unwrap();
    let act = card.buttons[1].act.clone();
    floor.story.act("C-01", act.clone()).unwrap();
    floor.story.act("C-01", act.clone()).unwrap();
    assert_eq!(floor.asked().as_deref(), Some("backup 2 2"));
    let refused = floor.story.act("C-02", act);
    assert!(
        matches!(refused, Err(Refused::NotYours { .. })),
        "{refused:?}"
    );
}

#[test]
fn the_list_stands_until_the_lead_says_that_they_are_in_and_not_only_five_minutes() {
    let mut floor = Floor::given();
    floor.pass(1800);
    floor.story.settle_debts();
    floor.pass(400);
    let given = |event: &Event| matches!(event, Event::Ticked { step, seat: None, .. } if step == "level-2-given");
    assert!(floor.story.has(given), "it was seen for five minutes");
    assert!(floor.asked().is_some());
    // Calm for a while: nobody is called in then.
    floor.calm();
    floor.pass(20);
    assert_eq!(floor.asked(), None);
    floor.busy();
    floor.pass(20);
    assert!(floor.asked().is_some());
}

#[test]
fn helpers_are_rung_up_once_the_manager_has_decided() {
    let mut floor = Floor::given();
    floor.pass(1800);
    floor.story.tick("C-01", "level-2-given");
    assert_eq!(floor.asked(), None);
    floor.pass(1800);
    assert!(floor.began("level-3"));
    assert_eq!(floor.asked(), None);
    floor.story.tick("M-01", "scheme");
    assert_eq!(floor.asked().as_deref(), Some("support 7 7"));
    floor.ring(RingAnswer::Coming);
    assert_eq!(floor.asked().as_deref(), Some("support 8 8"));
    let incident = floor.story.incident();
    floor
        .story
        .act("C-01", Act::StandDown { incident })
        .unwrap();
    assert_eq!(floor.asked(), None);
}

#[test]
fn after_an_accident_the_lead_reads_what_those_who_are_left_can_answer() {
    let mut floor = Floor::begin();
    let raised = floor
        .story
        .raise("C-03", "personal-accident", "c3", 0, &[("hurt", "2")]);
    raised.unwrap();
    floor.story.tick("C-01", "out");
    floor.on_line = 9;
    floor.pass(180);
    let card = floor.cards("C-01", Language::Zh).0.unwrap();
    // Only those who deal with it read it, behind a tap.
    let left = card
        .more
        .iter()
        .find(|line| line.starts_with("剩9人"))
        .cloned();
    let left = left.unwrap_or_else(|| panic!("{card:#?}"));
    assert_eq!(left, "剩9人，半小时约接64个，接通约90%");
}

#[test]
fn a_restart_in_the_middle_of_a_surge_forgets_neither_its_clock_nor_its_list() {
    let mut floor = Floor::given();
    let given = floor.story.now;
    floor.pass(1200);
    let (centre, state) = (
        Arc::clone(floor.story.board.centre()),
        floor.story.replayed(),
    );
    floor.story.now += 10;
    floor.story.board = Board::new(centre, state, at(floor.story.now));
    floor.story.take(Input::Started).unwrap();
    floor.pass(given + 1790 - floor.story.now);
    assert!(!floor.began("level-2"));
    // Of the calls before the restart nothing is known; those since then are enough.
    floor.pass(10);
    assert!(floor.began("level-2"));
    assert_eq!(
        floor.lines(Language::En)[0],
        "About 3 short; then clear in 25 min"
    );
    floor.ring(RingAnswer::Cannot);
    let (centre, state) = (
        Arc::clone(floor.story.board.centre()),
        floor.story.replayed(),
    );
    floor.story.board = Board::new(centre, state, at(floor.story.now));
    floor.story.take(Input::Started).unwrap();
    assert_eq!(floor.asked().as_deref(), Some("backup 2 2"));
}

#[test]
fn a_wall_clock_that_jumps_makes_no_surge_older() {
    let mut floor = Floor::given();
    floor.pass(1200);
    floor.calm();
    floor.pass(200);
    floor.busy();
    floor.pass(600);
    let hour = SignedDuration::from_hours(1);
    floor.story.now += 3600;
    floor.story.take(Input::ClockStepped { by: hour }).unwrap();
    floor.pass(1180);
    assert!(!floor.began("level-2"));
    floor.pass(30);
    assert!(floor.began("level-2"));
    assert_eq!(&floor.story.replayed(), floor.story.board.state());
}

#[test]
fn two_queues_out_of_control_are_one_surge_that_lasts_until_both_are_under_control() {
    let mut floor = Floor::with(|site| {
        let other = Queue {
            name: Text::new("业务", "Sales"),
            queue: "9000".to_owned(),
            ..queue(site)
        };
        site.queues.insert("sales".to_owned(), other);
    });
    let both = |floor: &mut Floor, sales: u32, seconds: i64| {
        let end = floor.story.now + seconds;
        while floor.story.now < end {
            floor.story.doze(floor.story.now + 10);
            floor.offered = u64::try_from(floor.story.now / floor.every).unwrap();
            let mut reading = floor.told().unwrap();
            let one = reading.queues["8000"].clone().unwrap();
            let waiting = Some(sales);
            let other = acd::Queue { waiting, ..one };
            reading.queues.insert("9000".to_owned(), Ok(other));
            let (acd, reading) = ("pbx".to_owned(), Ok(reading));
            floor.story.take(Input::Acd { acd, reading }).unwrap();
        }
    };
    both(&mut floor, 0, 1800);
    floor.busy();
    both(&mut floor, 20, 320);
    assert_eq!(floor.opened(), 1);
    let card = floor.cards("C-01", Language::En).0.unwrap();
    // The same eleven people answer both: 20 Erlang, and half of them are there.
    assert_eq!(card.lines[0], "About 13 short; then clear in 40 min");
    assert_eq!(card.more[1], "50 waiting, longest 4 min, 11 on line");
    floor.calm();
    both(&mut floor, 20, 900);
    assert_eq!(floor.story.ending(SURGE), None);
    both(&mut floor, 0, 620);
    assert_eq!(floor.story.ending(SURGE), Some(Ending::AllClear));
}

#[test]
fn the_page_shows_each_queue_with_its_figures_and_says_when_it_is_blind() {
    let mut floor = Floor::begin();
    floor.busy();
    floor.pass(60);
    let shown = |floor: &mut Floor| {
        let view = floor.story.board.view(at(floor.story.now), &[], None);
        let mut signals = view.signals.into_iter();
        signals
            .find(|it| it.signal.kind == Kind::QueueCalls)
            .unwrap()
    };
    let queue = shown(&mut floor);
    assert_eq!(queue.name.en, "Hotline callers");
    assert_eq!(queue.level, Level::Critical);
    assert_eq!(queue.value.en, "30 waiting, longest 4 min, 11 on line");
    let seen_at = queue.seen_at;
    floor.blind = Some(Blind::UnknownQueue);
    floor.pass(60);
    let queue = shown(&mut floor);
    assert_eq!((queue.level, queue.seen_at), (Level::Unknown, seen_at));
    assert_eq!(queue.value, Blind::UnknownQueue.words());
}
