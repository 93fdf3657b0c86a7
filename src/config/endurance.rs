//! Says in words what would be dark at a cut although somebody counts on it.
//!
//! The whole path counts: a seat on a UPS whose switch is on none keeps its
//! screen and loses its network, and a message leaves by a router that lives.

use crate::config::checks::Checks;
use crate::document::join;
use crate::site::Site;

pub(crate) fn warn(checks: &mut Checks<'_, '_>, site: &Site) {
    for id in site.seats.keys() {
        seat(checks, site, id);
    }
    for (id, zone) in &site.zones {
        for device in dark(site, &zone.network) {
            checks.warn(
                &join(&join("zone", id), "network"),
                format!(
                    "`{device}` carries the network of zone {id}, but it is on no UPS: \
                     at a cut every seat there is off line"
                ),
            );
        }
    }
    for (id, channel) in &site.channels {
        for device in dark(site, &channel.via) {
            checks.warn(
                &join(&join("channel", id), "via"),
                format!(
                    "channel {id} goes by `{device}`, which is on no UPS: \
                     at a cut it tells nobody"
                ),
            );
        }
    }
    for (id, ups) in &site.ups {
        for device in dark(site, &ups.via) {
            checks.warn(
                &join(&join("ups", id), "via"),
                format!(
                    "{id} is reached by `{device}`, which is on no UPS: \
                     at a cut nobody sees how long its battery lasts"
                ),
            );
        }
    }
    host(checks, site);
}

fn seat(checks: &mut Checks<'_, '_>, site: &Site, id: &str) {
    let seat = &site.seats[id];
    let path = join("seat", id);
    let Some(ups) = site.ups_of_seat(id) else {
        if seat.required_runtime.is_some() && !seat.laptop {
            checks.warn(
                &join(&path, "required_runtime"),
                format!("seat {id} must last without mains, but it is on no UPS"),
            );
        }
        return;
    };
    let network = site.network_of_seat(id);
    if network.is_empty() && seat.required_runtime.is_some() {
        checks.warn(
            &path,
            format!(
                "seat {id} is on {ups}, but it names no `via`: \
                 whether its switch lasts too is not known"
            ),
        );
    }
    // What its zone goes by is said of the zone.
    for device in dark(site, &seat.via) {
        checks.warn(
            &join(&path, "via"),
            format!(
                "seat {id} is on {ups}, but `{device}` on its way is on no UPS: \
                 at a cut its network is gone"
            ),
        );
    }
}

fn host(checks: &mut Checks<'_, '_>, site: &Site) {
    let Some(host) = &site.host else {
        let mut seats = site.seats.values();
        if seats.any(|seat| seat.required_runtime.is_some()) {
            checks.warn(
                "host",
                "nobody says where callwatch itself runs: whether it lasts at a cut is not \
                 known; add [host] with `fed_by` and `via`",
            );
        }
        return;
    };
    if site.circuits.contains_key(&host.fed_by) {
        checks.warn(
            "host.fed_by",
            "callwatch's own host is on no UPS: at a cut nobody is told anything",
        );
    }
    for device in dark(site, &host.via) {
        checks.warn(
            "host.via",
            format!(
                "callwatch's own host goes by `{device}`, which is on no UPS: \
                 at a cut it reaches nobody"
            ),
        );
    }
}

/// The devices on this way that are dark at a cut, nearest first.
fn dark<'s>(site: &'s Site, via: &'s [String]) -> Vec<&'s str> {
    let mut devices = site.behind(via);
    devices.retain(|device| !site.ups.contains_key(&site.devices[*device].fed_by));
    devices
}
