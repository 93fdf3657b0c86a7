//! Whose fault it is: from all that is seen to the fewest causes that explain it.
//!
//! Causes are sought from the widest to the narrowest. What a cause explains is taken away
//! before the next is sought, so that one cause is one finding. From three seats with the
//! same symptom on it is what they have in common, if enough of those who could tell say
//! so; callwatch's own host counts as two.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::incidents::fault::finding::Finding;
use crate::incidents::fault::map::Map;
use crate::incidents::fault::search::Search;
use crate::incidents::fault::symptom::{Cause, Seen, Symptom};
use crate::plan::Fault;
use crate::signals::Level;
use crate::site::Site;

/// The causes of what is seen, the widest first.
pub(super) fn find(site: &Site, map: &Map, seen: &Seen) -> Vec<Finding> {
    if let Some(cut_off) = cut_off(site, seen) {
        return vec![cut_off];
    }
    // What is seen again is not seen all at once: nothing is judged before that is over.
    if seen.open.contains(&Cause::CutOff) {
        return Vec::new();
    }
    let mut search = Search {
        site,
        map,
        seen,
        seats: seen.seats.clone(),
        gone: BTreeSet::new(),
        found: Vec::new(),
    };
    search.devices();
    search.gateways();
    search.services();
    search.acds();
    search.switches();
    search.seats();
    search.found
}

/// Nothing that is asked answers: it is we who are cut off, and nobody else is to blame.
fn cut_off(site: &Site, seen: &Seen) -> Option<Finding> {
    if seen.something_answers {
        return None;
    }
    let bad = |it: &&(Level, Timestamp)| it.0 == Level::Critical;
    let asked = seen.services.values().chain(seen.devices.values());
    let asked = asked.chain(seen.acds.values()).filter(bad);
    let mut since: Vec<Timestamp> = asked.map(|(_, since)| *since).collect();
    let silent = seen.seats.values();
    since.extend(silent.filter_map(|symptoms| symptoms.get(&Symptom::Pc)));
    since.sort();
    // One thing alone may be at fault itself.
    let last = *since.last().filter(|_| since.len() >= 2)?;
    let known = [&seen.services, &seen.devices, &seen.acds];
    if known.iter().all(|it| it.is_empty()) {
        return None;
    }
    Some(Finding {
        fault: Fault::CutOff,
        of: String::new(),
        place: site.name.clone(),
        seats: BTreeSet::new(),
        onset: since[0],
        crossed: last,
        answers: Vec::new(),
        is_said: false,
    })
}
