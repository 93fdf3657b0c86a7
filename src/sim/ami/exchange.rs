//! The state of a simulated Asterisk, shared by its connections.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};
use tokio::sync::{mpsc, watch};

use crate::clock::Clock;
use crate::sim::ami::wording;
use crate::sim::queue::{Happened, Queue};

/// The one user of a simulated Asterisk.
pub const USER: &str = "callwatch";
pub const SECRET: &str = "not a real secret";

/// Events that wait for one connection; whoever reads no faster misses some.
pub(super) const MOST_EVENTS: usize = 1024;

/// How an Asterisk answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mood {
    Well,
    /// Its process stands still: the kernel accepts connections, nobody greets.
    Hung,
    /// It greets, and answers no request.
    Wedged,
    /// It closes every connection at once.
    HangsUp,
    /// The last item of each list is lost on the way.
    LosesItems,
    /// Lists begin and do not end.
    StopsInLists,
}

/// What somebody does whose telephone rings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Callee {
    /// Answers after a while, and presses a key, or none as a voice mail does.
    Answers {
        after: SignedDuration,
        key: bool,
    },
    Busy,
    /// Lets it ring until the caller gives up.
    NoAnswer,
}

/// Which kinds of events a connection wants, and where they go.
#[derive(Debug)]
struct Listener {
    wanted: Vec<String>,
    events_tx: mpsc::Sender<String>,
}

#[derive(Debug)]
pub(super) struct Exchange {
    clock: Clock,
    mood: watch::Sender<Mood>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    queues: Vec<Queue>,
    callees: BTreeMap<String, Callee>,
    offers_challenge: bool,
    logins: u32,
    listeners: BTreeMap<u64, Listener>,
    connections: u64,
    calls: u64,
}

impl Exchange {
    pub(super) fn new(queues: Vec<Queue>, clock: Clock) -> Self {
        Self {
            clock,
            mood: watch::Sender::new(Mood::Well),
            state: Mutex::new(State {
                queues,
                callees: BTreeMap::new(),
                offers_challenge: true,
                logins: 0,
                listeners: BTreeMap::new(),
                connections: 0,
                calls: 0,
            }),
        }
    }

    pub(super) fn behave(&self, mood: Mood) {
        self.mood.send_replace(mood);
    }

    /// The mood, once it is one of these.
    pub(super) async fn until(&self, wanted: impl FnMut(&Mood) -> bool) -> Mood {
        let mut mood = self.mood.subscribe();
        // The sender lives as long as the exchange.
        let reached = mood.wait_for(wanted).await.map(|mood| *mood);
        match reached {
            Ok(mood) => mood,
            Err(_) => std::future::pending().await,
        }
    }

    pub(super) fn offer_challenge(&self, offered: bool) {
        self.state().offers_challenge = offered;
    }

    pub(super) fn offers_challenge(&self) -> bool {
        self.state().offers_challenge
    }

    pub(super) fn expect_call(&self, number: &str, callee: Callee) {
        self.state().callees.insert(number.to_owned(), callee);
    }

    pub(super) fn callee(&self, number: &str) -> Option<Callee> {
        self.state().callees.get(number).copied()
    }

    pub(super) fn logins(&self) -> u32 {
        self.state().logins
    }

    pub(super) fn count_login(&self) {
        self.state().logins += 1;
    }

    /// The `Uniqueid` of a call that is made.
    pub(super) fn next_call(&self) -> String {
        let mut state = self.state();
        state.calls += 1;
        format!("sim-call-{}", state.calls)
    }

    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(super) fn clock(&self) -> &Clock {
        &self.clock
    }

    pub(super) fn at(
        &self,
        queue: &str,
        what: impl FnOnce(&mut Queue, Timestamp) -> Vec<Happened>,
    ) {
        let now = self.now();
        let mut state = self.state();
        let Some(queue) = state.queues.iter_mut().find(|it| it.name == queue) else {
            return;
        };
        let happened = what(queue, now);
        let told: Vec<String> = happened
            .iter()
            .filter_map(|it| wording::event(queue, it, now))
            .collect();
        drop(state);
        for event in told {
            self.tell("agent", &event);
        }
    }

    pub(super) fn queues(&self) -> Vec<Queue> {
        self.state().queues.clone()
    }

    pub(super) fn restart(&self) {
        let now = self.now();
        let mut state = self.state();
        state.listeners.clear();
        for queue in &mut state.queues {
            queue.restart(now);
        }
    }

    pub(super) fn say_shutdown(&self, restart: bool) {
        self.tell("system", &wording::shutdown(restart, self.now()));
    }

    pub(super) fn listener(&self, events_tx: mpsc::Sender<String>) -> u64 {
        let mut state = self.state();
        state.connections += 1;
        let id = state.connections;
        let listener = Listener {
            wanted: Vec::new(),
            events_tx,
        };
        state.listeners.insert(id, listener);
        id
    }

    /// As the `Events` of a login have it: `off`, `on`, or kinds with commas between.
    pub(super) fn listen(&self, listener: u64, events: &str) {
        let kinds = events.split(',').map(|kind| kind.trim().to_owned());
        if let Some(listener) = self.state().listeners.get_mut(&listener) {
            listener.wanted = kinds.collect();
        }
    }

    pub(super) fn forget(&self, listener: u64) {
        self.state().listeners.remove(&listener);
    }

    pub(super) fn tell(&self, kind: &str, event: &str) {
        for listener in self.state().listeners.values() {
            let wanted = &listener.wanted;
            if wanted.iter().any(|it| it == kind || it == "on") {
                // Whoever reads no faster misses some.
                drop(listener.events_tx.try_send(event.to_owned()));
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
