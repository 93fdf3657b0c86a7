//! What the people at a seat may raise: the menu of its client.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::incidents::asked;
use crate::incidents::board::Centre;
use crate::plan::{AskKind, Over, Procedure, Severity};
use crate::site::Site;
use crate::text::{Language, Text};

/// One procedure that may be raised, in one language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MenuItem {
    pub procedure: String,
    pub title: String,
    pub severity: Severity,
    /// Where it may be; one of these is named. Empty where it is the whole centre.
    pub places: Vec<MenuPlace>,
    /// Where it is unless the person says otherwise.
    pub place: String,
    pub asks: Vec<MenuAsk>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MenuPlace {
    pub of: String,
    pub name: String,
}

/// What is asked first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MenuAsk {
    pub ask: String,
    pub say: String,
    #[serde(rename = "type")]
    pub kind: AskKind,
    /// What can be chosen from; empty where it is typed in.
    pub options: BTreeMap<String, String>,
    pub optional: bool,
}

/// What may be raised from a seat, the worst first.
pub fn menu(centre: &Centre, seat: &str, language: Language) -> Vec<MenuItem> {
    let site = &centre.site;
    let in_role = |role: &str| {
        let role = site.roles.get(role);
        role.is_some_and(|role| role.seats.iter().any(|known| known == seat))
    };
    let mut items: Vec<MenuItem> = centre
        .plan
        .procedures
        .values()
        .filter_map(|procedure| {
            let raise = procedure.raise.as_ref()?;
            let mut by = raise.by.iter();
            by.any(|role| in_role(role)).then_some(())?;
            let only_own = !raise.by.iter().any(|role| role != "staff" && in_role(role));
            let (places, place) = places(site, raise.over, seat, only_own, language);
            Some(MenuItem {
                procedure: procedure.id.clone(),
                title: procedure.title.in_language(language).to_owned(),
                severity: procedure.severity,
                places,
                place,
                asks: asks(site, procedure, &raise.ask, language),
            })
        })
        .collect();
    items.sort_by_key(|item| std::cmp::Reverse(item.severity));
    items
}

fn asks(site: &Site, procedure: &Procedure, wanted: &[String], language: Language) -> Vec<MenuAsk> {
    let say = |text: &Text| text.in_language(language).to_owned();
    wanted
        .iter()
        .filter_map(|id| {
            let ask = procedure.ask.get(id)?;
            let options = asked::options(site, ask).into_iter();
            Some(MenuAsk {
                ask: id.clone(),
                say: say(&ask.say),
                // To whoever asks it is a choice like any other.
                kind: match ask.kind {
                    AskKind::Service => AskKind::Choice,
                    kind => kind,
                },
                options: options.map(|(id, name)| (id, say(&name))).collect(),
                optional: ask.optional,
            })
        })
        .collect()
}

/// Where it may be, and where it is unless somebody says otherwise.
fn places(
    site: &Site,
    over: Over,
    seat: &str,
    only_own: bool,
    language: Language,
) -> (Vec<MenuPlace>, String) {
    let place = |of: &String, name: &Text| MenuPlace {
        of: of.clone(),
        name: name.in_language(language).to_owned(),
    };
    let own = site.seats.get(seat);
    match over {
        Over::Site => (Vec::new(), String::new()),
        Over::Zone => (
            site.zones
                .iter()
                .map(|(id, zone)| place(id, &zone.name))
                .collect(),
            own.map(|own| own.zone.clone()).unwrap_or_default(),
        ),
        Over::Seat => (
            site.seats
                .keys()
                .filter(|id| !only_own || *id == seat)
                .map(|id| place(id, &Text::same(id)))
                .collect(),
            seat.to_owned(),
        ),
        Over::Feed => (
            site.feeds
                .iter()
                .map(|(id, feed)| place(id, &feed.name))
                .collect(),
            own.and_then(|own| site.feed_of(&own.fed_by))
                .unwrap_or_default()
                .to_owned(),
        ),
    }
}
