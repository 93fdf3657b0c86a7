//! What a question may be answered with in this centre, and how that is said.

use std::collections::BTreeMap;

use crate::plan::{Ask, AskKind};
use crate::site::Site;
use crate::text::Text;

/// What can be chosen from: none where an answer is typed in. A service of the site is
/// called as the site calls it.
pub(super) fn options(site: &Site, ask: &Ask) -> BTreeMap<String, Text> {
    let mut options = ask.options();
    if ask.kind == AskKind::Service {
        let services = site.services.iter().map(|(id, it)| (id, &it.name));
        let acds = site.acds.iter().map(|(id, it)| (id, &it.name));
        let named = services.chain(acds);
        options.extend(named.map(|(id, name)| (id.clone(), name.clone())));
    }
    options
}

/// Whether there is such a thing in the site.
pub(super) fn is_there(site: &Site, ask: &Ask, value: &str) -> bool {
    match ask.kind {
        AskKind::Seat => site.seats.contains_key(value),
        AskKind::Service => options(site, ask).contains_key(value),
        _ => true,
    }
}

/// An answer as a person says it.
pub(super) fn spoken(site: &Site, ask: &Ask, value: &str) -> Text {
    let named = options(site, ask).remove(value);
    named.unwrap_or_else(|| ask.spoken(value))
}

/// Why an answer was written down; what is measured answers what people would be asked.
pub(super) fn reason(site: &Site, known: Option<&Ask>, value: &str, seat: &str) -> Text {
    let choice = known.map_or_else(|| Text::same(value), |known| spoken(site, known, value));
    match known {
        _ if seat.is_empty() => Text::new(
            format!("查明：{}", choice.zh),
            format!("found: {}", choice.en),
        ),
        Some(known) if known.options().is_empty() => Text::new(
            format!("{seat} 回答：{} {}", known.say.zh, choice.zh),
            format!("{seat} answered: {} {}", known.say.en, choice.en),
        ),
        _ => Text::new(
            format!("{seat} 回答：{}", choice.zh),
            format!("{seat} answered: {}", choice.en),
        ),
    }
}
