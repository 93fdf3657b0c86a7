//! cli
pub mod plan;
