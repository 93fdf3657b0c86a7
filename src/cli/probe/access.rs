//! What a device asked by SNMP wants to see, as it is typed.

use anyhow::Context as _;

use crate::probes::access::{Access, AuthProtocol, PrivacyProtocol, User};

/// What the device wants to see. Passwords show in the list of processes: a person
/// asks once, the daemon reads them from files.
#[derive(clap::Args)]
pub(super) struct AccessArgs {
    /// The version of SNMP: 1, 2c or 3
    #[arg(long = "snmp", value_enum, default_value_t = Version::V2c)]
    version: Version,
    /// The community that may read (1 and 2c)
    #[arg(long)]
    community: Option<String>,
    /// The user (3)
    #[arg(long)]
    user: Option<String>,
    /// How the user signs: MD5, SHA-1, SHA-224, SHA-256, SHA-384, SHA-512
    #[arg(long, value_name = "PROTOCOL", requires = "auth_password")]
    auth: Option<AuthProtocol>,
    #[arg(long, value_name = "PASSWORD", requires = "auth")]
    auth_password: Option<String>,
    /// How the user encrypts: DES, AES-128, AES-192, AES-256
    #[arg(long, value_name = "PROTOCOL", requires = "privacy_password")]
    privacy: Option<PrivacyProtocol>,
    #[arg(long, value_name = "PASSWORD", requires = "privacy")]
    privacy_password: Option<String>,
    /// The context, which nearly no device has (3)
    #[arg(long, default_value = "")]
    context: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Version {
    #[value(name = "1")]
    V1,
    #[value(name = "2c")]
    V2c,
    #[value(name = "3")]
    V3,
}

impl AccessArgs {
    pub(super) fn access(&self) -> anyhow::Result<Access> {
        let community = || {
            let community = self.community.clone();
            community.context("add --community: with `--snmp 1` and `2c` it opens the device")
        };
        Ok(match self.version {
            Version::V1 => Access::V1 {
                community: community()?,
            },
            Version::V2c => Access::V2c {
                community: community()?,
            },
            Version::V3 => Access::V3(User::new(
                self.user.as_deref().unwrap_or_default(),
                self.auth.zip(self.auth_password.clone()),
                self.privacy.zip(self.privacy_password.clone()),
                &self.context,
            )?),
        })
    }
}
