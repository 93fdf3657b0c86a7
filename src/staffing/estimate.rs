//! What a supervisor is told: how many agents to call in, and what they bring.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::staffing::goal::Goal;
use crate::staffing::traffic::{Nonsense, Traffic, seconds};
use crate::staffing::{erlang_a, erlang_c};

/// With fewer calls counted the rate is mostly chance: of 20 calls, two in three
/// counts lie within 4 or 5 of the mean (the deviation of a Poisson count is its root).
pub const FEWEST_CALLS: u32 = 20;

/// The longest period, in minutes, whose count stands for the rate of now.
pub const LONGEST_COUNT_MINUTES: i64 = 30;

/// What callers ask for and what is promised to them.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Demand {
    /// Calls that joined within `period`, whether or not they were answered.
    pub calls: u32,
    /// How long they were counted: 1 s to half an hour.
    pub period: SignedDuration,
    /// Mean handling time, wrap-up included: 1 s to a day.
    pub handling: SignedDuration,
    /// How long a caller waits on average before hanging up, where it is known: 1 s to a day.
    pub patience: Option<SignedDuration>,
    pub goal: Goal,
}

/// What follows from a demand.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Estimate {
    /// Fewer than [`FEWEST_CALLS`] were counted, in half an hour or less.
    TooFewCalls {
        counted: u32,
    },
    Need(Need),
}

/// The agents needed to keep the goal.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Need {
    /// The offered load in Erlang.
    pub erlangs: f64,
    /// The fewest agents: by Erlang C where no patience is known, by Erlang A
    /// with the cap on abandoned calls where it is.
    pub agents: u32,
    /// With as many agents as needed, and one, two and three more.
    pub outlooks: [Outlook; 4],
}

/// What so many agents bring.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outlook {
    pub agents: u32,
    /// The share of all calls offered that is answered in time.
    pub service_level: f64,
    /// The share of callers who hang up, where their patience is known.
    pub abandoned: Option<f64>,
}

/// When a backlog is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Clearing {
    After(SignedDuration),
    /// The agents are no more than the Erlangs: calls come as fast as they are answered.
    Never,
}

impl Demand {
    /// How many agents are needed, or that too few calls were counted to say.
    /// The threshold is the count itself: 15 calls in 15 minutes are too few.
    pub fn estimate(&self) -> Result<Estimate, Nonsense> {
        let traffic = self.traffic()?;
        let agents = match self.patience {
            None => erlang_c::agents_needed(&traffic, &self.goal)?,
            Some(patience) => erlang_a::agents_needed(&traffic, patience, &self.goal)?,
        };
        if self.calls < FEWEST_CALLS {
            return Ok(Estimate::TooFewCalls {
                counted: self.calls,
            });
        }
        Ok(Estimate::Need(Need {
            erlangs: traffic.erlangs(),
            agents,
            outlooks: [
                self.outlook(agents)?,
                self.outlook(agents + 1)?,
                self.outlook(agents + 2)?,
                self.outlook(agents + 3)?,
            ],
        }))
    }

    /// What `agents` bring, be they too few: by Erlang C nobody is then answered
    /// in time, since the queue grows without limit.
    pub fn outlook(&self, agents: u32) -> Result<Outlook, Nonsense> {
        let traffic = self.traffic()?;
        let within = self.goal.within;
        let (service_level, abandoned) = match self.patience {
            None => {
                let queue = erlang_c::queue(&traffic, agents, within)?;
                (queue.map_or(0.0, |queue| queue.service_level), None)
            }
            Some(patience) => {
                let queue = erlang_a::queue(&traffic, patience, agents, within)?;
                (queue.service_level, Some(queue.abandoned))
            }
        };
        Ok(Outlook {
            agents,
            service_level,
            abandoned,
        })
    }

    /// When `agents` have answered a backlog of so many calls beside those that
    /// still come, if nobody hangs up: calls x handling time / (agents - Erlangs).
    pub fn clearing(&self, backlog: u32, agents: u32) -> Result<Clearing, Nonsense> {
        let traffic = self.traffic()?;
        let spare = f64::from(agents) - traffic.erlangs();
        if spare <= 0.0 {
            return Ok(Clearing::Never);
        }
        let seconds = f64::from(backlog) * traffic.handling() / spare;
        // What is longer than any duration is never, too.
        Ok(SignedDuration::try_from_secs_f64(seconds).map_or(Clearing::Never, Clearing::After))
    }

    fn traffic(&self) -> Result<Traffic, Nonsense> {
        let sensible =
            SignedDuration::from_secs(1)..=SignedDuration::from_mins(LONGEST_COUNT_MINUTES);
        seconds("period of counting", self.period, sensible)?;
        Traffic::new(self.calls, self.period, self.handling)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 100 calls of 3 minutes in half an hour: 10 Erlang.
    fn demand() -> Demand {
        Demand {
            calls: 100,
            period: SignedDuration::from_mins(30),
            handling: SignedDuration::from_secs(180),
            patience: None,
            goal: Goal {
                within: SignedDuration::from_secs(20),
                service_level: 0.8,
                abandoned: 0.05,
            },
        }
    }

    fn need(demand: &Demand) -> Need {
        match demand.estimate() {
            Ok(Estimate::Need(need)) => need,
            other => panic!("{other:?} is no need"),
        }
    }

    #[test]
    fn a_supervisor_sees_what_one_two_and_three_agents_more_bring() {
        let need = need(&demand());
        assert_eq!((need.erlangs, need.agents), (10.0, 14));
        assert_eq!(
            need.outlooks.map(|outlook| outlook.agents),
            [14, 15, 16, 17]
        );
        let levels = need.outlooks.map(|outlook| outlook.service_level);
        assert!((levels[0] - 0.888_350_019_179_466_9).abs() < 1e-12);
        assert!(levels.is_sorted() && levels[3] < 1.0);
        assert_eq!(need.outlooks[0].abandoned, None);
    }

    #[test]
    fn where_patience_is_known_lost_callers_are_capped_too() {
        let patient = Demand {
            patience: Some(SignedDuration::from_secs(120)),
            ..demand()
        };
        let need = need(&patient);
        let lost = |agents| {
            let outlook = patient.outlook(agents).expect("it is sensible");
            outlook.abandoned.expect("patience is known")
        };
        // The service level alone asks for 12, and loses every sixteenth caller.
        assert_eq!(need.agents, 13);
        assert!(lost(12) > 0.05 && lost(13) <= 0.05);
        assert_eq!(need.outlooks[0].abandoned, Some(lost(13)));
        assert!(patient.outlook(12).expect("it is sensible").service_level >= 0.8);
    }

    #[test]
    fn fewer_than_twenty_calls_in_half_an_hour_are_too_few_to_estimate() {
        let with = |calls| Demand { calls, ..demand() }.estimate();
        assert_eq!(with(0), Ok(Estimate::TooFewCalls { counted: 0 }));
        assert_eq!(with(19), Ok(Estimate::TooFewCalls { counted: 19 }));
        assert!(matches!(with(20), Ok(Estimate::Need(_))));
    }

    #[test]
    fn a_shorter_count_is_not_scaled_up() {
        let quarter = Demand {
            calls: 19,
            period: SignedDuration::from_mins(15),
            ..demand()
        };
        assert_eq!(
            quarter.estimate(),
            Ok(Estimate::TooFewCalls { counted: 19 })
        );
    }

    #[test]
    fn a_backlog_is_cleared_by_the_agents_to_spare() {
        let cleared = |agents| demand().clearing(30, agents);
        let after = |seconds| Ok(Clearing::After(SignedDuration::from_secs(seconds)));
        assert_eq!(cleared(13), after(1800));
        assert_eq!(cleared(16), after(900));
        assert_eq!(demand().clearing(0, 13), after(0));
    }

    #[test]
    fn a_backlog_is_never_cleared_by_no_more_agents_than_erlangs() {
        for agents in 0..=10 {
            assert_eq!(demand().clearing(30, agents), Ok(Clearing::Never));
        }
        let outlook = demand().outlook(10).expect("it is sensible");
        assert!(outlook.service_level <= 0.0);
    }

    #[test]
    fn nonsense_is_refused_with_its_mend_however_few_the_calls() {
        let minute = SignedDuration::from_mins(1);
        let zero = SignedDuration::ZERO;
        let goal = demand().goal;
        for calls in [3, 100] {
            let demand = Demand { calls, ..demand() };
            for nonsense in [
                Demand {
                    handling: zero,
                    ..demand
                },
                Demand {
                    handling: -minute,
                    ..demand
                },
                Demand {
                    handling: SignedDuration::MAX,
                    ..demand
                },
                Demand {
                    period: zero,
                    ..demand
                },
                Demand {
                    period: -minute,
                    ..demand
                },
                Demand {
                    period: minute * 31,
                    ..demand
                },
                Demand {
                    patience: Some(zero),
                    ..demand
                },
                Demand {
                    patience: Some(-minute),
                    ..demand
                },
                Demand {
                    goal: Goal {
                        within: -minute,
                        ..goal
                    },
                    ..demand
                },
                Demand {
                    goal: Goal {
                        service_level: f64::NAN,
                        ..goal
                    },
                    ..demand
                },
                Demand {
                    goal: Goal {
                        service_level: 1.0,
                        ..goal
                    },
                    ..demand
                },
                Demand {
                    goal: Goal {
                        abandoned: -0.1,
                        ..goal
                    },
                    ..demand
                },
            ] {
                assert!(nonsense.estimate().is_err(), "{nonsense:?}");
            }
        }
        let handling = Demand {
            handling: zero,
            ..demand()
        };
        assert_eq!(
            handling.clearing(1, 1).expect_err("nonsense").to_string(),
            "the mean handling time of 0 s makes no sense: give 1 to 86400 s"
        );
    }

    #[test]
    fn more_traffic_than_any_centre_has_is_refused() {
        let flood = Demand {
            calls: u32::MAX,
            ..demand()
        };
        assert!(matches!(flood.estimate(), Err(Nonsense::TooMuch { .. })));
    }
}
