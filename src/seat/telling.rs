//! When the daemon is told what this PC is like: at once when something has changed, but
//! every ten seconds at most, and every minute when nothing has.

use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

use crate::health::{Health, differs};

const CHANGING: Duration = Duration::from_secs(10);
const CALM: Duration = Duration::from_secs(60);

/// What was seen, and what was told of it.
pub(super) struct Telling {
    seen_rx: watch::Receiver<Option<Arc<Health>>>,
    pace: Pace,
}

impl Telling {
    pub(super) fn new(seen_rx: watch::Receiver<Option<Arc<Health>>>) -> Self {
        Self {
            seen_rx,
            pace: Pace::default(),
        }
    }

    /// Whoever listens now has heard nothing.
    pub(super) fn begin(&mut self) {
        self.pace = Pace::default();
    }

    /// Waits until something is to be told; it counts as told. May be dropped and called again.
    pub(super) async fn next(&mut self) -> Arc<Health> {
        loop {
            let seen = self.seen_rx.borrow_and_update().clone();
            let now = Instant::now();
            let due = seen.map(|seen| (self.pace.due(now, &seen), seen));
            let wait = match due {
                Some((due, seen)) if due <= now => {
                    self.pace.tell(now, Arc::clone(&seen));
                    return seen;
                }
                Some((due, _)) => Some(due),
                None => None,
            };
            let until = async {
                match wait {
                    Some(due) => sleep_until(due).await,
                    None => pending().await,
                }
            };
            tokio::select! {
                // Where nobody looks any more there is nothing new.
                Ok(()) = self.seen_rx.changed() => {}
                () = until => {}
            }
        }
    }
}

/// What was told, and when.
#[derive(Default)]
struct Pace(Option<(Instant, Arc<Health>)>);

impl Pace {
    /// When what is seen now is to be told.
    fn due(&self, now: Instant, seen: &Health) -> Instant {
        match &self.0 {
            None => now,
            Some((at, told)) if differs(told, seen) => *at + CHANGING,
            Some((at, _)) => *at + CALM,
        }
    }

    fn tell(&mut self, now: Instant, told: Arc<Health>) {
        self.0 = Some((now, told));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::health::Headset;

    fn pc(cpu: f64, muted: bool) -> Arc<Health> {
        Arc::new(Health {
            cpu_percent: Some(cpu),
            headset: Some(Headset {
                present: true,
                muted: Some(muted),
                ..Headset::default()
            }),
            ..Health::default()
        })
    }

    /// In which seconds frames go out, while every second something is seen.
    fn told(pace: &mut Pace, seconds: u64, see: impl Fn(u64) -> Arc<Health>) -> Vec<u64> {
        let begin = Instant::now();
        let frames = (0..seconds).filter(|second| {
            let now = begin + Duration::from_secs(*second);
            let seen = see(*second);
            let due = pace.due(now, &seen) <= now;
            if due {
                pace.tell(now, seen);
            }
            due
        });
        frames.collect()
    }

    #[test]
    fn a_calm_seat_tells_once_a_minute_and_a_restless_one_every_ten_seconds() {
        // The load wavers a little, as it does.
        let calm = |second: u64| pc(if second % 7 < 3 { 10.0 } else { 24.0 }, false);
        let frames = told(&mut Pace::default(), 3600, calm);
        assert_eq!(frames.len(), 60);
        let restless = |second: u64| pc(10.0, second.is_multiple_of(2));
        let frames = told(&mut Pace::default(), 3600, restless);
        assert!(frames.windows(2).all(|pair| pair[1] - pair[0] >= 10));
        assert!(frames.len() <= 360, "{}", frames.len());
    }

    #[test]
    fn a_change_is_told_at_once_and_the_next_waits_and_is_not_forgotten() {
        let muted_at = |second: u64| pc(5.0, second == 30 || second >= 33);
        let frames = told(&mut Pace::default(), 60, muted_at);
        assert_eq!(frames, [0, 30]);
        let muted_at = |second: u64| pc(5.0, (30..33).contains(&second));
        let frames = told(&mut Pace::default(), 101, muted_at);
        assert_eq!(frames, [0, 30, 40, 100]);
    }

    #[tokio::test]
    async fn whoever_listens_anew_hears_all_and_what_changed_comes_by_itself() {
        let (seen_tx, seen_rx) = watch::channel(None);
        let mut telling = Telling::new(seen_rx);
        let (told, _) = tokio::join!(telling.next(), async { seen_tx.send(Some(pc(5.0, false))) });
        assert_eq!(told, pc(5.0, false));
        telling.begin();
        assert_eq!(telling.next().await, pc(5.0, false));
        telling.begin();
        drop(seen_tx);
        assert_eq!(telling.next().await, pc(5.0, false));
    }
}
