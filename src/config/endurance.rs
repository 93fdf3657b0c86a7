//! Says in words which seats would be dark at a cut although somebody counts on them.
//!
//! The whole path counts: a seat on a UPS whose switch is on none keeps its
//! screen and loses its network.

use std::collections::BTreeSet;

use crate::config::checks::Checks;
use crate::document::join;
use crate::site::Site;

pub(crate) fn warn(checks: &mut Checks<'_, '_>, site: &Site) {
    for (id, seat) in &site.seats {
        let path = join("seat", id);
        if let Some(ups) = site.ups_of_seat(id) {
            if seat.via.is_empty() && seat.required_runtime.is_some() {
                checks.warn(
                    &path,
                    format!(
                        "seat {id} is on {ups}, but it names no `via`: \
                         whether its switch lasts too is not known"
                    ),
                );
            }
            for device in behind(site, &seat.via) {
                if !site.ups.contains_key(&site.devices[device].fed_by) {
                    checks.warn(
                        &join(&path, "via"),
                        format!(
                            "seat {id} is on {ups}, but `{device}` on its way is on no UPS: \
                             at a cut its network is gone"
                        ),
                    );
                }
            }
        } else if seat.required_runtime.is_some() && !seat.laptop {
            checks.warn(
                &join(&path, "required_runtime"),
                format!("seat {id} must last without mains, but it is on no UPS"),
            );
        }
    }
}

/// Every device on the way, nearest first.
fn behind<'s>(site: &'s Site, via: &'s [String]) -> Vec<&'s str> {
    let mut way: Vec<&str> = Vec::new();
    let mut seen = BTreeSet::new();
    let mut next: Vec<&str> = via.iter().map(String::as_str).collect();
    while let Some(name) = next.first().copied() {
        next.remove(0);
        if let Some(device) = site.devices.get(name)
            && seen.insert(name)
        {
            way.push(name);
            next.extend(device.via.iter().map(String::as_str));
        }
    }
    way
}
