//! An open incident adopts the narrower ones inside its scope.
//!
//! Which lie inside is one question ([`within`]). While it is adopted, an incident is
//! measured and answered as before, but its clocks stand still and it tells nobody
//! ([`rule`]); a seat sees the wider one's card, or its own with a line that says what it
//! is part of ([`part`]). At the end of the wider one what is good ends with it, and what
//! is still bad begins anew ([`fold`]).

pub(super) mod fold;
pub(super) mod part;
pub(super) mod rule;
pub(super) mod within;

#[cfg(test)]
pub(super) mod stories;
