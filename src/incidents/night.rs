//! Rules: out of hours little leaves the building. What wakes goes to whoever is on
//! call; all the rest, all-clears too, waits for the morning and goes out together.

use jiff::{SignedDuration, Timestamp};

use crate::incidents::board::{Board, Moment};
use crate::incidents::debt::Debt;
use crate::incidents::entry::{Event, OwedId};
use crate::incidents::incident::Incident;
use crate::incidents::message::Notice;
use crate::incidents::sensing;
use crate::incidents::telling;
use crate::plan::Wakes;
use crate::signals::later;
use crate::site::{Night, Site};
use crate::text::Text;

/// The stage in which whoever is on call is told.
pub(super) const ON_CALL: &str = "on-call";
/// A UPS that does not say how long it lasts is given so long to say so.
const RUNTIME_WITHIN: SignedDuration = SignedDuration::from_mins(1);

/// Until when a message to a channel waits; `None`: it goes at once.
pub(super) fn held_until(
    board: &Board,
    incident: &Incident,
    channel: &str,
    notice: Notice,
    now: Timestamp,
) -> Option<Timestamp> {
    let until = quiet_until(board, channel, now)?;
    let news = matches!(notice, Notice::Opened | Notice::Changed);
    let wakes = news && incident.woken && is_on_call(&board.centre.site, incident, channel);
    (!wakes).then_some(until)
}

/// Until when a channel is left alone; `None`: it is not.
pub(super) fn quiet_until(board: &Board, channel: &str, now: Timestamp) -> Option<Timestamp> {
    let site = &board.centre.site;
    let night = site.quiet.of(channel)?;
    let agenda = site.agenda();
    let at_night = agenda.is_between(now, night.from, night.to);
    if !at_night && agenda.open_since(now).is_some() {
        return None;
    }
    let digest = agenda.next_time(now, site.quiet.digest);
    Some(if at_night {
        digest
    } else {
        digest.min(agenda.next_begin(now))
    })
}

fn is_on_call(site: &Site, incident: &Incident, channel: &str) -> bool {
    let told = incident.channels.get(channel);
    told.is_some_and(|told| told.roles.contains(&site.quiet.on_call))
}

/// Whether the whole centre sleeps.
fn is_night(site: &Site, now: Timestamp) -> bool {
    let agenda = site.agenda();
    let Night { from, to } = Night::default();
    agenda.is_between(now, from, to) || agenda.open_since(now).is_none()
}

/// Rule: what must not wait for the morning does not, once that is known.
pub(super) fn woken(board: &Board, moment: &Moment) -> Vec<Event> {
    let site = &board.centre.site;
    for incident in board.state.running() {
        if incident.woken || !incident.anybody_told() || incident.gate_since.is_some() {
            continue;
        }
        let Some(wakes) = &incident.procedure.wakes else {
            continue;
        };
        if !is_night(site, moment.now) {
            continue;
        }
        let Some(why) = reason(board, incident, wakes, moment) else {
            continue;
        };
        let held = |(owed, debt): (&OwedId, &Debt)| {
            let waits = debt.incident == incident.id && debt.held.is_some();
            (waits && is_on_call(site, incident, &debt.channel)).then_some(*owed)
        };
        return vec![Event::Woken {
            incident: incident.id,
            why,
            owed: board.state.debts.iter().filter_map(held).collect(),
        }];
    }
    Vec::new()
}

fn reason(board: &Board, incident: &Incident, wakes: &Wakes, moment: &Moment) -> Option<Text> {
    let site = &board.centre.site;
    let least = match wakes {
        Wakes::Always => {
            return Some(Text::new(
                "这件事等不到早上",
                "this does not wait for the morning",
            ));
        }
        Wakes::Signal(kind) => {
            return sensing::is_critical(board, incident, *kind).then(|| {
                Text::new(
                    "传感器报警，等不到早上",
                    "what is measured does not wait for the morning",
                )
            });
        }
        Wakes::RuntimeUnder(least) => *least,
    };
    incident.out.iter().find_map(|ups| {
        let seats = site.seats.values().filter(|seat| &seat.fed_by == ups);
        let floor = seats.filter_map(|seat| seat.required_runtime).max();
        let feeds_servers = site.devices.values().any(|device| &device.fed_by == ups);
        if floor.is_none() && !feeds_servers {
            return None;
        }
        let least = floor.map_or(least, |floor| floor.max(least));
        let name = site.ups.get(ups).map_or(ups, |known| &known.name.zh);
        let name_en = site.ups.get(ups).map_or(ups, |known| &known.name.en);
        match incident.finish_by.get(ups) {
            Some(finish_by) => moment.reached(later(*finish_by, -least)).then(|| {
                let minutes = least.as_mins();
                Text::new(
                    format!("{name}的电池撑不过{minutes}分钟"),
                    format!("the battery of {name_en} lasts less than {minutes} min"),
                )
            }),
            None => moment
                .reached(later(incident.onset, RUNTIME_WITHIN))
                .then(|| {
                    Text::new(
                        format!("不知道{name}的电池还能撑多久"),
                        format!("how long the battery of {name_en} lasts is not known"),
                    )
                }),
        }
    })
}

/// Rule: whoever is on call is told of what wakes, whether the plan names them or not.
pub(super) fn on_call(board: &Board, _moment: &Moment) -> Vec<Event> {
    let role = &board.centre.site.quiet.on_call;
    for incident in board.state.running().filter(|incident| incident.woken) {
        let told = incident.roles.get(role);
        if !told.is_some_and(|told| told.stages.contains(ON_CALL)) {
            return vec![telling::told(board, incident, role, ON_CALL)];
        }
    }
    Vec::new()
}
