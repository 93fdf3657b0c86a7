//! Stories of UPSs that do not tell how long they last: their last discharge does.

use std::sync::Arc;

use jiff::SignedDuration;

use crate::incidents::board::{Board, Centre};
use crate::incidents::entry::Event;
use crate::incidents::input::Input;
use crate::incidents::people;
use crate::incidents::remaining::Told;
use crate::incidents::state::State;
use crate::incidents::stories::{Story, at};
use crate::signals::{Kind, Level};
use crate::site::{Device, Site};
use crate::text::{Language, Text};
use crate::ups::{Reading, Verdict};

const ALL: [&str; 3] = ["UPS-C1", "UPS-C2", "UPS-AF"];

/// What the UPSs of the centre tell: no runtime, and a charge where there is one.
struct Floor {
    story: Story,
    charge: Option<f64>,
    verdict: Verdict,
    change: fn(&mut Reading),
}

impl Floor {
    fn begin(change: impl Fn(&mut Site)) -> Self {
        let mut centre = Centre::clone(&people::centre("call-center"));
        change(&mut centre.site);
        let story = Story::of(Arc::new(centre));
        let mut floor = Self {
            story,
            charge: Some(100.0),
            verdict: Verdict::OnMains,
            change: |_| (),
        };
        floor.poll();
        floor
    }

    fn reading(&self) -> Reading {
        let mut reading = Reading::unreachable();
        reading.verdict = self.verdict;
        reading.on_battery = Some(matches!(
            self.verdict,
            Verdict::MainsLost | Verdict::SelfTest | Verdict::Calibration
        ));
        reading.battery_low = Some(false);
        reading.charge_percent = self.charge.map(f64::round);
        reading.load_percent = Some(20.0);
        reading.device = vec!["Model".to_owned(), "A1".to_owned()];
        (self.change)(&mut reading);
        reading
    }

    fn poll(&mut self) {
        for ups in ALL {
            let (ups, reading) = (ups.to_owned(), self.reading());
            self.story.take(Input::Ups { ups, reading }).unwrap();
        }
        self.story.take(Input::Tick).unwrap();
    }

    /// So many minutes, an answer every ten seconds, in which the charge falls by so much.
    fn pass(&mut self, verdict: Verdict, minutes: i64, used: f64) {
        self.verdict = verdict;
        for _ in 0..minutes * 6 {
            self.story.now += 10;
            let steps = f64::from(u32::try_from(minutes * 6).unwrap());
            self.charge = self
                .charge
                .map(|charge| (charge - used / steps).clamp(0.0, 100.0));
            self.poll();
        }
    }

    fn silence(&mut self, seconds: i64) {
        self.story.now += seconds;
        self.story.take(Input::Tick).unwrap();
    }

    /// As after a crash: all that is not written down is gone.
    fn restart(&mut self) {
        let centre = Arc::clone(self.story.board.centre());
        let json = serde_json::to_string(&self.story.replayed()).unwrap();
        let state: State = serde_json::from_str(&json).unwrap();
        self.story.board = Board::new(centre, state, at(self.story.now));
        self.story.take(Input::Started).unwrap();
    }

    fn proofs(&self) -> Vec<(i64, Option<(u8, u8)>)> {
        let of = |event: &Event| match event {
            Event::Discharged { ups, discharge } if ups == "UPS-C1" => {
                Some((discharge.lasted.as_mins(), discharge.charge))
            }
            _ => None,
        };
        let entries = self.story.entries.iter();
        entries.filter_map(|entry| of(&entry.event)).collect()
    }

    /// The runtime of UPS-C1 as the page has it.
    fn told(&mut self) -> Option<(f64, Told, Text)> {
        let view = self.story.board.view(at(self.story.now), &[], None);
        let mut signals = view.signals.into_iter();
        let signal =
            signals.find(|it| it.signal.kind == Kind::UpsMains && it.signal.of == "UPS-C1");
        let signal = signal.unwrap();
        let runtime = signal.runtime?;
        Some((runtime.minutes, runtime.told, signal.value))
    }
}

#[test]
fn a_ups_without_a_runtime_is_held_to_half_of_its_last_discharge() {
    let mut floor = Floor::begin(|_| ());
    assert_eq!(floor.told(), None);
    floor.pass(Verdict::MainsLost, 20, 40.0);
    assert_eq!(floor.told(), None, "it is not over");
    floor.pass(Verdict::OnMains, 60, -100.0);
    assert_eq!(floor.proofs(), [(19, Some((100, 60)))]);
    floor.restart();
    floor.poll();
    let (minutes, told, value) = floor.told().unwrap();
    assert_eq!((minutes, told), (24.0, Told::About));
    assert_eq!(
        value,
        Text::new(
            "市电供电，电量100%，负载20%，停电能撑约24分钟（按2027年1月15日那次放电的一半估）",
            "on mains, 100 % charge, 20 % load, about 24 min without mains (half of its discharge on 15 Jan 2027)"
        )
    );
    floor.pass(Verdict::MainsLost, 2, 2.0);
    // 16:44 and 24 min.
    let card = floor.story.card("C-02", Language::En).unwrap();
    assert!(
        card.lines.iter().any(|line| line.contains("about 17:")),
        "{card:#?}"
    );
    let (_, _, value) = floor.told().unwrap();
    assert!(value.en.contains("about 24 min left"), "{value:?}");
    assert!(value.zh.contains("还能用约24分钟"), "{value:?}");
    assert_eq!(&floor.story.replayed(), floor.story.board.state());
}

#[test]
fn an_estimate_never_makes_a_battery_low() {
    let mut floor = Floor::begin(|_| ());
    floor.pass(Verdict::MainsLost, 6, 60.0);
    floor.pass(Verdict::OnMains, 60, -100.0);
    floor.pass(Verdict::MainsLost, 4, 30.0);
    let (minutes, ..) = floor.told().unwrap();
    assert!(minutes < 10.0, "{minutes}");
    let low = |event: &Event| {
        matches!(event, Event::Turned { signal, to: Level::Critical, .. }
            if signal.kind == Kind::UpsBatteryLow)
    };
    assert!(!floor.story.has(low));
}

#[test]
fn a_measured_runtime_wins_and_a_gap_in_it_is_no_estimate() {
    let mut floor = Floor::begin(|_| ());
    floor.pass(Verdict::MainsLost, 20, 40.0);
    floor.pass(Verdict::OnMains, 60, -100.0);
    floor.change = |reading| reading.runtime_minutes = Some(90.0);
    floor.pass(Verdict::MainsLost, 2, 2.0);
    let (minutes, told, _) = floor.told().unwrap();
    assert_eq!((minutes, told), (90.0, Told::Measured));
    floor.change = |_| ();
    floor.pass(Verdict::MainsLost, 1, 1.0);
    assert_eq!(floor.told(), None, "half of an old figure would be earlier");
    floor.pass(Verdict::OnMains, 1, -3.0);
    assert_eq!(floor.told().unwrap().1, Told::About);
}

#[test]
fn tests_of_the_ups_and_short_cuts_show_nothing() {
    let mut floor = Floor::begin(|_| ());
    floor.pass(Verdict::SelfTest, 20, 40.0);
    floor.pass(Verdict::OnMains, 10, -40.0);
    floor.pass(Verdict::Calibration, 60, 60.0);
    floor.pass(Verdict::OnMains, 10, -60.0);
    floor.pass(Verdict::MainsLost, 4, 40.0);
    floor.pass(Verdict::OnMains, 10, -40.0);
    floor.pass(Verdict::MainsLost, 30, 5.0);
    floor.pass(Verdict::OnMains, 10, -5.0);
    assert_eq!(floor.proofs(), []);
}

#[test]
fn what_was_not_seen_is_not_counted() {
    let mut floor = Floor::begin(|_| ());
    floor.pass(Verdict::MainsLost, 20, 40.0);
    // It may have had mains meanwhile.
    floor.silence(600);
    assert_eq!(
        floor.proofs(),
        [(19, Some((100, 60)))],
        "to its last answer"
    );
    floor.pass(Verdict::MainsLost, 10, 20.0);
    floor.restart();
    floor.pass(Verdict::MainsLost, 8, 20.0);
    floor.pass(Verdict::OnMains, 1, 0.0);
    assert_eq!(
        floor.proofs()[1..],
        [(7, Some((40, 20)))],
        "since the start"
    );
    assert_eq!(&floor.story.replayed(), floor.story.board.state());
}

#[test]
fn a_jump_of_the_clock_makes_no_discharge_longer() {
    let mut floor = Floor::begin(|_| ());
    floor.pass(Verdict::MainsLost, 10, 20.0);
    let by = SignedDuration::from_hours(1);
    floor.story.now += by.as_secs();
    floor.story.take(Input::ClockStepped { by }).unwrap();
    floor.pass(Verdict::MainsLost, 10, 20.0);
    floor.pass(Verdict::OnMains, 1, 0.0);
    assert_eq!(floor.proofs(), [(19, Some((100, 60)))]);
    assert_eq!(&floor.story.replayed(), floor.story.board.state());
}

#[test]
fn another_device_or_a_worn_battery_starts_from_nothing() {
    let mut floor = Floor::begin(|_| ());
    floor.pass(Verdict::MainsLost, 20, 40.0);
    floor.pass(Verdict::OnMains, 60, -100.0);
    assert!(floor.told().is_some());
    floor.pass(Verdict::ReplaceBattery, 1, 0.0);
    assert_eq!(floor.told(), None);
    floor.pass(Verdict::MainsLost, 1, 0.0);
    assert_eq!(floor.told(), None, "being out hides that it is worn");
    floor.pass(Verdict::OnMains, 1, 0.0);
    assert!(floor.told().is_some());
    floor.change = |reading| reading.device = vec!["Model".to_owned(), "B2".to_owned()];
    floor.poll();
    assert_eq!(floor.told(), None);
}

/// A seat that must last, whose switch is on the same UPS.
fn must_last(site: &mut Site) {
    let switch = Device {
        name: Text::same("SW"),
        kind: None,
        zone: None,
        fed_by: "UPS-C1".to_owned(),
        via: Vec::new(),
    };
    site.devices.insert("SW".to_owned(), switch);
    let seat = site.seats.get_mut("C-01").unwrap();
    seat.required_runtime = Some(SignedDuration::from_mins(45));
    seat.via = vec!["SW".to_owned()];
}

#[test]
fn readiness_says_by_which_discharge_it_judges() {
    let mut floor = Floor::begin(must_last);
    let of = |floor: &mut Floor| {
        let view = floor.story.board.view(at(floor.story.now), &[], None);
        let mut told = view.readiness.into_iter();
        told.find(|it| it.of == "C-01").unwrap()
    };
    assert_eq!(of(&mut floor).level, Level::Unknown);
    floor.pass(Verdict::MainsLost, 20, 40.0);
    floor.pass(Verdict::OnMains, 60, -100.0);
    let told = of(&mut floor);
    assert_eq!((told.level, told.about), (Level::Critical, true));
    assert!(
        told.lasts
            .en
            .contains("about 24 min: it hangs on UPS-C1 (half of its discharge on 15 Jan 2027)"),
        "{told:?}"
    );
    // One that tells no charge and was not emptied may last longer: that is not short.
    let mut floor = Floor::begin(must_last);
    floor.charge = None;
    floor.poll();
    floor.pass(Verdict::MainsLost, 20, 0.0);
    floor.pass(Verdict::OnMains, 10, 0.0);
    assert_eq!(floor.told().unwrap().1, Told::AtLeast);
    assert_eq!(of(&mut floor).level, Level::Unknown);
    floor.pass(Verdict::MainsLost, 250, 0.0);
    floor.pass(Verdict::OnMains, 10, 0.0);
    assert_eq!(
        of(&mut floor).level,
        Level::Normal,
        "half of 250 min is over the target"
    );
}

/// Whatever happens, in whatever order: the entries are the state, and no proof is longer
/// than its mains were gone, nor written twice.
#[test]
fn any_story_of_discharges_replays() {
    for seed in 0..4_u64 {
        let mut dice = seed;
        let mut roll = |sides: u64| {
            dice = dice
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (dice >> 33) % sides
        };
        let mut floor = Floor::begin(|_| ());
        let mut longest = 0;
        let mut out = 0;
        for _ in 0..25 {
            let minutes = i64::try_from(roll(20)).unwrap() + 1;
            let used = f64::from(u32::try_from(roll(60)).unwrap());
            match roll(8) {
                0 | 1 => {
                    floor.pass(Verdict::MainsLost, minutes, used);
                    out += minutes;
                    longest = longest.max(out);
                }
                2 | 3 => {
                    floor.pass(Verdict::OnMains, minutes, -used);
                    out = 0;
                }
                4 => {
                    floor.pass(Verdict::SelfTest, minutes, used);
                    out = 0;
                }
                5 => floor.silence(minutes * 60),
                6 => {
                    let by = SignedDuration::from_mins(minutes - 15);
                    floor.story.now += by.as_secs();
                    floor.story.take(Input::ClockStepped { by }).unwrap();
                }
                _ => {
                    floor.restart();
                    floor.charge = (roll(3) > 0).then_some(80.0);
                }
            }
            assert_eq!(
                &floor.story.replayed(),
                floor.story.board.state(),
                "seed {seed}"
            );
        }
        let proofs = floor.proofs();
        assert!(!proofs.is_empty(), "seed {seed} shows nothing");
        for (lasted, charge) in &proofs {
            assert!(
                (5..=longest).contains(lasted),
                "seed {seed}: {proofs:?} {longest}"
            );
            assert!(charge.is_none_or(|(from, to)| from >= to + 10));
        }
    }
}
