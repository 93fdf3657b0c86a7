//! `callwatch probe backup`.

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use jiff::tz::TimeZone;

use crate::cli::language;
use crate::cli::probe::format::Format;
use crate::cli::probe::patience;
use crate::clock::Clock;
use crate::probes::backup::{Client, Fault, Settings};
use crate::text::{Language, Text};

/// A directory that backups are written to.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Where they lie; its folders are not looked into
    directory: PathBuf,
    /// What the name of a backup ends with
    #[arg(long, value_name = "TEXT")]
    suffix: Option<String>,
    /// How the answer is told
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// How long the look may take
    #[arg(long, value_name = "DURATION", default_value = "5s", value_parser = patience::read)]
    timeout: Duration,
    /// zh or en
    #[arg(long, value_name = "LANGUAGE", default_value = "en", value_parser = language::read)]
    language: Language,
}

/// The exit code is 0 where there is a backup, else 1; whether it is too old is for the plan.
pub(super) async fn run(args: &Args, out: &mut impl io::Write) -> anyhow::Result<ExitCode> {
    let settings = Settings {
        directory: args.directory.clone(),
        suffix: args.suffix.clone(),
    };
    let found = Client::new(settings, args.timeout).probe().await;
    let now = Clock::real().now();
    if args.format == Format::Json {
        let newest = found.as_ref().ok();
        let fault = found.as_ref().err();
        let age = newest.map(|newest| now.duration_since(newest.modified).as_secs());
        let told = serde_json::json!({
            "directory": args.directory.to_string_lossy(),
            "name": newest.map(|newest| &newest.name),
            "modified": newest.map(|newest| newest.modified),
            "age_seconds": age,
            "bytes": newest.map(|newest| newest.bytes),
            "files": newest.map(|newest| newest.files),
            "fault": fault.map(Fault::kind),
            "why": fault.map(Fault::why),
            "mend": fault.map(Fault::mend),
        });
        writeln!(out, "{told}")?;
    } else {
        let mut say = |text: Text| writeln!(out, "{}", text.in_language(args.language));
        let directory = args.directory.display();
        say(Text::new(
            format!("查看 {directory}"),
            format!("looked into {directory}"),
        ))?;
        match &found {
            Ok(newest) => {
                let (files, name, bytes) = (newest.files, &newest.name, newest.bytes);
                say(Text::new(
                    format!("  备份  {files} 个"),
                    format!("  backups       {files}"),
                ))?;
                let at = TimeZone::system().to_datetime(newest.modified);
                let at = at.strftime("%Y-%m-%d %H:%M");
                say(Text::new(
                    format!("  最新  {name}，{bytes} 字节，{at}"),
                    format!("  newest        {name}, {bytes} bytes, {at}"),
                ))?;
                let age = now.duration_since(newest.modified).as_secs();
                say(Text::new("结论", "concluded"))?;
                say(age_words(age))?;
            }
            Err(fault) => {
                let (why, mend) = (fault.why(), fault.mend());
                say(Text::new("结论", "concluded"))?;
                say(Text::new(
                    format!("  看不到备份：{}", why.zh),
                    format!("  no backup is seen: {}", why.en),
                ))?;
                say(Text::new(
                    format!("  {}", mend.zh),
                    format!("  {}", mend.en),
                ))?;
            }
        }
    }
    Ok(match found {
        Ok(_) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    })
}

/// How old, in days and hours.
fn age_words(seconds: i64) -> Text {
    let (days, hours) = (seconds / 86_400, seconds % 86_400 / 3600);
    let minutes = seconds % 3600 / 60;
    match (seconds < 0, days) {
        (true, _) => Text::new(
            "  它的时间在将来：核对保存备份的主机的时钟",
            "  it is of the future: check the clock of whoever keeps the directory",
        ),
        (false, 0) => Text::new(
            format!("  最新的备份是 {hours} 小时 {minutes} 分钟前的"),
            format!("  the newest backup is {hours} h {minutes} min old"),
        ),
        (false, _) => Text::new(
            format!("  最新的备份是 {days} 天 {hours} 小时前的"),
            format!("  the newest backup is {days} d {hours} h old"),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_is_told_in_what_one_counts_it_in() {
        assert!(age_words(3_700).en.ends_with("1 h 1 min old"));
        assert!(age_words(8 * 86_400 + 7_200).en.ends_with("8 d 2 h old"));
        assert!(age_words(-5).en.contains("future"));
    }
}
