//! The search for causes: what is not explained yet, and what many seats have in common.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::incidents::fault::finding::Finding;
use crate::incidents::fault::map::{Group, Map};
use crate::incidents::fault::symptom::{Cause, Seen, Symptom, Symptoms};
use crate::signals::Level;
use crate::site::Site;
use crate::text::Text;

/// So many seats with the same symptom are no coincidence.
pub(super) const MANY: usize = 3;

/// Symptoms that are not explained yet, and what explains the others.
pub(super) struct Search<'s> {
    pub(super) site: &'s Site,
    pub(super) map: &'s Map,
    pub(super) seen: &'s Seen,
    pub(super) seats: BTreeMap<String, Symptoms>,
    /// Services and ACDs that are explained.
    pub(super) gone: BTreeSet<Cause>,
    pub(super) found: Vec<Finding>,
}

/// How far a service fails.
pub(super) struct Extent {
    pub(super) place: Text,
    pub(super) seats: BTreeSet<String>,
    pub(super) onset: Timestamp,
    pub(super) crossed: Timestamp,
    pub(super) is_whole: bool,
}

impl Search<'_> {
    /// Takes away what is explained, and tells since when each was.
    pub(super) fn explain(&mut self, is: impl Fn(&str, &Symptom) -> bool) -> Vec<Timestamp> {
        let mut since = Vec::new();
        for (seat, symptoms) in &mut self.seats {
            symptoms.retain(|symptom, begun| {
                let explained = is(seat, symptom);
                if explained {
                    since.push(*begun);
                }
                !explained
            });
        }
        self.seats.retain(|_, symptoms| !symptoms.is_empty());
        since
    }

    pub(super) fn is_open(&self, cause: &Cause) -> bool {
        self.seen.open.contains(cause)
    }

    /// The seats with a symptom, and since when.
    pub(super) fn with(&self, is: impl Fn(&Symptom) -> bool) -> BTreeMap<&str, Timestamp> {
        let seats = self.seats.iter();
        seats
            .filter_map(|(seat, symptoms)| {
                let mut since = symptoms.iter().filter(|(symptom, _)| is(symptom));
                let (_, first) = since.next()?;
                Some((
                    seat.as_str(),
                    *since.map(|(_, at)| at).fold(first, Ord::min),
                ))
            })
            .collect()
    }

    /// What many seats have in common: the narrowest group that holds most of them.
    pub(super) fn common(
        &self,
        bad: &BTreeMap<&str, Timestamp>,
        tell: &BTreeSet<String>,
        share: usize,
    ) -> Option<Extent> {
        if bad.len() < MANY {
            return None;
        }
        let held = |group: &Group| {
            let inside = bad.keys().filter(|seat| group.seats.contains(**seat));
            inside.count()
        };
        let enough = |group: &&Group| {
            let inside = held(group);
            let tell = tell.intersection(&group.seats).count();
            inside >= MANY && inside * 100 >= tell * share
        };
        let groups = &self.map.groups;
        // They stand from the widest on: of equals the last is the narrowest.
        let group = groups
            .iter()
            .filter(enough)
            .max_by_key(|group| held(group))?;
        let narrow: Vec<&Group> = groups
            .iter()
            .filter(enough)
            .filter(|other| held(other) == held(group))
            .collect();
        let size = narrow.iter().map(|group| group.seats.len()).min()?;
        // Of those that hold the same seats the first has the wider name.
        let group = narrow.into_iter().find(|group| group.seats.len() == size)?;
        let mut since: Vec<Timestamp> = bad
            .iter()
            .filter(|(seat, _)| group.seats.contains(**seat))
            .map(|(_, since)| *since)
            .collect();
        since.sort();
        let tell = tell.intersection(&group.seats).count();
        let needed = MANY.max((tell * share).div_ceil(100)).min(since.len());
        Some(Extent {
            place: group.place.clone(),
            is_whole: group.seats.len() == self.site.seats.len(),
            seats: group.seats.clone(),
            onset: since[0],
            crossed: since[needed - 1],
        })
    }
}

/// Since when it is down.
pub(super) fn bad_since(
    known: &BTreeMap<String, (Level, Timestamp)>,
    id: &str,
) -> Option<Timestamp> {
    let (level, since) = known.get(id)?;
    (*level == Level::Critical).then_some(*since)
}
