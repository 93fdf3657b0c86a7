//! `callwatch probe acd fs`.

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, bail};

use crate::cli::probe::acd::source::{self, Telling};
use crate::probes::acd::freeswitch::{PORT, Settings, is_name};
use crate::probes::acd::{Hidden, Of};
use crate::probes::read_place;

/// Of each step.
const TIMEOUT: Duration = Duration::from_secs(3);

/// A FreeSWITCH. Its password comes from a file: it would show in the list of processes.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Where it is: `10.0.0.6`, `pbx.example:8021`, `[::1]:8021`
    #[arg(value_name = "HOST[:PORT]", required_unless_present = "source")]
    place: Option<String>,
    /// The file with the source's settings, beginning with `kind = "freeswitch"`
    #[arg(long, value_name = "FILE", conflicts_with_all = ["place", "password_file", "queues"])]
    source: Option<PathBuf>,
    /// The file that holds nothing but the event socket's password
    #[arg(long, value_name = "FILE", required_unless_present = "source")]
    password_file: Option<PathBuf>,
    /// A queue, as `support@default`; may be given again; all of them where it is left out
    #[arg(long = "queue", value_name = "QUEUE")]
    queues: Vec<String>,
    #[command(flatten)]
    telling: Telling,
}

pub(super) async fn ask(args: &Args, out: &mut impl io::Write) -> anyhow::Result<ExitCode> {
    let of = match &args.source {
        Some(path) => source::read(path)?.of,
        None => Of::FreeSwitch(settings(args)?),
    };
    if !matches!(of, Of::FreeSwitch(_)) {
        bail!("the source is of another kind: write `kind = \"freeswitch\"`");
    }
    source::ask(of, &args.telling, out).await
}

fn settings(args: &Args) -> anyhow::Result<Settings> {
    let place = args.place.as_deref().unwrap_or_default();
    let mend = || format!("`{place}` is no place to ask: write HOST, HOST:PORT or [V6]:PORT");
    let (host, port) = read_place(place, PORT).with_context(mend)?;
    let path = args.password_file.clone().unwrap_or_default();
    let file = path.display();
    let text = std::fs::read_to_string(&path)
        .with_context(|| format!("{file} cannot be read: write the password into it, mode 0600"))?;
    let password = text.trim();
    if password.is_empty() || password.contains(char::is_control) {
        bail!("{file} holds no password of one line");
    }
    if let Some(odd) = args.queues.iter().find(|name| !is_name(name)) {
        bail!("`{odd}` is no name of a queue: it has a quote, a bar or a backslash in it");
    }
    Ok(Settings {
        host,
        port,
        password: Hidden::new(password),
        queues: args.queues.iter().cloned().collect(),
        timeout: TIMEOUT,
    })
}
