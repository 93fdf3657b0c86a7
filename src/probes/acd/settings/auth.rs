//! `[auth]` of a source over HTTP.

use std::collections::BTreeMap;

use reqwest::header::HeaderName;
use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::probes::acd::auth::{Auth, Carried};
use crate::probes::acd::condition::Condition;
use crate::probes::acd::login::{self, As, Named, Sent};
use crate::probes::acd::settings::desk::Desk;
use crate::probes::acd::signing::{
    Hash, IN_HMAC_KEY, IN_PARAMETERS, IN_TEXT, Scheme, Stamp, Written,
};
use crate::probes::acd::template::Template;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    Basic,
    Bearer,
    Header,
    LogIn,
    Signed,
}

/// The kind alone; what else there is depends on it.
#[derive(Deserialize)]
struct OfKind {
    kind: Kind,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Basic {
    #[serde(rename = "kind")]
    _kind: IgnoredAny,
    user: String,
    password: Option<String>,
    password_file: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Bearer {
    #[serde(rename = "kind")]
    _kind: IgnoredAny,
    token: Option<String>,
    token_file: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    #[serde(rename = "kind")]
    _kind: IgnoredAny,
    name: String,
    value: Option<String>,
    value_file: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LogIn {
    #[serde(rename = "kind")]
    _kind: IgnoredAny,
    url: Option<String>,
    url_file: Option<String>,
    user: String,
    password: Option<String>,
    password_file: Option<String>,
    #[serde(default, rename = "as")]
    sent: As,
    user_field: Option<String>,
    password_field: Option<String>,
    #[serde(default)]
    fields: BTreeMap<String, String>,
    ok: Option<Ok>,
    token: String,
    lasts: Option<String>,
    #[serde(default)]
    carried: CarriedIn,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum CarriedIn {
    #[default]
    Bearer,
    Header(String),
    Query(String),
}

/// What an answer must say.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Ok {
    at: String,
    is: String,
    why: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Signed {
    #[serde(rename = "kind")]
    _kind: IgnoredAny,
    #[serde(default)]
    key: String,
    secret: Option<String>,
    secret_file: Option<String>,
    text: String,
    #[serde(default)]
    hash: Hash,
    hmac_key: Option<String>,
    #[serde(default)]
    written: Written,
    #[serde(default)]
    time: Stamp,
    #[serde(default)]
    add: BTreeMap<String, String>,
    parameter: Option<String>,
}

impl Ok {
    pub(super) fn condition(&self, desk: &mut Desk<'_, '_, '_>) -> Option<Condition> {
        let at = desk.parsed("ok.at", Some(&self.at));
        let why = desk.parsed("ok.why", self.why.as_ref());
        Some(Condition {
            at: at?,
            is: self.is.clone(),
            why,
        })
    }
}

/// Reads the table `auth` of a source.
pub(super) fn read(source: &mut Desk<'_, '_, '_>) -> Option<Auth> {
    let OfKind { kind } = source.strictly("auth")?;
    match kind {
        Kind::Basic => {
            let (file, mut desk) = source.within::<Basic>("auth")?;
            let password = desk.secret(
                "password",
                file.password.as_ref(),
                file.password_file.as_ref(),
            );
            Some(Auth::Basic {
                user: file.user,
                password: password?,
            })
        }
        Kind::Bearer => {
            let (file, mut desk) = source.within::<Bearer>("auth")?;
            let token = desk.secret("token", file.token.as_ref(), file.token_file.as_ref())?;
            Some(Auth::Bearer { token })
        }
        Kind::Header => {
            let (file, mut desk) = source.within::<Header>("auth")?;
            let value = desk.secret("value", file.value.as_ref(), file.value_file.as_ref());
            let name = desk.parsed::<HeaderName>("name", Some(&file.name));
            Some(Auth::Header {
                name: name?,
                value: value?,
            })
        }
        Kind::LogIn => {
            let (file, mut desk) = source.within::<LogIn>("auth")?;
            log_in(&mut desk, file).map(|login| Auth::LogIn(Box::new(login)))
        }
        Kind::Signed => {
            let (file, mut desk) = source.within::<Signed>("auth")?;
            signed(&mut desk, file).map(|scheme| Auth::Signed(Box::new(scheme)))
        }
    }
}

fn log_in(desk: &mut Desk<'_, '_, '_>, file: LogIn) -> Option<login::Settings> {
    let url = desk.address(file.url.as_ref(), file.url_file.as_ref());
    let password = desk.secret(
        "password",
        file.password.as_ref(),
        file.password_file.as_ref(),
    );
    let token = desk.parsed("token", Some(&file.token));
    let lasts = desk.parsed("lasts", file.lasts.as_ref());
    let ok = file.ok.as_ref().and_then(|ok| ok.condition(desk));
    let carried = match &file.carried {
        CarriedIn::Bearer => Some(Carried::Bearer),
        CarriedIn::Query(name) => Some(Carried::Query(name.clone())),
        CarriedIn::Header(name) => desk
            .parsed("carried.header", Some(name))
            .map(Carried::Header),
    };
    for (key, there) in [
        ("user_field", file.user_field.is_some()),
        ("password_field", file.password_field.is_some()),
    ] {
        if there && file.sent == As::Basic {
            desk.fault(
                key,
                "does not go with `as = \"basic\"`, which has no fields for them: take it out",
            );
        }
    }
    let named = Named {
        user: file.user_field.unwrap_or_else(|| "username".to_owned()),
        password: file.password_field.unwrap_or_else(|| "password".to_owned()),
    };
    Some(login::Settings {
        url: url?,
        user: file.user,
        password: password?,
        sent: match file.sent {
            As::Json => Sent::Json(named),
            As::Form => Sent::Form(named),
            As::Basic => Sent::Basic,
        },
        fields: Desk::hidden(&file.fields),
        ok,
        token: token?,
        lasts,
        carried: carried?,
    })
}

fn signed(desk: &mut Desk<'_, '_, '_>, file: Signed) -> Option<Scheme> {
    let secret = desk.secret("secret", file.secret.as_ref(), file.secret_file.as_ref());
    let text = template(desk, "text", &file.text, IN_TEXT);
    let hmac_key = file.hmac_key.as_deref();
    if hmac_key.is_some() && matches!(file.hash, Hash::Md5 | Hash::Sha1 | Hash::Sha256) {
        desk.fault(
            "hmac_key",
            "goes with a hash that begins with `hmac-`: take it out, or change `hash`",
        );
    }
    let hmac_key = template(
        desk,
        "hmac_key",
        hmac_key.unwrap_or("{secret}"),
        IN_HMAC_KEY,
    );
    let mut add = BTreeMap::new();
    for (name, value) in &file.add {
        let path = crate::document::join(&desk.path("add"), name);
        match Template::read(value, IN_PARAMETERS) {
            Result::Ok(template) => drop(add.insert(name.clone(), template)),
            Err(error) => desk.fault_at(&path, error.to_string()),
        }
    }
    Some(Scheme {
        key: file.key,
        secret: secret?,
        time: file.time,
        zone: desk.around.zone.cloned().unwrap_or(jiff::tz::TimeZone::UTC),
        add,
        text: text?,
        hash: file.hash,
        hmac_key: hmac_key?,
        written: file.written,
        parameter: file.parameter.unwrap_or_else(|| "sign".to_owned()),
    })
}

fn template(
    desk: &mut Desk<'_, '_, '_>,
    key: &str,
    text: &str,
    places: &'static [&'static str],
) -> Option<Template> {
    match Template::read(text, places) {
        Result::Ok(template) => Some(template),
        Err(error) => {
            desk.fault(key, error.to_string());
            None
        }
    }
}
