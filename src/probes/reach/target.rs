//! What is to be reached, as people write it.
//!
//! `tcp://HOST:PORT`, `tls://HOST[:PORT]`, `icmp://HOST`,
//! `dns://SERVER[:PORT]/NAME[?type=A]`, `http(s)://…[#CONDITIONS]`.

use std::fmt;
use std::str::FromStr;

use reqwest::Url;
use serde::{Deserialize, Serialize};

use crate::probes::place::read_place;
use crate::probes::reach::conditions::{ConditionError, Conditions};
use crate::probes::reach::percent::decode;
use crate::probes::reach::record::Record;

const DNS_PORT: u16 = 53;
const TLS_PORT: u16 = 443;
/// Of a name, written with dots and without the last one (RFC 1035, 2.3.4).
const LONGEST_NAME: usize = 253;
const LONGEST_LABEL: usize = 63;
/// What stands for a password that is not shown.
const HIDDEN: &str = "***";

/// What is to be reached. Shown and serialized without its password.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum Target {
    Tcp { host: String, port: u16 },
    Tls { host: String, port: u16 },
    Icmp { host: String },
    Dns(Question),
    Http(Box<Page>),
}

/// What a name server is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    pub server: String,
    pub port: u16,
    pub name: String,
    pub record: Record,
}

/// What is asked for by HTTP, and what has to come.
#[derive(Clone, PartialEq, Eq)]
pub struct Page {
    /// Without credentials and without a fragment.
    pub url: Url,
    pub login: Option<Login>,
    pub conditions: Conditions,
}

/// For HTTP's basic authentication (RFC 7617).
#[derive(Clone, PartialEq, Eq)]
pub struct Login {
    pub user: String,
    pub password: String,
}

/// What is wrong with a target as it was written down. A password is never in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    #[error(
        "it does not say how: write tcp://HOST:PORT, icmp://HOST, dns://SERVER/NAME, http://…, https://… or tls://HOST"
    )]
    NoScheme,
    #[error("`{0}://` is not known: write tcp, icmp, dns, http, https or tls")]
    UnknownScheme(String),
    #[error("`{0}` is no HOST or HOST:PORT; an address of version 6 stands in brackets")]
    Place(String),
    #[error("it names no port: write {0}://HOST:PORT")]
    NoPort(&'static str),
    #[error("there is nothing to say after the host of {scheme}://: take `{rest}` away")]
    Surplus { scheme: &'static str, rest: String },
    #[error("`{0}` is no name to ask for: write dns://SERVER/NAME")]
    Name(String),
    #[error("`{0}` is not known after `?`: write type=A, AAAA, CNAME, MX, NS, PTR, SRV or TXT")]
    Record(String),
    #[error("its address is odd: {0}")]
    Url(String),
    #[error("its password was hidden where it was shown: write the password itself")]
    Hidden,
    #[error("its user or password is not percent-encoded UTF-8")]
    Login,
    #[error(transparent)]
    Condition(#[from] ConditionError),
}

impl Target {
    /// Who has to be resolved first: a name, or an address without brackets.
    pub fn host(&self) -> &str {
        match self {
            Target::Tcp { host, .. } | Target::Tls { host, .. } | Target::Icmp { host } => host,
            Target::Dns(question) => &question.server,
            Target::Http(page) => host(&page.url),
        }
    }

    /// Everything, the password too: for whoever has to ask in our stead.
    pub fn with_password(&self) -> String {
        match self {
            Target::Http(page) => page.shown(|login| &login.password),
            other => other.to_string(),
        }
    }
}

/// Of a URL with one: HTTP has no other.
pub(super) fn host(url: &Url) -> &str {
    url.host_str().unwrap_or("").trim_matches(['[', ']'])
}

impl Page {
    fn shown<'a>(&'a self, password: impl Fn(&'a Login) -> &'a str) -> String {
        let mut url = self.url.clone();
        if let Some(login) = &self.login {
            let password = password(login);
            let password = (!password.is_empty()).then_some(password);
            // A URL of HTTP always has a host, and so may have a login.
            let set = url.set_username(&login.user);
            debug_assert!(set.and_then(|()| url.set_password(password)).is_ok());
        }
        match self.conditions.to_string().as_str() {
            "" => url.to_string(),
            conditions => format!("{url}#{conditions}"),
        }
    }

    fn read(text: &str) -> Result<Self, TargetError> {
        // A URL would encode the fragment in its own way.
        let (address, conditions) = text.split_once('#').unwrap_or((text, ""));
        let odd = |error: &dyn fmt::Display| TargetError::Url(error.to_string());
        let mut url: Url = address.parse().map_err(|error| odd(&error))?;
        let part = |text: &str| decode(text).ok_or(TargetError::Login);
        let user = part(url.username())?;
        let password = part(url.password().unwrap_or(""))?;
        if password == HIDDEN {
            return Err(TargetError::Hidden);
        }
        let bare = url.set_username("").and_then(|()| url.set_password(None));
        bare.map_err(|()| odd(&"it has no host"))?;
        let named = !(user.is_empty() && password.is_empty());
        Ok(Self {
            url,
            login: named.then_some(Login { user, password }),
            conditions: Conditions::read(conditions)?,
        })
    }
}

impl FromStr for Target {
    type Err = TargetError;

    fn from_str(text: &str) -> Result<Self, TargetError> {
        let (scheme, rest) = text.split_once("://").ok_or(TargetError::NoScheme)?;
        match scheme {
            "tcp" => {
                let (host, port) = place(rest, "tcp", None)?;
                Ok(Target::Tcp { host, port })
            }
            "tls" => {
                let (host, port) = place(rest, "tls", Some(TLS_PORT))?;
                Ok(Target::Tls { host, port })
            }
            "icmp" => {
                let (host, port) = place(rest, "icmp", Some(0))?;
                if port != 0 {
                    let rest = format!(":{port}");
                    return Err(TargetError::Surplus {
                        scheme: "icmp",
                        rest,
                    });
                }
                Ok(Target::Icmp { host })
            }
            "dns" => Question::read(rest).map(Target::Dns),
            "http" | "https" => Ok(Target::Http(Box::new(Page::read(text)?))),
            other => Err(TargetError::UnknownScheme(other.to_owned())),
        }
    }
}

impl Question {
    fn read(text: &str) -> Result<Self, TargetError> {
        let (server, asked) = text
            .split_once('/')
            .ok_or_else(|| TargetError::Name(String::new()))?;
        let (server, port) = place(server, "dns", Some(DNS_PORT))?;
        let (name, query) = asked.split_once('?').unwrap_or((asked, ""));
        let name = name.strip_suffix('.').unwrap_or(name);
        let label = |label: &str| {
            (1..=LONGEST_LABEL).contains(&label.len())
                && label.bytes().all(|b| b.is_ascii_graphic())
        };
        if name.len() > LONGEST_NAME || !name.split('.').all(label) || name.contains(['/', '#']) {
            return Err(TargetError::Name(name.to_owned()));
        }
        let record = match query.strip_prefix("type=") {
            Some(record) => Record::read(record),
            None => query.is_empty().then_some(Record::A),
        };
        Ok(Self {
            server,
            port,
            name: name.to_owned(),
            record: record.ok_or_else(|| TargetError::Record(query.to_owned()))?,
        })
    }
}

/// Host and port, with nothing behind them.
fn place(
    text: &str,
    scheme: &'static str,
    default_port: Option<u16>,
) -> Result<(String, u16), TargetError> {
    let end = text.find(['/', '?', '#']).unwrap_or(text.len());
    let (place, rest) = text.split_at(end);
    if !matches!(rest, "" | "/") {
        let rest = rest.to_owned();
        return Err(TargetError::Surplus { scheme, rest });
    }
    // No password is ever asked for here, and so none may come to be shown.
    let shown = place.rsplit_once('@').map_or(place, |(_, place)| place);
    let odd = || TargetError::Place(shown.to_owned());
    let (host, port) = read_place(place, default_port.unwrap_or(0)).ok_or_else(odd)?;
    if host.contains(|c: char| c == '@' || c.is_whitespace() || c.is_control()) {
        return Err(odd());
    }
    if default_port.is_none() && port == 0 {
        return Err(TargetError::NoPort(scheme));
    }
    Ok((host, port))
}

/// A host as it stands before a port.
struct Bracketed<'a>(&'a str);

impl fmt::Display for Bracketed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.contains(':') {
            write!(f, "[{}]", self.0)
        } else {
            f.write_str(self.0)
        }
    }
}

/// As it is read, but for the password.
impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Target::Tcp { host, port } => write!(f, "tcp://{}:{port}", Bracketed(host)),
            Target::Tls { host, port } => write!(f, "tls://{}:{port}", Bracketed(host)),
            Target::Icmp { host } => write!(f, "icmp://{}", Bracketed(host)),
            Target::Dns(question) => {
                write!(f, "dns://{}", Bracketed(&question.server))?;
                if question.port != DNS_PORT {
                    write!(f, ":{}", question.port)?;
                }
                write!(f, "/{}", question.name)?;
                if question.record != Record::A {
                    write!(f, "?type={}", question.record)?;
                }
                Ok(())
            }
            Target::Http(page) => {
                let hidden = |login: &Login| {
                    if login.password.is_empty() {
                        ""
                    } else {
                        HIDDEN
                    }
                };
                f.write_str(&page.shown(hidden))
            }
        }
    }
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Target({self})")
    }
}

impl fmt::Debug for Page {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Page")
            .field("url", &self.url.as_str())
            .field("conditions", &self.conditions)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Login({})", self.user)
    }
}

impl From<Target> for String {
    fn from(target: Target) -> Self {
        target.to_string()
    }
}

impl TryFrom<String> for Target {
    type Error = TargetError;

    fn try_from(text: String) -> Result<Self, TargetError> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> TargetError {
        text.parse::<Target>().unwrap_err()
    }

    #[test]
    fn a_target_reads_as_it_is_shown() {
        for text in [
            "tcp://10.0.0.5:5060",
            "tcp://[fe80::1%eth0]:22",
            "tls://crm.example:443",
            "icmp://gateway",
            "icmp://[::1]",
            "dns://10.0.0.53/crm.example",
            "dns://[2001:db8::53]:5353/_sip._udp.example?type=SRV",
            "http://10.0.0.5/",
            "https://crm.example:8443/health?deep=1",
            "https://crm.example/health#status=200,3xx&has=一切正常&has=a%26b&json=/a%3Ab:up&follow=2",
        ] {
            let target: Target = text
                .parse()
                .unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!(target.to_string(), text);
            let json = serde_json::to_string(&target).unwrap();
            assert_eq!(serde_json::from_str::<Target>(&json).unwrap(), target);
        }
        let short: Target = "tls://crm.example".parse().unwrap();
        assert_eq!(short.to_string(), "tls://crm.example:443");
        let plain: Target = "dns://ns/crm.example.?type=a".parse().unwrap();
        assert_eq!(plain.to_string(), "dns://ns/crm.example");
    }

    #[test]
    fn who_is_to_be_resolved_is_named() {
        for (text, host) in [
            ("tcp://[::1]:1", "::1"),
            ("https://[::1]:1/", "::1"),
            ("dns://ns:5353/x", "ns"),
            ("http://中心.example/", "xn--fiqq24b.example"),
        ] {
            assert_eq!(text.parse::<Target>().unwrap().host(), host, "{text}");
        }
    }

    #[test]
    fn what_is_wrong_is_named() {
        let place = |text: &str| TargetError::Place(text.to_owned());
        assert_eq!(error("crm.example"), TargetError::NoScheme);
        assert_eq!(
            error("ftp://x"),
            TargetError::UnknownScheme("ftp".to_owned())
        );
        assert_eq!(error("tcp://crm"), TargetError::NoPort("tcp"));
        assert_eq!(error("tcp://crm:x"), place("crm:x"));
        assert_eq!(error("tcp://:80"), place(":80"));
        assert_eq!(error("icmp://"), place(""));
        assert!(matches!(
            error("tcp://crm:80/x"),
            TargetError::Surplus { .. }
        ));
        assert!(matches!(
            error("icmp://crm:80"),
            TargetError::Surplus { .. }
        ));
        assert_eq!(error("dns://ns"), TargetError::Name(String::new()));
        assert_eq!(error("dns://ns/a..b"), TargetError::Name("a..b".to_owned()));
        assert_eq!(
            error("dns://ns/a?type=HINFO"),
            TargetError::Record("type=HINFO".to_owned())
        );
        assert!(matches!(error("http://"), TargetError::Url(_)));
        assert!(matches!(error("http://crm:99999/"), TargetError::Url(_)));
        assert!(matches!(
            error("http://crm/#stat=1"),
            TargetError::Condition(_)
        ));
        let bad: Result<Target, _> = serde_json::from_str("\"tcp://crm\"");
        assert!(bad.unwrap_err().to_string().contains("names no port"));
    }

    #[test]
    fn a_password_is_asked_with_and_never_shown() {
        let text = "https://probe:s%40cret@crm.example/#status=200";
        let target: Target = text.parse().unwrap();
        let Target::Http(page) = &target else {
            panic!("{target:?}");
        };
        assert_eq!(page.login.as_ref().unwrap().password, "s@cret");
        let shown = target.to_string();
        assert_eq!(shown, "https://probe:***@crm.example/#status=200");
        let json = serde_json::to_string(&target).unwrap();
        for shown in [
            format!("{target:?}"),
            format!("{page:?} {:?}", page.login),
            json,
        ] {
            assert!(!shown.contains("cret"), "{shown}");
        }
        assert_eq!(target.with_password(), text);
        // What was shown is not taken for the whole.
        assert_eq!(error(&shown), TargetError::Hidden);
        for text in [
            "tcp://u:secret@crm:80",
            "https://u:secret@crm:x/",
            "dns://u:secret@ns/a",
        ] {
            let error = error(text);
            assert!(!format!("{error:?} {error}").contains("secret"), "{error}");
        }
    }
}
