//! One source that is asked again and again, whatever its kind.

use reqwest::Client;

use crate::probes::acd::exec;
use crate::probes::acd::failure::Failure;
use crate::probes::acd::settings::Of;
use crate::probes::acd::told::Told;
use crate::probes::acd::{freeswitch, json};
use crate::program;

/// A source with what it keeps between two polls: a connection, a token.
#[derive(Debug)]
pub enum Source {
    Json(Box<json::Source>),
    Exec(exec::Settings),
    FreeSwitch(Box<freeswitch::Client>),
}

impl Source {
    /// `None` of what is pushed in: nobody asks there.
    pub fn new(of: Of) -> Option<Self> {
        Some(match of {
            Of::Json(settings) => Self::Json(Box::new(json::Source::new(*settings))),
            Of::Exec(settings) => Self::Exec(settings),
            Of::FreeSwitch(settings) => {
                Self::FreeSwitch(Box::new(freeswitch::Client::new(settings)))
            }
            Of::Pushed(_) => return None,
        })
    }

    /// Asks once, within the source's own timeout.
    pub async fn poll(&mut self, http: &Client) -> Result<Told, Failure> {
        match self {
            Self::Json(source) => source.poll(http).await,
            Self::Exec(settings) => exec::poll(settings).await,
            Self::FreeSwitch(client) => client.poll().await,
        }
    }
}

/// What a source is called where it has no other name.
pub fn place(of: &Of) -> String {
    match of {
        Of::Json(settings) => settings.url.to_string(),
        Of::Exec(settings) => program::name(&settings.command).to_owned(),
        Of::FreeSwitch(settings) => settings.place(),
        Of::Pushed(_) => "pushed in".to_owned(),
    }
}
