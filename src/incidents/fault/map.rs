//! What lies behind what, laid out once.

use std::collections::{BTreeMap, BTreeSet};

use crate::site::Site;
use crate::text::Text;

/// The ways of a site, and the groups that its seats form.
#[derive(Clone, Debug, Default)]
pub(in crate::incidents) struct Map {
    /// Every device that a seat's network goes by, nearest first.
    pub(super) of_seat: BTreeMap<String, Vec<String>>,
    /// Every device that a service lies behind, nearest to it first.
    pub(super) of_service: BTreeMap<String, Vec<String>>,
    pub(super) of_acd: BTreeMap<String, Vec<String>>,
    /// Every device behind a device.
    pub(super) of_device: BTreeMap<String, Vec<String>>,
    /// Seats that have something in common, from the widest to the narrowest: all of them,
    /// those of a zone, those behind a device.
    pub(super) groups: Vec<Group>,
}

/// Seats that have something in common.
#[derive(Clone, Debug)]
pub(super) struct Group {
    pub(super) place: Text,
    pub(super) seats: BTreeSet<String>,
}

impl Map {
    pub(in crate::incidents) fn of(site: &Site) -> Self {
        let owned = |ids: Vec<&str>| ids.into_iter().map(str::to_owned).collect::<Vec<_>>();
        let way = |via: &[String]| owned(site.behind(via));
        let seats = site.seats.keys();
        let of_seat: BTreeMap<String, Vec<String>> = seats
            .map(|id| (id.clone(), way(site.network_of_seat(id))))
            .collect();
        let services = site.services.iter();
        let acds = site.acds.iter();
        let devices = site.devices.iter();
        let groups = groups(site, &of_seat);
        Self {
            of_service: services
                .map(|(id, it)| (id.clone(), way(&it.via)))
                .collect(),
            of_acd: acds.map(|(id, it)| (id.clone(), way(&it.via))).collect(),
            of_device: devices.map(|(id, it)| (id.clone(), way(&it.via))).collect(),
            of_seat,
            groups,
        }
    }

    /// The seats whose network goes by a device.
    pub(super) fn seats_behind(&self, device: &str) -> BTreeSet<String> {
        let seats = self.of_seat.iter();
        let behind = seats.filter(|(_, way)| way.iter().any(|id| id == device));
        behind.map(|(seat, _)| seat.clone()).collect()
    }

    /// Whether a way goes by a device.
    pub(super) fn goes_by(ways: &BTreeMap<String, Vec<String>>, of: &str, device: &str) -> bool {
        let way = ways.get(of);
        way.is_some_and(|way| way.iter().any(|id| id == device))
    }
}

fn groups(site: &Site, of_seat: &BTreeMap<String, Vec<String>>) -> Vec<Group> {
    let whole = Group {
        place: everywhere(),
        seats: site.seats.keys().cloned().collect(),
    };
    let zones = site.zones.iter().map(|(id, zone)| Group {
        place: zone.name.clone(),
        seats: {
            let seats = site.seats.iter();
            let of_zone = seats.filter(|(_, seat)| &seat.zone == id);
            of_zone.map(|(id, _)| id.clone()).collect()
        },
    });
    let devices = site.devices.iter().map(|(id, device)| Group {
        place: device.name.clone(),
        seats: {
            let seats = of_seat.iter();
            let behind = seats.filter(|(_, way)| way.contains(id));
            behind.map(|(seat, _)| seat.clone()).collect()
        },
    });
    let mut groups: Vec<Group> = std::iter::once(whole).chain(zones).chain(devices).collect();
    // Of two that hold the same seats the wider name says more.
    groups.sort_by_key(|group| std::cmp::Reverse(group.seats.len()));
    groups
}

/// What concerns every seat.
pub(super) fn everywhere() -> Text {
    Text::new("全部坐席", "all seats")
}
