//! One bounded HTTP request to an ACD, and what its answer says as a text.

use std::error::Error;
use std::io;
use std::time::Duration;

use encoding_rs::{Encoding, UTF_8};
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap, RETRY_AFTER};
use reqwest::{RequestBuilder, StatusCode, Url};
use tokio::net::TcpStream;

use crate::acd::{Blind, NoReading, Outage};
use crate::probes::acd::failure::Failure;
use crate::text::Text;

/// No ACD tells more of its queues.
pub(super) const MOST_BYTES: usize = 10 * 1024 * 1024;
/// A host that is there takes a connection within this.
const CONNECTS_WITHIN: Duration = Duration::from_millis(500);

/// An answer with its whole body.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    headers: HeaderMap,
    body: Vec<u8>,
}

/// How far asking came, for whoever gives up waiting.
#[derive(Debug, Default)]
pub(super) struct Progress {
    /// What was asked last.
    pub(super) asked: Option<Url>,
    /// Its answer has begun.
    pub(super) begun: bool,
}

/// Sends and takes the whole answer, of whatever status.
pub(super) async fn send(
    request: RequestBuilder,
    progress: &mut Progress,
) -> Result<Answer, Failure> {
    progress.begun = false;
    let request = request.header(ACCEPT, "application/json, */*;q=0.1");
    let mut answer = request.send().await.map_err(no_answer)?;
    progress.begun = true;
    let (status, headers) = (answer.status(), answer.headers().clone());
    let too_much = || {
        Failure::new(Blind::TooMuch {
            most: MOST_BYTES as u64,
        })
    };
    let promised = answer.content_length().unwrap_or(0);
    if promised > MOST_BYTES as u64 {
        return Err(too_much());
    }
    let mut body = Vec::new();
    loop {
        match answer.chunk().await {
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Ok(None) => break,
            Err(error) => {
                let received = body.len() as u64;
                let cut = Failure::new(Blind::Cut { received });
                return Err(cut.because(Text::same(chain(&error.without_url()))));
            }
        }
        if body.len() > MOST_BYTES {
            return Err(too_much());
        }
    }
    Ok(Answer {
        status,
        headers,
        body,
    })
}

/// What a request was that came to its end by no answer in time.
pub(super) async fn out_of_time(url: &Url, begun: bool, timeout: Duration) -> Failure {
    let after = Text::new(
        format!("等了{timeout:?}"),
        format!("waited for {timeout:?}"),
    );
    if begun {
        return Failure::new(Blind::Slow).because(after);
    }
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    let port = url.port_or_known_default().unwrap_or(80);
    let connects = tokio::time::timeout(CONNECTS_WITHIN, TcpStream::connect((host, port)));
    let outage = match connects.await {
        Ok(Ok(_)) => Outage::Hung,
        _ => Outage::Unreachable,
    };
    Failure::new(outage).because(after)
}

fn no_answer(error: reqwest::Error) -> Failure {
    let error = error.without_url();
    let why = Text::same(chain(&error));
    if error.is_builder() {
        return Failure::new(Blind::refused("the request cannot be made")).because(why);
    }
    let mut causes = causes(&error);
    let kind = causes.find_map(|error| error.downcast_ref::<io::Error>().map(io::Error::kind));
    let outage: NoReading = match kind {
        Some(io::ErrorKind::ConnectionRefused) => Outage::Refused.into(),
        _ if error.is_connect() => Outage::Unreachable.into(),
        _ => Outage::HungUp.into(),
    };
    Failure::new(outage).because(why)
}

fn chain(error: &dyn Error) -> String {
    causes(error).fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}

fn causes(error: &dyn Error) -> impl Iterator<Item = &(dyn Error + 'static)> {
    std::iter::successors(error.source(), |cause| Error::source(*cause))
}

impl Answer {
    /// The answer, where its status says that it is one.
    pub(super) fn good(self) -> Result<Self, Failure> {
        let status = self.status;
        if status.is_success() {
            return Ok(self);
        }
        if matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) {
            return Err(Failure::new(Outage::LoginRefused).because(Text::same(status.to_string())));
        }
        let failure = Failure::new(Blind::refused(&status.to_string()));
        Err(match (status, self.headers.get(RETRY_AFTER)) {
            (StatusCode::TOO_MANY_REQUESTS, after) => {
                let after = after.and_then(|after| after.to_str().ok()).unwrap_or("?");
                failure.because(Text::new(
                    format!("问得太勤，对方要求隔{after}秒；把poll调大"),
                    format!(
                        "it is asked too often, and wants {after} s between: make `poll` longer"
                    ),
                ))
            }
            _ if status.is_redirection() => failure.because(Text::new(
                "对方转向别处，这里不跟；核对url",
                "it redirects, which is not followed: check the url",
            )),
            _ => failure,
        })
    }

    /// The body as text. An encoding that the source is set to goes before what the
    /// answer says, which goes before UTF-8.
    pub(super) fn text(&self, set: Option<&'static Encoding>) -> Result<String, Failure> {
        let encoding = set.or_else(|| self.said_encoding()).unwrap_or(UTF_8);
        let (text, used, garbled) = encoding.decode(&self.body);
        if garbled {
            let name = used.name();
            let start = self.body.get(..60).unwrap_or(&self.body);
            let failure = Failure::new(Blind::garbage(&String::from_utf8_lossy(start)));
            return Err(failure.because(Text::new(
                format!("不是{name}编码；用encoding写明，例如encoding = \"gbk\""),
                format!("it is not encoded as {name}: say how by `encoding = \"gbk\"`"),
            )));
        }
        Ok(text.into_owned())
    }

    /// `charset` of the content's type.
    fn said_encoding(&self) -> Option<&'static Encoding> {
        let kind = self.headers.get(CONTENT_TYPE)?.to_str().ok()?;
        let charset = kind.split(';').skip(1).find_map(|parameter| {
            let (name, value) = parameter.split_once('=')?;
            name.trim().eq_ignore_ascii_case("charset").then_some(value)
        })?;
        Encoding::for_label(charset.trim().trim_matches('"').as_bytes())
    }
}
