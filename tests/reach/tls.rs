//! TLS: whose certificate it is, for whom, and until when.

use callwatch::probes::reach::{Answer, Client, Fault, Shared, Stage};
use rustls::ServerConfig;
use tokio::net::TcpListener;

use crate::authority::{Authority, own_authority};
use crate::server::{Reply, Server};
use crate::{PATIENCE, asked, asked_in_vain, fault};

async fn ask(authority: &Authority, config: ServerConfig) -> Answer {
    let server = Server::secure(config, |_, _| Reply::ok("fine")).await;
    let target = format!("tls://localhost:{}", server.port).parse().unwrap();
    let shared = Shared::trusting(authority.trust());
    Client::new(target, PATIENCE, shared).probe().await
}

#[tokio::test]
async fn a_good_certificate_is_told_with_its_end() {
    let authority = Authority::new("centre");
    let config = authority.server("localhost", 2020, 2090);
    let server = Server::secure(config, |_, _| Reply::ok("fine")).await;
    let shared = Shared::trusting(authority.trust());
    for target in ["tls://localhost:", "https://localhost:"] {
        let target = format!("{target}{}", server.port).parse().unwrap();
        let mut client = Client::new(target, PATIENCE, shared.clone());
        for _ in 0..2 {
            let answer = client.probe().await;
            assert_eq!(answer.reached, Ok(()));
            let until = answer.way.certificate_until.unwrap();
            assert_eq!(until.to_string(), "2090-01-01T00:00:00Z");
        }
    }
    // Two by tls, which keeps none; one by https, which does.
    assert_eq!(server.connections(), 3);
}

#[tokio::test]
async fn a_certificate_that_is_not_in_force_is_told_with_its_date() {
    let authority = Authority::new("centre");
    let answer = ask(&authority, authority.server("localhost", 2019, 2021)).await;
    let until = answer.way.certificate_until.unwrap();
    assert_eq!(until.to_string(), "2021-01-01T00:00:00Z");
    let expired = fault(answer);
    assert_eq!(expired, Fault::Expired { not_after: until });
    let answer = ask(&authority, authority.server("localhost", 2088, 2090)).await;
    let Fault::NotYetValid { not_before } = fault(answer) else {
        panic!("it is of the future");
    };
    assert_eq!(not_before.to_string(), "2088-01-01T00:00:00Z");
}

#[tokio::test]
async fn a_certificate_for_another_or_of_a_stranger_is_named() {
    let authority = Authority::new("centre");
    let answer = ask(&authority, authority.server("crm.example", 2020, 2090)).await;
    let Fault::WrongName { host, named } = fault(answer) else {
        panic!("it is for another");
    };
    assert_eq!(host, "localhost");
    assert_eq!(named, ["crm.example"]);
    let stranger = Authority::new("stranger");
    let answer = ask(&authority, stranger.server("localhost", 2020, 2090)).await;
    assert_eq!(fault(answer), Fault::UnknownIssuer);
    let answer = ask(&authority, own_authority("localhost")).await;
    assert_eq!(fault(answer), Fault::OwnAuthority);
}

#[tokio::test]
async fn what_speaks_no_tls_is_named() {
    // A web server in the clear says what is wrong, in the clear.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let serve = async {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = [0; 64];
            tokio::io::AsyncReadExt::read(&mut stream, &mut request)
                .await
                .unwrap();
            let answer = b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n";
            tokio::io::AsyncWriteExt::write_all(&mut stream, answer)
                .await
                .unwrap();
            // What was not read would turn the end into a reset.
            let mut rest = Vec::new();
            drop(tokio::io::AsyncReadExt::read_to_end(&mut stream, &mut rest).await);
        }
    };
    let ask = async {
        for scheme in ["tls", "https"] {
            let no_tls = fault(asked(&format!("{scheme}://127.0.0.1:{port}")).await);
            assert!(matches!(no_tls, Fault::NoTls { .. }), "{no_tls:?}");
        }
    };
    tokio::select! {
        () = serve => {}
        () = ask => {}
    }
    // The kernel takes the connection, and nobody else does.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let silent = listener.local_addr().unwrap();
    let fault = asked_in_vain(&format!("tls://{silent}")).await;
    assert!(
        matches!(
            fault,
            Fault::Silence {
                stage: Stage::Tls,
                ..
            }
        ),
        "{fault:?}"
    );
}

#[tokio::test]
async fn a_service_with_tls_that_is_asked_in_the_clear_is_no_http() {
    let authority = Authority::new("centre");
    let config = authority.server("localhost", 2020, 2090);
    let server = Server::secure(config, |_, _| Reply::ok("fine")).await;
    let answer = asked(&format!("http://localhost:{}/", server.port)).await;
    assert_eq!(fault(answer), Fault::NoHttp);
}
