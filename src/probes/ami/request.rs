//! What is sent to an AMI: never more than it takes, never a line of another's making.

/// Of a line without its end; Asterisk 22 takes 1022 and then parses the rest as a
/// second message (measured).
const LONGEST_LINE: usize = 1022;

/// A text that cannot stand in a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unsendable {
    #[error("{0} is empty")]
    Empty(&'static str),
    #[error("{0} holds a line break or another control character: take it out")]
    Control(&'static str),
    #[error("{0} is too long: an AMI takes lines of 1022 bytes")]
    TooLong(&'static str),
}

/// One action.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Request {
    text: String,
}

impl Request {
    /// `action` and `id` are of our own making.
    pub(super) fn new(action: &'static str, id: &str) -> Self {
        Self {
            text: format!("Action: {action}\r\nActionID: {id}\r\n"),
        }
    }

    pub(crate) fn with(mut self, key: &'static str, value: &str) -> Result<Self, Unsendable> {
        check(key, key, value)?;
        self.text.extend([key, ": ", value, "\r\n"]);
        Ok(self)
    }

    pub(super) fn into_bytes(mut self) -> Vec<u8> {
        self.text.push_str("\r\n");
        self.text.into_bytes()
    }
}

/// Whether this can be sent as a value of the key; `what` is named where not.
pub(crate) fn check(what: &'static str, key: &str, value: &str) -> Result<(), Unsendable> {
    if value.contains(char::is_control) {
        return Err(Unsendable::Control(what));
    }
    if key.len() + ": ".len() + value.len() > LONGEST_LINE {
        return Err(Unsendable::TooLong(what));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_never_begins_a_line_of_its_own_and_is_never_longer_than_asterisk_takes() {
        let request = || Request::new("QueueSummary", "cw-1");
        for odd in ["a\r\nAction: QueueReset", "a\nb", "a\rb", "a\0b"] {
            let sent = request().with("Queue", odd).map(Request::into_bytes);
            assert_eq!(sent, Err(Unsendable::Control("Queue")), "{odd:?}");
        }
        let longest = "x".repeat(1022 - "Queue: ".len());
        assert!(request().with("Queue", &longest).is_ok());
        let longer = format!("{longest}x");
        let sent = request().with("Queue", &longer).map(Request::into_bytes);
        assert_eq!(sent, Err(Unsendable::TooLong("Queue")));
        let good = request().with("Queue", "售后 support").unwrap();
        assert_eq!(
            String::from_utf8(good.into_bytes()).unwrap(),
            "Action: QueueSummary\r\nActionID: cw-1\r\nQueue: 售后 support\r\n\r\n"
        );
    }
}
