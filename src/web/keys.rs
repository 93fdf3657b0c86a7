//! Each seat's key: derived from one master key, so that none is stored.

use std::fmt;
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use anyhow::{Context as _, bail};
use hmac::{Hmac, Mac as _};
use sha2::Sha256;

/// Length of the master key in bytes.
const MASTER: usize = 32;
/// Length of a seat's key in bytes; twice as many hex digits.
const KEY: usize = 16;

/// The keys of all seats.
#[derive(Clone)]
pub struct Keys([u8; MASTER]);

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keys(..)")
    }
}

impl Keys {
    pub fn new(master: [u8; MASTER]) -> Self {
        Self(master)
    }

    /// Reads the master key, or makes one at the first start, readable by its owner only.
    pub fn load_or_create(path: &Path) -> anyhow::Result<Self> {
        match fs::read(path) {
            Ok(bytes) => match <[u8; MASTER]>::try_from(bytes) {
                Ok(master) => Ok(Self(master)),
                Err(_) => bail!(
                    "{} must hold {MASTER} bytes; remove it, and a new one is made (every seat then needs its new key)",
                    path.display()
                ),
            },
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let mut master = [0; MASTER];
                getrandom::fill(&mut master).context("the system has no randomness")?;
                let mut options = fs::OpenOptions::new();
                options.write(true).create_new(true).mode(0o600);
                let mut file = options
                    .open(path)
                    .with_context(|| format!("{} cannot be made", path.display()))?;
                file.write_all(&master)
                    .and_then(|()| file.sync_all())
                    .with_context(|| format!("{} cannot be written", path.display()))?;
                Ok(Self(master))
            }
            Err(error) => Err(error).with_context(|| format!("{} cannot be read", path.display())),
        }
    }

    /// The key of a seat, in lowercase hex.
    pub fn of(&self, seat: &str) -> String {
        let digest = self.mac(seat).finalize().into_bytes();
        let digits = digest[..KEY].iter().flat_map(|byte| [byte >> 4, byte & 15]);
        digits
            .filter_map(|digit| char::from_digit(u32::from(digit), 16))
            .collect()
    }

    /// Whether `key` is the seat's; takes as long for a wrong one.
    pub fn verify(&self, seat: &str, key: &str) -> bool {
        let bytes: Option<Vec<u8>> = (0..KEY)
            .map(|n| u8::from_str_radix(key.get(2 * n..2 * n + 2)?, 16).ok())
            .collect();
        key.len() == 2 * KEY
            && bytes.is_some_and(|bytes| self.mac(seat).verify_truncated_left(&bytes).is_ok())
    }

    fn mac(&self, seat: &str) -> Hmac<Sha256> {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes keys of any length");
        mac.update(b"seat:");
        mac.update(seat.as_bytes());
        mac
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_opens_its_own_seat_only() {
        let keys = Keys::new([7; MASTER]);
        let key = keys.of("C-01");
        assert!(keys.verify("C-01", &key));
        assert!(!keys.verify("C-02", &key));
        assert!(!keys.verify("C-01", &key[..KEY]));
        assert!(!keys.verify("C-01", "钥匙钥匙钥匙钥匙"));
        assert!(!Keys::new([8; MASTER]).verify("C-01", &key));
    }

    #[test]
    fn the_master_key_is_made_once_and_kept_for_its_owner() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = std::env::temp_dir().join(format!("callwatch-keys-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let path = folder.join("seat.key");
        let first = Keys::load_or_create(&path).unwrap();
        let second = Keys::load_or_create(&path).unwrap();
        assert_eq!(first.of("C-01"), second.of("C-01"));
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
        fs::write(&path, b"short").unwrap();
        let error = Keys::load_or_create(&path).unwrap_err();
        assert!(error.to_string().contains("must hold 32 bytes"), "{error}");
        fs::remove_dir_all(&folder).unwrap();
    }
}
