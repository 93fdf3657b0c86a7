//! A server's end of TLS, made for one test.

use std::sync::Arc;

use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::TlsAcceptor;

use crate::probes::reach::authority::Made;

/// Shows what was made.
pub(crate) fn acceptor(made: &Made) -> TlsAcceptor {
    let key = PrivateKeyDer::from_pem_slice(made.key.as_bytes()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![der(&made.certificate)], key)
        .unwrap();
    TlsAcceptor::from(Arc::new(config))
}

/// A certificate out of its PEM.
pub(crate) fn der(certificate: &str) -> CertificateDer<'static> {
    CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap()
}
