//! Stories that the Board tells: the reference centre, the shipped plan, and time as plain arithmetic.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use crate::incidents::{
    Act, Board, Card, CardKey, Centre, Command, Ending, Entry, Event, IncidentId, Input, Notice,
    Phase, Presence, Receipt, ReceiptStage, Refused, State, Timing,
};
use crate::plan;
use crate::signals::{Level, later};
use crate::site::{self, Site};
use crate::store::{AppendError, Death, DyingLog, Log as _, MemoryLog};
use crate::text::{Language, Text};
use crate::ups::{Family, Reading, Verdict};

const START: Timestamp = Timestamp::constant(1_800_000_000, 0);

pub(super) fn at(seconds: i64) -> Timestamp {
    later(START, SignedDuration::from_secs(seconds))
}

/// Two circuits on one feed: `c3` with UPS-C1 and UPS-C2, `lobby` with UPS-AF.
pub(super) fn site(generator: bool) -> Site {
    let mut site = Site {
        name: Text::new("客服中心", "Centre"),
        time_zone: "Asia/Shanghai".to_owned(),
        ..Site::default()
    };
    for (id, zh, en) in [
        ("c3", "C座三楼", "C, floor 3"),
        ("lobby", "AF大堂", "AF lobby"),
    ] {
        let name = Text::new(zh, en);
        site.zones.insert(
            id.to_owned(),
            site::Zone {
                name: name.clone(),
                hours: None,
                network: Vec::new(),
                accepted: None,
                assembly: (id == "c3").then(|| Text::new("东门", "the east gate")),
            },
        );
        let feed = "mains".to_owned();
        site.circuits
            .insert(id.to_owned(), site::Circuit { name, feed });
    }
    let name = Text::new("全中心", "Whole centre");
    site.feeds.insert(
        "mains".to_owned(),
        site::Feed {
            name,
            generator,
            generator_test: None,
        },
    );
    for (id, zone) in [("UPS-C1", "c3"), ("UPS-C2", "c3"), ("UPS-AF", "lobby")] {
        let ups = site::Ups {
            name: Text::same(id),
            zone: zone.to_owned(),
            fed_by: zone.to_owned(),
            via: Vec::new(),
        };
        site.ups.insert(id.to_owned(), ups);
    }
    let seats = [
        ("C-01", "c3", "UPS-C1"),
        ("C-02", "c3", "UPS-C2"),
        ("C-03", "c3", "c3"),
        ("AF-01", "lobby", "UPS-AF"),
        ("IT-01", "c3", "UPS-C2"),
    ];
    for (id, zone, fed_by) in seats {
        let seat = site::Seat {
            zone: zone.to_owned(),
            fed_by: fed_by.to_owned(),
            via: Vec::new(),
            members: BTreeSet::new(),
            laptop: false,
            spare: id == "C-03",
            public: false,
            required_runtime: None,
            accepted: None,
            language: None,
        };
        site.seats.insert(id.to_owned(), seat);
    }
    let role = |seats: &[&str], channels: &[&str]| site::Role {
        seats: seats.iter().map(|&seat| seat.to_owned()).collect(),
        channels: channels.iter().map(|&channel| channel.to_owned()).collect(),
        ..site::Role::default()
    };
    let roles = [
        ("staff", role(&["C-02", "C-03", "AF-01"], &[])),
        ("lead", role(&["C-01"], &[])),
        ("it", role(&["IT-01"], &["hook"])),
        ("manager", role(&[], &["boss"])),
        ("operations", role(&[], &["boss"])),
    ];
    site.roles = roles.map(|(id, role)| (id.to_owned(), role)).into();
    site
}

fn centre(generator: bool) -> Arc<Centre> {
    let text = plan::pack("call-center").expect("it is shipped");
    Arc::new(Centre {
        site: site(generator),
        plan: plan::parse("call-center.toml", text).expect("it has no fault"),
        timing: Timing::default(),
    })
}

fn reading(verdict: Verdict, runtime_minutes: f64) -> Reading {
    let on_battery = matches!(verdict, Verdict::MainsLost | Verdict::SelfTest);
    Reading {
        family: Some(Family::Rfc1628),
        verdict,
        on_battery: Some(on_battery),
        battery_low: Some(on_battery && runtime_minutes <= 10.0),
        charge_percent: Some(90.0),
        runtime_minutes: Some(runtime_minutes),
        load_percent: Some(20.0),
        input_voltage: Some(if verdict == Verdict::MainsLost {
            0.0
        } else {
            230.0
        }),
        battery_temperature_c: None,
        output_source: None,
        device: Vec::new(),
    }
}

/// A Board, its entries, and the polls that go on while time passes.
pub(super) struct Story {
    pub(super) board: Board,
    pub(super) entries: Vec<Entry>,
    pub(super) now: i64,
    pub(super) out: BTreeSet<&'static str>,
    pub(super) silent: BTreeSet<&'static str>,
    verdict: Verdict,
    pub(super) runtime_minutes: f64,
    commands: u32,
}

impl Story {
    pub(super) fn begin(generator: bool) -> Self {
        Self::of(centre(generator))
    }

    pub(super) fn of(centre: Arc<Centre>) -> Self {
        let mut story = Self {
            board: Board::new(centre, State::default(), at(0)),
            entries: Vec::new(),
            now: 0,
            out: BTreeSet::new(),
            silent: BTreeSet::new(),
            verdict: Verdict::OnMains,
            runtime_minutes: 60.0,
            commands: 0,
        };
        story.take(Input::Started).expect("it is no command");
        story.until(10);
        story
    }

    pub(super) fn take(&mut self, input: Input) -> Result<(), Refused> {
        let entries = self.board.handle(at(self.now), input)?;
        self.entries.extend(entries);
        Ok(())
    }

    /// Lets time pass: each UPS is polled every two seconds.
    pub(super) fn until(&mut self, end: i64) {
        while self.now < end {
            self.now += 1;
            let polled = match self.now % 2 {
                0 => ["UPS-C1", "UPS-AF"].as_slice(),
                _ => ["UPS-C2"].as_slice(),
            };
            self.poll(polled);
        }
    }

    /// Every UPS goes to its battery.
    pub(super) fn cut(&mut self) {
        self.out = ["UPS-C1", "UPS-C2", "UPS-AF"].into();
    }

    /// Every UPS has mains again.
    pub(super) fn restore(&mut self) {
        self.out.clear();
    }

    /// As `until`, for hours in which little happens: each UPS is polled every ten seconds.
    pub(super) fn doze(&mut self, end: i64) {
        while self.now < end {
            self.now = (self.now + 10).min(end);
            self.poll(&["UPS-C1", "UPS-C2", "UPS-AF"]);
        }
    }

    fn poll(&mut self, polled: &[&'static str]) {
        for ups in polled {
            if self.silent.contains(ups) {
                continue;
            }
            let reading = if self.out.contains(ups) {
                reading(Verdict::MainsLost, self.runtime_minutes)
            } else {
                reading(self.verdict, self.runtime_minutes)
            };
            let ups = (*ups).to_owned();
            self.take(Input::Ups { ups, reading })
                .expect("it is in the site");
        }
        self.take(Input::Tick).expect("it is no command");
    }

    pub(super) fn act(&mut self, seat: &str, act: Act) -> Result<(), Refused> {
        self.commands += 1;
        let command = Command {
            id: format!("command-{}", self.commands),
            seat: seat.to_owned(),
            act,
        };
        self.take(Input::Command(command))
    }

    pub(super) fn answer(&mut self, seat: &str, ask: &str, value: &str) {
        let act = Act::Answer {
            incident: self.incident(),
            ask: ask.to_owned(),
            value: value.to_owned(),
        };
        self.act(seat, act).expect("it may be answered");
    }

    pub(super) fn tick(&mut self, seat: &str, step: &str) {
        let act = Act::Tick {
            incident: self.incident(),
            step: step.to_owned(),
        };
        self.act(seat, act).expect("the step is under way");
    }

    pub(super) fn incident(&self) -> IncidentId {
        let opened = self
            .entries
            .iter()
            .rev()
            .find(|entry| matches!(entry.event, Event::Opened { .. }));
        IncidentId(opened.expect("an incident was opened").seq)
    }

    pub(super) fn has(&self, wanted: impl Fn(&Event) -> bool) -> bool {
        self.entries.iter().any(|entry| wanted(&entry.event))
    }

    pub(super) fn count(&self, wanted: impl Fn(&Event) -> bool) -> usize {
        self.entries
            .iter()
            .filter(|entry| wanted(&entry.event))
            .count()
    }

    pub(super) fn kind(&self) -> Option<String> {
        self.entries
            .iter()
            .rev()
            .find_map(|entry| match &entry.event {
                Event::KindSettled { kind, .. } => Some(kind.clone()),
                _ => None,
            })
    }

    fn closed(&self) -> Option<Ending> {
        self.ending("power-loss")
    }

    /// How the last incident of a procedure ended.
    pub(super) fn ending(&self, procedure: &str) -> Option<Ending> {
        let opened = opened(self, procedure);
        self.entries
            .iter()
            .rev()
            .find_map(|entry| match &entry.event {
                Event::Closed { incident, why, .. } if opened.contains(incident) => {
                    Some(why.clone())
                }
                _ => None,
            })
    }

    pub(super) fn told(&self, wanted: &str) -> bool {
        self.has(|event| matches!(event, Event::RoleTold { role, .. } if role == wanted))
    }

    pub(super) fn card(&mut self, seat: &str, language: Language) -> Option<Arc<Card>> {
        let screens = self.board.screens(at(self.now));
        screens[seat].in_language(language).first().cloned()
    }

    /// Every seat shows what it has; every channel takes what it is owed.
    pub(super) fn settle_debts(&mut self) {
        let screens = self.board.screens(at(self.now));
        for (seat, screen) in screens {
            for card in screen.zh.iter() {
                let receipt = Receipt {
                    seats: [seat.clone()].into(),
                    card: card.key.clone(),
                    revision: card.revision,
                    stage: ReceiptStage::Shown,
                };
                self.take(Input::Receipt(receipt)).expect("it was told");
            }
        }
        for due in self.board.outbox() {
            let outcome = crate::incidents::Outcome::Delivered;
            let owed = due.owed;
            self.take(Input::Delivery { owed, outcome })
                .expect("it is owed");
        }
    }

    pub(super) fn replayed(&self) -> State {
        let mut state = State::default();
        for entry in &self.entries {
            state.apply(entry);
        }
        state
    }
}

#[test]
fn a_mains_loss_tells_lead_and_it_then_staff_then_the_manager_and_ends_with_an_all_clear() {
    let mut story = Story::begin(false);
    story.out = ["UPS-C1", "UPS-C2", "UPS-AF"].into();
    story.until(15);
    assert_eq!(story.kind().as_deref(), Some("mains"));
    assert!(!story.told("lead"), "the first 5 s are nobody's");
    story.until(18);
    assert!(story.told("lead") && story.told("it") && !story.told("staff"));
    story.until(30);
    assert!(story.told("staff") && !story.told("manager"));
    story.until(75);
    assert!(story.told("manager"));
    let card = story
        .card("C-01", Language::Zh)
        .expect("the lead has a card");
    assert!(card.title.starts_with("停电 "), "{}", card.title);
    assert_eq!(card.lines.len(), 2, "{card:?}");
    story.settle_debts();
    story.out.clear();
    story.until(250);
    assert!(
        !story.has(
            |event| matches!(event, Event::StageBegan { stage, .. } if stage == "supply-back")
        )
    );
    story.until(260);
    assert!(
        story.has(
            |event| matches!(event, Event::StageBegan { stage, .. } if stage == "supply-back")
        )
    );
    story.tick("IT-01", "watch");
    story.until(570);
    assert_eq!(story.closed(), Some(Ending::AllClear));
    story.settle_debts();
    assert!(story.board.outbox().is_empty());
    for channel in ["hook", "boss"] {
        let ends = story.count(|event| {
            matches!(event, Event::Owed { recipient: crate::incidents::Recipient::Channel(to), message, .. }
                if to == channel && message.notice == Notice::Closed)
        });
        assert_eq!(ends, 1, "{channel} is owed the end once");
    }
    let card = story.card("C-03", Language::Zh).expect("the end is shown");
    assert_eq!(card.phase, Phase::Over);
}

#[test]
fn one_circuit_is_a_circuit_only_after_fifteen_seconds_beside_a_live_one() {
    let mut story = Story::begin(false);
    story.out = ["UPS-C1", "UPS-C2"].into();
    story.until(20);
    assert_eq!(story.kind(), None);
    story.until(32);
    assert_eq!(story.kind().as_deref(), Some("circuit"));
    story.until(40);
    let card = story
        .card("AF-01", Language::Zh)
        .expect("the lobby is told to make room");
    assert!(card.lines[1].starts_with("腾出"), "{card:?}");
    let card = story
        .card("C-03", Language::Zh)
        .expect("it is in the circuit");
    assert!(card.lines[0].starts_with("先存好"), "{card:?}");
    assert!(
        story.told("manager"),
        "the manager is told of an own circuit at once"
    );
}

#[test]
fn a_plug_tells_it_alone() {
    let mut story = Story::begin(false);
    story.out = ["UPS-C1"].into();
    story.until(120);
    assert_eq!(story.kind().as_deref(), Some("plug"));
    assert!(story.told("it"));
    assert!(!story.told("lead") && !story.told("staff") && !story.told("manager"));
}

#[test]
fn a_plug_that_grows_into_a_mains_loss_tells_everybody() {
    let mut story = Story::begin(false);
    story.out = ["UPS-C1"].into();
    story.until(30);
    story.out = ["UPS-C1", "UPS-C2", "UPS-AF"].into();
    story.until(120);
    assert_eq!(story.kind().as_deref(), Some("mains"));
    assert!(story.told("lead") && story.told("staff") && story.told("manager"));
}

#[test]
fn a_blip_that_nobody_was_told_of_is_closed_and_tells_nobody() {
    let mut story = Story::begin(false);
    story.out = ["UPS-C1", "UPS-C2", "UPS-AF"].into();
    story.until(13);
    story.out.clear();
    story.until(200);
    assert_eq!(story.closed(), Some(Ending::Blip));
    assert!(!story.has(|event| matches!(event, Event::RoleTold { .. } | Event::Owed { .. })));
}

#[test]
fn time_on_battery_is_counted_by_our_clock_through_silence_and_a_restart() {
    let mut story = Story::begin(false);
    story.out.insert("UPS-C1");
    story.until(100);
    let told = |story: &mut Story| {
        let view = story.board.view(at(story.now), &story.entries, None);
        let mains = crate::signals::Signal::new(crate::signals::Kind::UpsMains, "UPS-C1");
        let mut signals = view.signals.into_iter();
        let shown = signals.find(|shown| shown.signal == mains).unwrap();
        (shown.on_battery_since, shown.value.en)
    };
    let (since, words) = told(&mut story);
    // The first poll after the cut, whatever is said by the device.
    assert_eq!(since, Some(at(12)));
    assert!(words.ends_with("on battery for 1 min"), "{words}");
    story.silent.insert("UPS-C1");
    story.until(300);
    story.silent.clear();
    story.until(310);
    assert_eq!(told(&mut story).0, Some(at(12)), "silence does not end it");
    let mut state = State::default();
    for entry in &story.entries {
        state.apply(entry);
    }
    assert_eq!(state.on_battery_since.get("UPS-C1"), Some(&at(12)));
    story.out.clear();
    story.until(320);
    assert_eq!(told(&mut story).0, None);
}

#[test]
fn a_self_test_raises_nothing() {
    let mut story = Story::begin(false);
    story.verdict = Verdict::SelfTest;
    story.until(120);
    assert!(!story.has(|event| matches!(event, Event::Opened { .. })));
}

#[test]
fn silence_neither_raises_a_power_loss_nor_clears_one() {
    let mut story = Story::begin(false);
    story.silent = ["UPS-C1", "UPS-C2", "UPS-AF"].into();
    story.until(60);
    assert!(!story.has(
        |event| matches!(event, Event::Opened { procedure, .. } if procedure.id == "power-loss")
    ));
    story.silent.clear();
    story.out = ["UPS-C1", "UPS-C2", "UPS-AF"].into();
    story.until(100);
    story.silent = ["UPS-AF"].into();
    story.out.clear();
    story.until(1000);
    assert_eq!(
        story.closed(),
        None,
        "what is not known to be good clears nothing"
    );
}

/// The incidents of one procedure.
pub(super) fn opened(story: &Story, procedure: &str) -> BTreeSet<IncidentId> {
    let opened = story.entries.iter().filter(|entry| {
        matches!(&entry.event, Event::Opened { procedure: opened, .. } if opened.id == procedure)
    });
    opened.map(|entry| IncidentId(entry.seq)).collect()
}

/// Who was told of incidents of one procedure.
pub(super) fn told_of(story: &Story, procedure: &str) -> BTreeSet<String> {
    let opened = opened(story, procedure);
    let told = story.entries.iter().filter_map(|entry| match &entry.event {
        Event::RoleTold { incident, role, .. } if opened.contains(incident) => Some(role.clone()),
        _ => None,
    });
    told.collect()
}

#[test]
fn a_ups_that_is_silent_for_two_minutes_is_told_to_it_alone_and_its_return_too() {
    let mut story = Story::begin(false);
    story.silent = ["UPS-C1"].into();
    story.until(120);
    assert!(told_of(&story, "blind").is_empty());
    story.until(140);
    assert_eq!(told_of(&story, "blind"), ["it".to_owned()].into());
    let card = story.card("IT-01", Language::Zh).expect("IT has a card");
    assert!(
        card.title.starts_with("失联") && card.title.ends_with("UPS-C1"),
        "{card:?}"
    );
    story.silent.clear();
    story.until(300);
    assert_eq!(story.ending("blind"), Some(Ending::AllClear));
    assert_eq!(opened(&story, "blind").len(), 1);
}

#[test]
fn a_ups_that_falls_silent_in_a_power_cut_sends_the_lead_to_look_within_forty_seconds() {
    let mut story = Story::begin(false);
    story.out = ["UPS-C1", "UPS-C2", "UPS-AF"].into();
    story.until(60);
    story.silent = ["UPS-C2"].into();
    story.until(100);
    assert_eq!(
        told_of(&story, "blind"),
        ["it".to_owned(), "lead".to_owned()].into()
    );
    let screens = story.board.screens(at(story.now));
    let cards = screens["C-01"].in_language(Language::En);
    assert!(
        cards
            .iter()
            .any(|card| card.lines[0].starts_with("Look: are the PCs")),
        "{cards:?}"
    );
}

#[test]
fn three_blips_within_ten_minutes_are_told_to_it_once_and_are_over_after_half_a_calm_hour() {
    let mut story = Story::begin(false);
    for n in 0..4 {
        let begin = 20 + n * 60;
        story.until(begin);
        story.out = ["UPS-C1", "UPS-C2", "UPS-AF"].into();
        story.until(begin + 3);
        story.out.clear();
    }
    story.until(400);
    assert!(told_of(&story, "power-loss").is_empty());
    assert_eq!(told_of(&story, "unstable-supply"), ["it".to_owned()].into());
    let last_blip = 20 + 3 * 60 + 5;
    story.until(last_blip + 29 * 60);
    assert_eq!(story.ending("unstable-supply"), None);
    story.until(last_blip + 31 * 60);
    assert_eq!(story.ending("unstable-supply"), Some(Ending::AllClear));
    assert_eq!(opened(&story, "unstable-supply").len(), 1);
}

#[test]
fn supply_that_returns_to_a_feed_with_a_generator_is_the_generators_until_a_person_says_mains() {
    let mut story = Story::begin(true);
    story.out = ["UPS-C1", "UPS-C2", "UPS-AF"].into();
    story.until(100);
    story.settle_debts();
    story.out.clear();
    story.until(1000);
    assert_eq!(story.closed(), None);
    story.answer("IT-01", "supply", "mains");
    story.until(1190);
    story.tick("IT-01", "watch");
    story.until(1600);
    assert_eq!(story.closed(), Some(Ending::AllClear));
}

#[test]
fn a_seat_on_plain_mains_that_comes_back_to_life_ends_the_generator() {
    let mut story = Story::begin(true);
    let seat = |presence| Input::Seat {
        seat: "C-03".to_owned(),
        presence,
    };
    story.take(seat(Presence::Alive)).unwrap();
    story.out = ["UPS-C1", "UPS-C2", "UPS-AF"].into();
    story.until(20);
    story.take(seat(Presence::Silent)).unwrap();
    story.until(100);
    story.out.clear();
    story.until(110);
    assert!(
        story.has(|event| matches!(event, Event::StageBegan { stage, .. } if stage == "generator"))
    );
    story.take(seat(Presence::Alive)).unwrap();
    assert!(story.has(|event| matches!(event, Event::GateBegan { .. })));
}

#[test]
fn the_leads_answer_outranks_what_is_measured() {
    let mut story = Story::begin(false);
    story.out = ["UPS-C1", "UPS-C2", "UPS-AF"].into();
    story.until(20);
    assert_eq!(story.kind().as_deref(), Some("mains"));
    story.answer("C-01", "lights", "on");
    assert_eq!(story.kind().as_deref(), Some("circuit"));
    story.until(60);
    assert_eq!(story.kind().as_deref(), Some("circuit"));
}

#[test]
fn the_leads_answer_that_it_is_a_circuit_covers_the_circuit_alone() {
    let mut story = Story::begin(false);
    story.out = ["UPS-C1", "UPS-C2"].into();
    story.until(20);
    story.answer("C-01", "lights", "on");
    let place = story
        .entries
        .iter()
        .rev()
        .find_map(|entry| match &entry.event {
            Event::KindSettled { scope, .. } => Some(scope.place.en.clone()),
            _ => None,
        });
    assert_eq!(place.as_deref(), Some("C, floor 3"));
}

#[test]
fn a_low_battery_tells_seats_to_finish_and_a_single_low_poll_does_not() {
    let mut story = Story::begin(false);
    story.out = ["UPS-C1", "UPS-C2", "UPS-AF"].into();
    story.until(40);
    story.runtime_minutes = 9.0;
    story.until(41);
    let low =
        |event: &Event| matches!(event, Event::StageBegan { stage, .. } if stage == "battery-low");
    assert!(!story.has(low));
    story.until(45);
    assert!(story.has(low));
    let card = story.card("C-02", Language::En).expect("it is on a UPS");
    assert!(card.lines[0].starts_with("Finish your call"), "{card:?}");
    assert_eq!(
        card.key,
        CardKey {
            incident: story.incident(),
            role: "staff".to_owned()
        }
    );
}

#[test]
fn a_repeated_command_gets_the_first_outcome_and_is_written_once() {
    let mut story = Story::begin(false);
    story.out = ["UPS-C1", "UPS-C2", "UPS-AF"].into();
    story.until(30);
    let command = Command {
        id: "one".to_owned(),
        seat: "C-01".to_owned(),
        act: Act::Acknowledge {
            incident: story.incident(),
        },
    };
    story.take(Input::Command(command.clone())).unwrap();
    story.take(Input::Command(command)).unwrap();
    assert_eq!(
        story.count(|event| matches!(event, Event::Acknowledged { .. })),
        1
    );
}

#[test]
fn a_deadline_that_passes_unticked_is_missed_once_and_tells_the_next_role() {
    let mut story = Story::begin(false);
    story.out = ["UPS-C1", "UPS-C2"].into();
    story.until(700);
    let missed = story
        .count(|event| matches!(event, Event::StepMissed { step, .. } if step == "phone-manager"));
    assert_eq!(missed, 1);
    assert!(story.told("operations"));
}

#[test]
fn replaying_the_entries_gives_the_same_state() {
    let mut story = Story::begin(true);
    story.out = ["UPS-C1", "UPS-C2", "UPS-AF"].into();
    story.until(100);
    story.settle_debts();
    story.answer("C-01", "lights", "off");
    story.out.clear();
    story.until(700);
    assert_eq!(&story.replayed(), story.board.state());
    let json = serde_json::to_string(story.board.state()).unwrap();
    let read: State = serde_json::from_str(&json).unwrap();
    assert_eq!(&read, story.board.state(), "a checkpoint keeps it whole");
}

/// Another configuration from now on, as after a reload.
pub(super) fn reconfigure(story: &mut Story, change: impl Fn(&mut Site)) {
    let mut centre = Centre::clone(story.board.centre());
    change(&mut centre.site);
    let state = story.replayed();
    story.board = Board::new(Arc::new(centre), state, at(story.now));
    story.take(Input::Started).unwrap();
}

#[test]
fn a_change_of_the_configuration_is_written_down_once_with_what_came_and_went() {
    let mut story = Story::begin(false);
    let configured = |event: &Event| matches!(event, Event::Reconfigured { .. });
    assert_eq!(story.count(configured), 1, "the first");
    reconfigure(&mut story, |_| ());
    assert_eq!(story.count(configured), 1, "nothing was changed");
    reconfigure(&mut story, |site| {
        let seat = site.seats.remove("C-02").unwrap();
        site.seats.insert("C-12".to_owned(), seat);
    });
    let last = story
        .entries
        .iter()
        .rev()
        .find(|entry| configured(&entry.event));
    assert_eq!(
        last.unwrap().reason.en,
        "the configuration changed; came: seat C-12; went: seat C-02"
    );
    reconfigure(&mut story, |site| site.contacts.clear());
    assert_eq!(&story.replayed(), story.board.state());
}

#[test]
fn a_gate_that_nobody_watches_any_more_is_unknown_and_a_person_may_stand_down() {
    let mut story = Story::begin(false);
    story.out = ["UPS-C1", "UPS-C2", "UPS-AF"].into();
    story.until(45);
    assert!(story.told("staff") && !story.told("manager"));
    story.silent = ["UPS-C1", "UPS-C2", "UPS-AF"].into();
    reconfigure(&mut story, |site| {
        site.ups.clear();
        site.roles.remove("manager");
    });
    for ups in ["UPS-C1", "UPS-C2", "UPS-AF"] {
        assert!(story.has(|event| matches!(
            event,
            Event::Turned { signal, to: Level::Unknown, .. } if signal.of == ups
        )));
    }
    story.until(700);
    assert_eq!(story.closed(), None, "unknown is not good");
    let channels = story.entries.iter().find_map(|entry| match &entry.event {
        Event::RoleTold { role, channels, .. } if role == "manager" => Some(channels.clone()),
        _ => None,
    });
    let roles = &story.board.centre().site.roles;
    let instead = ["it", "operations"].map(|role| roles[role].channels.clone());
    assert_eq!(
        channels,
        Some(instead.into_iter().flatten().collect()),
        "what the role that is gone would be told goes to the lead, IT and the next one up"
    );
    let incident = *opened(&story, "power-loss").first().unwrap();
    story.act("C-01", Act::StandDown { incident }).unwrap();
    assert_eq!(story.closed(), Some(Ending::StoodDown("C-01".to_owned())));
    let mut outbox = story.board.outbox().into_iter();
    assert!(outbox.any(|due| due.message.notice == Notice::Closed));
}

#[test]
fn a_jump_of_the_wall_clock_moves_every_deadline_with_it() {
    let missed_after = |jump: i64| {
        let mut story = Story::begin(false);
        story.out = ["UPS-C1", "UPS-C2"].into();
        story.until(100);
        story.now += jump;
        let by = SignedDuration::from_secs(jump);
        story.board = Board::new(
            Arc::clone(story.board.centre()),
            story.replayed(),
            at(story.now),
        );
        story.take(Input::ClockStepped { by }).unwrap();
        story.take(Input::Started).unwrap();
        let end = story.now + 700;
        story.until(end);
        let missed: Vec<(String, SignedDuration)> = story
            .entries
            .iter()
            .filter_map(|entry| match &entry.event {
                Event::StepMissed { step, .. } => {
                    Some((step.clone(), entry.at.duration_since(at(jump))))
                }
                _ => None,
            })
            .collect();
        missed
    };
    let still = missed_after(0);
    assert!(!still.is_empty());
    // An even number of seconds, so that the polls fall alike.
    assert_eq!(missed_after(7200), still);
    assert_eq!(missed_after(-7200), still);
}

/// What people and devices do in the story that dies at every append.
fn script(second: i64, entries: &[Entry]) -> Vec<Input> {
    let command = |id: &str, seat: &str, act: Act| {
        Input::Command(Command {
            id: id.to_owned(),
            seat: seat.to_owned(),
            act,
        })
    };
    let opened = |entry: &&Entry| matches!(entry.event, Event::Opened { .. });
    let Some(incident) = entries
        .iter()
        .find(opened)
        .map(|entry| IncidentId(entry.seq))
    else {
        return Vec::new();
    };
    match second {
        40 => vec![command(
            "lights",
            "C-01",
            Act::Answer {
                incident,
                ask: "lights".to_owned(),
                value: "off".to_owned(),
            },
        )],
        60 => vec![command("ack", "C-02", Act::Acknowledge { incident })],
        330 => vec![command(
            "watch",
            "IT-01",
            Act::Tick {
                incident,
                step: "watch".to_owned(),
            },
        )],
        _ => Vec::new(),
    }
}

/// Lives the story over a log that dies at append `n`; restarts over what was written.
fn live(death: Option<Death>) -> (Vec<Entry>, usize) {
    let kept = MemoryLog::default();
    let mut log = match death {
        Some(death) => DyingLog::killed(kept.clone(), death),
        None => DyingLog::killed(kept.clone(), Death::After(usize::MAX)),
    };
    let mut state = State::default();
    let mut board = Board::new(centre(false), state.clone(), at(0));
    let mut pending = vec![Input::Started];
    let mut appends = 0;
    for second in 0..=700 {
        let out = (10..100).contains(&second);
        for ups in ["UPS-C1", "UPS-C2", "UPS-AF"] {
            let verdict = if out {
                Verdict::MainsLost
            } else {
                Verdict::OnMains
            };
            let reading = reading(verdict, 60.0);
            pending.push(Input::Ups {
                ups: ups.to_owned(),
                reading,
            });
        }
        pending.extend(script(second, &kept.written()));
        let mut restarted = false;
        while !pending.is_empty() {
            let input = pending[0].clone();
            let entries = match board.handle(at(second), input.clone()) {
                Ok(entries) => entries,
                // Written already, before the death.
                Err(Refused::NothingOwed(_)) if death.is_some() => {
                    pending.remove(0);
                    continue;
                }
                Err(refused) => panic!("{second}: {refused}"),
            };
            let expected = entries.first().map(|entry| entry.seq);
            let written = match expected {
                Some(expected) => {
                    appends += 1;
                    log.append(expected, &entries)
                }
                None => Ok(()),
            };
            match written {
                Ok(()) => {
                    pending.remove(0);
                }
                Err(AppendError::Fenced { .. }) if !restarted => {
                    // Killed and started again: replay, then what was not answered comes again.
                    restarted = true;
                    let loaded = kept.clone().load().unwrap();
                    state = State::default();
                    for entry in &loaded.entries {
                        state.apply(entry);
                    }
                    log = DyingLog::killed(kept.clone(), Death::After(usize::MAX));
                    board = Board::new(centre(false), state.clone(), at(second));
                    pending.insert(0, Input::Started);
                }
                Err(error) => panic!("{error}"),
            }
        }
        // Channels take what they are owed; a seat's screen is shown.
        for due in board.outbox() {
            let outcome = crate::incidents::Outcome::Delivered;
            pending.push(Input::Delivery {
                owed: due.owed,
                outcome,
            });
        }
        pending.retain(|input| !matches!(input, Input::Started));
    }
    (kept.written(), appends)
}

/// What a record says, without the numbers that a restart shifts.
fn gist(entries: &[Entry]) -> Vec<String> {
    entries
        .iter()
        .filter(|entry| !matches!(entry.event, Event::Started | Event::Superseded { .. }))
        .map(|entry| format!("{} {}", entry.at, entry.reason.en))
        .collect()
}

#[test]
fn killed_before_and_after_every_append_the_story_ends_with_the_same_record() {
    let (undisturbed, appends) = live(None);
    let wanted = gist(&undisturbed);
    assert!(
        wanted.iter().any(|line| line.ends_with("all clear")),
        "{wanted:#?}"
    );
    for n in 1..=appends {
        for death in [Death::Before(n), Death::After(n)] {
            let (entries, _) = live(Some(death));
            let got = gist(&entries);
            assert_eq!(got, wanted, "killed at append {n}");
            let mut keys = BTreeSet::new();
            for entry in &entries {
                if let Event::StepMissed { step, .. } = &entry.event {
                    assert!(keys.insert(step.clone()), "{step} fired twice");
                }
            }
        }
    }
}
