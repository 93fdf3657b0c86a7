//! The faults found so far, and how they are worded.

use crate::document::{Document, Fault, which};

/// Collects faults, each at the place of its key.
pub(super) struct Findings<'d, 't> {
    document: &'d Document<'t>,
    pub(super) faults: Vec<Fault>,
}

impl<'d, 't> Findings<'d, 't> {
    pub(super) fn new(document: &'d Document<'t>) -> Self {
        Self {
            document,
            faults: Vec::new(),
        }
    }

    pub(super) fn add(&mut self, path: &str, message: impl Into<String>) {
        self.faults.push(self.document.fault(path, message));
    }

    /// A name that must be one of `known`; `what` is the noun of the field.
    pub(super) fn known<'k>(
        &mut self,
        path: &str,
        what: &str,
        name: &str,
        known: impl IntoIterator<Item = &'k str>,
    ) -> bool {
        let known: Vec<&str> = known.into_iter().collect();
        if known.contains(&name) {
            return true;
        }
        let mend = which(name, &known);
        self.add(path, format!("no {what} is called `{name}`: {mend}"));
        false
    }
}
