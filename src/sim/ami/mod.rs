//! A simulated Asterisk, as its manager interface shows it: it behaves as a recorded
//! Asterisk 22 does, byte for byte where that matters, in health and in trouble.

mod conversation;
mod exchange;
mod wording;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use jiff::Timestamp;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::sim::queue::{Happened, Queue};

pub use exchange::{Callee, Mood, SECRET, USER};

use exchange::Exchange;

/// One simulated Asterisk; all of it ends when this is dropped.
#[derive(Debug)]
pub struct Ami {
    address: SocketAddr,
    exchange: Arc<Exchange>,
    process: Option<Process>,
}

/// What ends with the process: its port and its connections.
#[derive(Debug)]
struct Process {
    tasks: JoinSet<()>,
    stopping: CancellationToken,
}

impl Ami {
    /// Starts on a free port of the loopback address.
    pub async fn start(queues: Vec<Queue>, clock: Clock) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let exchange = Arc::new(Exchange::new(queues, clock));
        let process = Some(Process::run(listener, &exchange));
        Ok(Self {
            address,
            exchange,
            process,
        })
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// How it answers from now on.
    pub fn behave(&self, mood: Mood) {
        self.exchange.behave(mood);
    }

    /// Whether a login may answer a challenge; Asterisk always offers one.
    pub fn offer_challenge(&self, offered: bool) {
        self.exchange.offer_challenge(offered);
    }

    /// What somebody does who is rung at this number.
    pub fn expect_call(&self, number: &str, callee: Callee) {
        self.exchange.expect_call(number, callee);
    }

    /// Something happens in a queue, and whoever listens is told; nothing where there
    /// is no such queue.
    pub fn at(&self, queue: &str, what: impl FnOnce(&mut Queue, Timestamp) -> Vec<Happened>) {
        self.exchange.at(queue, what);
    }

    /// How often somebody logged in, or tried to.
    pub fn logins(&self) -> u32 {
        self.exchange.logins()
    }

    /// Somebody stops it: whoever listens is told, then nothing listens on the port.
    pub async fn stop(&mut self, restart: bool) {
        if let Some(mut process) = self.process.take() {
            self.exchange.say_shutdown(restart);
            process.stopping.cancel();
            // What was to be said is said before the connections end.
            while process.tasks.join_next().await.is_some() {}
        }
    }

    /// It dies: its connections are closed without a word.
    pub async fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.tasks.shutdown().await;
        }
    }

    /// It runs again, at the same port, with all totals at nought.
    pub async fn start_again(&mut self) -> io::Result<()> {
        if self.process.is_none() {
            let listener = TcpListener::bind(self.address).await?;
            self.exchange.restart();
            self.process = Some(Process::run(listener, &self.exchange));
        }
        Ok(())
    }
}

impl Process {
    fn run(listener: TcpListener, exchange: &Arc<Exchange>) -> Self {
        let stopping = CancellationToken::new();
        let mut tasks = JoinSet::new();
        tasks.spawn(serve(listener, Arc::clone(exchange), stopping.clone()));
        Self { tasks, stopping }
    }
}

async fn serve(listener: TcpListener, exchange: Arc<Exchange>, stopping: CancellationToken) {
    let mut conversations = JoinSet::new();
    loop {
        tokio::select! {
            () = stopping.cancelled() => break,
            accepted = listener.accept() => {
                if let Ok((stream, _)) = accepted {
                    let talk = talk(stream, Arc::clone(&exchange), stopping.clone());
                    conversations.spawn(talk);
                }
            }
            Some(_) = conversations.join_next() => {}
        }
    }
    drop(listener);
    while conversations.join_next().await.is_some() {}
}

async fn talk(stream: TcpStream, exchange: Arc<Exchange>, stopping: CancellationToken) {
    let (events_tx, events_rx) = mpsc::channel(exchange::MOST_EVENTS);
    let listener = exchange.listener(events_tx);
    let talk = conversation::hold(stream, &exchange, listener, events_rx, stopping);
    // Whoever goes away in the middle goes away.
    drop(talk.await);
    exchange.forget(listener);
}
