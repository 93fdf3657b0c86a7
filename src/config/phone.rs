//! `[channel.X]` of kind `phone`: how people are rung up.

use std::time::Duration;

use jiff::SignedDuration;

use crate::alerts::phone::{self, NUMBER, Why};
use crate::config::channel::{Channel, ChannelKind};
use crate::config::checks::Checks;
use crate::config::file::File;
use crate::config::surroundings::Surroundings;
use crate::config::values;
use crate::document::join;
use crate::probes::ami;

/// Shorter and nobody comes to the telephone; longer and the next one waits too long.
const RING: (SignedDuration, SignedDuration) =
    (SignedDuration::from_secs(5), SignedDuration::from_mins(2));
/// The prompt itself takes a while.
const KEY: (SignedDuration, SignedDuration) =
    (SignedDuration::from_secs(10), SignedDuration::from_mins(5));

/// The one telephone of a centre.
pub(crate) fn of(file: &File) -> Option<(&String, &Channel)> {
    let mut channels = file.channel.iter();
    channels.find(|(_, channel)| channel.kind == ChannelKind::Phone)
}

pub(crate) fn phone(
    checks: &mut Checks<'_, '_>,
    file: &File,
    surroundings: &Surroundings<'_>,
) -> Option<phone::Settings> {
    let (id, channel) = of(file)?;
    let others = file
        .channel
        .iter()
        .filter(|(_, it)| it.kind == ChannelKind::Phone);
    for (other, _) in others.skip(1) {
        let message = format!("[channel.{id}] is the telephone already: keep one of the two");
        checks.fault(&join(&join("channel", other), "kind"), message);
    }
    not_of_roles(checks, file);
    let table = join("channel", id);
    let emergency = &file.emergency;
    let never = [&emergency.fire, &emergency.police, &emergency.ambulance].map(String::clone);
    let dial = channel.dial.as_deref().unwrap_or(NUMBER);
    numbers(checks, file, &table, |number| {
        phone::dialled(dial, &never, number)
    });
    let mut settings = settings(checks, &table, channel, surroundings)?;
    settings.never = never.into();
    Some(settings)
}

/// Keys that mean nothing to a telephone, or to anything else.
pub(crate) fn foreign_keys(checks: &mut Checks<'_, '_>, table: &str, channel: &Channel) {
    let it = channel;
    let (why, keys): (&str, &[(&str, bool)]) = if channel.kind == ChannelKind::Phone {
        (
            "is of other kinds: a telephone has a host, a user, a secret and dial",
            &[
                ("url", it.url.is_some()),
                ("url_file", it.url_file.is_some()),
                ("prefix", it.prefix.is_some()),
                ("language", it.language.is_some()),
                ("topic", it.topic.is_some()),
                ("topic_file", it.topic_file.is_some()),
                ("routing_key", it.routing_key.is_some()),
                ("routing_key_file", it.routing_key_file.is_some()),
                ("command", it.command.is_some()),
                ("timeout", it.timeout.is_some()),
                ("to", it.to.is_some()),
                ("private", it.private),
            ],
        )
    } else {
        (
            "is of a telephone alone",
            &[
                ("host", it.host.is_some()),
                ("port", it.port.is_some()),
                ("user", it.user.is_some()),
                ("dial", it.dial.is_some()),
                ("context", it.context.is_some()),
                ("caller_id", it.caller_id.is_some()),
                ("prompt", it.prompt.is_some()),
                ("ring", it.ring.is_some()),
                ("key", it.key.is_some()),
            ],
        )
    };
    for (key, _) in keys.iter().filter(|(_, there)| *there) {
        checks.fault(&join(table, key), why);
    }
}

fn not_of_roles(checks: &mut Checks<'_, '_>, file: &File) {
    let is_phone = |name: &String| {
        let channel = file.channel.get(name);
        channel.is_some_and(|channel| channel.kind == ChannelKind::Phone)
    };
    for (id, role) in &file.role {
        let role_table = join("role", id);
        let lists = [
            (join(&role_table, "channels"), &role.channels),
            (
                join(&join(&role_table, "deputy"), "channels"),
                &role.deputy.channels,
            ),
        ];
        for (path, names) in lists {
            if let Some(index) = names.iter().position(is_phone) {
                let message = "is a telephone, which rings by itself whoever nothing else reaches: take it out here, and name a contact as duty";
                checks.fault(&format!("{path}[{index}]"), message);
            }
        }
    }
}

fn settings(
    checks: &mut Checks<'_, '_>,
    table: &str,
    channel: &Channel,
    surroundings: &Surroundings<'_>,
) -> Option<phone::Settings> {
    let (inline, in_file) = (channel.secret.as_ref(), channel.secret_file.as_ref());
    let secret = values::secret(
        checks,
        table,
        "secret",
        inline,
        in_file,
        surroundings.secret,
    );
    let secret = secret.and_then(|(path, text)| {
        sendable(
            checks,
            &path,
            ami::Secret::new(&text),
            "copy it from the PBX's manager.conf",
        )
    });
    let host = filled(
        checks,
        table,
        "host",
        channel.host.as_ref(),
        "write where the PBX is",
    );
    let mend = "write the user of the PBX's manager.conf";
    let user = filled(checks, table, "user", channel.user.as_ref(), mend);
    let mend = "write what is rung as \"PJSIP/{number}@trunk\"";
    let dial = filled(checks, table, "dial", channel.dial.as_ref(), mend);
    let dial_path = join(table, "dial");
    if let Some(dial) = dial.filter(|dial| !is_dial(dial)) {
        let message =
            format!("`{dial}` does not say what is rung: write it as \"PJSIP/{{number}}@trunk\"");
        checks.fault(&dial_path, message);
    }
    let ring = within(checks, table, "ring", channel.ring, RING);
    let key = within(checks, table, "key", channel.key, KEY);
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    let in_folder = |c: char| plain(c) || c == '/';
    let context = named(checks, table, "context", channel.context.as_ref(), plain);
    let prompt = named(checks, table, "prompt", channel.prompt.as_ref(), in_folder);
    let caller_id = channel.caller_id.as_ref();
    if let Some(caller_id) = caller_id {
        let path = join(table, "caller_id");
        sendable(
            checks,
            &path,
            phone::check_caller_id(caller_id),
            "write it as \"callwatch <8000>\"",
        );
    }
    let port = channel.port.unwrap_or(ami::PORT);
    let user_path = join(table, "user");
    let ami = ami::Settings::new(host?, port, user?, secret?);
    let ami = sendable(
        checks,
        &user_path,
        ami,
        "copy it from the PBX's manager.conf",
    )?;
    let mut settings = phone::Settings::new(ami, dial?);
    if let Some(caller_id) = caller_id {
        settings.caller_id.clone_from(caller_id);
    }
    for (setting, given) in [
        (&mut settings.context, context),
        (&mut settings.prompt, prompt),
    ] {
        if let Some(given) = given {
            setting.clone_from(given);
        }
    }
    settings.ring = ring.unwrap_or(settings.ring);
    settings.key = key.unwrap_or(settings.key);
    Some(settings)
}

/// One line and one number: what Asterisk takes for two, or for more of the request, is no dial.
fn is_dial(dial: &str) -> bool {
    let plain = |c: char| c.is_ascii_graphic() && !"&,;|".contains(c);
    dial.matches(NUMBER).count() == 1 && dial.contains('/') && dial.chars().all(plain)
}

fn filled<'c>(
    checks: &mut Checks<'_, '_>,
    table: &str,
    key: &str,
    value: Option<&'c String>,
    mend: &str,
) -> Option<&'c String> {
    let path = join(table, key);
    match value {
        None => checks.fault(&path, format!("is missing: {mend}")),
        Some(value) => values::filled(checks, &path, value, mend),
    }
    value.filter(|value| !value.trim().is_empty())
}

fn named<'c>(
    checks: &mut Checks<'_, '_>,
    table: &str,
    key: &str,
    value: Option<&'c String>,
    plain: impl Fn(char) -> bool,
) -> Option<&'c String> {
    let value = value?;
    if value.is_empty() || !value.chars().all(plain) {
        let message = format!(
            "`{value}` is no name of the PBX: write letters, digits, - and _ as \"callwatch-alert\""
        );
        checks.fault(&join(table, key), message);
    }
    Some(value)
}

fn within(
    checks: &mut Checks<'_, '_>,
    table: &str,
    key: &str,
    value: Option<SignedDuration>,
    (least, most): (SignedDuration, SignedDuration),
) -> Option<Duration> {
    let value = value?;
    if value < least || value > most {
        let message = format!("is not between {least:#} and {most:#}: write it as \"30s\"");
        checks.fault(&join(table, key), message);
    }
    Duration::try_from(value).ok()
}

fn sendable<T>(
    checks: &mut Checks<'_, '_>,
    path: &str,
    read: Result<T, ami::Unsendable>,
    mend: &str,
) -> Option<T> {
    match read {
        Ok(read) => Some(read),
        Err(why) => {
            checks.fault(path, format!("cannot be sent to the PBX ({why}): {mend}"));
            None
        }
    }
}

/// Whoever may be rung has a number that a machine may dial.
fn numbers(
    checks: &mut Checks<'_, '_>,
    file: &File,
    table: &str,
    dialled: impl Fn(&str) -> Result<String, Why>,
) {
    let mut anybody = file.site.roster.is_some();
    for (id, role) in &file.role {
        let deputy = role.deputy.duty.as_ref();
        let named = role
            .duty
            .as_ref()
            .or(file.contact.get_key_value(id).map(|(id, _)| id));
        for contact in named.into_iter().chain(deputy) {
            anybody = true;
            let Some(known) = file.contact.get(contact) else {
                continue;
            };
            let message = match dialled(&known.phone) {
                Err(Why::Emergency) => {
                    "is for emergencies, which a machine never rings: write the number of the role's own"
                }
                Err(_) => "cannot be dialled by the telephone: write digits and + * # alone",
                Ok(_) => continue,
            };
            let path = join(&join("contact", contact), "phone");
            checks.fault(&path, format!("`{}` {message}", known.phone));
        }
    }
    if !anybody {
        let message = "rings nobody: name a contact as the duty of a role, or give the site a roster with numbers";
        checks.warn(table, message);
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::config::{self, Agreed};

    #[test]
    fn the_telephone_of_the_reference_states_the_defaults() {
        let block = config::example()
            .split("# [channel.phone]\n")
            .nth(1)
            .unwrap();
        let block = block.split("\n\n").next().unwrap();
        let block: String = block
            .lines()
            .map(|line| line[2..].to_owned() + "\n")
            .collect();
        let text = format!("{}\n[channel.phone]\n{block}", config::example());
        let roles = ["staff", "lead", "it", "manager", "operations"];
        let agreed = Agreed {
            roles: roles.map(str::to_owned).into(),
            ..Agreed::default()
        };
        let surroundings = Surroundings {
            directory: Path::new(""),
            state_directory: Path::new(""),
            credentials: None,
            secret: &|_| Ok("not a real one".to_owned()),
            roles: &|_| Ok(agreed.clone()),
        };
        let loaded = config::from_text("a.toml", &text, &surroundings);
        let loaded = loaded.unwrap_or_else(|faults| panic!("{faults:#?}"));
        assert_eq!(loaded.config.site.phone.as_deref(), Some("phone"));
        let stated = loaded.config.phone.unwrap();
        let usual = phone::Settings::new(stated.ami.clone(), "PJSIP/{number}@trunk");
        let told = |settings: &phone::Settings| {
            let it = settings.clone();
            (
                it.channel,
                it.context,
                it.caller_id,
                it.prompt,
                it.ring,
                it.key,
            )
        };
        assert_eq!(told(&stated), told(&usual));
        assert_eq!(stated.never, ["119", "110", "120"]);
    }
}
