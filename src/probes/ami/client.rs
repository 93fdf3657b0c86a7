//! One Asterisk that is asked again and again.

use std::time::Duration;

use tokio::time::{Instant, sleep_until, timeout};

use crate::acd::{Blind, NoReading, Outage, Reading};
use crate::probes::ami::error::{Error, Trouble};
use crate::probes::ami::queues::{Gathered, MEMBER, PARAMS, SUMMARY, Told};
use crate::probes::ami::session::{Events, Session};
use crate::probes::ami::settings::Settings;

/// After a login that was refused no other is tried before, in real time: many an
/// ACD's host locks out whoever fails too often.
const LOGIN_AGAIN: Duration = Duration::from_secs(60);

/// However much happens in the queues, polls are at least so far apart, in real time.
const POLLS_APART: Duration = Duration::from_millis(500);

/// Polls over one connection until that breaks; events on it say when to poll at once.
#[derive(Debug)]
pub struct Client {
    settings: Settings,
    events: Events,
    session: Option<Session>,
    /// It told us that it stops.
    stop: Option<Stop>,
    refused: Option<Refusal>,
    polled: Option<Instant>,
}

#[derive(Clone, Copy, Debug)]
struct Stop {
    restart: bool,
    told: bool,
}

#[derive(Debug)]
struct Refusal {
    at: Instant,
    detail: Option<String>,
}

impl Client {
    /// Polls alone: no events are asked for.
    pub fn new(settings: Settings) -> Self {
        Self::with(settings, Events::Off)
    }

    /// Polls, and [`Client::news`] says when to poll at once.
    pub fn listening(settings: Settings) -> Self {
        Self::with(settings, Events::QueuesAndStops)
    }

    fn with(settings: Settings, events: Events) -> Self {
        Self {
            settings,
            events,
            session: None,
            stop: None,
            refused: None,
            polled: None,
        }
    }

    /// Asks once. A connection that was kept and is of no use any more is opened anew
    /// at once; one that says nothing is tried anew too, which tells a hung ACD from a
    /// wedged one.
    pub async fn poll(&mut self) -> Result<Reading, Error> {
        let polled = self.attempt().await;
        self.polled = Some(Instant::now());
        polled.map_err(|trouble| Error::new(self.settings.to_string(), trouble))
    }

    /// Waits until it is worth polling at once: something happened in a queue, or the
    /// connection says that the ACD stops or is gone. Never comes where there is no
    /// connection: the next poll is due by the clock then. Cancel safe.
    pub async fn news(&mut self) {
        let Some(session) = &mut self.session else {
            return std::future::pending().await;
        };
        while !session.has_changed() {
            if let Err(trouble) = session.news().await {
                self.session = None;
                self.remember(&trouble, false);
                break;
            }
        }
        if let Some(polled) = self.polled {
            sleep_until(polled + POLLS_APART).await;
        }
    }

    async fn attempt(&mut self) -> Result<Reading, Trouble> {
        if let Some(stop) = self.stop.as_mut().filter(|stop| !stop.told) {
            stop.told = true;
            let restart = stop.restart;
            return Err(Outage::Stopping { restart }.into());
        }
        if let Some(refusal) = &self.refused
            && refusal.at.elapsed() < LOGIN_AGAIN
        {
            return Err(Trouble {
                detail: refusal.detail.clone(),
                ..Trouble::from(Outage::LoginRefused)
            });
        }
        let asked = timeout(self.settings.for_a_poll(), self.ask()).await;
        let asked = asked.unwrap_or_else(|_| Err(Blind::Slow.into()));
        match asked {
            Ok(reading) => {
                self.stop = None;
                self.refused = None;
                Ok(reading)
            }
            Err(trouble) => {
                self.session = None;
                self.remember(&trouble, true);
                Err(self.put_down_to_a_stop(trouble))
            }
        }
    }

    async fn ask(&mut self) -> Result<Reading, Trouble> {
        // A session is put back whole or not at all.
        if let Some(mut session) = self.session.take() {
            match gather(&mut session, self.settings.asked()).await {
                Ok(reading) => {
                    self.session = Some(session);
                    return Ok(reading);
                }
                Err(trouble) if is_of_the_connection(&trouble) => {}
                Err(trouble) => return Err(trouble),
            }
        }
        let mut session = Session::open(&self.settings, self.events).await?;
        let reading = gather(&mut session, self.settings.asked()).await?;
        self.session = Some(session);
        Ok(reading)
    }

    fn remember(&mut self, trouble: &Trouble, told: bool) {
        match trouble.why {
            NoReading::Down(Outage::Stopping { restart }) => {
                self.stop = Some(Stop { restart, told });
            }
            NoReading::Down(Outage::LoginRefused) => {
                self.refused = Some(Refusal {
                    at: Instant::now(),
                    detail: trouble.detail.clone(),
                });
            }
            NoReading::Down(_) | NoReading::Blind(_) => {}
        }
    }

    /// Nothing listens any more because somebody has stopped it.
    fn put_down_to_a_stop(&self, trouble: Trouble) -> Trouble {
        match self.stop {
            Some(Stop { restart, .. }) if trouble.why == Outage::Refused.into() => Trouble {
                why: Outage::Stopping { restart }.into(),
                ..trouble
            },
            _ => trouble,
        }
    }
}

/// What another connection may not meet with.
fn is_of_the_connection(trouble: &Trouble) -> bool {
    matches!(
        trouble.why,
        NoReading::Down(Outage::HungUp | Outage::Wedged)
    )
}

async fn gather(session: &mut Session, queues: &[String]) -> Result<Reading, Trouble> {
    session.take_changed();
    let mut gathered = Gathered::default();
    if queues.is_empty() {
        let told = told(session, None).await?;
        gathered.take_all(&told)?;
    }
    for queue in queues {
        let told = told(session, Some(queue)).await?;
        gathered.take_one(queue, &told);
    }
    Ok(gathered.reading())
}

async fn told(session: &mut Session, queue: Option<&str>) -> Result<Told, Trouble> {
    let summary = session.list("QueueSummary", queue, &[SUMMARY]).await?;
    let status = session.list("QueueStatus", queue, &[PARAMS, MEMBER]);
    Ok(Told {
        summary,
        status: status.await?,
    })
}
