//! `callwatch call`: rings one number up as the daemon would, and says what became of it.

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;

use crate::alerts::phone::{self, DIALPLAN, MANAGER};
use crate::cli::daemon;
use crate::cli::language;
use crate::cli::start::lean;
use crate::config::{self, RolesOf};
use crate::text::Language;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// A contact of the centre's file, or a number
    #[arg(value_name = "CONTACT|NUMBER", required_unless_present = "dialplan")]
    whom: Option<String>,
    /// Print what is pasted into the PBX's manager.conf and extensions.conf
    #[arg(long, conflicts_with = "whom")]
    dialplan: bool,
    /// The centre's file
    #[arg(long, value_name = "FILE", default_value = config::DEFAULT_PATH)]
    config: PathBuf,
    /// zh or en; by default the centre's language
    #[arg(long, value_name = "LANGUAGE", value_parser = language::read)]
    language: Option<Language>,
}

/// The exit code is 0 where a key was pressed, else 1.
pub fn run(args: &Args, roles: RolesOf<'_>, out: &mut impl io::Write) -> anyhow::Result<ExitCode> {
    let Some(whom) = &args.whom else {
        writeln!(
            out,
            "; ---- manager.conf\n{MANAGER}\n; ---- extensions.conf\n{DIALPLAN}"
        )?;
        return Ok(ExitCode::SUCCESS);
    };
    let file = args.config.display();
    let config = daemon::load(&args.config, roles)?.config;
    let settings = config.phone.with_context(|| {
        format!("{file} has no telephone: add a [channel.NAME] with kind = \"phone\"")
    })?;
    let contact = config.site.contacts.get(whom);
    let number = contact.map_or(whom, |contact| &contact.phone);
    let language = args.language.unwrap_or(config.site.language);
    let begun = match language {
        Language::Zh => "正在打给",
        Language::En => "ringing",
    };
    writeln!(out, "{begun} {number} …")?;
    out.flush()?;
    let alert = format!("callwatch-by-hand-{}", std::process::id());
    let outcome = lean(async { Ok(phone::ring(&settings, number, &alert).await) })?;
    writeln!(out, "{}", outcome.words().in_language(language))?;
    Ok(if outcome.has_told() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
