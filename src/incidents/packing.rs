//! Stories of what a seat is given for when it is alone.

use std::sync::Arc;

use crate::incidents::card::Phase;
use crate::incidents::entry::IncidentId;
use crate::incidents::kit::{Cause, Kit};
use crate::incidents::outages::begin;
use crate::incidents::stories::{Story, at};
use crate::site::{Duty, Person};
use crate::text::Language;

fn kit(story: &mut Story, seat: &str, language: Language) -> Arc<Kit> {
    let screens = story.board.screens(at(story.now));
    Arc::clone(&screens[seat].kits.in_language(language).kit)
}

#[test]
fn a_seat_is_given_the_cards_that_it_would_be_sent_and_whom_to_ring() {
    let mut story = begin(|_| {});
    let kit = kit(&mut story, "AF-01", Language::Zh);
    assert!(kit.ups && !kit.laptop && !kit.public);
    let power = &kit.cards[0];
    assert_eq!(
        (power.cause, power.delay, power.good_for),
        (Cause::Power, 15, 180)
    );
    assert_eq!(power.open.key.incident, IncidentId(0));
    assert_eq!(power.open.title, "停电 {since} · AF大堂");
    // It is on a UPS, and the time stays for the seat to fill in.
    assert_eq!(
        power.open.lines,
        [
            "照常接听，本机电池用到{finish-by}",
            "只留电话和CRM，其余都关掉"
        ]
        .map(|line| line.replace("finish-by", "finish_by"))
    );
    let over = power.over.as_ref().expect("it has a last form");
    assert_eq!(over.phase, Phase::Over);
    assert_eq!(over.title, "供电恢复 {ended} · AF大堂");
    assert_eq!(over.lines[0], "停电解除，停了{lasted}，可以照常用");
    let network = &kit.cards[1];
    assert_eq!((network.cause, network.delay), (Cause::Network, 0));
    assert_eq!(network.open.title, "网络故障 {since} · AF大堂");
    assert_eq!(network.open.lines[0], "听客户说什么用不了，告诉值班组长");
    let rung: Vec<_> = kit
        .phones
        .iter()
        .map(|phone| phone.phone.as_str())
        .collect();
    assert_eq!(rung, ["8001", "8002"]);
}

#[test]
fn what_nobody_measured_there_is_on_no_card_of_a_seat_that_is_alone() {
    let mut story = begin(|_| {});
    let kit = kit(&mut story, "C-01", Language::En);
    assert!(!kit.ups, "the daemon polls its UPS itself");
    let lead = &kit.cards[0].open;
    assert_eq!(
        lead.lines,
        ["Look at the corridor lights, press one below"],
        "no count of dark seats"
    );
    let buttons: Vec<_> = lead.buttons.iter().map(|it| it.say.as_str()).collect();
    assert_eq!(buttons, ["Lights on", "Lights off", "All seated"]);
    assert!(lead.clocks.is_empty() && lead.more.is_empty());
}

#[test]
fn a_public_seat_is_given_a_neutral_card_and_each_kind_of_seat_its_own() {
    let mut story = begin(|site| {
        site.seats.get_mut("AF-01").expect("it is there").public = true;
    });
    let kit_of = kit(&mut story, "AF-01", Language::Zh);
    assert!(kit_of.public);
    assert_eq!(kit_of.cards[0].open.title, "请联系值班组长");
    assert!(kit_of.cards[0].open.lines.is_empty());
    let plain = kit(&mut story, "C-03", Language::Zh);
    assert_eq!(plain.cards[0].open.lines[0], "先存好手上的，本机撑不久");
    let nobody = kit(&mut story, "IT-01", Language::Zh);
    assert_eq!(nobody.cards[0].open.key.role, "it");
}

#[test]
fn the_kit_changes_with_whoever_is_on_duty_and_not_otherwise() {
    let mut story = begin(|site| {
        let person = |name: &str, phone: &str| Person {
            name: name.to_owned(),
            phone: Some(phone.to_owned()),
            seat: Some("C-01".to_owned()),
        };
        let duty = |name, phone, from, to| Duty {
            from: at(from),
            to: at(to),
            person: person(name, phone),
            deputy: None,
        };
        let shifts = vec![
            duty("lead A", "8101", 0, 3600),
            duty("lead B", "8102", 3600, 9 * 3600),
        ];
        site.roster.duties.insert("lead".to_owned(), shifts);
    });
    let first = story.board.screens(at(story.now))["AF-01"].kits.zh.clone();
    assert_eq!(first.kit.phones[0].phone, "8101");
    story.until(200);
    let same = story.board.screens(at(story.now))["AF-01"].kits.zh.clone();
    assert!(Arc::ptr_eq(&first.kit, &same.kit));
    story.doze(2 * 3600);
    let next = story.board.screens(at(story.now))["AF-01"].kits.zh.clone();
    assert_eq!(next.kit.phones[0].phone, "8102");
    assert_ne!(first.digest, next.digest);
}

#[test]
fn seats_of_one_kind_share_one_kit() {
    let mut story = begin(|site| {
        let twin = site.seats["C-03"].clone();
        site.seats.insert("C-04".to_owned(), twin);
        let staff = site.roles.get_mut("staff").expect("it is there");
        staff.seats.push("C-04".to_owned());
    });
    let screens = story.board.screens(at(story.now));
    let [one, other] = ["C-03", "C-04"].map(|seat| &screens[seat].kits.zh.kit);
    assert!(Arc::ptr_eq(one, other));
    let json = serde_json::to_string(&**one).unwrap();
    assert!(json.len() < 4096, "{} bytes", json.len());
}
