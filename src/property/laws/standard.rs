//! The laws together.

use crate::harness::Outcome;
use crate::property::{Broken, Law};

/// All laws of skyspan, those first that are told soonest.
#[must_use]
pub fn all() -> Law {
    Law::all([
        super::engine_is_idle(),
        super::spans_end(),
        super::trace_is_sound(),
        super::children_within_parents(),
        super::clock_never_runs_back(),
        super::run_spans_are_those_of_runs(),
        super::spans_agree_with_messages(),
        super::parents_are_right(),
        super::documents_are_in_order(),
        super::events_are_as_described(),
        super::events_are_numbered(),
        super::uids_of_runs_are_told(),
        super::left_runs_end_with_the_call(),
        super::reasons_are_kept(),
        super::devices_are_released(),
        super::only_waiting_takes_time(),
        super::sleeps_are_exact(),
        super::waits_are_exact(),
        super::replays_are_exact(),
        super::the_same_seed_gives_the_same_bytes(),
        super::neutral_preprocessors_change_nothing(),
        super::pauses_change_nothing(),
        super::finalizers_always_run(),
        super::reset_positions_come_home(),
        super::a_second_call_works(),
    ])
}

/// Holds those laws against a run for which what came of it says enough. Some of them say nothing unless the harness keeps a
/// [chronicle](crate::harness::HarnessBuilder::chronicled), as the labs of [`for_all`](crate::property::for_all) do.
///
/// ```
/// use skyspan::prelude::*;
///
/// let lab = Harness::builder().chronicled().build();
/// let run = lab.run(plans::scan(&lab.device("det"), &lab.device("motor"), 0, 10, 6));
/// laws::standard(&run)?;
/// # Ok::<(), skyspan::property::Broken>(())
/// ```
///
/// # Errors
///
/// The first that does not hold, and why.
pub fn standard(run: &Outcome) -> Result<(), Broken> {
    all().check_run(run)
}
