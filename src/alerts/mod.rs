//! Hands: bring what is owed to the channels.
//!
//! In comes the outbox, the whole of it whenever it changes; out goes what
//! became of each message, as an [`Input::Delivery`](crate::incidents::Input).
//! What leaves the outbox is not sent any more. Attempts and backoff live here, in
//! memory: after a restart whatever is still owed is simply tried again, under
//! the same id. Each channel has a worker of its own, so that one that hangs
//! never delays another. A message is never lost because of a network: it is
//! tried until it is delivered, refused, or owed no more.

pub mod alertmanager;
mod answer;
mod attempt;
mod budget;
pub mod calls;
mod channel;
mod client;
pub mod exec;
#[cfg(test)]
mod fixture;
mod letter;
pub mod ntfy;
pub mod pagerduty;
pub mod phone;
mod pinned;
pub mod robot;
mod secret;
pub mod slack;
pub mod teams;
pub mod webhook;

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::SignedDuration;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::inbox::Inbox;
use crate::incidents::Due;

pub use attempt::Attempt;
pub use client::{client, client_trusting};
pub use letter::Reader;
pub use pinned::pinned;
pub use secret::{Secret, SecretError};

/// Where a channel leads.
#[derive(Clone, Debug)]
pub enum Settings {
    Webhook(webhook::Settings),
    Robot(robot::Settings),
    Slack(slack::Settings),
    Teams(teams::Settings),
    PagerDuty(pagerduty::Settings),
    Alertmanager(alertmanager::Settings),
    Ntfy(ntfy::Settings),
    Exec(exec::Settings),
}

impl Settings {
    /// Makes one attempt, ended by its own timeout. Several messages go as one where
    /// they are texts for people; elsewhere there is one.
    pub async fn send(&self, client: &reqwest::Client, dues: &[Arc<Due>]) -> Attempt {
        let Some(due) = dues.first() else {
            return Attempt::Delivered;
        };
        match self {
            Settings::Webhook(settings) => webhook::send(settings, client, due).await,
            Settings::PagerDuty(settings) => pagerduty::send(settings, client, due).await,
            Settings::Alertmanager(settings) => alertmanager::send(settings, client, due).await,
            Settings::Robot(settings) => robot::send(settings, client, dues).await,
            Settings::Slack(settings) => slack::send(settings, client, dues).await,
            Settings::Teams(settings) => teams::send(settings, client, dues).await,
            Settings::Ntfy(settings) => ntfy::send(settings, client, dues).await,
            Settings::Exec(settings) => exec::send(settings, dues).await,
        }
    }

    /// How many messages it takes; nothing where it says so itself.
    fn limits(&self) -> &'static [budget::Limit] {
        match self {
            Settings::Webhook(_) | Settings::PagerDuty(_) | Settings::Alertmanager(_) => &[],
            Settings::Robot(settings) => robot::limits(settings.kind),
            Settings::Slack(_) => slack::LIMITS,
            Settings::Teams(_) => teams::LIMITS,
            Settings::Ntfy(_) => ntfy::LIMITS,
            Settings::Exec(_) => exec::LIMITS,
        }
    }

    /// Who reads it, and how much goes into one message of several; `None` where
    /// it is a program that wants each event.
    fn combines(&self) -> Option<(usize, &Reader)> {
        match self {
            Settings::Webhook(_) | Settings::PagerDuty(_) | Settings::Alertmanager(_) => None,
            Settings::Robot(settings) => Some((robot::COMBINED_BYTES, &settings.reader)),
            Settings::Slack(settings) => Some((slack::COMBINED_BYTES, &settings.reader)),
            Settings::Teams(settings) => Some((teams::COMBINED_BYTES, &settings.reader)),
            Settings::Ntfy(settings) => Some((ntfy::COMBINED_BYTES, &settings.reader)),
            Settings::Exec(settings) => Some((exec::COMBINED_BYTES, &settings.reader)),
        }
    }

    fn off_the_hour(&self) -> SignedDuration {
        match self {
            Settings::Robot(settings) => robot::off_the_hour(settings.kind),
            _ => SignedDuration::ZERO,
        }
    }
}

/// Sends what is due until cancelled; ends earlier only where control has ended or a worker panicked.
///
/// A message to a channel that is not among `channels` is left to the Board.
pub async fn run(
    channels: BTreeMap<String, Settings>,
    due: watch::Receiver<Arc<Vec<Due>>>,
    inbox: Inbox,
    clock: Clock,
    client: reqwest::Client,
    cancel: CancellationToken,
) {
    let mut workers = JoinSet::new();
    for (name, settings) in channels {
        let worker = channel::Worker::new(name, due.clone(), inbox.clone(), clock.clone());
        let mut worker = worker
            .within(budget::Budget::of(settings.limits()))
            .off_the_hour(settings.off_the_hour());
        if let Some((most, reader)) = settings.combines() {
            let reader = reader.clone();
            worker = worker.combining(most, Box::new(move |due| letter::size(&reader, due)));
        }
        let settings = Arc::new(settings);
        let client = client.clone();
        let send = move |dues: Vec<Arc<Due>>| {
            let (settings, client) = (Arc::clone(&settings), client.clone());
            async move { settings.send(&client, &dues).await }
        };
        let cancel = cancel.clone();
        workers.spawn(async move {
            cancel.run_until_cancelled(worker.run(send)).await;
        });
    }
    if workers.is_empty() {
        cancel.cancelled().await;
    }
    // The others are of no use where one has ended; whoever is still in the set is aborted.
    if let Some(Err(error)) = workers.join_next().await {
        tracing::error!(%error, "the worker of a channel has failed");
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::Mutex;

    use super::*;
    use crate::clock::Work;
    use crate::incidents::{IncidentId, OwedId};
    use crate::text::Language;
    use fixture::Server;

    /// Where log lines go.
    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// One of each kind, whose secrets all hold the word S3CRET.
    fn one_of_each(base: &str) -> BTreeMap<String, Settings> {
        let reader = || fixture::reader(Language::En);
        let secret = || Some("S3CRET".to_owned());
        let robot = |kind| {
            Settings::Robot(robot::Settings {
                kind,
                url: format!("{base}/send/S3CRET?access_token=S3CRET&key=S3CRET"),
                secret: secret(),
                reader: reader(),
            })
        };
        let url = format!("{base}/services/S3CRET?sig=S3CRET");
        let key: Secret = "whsec_S3CRET8GKYqrTwjUPD8ILPZIo2LaLaSw".parse().unwrap();
        [
            ("dingtalk", robot(robot::Kind::DingTalk)),
            ("wecom", robot(robot::Kind::WeCom)),
            ("feishu", robot(robot::Kind::Feishu)),
            (
                "webhook",
                Settings::Webhook(webhook::Settings {
                    url: url.clone(),
                    secret: key,
                    previous_secret: None,
                }),
            ),
            (
                "slack",
                Settings::Slack(slack::Settings {
                    url: url.clone(),
                    reader: reader(),
                }),
            ),
            (
                "teams",
                Settings::Teams(teams::Settings {
                    url: url.clone(),
                    reader: reader(),
                }),
            ),
            (
                "pagerduty",
                Settings::PagerDuty(pagerduty::Settings {
                    url: url.clone(),
                    routing_key: "S3CRET".into(),
                    reader: reader(),
                }),
            ),
            (
                "alertmanager",
                Settings::Alertmanager(alertmanager::Settings {
                    url: url.clone(),
                    token: secret(),
                    reader: reader(),
                }),
            ),
            (
                "ntfy",
                Settings::Ntfy(ntfy::Settings {
                    url,
                    topic: "S3CRET".into(),
                    token: secret(),
                    reader: reader(),
                }),
            ),
            (
                "exec",
                Settings::Exec(exec::Settings {
                    command: [
                        "sh",
                        "-c",
                        "echo \"$1 $CALLWATCH_SECRET\" >&2; exit 78",
                        "sh",
                        "S3CRET",
                    ]
                    .map(str::to_owned)
                    .into(),
                    timeout: exec::TIMEOUT,
                    to: Vec::new(),
                    secret: secret(),
                    reader: reader(),
                }),
            ),
        ]
        .map(|(name, settings)| (name.to_owned(), settings))
        .into()
    }

    #[tokio::test]
    async fn no_secret_is_in_a_log_line_a_reason_or_a_debug_text() {
        let echo = "{\"errcode\":93000,\"code\":19021,\"errmsg\":\"S3CRET S3CRET S3CRET S3CRET\",\"msg\":\"S3CRET\",\"errors\":[\"S3CRET\"],\"error\":\"S3CRET S3CRET S3CRET\"}";
        let server = Server::start(&[(400, "", echo)]).await;
        let channels = one_of_each(&server.url);
        let mut printed = format!("{channels:?}");
        let kinds = channels.len();
        let outbox: Vec<Due> = (0..)
            .zip(channels.keys())
            .map(|(number, channel)| Due {
                owed: OwedId(number),
                incident: IncidentId(number),
                channel: channel.clone(),
                ..fixture::due()
            })
            .collect();
        let lines = Lines::default();
        let writer = lines.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_writer(move || writer.clone())
            .with_ansi(false)
            .finish();
        let _logging = tracing::subscriber::set_default(subscriber);
        let (_due_tx, due_rx) = watch::channel(Arc::new(outbox));
        let (inbox, mut envelopes_rx) = Inbox::new(Work::default());
        let cancel = CancellationToken::new();
        let client = client().unwrap();
        let running = run(channels, due_rx, inbox, Clock::real(), client, cancel);
        let told = async {
            let mut told = Vec::new();
            for _ in 0..kinds {
                let envelope = envelopes_rx.recv().await.unwrap();
                told.push(format!("{:?}", envelope.input));
            }
            told
        };
        tokio::select! {
            () = running => panic!("it runs on"),
            told = told => printed.push_str(&told.concat()),
        }
        printed.push_str(&String::from_utf8_lossy(&lines.0.lock().unwrap()));
        assert!(printed.contains("gave up"), "{printed}");
        assert!(printed.contains("not set up"), "{printed}");
        assert!(!printed.contains("S3CRET"), "{printed}");
    }
}
