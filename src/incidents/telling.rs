//! Rules: stages begin, and roles are told.

use jiff::{SignedDuration, Timestamp};

use crate::incidents::board::{Board, Moment};
use crate::incidents::entry::Event;
use crate::incidents::incident::Incident;
use crate::incidents::queues::rule;
use crate::incidents::reaching::{self, Reach};
use crate::incidents::windows::near;
use crate::plan::{CardText, RAISER, Stage, When};
use crate::signals::{Kind, Level, Signal, later};

/// The stage of roles that are told because a deadline passed.
pub(super) const MISSED: &str = "missed ";

/// Rule: a stage begins when what it waits for has come.
pub(super) fn stages_begin(board: &Board, moment: &Moment) -> Vec<Event> {
    for incident in board.state.running() {
        for stage in &incident.procedure.stage {
            let run = incident.stages.get(&stage.id);
            if run.is_some_and(|run| !run.ended) {
                continue;
            }
            // An ended stage begins again only where its kind or its gate comes again.
            if let Some(begin) = begin_of(board, incident, stage, moment) {
                return vec![Event::StageBegan {
                    incident: incident.id,
                    stage: stage.id.clone(),
                    begin,
                }];
            }
        }
    }
    Vec::new()
}

fn begin_of(
    board: &Board,
    incident: &Incident,
    stage: &Stage,
    moment: &Moment,
) -> Option<Timestamp> {
    match &stage.when {
        When::Open => Some(incident.counts_from()),
        When::Kind(_) | When::Kinds(_) => incident
            .kind
            .as_ref()
            .is_some_and(|kind| stage.when.kinds().contains(kind))
            .then_some(moment.now),
        When::Signal(kind) => stands(board, incident, *kind).then_some(moment.now),
        When::Answer(condition) => {
            let answer = incident.answer_to(condition)?;
            Some(incident.counts_from_no_earlier(answer.at))
        }
        When::After(after) => {
            let done = incident.counts_from_no_earlier(incident.step(&after.step).done_at?);
            let at = later(incident.bad_from(done), after.bad_for);
            (incident.gate_since.is_none() && moment.reached(at)).then_some(at)
        }
        When::BadFor(lasted) => {
            let at = later(incident.bad_from(incident.counts_from()), *lasted);
            (incident.gate_since.is_none() && moment.reached(at)).then_some(at)
        }
        When::Beside(procedure) => board
            .state
            .open_incidents()
            .any(|other| {
                &other.procedure.id == procedure && other.scope.feed == incident.scope.feed
            })
            .then_some(moment.now),
        When::Clear => {
            let at = later(incident.gate_since?, rule::gate(board, incident)?);
            let begin = incident.counts_from_no_earlier(at);
            (incident.anybody_told() && moment.reached(at)).then_some(begin)
        }
    }
}

/// Whether a signal stands at critical, of a UPS that is out or of the feed.
fn stands(board: &Board, incident: &Incident, kind: Kind) -> bool {
    stands_since(board, incident, kind).is_some()
}

/// Since when; of several the newest.
pub(super) fn stands_since(board: &Board, incident: &Incident, kind: Kind) -> Option<Timestamp> {
    let ups = if near::is_over_one(incident) {
        &incident.scope.ups
    } else {
        &incident.out
    };
    ups.iter()
        .map(|ups| Signal::new(kind, ups))
        .chain([Signal::new(kind, &incident.opened_over)])
        .chain(feed_signal(kind, incident))
        .filter_map(|signal| board.state.standings.get(&signal))
        .filter(|standing| standing.level == Level::Critical)
        .map(|standing| standing.since)
        .max()
}

fn feed_signal(kind: Kind, incident: &Incident) -> Option<Signal> {
    (kind == Kind::GeneratorRunning).then(|| Signal::new(kind, &incident.scope.feed))
}

/// Rule: each role of a stage is told once, after its delay; nobody is told of
/// a cause that is gone, nor those whom another stage stands down.
pub(super) fn roles_told(board: &Board, moment: &Moment) -> Vec<Event> {
    for incident in board.state.running() {
        if let Some(event) = stood_down(incident) {
            return vec![event];
        }
        for (stage, run) in incident.stages_under_way() {
            if incident.gate_since.is_some() && stage.when != When::Clear {
                continue;
            }
            for role in &stage.tell {
                let nobody = role == RAISER && incident.raised_by.is_none();
                if nobody || !wants(incident, role, &stage.id) {
                    continue;
                }
                let delay = stage
                    .delay
                    .get(role)
                    .copied()
                    .unwrap_or(SignedDuration::ZERO);
                if moment.reached(later(run.begin, delay)) {
                    return vec![told(board, incident, role, &stage.id)];
                }
            }
        }
        if let Some(event) = told_of_missed(board, incident) {
            return vec![event];
        }
    }
    Vec::new()
}

fn wants(incident: &Incident, role: &str, stage: &str) -> bool {
    let Some(told) = incident.roles.get(role) else {
        return !is_stood_down(incident, role);
    };
    // A newer stage that has told the role has told it this one too.
    let newer = incident
        .procedure
        .stage
        .iter()
        .skip_while(|known| known.id != stage)
        .any(|known| told.stages.contains(&known.id));
    !newer && !told.stages.contains(stage) && !is_stood_down(incident, role)
}

fn is_stood_down(incident: &Incident, role: &str) -> bool {
    incident
        .stages_under_way()
        .any(|(stage, _)| stage.stand_down.iter().any(|down| down == role))
}

fn stood_down(incident: &Incident) -> Option<Event> {
    let (role, _) = incident
        .roles
        .iter()
        .find(|(role, told)| told.stood_down.is_none() && is_stood_down(incident, role))?;
    Some(Event::RoleStoodDown {
        incident: incident.id,
        role: role.clone(),
    })
}

fn told_of_missed(board: &Board, incident: &Incident) -> Option<Event> {
    for (step, _) in incident.steps_under_way() {
        if !incident.step(&step.id).missed {
            continue;
        }
        let stage = format!("{MISSED}{}", step.id);
        if let Some(role) = step
            .missed
            .iter()
            .find(|role| wants(incident, role, &stage))
        {
            return Some(told(board, incident, role, &stage));
        }
    }
    None
}

/// The role's seats that have a card to show, and its channels; those of the next role up
/// where it is reached nowhere.
pub(super) fn told(board: &Board, incident: &Incident, role: &str, stage: &str) -> Event {
    let procedure = &incident.procedure;
    let silent = procedure.raise.as_ref().is_some_and(|raise| raise.silent);
    let reach = if role == RAISER {
        Reach {
            seats: incident.raised_by.iter().cloned().collect(),
            ..Reach::default()
        }
    } else {
        reaching::of(board, procedure, role)
    };
    let at_raiser = |seat: &String| incident.raised_by.as_ref() == Some(seat);
    let hidden = |seat: &String| silent && at_raiser(seat) && [RAISER, "staff"].contains(&role);
    let has_card = |seat: &String| card_text(board, incident, role, seat).is_some();
    let seats = reach.seats.into_iter();
    let seats = seats.filter(|seat| !hidden(seat) && has_card(seat));
    Event::RoleTold {
        incident: incident.id,
        role: role.to_owned(),
        stage: stage.to_owned(),
        seats: seats.collect(),
        channels: reach.channels,
    }
}

/// The newest text for this role at this seat: that of the last stage under way that has one.
pub(super) fn card_text<'a>(
    board: &Board,
    incident: &'a Incident,
    role: &str,
    seat: &str,
) -> Option<(&'a Stage, &'a CardText)> {
    let on_ups = board.centre.site.ups_of_seat(seat).is_some();
    let in_scope = incident.scope.seats.contains(seat);
    let raised = incident.raised_by.is_some();
    incident
        .stages_under_way()
        .filter(|(stage, _)| match &stage.when {
            // What a signal said is shown while it says so.
            When::Signal(kind) => stands(board, incident, *kind),
            _ => true,
        })
        .filter_map(|(stage, _)| {
            let text = stage.card.iter().find(|card| {
                card.role == role
                    && card.on_ups.is_none_or(|wanted| wanted == on_ups)
                    && card.in_scope.is_none_or(|wanted| wanted == in_scope)
                    && card.raised.is_none_or(|wanted| wanted == raised)
            })?;
            Some((stage, text))
        })
        .last()
}
