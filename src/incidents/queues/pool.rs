//! Queues that the same people answer, as one: who answers one cannot answer another.

use jiff::SignedDuration;

use crate::incidents::queues::demand::Asked;
use crate::incidents::queues::figures::Figures;
use crate::incidents::queues::watched::{HALF, Watched};
use crate::site;
use crate::staffing::{Clearing, Demand, Estimate, FEWEST_CALLS, Goal, Nonsense};

/// What is known of some queues at one moment.
#[derive(Clone, Copy, Debug)]
pub(in crate::incidents) struct Pool {
    pub(in crate::incidents) figures: Figures,
    /// Absent where not all of them count their calls.
    asked: Option<Asked>,
    goal: Goal,
}

/// What follows for those who answer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::incidents) enum Outlook {
    /// Nothing is counted.
    Uncounted,
    TooFewCalls,
    Needs(Needs),
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::incidents) struct Needs {
    /// Agents to keep what is promised.
    pub(in crate::incidents) agents: u32,
    /// How many more than are on line; absent where the ACD does not tell those.
    pub(in crate::incidents) short: Option<u32>,
    /// When the backlog is gone with as many as are needed, or with all of those on line.
    pub(in crate::incidents) clearing: Clearing,
}

impl Pool {
    /// Of queues with one and the same people.
    pub(in crate::incidents) fn of(queues: &[(&site::Queue, &Watched)]) -> Option<Self> {
        let (first, _) = queues.first()?;
        let figures = queues.iter().map(|(_, watched)| watched.figures);
        let figures = figures.reduce(|one, other| Figures {
            waiting: both(one.waiting, other.waiting, u32::saturating_add),
            longest: both(one.longest, other.longest, u32::max),
            // Each queue counts all of its members.
            on_line: both(one.on_line, other.on_line, u32::max),
        })?;
        let asked: Option<Vec<Asked>> = queues
            .iter()
            .map(|(queue, watched)| Asked::of(queue, watched))
            .collect();
        Some(Self {
            figures,
            asked: asked.and_then(|asked| together(&asked)),
            goal: first.goal,
        })
    }

    fn demand(&self) -> Option<Demand> {
        let asked = self.asked?;
        Some(Demand {
            calls: asked.calls,
            period: asked.period,
            handling: asked.handling,
            patience: asked.patience,
            goal: self.goal,
        })
    }

    /// How many calls join in an hour.
    pub(in crate::incidents) fn calls_an_hour(&self) -> Option<f64> {
        let asked = self.asked?;
        Some(f64::from(asked.calls) * 3600.0 / asked.period.as_secs_f64())
    }

    pub(in crate::incidents) fn outlook(&self) -> Outlook {
        let Some(demand) = self.demand() else {
            return Outlook::Uncounted;
        };
        // Figures that make no sense say nothing.
        self.needs(&demand).unwrap_or(Outlook::Uncounted)
    }

    fn needs(&self, demand: &Demand) -> Result<Outlook, Nonsense> {
        let agents = match demand.estimate()? {
            Estimate::TooFewCalls { .. } => return Ok(Outlook::TooFewCalls),
            Estimate::Need(need) => need.agents,
        };
        let on_line = self.figures.on_line;
        let waiting = self.figures.waiting.unwrap_or(0);
        let helped = on_line.map_or(agents, |on_line| on_line.max(agents));
        Ok(Outlook::Needs(Needs {
            agents,
            short: on_line.map(|on_line| agents.saturating_sub(on_line)),
            clearing: demand.clearing(waiting, helped)?,
        }))
    }

    /// How many calls in half an hour `agents` answer as promised, and the share of those
    /// that come that they answer at all; `None` where nothing is counted, or too little.
    pub(in crate::incidents) fn answered_by(&self, agents: u32) -> Option<(u32, f64)> {
        let demand = self.demand().filter(|it| it.calls >= FEWEST_CALLS)?;
        let most = most_calls(&demand, agents).ok()?;
        let answered = if let Some(abandoned) = demand.outlook(agents).ok()?.abandoned {
            1.0 - abandoned
        } else {
            // Nobody hangs up: what they cannot take waits for ever.
            let seconds = demand.period.as_secs_f64() * f64::from(agents);
            let work = demand.handling.as_secs_f64() * f64::from(demand.calls);
            (seconds / work).min(1.0)
        };
        Some((most, answered))
    }
}

/// The most calls in half an hour with which `agents` keep the goal.
fn most_calls(demand: &Demand, agents: u32) -> Result<u32, Nonsense> {
    let kept = |calls: u32| -> Result<bool, Nonsense> {
        let demand = Demand {
            calls,
            period: HALF,
            ..*demand
        };
        let outlook = demand.outlook(agents)?;
        let lost = outlook.abandoned.unwrap_or(0.0);
        Ok(outlook.service_level >= demand.goal.service_level && lost <= demand.goal.abandoned)
    };
    let (mut enough, mut too_many) = (0, 1);
    while kept(too_many)? {
        enough = too_many;
        too_many *= 2;
    }
    while too_many - enough > 1 {
        let between = enough + (too_many - enough) / 2;
        if kept(between)? {
            enough = between;
        } else {
            too_many = between;
        }
    }
    Ok(enough)
}

fn both(one: Option<u32>, other: Option<u32>, join: impl Fn(u32, u32) -> u32) -> Option<u32> {
    match (one, other) {
        (Some(one), Some(other)) => Some(join(one, other)),
        (one, other) => one.or(other),
    }
}

/// One demand of several, each counted over a time of its own.
fn together(asked: &[Asked]) -> Option<Asked> {
    let (first, others) = asked.split_first()?;
    if others.is_empty() {
        return Some(*first);
    }
    let calls: u32 = asked
        .iter()
        .fold(0, |sum, it| u32::saturating_add(sum, it.calls));
    let of_each = |each: &dyn Fn(&Asked) -> f64| -> f64 { asked.iter().map(each).sum() };
    let rate = of_each(&|it| f64::from(it.calls) / it.period.as_secs_f64());
    let work =
        of_each(&|it| f64::from(it.calls) / it.period.as_secs_f64() * it.handling.as_secs_f64());
    let mean = if rate > 0.0 {
        SignedDuration::try_from_secs_f64(work / rate).ok()?
    } else {
        first.handling
    };
    // As long as these calls would take to come to all of them.
    let period = SignedDuration::try_from_secs_f64(f64::from(calls) / rate)
        .ok()
        .filter(|_| rate > 0.0)
        .map_or(HALF, |period| period.min(HALF));
    Some(Asked {
        calls,
        period,
        handling: mean,
        patience: asked.iter().filter_map(|it| it.patience).min(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(calls: u32, minutes: i64, handling: i64) -> Asked {
        Asked {
            calls,
            period: SignedDuration::from_mins(minutes),
            handling: SignedDuration::from_secs(handling),
            patience: None,
        }
    }

    fn pool(asked: Asked, waiting: u32, on_line: u32) -> Pool {
        Pool {
            figures: Figures {
                waiting: Some(waiting),
                longest: Some(200),
                on_line: Some(on_line),
            },
            asked: Some(asked),
            goal: Goal {
                within: SignedDuration::from_secs(20),
                service_level: 0.8,
                abandoned: 0.05,
            },
        }
    }

    #[test]
    fn ten_erlangs_need_fourteen_and_with_them_thirty_callers_are_answered_in_22_minutes() {
        let outlook = pool(asked(100, 30, 180), 30, 11).outlook();
        let clearing = Clearing::After(SignedDuration::from_secs(1350));
        let needs = Needs {
            agents: 14,
            short: Some(3),
            clearing,
        };
        assert_eq!(outlook, Outlook::Needs(needs));
        // More are on line than are needed: all of them answer.
        let outlook = pool(asked(100, 30, 180), 30, 16).outlook();
        let Outlook::Needs(needs) = outlook else {
            panic!("{outlook:?}")
        };
        assert_eq!(needs.short, Some(0));
        assert_eq!(
            needs.clearing,
            Clearing::After(SignedDuration::from_secs(900))
        );
    }

    #[test]
    fn too_few_calls_and_nothing_counted_are_told_apart() {
        assert_eq!(
            pool(asked(19, 30, 180), 5, 3).outlook(),
            Outlook::TooFewCalls
        );
        let uncounted = Pool {
            asked: None,
            ..pool(asked(100, 30, 180), 5, 3)
        };
        assert_eq!(uncounted.outlook(), Outlook::Uncounted);
        assert_eq!(uncounted.answered_by(5), None);
    }

    #[test]
    fn queues_of_the_same_people_ask_for_them_together() {
        let sum = together(&[asked(100, 30, 180), asked(50, 15, 240)]).unwrap();
        assert_eq!(sum.calls, 150);
        assert_eq!(sum.handling, SignedDuration::from_secs(210));
        let rate = f64::from(sum.calls) / sum.period.as_secs_f64();
        assert!((rate - 200.0 / 1800.0).abs() < 1e-9, "{sum:?}");
        let quiet = together(&[asked(0, 30, 180), asked(0, 15, 240)]).unwrap();
        assert_eq!((quiet.calls, quiet.period), (0, HALF));
    }

    #[test]
    fn those_left_answer_so_many_calls_as_promised() {
        let pool = pool(asked(100, 30, 180), 0, 14);
        // 14 agents keep the goal with 100 calls in half an hour and not with 13.
        let (most, answered) = pool.answered_by(14).unwrap();
        assert!((100..=110).contains(&most), "{most}");
        assert!((answered - 1.0).abs() < 1e-9);
        let (most, answered) = pool.answered_by(8).unwrap();
        assert!((40..=60).contains(&most), "{most}");
        assert!((answered - 0.8).abs() < 1e-9, "{answered}");
        assert_eq!(pool.answered_by(0), Some((0, 0.0)));
    }
}
