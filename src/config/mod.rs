//! The centre's file: reads it, joins each room's settings, cross-checks names.
//!
//! All faults are found in one run, each with its place and the mend; so are
//! warnings, which hinder nothing. Secrets lie in files of their own: a relative
//! one is looked for in `$CREDENTIALS_DIRECTORY` (systemd's `LoadCredential=`)
//! first, then beside the centre's file. What a key means stands beside it in
//! [`example`].

mod build;
mod checks;
mod endurance;
mod file;
mod names;
mod settings;
mod surroundings;
mod values;

use std::path::{Path, PathBuf};

use crate::document::{Document, Fault};

pub use settings::{Config, Pack, SHIPPED_PACKS, Snmp, Store, Timing, Web, Webhook};
pub use surroundings::{RolesOf, Surroundings};

use build::build;
use checks::Checks;
use file::File;
use surroundings::read_secret;

/// Where the centre's file lies unless somebody says otherwise.
pub const DEFAULT_PATH: &str = "/etc/callwatch/callwatch.toml";

/// A file without faults.
#[derive(Clone, Debug)]
pub struct Loaded {
    pub config: Config,
    /// What hinders nothing but should be known.
    pub warnings: Vec<Fault>,
}

/// What a file was found to be: a config where there are no faults.
#[derive(Debug)]
pub struct Examined {
    pub config: Option<Config>,
    pub faults: Vec<Fault>,
    pub warnings: Vec<Fault>,
}

/// The commented reference file, which passes every check.
pub fn example() -> &'static str {
    include_str!("../../config/callwatch.toml")
}

/// Reads a centre's file with the secrets and the plan that it names.
pub fn load(path: &Path, roles: RolesOf<'_>) -> Result<Loaded, Vec<Fault>> {
    let examined = examine(path, roles);
    match examined.config {
        Some(config) => Ok(Loaded {
            config,
            warnings: examined.warnings,
        }),
        None => Err(examined.faults),
    }
}

/// As [`load`], but warnings come beside faults.
pub fn examine(path: &Path, roles: RolesOf<'_>) -> Examined {
    let file = path.display().to_string();
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) => {
            let mend = match error.kind() {
                std::io::ErrorKind::NotFound => {
                    "no such file: `callwatch init` writes one".to_owned()
                }
                std::io::ErrorKind::InvalidData => "is not UTF-8: save it as UTF-8".to_owned(),
                _ => format!("cannot be read: {error}"),
            };
            let (document, _) = Document::parse(&file, "");
            return Examined {
                config: None,
                faults: vec![document.fault("", mend)],
                warnings: Vec::new(),
            };
        }
    };
    let directory = path.parent().unwrap_or(Path::new(""));
    let credentials = std::env::var_os("CREDENTIALS_DIRECTORY").map(PathBuf::from);
    let state_directory = std::env::var_os("STATE_DIRECTORY")
        .map_or_else(|| PathBuf::from("/var/lib/callwatch"), PathBuf::from);
    let surroundings = Surroundings {
        directory,
        state_directory: &state_directory,
        secret: &|name| read_secret(credentials.as_deref(), directory, name),
        roles,
    };
    examine_text(&file, &text, &surroundings)
}

/// Examines a text as the centre's file; `file` is what faults call it.
pub fn from_text(
    file: &str,
    text: &str,
    surroundings: &Surroundings<'_>,
) -> Result<Loaded, Vec<Fault>> {
    let examined = examine_text(file, text, surroundings);
    match examined.config {
        Some(config) => Ok(Loaded {
            config,
            warnings: examined.warnings,
        }),
        None => Err(examined.faults),
    }
}

/// As [`from_text`], but warnings come beside faults.
pub fn examine_text(file: &str, text: &str, surroundings: &Surroundings<'_>) -> Examined {
    let (document, mut faults) = Document::parse(file, text);
    let read = if faults.is_empty() {
        document.read_leniently::<File>("", &mut faults)
    } else {
        // What could not be parsed would be told as missing.
        None
    };
    let mut checks = Checks::new(&document, faults);
    let config = read.and_then(|read| build(&mut checks, read.value, surroundings));
    let (mut faults, mut warnings) = (checks.faults, checks.warnings);
    faults.sort();
    warnings.sort();
    Examined {
        config: config.filter(|_| faults.is_empty()),
        faults,
        warnings,
    }
}
