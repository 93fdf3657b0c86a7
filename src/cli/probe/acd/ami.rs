//! `callwatch probe acd ami`.

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;

use crate::cli::language;
use crate::cli::probe::acd::told::Told;
use crate::cli::probe::format::Format;
use crate::probes::ami::{Client, PORT, Secret, Settings};
use crate::probes::read_place;
use crate::text::Language;

/// An Asterisk. Its secret comes from a file: it would show in the list of processes.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Where it is: `10.0.0.6`, `pbx.example:5038`, `[::1]:5038`
    #[arg(value_name = "HOST[:PORT]")]
    place: String,
    /// The user, as its manager.conf has it
    #[arg(long)]
    user: String,
    /// The file that holds nothing but the user's secret
    #[arg(long, value_name = "FILE")]
    secret_file: PathBuf,
    /// A queue; may be given again; all of them where it is left out
    #[arg(long = "queue", value_name = "QUEUE")]
    queues: Vec<String>,
    /// Send the secret in the clear where the login offers no challenge
    #[arg(long)]
    in_the_clear: bool,
    /// How the answer is told
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// zh or en
    #[arg(long, value_name = "LANGUAGE", value_parser = language::read)]
    language: Option<Language>,
}

pub(super) async fn ask(args: &Args, out: &mut impl io::Write) -> anyhow::Result<ExitCode> {
    let settings = settings(args)?;
    let place = settings.to_string();
    let polled = Client::new(settings).poll().await;
    let told = match &polled {
        Ok(reading) => Told::reading(&place, reading),
        Err(error) => {
            let mut detail = error.detail().map(str::to_owned);
            if let Some(cause) = std::error::Error::source(error) {
                detail = detail.or_else(|| Some(cause.to_string()));
            }
            Told::nothing(&place, error.why(), detail)
        }
    };
    told.write(out, args.format, args.language.unwrap_or_default())?;
    Ok(if told.is_whole() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn settings(args: &Args) -> anyhow::Result<Settings> {
    let place = &args.place;
    let mend = || format!("`{place}` is no place to ask: write HOST, HOST:PORT or [V6]:PORT");
    let (host, port) = read_place(place, PORT).with_context(mend)?;
    let file = args.secret_file.display();
    let text = std::fs::read_to_string(&args.secret_file)
        .with_context(|| format!("{file} cannot be read: write the secret into it, mode 0600"))?;
    let secret = Secret::new(&text).with_context(|| format!("{file} holds no secret"))?;
    Ok(Settings::new(&host, port, &args.user, secret)?
        .queues(args.queues.clone())?
        .in_the_clear(args.in_the_clear))
}
