//! Rules: when the causes are good, when that breaks again, and when it is over.

use jiff::{SignedDuration, Timestamp};

use crate::incidents::board::{Board, Moment};
use crate::incidents::entry::{Ending, Event};
use crate::incidents::fault::rule as fault;
use crate::incidents::incident::{Incident, key};
use crate::incidents::keeping;
use crate::incidents::queues::rule;
use crate::incidents::sensing;
use crate::incidents::state::UNSTABLE_WINDOW;
use crate::incidents::steps::clock;
use crate::incidents::suspicion;
use crate::plan::{Reach, Spread, When};
use crate::signals::{Kind, Level, Signal, Standing, later};

impl Incident {
    /// Whether what it is about is measured, and not only said by a person.
    pub(super) fn is_seen(&self) -> bool {
        self.raised_by.is_none() || self.confirmed
    }

    /// How long its causes must be good before it ends: what a person says needs no proof.
    pub(super) fn gate(&self) -> Option<SignedDuration> {
        let said = self.procedure.clear.answer.as_ref();
        if said.is_some_and(|said| self.is_answered(said)) {
            return Some(SignedDuration::ZERO);
        }
        self.procedure.gate()
    }

    /// Whether the whole feed may be out: a generator takes over for nothing less.
    pub(super) fn may_be_mains(&self) -> bool {
        !matches!(self.spread, Some(Spread::Circuit | Spread::Part))
    }
}

impl Board {
    /// A seat on plain mains that was silent in this incident and came back after
    /// `back_at`, and when.
    pub(super) fn revived_seat<'a>(
        &self,
        incident: &'a Incident,
        back_at: Option<Timestamp>,
    ) -> Option<(&'a String, Timestamp)> {
        let back_at = back_at?;
        incident
            .scope
            .seats
            .iter()
            .filter_map(|id| {
                let seat = self.centre.site.seats.get(id)?;
                let since = self.live.seats.get(id)?.connected_since?;
                let plain = !seat.laptop && self.centre.site.circuits.contains_key(&seat.fed_by);
                (plain && since >= back_at && self.live.started_at < incident.onset)
                    .then_some((id, since))
            })
            .min_by_key(|(_, since)| *since)
    }

    /// Since when every cause of the incident is good; `None` while one is bad or unknown.
    pub(super) fn good_since(&self, incident: &Incident, moment: &Moment) -> Option<Timestamp> {
        let answer = incident.procedure.clear.answer.as_ref();
        let said = answer.and_then(|answer| Some(incident.answer_to(answer)?.at));
        let Some(trigger) = incident.procedure.opening().next() else {
            return said;
        };
        if trigger.fault.is_some() {
            let measured = || fault::good_since(self, incident).filter(|_| incident.is_seen());
            return said.or_else(measured);
        }
        if let Some(silence) = trigger.silence {
            return suspicion::good_since(self, incident, silence);
        }
        let cause = trigger.signal?;
        if let Some(other) = &trigger.blips_of {
            return self.steady_since(incident, other, cause, moment);
        }
        if trigger.scope == Reach::Queues {
            return rule::good_since(self, incident);
        }
        if trigger.scope == Reach::Centre {
            return keeping::good_since(self, incident, cause);
        }
        if incident.ever_out.is_empty() {
            // What nobody measured, nobody measures to be over.
            return said;
        }
        if trigger.scope == Reach::Zone {
            return sensing::good_since(self, incident);
        }
        let gates = &incident.procedure.clear.signal;
        let mut since = incident.onset;
        for ups in &incident.ever_out {
            let standing = self.state.standings.get(&Signal::new(cause, ups))?;
            let good = if trigger.at == Level::Unknown {
                standing.level != Level::Unknown
            } else {
                let mut causes = incident.procedure.opening();
                standing.level != Level::Unknown && !causes.any(|it| it.at == standing.level)
            };
            if !good {
                return None;
            }
            since = since.max(standing.since);
        }
        if gates.contains(&Kind::GeneratorRunning)
            && let Some(Standing {
                level,
                since: turned,
            }) = self
                .state
                .standings
                .get(&Signal::new(Kind::GeneratorRunning, &incident.scope.feed))
        {
            if *level == Level::Critical {
                return None;
            }
            since = since.max(*turned);
        }
        Some(since)
    }

    /// Since when the last blip lies out of the window and nothing is bad.
    fn steady_since(
        &self,
        incident: &Incident,
        blips_of: &str,
        cause: Kind,
        moment: &Moment,
    ) -> Option<Timestamp> {
        let blips = self.state.blips.get(&key(blips_of, &incident.scope.of));
        let last = blips.and_then(|blips| blips.back()).copied();
        let steady_at = later(last.unwrap_or(incident.onset), UNSTABLE_WINDOW);
        let good = incident.scope.ups.iter().all(|ups| {
            let level = self.state.level(&Signal::new(cause, ups));
            matches!(level, Level::Normal | Level::Warning)
        });
        (good && moment.reached(steady_at)).then_some(steady_at)
    }
}

/// Rule: the count of the gate begins when all is good, and anew when that breaks.
pub(super) fn begin_or_break(board: &Board, moment: &Moment) -> Vec<Event> {
    for incident in board.state.open_incidents() {
        let Some(_) = incident.gate() else {
            continue;
        };
        let incident_id = incident.id;
        match (incident.gate_since, board.good_since(incident, moment)) {
            (None, Some(since)) => {
                return vec![Event::GateBegan {
                    incident: incident_id,
                    since,
                }];
            }
            (Some(_), None) => {
                return vec![Event::GateBroken {
                    incident: incident_id,
                }];
            }
            _ => {}
        }
    }
    Vec::new()
}

/// Rule: over, when nobody was told of a cause that is gone, or when the gate
/// has held, the dust has settled and the gating steps are done or out of time.
pub(super) fn close(board: &Board, moment: &Moment) -> Vec<Event> {
    for incident in board.state.running() {
        let Some(gate_since) = incident.gate_since else {
            continue;
        };
        let why = if !incident.anybody_told() {
            Ending::Blip
        } else if all_clear(board, incident, gate_since, moment) {
            Ending::AllClear
        } else {
            continue;
        };
        return vec![Event::Closed {
            incident: incident.id,
            why,
            command: None,
        }];
    }
    Vec::new()
}

fn all_clear(board: &Board, incident: &Incident, gate_since: Timestamp, moment: &Moment) -> bool {
    let site = &board.centre.site;
    let clear = &incident.procedure.clear;
    // What a person saw and no sensor measured is over once a person says so.
    let only_said = sensing::is_over_zone(incident) && incident.ever_out.is_empty();
    let good_for = rule::gate(board, incident).filter(|_| !only_said);
    let good_for = good_for.unwrap_or(SignedDuration::ZERO);
    if !moment.reached(later(gate_since, good_for)) {
        return false;
    }
    let recovery = incident
        .stages_under_way()
        .find(|(stage, _)| stage.when == When::Clear);
    let begun = recovery.map_or(later(gate_since, good_for), |(_, run)| run.begin);
    if !moment.reached(later(begun, clear.settle)) {
        return false;
    }
    recovery.is_none_or(|(stage, run)| {
        stage.step.iter().filter(|step| step.gates).all(|step| {
            let done = incident.step(&step.id);
            done.done_at.is_some()
                || done.missed
                || clock(site, incident, step, run)
                    .is_some_and(|(_, deadline)| moment.reached(deadline))
        })
    })
}
