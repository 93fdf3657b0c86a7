//! Where the channels lead: signed webhooks, and robots of groups.

use std::collections::BTreeMap;

use crate::alerts::robot::{self, Kind};
use crate::alerts::{self, SecretError, webhook};
use crate::config::checks::Checks;
use crate::config::file::{Channel, ChannelKind, File};
use crate::config::values;
use crate::document::join;

pub(crate) fn channels(
    checks: &mut Checks<'_, '_>,
    file: &File,
    secrets: values::Secrets<'_>,
) -> BTreeMap<String, alerts::Settings> {
    let mut channels = BTreeMap::new();
    for (id, channel) in &file.channel {
        let table = join("channel", id);
        let (inline, in_file) = (channel.url.as_ref(), channel.url_file.as_ref());
        let url = values::secret(checks, &table, "url", inline, in_file, secrets);
        if let Some((path, url)) = &url {
            values::url(checks, path, url);
        }
        let url = url.map(|(_, url)| url);
        let settings = match channel.kind {
            ChannelKind::Webhook => signed_webhook(checks, &table, channel, url, secrets),
            ChannelKind::DingTalk => {
                let secret = optional_secret(checks, &table, channel, secrets);
                robot(file, channel, Kind::DingTalk, url, secret)
            }
            ChannelKind::Feishu => {
                let secret = optional_secret(checks, &table, channel, secrets);
                robot(file, channel, Kind::Feishu, url, secret)
            }
            ChannelKind::WeCom => {
                for (key, there) in [
                    ("secret", channel.secret.is_some()),
                    ("secret_file", channel.secret_file.is_some()),
                ] {
                    if there {
                        let message =
                            "is of other robots: WeCom signs nothing, its url is the secret";
                        checks.fault(&join(&table, key), message);
                    }
                }
                robot(file, channel, Kind::WeCom, url, None)
            }
        };
        channels.extend(settings.map(|settings| (id.clone(), settings)));
    }
    channels
}

fn signed_webhook(
    checks: &mut Checks<'_, '_>,
    table: &str,
    channel: &Channel,
    url: Option<String>,
    secrets: values::Secrets<'_>,
) -> Option<alerts::Settings> {
    for (key, there) in [
        ("prefix", channel.prefix.is_some()),
        ("language", channel.language.is_some()),
    ] {
        if there {
            let message = "is of robots: a webhook carries both languages and no more";
            checks.fault(&join(table, key), message);
        }
    }
    let (inline, file) = (channel.secret.as_ref(), channel.secret_file.as_ref());
    let (path, secret) = values::secret(checks, table, "secret", inline, file, secrets)?;
    match secret.parse() {
        Ok(secret) => Some(alerts::Settings::Webhook(webhook::Settings {
            url: url?,
            secret,
            previous_secret: None,
        })),
        Err(why) => {
            checks.fault(&path, SecretError::to_string(&why));
            None
        }
    }
}

/// A robot may go by a keyword or a list of addresses, and sign nothing.
fn optional_secret(
    checks: &mut Checks<'_, '_>,
    table: &str,
    channel: &Channel,
    secrets: values::Secrets<'_>,
) -> Option<String> {
    let (inline, file) = (channel.secret.as_ref(), channel.secret_file.as_ref());
    if inline.is_none() && file.is_none() {
        return None;
    }
    let (path, secret) = values::secret(checks, table, "secret", inline, file, secrets)?;
    values::filled(
        checks,
        &path,
        &secret,
        "copy the robot's secret, or take it out",
    );
    Some(secret)
}

fn robot(
    file: &File,
    channel: &Channel,
    kind: Kind,
    url: Option<String>,
    secret: Option<String>,
) -> Option<alerts::Settings> {
    Some(alerts::Settings::Robot(robot::Settings {
        kind,
        url: url?,
        secret,
        prefix: channel.prefix.clone().unwrap_or_default(),
        language: channel.language.unwrap_or(file.site.language),
    }))
}
