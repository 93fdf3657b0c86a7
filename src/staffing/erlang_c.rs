//! Erlang C (M/M/n): callers wait as long as it takes.
//!
//! Source: A. K. Erlang, "Solution of some problems in the theory of
//! probabilities of significance in automatic telephone exchanges", 1917.

use jiff::SignedDuration;

use crate::staffing::goal::{Goal, answered_within};
use crate::staffing::traffic::{Nonsense, Traffic};

/// A queue in which nobody hangs up, in the long run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Queue {
    /// The probability that a call has to wait.
    pub waits: f64,
    /// The share of calls answered within the target time.
    pub service_level: f64,
    /// The mean time to answer, of all calls, in seconds.
    pub mean_wait: f64,
    /// Callers waiting on average.
    pub waiting: f64,
    /// The share of their time that agents talk.
    pub occupancy: f64,
}

/// The queue before `agents`, of which calls are to be answered `within` (0 s to
/// a day); `None` where it grows without limit, with no more agents than Erlangs.
pub fn queue(
    traffic: &Traffic,
    agents: u32,
    within: SignedDuration,
) -> Result<Option<Queue>, Nonsense> {
    let within = answered_within(within)?;
    Ok(after(traffic, agents, traffic.blocked(agents), within))
}

/// The fewest agents with whom the service level is reached.
pub fn agents_needed(traffic: &Traffic, goal: &Goal) -> Result<u32, Nonsense> {
    let within = goal.seconds()?;
    let mut blocked = 1.0;
    let mut agents = 0;
    loop {
        agents += 1;
        blocked = traffic.blocked_with(agents, blocked);
        // Ends: `blocked` falls to 0 before twice the Erlangs, and then nobody waits.
        if after(traffic, agents, blocked, within)
            .is_some_and(|queue| queue.service_level >= goal.service_level)
        {
            return Ok(agents);
        }
    }
}

fn after(traffic: &Traffic, agents: u32, blocked: f64, within: f64) -> Option<Queue> {
    let erlangs = traffic.erlangs();
    let agents = f64::from(agents);
    let spare = agents - erlangs;
    if spare <= 0.0 {
        return None;
    }
    let occupancy = erlangs / agents;
    let waits = blocked / (1.0 - occupancy * (1.0 - blocked));
    Some(Queue {
        waits,
        service_level: 1.0 - waits * (-spare * within / traffic.handling()).exp(),
        mean_wait: waits * traffic.handling() / spare,
        waiting: waits * erlangs / spare,
        occupancy,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::staffing::vectors::{assert_close, seconds, split, traffic};

    /// Calls an hour, handling time and target in seconds, agents; then Erlangs,
    /// blocked, waits, service level, mean wait, waiting, occupancy. Computed with
    /// 60 digits by two formulas that agree.
    const QUEUES: [&str; 14] = [
        "200 180 20 14 10.0 0.056819143386520859 0.17413193359504984 0.88835001917946688 7.8359370117772429 0.43532983398762461 0.71428571428571429",
        "200 180 20 13 10.0 0.084338862672366486 0.28527045303649294 0.79559478841778312 17.116227182189576 0.95090151012164312 0.76923076923076923",
        "200 180 20 11 10.0 0.16323233324443396 0.68211820468933237 0.38961381172915338 122.78127684407983 6.8211820468933237 0.90909090909090909",
        "100 240 20 8 6.6666666666666667 0.15965109020560797 0.53268657725242807 0.52333110713525226 95.883583905437053 2.6634328862621404 0.83333333333333333",
        "360 240 15 28 24.0 0.066612133919220268 0.33313852799272288 0.74055145352801229 19.988311679563373 1.9988311679563373 0.85714285714285714",
        "1000 300 20 90 83.333333333333333 0.041227340146832369 0.36728948523203572 0.76450118519268527 16.528026835441607 4.5911185654004465 0.92592592592592593",
        "60 180 20 4 3.0 0.20610687022900763 0.50943396226415094 0.54413846124550974 91.69811320754717 1.5283018867924528 0.75",
        "12 300 30 2 1.0 0.2 0.33333333333333333 0.69838752732134681 100.0 0.33333333333333333 0.5",
        "36000 100 20 1020 1000.0 0.013789386044704441 0.41626011632735362 0.99237593002556571 2.0813005816367681 20.813005816367681 0.9803921568627451",
        "36000 100 20 1001 1000.0 0.024187589575966434 0.96125820585249106 0.21298834522000029 96.125820585249106 961.25820585249106 0.999000999000999",
        "12000 300 20 1050 1000.0 0.0038131359845401547 0.074401774037428377 0.997345791607965 0.44641064422457026 1.4880354807485675 0.95238095238095238",
        "3600 180 20 196 180.0 0.016046282769465366 0.16650869998599759 0.97185781257141256 1.8732228748424729 1.8732228748424729 0.91836734693877551",
        "11 180 20 1 0.55 0.35483870967741935 0.55 0.47682381652460729 220.0 0.67222222222222222 0.55",
        "80000 225 20 5050 5000.0 0.0057363258914358423 0.36817292615319385 0.99567631394732253 1.6567781676893723 36.817292615319385 0.9900990099009901",
    ];

    /// Calls an hour, handling time and target in seconds, service level; agents needed.
    const NEEDS: [(u32, i64, i64, f64, u32); 12] = [
        (200, 180, 20, 0.8, 14),
        (200, 180, 20, 0.9, 15),
        (100, 240, 20, 0.8, 10),
        (1000, 300, 20, 0.8, 91),
        (36_000, 100, 20, 0.8, 1007),
        (36_000, 100, 20, 0.95, 1013),
        (60, 180, 20, 0.8, 5),
        (1, 180, 20, 0.8, 1),
        (360, 240, 15, 0.8, 29),
        (12_000, 300, 20, 0.8, 1015),
        (3600, 180, 20, 0.8, 188),
        (80_000, 225, 20, 0.8, 5016),
    ];

    fn goal(within: i64, service_level: f64) -> Goal {
        Goal {
            within: seconds(within),
            service_level,
            abandoned: 0.05,
        }
    }

    fn stable(traffic: &Traffic, agents: u32, within: i64) -> Queue {
        queue(traffic, agents, seconds(within))
            .expect("it is sensible")
            .expect("it is stable")
    }

    #[test]
    fn every_queue_is_as_computed_with_sixty_digits() {
        for row in QUEUES {
            let ([calls, handling, within, agents], wanted) = split(row);
            let traffic = traffic(calls, handling.into());
            let queue = stable(&traffic, agents, within.into());
            let given = [
                traffic.erlangs(),
                traffic.blocked(agents),
                queue.waits,
                queue.service_level,
                queue.mean_wait,
                queue.waiting,
                queue.occupancy,
            ];
            assert_eq!(given.len(), wanted.len());
            for (given, wanted) in given.into_iter().zip(wanted) {
                assert_close(given, wanted, row);
            }
        }
    }

    #[test]
    fn the_fewest_agents_are_found() {
        for (calls, handling, within, service_level, wanted) in NEEDS {
            assert_eq!(
                agents_needed(&traffic(calls, handling), &goal(within, service_level)),
                Ok(wanted),
                "{calls} calls an hour of {handling} s"
            );
        }
    }

    #[test]
    fn at_five_thousand_erlangs_one_agent_decides() {
        let traffic = traffic(80_000, 225);
        assert!(stable(&traffic, 5015, 20).service_level < 0.8);
        assert!(stable(&traffic, 5016, 20).service_level >= 0.8);
        assert_eq!(agents_needed(&traffic, &goal(20, 0.8)), Ok(5016));
    }

    #[test]
    fn a_queue_with_no_more_agents_than_erlangs_grows_without_limit() {
        let traffic = traffic(200, 180);
        for agents in 0..=10 {
            assert_eq!(queue(&traffic, agents, seconds(20)), Ok(None), "{agents}");
        }
        assert!(stable(&traffic, 11, 20).service_level > 0.0);
    }

    #[test]
    fn each_agent_more_answers_more_calls_in_time() {
        for (calls, handling) in [(1, 180), (200, 180), (1000, 300), (80_000, 225)] {
            let traffic = traffic(calls, handling);
            let levels: Vec<f64> = (1..=6_000)
                .step_by(if calls == 80_000 { 100 } else { 1 })
                .filter_map(|agents| queue(&traffic, agents, seconds(20)).expect("it is sensible"))
                .map(|queue| queue.service_level)
                .collect();
            assert!(levels.len() > 9);
            assert!(levels.is_sorted() && levels.iter().all(|level| (0.0..=1.0).contains(level)));
            assert_close(*levels.last().expect("there are some"), 1.0, "all agents");
        }
    }

    #[test]
    fn one_agent_makes_all_wait_who_find_one_talking() {
        assert_close(stable(&traffic(11, 180), 1, 20).waits, 0.55, "M/M/1");
    }

    #[test]
    fn far_more_agents_than_calls_let_nobody_wait_and_are_judged_at_once() {
        let queue = stable(&traffic(200, 180), u32::MAX, 20);
        assert_eq!((queue.waits, queue.service_level), (0.0, 1.0));
        assert!(stable(&traffic(0, 180), 1, 20).service_level >= 1.0);
        assert_eq!(agents_needed(&traffic(0, 180), &goal(20, 0.8)), Ok(1));
    }

    #[test]
    fn the_largest_traffic_and_the_highest_goal_still_end() {
        let traffic = traffic(1_000_000, 360);
        let agents = agents_needed(&traffic, &goal(0, 1.0 - f64::EPSILON)).expect("it ends");
        assert!((101_000..110_000).contains(&agents), "{agents}");
    }

    #[test]
    fn a_goal_that_cannot_be_meant_is_refused() {
        for (within, service_level) in [
            (-1, 0.8),
            (86_401, 0.8),
            (20, 0.0),
            (20, 1.0),
            (20, -0.1),
            (20, f64::NAN),
            (20, f64::INFINITY),
        ] {
            let needed = agents_needed(&traffic(200, 180), &goal(within, service_level));
            assert!(needed.is_err(), "{within} s, {service_level}");
        }
        assert!(queue(&traffic(200, 180), 14, seconds(-1)).is_err());
    }
}
