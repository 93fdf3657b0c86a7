//! A program of the centre's own that prints the queues: whatever no other source can
//! ask, such as a database or a service that signs in a way of its own.
//!
//! It reads `{"queues": ["support"]}` and prints the JSON of [`crate::acd::pushed`].
//! Another exit code than 0 is no reading, and its standard error says why.

use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use crate::acd::Blind;
use crate::acd::pushed::{Complaint, Freshness, read_all};
use crate::clock::wall_clock;
use crate::probes::acd::failure::Failure;
use crate::probes::acd::hidden::Hidden;
use crate::probes::acd::told::Told;
use crate::program::{self, Ended, Error, Program};
use crate::text::Text;

/// Of its standard output.
const MOST_BYTES: usize = 1024 * 1024;
/// Characters of what it said on standard error that are repeated.
const MOST_REPEATED: usize = 200;

#[derive(Clone, PartialEq, Eq)]
pub struct Settings {
    /// The program and its arguments.
    pub command: Vec<String>,
    /// Handed over as `CALLWATCH_SECRET` in its environment.
    pub secret: Option<Hidden>,
    pub queues: BTreeSet<String>,
    /// In real time.
    pub timeout: Duration,
    /// Figures that say that they are older are not believed.
    pub stale_after: SignedDuration,
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // An argument may be a token, whatever one should do.
        f.debug_struct("Settings")
            .field("program", &program::name(&self.command))
            .field("queues", &self.queues)
            .finish_non_exhaustive()
    }
}

/// Runs it once.
pub async fn poll(settings: &Settings) -> Result<Told, Failure> {
    let input = json!({ "queues": settings.queues }).to_string();
    let secret = settings.secret.as_ref().map(Hidden::reveal);
    let run = Program {
        command: &settings.command,
        secret,
        input: input.as_bytes(),
        most_output: MOST_BYTES,
        timeout: settings.timeout,
    };
    let name = program::name(&settings.command);
    let ended = program::run(run)
        .await
        .map_err(|error| not_ended(name, &error))?;
    told(settings, name, &ended, secret, wall_clock())
}

fn told(
    settings: &Settings,
    name: &str,
    ended: &Ended,
    secret: Option<&str>,
    now: Timestamp,
) -> Result<Told, Failure> {
    let words = repeated(&ended.words, secret);
    if !ended.status.success() {
        let how = match ended.status.code() {
            Some(code) => Text::new(
                format!("`{name}`以退出码{code}结束"),
                format!("`{name}` ended with exit code {code}"),
            ),
            None => Text::new(
                format!("`{name}`被外面结束了（{}）", ended.status),
                format!("`{name}` was ended from outside ({})", ended.status),
            ),
        };
        let why = if words.is_empty() {
            how.en.clone()
        } else {
            words
        };
        return Err(Failure::new(Blind::refused(&why))
            .because(how)
            .because(Text::same(why)));
    }
    let fresh = Freshness {
        now,
        stale_after: settings.stale_after,
    };
    let (reading, complaints) = read_all(&settings.queues, &ended.output, fresh);
    let mut notes: Vec<Text> = complaints.iter().map(Complaint::words).collect();
    if !words.is_empty() {
        notes.push(Text::new(
            format!("`{name}`另外说：{words}"),
            format!("`{name}` says beside it: {words}"),
        ));
    }
    Ok(Told { reading, notes })
}

fn not_ended(name: &str, error: &Error) -> Failure {
    let blind = match error {
        Error::NotStarted(_) | Error::Lost(_) => Blind::refused(&format!("`{name}` {error}")),
        Error::TooSlow(_) => Blind::Slow,
        Error::TooMuch(most) => Blind::TooMuch { most: *most as u64 },
    };
    let why = match error {
        Error::NotStarted(error) => Text::new(
            format!("`{name}`启动不了：{error}；核对command"),
            format!("`{name}` cannot be started: {error}; check `command`"),
        ),
        Error::Lost(error) => Text::new(
            format!("等不到`{name}`结束：{error}"),
            format!("`{name}` cannot be waited for: {error}"),
        ),
        Error::TooSlow(timeout) => Text::new(
            format!("`{name}`超过{timeout:?}没结束，已终止"),
            format!("`{name}` took longer than {timeout:?} and was ended"),
        ),
        Error::TooMuch(most) => Text::new(
            format!("`{name}`输出超过{most}字节，已终止"),
            format!("`{name}` printed more than {most} bytes and was ended"),
        ),
    };
    Failure::new(blind).because(why)
}

/// The first line, without the secret.
fn repeated(words: &str, secret: Option<&str>) -> String {
    let line = words.trim().lines().next().unwrap_or_default();
    let line = match secret.filter(|secret| !secret.is_empty()) {
        Some(secret) => line.replace(secret, "…"),
        None => line.to_owned(),
    };
    let line = line.replace(char::is_control, " ");
    line.chars().take(MOST_REPEATED).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::acd::{Field, NoReading};

    fn runs(script: &str) -> Settings {
        Settings {
            command: ["/bin/sh", "-c", script].map(str::to_owned).into(),
            secret: Some(Hidden::new("S3CRET")),
            queues: ["support".to_owned()].into(),
            timeout: Duration::from_secs(20),
            stale_after: SignedDuration::from_secs(30),
        }
    }

    async fn failed(settings: &Settings) -> Failure {
        poll(settings).await.unwrap_err()
    }

    #[tokio::test]
    async fn what_a_program_prints_is_read_and_it_knows_what_it_is_asked_for() {
        let script = "read asked; test \"$CALLWATCH_SECRET\" = S3CRET || exit 9; \
            test \"$asked\" = '{\"queues\":[\"support\"]}' || exit 8; \
            echo slow today >&2; echo '{\"waiting\": 3}'";
        let told = poll(&runs(script)).await.unwrap();
        assert_eq!(told.reading.queue("support").unwrap().waiting, Some(3));
        assert_eq!(told.notes[0].en, "`sh` says beside it: slow today");
    }

    #[tokio::test]
    async fn figures_that_are_odd_make_their_queue_blind() {
        let told = poll(&runs("echo '{\"waiting\": -1}'")).await.unwrap();
        let field = Field::Waiting;
        assert_eq!(
            told.reading.queue("support"),
            Err(Blind::Negative { field })
        );
        assert!(
            told.notes[0]
                .en
                .starts_with("queues.support.waiting is negative")
        );
        let told = poll(&runs("echo nothing")).await.unwrap();
        assert!(matches!(
            told.reading.queue("support"),
            Err(Blind::Garbage { .. })
        ));
        assert!(
            told.notes[0].en.starts_with("is no JSON"),
            "{:?}",
            told.notes
        );
        let told = poll(&runs("true")).await.unwrap();
        assert!(matches!(
            told.reading.queue("support"),
            Err(Blind::Garbage { .. })
        ));
    }

    #[tokio::test]
    async fn a_program_that_fails_says_why_and_its_secret_is_not_repeated() {
        let script = "echo '{\"waiting\": 0}'; echo no database for S3CRET >&2; exit 3";
        let failure = failed(&runs(script)).await;
        assert_eq!(
            failure.no_reading,
            Blind::refused("no database for …").into()
        );
        assert!(failure.to_string().contains("exit code 3"), "{failure}");
        let failure = failed(&runs("kill -9 $$")).await;
        assert!(failure.to_string().contains("from outside"), "{failure}");
        let settings = Settings {
            command: vec!["/nowhere/acd".into(), "T0KEN".into()],
            ..runs("")
        };
        let failure = failed(&settings).await;
        assert!(
            failure.to_string().contains("`acd` cannot be started"),
            "{failure}"
        );
        assert!(!format!("{settings:?}").contains("T0KEN"));
        assert!(!format!("{settings:?}").contains("S3CRET"));
    }

    #[tokio::test]
    async fn a_program_that_prints_or_takes_too_much_is_ended() {
        let failure = failed(&runs("while :; do echo 0123456789; done")).await;
        let most = MOST_BYTES as u64;
        assert_eq!(failure.no_reading, Blind::TooMuch { most }.into());
        let slow = Settings {
            timeout: Duration::from_millis(300),
            ..runs("exec sleep 60")
        };
        assert_eq!(
            failed(&slow).await.no_reading,
            NoReading::Blind(Blind::Slow)
        );
    }
}
