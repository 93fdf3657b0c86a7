//! A program of the centre's own: an SMS modem, a telephone, any script.
//!
//! It is started without a shell, gets one JSON document on its standard input and
//! says by exit code 0 that the message is on its way; the first line of its standard
//! error says why not. 78 (`EX_CONFIG` of sysexits.h) means that it will never be.
//! It leads a process group of its own, which ends as a whole at the timeout: SIGTERM,
//! and two seconds later SIGKILL. What it did before nobody knows, so it is started
//! again with the same ids in the document.

use std::fmt;
use std::process::ExitStatus;
use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use serde::Serialize;
use serde_json::{Value, json};

use crate::alerts::answer::quoted;
use crate::alerts::attempt::Attempt;
use crate::alerts::budget::Limit;
use crate::alerts::letter::{Reader, letter};
use crate::alerts::webhook::Body;
use crate::incidents::Due;
use crate::program::{self, Ended, Program};
use crate::text::Text;

/// Of a message of several, without its title and foot; an SMS of more is unreadable.
pub(super) const COMBINED_BYTES: usize = 1500;
pub(super) const LIMITS: &[Limit] = &[(12, SignedDuration::from_mins(1))];
const MOST_BYTES: usize = 4096;
/// How long it may take where nobody says otherwise.
pub const TIMEOUT: SignedDuration = SignedDuration::from_secs(30);
/// It may have sent the message before it was ended.
const PATIENCE: SignedDuration = SignedDuration::from_mins(1);
const NEVER: i32 = 78;

#[derive(Clone)]
pub struct Settings {
    /// The program and its arguments.
    pub command: Vec<String>,
    pub timeout: SignedDuration,
    /// Whom it should reach.
    pub to: Vec<Addressee>,
    /// Handed over as `CALLWATCH_SECRET` in its environment.
    pub secret: Option<String>,
    pub reader: Reader,
}

/// A contact of the centre's file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Addressee {
    pub contact: String,
    pub name: Text,
    pub phone: String,
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // An argument may be a token, whatever one should do.
        f.debug_struct("Settings")
            .field("program", &self.program())
            .finish_non_exhaustive()
    }
}

impl Settings {
    /// The name of the program, without folder and arguments.
    fn program(&self) -> &str {
        program::name(&self.command)
    }
}

/// Makes one attempt.
pub async fn send(settings: &Settings, dues: &[Arc<Due>]) -> Attempt {
    let name = settings.program();
    let failed = |why: String, retry_after| Attempt::Failed {
        why: format!("`{name}` {why}"),
        retry_after,
    };
    let document = document(settings, dues).to_string();
    let run = Program {
        command: &settings.command,
        secret: settings.secret.as_deref(),
        input: document.as_bytes(),
        most_output: 0,
        timeout: Duration::try_from(settings.timeout).unwrap_or(Duration::from_secs(2)),
    };
    match program::run(run).await {
        Ok(Ended { status, words, .. }) => {
            let secrets = settings.command.iter().skip(1).chain(&settings.secret);
            let secrets: Vec<&str> = secrets.map(String::as_str).collect();
            judged(name, status, &quoted(&words, &secrets))
        }
        Err(program::Error::NotStarted(error)) => {
            let why = format!("cannot be started: {error}; check the channel's command");
            failed(why, None)
        }
        Err(program::Error::TooSlow(_)) => {
            let why = format!("took longer than {:#} and was ended", settings.timeout);
            failed(why, Some(PATIENCE))
        }
        Err(error) => failed(error.to_string(), None),
    }
}

fn judged(program: &str, status: ExitStatus, words: &str) -> Attempt {
    let said = if words.is_empty() {
        String::new()
    } else {
        format!(": {words}")
    };
    match status.code() {
        Some(0) => Attempt::Delivered,
        Some(NEVER) => Attempt::Refused {
            why: format!("`{program}` says that it is not set up (exit code {NEVER}){said}"),
        },
        Some(code) => Attempt::Failed {
            why: format!("`{program}` ended with exit code {code}{said}"),
            retry_after: None,
        },
        None => Attempt::Failed {
            why: format!("`{program}` was ended from outside ({status}){said}"),
            retry_after: None,
        },
    }
}

/// What it reads: the words for people, whom they are for, and the events as a webhook has them.
fn document(settings: &Settings, dues: &[Arc<Due>]) -> Value {
    let letter = letter(&settings.reader, dues);
    let events: Vec<Value> = dues
        .iter()
        .map(|due| {
            let mut event = json!(Body::from(&**due));
            event["id"] = json!(due.webhook_id);
            event
        })
        .collect();
    let text = letter.text(str::to_owned, "\n", MOST_BYTES);
    json!({
        "channel": dues.first().map(|due| &due.channel),
        "language": settings.reader.language.tag(),
        "to": settings.to,
        "title": letter.title,
        // Whole, for whoever reads nothing else.
        "text": format!("{}\n{text}", letter.title),
        "events": events,
    })
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use rustix::process::{Pid, Signal};
    use tokio::time::timeout;

    use super::*;
    use crate::alerts::fixture;
    use crate::text::Language;

    /// A folder of this test's own, taken away at its end.
    struct Scratch(PathBuf);

    impl Scratch {
        fn new(name: &str) -> Self {
            let path =
                std::env::temp_dir().join(format!("callwatch-{name}-{}", std::process::id()));
            std::fs::create_dir_all(&path).unwrap();
            Self(path)
        }

        fn path(&self, name: &str) -> String {
            self.0.join(name).to_str().unwrap().to_owned()
        }
    }

    impl Drop for Scratch {
        fn drop(&mut self) {
            std::fs::remove_dir_all(&self.0).unwrap();
        }
    }

    fn runs(script: &str, arguments: &[&str]) -> Settings {
        let shell = ["/bin/sh", "-c", script, "sh"];
        let command = shell.iter().chain(arguments);
        Settings {
            command: command.map(|part| (*part).to_owned()).collect(),
            timeout: SignedDuration::from_secs(20),
            to: vec![Addressee {
                contact: "it".into(),
                name: Text::new("信息部值班", "IT on duty"),
                phone: "13800001111".into(),
            }],
            secret: Some("S3CRET".into()),
            reader: fixture::reader(Language::Zh),
        }
    }

    async fn sent(settings: &Settings) -> Attempt {
        send(settings, &[Arc::new(fixture::due())]).await
    }

    #[tokio::test]
    async fn it_reads_one_document_with_the_words_the_numbers_and_the_events() {
        let scratch = Scratch::new("exec-document");
        let file = scratch.path("document");
        let script = "cat > \"$1\"; test \"$CALLWATCH_SECRET\" = S3CRET";
        let settings = runs(script, &[&file]);
        assert_eq!(sent(&settings).await, Attempt::Delivered);
        let document: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
        assert_eq!(document["to"][0]["phone"], "13800001111");
        assert_eq!(document["title"], "停电 14:31 · C座三楼");
        assert_eq!(
            document["text"],
            "停电 14:31 · C座三楼\n市电中断。\n客服中心 · 严重 · 3月2日 14:31 起"
        );
        assert_eq!(document["channel"], "it");
        assert_eq!(document["events"][0]["id"], "msg_14");
        assert_eq!(document["events"][0]["type"], "incident.opened");
        assert_eq!(document["events"][0]["data"]["where"]["en"], "block C");
    }

    #[tokio::test]
    async fn no_argument_is_read_by_a_shell() {
        let scratch = Scratch::new("exec-argv");
        let file = scratch.path("arguments");
        let odd = "a b; $(touch x) \"c\" *";
        let settings = runs("printf '%s' \"$2\" > \"$1\"", &[&file, odd]);
        assert_eq!(sent(&settings).await, Attempt::Delivered);
        assert_eq!(std::fs::read_to_string(&file).unwrap(), odd);
    }

    #[tokio::test]
    async fn its_exit_code_and_the_first_line_of_its_errors_say_why() {
        let script = "echo no modem for S3CRET, T0KEN >&2; echo more >&2; exit 3";
        let settings = runs(script, &["T0KEN"]);
        let Attempt::Failed { why, retry_after } = sent(&settings).await else {
            panic!("it is tried again");
        };
        assert_eq!(why, "`sh` ended with exit code 3: no modem for …, …");
        assert_eq!(retry_after, None);
        let attempt = sent(&runs("exit 78", &[])).await;
        assert!(matches!(attempt, Attempt::Refused { .. }), "{attempt:?}");
        let attempt = sent(&runs("kill -9 $$", &[])).await;
        assert!(
            format!("{attempt:?}").contains("from outside"),
            "{attempt:?}"
        );
        let mut nobody = runs("", &[]);
        nobody.command = vec!["/nowhere/T0KEN/sms".into(), "T0KEN".into()];
        let attempt = sent(&nobody).await;
        assert!(matches!(attempt, Attempt::Failed { .. }), "{attempt:?}");
        let printed = format!("{attempt:?} {nobody:?} {settings:?}");
        assert!(
            !printed.contains("T0KEN") && !printed.contains("S3CRET"),
            "{printed}"
        );
    }

    #[tokio::test]
    async fn whoever_reads_nothing_or_leaves_a_child_behind_has_delivered_too() {
        let mut settings = runs("exit 0", &[]);
        settings.to = vec![settings.to[0].clone(); 5000];
        assert_eq!(sent(&settings).await, Attempt::Delivered);
        // The child holds standard error open.
        let settings = runs("sleep 60 & echo $! > \"$1\"", &[]);
        let scratch = Scratch::new("exec-behind");
        let file = scratch.path("pid");
        let settings = Settings {
            command: [settings.command, vec![file.clone()]].concat(),
            ..settings
        };
        assert_eq!(sent(&settings).await, Attempt::Delivered);
        let left = pid(&file);
        assert!(is_alive(left), "it was meant to go on");
        rustix::process::kill_process(left, Signal::KILL).unwrap();
    }

    #[tokio::test]
    async fn at_its_timeout_the_whole_group_ends_also_who_ignores_sigterm() {
        let scratch = Scratch::new("exec-timeout");
        let (own, grandchild) = (scratch.path("own"), scratch.path("grandchild"));
        let script = "trap '' TERM\n\
             (trap '' TERM; while :; do sleep 1; done) &\n\
             echo $! > \"$2.new\"; mv \"$2.new\" \"$2\"\n\
             echo $$ > \"$1.new\"; mv \"$1.new\" \"$1\"\n\
             while :; do sleep 1; done";
        let settings = Settings {
            timeout: SignedDuration::from_secs(2),
            ..runs(script, &[&own, &grandchild])
        };
        let Attempt::Failed { why, retry_after } = sent(&settings).await else {
            panic!("it is tried again");
        };
        assert!(why.contains("took longer than 2s"), "{why}");
        assert_eq!(retry_after, Some(PATIENCE));
        for file in [own, grandchild] {
            ended(pid(&file)).await;
        }
    }

    #[tokio::test]
    async fn a_message_that_is_given_up_takes_its_group_with_it() {
        let scratch = Scratch::new("exec-dropped");
        let file = scratch.path("grandchild");
        let script = "sleep 60 & echo $! > \"$1.new\"; mv \"$1.new\" \"$1\"; wait";
        let settings = runs(script, &[&file]);
        tokio::select! {
            attempt = sent(&settings) => panic!("{attempt:?}"),
            () = async { while !Path::new(&file).exists() { tokio::task::yield_now().await; } } => {}
        }
        ended(pid(&file)).await;
    }

    fn pid(file: &str) -> Pid {
        let pid = std::fs::read_to_string(file).unwrap();
        Pid::from_raw(pid.trim().parse().unwrap()).unwrap()
    }

    fn is_alive(pid: Pid) -> bool {
        let stat = format!("/proc/{}/stat", pid.as_raw_nonzero());
        let stat = std::fs::read_to_string(stat).unwrap_or_default();
        // A zombie has ended, whoever has yet to take note of it.
        !stat.is_empty() && !stat.contains(") Z ")
    }

    async fn ended(pid: Pid) {
        let ended = async {
            while is_alive(pid) {
                tokio::task::yield_now().await;
            }
        };
        timeout(Duration::from_secs(10), ended).await.unwrap();
    }
}
