//! Reads one table of a source strictly, and collects everything that is wrong with it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use jiff::SignedDuration;
use jiff::tz::TimeZone;
use serde::de::DeserializeOwned;

use crate::document::{Document, Fault, join};
use crate::probes::acd::address::Address;
use crate::probes::acd::hidden::Hidden;

/// What the settings of a source lean on.
#[derive(Clone, Copy)]
pub struct Around<'a> {
    /// Looks a secret file up and returns its text; the error says where it was looked for.
    pub secret: &'a dyn Fn(&str) -> Result<String, String>,
    /// Where a program lies whose path is relative.
    pub directory: &'a Path,
    /// The zone of moments that name none, where the source does not set its own.
    pub zone: Option<&'a TimeZone>,
}

/// One table.
pub(super) struct Desk<'a, 'd, 't> {
    document: &'d Document<'t>,
    table: String,
    pub(super) around: Around<'a>,
    faults: &'a mut Vec<Fault>,
    /// Keys whose value could not be read: no check of them tells anything.
    unread: Vec<String>,
}

impl<'a, 'd, 't> Desk<'a, 'd, 't> {
    /// Reads the table into a type that denies unknown fields.
    pub(super) fn open<T: DeserializeOwned>(
        document: &'d Document<'t>,
        table: &str,
        around: Around<'a>,
        faults: &'a mut Vec<Fault>,
    ) -> Option<(T, Self)> {
        let before = faults.len();
        let read = document.read_leniently::<T>(table, faults)?;
        let mut unread = read.stand_ins;
        unread.extend(faults[before..].iter().map(|fault| fault.key.clone()));
        let desk = Self {
            document,
            table: table.to_owned(),
            around,
            faults,
            unread,
        };
        Some((read.value, desk))
    }

    /// Reads a table within this one.
    pub(super) fn within<T: DeserializeOwned>(
        &mut self,
        key: &str,
    ) -> Option<(T, Desk<'_, 'd, 't>)> {
        let table = self.path(key);
        Desk::open(self.document, &table, self.around, self.faults)
    }

    /// Reads a table within this one, of which nothing may be missing.
    pub(super) fn strictly<T: DeserializeOwned>(&mut self, key: &str) -> Option<T> {
        let table = self.path(key);
        self.document.read_at(&table, self.faults)
    }

    pub(super) fn path(&self, key: &str) -> String {
        key.split('.')
            .fold(self.table.clone(), |table, key| join(&table, key))
    }

    pub(super) fn fault(&mut self, key: &str, message: impl Into<String>) {
        let path = self.path(key);
        self.fault_at(&path, message);
    }

    /// What is found at a key that has a fault already follows from it.
    pub(super) fn fault_at(&mut self, path: &str, message: impl Into<String>) {
        let known = self.faults.iter().any(|fault| fault.key == path);
        if !known && !self.is_unread(path) {
            self.faults.push(self.document.fault(path, message));
        }
    }

    fn is_unread(&self, path: &str) -> bool {
        self.unread.iter().any(|unread| {
            let rest = path.strip_prefix(unread.as_str());
            !unread.is_empty()
                && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
        })
    }

    /// A value that has a form of its own.
    pub(super) fn parsed<V: FromStr>(&mut self, key: &str, text: Option<&String>) -> Option<V>
    where
        V::Err: Display,
    {
        let path = self.path(key);
        self.parsed_at(&path, text?)
    }

    pub(super) fn parsed_at<V: FromStr>(&mut self, path: &str, text: &str) -> Option<V>
    where
        V::Err: Display,
    {
        match text.parse() {
            Ok(value) => Some(value),
            Err(error) => {
                self.fault_at(path, format!("`{text}` cannot be read: {error}"));
                None
            }
        }
    }

    /// A secret stands in the file or in one of its own; either way it is trimmed.
    pub(super) fn secret(
        &mut self,
        key: &str,
        inline: Option<&String>,
        file: Option<&String>,
    ) -> Option<Hidden> {
        let (key, text) = self.either(key, inline, file)?;
        if text.is_empty() {
            self.fault(&key, "is empty: copy it whole");
            return None;
        }
        Some(Hidden::new(text))
    }

    /// An address may be a secret too.
    pub(super) fn address(
        &mut self,
        inline: Option<&String>,
        file: Option<&String>,
    ) -> Option<Address> {
        let (key, text) = self.either("url", inline, file)?;
        match text.parse::<Address>() {
            Ok(address) => Some(address),
            Err(error) => {
                self.fault(&key, error.to_string());
                None
            }
        }
    }

    fn either(
        &mut self,
        key: &str,
        inline: Option<&String>,
        file: Option<&String>,
    ) -> Option<(String, String)> {
        let file_key = format!("{key}_file");
        match (inline, file) {
            (Some(inline), None) => Some((key.to_owned(), inline.trim().to_owned())),
            (None, Some(file)) => match (self.around.secret)(file) {
                Ok(text) => Some((file_key, text.trim().to_owned())),
                Err(why) => {
                    self.fault(&file_key, why);
                    None
                }
            },
            (Some(_), Some(_)) => {
                self.fault(
                    &file_key,
                    format!("`{key}` stands beside it: keep one of the two"),
                );
                None
            }
            (None, None) => {
                let unread = [key, &file_key].map(|key| self.path(key));
                if !unread.iter().any(|path| self.is_unread(path)) {
                    self.fault(
                        &file_key,
                        format!("is missing: add `{file_key}` or `{key}`"),
                    );
                }
                None
            }
        }
    }

    /// Real time between these bounds.
    pub(super) fn real_time(
        &mut self,
        key: &str,
        set: Option<SignedDuration>,
        default: SignedDuration,
        most: SignedDuration,
    ) -> Duration {
        let time = set.unwrap_or(default);
        let least = SignedDuration::from_millis(100);
        if time < least || time > most {
            let message =
                format!("is not between {least:#} and {most:#}: write it as \"{default:#}\"");
            self.fault(key, message);
        }
        Duration::try_from(time).unwrap_or_default()
    }

    /// Names of queues, each once.
    pub(super) fn queues(&mut self, names: &[String]) -> BTreeSet<String> {
        let mut known = BTreeSet::new();
        for (index, name) in names.iter().enumerate() {
            let path = format!("{}[{index}]", self.path("queues"));
            if name.trim().is_empty() {
                self.fault_at(&path, "is empty: write the name of a queue");
            } else if !known.insert(name.clone()) {
                self.fault_at(&path, format!("`{name}` stands there twice: take one out"));
            }
        }
        known
    }

    /// A map of texts that are secrets, as far as anybody knows.
    pub(super) fn hidden(fields: &BTreeMap<String, String>) -> BTreeMap<String, Hidden> {
        let fields = fields.iter();
        fields
            .map(|(name, value)| (name.clone(), Hidden::new(value)))
            .collect()
    }
}
