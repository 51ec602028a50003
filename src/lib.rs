//! skyspan tests experiment plans and the traces they leave.

#[cfg(feature = "cli")]
pub mod cli;
pub mod clock;
pub mod device;
pub mod document;
pub mod engine;
pub mod expect;
pub mod hardware;
pub mod harness;
mod hash;
pub mod message;
pub mod plan;
pub mod prelude;
pub mod seed;
mod sync;
pub mod trace;
pub mod value;
