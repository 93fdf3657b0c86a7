//! A source as a file of its own sets it, asked once.

use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use jiff::tz::TimeZone;

use crate::alerts;
use crate::cli::language;
use crate::cli::probe::acd::told::Told;
use crate::cli::probe::format::Format;
use crate::config::read_secret;
use crate::document::Document;
use crate::probes::acd::{Around, Of, Settings, Source, place};
use crate::text::Language;

/// How the answer is told.
#[derive(Debug, clap::Args)]
pub(super) struct Telling {
    /// How the answer is told
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// zh or en
    #[arg(long, value_name = "LANGUAGE", value_parser = language::read)]
    language: Option<Language>,
}

/// Reads the settings of a source from a file: the keys of a table `[acd.NAME]`, at its root.
pub(super) fn read(path: &Path) -> anyhow::Result<Settings> {
    let file = path.display().to_string();
    let text = std::fs::read_to_string(path).with_context(|| format!("{file} cannot be read"))?;
    let directory = path.parent().unwrap_or(Path::new(""));
    let credentials = std::env::var_os("CREDENTIALS_DIRECTORY").map(PathBuf::from);
    let zone = TimeZone::system();
    let around = Around {
        secret: &|name| read_secret(credentials.as_deref(), directory, name),
        directory,
        zone: Some(&zone),
    };
    let (document, mut faults) = Document::parse(&file, &text);
    let settings = if faults.is_empty() {
        crate::probes::acd::settings::read(&document, "", around, &mut faults)
    } else {
        None
    };
    if let Some(settings) = settings {
        return Ok(settings);
    }
    faults.sort();
    let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
    bail!("{}", faults.join("\n"))
}

/// Asks once. The exit code is 0 where all that was asked for was told, else 1.
pub(super) async fn ask(
    of: Of,
    telling: &Telling,
    out: &mut impl io::Write,
) -> anyhow::Result<ExitCode> {
    let place = place(&of);
    let http = alerts::client().context("the HTTP client")?;
    let mut source = Source::new(of).context("what is pushed in cannot be asked for")?;
    let language = telling.language.unwrap_or_default();
    let polled = source.poll(&http).await;
    let told = match &polled {
        Ok(told) => Told::reading(&place, &told.reading).noting(&told.notes),
        Err(failure) => {
            let because = failure.because.iter();
            let because: Vec<&str> = because.map(|why| why.in_language(language)).collect();
            let detail = (!because.is_empty()).then(|| because.join("; "));
            Told::nothing(&place, &failure.no_reading, detail)
        }
    };
    told.write(out, telling.format, language)?;
    Ok(if told.is_whole() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
