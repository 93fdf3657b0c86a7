//! TLS of the listener: the certificate and its key, and their renewal.
//!
//! Files go in, an [`Identity`] comes out, or an error that names the file and the mend. What is
//! shown is replaced while connections come and go; a broken renewal leaves the one in force.

mod identity;
mod renewal;
#[cfg(test)]
pub(in crate::web) mod scratch;
mod shown;

pub use identity::{Files, Identity, IdentityError};
pub use renewal::keep;
pub use shown::Tls;
