//! FreeSWITCH's event socket on loopback, with the tables of `mod_callcenter`.

use std::fmt::Write as _;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

const QUEUES: &str =
    "name|strategy|moh_sound|record_template|calls_answered|calls_abandoned|agent_no_answer_status";
const CALLERS: &str = "queue|instance_id|uuid|session_uuid|cid_number|cid_name|system_epoch|joined_epoch|rejoined_epoch|bridge_epoch|abandoned_epoch|base_score|skill_score|serving_agent|serving_system|state|score";
const AGENTS: &str = "name|instance_id|uuid|type|contact|status|state|max_no_answer|last_status_change|no_answer_count|external_calls_count";

/// A running event socket; it ends when this is dropped.
#[derive(Debug)]
pub struct EventSocket {
    address: SocketAddr,
    desk: Arc<Desk>,
    _server: JoinSet<()>,
}

/// One queue, as its tables tell it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Queue {
    pub name: String,
    pub answered: u64,
    pub abandoned: u64,
    /// Name, second of joining and state of each row of callers.
    pub callers: Vec<(String, u64, String)>,
    /// Name, status and state of each agent.
    pub agents: Vec<(String, String, String)>,
}

/// How it behaves from now on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mood {
    #[default]
    Good,
    /// It takes a connection and says nothing.
    Hung,
    /// It greets and answers nothing.
    Wedged,
    /// It closes each connection at once.
    HungUp,
    /// It lets nobody in from this address.
    Rude,
    /// It says goodbye instead of an answer.
    Stopping,
    /// `mod_callcenter` is not loaded.
    NoModule,
    /// It breaks off within an answer.
    Cut,
    /// It stops within an answer.
    Slow,
    /// It answers with more than anybody needs.
    Endless,
    /// It is a web server.
    Junk,
}

#[derive(Debug)]
struct Desk {
    password: String,
    told: Mutex<Told>,
}

#[derive(Clone, Debug, Default)]
struct Told {
    mood: Mood,
    epoch: u64,
    queues: Vec<Queue>,
    connections: usize,
}

impl EventSocket {
    /// Listens on a free port of 127.0.0.1.
    pub async fn start(password: &str) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let desk = Arc::new(Desk {
            password: password.to_owned(),
            told: Mutex::default(),
        });
        let mut tasks = JoinSet::new();
        tasks.spawn(accept(listener, Arc::clone(&desk)));
        Ok(Self {
            address,
            desk,
            _server: tasks,
        })
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Behaves so from the next connection or answer on.
    pub fn behave(&self, mood: Mood) {
        self.desk.told().mood = mood;
    }

    /// Tells these queues from now on, at this second of its own.
    pub fn tell(&self, epoch: u64, queues: &[Queue]) {
        let mut told = self.desk.told();
        told.epoch = epoch;
        told.queues = queues.to_vec();
    }

    /// How many connections there were so far.
    pub fn connections(&self) -> usize {
        self.desk.told().connections
    }
}

impl Desk {
    fn told(&self) -> std::sync::MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn accept(listener: TcpListener, desk: Arc<Desk>) {
    let mut connections = JoinSet::new();
    loop {
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => {
                tracing::warn!(%error, "the simulated event socket takes no connection");
                continue;
            }
        };
        desk.told().connections += 1;
        let desk = Arc::clone(&desk);
        connections.spawn(async move {
            if let Err(error) = serve(stream, &desk).await {
                tracing::debug!(%error, "a client of the simulated event socket is gone");
            }
        });
        while connections.try_join_next().is_some() {}
    }
}

async fn serve(stream: TcpStream, desk: &Desk) -> io::Result<()> {
    let mut stream = BufReader::new(stream);
    let mood = desk.told().mood;
    match mood {
        Mood::HungUp => return Ok(()),
        Mood::Hung => std::future::pending().await,
        Mood::Junk => return say(&mut stream, "HTTP/1.1 400 Bad Request\n\n").await,
        Mood::Rude => {
            let text = "Access Denied, go away.\n";
            return say(&mut stream, &framed("text/rude-rejection", text)).await;
        }
        _ => say(&mut stream, "Content-Type: auth/request\n\n").await?,
    }
    let mut let_in = false;
    loop {
        let mut command = String::new();
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line).await? == 0 {
                return Ok(());
            }
            if line == "\n" {
                break;
            }
            command += line.trim_end();
        }
        let told = desk.told().clone();
        if told.mood == Mood::Wedged {
            std::future::pending::<()>().await;
        }
        let answer = match command.split_once(' ') {
            Some(("auth", password)) => {
                let_in = password == desk.password;
                let reply = if let_in {
                    "+OK accepted"
                } else {
                    "-ERR invalid"
                };
                format!("Content-Type: command/reply\nReply-Text: {reply}\n\n")
            }
            Some(("api", command)) if let_in => framed("api/response", &told.answer(command)),
            _ => "Content-Type: command/reply\nReply-Text: -ERR command not found\n\n".to_owned(),
        };
        let asked = command.starts_with("api");
        match told.mood {
            Mood::Stopping if asked => {
                let text = "Disconnected, goodbye.\nSee you at ClueCon! http://www.cluecon.com/\n";
                return say(&mut stream, &framed("text/disconnect-notice", text)).await;
            }
            Mood::Cut if asked => return say(&mut stream, &answer[..answer.len() - 9]).await,
            Mood::Slow if asked => {
                say(&mut stream, &answer[..answer.len() - 9]).await?;
                std::future::pending::<()>().await;
            }
            Mood::Endless if asked => {
                let header = "Content-Type: api/response\nContent-Length: 10000000000\n\n";
                say(&mut stream, header).await?;
                std::future::pending::<()>().await;
            }
            _ => say(&mut stream, &answer).await?,
        }
    }
}

async fn say(stream: &mut BufReader<TcpStream>, text: &str) -> io::Result<()> {
    stream.get_mut().write_all(text.as_bytes()).await
}

fn framed(kind: &str, body: &str) -> String {
    format!(
        "Content-Type: {kind}\nContent-Length: {}\n\n{body}",
        body.len()
    )
}

impl Told {
    fn answer(&self, command: &str) -> String {
        if command == "strepoch" {
            return self.epoch.to_string();
        }
        let Some(rest) = command.strip_prefix("callcenter_config queue list") else {
            return "-ERR no reply\n".to_owned();
        };
        if self.mood == Mood::NoModule {
            return "-ERR callcenter_config Command not found!\n".to_owned();
        }
        let rest = rest.trim();
        let Some((what, name)) = rest.split_once(' ') else {
            let rows = self.queues.iter().map(|queue| {
                let Queue {
                    name,
                    answered,
                    abandoned,
                    ..
                } = queue;
                format!(
                    "{name}|longest-idle-agent|local_stream://moh||{answered}|{abandoned}|On Break"
                )
            });
            return table(QUEUES, rows);
        };
        let name = name.trim_matches('\'');
        // An unknown queue is an empty one.
        let queue = self.queues.iter().find(|queue| queue.name == name);
        let queue = queue.cloned().unwrap_or_default();
        if what == "members" {
            let rows = queue.callers.iter().map(|(caller, joined, state)| {
                format!("{name}|single_box|u|s|13900001111|{caller}|{joined}|{joined}|0|0|0|0|0|||{state}|5")
            });
            table(CALLERS, rows)
        } else {
            let rows = queue.agents.iter().map(|(agent, status, state)| {
                format!("{agent}|single_box||callback|user/{agent}|{status}|{state}|3|0|0|0")
            });
            table(AGENTS, rows)
        }
    }
}

/// Without rows there is no header.
fn table(header: &str, rows: impl Iterator<Item = String>) -> String {
    let mut text = String::new();
    for row in rows {
        if text.is_empty() {
            text = format!("{header}\n");
        }
        // Nothing fails that writes into a String.
        writeln!(text, "{row}").unwrap_or_default();
    }
    text + "+OK\n"
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::acd::{Blind, NoReading, Outage, Standing};
    use crate::probes::acd::freeswitch::{Client, Settings};
    use crate::probes::acd::{Failure, Hidden};

    fn queue(name: &str) -> Queue {
        let agent = |name: &str, status: &str, state: &str| {
            (name.to_owned(), status.to_owned(), state.to_owned())
        };
        let caller = |name: &str, joined, state: &str| (name.to_owned(), joined, state.to_owned());
        Queue {
            name: name.to_owned(),
            answered: 81,
            abandoned: 10,
            callers: vec![
                caller("小|李", 1_000, "Waiting"),
                caller("b", 1_050, "Trying"),
                caller("c", 900, "Answered"),
            ],
            agents: vec![
                agent("1001", "Available", "Waiting"),
                agent("1002", "Available", "In a queue call"),
                agent("1003", "On Break", "Waiting"),
                agent("1004", "Logged Out", "Waiting"),
            ],
        }
    }

    async fn start(names: &[&str], password: &str) -> (EventSocket, Client) {
        let socket = EventSocket::start("ClueCon").await.unwrap();
        let queues: Vec<Queue> = names.iter().map(|name| queue(name)).collect();
        socket.tell(1_060, &queues);
        let client = Client::new(Settings {
            host: "127.0.0.1".to_owned(),
            port: socket.address().port(),
            password: Hidden::new(password),
            queues: ["support@default".to_owned(), "night shift".to_owned()].into(),
            timeout: Duration::from_millis(300),
        });
        (socket, client)
    }

    async fn failed(mood: Mood) -> Failure {
        let (socket, mut client) = start(&["support@default"], "ClueCon").await;
        socket.behave(mood);
        let failure = client.poll().await.unwrap_err();
        // Whatever it was, the next poll is good once it is over.
        socket.behave(Mood::Good);
        assert!(client.poll().await.is_ok(), "after {mood:?}");
        failure
    }

    #[tokio::test]
    async fn queues_and_agents_are_read_over_one_connection() {
        let (socket, mut client) = start(&["support@default", "night shift"], "ClueCon").await;
        for _ in 0..3 {
            let reading = client.poll().await.unwrap().reading;
            for name in ["support@default", "night shift"] {
                let queue = reading.queue(name).unwrap();
                assert_eq!((queue.waiting, queue.longest_wait), (Some(2), Some(60)));
                assert_eq!((queue.staffed, queue.available), (Some(3), Some(1)));
                assert_eq!((queue.paused, queue.busy), (Some(1), Some(1)));
                assert_eq!(queue.totals.completed, Some(81));
            }
            let members = reading.members.unwrap();
            assert_eq!(members.len(), 4);
            assert_eq!(members[3].standing, Standing::LoggedOff);
            assert_eq!(members[3].queues.len(), 2);
        }
        assert_eq!(socket.connections(), 1);
    }

    #[tokio::test]
    async fn an_unknown_queue_is_blind_beside_a_good_one() {
        let (_socket, mut client) = start(&["support@default"], "ClueCon").await;
        let reading = client.poll().await.unwrap().reading;
        assert!(reading.queue("support@default").is_ok());
        assert_eq!(reading.queue("night shift"), Err(Blind::UnknownQueue));
    }

    #[tokio::test]
    async fn each_way_of_being_down_is_told_from_the_others() {
        let down = |outage: Outage| NoReading::Down(outage);
        assert_eq!(failed(Mood::Hung).await.no_reading, down(Outage::Hung));
        assert_eq!(failed(Mood::Wedged).await.no_reading, down(Outage::Wedged));
        assert_eq!(failed(Mood::HungUp).await.no_reading, down(Outage::HungUp));
        let stopping = Outage::Stopping { restart: false };
        assert_eq!(failed(Mood::Stopping).await.no_reading, down(stopping));
        let rude = failed(Mood::Rude).await;
        assert_eq!(rude.no_reading, down(Outage::LoginRefused));
        assert!(rude.to_string().contains("go away"), "{rude}");
        let (_socket, mut client) = start(&[], "wrong").await;
        let refused = client.poll().await.unwrap_err();
        assert_eq!(refused.no_reading, down(Outage::LoginRefused));
        assert!(refused.to_string().contains("-ERR invalid"), "{refused}");
        let (socket, mut client) = start(&["support@default"], "ClueCon").await;
        client.poll().await.unwrap();
        drop(socket);
        let mut failure = client.poll().await;
        // The task that held the listener may end a moment later than the socket.
        while failure
            .as_ref()
            .is_err_and(|it| it.no_reading == down(Outage::HungUp))
        {
            tokio::task::yield_now().await;
            failure = client.poll().await;
        }
        assert_eq!(failure.unwrap_err().no_reading, down(Outage::Refused));
    }

    #[tokio::test]
    async fn half_an_answer_and_what_is_no_answer_are_blind_and_bounded() {
        let blind = |failure: Failure| match failure.no_reading {
            NoReading::Blind(blind) => blind,
            NoReading::Down(outage) => panic!("{outage:?}"),
        };
        assert!(matches!(blind(failed(Mood::Cut).await), Blind::Cut { .. }));
        assert_eq!(blind(failed(Mood::Slow).await), Blind::Slow);
        assert!(matches!(
            blind(failed(Mood::Endless).await),
            Blind::TooMuch { .. }
        ));
        assert!(matches!(
            blind(failed(Mood::Junk).await),
            Blind::Garbage { .. }
        ));
        let failure = failed(Mood::NoModule).await;
        assert!(
            failure.to_string().contains("mod_callcenter is loaded"),
            "{failure}"
        );
        assert!(matches!(blind(failure), Blind::Refused { .. }));
    }
}
