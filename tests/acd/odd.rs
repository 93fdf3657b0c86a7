//! What is no Asterisk, or a hostile one: a clear error that names the source, in
//! bounded time and memory, and nobody else is delayed.

use std::future::Future;
use std::net::SocketAddr;
use std::time::Duration;

use callwatch::acd::{Blind, NoReading, Outage};
use callwatch::probes::ami::Client;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::{HASTY, PATIENT, centre, down, poll, settings, why};

const BANNER: &[u8] = b"Asterisk Call Manager/11.0.0\r\n";

/// Does this with each connection.
async fn peer<F>(serve: impl Fn(TcpStream) -> F + Send + 'static) -> (JoinSet<()>, SocketAddr)
where
    F: Future<Output = std::io::Result<()>> + Send,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let mut tasks = JoinSet::new();
    tasks.spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            // Whoever hangs up on it has seen enough.
            drop(serve(stream).await);
        }
    });
    (tasks, address)
}

/// Says this, and keeps the connection until the other side goes.
async fn say(mut stream: TcpStream, bytes: Vec<u8>) -> std::io::Result<()> {
    stream.write_all(&bytes).await?;
    let mut reader = BufReader::new(stream);
    let mut line = Vec::new();
    while reader.read_until(b'\n', &mut line).await? > 0 {
        line.clear();
    }
    Ok(())
}

/// Lets everybody in, and answers each list with this; `<id>` stands for the identifier.
async fn answer_lists(stream: TcpStream, list: Vec<u8>) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    stream.write_all(BANNER).await?;
    let (mut action, mut id) = (String::new(), String::new());
    let mut line = String::new();
    while stream.read_line(&mut line).await? > 0 {
        match line.trim_end().split_once(": ") {
            Some(("Action", value)) => value.clone_into(&mut action),
            Some(("ActionID", value)) => value.clone_into(&mut id),
            Some(_) => {}
            None => {
                let head = format!("Response: Success\r\nActionID: {id}\r\nChallenge: 1\r\n\r\n");
                stream.write_all(head.as_bytes()).await?;
                if action.starts_with("Queue") {
                    let list = String::from_utf8_lossy(&list).replace("<id>", &id);
                    stream.write_all(list.as_bytes()).await?;
                }
            }
        }
        line.clear();
    }
    Ok(())
}

#[tokio::test]
async fn something_else_on_the_port_is_named_as_what_it_says() {
    let (_peer, address) = peer(|stream| say(stream, b"220 mail.example ESMTP\r\n".to_vec())).await;
    let error = poll(&mut Client::new(settings(address))).await.unwrap_err();
    let said = error.to_string();
    assert!(said.starts_with(&address.to_string()), "{said}");
    assert!(said.contains("220 mail.example ESMTP"), "{said}");
}

#[tokio::test]
async fn a_greeting_without_an_end_and_a_line_without_an_end_are_too_much() {
    let (_peer, address) = peer(|stream| say(stream, vec![b'x'; 1 << 20])).await;
    let told = why(&mut Client::new(settings(address))).await;
    assert_eq!(told, NoReading::Blind(Blind::TooMuch { most: 256 }));
    let endless = |stream| async move {
        let mut bytes = BANNER.to_vec();
        bytes.resize(1 << 20, b'x');
        say(stream, bytes).await
    };
    let (_peer, address) = peer(endless).await;
    let told = why(&mut Client::new(settings(address))).await;
    assert_eq!(told, NoReading::Blind(Blind::TooMuch { most: 64 * 1024 }));
}

#[tokio::test]
async fn a_list_of_more_than_10_mb_is_too_much_and_says_whose_it_is() {
    let item = b"Event: QueueMember\r\nQueue: a\r\nActionID: <id>\r\n\r\n";
    let list = item.repeat(11 * 1024 * 1024 / item.len());
    let (_peer, address) = peer(move |stream| answer_lists(stream, list.clone())).await;
    let error = poll(&mut Client::new(settings(address))).await.unwrap_err();
    let most = 10 * 1024 * 1024;
    assert_eq!(*error.why(), NoReading::Blind(Blind::TooMuch { most }));
    assert!(error.to_string().starts_with(&address.to_string()));
}

#[tokio::test]
async fn half_a_message_and_then_an_end_is_a_hang_up() {
    let half = |mut stream: TcpStream| async move {
        stream.write_all(BANNER).await?;
        stream.write_all(b"Response: Suc").await
    };
    let (_peer, address) = peer(half).await;
    let told = why(&mut Client::new(settings(address))).await;
    assert_eq!(told, down(Outage::HungUp));
}

#[tokio::test]
async fn a_line_break_in_a_name_is_not_believed() {
    let forged = |name: &str| {
        format!(
            "Event: QueueSummary\r\nQueue: a\r\nName: {name}\r\nLoggedIn: 2\r\nAvailable: 2\r\n\
             Callers: 9\r\nLongestHoldTime: 400\r\nActionID: <id>\r\n\r\n\
             Event: QueueParams\r\nQueue: a\r\nCompleted: 0\r\nAbandoned: 0\r\nActionID: <id>\r\n\r\n\
             Event: QueueStatusComplete\r\nActionID: <id>\r\nEventList: Complete\r\nListItems: 2\r\n\r\n"
        )
    };
    // What ends no line of AMI stays in the name.
    let list = forged("x\nCallers: 0");
    let (_peer, address) = peer(move |stream| answer_lists(stream, list.clone().into())).await;
    let reading = poll(&mut Client::new(settings(address))).await.unwrap();
    assert_eq!(reading.queue("a").unwrap().waiting, Some(9));
    // What does makes two of a figure, and then neither is believed.
    let list = forged("x\r\nCallers: 0");
    let (_peer, address) = peer(move |stream| answer_lists(stream, list.clone().into())).await;
    let reading = poll(&mut Client::new(settings(address))).await.unwrap();
    assert!(matches!(reading.queue("a"), Err(Blind::Garbage { .. })));
    // And what ends the message leaves two halves, of which neither is a queue.
    let list = forged("x\r\n\r\ny: z");
    let (_peer, address) = peer(move |stream| answer_lists(stream, list.clone().into())).await;
    let reading = poll(&mut Client::new(settings(address))).await.unwrap();
    assert_eq!(reading.queue("a"), Err(Blind::UnknownQueue));
}

#[tokio::test]
async fn a_byte_a_second_ends_in_its_time_and_delays_nobody_else() {
    let drip = |mut stream: TcpStream| async move {
        for byte in BANNER.iter().cycle() {
            stream.write_all(&[*byte]).await?;
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        Ok(())
    };
    let (_peer, address) = peer(drip).await;
    let mut slow = Client::new(settings(address).patience(HASTY, PATIENT));
    let ami = centre(callwatch::clock::Clock::real()).await;
    let mut good = Client::new(settings(ami.address()));
    let (slow, good) = tokio::join!(why(&mut slow), poll(&mut good));
    assert_eq!(slow, down(Outage::Hung));
    assert!(good.is_ok());
    // Greeted in time and then answered a byte at a time: the whole poll has an end.
    let drip = |stream: TcpStream| async move {
        let mut stream = stream;
        stream.write_all(BANNER).await?;
        for byte in b"Response: Success\r\n".iter().cycle() {
            stream.write_all(&[*byte]).await?;
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(())
    };
    let (_peer, address) = peer(drip).await;
    let mut slow = Client::new(settings(address).patience(PATIENT, Duration::from_secs(1)));
    assert_eq!(why(&mut slow).await, NoReading::Blind(Blind::Slow));
}
