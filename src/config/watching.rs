//! How each UPS is asked: by SNMP, or through NUT's upsd; or that a seat's PC tells of it.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::str::FromStr;

use crate::config::checks::Checks;
use crate::config::file::{File, Ups};
use crate::config::values;
use crate::document::join;
use crate::probes::access::{Access, User, UserError};
use crate::probes::{self, snmp};

pub(crate) fn watch(
    checks: &mut Checks<'_, '_>,
    file: &File,
    secrets: values::Secrets<'_>,
) -> BTreeMap<String, probes::Settings> {
    let mut watch = BTreeMap::new();
    let mut in_clear = false;
    for (id, ups) in &file.ups {
        let table = join("ups", id);
        let settings = if let Some(seat) = &ups.seat {
            by_seat(checks, file, &table, ups, seat);
            None
        } else if let Some(nut) = &ups.nut {
            by_nut(checks, &table, ups, nut)
        } else {
            in_clear |= ups.version.as_deref() != Some("3");
            by_snmp(checks, &table, ups, secrets)
        };
        watch.extend(settings.map(|settings| (id.clone(), settings)));
    }
    if in_clear {
        checks.warn(
            "ups",
            "SNMP v1 and v2c send the community in clear: keep the UPSs in a network of their own",
        );
    }
    watch
}

impl Ups {
    /// The keys of where SNMP is asked that are there.
    fn of_place(&self) -> impl Iterator<Item = &'static str> {
        there([
            ("host", self.host.is_some()),
            ("port", self.port.is_some()),
            ("version", self.version.is_some()),
        ])
    }

    /// The keys of communities that are there.
    fn of_community(&self) -> impl Iterator<Item = &'static str> {
        let keys = [
            ("community", self.community.is_some()),
            ("community_file", self.community_file.is_some()),
        ];
        there(keys)
    }

    /// The keys of SNMP v3 that are there.
    fn of_v3(&self) -> impl Iterator<Item = &'static str> {
        let keys = [
            ("user", self.user.is_some()),
            ("auth", self.auth.is_some()),
            ("auth_password", self.auth_password.is_some()),
            ("auth_password_file", self.auth_password_file.is_some()),
            ("privacy", self.privacy.is_some()),
            ("privacy_password", self.privacy_password.is_some()),
            (
                "privacy_password_file",
                self.privacy_password_file.is_some(),
            ),
            ("context", self.context.is_some()),
        ];
        there(keys)
    }
}

fn there<const N: usize>(keys: [(&'static str, bool); N]) -> impl Iterator<Item = &'static str> {
    keys.into_iter()
        .filter(|(_, there)| *there)
        .map(|(key, _)| key)
}

/// Nobody asks: the seat program tells what its PC sees on the cable.
fn by_seat(checks: &mut Checks<'_, '_>, file: &File, table: &str, ups: &Ups, seat: &str) {
    let others = [("nut", ups.nut.is_some())];
    let others = there(others).chain(ups.of_place());
    for key in others.chain(ups.of_community()).chain(ups.of_v3()) {
        let message = "does not go with `seat`, by which a PC tells of it: keep one of the two";
        checks.fault(&join(table, key), message);
    }
    if !file.seat.contains_key(seat) {
        checks.unknown_name(&join(table, "seat"), "seat", seat);
    }
    let mut twice = file
        .ups
        .iter()
        .filter(|(_, other)| other.seat.as_deref() == Some(seat));
    if let Some((first, _)) = twice.next()
        && join("ups", first) != table
    {
        let message = format!("seat `{seat}` tells of `{first}` already: a PC tells of one UPS");
        checks.fault(&join(table, "seat"), message);
    }
}

fn by_nut(
    checks: &mut Checks<'_, '_>,
    table: &str,
    ups: &Ups,
    nut: &str,
) -> Option<probes::Settings> {
    let place = ups.of_place();
    for key in place.chain(ups.of_community()).chain(ups.of_v3()) {
        let message = "is of SNMP, but `nut` says that upsd is asked: keep one of the two";
        checks.fault(&join(table, key), message);
    }
    match nut.parse() {
        Ok(settings) => Some(probes::Settings::Nut(settings)),
        Err(error) => {
            checks.fault(&join(table, "nut"), format!("`{nut}` is no UPS: {error}"));
            None
        }
    }
}

fn by_snmp(
    checks: &mut Checks<'_, '_>,
    table: &str,
    ups: &Ups,
    secrets: values::Secrets<'_>,
) -> Option<probes::Settings> {
    let host_path = join(table, "host");
    match &ups.host {
        Some(host) => {
            let mend = "write the address of its network card";
            values::filled(checks, &host_path, host, mend);
        }
        None if checks.is_faulty(&host_path) => {}
        None => checks.fault(
            &host_path,
            "is missing: write the address of its network card, or `nut = \"NAME@HOST\"` where upsd watches it",
        ),
    }
    let access = match ups.version.as_deref().unwrap_or("2c") {
        "1" => community(checks, table, ups, secrets).map(|community| Access::V1 { community }),
        "2c" => community(checks, table, ups, secrets).map(|community| Access::V2c { community }),
        "3" => user(checks, table, ups, secrets).map(Access::V3),
        odd => {
            let message = format!("`{odd}` is no version of SNMP: write \"1\", \"2c\" or \"3\"");
            checks.fault(&join(table, "version"), message);
            None
        }
    };
    Some(probes::Settings::Snmp(snmp::Settings {
        host: ups.host.clone()?,
        port: ups.port.unwrap_or(snmp::PORT),
        access: access?,
    }))
}

fn community(
    checks: &mut Checks<'_, '_>,
    table: &str,
    ups: &Ups,
    secrets: values::Secrets<'_>,
) -> Option<String> {
    for key in ups.of_v3() {
        let message = "is of SNMP v3: add `version = \"3\"`, or take it out";
        checks.fault(&join(table, key), message);
    }
    let (inline, file) = (ups.community.as_ref(), ups.community_file.as_ref());
    let (path, community) = values::secret(checks, table, "community", inline, file, secrets)?;
    values::filled(checks, &path, &community, "write the SNMP community");
    Some(community)
}

fn user(
    checks: &mut Checks<'_, '_>,
    table: &str,
    ups: &Ups,
    secrets: values::Secrets<'_>,
) -> Option<User> {
    for key in ups.of_community() {
        let message = "is of SNMP v1 and v2c, and v3 has users: take it out";
        checks.fault(&join(table, key), message);
    }
    let auth = Secured {
        key: "auth",
        protocol: ups.auth.as_ref(),
        password: ups.auth_password.as_ref(),
        password_file: ups.auth_password_file.as_ref(),
    };
    let privacy = Secured {
        key: "privacy",
        protocol: ups.privacy.as_ref(),
        password: ups.privacy_password.as_ref(),
        password_file: ups.privacy_password_file.as_ref(),
    };
    let auth = auth.read(checks, table, secrets);
    let privacy = privacy.read(checks, table, secrets);
    let name = ups.user.as_deref().unwrap_or_default();
    let context = ups.context.as_deref().unwrap_or_default();
    match User::new(name, auth?, privacy?, context) {
        Ok(user) => Some(user),
        Err(error) => {
            let key = match error {
                UserError::NoName => "user",
                UserError::PrivacyAlone => "privacy",
                UserError::ShortAuth if ups.auth_password.is_some() => "auth_password",
                UserError::ShortAuth => "auth_password_file",
                UserError::ShortPrivacy if ups.privacy_password.is_some() => "privacy_password",
                UserError::ShortPrivacy => "privacy_password_file",
            };
            checks.fault(&join(table, key), error.to_string());
            None
        }
    }
}

/// A protocol and its password, as the file has them.
struct Secured<'a> {
    key: &'static str,
    protocol: Option<&'a String>,
    password: Option<&'a String>,
    password_file: Option<&'a String>,
}

impl Secured<'_> {
    /// `None` where there is a fault; `Some(None)` where the file has nothing of it.
    #[expect(
        clippy::option_option,
        reason = "a fault and an absence are not the same"
    )]
    fn read<P>(
        &self,
        checks: &mut Checks<'_, '_>,
        table: &str,
        secrets: values::Secrets<'_>,
    ) -> Option<Option<(P, String)>>
    where
        P: FromStr,
        P::Err: Display,
    {
        let path = join(table, self.key);
        let password_key = format!("{}_password", self.key);
        let Some(protocol) = self.protocol else {
            if self.password.is_none() && self.password_file.is_none() {
                return Some(None);
            }
            let message = format!("is missing: `{password_key}` goes with a protocol");
            checks.fault(&path, message);
            return None;
        };
        let (inline, file) = (self.password, self.password_file);
        let password = values::secret(checks, table, &password_key, inline, file, secrets);
        match protocol.parse() {
            Ok(protocol) => Some(Some((protocol, password?.1))),
            Err(error) => {
                checks.fault(&path, format!("`{protocol}` is no protocol: {error}"));
                None
            }
        }
    }
}
