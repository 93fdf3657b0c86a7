//! What sensors mean: temperatures and dry contacts, behind UPS cards and on cards of their own.
//!
//! In come the [`Values`](crate::ups::Values) that a device answered; out comes one
//! [`Reading`]: degrees, a contact, or nothing that can be believed. A sensor that tells
//! nothing is neither calm nor an alarm. No I/O here.

mod bounds;
mod input;
mod kind;
mod meaning;
mod reading;

pub use bounds::Bounds;
pub use input::{Input, NoInput};
pub use kind::Kind;
pub use meaning::{Asked, Meaning, NoObject, Object, object};
pub use reading::{Nothing, Reading};
