//! Erlang A (M/M/n+M): callers hang up when their patience ends.
//!
//! Sources: C. Palm, "Research on telephone traffic carried by full availability
//! groups", 1957; A. Mandelbaum and S. Zeltyn, "The Palm/Erlang-A Queue, with
//! Applications to Call Centers", 2005. Patience is taken as exponential.

use jiff::SignedDuration;

use crate::staffing::goal::{Goal, answered_within};
use crate::staffing::traffic::{Nonsense, Traffic, time_of_a_person};

/// What is left out of a sum, as a share of it.
const NEGLIGIBLE: f64 = 1e-17;

/// The exponent below the highest at which a density is negligible.
const NEGLIGIBLE_EXPONENT: f64 = 42.0;

/// Steps of Simpson's rule, even; 42 decay lengths in these keep 1e-10.
const STEPS: u32 = 4_000;

/// A queue from which callers hang up, in the long run: it is stable under every load.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Queue {
    /// The probability that a call finds all agents busy.
    pub waits: f64,
    /// The share of all calls offered that is answered within the target time.
    pub service_level: f64,
    /// The share of all calls offered that is hung up before an answer.
    pub abandoned: f64,
    /// The mean wait of all callers, whether answered or not, in seconds.
    pub mean_wait: f64,
    /// Callers waiting on average.
    pub waiting: f64,
}

/// The queue before `agents`, of callers whose mean patience is `patience` (1 s
/// to a day) and who are to be answered `within` (0 s to a day).
pub fn queue(
    traffic: &Traffic,
    patience: SignedDuration,
    agents: u32,
    within: SignedDuration,
) -> Result<Queue, Nonsense> {
    let line = Line::new(traffic, patience)?;
    Ok(line.queue(agents, answered_within(within)?))
}

/// The fewest agents with whom the service level is reached and no more callers
/// hang up than the goal allows.
pub fn agents_needed(
    traffic: &Traffic,
    patience: SignedDuration,
    goal: &Goal,
) -> Result<u32, Nonsense> {
    let line = Line::new(traffic, patience)?;
    let within = goal.seconds()?;
    let reached = |agents| {
        let queue = line.queue(agents, within);
        queue.service_level >= goal.service_level && queue.abandoned <= goal.abandoned
    };
    // Each agent more answers more calls and loses fewer: double, then halve.
    let mut too_few = 0;
    let mut enough = 1;
    while enough <= u32::MAX / 2 && !reached(enough) {
        too_few = enough;
        enough *= 2;
    }
    while enough - too_few > 1 {
        let between = too_few + (enough - too_few) / 2;
        if reached(between) {
            enough = between;
        } else {
            too_few = between;
        }
    }
    Ok(enough)
}

/// Rates a second of what happens in a queue.
struct Line {
    arrivals: f64,
    /// Calls that one agent ends.
    answers: f64,
    /// Hang-ups of one waiting caller.
    hang_ups: f64,
}

/// How often so many are in the line, by the one measure; and the waiting ones by theirs.
#[derive(Default)]
struct Weights {
    some_free: f64,
    all_busy: f64,
    waiting: f64,
}

impl Line {
    fn new(traffic: &Traffic, patience: SignedDuration) -> Result<Self, Nonsense> {
        Ok(Self {
            arrivals: traffic.rate(),
            answers: 1.0 / traffic.handling(),
            hang_ups: 1.0 / time_of_a_person("mean patience", patience)?,
        })
    }

    fn queue(&self, agents: u32, within: f64) -> Queue {
        if agents == 0 {
            return Queue {
                waits: 1.0,
                service_level: 0.0,
                abandoned: 1.0,
                mean_wait: 1.0 / self.hang_ups,
                waiting: self.arrivals / self.hang_ups,
            };
        }
        let agents = f64::from(agents);
        let weights = self.weights(agents);
        let all = weights.some_free + weights.all_busy;
        let waits = weights.all_busy / all;
        let waiting = weights.waiting / all;
        // Where nobody waits this would be 0 of 0, did nobody call either.
        let mean_wait = if waiting > 0.0 {
            waiting / self.arrivals
        } else {
            0.0
        };
        let answered_later = if waits > 0.0 {
            waits * self.answered(agents, within)
        } else {
            0.0
        };
        Queue {
            waits,
            service_level: weights.some_free / all + answered_later,
            abandoned: self.hang_ups * mean_wait,
            mean_wait,
            waiting,
        }
    }

    /// The chain of births and deaths, summed outwards from its likeliest state,
    /// so that no weight exceeds that of the first.
    fn weights(&self, agents: f64) -> Weights {
        let leaving = |calls: f64| {
            calls.min(agents) * self.answers + (calls - agents).max(0.0) * self.hang_ups
        };
        let spilling = self.arrivals - agents * self.answers;
        let likeliest = if spilling < 0.0 {
            (self.arrivals / self.answers).floor()
        } else {
            agents + (spilling / self.hang_ups).floor()
        };
        let mut weights = Weights::default();
        let mut calls = likeliest;
        let mut weight = 1.0;
        loop {
            weights.add(calls, agents, weight);
            calls += 1.0;
            weight *= self.arrivals / leaving(calls);
            let falling = leaving(calls) > self.arrivals;
            let little = calls > agents && weight < NEGLIGIBLE * weights.all_busy;
            if falling && (little || weight < f64::MIN_POSITIVE) {
                break;
            }
        }
        calls = likeliest;
        weight = 1.0;
        while calls > 0.0 {
            weight *= leaving(calls) / self.arrivals;
            calls -= 1.0;
            if weight < NEGLIGIBLE * (weights.some_free + weights.all_busy) {
                break;
            }
            weights.add(calls, agents, weight);
        }
        weights
    }

    /// The share of those who find all agents busy that is answered within so many seconds.
    ///
    /// The wait t of a caller who never hangs up has, given that there is one,
    /// a density in proportion to exp(a/h (1 - exp(-h t)) - n m t), with arrivals a,
    /// hang-ups h and n agents who each end m calls a second; exp(-h t) of
    /// the callers are still there. Its exponent is concave: the window in which
    /// it counts lies around its one peak.
    fn answered(&self, agents: f64, within: f64) -> f64 {
        let ended = agents * self.answers;
        let exponent = |wait: f64| {
            -(-self.hang_ups * wait).exp_m1() * self.arrivals / self.hang_ups - ended * wait
        };
        let peak = ((self.arrivals / ended).ln() / self.hang_ups).max(0.0);
        let highest = exponent(peak);
        let counts = |wait: f64| exponent(wait) > highest - NEGLIGIBLE_EXPONENT;
        let mut beyond = 1.0 / ended;
        while counts(peak + beyond) {
            beyond *= 2.0;
        }
        let latest = edge(peak, peak + beyond, counts);
        let earliest = if counts(0.0) {
            0.0
        } else {
            edge(peak, 0.0, counts)
        };
        if within <= earliest {
            return 0.0;
        }
        let all = integral(earliest, latest, |wait| (exponent(wait) - highest).exp());
        let in_time = integral(earliest, latest.min(within), |wait| {
            (exponent(wait) - highest - self.hang_ups * wait).exp()
        });
        in_time / all
    }
}

impl Weights {
    fn add(&mut self, calls: f64, agents: f64, weight: f64) {
        if calls < agents {
            self.some_free += weight;
        } else {
            self.all_busy += weight;
            self.waiting += (calls - agents) * weight;
        }
    }
}

/// Where between `inside` and `outside` that which holds inside ends; just outside.
fn edge(mut inside: f64, mut outside: f64, holds: impl Fn(f64) -> bool) -> f64 {
    for _ in 0..30 {
        let middle = f64::midpoint(inside, outside);
        if holds(middle) {
            inside = middle;
        } else {
            outside = middle;
        }
    }
    outside
}

/// Simpson's rule.
fn integral(from: f64, to: f64, density: impl Fn(f64) -> f64) -> f64 {
    let step = (to - from) / f64::from(STEPS);
    let inner: f64 = (1..STEPS)
        .map(|number| {
            let weight = if number % 2 == 1 { 4.0 } else { 2.0 };
            weight * density(from + f64::from(number) * step)
        })
        .sum();
    (density(from) + inner + density(to)) * step / 3.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::staffing::erlang_c;
    use crate::staffing::vectors::{assert_close, seconds, split, traffic};

    /// Calls an hour, handling time, patience and target in seconds, agents; then
    /// waits, service level, abandoned, mean wait, waiting. Computed with 50 digits by
    /// the sum and by the closed form of Mandelbaum and Zeltyn, which agree.
    const QUEUES: [&str; 10] = [
        "200 180 180 20 10 0.542070285528148 0.5869799802866 0.125110035721133 22.519806429804 1.25110035721133",
        "200 180 120 20 14 0.126976340079795 0.9327295806981 0.0228392865318188 2.74071438381825 0.152261910212125",
        "200 180 120 20 8 0.722626463338783 0.4032130273802 0.257982381287758 30.957885754531 1.71988254191839",
        "1000 300 60 20 80 0.425895851191486 0.8488582596716 0.0839872787436791 5.03923672462075 1.39978797906132",
        "60 180 300 20 2 0.857849336540235 0.1783564795177 0.392562776441569 117.768832932471 1.96281388220784",
        "36000 100 120 20 1000 0.526784661084677 0.9879598725297 0.0120401184453838 1.44481421344605 14.4481421344605",
        "12000 300 300 20 950 0.945793326110981 0.6542510393941 0.0507378044185384 15.2213413255615 50.7378044185384",
        "2400 60 60 20 50 0.070335066659395 0.9953187637718 0.00455000527594657 0.273000316556794 0.182000211037863",
        "11 180 600 20 1 0.47179371775565 0.5591669716313 0.142193240444274 85.3159442665642 0.260687607481168",
        "80000 225 180 20 4800 0.994543243918209 0.9599694881755 0.040022891126849 7.20412040283282 160.091564507396",
    ];

    fn goal(service_level: f64, abandoned: f64) -> Goal {
        Goal {
            within: seconds(20),
            service_level,
            abandoned,
        }
    }

    fn before(traffic: &Traffic, patience: i64, agents: u32, within: i64) -> Queue {
        queue(traffic, seconds(patience), agents, seconds(within)).expect("it is sensible")
    }

    #[test]
    fn every_queue_is_as_computed_with_fifty_digits() {
        for row in QUEUES {
            let ([calls, handling, patience, within, agents], wanted) = split(row);
            let traffic = traffic(calls, handling.into());
            let queue = before(&traffic, patience.into(), agents, within.into());
            let given = [
                queue.waits,
                queue.service_level,
                queue.abandoned,
                queue.mean_wait,
                queue.waiting,
            ];
            assert_eq!(given.len(), wanted.len());
            for (given, wanted) in given.into_iter().zip(wanted) {
                assert_close(given, wanted, row);
            }
        }
    }

    #[test]
    fn with_patience_as_long_as_a_call_the_line_is_poisson() {
        for (calls, handling) in [(60, 180), (200, 180), (1000, 300)] {
            let traffic = traffic(calls, handling);
            let mut chance = (-traffic.erlangs()).exp();
            let mut fewer = 0.0;
            for agents in 1..=120 {
                fewer += chance;
                chance *= traffic.erlangs() / f64::from(agents);
                let waits = before(&traffic, handling, agents, 20).waits;
                assert!((waits - (1.0 - fewer)).abs() < 1e-12, "{calls}, {agents}");
            }
        }
    }

    #[test]
    fn who_does_not_hang_up_is_answered_in_the_end() {
        for row in QUEUES {
            let ([calls, handling, patience, _, agents], _) = split(row);
            let traffic = traffic(calls, handling.into());
            let queue = before(&traffic, patience.into(), agents, 86_400);
            assert_close(queue.service_level + queue.abandoned, 1.0, row);
        }
    }

    #[test]
    fn each_agent_more_answers_more_calls_in_time_and_loses_fewer() {
        for (calls, handling, patience, most) in [
            (11, 180, 600, 10),
            (200, 180, 120, 40),
            (1000, 300, 60, 150),
            (80_000, 225, 180, 5_500),
        ] {
            let traffic = traffic(calls, handling);
            let queues: Vec<Queue> = (0..=most)
                .step_by(if calls == 80_000 { 500 } else { 1 })
                .map(|agents| before(&traffic, patience, agents, 20))
                .collect();
            for pair in queues.windows(2) {
                let (fewer, more) = (pair[0], pair[1]);
                assert!(more.service_level >= fewer.service_level - 1e-10);
                assert!(more.abandoned <= fewer.abandoned + 1e-15);
                assert!(more.waits <= fewer.waits + 1e-15);
                assert!((0.0..=1.0 + 1e-10).contains(&more.service_level));
            }
            assert_close(queues[queues.len() - 1].service_level, 1.0, "all agents");
        }
    }

    /// Above 99.99 % this turns by less than 1e-6: who hangs up at once is not answered.
    #[test]
    fn callers_who_hang_up_leave_more_to_be_answered_in_time() {
        for (calls, handling, patience) in [(200, 180, 120), (1000, 300, 60), (60, 180, 3600)] {
            let traffic = traffic(calls, handling);
            for agents in 1..=95 {
                let with = before(&traffic, patience, agents, 20);
                let (level, waits) = erlang_c::queue(&traffic, agents, seconds(20))
                    .expect("it is sensible")
                    .map_or((0.0, 1.0), |queue| (queue.service_level, queue.waits));
                assert!(with.waits <= waits, "{calls}, {agents}: {with:?}");
                let more = if level < 0.9999 { 0.0 } else { -1e-6 };
                assert!(
                    with.service_level - level > more,
                    "{calls}, {agents}: {with:?}"
                );
            }
        }
    }

    #[test]
    fn callers_of_endless_patience_are_those_of_erlang_c() {
        let traffic = traffic(200, 180);
        let patient = before(&traffic, 86_400, 14, 20);
        let queue = erlang_c::queue(&traffic, 14, seconds(20))
            .expect("it is sensible")
            .expect("it is stable");
        assert!((patient.service_level - queue.service_level).abs() < 1e-3);
        assert!((patient.waits - queue.waits).abs() < 1e-3);
    }

    #[test]
    fn the_fewest_agents_by_service_level_alone_lose_a_tenth_of_the_callers() {
        for (calls, handling, patience, wanted) in [
            (200, 180, 120, 12),
            (1000, 300, 60, 78),
            (36_000, 100, 120, 882),
            (100, 240, 180, 9),
        ] {
            let traffic = traffic(calls, handling);
            let patience = seconds(patience);
            let uncapped = agents_needed(&traffic, patience, &goal(0.8, 0.99));
            assert_eq!(uncapped, Ok(wanted), "{calls} calls an hour");
        }
        assert!(before(&traffic(36_000, 100), 120, 882, 20).abandoned > 0.1);
    }

    #[test]
    fn the_cap_on_abandoned_calls_asks_for_more_agents() {
        let traffic = traffic(1000, 300);
        let agents = agents_needed(&traffic, seconds(60), &goal(0.8, 0.05)).expect("it ends");
        assert!(agents > 78, "{agents}");
        assert!(before(&traffic, 60, agents, 20).abandoned <= 0.05);
        assert!(before(&traffic, 60, agents - 1, 20).abandoned > 0.05);
    }

    #[test]
    fn the_heaviest_overload_loses_what_the_agents_cannot_take() {
        for agents in [1, 100, 4_000] {
            let queue = before(&traffic(80_000, 225), 180, agents, 20);
            let lost = 1.0 - f64::from(agents) / 5_000.0;
            assert_close(queue.abandoned, lost, "abandoned");
            assert!(queue.service_level < 1e-6 && queue.waits > 1.0 - 1e-12);
        }
        // Half the agents wanted: who is answered at all has waited about 125 s.
        let (early, late) = (
            before(&traffic(80_000, 225), 180, 2_500, 115).service_level,
            before(&traffic(80_000, 225), 180, 2_500, 135).service_level,
        );
        assert!(early < 0.01 && late > 0.49, "{early}, {late}");
    }

    #[test]
    fn without_agents_all_hang_up_and_without_calls_nobody_does() {
        let nobody = before(&traffic(200, 180), 120, 0, 20);
        assert_eq!((nobody.service_level, nobody.abandoned), (0.0, 1.0));
        let quiet = before(&traffic(0, 180), 120, 1, 20);
        assert_eq!((quiet.service_level, quiet.abandoned), (1.0, 0.0));
        let idle = before(&traffic(200, 180), 120, u32::MAX, 20);
        assert_eq!((idle.service_level, idle.abandoned), (1.0, 0.0));
    }

    #[test]
    fn the_largest_traffic_and_the_longest_patience_still_end() {
        let traffic = Traffic::new(100_000, seconds(1), seconds(1)).expect("it is sensible");
        let queue = before(&traffic, 86_400, 99_000, 20);
        assert!((queue.abandoned - 0.01).abs() < 1e-6, "{queue:?}");
        assert!((0.0..=1.0).contains(&queue.service_level));
    }

    #[test]
    fn a_patience_that_cannot_be_meant_is_refused() {
        for patience in [-1, 0, 86_401] {
            let needed = agents_needed(&traffic(200, 180), seconds(patience), &goal(0.8, 0.05));
            assert!(needed.is_err(), "{patience}");
        }
        for abandoned in [0.0, 1.0, f64::NAN] {
            let needed = agents_needed(&traffic(200, 180), seconds(120), &goal(0.8, abandoned));
            assert!(needed.is_err(), "{abandoned}");
        }
        assert!(queue(&traffic(200, 180), seconds(120), 14, seconds(-1)).is_err());
    }
}
