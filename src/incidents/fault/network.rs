//! What lies behind what is down: devices, the way out that services share, the whole network.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::incidents::fault::finding::Finding;
use crate::incidents::fault::map::{Map, everywhere};
use crate::incidents::fault::search::{MANY, Search, bad_since};
use crate::incidents::fault::symptom::{Cause, Symptom};
use crate::plan::Fault;
use crate::signals::Level;
use crate::site::DeviceKind;

impl Search<'_> {
    pub(super) fn down_since(&self, device: &str) -> Option<Timestamp> {
        let (level, since) = self.seen.devices.get(device)?;
        let dark = self.seen.dark.contains(device) || self.seen.perhaps_dark.contains(device);
        (*level == Level::Critical && !dark).then_some(*since)
    }

    /// Devices that are down, and are behind none that is.
    pub(super) fn devices(&mut self) {
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
    pub(super) fn acd_on(&self, device: &str) -> Option<String> {
        let kind = self.site.devices.get(device)?.kind;
        let mut acds = self.map.of_acd.iter();
        let (id, _) = acds.find(|(_, way)| way.first().is_some_and(|first| first == device))?;
        (kind == Some(DeviceKind::Pbx)).then(|| id.clone())
    }

    /// All that lies behind a device is explained by it; where it is down or cut off now, that
    /// is found, since the first of what it explains.
    pub(super) fn network(
        &mut self,
        device: &str,
        began: Option<Timestamp>,
        crossed: Option<Timestamp>,
    ) {
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
            is_said: false,
        });
    }

    /// All services fail: it is the network. All that share a way out: it is the way out.
    pub(super) fn gateways(&mut self) {
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
    pub(super) fn everything(
        &mut self,
        failing: &BTreeMap<String, Timestamp>,
        crossed: Option<Timestamp>,
    ) {
        let mut since: Vec<Timestamp> = failing
            .keys()
            .filter_map(|id| bad_since(&self.seen.services, id))
            .collect();
        for id in self.site.services.keys() {
            self.gone.insert(Cause::Service(id.clone()));
        }
        since.extend(self.explain(|_, symptom| {
            matches!(
                symptom,
                Symptom::Dead(_) | Symptom::Slow(_) | Symptom::Login
            )
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
            is_said: false,
        });
    }

    /// All seats behind a device that nobody asks are silent: it is the device.
    pub(super) fn switches(&mut self) {
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
}
