//! The only reader of the wall clock. It owns waiting too.
//!
//! [`Clock::real`] is the wall clock; [`Clock::fast`] runs plan time at a
//! multiple, from now on; [`Clock::stepped`] stands still until it is
//! stepped to the next moment that somebody waits for. Everything that waits
//! for plan time waits here; socket timeouts stay in real time.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;
use tokio::time::Instant;

use crate::signals::later;

/// Plan time, cheap to clone.
#[derive(Clone, Debug)]
pub struct Clock {
    kind: Arc<Kind>,
    work: Work,
}

#[derive(Debug)]
enum Kind {
    /// `speed` seconds of plan time pass in a second.
    Running {
        anchor: Timestamp,
        started: Instant,
        speed: u32,
    },
    Stepped {
        now: watch::Sender<Timestamp>,
        /// How many wait for each moment.
        waiting: Mutex<BTreeMap<Timestamp, usize>>,
    },
}

impl Clock {
    pub fn real() -> Self {
        Self::fast(1)
    }

    /// Plan time that runs `speed` times as fast as the wall clock, from now on.
    pub fn fast(speed: u32) -> Self {
        Self::of(Kind::Running {
            anchor: wall_clock(),
            started: Instant::now(),
            speed: speed.max(1),
        })
    }

    /// Plan time that stands still until [`Clock::step`].
    pub fn stepped(start: Timestamp) -> Self {
        Self::of(Kind::Stepped {
            now: watch::Sender::new(start),
            waiting: Mutex::default(),
        })
    }

    fn of(kind: Kind) -> Self {
        Self {
            kind: Arc::new(kind),
            work: Work::default(),
        }
    }

    /// How many seconds of plan time pass in a second; 1 on a stepped clock.
    pub fn speed(&self) -> u32 {
        match &*self.kind {
            Kind::Running { speed, .. } => *speed,
            Kind::Stepped { .. } => 1,
        }
    }

    pub fn now(&self) -> Timestamp {
        match &*self.kind {
            Kind::Running {
                anchor,
                started,
                speed,
            } => {
                let elapsed = started.elapsed().saturating_mul(*speed);
                let elapsed = SignedDuration::try_from(elapsed).unwrap_or(SignedDuration::MAX);
                later(*anchor, elapsed)
            }
            Kind::Stepped { now, .. } => *now.borrow(),
        }
    }

    /// How far the wall clock has jumped since this clock was made: it does not
    /// follow a jump. `None` where plan time is not the wall clock's.
    pub fn jumped(&self) -> Option<SignedDuration> {
        match &*self.kind {
            Kind::Running { speed: 1, .. } => Some(wall_clock().duration_since(self.now())),
            _ => None,
        }
    }

    /// Waits until plan time has reached `deadline`. Cancel safe.
    pub async fn sleep_until(&self, deadline: Timestamp) {
        match &*self.kind {
            Kind::Running { speed, .. } => {
                let left = deadline.duration_since(self.now());
                if let Ok(left) = Duration::try_from(left) {
                    tokio::time::sleep(left / *speed).await;
                }
            }
            Kind::Stepped { now, waiting } => {
                let _place = Place::take(waiting, deadline);
                let mut now = now.subscribe();
                // The sender lives as long as the clock.
                let reached = now.wait_for(|now| *now >= deadline).await.is_ok();
                debug_assert!(reached);
            }
        }
    }

    pub async fn sleep(&self, duration: SignedDuration) {
        self.sleep_until(later(self.now(), duration)).await;
    }

    /// Steps a stepped clock to the next moment that somebody waits for, and
    /// returns it; `None` where nobody waits or the clock runs by itself.
    pub fn step(&self) -> Option<Timestamp> {
        let Kind::Stepped { now, waiting } = &*self.kind else {
            return None;
        };
        let current = *now.borrow();
        let waiting = waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let next = *waiting.keys().find(|moment| **moment > current)?;
        drop(waiting);
        now.send_replace(next);
        Some(next)
    }

    /// What is under way: a stepped clock may be stepped when nothing is.
    pub fn work(&self) -> &Work {
        &self.work
    }
}

/// The wall clock itself, for what leaves the building: signatures and log lines.
#[expect(
    clippy::disallowed_methods,
    reason = "this is the one place that reads the wall clock"
)]
pub fn wall_clock() -> Timestamp {
    Timestamp::now()
}

/// One waiter's place in the list of a stepped clock.
struct Place<'a> {
    waiting: &'a Mutex<BTreeMap<Timestamp, usize>>,
    moment: Timestamp,
}

impl<'a> Place<'a> {
    fn take(waiting: &'a Mutex<BTreeMap<Timestamp, usize>>, moment: Timestamp) -> Self {
        let mut places = waiting.lock().unwrap_or_else(PoisonError::into_inner);
        *places.entry(moment).or_default() += 1;
        Self { waiting, moment }
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut places = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = places.get_mut(&self.moment) {
            *count -= 1;
            if *count == 0 {
                places.remove(&self.moment);
            }
        }
    }
}

/// Counts what is under way: a poll, an input in the inbox, a message being sent.
/// A shutdown waits for it, and so does whoever steps a clock.
#[derive(Clone, Debug)]
pub struct Work {
    count: Arc<watch::Sender<usize>>,
}

impl Default for Work {
    fn default() -> Self {
        Self {
            count: Arc::new(watch::Sender::new(0)),
        }
    }
}

impl Work {
    /// Something begins; it is over when the guard is dropped.
    pub fn begin(&self) -> Busy {
        self.count.send_modify(|count| *count += 1);
        Busy(Arc::clone(&self.count))
    }

    pub fn is_idle(&self) -> bool {
        *self.count.borrow() == 0
    }

    /// Waits until nothing is under way. Cancel safe.
    pub async fn idle(&self) {
        let mut count = self.count.subscribe();
        // The sender lives as long as this value.
        let idle = count.wait_for(|count| *count == 0).await.is_ok();
        debug_assert!(idle);
    }
}

/// Something is under way until this is dropped.
#[derive(Debug)]
pub struct Busy(Arc<watch::Sender<usize>>);

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count -= 1);
    }
}
