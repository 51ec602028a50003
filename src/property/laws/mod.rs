//! What skyspan knows to hold for every run, each law with the rule that it comes from.
//!
//! [`all`] has all of them; [`standard`] those for which what came of a run says enough, for a check of one's own. Each is a
//! [`Law`](super::Law), and can be held alone:
//!
//! ```
//! use skyspan::prelude::*;
//!
//! for_all(plans()).cases(20).obey([laws::spans_end(), laws::documents_are_in_order()]);
//! for law in laws::all().parts() {
//!     println!("{}\n  {}\n  ({})", law.name(), law.sentence(), law.rule());
//! }
//! ```

mod again;
mod documents;
mod engine;
mod pauses;
mod runs;
mod spans;
mod standard;
mod timing;

pub use again::{
    finalizers_always_run, neutral_preprocessors_change_nothing, reset_positions_come_home,
    the_same_seed_gives_the_same_bytes,
};
pub use documents::{documents_are_in_order, events_are_as_described, events_are_numbered};
pub use engine::{a_second_call_works, devices_are_released, engine_is_idle};
pub(in crate::property) use pauses::messages_of_plan;
pub use pauses::{pauses_change_nothing, replays_are_exact};
pub use runs::{left_runs_end_with_the_call, reasons_are_kept, uids_of_runs_are_told};
pub use spans::{
    children_within_parents, clock_never_runs_back, parents_are_right, run_spans_are_those_of_runs,
    spans_agree_with_messages, spans_end, trace_is_sound,
};
pub use standard::{all, standard};
pub use timing::{only_waiting_takes_time, sleeps_are_exact, waits_are_exact};
