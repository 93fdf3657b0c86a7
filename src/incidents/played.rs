//! Both packs played through: every stage begins, every card is seen in both languages and
//! fits its place with the values of a real centre, and every procedure comes to its end.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::incidents::board::{Board, Centre, Timing};
use crate::incidents::card::{Act, Card, CardButton};
use crate::incidents::entry::Event;
use crate::incidents::incident::Incident;
use crate::incidents::input::{Input, Receipt, ReceiptStage};
use crate::incidents::menu::menu;
use crate::incidents::message::Notice;
use crate::incidents::stories::{Story, at, site};
use crate::incidents::telling::card_text;
use crate::plan::{self, AskKind, PACKS, Place, Procedure, width};
use crate::site::{Contact, Device, Seat, Site};
use crate::text::{Language, Text};

/// What was met in the stories of one pack, as `procedure/stage` and `procedure/stage/role`.
#[derive(Default)]
struct Met {
    stages: BTreeSet<String>,
    cards: BTreeSet<String>,
    too_wide: BTreeSet<String>,
}

impl Met {
    fn look(&mut self, story: &mut Story) {
        let screens = story.board.screens(at(story.now));
        for screen in screens.values() {
            for (language, cards) in [(Language::Zh, &screen.zh), (Language::En, &screen.en)] {
                for card in cards.iter() {
                    self.measure(card, language);
                }
            }
        }
        let state = story.board.state();
        for incident in state.incidents.values() {
            let id = &incident.procedure.id;
            for (stage, _) in incident.stages_under_way() {
                self.stages.insert(format!("{id}/{}", stage.id));
            }
            for (role, told) in &incident.roles {
                for seat in &told.seats {
                    self.card(&story.board, incident, role, seat);
                }
            }
        }
    }

    fn card(&mut self, board: &Board, incident: &Incident, role: &str, seat: &str) {
        let id = &incident.procedure.id;
        if let Some((stage, _)) = card_text(board, incident, role, seat) {
            self.cards.insert(format!("{id}/{}/{role}", stage.id));
        }
    }

    fn measure(&mut self, card: &Card, language: Language) {
        let mut fits = |text: &str, place: Place| {
            if width(text, language) > place.limit(language) {
                self.too_wide.insert(format!("{} {text}", place.name()));
            }
        };
        fits(&card.title, Place::Title);
        for line in &card.lines {
            fits(line, Place::Line);
        }
        for button in &card.buttons {
            fits(&button.say, Place::Button);
        }
        assert!(card.lines.len() <= 2, "{card:#?}");
        let texts = card.lines.iter().chain(&card.more).chain([&card.title]);
        for text in texts {
            assert!(!text.contains(['{', '}']), "{text}");
        }
    }
}

/// The small centre of the stories with numbers, a switch, and a desk for each role above the lead.
fn centre(pack: &str, shape: impl Fn(&mut Site)) -> Arc<Centre> {
    let mut site = site(true);
    // Names as short as those on a plan of the floor.
    for (id, zh, en) in [("c3", "C座三楼", "Floor 3"), ("lobby", "AF大堂", "Lobby")] {
        site.zones.get_mut(id).unwrap().name = Text::new(zh, en);
        site.circuits.get_mut(id).unwrap().name = Text::new(zh, en);
    }
    site.address = Some(Text::new("康宁路88号", "88 Kangning Road"));
    let switch = Device {
        name: Text::new("三楼交换机", "floor switch"),
        kind: None,
        zone: None,
        fed_by: "UPS-C1".to_owned(),
        via: Vec::new(),
    };
    site.devices.insert("SW".to_owned(), switch);
    for zone in site.zones.values_mut() {
        zone.network.push("SW".to_owned());
    }
    let desk: Seat = site.seats["AF-01"].clone();
    for (id, role) in [
        ("M-01", "manager"),
        ("M-02", "supervisor"),
        ("O-01", "operations"),
    ] {
        site.seats.insert(id.to_owned(), desk.clone());
        let role = site.roles.entry(role.to_owned()).or_default();
        role.seats.push(id.to_owned());
    }
    for name in [
        "lead",
        "it",
        "manager",
        "supervisor",
        "operations",
        "electrician",
        "facilities",
        "vendor",
        "cleaning",
        "backup",
        "support",
        "estate",
        "network-owner",
    ] {
        let contact = Contact {
            name: Text::new("值班组长", "Duty lead"),
            phone: "13800001111".to_owned(),
        };
        site.contacts.insert(name.to_owned(), contact);
    }
    for (name, phone) in [("fire", "119"), ("police", "110"), ("ambulance", "120")] {
        let contact = Contact {
            name: Text::same(name),
            phone: phone.to_owned(),
        };
        site.contacts.insert(name.to_owned(), contact);
    }
    shape(&mut site);
    Arc::new(Centre {
        site,
        plan: plan::parse(pack, plan::pack(pack).unwrap()).unwrap(),
        timing: Timing::default(),
    })
}

/// Every way to answer what is asked first.
fn ways(procedure: &Procedure) -> Vec<Vec<(String, String)>> {
    let asked = &procedure.raise.as_ref().unwrap().ask;
    let values = |ask: &String| -> Vec<String> {
        let known = &procedure.ask[ask];
        match known.kind {
            AskKind::Number => vec!["1".to_owned(), "2".to_owned()],
            AskKind::WorkingDays => vec!["2".to_owned()],
            AskKind::Date => vec!["2027-12-31".to_owned()],
            AskKind::Seat => vec!["C-02".to_owned()],
            AskKind::Choice | AskKind::YesNo | AskKind::Service => {
                known.options().into_keys().collect()
            }
        }
    };
    let mut ways = vec![Vec::new()];
    for ask in asked {
        let longer = ways.iter().flat_map(|way: &Vec<(String, String)>| {
            values(ask).into_iter().map(|value| {
                let mut way = way.clone();
                way.push((ask.clone(), value));
                way
            })
        });
        ways = longer.collect();
    }
    ways
}

fn raised(centre: &Arc<Centre>, id: &str, seat: &str, way: &[(String, String)]) -> Story {
    let mut story = Story::of(Arc::clone(centre));
    let items = menu(centre, seat, Language::Zh);
    let item = items.iter().find(|item| item.procedure == id);
    let place = &item
        .unwrap_or_else(|| panic!("{id} is not offered at {seat}"))
        .place;
    let way = way.iter();
    let way: Vec<(&str, &str)> = way.map(|(ask, is)| (ask.as_str(), is.as_str())).collect();
    story
        .raise(seat, id, place, 30, &way)
        .unwrap_or_else(|refused| panic!("{id}: {refused}"));
    story
}

/// Time passes; where `seen`, everybody looks at the screen.
fn wait(story: &mut Story, met: &mut Met, seconds: i64, seen: bool) {
    let end = story.now + seconds;
    while story.now < end {
        story.doze((story.now + 120).min(end));
        if seen {
            story.settle_debts();
        }
        met.look(story);
    }
}

/// Of what is offered, the one to press.
type Choose = fn(&[(String, Act)]) -> Option<&(String, Act)>;

const FIRST: Choose = |offered| offered.first();
const LAST: Choose = |offered| offered.last();

/// What a careful person presses last: what ends it.
fn ends(button: &CardButton) -> bool {
    matches!(button.act, Act::Close { .. } | Act::StandDown { .. })
        || matches!(&button.act, Act::Answer { value, .. } if ["back", "calm"].contains(&value.as_str()))
}

/// It is bad again after all: a story of its own.
fn breaks(button: &CardButton) -> bool {
    matches!(&button.act, Act::Answer { value, .. } if value == "bad")
}

impl Story {
    /// Presses everything that is offered until nothing is, what ends it last; of what is offered
    /// `choose` takes one. `look` is called before each press.
    fn press_everything(&mut self, choose: Choose, mut look: impl FnMut(&mut Self)) {
        let mut pressed: BTreeSet<(String, String)> = BTreeSet::new();
        for ending in [false, true, false] {
            loop {
                self.settle_debts();
                let screens = self.board.screens(at(self.now));
                let buttons = screens.iter().flat_map(|(seat, screen)| {
                    let buttons = screen.zh.iter().flat_map(|card| &card.buttons);
                    buttons
                        .filter(|button| !button.done && ends(button) == ending && !breaks(button))
                        .map(|button| (seat.clone(), button.act.clone()))
                });
                let offered: Vec<(String, Act)> = buttons
                    .filter(|(seat, act)| !pressed.contains(&(seat.clone(), format!("{act:?}"))))
                    .collect();
                let Some((seat, act)) = choose(&offered).cloned() else {
                    break;
                };
                pressed.insert((seat.clone(), format!("{act:?}")));
                look(self);
                self.act(&seat, act.clone())
                    .unwrap_or_else(|refused| panic!("{act:?} is offered at {seat}: {refused}"));
                self.until(self.now + 2);
            }
        }
    }
}

/// Presses whatever is offered, looking at every screen between.
fn press(story: &mut Story, met: &mut Met, choose: Choose) {
    for _ in 0..3 {
        story.press_everything(choose, |story| met.look(story));
        story.doze(story.now + 200);
        story.settle_debts();
        met.look(story);
    }
}

fn is_over(story: &Story, procedure: &str) -> bool {
    let mut open = story.board.state().open_incidents();
    !open.any(|incident| incident.procedure.id == procedure)
}

fn play_by_hand(pack: &str, met: &mut Met) {
    let on_duty = centre(pack, |site| {
        site.roles.get_mut("lead").unwrap().duty = Some("lead".to_owned());
    });
    let nobody_named = centre(pack, |_| ());
    for procedure in on_duty.plan.procedures.values() {
        let Some(raise) = &procedure.raise else {
            continue;
        };
        let id = &procedure.id;
        let seats = [("staff", "C-02"), ("lead", "C-01")];
        let seats = seats
            .into_iter()
            .filter(|(role, _)| raise.by.iter().any(|by| by == role));
        let seats: Vec<&str> = seats.map(|(_, seat)| seat).collect();
        let ways = ways(procedure);
        let each = ways.iter().map(|way| (way, seats[0], FIRST));
        let others = seats[1..].iter().map(|seat| (&ways[0], *seat, FIRST));
        for (way, seat, choose) in each.chain(others).chain([(&ways[0], seats[0], LAST)]) {
            let mut story = raised(&on_duty, id, seat, way);
            met.look(&mut story);
            press(&mut story, met, choose);
            assert!(
                is_over(&story, id),
                "{pack} {id} from {seat} {way:?} does not end"
            );
            assert_eq!(&story.replayed(), story.board.state());
            told_the_end(&story, id);
        }
        let mut story = raised(&nobody_named, id, seats[0], &ways[0]);
        wait(&mut story, met, 900, false);
        let mut story = raised(&on_duty, id, seats[0], &ways[ways.len() - 1]);
        wait(&mut story, met, 4800, true);
    }
}

/// Whoever accepted a problem gets its end.
fn told_the_end(story: &Story, id: &str) {
    let owed = |notice: Notice| {
        story
            .count(|event| matches!(event, Event::Owed { message, .. } if message.notice == notice))
    };
    // The surge that another procedure starts is a story of its own.
    assert!(owed(Notice::Opened) <= owed(Notice::Closed) + 1, "{id}");
}

/// Every stage of a power loss that is measured: each kind, the generator, a battery that
/// runs low, the switch without power, and a seat that cannot log in afterwards.
fn play_measured(pack: &str, met: &mut Met) {
    let centre_of = |generator: bool| {
        centre(pack, |site| {
            site.roles.get_mut("lead").unwrap().duty = Some("lead".to_owned());
            site.feeds.get_mut("mains").unwrap().generator = generator;
        })
    };
    let all = ["UPS-C1", "UPS-C2", "UPS-AF"];
    for out in [&all[..], &all[..2], &all[..1]] {
        for choose in [None, Some(FIRST), Some(LAST)] {
            let mut story = Story::of(centre_of(true));
            story.out = out.iter().copied().collect();
            wait(&mut story, met, 12, choose.is_some());
            story.until(story.now + 20);
            met.look(&mut story);
            match choose {
                Some(choose) => story.press_everything(choose, |story| met.look(story)),
                // Nobody looks, and no generator comes.
                None => wait(&mut story, met, 900, false),
            }
            story.runtime_minutes = 5.0;
            story.until(story.now + 10);
            met.look(&mut story);
            back(&mut story, met);
            assert!(is_over(&story, "power-loss"), "{pack} {out:?} does not end");
            assert_eq!(&story.replayed(), story.board.state());
        }
    }
    // The lights are off, and so are the switch and all that hangs on it.
    let mut story = Story::of(centre_of(false));
    story.cut();
    wait(&mut story, met, 30, true);
    story.answer("C-01", "lights", "off");
    story.answer("IT-01", "network", "off");
    wait(&mut story, met, 10, true);
    story.tick("C-01", "by-hand");
    back(&mut story, met);
    // What was a feed for all that was known turns out to be one plug.
    let mut story = Story::of(centre_of(false));
    story.silent = ["UPS-C2", "UPS-AF"].into();
    wait(&mut story, met, 30, true);
    story.out = ["UPS-C1"].into();
    story.runtime_minutes = 5.0;
    wait(&mut story, met, 120, true);
    story.silent.clear();
    wait(&mut story, met, 60, true);
    back(&mut story, met);
    let lone = centre(pack, |site| {
        let other = site.feeds["mains"].clone();
        site.feeds.insert("other".to_owned(), other);
        site.circuits.get_mut("lobby").unwrap().feed = "other".to_owned();
        site.ups.get_mut("UPS-C2").unwrap().fed_by = "lobby".to_owned();
    });
    let mut story = Story::of(lone);
    story.out = ["UPS-C1"].into();
    wait(&mut story, met, 60, true);
    back(&mut story, met);
}

/// The supply returns, and whatever is asked is answered.
fn back(story: &mut Story, met: &mut Met) {
    story.restore();
    story.until(story.now + 10);
    met.look(story);
    press(story, met, FIRST);
    wait(story, met, 1200, true);
}

/// A complaint whose promised day passes.
fn play_overdue(pack: &str, met: &mut Met) {
    let centre = centre(pack, |_| ());
    let today = centre.site.date_of(at(0)).to_string();
    let answers = [
        ("about", "product"),
        ("written", "no"),
        ("promised", today.as_str()),
    ];
    let answers = answers.map(|(ask, is)| (ask.to_owned(), is.to_owned()));
    let mut story = raised(&centre, "complaint", "C-02", &answers);
    wait(&mut story, met, 7400, true);
}

fn play(pack: &str) {
    let mut met = Met::default();
    play_by_hand(pack, &mut met);
    play_measured(pack, &mut met);
    play_overdue(pack, &mut met);
    let plan = plan::parse(pack, plan::pack(pack).unwrap()).unwrap();
    let built_in = plan::parse("none", NOTHING).unwrap();
    let own = plan.procedures.values();
    let own = own.filter(|it| built_in.procedures.get(&it.id) != Some(*it));
    let mut never = Vec::new();
    for procedure in own {
        for stage in &procedure.stage {
            let id = format!("{}/{}", procedure.id, stage.id);
            if !met.stages.contains(&id) {
                never.push(format!("{id} never begins"));
            }
            for card in &stage.card {
                let id = format!("{id}/{}", card.role);
                if !met.cards.contains(&id) {
                    never.push(format!("{id} is never shown"));
                }
            }
        }
    }
    never.sort();
    never.dedup();
    assert!(never.is_empty(), "{pack}\n{}", never.join("\n"));
    let wide: Vec<&String> = met.too_wide.iter().collect();
    assert!(wide.is_empty(), "{pack}: too wide\n{wide:#?}");
}

/// A plan that has nothing of its own but what it must have.
const NOTHING: &str = r#"plan = 1
id = "none"
name = { zh = "无", en = "None" }
roles = {}
procedure = {}
"#;

#[test]
fn the_call_centres_pack_plays_to_its_end() {
    play(PACKS[0].0);
}

#[test]
fn the_hotline_centres_pack_plays_to_its_end() {
    play(PACKS[1].0);
}

fn missed(story: &Story, wanted: &str) -> bool {
    story.has(|event| matches!(event, Event::StepMissed { step, .. } if step == wanted))
}

/// One seat has its cards on the screen.
fn show_at(story: &mut Story, seat: &str) {
    let screens = story.board.screens(at(story.now));
    for card in screens[seat].zh.iter() {
        let receipt = Receipt {
            seats: [seat.to_owned()].into(),
            card: card.key.clone(),
            revision: card.revision,
            stage: ReceiptStage::Shown,
        };
        story.take(Input::Receipt(receipt)).unwrap();
    }
}

#[test]
fn where_two_are_to_be_told_one_of_them_is_not_enough() {
    for (seats, is_missed) in [(&["M-02"][..], true), (&["M-02", "M-01"], false)] {
        let mut story = raised(&centre("hotline-center", |_| ()), "fire", "C-03", &[]);
        for seat in seats {
            show_at(&mut story, seat);
        }
        // Found 30 s before it was raised: the five minutes run since then.
        story.until(story.now + 269);
        assert!(!missed(&story, "tell-up"));
        story.until(story.now + 1);
        assert_eq!(missed(&story, "tell-up"), is_missed, "{seats:?}");
        assert_eq!(story.told("operations"), is_missed, "{seats:?}");
    }
}

#[test]
fn the_generators_ten_minutes_count_from_the_onset_whenever_somebody_looks_at_the_lights() {
    let mut story = Story::of(centre("hotline-center", |_| ()));
    let cut_at = story.now;
    story.out = ["UPS-C1", "UPS-C2"].into();
    story.until(cut_at + 360);
    assert_eq!(story.kind().as_deref(), Some("circuit"));
    story.answer("C-01", "lights", "off");
    story.until(cut_at + 598);
    assert!(!missed(&story, "generator"));
    story.until(cut_at + 604);
    assert!(missed(&story, "generator") && story.told("operations"));
}

#[test]
fn who_says_too_early_that_the_mains_are_back_is_asked_again_when_there_is_supply() {
    let mut story = Story::of(centre("call-center", |_| ()));
    story.cut();
    story.until(story.now + 60);
    story.answer("C-01", "lights", "off");
    story.answer("C-01", "supply", "mains");
    story.restore();
    story.until(story.now + 20);
    let offered = |story: &mut Story| {
        let card = story.card("C-01", Language::En).unwrap();
        let button = card
            .buttons
            .iter()
            .find(|button| button.say == "Mains is back");
        button.map(|button| button.done)
    };
    assert_eq!(offered(&mut story), Some(false));
    story.answer("C-01", "supply", "mains");
    story.settle_debts();
    story.until(story.now + 1500);
    assert!(is_over(&story, "power-loss"));
}

#[test]
fn a_card_says_by_which_clock_time_and_what_comes_when() {
    let way = [("which", "crm"), ("symptom", "login")];
    let way = way.map(|(ask, is)| (ask.to_owned(), is.to_owned()));
    let mut story = raised(&centre("call-center", |_| ()), "system-fault", "C-02", &way);
    let mut line = |seat: &str, n: usize| {
        let card = story.card(seat, Language::Zh).unwrap();
        card.lines[n].clone()
    };
    // It began at 15:59:40.
    assert_eq!(line("C-01", 0), "经理 16:04 前没看到就打：13800001111");
    assert_eq!(line("IT-01", 1), "16:09 前修不好，现在就按“上报”");
    story.until(story.now + 600);
    let card = story.card("O-01", Language::Zh).unwrap();
    assert!(card.lines[1].starts_with("16:59 不好就找厂商"), "{card:?}");
    story.answer("IT-01", "state", "back");
    let card = story.card("C-01", Language::Zh).unwrap();
    let told = card.more.iter().find(|more| more.starts_with("要打给"));
    assert_eq!(told.unwrap(), "要打给：客服部经理、运营副总");
}
