//! One connection to a simulated Asterisk.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use md5::{Digest as _, Md5};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::net::tcp::OwnedReadHalf;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::sim::ami::exchange::{Callee, Exchange, Mood, SECRET, USER};
use crate::sim::ami::wording;
use crate::sim::queue::Queue;

/// Real time that a login which fails takes.
const FAILURE: Duration = Duration::from_secs(1);
/// Real time until whoever has not logged in is put out.
const AUTH_TIMEOUT: Duration = Duration::from_secs(30);
/// Of this Asterisk; a real one draws it.
const CHALLENGE: &str = "175557268";
/// Until whoever answered has heard the prompt.
const PROMPT: SignedDuration = SignedDuration::from_secs(3);

/// What was asked: keys and values; a variable may stand there more than once.
#[derive(Debug, Default)]
struct Asked {
    fields: BTreeMap<String, String>,
    variables: BTreeMap<String, String>,
}

impl Asked {
    fn get(&self, key: &str) -> Option<&str> {
        self.fields.get(key).map(String::as_str)
    }

    fn id(&self) -> Option<&str> {
        self.get("ActionID")
    }
}

/// Talks until somebody hangs up.
pub(super) async fn hold(
    stream: TcpStream,
    exchange: &Arc<Exchange>,
    listener: u64,
    mut events: mpsc::Receiver<String>,
    stopping: CancellationToken,
) -> io::Result<()> {
    let Some(mood) = able(exchange, &stopping, |mood| *mood != Mood::Hung).await else {
        return Ok(());
    };
    if mood == Mood::HangsUp {
        return Ok(());
    }
    let (reader, mut writer) = stream.into_split();
    writer.write_all(wording::BANNER.as_bytes()).await?;
    let (asked_tx, mut asked_rx) = mpsc::channel(16);
    let talking = async {
        let mut calls = JoinSet::new();
        let mut logged_in = false;
        let put_out = tokio::time::sleep(AUTH_TIMEOUT);
        tokio::pin!(put_out);
        loop {
            let asked = tokio::select! {
                biased;
                Some(event) = events.recv() => {
                    let awake = able(exchange, &stopping, |mood| *mood != Mood::Hung).await;
                    if awake.is_some() {
                        writer.write_all(event.as_bytes()).await?;
                    }
                    continue;
                }
                () = stopping.cancelled() => return Ok(()),
                () = &mut put_out, if !logged_in => return Ok(()),
                asked = asked_rx.recv() => asked,
            };
            let Some(asked): Option<Asked> = asked else {
                return Ok(());
            };
            let answers = |mood: &Mood| !matches!(mood, Mood::Hung | Mood::Wedged);
            let Some(mood) = able(exchange, &stopping, answers).await else {
                return Ok(());
            };
            let text = if logged_in {
                serve(exchange, &asked, mood)
            } else {
                let (text, welcome) = let_in(exchange, listener, &asked).await;
                logged_in = welcome;
                text
            };
            writer.write_all(text.as_bytes()).await?;
            let action = asked.get("Action");
            let failed = action == Some("Login") && !logged_in;
            if failed || action == Some("Logoff") {
                return Ok(());
            }
            if logged_in && action == Some("Originate") {
                // As with `Async: true`, which alone is understood here.
                calls.spawn(ring(Arc::clone(exchange), asked));
            }
        }
    };
    tokio::select! {
        read = read(BufReader::new(reader), asked_tx) => read,
        talked = talking => talked,
    }
}

/// The mood once it is a wanted one; `None` where the process stops before.
async fn able(
    exchange: &Exchange,
    stopping: &CancellationToken,
    wanted: impl FnMut(&Mood) -> bool,
) -> Option<Mood> {
    // What can still be said before the end is said.
    tokio::select! {
        biased;
        mood = exchange.until(wanted) => Some(mood),
        () = stopping.cancelled() => None,
    }
}

/// Reads what is asked until the other side hangs up.
async fn read(
    mut reader: BufReader<OwnedReadHalf>,
    asked_tx: mpsc::Sender<Asked>,
) -> io::Result<()> {
    let mut asked = Asked::default();
    let mut line = String::new();
    loop {
        line.clear();
        if reader.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        let text = line.trim_end_matches(['\r', '\n']);
        if let Some((key, value)) = text.split_once(':') {
            let value = value.trim();
            if key == "Variable" {
                let pairs = value.split(',').filter_map(|pair| pair.split_once('='));
                let pairs = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
                asked.variables.extend(pairs);
            } else {
                asked.fields.insert(key.to_owned(), value.to_owned());
            }
        } else if text.is_empty() && asked_tx.send(std::mem::take(&mut asked)).await.is_err() {
            return Ok(());
        }
    }
}

/// Of whoever has not logged in: what is said, and whether it has now.
async fn let_in(exchange: &Exchange, listener: u64, asked: &Asked) -> (String, bool) {
    let id = asked.id();
    let refused = |why| (wording::response(false, id, &[("Message", why)]), false);
    match asked.get("Action") {
        Some("Challenge") if exchange.offers_challenge() => (
            wording::response(true, id, &[("Challenge", CHALLENGE)]),
            false,
        ),
        Some("Login") => {
            exchange.count_login();
            let key = Md5::new()
                .chain_update(CHALLENGE)
                .chain_update(SECRET)
                .finalize();
            let proves = match asked.get("Key") {
                Some(told) => exchange.offers_challenge() && told == format!("{key:x}"),
                None => asked.get("Secret") == Some(SECRET),
            };
            if asked.get("Username") != Some(USER) || !proves {
                tokio::time::sleep(FAILURE).await;
                return refused("Authentication failed");
            }
            let events = asked.get("Events").unwrap_or("on");
            exchange.listen(listener, events);
            let accepted = [("Message", "Authentication accepted")];
            let mut text = wording::response(true, id, &accepted);
            if events.contains("system") || events == "on" {
                text += &wording::fully_booted(exchange.now());
            }
            (text, true)
        }
        Some("Logoff") => (wording::goodbye(id), false),
        Some(_) => refused("Permission denied"),
        None => refused("Missing action in request"),
    }
}

fn serve(exchange: &Exchange, asked: &Asked, mood: Mood) -> String {
    let id = asked.id();
    let now = exchange.now();
    match asked.get("Action") {
        Some("Ping") => {
            let stamp = format!("{}.000000", now.as_second());
            wording::response(true, id, &[("Ping", "Pong"), ("Timestamp", &stamp)])
        }
        Some("QueueSummary") => {
            let items = of_queues(exchange, asked)
                .iter()
                .map(|queue| wording::summary(queue, id, now))
                .collect();
            list(
                "Queue summary will follow",
                "QueueSummaryComplete",
                id,
                items,
                mood,
            )
        }
        Some("QueueStatus") => {
            let items = of_queues(exchange, asked)
                .iter()
                .flat_map(|queue| wording::status(queue, id, now))
                .collect();
            list(
                "Queue status will follow",
                "QueueStatusComplete",
                id,
                items,
                mood,
            )
        }
        Some("Originate") => {
            let queued = [("Message", "Originate successfully queued")];
            wording::response(true, id, &queued)
        }
        Some("Logoff") => wording::goodbye(id),
        Some(action) => {
            let unknown = format!(
                "Invalid/unknown command: {action}. Use Action: ListCommands to show available commands."
            );
            wording::response(false, id, &[("Message", &unknown)])
        }
        None => wording::response(false, id, &[("Message", "Missing action in request")]),
    }
}

/// The queue that is named, or all; one that is not there is no error.
fn of_queues(exchange: &Exchange, asked: &Asked) -> Vec<Queue> {
    let mut queues = exchange.queues();
    if let Some(wanted) = asked.get("Queue") {
        queues.retain(|queue| queue.name.eq_ignore_ascii_case(wanted));
    }
    queues
}

fn list(
    message: &str,
    complete: &str,
    id: Option<&str>,
    mut items: Vec<String>,
    mood: Mood,
) -> String {
    let told = items.len();
    let head = [("EventList", "start"), ("Message", message)];
    let head = wording::response(true, id, &head);
    let tail = match mood {
        Mood::StopsInLists => {
            items.truncate(told / 2);
            String::new()
        }
        Mood::LosesItems => {
            items.pop();
            wording::complete(complete, id, told)
        }
        _ => wording::complete(complete, id, told),
    };
    head + &items.concat() + &tail
}

/// Rings somebody, plays to whoever answers, and tells what became of it. That the
/// call was queued was said before, whatever becomes of it.
async fn ring(exchange: Arc<Exchange>, asked: Asked) {
    let channel = asked.get("Channel").unwrap_or_default().to_owned();
    let unique = asked.get("ChannelId").map(str::to_owned);
    let unique = unique.unwrap_or_else(|| exchange.next_call());
    let number = channel
        .split_once('/')
        .map_or("", |(_, rest)| rest)
        .split(['@', '/'])
        .next()
        .unwrap_or_default();
    let milliseconds = asked.get("Timeout").and_then(|it| it.parse().ok());
    let patience = SignedDuration::from_millis(milliseconds.unwrap_or(30_000));
    let clock = exchange.clock();
    let (reason, key) = match exchange.callee(number) {
        Some(Callee::Answers { after, key }) if after <= patience => {
            clock.sleep(after).await;
            (4, key)
        }
        Some(Callee::Answers { .. } | Callee::NoAnswer) => {
            clock.sleep(patience).await;
            (3, false)
        }
        Some(Callee::Busy) => (5, false),
        // No such number; also, on many lines, one that is busy.
        None => (0, false),
    };
    let now = exchange.now();
    exchange.tell(
        "call",
        &wording::originated(asked.id(), &channel, &unique, reason, now),
    );
    if reason != 4 {
        return;
    }
    clock.sleep(PROMPT).await;
    let now = exchange.now();
    if key {
        let alert = asked.variables.get("ALERT_ID");
        let alert = alert.map_or("", String::as_str);
        exchange.tell(
            "user",
            &wording::acknowledged(&channel, &unique, alert, now),
        );
    }
    exchange.tell("call", &wording::hung_up(&channel, &unique, now));
}
