//! `callwatch readiness`: asks every UPS once, and says how long what counts would last today.

use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use jiff::Timestamp;
use serde::Deserialize;

use crate::alerts;
use crate::cli::language;
use crate::config::{self, Config, Web};
use crate::incidents::{Readiness, RuntimeView, readiness};
use crate::probes::{self, nut};
use crate::signals::{Kind, Level, Signal};
use crate::text::Language;
use crate::ups::{Reading, judge_nut};

/// How long one answer may take.
const TIMEOUT: Duration = Duration::from_secs(3);

#[derive(Debug, clap::Args)]
pub struct Args {
    /// The centre's file
    #[arg(long, value_name = "FILE", default_value = config::DEFAULT_PATH)]
    pub config: PathBuf,
    /// zh or en; the site's language where it is left out
    #[arg(long, value_name = "LANGUAGE", value_parser = language::read)]
    language: Option<Language>,
}

/// Prints one line a subject, the shortest first; false where one is below its floor: the
/// exit code is 1 then.
pub async fn run(
    args: &Args,
    config: &Config,
    now: Timestamp,
    out: &mut impl io::Write,
) -> anyhow::Result<bool> {
    let mut readings = BTreeMap::new();
    for (id, settings) in &config.watch {
        readings.insert(id.clone(), ask(settings).await);
    }
    let silent = |reading: &Reading| reading.runtime_minutes.is_none();
    let about = if readings.values().any(silent) {
        remembered(&config.web).await
    } else {
        BTreeMap::new()
    };
    let site = &config.site;
    let language = args.language.unwrap_or(site.language);
    tell(readiness(site, &readings, &about, now), language, out)
}

/// What of the daemon's view is looked at.
#[derive(Deserialize)]
struct View {
    signals: Vec<Watched>,
}

#[derive(Deserialize)]
struct Watched {
    signal: Signal,
    runtime: Option<RuntimeView>,
}

/// What a daemon that runs here remembers of discharges; nothing where none runs.
async fn remembered(web: &Web) -> BTreeMap<String, RuntimeView> {
    let listen = web.listen;
    let ask = async {
        let host = match listen.ip() {
            ip if ip.is_unspecified() && ip.is_ipv6() => IpAddr::from(Ipv6Addr::LOCALHOST),
            ip if ip.is_unspecified() => IpAddr::from(Ipv4Addr::LOCALHOST),
            ip => ip,
        };
        let place = SocketAddr::new(host, listen.port());
        let url = format!("{}://{place}/api/view", web.scheme());
        // No certificate is for such an address: it is to be the very one of the file.
        let own = web.identity.as_ref().and_then(|identity| identity.own());
        let client = match own {
            Some(own) => alerts::pinned(own.clone())?,
            None => alerts::client()?,
        };
        let answer = client.get(url).timeout(TIMEOUT).send().await?;
        anyhow::Ok(answer.error_for_status()?.json::<View>().await?)
    };
    let Ok(view) = ask.await else {
        return BTreeMap::new();
    };
    let mut known = BTreeMap::new();
    for watched in view.signals {
        if watched.signal.kind == Kind::UpsMains
            && let Some(runtime) = watched.runtime
        {
            known.insert(watched.signal.of, runtime);
        }
    }
    known
}

fn tell(
    mut told: Vec<Readiness>,
    language: Language,
    out: &mut impl io::Write,
) -> anyhow::Result<bool> {
    let least = |it: &Readiness| it.minutes.unwrap_or(f64::INFINITY);
    told.sort_by(|a, b| least(a).total_cmp(&least(b)));
    if told.is_empty() {
        let nothing = match language {
            Language::Zh => "没有什么要求断电后撑住：给座席写 required_runtime",
            Language::En => "nothing must last without mains: give seats a required_runtime",
        };
        writeln!(out, "{nothing}")?;
    }
    for it in &told {
        let (name, lasts) = (
            it.name.in_language(language),
            it.lasts.in_language(language),
        );
        let level = level(it.level, language);
        match language {
            Language::Zh => writeln!(out, "今天 {level}：{name}，{lasts}")?,
            Language::En => writeln!(out, "today {level:<7} {name}: {lasts}")?,
        }
    }
    Ok(told.iter().all(|it| it.level != Level::Critical))
}

fn level(level: Level, language: Language) -> &'static str {
    let (zh, en) = match level {
        Level::Normal => ("够", "lasts"),
        Level::Warning => ("偏短", "short"),
        Level::Critical => ("不够", "fails"),
        Level::Unknown => ("不明", "unknown"),
    };
    match language {
        Language::Zh => zh,
        Language::En => en,
    }
}

async fn ask(settings: &probes::Settings) -> Reading {
    match settings {
        probes::Settings::Snmp(settings) => probes::trace_ups(settings, TIMEOUT).await.reading,
        probes::Settings::Nut(place) => {
            let mut client = nut::Client::new(place.clone(), TIMEOUT);
            let variables = client.variables().await;
            let reading = variables.as_ref().ok().and_then(judge_nut);
            reading.unwrap_or_else(Reading::unreachable)
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    use super::*;
    use crate::incidents::Told;
    use crate::text::Text;

    #[tokio::test]
    async fn what_a_running_daemon_remembers_fills_in_for_a_ups_that_does_not_tell() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let listen = listener.local_addr().unwrap();
        let body = r#"{"now": "2026-03-02T06:31:10Z", "signals": [
            {"signal": "ups.mains/A", "level": "normal",
             "runtime": {"minutes": 24.0, "told": "about", "by": "2026-03-01T06:00:00Z"}},
            {"signal": "ups.battery-low/A", "runtime": {"minutes": 1.0, "told": "measured"}},
            {"signal": "ups.mains/B", "level": "normal"}]}"#;
        let serving = async {
            let (mut socket, _) = listener.accept().await.unwrap();
            let mut request = [0; 1024];
            assert!(socket.read(&mut request).await.unwrap() > 0);
            let answer = format!(
                "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}",
                body.len()
            );
            socket.write_all(answer.as_bytes()).await.unwrap();
        };
        let web = Web {
            listen,
            identity: None,
        };
        let (known, ()) = tokio::join!(remembered(&web), serving);
        assert_eq!(known.len(), 1);
        assert_eq!((known["A"].minutes, known["A"].told), (24.0, Told::About));
        drop(listener);
        assert!(remembered(&web).await.is_empty(), "none runs");
    }

    #[test]
    fn the_shortest_stands_first_and_what_is_below_its_floor_fails() {
        let it = |name: &str, level, minutes, lasts: &str| Readiness {
            of: name.to_owned(),
            name: Text::same(name),
            level,
            minutes,
            about: false,
            lasts: Text::same(lasts),
            accepted: false,
        };
        let told = vec![
            it("A", Level::Normal, Some(130.0), "about 130 min"),
            it("B", Level::Critical, Some(0.0), "dark at once"),
        ];
        let mut out = Vec::new();
        assert!(!tell(told.clone(), Language::En, &mut out).unwrap());
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "today fails   B: dark at once\ntoday lasts   A: about 130 min\n"
        );
        assert!(tell(told[..1].to_vec(), Language::Zh, &mut Vec::new()).unwrap());
    }
}
