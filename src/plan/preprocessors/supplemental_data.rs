//! [`SupplementalData`]: what is measured besides, in every run.

use super::during_runs::{baseline_wrapper, fly_during_wrapper, monitor_during_wrapper};
use crate::device::Device;
use crate::plan::Plan;

/// What is measured besides in every run of a plan (`bluesky.preprocessors.SupplementalData`, 1.15.1).
///
/// ```
/// use skyspan::plan::preprocessors::SupplementalData;
/// use skyspan::prelude::*;
///
/// let lab = Harness::new();
/// let besides = SupplementalData { baseline: vec![lab.device("motor")], ..SupplementalData::default() };
/// lab.with_engine(|engine| engine.add_preprocessor(move |plan| besides.around(plan)));
/// let run = lab.run(plans::count(&lab.device("det"), 1));
/// assert_eq!(run.messages()[2].command(), "declare_stream");
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SupplementalData {
    /// What is read at the beginning and at the end of each run; see [`baseline_wrapper`].
    pub baseline: Vec<Device>,
    /// What is monitored during each run; see [`monitor_during_wrapper`].
    pub monitors: Vec<Device>,
    /// What flies during each run; see [`fly_during_wrapper`].
    pub flyers: Vec<Device>,
}

impl SupplementalData {
    /// Puts all of it around a plan: after a run is opened come the baseline, the monitors and the flyers; before it is
    /// closed, the flyers, the monitors and the baseline.
    #[must_use]
    pub fn around(&self, plan: impl Into<Plan>) -> Plan {
        let flying = fly_during_wrapper(plan, &self.flyers);
        let monitored = monitor_during_wrapper(flying, &self.monitors);
        baseline_wrapper(monitored, &self.baseline, "baseline")
    }
}
