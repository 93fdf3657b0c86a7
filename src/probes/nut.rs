//! A UPS that NUT's upsd watches, asked over TCP: `LIST VAR NAME`, in the clear and
//! without a login, as upsd lets everybody read. The protocol is RFC 9271.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

use crate::probes::place::read_place;
use crate::ups::{Reading, judge_nut};

/// Of upsd, registered.
const PORT: u16 = 3493;
/// A list of variables is a few KiB; more is no upsd.
const MOST_BYTES: u64 = 64 * 1024;

/// Which UPS of which upsd: written `NAME@HOST` or `NAME@HOST:PORT`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    pub name: String,
    pub host: String,
    pub port: u16,
}

/// The text is no name of a UPS at a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("write NAME@HOST or NAME@HOST:PORT, as upsc takes it")]
pub struct NoSuchPlace;

impl FromStr for Settings {
    type Err = NoSuchPlace;

    fn from_str(text: &str) -> Result<Self, NoSuchPlace> {
        let (name, place) = text.split_once('@').ok_or(NoSuchPlace)?;
        let (host, port) = read_place(place, PORT).ok_or(NoSuchPlace)?;
        let odd = |text: &str| text.is_empty() || text.contains([' ', '"', '\n', '\r', '@']);
        if odd(name) || odd(&host) {
            return Err(NoSuchPlace);
        }
        Ok(Self {
            name: name.to_owned(),
            host,
            port,
        })
    }
}

impl fmt::Display for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, host, port } = self;
        write!(f, "{name}@{host}:{port}")
    }
}

/// Why upsd gave no reading. None of it says anything about the mains.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("no answer within {0:?}")]
    Silence(Duration),
    #[error("upsd cannot be reached")]
    NoWay(#[source] std::io::Error),
    #[error("upsd does not know a UPS `{0}`")]
    UnknownUps(String),
    #[error("its driver has lost the UPS: upsd's values are stale")]
    Stale,
    #[error("its driver does not run")]
    NoDriver,
    #[error("upsd refuses: {0}")]
    Refused(String),
    #[error("the answer is not of upsd")]
    Garbage,
}

/// One UPS, asked over one connection until that breaks.
#[derive(Debug)]
pub struct Client {
    settings: Settings,
    /// In real time, of a poll.
    timeout: Duration,
    connection: Option<BufReader<TcpStream>>,
}

impl Client {
    pub fn new(settings: Settings, timeout: Duration) -> Self {
        Self {
            settings,
            timeout,
            connection: None,
        }
    }

    /// Asks once. A connection that was left by upsd is opened anew at once.
    pub async fn poll(&mut self) -> Result<Reading, Error> {
        let variables = self.variables().await?;
        judge_nut(&variables).ok_or(Error::Garbage)
    }

    /// Everything that upsd tells of the UPS, by name.
    pub async fn variables(&mut self) -> Result<BTreeMap<String, String>, Error> {
        let timeout = self.timeout;
        let asking = async {
            let kept = self.connection.is_some();
            match self.ask().await {
                // It may have closed the connection long ago.
                Err(Error::NoWay(_)) if kept => self.ask().await,
                asked => asked,
            }
        };
        tokio::time::timeout(timeout, asking)
            .await
            .unwrap_or(Err(Error::Silence(timeout)))
    }

    /// What is half read is never read on: the connection is put back whole or not at all.
    async fn ask(&mut self) -> Result<BTreeMap<String, String>, Error> {
        let Settings { name, host, port } = &self.settings;
        let mut connection = if let Some(connection) = self.connection.take() {
            connection
        } else {
            let stream = TcpStream::connect((host.as_str(), *port)).await;
            BufReader::new(stream.map_err(Error::NoWay)?)
        };
        let request = format!("LIST VAR {name}\n");
        let sent = connection.get_mut().write_all(request.as_bytes()).await;
        sent.map_err(Error::NoWay)?;
        let mut variables = BTreeMap::new();
        let mut answer = (&mut connection).take(MOST_BYTES);
        let mut line = String::new();
        loop {
            line.clear();
            let read = answer.read_line(&mut line).await;
            match read {
                Ok(_) if line.ends_with('\n') => {}
                Ok(_) if answer.limit() == 0 => return Err(Error::Garbage),
                Ok(_) => return Err(Error::NoWay(std::io::ErrorKind::UnexpectedEof.into())),
                Err(error) if error.kind() == std::io::ErrorKind::InvalidData => {
                    return Err(Error::Garbage);
                }
                Err(error) => return Err(Error::NoWay(error)),
            }
            let line = line.trim_end();
            if let Some(why) = line.strip_prefix("ERR ") {
                let error = refusal(why, name);
                self.connection = Some(connection);
                return Err(error);
            }
            if line == format!("BEGIN LIST VAR {name}") {
                continue;
            }
            if line == format!("END LIST VAR {name}") {
                self.connection = Some(connection);
                return Ok(variables);
            }
            let variable = line.strip_prefix("VAR ").and_then(|rest| {
                let (variable, value) = rest.strip_prefix(name)?.trim_start().split_once(' ')?;
                Some((variable.to_owned(), unquoted(value)?))
            });
            variables.extend([variable.ok_or(Error::Garbage)?]);
        }
    }
}

fn refusal(why: &str, name: &str) -> Error {
    match why.split_whitespace().next() {
        Some("UNKNOWN-UPS") => Error::UnknownUps(name.to_owned()),
        Some("DATA-STALE") => Error::Stale,
        Some("DRIVER-NOT-CONNECTED") => Error::NoDriver,
        _ => Error::Refused(why.to_owned()),
    }
}

/// The text between the quotes; a backslash makes the next character a plain one.
fn unquoted(text: &str) -> Option<String> {
    let inner = text.strip_prefix('"')?.strip_suffix('"')?;
    let mut plain = String::with_capacity(inner.len());
    let mut characters = inner.chars();
    while let Some(character) = characters.next() {
        plain.push(match character {
            '\\' => characters.next()?,
            character => character,
        });
    }
    Some(plain)
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;
    use tokio::task::JoinSet;

    use super::*;
    use crate::ups::Verdict;

    const GOOD: &str = "BEGIN LIST VAR desk\n\
        VAR desk battery.charge \"97\"\n\
        VAR desk device.model \"Back-UPS \\\"ES\\\" 700\"\n\
        VAR desk ups.status \"OB DISCHRG\"\n\
        END LIST VAR desk\n";

    const CUT: &str = "BEGIN LIST VAR desk\nVAR desk ups.status \"OL";

    /// Answers each request with the next of these; an empty one closes the connection.
    async fn upsd(answers: &'static [&'static str]) -> (JoinSet<()>, Client) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let settings = Settings {
            name: "desk".to_owned(),
            host: "127.0.0.1".to_owned(),
            port: listener.local_addr().unwrap().port(),
        };
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            let mut answers = answers.iter();
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let mut stream = BufReader::new(stream);
                let mut request = String::new();
                while stream.read_line(&mut request).await.unwrap() > 0 {
                    assert_eq!(request, "LIST VAR desk\n");
                    request.clear();
                    match answers.next() {
                        None => std::future::pending().await,
                        Some(&"") => break,
                        Some(answer) => {
                            let written = stream.write_all(answer.as_bytes()).await;
                            written.unwrap();
                        }
                    }
                }
            }
        });
        (tasks, Client::new(settings, Duration::from_secs(5)))
    }

    #[tokio::test]
    async fn the_variables_are_read_over_one_connection_and_a_left_one_is_opened_anew() {
        let (_upsd, mut client) = upsd(&[GOOD, GOOD, "", GOOD]).await;
        for _ in 0..3 {
            let variables = client.variables().await.unwrap();
            assert_eq!(variables["device.model"], "Back-UPS \"ES\" 700");
            assert_eq!(variables["ups.status"], "OB DISCHRG");
        }
    }

    #[tokio::test]
    async fn what_upsd_refuses_is_told_by_its_name_and_the_next_poll_is_good() {
        let (_upsd, mut client) = upsd(&[
            "ERR DATA-STALE\n",
            "ERR DRIVER-NOT-CONNECTED\n",
            "ERR UNKNOWN-UPS\n",
            "ERR ACCESS-DENIED\n",
            GOOD,
        ])
        .await;
        assert!(matches!(client.poll().await, Err(Error::Stale)));
        assert!(matches!(client.poll().await, Err(Error::NoDriver)));
        assert!(matches!(client.poll().await, Err(Error::UnknownUps(_))));
        assert!(matches!(client.poll().await, Err(Error::Refused(_))));
        assert_eq!(client.poll().await.unwrap().verdict, Verdict::MainsLost);
    }

    #[tokio::test]
    async fn junk_silence_and_a_closed_port_are_errors_and_bounded() {
        let (_upsd, mut client) = upsd(&["HTTP/1.1 400 Bad Request\n\n"]).await;
        assert!(matches!(client.poll().await, Err(Error::Garbage)));
        let (_upsd, mut client) = upsd(&[CUT]).await;
        client.timeout = Duration::from_millis(50);
        assert!(matches!(client.poll().await, Err(Error::Silence(_))));
        let (upsd, mut client) = upsd(&[]).await;
        drop(upsd);
        assert!(matches!(
            client.poll().await,
            Err(Error::NoWay(_) | Error::Silence(_))
        ));
    }

    #[test]
    fn a_place_is_read_as_upsc_reads_it() {
        let place = |text: &str| text.parse::<Settings>();
        assert_eq!(place("desk@pc-7").unwrap().to_string(), "desk@pc-7:3493");
        assert_eq!(place("desk@[::1]:3494").unwrap().port, 3494);
        for odd in ["desk", "@pc", "desk@", "desk@pc:x", "de sk@pc", "desk@[::1"] {
            assert_eq!(place(odd), Err(NoSuchPlace), "{odd}");
        }
    }
}
