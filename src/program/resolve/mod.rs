//! From a [`Program`](super::Program) to what can be run: all its names are resolved against a beamline, and every argument is
//! checked, before anything runs.

mod furnish;
mod outside;
mod prepared;
mod prepared_item;
mod steps;

pub(crate) use furnish::furnish_names;
pub use outside::Put;
pub(crate) use outside::{Act, Outside};
pub use prepared::Prepared;
pub(crate) use prepared_item::{Call, Work};
pub use prepared_item::{PauseAnswer, PreparedItem};
pub(crate) use steps::plan_of;
#[cfg(feature = "property")]
pub(crate) use steps::quiet_plan_of;
