//! What differs between traces.
//!
//! A `side` knows its spans by what is steady from run to run. `pairing` finds which span of one side is which of the other, over what two
//! sequences have in common (`align`); what is left is a `change`. Times are compared by what spans took by themselves (`own_time`),
//! which makes a `time_change` where it differs by more than chance (`rank_test`), and `effect` says where a difference of the whole
//! comes from. `diff` puts it together, `draw` and `table` print it.

mod align;
mod change;
#[expect(clippy::module_inception, reason = "the type gives the room its name")]
mod diff;
mod draw;
mod effect;
mod own_time;
mod pairing;
mod rank_test;
mod side;
mod table;
mod time_change;

pub use change::{AttributeChange, StructureChange};
pub use diff::{DiffOptions, DiffSide, TraceDiff};
pub use effect::Effect;
pub use table::Predicted;
pub use time_change::{TimeChange, TimeVerdict};
