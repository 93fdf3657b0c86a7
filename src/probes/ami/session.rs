//! A connection that has been let in: asks, and overhears what comes by itself.

use std::io;
use std::time::Duration;

use md5::{Digest as _, Md5};
use tokio::time::timeout;

use crate::acd::{Blind, Outage};
use crate::probes::ami::error::Trouble;
use crate::probes::ami::link::{Broken, Link};
use crate::probes::ami::message::Message;
use crate::probes::ami::request::{Request, Unsendable};
use crate::probes::ami::settings::Settings;

const GREETING: &str = "Asterisk Call Manager/";

/// What we want to be told without asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Events {
    Off,
    /// What happens in queues, and that the ACD is stopped; a user without the right
    /// to read `agent` and `system` is told neither.
    QueuesAndStops,
    /// What becomes of calls, and what a dialplan says by itself; a user needs the
    /// right to read `call` and `user`.
    Calls,
}

#[derive(Debug)]
pub(crate) struct Session {
    link: Link,
    answer: Duration,
    /// Something happened in a queue since this was last looked at.
    changed: bool,
}

impl Session {
    /// Connects, is greeted, logs in, and hears an answer.
    pub(crate) async fn open(settings: &Settings, events: Events) -> Result<Self, Trouble> {
        let answer = settings.for_an_answer();
        let connecting = Link::connect(settings.host(), settings.port());
        let mut link = match timeout(answer, connecting).await {
            Ok(Ok(link)) => link,
            Ok(Err(error)) => return Err(unconnected(error)),
            Err(_) => return Err(Outage::Unreachable.into()),
        };
        let greeting = match timeout(answer, link.banner()).await {
            Ok(greeting) => greeting.map_err(broken)?,
            Err(_) => return Err(Outage::Hung.into()),
        };
        if !greeting.starts_with(GREETING) {
            return Err(Blind::garbage(&greeting).into());
        }
        let mut session = Self {
            link,
            answer,
            changed: false,
        };
        session.log_in(settings, events).await?;
        let (id, ping) = session.request("Ping");
        session.ask(&id, ping).await?;
        Ok(session)
    }

    /// By challenge; in the clear only where there is none and the settings allow it.
    async fn log_in(&mut self, settings: &Settings, events: Events) -> Result<(), Trouble> {
        let (id, request) = self.request("Challenge");
        let request = sendable(request.with("AuthType", "MD5"))?;
        let told = self.ask(&id, request).await?;
        let challenge = told.get("Challenge").filter(|it| !it.is_empty());
        let (id, request) = self.request("Login");
        let request = sendable(request.with("Username", settings.user()))?;
        let request = match challenge {
            Some(challenge) => {
                let key = Md5::new()
                    .chain_update(challenge)
                    .chain_update(settings.secret().reveal())
                    .finalize();
                sendable(request.with("AuthType", "MD5"))
                    .and_then(|it| sendable(it.with("Key", &format!("{key:x}"))))?
            }
            None if settings.allows_the_clear() => {
                sendable(request.with("Secret", settings.secret().reveal()))?
            }
            None => {
                return Err(Trouble::with_detail(
                    Outage::LoginRefused,
                    "it offers no MD5 challenge, and the secret may not be sent in the clear",
                ));
            }
        };
        let events = match events {
            Events::Off => "off",
            Events::QueuesAndStops => "system,agent",
            Events::Calls => "call,user",
        };
        let told = self
            .ask(&id, sendable(request.with("Events", events))?)
            .await?;
        if told.is("Response", "Success") {
            return Ok(());
        }
        Err(match told.get("Message") {
            Some(said) => Trouble::with_detail(Outage::LoginRefused, shortened(said)),
            None => Outage::LoginRefused.into(),
        })
    }

    /// A request of this action, and the identifier of its answer.
    pub(crate) fn request(&mut self, action: &'static str) -> (String, Request) {
        let id = self.link.next_id();
        let request = Request::new(action, &id);
        (id, request)
    }

    /// Sends, and waits for the response.
    pub(crate) async fn ask(&mut self, id: &str, request: Request) -> Result<Message, Trouble> {
        let (answer, asking) = (self.answer, self.response(id, request));
        timeout(answer, asking)
            .await
            .unwrap_or(Err(Outage::Wedged.into()))
    }

    async fn response(&mut self, id: &str, request: Request) -> Result<Message, Trouble> {
        self.link.send(request).await.map_err(broken)?;
        loop {
            let message = self.link.receive().await.map_err(broken)?;
            // An event about the action has its identifier too, and a `Response` maybe.
            let answers = message.get("Event").is_none() && message.get("Response").is_some();
            if answers && message.get("ActionID") == Some(id) {
                return Ok(message);
            }
            self.overhear(&message)?;
        }
    }

    /// Asks for a list, of one queue where it is named, and keeps the items that are
    /// events of these names. A list that is refused or not whole is blind; the
    /// session goes on.
    pub(super) async fn list(
        &mut self,
        action: &'static str,
        queue: Option<&str>,
        kept: &[&str],
    ) -> Result<Result<Vec<Message>, Blind>, Trouble> {
        let (id, mut request) = self.request(action);
        if let Some(queue) = queue {
            request = sendable(request.with("Queue", queue))?;
        }
        let told = self.ask(&id, request).await?;
        if !told.is("Response", "Success") {
            let said = told.get("Message").unwrap_or(action);
            return Ok(Err(Blind::refused(said)));
        }
        let (mut items, mut received) = (Vec::new(), 0);
        loop {
            let message = self.link.receive().await.map_err(broken)?;
            if message.get("ActionID") != Some(&id) {
                self.overhear(&message)?;
            } else if message.is("EventList", "Complete") {
                return Ok(whole(&message, received).map(|()| items));
            } else if message.is("EventList", "Cancelled") {
                return Ok(Err(Blind::refused("the list was cancelled")));
            } else {
                received += 1;
                if kept.iter().any(|name| message.is("Event", name)) {
                    items.push(message);
                }
            }
        }
    }

    /// The next message that nobody asked for. Cancel safe.
    pub(crate) async fn news(&mut self) -> Result<Message, Trouble> {
        self.link.forget_received();
        let message = self.link.receive().await.map_err(broken)?;
        self.overhear(&message)?;
        Ok(message)
    }

    /// Whether something happened in a queue since this was asked last.
    pub(super) fn take_changed(&mut self) -> bool {
        std::mem::take(&mut self.changed)
    }

    pub(super) fn has_changed(&self) -> bool {
        self.changed
    }

    fn overhear(&mut self, message: &Message) -> Result<(), Trouble> {
        let Some(event) = message.get("Event") else {
            return Ok(());
        };
        if event.eq_ignore_ascii_case("Shutdown") {
            let restart = message.is("Restart", "True");
            return Err(Outage::Stopping { restart }.into());
        }
        // Callers that join and leave, members that come, go, pause, pick up.
        self.changed |= event.starts_with("Queue");
        Ok(())
    }
}

/// Whether as many items came as the ACD says that it has sent.
fn whole(complete: &Message, received: u64) -> Result<(), Blind> {
    let told = complete.get("ListItems");
    match told.and_then(|told| told.parse::<u64>().ok()) {
        Some(told) if told == received => Ok(()),
        Some(told) => Err(Blind::HalfList { told, received }),
        None => Err(Blind::garbage("a list that does not say how long it is")),
    }
}

fn unconnected(error: io::Error) -> Trouble {
    let outage = match error.kind() {
        io::ErrorKind::ConnectionRefused => Outage::Refused,
        io::ErrorKind::ConnectionReset => Outage::HungUp,
        _ => Outage::Unreachable,
    };
    Trouble::caused(outage, error)
}

fn broken(broken: Broken) -> Trouble {
    match broken {
        Broken::Closed(None) => Outage::HungUp.into(),
        Broken::Closed(Some(error)) => Trouble::caused(Outage::HungUp, error),
        Broken::TooMuch(too_much) => {
            let most = u64::try_from(too_much.most).unwrap_or(u64::MAX);
            Blind::TooMuch { most }.into()
        }
    }
}

/// What the settings hold has been looked at; what else is sent is of our own making,
/// but for the challenge.
fn sendable(request: Result<Request, Unsendable>) -> Result<Request, Trouble> {
    request.map_err(|error| Blind::garbage(&error.to_string()).into())
}

fn shortened(said: &str) -> String {
    said.chars().take(100).collect()
}
