//! Runs a program of the centre's own: without a shell, for so long and no longer.
//!
//! It leads a process group of its own, which ends as a whole at the timeout: SIGTERM,
//! and two seconds later SIGKILL. What it prints is bounded, and of its environment it
//! keeps what a program needs, not what systemd tells the daemon alone.

use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, Command};
use tokio::time::{sleep, timeout};

/// From SIGTERM to SIGKILL.
const GRACE: Duration = Duration::from_secs(2);
/// What it said last may take so long to arrive after its end.
const LAST_WORDS: Duration = Duration::from_millis(200);
/// Of standard error; the rest is heard and forgotten.
const MOST_WORDS: usize = 4096;
const ENVIRONMENT: [&str; 5] = ["PATH", "HOME", "LANG", "LC_ALL", "TZ"];

/// What is run.
#[derive(Clone, Copy)]
pub struct Program<'a> {
    /// The program and its arguments.
    pub command: &'a [String],
    /// Handed over as `CALLWATCH_SECRET` in its environment.
    pub secret: Option<&'a str>,
    /// What it reads on standard input.
    pub input: &'a [u8],
    /// So many bytes of standard output are heard; 0 where nobody listens.
    pub most_output: usize,
    /// In real time.
    pub timeout: Duration,
}

/// A program that has ended by itself.
#[derive(Debug)]
pub struct Ended {
    pub status: ExitStatus,
    pub output: Vec<u8>,
    /// What it said on standard error.
    pub words: String,
}

/// Why it did not end by itself.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("cannot be started: {0}")]
    NotStarted(std::io::Error),
    #[error("cannot be waited for: {0}")]
    Lost(std::io::Error),
    #[error("took longer than {0:?} and was ended")]
    TooSlow(Duration),
    #[error("printed more than {0} bytes and was ended")]
    TooMuch(usize),
}

/// The name of a program, without folder and arguments.
pub fn name(command: &[String]) -> &str {
    let program = command.first().map_or("", String::as_str);
    let name = Path::new(program).file_name();
    name.and_then(|name| name.to_str()).unwrap_or(program)
}

/// Runs it to its end.
pub async fn run(program: Program<'_>) -> Result<Ended, Error> {
    let mut child = start(program).map_err(Error::NotStarted)?;
    // Dropped before the child, whose process id is its own until then.
    let group = Group::of(&child);
    match timeout(program.timeout, talk(&mut child, program)).await {
        Ok(Ok(ended)) => {
            group.forget();
            Ok(ended)
        }
        Ok(Err(error)) => Err(error),
        Err(_) => {
            // Unreaped, so that its id stays its group's all the while.
            group.signal(Signal::TERM);
            sleep(GRACE).await;
            drop(group);
            let end = child.wait().await;
            tracing::debug!(
                program = name(program.command),
                ?end,
                "ended at its timeout"
            );
            Err(Error::TooSlow(program.timeout))
        }
    }
}

fn start(program: Program<'_>) -> std::io::Result<Child> {
    let (first, arguments) = program
        .command
        .split_first()
        .ok_or_else(|| std::io::Error::other("there is no command"))?;
    let kept = ENVIRONMENT
        .iter()
        .filter_map(|name| Some((name, std::env::var_os(name)?)));
    let stdout = match program.most_output {
        0 => Stdio::null(),
        _ => Stdio::piped(),
    };
    let mut command = Command::new(first);
    command
        .args(arguments)
        .env_clear()
        .envs(kept)
        .stdin(Stdio::piped())
        .stdout(stdout)
        .stderr(Stdio::piped())
        .process_group(0)
        .kill_on_drop(true);
    if let Some(secret) = program.secret {
        command.env("CALLWATCH_SECRET", secret);
    }
    command.spawn()
}

/// Hands the input over, hears what it says and waits for its end.
async fn talk(child: &mut Child, program: Program<'_>) -> Result<Ended, Error> {
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let (mut output, mut words) = (Vec::new(), Vec::new());
    let too_much = || Error::TooMuch(program.most_output);
    let status = {
        let write = async {
            if let Some(mut stdin) = stdin {
                // Whoever does not read it is judged by the exit code all the same.
                let written = stdin.write_all(program.input).await;
                tracing::trace!(?written, "the input was handed over");
            }
        };
        let end = async {
            let ((), status) = tokio::join!(write, child.wait());
            status
        };
        let printed = hear(stdout, program.most_output, &mut output, Rest::Refused);
        let said = hear(stderr, MOST_WORDS, &mut words, Rest::Forgotten);
        tokio::pin!(end, printed, said);
        let (mut all_printed, mut all_said) = (false, false);
        let status = loop {
            tokio::select! {
                status = &mut end => break status.map_err(Error::Lost)?,
                whole = &mut printed, if !all_printed => {
                    if !whole {
                        return Err(too_much());
                    }
                    all_printed = true;
                }
                _ = &mut said, if !all_said => all_said = true,
            }
        };
        // A grandchild may keep both open for ever.
        let last = async {
            if !all_said {
                (&mut said).await;
            }
        };
        let rest = async {
            if all_printed {
                return true;
            }
            (&mut printed).await
        };
        match timeout(LAST_WORDS, async { tokio::join!(rest, last).0 }).await {
            Ok(false) => return Err(too_much()),
            Ok(true) => {}
            Err(_) => tracing::trace!("its output is still open"),
        }
        status
    };
    Ok(Ended {
        status,
        output,
        words: String::from_utf8_lossy(&words).into_owned(),
    })
}

/// What becomes of more than is kept.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rest {
    Forgotten,
    Refused,
}

/// Hears until the end; false where there is more than is kept, and that is refused.
async fn hear(
    pipe: Option<impl AsyncRead + Unpin>,
    most: usize,
    kept: &mut Vec<u8>,
    rest: Rest,
) -> bool {
    let Some(mut pipe) = pipe else { return true };
    let mut part = vec![0; 8192];
    loop {
        match pipe.read(&mut part).await {
            Ok(0) => return true,
            Ok(read) => {
                let room = most - kept.len();
                if read > room && rest == Rest::Refused {
                    return false;
                }
                kept.extend_from_slice(&part[..read.min(room)]);
            }
            Err(error) => {
                tracing::debug!(%error, "a pipe broke");
                return true;
            }
        }
    }
}

/// A process group that ends when this is dropped.
struct Group(Option<Pid>);

impl Group {
    fn of(child: &Child) -> Self {
        let id = child.id().and_then(|id| i32::try_from(id).ok());
        Self(id.and_then(Pid::from_raw))
    }

    fn signal(&self, signal: Signal) {
        if let Some(group) = self.0
            && let Err(error) = kill_process_group(group, signal)
        {
            tracing::debug!(%error, "a process group has ended already");
        }
    }

    /// Its leader has ended by itself: whom it left behind it meant to.
    fn forget(mut self) {
        self.0 = None;
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.signal(Signal::KILL);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn run_script(script: &str, seconds: u64) -> Result<Ended, Error> {
        let command = ["/bin/sh", "-c", script].map(str::to_owned);
        run(Program {
            command: &command,
            secret: None,
            input: b"",
            most_output: 1000,
            timeout: Duration::from_secs(seconds),
        })
        .await
    }

    #[tokio::test]
    async fn what_a_program_prints_and_says_is_heard_to_its_end() {
        let ended = run_script("echo out; echo err >&2; exit 3", 20)
            .await
            .unwrap();
        assert_eq!(ended.output, b"out\n");
        assert_eq!(ended.words, "err\n");
        assert_eq!(ended.status.code(), Some(3));
    }

    #[tokio::test]
    async fn who_prints_without_end_is_ended_and_who_complains_without_end_is_not() {
        let flood = run_script("while :; do echo 0123456789; done", 20).await;
        assert!(matches!(flood, Err(Error::TooMuch(1000))), "{flood:?}");
        let script =
            "n=0; while [ $n -lt 20000 ]; do echo 0123456789 >&2; n=$((n+1)); done; echo out";
        let ended = run_script(script, 20).await.unwrap();
        assert_eq!((ended.output.len(), ended.words.len()), (4, MOST_WORDS));
    }

    #[tokio::test]
    async fn who_leaves_a_child_behind_that_holds_its_output_has_ended() {
        let ended = run_script("echo out; sleep 5 & exit 0", 20).await.unwrap();
        assert_eq!(ended.output, b"out\n");
    }

    #[tokio::test]
    async fn who_takes_too_long_is_ended() {
        let slow = run_script("exec sleep 60", 1).await;
        assert!(matches!(slow, Err(Error::TooSlow(_))), "{slow:?}");
    }
}
