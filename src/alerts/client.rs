//! The HTTP client that every channel shares.

use std::path::Path;

use anyhow::{Context as _, ensure};
use rustls::crypto::{CryptoProvider, ring};

/// A client that follows no redirect, knows no proxy and trusts the roots of the system.
///
/// A machine without any roots gets one that reaches `http` only: every `https` attempt
/// fails, and is tried again, until roots are installed and the daemon is restarted.
pub fn client() -> Result<reqwest::Client, reqwest::Error> {
    provide();
    builder().build().or_else(|error| {
        let error: &dyn std::error::Error = &error;
        tracing::warn!(
            error,
            "no certificate authorities: https channels cannot be reached; install ca-certificates and restart"
        );
        builder().tls_certs_only([]).build()
    })
}

/// As [`client`], and trusts the authorities of a file in PEM too.
pub fn client_trusting(ca: &Path) -> anyhow::Result<reqwest::Client> {
    provide();
    let file = ca.display();
    let pem = std::fs::read(ca).with_context(|| format!("{file} cannot be read"))?;
    let certificates = reqwest::Certificate::from_pem_bundle(&pem).unwrap_or_default();
    ensure!(
        !certificates.is_empty(),
        "{file} holds no certificate in PEM: that begins with -----BEGIN CERTIFICATE-----"
    );
    let merged = builder().tls_certs_merge(certificates.clone()).build();
    let alone = || builder().tls_certs_only(certificates).build();
    merged.or_else(|_| alone()).context("the HTTP client")
}

fn provide() {
    // Somebody else in the process may have been first; any provider will do.
    if CryptoProvider::get_default().is_none()
        && ring::default_provider().install_default().is_err()
    {
        tracing::debug!("another crypto provider was installed at the same time");
    }
}

pub(super) fn builder() -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .user_agent(concat!("callwatch/", env!("CARGO_PKG_VERSION")))
        .redirect(reqwest::redirect::Policy::none())
        // What the environment says is not what the operator wrote into the file.
        .no_proxy()
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    const SPEAKS: &str = "alerts::client::tests::it_speaks_plain_http_and_names_itself";

    #[tokio::test]
    async fn it_speaks_plain_http_and_names_itself() {
        let client = client().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let serve = async {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = vec![0; 4096];
            let length = stream.read(&mut request).await.unwrap();
            let answer = b"HTTP/1.1 302 Found\r\nlocation: /login\r\ncontent-length: 0\r\n\r\n";
            stream.write_all(answer).await.unwrap();
            String::from_utf8_lossy(&request[..length]).into_owned()
        };
        let ask = client.get(format!("http://{address}/")).send();
        let (request, response) = tokio::join!(serve, ask);
        assert!(request.contains(concat!("user-agent: callwatch/", env!("CARGO_PKG_VERSION"))));
        assert_eq!(
            response.unwrap().status(),
            302,
            "a redirect is not followed"
        );
    }

    #[test]
    fn it_is_built_on_a_machine_without_certificate_authorities() {
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", SPEAKS])
            .env("SSL_CERT_FILE", "/nonexistent")
            .env("SSL_CERT_DIR", "/nonexistent")
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&child.stdout);
        assert!(child.status.success(), "{said}");
        assert!(said.contains("1 passed"), "{said}");
    }
}
