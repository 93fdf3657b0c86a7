//! Where the daemon listens.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

/// A host and a port, and whether TLS is spoken there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// An IPv6 address stands in brackets.
    host: String,
    port: u16,
    tls: bool,
}

/// Why an address is none; reads aloud.
#[derive(Debug, thiserror::Error)]
#[error("`{url}` is no address of a daemon: {why}")]
pub struct AddressError {
    url: String,
    why: &'static str,
}

const MEND: &str = "write it as https://HOST:PORT, or http://HOST:PORT where it has no certificate";

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(url: &str) -> Result<Self, AddressError> {
        let wrong = |why| AddressError {
            url: url.to_owned(),
            why,
        };
        let parsed: reqwest::Url = url.parse().map_err(|_| wrong(MEND))?;
        let tls = match parsed.scheme() {
            "http" | "ws" => false,
            "https" | "wss" => true,
            _ => return Err(wrong(MEND)),
        };
        let Some(host) = parsed.host_str() else {
            return Err(wrong("it names no host"));
        };
        let usual = if tls { 443 } else { 80 };
        Ok(Self {
            host: host.to_owned(),
            port: parsed.port().unwrap_or(usual),
            tls,
        })
    }
}

impl Address {
    /// Whether it is this very PC: then no network lies between.
    pub(super) fn is_local(&self) -> bool {
        let ip: Option<IpAddr> = self.host().parse().ok();
        self.host == "localhost" || ip.is_some_and(|ip| ip.is_loopback())
    }

    /// What its certificate is to be for.
    pub(super) fn host(&self) -> &str {
        self.host.trim_matches(['[', ']'])
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    pub(super) fn speaks_tls(&self) -> bool {
        self.tls
    }

    /// Of the seat endpoint.
    pub(super) fn websocket(&self) -> String {
        let scheme = if self.tls { "wss" } else { "ws" };
        format!("{scheme}://{}:{}/ws", self.host, self.port)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.tls { "https" } else { "http" };
        write!(f, "{scheme}://{}:{}", self.host, self.port)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_of_this_pc_has_no_network_before_it() {
        for (url, local) in [
            ("http://127.0.0.1:8460", true),
            ("https://[::1]:8460", true),
            ("http://localhost:8460", true),
            ("http://10.0.0.4:8460", false),
            ("https://callwatch.example:8460", false),
        ] {
            assert_eq!(url.parse::<Address>().unwrap().is_local(), local, "{url}");
        }
    }

    #[test]
    fn an_address_is_a_host_and_a_port_and_what_is_none_says_the_mend() {
        for (url, page, socket) in [
            (
                "http://callwatch.example:8460",
                "http://callwatch.example:8460",
                "ws://callwatch.example:8460/ws",
            ),
            (
                "http://10.0.0.4/",
                "http://10.0.0.4:80",
                "ws://10.0.0.4:80/ws",
            ),
            ("wss://[::1]:80/ws", "https://[::1]:80", "wss://[::1]:80/ws"),
            (
                "https://callwatch.example",
                "https://callwatch.example:443",
                "wss://callwatch.example:443/ws",
            ),
        ] {
            let address: Address = url.parse().unwrap();
            assert_eq!(address.to_string(), page);
            assert_eq!(address.websocket(), socket);
        }
        for url in ["callwatch.example:8460", "callwatch", "ftp://x", ""] {
            let error = url.parse::<Address>().unwrap_err().to_string();
            assert!(error.contains("https://HOST:PORT"), "{error}");
        }
    }
}
