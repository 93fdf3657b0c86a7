//! `callwatch window`: windows (maintenance, an announced power cut, a test of the generator) are set, listed and ended at the daemon.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, bail};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use crate::alerts;
use crate::cli::{language, seat};
use crate::clock::Clock;
use crate::incidents::{Purpose, WindowId, WindowOrder, WindowView};
use crate::text::{Language, Text};

/// A daemon that does not answer within this is not there.
const PATIENCE: Duration = Duration::from_secs(10);

#[derive(Debug, clap::Subcommand)]
pub enum Args {
    /// Set a window
    Add(Add),
    /// List those that are to come, under way or over since less than a day
    List(List),
    /// End a window early, or take back one to come
    End(End),
}

/// Where the daemon is, and who speaks.
#[derive(Debug, clap::Args)]
pub struct Caller {
    /// Where the daemon listens: https://HOST:PORT, or http://HOST:PORT where it has no certificate
    #[arg(long, value_name = "URL")]
    url: reqwest::Url,
    /// The certificate of the daemon's authority, in PEM, where this host does not know it
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
    /// A seat of the lead or of IT
    #[arg(long, value_name = "SEAT")]
    seat: String,
    /// The file with the seat's key, which `callwatch key SEAT` prints
    #[arg(long, value_name = "FILE")]
    key_file: PathBuf,
    /// The language of the answer: zh or en
    #[arg(long, value_name = "LANGUAGE", value_parser = language::read)]
    language: Option<Language>,
}

#[derive(Debug, clap::Args)]
pub struct Add {
    #[command(flatten)]
    caller: Caller,
    /// What it is for: maintenance, cut (an announced power cut) or generator-test
    #[arg(long, value_name = "PURPOSE", default_value = "maintenance", value_parser = purpose)]
    purpose: Purpose,
    /// Where: feed:NAME, circuit:NAME, zone:NAME, ups:NAME, device:NAME or seat:NAME; may be repeated
    #[arg(long, value_name = "PLACE", required = true)]
    of: Vec<String>,
    /// Who answers for it
    #[arg(long, value_name = "NAME")]
    owner: String,
    /// When it begins, as 2026-11-25T14:00+08:00; now by default
    #[arg(long, value_name = "TIME")]
    begin: Option<Timestamp>,
    /// When it ends, as 2026-11-25T16:00+08:00
    #[arg(long, value_name = "TIME", conflicts_with = "length")]
    end: Option<Timestamp>,
    /// How long it lasts, as 90m or 2h; at most 4h, a cut at most 24h
    #[arg(long = "for", value_name = "LENGTH", required_unless_present = "end")]
    length: Option<SignedDuration>,
    /// What is done
    #[arg(long, value_name = "TEXT", default_value = "")]
    note: String,
}

#[derive(Debug, clap::Args)]
pub struct List {
    /// Where the daemon listens: https://HOST:PORT, or http://HOST:PORT where it has no certificate
    #[arg(long, value_name = "URL")]
    url: reqwest::Url,
    /// The certificate of the daemon's authority, in PEM, where this host does not know it
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
    /// zh or en; by default the site's
    #[arg(long, value_name = "LANGUAGE", value_parser = language::read)]
    language: Option<Language>,
}

#[derive(Debug, clap::Args)]
pub struct End {
    #[command(flatten)]
    caller: Caller,
    /// Its number, as `callwatch window list` prints it
    #[arg(value_name = "NUMBER")]
    window: u64,
}

/// What of the daemon's view is read here.
#[derive(Debug, Deserialize)]
struct View {
    language: Language,
    time_zone: String,
    windows: Vec<WindowView>,
}

#[derive(Debug, Deserialize)]
struct Outcome {
    refused: Option<Text>,
}

fn purpose(text: &str) -> Result<Purpose, String> {
    match text {
        "maintenance" => Ok(Purpose::Maintenance),
        "cut" => Ok(Purpose::Cut),
        "generator-test" => Ok(Purpose::GeneratorTest),
        _ => Err("write maintenance, cut or generator-test".to_owned()),
    }
}

/// Does it, or says why not; the error reads aloud.
pub async fn run(args: Args, out: &mut impl Write) -> anyhow::Result<ExitCode> {
    match args {
        Args::Add(args) => {
            let begin = args.begin.unwrap_or_else(|| Clock::real().now());
            let end = match args.length {
                Some(length) => Some(begin.checked_add(length)?),
                None => args.end,
            };
            let order = WindowOrder::Set {
                purpose: args.purpose,
                of: args.of,
                owner: args.owner,
                begin: args.begin,
                end,
                note: args.note,
            };
            post(&args.caller, order).await?;
            say(&args.caller, "已设好", "the window is set", out)?;
        }
        Args::End(args) => {
            let window = WindowId(args.window);
            post(&args.caller, WindowOrder::End { window }).await?;
            say(&args.caller, "已结束", "the window is ended", out)?;
        }
        Args::List(args) => list(&args, out).await?,
    }
    Ok(ExitCode::SUCCESS)
}

/// What was done, once it is in the daemon's log.
fn say(caller: &Caller, zh: &str, en: &str, out: &mut impl Write) -> anyhow::Result<()> {
    let said = match caller.language {
        Some(Language::Zh) => zh,
        Some(Language::En) | None => en,
    };
    Ok(writeln!(out, "{said}")?)
}

async fn post(caller: &Caller, order: WindowOrder) -> anyhow::Result<()> {
    let url = caller.url.join("/api/windows")?;
    let mut id = [0; 16];
    getrandom::fill(&mut id).context("the system has no randomness")?;
    let asked = serde_json::json!({
        "seat": caller.seat,
        "key": seat::key(&caller.key_file, &caller.seat)?,
        "id": format!("window-{:032x}", u128::from_be_bytes(id)),
        "order": order,
    });
    let request = client(caller.ca.as_deref())?
        .post(url)
        .timeout(PATIENCE)
        .json(&asked);
    let answer = request
        .send()
        .await
        .with_context(|| unreachable(&caller.url))?;
    let status = answer.status();
    let text = answer.text().await?;
    let Ok(outcome) = serde_json::from_str::<Outcome>(&text) else {
        bail!("{} answered {status}: {text}", caller.url);
    };
    match outcome.refused {
        None => Ok(()),
        Some(why) => bail!(
            "{}",
            why.in_language(caller.language.unwrap_or(Language::En))
        ),
    }
}

fn client(ca: Option<&Path>) -> anyhow::Result<reqwest::Client> {
    match ca {
        Some(ca) => alerts::client_trusting(ca),
        None => alerts::client().context("the HTTP client"),
    }
}

async fn list(args: &List, out: &mut impl Write) -> anyhow::Result<()> {
    let url = &args.url;
    let request = client(args.ca.as_deref())?.get(url.join("/api/view")?);
    let answer = request.timeout(PATIENCE).send().await;
    let answer = answer
        .with_context(|| unreachable(url))?
        .error_for_status()?;
    let view: View = answer.json().await?;
    let language = args.language.unwrap_or(view.language);
    let zone = TimeZone::get(&view.time_zone).unwrap_or(TimeZone::UTC);
    if view.windows.is_empty() {
        let none = Text::new("没有检修，没有预告停电，没有发电机试验", "no windows");
        writeln!(out, "{}", none.in_language(language))?;
    }
    for window in &view.windows {
        writeln!(out, "{}", line(window, &zone, language))?;
    }
    Ok(())
}

fn unreachable(url: &reqwest::Url) -> String {
    format!(
        "the daemon at {url} does not answer; look whether it runs and listens there, and whether its certificate is believed here (--ca)"
    )
}

/// One window on one line.
fn line(window: &WindowView, zone: &TimeZone, language: Language) -> String {
    let say = |zh: &'static str, en: &'static str| match language {
        Language::Zh => zh,
        Language::En => en,
    };
    let at = |moment: Timestamp| zone.to_datetime(moment).strftime("%m-%d %H:%M").to_string();
    let state = match (window.ended, window.remaining) {
        (Some(ended), _) => format!("{} {}", say("已结束", "ended"), at(ended)),
        (None, Some(left)) => {
            let minutes = (left + 59) / 60;
            format!("{} {minutes} {}", say("还有", "left:"), say("分钟", "min"))
        }
        (None, None) => say("还没开始", "to come").to_owned(),
    };
    let mut said = vec![
        format!("{}  {}", window.id, window.what.in_language(language)),
        window.place.in_language(language).to_owned(),
        format!("{} – {}", at(window.begin), at(window.end)),
        format!("{} {}", say("负责人", "owner"), window.owner),
        state,
        window.tally.in_language(language).to_owned(),
    ];
    said.extend(
        window
            .worse
            .iter()
            .map(|text| text.in_language(language).to_owned()),
    );
    if !window.note.is_empty() {
        said.push(window.note.clone());
    }
    said.join("  ")
}
