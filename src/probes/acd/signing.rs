//! Requests that carry a signature in their query.
//!
//! Every vendor signs in a way of its own, and all of them hash some text with a secret.
//! So a scheme says what is added to the query, which text is signed and how the
//! signature is written; the query is sent sorted by name and encoded as RFC 3986 has
//! it, exactly as it was signed.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use hmac::{Hmac, Mac as _};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use md5::Md5;
use reqwest::{Method, Url};
use serde::Deserialize;
use sha1::Sha1;
use sha2::{Digest as _, Sha256};

use crate::probes::acd::hidden::Hidden;
use crate::probes::acd::template::Template;

/// What an added parameter may name.
pub const IN_PARAMETERS: &[&str] = &["key", "time", "nonce"];
/// What the signed text may name.
pub const IN_TEXT: &[&str] = &[
    "key",
    "secret",
    "time",
    "nonce",
    "method",
    "host",
    "path",
    "query",
    "query_encoded",
];
/// What the key of an HMAC may name.
pub const IN_HMAC_KEY: &[&str] = &["secret"];

/// How one vendor signs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scheme {
    /// `{key}`: by what the vendor knows who signs.
    pub key: String,
    /// `{secret}`.
    pub secret: Hidden,
    pub time: Stamp,
    /// The zone of `Stamp::Compact`.
    pub zone: TimeZone,
    /// What is added to the query before it is signed.
    pub add: BTreeMap<String, Template>,
    pub text: Template,
    pub hash: Hash,
    /// Of an HMAC.
    pub hmac_key: Template,
    pub written: Written,
    /// The parameter that carries the signature; it is not signed itself.
    pub parameter: String,
}

/// How `{time}` is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stamp {
    /// Seconds since 1970.
    #[default]
    S,
    /// Milliseconds since 1970.
    Ms,
    /// `2016-02-23T12:46:24Z`.
    Iso,
    /// `20160223204624`, in the source's time zone.
    Compact,
}

/// What the text is hashed with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Hash {
    #[default]
    HmacSha256,
    HmacSha1,
    HmacMd5,
    Sha256,
    Sha1,
    Md5,
}

/// How the signature is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Written {
    #[default]
    Hex,
    HexUpper,
    Base64,
}

impl Scheme {
    /// Adds the parameters and the signature to the query. `nonce` is never used twice.
    pub(super) fn sign(&self, method: &Method, url: &mut Url, now: Timestamp, nonce: &str) {
        let time = self.time.written(now, &self.zone);
        let mut parameters: Vec<(String, String)> = url.query_pairs().into_owned().collect();
        let added = self.add.iter().map(|(name, template)| {
            let value = template.fill(|place| match place {
                "key" => &self.key,
                "time" => &time,
                _ => nonce,
            });
            (name.clone(), value)
        });
        parameters.extend(added);
        parameters.sort();
        let parameters = parameters.iter();
        let mut query = parameters
            .map(|(name, value)| format!("{}={}", encoded(name), encoded(value)))
            .collect::<Vec<_>>()
            .join("&");
        let query_encoded = encoded(&query);
        let host = match (url.host_str().unwrap_or_default(), url.port()) {
            (host, Some(port)) => format!("{host}:{port}"),
            (host, None) => host.to_owned(),
        };
        let secret = self.secret.reveal();
        let text = self.text.fill(|place| match place {
            "key" => &self.key,
            "secret" => secret,
            "time" => &time,
            "nonce" => nonce,
            "method" => method.as_str(),
            "host" => &host,
            "path" => url.path(),
            "query" => &query,
            _ => &query_encoded,
        });
        let key = self.hmac_key.fill(|_| secret);
        let signature = self.written.of(&self.hash.of(&key, &text));
        let and = if query.is_empty() { "" } else { "&" };
        query.extend([and, &encoded(&self.parameter), "=", &encoded(&signature)]);
        url.set_query(Some(&query));
    }
}

impl Stamp {
    fn written(self, now: Timestamp, zone: &TimeZone) -> String {
        match self {
            Stamp::S => now.as_second().to_string(),
            Stamp::Ms => now.as_millisecond().to_string(),
            Stamp::Iso => now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            Stamp::Compact => {
                let civil = zone.to_datetime(now);
                civil.strftime("%Y%m%d%H%M%S").to_string()
            }
        }
    }
}

impl Hash {
    fn of(self, key: &str, text: &str) -> Vec<u8> {
        macro_rules! hmac {
            ($hash:ty) => {{
                let mut mac = Hmac::<$hash>::new_from_slice(key.as_bytes())
                    .expect("HMAC takes a key of any length");
                mac.update(text.as_bytes());
                mac.finalize().into_bytes().to_vec()
            }};
        }
        match self {
            Hash::HmacSha256 => hmac!(Sha256),
            Hash::HmacSha1 => hmac!(Sha1),
            Hash::HmacMd5 => hmac!(Md5),
            Hash::Sha256 => Sha256::digest(text).to_vec(),
            Hash::Sha1 => Sha1::digest(text).to_vec(),
            Hash::Md5 => Md5::digest(text).to_vec(),
        }
    }
}

impl Written {
    fn of(self, bytes: &[u8]) -> String {
        match self {
            Written::Base64 => BASE64.encode(bytes),
            Written::Hex => hex(bytes),
            Written::HexUpper => hex(bytes).to_uppercase(),
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a String takes all that is written");
        text
    })
}

/// Everything but the unreserved characters of RFC 3986, 2.3, as `%XX`.
pub(super) fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            encoded.push(char::from(byte));
        } else {
            write!(encoded, "%{byte:02X}").expect("a String takes all that is written");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    fn template(text: &str) -> Template {
        Template::read(text, IN_TEXT).unwrap()
    }

    fn scheme(text: &str) -> Scheme {
        Scheme {
            key: "testid".into(),
            secret: Hidden::new("testsecret"),
            time: Stamp::Iso,
            zone: TimeZone::UTC,
            add: BTreeMap::new(),
            text: template(text),
            hash: Hash::HmacSha1,
            hmac_key: template("{secret}"),
            written: Written::Base64,
            parameter: "Signature".into(),
        }
    }

    #[test]
    fn alibaba_clouds_published_example_is_signed_alike() {
        let add = [
            ("AccessKeyId", "{key}"),
            ("SignatureMethod", "HMAC-SHA1"),
            ("SignatureNonce", "{nonce}"),
            ("SignatureVersion", "1.0"),
            ("Timestamp", "{time}"),
        ];
        let add = add.map(|(name, value)| (name.to_owned(), template(value)));
        let scheme = Scheme {
            add: add.into(),
            hmac_key: template("{secret}&"),
            ..scheme("{method}&%2F&{query_encoded}")
        };
        let text = "https://ecs.example/?Version=2014-05-26&Format=XML&Action=DescribeRegions";
        let mut url = Url::parse(text).unwrap();
        let now = "2016-02-23T12:46:24Z".parse().unwrap();
        let nonce = "3ee8c1b8-83d3-44af-a94f-4e0ad82fd6cf";
        scheme.sign(&Method::GET, &mut url, now, nonce);
        let query = url.query().unwrap();
        assert!(query.starts_with("AccessKeyId=testid&Action="), "{query}");
        assert!(
            query.contains("&Timestamp=2016-02-23T12%3A46%3A24Z&"),
            "{query}"
        );
        assert!(
            query.ends_with("&Signature=OLeaidS1JvxuMvnyHOwuJ%2BuX5qY%3D"),
            "{query}"
        );
        assert!(!format!("{scheme:?}").contains("testsecret"), "{scheme:?}");
    }

    #[test]
    fn the_text_may_be_the_whole_address_or_the_secret_itself() {
        let now = "2016-02-23T12:46:24Z".parse().unwrap();
        let signed = |scheme: &Scheme| {
            let mut url = Url::parse("https://acd.example:8443/api/q?b=2&a=%E5%81%9C").unwrap();
            scheme.sign(&Method::POST, &mut url, now, "n");
            url.query().unwrap().to_owned()
        };
        // printf 'POSTacd.example:8443/api/q?a=%%E5%%81%%9C&b=2' | openssl sha1 -hmac testsecret -binary | base64
        let whole = signed(&scheme("{method}{host}{path}?{query}"));
        assert_eq!(whole, WHOLE);
        // printf 'testid1456231584testsecret' | md5sum
        let plain = Scheme {
            time: Stamp::S,
            hash: Hash::Md5,
            written: Written::HexUpper,
            ..scheme("{key}{time}{secret}")
        };
        assert_eq!(signed(&plain), PLAIN);
    }

    const WHOLE: &str = "a=%E5%81%9C&b=2&Signature=Ung9oQe0UIclFSwJy0tosN1AK7A%3D";
    const PLAIN: &str = "a=%E5%81%9C&b=2&Signature=1082559406D0914490F97E2B6431FE6E";

    #[test]
    fn a_time_is_written_as_the_vendor_wants_it() {
        let now: Timestamp = "2016-02-23T12:46:24.5Z".parse().unwrap();
        let shanghai = TimeZone::get("Asia/Shanghai").unwrap();
        let written = |stamp: Stamp| stamp.written(now, &shanghai);
        assert_eq!(written(Stamp::S), "1456231584");
        assert_eq!(written(Stamp::Ms), "1456231584500");
        assert_eq!(written(Stamp::Iso), "2016-02-23T12:46:24Z");
        assert_eq!(written(Stamp::Compact), "20160223204624");
    }
}
