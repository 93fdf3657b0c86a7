//! How a device is asked by SNMP: where it is, and what it wants to see.

use std::fmt::Display;
use std::str::FromStr;

use crate::config::checks::Checks;
use crate::config::file::{Sensor, Ups};
use crate::config::values;
use crate::document::join;
use crate::probes::access::{Access, User, UserError};
use crate::probes::snmp;

/// The keys of one device that say how it is asked, as the file has them.
pub(crate) struct Keys<'a> {
    host: Option<&'a String>,
    port: Option<u16>,
    community: Option<&'a String>,
    community_file: Option<&'a String>,
    version: Option<&'a String>,
    user: Option<&'a String>,
    auth: Option<&'a String>,
    auth_password: Option<&'a String>,
    auth_password_file: Option<&'a String>,
    privacy: Option<&'a String>,
    privacy_password: Option<&'a String>,
    privacy_password_file: Option<&'a String>,
    context: Option<&'a String>,
}

macro_rules! keys {
    ($($table:ident)*) => {$(
        impl<'a> From<&'a $table> for Keys<'a> {
            fn from(table: &'a $table) -> Self {
                Self {
                    host: table.host.as_ref(),
                    port: table.port,
                    community: table.community.as_ref(),
                    community_file: table.community_file.as_ref(),
                    version: table.version.as_ref(),
                    user: table.user.as_ref(),
                    auth: table.auth.as_ref(),
                    auth_password: table.auth_password.as_ref(),
                    auth_password_file: table.auth_password_file.as_ref(),
                    privacy: table.privacy.as_ref(),
                    privacy_password: table.privacy_password.as_ref(),
                    privacy_password_file: table.privacy_password_file.as_ref(),
                    context: table.context.as_ref(),
                }
            }
        }
    )*};
}

keys!(Ups Sensor);

impl Keys<'_> {
    /// All of them that are there.
    pub(crate) fn all(&self) -> impl Iterator<Item = &'static str> {
        let place = self.of_place();
        place.chain(self.of_community()).chain(self.of_v3())
    }

    /// Whether what is asked and answered goes in clear.
    pub(crate) fn is_in_clear(&self) -> bool {
        self.version.is_none_or(|version| version != "3")
    }

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

pub(crate) fn there<const N: usize>(
    keys: [(&'static str, bool); N],
) -> impl Iterator<Item = &'static str> {
    keys.into_iter()
        .filter(|(_, there)| *there)
        .map(|(key, _)| key)
}

/// Where it is, and what it wants to see; `missing` is said where nothing says where.
pub(crate) fn by_snmp(
    checks: &mut Checks<'_, '_>,
    table: &str,
    keys: &Keys<'_>,
    missing: &str,
    secrets: values::Secrets<'_>,
) -> Option<snmp::Settings> {
    let host_path = join(table, "host");
    match keys.host {
        Some(host) => {
            let mend = "write the address of its network card";
            values::filled(checks, &host_path, host, mend);
        }
        None if checks.is_faulty(&host_path) => {}
        None => checks.fault(&host_path, missing),
    }
    let access = match keys.version.map_or("2c", String::as_str) {
        "1" => community(checks, table, keys, secrets).map(|community| Access::V1 { community }),
        "2c" => community(checks, table, keys, secrets).map(|community| Access::V2c { community }),
        "3" => user(checks, table, keys, secrets).map(Access::V3),
        odd => {
            let message = format!("`{odd}` is no version of SNMP: write \"1\", \"2c\" or \"3\"");
            checks.fault(&join(table, "version"), message);
            None
        }
    };
    Some(snmp::Settings {
        host: keys.host.cloned()?,
        port: keys.port.unwrap_or(snmp::PORT),
        access: access?,
    })
}

fn community(
    checks: &mut Checks<'_, '_>,
    table: &str,
    keys: &Keys<'_>,
    secrets: values::Secrets<'_>,
) -> Option<String> {
    for key in keys.of_v3() {
        let message = "is of SNMP v3: add `version = \"3\"`, or take it out";
        checks.fault(&join(table, key), message);
    }
    let (inline, file) = (keys.community, keys.community_file);
    let (path, community) = values::secret(checks, table, "community", inline, file, secrets)?;
    values::filled(checks, &path, &community, "write the SNMP community");
    Some(community)
}

fn user(
    checks: &mut Checks<'_, '_>,
    table: &str,
    keys: &Keys<'_>,
    secrets: values::Secrets<'_>,
) -> Option<User> {
    for key in keys.of_community() {
        let message = "is of SNMP v1 and v2c, and v3 has users: take it out";
        checks.fault(&join(table, key), message);
    }
    let auth = Secured {
        key: "auth",
        protocol: keys.auth,
        password: keys.auth_password,
        password_file: keys.auth_password_file,
    };
    let privacy = Secured {
        key: "privacy",
        protocol: keys.privacy,
        password: keys.privacy_password,
        password_file: keys.privacy_password_file,
    };
    let auth = auth.read(checks, table, secrets);
    let privacy = privacy.read(checks, table, secrets);
    let name = keys.user.map_or("", String::as_str);
    let context = keys.context.map_or("", String::as_str);
    match User::new(name, auth?, privacy?, context) {
        Ok(user) => Some(user),
        Err(error) => {
            let key = match error {
                UserError::NoName => "user",
                UserError::PrivacyAlone => "privacy",
                UserError::ShortAuth if keys.auth_password.is_some() => "auth_password",
                UserError::ShortAuth => "auth_password_file",
                UserError::ShortPrivacy if keys.privacy_password.is_some() => "privacy_password",
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
