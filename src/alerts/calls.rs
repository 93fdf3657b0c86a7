//! Makes the calls that are owed, and tells the Board what became of each.
//!
//! In come all calls without an end, whenever that changes. Each is made once: a call that
//! is owed no more goes on ringing, and what became of it is told all the same; one that
//! was not begun is not made. After a restart the Board owes others.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use tokio::sync::watch;
use tokio::task::{Id, JoinSet};
use tokio_util::sync::CancellationToken;

use crate::alerts::phone::{self, Outcome, Why};
use crate::inbox::Inbox;
use crate::incidents::{DialOutcome, DialReport, DueCall, Input, OwedId};

/// How many telephones ring at once; the others wait.
const AT_ONCE: usize = 4;

/// Makes calls until cancelled; without settings it waits for that.
pub async fn make(
    settings: Option<phone::Settings>,
    due_rx: watch::Receiver<Arc<Vec<DueCall>>>,
    inbox: Inbox,
    cancel: CancellationToken,
) {
    match settings {
        None => cancel.cancelled().await,
        Some(settings) => {
            let desk = Desk {
                settings: Arc::new(settings),
                due_rx,
                inbox,
                begun: BTreeSet::new(),
                ringing: JoinSet::new(),
                calls: HashMap::new(),
            };
            cancel.run_until_cancelled(desk.run()).await;
        }
    }
}

struct Desk {
    settings: Arc<phone::Settings>,
    due_rx: watch::Receiver<Arc<Vec<DueCall>>>,
    inbox: Inbox,
    /// Those of the owed that were begun.
    begun: BTreeSet<OwedId>,
    ringing: JoinSet<Outcome>,
    calls: HashMap<Id, DueCall>,
}

impl Desk {
    async fn run(mut self) {
        loop {
            self.begin();
            let is_over = tokio::select! {
                changed = self.due_rx.changed() => changed.is_err(),
                Some(ended) = self.ringing.join_next_with_id() => {
                    let (id, outcome) = match ended {
                        Ok((id, outcome)) => (id, outcome),
                        Err(error) => {
                            tracing::error!(%error, "a call has failed");
                            (error.id(), Outcome::Failed(Why::NoWord))
                        }
                    };
                    self.tell(id, &outcome).await.is_err()
                }
            };
            if is_over {
                return;
            }
        }
    }

    /// Begins what is owed and was not begun, as far as there are lines.
    fn begin(&mut self) {
        let due = Arc::clone(&self.due_rx.borrow_and_update());
        self.begun
            .retain(|begun| due.iter().any(|due| due.dial == *begun));
        for due in due.iter() {
            if self.ringing.len() == AT_ONCE {
                return;
            }
            if !self.begun.insert(due.dial) {
                continue;
            }
            let (settings, call) = (Arc::clone(&self.settings), due.clone());
            let busy = self.inbox.begin();
            let ringing = self.ringing.spawn(async move {
                let alert = format!("callwatch-{}", call.dial);
                let outcome = phone::ring(&settings, &call.phone, &alert).await;
                drop(busy);
                outcome
            });
            self.calls.insert(ringing.id(), due.clone());
        }
    }

    async fn tell(&mut self, id: Id, outcome: &Outcome) -> Result<(), crate::inbox::Closed> {
        let Some(call) = self.calls.remove(&id) else {
            return Ok(());
        };
        let words = outcome.words();
        let report = DialReport {
            dial: call.dial,
            incident: call.incident,
            outcome: told(outcome),
            words,
        };
        self.inbox.send(Input::Dial(report)).await
    }
}

/// What it means for whoever else may be rung.
fn told(outcome: &Outcome) -> DialOutcome {
    match outcome {
        Outcome::Acknowledged => DialOutcome::Heard,
        Outcome::AnsweredNoKey | Outcome::NoAnswer | Outcome::Busy => DialOutcome::Unheard,
        Outcome::Failed(why) => match why {
            Why::BadNumber | Why::Emergency | Why::NeverRang | Why::Congestion | Why::HungUp => {
                DialOutcome::Unheard
            }
            Why::Unsendable(_) | Why::Acd(_) | Why::Refused(_) | Why::NoWord => DialOutcome::NoLine,
        },
    }
}
