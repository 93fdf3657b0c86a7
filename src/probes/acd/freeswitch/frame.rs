//! Frames of FreeSWITCH's event socket: headers, an empty line, and as many bytes as
//! `Content-Length` says. Lines end in a line feed alone.

use tokio::io::{AsyncBufRead, AsyncBufReadExt as _, AsyncReadExt as _};

/// Of the headers of one frame.
const MOST_HEADERS: usize = 64 * 1024;
/// Of its body.
pub(super) const MOST_BODY: usize = 8 * 1024 * 1024;

/// One frame.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Frame {
    /// `Content-Type`.
    pub(super) kind: String,
    /// `Reply-Text`.
    pub(super) reply: String,
    pub(super) body: String,
}

/// Why there is no frame.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    /// The connection was closed between two frames.
    #[error("it closed the connection")]
    Closed,
    /// The connection ended within a frame.
    #[error("the connection broke off within an answer")]
    Cut(usize),
    #[error("an answer has more than {0} bytes")]
    TooMuch(usize),
    #[error("`{0}` is no header of an event socket")]
    Garbage(String),
    #[error(transparent)]
    Io(std::io::Error),
}

/// Reads one frame. `begun` is set with its first byte.
pub(super) async fn read(
    stream: &mut (impl AsyncBufRead + Unpin),
    begun: &mut bool,
) -> Result<Frame, Error> {
    *begun = false;
    let mut frame = Frame::default();
    let (mut heard, mut length) = (0, 0_usize);
    let mut line = Vec::new();
    loop {
        line.clear();
        let left = MOST_HEADERS - heard;
        let mut limited = (&mut *stream).take(left as u64);
        // The first byte alone tells whether anything comes at all.
        *begun |= !limited.fill_buf().await.map_err(Error::Io)?.is_empty();
        let read = limited
            .read_until(b'\n', &mut line)
            .await
            .map_err(Error::Io)?;
        heard += read;
        if !line.ends_with(b"\n") {
            return Err(match heard {
                0 => Error::Closed,
                MOST_HEADERS => Error::TooMuch(MOST_HEADERS),
                heard => Error::Cut(heard),
            });
        }
        let text = String::from_utf8_lossy(&line);
        let text = text.trim_end_matches(['\n', '\r']);
        if text.is_empty() {
            // Between frames an empty line means nothing.
            if heard == read {
                heard = 0;
                continue;
            }
            break;
        }
        let garbage = || Error::Garbage(text.chars().take(60).collect());
        let (name, value) = text.split_once(':').ok_or_else(garbage)?;
        let value = value.trim();
        match name {
            "Content-Type" => value.clone_into(&mut frame.kind),
            "Reply-Text" => value.clone_into(&mut frame.reply),
            "Content-Length" => length = value.parse().map_err(|_| garbage())?,
            _ => {}
        }
    }
    if length > MOST_BODY {
        return Err(Error::TooMuch(MOST_BODY));
    }
    let mut body = Vec::new();
    let mut limited = (&mut *stream).take(length as u64);
    let read = limited.read_to_end(&mut body).await.map_err(Error::Io)?;
    if read < length {
        return Err(Error::Cut(heard + read));
    }
    frame.body = String::from_utf8_lossy(&body).into_owned();
    Ok(frame)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read_all(bytes: &[u8]) -> (Vec<Frame>, Error) {
        let mut stream = bytes;
        let (mut frames, mut begun) = (Vec::new(), false);
        loop {
            match read(&mut stream, &mut begun).await {
                Ok(frame) => frames.push(frame),
                Err(error) => return (frames, error),
            }
        }
    }

    #[tokio::test]
    async fn frames_with_and_without_a_body_are_read_by_their_bytes() {
        let body = "名字|x\n+OK\n";
        let text = format!(
            "Content-Type: auth/request\n\nContent-Type: command/reply\nReply-Text: +OK accepted\n\n\
             Content-Type: api/response\r\nContent-Length: {}\r\n\r\n{body}\nContent-Type: x\n\n",
            body.len()
        );
        let (frames, error) = read_all(text.as_bytes()).await;
        assert!(matches!(error, Error::Closed), "{error:?}");
        let kinds: Vec<_> = frames.iter().map(|frame| frame.kind.as_str()).collect();
        assert_eq!(
            kinds,
            ["auth/request", "command/reply", "api/response", "x"]
        );
        assert_eq!(frames[1].reply, "+OK accepted");
        assert_eq!(frames[2].body, body);
    }

    #[tokio::test]
    async fn what_is_no_frame_is_an_error_and_bounded() {
        let error = |bytes: Vec<u8>| async move { read_all(&bytes).await.1 };
        let cut = error(b"Content-Type: x\nContent-Length: 10\n\nabc".to_vec()).await;
        assert!(matches!(cut, Error::Cut(39)), "{cut:?}");
        let cut = error(b"Content-Ty".to_vec()).await;
        assert!(matches!(cut, Error::Cut(10)), "{cut:?}");
        let junk = error(b"HTTP/1.1 400 Bad Request\n\n".to_vec()).await;
        assert!(matches!(junk, Error::Garbage(_)), "{junk:?}");
        let junk = error(b"Content-Length: -1\n\n".to_vec()).await;
        assert!(matches!(junk, Error::Garbage(_)), "{junk:?}");
        let long = error(b"Content-Length: 99999999999\n\n".to_vec()).await;
        assert!(matches!(long, Error::TooMuch(MOST_BODY)), "{long:?}");
        let long = error(vec![b'x'; 10 * MOST_HEADERS]).await;
        assert!(matches!(long, Error::TooMuch(MOST_HEADERS)), "{long:?}");
        let long = error(b"A: b\n".repeat(MOST_HEADERS)).await;
        assert!(matches!(long, Error::TooMuch(MOST_HEADERS)), "{long:?}");
    }
}
