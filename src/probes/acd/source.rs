//! One source that is asked again and again, whatever its kind.

use std::error::Error as _;

use reqwest::Client;

use crate::acd::Reading;
use crate::probes::acd::exec;
use crate::probes::acd::failure::Failure;
use crate::probes::acd::settings::Of;
use crate::probes::acd::told::Told;
use crate::probes::acd::{freeswitch, json};
use crate::probes::ami;
use crate::program;
use crate::text::Text;

/// A source with what it keeps between two polls: a connection, a token.
#[derive(Debug)]
pub enum Source {
    Ami(Box<ami::Client>),
    Json(Box<json::Source>),
    Exec(exec::Settings),
    FreeSwitch(Box<freeswitch::Client>),
}

impl Source {
    /// `None` of what is pushed in: nobody asks there.
    pub fn new(of: Of) -> Option<Self> {
        Some(match of {
            Of::Ami(settings) => Self::Ami(Box::new(ami::Client::listening(settings))),
            Of::Json(settings) => Self::Json(Box::new(json::Source::new(*settings))),
            Of::Exec(settings) => Self::Exec(settings),
            Of::FreeSwitch(settings) => {
                Self::FreeSwitch(Box::new(freeswitch::Client::new(settings)))
            }
            Of::Pushed(_) => return None,
        })
    }

    /// Waits until it is worth asking at once; never comes where nobody says so. Cancel safe.
    pub async fn news(&mut self) {
        match self {
            Self::Ami(client) => client.news().await,
            Self::Json(_) | Self::Exec(_) | Self::FreeSwitch(_) => std::future::pending().await,
        }
    }

    /// Asks once, within the source's own timeout.
    pub async fn poll(&mut self, http: &Client) -> Result<Told, Failure> {
        match self {
            Self::Ami(client) => client.poll().await.map(told).map_err(|it| failed(&it)),
            Self::Json(source) => source.poll(http).await,
            Self::Exec(settings) => exec::poll(settings).await,
            Self::FreeSwitch(client) => client.poll().await,
        }
    }
}

fn told(reading: Reading) -> Told {
    let notes = Vec::new();
    Told { reading, notes }
}

fn failed(error: &ami::Error) -> Failure {
    let cause = error.source().map(ToString::to_string);
    let because = error.detail().map(str::to_owned).or(cause);
    let failure = Failure::new(error.why().clone());
    because
        .into_iter()
        .fold(failure, |failure, why| failure.because(Text::same(why)))
}

/// What a source is called where it has no other name.
pub fn place(of: &Of) -> String {
    match of {
        Of::Ami(settings) => settings.to_string(),
        Of::Json(settings) => settings.url.to_string(),
        Of::Exec(settings) => program::name(&settings.command).to_owned(),
        Of::FreeSwitch(settings) => settings.place(),
        Of::Pushed(_) => "pushed in".to_owned(),
    }
}
