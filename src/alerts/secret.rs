//! The secret of Standard Webhooks: signs, verifies, and is never printed.
//!
//! Source: github.com/standard-webhooks/standard-webhooks, spec/standard-webhooks.md.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use hmac::{Hmac, Mac};
use sha2::Sha256;

/// Writes padding, and reads secrets with and without it.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

const PREFIX: &str = "whsec_";

/// 24 to 64 bytes, written `whsec_` and base64.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Vec<u8>);

/// What is wrong with a secret; never says what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    #[error("does not begin with `whsec_`: copy it whole")]
    Prefix,
    #[error("is no base64 after `whsec_`: copy it whole")]
    Base64,
    #[error(
        "holds {0} bytes, not 24 to 64: make one with `echo whsec_$(head -c 32 /dev/urandom | base64)`"
    )]
    Length(usize),
}

impl Secret {
    /// A fresh one, of 32 bytes.
    pub fn random() -> Result<Self, getrandom::Error> {
        let mut bytes = vec![0; 32];
        getrandom::fill(&mut bytes)?;
        Ok(Self(bytes))
    }

    /// The signature of a message sent at `timestamp`, in seconds: `v1,` and base64.
    pub fn sign(&self, id: &str, timestamp: i64, body: &[u8]) -> String {
        let digest = self.mac(id, timestamp, body).finalize().into_bytes();
        format!("v1,{}", BASE64.encode(digest))
    }

    /// Whether one of the signatures in a `webhook-signature` header is of this secret;
    /// compares in constant time.
    pub fn verifies(&self, id: &str, timestamp: i64, body: &[u8], signatures: &str) -> bool {
        signatures
            .split(' ')
            .filter_map(|signature| signature.strip_prefix("v1,"))
            .filter_map(|signature| BASE64.decode(signature).ok())
            .any(|signature| {
                self.mac(id, timestamp, body)
                    .verify_slice(&signature)
                    .is_ok()
            })
    }

    fn mac(&self, id: &str, timestamp: i64, body: &[u8]) -> Hmac<Sha256> {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes a key of any length");
        mac.update(format!("{id}.{timestamp}.").as_bytes());
        mac.update(body);
        mac
    }
}

impl FromStr for Secret {
    type Err = SecretError;

    /// Blanks around it, as a file has them, are dropped.
    fn from_str(text: &str) -> Result<Self, SecretError> {
        let encoded = text
            .trim()
            .strip_prefix(PREFIX)
            .ok_or(SecretError::Prefix)?;
        let bytes = BASE64.decode(encoded).map_err(|_| SecretError::Base64)?;
        Self::try_from(bytes)
    }
}

impl TryFrom<Vec<u8>> for Secret {
    type Error = SecretError;

    fn try_from(bytes: Vec<u8>) -> Result<Self, SecretError> {
        if (24..=64).contains(&bytes.len()) {
            Ok(Self(bytes))
        } else {
            Err(SecretError::Length(bytes.len()))
        }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PUBLISHED: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    #[test]
    fn the_published_vector_and_the_chinese_one_are_signed_alike() {
        let secret: Secret = PUBLISHED.parse().unwrap();
        for (id, timestamp, body, expected) in [
            (
                "msg_p5jXN8AQM9LWM0D4loKWxJek",
                1_614_265_330,
                "{\"test\": 2432232314}",
                "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
            ),
            (
                "msg_01",
                1_700_000_000,
                "{\"text\":\"呼叫激增\"}",
                "v1,UJMRGnONa7h9CKEC5HpiNauU2AsH7sz286mlMOmAyIQ=",
            ),
        ] {
            assert_eq!(secret.sign(id, timestamp, body.as_bytes()), expected);
            let verifies = |id, timestamp, body: &str, signatures: &str| {
                secret.verifies(id, timestamp, body.as_bytes(), signatures)
            };
            assert!(verifies(id, timestamp, body, expected));
            assert!(verifies(
                id,
                timestamp,
                body,
                &format!("v1,AAAA {expected}")
            ));
            assert!(!verifies("msg_02", timestamp, body, expected));
            assert!(!verifies(id, timestamp + 1, body, expected));
            assert!(!verifies(id, timestamp, "{}", expected));
            assert!(!verifies(
                id,
                timestamp,
                body,
                &expected.replace("v1,", "v2,")
            ));
            assert!(!verifies(id, timestamp, body, ""));
            let other = Secret::random().unwrap();
            assert!(!other.verifies(id, timestamp, body.as_bytes(), expected));
        }
    }

    #[test]
    fn a_secret_is_read_from_a_file_and_never_printed() {
        let secret: Secret = format!("{PUBLISHED}\n").parse().unwrap();
        assert_eq!(format!("{secret:?}"), "Secret(..)");
        for (text, error) in [
            ("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", SecretError::Prefix),
            (
                "whsec_Mf!Q9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
                SecretError::Base64,
            ),
            ("whsec_MfKQ9r8G", SecretError::Length(6)),
        ] {
            let found = text.parse::<Secret>().unwrap_err();
            assert_eq!(found, error);
            assert!(!found.to_string().contains("9r8G"), "{found}");
        }
        let long = format!("whsec_{}", BASE64.encode([7; 65]));
        assert_eq!(long.parse::<Secret>(), Err(SecretError::Length(65)));
    }
}
