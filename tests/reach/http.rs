//! HTTP: conditions, redirects, bounds, and connections that are kept.

use callwatch::probes::reach::{Fault, Stage};
use tokio::net::TcpListener;

use crate::server::{Reply, Server};
use crate::{IMPATIENCE, PATIENCE, asked, asked_in_vain, client, fault};

/// The path of a request.
fn path(head: &str) -> &str {
    head.split(' ').nth(1).unwrap()
}

#[tokio::test]
async fn a_service_is_reached_where_its_conditions_hold() {
    let server = Server::plain(|_, head| match path(head) {
        "/health" => Reply::ok(r#"{"status":"ok","queue":3}"#),
        "/login?next=/" => Reply::whole("401 Unauthorized", "", "登录".as_bytes()),
        _ => Reply::whole("503 Service Unavailable", "", b"database gone"),
    })
    .await;
    let at = |rest: &str| format!("http://127.0.0.1:{}{rest}", server.port);
    for good in [
        "/health",
        "/health#status=200&has=ok&json=/status:ok&json=/queue:3",
        "/login?next=/#status=401&has=登录",
        "/other#status=5xx",
    ] {
        let answer = asked(&at(good)).await;
        assert_eq!(answer.reached, Ok(()), "{good}");
        assert!(answer.way.answered_in.is_some() && answer.way.bytes > 0);
    }
    let answer = asked(&at("/other")).await;
    assert_eq!(answer.way.status, Some(503));
    assert!(matches!(fault(answer), Fault::Status { status: 503, .. }));
    let lacks = fault(asked(&at("/health#has=ready")).await);
    assert!(matches!(lacks, Fault::Lacks { .. }), "{lacks:?}");
    let other = fault(asked(&at("/health#json=/status:down")).await);
    assert!(matches!(other, Fault::OtherValue { got, .. } if got == "ok"));
    let value = fault(asked(&at("/health#json=/state:ok")).await);
    assert!(matches!(value, Fault::NoValue { .. }), "{value:?}");
    let json = fault(asked(&at("/other#status=503&json=/a:b")).await);
    assert_eq!(json, Fault::NoJson);
}

#[tokio::test]
async fn it_says_who_asks_and_with_which_password() {
    let server = Server::plain(|_, head| {
        let head = head.to_lowercase();
        let whole = head.contains("host: 127.0.0.1:")
            && head.contains("user-agent: callwatch/")
            // probe:s@cret
            && head.contains("authorization: basic chjvymu6c0bjcmv0");
        Reply::ok(if whole { "welcome" } else { "who?" })
    })
    .await;
    let target = format!(
        "http://probe:s%40cret@127.0.0.1:{}/#has=welcome",
        server.port
    );
    assert_eq!(asked(&target).await.reached, Ok(()));
}

#[tokio::test]
async fn a_redirect_is_followed_only_where_somebody_says_so() {
    let other = Server::plain(|_, head| {
        let told = head.to_lowercase().contains("authorization");
        Reply::ok(if told { "told the password" } else { "arrived" })
    })
    .await;
    let to = format!("http://127.0.0.1:{}/home", other.port);
    let server = Server::plain(move |_, head| {
        let to = match path(head) {
            "/circle" => "/circle".to_owned(),
            "/odd" => "ftp://x/".to_owned(),
            _ => to.clone(),
        };
        Reply::whole("302 Found", &format!("location: {to}\r\n"), b"")
    })
    .await;
    let at = |rest: &str| format!("http://u:secret@127.0.0.1:{}{rest}", server.port);
    let status = fault(asked(&at("/")).await);
    let Fault::Status {
        status, location, ..
    } = &status
    else {
        panic!("{status:?}");
    };
    assert_eq!(*status, 302);
    assert!(location.as_ref().unwrap().ends_with("/home"));
    assert_eq!(asked(&at("/#status=302&follow=1")).await.reached, Ok(()));
    let answer = asked(&at("/#follow=1&has=arrived")).await;
    assert_eq!((answer.reached, answer.way.redirects), (Ok(()), 1));
    let circle = fault(asked(&at("/circle#follow=2")).await);
    assert_eq!(circle, Fault::TooManyRedirects { most: 2 });
    let odd = fault(asked(&at("/odd#follow=2")).await);
    assert!(matches!(odd, Fault::BadRedirect { .. }), "{odd:?}");
}

#[tokio::test]
async fn the_connection_is_kept_and_one_that_was_closed_is_no_fault() {
    let server = Server::plain(|number, _| match number {
        1 => Reply::ok("and now I close").close(),
        _ => Reply::ok("fine"),
    })
    .await;
    let mut client = client(&format!("http://127.0.0.1:{}/", server.port), PATIENCE);
    let mut fresh = Vec::new();
    for _ in 0..4 {
        let answer = client.probe().await;
        assert_eq!(answer.reached, Ok(()));
        assert_eq!(answer.way.peer.unwrap().port(), server.port);
        fresh.push(answer.way.connected_in.is_some());
    }
    assert_eq!(fresh, [true, false, true, false]);
    assert_eq!(server.connections(), 2);
}

#[tokio::test]
async fn a_long_body_is_read_so_far_and_no_farther() {
    let server = Server::plain(|_, _| {
        let mut body = b"<html>ready".to_vec();
        body.resize(1024 * 1024, b' ');
        Reply::whole("200 OK", "", &body)
    })
    .await;
    let at = |rest: &str| format!("http://127.0.0.1:{}/{rest}", server.port);
    let mut client = client(&at("#has=ready"), PATIENCE);
    for _ in 0..2 {
        let answer = client.probe().await;
        assert_eq!((answer.reached, answer.way.bytes), (Ok(()), 256 * 1024));
    }
    let long = fault(asked(&at("#json=/a:b")).await);
    assert_eq!(long, Fault::TooLong { most: 256 * 1024 });
}

#[tokio::test]
async fn a_service_that_answers_a_byte_a_time_delays_nobody() {
    let slow = Server::plain(|_, head| match path(head) {
        "/body" => Reply::raw(b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n").drip(),
        _ => Reply::raw(b"HTTP/1.1 200 OK\r\nx-slow: ").drip(),
    })
    .await;
    let good = Server::plain(|_, _| Reply::ok("fine")).await;
    let slow = |path: &str| format!("http://127.0.0.1:{}/{path}", slow.port);
    // Nobody gives up on these before the good one has answered.
    let (mut body, mut head) = (
        client(&slow("body"), PATIENCE),
        client(&slow("head"), PATIENCE),
    );
    let good = format!("http://127.0.0.1:{}/#has=fine", good.port);
    tokio::select! {
        biased;
        answer = body.probe() => panic!("{answer:?}"),
        answer = head.probe() => panic!("{answer:?}"),
        answer = asked(&good) => assert_eq!(answer.reached, Ok(())),
    }
    let fault = asked_in_vain(&slow("body")).await;
    assert!(
        matches!(
            fault,
            Fault::TooSlow {
                bytes: 1..,
                after: IMPATIENCE
            }
        ),
        "{fault:?}"
    );
    let fault = asked_in_vain(&slow("head")).await;
    let Fault::Silence { stage, .. } = fault else {
        panic!("{fault:?}");
    };
    assert_eq!(stage, Stage::Head);
}

#[tokio::test]
async fn a_service_that_takes_the_connection_and_says_nothing_is_silent() {
    let server = Server::plain(|_, _| Reply::raw(b"").hang()).await;
    let fault = asked_in_vain(&format!("http://127.0.0.1:{}/", server.port)).await;
    assert!(
        matches!(
            fault,
            Fault::Silence {
                stage: Stage::Head,
                ..
            }
        ),
        "{fault:?}"
    );
}

#[tokio::test]
async fn half_an_answer_is_no_answer() {
    let server = Server::plain(|_, head| match path(head) {
        "/none" => Reply::raw(b"").close(),
        "/head" => Reply::raw(b"HTTP/1.1 200 OK\r\ncontent-").close(),
        _ => Reply::raw(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf").close(),
    })
    .await;
    for (path, wanted) in [
        ("none", Stage::Head),
        ("head", Stage::Head),
        ("body", Stage::Body),
    ] {
        let cut = fault(asked(&format!("http://127.0.0.1:{}/{path}", server.port)).await);
        let Fault::Cut { stage, .. } = cut else {
            panic!("{path}: {cut:?}");
        };
        assert_eq!(stage, wanted, "{path}");
    }
}

#[tokio::test]
async fn what_is_not_http_is_named() {
    let server = Server::plain(|_, _| Reply::raw(b"SSH-2.0-OpenSSH_9.9\r\n").close()).await;
    let target = format!("http://127.0.0.1:{}/", server.port);
    assert_eq!(fault(asked(&target).await), Fault::NoHttp);
    // A head that has no end.
    let server = Server::plain(|_, _| {
        let head = b"HTTP/1.1 200 OK\r\nx: ".to_vec();
        Reply::raw(&[head, vec![b'x'; 1024 * 1024]].concat()).close()
    })
    .await;
    let target = format!("http://127.0.0.1:{}/", server.port);
    assert_eq!(fault(asked(&target).await), Fault::NoHttp);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let peer = listener.local_addr().unwrap();
    drop(listener);
    let refused = fault(asked(&format!("http://{peer}/")).await);
    assert_eq!(refused, Fault::Refused { peer });
}
