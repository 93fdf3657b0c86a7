//! What stands at the notification server, mended towards what ought to stand there.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use notify_rust::{CloseReason, NotificationHandle, NotificationResponse};
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::Instant;

use crate::incidents::{Act, CardKey, Cause};
use crate::seat::desktop::{self, Server};
use crate::seat::face::Face;

/// A notification that could not be shown is tried again after this.
const AGAIN: Duration = Duration::from_secs(5);
/// One that a server took away by itself is shown again after this.
const EXPIRED_AGAIN: Duration = Duration::from_secs(30);
/// One that a server took away because a button was pressed, and that has more.
const PRESSED_AGAIN: Duration = Duration::from_secs(1);

/// What a notification is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Slot {
    Card(CardKey),
    /// A card of the seat's own, for a role.
    Own(Cause, String),
    /// The daemon cannot be reached.
    Lost,
    /// The headset is gone.
    Headset,
}

/// What the shelf has to tell.
#[derive(Debug)]
pub(super) enum Told {
    Shown(Face),
    NotShown(Face),
    Pressed(CardKey, Act),
    /// On a card of the seat's own.
    PressedOwn(Cause, Act),
}

/// A notification as it stands at the server.
#[derive(Default)]
struct Standing {
    /// What is shown, once the server has answered.
    shown: Option<(Face, Arc<NotificationHandle>)>,
    /// Waits for a press.
    listening: Option<AbortHandle>,
    /// A call that the server has not answered.
    showing: Option<(u64, AbortHandle)>,
    /// A button of it was pressed, and nothing has become of it since.
    pressed: bool,
    /// The person closed it: it comes back when it says something else.
    closed_by_hand: Option<Face>,
    not_before: Option<Instant>,
}

/// What a task ended with.
enum Happened {
    Answered {
        slot: Slot,
        /// Which call it is the answer to.
        call: u64,
        face: Box<Face>,
        outcome: Result<Arc<NotificationHandle>, String>,
    },
    Touched(Slot, u32, Option<NotificationResponse>),
    /// Nothing that matters.
    Closed,
}

pub(super) struct Shelf {
    /// Where to press if a server has no buttons.
    elsewhere: String,
    server: Server,
    standings: BTreeMap<Slot, Standing>,
    tasks: JoinSet<Happened>,
    /// How many calls were made.
    calls: u64,
}

impl Shelf {
    pub(super) fn new(elsewhere: String) -> Self {
        Self {
            elsewhere,
            server: Server::Absent,
            standings: BTreeMap::new(),
            tasks: JoinSet::new(),
            calls: 0,
        }
    }

    /// When something is to be mended by itself.
    pub(super) fn next_moment(&self) -> Option<Instant> {
        let now = Instant::now();
        self.standings
            .values()
            .filter_map(|standing| standing.not_before)
            .filter(|moment| *moment > now)
            .min()
    }

    /// Begins to show what ought to be shown and is not, and closes what is over.
    pub(super) fn mend(&mut self, wanted: BTreeMap<Slot, Face>) -> Vec<Told> {
        let over: Vec<Slot> = self
            .standings
            .iter()
            // What a server makes of a call under way is closed when it has answered.
            .filter(|(slot, standing)| !wanted.contains_key(*slot) && standing.showing.is_none())
            .map(|(slot, _)| slot.clone())
            .collect();
        for slot in over {
            if let Some(standing) = self.standings.remove(&slot) {
                self.close(standing);
            }
        }
        wanted
            .into_iter()
            .filter_map(|(slot, face)| self.mend_one(slot, face))
            .collect()
    }

    /// What stands under one name is about another from now on, and changes in place.
    pub(super) fn hand_over(&mut self, from: &Slot, to: Slot) {
        // The answer to a call under way comes under the old name: that one is closed then.
        let settled = self
            .standings
            .get(from)
            .is_some_and(|standing| standing.showing.is_none());
        if settled
            && !self.standings.contains_key(&to)
            && let Some(standing) = self.standings.remove(from)
        {
            self.standings.insert(to, standing);
        }
    }

    fn mend_one(&mut self, slot: Slot, face: Face) -> Option<Told> {
        let standing = self.standings.entry(slot.clone()).or_default();
        if standing.showing.is_some() {
            // What is on the screen is known once that call is answered.
            return None;
        }
        if let Some((shown, _)) = &mut standing.shown
            && shown.says_the_same(&face)
            && shown.buttons == face.buttons
        {
            // What is on the screen is this revision, too.
            shown.card.clone_from(&face.card);
            return Some(Told::Shown(face));
        }
        let closed = standing.closed_by_hand.as_ref();
        if closed.is_some_and(|closed| closed.says_the_same(&face)) {
            return Some(Told::Shown(face));
        }
        let too_early = standing
            .not_before
            .is_some_and(|moment| moment > Instant::now());
        if too_early || self.server == Server::Absent {
            return None;
        }
        standing.closed_by_hand = None;
        standing.not_before = None;
        standing.pressed = false;
        let replaces = standing.shown.as_ref().map(|(_, handle)| handle.id());
        let elsewhere = self.elsewhere.clone();
        self.calls += 1;
        let call = self.calls;
        let showing = self.tasks.spawn(async move {
            let outcome = desktop::show(&face, replaces, &elsewhere).await;
            Happened::Answered {
                slot,
                call,
                face: Box::new(face),
                outcome: outcome.map(Arc::new),
            }
        });
        standing.showing = Some((call, showing));
        None
    }

    fn close(&mut self, standing: Standing) {
        if let Some(listening) = standing.listening {
            listening.abort();
        }
        if let Some((_, handle)) = standing.shown {
            self.tasks.spawn(async move {
                handle.close_async().await;
                Happened::Closed
            });
        }
    }

    /// Closes everything, and waits until the server has heard of it.
    pub(super) async fn close_all(mut self) {
        for standing in std::mem::take(&mut self.standings).into_values() {
            if let Some((_, showing)) = &standing.showing {
                showing.abort();
            }
            self.close(standing);
        }
        while self.tasks.join_next().await.is_some() {}
    }

    /// A new server knows of nothing, except for the call that started it.
    pub(super) fn change_server(&mut self, server: Server) {
        let before = std::mem::replace(&mut self.server, server);
        if before == Server::OnCall && self.server != Server::Absent {
            return;
        }
        for standing in self.standings.values_mut() {
            let showing = standing.showing.take().map(|(_, showing)| showing);
            for task in [standing.listening.take(), showing].into_iter().flatten() {
                task.abort();
            }
            standing.shown = None;
            standing.not_before = None;
        }
    }

    /// Waits for something to happen at the server; what it tells, if anything. Cancel safe.
    pub(super) async fn next(&mut self) -> Option<Told> {
        match self.tasks.join_next().await {
            None => std::future::pending().await,
            Some(Ok(Happened::Answered {
                slot,
                call,
                face,
                outcome,
            })) => self.answered(slot, call, *face, outcome),
            Some(Ok(Happened::Touched(slot, id, response))) => {
                self.touched(&slot, id, response.as_ref())
            }
            Some(Ok(Happened::Closed)) => None,
            Some(Err(error)) => {
                if !error.is_cancelled() {
                    tracing::error!(%error, "the task of a notification has failed");
                }
                None
            }
        }
    }

    fn answered(
        &mut self,
        slot: Slot,
        call: u64,
        face: Face,
        outcome: Result<Arc<NotificationHandle>, String>,
    ) -> Option<Told> {
        let standing = self.standings.get_mut(&slot)?;
        // The answer of a server that is gone counts no more: the call was made anew.
        standing.showing.take_if(|(known, _)| *known == call)?;
        match outcome {
            Ok(handle) => {
                let listening = self.tasks.spawn(listen(slot, Arc::clone(&handle)));
                if let Some(before) = standing.listening.replace(listening) {
                    before.abort();
                }
                standing.shown = Some((face.clone(), handle));
                Some(Told::Shown(face))
            }
            Err(why) => {
                tracing::warn!("a card could not be shown: {why}");
                standing.not_before = Some(Instant::now() + AGAIN);
                Some(Told::NotShown(face))
            }
        }
    }

    fn touched(
        &mut self,
        slot: &Slot,
        id: u32,
        response: Option<&NotificationResponse>,
    ) -> Option<Told> {
        let standing = self.standings.get_mut(slot)?;
        let (face, handle) = standing.shown.take_if(|(_, handle)| handle.id() == id)?;
        let act = match response {
            Some(NotificationResponse::Default) => face.on_click().cloned(),
            Some(NotificationResponse::Action(name)) => name
                .parse::<usize>()
                .ok()
                .and_then(|n| Some(face.buttons.get(n)?.act.clone())),
            Some(NotificationResponse::Closed(CloseReason::Expired)) => {
                standing.not_before = Some(Instant::now() + EXPIRED_AGAIN);
                return None;
            }
            Some(NotificationResponse::Closed(_)) => {
                // Some servers close what was pressed, although it has more to press.
                if standing.pressed && face.buttons.len() > 1 {
                    standing.not_before = Some(Instant::now() + PRESSED_AGAIN);
                } else {
                    standing.closed_by_hand = Some(face);
                }
                standing.pressed = false;
                return None;
            }
            // The bus is gone: whoever shows notifications next is told all.
            Some(NotificationResponse::Reply(_)) | None => return None,
        };
        // What was pressed may stay, or be closed next.
        standing.pressed = true;
        let listener = listen(slot.clone(), Arc::clone(&handle));
        standing.listening = Some(self.tasks.spawn(listener));
        standing.shown = Some((face, handle));
        match slot {
            Slot::Card(card) => Some(Told::Pressed(card.clone(), act?)),
            Slot::Own(cause, _) => Some(Told::PressedOwn(*cause, act?)),
            Slot::Lost | Slot::Headset => None,
        }
    }
}

/// What is pressed on a notification, or how it was closed.
async fn listen(slot: Slot, handle: Arc<NotificationHandle>) -> Happened {
    let mut response = None;
    handle
        .wait_for_action_async(|action| response = Some(action.clone()))
        .await;
    Happened::Touched(slot, handle.id(), response)
}
