//! The one bounded inbox that every eye, hand and window puts its inputs into.

use tokio::sync::{mpsc, oneshot};

use crate::clock::{Busy, Work};
use crate::incidents::{Input, Refused};

/// How many inputs may wait; whoever brings one more waits too.
pub const CAPACITY: usize = 1024;

/// An input on its way to the Board.
#[derive(Debug)]
pub struct Envelope {
    pub input: Input,
    /// Answered once the entries are in the log.
    pub reply: Option<oneshot::Sender<Result<(), Refused>>>,
    /// Under way until the round that took it has ended.
    pub busy: Busy,
}

/// The sending end, cheap to clone.
#[derive(Clone, Debug)]
pub struct Inbox {
    envelopes_tx: mpsc::Sender<Envelope>,
    work: Work,
}

/// The daemon has stopped listening: it is shutting down.
#[derive(Debug, thiserror::Error)]
#[error("the daemon is shutting down")]
pub struct Closed;

/// Why a question got no good answer.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    #[error(transparent)]
    Refused(#[from] Refused),
    #[error(transparent)]
    Closed(#[from] Closed),
}

impl Inbox {
    pub fn new(work: Work) -> (Self, mpsc::Receiver<Envelope>) {
        let (envelopes_tx, envelopes_rx) = mpsc::channel(CAPACITY);
        (Self { envelopes_tx, work }, envelopes_rx)
    }

    /// Puts an input in; nobody waits for what becomes of it.
    pub async fn send(&self, input: Input) -> Result<(), Closed> {
        self.put(input, None).await
    }

    /// Puts an input in and waits until what came of it is in the log.
    pub async fn ask(&self, input: Input) -> Result<(), AskError> {
        let reply_rx = self.post(input).await?;
        Ok(reply_rx.await.map_err(|_| Closed)??)
    }

    /// Puts an input in; the outcome comes once what came of it is in the log, and
    /// never where control ends before.
    pub async fn post(
        &self,
        input: Input,
    ) -> Result<oneshot::Receiver<Result<(), Refused>>, Closed> {
        let (reply_tx, reply_rx) = oneshot::channel();
        self.put(input, Some(reply_tx)).await?;
        Ok(reply_rx)
    }

    /// Something that will bring an input has begun: a poll, a message being sent.
    pub fn begin(&self) -> Busy {
        self.work.begin()
    }

    async fn put(
        &self,
        input: Input,
        reply: Option<oneshot::Sender<Result<(), Refused>>>,
    ) -> Result<(), Closed> {
        let busy = self.work.begin();
        let envelope = Envelope { input, reply, busy };
        self.envelopes_tx.send(envelope).await.map_err(|_| Closed)
    }
}
