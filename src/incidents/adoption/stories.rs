//! Stories of narrower incidents inside wider ones, and the laws that every story keeps.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::SignedDuration;

use crate::incidents::board::Centre;
use crate::incidents::card::{Act, Card, Phase};
use crate::incidents::entry::{Ending, Event, IncidentId, Recipient};
use crate::incidents::incident::Incident;
use crate::incidents::input::Input;
use crate::incidents::message::Notice;
use crate::incidents::people;
use crate::incidents::progress::called;
use crate::incidents::stories::{Story, at, opened};
use crate::incidents::wording::Words;
use crate::plan::{self, After, PACKS, Place, Procedure, RAISER, TakesIn, When, width};
use crate::text::{Language, Text};

const CRM: [(&str, &str); 2] = [("which", "crm"), ("symptom", "login")];

fn begin() -> Story {
    Story::of(people::centre("call-center"))
}

/// A centre in which one procedure is another than in the pack.
fn changed(id: &str, change: impl Fn(&mut Procedure)) -> Story {
    let mut centre = Centre::clone(&people::centre("call-center"));
    let procedure = centre.plan.procedures.get_mut(id).unwrap();
    change(Arc::make_mut(procedure));
    Story::of(Arc::new(centre))
}

impl Story {
    /// Raises something and says which incident it is.
    fn found(&mut self, seat: &str, procedure: &str, of: &str, how: &[(&str, &str)]) -> IncidentId {
        self.raise(seat, procedure, of, 0, how).unwrap();
        self.incident()
    }

    fn system(&mut self) -> IncidentId {
        self.found("C-02", "system-fault", "", &CRM)
    }

    fn network(&mut self) -> IncidentId {
        self.found("C-01", "network-failure", "", &[("what", "gear")])
    }

    fn close(&mut self, incident: IncidentId) {
        self.act("C-01", Act::Close { incident }).unwrap();
    }

    fn mended(&mut self, seat: &str, incident: IncidentId) {
        let (ask, value) = ("state".to_owned(), "back".to_owned());
        let act = Act::Answer {
            incident,
            ask,
            value,
        };
        self.act(seat, act).unwrap();
    }

    fn known(&self, id: IncidentId) -> &Incident {
        self.board.state().incidents.get(id).unwrap()
    }

    fn adopter(&self, id: IncidentId) -> Option<IncidentId> {
        self.known(id).adopted_by
    }

    fn end(&self, id: IncidentId) -> Option<Ending> {
        let closed = self.known(id).closed.as_ref();
        closed.map(|closed| closed.why.clone())
    }

    /// When something of an incident was written last, in the story's seconds.
    fn last(&self, wanted: impl Fn(&Event) -> bool) -> Option<i64> {
        let mut entries = self.entries.iter().rev();
        let entry = entries.find(|entry| wanted(&entry.event))?;
        Some(entry.at.duration_since(at(0)).as_secs())
    }

    fn missed_at(&self, id: IncidentId, wanted: &str) -> Option<i64> {
        self.last(|event| {
            matches!(event, Event::StepMissed { incident, step, .. }
                if *incident == id && step == wanted)
        })
    }

    fn sees(&mut self, seat: &str, id: IncidentId) -> Option<Arc<Card>> {
        let cards = self.cards(seat);
        cards.into_iter().find(|card| card.key.incident == id)
    }

    /// What a channel was owed of an incident.
    fn owed(&self, channel: &str, id: IncidentId) -> Vec<Notice> {
        let owed = self.entries.iter().filter_map(|entry| match &entry.event {
            Event::Owed {
                incident,
                recipient: Recipient::Channel(to),
                message,
                ..
            } if to == channel && *incident == id => Some(message.notice),
            _ => None,
        });
        owed.collect()
    }

    fn ends_well(&self) {
        assert_eq!(&self.replayed(), self.board.state());
        laws(self);
    }
}

/// What holds in every story: of what is adopted nobody is told, no stage begins and no
/// clock runs; and whoever was told of what is over has seen its end, or that of what it
/// was part of, or not in time.
pub(in crate::incidents) fn laws(story: &Story) {
    let mut adopted: BTreeMap<IncidentId, IncidentId> = BTreeMap::new();
    for entry in &story.entries {
        let quiet = match &entry.event {
            Event::Adopted { incident, by } => {
                assert!(!adopted.contains_key(by), "{by} was adopted itself");
                adopted.insert(*incident, *by);
                None
            }
            Event::Freed { incident } => {
                let known = adopted.remove(incident);
                assert!(known.is_some(), "{incident} was free already");
                None
            }
            Event::Closed { incident, why, .. } => {
                let by = adopted.remove(incident);
                if let Ending::With(with) = why {
                    assert_eq!(by, Some(*with), "{incident} ended with another");
                }
                assert!(
                    by.is_none() || !matches!(why, Ending::AllClear | Ending::Blip),
                    "{incident} ended by itself while it was adopted"
                );
                None
            }
            Event::RoleTold { stage, .. } if stage == "taken-in" => None,
            Event::StageBegan { incident, .. }
            | Event::RoleTold { incident, .. }
            | Event::RoleStoodDown { incident, .. }
            | Event::Joined { incident, .. }
            | Event::Owed { incident, .. }
            | Event::CallAsked { incident, .. }
            | Event::Dialled { incident, .. }
            | Event::StepReminded { incident, .. }
            | Event::StepDone { incident, .. }
            | Event::StepMissed { incident, .. }
            | Event::Reminded { incident, .. }
            | Event::Woken { incident, .. } => Some(*incident),
            _ => None,
        };
        let loud = quiet.filter(|incident| adopted.contains_key(incident));
        assert_eq!(loud, None, "{entry:?}");
    }
    let state = story.board.state();
    for (id, by) in &adopted {
        let is_open = |id: &IncidentId| {
            let known = state.incidents.get(*id);
            known.is_some_and(|known| known.closed.is_none())
        };
        assert!(is_open(id) && is_open(by), "{id} outlasts {by}");
    }
}

/// That everybody who was told of what is over has heard of its end.
pub(in crate::incidents) fn all_settled(story: &Story) {
    let state = story.board.state();
    for incident in state.incidents.values() {
        if incident.closed.is_none() {
            continue;
        }
        let raised = incident.roles.get(RAISER);
        let roles = incident.roles.iter();
        for (role, told) in roles.filter(|(role, _)| called(role).is_none()) {
            for seat in &told.seats {
                // Whoever raised it has one card of it.
                let other = role == "staff" && raised.is_some_and(|told| told.seats.contains(seat));
                let seen = told.shown_over.contains(seat) || told.lapsed.contains(seat);
                let mut wider = state.incidents.wider(incident);
                let elsewhere = told.elsewhere.contains(seat)
                    && wider.any(|wider| {
                        let mut roles = wider.roles.values();
                        roles.any(|told| told.shown_over.contains(seat))
                    });
                assert!(
                    other || seen || elsewhere,
                    "{seat} was told of {} as {role} and not of its end",
                    incident.id
                );
            }
        }
        for (channel, told) in &incident.channels {
            let ended = told.closed || told.messages == 0;
            assert!(ended, "{channel} was told of {} alone", incident.id);
        }
    }
}

#[test]
fn what_is_good_at_the_end_of_the_wider_one_ends_with_it_and_each_hears_of_one_end() {
    let mut story = begin();
    let system = story.system();
    story.settle_debts();
    story.until(story.now + 30);
    let network = story.network();
    assert_eq!(story.adopter(system), Some(network));
    story.settle_debts();
    // Who is told of both sees the wider one; the manager keeps what they had.
    assert!(story.sees("C-02", system).is_none() && story.sees("C-02", network).is_some());
    assert!(story.sees("M-01", network).is_none());
    let card = story.sees("M-01", system).unwrap();
    assert_eq!(card.lines, ["归入：网络故障", "系统在修，坐席改记手工表"]);
    assert!(card.more[0].starts_with("请您定：要不要加人"), "{card:?}");
    assert!(card.clocks.is_empty());
    story.mended("IT-01", system);
    story.doze(story.now + 3600);
    assert_eq!(story.end(system), None, "it waits for the wider one");
    story.close(network);
    assert_eq!(story.end(system), Some(Ending::With(network)));
    assert!(story.sees("C-02", system).is_none());
    assert_eq!(story.sees("C-02", network).unwrap().phase, Phase::Over);
    assert_eq!(story.sees("M-01", system).unwrap().phase, Phase::Over);
    let closed = |owed: Vec<Notice>| owed.iter().filter(|it| **it == Notice::Closed).count();
    assert_eq!(closed(story.owed("hook", network)), 1);
    assert_eq!(
        closed(story.owed("hook", system)),
        0,
        "it has heard of the network"
    );
    assert_eq!(closed(story.owed("boss", system)), 1);
    story.settle_debts();
    assert!(story.board.outbox().is_empty());
    all_settled(&story);
    story.ends_well();
}

#[test]
fn what_is_still_bad_at_the_end_of_the_wider_one_is_free_and_its_clocks_begin_then() {
    let mut story = begin();
    let system = story.system();
    story.until(story.now + 245);
    let reminded = |event: &Event| matches!(event, Event::StepReminded { .. });
    assert_eq!(story.count(reminded), 1, "four of five minutes are over");
    let network = story.network();
    story.doze(story.now + 1500);
    assert_eq!(story.missed_at(system, "report"), None);
    assert!(!story.told("operations"), "its ten minutes do not run");
    let freed_at = story.now;
    story.close(network);
    assert_eq!((story.adopter(system), story.end(system)), (None, None));
    let card = story.sees("C-01", system).unwrap();
    let clock = card
        .clocks
        .iter()
        .find(|clock| clock.step == "report")
        .unwrap();
    assert_eq!(clock.deadline, at(freed_at + 300));
    assert!(!clock.reminded);
    story.until(freed_at + 299);
    assert_eq!(story.count(reminded), 2);
    assert_eq!(story.missed_at(system, "report"), None);
    story.until(freed_at + 601);
    assert_eq!(story.missed_at(system, "report"), Some(freed_at + 300));
    let ten_minutes =
        story.last(|event| matches!(event, Event::StageBegan { stage, .. } if stage == "10-min"));
    assert_eq!(ten_minutes, Some(freed_at + 600));
    story.close(system);
    story.settle_debts();
    all_settled(&story);
    story.ends_well();
}

#[test]
fn a_step_that_was_missed_before_it_was_adopted_is_not_in_time_afterwards() {
    let mut story = begin();
    let system = story.system();
    let deadline = story.now + 300;
    story.until(deadline + 10);
    assert_eq!(story.missed_at(system, "report"), Some(deadline));
    let network = story.network();
    story.until(story.now + 50);
    let (incident, step) = (system, "report".to_owned());
    story.act("C-01", Act::Tick { incident, step }).unwrap();
    story.close(network);
    let late = story.entries.iter().find_map(|entry| match &entry.event {
        Event::StepDone { late, .. } => Some(late.map(|late| late.as_secs())),
        _ => None,
    });
    assert_eq!(late, Some(Some(60)));
    story.ends_well();
}

#[test]
fn whoever_raises_what_is_part_of_something_wider_sees_the_card_of_that_and_nobody_else_is_told() {
    let mut story = begin();
    story.cut();
    story.until(story.now + 40);
    story.settle_debts();
    let power = story.incident();
    let seat = story.found("C-03", "seat-fault", "C-03", &[("what", "pc")]);
    assert_eq!(story.adopter(seat), Some(power));
    let cards = story.cards("C-03");
    assert!(cards.iter().all(|card| card.key.incident == power) && cards.len() == 1);
    assert!(story.known(seat).roles.is_empty() && story.known(seat).stages.is_empty());
    assert_eq!(story.owed("hook", seat), []);
    // A headset is at fault by itself.
    let headset = story.found("C-02", "seat-fault", "C-02", &[("what", "headset")]);
    assert_eq!(story.adopter(headset), None);
    assert!(story.sees("C-01", headset).is_some());
    story.close(headset);
    story.restore();
    story.doze(story.now + 3600);
    assert_eq!(story.end(power), Some(Ending::AllClear));
    // Nobody said that it is mended: it begins now.
    assert_eq!((story.adopter(seat), story.end(seat)), (None, None));
    let card = story.sees("C-03", seat).unwrap();
    assert_eq!(card.key.role, RAISER);
    assert!(story.sees("IT-01", seat).is_some());
    assert_eq!(story.owed("hook", seat), [Notice::Opened]);
    story.settle_debts();
    story.mended("IT-01", seat);
    story.doze(story.now + 3600);
    assert_eq!(story.end(seat), Some(Ending::AllClear));
    story.settle_debts();
    all_settled(&story);
    story.ends_well();
}

#[test]
fn whoever_raises_it_before_the_wider_one_is_on_the_screen_gets_an_answer_at_once() {
    let mut story = begin();
    story.cut();
    story.until(story.now + 8);
    assert!(!story.told("staff"));
    let power = story.incident();
    let seat = story.found("C-03", "seat-fault", "C-03", &[("what", "pc")]);
    let card = story.sees("C-03", seat).unwrap();
    assert_eq!(card.lines, ["归入：停电", "这件事已经在处理"]);
    assert_eq!(card.buttons.len(), 1);
    let screens = story.board.screens(at(story.now));
    assert_eq!(screens["C-03"].en[0].lines[0], "Part of: Power out");
    let system = story.system();
    assert_eq!(story.adopter(system), Some(power));
    assert!(story.sees("C-02", system).is_some());
    story.until(story.now + 20);
    assert!(story.sees("C-03", seat).is_none() && story.sees("C-03", power).is_some());
    assert!(story.sees("C-02", system).is_none());
    story.restore();
    story.doze(story.now + 3600);
    assert_eq!(story.adopter(system), None);
    assert_eq!(story.sees("C-03", seat).unwrap().lines[0], "接着接电话");
    // The plan has no card for whoever raised a system fault: they are staff again.
    assert_eq!(story.sees("C-02", system).unwrap().key.role, "staff");
    story.close(system);
    story.mended("IT-01", seat);
    story.doze(story.now + 3600);
    story.settle_debts();
    all_settled(&story);
    story.ends_well();
}

#[test]
fn in_a_chain_the_inner_waits_for_the_outermost() {
    let mut story = begin();
    let seat = story.found("C-03", "seat-fault", "C-03", &[("what", "login")]);
    let other = story.found("C-02", "seat-fault", "C-02", &[("what", "program")]);
    let system = story.system();
    assert_eq!(story.adopter(seat), Some(system));
    let network = story.network();
    assert_eq!(story.adopter(system), Some(network));
    assert_eq!(story.adopter(seat), Some(system));
    // Of what nothing adopts any more only the widest is said.
    story.settle_debts();
    // A person closes the one between.
    story.mended("C-01", seat);
    story.close(system);
    assert_eq!(story.adopter(seat), Some(network));
    assert_eq!(story.adopter(other), Some(network));
    story.until(story.now + 60);
    story.close(network);
    assert_eq!(story.end(seat), Some(Ending::With(network)));
    assert_eq!((story.adopter(other), story.end(other)), (None, None));
    story.close(other);
    story.settle_debts();
    all_settled(&story);
    story.ends_well();
}

#[test]
fn in_a_chain_all_that_is_good_ends_with_the_outermost_and_is_heard_of_once() {
    for system_is_good in [true, false] {
        let mut story = begin();
        let seat = story.found("C-03", "seat-fault", "C-03", &[("what", "login")]);
        let system = story.system();
        let network = story.network();
        story.settle_debts();
        story.mended("C-01", seat);
        if system_is_good {
            story.mended("IT-01", system);
        }
        story.until(story.now + 60);
        story.close(network);
        if system_is_good {
            assert_eq!(story.end(system), Some(Ending::With(network)));
            assert_eq!(story.end(seat), Some(Ending::With(system)));
            assert_eq!(story.cards("C-03").len(), 1);
        } else {
            assert_eq!((story.adopter(system), story.end(system)), (None, None));
            assert_eq!((story.adopter(seat), story.end(seat)), (Some(system), None));
            story.close(system);
            assert_eq!(story.end(seat), Some(Ending::With(system)));
        }
        assert_eq!(story.owed("hook", seat), [Notice::Opened]);
        story.settle_debts();
        all_settled(&story);
        story.ends_well();
    }
}

#[test]
fn an_opening_that_never_left_is_not_told_beside_the_wider_one_but_after_it() {
    let mut story = begin();
    let system = story.system();
    assert_eq!(story.board.outbox().len(), 2);
    let network = story.network();
    let outbox = story.board.outbox();
    let of = |channel: &str| {
        let due = outbox.iter().filter(|due| due.channel == channel);
        due.map(|due| due.incident).collect::<Vec<_>>()
    };
    assert_eq!(of("hook"), [network]);
    // Whoever does not hear of the network hears of the system.
    assert_eq!(of("boss"), [system]);
    story.settle_debts();
    story.until(story.now + 60);
    story.close(network);
    assert_eq!(story.owed("hook", system), [Notice::Opened, Notice::Opened]);
    story.settle_debts();
    story.close(system);
    assert_eq!(story.owed("hook", system)[2..], [Notice::Closed]);
    assert_eq!(story.owed("boss", system), [Notice::Opened, Notice::Closed]);
    story.settle_debts();
    all_settled(&story);
    story.ends_well();
}

#[test]
fn what_turns_out_to_lie_elsewhere_is_free() {
    let mut story = begin();
    let seat = story.found("AF-01", "seat-fault", "AF-01", &[("what", "pc")]);
    story.out = ["UPS-C1", "UPS-C2"].into();
    story.until(story.now + 5);
    let power = story.incident();
    assert_eq!(story.adopter(seat), Some(power), "it may be the whole feed");
    story.until(story.now + 20);
    assert_eq!(story.kind().as_deref(), Some("circuit"));
    assert_eq!((story.adopter(seat), story.end(seat)), (None, None));
    // Said again otherwise it is part of it no more either.
    let other = story.found("C-02", "seat-fault", "C-02", &[("what", "pc")]);
    assert_eq!(story.adopter(other), Some(power));
    let answer = |value: &str| Act::Answer {
        incident: other,
        ask: "what".to_owned(),
        value: value.to_owned(),
    };
    let refused = story.act("C-02", answer("headset"));
    assert!(refused.is_err(), "nobody was told of it");
    story.ends_well();
}

#[test]
fn what_opens_after_the_wider_cause_is_gone_stands_alone() {
    let mut story = begin();
    let network = story.network();
    story.mended("IT-01", network);
    story.until(story.now + 2);
    let system = story.system();
    assert_eq!(story.adopter(system), None);
    // It was no end: what is bad again takes in what is new.
    let act = Act::Answer {
        incident: network,
        ask: "state".to_owned(),
        value: "bad".to_owned(),
    };
    story.act("IT-01", act).unwrap();
    assert_eq!(story.adopter(system), Some(network));
    story.ends_well();
}

#[test]
fn while_the_supply_is_back_and_is_watched_what_is_new_is_not_part_of_the_cut() {
    let mut story = begin();
    story.cut();
    story.until(story.now + 40);
    let power = story.incident();
    story.restore();
    story.until(story.now + 20);
    assert!(story.known(power).gate_since.is_some() && !story.known(power).in_recovery());
    let seat = story.found("C-03", "seat-fault", "C-03", &[("what", "pc")]);
    assert_eq!(story.adopter(seat), None);
    story.ends_well();
}

#[test]
fn reminders_and_what_follows_a_step_count_from_when_it_was_freed_and_nothing_is_promised_before() {
    let mut story = changed("system-fault", |procedure| {
        let stage = procedure.stage.iter_mut().find(|it| it.id == "60-min");
        stage.unwrap().when = When::After(After {
            step: "repair".to_owned(),
            bad_for: SignedDuration::from_mins(20),
        });
    });
    let system = story.system();
    let (incident, step) = (system, "repair".to_owned());
    story.act("IT-01", Act::Tick { incident, step }).unwrap();
    let promised = |story: &Story| {
        let words = Words::new(&story.board, story.known(system), None);
        let promises = ["report_by", "begins.10-min", "begins.60-min", "due.report"];
        let filled = promises.map(|it| words.fill(&format!("{{{it}}}"), Language::En));
        filled.iter().filter(|it| !it.is_empty()).count()
    };
    assert_eq!(promised(&story), 4);
    story.doze(story.now + 1000);
    let network = story.network();
    // The ten minutes were over: that is no promise.
    assert_eq!(promised(&story), 1);
    story.doze(story.now + 1700);
    let freed_at = story.now;
    story.close(network);
    assert_eq!(promised(&story), 4);
    let reminded =
        |event: &Event| matches!(event, Event::Reminded { incident, .. } if *incident == system);
    let began =
        |event: &Event| matches!(event, Event::StageBegan { stage, .. } if stage == "60-min");
    story.until(freed_at + 1199);
    assert!(!story.has(began));
    story.until(freed_at + 1201);
    assert!(story.has(began));
    story.until(freed_at + 1799);
    assert!(!story.has(reminded));
    story.until(freed_at + 1801);
    assert!(story.has(reminded));
    story.ends_well();
}

#[test]
fn what_is_in_recovery_comes_to_its_own_end() {
    let mut story = begin();
    let system = story.system();
    story.settle_debts();
    story.mended("IT-01", system);
    story.until(story.now + 2);
    assert!(story.known(system).in_recovery());
    story.network();
    assert_eq!(story.adopter(system), None);
    story.doze(story.now + 1200);
    assert_eq!(story.end(system), Some(Ending::AllClear));
    story.ends_well();
}

/// A network failure of which a power loss is part, to have one that is measured.
fn power_is_part() -> Story {
    let mut centre = Centre::clone(&people::centre("call-center"));
    let mut set = |id: &str, takes_in: &[&str]| {
        let procedure = centre.plan.procedures.get_mut(id).unwrap();
        let takes_in = takes_in.iter().map(|id| TakesIn::Every((*id).to_owned()));
        Arc::make_mut(procedure).takes_in = takes_in.collect();
    };
    set("power-loss", &[]);
    set("network-failure", &["power-loss"]);
    Story::of(Arc::new(centre))
}

#[test]
fn what_is_measured_is_measured_on_and_may_open_anew_after_the_end() {
    let mut story = power_is_part();
    story.cut();
    story.until(story.now + 40);
    story.settle_debts();
    let power = story.incident();
    let network = story.network();
    assert_eq!(story.adopter(power), Some(network));
    story.restore();
    story.doze(story.now + 1800);
    assert!(story.known(power).gate_since.is_some());
    assert_eq!(story.end(power), None);
    story.close(network);
    assert_eq!(story.end(power), Some(Ending::With(network)));
    assert!(story.board.state().blips.is_empty());
    story.settle_debts();
    all_settled(&story);
    story.until(story.now + 60);
    assert_eq!(opened(&story, "power-loss").len(), 1);
    story.cut();
    story.until(story.now + 40);
    assert_eq!(opened(&story, "power-loss").len(), 2);
    story.ends_well();
}

#[test]
fn what_came_and_went_inside_a_wider_one_is_told_to_nobody() {
    let mut story = power_is_part();
    let network = story.network();
    story.cut();
    story.until(story.now + 10);
    let power = story.incident();
    story.restore();
    story.until(story.now + 10);
    story.close(network);
    assert_eq!(story.end(power), Some(Ending::With(network)));
    assert!(story.known(power).roles.is_empty());
    assert_eq!(story.owed("hook", power), []);
    assert!(story.board.state().blips.is_empty());
    story.ends_well();
}

#[test]
fn what_is_bad_or_unknown_at_the_end_is_free() {
    let mut story = power_is_part();
    let network = story.network();
    story.cut();
    story.until(story.now + 40);
    let power = story.incident();
    assert!(story.known(power).roles.is_empty());
    story.silent = ["UPS-AF"].into();
    story.restore();
    story.until(story.now + 40);
    story.close(network);
    assert_eq!((story.adopter(power), story.end(power)), (None, None));
    assert!(
        story.sees("C-01", power).is_none(),
        "the lead is told after 5 s"
    );
    story.until(story.now + 6);
    assert!(story.sees("C-01", power).is_some());
    story.ends_well();
}

#[test]
fn nobody_is_urged_or_rung_up_for_what_is_adopted_and_patience_begins_anew() {
    let mut story = changed("network-failure", |procedure| {
        for stage in &mut procedure.stage {
            stage.tell.retain(|role| role != "it");
        }
    });
    let system = story.system();
    story.until(story.now + 25);
    let asked = |event: &Event| matches!(event, Event::CallAsked { .. });
    let calls = story.count(asked);
    assert!(calls > 0, "the hook takes nothing");
    let network = story.network();
    let open = story
        .known(system)
        .calls
        .values()
        .filter(|call| call.is_open());
    assert_eq!(open.count(), 0);
    story.doze(story.now + 1800);
    assert_eq!(story.count(asked), calls);
    let joined =
        |event: &Event| matches!(event, Event::Joined { incident, .. } if *incident == system);
    assert!(!story.has(joined));
    let freed_at = story.now;
    story.close(network);
    story.until(freed_at + 19);
    assert_eq!(story.count(asked), calls);
    story.until(freed_at + 21);
    assert!(story.count(asked) > calls);
    story.until(freed_at + 179);
    assert!(!story.has(joined));
    story.until(freed_at + 181);
    assert!(story.has(joined), "nobody has seen it for three minutes");
    story.ends_well();
}

#[test]
fn a_jump_of_the_clock_moves_the_new_begin_too() {
    let mut story = begin();
    let system = story.system();
    let network = story.network();
    story.until(story.now + 400);
    story.close(network);
    story.until(story.now + 100);
    story.now += 7200;
    let by = SignedDuration::from_secs(7200);
    story.take(Input::ClockStepped { by }).unwrap();
    story.until(story.now + 199);
    assert_eq!(story.missed_at(system, "report"), None);
    story.until(story.now + 2);
    assert!(story.missed_at(system, "report").is_some());
    story.until(story.now + 298);
    assert!(
        !story.has(|event| matches!(event, Event::StageBegan { stage, .. } if stage == "10-min"))
    );
    story.until(story.now + 2);
    assert!(
        story.has(|event| matches!(event, Event::StageBegan { stage, .. } if stage == "10-min"))
    );
    story.ends_well();
}

#[test]
fn the_record_and_the_page_say_of_what_it_is_part() {
    let mut story = begin();
    let system = story.system();
    let network = story.network();
    let said = |story: &Story, zh: &str, en: &str| {
        let text = Text::new(zh, en);
        story.entries.iter().any(|entry| entry.reason == text)
    };
    assert!(said(
        &story,
        &format!("归入第 {network} 号事件（网络故障），暂停计时"),
        &format!("part of incident {network} (Network down) now: its clocks stop"),
    ));
    let view = story.board.view(at(story.now), &story.entries, None);
    let shown = view.incidents.iter().find(|shown| shown.id == system);
    let shown = shown.unwrap();
    assert_eq!(shown.part_of, Some(network));
    let (_, last) = shown.timeline.last().unwrap();
    assert!(last.en.starts_with("part of incident "), "{last:?}");
    story.mended("IT-01", system);
    story.close(network);
    assert!(said(
        &story,
        &format!("随第 {network} 号事件一起结束，这里也正常了"),
        &format!("good, and over with incident {network}"),
    ));
    let system = story.system();
    let network = story.network();
    story.close(network);
    assert_eq!(story.adopter(system), None);
    assert!(said(
        &story,
        "还没恢复，不再归入其他事件，现在开始计时",
        "still bad, and part of no other any more: its clocks begin now",
    ));
}

#[test]
fn who_may_not_know_of_the_wider_one_reads_only_that_there_is_one() {
    let mut story = changed("network-failure", |procedure| {
        procedure.visible = vec!["lead".to_owned(), "it".to_owned()];
    });
    let system = story.system();
    let network = story.network();
    assert!(story.sees("M-01", network).is_none());
    assert_eq!(story.sees("M-01", system).unwrap().lines[0], "归入另一件事");
    assert!(story.has(|event| matches!(event, Event::Adopted { .. })));
    let mut adopted = story.entries.iter().rev();
    let adopted = adopted.find(|entry| matches!(entry.event, Event::Adopted { .. }));
    assert!(!adopted.unwrap().reason.zh.contains("网络"));
}

#[test]
fn the_line_that_names_the_wider_one_fits_in_both_packs() {
    for (id, text) in PACKS {
        let plan = plan::parse(id, text).unwrap();
        let wider = plan.procedures.values();
        let wider: Vec<_> = wider.filter(|it| !it.takes_in.is_empty()).collect();
        assert_eq!(wider.len(), 3, "{id}");
        for procedure in wider {
            for (language, before) in [(Language::Zh, "归入："), (Language::En, "Part of: ")] {
                let line = format!("{before}{}", procedure.title.in_language(language));
                assert!(
                    width(&line, language) <= Place::Line.limit(language),
                    "{line}"
                );
            }
        }
    }
}

#[test]
fn a_restart_at_any_point_finds_the_same_to_do() {
    let mut story = begin();
    let system = story.system();
    story.until(story.now + 30);
    let network = story.network();
    story.settle_debts();
    let json = serde_json::to_string(story.board.state()).unwrap();
    let read: crate::incidents::State = serde_json::from_str(&json).unwrap();
    assert_eq!(&read, story.board.state(), "a checkpoint keeps it whole");
    let centre = Arc::clone(story.board.centre());
    story.board = crate::incidents::Board::new(centre, read, at(story.now));
    story.take(Input::Started).unwrap();
    assert_eq!(story.adopter(system), Some(network));
    story.close(network);
    assert_eq!(story.adopter(system), None);
    assert_eq!(story.known(system).freed_at, Some(at(story.now)));
    let seats: BTreeSet<&String> = story.known(system).roles["staff"].seats.iter().collect();
    assert!(seats.len() == 3);
    story.ends_well();
}
