//! [`DetWithCountTime`]: a detector that counts for a time.

use std::sync::Arc;

use super::components::{Components, Kind};
use super::detector_device::DetectorDevice;
use super::signal::Signal;
use super::syn_signal::SynSignal;
use crate::device::{Device, Interceptable, WeakDevice};
use crate::hardware::component_macros::{takes_labels, takes_parent};
use crate::value::Text;

/// A detector whose intensity is always 0, and that has a time for which it counts: `ophyd.sim.DetWithCountTime`.
///
/// This is the detector to be: `Device::from` makes the device. Triggered, it is done at once, and
/// none of its signals is triggered. What sets the time is
/// [`configure_count_time_wrapper`](crate::plan::preprocessors::configure_count_time_wrapper).
///
/// ```
/// use skyspan::hardware::DetWithCountTime;
/// use skyspan::plan::preprocessors::configure_count_time_wrapper;
/// use skyspan::prelude::*;
///
/// let lab = Harness::new();
/// let counter = lab.add(DetWithCountTime::new("counter"));
/// let run = lab.run(configure_count_time_wrapper(plans::count(&counter, 1), 0.5));
/// run.assert_success();
/// let set = run.messages().iter().filter(|msg| msg.command() == "set");
/// assert_eq!(set.map(|msg| msg.args_value().to_string()).collect::<Vec<_>>(), ["[0.5]", "[0.0]"]);
/// ```
#[derive(Clone, Debug)]
pub struct DetWithCountTime {
    name: Text,
    labels: Vec<Text>,
    parent: Option<WeakDevice>,
}

impl DetWithCountTime {
    /// A detector of that name.
    #[must_use]
    pub fn new(name: impl Into<Text>) -> Self {
        Self { name: name.into(), labels: Vec::new(), parent: None }
    }

    takes_parent!();

    takes_labels!();
}

impl From<DetWithCountTime> for Device {
    fn from(detector: DetWithCountTime) -> Self {
        let intensity = SynSignal::new(format!("{}_intensity", detector.name)).func(|| 0).kind(Kind::Hinted);
        let count_time = Signal::new(format!("{}_count_time", detector.name), 0.0).kind(Kind::Normal);
        let components = Components::new("DetWithCountTime", detector.name)
            .of_parent(detector.parent)
            .labelled(detector.labels)
            .with("intensity", Arc::new(Interceptable::new(intensity)))
            .with("count_time", Arc::new(Interceptable::new(count_time)));
        DetectorDevice::new(components).into_device()
    }
}
