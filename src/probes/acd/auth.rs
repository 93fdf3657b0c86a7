//! How an HTTP source lets us in.

use jiff::Timestamp;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, Method, RequestBuilder, Url};

use crate::acd::Blind;
use crate::probes::acd::failure::Failure;
use crate::probes::acd::hidden::Hidden;
use crate::probes::acd::login;
use crate::probes::acd::signing::Scheme;
use crate::text::Text;

/// What a request carries so that it is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Auth {
    None,
    /// User and password with each request (RFC 7617).
    Basic {
        user: String,
        password: Hidden,
    },
    /// A token that lasts (RFC 6750).
    Bearer {
        token: Hidden,
    },
    /// A key in a header of the vendor's own.
    Header {
        name: HeaderName,
        value: Hidden,
    },
    /// A token that is fetched, and fetched anew when it has run out.
    LogIn(Box<login::Settings>),
    /// A signature in the query.
    Signed(Box<Scheme>),
}

/// How a token that was fetched is carried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Carried {
    Bearer,
    Header(HeaderName),
    Query(String),
}

impl Auth {
    /// A request that is let in; `token` is the one that was fetched.
    pub(super) fn request(
        &self,
        http: &Client,
        method: &Method,
        mut url: Url,
        token: Option<&Hidden>,
        now: Timestamp,
    ) -> Result<RequestBuilder, Failure> {
        let mut headers = HeaderMap::new();
        match (self, token) {
            (Auth::LogIn(login), Some(token)) => match &login.carried {
                Carried::Bearer => bearer(&mut headers, token)?,
                Carried::Header(name) => carry(&mut headers, name.clone(), token.reveal())?,
                Carried::Query(name) => {
                    url.query_pairs_mut().append_pair(name, token.reveal());
                }
            },
            (Auth::Bearer { token }, _) => bearer(&mut headers, token)?,
            (Auth::Header { name, value }, _) => carry(&mut headers, name.clone(), value.reveal())?,
            (Auth::Signed(scheme), _) => scheme.sign(method, &mut url, now, &nonce()?),
            (Auth::None | Auth::Basic { .. } | Auth::LogIn(_), _) => {}
        }
        let request = http.request(method.clone(), url).headers(headers);
        Ok(match self {
            Auth::Basic { user, password } => request.basic_auth(user, Some(password.reveal())),
            _ => request,
        })
    }
}

fn bearer(headers: &mut HeaderMap, token: &Hidden) -> Result<(), Failure> {
    let value = format!("Bearer {}", token.reveal());
    carry(headers, reqwest::header::AUTHORIZATION, &value)
}

fn carry(headers: &mut HeaderMap, name: HeaderName, value: &str) -> Result<(), Failure> {
    let Ok(mut value) = HeaderValue::from_str(value) else {
        let failure = Failure::new(Blind::refused("the request cannot be made"));
        return Err(failure.because(Text::new(
            format!("令牌里有HTTP头{name}装不下的字符"),
            format!("the token has characters that no header `{name}` can carry"),
        )));
    };
    value.set_sensitive(true);
    headers.insert(name, value);
    Ok(())
}

/// 128 random bits.
fn nonce() -> Result<String, Failure> {
    let bits = getrandom::u64().and_then(|high| Ok((high, getrandom::u64()?)));
    let (high, low) = bits.map_err(|error| {
        let failure = Failure::new(Blind::refused("the request cannot be made"));
        failure.because(Text::same(error.to_string()))
    })?;
    Ok(format!("{high:016x}{low:016x}"))
}
