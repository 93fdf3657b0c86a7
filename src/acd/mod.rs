//! What a call distributor tells.

pub mod figure;
pub mod pointer;
