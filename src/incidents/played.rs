//! Both packs played through: every stage begins, every card is seen in both languages and
//! fits its place with the values of a real centre, and every procedure comes to its end.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::incidents::board::{Board, Centre, Timing};
use crate::incidents::card::Card;
use crate::incidents::incident::Incident;
use crate::incidents::stories::{Story, at, site};
use crate::incidents::telling::card_text;
use crate::plan::{self, AskKind, Over, PACKS, Place, Procedure, width};
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

/// Every way to answer what is asked first: each choice once, beside the first of the others.
fn ways(procedure: &Procedure) -> Vec<Vec<(String, String)>> {
    let asked = &procedure.raise.as_ref().unwrap().ask;
    let values = |ask: &String| -> Vec<String> {
        let known = &procedure.ask[ask];
        match known.kind {
            AskKind::Number => vec!["1".to_owned(), "2".to_owned()],
            AskKind::WorkingDays => vec!["2".to_owned()],
            AskKind::Date => vec!["2027-12-31".to_owned()],
            AskKind::Seat => vec!["C-02".to_owned()],
            AskKind::Choice | AskKind::YesNo => known.options().into_keys().collect(),
        }
    };
    let most = asked.iter().map(|ask| values(ask).len()).max().unwrap_or(1);
    (0..most)
        .map(|n| {
            let answers = asked.iter().map(|ask| {
                let values = values(ask);
                (ask.clone(), values[n.min(values.len() - 1)].clone())
            });
            answers.collect()
        })
        .collect()
}

fn raised(
    centre: &Arc<Centre>,
    procedure: &Procedure,
    seat: &str,
    way: &[(String, String)],
) -> Story {
    let mut story = Story::of(Arc::clone(centre));
    let of = match procedure.raise.as_ref().unwrap().over {
        Over::Site => "",
        Over::Zone => "c3",
        Over::Seat => seat,
        Over::Feed => "mains",
    };
    let way: Vec<(&str, &str)> = way
        .iter()
        .map(|(ask, is)| (ask.as_str(), is.as_str()))
        .collect();
    story
        .raise(seat, &procedure.id, of, 30, &way)
        .unwrap_or_else(|refused| panic!("{}: {refused}", procedure.id));
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

/// Presses whatever is offered, looking at every screen between.
fn press(story: &mut Story, met: &mut Met) {
    for _ in 0..3 {
        story.press_everything(|story| met.look(story));
        story.until(story.now + 200);
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
        if procedure.raise.is_none() {
            continue;
        }
        let by = &procedure.raise.as_ref().unwrap().by;
        let seat = if by.contains(&"staff".to_owned()) {
            "C-02"
        } else {
            "C-01"
        };
        let ways = ways(procedure);
        for way in &ways {
            let mut story = raised(&on_duty, procedure, seat, way);
            met.look(&mut story);
            press(&mut story, met);
            assert!(
                is_over(&story, &procedure.id),
                "{pack} {} {way:?} does not end",
                procedure.id
            );
            assert_eq!(&story.replayed(), story.board.state());
        }
        let mut story = raised(&nobody_named, procedure, seat, &ways[0]);
        wait(&mut story, met, 900, false);
        let mut story = raised(&on_duty, procedure, seat, &ways[ways.len() - 1]);
        wait(&mut story, met, 4800, true);
    }
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
    for out in [
        ["UPS-C1", "UPS-C2", "UPS-AF"].as_slice(),
        &["UPS-C1", "UPS-C2"],
        &["UPS-C1"],
    ] {
        for answered in [false, true] {
            let mut story = Story::of(centre_of(true));
            story.out = out.iter().copied().collect();
            wait(&mut story, met, 12, answered);
            story.until(story.now + 20);
            met.look(&mut story);
            if answered {
                story.settle_debts();
                story.press_everything(|story| met.look(story));
            } else {
                // Nobody looks, and no generator comes.
                wait(&mut story, met, 900, false);
            }
            story.runtime_minutes = 5.0;
            story.until(story.now + 10);
            met.look(&mut story);
            story.restore();
            story.until(story.now + 10);
            met.look(&mut story);
            press(&mut story, met);
            press(&mut story, met);
            wait(&mut story, met, 1200, true);
            assert!(
                is_over(&story, "power-loss"),
                "{pack} {out:?} {answered} does not end"
            );
            assert_eq!(&story.replayed(), story.board.state());
        }
    }
    let lone = centre(pack, |site| {
        let other = site.feeds["mains"].clone();
        site.feeds.insert("other".to_owned(), other);
        site.circuits.get_mut("lobby").unwrap().feed = "other".to_owned();
        site.ups.get_mut("UPS-C2").unwrap().fed_by = "lobby".to_owned();
    });
    let mut story = Story::of(lone);
    story.out = ["UPS-C1"].into();
    wait(&mut story, met, 60, true);
    story.restore();
    wait(&mut story, met, 1200, true);
}

fn play(pack: &str) {
    let mut met = Met::default();
    play_by_hand(pack, &mut met);
    play_measured(pack, &mut met);
    let plan = plan::parse(pack, plan::pack(pack).unwrap()).unwrap();
    let built_in = plan::parse("none", NOTHING).unwrap();
    let own = plan.procedures.values();
    let own = own.filter(|procedure| !built_in.procedures.contains_key(&procedure.id));
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
