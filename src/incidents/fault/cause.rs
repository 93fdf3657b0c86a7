//! Whose fault it is: from all that is seen to the fewest causes that explain it.
//!
//! Causes are sought from the widest to the narrowest. What a cause explains is taken away
//! before the next is sought, so that one cause is one finding. From three seats with the
//! same symptom on it is what they have in common, if enough of those who could tell say
//! so; callwatch's own host counts as two.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::incidents::fault::finding::Finding;
use crate::incidents::fault::look::ACD;
use crate::incidents::fault::map::{Group, Map, everywhere};
use crate::incidents::fault::symptom::{Cause, Seen, Symptom, Symptoms};
use crate::plan::Fault;
use crate::signals::Level;
use crate::site::{DeviceKind, Site};
use crate::text::Text;

/// So many seats with the same symptom are no coincidence,
const MANY: usize = 3;
/// if this part of those who could tell say so, in percent.
const SHARE: usize = 30;
/// A service is slow where it is for this part of them, in percent: the median.
const HALF: usize = 50;

/// The causes of what is seen, the widest first.
pub(super) fn find(site: &Site, map: &Map, seen: &Seen) -> Vec<Finding> {
    if let Some(cut_off) = cut_off(site, seen) {
        return vec![cut_off];
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
    })
}

/// Symptoms that are not explained yet, and what explains the others.
struct Search<'s> {
    site: &'s Site,
    map: &'s Map,
    seen: &'s Seen,
    seats: BTreeMap<String, Symptoms>,
    /// Services and ACDs that are explained.
    gone: BTreeSet<Cause>,
    found: Vec<Finding>,
}

/// How far a service fails.
struct Extent {
    place: Text,
    seats: BTreeSet<String>,
    onset: Timestamp,
    crossed: Timestamp,
    is_whole: bool,
}

impl Search<'_> {
    /// Takes away what is explained, and tells since when each was.
    fn explain(&mut self, is: impl Fn(&str, &Symptom) -> bool) -> Vec<Timestamp> {
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

    fn is_open(&self, cause: &Cause) -> bool {
        self.seen.open.contains(cause)
    }

    fn down_since(&self, device: &str) -> Option<Timestamp> {
        let (level, since) = self.seen.devices.get(device)?;
        let dark = self.seen.dark.contains(device) || self.seen.perhaps_dark.contains(device);
        (*level == Level::Critical && !dark).then_some(*since)
    }

    /// Devices that are down, and are behind none that is.
    fn devices(&mut self) {
        let map = self.map;
        let ids: Vec<&String> = self.site.devices.keys().collect();
        let is_down = |it: &Self, id: &str| {
            it.down_since(id).is_some() || it.is_open(&Cause::Network(id.to_owned()))
        };
        let roots: Vec<&String> = ids
            .into_iter()
            .filter(|id| is_down(self, id))
            .filter(|id| {
                let mut behind = map.of_device[*id].iter();
                !behind.any(|other| other != *id && is_down(self, other))
            })
            .collect();
        for id in roots {
            let since = self.down_since(id);
            if let Some(acd) = self.acd_on(id) {
                // The PBX is the ACD: people are told of what they know.
                if let Some(since) = since {
                    self.acd_down(&acd, since, "dead");
                }
                continue;
            }
            self.network(id, since, since);
        }
    }

    /// The ACD that runs on a PBX.
    fn acd_on(&self, device: &str) -> Option<String> {
        let kind = self.site.devices.get(device)?.kind;
        let mut acds = self.map.of_acd.iter();
        let (id, _) = acds.find(|(_, way)| way.first().is_some_and(|first| first == device))?;
        (kind == Some(DeviceKind::Pbx)).then(|| id.clone())
    }

    /// All that lies behind a device is explained by it; where it is down or cut off now, that
    /// is found, since the first of what it explains.
    fn network(&mut self, device: &str, began: Option<Timestamp>, crossed: Option<Timestamp>) {
        let (map, seen) = (self.map, self.seen);
        let behind = map.seats_behind(device);
        let mut since: Vec<Timestamp> = began.into_iter().collect();
        let services: BTreeSet<&String> = map
            .of_service
            .keys()
            .filter(|id| Map::goes_by(&map.of_service, id, device))
            .collect();
        for id in &services {
            self.gone.insert(Cause::Service((*id).clone()));
            since.extend(bad_since(&seen.services, id));
        }
        for id in map.of_acd.keys() {
            if Map::goes_by(&map.of_acd, id, device) {
                self.gone.insert(Cause::Acd(id.clone()));
                since.extend(bad_since(&seen.acds, id));
            }
        }
        let acd_gone = self.gone.iter().any(|it| matches!(it, Cause::Acd(_)));
        since.extend(self.explain(|seat, symptom| {
            (behind.contains(seat) && symptom.is_of_network())
                || services.iter().any(|id| symptom.is_of_service(id))
                || (acd_gone && symptom.is_of_acd())
        }));
        let Some(crossed) = crossed else {
            return;
        };
        let site = &self.site;
        let name = site.devices.get(device).map(|it| it.name.clone());
        let is_server = site.devices.get(device).and_then(|it| it.kind) == Some(DeviceKind::Server);
        let is_way_out = !services.is_empty() && behind.is_empty();
        let what = match (is_server, is_way_out) {
            (true, _) => "server",
            (false, true) => "outside",
            (false, false) => "gear",
        };
        let everybody = || site.seats.keys().cloned().collect();
        let seats = if services.is_empty() && !acd_gone {
            behind
        } else {
            everybody()
        };
        self.found.push(Finding {
            fault: Fault::Network,
            of: device.to_owned(),
            place: name.unwrap_or_else(everywhere),
            seats,
            onset: since.into_iter().min().unwrap_or(crossed).min(crossed),
            crossed,
            answers: vec![("what", what.to_owned())],
        });
    }

    /// All services fail: it is the network. All that share a way out: it is the way out.
    fn gateways(&mut self) {
        let map = self.map;
        let failing = self.failing();
        let all = failing.len() >= 2 && self.watched().all(|id| failing.contains_key(id));
        let is_shared = |device: &String| {
            let mut failing = failing.keys();
            failing.all(|id| Map::goes_by(&map.of_service, id, device))
        };
        let crossed = failing.values().max().copied();
        let everything = all && !self.site.devices.keys().any(is_shared);
        if everything || self.is_open(&Cause::Network(String::new())) {
            self.everything(&failing, crossed.filter(|_| everything));
            return;
        }
        loop {
            let failing = self.failing();
            let mut shared: Vec<(usize, &String)> = Vec::new();
            for device in self.site.devices.keys() {
                let behind: Vec<&String> = self
                    .watched()
                    .filter(|id| Map::goes_by(&map.of_service, id, device))
                    .collect();
                if behind.len() >= 2 && behind.iter().all(|id| failing.contains_key(*id)) {
                    shared.push((behind.len(), device));
                }
            }
            // The one that explains most; of equals the one nearest to the services.
            let nearness = |device: &String| {
                let ways = map.of_service.values();
                let place = ways.filter_map(|way| way.iter().position(|id| id == device));
                place.min().unwrap_or(usize::MAX)
            };
            shared.sort_by_key(|(count, device)| (std::cmp::Reverse(*count), nearness(device)));
            let Some((_, device)) = shared.first() else {
                break;
            };
            let behind = failing
                .iter()
                .filter(|(id, _)| Map::goes_by(&map.of_service, id, device));
            let crossed: Vec<Timestamp> = behind.map(|(_, crossed)| *crossed).collect();
            self.network(device, None, crossed.into_iter().max());
        }
    }

    /// The whole network: every service, and every log-in.
    fn everything(&mut self, failing: &BTreeMap<String, Timestamp>, crossed: Option<Timestamp>) {
        let mut since: Vec<Timestamp> = failing
            .keys()
            .filter_map(|id| bad_since(&self.seen.services, id))
            .collect();
        for id in self.site.services.keys() {
            self.gone.insert(Cause::Service(id.clone()));
        }
        since.extend(self.explain(|_, symptom| {
            matches!(symptom, Symptom::Dead(_) | Symptom::Slow(_) | Symptom::Login)
        }));
        let Some(crossed) = crossed else {
            return;
        };
        self.found.push(Finding {
            fault: Fault::Network,
            of: String::new(),
            place: everywhere(),
            seats: self.site.seats.keys().cloned().collect(),
            onset: since.into_iter().min().unwrap_or(crossed),
            crossed,
            answers: vec![("what", "gear".to_owned())],
        });
    }

    /// Services of which anybody tells anything, and that nothing explains yet.
    fn watched(&self) -> impl Iterator<Item = &String> {
        let told = |id: &&String| {
            let ours = self.seen.services.get(*id);
            ours.is_some_and(|(level, _)| *level != Level::Unknown)
                || self.seen.ask_service.get(*id).is_some_and(|it| !it.is_empty())
        };
        let services = self.site.services.keys().filter(told);
        services.filter(|id| !self.gone.contains(&Cause::Service((*id).clone())))
    }

    /// Those that fail for everybody, and since when enough said so.
    fn failing(&self) -> BTreeMap<String, Timestamp> {
        self.watched()
            .filter_map(|id| {
                let extent = self.extent(id).filter(|extent| extent.is_whole)?;
                Some((id.clone(), extent.crossed))
            })
            .collect()
    }

    /// The seats with a symptom, and since when.
    fn with(&self, is: impl Fn(&Symptom) -> bool) -> BTreeMap<&str, Timestamp> {
        let seats = self.seats.iter();
        seats
            .filter_map(|(seat, symptoms)| {
                let mut since = symptoms.iter().filter(|(symptom, _)| is(symptom));
                let (_, first) = since.next()?;
                Some((seat.as_str(), *since.map(|(_, at)| at).fold(first, Ord::min)))
            })
            .collect()
    }

    /// How far a service fails, if it does for more than single seats.
    fn extent(&self, service: &str) -> Option<Extent> {
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

    /// What many seats have in common: the narrowest group that holds most of them.
    fn common(
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
        let group = groups.iter().filter(enough).max_by_key(|group| held(group))?;
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

    /// Each service by itself.
    fn services(&mut self) {
        let ids: Vec<String> = self.watched().cloned().collect();
        for id in ids {
            let extent = self.extent(&id).map(|extent| (Fault::Service, "dead", extent));
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
            });
        }
    }

    /// How far a service is slow: for us and somebody else, or for half of those who tell.
    fn slow(&self, service: &str) -> Option<Extent> {
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

    fn acds(&mut self) {
        let ids: Vec<String> = self.site.acds.keys().cloned().collect();
        for id in &ids {
            let cause = Cause::Acd(id.clone());
            if self.gone.contains(&cause) {
                continue;
            }
            if let Some(since) = bad_since(&self.seen.acds, id) {
                self.acd_down(id, since, "dead");
            } else if self.is_open(&cause) {
                self.explain(|_, symptom| symptom.is_of_acd());
            }
        }
        // Many cannot log in, and it says that it is well.
        let bad = self.with(Symptom::is_of_acd);
        let Some(extent) = self.common(&bad, &self.seen.ask_acd, SHARE) else {
            return;
        };
        let of = match ids.as_slice() {
            [only] => only.clone(),
            _ => ACD.to_owned(),
        };
        self.explain(|seat, symptom| extent.seats.contains(seat) && symptom.is_of_acd());
        self.found.push(Finding {
            fault: Fault::Acd,
            place: extent.place,
            seats: extent.seats,
            onset: extent.onset,
            crossed: extent.crossed,
            answers: vec![("which", of.clone()), ("symptom", "login".to_owned())],
            of,
        });
    }

    fn acd_down(&mut self, id: &str, since: Timestamp, symptom: &str) {
        if !self.gone.insert(Cause::Acd(id.to_owned())) {
            return;
        }
        let explained = self.explain(|_, symptom| symptom.is_of_acd());
        self.found.push(Finding {
            fault: Fault::Acd,
            of: id.to_owned(),
            place: everywhere(),
            seats: self.site.seats.keys().cloned().collect(),
            onset: explained.into_iter().fold(since, Ord::min),
            crossed: since,
            answers: vec![("which", id.to_owned()), ("symptom", symptom.to_owned())],
        });
    }

    /// All seats behind a device that nobody asks are silent: it is the device.
    fn switches(&mut self) {
        let map = self.map;
        let ids: Vec<&String> = self.site.devices.keys().collect();
        let mut silent: Vec<(usize, &String)> = ids
            .into_iter()
            .filter(|id| {
                let level = self.seen.devices.get(*id).map(|(level, _)| *level);
                matches!(level, None | Some(Level::Unknown)) && !self.seen.dark.contains(*id)
            })
            .filter(|id| !self.seen.perhaps_dark.contains(*id))
            .filter_map(|id| {
                let behind = map.seats_behind(id);
                let expected: BTreeSet<&String> =
                    behind.intersection(&self.seen.expected).collect();
                let all = expected.iter().all(|seat| {
                    let symptoms = self.seats.get(*seat);
                    symptoms.is_some_and(|symptoms| symptoms.contains_key(&Symptom::Pc))
                });
                (all && expected.len() >= MANY).then_some((behind.len(), id))
            })
            .collect();
        silent.sort();
        while let Some((_, id)) = silent.pop() {
            let behind = map.seats_behind(id);
            let pcs = self.with(|symptom| *symptom == Symptom::Pc);
            let pcs: Vec<Timestamp> = pcs
                .into_iter()
                .filter(|(seat, _)| behind.contains(*seat))
                .map(|(_, since)| since)
                .collect();
            if pcs.len() >= MANY {
                self.network(id, None, pcs.into_iter().max());
            }
        }
    }

    /// What is left is the seats' own.
    fn seats(&mut self) {
        let mut by_symptom: BTreeMap<&'static str, Vec<(&String, &Symptom, Timestamp)>> =
            BTreeMap::new();
        for (seat, symptoms) in &self.seats {
            // Slow at one seat alone is for the page.
            let mut worst = symptoms.iter();
            let worst = worst.find(|(symptom, _)| !matches!(symptom, Symptom::Slow(_)));
            let Some((symptom, since)) = worst else {
                continue;
            };
            let seats = by_symptom.entry(symptom.answer()).or_default();
            seats.push((seat, symptom, *since));
        }
        for (answer, seats) in by_symptom {
            if seats.len() < MANY {
                for (seat, _, since) in seats {
                    self.found.push(Finding {
                        fault: Fault::Seat,
                        of: seat.clone(),
                        place: Text::same(seat),
                        seats: BTreeSet::from([seat.clone()]),
                        onset: since,
                        crossed: since,
                        answers: vec![("what", answer.to_owned())],
                    });
                }
                continue;
            }
            let mut since: Vec<Timestamp> = seats.iter().map(|(_, _, since)| *since).collect();
            since.sort();
            let names: Vec<&str> = seats.iter().map(|(seat, _, _)| seat.as_str()).collect();
            self.found.push(Finding {
                fault: Fault::Seat,
                of: answer.to_owned(),
                place: Text::new(names.join("、"), names.join(", ")),
                seats: names.iter().map(|name| (*name).to_owned()).collect(),
                onset: since[0],
                crossed: since[MANY - 1],
                answers: vec![("what", answer.to_owned())],
            });
        }
    }
}

fn bad_since(known: &BTreeMap<String, (Level, Timestamp)>, id: &str) -> Option<Timestamp> {
    let (level, since) = known.get(id)?;
    (*level == Level::Critical).then_some(*since)
}
