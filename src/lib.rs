//! skyspan tests experiment plans and the traces they leave.

pub mod clock;
pub mod device;
pub mod expect;
pub mod hardware;
mod hash;
pub mod seed;
mod sync;
pub mod trace;
pub mod value;
