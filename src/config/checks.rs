//! Collects what the checks find, so that one mistake is told once.

use crate::config::lost::Lost;
use crate::document::{Document, Fault, which};

/// The faults and warnings of one file. What a check finds at a key that
/// already has a fault is not told: it follows from it.
pub(crate) struct Checks<'d, 't> {
    pub(crate) document: &'d Document<'t>,
    pub(crate) faults: Vec<Fault>,
    pub(crate) warnings: Vec<Fault>,
    /// What is wrong with the files beside it, which stops nothing.
    pub(crate) lost: Lost,
    /// Keys whose value could not be read, so that no check of it tells anything.
    unread: Vec<String>,
}

impl<'d, 't> Checks<'d, 't> {
    /// Begins with the faults of reading and the keys that got stand-ins.
    pub(crate) fn new(
        document: &'d Document<'t>,
        faults: Vec<Fault>,
        stand_ins: Vec<String>,
    ) -> Self {
        let mut unread = stand_ins;
        unread.extend(faults.iter().map(|fault| fault.key.clone()));
        Self {
            document,
            unread,
            faults,
            warnings: Vec::new(),
            lost: Lost::default(),
        }
    }

    pub(crate) fn fault(&mut self, path: &str, message: impl Into<String>) {
        if !self.is_faulty(path) {
            self.faults.push(self.document.fault(path, message));
        }
    }

    pub(crate) fn warn(&mut self, path: &str, message: impl Into<String>) {
        self.warnings.push(self.document.fault(path, message));
    }

    /// Whether this key or one within it has a fault, or one above it could not be read.
    pub(crate) fn is_faulty(&self, path: &str) -> bool {
        let mut faults = self.faults.iter();
        faults.any(|fault| within(&fault.key, path))
            || self.unread.iter().any(|unread| within(path, unread))
    }

    /// Faults a name that nothing in the table `kind` bears, and says which was meant.
    pub(crate) fn unknown_name(&mut self, path: &str, kind: &str, name: &str) {
        let known = self.document.keys(kind);
        let mend = which(name, &known);
        self.fault(path, format!("there is no {kind} `{name}`: {mend}"));
    }
}

/// Whether `path` is `ancestor` or lies beneath it.
fn within(path: &str, ancestor: &str) -> bool {
    !ancestor.is_empty()
        && path
            .strip_prefix(ancestor)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_follows_from_a_fault_is_not_told() {
        let (document, _) = Document::parse("a", "");
        let unread = document.fault("ups.U1", "unread");
        let mut checks = Checks::new(&document, vec![unread], vec!["feed.mains.name".into()]);
        checks.fault("ups.U1.host", "above it could not be read");
        checks.fault("feed.mains.name.zh", "a stand-in");
        checks.fault("seat.C-01.fed_by", "first");
        checks.fault("seat.C-01.fed_by", "same key");
        checks.fault("seat.C-01", "above");
        checks.fault("seat.C-01.fed", "another key");
        let told: Vec<_> = checks.faults.iter().map(|f| f.message.as_str()).collect();
        assert_eq!(told, ["unread", "first", "another key"]);
    }
}
