//! A certificate authority, made for one test.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd};

pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    certificate: Vec<u8>,
}

/// What a server needs, in PEM.
pub(crate) struct Made {
    pub(crate) certificate: String,
    pub(crate) key: String,
}

impl Authority {
    pub(crate) fn new(name: &str) -> Self {
        let mut parameters = CertificateParams::new(Vec::new()).expect("no name is a good one");
        parameters.distinguished_name.push(DnType::CommonName, name);
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("randomness");
        let certificate = parameters.self_signed(&key).expect("it is signed");
        let certificate = certificate.der().to_vec();
        Self {
            issuer: Issuer::new(parameters, key),
            certificate,
        }
    }

    /// Its own certificate, in PEM.
    pub(crate) fn pem(&self) -> String {
        pem("CERTIFICATE", &self.certificate)
    }

    /// For this name, until the first day of a year.
    pub(crate) fn server(&self, name: &str, until: i32) -> Made {
        let mut parameters = CertificateParams::new([name.to_owned()]).expect("a name");
        parameters.not_before = date_time_ymd(2000, 1, 1);
        parameters.not_after = date_time_ymd(until, 1, 1);
        self.sign(&parameters)
    }

    /// What is signed for whatever it says.
    pub(crate) fn sign(&self, parameters: &CertificateParams) -> Made {
        let key = KeyPair::generate().expect("randomness");
        let certificate = parameters
            .signed_by(&key, &self.issuer)
            .expect("it is signed");
        Made {
            certificate: pem("CERTIFICATE", certificate.der()),
            key: pem("PRIVATE KEY", &key.serialize_der()),
        }
    }
}

fn pem(label: &str, der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    format!("-----BEGIN {label}-----\n{text}\n-----END {label}-----\n")
}
