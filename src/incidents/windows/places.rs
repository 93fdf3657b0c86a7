//! What a window may cover: places of the site, written `circuit:c3`.

use crate::incidents::windows::refusal::WindowRefused;
use crate::incidents::windows::window::Covered;
use crate::site::Site;
use crate::text::Text;

/// All that lies in these places; a supply takes what hangs on it with it.
pub(in crate::incidents) fn cover(site: &Site, of: &[String]) -> Result<Covered, WindowRefused> {
    if of.is_empty() {
        return Err(WindowRefused::NoPlace);
    }
    let mut covered = Covered {
        of: of.to_vec(),
        ..Covered::default()
    };
    let mut names: Vec<Text> = Vec::new();
    for place in of {
        let unknown = || WindowRefused::NoSuchPlace(place.clone());
        let (what, id) = place.split_once(':').ok_or_else(unknown)?;
        names.push(add(site, &mut covered, what, id).ok_or_else(unknown)?);
    }
    let join = |names: Vec<&str>, mark: &str| names.join(mark);
    covered.place = Text::new(
        join(names.iter().map(|name| name.zh.as_str()).collect(), "、"),
        join(names.iter().map(|name| name.en.as_str()).collect(), ", "),
    );
    Ok(covered)
}

fn add(site: &Site, covered: &mut Covered, what: &str, id: &str) -> Option<Text> {
    let by_supply = |covered: &mut Covered, hangs: &dyn Fn(&str) -> bool| {
        let ups = site.ups.iter();
        let ups = ups.filter(|(ups, it)| hangs(ups) || hangs(&it.fed_by));
        covered.ups.extend(ups.map(|(ups, _)| ups.clone()));
        let fed = |fed_by: &str, covered: &Covered| hangs(fed_by) || covered.ups.contains(fed_by);
        let devices = site
            .devices
            .iter()
            .filter(|(_, it)| fed(&it.fed_by, covered));
        let devices: Vec<String> = devices.map(|(device, _)| device.clone()).collect();
        let seats = site.seats.iter().filter(|(_, it)| fed(&it.fed_by, covered));
        let seats: Vec<String> = seats.map(|(seat, _)| seat.clone()).collect();
        covered.devices.extend(devices);
        covered.seats.extend(seats);
    };
    match what {
        "feed" => {
            let name = site.feeds.get(id)?.name.clone();
            by_supply(covered, &|fed_by| site.feed_of(fed_by) == Some(id));
            Some(name)
        }
        "circuit" => {
            let name = site.circuits.get(id)?.name.clone();
            by_supply(covered, &|fed_by| fed_by == id);
            Some(name)
        }
        "ups" => {
            let name = site.ups.get(id)?.name.clone();
            by_supply(covered, &|fed_by| fed_by == id);
            Some(name)
        }
        "zone" => {
            let name = site.zones.get(id)?.name.clone();
            let ups = site.ups.iter().filter(|(_, it)| it.zone == id);
            covered.ups.extend(ups.map(|(ups, _)| ups.clone()));
            let devices = site.devices.iter();
            let devices = devices.filter(|(_, it)| it.zone.as_deref() == Some(id));
            covered
                .devices
                .extend(devices.map(|(device, _)| device.clone()));
            let seats = site.seats.iter().filter(|(_, it)| it.zone == id);
            covered.seats.extend(seats.map(|(seat, _)| seat.clone()));
            Some(name)
        }
        "device" => {
            let name = site.devices.get(id)?.name.clone();
            covered.devices.insert(id.to_owned());
            Some(name)
        }
        "seat" => {
            site.seats.get(id)?;
            covered.seats.insert(id.to_owned());
            Some(Text::same(id))
        }
        _ => None,
    }
}
