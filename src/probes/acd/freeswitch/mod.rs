//! FreeSWITCH's `mod_callcenter`, asked over its event socket.
//!
//! Each step has a deadline of its own, so that a process that is gone, one that stands
//! still and one that lets nobody in are not one. Nothing is subscribed to: each poll
//! asks, over a connection that is kept. An unknown queue counts nought callers there,
//! so each is looked up in the list of queues first.

mod frame;
mod queues;
mod table;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use tokio::io::{AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::acd::{Blind, Member, NoReading, Outage, Queue, Reading};
use crate::probes::acd::failure::Failure;
use crate::probes::acd::hidden::Hidden;
use crate::probes::acd::told::Told;
use crate::text::Text;

use frame::Frame;

/// Of `mod_event_socket`, where nobody says otherwise.
pub const PORT: u16 = 8021;

/// Where it is, and what is asked there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    pub host: String,
    pub port: u16,
    pub password: Hidden,
    /// As `callcenter_config queue list` names them; without any, all that there are.
    pub queues: BTreeSet<String>,
    /// In real time, of each step.
    pub timeout: Duration,
}

impl Settings {
    /// `host:port`.
    pub(super) fn place(&self) -> String {
        let Self { host, port, .. } = self;
        if host.contains(':') {
            format!("[{host}]:{port}")
        } else {
            format!("{host}:{port}")
        }
    }
}

/// Whether a name can be asked for: nothing in it ends the command or the quotes around it.
pub fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.contains(|c: char| c.is_control() || matches!(c, '\'' | '|' | '\\'))
}

/// One FreeSWITCH, asked over one connection until that breaks.
#[derive(Debug)]
pub struct Client {
    settings: Settings,
    connection: Option<Connection>,
}

impl Client {
    pub fn new(settings: Settings) -> Self {
        Self {
            settings,
            connection: None,
        }
    }

    /// Asks once. A connection that was left by FreeSWITCH is opened anew at once.
    pub async fn poll(&mut self) -> Result<Told, Failure> {
        let kept = self.connection.is_some();
        match self.ask().await {
            Err(failure) if kept && failure.no_reading == Outage::HungUp.into() => self.ask().await,
            asked => asked,
        }
    }

    /// What is half read is never read on: the connection is put back whole or not at all.
    async fn ask(&mut self) -> Result<Told, Failure> {
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => Connection::open(&self.settings).await?,
        };
        let reading = connection.read(&self.settings.queues).await?;
        self.connection = Some(connection);
        Ok(Told {
            reading,
            notes: Vec::new(),
        })
    }
}

/// An event socket that has let us in.
#[derive(Debug)]
struct Connection {
    stream: BufReader<TcpStream>,
    timeout: Duration,
}

impl Connection {
    async fn open(settings: &Settings) -> Result<Self, Failure> {
        let place = (settings.host.as_str(), settings.port);
        let connecting = timeout(settings.timeout, TcpStream::connect(place));
        let stream = match connecting.await {
            Ok(Ok(stream)) => stream,
            Ok(Err(error)) => {
                let outage = match error.kind() {
                    std::io::ErrorKind::ConnectionRefused => Outage::Refused,
                    _ => Outage::Unreachable,
                };
                return Err(Failure::new(outage).because(Text::same(error.to_string())));
            }
            Err(_) => return Err(Failure::new(Outage::Unreachable)),
        };
        let mut connection = Self {
            stream: BufReader::new(stream),
            timeout: settings.timeout,
        };
        let greeting = connection.hear(Outage::Hung).await?;
        if greeting.kind != "auth/request" {
            return Err(Failure::new(Blind::garbage(&greeting.kind)));
        }
        let auth = format!("auth {}\n\n", settings.password.reveal());
        let reply = connection.command(&auth, "command/reply").await?;
        if !reply.reply.starts_with("+OK") {
            let words = Text::same(reply.reply);
            return Err(Failure::new(Outage::LoginRefused).because(words));
        }
        Ok(connection)
    }

    async fn read(&mut self, names: &BTreeSet<String>) -> Result<Reading, Failure> {
        let listed = self.api("callcenter_config queue list").await?;
        let mut known = queues::totals(&listed).map_err(|blind| {
            let why = Text::new(
                "callcenter_config用不了：看mod_callcenter装了没有",
                "callcenter_config does not work: see whether mod_callcenter is loaded",
            );
            Failure::new(blind).because(why)
        })?;
        let epoch = self.api("strepoch").await?;
        let epoch = epoch.trim().parse().map_err(|_| {
            let why = Text::new("strepoch应当给出秒数", "strepoch should tell the second");
            Failure::new(Blind::garbage(&epoch)).because(why)
        })?;
        let mut reading = Reading::default();
        let mut members = BTreeMap::new();
        let all = known.keys().filter(|name| is_name(name)).cloned().collect();
        let names: &BTreeSet<String> = if names.is_empty() { &all } else { names };
        for name in names {
            let read = match known.remove(name) {
                None => Err(Blind::UnknownQueue),
                Some(Err(blind)) => Err(blind),
                Some(Ok(queue)) => self.queue(name, queue, epoch, &mut members).await?,
            };
            reading.queues.insert(name.clone(), read);
        }
        if reading.queues.values().any(Result::is_ok) {
            reading.members = Some(members.into_values().collect());
        }
        Ok(reading)
    }

    /// A queue may be blind beside good ones; a failure is one of the connection.
    async fn queue(
        &mut self,
        name: &str,
        mut queue: Queue,
        epoch: u64,
        members: &mut BTreeMap<String, Member>,
    ) -> Result<Result<Queue, Blind>, Failure> {
        let quote = if name.contains(' ') { "'" } else { "" };
        let callers = format!("callcenter_config queue list members {quote}{name}{quote}");
        let callers = self.api(&callers).await?;
        if let Err(blind) = queues::callers(&callers, epoch, &mut queue) {
            return Ok(Err(blind));
        }
        let agents = format!("callcenter_config queue list agents {quote}{name}{quote}");
        let agents = self.api(&agents).await?;
        let read = queues::agents(&agents, name, &mut queue, members);
        Ok(read.map(|()| queue))
    }

    async fn api(&mut self, command: &str) -> Result<String, Failure> {
        let command = format!("api {command}\n\n");
        Ok(self.command(&command, "api/response").await?.body)
    }

    async fn command(&mut self, command: &str, kind: &str) -> Result<Frame, Failure> {
        let sending = self.stream.get_mut().write_all(command.as_bytes());
        match timeout(self.timeout, sending).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                return Err(Failure::new(Outage::HungUp).because(Text::same(error.to_string())));
            }
            Err(_) => return Err(Failure::new(Outage::Wedged)),
        }
        let frame = self.hear(Outage::Wedged).await?;
        if frame.kind != kind {
            return Err(Failure::new(Blind::garbage(&frame.kind)));
        }
        Ok(frame)
    }

    /// The next frame; `silent` is what it means where none comes.
    async fn hear(&mut self, silent: Outage) -> Result<Frame, Failure> {
        let mut begun = false;
        let heard = timeout(self.timeout, frame::read(&mut self.stream, &mut begun)).await;
        let frame = match heard {
            Ok(Ok(frame)) => frame,
            Ok(Err(error)) => return Err(unheard(&error)),
            Err(_) if begun => return Err(Failure::new(Blind::Slow)),
            Err(_) => return Err(Failure::new(silent)),
        };
        let words = || Text::same(frame.body.trim());
        match frame.kind.as_str() {
            "text/rude-rejection" => Err(Failure::new(Outage::LoginRefused).because(words())),
            "text/disconnect-notice" => {
                Err(Failure::new(Outage::Stopping { restart: false }).because(words()))
            }
            _ => Ok(frame),
        }
    }
}

fn unheard(error: &frame::Error) -> Failure {
    let no_reading: NoReading = match error {
        frame::Error::Closed | frame::Error::Io(_) => Outage::HungUp.into(),
        frame::Error::Cut(received) => Blind::Cut {
            received: *received as u64,
        }
        .into(),
        frame::Error::TooMuch(most) => Blind::TooMuch { most: *most as u64 }.into(),
        frame::Error::Garbage(said) => Blind::garbage(said).into(),
    };
    Failure::new(no_reading).because(Text::same(error.to_string()))
}
