//! Stories of what sensors see: a hot room, smoke and who looks, water at night, and a generator's contact.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::SignedDuration;
use jiff::civil::time;

use crate::incidents::board::{Board, Centre, Timing};
use crate::incidents::card::Act;
use crate::incidents::entry::{Ending, Event, IncidentId};
use crate::incidents::input::{Input, Presence, Refused};
use crate::incidents::stories::{Story, at, opened, site, told_of};
use crate::incidents::windows::window::{Purpose, WindowOrder};
use crate::plan;
use crate::sensors::{Bounds, Kind, Nothing, Reading};
use crate::signals::{self, Level, Signal};
use crate::site::{Hours, Sensor, Site, Span};
use crate::text::{Language, Text};

const SENSORS: [(&str, Kind, &str); 6] = [
    ("T", Kind::Temperature, "c3"),
    ("S1", Kind::Smoke, "c3"),
    ("S2", Kind::Smoke, "c3"),
    ("W", Kind::Water, "c3"),
    ("A", Kind::AirConditioning, "c3"),
    ("G", Kind::Generator, "mains"),
];
const REST: Reading = Reading::Contact(false);
const ALARM: Reading = Reading::Contact(true);

fn hot(celsius: f64) -> Reading {
    Reading::Celsius(celsius)
}

/// The small centre with a sensor of each kind on the floor.
struct Watched {
    story: Story,
    /// What each sensor says; one that is not here is silent.
    says: BTreeMap<&'static str, Reading>,
}

fn begin_with(pack: &str, change: impl Fn(&mut Site)) -> Watched {
    let mut site = site(true);
    for (id, kind, of) in SENSORS {
        let sensor = Sensor {
            name: Text::new(format!("{id}号"), format!("No. {id}")),
            kind,
            of: of.to_owned(),
            bounds: Bounds::default(),
            hold: kind.hold(),
        };
        site.sensors.insert(id.to_owned(), sensor);
    }
    change(&mut site);
    let centre = Arc::new(Centre {
        site,
        plan: plan::parse(pack, plan::pack(pack).unwrap()).unwrap(),
        timing: Timing::default(),
    });
    let mut watched = Watched {
        story: Story::of(centre),
        says: SENSORS.map(|(id, _, _)| (id, REST)).into(),
    };
    watched.says.insert("T", hot(24.0));
    watched.pass(2);
    watched
}

fn begin() -> Watched {
    begin_with("call-center", |_| ())
}

impl Watched {
    /// Lets time pass; each sensor is asked every two seconds.
    fn pass(&mut self, seconds: i64) {
        let end = self.story.now + seconds;
        while self.story.now < end {
            self.ask();
            self.story.until((self.story.now + 2).min(end));
        }
        self.ask();
    }

    /// As `pass`, for hours: each is asked every ten seconds.
    fn doze(&mut self, seconds: i64) {
        let end = self.story.now + seconds;
        while self.story.now < end {
            self.ask();
            self.story.doze((self.story.now + 10).min(end));
        }
    }

    fn ask(&mut self) {
        for (sensor, reading) in &self.says {
            let (sensor, reading) = ((*sensor).to_owned(), *reading);
            let told = self.story.take(Input::Sensor { sensor, reading });
            told.expect("it is in the site");
        }
    }

    /// It says so from now on.
    fn says(&mut self, sensor: &'static str, reading: Reading) {
        self.says.insert(sensor, reading);
        self.ask();
    }

    fn look(&mut self, value: &str) {
        self.story.answer("C-01", "look", value);
    }

    fn opened(&self, procedure: &str) -> usize {
        opened(&self.story, procedure).len()
    }

    fn onset(&self, procedure: &str) -> Option<i64> {
        self.story
            .entries
            .iter()
            .find_map(|entry| match &entry.event {
                Event::Opened {
                    procedure: known,
                    onset,
                    ..
                } if known.id == procedure => Some(onset.duration_since(at(0)).as_secs()),
                _ => None,
            })
    }

    fn procedures_at(&mut self, seat: &str) -> Vec<String> {
        let screens = self.story.board.screens(at(self.story.now));
        let cards = screens[seat].en.iter();
        cards.map(|card| card.procedure.clone()).collect()
    }

    fn level(&self, kind: signals::Kind, of: &str) -> Level {
        self.story.board.state().level(&Signal::new(kind, of))
    }

    fn is_replayed(&self) {
        assert_eq!(&self.story.replayed(), self.story.board.state());
    }
}

fn roles(known: &[&str]) -> std::collections::BTreeSet<String> {
    known.iter().map(|&role| role.to_owned()).collect()
}

#[test]
fn a_room_that_stays_too_hot_is_told_to_it_and_the_lead_and_ends_by_itself_when_it_is_cool() {
    let mut centre = begin();
    centre.says("T", hot(31.0));
    centre.pass(300);
    assert_eq!(centre.opened("aircon-fault"), 0, "warm is no fault");
    centre.says("T", hot(36.2));
    let hot_at = centre.story.now;
    centre.pass(58);
    assert_eq!(centre.opened("aircon-fault"), 0);
    centre.pass(3);
    assert_eq!(
        told_of(&centre.story, "aircon-fault"),
        roles(&["it", "lead"])
    );
    assert_eq!(
        centre.onset("aircon-fault"),
        Some(hot_at),
        "the first bad reading"
    );
    let card = centre.story.card("IT-01", Language::En).unwrap();
    assert!(card.more[0].contains("No. T"), "{card:?}");
    centre.story.settle_debts();
    centre.says("T", hot(34.0));
    centre.pass(600);
    assert_eq!(
        centre.story.ending("aircon-fault"),
        None,
        "only 1 degree below"
    );
    centre.says("T", hot(32.9));
    centre.pass(298);
    assert_eq!(centre.story.ending("aircon-fault"), None);
    centre.pass(4);
    let ending = centre.story.ending("aircon-fault");
    assert_eq!(ending, Some(Ending::AllClear));
    centre.is_replayed();
}

#[test]
fn a_door_left_open_for_a_moment_tells_nobody() {
    let mut centre = begin();
    for _ in 0..3 {
        centre.says("T", hot(36.0));
        centre.pass(50);
        centre.says("T", hot(24.0));
        centre.pass(100);
    }
    assert!(
        !centre
            .story
            .has(|event| matches!(event, Event::Opened { .. }))
    );
}

#[test]
fn smoke_that_nobody_answers_for_is_a_fire_for_everybody_in_the_zone_after_thirty_seconds() {
    let mut centre = begin();
    centre.says("S1", ALARM);
    let smoke_at = centre.story.now;
    assert_eq!(told_of(&centre.story, "smoke"), roles(&["lead"]));
    let card = centre.story.card("C-01", Language::Zh).unwrap();
    assert_eq!(card.lines[0], "马上去看：S1号");
    let says: Vec<&str> = card.buttons.iter().map(|it| it.say.as_str()).collect();
    assert_eq!(says, ["着火了", "误报", "我去看"]);
    centre.pass(28);
    assert_eq!(centre.opened("fire"), 0);
    assert!(
        centre.procedures_at("C-02").is_empty(),
        "nobody else is told"
    );
    centre.pass(2);
    assert_eq!(centre.onset("fire"), Some(smoke_at), "since the contact");
    assert_eq!(centre.procedures_at("C-01"), ["fire", "smoke"]);
    let screens = centre.story.board.screens(at(centre.story.now));
    assert_eq!(screens["C-01"].zh[1].title, "已按火警处理 · C座三楼");
    for seat in ["C-02", "C-03", "IT-01"] {
        assert_eq!(centre.procedures_at(seat), ["fire"], "{seat}");
    }
    assert_eq!(
        centre.procedures_at("AF-01"),
        ["fire"],
        "elsewhere: obey the building"
    );
    let staff = centre.story.card("C-02", Language::En).unwrap();
    assert!(staff.lines[0].starts_with("Leave the call"), "{staff:?}");
    let elsewhere = centre.story.card("AF-01", Language::En).unwrap();
    assert!(elsewhere.lines[0].starts_with("Obey"), "{elsewhere:?}");
    let fire = *opened(&centre.story, "fire").first().unwrap();
    let ending = centre.story.ending("smoke");
    assert_eq!(ending, Some(Ending::Adopted(fire)));
    assert!(!centre.story.told("raiser"), "nobody raised it");
    centre.is_replayed();
    // The lead has looked meanwhile: toast.
    let stand_down = Act::StandDown { incident: fire };
    let card = centre.story.card("C-01", Language::En).unwrap();
    assert!(
        card.buttons.iter().any(|it| it.act == stand_down),
        "{card:?}"
    );
    centre.story.act("C-01", stand_down).unwrap();
    centre.pass(600);
    assert_eq!((centre.opened("smoke"), centre.opened("fire")), (1, 1));
    centre.is_replayed();
}

#[test]
fn a_lead_who_sees_fire_raises_it_at_once_with_the_onset_of_the_contact() {
    let mut centre = begin();
    centre.says("S2", ALARM);
    let smoke_at = centre.story.now;
    centre.pass(10);
    centre.look("fire");
    assert_eq!(centre.onset("fire"), Some(smoke_at));
    assert_eq!(centre.procedures_at("C-02"), ["fire"]);
    let raised = centre.story.has(|event| {
        matches!(event, Event::Opened { procedure, raised_by: Some(seat), .. }
            if procedure.id == "fire" && seat == "C-01")
    });
    assert!(raised);
    centre.is_replayed();
}

#[test]
fn a_false_alarm_that_the_lead_calls_one_is_told_to_nobody_else_and_a_new_one_asks_anew() {
    let mut centre = begin();
    centre.says("S1", ALARM);
    centre.pass(10);
    let incident = centre.story.incident();
    centre
        .story
        .act("C-01", Act::StandDown { incident })
        .unwrap();
    let stood_down = Ending::StoodDown("C-01".to_owned());
    assert_eq!(centre.story.ending("smoke"), Some(stood_down));
    // The contact stays closed till somebody resets the detector.
    centre.pass(900);
    assert_eq!((centre.opened("smoke"), centre.opened("fire")), (1, 0));
    let told = centre
        .story
        .count(|event| matches!(event, Event::RoleTold { .. }));
    assert_eq!(told, 1, "the lead");
    centre.says("S2", ALARM);
    assert_eq!(
        centre.opened("smoke"),
        2,
        "another detector is another alarm"
    );
    centre.pass(5);
    let incident = centre.story.incident();
    centre
        .story
        .act("C-01", Act::StandDown { incident })
        .unwrap();
    centre.says("S1", REST);
    centre.pass(60);
    centre.says("S1", ALARM);
    assert_eq!(centre.opened("smoke"), 3);
    centre.is_replayed();
}

#[test]
fn who_goes_to_look_has_three_minutes_and_silence_then_is_a_fire() {
    let mut centre = begin();
    centre.says("S1", ALARM);
    centre.pass(20);
    centre.look("going");
    let card = centre.story.card("C-01", Language::Zh).unwrap();
    assert!(card.lines[1].starts_with("3分钟没答"), "{card:?}");
    centre.pass(178);
    assert_eq!(centre.opened("fire"), 0);
    centre.pass(4);
    assert_eq!(centre.opened("fire"), 1);
}

#[test]
fn smoke_that_is_gone_again_raises_nothing_but_a_detector_that_dies_in_alarm_does() {
    let mut centre = begin();
    centre.says("S1", ALARM);
    centre.pass(12);
    centre.says("S1", REST);
    centre.pass(118);
    assert_eq!(
        (centre.story.ending("smoke"), centre.opened("fire")),
        (None, 0)
    );
    centre.pass(4);
    assert_eq!(centre.story.ending("smoke"), Some(Ending::AllClear));
    let mut centre = begin();
    centre.says("S1", ALARM);
    centre.says.remove("S1");
    centre.pass(30);
    assert_eq!(
        centre.level(signals::Kind::SensorSmoke, "S1"),
        Level::Unknown
    );
    assert_eq!(centre.opened("fire"), 1, "unknown is not calm");
}

#[test]
fn a_fire_that_somebody_raises_answers_for_the_detector_too() {
    let mut centre = begin();
    centre.says("S1", ALARM);
    centre.pass(5);
    centre.story.raise("C-03", "fire", "lobby", 0, &[]).unwrap();
    assert_eq!(
        centre.story.ending("smoke"),
        None,
        "another zone is another fire"
    );
    centre.story.raise("C-03", "fire", "c3", 0, &[]).unwrap();
    let ending = centre.story.ending("smoke");
    assert_eq!(ending, Some(Ending::Adopted(centre.story.incident())));
    centre.says("S2", ALARM);
    centre.pass(60);
    assert_eq!(centre.opened("fire"), 2, "one a zone");
}

#[test]
fn a_restart_and_a_clock_that_jumps_change_nothing_of_the_thirty_seconds() {
    let mut centre = begin();
    centre.says("S1", ALARM);
    centre.pass(10);
    let known = Arc::clone(centre.story.board.centre());
    let state = centre.story.replayed();
    centre.story.board = Board::new(known, state, at(centre.story.now));
    centre.story.take(Input::Started).unwrap();
    let by = SignedDuration::from_hours(1);
    centre.story.now += 3600;
    centre.story.take(Input::ClockStepped { by }).unwrap();
    centre.pass(18);
    assert_eq!(centre.opened("fire"), 0);
    centre.pass(4);
    assert_eq!(centre.opened("fire"), 1);
    centre.is_replayed();
}

#[test]
fn a_sensor_that_tells_nothing_is_neither_calm_nor_an_alarm_and_it_hears_of_it() {
    let mut centre = begin();
    let impossible = Reading::Nothing(Nothing::Impossible);
    centre.says("T", impossible);
    let temperature = signals::Kind::SensorTemperature;
    centre.pass(10);
    assert_eq!(
        centre.level(temperature, "T"),
        Level::Normal,
        "one answer is none"
    );
    centre.pass(6);
    assert_eq!(centre.level(temperature, "T"), Level::Unknown);
    let value = centre
        .story
        .entries
        .iter()
        .rev()
        .find_map(|entry| match &entry.event {
            Event::Turned { signal, value, .. } if signal.of == "T" => Some(value.clone()),
            _ => None,
        });
    assert_eq!(value, Some(Nothing::Impossible.words()));
    centre.pass(130);
    assert_eq!(told_of(&centre.story, "sensor-blind"), roles(&["it"]));
    let card = centre.story.card("IT-01", Language::En).unwrap();
    assert_eq!(card.lines[0], "Tells nothing: No. T");
    centre.says.remove("W");
    centre.pass(20);
    let card = centre.story.card("IT-01", Language::En).unwrap();
    assert_eq!(card.lines[0], "Tells nothing: No. T (of 2)");
    centre.says("T", hot(36.0));
    centre.says("W", REST);
    centre.story.settle_debts();
    centre.pass(130);
    let ending = centre.story.ending("sensor-blind");
    assert_eq!(ending, Some(Ending::AllClear));
    assert_eq!(centre.opened("aircon-fault"), 1, "what it tells now counts");
    centre.is_replayed();
}

#[test]
fn a_room_that_goes_silent_while_it_is_hot_does_not_count_as_cool() {
    let mut centre = begin();
    centre.says("T", hot(40.0));
    centre.pass(70);
    centre.story.settle_debts();
    centre.says.remove("T");
    centre.pass(900);
    assert_eq!(centre.story.ending("aircon-fault"), None);
    // The sensor is taken out: people end what nobody measures any more.
    let mut known = Centre::clone(centre.story.board.centre());
    known.site.sensors.remove("T");
    let state = centre.story.replayed();
    centre.story.board = Board::new(Arc::new(known), state, at(centre.story.now));
    centre.story.take(Input::Started).unwrap();
    centre.pass(60);
    let refused = centre.story.take(Input::Sensor {
        sensor: "T".to_owned(),
        reading: hot(20.0),
    });
    assert!(matches!(refused, Err(Refused::NoSuchSensor(_))));
    assert_eq!(centre.story.ending("aircon-fault"), None);
    let incident = *opened(&centre.story, "aircon-fault").first().unwrap();
    centre.story.act("IT-01", Act::Close { incident }).unwrap();
    centre.is_replayed();
}

#[test]
fn a_maintenance_window_mutes_neither_smoke_nor_water_nor_a_hot_room() {
    let mut centre = begin();
    let order = WindowOrder::Set {
        purpose: Purpose::Maintenance,
        of: ["zone:c3", "circuit:c3"].map(str::to_owned).into(),
        owner: "Electrician".to_owned(),
        begin: None,
        end: Some(at(centre.story.now + 3600)),
        note: "swap a breaker".to_owned(),
    };
    centre.story.act("IT-01", Act::Window { order }).unwrap();
    centre.says("S1", ALARM);
    centre.says("W", ALARM);
    centre.says("T", hot(50.0));
    centre.pass(70);
    for procedure in ["smoke", "fire", "water", "aircon-fault"] {
        assert_eq!(centre.opened(procedure), 1, "{procedure}");
    }
}

/// A centre that sleeps: the stories begin on a Friday at 16:00, and this is 22:00.
fn at_night(pack: &str) -> Watched {
    let mut centre = begin_with(pack, |site| {
        for zone in site.zones.values_mut() {
            zone.hours = Some(Hours {
                spans: vec![Span {
                    days: vec![1, 2, 3, 4, 5],
                    from: time(8, 30, 0, 0),
                    to: time(17, 30, 0, 0),
                }],
            });
        }
        site.quiet
            .channels
            .insert("hook".to_owned(), Some(crate::site::Night::default()));
    });
    centre.doze(6 * 3600);
    centre
}

fn woken(centre: &Watched) -> bool {
    centre
        .story
        .has(|event| matches!(event, Event::Woken { .. }))
}

#[test]
fn water_smoke_and_a_hot_room_wake_whoever_is_on_call_and_a_broken_air_conditioning_alone_does_not()
{
    for pack in ["call-center", "hotline-center"] {
        for (sensor, reading, wakes) in [
            ("W", ALARM, true),
            ("S1", ALARM, true),
            ("T", hot(36.0), true),
            ("A", ALARM, false),
        ] {
            let mut centre = at_night(pack);
            centre.says(sensor, reading);
            centre.pass(64);
            assert!(
                centre
                    .story
                    .has(|event| matches!(event, Event::Opened { .. }))
            );
            assert_eq!(woken(&centre), wakes, "{pack}: {sensor}");
            centre.is_replayed();
        }
    }
    // What was told of in the evening wakes once it gets hot.
    let mut centre = at_night("hotline-center");
    centre.says("A", ALARM);
    centre.pass(64);
    centre.says("T", hot(36.0));
    centre.pass(4);
    assert!(woken(&centre));
    assert_eq!(centre.opened("aircon-fault"), 1, "one zone, one incident");
}

#[test]
fn the_hotline_centres_air_conditioning_is_measured_where_it_can_be_and_said_where_not() {
    let mut centre = begin_with("hotline-center", |_| ());
    centre.says("A", ALARM);
    centre.pass(32);
    let told = told_of(&centre.story, "aircon-fault");
    let everybody = roles(&["it", "lead", "manager", "staff", "supervisor"]);
    assert_eq!(told, everybody);
    centre.says("T", hot(38.0));
    centre.story.settle_debts();
    centre.pass(10);
    centre.says("A", REST);
    centre.pass(600);
    assert_eq!(centre.story.ending("aircon-fault"), None, "it is still hot");
    centre.says("T", hot(25.0));
    centre.pass(304);
    let ending = centre.story.ending("aircon-fault");
    assert_eq!(ending, Some(Ending::AllClear));
    // In a zone without a sensor a person says both.
    centre
        .story
        .raise("C-02", "aircon-fault", "lobby", 0, &[])
        .unwrap();
    centre.story.settle_debts();
    centre.pass(4);
    centre.story.answer("C-01", "state", "back");
    centre.pass(2);
    let last = opened(&centre.story, "aircon-fault");
    assert_eq!(last.len(), 2);
    assert!(centre.story.board.state().open_incidents().next().is_none());
    centre.is_replayed();
}

const ALL: [&str; 3] = ["UPS-C1", "UPS-C2", "UPS-AF"];

fn presumed(centre: &Watched) -> bool {
    centre.story.entries.iter().any(
        |entry| matches!(&entry.event, Event::Turned { value, .. } if value.zh.starts_with("推测")),
    )
}

fn power_is_good(centre: &Watched) -> bool {
    centre
        .story
        .has(|event| matches!(event, Event::GateBegan { .. }))
}

#[test]
fn a_contact_that_says_that_no_generator_runs_makes_supply_that_returns_the_mains() {
    let mut centre = begin();
    centre.story.out = ALL.into();
    centre.pass(60);
    centre.story.restore();
    centre.pass(10);
    assert!(!presumed(&centre) && power_is_good(&centre));
    centre.is_replayed();
}

#[test]
fn a_running_generator_holds_the_end_up_until_its_contact_says_that_it_is_off() {
    let mut centre = begin();
    centre.story.out = ALL.into();
    centre.pass(60);
    centre.says("G", ALARM);
    let running = signals::Kind::GeneratorRunning;
    centre.pass(20);
    assert_eq!(
        centre.level(running, "mains"),
        Level::Critical,
        "it warms up"
    );
    centre.story.restore();
    centre.pass(600);
    assert!(!power_is_good(&centre) && !presumed(&centre));
    // A seat on plain mains that lives is no match for the contact.
    let seat = "C-03".to_owned();
    let presence = Presence::Alive;
    centre.story.take(Input::Seat { seat, presence }).unwrap();
    centre.pass(10);
    assert!(!power_is_good(&centre));
    centre.says("G", REST);
    centre.pass(4);
    assert!(power_is_good(&centre));
    centre.is_replayed();
}

#[test]
fn who_looked_knows_better_than_a_generator_that_runs_on_without_a_load() {
    let mut centre = begin();
    centre.story.out = ALL.into();
    centre.says("G", ALARM);
    centre.pass(60);
    centre.story.restore();
    centre.pass(20);
    centre.story.answer("C-01", "supply", "mains");
    centre.pass(60);
    assert!(power_is_good(&centre));
    assert_eq!(
        centre
            .story
            .count(|event| matches!(event, Event::GateBroken { .. })),
        0
    );
    centre.is_replayed();
}

#[test]
fn a_contact_that_falls_silent_leaves_it_to_the_presumption() {
    let mut centre = begin();
    centre.story.out = ALL.into();
    centre.pass(60);
    centre.says.remove("G");
    centre.pass(20);
    centre.story.restore();
    centre.pass(10);
    assert!(presumed(&centre) && !power_is_good(&centre));
    centre.says("G", REST);
    centre.pass(4);
    assert!(power_is_good(&centre), "it speaks again");
    let mut centre = begin();
    centre.says.remove("G");
    centre.pass(20);
    let running = signals::Kind::GeneratorRunning;
    assert_eq!(centre.level(running, "mains"), Level::Unknown);
    centre.is_replayed();
}

#[test]
fn the_page_shows_what_each_sensor_says_and_for_how_long_it_has_not() {
    let mut centre = begin();
    centre.says("T", hot(31.26));
    centre.says.remove("W");
    centre.pass(20);
    let (now, entries) = (at(centre.story.now), centre.story.entries.clone());
    let view = centre.story.board.view(now, &entries, None);
    let shown = |of: &str| {
        let mut signals = view.signals.iter();
        signals.find(|view| view.signal.of == of).unwrap().clone()
    };
    assert_eq!(shown("T").value, Text::same("31.3 °C"));
    assert_eq!(
        (shown("T").level, shown("T").name.en),
        (Level::Warning, "No. T".to_owned())
    );
    assert_eq!(shown("W").level, Level::Unknown);
    assert!(shown("W").seen_at.unwrap() < now);
    let generator = view.signals.iter().filter(|it| it.signal.of == "mains");
    assert_eq!(generator.count(), 1);
}

#[test]
fn a_reading_that_says_the_same_again_stirs_nothing() {
    let mut centre = begin();
    let again = |centre: &mut Watched, celsius| {
        let (sensor, reading) = ("T".to_owned(), hot(celsius));
        centre
            .story
            .take(Input::Sensor { sensor, reading })
            .unwrap();
        centre.story.board.is_stirred()
    };
    assert!(!again(&mut centre, 24.3));
    assert!(again(&mut centre, 36.0), "a turn does");
    assert!(!again(&mut centre, 36.1));
}

#[test]
fn each_incident_is_named_by_its_zone() {
    let mut centre = begin();
    centre.says("W", ALARM);
    centre.pass(8);
    let IncidentId(id) = *opened(&centre.story, "water").first().unwrap();
    let entry = centre.story.entries.iter().find(|entry| entry.seq == id);
    assert!(entry.unwrap().reason.zh.contains("C座三楼"));
    let alarms = centre.story.entries.iter();
    let alarms = alarms.filter(|entry| entry.reason.zh == "报警：W");
    assert_eq!(alarms.count(), 1);
}
