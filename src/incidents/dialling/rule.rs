//! Rules: whom callwatch rings up itself, when it rings the next one, and when nobody.
//!
//! By day what is critical may ring, and everybody once: then a person is asked, who can
//! say more than a prompt. By night only whoever is on call is woken, with those who stand
//! in for them; as nobody sits at a screen then, they are tried twice.

use jiff::SignedDuration;

use crate::incidents::board::{Board, Moment};
use crate::incidents::dialling::callees;
use crate::incidents::dialling::dial::{Dial, DialCause, DialOutcome, DialReport, DueCall};
use crate::incidents::entry::{Event, OwedId};
use crate::incidents::incident::Incident;
use crate::incidents::input::Refused;
use crate::incidents::message::{CallRequest, Callee};
use crate::incidents::needless::needless;
use crate::incidents::night::{self, ON_CALL};
use crate::incidents::progress::RoleTold;
use crate::plan::Severity;
use crate::signals::later;
use crate::site::digits;
use crate::text::Text;

/// By night the next one is rung so long after the one before.
const PAUSE: SignedDuration = SignedDuration::from_mins(3);
/// How often one number is rung for one incident.
const BY_DAY: usize = 1;
const BY_NIGHT: usize = 2;
/// How often a telephone that makes no calls is tried by night for one incident.
const NO_LINE: usize = 10;
/// How many calls to one number may be broken off by restarts.
const INTERRUPTED: usize = 2;

/// How a role that should hear of something by phone comes to hear of it.
pub(in crate::incidents) enum Next {
    /// Somebody is rung up now.
    Dial(Box<Event>),
    /// A call is under way, or not due yet.
    Wait,
    /// Somebody has heard it by phone.
    Told,
    /// There is nobody more whom callwatch may ring: a person is to do it.
    Person,
}

/// What callwatch itself does to have a role told by phone.
pub(in crate::incidents) fn next(
    board: &Board,
    incident: &Incident,
    role: &str,
    cause: DialCause,
    moment: &Moment,
) -> Next {
    let Some(phone) = &board.centre.site.phone else {
        return Next::Person;
    };
    let Some(told) = incident.roles.get(watched(role, &cause)) else {
        return Next::Person;
    };
    let mut callees = callees::of(board, role);
    if is_heard(incident, role, told, &callees) {
        return Next::Told;
    }
    let by_night = night::quiet_until(board, phone, moment.now).is_some();
    if !may_ring(board, incident, role, by_night) {
        return Next::Person;
    }
    let own = || incident.dials.iter().filter(|dial| dial.role == role);
    if own().any(|dial| dial.outcome == Some(DialOutcome::Heard)) {
        // A prompt cannot say what is new since.
        return Next::Person;
    }
    if own().any(|dial| dial.outcome.is_none()) {
        return Next::Wait;
    }
    let mut no_line = own().filter(|dial| dial.outcome == Some(DialOutcome::NoLine));
    if by_night {
        if no_line.count() >= NO_LINE {
            return Next::Person;
        }
        if let Some(last) = own().next_back().filter(|dial| is_over(dial))
            && !moment.reached(later(last.at, PAUSE))
        {
            return Next::Wait;
        }
    } else if no_line
        .next_back()
        .is_some_and(|dial| dial.id.0 > told.told_at)
    {
        return Next::Person;
    }
    let most = if by_night { BY_NIGHT } else { BY_DAY };
    callees.retain(|callee| incident.procedure.is_visible_to(&callee.role));
    if callees.iter().any(|callee| is_engaged(board, callee)) {
        return Next::Wait;
    }
    let callee = callees
        .iter()
        .filter_map(|callee| Some((tries(incident, callee, most)?, callee)))
        .min_by_key(|(tries, _)| *tries)
        .map(|(_, callee)| callee);
    let Some(callee) = callee else {
        return Next::Person;
    };
    Next::Dial(Box::new(Event::Dialled {
        incident: incident.id,
        role: role.to_owned(),
        call: CallRequest {
            channel: match &cause {
                DialCause::Undelivered => callees::dead_channel(board, incident, role),
                DialCause::Unseen(_) | DialCause::OnCall => Text::default(),
            },
            callee: Some(callee.clone()),
            turn: u32::try_from(own().count()).unwrap_or(u32::MAX),
            stages: told.stages.clone(),
        },
        cause,
    }))
}

/// The role that has not heard of it.
fn watched<'a>(role: &'a str, cause: &'a DialCause) -> &'a str {
    match cause {
        DialCause::Unseen(role) => role,
        DialCause::Undelivered | DialCause::OnCall => role,
    }
}

fn may_ring(board: &Board, incident: &Incident, role: &str, by_night: bool) -> bool {
    if by_night {
        return incident.woken && role == board.centre.site.quiet.on_call;
    }
    incident.severity() == Severity::Critical
}

/// Whether a call after the role was told last was heard: one for it, or, for whatever
/// role, by whom it would be.
fn is_heard(incident: &Incident, role: &str, told: &RoleTold, callees: &[Callee]) -> bool {
    let first = callees.iter().find(|callee| callee.role == role);
    let heard = |dial: &&Dial| {
        dial.outcome == Some(DialOutcome::Heard)
            && dial.id.0 > told.told_at
            && (dial.role == role || first.is_some_and(|first| is_to(dial, first)))
    };
    incident.dials.iter().any(|dial| heard(&dial))
}

/// Whether somebody who stands for this role has seen it, or has heard of it by phone.
pub(in crate::incidents) fn is_seen(incident: &Incident, role: &str, told: &RoleTold) -> bool {
    !told.shown.is_empty()
        || told
            .seats
            .iter()
            .any(|seat| incident.acknowledged.contains(seat))
        || is_heard(incident, role, told, &[])
}

/// Whether a call ended as calls do, and not because callwatch did.
fn is_over(dial: &Dial) -> bool {
    dial.outcome != Some(DialOutcome::Interrupted)
}

fn is_to(dial: &Dial, callee: &Callee) -> bool {
    let rung = dial.call.callee.as_ref();
    rung.is_some_and(|rung| digits(&rung.phone) == digits(&callee.phone))
}

/// How often a number was rung for this incident, for whatever role; `None` where that is enough.
fn tries(incident: &Incident, callee: &Callee, most: usize) -> Option<usize> {
    let calls = || incident.dials.iter().filter(|dial| is_to(dial, callee));
    let broken = calls().filter(|dial| !is_over(dial)).count();
    let rung = |dial: &&Dial| is_over(dial) && dial.outcome != Some(DialOutcome::NoLine);
    let tries = calls().filter(rung).count();
    (tries < most && broken < INTERRUPTED).then_some(tries)
}

/// Whether a call to this number is under way, of whatever incident.
fn is_engaged(board: &Board, callee: &Callee) -> bool {
    under_way(board).any(|(_, dial)| is_to(dial, callee))
}

fn under_way(board: &Board) -> impl Iterator<Item = (&Incident, &Dial)> {
    board.state.dials.iter().filter_map(|(id, incident)| {
        let incident = board.state.incidents.get(*incident)?;
        Some((incident, incident.dial(*id)?))
    })
}

/// Rule: whoever is on call is rung up for what wakes them.
pub(in crate::incidents) fn on_call(board: &Board, moment: &Moment) -> Vec<Event> {
    let role = &board.centre.site.quiet.on_call;
    for incident in board.state.running() {
        if !incident.woken || incident.gate_since.is_some() {
            continue;
        }
        let Some(told) = incident.roles.get(role) else {
            continue;
        };
        let waits = told.stages.contains(ON_CALL)
            && told.stood_down.is_none()
            && !is_seen(incident, role, told);
        if waits && let Next::Dial(event) = next(board, incident, role, DialCause::OnCall, moment) {
            return vec![*event];
        }
    }
    Vec::new()
}

/// Rule: a call that nobody needs any more is owed no more.
pub(in crate::incidents) fn withdrawn(board: &Board, _moment: &Moment) -> Vec<Event> {
    let needless = under_way(board).find(|(incident, dial)| is_needless(board, incident, dial));
    let ended = needless.map(|(incident, dial)| {
        let words = Text::new("不用再打了", "no need to any more");
        ended(incident, dial.id, DialOutcome::Withdrawn, words)
    });
    ended.into_iter().collect()
}

fn is_needless(board: &Board, incident: &Incident, dial: &Dial) -> bool {
    let over = incident.closed.is_some()
        || incident.gate_since.is_some()
        || incident.adopted_by.is_some()
        || board.centre.site.phone.is_none();
    if over {
        return true;
    }
    let role = watched(&dial.role, &dial.cause);
    let Some(told) = incident.roles.get(role) else {
        return true;
    };
    told.stood_down.is_some()
        || match dial.cause {
            DialCause::Undelivered => needless(board, incident, role, told).is_some(),
            DialCause::Unseen(_) | DialCause::OnCall => is_seen(incident, role, told),
        }
}

fn ended(incident: &Incident, dial: OwedId, outcome: DialOutcome, words: Text) -> Event {
    Event::DialEnded {
        incident: incident.id,
        dial,
        outcome,
        words,
    }
}

/// What became of a call. One that was withdrawn while it rang may have been heard all the same.
pub(in crate::incidents) fn take(board: &Board, report: DialReport) -> Result<Vec<Event>, Refused> {
    let incident = board.state.incidents.get(report.incident);
    let known = incident.and_then(|incident| Some((incident, incident.dial(report.dial)?)));
    let (incident, dial) = known.ok_or(Refused::NothingOwed(report.dial.0))?;
    if !matches!(dial.outcome, None | Some(DialOutcome::Withdrawn)) {
        return Err(Refused::NothingOwed(report.dial.0));
    }
    Ok(vec![ended(incident, dial.id, report.outcome, report.words)])
}

/// After a start: of what was under way nothing is known. Whoever still needs to be rung
/// is rung again.
pub(in crate::incidents) fn interrupted(board: &Board) -> Vec<Event> {
    let words = Text::new(
        "callwatch 重启，打没打通不知道",
        "callwatch was restarted, what became of it is not known",
    );
    under_way(board)
        .map(|(incident, dial)| ended(incident, dial.id, DialOutcome::Interrupted, words.clone()))
        .collect()
}

impl Board {
    /// The calls that are owed, the oldest first.
    pub fn calls_due(&self) -> Vec<DueCall> {
        under_way(self)
            .filter_map(|(incident, dial)| {
                Some(DueCall {
                    dial: dial.id,
                    incident: incident.id,
                    phone: dial.call.callee.as_ref()?.phone.clone(),
                })
            })
            .collect()
    }
}
