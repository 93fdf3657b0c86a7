//! `callwatch probe reach`.

use std::convert::Infallible;
use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::cli::language;
use crate::cli::probe::format::Format;
use crate::cli::probe::patience;
use crate::clock::Clock;
use crate::probes::reach::{Answer, Client, Fault, Shared, Target, Way};
use crate::text::{Language, Text};

/// A host or a service.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// What is to be reached: `tcp://HOST:PORT`, `icmp://HOST`, `dns://SERVER/NAME?type=A`,
    /// `tls://HOST:PORT`, `https://crm.example/health#status=200&has=TEXT&json=/status:ok&follow=1`
    #[arg(value_parser = Typed::read)]
    target: Typed,
    /// How the answer is told
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// How long the whole of it may take
    #[arg(long, value_name = "DURATION", default_value = "5s", value_parser = patience::read)]
    timeout: Duration,
    /// zh or en
    #[arg(long, value_name = "LANGUAGE", default_value = "en", value_parser = language::read)]
    language: Language,
}

/// A target as it was typed: there may be a password in it, which no error repeats.
#[derive(Clone)]
struct Typed(String);

impl Typed {
    #[expect(
        clippy::unnecessary_wraps,
        reason = "what is typed is read by whoever uses it"
    )]
    fn read(text: &str) -> Result<Self, Infallible> {
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Debug for Typed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Typed")
    }
}

/// The exit code is 0 where it was reached, else 1.
pub(super) async fn run(args: &Args, out: &mut impl io::Write) -> anyhow::Result<ExitCode> {
    let target = args.target.0.parse::<Target>();
    let target = target.context("the target cannot be read")?;
    let mut client = Client::new(target.clone(), args.timeout, Shared::of_host());
    let answer = client.probe().await;
    let now = Clock::real().now();
    match args.format {
        Format::Json => writeln!(out, "{}", json(&target, &answer, now))?,
        Format::Text => {
            let told = Told {
                answer: &answer,
                now,
                zone: &TimeZone::system(),
            };
            told.write(&target, args.language, out)?;
        }
    }
    Ok(match answer.reached {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    })
}

/// Whole days, rounded down; negative where they have passed.
fn days_left(until: Timestamp, now: Timestamp) -> i64 {
    until.duration_since(now).as_secs().div_euclid(24 * 60 * 60)
}

/// The answer as other programs take it; what is absent is null.
fn json(target: &Target, answer: &Answer, now: Timestamp) -> serde_json::Value {
    let millis = |duration: Duration| (duration.as_secs_f64() * 1e6).round() / 1e3;
    let Answer {
        reached,
        latency,
        way,
    } = answer;
    let fault = reached.as_ref().err();
    let until = way.certificate_until;
    serde_json::json!({
        "target": target,
        "reached": fault.is_none(),
        "fault": fault.map(Fault::kind),
        "why": fault.map(Fault::why),
        "mend": fault.map(Fault::mend),
        "latency_ms": millis(*latency),
        "addresses": way.addresses,
        "peer": way.peer.map(spoken),
        "resolved_ms": way.resolved_in.map(millis),
        "connected_ms": way.connected_in.map(millis),
        "tls_ms": way.secured_in.map(millis),
        "answered_ms": way.answered_in.map(millis),
        "status": way.status,
        "redirects": way.redirects,
        "bytes": way.status.map(|_| way.bytes),
        "records": way.records,
        "certificate_until": until,
        "certificate_days_left": until.map(|until| days_left(until, now)),
    })
}

/// Without the port where there is none.
fn spoken(peer: SocketAddr) -> String {
    match peer.port() {
        0 => peer.ip().to_string(),
        _ => peer.to_string(),
    }
}

/// How long something took, as one reads it.
fn span(duration: Duration) -> String {
    let millis = duration.as_secs_f64() * 1e3;
    match millis {
        ..10.0 => format!("{millis:.1} ms"),
        ..1000.0 => format!("{millis:.0} ms"),
        _ => format!("{:.1} s", millis / 1e3),
    }
}

/// One answer, for a person.
struct Told<'a> {
    answer: &'a Answer,
    now: Timestamp,
    zone: &'a TimeZone,
}

impl Told<'_> {
    fn write(
        &self,
        target: &Target,
        language: Language,
        out: &mut impl io::Write,
    ) -> io::Result<()> {
        let say = |text: &Text| text.in_language(language).to_owned();
        let asked = Text::new(format!("探测 {target}"), format!("asked {target}"));
        writeln!(out, "{}", say(&asked))?;
        for (name, value) in self.rows() {
            // A Chinese character is as wide as two letters.
            match language {
                Language::Zh => writeln!(out, "  {}  {}", name.zh, value.zh)?,
                Language::En => writeln!(out, "  {:<13} {}", name.en, value.en)?,
            }
        }
        writeln!(out, "{}", say(&Text::new("结论", "concluded")))?;
        let latency = span(self.answer.latency);
        match &self.answer.reached {
            Ok(()) => {
                let reached = Text::new(
                    format!("可达，共 {latency}"),
                    format!("reached in {latency}"),
                );
                writeln!(out, "  {}", say(&reached))
            }
            Err(fault) => {
                let Text { zh, en } = fault.why();
                let why = Text::new(
                    format!("不可达（{latency}）：{zh}"),
                    format!("not reached after {latency}: {en}"),
                );
                writeln!(out, "  {}", say(&why))?;
                writeln!(out, "  {}", say(&fault.mend()))
            }
        }
    }

    /// What was seen, in order.
    fn rows(&self) -> Vec<(Text, Text)> {
        let way = &self.answer.way;
        let mut rows = Vec::new();
        if !way.addresses.is_empty() {
            let addresses: Vec<String> = way.addresses.iter().map(IpAddr::to_string).collect();
            let took = way.resolved_in.map(|took| format!(", {}", span(took)));
            let value = addresses.join(" ") + &took.unwrap_or_default();
            rows.push((Text::new("解析", "resolved to"), Text::same(value)));
        }
        if let (Some(peer), Some(took)) = (way.peer, way.connected_in) {
            let value = Text::same(format!("{peer}, {}", span(took)));
            rows.push((Text::new("连接", "connected to"), value));
        }
        if let Some(took) = way.secured_in {
            rows.push((Text::new("加密", "TLS"), Text::same(span(took))));
        }
        rows.extend(answered(way).map(|value| (Text::new("回答", "answered"), value)));
        if let Some(until) = way.certificate_until {
            let days = days_left(until, self.now);
            let until = self.zone.to_datetime(until).strftime("%Y-%m-%d %H:%M");
            let value = if days < 0 {
                Text::new(format!("已于 {until} 过期"), format!("expired on {until}"))
            } else {
                Text::new(
                    format!("{until} 到期（还有 {days} 天）"),
                    format!("until {until} ({days} days left)"),
                )
            };
            rows.push((Text::new("证书", "certificate"), value));
        }
        rows
    }
}

fn answered(way: &Way) -> Option<Text> {
    let took = way.answered_in.map(span);
    let within = took.map(|took| format!(", {took}")).unwrap_or_default();
    if let Some(status) = way.status {
        let (redirects, bytes) = (way.redirects, way.bytes);
        let mut zh = vec![format!("状态码 {status}")];
        let mut en = vec![format!("status {status}")];
        if redirects > 0 {
            zh.push(format!("跳转 {redirects} 次"));
            en.push(format!("redirects: {redirects}"));
        }
        if way.answered_in.is_some() {
            zh.push(format!("{bytes} 字节{within}"));
            en.push(format!("{bytes} bytes{within}"));
        }
        return Some(Text::new(zh.join("，"), en.join(", ")));
    }
    way.answered_in?;
    let records = way.records.join(", ");
    Some(match (way.peer, records.is_empty()) {
        (Some(peer), true) if peer.port() == 0 => {
            let peer = peer.ip();
            Text::same(format!("{peer}{within}"))
        }
        (_, true) => Text::new(format!("没有记录{within}"), format!("no record{within}")),
        (_, false) => Text::same(format!("{records}{within}")),
    })
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn answer() -> Answer {
        let peer = SocketAddr::from(([192, 0, 2, 1], 443));
        let way = Way {
            addresses: vec![peer.ip()],
            resolved_in: Some(Duration::from_micros(1240)),
            peer: Some(peer),
            connected_in: Some(Duration::from_millis(30)),
            secured_in: Some(Duration::from_millis(31)),
            certificate_until: Some(NOW + SignedDuration::from_hours(49)),
            answered_in: Some(Duration::from_millis(1560)),
            status: Some(200),
            bytes: 12,
            ..Way::default()
        };
        Answer {
            reached: Ok(()),
            latency: Duration::from_millis(1622),
            way,
        }
    }

    fn told(answer: &Answer, language: Language) -> String {
        let target: Target = "https://u:secret@crm.example/".parse().unwrap();
        let mut out = Vec::new();
        let told = Told {
            answer,
            now: NOW,
            zone: &TimeZone::UTC,
        };
        told.write(&target, language, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn an_answer_is_told_stage_by_stage() {
        let english = "\
asked https://u:***@crm.example/
  resolved to   192.0.2.1, 1.2 ms
  connected to  192.0.2.1:443, 30 ms
  TLS           31 ms
  answered      status 200, 12 bytes, 1.6 s
  certificate   until 1970-01-03 01:00 (2 days left)
concluded
  reached in 1.6 s
";
        assert_eq!(told(&answer(), Language::En), english);
        let chinese = told(&answer(), Language::Zh);
        assert!(
            chinese.contains("1970-01-03 01:00 到期（还有 2 天）"),
            "{chinese}"
        );
    }

    #[test]
    fn a_fault_is_told_with_what_mends_it() {
        let not_after = NOW - SignedDuration::from_hours(1);
        let mut answer = answer();
        answer.way.certificate_until = Some(not_after);
        answer.reached = Err(Fault::Expired { not_after });
        let english = told(&answer, Language::En);
        assert!(
            english.contains("certificate   expired on 1969-12-31 23:00"),
            "{english}"
        );
        assert!(english.contains("not reached after 1.6 s: the certificate has expired"));
        assert!(english.contains("renew the certificate"), "{english}");
        assert!(told(&answer, Language::Zh).contains("续期证书"));
        let json = json(&"tcp://x:1".parse().unwrap(), &answer, NOW);
        assert_eq!(json["fault"], "expired");
        assert_eq!(json["certificate_days_left"], -1);
        assert_eq!(json["latency_ms"], 1622.0);
        assert!(json["why"]["zh"].is_string() && json["mend"]["en"].is_string());
    }
}
