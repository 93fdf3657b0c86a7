//! `callwatch duty`: who is on duty, as roster, calendar and the centre's file have it.
//!
//! Whoever stands in for somebody just now is known to the daemon alone: the
//! centre's page shows that.

use std::io;
use std::path::PathBuf;

use anyhow::Context as _;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::cli::daemon;
use crate::clock::Clock;
use crate::config::{self, RolesOf};
use crate::site::{Duty, Site};
use crate::text::Language;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// The centre's file
    #[arg(long, value_name = "FILE", default_value = config::DEFAULT_PATH)]
    pub config: PathBuf,
    /// Another moment than now, in the centre's time zone, as 2026-10-01T12:00
    #[arg(long, value_name = "MOMENT")]
    pub at: Option<DateTime>,
    /// zh or en; by default the centre's language
    #[arg(long, value_parser = crate::cli::language::read)]
    pub language: Option<Language>,
}

/// Prints the day's work, then each role with who has it and where it is reached.
pub fn run(args: &Args, roles: RolesOf<'_>, out: &mut impl io::Write) -> anyhow::Result<()> {
    let loaded = daemon::load(&args.config, roles)?;
    let site = &loaded.config.site;
    let zone = TimeZone::get(&site.time_zone).context("the time zone of the centre")?;
    let now = match args.at {
        Some(at) => zone
            .to_ambiguous_timestamp(at)
            .compatible()
            .context("the moment that was asked for")?,
        None => Clock::real().now(),
    };
    let words = Words {
        language: args.language.unwrap_or(site.language),
        zone,
    };
    for fault in loaded.lost.faults() {
        writeln!(out, "{fault}")?;
    }
    for warning in config::running_out(&loaded.config, now) {
        writeln!(out, "{warning}")?;
    }
    writeln!(out, "{}", words.day(site, now))?;
    for role in site.roles.keys() {
        writeln!(out, "{}", words.role(site, role, now))?;
    }
    Ok(())
}

struct Words {
    language: Language,
    zone: TimeZone,
}

impl Words {
    fn of<'w>(&self, zh: &'w str, en: &'w str) -> &'w str {
        match self.language {
            Language::Zh => zh,
            Language::En => en,
        }
    }

    fn clock(&self, at: Timestamp) -> String {
        let civil = self.zone.to_datetime(at);
        format!("{:02}:{:02}", civil.hour(), civil.minute())
    }

    fn day(&self, site: &Site, now: Timestamp) -> String {
        let date = site.date_of(now);
        let agenda = site.agenda();
        let spans: Vec<String> = agenda
            .spans_of(date)
            .into_iter()
            .map(|(from, to)| format!("{}-{}", self.clock(from), self.clock(to)))
            .collect();
        let work = if agenda.hours.is_empty() {
            self.of("没有写工作时间", "no working hours are given")
                .to_owned()
        } else if spans.is_empty() {
            self.of("休息", "nobody works").to_owned()
        } else {
            format!("{} {}", self.of("上班", "work"), spans.join(" "))
        };
        format!("{date} {}  {work}", self.clock(now))
    }

    fn role(&self, site: &Site, role: &str, now: Timestamp) -> String {
        let on = site.roster.at(role, now);
        let mut parts: Vec<String> = on.holders.iter().map(|duty| self.duty(duty)).collect();
        for duty in &on.leaving {
            let handing = self.of("交接中", "handing over");
            parts.push(format!("{handing} {}", duty.person.name));
        }
        let Some(known) = site.roles.get(role) else {
            return role.to_owned();
        };
        if on.holders.iter().all(|duty| duty.person.seat.is_none()) || role == "staff" {
            parts.extend(known.seats.iter().cloned());
        }
        parts.extend(known.channels.iter().cloned());
        let deputy = known.deputy.seats.iter().chain(&known.deputy.channels);
        for deputy in deputy {
            parts.push(format!("{} {deputy}", self.of("副手", "deputy")));
        }
        if parts.is_empty() {
            parts.push(
                self.of("没有人，转上一级", "nobody: the next one up")
                    .to_owned(),
            );
        }
        format!("{role}: {}", parts.join(", "))
    }

    fn duty(&self, duty: &Duty) -> String {
        let person = &duty.person;
        let mut parts = vec![person.name.clone()];
        parts.extend(person.seat.iter().chain(&person.phone).cloned());
        let until = self.clock(duty.to);
        let said = parts.join(" ");
        let deputy = duty.deputy.as_ref().map(|deputy| &deputy.name);
        match (self.language, deputy) {
            (Language::Zh, None) => format!("{said}（到 {until}）"),
            (Language::Zh, Some(deputy)) => format!("{said}（到 {until}，副手 {deputy}）"),
            (Language::En, None) => format!("{said} (until {until})"),
            (Language::En, Some(deputy)) => format!("{said} (until {until}, deputy {deputy})"),
        }
    }
}
