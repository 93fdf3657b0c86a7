//! What a seat saw and did while it had no daemon: written down once, and what fits
//! lands in the incident that it belongs to.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use crate::incidents::board::{Board, Moment};
use crate::incidents::card::Act;
use crate::incidents::commands;
use crate::incidents::entry::Event;
use crate::incidents::incident::Incident;
use crate::incidents::input::{Command, Refused};
use crate::incidents::stood::{
    AloneAct, AloneReport, LANDS_WITHIN, LateAct, MOST_ACTS, StoodAlone,
};
use crate::incidents::wording::{Words, clock_time};
use crate::plan::fill;
use crate::signals::later;
use crate::site::Site;
use crate::text::Text;

/// Nothing is older, in seconds: a week.
const OLDEST: u32 = 7 * 24 * 60 * 60;

/// Takes a seat's report: an entry, unless all of it is written down already.
pub(super) fn take(
    board: &Board,
    now: Timestamp,
    seat: &str,
    report: &AloneReport,
) -> Result<Vec<Event>, Refused> {
    let site = &board.centre.site;
    if !site.seats.contains_key(seat) {
        return Err(Refused::NoSuchSeat(seat.to_owned()));
    }
    let at = |ago: u32| {
        let ago = SignedDuration::from_secs(i64::from(ago.min(OLDEST)));
        later(now, -ago)
    };
    let mut ids = BTreeSet::from([&report.id]);
    let acts = report.acts.iter().take(MOST_ACTS);
    let acts: Vec<LateAct> = acts
        .filter(|said| ids.insert(&said.id) && !board.state.knows_command(&said.id))
        .map(|said| LateAct {
            command: said.id.clone(),
            at: at(said.ago),
            act: said.act.clone(),
        })
        .collect();
    if board.state.knows_command(&report.id) && acts.is_empty() {
        return Ok(Vec::new());
    }
    let (from, onset, until) = (at(report.lost), at(report.onset), at(report.until));
    let seen_by = site.ups_seen_by.iter();
    let own = seen_by.filter(|(_, by)| *by == seat);
    let ups: BTreeSet<String> = own.map(|(ups, _)| ups.clone()).collect();
    let open = open(board, seat, &report.procedure, until);
    let alone_out =
        open.is_some_and(|open| !open.ever_out.is_empty() && open.ever_out.is_subset(&ups));
    let incident = open.or_else(|| {
        let mut all = concerned(board, seat, &report.procedure).rev();
        all.find(|incident| (from..=until).contains(&incident.opened_at))
    });
    Ok(vec![Event::StoodAlone(StoodAlone {
        seat: seat.to_owned(),
        procedure: report.procedure.clone(),
        from,
        onset,
        until,
        acts,
        incident: incident.map(|incident| incident.id),
        ups,
        alone_out,
        command: report.id.clone(),
    })])
}

/// The incidents of a procedure that include a seat, the oldest first.
fn concerned<'a>(
    board: &'a Board,
    seat: &'a str,
    procedure: &'a str,
) -> impl DoubleEndedIterator<Item = &'a Incident> {
    board.state.incidents.values().filter(move |incident| {
        let mut told = incident.roles.values();
        incident.procedure.id == procedure
            && (incident.scope.seats.contains(seat) || told.any(|told| told.seats.contains(seat)))
    })
}

/// The open incident that a seat stood alone with.
fn open<'a>(
    board: &'a Board,
    seat: &'a str,
    procedure: &'a str,
    until: Timestamp,
) -> Option<&'a Incident> {
    concerned(board, seat, procedure)
        .rev()
        .find(|open| open.closed.is_none() && open.onset <= later(until, LANDS_WITHIN))
}

/// Rule: what was done alone lands in the open incident, once; where somebody else
/// has done it meanwhile, it was done already.
pub(super) fn land(board: &Board, moment: &Moment) -> Vec<Event> {
    let now = moment.now;
    for waiting in &board.state.alone {
        if waiting.is_over(now) {
            continue;
        }
        let Some(incident) = open(board, &waiting.seat, &waiting.procedure, waiting.until) else {
            continue;
        };
        let id = incident.id;
        let command = Command {
            id: waiting.late.command.clone(),
            seat: waiting.seat.clone(),
            act: waiting.late.act.of(id),
        };
        let landed = match &command.act {
            Act::Tick { step, .. } => commands::tick(board, now, &command, id, step),
            // Whoever answered meanwhile knows better.
            Act::Answer { ask, value, .. } if !incident.answers.contains_key(ask) => {
                commands::answer(board, now, &command, id, ask, value)
            }
            Act::Acknowledge { .. } => commands::acknowledge(board, &command, id),
            _ => continue,
        };
        // What is not this seat's to do, or not yet, is in the record all the same.
        let mut landed = landed.unwrap_or_default();
        for event in &mut landed {
            if let Event::Ticked { at, .. } = event {
                *at = Some(waiting.late.at);
            }
        }
        if !landed.is_empty() {
            return landed;
        }
    }
    Vec::new()
}

/// The whole of it, as one would say it aloud.
pub(super) fn reason(board: &Board, stood: &StoodAlone) -> Text {
    let site = &board.centre.site;
    let time = |at| clock_time(site, at);
    let procedure = board.centre.plan.procedures.get(&stood.procedure);
    let title = procedure.map_or_else(|| Text::same(&stood.procedure), |it| it.title.clone());
    let (from, until, onset) = (time(stood.from), time(stood.until), time(stood.onset));
    let mut zh = vec![format!(
        "{} 在 {from}-{until} 连不上，自行判断：{}，{onset} 起",
        stood.seat, title.zh
    )];
    let mut en = vec![format!(
        "seat {} stood alone {from}-{until}: {}, since {onset}",
        stood.seat, title.en
    )];
    for late in &stood.acts {
        let (at, said) = (time(late.at), words(board, stood, &late.act));
        zh.push(format!("{at} {}", said.zh));
        en.push(format!("{} at {at}", said.en));
    }
    Text::new(zh.join("；"), en.join("; "))
}

fn words(board: &Board, stood: &StoodAlone, act: &AloneAct) -> Text {
    let procedure = board.centre.plan.procedures.get(&stood.procedure);
    match act {
        AloneAct::Acknowledge => Text::new("收到", "acknowledged"),
        AloneAct::Tick { step } => {
            let known = procedure.and_then(|procedure| procedure.step(step));
            let incident = stood.incident.and_then(|id| board.state.incidents.get(id));
            let say = known.map(|(_, step)| match incident {
                Some(incident) => Words::new(board, incident, None).fill_both(&step.say),
                None => Text::new(fill(&step.say.zh, |_| None), fill(&step.say.en, |_| None)),
            });
            let say = say
                .filter(|say| !say.zh.is_empty() && !say.en.is_empty())
                .unwrap_or_else(|| Text::same(step));
            Text::new(format!("完成：{}", say.zh), format!("ticked: {}", say.en))
        }
        AloneAct::Answer { ask, value } => {
            let known = procedure.and_then(|procedure| procedure.ask.get(ask));
            let choice = known.map_or_else(|| Text::same(value), |known| known.spoken(value));
            Text::new(
                format!("回答：{}", choice.zh),
                format!("answered: {}", choice.en),
            )
        }
    }
}

/// With the time at which it was done, where that is told late.
pub(super) fn dated(name: Text, at: Option<Timestamp>, site: &Site) -> Text {
    let Some(at) = at.map(|at| clock_time(site, at)) else {
        return name;
    };
    Text::new(
        format!("{}（{at} 未连线时）", name.zh),
        format!("{} (at {at}, while alone)", name.en),
    )
}
