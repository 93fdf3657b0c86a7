//! Why there is no reading, with everything that is known about it.

use crate::acd::NoReading;
use crate::text::Text;

/// No reading, and the particulars for whoever mends it.
#[derive(Clone, Debug, PartialEq)]
pub struct Failure {
    pub no_reading: NoReading,
    /// In the words of the source or of the library below it.
    pub because: Vec<Text>,
}

impl Failure {
    pub(super) fn new(no_reading: impl Into<NoReading>) -> Self {
        Self {
            no_reading: no_reading.into(),
            because: Vec::new(),
        }
    }

    /// Adds a particular.
    pub(super) fn because(mut self, why: Text) -> Self {
        self.because.push(why);
        self
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.no_reading)?;
        for why in &self.because {
            write!(f, "; {}", why.en)?;
        }
        Ok(())
    }
}

impl std::error::Error for Failure {}
