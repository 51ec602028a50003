//! [`summarize_plan`]: what a plan would move, and where it would make events.

use std::io::Write;

use super::RunEngineSimulator;
use crate::message::PlanError;
use crate::plan::Plan;
use crate::plan::preprocessors::Summary;

/// Writes what a plan would move where, and what it would read at each event, line by line as bluesky does
/// (`bluesky.simulators.summarize_plan`, 1.15.1). Nothing moves; every message is answered with nothing.
///
/// Where a plan wants other answers, [`RunEngineSimulator::summarize_plan`] gives them.
/// [`print_summary_wrapper`](crate::plan::preprocessors::print_summary_wrapper) writes the same while the plan is executed.
///
/// ```
/// use skyspan::prelude::*;
/// use skyspan::simulate::summarize_plan;
///
/// let lab = Harness::new();
/// let mut lines = Vec::new();
/// summarize_plan(plans::scan(&lab.device("det"), &lab.device("motor"), 0, 1, 2), &mut lines)?;
/// assert_eq!(String::from_utf8_lossy(&lines), "\
/// =================================== Open Run ===================================
/// motor -> 0.0
///   Read ['det', 'motor']
/// motor -> 1.0
///   Read ['det', 'motor']
/// ================================== Close Run ===================================
/// ");
/// # Ok::<(), PlanError>(())
/// ```
///
/// # Errors
///
/// What came out of the plan, an `OSError` where a line cannot be written, and the error of a plan that never ends.
pub fn summarize_plan(plan: impl Into<Plan>, sink: &mut dyn Write) -> Result<(), PlanError> {
    RunEngineSimulator::new().summarize_plan(plan, sink)
}

impl RunEngineSimulator {
    /// The same as the function [`summarize_plan`], with the answers of this simulator.
    ///
    /// # Errors
    ///
    /// As there.
    pub fn summarize_plan(&self, plan: impl Into<Plan>, sink: &mut dyn Write) -> Result<(), PlanError> {
        let mut summary = Summary::default();
        let mut failure = None;
        let result = self.step_through(plan.into(), |msg| {
            failure = summary.tell(msg, sink).err();
            failure.is_none()
        });
        failure.map_or(result.map(drop), Err)
    }
}
