//! Rules: what is found opens its procedure, grows wider, and is over.

use jiff::Timestamp;

use crate::incidents::board::{Board, Moment};
use crate::incidents::entry::{Event, IncidentId};
use crate::incidents::fault::finding::Finding;
use crate::incidents::fault::look::{self, cause_of};
use crate::incidents::fault::symptom::Cause;
use crate::incidents::incident::{Incident, key};
use crate::incidents::post::Joining;
use crate::incidents::telling;
use crate::plan::{Fault, Procedure};
use crate::signals::{Kind, Level, Signal, later};

impl Finding {
    fn cause(&self) -> Cause {
        let of = self.of.clone();
        match self.fault {
            Fault::CutOff => Cause::CutOff,
            Fault::Network => Cause::Network(of),
            Fault::Service | Fault::Slow => Cause::Service(of),
            Fault::Acd => Cause::Acd(of),
            Fault::Seat => Cause::Seat(of),
        }
    }
}

/// The open incident of a cause, however it came to be open.
fn open_of<'b>(board: &'b Board, cause: &Cause) -> Option<&'b Incident> {
    let site = &board.centre.site;
    let mut open = board.state.open_incidents();
    open.find(|it| cause_of(site, it).as_ref() == Some(cause))
}

/// Whether what a person raises is open already because it was seen.
pub(in crate::incidents) fn is_open(
    board: &Board,
    procedure: &Procedure,
    of: &str,
    which: Option<&str>,
) -> bool {
    let cause = look::cause(&board.centre.site, procedure, of, which);
    cause.is_some_and(|cause| open_of(board, &cause).is_some())
}

/// Rule: what has been found for long enough opens its procedure.
pub(in crate::incidents) fn open(board: &Board, moment: &Moment) -> Vec<Event> {
    if let Some(due_at) = board.faults.due_at() {
        moment.reached(due_at);
    }
    for finding in board.faults.found() {
        if open_of(board, &finding.cause()).is_some() {
            continue;
        }
        for procedure in board.centre.plan.procedures.values() {
            let mut triggers = procedure.opening();
            let Some(trigger) = triggers.find(|it| it.fault == Some(finding.fault)) else {
                continue;
            };
            let closed_at = board.state.closed_at.get(&key(&procedure.id, &finding.of));
            if closed_at.is_some_and(|closed| finding.onset <= *closed)
                || !moment.reached(later(finding.crossed, finding.hold(trigger.hold)))
            {
                continue;
            }
            let site = &board.centre.site;
            let zone = site.seats.get(&finding.of).map(|seat| seat.zone.as_str());
            if trigger.in_hours && !moment.reached(site.next_work(moment.now, zone)) {
                continue;
            }
            return opened(board, procedure, finding);
        }
    }
    Vec::new()
}

fn opened(board: &Board, procedure: &std::sync::Arc<Procedure>, finding: &Finding) -> Vec<Event> {
    let mut open = board.state.open_incidents();
    // What grew out of something narrower began when it grew.
    let grown = open.any(|it| {
        let cause = cause_of(&board.centre.site, it);
        cause.is_some() && !it.scope.seats.is_empty() && it.scope.seats.is_subset(&finding.seats)
    });
    let onset = if grown {
        finding.crossed
    } else {
        finding.onset
    };
    let mut events = vec![Event::Opened {
        procedure: procedure.clone(),
        generator: false,
        scope: finding.scope(),
        onset,
        raised_by: None,
        command: None,
        case: None,
        started_by: None,
    }];
    let id = IncidentId(board.state.seq() + 1);
    events.extend(answered(procedure, finding, id));
    events
}

fn answered<'f>(
    procedure: &'f Procedure,
    finding: &'f Finding,
    incident: IncidentId,
) -> impl Iterator<Item = Event> + 'f {
    let known = finding.answers.iter().filter(|(ask, value)| {
        let ask = procedure.ask.get(*ask);
        ask.is_some_and(|ask| ask.takes(value))
    });
    known.map(move |(ask, value)| Event::Answered {
        incident,
        ask: (*ask).to_owned(),
        value: value.clone(),
        seat: String::new(),
        command: format!("{ask} of incident {incident}: {value}"),
    })
}

/// Rule: an incident of which more is found covers more, and is called by what it is now.
pub(in crate::incidents) fn widen(board: &Board, _moment: &Moment) -> Vec<Event> {
    for finding in board.faults.found() {
        let Some(incident) = open_of(board, &finding.cause()) else {
            continue;
        };
        if incident.raised_by.is_some() && !incident.confirmed && !finding.is_said {
            let incident = incident.id;
            return vec![Event::Confirmed { incident }];
        }
        if incident.raised_by.is_none() && !finding.seats.is_subset(&incident.scope.seats) {
            let mut scope = finding.scope();
            scope.seats.extend(incident.scope.seats.iter().cloned());
            let incident = incident.id;
            return vec![Event::Widened { incident, scope }];
        }
        let changed = answered(&incident.procedure, finding, incident.id).find(|event| {
            let Event::Answered { ask, value, .. } = event else {
                return false;
            };
            let known = incident.answers.get(ask);
            // A person's answer outranks what is measured.
            known.is_none_or(|known| known.seat.is_empty() && &known.value != value)
        });
        if let Some(event) = changed {
            return vec![event];
        }
    }
    Vec::new()
}

/// Rule: who is concerned since it grew wider is told as those were before.
pub(in crate::incidents) fn told_more(board: &Board, _moment: &Moment) -> Vec<Event> {
    for incident in board.state.running() {
        if !incident.widened {
            continue;
        }
        for (role, known) in &incident.roles {
            let Some(stage) = known.stages.iter().next_back() else {
                continue;
            };
            let Event::RoleTold { mut seats, .. } = telling::told(board, incident, role, stage)
            else {
                continue;
            };
            seats.retain(|seat| !known.seats.contains(seat));
            if known.stood_down.is_none() && !seats.is_empty() {
                return vec![Event::Joined {
                    incident: incident.id,
                    role: role.clone(),
                    seats,
                    channels: std::collections::BTreeSet::new(),
                    why: Joining::Concerned,
                }];
            }
        }
    }
    Vec::new()
}

/// Since when what was found is found no more, and somebody can tell.
pub(in crate::incidents) fn good_since(board: &Board, incident: &Incident) -> Option<Timestamp> {
    let site = &board.centre.site;
    let cause = cause_of(site, incident)?;
    if board.faults.found().iter().any(|it| it.cause() == cause) {
        return None;
    }
    let mut since = Vec::new();
    let level = |signal: &Signal| board.state.standings.get(signal);
    let mut bad = false;
    let mut look = |signal: Signal| {
        let standing = level(&signal);
        bad |= standing.is_some_and(|it| it.level == Level::Critical);
        if let Some(standing) = standing.filter(|it| it.level == Level::Normal) {
            since.push(standing.since);
        }
        standing.map(|standing| standing.level)
    };
    let of = &incident.opened_over;
    let via = match &cause {
        Cause::Service(id) => site.services.get(id).map(|it| &it.via),
        Cause::Acd(id) => site.acds.get(id).map(|it| &it.via),
        Cause::Network(_) | Cause::Seat(_) | Cause::CutOff => None,
    };
    for device in via.map_or_else(Vec::new, |via| site.behind(via)) {
        look(Signal::new(Kind::DeviceReach, device));
    }
    let own = match &cause {
        Cause::Network(device) => look(Signal::new(Kind::DeviceReach, device)),
        Cause::Service(service) => look(Signal::new(Kind::ServiceReach, service)),
        Cause::Acd(acd) => look(Signal::new(Kind::AcdReach, acd)),
        Cause::Seat(_) | Cause::CutOff => None,
    };
    if matches!(own, Some(Level::Unknown | Level::Critical)) {
        return None;
    }
    let seats: Vec<&String> = if site.seats.contains_key(of) {
        vec![of]
    } else {
        incident.scope.seats.iter().collect()
    };
    let behind = |service: &&String| match &cause {
        Cause::Network(device) => device.is_empty() || board.faults.lies_behind(service, device),
        Cause::Service(of) => service == &of,
        _ => false,
    };
    let services: Vec<&String> = site.services.keys().filter(behind).collect();
    for service in &services {
        look(Signal::new(Kind::ServiceReach, *service));
    }
    let alone = matches!(cause, Cause::Seat(_));
    for seat in seats {
        let pc = look(Signal::new(Kind::SeatPc, seat));
        if alone && pc == Some(Level::Unknown) {
            return None;
        }
        for service in &services {
            look(Signal::of_service_at(seat, service));
        }
        if alone || matches!(cause, Cause::Acd(_) | Cause::Network(_)) {
            for kind in [Kind::SeatLogin, Kind::SeatPhone, Kind::SeatHeadset] {
                let bad = look(Signal::new(kind, seat)) == Some(Level::Critical);
                if alone && bad {
                    return None;
                }
            }
        }
        if alone {
            for service in site.services.keys() {
                if look(Signal::of_service_at(seat, service)) == Some(Level::Critical) {
                    return None;
                }
            }
        }
    }
    // What is found no more because something wider explains it is not good for that.
    if bad && incident.adopted_by.is_some() {
        return None;
    }
    if cause == Cause::CutOff {
        let known = board.state.standings.iter();
        let well = known.filter(|(_, it)| it.level == Level::Normal);
        since.extend(
            well.map(|(_, it)| it.since)
                .filter(|it| *it >= incident.onset),
        );
        return since.into_iter().min();
    }
    // Only what turned since counts; the rest was never bad.
    since.into_iter().filter(|at| *at >= incident.onset).max()
}
