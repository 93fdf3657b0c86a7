//! What a device wants to see before it answers: a community (v1, v2c) or a user (v3).

use std::fmt;
use std::str::FromStr;

use snmp2::v3;

/// Shorter passwords are refused by devices, and an empty one by nobody (RFC 3414, 11.2).
const SHORTEST_PASSWORD: usize = 8;

/// How a device is let in to. Communities and passwords are secrets.
#[derive(Clone, PartialEq, Eq)]
pub enum Access {
    V1 { community: String },
    V2c { community: String },
    V3(User),
}

impl fmt::Debug for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Access::V1 { .. } => f.write_str("V1"),
            Access::V2c { .. } => f.write_str("V2c"),
            Access::V3(user) => user.fmt(f),
        }
    }
}

/// A user of SNMP v3's USM: nothing, signed, or signed and encrypted.
#[derive(Clone, PartialEq, Eq)]
pub struct User {
    name: String,
    auth: Option<(AuthProtocol, String)>,
    privacy: Option<(PrivacyProtocol, String)>,
    context: String,
}

impl fmt::Debug for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("User")
            .field("name", &self.name)
            .field("auth", &self.auth.as_ref().map(|(protocol, _)| protocol))
            .field(
                "privacy",
                &self.privacy.as_ref().map(|(protocol, _)| protocol),
            )
            .finish_non_exhaustive()
    }
}

/// What is wrong with a user as it was written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UserError {
    #[error("the user has no name: write it as the device has it")]
    NoName,
    #[error("the password of authentication has fewer than 8 characters: devices refuse it")]
    ShortAuth,
    #[error("the password of privacy has fewer than 8 characters: devices refuse it")]
    ShortPrivacy,
    #[error("privacy without authentication is not to be had: add `auth` and its password")]
    PrivacyAlone,
}

impl User {
    /// As the device has it; `context` is empty with nearly all devices.
    pub fn new(
        name: &str,
        auth: Option<(AuthProtocol, String)>,
        privacy: Option<(PrivacyProtocol, String)>,
        context: &str,
    ) -> Result<Self, UserError> {
        let short = |password: &str| password.len() < SHORTEST_PASSWORD;
        if name.is_empty() {
            return Err(UserError::NoName);
        }
        if privacy.is_some() && auth.is_none() {
            return Err(UserError::PrivacyAlone);
        }
        if auth.as_ref().is_some_and(|(_, password)| short(password)) {
            return Err(UserError::ShortAuth);
        }
        if privacy
            .as_ref()
            .is_some_and(|(_, password)| short(password))
        {
            return Err(UserError::ShortPrivacy);
        }
        Ok(Self {
            name: name.to_owned(),
            auth,
            privacy,
            context: context.to_owned(),
        })
    }

    /// Whether requests are encrypted: a device that cannot decrypt one says nothing.
    pub(super) fn is_private(&self) -> bool {
        self.privacy.is_some()
    }

    /// Whether the key of privacy is longer than what authentication yields. There
    /// are two ways to lengthen it, and no way to ask a device which it takes.
    pub(super) fn lengthens_key(&self) -> bool {
        let (Some((auth, _)), Some((privacy, _))) = (&self.auth, &self.privacy) else {
            return false;
        };
        privacy.cipher().priv_key_needs_extension(&auth.protocol())
    }

    /// `other_extension`: the key lengthened as Cisco does it, not as Net-SNMP does.
    pub(super) fn security(&self, other_extension: bool) -> v3::Security {
        let password = self.auth.as_ref().map_or("", |(_, password)| password);
        let level = match (&self.auth, &self.privacy) {
            (None, _) => v3::Auth::NoAuthNoPriv,
            (Some(_), None) => v3::Auth::AuthNoPriv,
            (Some(_), Some((privacy, password))) => v3::Auth::AuthPriv {
                cipher: privacy.cipher(),
                privacy_password: password.as_bytes().to_vec(),
            },
        };
        let mut security = v3::Security::new(self.name.as_bytes(), password.as_bytes())
            .with_auth(level)
            .with_context_name(&self.context);
        if let Some((auth, _)) = &self.auth {
            security = security.with_auth_protocol(auth.protocol());
        }
        if self.lengthens_key() {
            security = security.with_key_extension_method(if other_extension {
                v3::KeyExtension::Reeder
            } else {
                v3::KeyExtension::Blumenthal
            });
        }
        security
    }
}

/// No protocol has this name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("known are {0}")]
pub struct UnknownProtocol(&'static str);

/// How a user signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthProtocol {
    Md5,
    Sha1,
    Sha224,
    Sha256,
    Sha384,
    Sha512,
}

impl AuthProtocol {
    fn protocol(self) -> v3::AuthProtocol {
        match self {
            AuthProtocol::Md5 => v3::AuthProtocol::Md5,
            AuthProtocol::Sha1 => v3::AuthProtocol::Sha1,
            AuthProtocol::Sha224 => v3::AuthProtocol::Sha224,
            AuthProtocol::Sha256 => v3::AuthProtocol::Sha256,
            AuthProtocol::Sha384 => v3::AuthProtocol::Sha384,
            AuthProtocol::Sha512 => v3::AuthProtocol::Sha512,
        }
    }
}

impl FromStr for AuthProtocol {
    type Err = UnknownProtocol;

    /// With or without the dash, in any case: cards write it in every way.
    fn from_str(text: &str) -> Result<Self, UnknownProtocol> {
        Ok(match text.to_uppercase().replace('-', "").as_str() {
            "MD5" => AuthProtocol::Md5,
            "SHA" | "SHA1" => AuthProtocol::Sha1,
            "SHA224" => AuthProtocol::Sha224,
            "SHA256" => AuthProtocol::Sha256,
            "SHA384" => AuthProtocol::Sha384,
            "SHA512" => AuthProtocol::Sha512,
            _ => {
                return Err(UnknownProtocol(
                    "MD5, SHA-1, SHA-224, SHA-256, SHA-384, SHA-512",
                ));
            }
        })
    }
}

/// How a user encrypts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PrivacyProtocol {
    Des,
    Aes128,
    Aes192,
    Aes256,
}

impl PrivacyProtocol {
    fn cipher(self) -> v3::Cipher {
        match self {
            PrivacyProtocol::Des => v3::Cipher::Des,
            PrivacyProtocol::Aes128 => v3::Cipher::Aes128,
            PrivacyProtocol::Aes192 => v3::Cipher::Aes192,
            PrivacyProtocol::Aes256 => v3::Cipher::Aes256,
        }
    }
}

impl FromStr for PrivacyProtocol {
    type Err = UnknownProtocol;

    fn from_str(text: &str) -> Result<Self, UnknownProtocol> {
        Ok(match text.to_uppercase().replace('-', "").as_str() {
            "DES" => PrivacyProtocol::Des,
            "AES" | "AES128" => PrivacyProtocol::Aes128,
            "AES192" => PrivacyProtocol::Aes192,
            "AES256" => PrivacyProtocol::Aes256,
            _ => return Err(UnknownProtocol("DES, AES-128, AES-192, AES-256")),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn protocols_are_read_as_cards_write_them() {
        for text in ["SHA", "sha1", "SHA-1"] {
            assert_eq!(text.parse(), Ok(AuthProtocol::Sha1));
        }
        assert_eq!("AES".parse(), Ok(PrivacyProtocol::Aes128));
        assert_eq!("aes-256".parse(), Ok(PrivacyProtocol::Aes256));
        assert!("3DES".parse::<PrivacyProtocol>().is_err());
    }

    #[test]
    fn a_user_that_no_device_takes_is_refused() {
        let auth = |password: &str| Some((AuthProtocol::Sha256, password.to_owned()));
        let privacy = |password: &str| Some((PrivacyProtocol::Aes256, password.to_owned()));
        let refused = |auth, privacy| User::new("ups", auth, privacy, "").unwrap_err();
        assert_eq!(
            User::new("", None, None, "").unwrap_err(),
            UserError::NoName
        );
        assert_eq!(refused(auth("short"), None), UserError::ShortAuth);
        assert_eq!(
            refused(None, privacy("longenough")),
            UserError::PrivacyAlone
        );
        assert_eq!(
            refused(auth("longenough"), privacy("")),
            UserError::ShortPrivacy
        );
    }

    #[test]
    fn nothing_secret_is_printed() {
        let auth = Some((AuthProtocol::Sha1, "auth-secret".to_owned()));
        let privacy = Some((PrivacyProtocol::Aes192, "privacy-secret".to_owned()));
        let user = User::new("ups", auth, privacy, "").unwrap();
        assert!(user.lengthens_key());
        let community = "community-secret".to_owned();
        for access in [Access::V3(user), Access::V1 { community }] {
            assert!(!format!("{access:?}").contains("secret"), "{access:?}");
        }
    }
}
