//! A web address of which what may be secret is never shown.

use std::fmt;
use std::str::FromStr;

use reqwest::Url;

/// Of http or https. Shown without user, password, query and fragment.
#[derive(Clone, PartialEq, Eq)]
pub struct Address(Url);

/// The text is no web address. It is not repeated: it may be a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    #[error("is no web address: begin it with https:// or http://")]
    Scheme,
    #[error("names no host: write https://host/path")]
    Host,
}

impl Address {
    pub(super) fn url(&self) -> &Url {
        &self.0
    }
}

impl FromStr for Address {
    type Err = Unreadable;

    fn from_str(text: &str) -> Result<Self, Unreadable> {
        if !text.starts_with("http://") && !text.starts_with("https://") {
            return Err(Unreadable::Scheme);
        }
        match Url::parse(text) {
            Ok(url) if url.has_host() => Ok(Self(url)),
            _ => Err(Unreadable::Host),
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(url) = self;
        write!(
            f,
            "{}://{}",
            url.scheme(),
            url.host_str().unwrap_or_default()
        )?;
        if let Some(port) = url.port() {
            write!(f, ":{port}")?;
        }
        f.write_str(url.path())
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_shown_without_what_may_be_secret() {
        let address: Address = "https://u:S3CRET@acd.example:8443/api/q?key=S3CRET#S3CRET"
            .parse()
            .unwrap();
        assert_eq!(
            format!("{address} {address:?}"),
            "https://acd.example:8443/api/q https://acd.example:8443/api/q"
        );
        let read = |text: &str| text.parse::<Address>().unwrap_err();
        assert_eq!(read("acd.example/S3CRET"), Unreadable::Scheme);
        assert_eq!(read("https://"), Unreadable::Host);
        assert_eq!(read("https://a b/"), Unreadable::Host);
    }
}
