//! Makes messages of the bytes that an AMI sends, within bounds.

use std::ops::Range;

use crate::probes::ami::message::Message;

/// Of a line without its end. Asterisk's longest are variables of a channel.
const LONGEST_LINE: usize = 64 * 1024;
const LARGEST_MESSAGE: usize = 256 * 1024;
const MOST_FIELDS: usize = 2048;
/// `Asterisk Call Manager/11.0.0` has 28.
const LONGEST_BANNER: usize = 256;

/// More than an AMI needs: so many bytes, or fields, are the most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TooMuch {
    pub(super) most: usize,
}

/// Bytes in, messages out; half a message waits for its other half.
#[derive(Debug, Default)]
pub(super) struct Decoder {
    bytes: Vec<u8>,
    /// Of the bytes, what has become lines.
    taken: usize,
    /// Of the bytes, what is known to hold no end of a line.
    seen: usize,
    message: Message,
    /// Of the message that is being put together.
    size: usize,
}

impl Decoder {
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.bytes.drain(..self.taken);
        self.seen -= self.taken;
        self.taken = 0;
        self.bytes.extend_from_slice(bytes);
    }

    /// The first line, which greets and belongs to no message.
    pub(super) fn banner(&mut self) -> Result<Option<String>, TooMuch> {
        let line = self.line(LONGEST_BANNER)?;
        let text = |line| String::from_utf8_lossy(&self.bytes[line]).into_owned();
        Ok(line.map(text))
    }

    /// The next whole message; empty ones are passed over, as Asterisk sends some.
    pub(super) fn message(&mut self) -> Result<Option<Message>, TooMuch> {
        loop {
            let Some(line) = self.line(LONGEST_LINE)? else {
                return Ok(None);
            };
            if line.is_empty() {
                self.size = 0;
                if self.message.is_empty() {
                    continue;
                }
                return Ok(Some(std::mem::take(&mut self.message)));
            }
            self.size += line.len();
            self.message.take(&self.bytes[line]);
            if self.size > LARGEST_MESSAGE {
                return Err(TooMuch {
                    most: LARGEST_MESSAGE,
                });
            }
            if self.message.len() > MOST_FIELDS {
                return Err(TooMuch { most: MOST_FIELDS });
            }
        }
    }

    /// Where the next line is, without its end, which is CR and LF together: either alone is of a value.
    fn line(&mut self, longest: usize) -> Result<Option<Range<usize>>, TooMuch> {
        let new = &self.bytes[self.seen..];
        let Some(end) = new.windows(2).position(|pair| pair == b"\r\n") else {
            // The last byte may be the CR of an end.
            self.seen = self.bytes.len().saturating_sub(1).max(self.taken);
            if self.bytes.len() - self.taken > longest + 2 {
                return Err(TooMuch { most: longest });
            }
            return Ok(None);
        };
        let (start, end) = (self.taken, self.seen + end);
        self.taken = end + 2;
        self.seen = self.taken;
        if end - start > longest {
            return Err(TooMuch { most: longest });
        }
        Ok(Some(start..end))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(decoder: &mut Decoder) -> Vec<Message> {
        std::iter::from_fn(|| decoder.message().unwrap()).collect()
    }

    #[test]
    fn messages_are_the_same_however_the_bytes_are_cut() {
        let sent = "Asterisk Call Manager/11.0.0\r\n\
            \r\nResponse: Success\r\nActionID: 1\r\n\r\n\
            Event: X\r\nName: 张伟 1001\r\n\r\n";
        let read = |chunk: usize| {
            let mut decoder = Decoder::default();
            let (mut banner, mut messages) = (None, Vec::new());
            for bytes in sent.as_bytes().chunks(chunk) {
                decoder.push(bytes);
                if banner.is_none() {
                    banner = decoder.banner().unwrap();
                }
                if banner.is_some() {
                    messages.extend(decoded(&mut decoder));
                }
            }
            (banner, messages)
        };
        let whole = read(sent.len());
        assert_eq!(whole.0.as_deref(), Some("Asterisk Call Manager/11.0.0"));
        assert_eq!(whole.1.len(), 2);
        assert_eq!(whole.1[1].get("Name"), Some("张伟 1001"));
        for chunk in 1..20 {
            assert_eq!(read(chunk), whole, "{chunk}");
        }
    }

    #[test]
    fn a_line_a_message_and_a_banner_without_an_end_are_refused_and_not_kept() {
        let endless = |unit: &[u8]| {
            let mut decoder = Decoder::default();
            for pushed in 0..10_000 {
                decoder.push(&unit.repeat(1024));
                if let Err(too_much) = decoder.message() {
                    assert!(decoder.bytes.len() < 600 * 1024);
                    return (too_much.most, pushed);
                }
            }
            panic!("10 000 KiB and more are taken");
        };
        assert_eq!(endless(b"x"), (LONGEST_LINE, 64));
        assert_eq!(endless(b"no key\r\n").0, LARGEST_MESSAGE);
        assert_eq!(endless(b"A: 1\r\n").0, MOST_FIELDS);
        let mut decoder = Decoder::default();
        decoder.push(&[b'x'; 300]);
        assert_eq!(decoder.banner(), Err(TooMuch { most: 256 }));
    }

    #[test]
    fn a_line_feed_alone_ends_no_line() {
        let mut decoder = Decoder::default();
        decoder.push(b"Event: QueueMember\r\nName: a\n\nStatus: 5\r\nStatus: 1\r\n\r\n");
        let messages = decoded(&mut decoder);
        assert_eq!(messages.len(), 1);
        assert_eq!(messages[0].only("Status"), Ok(Some("1")));
    }
}
