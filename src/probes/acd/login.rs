//! A token that is fetched with user and password before anything is asked.
//!
//! It covers `OAuth2`'s client credentials (RFC 6749, 4.4) as well as the many APIs
//! that take user and password in JSON and give a token somewhere in their answer.

use std::collections::BTreeMap;
use std::time::Duration;

use reqwest::Client;
use reqwest::header::CONTENT_TYPE;
use serde::Deserialize;
use serde_json::Value;
use tokio::time::Instant;

use crate::acd::figure::{self, Unit};
use crate::acd::pointer::{Pointer, written};
use crate::acd::{NoReading, Outage};
use crate::probes::acd::address::Address;
use crate::probes::acd::auth::Carried;
use crate::probes::acd::condition::Condition;
use crate::probes::acd::document::read_json;
use crate::probes::acd::failure::Failure;
use crate::probes::acd::hidden::Hidden;
use crate::probes::acd::http::{self, Progress};
use crate::probes::acd::signing::encoded;
use crate::text::Text;

/// A token is fetched anew so long before it runs out.
const EARLY: Duration = Duration::from_secs(60);
/// After a refusal nobody tries again before: accounts are locked for less.
const PATIENCE: Duration = Duration::from_secs(60);

/// How a token is fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    pub url: Address,
    pub user: String,
    pub password: Hidden,
    pub sent: Sent,
    /// What else is sent beside user and password.
    pub fields: BTreeMap<String, Hidden>,
    pub ok: Option<Condition>,
    /// Where the token stands in the answer.
    pub token: Pointer,
    /// Where it stands for how many seconds the token is good.
    pub lasts: Option<Pointer>,
    pub carried: Carried,
}

/// How user and password are sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sent {
    /// As two of the fields of a JSON object.
    Json(Named),
    /// As two of the fields of a form.
    Form(Named),
    /// As HTTP has it (RFC 7617), beside a form of the other fields.
    Basic,
}

/// What the fields of user and password are called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    pub user: String,
    pub password: String,
}

/// As it is written in a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum As {
    #[default]
    Json,
    Form,
    Basic,
}

/// The token that there is.
#[derive(Debug, Default)]
pub(super) struct Login {
    token: Option<Token>,
    refused: Option<(Instant, Failure)>,
}

#[derive(Debug)]
struct Token {
    secret: Hidden,
    until: Option<Instant>,
}

impl Login {
    /// A token, and whether it was fetched just now.
    pub(super) async fn token(
        &mut self,
        settings: &Settings,
        http: &Client,
        progress: &mut Progress,
    ) -> Result<(Hidden, bool), Failure> {
        let now = Instant::now();
        if let Some(token) = &self.token
            && token.until.is_none_or(|until| now < until)
        {
            return Ok((token.secret.clone(), false));
        }
        self.token = None;
        if let Some((until, failure)) = &self.refused
            && now < *until
        {
            return Err(failure.clone());
        }
        self.refused = None;
        match fetch(settings, http, progress).await {
            Ok(token) => {
                let secret = token.secret.clone();
                self.token = Some(token);
                Ok((secret, true))
            }
            Err(failure) => {
                let outage = NoReading::Down(Outage::LoginRefused);
                if failure.no_reading == outage {
                    self.refused = Some((now + PATIENCE, failure.clone()));
                }
                Err(failure)
            }
        }
    }

    /// It was not taken, whatever it said of how long it lasts.
    pub(super) fn forget(&mut self) {
        self.token = None;
    }
}

async fn fetch(
    settings: &Settings,
    http: &Client,
    progress: &mut Progress,
) -> Result<Token, Failure> {
    let url = settings.url.url().clone();
    progress.asked = Some(url.clone());
    let request = http.post(url);
    let (user, password) = (settings.user.as_str(), settings.password.reveal());
    let others = settings.fields.iter();
    let mut fields: Vec<(&str, &str)> = others
        .map(|(name, value)| (name.as_str(), value.reveal()))
        .collect();
    let request = match &settings.sent {
        Sent::Json(named) => {
            fields.extend([
                (named.user.as_str(), user),
                (named.password.as_str(), password),
            ]);
            let body: BTreeMap<&str, &str> = fields.into_iter().collect();
            request.json(&body)
        }
        Sent::Form(named) => {
            fields.extend([
                (named.user.as_str(), user),
                (named.password.as_str(), password),
            ]);
            request.header(CONTENT_TYPE, FORM).body(form(&fields))
        }
        Sent::Basic => {
            let request = request.basic_auth(user, Some(password));
            request.header(CONTENT_TYPE, FORM).body(form(&fields))
        }
    };
    let answer = http::send(request, progress).await?;
    // RFC 6749, 5.2: a wrong client may be answered with 400.
    if answer.status.as_u16() == 400 {
        let status = Text::same(answer.status.to_string());
        return Err(Failure::new(Outage::LoginRefused).because(status));
    }
    let document = read_json(&answer.good()?.text(None)?)?;
    if let Some(ok) = &settings.ok
        && let Err(refused) = ok.check(&document)
    {
        // What it says against us is all that is known of it.
        let mut failure = Failure::new(Outage::LoginRefused);
        failure.because.push(refused.no_reading.words());
        failure.because.extend(refused.because);
        return Err(failure);
    }
    token_in(settings, &document)
}

const FORM: &str = "application/x-www-form-urlencoded";

fn form(fields: &[(&str, &str)]) -> String {
    let fields = fields.iter();
    let pairs = fields.map(|(name, value)| format!("{}={}", encoded(name), encoded(value)));
    pairs.collect::<Vec<_>>().join("&")
}

fn token_in(settings: &Settings, document: &Value) -> Result<Token, Failure> {
    let refused = |why: Text| {
        Failure::new(Outage::LoginRefused)
            .because(Text::new(
                "登录的回答里没有令牌",
                "the log-in gave no token",
            ))
            .because(why)
    };
    let found = settings.token.find(document);
    let found = found.map_err(|lost| refused(lost.words()))?;
    let secret = match found {
        Value::Null | Value::Bool(_) => None,
        value => written(value).filter(|token| !token.is_empty()),
    };
    let at = &settings.token;
    let secret = secret.ok_or_else(|| {
        refused(Text::new(
            format!("{at}不是令牌"),
            format!("`{at}` is no token"),
        ))
    })?;
    // A token of which nobody knows how long it lasts is good until it is refused.
    let lasts = settings.lasts.as_ref().and_then(|lasts| {
        let lasts = figure::duration(lasts.find(document).ok()?, Unit::Seconds).ok()?;
        Duration::try_from(lasts).ok()
    });
    let until = lasts.map(|lasts| Instant::now() + lasts.saturating_sub(EARLY).max(lasts / 2));
    Ok(Token {
        secret: Hidden::new(secret),
        until,
    })
}
