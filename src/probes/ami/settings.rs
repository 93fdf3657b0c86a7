//! Where an AMI is, as whom we log in, and what we ask it for.

use std::fmt;
use std::time::Duration;

use crate::probes::ami::request::{Unsendable, check};

/// Asterisk's own, in the clear.
pub const PORT: u16 = 5038;

/// Real time until an answer has begun: a banner, a response. Asterisk takes one
/// second for a login that it refuses, and milliseconds for all else.
const ANSWER: Duration = Duration::from_secs(3);
/// Real time for a whole poll, with all that it has to open anew.
const POLL: Duration = Duration::from_secs(10);

/// What proves who we are; it is never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Blanks around it, as a file has them, are dropped.
    pub fn new(text: &str) -> Result<Self, Unsendable> {
        let text = text.trim();
        if text.is_empty() {
            return Err(Unsendable::Empty("the secret"));
        }
        check("the secret", "Secret", text)?;
        Ok(Self(text.to_owned()))
    }

    pub(super) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// One Asterisk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    host: String,
    port: u16,
    user: String,
    secret: Secret,
    queues: Vec<String>,
    in_the_clear: bool,
    answer: Duration,
    poll: Duration,
}

impl Settings {
    /// The user is one of `manager.conf` that may read `agent` and `system`.
    pub fn new(host: &str, port: u16, user: &str, secret: Secret) -> Result<Self, Unsendable> {
        if user.is_empty() {
            return Err(Unsendable::Empty("the user"));
        }
        check("the user", "Username", user)?;
        Ok(Self {
            host: host.to_owned(),
            port,
            user: user.to_owned(),
            secret,
            queues: Vec::new(),
            in_the_clear: false,
            answer: ANSWER,
            poll: POLL,
        })
    }

    /// Asks for these queues and no others; without any, for all that there are.
    pub fn queues(mut self, queues: Vec<String>) -> Result<Self, Unsendable> {
        for queue in &queues {
            if queue.is_empty() {
                return Err(Unsendable::Empty("the name of a queue"));
            }
            check("the name of a queue", "Queue", queue)?;
        }
        self.queues = queues;
        Ok(self)
    }

    /// Lets the secret be sent in the clear to an AMI that offers no challenge.
    #[must_use]
    pub fn in_the_clear(mut self, allowed: bool) -> Self {
        self.in_the_clear = allowed;
        self
    }

    /// Real time for one answer to begin, 3 s where nothing else is said, and for a
    /// whole poll, 10 s.
    #[must_use]
    pub fn patience(mut self, answer: Duration, poll: Duration) -> Self {
        self.answer = answer;
        self.poll = poll;
        self
    }

    pub(super) fn host(&self) -> &str {
        &self.host
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    pub(super) fn user(&self) -> &str {
        &self.user
    }

    pub(super) fn secret(&self) -> &Secret {
        &self.secret
    }

    /// The queues that it is asked for; none where all are.
    pub(crate) fn asked(&self) -> &[String] {
        &self.queues
    }

    pub(super) fn allows_the_clear(&self) -> bool {
        self.in_the_clear
    }

    pub(super) fn for_an_answer(&self) -> Duration {
        self.answer
    }

    pub(super) fn for_a_poll(&self) -> Duration {
        self.poll
    }
}

impl fmt::Display for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, port, .. } = self;
        if host.contains(':') {
            write!(f, "[{host}]:{port}")
        } else {
            write!(f, "{host}:{port}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(user: &str, secret: &str) -> Result<Settings, Unsendable> {
        Settings::new("pbx", PORT, user, Secret::new(secret)?)
    }

    #[test]
    fn what_would_break_a_line_is_refused_before_anything_is_sent() {
        let odd = settings("probe\r\nAction: QueueReset", "s").unwrap_err();
        assert_eq!(odd, Unsendable::Control("the user"));
        let odd = settings("probe", "a\r\nb").unwrap_err();
        assert_eq!(odd, Unsendable::Control("the secret"));
        assert_eq!(
            settings("probe", " \n"),
            Err(Unsendable::Empty("the secret"))
        );
        let good = settings("probe", "s\n").unwrap();
        let odd = good.queues(vec!["support".to_owned(), "a\nb".to_owned()]);
        assert_eq!(odd, Err(Unsendable::Control("the name of a queue")));
    }

    #[test]
    fn the_secret_is_never_printed() {
        let settings = settings("probe", "hunter2").unwrap();
        assert!(!format!("{settings:?} {settings}").contains("hunter2"));
    }
}
