//! A certificate with its key, as they lie in two files of PEM.

use std::fmt;
use std::fs::{File, Metadata};
use std::io::{self, Read as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use rustls::InconsistentKeys;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;

use crate::probes::reach::not_after;

/// A chain of certificates takes some KiB.
const LONGEST: u64 = 1024 * 1024;

/// Where they lie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Files {
    /// The server's own certificate first, then those between it and its authority.
    pub certificate: PathBuf,
    pub key: PathBuf,
}

/// What the listener shows, and proves.
#[derive(Clone)]
pub struct Identity {
    pub files: Files,
    /// When the server's own certificate ends.
    pub until: Timestamp,
    pub(super) certified: Arc<CertifiedKey>,
    /// Of the files, before they were read.
    pub(super) stamps: Stamps,
}

/// Of a certificate and its key, each absent where it cannot be looked at.
pub(super) type Stamps = [Option<Stamp>; 2];

/// What tells that a file was written anew, or may be read by others than before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    device: u64,
    inode: u64,
    length: u64,
    /// Of its content or its rights: seconds and nanoseconds.
    changed: (i64, i64),
}

/// Why two files are no identity; reads aloud.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    #[error("there is no file {}: write the certificate there in PEM, or pass it as a systemd credential", .path.display())]
    NoCertificateFile { path: PathBuf },
    #[error("there is no file {}: write the key there in PEM, or pass it as a systemd credential", .path.display())]
    NoKeyFile { path: PathBuf },
    #[error("{} cannot be read: {why}; let callwatch read it: chgrp callwatch, chmod 0640", .path.display())]
    CertificateUnread { path: PathBuf, why: io::Error },
    #[error("{} cannot be read: {why}; let callwatch read it: chgrp callwatch, chmod 0640", .path.display())]
    KeyUnread { path: PathBuf, why: io::Error },
    #[error("{} holds no certificate in PEM: that begins with -----BEGIN CERTIFICATE-----", .path.display())]
    NoCertificate { path: PathBuf },
    #[error("{} holds a certificate that cannot be read ({why}): have it made anew", .path.display())]
    OddCertificate { path: PathBuf, why: String },
    #[error("{} holds no key in PEM without a passphrase: that begins with -----BEGIN PRIVATE KEY-----", .path.display())]
    NoKey { path: PathBuf },
    #[error("{} holds a key that cannot be used: take one of ECDSA P-256, or of RSA with 2048 bits or more", .path.display())]
    OddKey { path: PathBuf },
    #[error("{} is not the key of {}: put the two in place that were made together", .0.key.display(), .0.certificate.display())]
    Mismatch(Files),
}

impl IdentityError {
    /// Whether it is the key that is wrong, and not the certificate.
    pub fn is_of_key(&self) -> bool {
        match self {
            Self::NoCertificateFile { .. }
            | Self::CertificateUnread { .. }
            | Self::NoCertificate { .. }
            | Self::OddCertificate { .. } => false,
            Self::NoKeyFile { .. }
            | Self::KeyUnread { .. }
            | Self::NoKey { .. }
            | Self::OddKey { .. }
            | Self::Mismatch(_) => true,
        }
    }
}

impl Files {
    pub(super) fn stamps(&self) -> Stamps {
        let of = |path: &Path| path.metadata().ok().as_ref().map(stamp);
        [of(&self.certificate), of(&self.key)]
    }
}

fn stamp(known: &Metadata) -> Stamp {
    Stamp {
        device: known.dev(),
        inode: known.ino(),
        length: known.size(),
        changed: (known.ctime(), known.ctime_nsec()),
    }
}

impl Identity {
    /// Reads both files.
    pub fn read(files: &Files) -> Result<Self, IdentityError> {
        let stamps = files.stamps();
        let chain = certificates(&files.certificate)?;
        let own = chain.first().and_then(|own| not_after(own));
        let certified = CertifiedKey::new(chain, key(&files.key)?);
        let odd = |why: String| IdentityError::OddCertificate {
            path: files.certificate.clone(),
            why,
        };
        match certified.keys_match() {
            Ok(()) | Err(rustls::Error::InconsistentKeys(InconsistentKeys::Unknown)) => {}
            Err(rustls::Error::InconsistentKeys(_)) => {
                return Err(IdentityError::Mismatch(files.clone()));
            }
            Err(error) => return Err(odd(error.to_string())),
        }
        Ok(Self {
            files: files.clone(),
            until: own.ok_or_else(|| odd("its end".to_owned()))?,
            certified: Arc::new(certified),
            stamps,
        })
    }

    /// The server's own certificate, in DER.
    pub fn own(&self) -> Option<&CertificateDer<'static>> {
        self.certified.cert.first()
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let certificate = self.files.certificate.display();
        write!(f, "Identity({certificate}, until {})", self.until)
    }
}

impl PartialEq for Identity {
    fn eq(&self, other: &Self) -> bool {
        self.files == other.files && self.certified.cert == other.certified.cert
    }
}

impl Eq for Identity {}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, IdentityError> {
    let own = || path.to_owned();
    let pem = bytes(path).map_err(|why| match why.kind() {
        io::ErrorKind::NotFound => IdentityError::NoCertificateFile { path: own() },
        _ => IdentityError::CertificateUnread { path: own(), why },
    })?;
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
    let chain = chain.unwrap_or_default();
    if chain.is_empty() {
        return Err(IdentityError::NoCertificate { path: own() });
    }
    Ok(chain)
}

fn key(path: &Path) -> Result<Arc<dyn rustls::sign::SigningKey>, IdentityError> {
    let own = || path.to_owned();
    let pem = bytes(path).map_err(|why| match why.kind() {
        io::ErrorKind::NotFound => IdentityError::NoKeyFile { path: own() },
        _ => IdentityError::KeyUnread { path: own(), why },
    })?;
    let key = PrivateKeyDer::from_pem_slice(&pem);
    let key = key.map_err(|_| IdentityError::NoKey { path: own() })?;
    ring::sign::any_supported_type(&key).map_err(|_| IdentityError::OddKey { path: own() })
}

fn bytes(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(LONGEST).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::tls::scratch::Scratch;

    #[test]
    fn two_files_that_belong_together_are_read_with_their_end() {
        let scratch = Scratch::new("identity");
        scratch.put("localhost", 4000);
        let identity = Identity::read(&scratch.files).unwrap();
        assert_eq!(identity.until.to_string(), "4000-01-01T00:00:00Z");
    }

    #[test]
    fn what_is_wrong_with_the_files_names_the_file_and_the_mend() {
        let scratch = Scratch::new("identity-faults");
        let Files { certificate, key } = &scratch.files;
        let fault = || {
            let error = Identity::read(&scratch.files).unwrap_err();
            (error.is_of_key(), error.to_string())
        };
        let said = |of_key: bool, file: &Path, mend: &str| {
            let (is_of_key, said) = fault();
            assert_eq!(is_of_key, of_key, "{said}");
            assert!(said.contains(&file.display().to_string()), "{said}");
            assert!(said.contains(mend), "{said}");
        };
        said(false, certificate, "there is no file");
        std::fs::write(certificate, "hello").unwrap();
        said(false, certificate, "-----BEGIN CERTIFICATE-----");
        let odd = "-----BEGIN CERTIFICATE-----\naGVsbG8=\n-----END CERTIFICATE-----\n";
        scratch.put("localhost", 4000);
        std::fs::write(certificate, odd).unwrap();
        said(false, certificate, "have it made anew");
        scratch.put("localhost", 4000);
        std::fs::write(key, "hello").unwrap();
        said(true, key, "without a passphrase");
        std::fs::remove_file(key).unwrap();
        said(true, key, "there is no file");
        std::fs::create_dir(key).unwrap();
        said(true, key, "cannot be read");
        std::fs::remove_dir(key).unwrap();
        let odd = "-----BEGIN PRIVATE KEY-----\naGVsbG8=\n-----END PRIVATE KEY-----\n";
        std::fs::write(key, odd).unwrap();
        said(true, key, "ECDSA P-256");
        std::fs::write(key, scratch.authority.server("localhost", 4000).key).unwrap();
        said(true, key, "made together");
    }
}
