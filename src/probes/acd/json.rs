//! An ACD, or whatever counts for it, that tells its queues in JSON over HTTP.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use encoding_rs::Encoding;
use jiff::Timestamp;
use reqwest::header::HeaderMap;
use reqwest::{Client, Method, StatusCode};
use serde_json::Value;

use crate::clock::wall_clock;
use crate::probes::acd::address::Address;
use crate::probes::acd::auth::Auth;
use crate::probes::acd::condition::Condition;
use crate::probes::acd::document::read_json;
use crate::probes::acd::failure::Failure;
use crate::probes::acd::figures::{Figures, Meaning, Members};
use crate::probes::acd::hidden::Hidden;
use crate::probes::acd::http::{self, Progress, out_of_time};
use crate::probes::acd::login::Login;
use crate::probes::acd::told::Told;
use crate::text::Text;

/// One source, and what of its answer counts.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    pub url: Address,
    pub method: Method,
    pub body: Option<Hidden>,
    /// Its values are marked as sensitive.
    pub headers: HeaderMap,
    pub auth: Auth,
    /// Of the answer, where it does not say so or says it wrong.
    pub encoding: Option<&'static Encoding>,
    pub ok: Option<Condition>,
    pub meaning: Meaning,
    pub queues: BTreeMap<String, Figures>,
    pub members: Option<Members>,
    /// In real time, of logging in, asking and reading the answer together.
    pub timeout: Duration,
}

/// The source, asked again and again.
#[derive(Debug)]
pub struct Source {
    settings: Settings,
    login: Login,
}

impl Source {
    pub fn new(settings: Settings) -> Self {
        Self {
            settings,
            login: Login::default(),
        }
    }

    /// Asks once. A fetched token that is taken no longer is fetched anew, once.
    pub async fn poll(&mut self, http: &Client) -> Result<Told, Failure> {
        let timeout = self.settings.timeout;
        let mut progress = Progress::default();
        let asked = tokio::time::timeout(timeout, self.ask(http, &mut progress)).await;
        match asked {
            Ok(asked) => {
                let document = asked?;
                Ok(self.settings.told(&document, wall_clock()))
            }
            Err(_) => {
                let asked = progress.asked.as_ref();
                let url = asked.unwrap_or_else(|| self.settings.url.url());
                Err(out_of_time(url, progress.begun, timeout).await)
            }
        }
    }

    async fn ask(&mut self, http: &Client, progress: &mut Progress) -> Result<Value, Failure> {
        let Auth::LogIn(login) = &self.settings.auth else {
            return self
                .settings
                .ask(http, None, progress)
                .await
                .map_err(|(failure, _)| failure);
        };
        let (token, fresh) = self.login.token(login, http, progress).await?;
        let refused = match self.settings.ask(http, Some(&token), progress).await {
            Ok(document) => return Ok(document),
            Err((failure, Refused::No)) => return Err(failure),
            Err((failure, Refused::Perhaps)) => failure,
        };
        self.login.forget();
        if fresh {
            return Err(refused);
        }
        let (token, _) = self.login.token(login, http, progress).await?;
        let asked = self.settings.ask(http, Some(&token), progress).await;
        asked.map_err(|(failure, _)| failure)
    }
}

/// Whether another token may be let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Refused {
    Perhaps,
    No,
}

impl Settings {
    async fn ask(
        &self,
        http: &Client,
        token: Option<&Hidden>,
        progress: &mut Progress,
    ) -> Result<Value, (Failure, Refused)> {
        let no = |failure: Failure| (failure, Refused::No);
        let url = self.url.url().clone();
        progress.asked = Some(url.clone());
        let request = self
            .auth
            .request(http, &self.method, url, token, wall_clock());
        let mut request = request.map_err(no)?.headers(self.headers.clone());
        if let Some(body) = &self.body {
            request = request.body(body.reveal().to_owned());
        }
        let answer = http::send(request, progress).await.map_err(no)?;
        if answer.status == StatusCode::UNAUTHORIZED {
            let refused = answer
                .good()
                .err()
                .unwrap_or_else(|| Failure::new(crate::acd::Outage::LoginRefused));
            return Err((refused, Refused::Perhaps));
        }
        let text = answer.good().and_then(|answer| answer.text(self.encoding));
        let document = text.and_then(|text| read_json(&text)).map_err(no)?;
        if let Some(ok) = &self.ok {
            // A token that has run out is often told in an answer of status 200.
            let checked = ok.check(&document);
            checked.map_err(|failure| (failure, Refused::Perhaps))?;
        }
        Ok(document)
    }

    fn told(&self, document: &Value, now: Timestamp) -> Told {
        let mut told = Told::default();
        for (name, figures) in &self.queues {
            let mut notes = Vec::new();
            let read = figures.read(document, &self.meaning, now, &mut notes);
            told.reading.queues.insert(name.clone(), read);
            told.notes.extend(notes.into_iter().map(|note| {
                Text::new(
                    format!("{name}：{}", note.zh),
                    format!("{name}: {}", note.en),
                )
            }));
        }
        if let Some(members) = &self.members {
            let names: BTreeSet<String> = self.queues.keys().cloned().collect();
            told.reading.members = members.read(document, &names, &mut told.notes);
        }
        told
    }
}
