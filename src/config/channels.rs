//! Where the channels lead, and who may read what there.

use std::collections::BTreeMap;

use jiff::SignedDuration;

use crate::alerts::robot::{self, Kind};
use crate::alerts::{
    self, Reader, SecretError, alertmanager, exec, ntfy, pagerduty, slack, teams, webhook,
};
use crate::config::channel::{Channel, ChannelKind};
use crate::config::checks::Checks;
use crate::config::file::File;
use crate::config::phone;
use crate::config::surroundings::Surroundings;
use crate::config::values;
use crate::document::join;

/// A program that is slower than this is of no use in an emergency.
const LONGEST_TIMEOUT: SignedDuration = SignedDuration::from_mins(5);

pub(crate) fn channels(
    checks: &mut Checks<'_, '_>,
    file: &File,
    surroundings: &Surroundings<'_>,
) -> BTreeMap<String, alerts::Settings> {
    let mut channels = BTreeMap::new();
    for (id, channel) in &file.channel {
        let table = join("channel", id);
        phone::foreign_keys(checks, &table, channel);
        if channel.kind != ChannelKind::Phone {
            foreign_keys(checks, &table, channel);
        }
        if channel.accepted.is_some() && channel.via.is_empty() {
            let message = "accepts a gap that nothing can show: name by what the channel leaves in `via`, or take it out";
            checks.fault(&join(&table, "accepted"), message);
        }
        let mut desk = Desk {
            checks,
            file,
            table: &table,
            channel,
            surroundings,
        };
        channels.extend(desk.settings().map(|settings| (id.clone(), settings)));
    }
    only_teams(checks, file);
    channels
}

/// A sensitive procedure is told by name to the roles that may read it, by all
/// their channels: those must be private. `exec` rings one person up.
pub(crate) fn check_sensitive(
    checks: &mut Checks<'_, '_>,
    file: &File,
    sensitive: &BTreeMap<String, Vec<String>>,
) {
    for (id, role) in &file.role {
        let procedures = sensitive.iter().filter(|(_, readers)| readers.contains(id));
        let procedures: Vec<String> = procedures.map(|(id, _)| format!("`{id}`")).collect();
        if procedures.is_empty() {
            continue;
        }
        for (index, name) in role.channels.iter().enumerate() {
            let open = file
                .channel
                .get(name)
                .is_some_and(|channel| !channel.private && channel.kind != ChannelKind::Exec);
            if open {
                let path = format!("{}[{index}]", join(&join("role", id), "channels"));
                let message = format!(
                    "role `{id}` reads {} by name, and others may read `{name}` too: write `private = true` under [channel.{name}] if nobody else does, or take it out here",
                    procedures.join(", ")
                );
                checks.fault(&path, message);
            }
        }
    }
}

/// Teams says that a flow has begun, and not that anybody has the message.
fn only_teams(checks: &mut Checks<'_, '_>, file: &File) {
    for (id, role) in &file.role {
        let mut kinds = role
            .channels
            .iter()
            .filter_map(|name| file.channel.get(name));
        let teams = kinds.all(|channel| channel.kind == ChannelKind::Teams);
        if teams && role.seats.is_empty() && !role.channels.is_empty() {
            let message = "only Teams reaches this role, and it fails silently: add a seat or another channel";
            checks.warn(&join(&join("role", id), "channels"), message);
        }
    }
}

/// Whether keys fit a channel of this kind, what they are of, and which of them are there.
type Group<'a> = (bool, &'a str, &'a [(&'a str, bool)]);

/// Keys that mean nothing to a channel of this kind.
fn foreign_keys(checks: &mut Checks<'_, '_>, table: &str, channel: &Channel) {
    use ChannelKind as K;
    let robots = [K::DingTalk, K::WeCom, K::Feishu];
    let kind = channel.kind;
    let robot = robots.contains(&kind);
    let secret = kind != K::WeCom && ![K::Slack, K::Teams, K::PagerDuty].contains(&kind);
    let secret_why = match kind {
        K::WeCom => "is of other robots: WeCom signs nothing, its url is the secret",
        K::PagerDuty => "is of other kinds: PagerDuty goes by its routing_key",
        _ => "is of other kinds: here the url is the secret",
    };
    let both = "is of robots: a webhook carries both languages and no more";
    let prefix_why = match kind {
        K::Webhook => both,
        _ => "is of robots: only they want a keyword",
    };
    let it = channel;
    let groups: [Group<'_>; 7] = [
        (
            kind != K::Exec,
            "is of other kinds: a program is started by its command",
            &[
                ("url", it.url.is_some()),
                ("url_file", it.url_file.is_some()),
            ],
        ),
        (
            secret,
            secret_why,
            &[
                ("secret", it.secret.is_some()),
                ("secret_file", it.secret_file.is_some()),
            ],
        ),
        (robot, prefix_why, &[("prefix", it.prefix.is_some())]),
        (
            kind != K::Webhook,
            both,
            &[("language", it.language.is_some())],
        ),
        (
            kind == K::Ntfy,
            "is of ntfy alone",
            &[
                ("topic", it.topic.is_some()),
                ("topic_file", it.topic_file.is_some()),
            ],
        ),
        (
            kind == K::PagerDuty,
            "is of PagerDuty alone",
            &[
                ("routing_key", it.routing_key.is_some()),
                ("routing_key_file", it.routing_key_file.is_some()),
            ],
        ),
        (
            kind == K::Exec,
            "is of exec alone",
            &[
                ("command", it.command.is_some()),
                ("timeout", it.timeout.is_some()),
                ("to", it.to.is_some()),
            ],
        ),
    ];
    for (_, why, keys) in groups.iter().filter(|(fits, _, _)| !fits) {
        for (key, _) in keys.iter().filter(|(_, there)| *there) {
            checks.fault(&join(table, key), *why);
        }
    }
}

/// One channel's table.
struct Desk<'a, 'd, 't> {
    checks: &'a mut Checks<'d, 't>,
    file: &'a File,
    table: &'a str,
    channel: &'a Channel,
    surroundings: &'a Surroundings<'a>,
}

impl Desk<'_, '_, '_> {
    fn settings(&mut self) -> Option<alerts::Settings> {
        let reader = self.reader();
        Some(match self.channel.kind {
            ChannelKind::Webhook => return self.signed_webhook(),
            ChannelKind::DingTalk => self.robot(Kind::DingTalk, reader)?,
            ChannelKind::Feishu => self.robot(Kind::Feishu, reader)?,
            ChannelKind::WeCom => alerts::Settings::Robot(robot::Settings {
                kind: Kind::WeCom,
                url: self.url()?,
                secret: None,
                reader,
            }),
            ChannelKind::Slack => alerts::Settings::Slack(slack::Settings {
                url: self.url()?,
                reader,
            }),
            ChannelKind::Teams => alerts::Settings::Teams(teams::Settings {
                url: self.url()?,
                reader,
            }),
            ChannelKind::PagerDuty => {
                let url = if self.channel.url.is_none() && self.channel.url_file.is_none() {
                    Some(pagerduty::URL.to_owned())
                } else {
                    self.url()
                };
                let (inline, file) = (&self.channel.routing_key, &self.channel.routing_key_file);
                let key = self.filled("routing_key", inline.as_ref(), file.as_ref());
                alerts::Settings::PagerDuty(pagerduty::Settings {
                    url: url?,
                    routing_key: key?,
                    reader,
                })
            }
            ChannelKind::Alertmanager => {
                let (url, token) = (self.url(), self.optional_secret());
                alerts::Settings::Alertmanager(alertmanager::Settings {
                    url: url?,
                    token,
                    reader,
                })
            }
            ChannelKind::Ntfy => {
                let (url, token) = (self.url(), self.optional_secret());
                let (inline, file) = (&self.channel.topic, &self.channel.topic_file);
                let topic = self.filled("topic", inline.as_ref(), file.as_ref());
                alerts::Settings::Ntfy(ntfy::Settings {
                    url: url?,
                    topic: topic?,
                    token,
                    reader,
                })
            }
            ChannelKind::Exec => self.exec(reader),
            // It brings no messages, and stands by itself.
            ChannelKind::Phone => return None,
        })
    }

    fn reader(&self) -> Reader {
        let site = &self.file.site;
        Reader {
            language: self.channel.language.unwrap_or(site.language),
            prefix: self.channel.prefix.clone().unwrap_or_default(),
            site: site.name.clone(),
            time_zone: site.time_zone.clone(),
        }
    }

    fn url(&mut self) -> Option<String> {
        let (inline, in_file) = (self.channel.url.as_ref(), self.channel.url_file.as_ref());
        let secrets = self.surroundings.secret;
        let (path, url) = values::secret(self.checks, self.table, "url", inline, in_file, secrets)?;
        values::url(self.checks, &path, &url);
        Some(url)
    }

    fn filled(
        &mut self,
        key: &str,
        inline: Option<&String>,
        in_file: Option<&String>,
    ) -> Option<String> {
        let secrets = self.surroundings.secret;
        let (path, value) = values::secret(self.checks, self.table, key, inline, in_file, secrets)?;
        values::filled(self.checks, &path, &value, "copy it whole");
        Some(value)
    }

    /// A robot may go by a keyword or a list of addresses, and a receiver want no token.
    fn optional_secret(&mut self) -> Option<String> {
        let channel = self.channel;
        let (inline, file) = (channel.secret.as_ref(), channel.secret_file.as_ref());
        if inline.is_none() && file.is_none() {
            return None;
        }
        let mend = match channel.kind {
            ChannelKind::DingTalk | ChannelKind::Feishu => {
                "copy the robot's secret, or take it out"
            }
            _ => "copy it whole, or take it out",
        };
        let secrets = self.surroundings.secret;
        let (path, secret) =
            values::secret(self.checks, self.table, "secret", inline, file, secrets)?;
        values::filled(self.checks, &path, &secret, mend);
        Some(secret)
    }

    fn robot(&mut self, kind: Kind, reader: Reader) -> Option<alerts::Settings> {
        let (url, secret) = (self.url(), self.optional_secret());
        Some(alerts::Settings::Robot(robot::Settings {
            kind,
            url: url?,
            secret,
            reader,
        }))
    }

    fn signed_webhook(&mut self) -> Option<alerts::Settings> {
        let url = self.url();
        let channel = self.channel;
        let (inline, file) = (channel.secret.as_ref(), channel.secret_file.as_ref());
        let secrets = self.surroundings.secret;
        let (path, secret) =
            values::secret(self.checks, self.table, "secret", inline, file, secrets)?;
        match secret.parse() {
            Ok(secret) => Some(alerts::Settings::Webhook(webhook::Settings {
                url: url?,
                secret,
                previous_secret: None,
            })),
            Err(why) => {
                self.checks.fault(&path, SecretError::to_string(&why));
                None
            }
        }
    }

    fn exec(&mut self, reader: Reader) -> alerts::Settings {
        let path = join(self.table, "command");
        let mut command = self.channel.command.clone().unwrap_or_default();
        let program = command.first_mut().filter(|name| !name.trim().is_empty());
        match program {
            // One with a folder lies where the file says, else on the daemon's PATH.
            Some(program) if program.contains('/') => {
                let whole = self.surroundings.directory.join(&*program);
                *program = whole.display().to_string();
            }
            Some(_) => {}
            None => {
                let message =
                    "names no program: write it as [\"/usr/local/bin/send-sms\", \"argument\"]";
                self.checks.fault(&path, message);
            }
        }
        let timeout = self.channel.timeout.unwrap_or(exec::TIMEOUT);
        if timeout <= SignedDuration::ZERO || timeout > LONGEST_TIMEOUT {
            let message = format!("is not between 1s and {LONGEST_TIMEOUT:#}: write it as \"30s\"");
            self.checks.fault(&join(self.table, "timeout"), message);
        }
        let mut to = Vec::new();
        for (index, name) in self.channel.to.iter().flatten().enumerate() {
            if let Some(contact) = self.file.contact.get(name) {
                to.push(exec::Addressee {
                    contact: name.clone(),
                    name: contact.name.clone(),
                    phone: contact.phone.clone(),
                });
            } else {
                let path = format!("{}[{index}]", join(self.table, "to"));
                self.checks.unknown_name(&path, "contact", name);
            }
        }
        let secret = self.optional_secret();
        alerts::Settings::Exec(exec::Settings {
            command,
            timeout,
            to,
            secret,
            reader,
        })
    }
}
