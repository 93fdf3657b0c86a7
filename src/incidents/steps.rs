//! Rule: the clocks of steps. Each ends as done, done late, or missed.

use jiff::{SignedDuration, Timestamp};

use crate::incidents::board::{Board, Moment};
use crate::incidents::entry::Event;
use crate::incidents::incident::Incident;
use crate::incidents::progress::{StageRun, StepRun};
use crate::plan::{Evidence, Step, When};
use crate::signals::{Kind, Level, Signal, later};
use crate::site::Site;

pub(super) fn clocks(board: &Board, moment: &Moment) -> Vec<Event> {
    for incident in board.state.open_incidents() {
        for (stage, stage_run) in incident.stages_under_way() {
            // While the cause is gone, only the clocks of the recovery run.
            let counts = incident.gate_since.is_none() || stage.when == When::Clear;
            for step in &stage.step {
                let run = incident.step(&step.id);
                let under = (stage.id.as_str(), stage_run);
                let event = done(board, incident, step, under, &run, moment).or_else(|| {
                    counts
                        .then(|| late(board, incident, step, stage_run, &run, moment))
                        .flatten()
                });
                if let Some(event) = event {
                    return vec![event];
                }
            }
        }
    }
    Vec::new()
}

/// From when a step's clock runs, and when it must be done; `None` while it does not run,
/// as in what is adopted.
pub(super) fn clock(
    site: &Site,
    incident: &Incident,
    step: &Step,
    stage: &StageRun,
) -> Option<(Timestamp, Timestamp)> {
    if incident.adopted_by.is_some() {
        return None;
    }
    if let Some(ask) = &step.by {
        let day = incident.answers.get(ask)?.value.parse().ok()?;
        return Some((stage.begin, site.end_of_work(day)));
    }
    let begin = match &step.after {
        Some(first) => incident.counts_from_no_earlier(incident.step(first).done_at?),
        None if step.from_onset => incident.counts_from(),
        None => stage.begin,
    };
    Some((begin, later(begin, step.within?)))
}

/// What was done, and whether in time.
fn done(
    board: &Board,
    incident: &Incident,
    step: &Step,
    stage: (&str, &StageRun),
    run: &StepRun,
    moment: &Moment,
) -> Option<Event> {
    if run.done_at.is_none() && evident(board, incident, step, stage, moment) {
        return Some(Event::Ticked {
            incident: incident.id,
            step: step.id.clone(),
            seat: None,
            command: None,
            at: None,
        });
    }
    let (_, deadline) = clock(&board.centre.site, incident, step, stage.1)?;
    let deadline = run.missed_deadline.unwrap_or(deadline);
    let late = run.done_at?.duration_since(deadline);
    (!run.settled).then(|| Event::StepDone {
        incident: incident.id,
        step: step.id.clone(),
        late: late.is_positive().then_some(late),
    })
}

/// What is due, or overdue.
fn late(
    board: &Board,
    incident: &Incident,
    step: &Step,
    stage: &StageRun,
    run: &StepRun,
    moment: &Moment,
) -> Option<Event> {
    if run.done_at.is_some() || run.missed || step.each || cannot_be(incident, step) {
        return None;
    }
    let (begin, deadline) = clock(&board.centre.site, incident, step, stage)?;
    if !run.reminded && moment.reached(reminder(begin, deadline)) {
        return Some(Event::StepReminded {
            incident: incident.id,
            step: step.id.clone(),
        });
    }
    if moment.reached(deadline) && evidence_is_in(board, incident, step, moment) {
        return Some(Event::StepMissed {
            incident: incident.id,
            step: step.id.clone(),
            deadline,
        });
    }
    None
}

/// A generator that the feed does not have is nobody's task.
fn cannot_be(incident: &Incident, step: &Step) -> bool {
    step.done_when == Some(Evidence::Signal(Kind::GeneratorRunning)) && !incident.generator
}

/// 80 % of the clock.
fn reminder(begin: Timestamp, deadline: Timestamp) -> Timestamp {
    let whole = deadline.duration_since(begin);
    later(
        begin,
        SignedDuration::from_millis_i128(whole.as_millis() * 4 / 5),
    )
}

/// Whether what is measured or received shows that the step is done.
fn evident(
    board: &Board,
    incident: &Incident,
    step: &Step,
    (stage, run): (&str, &StageRun),
    moment: &Moment,
) -> bool {
    match &step.done_when {
        None => false,
        Some(Evidence::Signal(kind)) => signals(*kind, incident).any(|signal| {
            board.state.standings.get(&signal).is_some_and(|standing| {
                standing.level == Level::Critical && standing.since >= run.begin
            })
        }),
        // A machine that took a message is not a person who has seen it.
        Some(Evidence::Told(roles)) => roles.as_slice().iter().all(|role| {
            let told = incident.roles.get(role);
            told.is_some_and(|told| !told.shown.is_empty()) || incident.was_rung(role)
        }),
        Some(Evidence::Answer(reply)) => incident
            .answers
            .get(&reply.ask)
            .is_some_and(|answer| answer.value == reply.is),
        Some(Evidence::Seen(seen)) => incident
            .roles
            .get(&seen.role)
            .and_then(|told| told.seen.get(stage))
            .is_some_and(|seen_at| moment.reached(later(*seen_at, seen.since))),
    }
}

fn signals(kind: Kind, incident: &Incident) -> impl Iterator<Item = Signal> {
    let of_feed = kind == Kind::GeneratorRunning;
    let feed = of_feed.then(|| Signal::new(kind, &incident.scope.feed));
    let ups = incident
        .scope
        .ups
        .iter()
        .filter(move |_| !of_feed)
        .map(move |ups| Signal::new(kind, ups));
    let of_sensors = Kind::OF_SENSORS.contains(&kind);
    let sensors = incident.out.iter().filter(move |_| of_sensors);
    let sensors = sensors.map(move |sensor| Signal::new(kind, sensor));
    feed.into_iter().chain(ups).chain(sensors)
}

/// After a restart, a deadline that evidence may have met waits for the first
/// answer of every UPS of the scope, or until their silence is old enough.
fn evidence_is_in(board: &Board, incident: &Incident, step: &Step, moment: &Moment) -> bool {
    if !matches!(step.done_when, Some(Evidence::Signal(_))) {
        return true;
    }
    let all_answered = incident
        .scope
        .ups
        .iter()
        .all(|ups| board.live.ups.contains_key(ups));
    all_answered
        || moment.reached(later(
            board.live.started_at,
            board.centre.timing.stale_after,
        ))
}
