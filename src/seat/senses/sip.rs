//! Whether a telephone is alive: OPTIONS over UDP, to which it must answer something
//! (RFC 3261, 11). Whether it is registered only its exchange knows.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::{UdpSocket, lookup_host};
use tokio::time::{Instant, timeout};

const PORT: u16 = 5060;
/// It is said again after this, and then after twice as long: RFC 3261, 17.1.2.1.
const FIRST_WAIT: Duration = Duration::from_millis(500);
const TIMES: u32 = 3;
/// Longer answers are cut; their first line is what counts.
const LONGEST: usize = 1500;

/// Where a telephone listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    host: String,
    port: u16,
}

impl Place {
    /// `sip:HOST[:PORT]`, with or without slashes; `None` for anything else.
    pub(super) fn read(text: &str) -> Option<Self> {
        let place = text.strip_prefix("sip:")?;
        let place = place.strip_prefix("//").unwrap_or(place);
        let (host, port) = match place.strip_prefix('[') {
            Some(rest) => {
                let (host, port) = rest.split_once(']')?;
                (
                    host,
                    port.strip_prefix(':').or(port.is_empty().then_some("")),
                )
            }
            None => match place.split_once(':') {
                Some((host, port)) => (host, Some(port)),
                None => (place, Some("")),
            },
        };
        let port = match port? {
            "" => PORT,
            port => port.parse().ok().filter(|port| *port != 0)?,
        };
        // It stands in a message of lines.
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':');
        let host = host.to_owned();
        (!host.is_empty() && host.chars().all(plain)).then_some(Self { host, port })
    }
}

/// How long it took to answer, or why it did not.
pub(super) async fn ask(place: &Place) -> Result<Duration, String> {
    let mut addresses = lookup_host((place.host.as_str(), place.port))
        .await
        .map_err(|error| format!("{} is not found: {error}", place.host))?;
    let there = addresses
        .next()
        .ok_or_else(|| format!("{} has no address", place.host))?;
    options(there).await.map_err(|error| match error.kind() {
        io::ErrorKind::ConnectionRefused => {
            format!("{there} is there, and nobody listens for SIP")
        }
        io::ErrorKind::TimedOut => format!("{there} does not answer SIP"),
        _ => format!("{there} is not reached: {error}"),
    })
}

async fn options(there: SocketAddr) -> io::Result<Duration> {
    let any: SocketAddr = if there.is_ipv4() {
        ([0, 0, 0, 0], 0).into()
    } else {
        ([0; 16], 0).into()
    };
    let socket = UdpSocket::bind(any).await?;
    socket.connect(there).await?;
    let here = socket.local_addr()?;
    let mut random = [0; 8];
    getrandom::fill(&mut random).map_err(io::Error::other)?;
    let tag = format!("{:016x}", u64::from_be_bytes(random));
    let question = message(there, here, &tag);
    let begun = Instant::now();
    let mut wait = FIRST_WAIT;
    for _ in 0..TIMES {
        socket.send(question.as_bytes()).await?;
        if let Ok(heard) = timeout(wait, answer(&socket, &tag)).await {
            heard?;
            return Ok(begun.elapsed());
        }
        wait *= 2;
    }
    Err(io::ErrorKind::TimedOut.into())
}

/// Waits for an answer to this question; a telephone may say other things too.
async fn answer(socket: &UdpSocket, tag: &str) -> io::Result<()> {
    let mut heard = [0; LONGEST];
    loop {
        let length = socket.recv(&mut heard).await?;
        let heard = String::from_utf8_lossy(&heard[..length]);
        if heard.starts_with("SIP/2.0 ") && heard.contains(tag) {
            return Ok(());
        }
    }
}

fn message(there: SocketAddr, here: SocketAddr, tag: &str) -> String {
    format!(
        "OPTIONS sip:{there} SIP/2.0\r\n\
         Via: SIP/2.0/UDP {here};branch=z9hG4bK{tag};rport\r\n\
         Max-Forwards: 70\r\n\
         To: <sip:{there}>\r\n\
         From: <sip:callwatch@{here}>;tag={tag}\r\n\
         Call-ID: {tag}\r\n\
         CSeq: 1 OPTIONS\r\n\
         Contact: <sip:callwatch@{here}>\r\n\
         Accept: application/sdp\r\n\
         Content-Length: 0\r\n\r\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_host_and_perhaps_a_port() {
        let place = |text: &str| Place::read(text).map(|place| (place.host, place.port));
        let at = |host: &str, port| Some((host.to_owned(), port));
        assert_eq!(place("sip:10.0.3.17"), at("10.0.3.17", 5060));
        assert_eq!(place("sip://phone-7:5070"), at("phone-7", 5070));
        assert_eq!(place("sip:[::1]"), at("::1", 5060));
        assert_eq!(place("sip:[::1]:5070"), at("::1", 5070));
        for text in [
            "10.0.3.17",
            "sip:",
            "sip:a:0",
            "sip:a:b",
            "sip:me@a",
            "sip:a\r\nb",
            "sip:[::1",
            "sip:[::1]x",
        ] {
            assert_eq!(place(text), None, "{text}");
        }
    }

    /// Answers the `nth` question that comes with a line; the rest of the head is the question's.
    async fn phone(socket: UdpSocket, nth: usize, line: &str) -> String {
        let mut heard = [0; LONGEST];
        for n in 1.. {
            let (length, from) = socket.recv_from(&mut heard).await.unwrap();
            let question = String::from_utf8_lossy(&heard[..length]).into_owned();
            if n == nth {
                socket
                    .send_to(b"NOTIFY sip:you SIP/2.0\r\n\r\n", from)
                    .await
                    .unwrap();
                let (_, lines) = question.split_once("\r\n").unwrap();
                let answer = format!("{line}\r\n{lines}");
                socket.send_to(answer.as_bytes(), from).await.unwrap();
                return question;
            }
        }
        unreachable!("it goes on for ever")
    }

    #[tokio::test]
    async fn any_answer_proves_a_telephone_alive_and_a_lost_question_is_asked_again() {
        for (nth, line) in [(1, "SIP/2.0 200 OK"), (2, "SIP/2.0 404 Not Found")] {
            let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
            let port = socket.local_addr().unwrap().port();
            let place = Place::read(&format!("sip:127.0.0.1:{port}")).unwrap();
            let (asked, answered) = tokio::join!(phone(socket, nth, line), ask(&place));
            answered.unwrap();
            assert!(asked.starts_with(&format!("OPTIONS sip:127.0.0.1:{port} SIP/2.0\r\n")));
            assert!(asked.ends_with("Content-Length: 0\r\n\r\n"), "{asked}");
        }
    }

    #[tokio::test]
    async fn a_silent_one_and_one_that_is_none_are_told_apart() {
        let silent = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let port = silent.local_addr().unwrap().port();
        let place = Place::read(&format!("sip:127.0.0.1:{port}")).unwrap();
        let why = ask(&place).await.unwrap_err();
        assert!(why.ends_with("does not answer SIP"), "{why}");
        drop(silent);
        let why = ask(&place).await.unwrap_err();
        assert!(why.ends_with("nobody listens for SIP"), "{why}");
    }
}
