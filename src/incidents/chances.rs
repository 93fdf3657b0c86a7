//! Stories that nobody thought of: shifts, nights and restarts in any order.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::civil::time;

use crate::incidents::adoption::stories::{all_settled, laws};
use crate::incidents::board::Board;
use crate::incidents::card::Act;
use crate::incidents::entry::{Ending, Event};
use crate::incidents::incident::Incident;
use crate::incidents::input::Input;
use crate::incidents::shifts::{ALL, begin, connect, turn};
use crate::incidents::state::State;
use crate::incidents::stood::{AloneAct, AloneReport, ReportedAct};
use crate::incidents::stories::{Story, at};
use crate::site::{Day, Duty, Person, Site};

/// A small generator of choices; the same seed makes the same story.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

/// A seat is back, and tells what was done there; of few names, so that some are said again.
fn tell_alone(story: &mut Story, seat: &str, dice: &mut Dice) {
    let mut number = |sides| u32::try_from(dice.roll(sides)).unwrap();
    let acts = (0..number(3))
        .map(|_| ReportedAct {
            id: format!("{seat} act {}", number(6)),
            ago: number(300),
            act: match number(3) {
                0 => AloneAct::Acknowledge,
                1 => AloneAct::Tick {
                    step: "move".to_owned(),
                },
                _ => AloneAct::Answer {
                    ask: "lights".to_owned(),
                    value: "off".to_owned(),
                },
            },
        })
        .collect();
    let report = AloneReport {
        id: format!("{seat} outage {}", number(6)),
        procedure: "power-loss".to_owned(),
        lost: 400,
        onset: 300,
        until: number(100),
        acts,
    };
    let seat = seat.to_owned();
    let told = Input::Alone { seat, report };
    story.take(told).expect("it is in the site");
}

fn open(story: &Story) -> impl Iterator<Item = &Incident> {
    story.board.state().open_incidents()
}

fn wider_or_narrower(story: &mut Story, seat: &str, dice: &mut Dice) {
    let how = [("which", "crm"), ("symptom", "login")];
    let raised = match dice.roll(2) {
        0 => story.raise(seat, "network-failure", "", 0, &[("what", "gear")]),
        _ => story.raise(seat, "system-fault", "", 0, &how),
    };
    raised.expect("who works there may raise it");
}

/// Whoever is told of something that was raised says that it is mended, or closes it.
fn say_of_one(story: &mut Story, dice: &mut Dice) {
    let raised = open(story).filter(|open| open.raised_by.is_some());
    let raised: Vec<_> = raised.map(|open| open.id).collect();
    let count = u64::try_from(raised.len()).unwrap();
    let Some(incident) = raised.get(usize::try_from(dice.roll(count.max(1))).unwrap()) else {
        return;
    };
    let incident = *incident;
    let mended = Act::Answer {
        incident,
        ask: "state".to_owned(),
        value: "back".to_owned(),
    };
    // Whoever was not told may not; that is a choice like any other.
    match dice.roll(4) {
        0 => drop(story.act("C-01", Act::Close { incident })),
        _ => drop(story.act("IT-01", mended)),
    }
}

/// The day after the stories begin is worked, and IT hears at nine what it is to see to.
fn digest_on_saturday(site: &mut Site) {
    site.quiet.it_digest = Some(time(9, 0, 0, 0));
    let saturday = site.date_of(at(0)).tomorrow().unwrap();
    site.calendar.days.insert(saturday, Day::As(5));
}

fn each_day_has_one_digest(story: &Story, seed: u64) {
    let site = &story.board.centre().site;
    let digests = story.entries.iter();
    let digests = digests.filter(|entry| matches!(entry.event, Event::Digested { .. }));
    let days: Vec<_> = digests.map(|entry| site.date_of(entry.at)).collect();
    assert!(!days.is_empty(), "seed {seed}: a working day has a digest");
    let once: BTreeSet<_> = days.iter().collect();
    assert_eq!(once.len(), days.len(), "seed {seed}: {days:?}");
}

/// Whatever happens, in whatever order, with restarts: the entries are the state, and once
/// all is well again and the morning has come nothing that was owed is left.
#[test]
fn any_story_of_shifts_and_nights_replays_and_ends_with_nothing_owed() {
    let mut adoptions = BTreeSet::new();
    for seed in 0..4 {
        let mut dice = Dice(seed);
        let mut story = begin(|site| {
            digest_on_saturday(site);
            let deputy = Some(Person {
                seat: Some("C-03".to_owned()),
                ..Person::default()
            });
            let people = ["lead A", "lead B"]
                .into_iter()
                .zip(["C-01", "C-02"])
                .cycle();
            let shifts = (0..12).zip(people).map(|(n, (name, seat))| Duty {
                deputy: deputy.clone(),
                ..turn(name, seat, n * 7200, (n + 1) * 7200)
            });
            site.roster
                .duties
                .insert("lead".to_owned(), shifts.collect());
        });
        for _ in 0..40 {
            let seats = ["C-01", "C-02", "C-03", "AF-01"];
            let seat = seats[usize::try_from(dice.roll(4)).unwrap()];
            story.board.screens(at(story.now));
            match dice.roll(15) {
                0 => story.out = ALL.into(),
                1 | 2 => story.out.clear(),
                3 => drop(story.act(
                    seat,
                    Act::Substitute {
                        role: "lead".to_owned(),
                        seat: "AF-01".to_owned(),
                    },
                )),
                4 => drop(story.act(
                    seat,
                    Act::Resume {
                        role: "lead".to_owned(),
                    },
                )),
                5 => drop(story.raise(seat, "fire", "c3", 0, &[])),
                6 => connect(&mut story, seat),
                7 => story.settle_debts(),
                8 => tell_alone(&mut story, seat, &mut dice),
                9 => wider_or_narrower(&mut story, seat, &mut dice),
                10 | 11 => drop(story.raise(seat, "seat-fault", seat, 0, &[("what", "login")])),
                12 => say_of_one(&mut story, &mut dice),
                _ => {
                    let centre = Arc::clone(story.board.centre());
                    story.board = Board::new(centre, story.replayed(), at(story.now));
                    story.take(Input::Started).unwrap();
                }
            }
            let span = [20, 200, 2000][usize::try_from(dice.roll(3)).unwrap()];
            let end = story.now + i64::try_from(dice.roll(span) + 1).unwrap();
            story.doze(end);
            assert_eq!(&story.replayed(), story.board.state(), "seed {seed}");
            laws(&story);
        }
        story.out.clear();
        for seat in ["C-01", "C-02", "C-03", "AF-01"] {
            connect(&mut story, seat);
        }
        // What nobody measures a person closes, the oldest first.
        let by_hand: Vec<_> = open(&story)
            .filter(|open| open.procedure.id != "power-loss")
            .map(|open| open.id)
            .collect();
        for incident in by_hand {
            drop(story.act("C-01", Act::Close { incident }));
            drop(story.act("AF-01", Act::StandDown { incident }));
        }
        // The morning after the next.
        let end = story.now + 36 * 3600;
        story.doze(story.now + 7200);
        story.settle_debts();
        all_settled(&story);
        story.doze(end);
        story.settle_debts();
        laws(&story);
        let open: Vec<_> = open(&story).map(|it| it.procedure.id.clone()).collect();
        assert!(open.is_empty(), "seed {seed}: {open:?}");
        let met = story.entries.iter().filter_map(|entry| match &entry.event {
            Event::Adopted { .. } => Some("adopted"),
            Event::Freed { .. } => Some("freed"),
            Event::Closed {
                why: Ending::With(_),
                ..
            } => Some("with"),
            _ => None,
        });
        adoptions.extend(met);
        assert!(story.board.outbox().is_empty(), "seed {seed}");
        let json = serde_json::to_string(story.board.state()).unwrap();
        let read: State = serde_json::from_str(&json).unwrap();
        assert_eq!(&read, story.board.state(), "a checkpoint keeps it whole");
        each_day_has_one_digest(&story, seed);
        all_ended_once(&story, seed);
    }
    assert_eq!(adoptions, ["adopted", "freed", "with"].into());
}

/// No act landed twice, and each debt ended once, by name.
fn all_ended_once(story: &Story, seed: u64) {
    let mut landed = BTreeSet::new();
    for entry in &story.entries {
        if let Event::Ticked {
            command: Some(command),
            ..
        } = &entry.event
        {
            assert!(
                landed.insert(command),
                "seed {seed}: {command} landed twice"
            );
        }
    }
    let owed: BTreeSet<u64> = story
        .entries
        .iter()
        .filter(|entry| matches!(entry.event, Event::Owed { .. }))
        .map(|entry| entry.seq)
        .collect();
    let ended: BTreeSet<u64> = story
        .entries
        .iter()
        .filter_map(|entry| match &entry.event {
            Event::Delivered { owed }
            | Event::Lapsed { owed, .. }
            | Event::Superseded { owed, .. } => Some(owed.0),
            _ => None,
        })
        .collect();
    assert_eq!(owed, ended, "seed {seed}: each debt ends once, by name");
}
