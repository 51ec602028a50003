//! [`DetWithConf`]: a detector with a configuration.

use std::sync::Arc;

use super::components::{Components, Kind};
use super::detector_device::DetectorDevice;
use super::syn_signal::SynSignal;
use crate::device::{Device, Interceptable, WeakDevice};
use crate::hardware::component_macros::{takes_labels, takes_parent};
use crate::value::Text;

/// A detector that reads 1 and 2, and whose configuration is 3 and 4: `ophyd.sim.DetWithConf`.
///
/// This is the detector to be: `Device::from` makes the device. Its status is the one of two triggers, an
/// `AndStatus`.
///
/// ```
/// use skyspan::device::Device;
/// use skyspan::hardware::DetWithConf;
///
/// let detector = Device::from(DetWithConf::new("det"));
/// let repr = "DetWithConf(prefix='', name='det', read_attrs=['a', 'b'], configuration_attrs=['c', 'd'])";
/// assert_eq!(detector.repr(), repr);
/// ```
#[derive(Clone, Debug)]
pub struct DetWithConf {
    name: Text,
    labels: Vec<Text>,
    parent: Option<WeakDevice>,
}

impl DetWithConf {
    /// A detector of that name.
    #[must_use]
    pub fn new(name: impl Into<Text>) -> Self {
        Self { name: name.into(), labels: Vec::new(), parent: None }
    }

    takes_parent!();

    takes_labels!();
}

impl From<DetWithConf> for Device {
    fn from(detector: DetWithConf) -> Self {
        let constant = |attribute: &str, value: i64, kind| {
            let signal = SynSignal::new(format!("{}_{attribute}", detector.name));
            Arc::new(Interceptable::new(signal.func(move || value).kind(kind)))
        };
        let [a, b] = [("a", 1), ("b", 2)].map(|(attribute, value)| constant(attribute, value, Kind::Hinted));
        let [c, d] = [("c", 3), ("d", 4)].map(|(attribute, value)| constant(attribute, value, Kind::Config));
        let components = Components::new("DetWithConf", detector.name)
            .of_parent(detector.parent)
            .labelled(detector.labels)
            .with("a", Arc::clone(&a))
            .with("b", Arc::clone(&b))
            .with("c", c)
            .with("d", d);
        DetectorDevice::new(components).triggers(Self::of(a)).triggers(Self::of(b)).into_device()
    }
}
