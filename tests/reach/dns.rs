//! Name servers, good and odd ones.

use callwatch::probes::reach::{Answer, Fault, Stage};
use tokio::net::UdpSocket;

use crate::{PATIENCE, asked, asked_in_vain, client, fault};

/// Of a question: response, with this code and so many answers.
fn head(question: &[u8], code: u8, answers: u8) -> Vec<u8> {
    let mut reply = question.to_vec();
    reply[2..8].copy_from_slice(&[0x81, 0x80 | code, 0, 1, 0, answers]);
    reply
}

/// The same, with an address.
fn address(question: &[u8]) -> Vec<u8> {
    let record = [0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 7];
    [head(question, 0, 1), record.to_vec()].concat()
}

/// Asks a server that answers the one question with these datagrams.
async fn ask(answers: impl Fn(&[u8]) -> Vec<Vec<u8>>) -> Answer {
    let server = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let target = format!("dns://{}/crm.example", server.local_addr().unwrap());
    let mut client = client(&target, PATIENCE);
    let serve = async {
        let mut question = [0; 512];
        let (length, from) = server.recv_from(&mut question).await.unwrap();
        for answer in answers(&question[..length]) {
            server.send_to(&answer, from).await.unwrap();
        }
    };
    let (answer, ()) = tokio::join!(client.probe(), serve);
    answer
}

#[tokio::test]
async fn an_address_is_told() {
    let answer = ask(|question| vec![address(question)]).await;
    assert_eq!(answer.reached, Ok(()));
    assert_eq!(answer.way.records, ["192.0.2.7"]);
    assert!(answer.way.answered_in.is_some());
}

#[tokio::test]
async fn what_answers_somebody_else_is_passed_over() {
    let answer = ask(|question| {
        let mut foreign = head(question, 3, 0);
        foreign[0] ^= 0xff;
        vec![foreign, b"junk".to_vec(), address(question)]
    })
    .await;
    assert_eq!(answer.reached, Ok(()));
}

#[tokio::test]
async fn each_way_of_not_telling_has_a_name_of_its_own() {
    let none = fault(ask(|question| vec![head(question, 3, 0)]).await);
    let name = "crm.example".to_owned();
    assert_eq!(none, Fault::NoSuchName { name });
    assert!(none.why().en.contains("NXDOMAIN") && none.why().zh.contains("NXDOMAIN"));
    let empty = fault(ask(|question| vec![head(question, 0, 0)]).await);
    assert!(matches!(empty, Fault::NoRecord { .. }), "{empty:?}");
    let refused = fault(ask(|question| vec![head(question, 5, 0)]).await);
    assert_eq!(refused, Fault::NameServerRefuses { code: 5 });
    let cut = fault(ask(|question| vec![head(question, 0, 1)]).await);
    assert_eq!(cut, Fault::NoDns);
}

#[tokio::test]
async fn a_server_that_is_not_there_refuses_and_a_silent_one_is_silent() {
    let server = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let peer = server.local_addr().unwrap();
    let target = format!("dns://{peer}/crm.example?type=MX");
    let silent = asked_in_vain(&target).await;
    assert!(
        matches!(
            silent,
            Fault::Silence {
                stage: Stage::Reply,
                ..
            }
        ),
        "{silent:?}"
    );
    drop(server);
    assert_eq!(fault(asked(&target).await), Fault::Refused { peer });
}
