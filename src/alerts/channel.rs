//! One channel's worker: one message in flight, those of an incident in order.
//!
//! Where messages are texts for people, those that were held back, or that are more
//! than the receiver takes just now, go as one.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry as Slot;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;

use crate::alerts::attempt::{Attempt, wait_after};
use crate::alerts::budget::Budget;
use crate::clock::Clock;
use crate::inbox::{Closed, Inbox};
use crate::incidents::{Due, IncidentId, Input, Notice, Outcome, OwedId};
use crate::signals::later;

/// What one message takes up among others, in bytes.
type Size = Box<dyn Fn(&Due) -> usize + Send + Sync>;

/// Brings what one channel is owed.
pub(crate) struct Worker {
    channel: String,
    due_rx: watch::Receiver<Arc<Vec<Due>>>,
    inbox: Inbox,
    clock: Clock,
    letters: BTreeMap<OwedId, Letter>,
    /// The receiver has asked to be left alone until then.
    quiet_until: Timestamp,
    budget: Budget,
    /// How much goes into one message of several; absent where each goes by itself.
    combined: Option<(usize, Size)>,
    /// What goes by the clock waits so much longer.
    off_the_hour: SignedDuration,
}

/// A message on its way.
struct Letter {
    /// As it was when it was first due, so that every attempt says the same.
    due: Arc<Due>,
    failures: usize,
    not_before: Timestamp,
    /// One of several that were refused together: it goes by itself.
    alone: bool,
    /// The Board has been told; it is about to leave the outbox.
    reported: bool,
}

/// What there is to do.
enum Next {
    Send(Vec<OwedId>),
    WaitUntil(Timestamp),
    Nothing,
}

impl Worker {
    pub(crate) fn new(
        channel: String,
        due_rx: watch::Receiver<Arc<Vec<Due>>>,
        inbox: Inbox,
        clock: Clock,
    ) -> Self {
        Self {
            channel,
            due_rx,
            inbox,
            clock,
            letters: BTreeMap::new(),
            quiet_until: Timestamp::MIN,
            budget: Budget::default(),
            combined: None,
            off_the_hour: SignedDuration::ZERO,
        }
    }

    /// The receiver takes no more than the budget has.
    pub(crate) fn within(self, budget: Budget) -> Self {
        Self { budget, ..self }
    }

    /// Several may go as one, up to so many bytes.
    pub(crate) fn combining(self, most: usize, size: Size) -> Self {
        let combined = Some((most, size));
        Self { combined, ..self }
    }

    /// Reminders and what was held back go so much later than the clock has it.
    pub(crate) fn off_the_hour(self, off_the_hour: SignedDuration) -> Self {
        Self {
            off_the_hour,
            ..self
        }
    }

    /// Runs until nobody fills the outbox or empties the inbox any more.
    pub(crate) async fn run<S, F>(mut self, send: S)
    where
        S: Fn(Vec<Arc<Due>>) -> F,
        F: Future<Output = Attempt>,
    {
        loop {
            self.sort();
            let ended = match self.next() {
                Next::Send(owed) => self.attempt(&owed, &send).await.is_err(),
                Next::WaitUntil(moment) => tokio::select! {
                    changed = self.due_rx.changed() => changed.is_err(),
                    () = self.clock.sleep_until(moment) => false,
                },
                Next::Nothing => self.due_rx.changed().await.is_err(),
            };
            if ended {
                return;
            }
        }
    }

    /// Takes what is new in the outbox, and drops what has left it.
    fn sort(&mut self) {
        let outbox = Arc::clone(&self.due_rx.borrow_and_update());
        let mut kept = std::mem::take(&mut self.letters);
        for due in outbox.iter().filter(|due| due.channel == self.channel) {
            let letter = kept.remove(&due.owed).unwrap_or_else(|| {
                let by_the_clock =
                    due.digest || matches!(due.message.notice, Notice::Reminded | Notice::Digest);
                let not_before = if by_the_clock && self.off_the_hour > SignedDuration::ZERO {
                    later(self.clock.now(), self.off_the_hour)
                } else {
                    Timestamp::MIN
                };
                Letter {
                    due: Arc::new(due.clone()),
                    failures: 0,
                    not_before,
                    alone: false,
                    reported: false,
                }
            });
            self.letters.insert(due.owed, letter);
        }
    }

    /// The oldest message of each incident may go; the others wait behind it.
    fn next(&self) -> Next {
        let mut first: BTreeMap<IncidentId, OwedId> = BTreeMap::new();
        for (owed, letter) in &self.letters {
            if let (false, Slot::Vacant(slot)) = (letter.reported, first.entry(letter.due.incident))
            {
                slot.insert(*owed);
            }
        }
        let now = self.clock.now();
        let quiet_until = self.quiet_until.max(self.budget.spent_until());
        let ready_at = |owed: &OwedId| self.letters[owed].not_before.max(quiet_until);
        let mut ready: Vec<OwedId> = first.into_values().collect();
        let next = ready.iter().map(ready_at).min();
        ready.retain(|owed| ready_at(owed) <= now);
        ready.sort_unstable();
        match (ready.first(), next) {
            (Some(oldest), _) => Next::Send(self.together(&ready).unwrap_or(vec![*oldest])),
            (None, Some(moment)) => Next::WaitUntil(moment),
            (None, None) => Next::Nothing,
        }
    }

    /// What goes as one, of what is ready; `None` where each goes by itself.
    fn together(&self, ready: &[OwedId]) -> Option<Vec<OwedId>> {
        let (most, size) = self.combined.as_ref()?;
        let left = self.budget.left(self.clock.now());
        let too_many = left.is_some_and(|left| ready.len() > left);
        let held_back = ready.iter().any(|owed| self.letters[owed].due.digest);
        if !too_many && !held_back {
            return None;
        }
        let mut bytes = 0;
        let fitting: Vec<OwedId> = ready
            .iter()
            .filter(|owed| !self.letters[owed].alone)
            .take_while(|owed| {
                bytes += size(&self.letters[owed].due);
                bytes <= *most
            })
            .copied()
            .collect();
        (!fitting.is_empty()).then_some(fitting)
    }

    async fn attempt<S, F>(&mut self, together: &[OwedId], send: &S) -> Result<(), Closed>
    where
        S: Fn(Vec<Arc<Due>>) -> F,
        F: Future<Output = Attempt>,
    {
        let letters = together.iter().filter_map(|owed| self.letters.get(owed));
        let dues: Vec<Arc<Due>> = letters.map(|letter| Arc::clone(&letter.due)).collect();
        self.budget.spend(self.clock.now());
        // Until the outcome is in the inbox or the next wait has been found.
        let _busy = self.inbox.begin();
        let channel = self.channel.clone();
        let attempt = send(dues).await;
        let several = together.len() > 1;
        for owed in together {
            let Some(letter) = self.letters.get_mut(owed) else {
                continue;
            };
            let outcome = match &attempt {
                Attempt::Delivered => {
                    tracing::info!(channel, %owed, several, "delivered");
                    Outcome::Delivered
                }
                Attempt::Refused { why } if several => {
                    tracing::warn!(channel, %owed, why, "not taken with others: it goes by itself");
                    letter.alone = true;
                    continue;
                }
                Attempt::Refused { why } => {
                    tracing::error!(channel, %owed, why, "gave up");
                    Outcome::GaveUp(format!("channel `{channel}`: {why}"))
                }
                Attempt::Failed { why, retry_after } => {
                    letter.failures += 1;
                    let wait = wait_after(letter.failures, *retry_after);
                    letter.not_before = later(self.clock.now(), wait);
                    if retry_after.is_some() {
                        self.quiet_until = self.quiet_until.max(letter.not_before);
                    }
                    tracing::warn!(channel, %owed, why, again_in = %format!("{wait:#}"), "not delivered");
                    continue;
                }
            };
            letter.reported = true;
            let owed = *owed;
            self.inbox.send(Input::Delivery { owed, outcome }).await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use tokio::task::JoinSet;

    use super::*;
    use crate::alerts::fixture;
    use crate::clock::Work;

    const A_MINUTE: SignedDuration = SignedDuration::from_mins(1);

    fn due(owed: u64) -> Due {
        Due {
            owed: OwedId(owed),
            incident: IncidentId(owed),
            ..fixture::due()
        }
    }

    fn digest(owed: u64) -> Due {
        Due {
            digest: true,
            ..due(owed)
        }
    }

    /// What was sent at which second, until so many are reported; and what each came to.
    async fn sent(
        outbox: Vec<Due>,
        reports: usize,
        tuned: impl Fn(Worker) -> Worker,
        answer: impl Fn(&[u64]) -> Attempt + Send + Sync + 'static,
    ) -> (Vec<(i64, Vec<u64>)>, Vec<(u64, bool)>) {
        let start = Timestamp::UNIX_EPOCH;
        let clock = Clock::stepped(start);
        let (_due_tx, due_rx) = watch::channel(Arc::new(outbox));
        let (inbox, mut envelopes_rx) = Inbox::new(Work::default());
        let worker = tuned(Worker::new("it".into(), due_rx, inbox, clock.clone()));
        let log = Arc::new(Mutex::new(Vec::new()));
        let send = {
            let (log, clock) = (Arc::clone(&log), clock.clone());
            move |dues: Vec<Arc<Due>>| {
                let second = clock.now().duration_since(start).as_secs();
                let owed: Vec<u64> = dues.iter().map(|due| due.owed.0).collect();
                let attempt = answer(&owed);
                log.lock().unwrap().push((second, owed));
                async { attempt }
            }
        };
        let mut tasks = JoinSet::new();
        tasks.spawn(worker.run(send));
        let mut outcomes = Vec::new();
        for _ in 0..reports {
            let mut delivered = Box::pin(envelopes_rx.recv());
            let envelope = loop {
                tokio::select! {
                    biased;
                    envelope = &mut delivered => break envelope.unwrap(),
                    () = tokio::task::yield_now() => drop(clock.step()),
                }
            };
            let Input::Delivery { owed, outcome } = envelope.input else {
                panic!("a worker brings nothing else");
            };
            outcomes.push((owed.0, outcome == Outcome::Delivered));
        }
        let log = log.lock().unwrap().clone();
        (log, outcomes)
    }

    fn two_a_minute(worker: Worker) -> Worker {
        worker.within(Budget::of(&[(2, A_MINUTE)]))
    }

    fn combining(worker: Worker) -> Worker {
        worker.combining(300, Box::new(|_| 100))
    }

    #[tokio::test]
    async fn what_is_over_the_budget_of_a_minute_waits_for_the_next_one() {
        let outbox = (1..=5).map(due).collect();
        let (sent, _) = sent(outbox, 5, two_a_minute, |_| Attempt::Delivered).await;
        let seconds: Vec<i64> = sent.iter().map(|(second, _)| *second).collect();
        assert_eq!(seconds, [0, 0, 60, 60, 120]);
    }

    #[tokio::test]
    async fn more_than_the_budget_allows_goes_as_one_as_far_as_it_fits() {
        let outbox = (1..=5).map(due).collect();
        let tuned = |worker| combining(two_a_minute(worker));
        let (sent, outcomes) = sent(outbox, 5, tuned, |_| Attempt::Delivered).await;
        assert_eq!(sent, [(0, vec![1, 2, 3]), (0, vec![4, 5])]);
        assert_eq!(outcomes, [1, 2, 3, 4, 5].map(|owed| (owed, true)));
    }

    #[tokio::test]
    async fn what_was_held_back_goes_as_one_with_whatever_else_waits() {
        let outbox = vec![digest(1), due(2), digest(3)];
        let (sent, outcomes) = sent(outbox, 3, combining, |_| Attempt::Delivered).await;
        assert_eq!(sent, [(0, vec![1, 2, 3])]);
        assert_eq!(outcomes.len(), 3, "each of them is reported");
    }

    #[tokio::test]
    async fn what_is_no_text_for_people_goes_by_itself_even_when_held_back() {
        let outbox = vec![digest(1), digest(2)];
        let (sent, _) = sent(outbox, 2, |worker| worker, |_| Attempt::Delivered).await;
        assert_eq!(sent, [(0, vec![1]), (0, vec![2])]);
    }

    #[tokio::test]
    async fn several_that_fail_are_tried_again_together() {
        let outbox = vec![digest(1), digest(2)];
        let tries = Mutex::new(0);
        let answer = move |_: &[u64]| {
            let mut tries = tries.lock().unwrap();
            *tries += 1;
            match *tries {
                1 => Attempt::Failed {
                    why: "busy".into(),
                    retry_after: Some(SignedDuration::from_mins(10)),
                },
                _ => Attempt::Delivered,
            }
        };
        let (sent, _) = sent(outbox, 2, combining, answer).await;
        assert_eq!(sent, [(0, vec![1, 2]), (600, vec![1, 2])]);
    }

    #[tokio::test]
    async fn one_that_is_refused_takes_no_other_with_it() {
        let outbox = vec![digest(1), digest(2), digest(3)];
        let answer = |owed: &[u64]| {
            if owed.contains(&2) {
                let why = "unfit".into();
                Attempt::Refused { why }
            } else {
                Attempt::Delivered
            }
        };
        let (sent, outcomes) = sent(outbox, 3, combining, answer).await;
        let owed: Vec<&[u64]> = sent.iter().map(|(_, owed)| owed.as_slice()).collect();
        assert_eq!(owed, [&[1, 2, 3][..], &[1], &[2], &[3]]);
        assert_eq!(outcomes, [(1, true), (2, false), (3, true)]);
    }

    #[tokio::test]
    async fn what_goes_by_the_clock_keeps_clear_of_the_full_hour() {
        let tuned = |worker: Worker| worker.off_the_hour(SignedDuration::from_secs(7));
        let outbox = vec![due(1), digest(2)];
        let (sent, _) = sent(outbox, 2, tuned, |_| Attempt::Delivered).await;
        assert_eq!(sent, [(0, vec![1]), (7, vec![2])]);
    }
}
