//! Connections, and names.

use callwatch::probes::reach::{Fault, Stage};
use tokio::net::{TcpListener, TcpSocket, TcpStream};

use crate::{asked, asked_in_vain, fault};

#[tokio::test]
async fn a_port_that_listens_is_reached_by_address_and_by_name() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let local = listener.local_addr().unwrap();
    let answer = asked(&format!("tcp://{local}")).await;
    assert_eq!(answer.reached, Ok(()));
    assert_eq!(answer.way.addresses, [local.ip()]);
    assert_eq!(answer.way.peer, Some(local));
    assert!(answer.way.resolved_in.is_none() && answer.way.connected_in.is_some());
    // It may have an address of version 6 too, where nothing listens.
    let answer = asked(&format!("tcp://localhost:{}", local.port())).await;
    assert_eq!((answer.reached, answer.way.peer), (Ok(()), Some(local)));
    assert!(answer.way.resolved_in.is_some());
}

#[tokio::test]
async fn a_port_where_nothing_listens_refuses() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let peer = listener.local_addr().unwrap();
    drop(listener);
    let fault = fault(asked(&format!("tcp://{peer}")).await);
    assert_eq!(fault, Fault::Refused { peer });
}

#[tokio::test]
async fn a_host_that_says_nothing_is_silent() {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(1).unwrap();
    let peer = listener.local_addr().unwrap();
    // Nobody accepts: the kernel drops whoever comes when its queue of two is full.
    let mut queue = Vec::new();
    for _ in 0..2 {
        queue.push(TcpStream::connect(peer).await.unwrap());
    }
    let fault = asked_in_vain(&format!("tcp://{peer}")).await;
    let Fault::Silence {
        stage, peer: at, ..
    } = fault
    else {
        panic!("{fault:?}");
    };
    assert_eq!((stage, at), (Stage::Connection, Some(peer)));
}

#[tokio::test]
async fn a_name_that_does_not_resolve_is_named() {
    // Reserved, so that nobody has it (RFC 6761, 6.4).
    let name = "no-such-host.invalid".to_owned();
    let fault = fault(asked("tcp://no-such-host.invalid:80").await);
    // Which of the two depends on whether there are name servers here.
    let (unknown, silent) = (
        Fault::NoSuchHost { host: name.clone() },
        Fault::NoNameServer { host: name },
    );
    assert!(fault == unknown || fault == silent, "{fault:?}");
}
