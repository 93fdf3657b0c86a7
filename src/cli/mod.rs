//! cli

pub mod check;
pub mod init;
pub mod plan;
pub mod probe;
