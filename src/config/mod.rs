//! The centre's file: reads it, joins each room's settings, cross-checks names.
//!
//! All faults are found in one run, each with its place and the mend; so are
//! warnings, which hinder nothing. Secrets lie in files of their own: a relative
//! one is looked for in `$CREDENTIALS_DIRECTORY` (systemd's `LoadCredential=`)
//! first, then beside the centre's file. What a key means stands beside it in
//! [`example`].

mod accepted;
mod acds;
mod asked;
mod backups;
mod build;
mod calendar;
mod certificate;
mod channel;
mod channels;
mod checks;
mod endurance;
mod file;
mod hours;
mod keeping;
mod lost;
mod names;
mod phone;
mod queues;
mod readiness;
mod roster;
mod sensors;
mod service;
mod services;
mod settings;
mod sheet;
mod sheets;
mod stations;
mod surroundings;
mod values;
mod watching;

use std::path::{Path, PathBuf};

use crate::document::{Document, Fault};

pub use certificate::certificate_ending;
pub use lost::Lost;
pub use settings::{Config, Pack, SHIPPED_PACKS, Store, Timing, Web};
pub use sheets::running_out;
pub use surroundings::{Agreed, RolesOf, Surroundings};

use build::build;
use checks::Checks;
use file::File;
pub(crate) use surroundings::read_secret;

/// Where the centre's file lies unless somebody says otherwise.
pub const DEFAULT_PATH: &str = "/etc/callwatch/callwatch.toml";

/// A file without faults.
#[derive(Clone, Debug)]
pub struct Loaded {
    pub config: Config,
    /// What hinders nothing but should be known.
    pub warnings: Vec<Fault>,
    /// The config stands without these.
    pub lost: Lost,
}

/// What a file was found to be: a config where there are no faults.
#[derive(Debug)]
pub struct Examined {
    pub config: Option<Config>,
    pub faults: Vec<Fault>,
    pub warnings: Vec<Fault>,
    pub lost: Lost,
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
            lost: examined.lost,
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
                lost: Lost::default(),
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
        credentials: credentials.as_deref(),
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
            lost: examined.lost,
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
    let (value, stand_ins) = read.map(|read| (read.value, read.stand_ins)).unzip();
    let mut checks = Checks::new(&document, faults, stand_ins.unwrap_or_default());
    let config = value.and_then(|file| build(&mut checks, file, surroundings));
    let (mut faults, mut warnings, lost) = (checks.faults, checks.warnings, checks.lost);
    faults.sort();
    warnings.sort();
    Examined {
        config: config.filter(|_| faults.is_empty()),
        faults,
        warnings,
        lost,
    }
}

#[cfg(test)]
mod tests {
    use crate::alerts;
    use crate::probes;
    use crate::probes::access::Access;
    use jiff::SignedDuration;
    use jiff::civil::time;

    use super::*;
    use crate::text::Language;

    #[expect(clippy::unnecessary_wraps, reason = "the shape of the hook")]
    fn call_center(_: &Pack) -> Result<Agreed, Vec<Fault>> {
        let roles = ["staff", "lead", "it", "manager", "operations"];
        Ok(Agreed {
            roles: roles.map(str::to_owned).into(),
            ..Agreed::default()
        })
    }

    fn load_text(text: &str) -> Result<Loaded, Vec<Fault>> {
        let surroundings = Surroundings {
            directory: Path::new("/etc/callwatch"),
            state_directory: Path::new("/var/lib/callwatch"),
            credentials: None,
            secret: &|name| match name {
                "community" => Ok(" t0psecret \n".to_owned()),
                "pbx.secret" | "fs.secret" | "cloud.token" | "db.secret" | "push.token" => {
                    Ok("a s3cret of sixteen\n".to_owned())
                }
                "it.secret" => Ok("whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX\n".to_owned()),
                _ => Err("there is no file".to_owned()),
            },
            roles: &call_center,
        };
        from_text("a.toml", text, &surroundings)
    }

    #[test]
    fn the_reference_is_the_centre_of_the_plan() {
        let config = load_text(example()).unwrap().config;
        let site = &config.site;
        assert_eq!(site.seats.len(), 11);
        assert_eq!(site.language, Language::Zh);
        assert_eq!(site.ups_of_seat("C-01"), Some("UPS-C1"));
        assert_eq!(site.ups_of_seat("C-02"), Some("UPS-C2"));
        assert_eq!(site.ups_of_seat("AF-01"), Some("UPS-AF"));
        let unfed = site
            .seats
            .keys()
            .filter(|seat| site.ups_of_seat(seat).is_none());
        assert_eq!(unfed.count(), 8);
        assert!(site.seats["AF-01"].public);
        assert_eq!(site.contacts["fire"].phone, "119");
        let hours = site.zones["block-c"].hours.as_ref().unwrap();
        assert_eq!(hours.spans[0].days, [1, 2, 3, 4, 5]);
        assert_eq!(
            (hours.spans[0].from, hours.spans[0].to),
            (time(8, 30, 0, 0), time(17, 30, 0, 0))
        );
        assert_eq!(config.plan, Pack::Shipped("call-center"));
        let probes::Settings::Snmp(snmp) = &config.watch["UPS-C1"] else {
            panic!("it is asked by SNMP");
        };
        assert_eq!(snmp.port, 161);
        let store = &config.store;
        assert_eq!(store.path, Path::new("/var/lib/callwatch/callwatch.db"));
        assert_eq!(store.backup_folder, Path::new("/var/lib/callwatch/backups"));
        assert_eq!(store.keep, SignedDuration::from_hours(1096 * 24));
        assert_eq!(store.backups, 4);
    }

    #[test]
    fn the_reference_states_the_defaults() {
        let stated = load_text(example()).unwrap().config;
        let timing = example().find("[timing]").unwrap();
        let defaults = load_text(&example()[..timing]).unwrap().config;
        assert_eq!(stated.timing, defaults.timing);
        assert_eq!(stated.web, defaults.web);
        assert_eq!(stated.store, defaults.store);
        assert_eq!(defaults.timing.status_poll, SignedDuration::from_secs(2));
        assert!(defaults.web.listen.ip().is_loopback());
    }

    #[test]
    fn the_channels_of_the_reference_stand_once_their_marks_are_taken_away() {
        let text = example()
            .replace("# [channel.it]\n# kind ", "[channel.it]\nkind ")
            .replace("# url  ", "url  ")
            .replace(
                "# secret_file = \"it-webhook.secret\"",
                "secret_file = \"it.secret\"",
            )
            .replace("# channels = [\"it\"]", "channels = [\"it\"]");
        let config = load_text(&text).unwrap().config;
        assert_eq!(config.site.roles["it"].channels, ["it"]);
        let alerts::Settings::Webhook(channel) = &config.channels["it"] else {
            panic!("it is a webhook");
        };
        assert!(channel.url.starts_with("https://"));
        let secret = alerts::Secret::try_from((0..24).collect::<Vec<u8>>());
        assert_eq!(channel.secret, secret.unwrap());
    }

    #[test]
    fn secrets_may_lie_in_files_and_are_trimmed() {
        let text = example().replace("community = \"public\"", "community_file = \"community\"");
        let config = load_text(&text).unwrap().config;
        let probes::Settings::Snmp(snmp) = &config.watch["UPS-AF"] else {
            panic!("it is asked by SNMP");
        };
        let community = "t0psecret".to_owned();
        assert_eq!(snmp.access, Access::V2c { community });
        assert!(!format!("{config:?}").contains("t0psecret"), "{config:?}");
    }

    #[test]
    fn a_calendar_and_a_roster_that_run_out_are_told_in_time() {
        let mut config = load_text(example()).unwrap().config;
        let at = |moment: &str| moment.parse::<jiff::Timestamp>().unwrap();
        let now = at("2026-12-02T04:00:00Z");
        assert_eq!(running_out(&config, now), [""; 0], "nothing is named");
        let holiday = jiff::civil::date(2026, 10, 1);
        config.site.calendar.days = [(holiday, crate::site::Day::Off)].into();
        let duty = |from, to| crate::site::Duty {
            from: at(from),
            to: at(to),
            person: crate::site::Person::default(),
            deputy: None,
        };
        let duty = duty("2026-12-04T01:00:00Z", "2026-12-04T09:00:00Z");
        config.site.roster.duties = [("lead".to_owned(), vec![duty])].into();
        assert_eq!(
            running_out(&config, now),
            [
                "the calendar ends with 2026-10-01: add the holidays of 2027",
                "the roster ends on 2026-12-04: add the days after",
            ]
        );
        let told = running_out(&config, at("2027-01-02T04:00:00Z"));
        assert!(told[0].contains("no day of 2027"), "{told:?}");
        assert!(
            told[1].contains("the roster ended on 2026-12-04"),
            "{told:?}"
        );
        assert_eq!(running_out(&config, at("2026-11-02T04:00:00Z")), [""; 0]);
    }

    #[test]
    fn the_acds_of_the_reference_stand_once_their_marks_are_taken_away() {
        let text = example();
        let (before, rest) = text.split_at(text.find("- ACDs\n").unwrap());
        let end = rest.find("- queues\n").unwrap();
        let (section, after) = rest.split_at(end);
        let is_key = |line: &str| {
            let rest = line.strip_prefix("# ")?;
            let key = rest.split(['=', ']']).next()?.trim();
            let plain = key
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "_.[".contains(c));
            (plain && rest.contains(['=', ']'])).then(|| rest.to_owned())
        };
        let section: Vec<String> = section
            .lines()
            .map(|line| is_key(line).unwrap_or_else(|| line.to_owned()))
            .collect();
        let text = format!("{before}{}\n#{after}", section.join("\n"))
            .replace("# member   =", "member   =");
        let loaded = load_text(&text);
        let config = loaded.unwrap_or_else(|faults| panic!("{faults:#?}")).config;
        let acds: Vec<&String> = config.site.acds.keys().collect();
        assert_eq!(acds, ["cloud", "fs", "old", "pbx", "wallboard"]);
        assert!(config.site.seats["C-03"].members.contains("PJSIP/1003"));
        let default = SignedDuration::from_secs(5);
        assert_eq!(config.acds["pbx"].poll, default);
        assert_eq!(config.acds["pbx"].stale_after, default * 3);
        assert!(!format!("{config:?}").contains("s3cret"));
    }

    #[test]
    fn relative_paths_start_beside_the_file() {
        let text = example()
            .replace("\"call-center\"", "\"plans/ours.toml\"")
            .replace(
                "# [store]\n# path = \"/var/lib/callwatch/",
                "[store]\npath = \"/srv/",
            )
            .replace("listen = \"127.0.0.1:8460\"", "listen = \"[::1]:80\"");
        let config = load_text(&text).unwrap().config;
        let plan = PathBuf::from("/etc/callwatch/plans/ours.toml");
        assert_eq!(config.plan, Pack::File(plan));
        assert_eq!(config.store.path, Path::new("/srv/callwatch.db"));
        let beside = Path::new("/srv/backups");
        assert_eq!(config.store.backup_folder, beside);
        assert_eq!(config.web.listen.to_string(), "[::1]:80");
    }

    #[test]
    fn faults_of_the_plan_are_told_with_those_of_the_centre() {
        let surroundings = Surroundings {
            directory: Path::new(""),
            state_directory: Path::new(""),
            credentials: None,
            secret: &|_| Err(String::new()),
            roles: &|_| Err(vec![Document::parse("plan.toml", "").0.fault("id", "no")]),
        };
        let text = example().replace("Asia/Shanghai", "Mars");
        let faults = from_text("a.toml", &text, &surroundings).unwrap_err();
        let told: Vec<_> = faults
            .iter()
            .map(|f| (f.file.as_str(), f.key.as_str()))
            .collect();
        assert_eq!(told, [("a.toml", "site.time_zone"), ("plan.toml", "id")]);
    }

    #[test]
    fn a_file_that_is_not_there_says_who_writes_one() {
        let faults = load(Path::new("/nowhere/callwatch.toml"), &call_center).unwrap_err();
        assert_eq!(faults.len(), 1);
        assert!(faults[0].message.contains("callwatch init"), "{faults:?}");
    }
}
