//! `callwatch check`: says everything that is wrong with the centre's file and its plan.

use std::io;
use std::path::PathBuf;

use crate::clock::Clock;
use crate::config::{self, RolesOf};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// The centre's file
    #[arg(long, value_name = "FILE", default_value = config::DEFAULT_PATH)]
    pub config: PathBuf,
}

/// Prints faults by place, then warnings, then one line with their counts.
/// True where there is no fault: the exit code is 0 then, else 1. `roles`
/// reads the plan; its faults are told with the others.
pub fn run(args: &Args, roles: RolesOf<'_>, out: &mut impl io::Write) -> io::Result<bool> {
    let examined = config::examine(&args.config, roles);
    for fault in examined.faults.iter().chain(examined.lost.faults()) {
        writeln!(out, "{fault}")?;
    }
    let now = Clock::real().now();
    let config = examined.config.as_ref();
    let running_out = config.map_or_else(Vec::new, |config| config::running_out(config, now));
    let ending = config.and_then(|config| config::certificate_ending(config, now));
    let file = args.config.display();
    for warning in &examined.warnings {
        writeln!(out, "warning: {warning}")?;
    }
    for warning in &running_out {
        writeln!(out, "warning: {file}: site: {warning}")?;
    }
    if let Some(warning) = &ending {
        writeln!(out, "warning: {file}: web.certificate: {warning}")?;
    }
    if config.is_some_and(|config| config.phone.is_some()) {
        let line = "the telephone: `callwatch call --dialplan` prints what the PBX needs";
        writeln!(out, "note: {file}: {line}")?;
    }
    let faults = examined.faults.len() + examined.lost.faults().count();
    let warnings = examined.warnings.len() + running_out.len() + usize::from(ending.is_some());
    let verdict = match faults {
        0 => "good".to_owned(),
        _ => count(faults, "fault"),
    };
    match warnings {
        0 => writeln!(out, "{file}: {verdict}")?,
        _ => writeln!(out, "{file}: {verdict}, {}", count(warnings, "warning"))?,
    }
    Ok(faults == 0)
}

fn count(number: usize, noun: &str) -> String {
    match number {
        1 => format!("1 {noun}"),
        _ => format!("{number} {noun}s"),
    }
}
