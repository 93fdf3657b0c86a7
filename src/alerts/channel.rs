//! One channel's worker: one message in flight, those of an incident in order.

use std::collections::btree_map::Entry as Slot;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;

use crate::alerts::attempt::{Attempt, wait_after};
use crate::clock::Clock;
use crate::inbox::{Closed, Inbox};
use crate::incidents::{Due, IncidentId, Input, Outcome, OwedId};
use crate::signals::later;

const A_MINUTE: SignedDuration = SignedDuration::from_mins(1);

/// Brings what one channel is owed.
pub(crate) struct Worker {
    channel: String,
    due_rx: watch::Receiver<Arc<Vec<Due>>>,
    inbox: Inbox,
    clock: Clock,
    letters: BTreeMap<OwedId, Letter>,
    /// The receiver has asked to be left alone until then.
    quiet_until: Timestamp,
    /// How many attempts a minute may have.
    a_minute: Option<usize>,
    /// When the newest of them were made, as many as a minute may have.
    attempts: VecDeque<Timestamp>,
}

/// A message on its way.
struct Letter {
    /// As it was when it was first due, so that every attempt says the same.
    due: Arc<Due>,
    failures: usize,
    not_before: Timestamp,
    /// The Board has been told; it is about to leave the outbox.
    reported: bool,
}

/// What there is to do.
enum Next {
    Send(OwedId),
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
            a_minute: None,
            attempts: VecDeque::new(),
        }
    }

    /// The receiver takes no more than so many messages in a minute.
    pub(crate) fn at_most(self, a_minute: Option<usize>) -> Self {
        Self { a_minute, ..self }
    }

    /// The budget of a minute allows no attempt before this.
    fn spent_until(&self) -> Timestamp {
        match (self.a_minute, self.attempts.front()) {
            (Some(a_minute), Some(oldest)) if self.attempts.len() >= a_minute => {
                later(*oldest, A_MINUTE)
            }
            _ => Timestamp::MIN,
        }
    }

    /// Runs until nobody fills the outbox or empties the inbox any more.
    pub(crate) async fn run<S, F>(mut self, send: S)
    where
        S: Fn(Arc<Due>) -> F,
        F: Future<Output = Attempt>,
    {
        loop {
            self.sort();
            let ended = match self.next() {
                Next::Send(owed) => self.attempt(owed, &send).await.is_err(),
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
            let letter = kept.remove(&due.owed).unwrap_or_else(|| Letter {
                due: Arc::new(due.clone()),
                failures: 0,
                not_before: Timestamp::MIN,
                reported: false,
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
        let quiet_until = self.quiet_until.max(self.spent_until());
        let ready_at = |owed: &OwedId| self.letters[owed].not_before.max(quiet_until);
        let ready = first.values().filter(|owed| ready_at(owed) <= now).min();
        if let Some(owed) = ready {
            return Next::Send(*owed);
        }
        match first.values().map(ready_at).min() {
            Some(moment) => Next::WaitUntil(moment),
            None => Next::Nothing,
        }
    }

    async fn attempt<S, F>(&mut self, owed: OwedId, send: &S) -> Result<(), Closed>
    where
        S: Fn(Arc<Due>) -> F,
        F: Future<Output = Attempt>,
    {
        let Some(letter) = self.letters.get_mut(&owed) else {
            return Ok(());
        };
        if let Some(a_minute) = self.a_minute {
            self.attempts.push_back(self.clock.now());
            while self.attempts.len() > a_minute {
                self.attempts.pop_front();
            }
        }
        // Until the outcome is in the inbox or the next wait has been found.
        let _busy = self.inbox.begin();
        let channel = &self.channel;
        let outcome = match send(Arc::clone(&letter.due)).await {
            Attempt::Delivered => {
                tracing::info!(channel, %owed, "delivered");
                Outcome::Delivered
            }
            Attempt::Refused { why } => {
                tracing::error!(channel, %owed, why, "gave up");
                Outcome::GaveUp(format!("channel `{channel}`: {why}"))
            }
            Attempt::Failed { why, retry_after } => {
                letter.failures += 1;
                let wait = wait_after(letter.failures, retry_after);
                letter.not_before = later(self.clock.now(), wait);
                if retry_after.is_some() {
                    self.quiet_until = letter.not_before;
                }
                tracing::warn!(channel, %owed, why, again_in = %format!("{wait:#}"), "not delivered");
                return Ok(());
            }
        };
        letter.reported = true;
        self.inbox.send(Input::Delivery { owed, outcome }).await
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use tokio::task::JoinSet;

    use super::*;
    use crate::alerts::fixture;
    use crate::clock::Work;

    #[tokio::test]
    async fn what_is_over_the_budget_of_a_minute_waits_for_the_next_one() {
        let start = Timestamp::UNIX_EPOCH;
        let clock = Clock::stepped(start);
        let due = |owed| Due {
            owed: OwedId(owed),
            incident: IncidentId(owed),
            ..fixture::due()
        };
        let outbox = Arc::new((1..=5).map(due).collect::<Vec<_>>());
        let (_due_tx, due_rx) = watch::channel(outbox);
        let (inbox, mut envelopes_rx) = Inbox::new(Work::default());
        let worker = Worker::new("it".into(), due_rx, inbox, clock.clone()).at_most(Some(2));
        let seconds = Arc::new(Mutex::new(Vec::new()));
        let send = {
            let (seconds, clock) = (Arc::clone(&seconds), clock.clone());
            move |_: Arc<Due>| {
                let second = clock.now().duration_since(start).as_secs();
                seconds.lock().unwrap().push(second);
                async { Attempt::Delivered }
            }
        };
        let mut tasks = JoinSet::new();
        tasks.spawn(worker.run(send));
        for _ in 0..5 {
            let mut delivered = Box::pin(envelopes_rx.recv());
            loop {
                tokio::select! {
                    biased;
                    envelope = &mut delivered => break assert!(envelope.is_some()),
                    () = tokio::task::yield_now() => drop(clock.step()),
                }
            }
        }
        assert_eq!(*seconds.lock().unwrap(), [0, 0, 60, 60, 120]);
    }
}
