//! How far each service fails, or is slow.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::incidents::fault::finding::Finding;
use crate::incidents::fault::map::everywhere;
use crate::incidents::fault::search::{Extent, Search, bad_since};
use crate::incidents::fault::symptom::{Cause, Symptom};
use crate::plan::Fault;
use crate::signals::Level;

/// A service fails where this part of those who tell of it say so, in percent,
pub(super) const SHARE: usize = 30;
/// and is slow where it is for this part: the median.
const HALF: usize = 50;

impl Search<'_> {
    /// Services of which anybody tells anything, and that nothing explains yet.
    pub(super) fn watched(&self) -> impl Iterator<Item = &String> {
        let told = |id: &&String| {
            let ours = self.seen.services.get(*id);
            ours.is_some_and(|(level, _)| *level != Level::Unknown)
                || self
                    .seen
                    .ask_service
                    .get(*id)
                    .is_some_and(|it| !it.is_empty())
        };
        let services = self.site.services.keys().filter(told);
        services.filter(|id| !self.gone.contains(&Cause::Service((*id).clone())))
    }

    /// Those that fail for everybody, and since when enough said so.
    pub(super) fn failing(&self) -> BTreeMap<String, Timestamp> {
        self.watched()
            .filter_map(|id| {
                let extent = self.extent(id).filter(|extent| extent.is_whole)?;
                Some((id.clone(), extent.crossed))
            })
            .collect()
    }

    /// How far a service fails, if it does for more than single seats.
    pub(super) fn extent(&self, service: &str) -> Option<Extent> {
        let dead = Symptom::Dead(service.to_owned());
        let bad = self.with(|symptom| *symptom == dead);
        let none = BTreeSet::new();
        let tell = self.seen.ask_service.get(service).unwrap_or(&none);
        let ours = bad_since(&self.seen.services, service);
        let first = bad.values().min().copied();
        if let Some(ours) = ours
            && (first.is_some() || tell.is_empty())
        {
            return Some(Extent {
                place: everywhere(),
                seats: self.site.seats.keys().cloned().collect(),
                onset: first.map_or(ours, |first| first.min(ours)),
                crossed: first.map_or(ours, |first| first.max(ours)),
                is_whole: true,
            });
        }
        self.common(&bad, tell, SHARE)
    }

    /// Each service by itself.
    pub(super) fn services(&mut self) {
        let ids: Vec<String> = self.watched().cloned().collect();
        for id in ids {
            let extent = self
                .extent(&id)
                .map(|extent| (Fault::Service, "dead", extent));
            let extent = extent.or_else(|| {
                let extent = self.slow(&id)?;
                Some((Fault::Slow, "slow", extent))
            });
            let open = self.is_open(&Cause::Service(id.clone()));
            if extent.is_none() && !open {
                continue;
            }
            let inside = extent.as_ref().map(|(_, _, extent)| extent.seats.clone());
            self.explain(|seat, symptom| {
                let inside = open || inside.as_ref().is_some_and(|it| it.contains(seat));
                inside && symptom.is_of_service(&id)
            });
            let Some((fault, symptom, extent)) = extent else {
                continue;
            };
            self.found.push(Finding {
                fault,
                place: extent.place,
                seats: extent.seats,
                onset: extent.onset,
                crossed: extent.crossed,
                answers: vec![("which", id.clone()), ("symptom", symptom.to_owned())],
                of: id,
                is_said: false,
            });
        }
    }

    /// How far a service is slow: for us and somebody else, or for half of those who tell.
    pub(super) fn slow(&self, service: &str) -> Option<Extent> {
        let slow = self.with(|symptom| symptom.is_of_service(service));
        let none = BTreeSet::new();
        let tell = self.seen.ask_service.get(service).unwrap_or(&none);
        let ours = self.seen.services.get(service);
        let ours = ours.filter(|(level, _)| matches!(level, Level::Warning | Level::Critical));
        let first = slow.values().min().copied();
        if let Some((_, ours)) = ours
            && (first.is_some() || tell.is_empty())
        {
            return Some(Extent {
                place: everywhere(),
                seats: self.site.seats.keys().cloned().collect(),
                onset: first.map_or(*ours, |first| first.min(*ours)),
                crossed: first.map_or(*ours, |first| first.max(*ours)),
                is_whole: true,
            });
        }
        self.common(&slow, tell, HALF)
    }
}
