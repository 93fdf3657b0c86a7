//! Why an AMI gave no reading.

use std::fmt;
use std::io;

use crate::acd::NoReading;

/// Names the ACD, and says what is wrong with it or with us.
#[derive(Debug)]
pub struct Error {
    place: String,
    why: NoReading,
    /// The ACD's own words, or what is to be mended with us.
    detail: Option<String>,
    cause: Option<io::Error>,
}

impl Error {
    pub(super) fn new(place: String, trouble: Trouble) -> Self {
        Self {
            place,
            why: trouble.why,
            detail: trouble.detail,
            cause: trouble.cause,
        }
    }

    /// Whether the ACD is down or we are blind.
    pub fn why(&self) -> &NoReading {
        &self.why
    }

    /// The ACD's own words, where it has some.
    pub fn detail(&self) -> Option<&str> {
        self.detail.as_deref()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.why)?;
        match &self.detail {
            Some(detail) => write!(f, " ({detail})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(self.cause.as_ref()?)
    }
}

/// An [`Error`] whose ACD is not named yet.
#[derive(Debug)]
pub(crate) struct Trouble {
    pub(crate) why: NoReading,
    pub(crate) detail: Option<String>,
    pub(crate) cause: Option<io::Error>,
}

impl Trouble {
    pub(crate) fn with_detail(why: impl Into<NoReading>, detail: impl Into<String>) -> Self {
        Self {
            detail: Some(detail.into()),
            ..Self::from(why)
        }
    }

    pub(crate) fn caused(why: impl Into<NoReading>, cause: io::Error) -> Self {
        Self {
            cause: Some(cause),
            ..Self::from(why)
        }
    }
}

impl<T: Into<NoReading>> From<T> for Trouble {
    fn from(why: T) -> Self {
        Self {
            why: why.into(),
            detail: None,
            cause: None,
        }
    }
}
