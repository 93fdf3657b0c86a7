//! One message of AMI: a response, an event, an item of a list.

/// Keys and values in the order in which they came; a key may stand there more than once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Message {
    fields: Vec<(String, String)>,
}

/// A key that may stand there but once stands there again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Repeated;

impl Message {
    /// Takes a line in. Values are bytes in no agreed encoding: what is no UTF-8 is
    /// replaced, and so is whatever would break a line of ours.
    pub(super) fn take(&mut self, line: &[u8]) {
        let line = String::from_utf8_lossy(line);
        // A line without a key tells nothing that we know.
        let Some((key, value)) = line.split_once(':') else {
            return;
        };
        let value = value.trim().replace(char::is_control, " ");
        self.fields.push((key.trim().to_owned(), value));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.fields.len()
    }

    /// The first value of this key; keys are alike in any case.
    pub(crate) fn get(&self, key: &str) -> Option<&str> {
        self.all(key).next()
    }

    /// The value of a key that may stand there but once.
    pub(super) fn only(&self, key: &str) -> Result<Option<&str>, Repeated> {
        let mut values = self.all(key);
        match (values.next(), values.next()) {
            (value, None) => Ok(value),
            (_, Some(_)) => Err(Repeated),
        }
    }

    pub(crate) fn is(&self, key: &str, value: &str) -> bool {
        self.get(key)
            .is_some_and(|told| told.eq_ignore_ascii_case(value))
    }

    fn all(&self, key: &str) -> impl Iterator<Item = &str> {
        self.fields
            .iter()
            .filter(move |(name, _)| name.eq_ignore_ascii_case(key))
            .map(|(_, value)| value.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_repeat_values_may_be_empty_and_no_value_breaks_a_line() {
        let mut message = Message::default();
        for line in [
            "Event: QueueMember".as_bytes(),
            b"PausedReason: ",
            b"Output: a: b",
            b"Output: c",
            b"no key here",
            b"Name: x\rStatus: 1\ny",
            b"Odd: \xff\xfe",
        ] {
            message.take(line);
        }
        assert!(message.is("event", "queuemember"));
        assert_eq!(message.get("PausedReason"), Some(""));
        assert_eq!(message.get("Output"), Some("a: b"));
        assert_eq!(message.only("Output"), Err(Repeated));
        assert_eq!(message.only("Status"), Ok(None));
        assert_eq!(message.get("Name"), Some("x Status: 1 y"));
        assert_eq!(message.get("Odd"), Some("\u{fffd}\u{fffd}"));
        assert_eq!(message.len(), 6);
    }
}
