//! Where the time of a trace goes.
//!
//! `statistics` puts it together: the groups of spans (`span_group`, with their `times`), the parts of a plan (`part`), the time
//! between messages (`between`), and the waits. Of these, `member` knows what may be waited for, `lane` which of it a wait was for,
//! `verdict` what ended it, as a `wait` tells, and `held` sums that up. `table` prints all of it.

mod between;
mod held;
mod lane;
mod member;
mod part;
mod span_group;
#[expect(clippy::module_inception, reason = "the type gives the room its name")]
mod statistics;
mod table;
mod times;
mod verdict;
mod wait;

pub use between::{BetweenKind, BetweenSpans};
pub use held::{Held, Holder};
pub use part::{RunStatistics, SectionStatistics};
pub use span_group::SpanGroup;
pub use statistics::Statistics;
pub(super) use table::{Label, fitting, time};
pub use times::Times;
pub use wait::{HeldWait, WaitEnd};
