//! [`ABDetector`]: a detector with two signals.

use std::sync::Arc;

use super::components::{Components, Kind};
use super::detector_device::DetectorDevice;
use super::drawn::Drawn;
use super::syn_signal::SynSignal;
use crate::clock::Timestamp;
use crate::device::{Device, Interceptable, WeakDevice};
use crate::hardware::component_macros::{takes_labels, takes_parent};
use crate::value::Text;

/// A detector with two signals that are drawn by chance, evenly between 0 and 1: `ophyd.sim.ABDetector`.
///
/// This is the detector to be: `Device::from` makes the device. What it draws comes from the seed of
/// the one who triggers it, in streams that belong to the names of the signals. Its status is the one of both triggers:
/// an `AndStatus`.
///
/// ```
/// use skyspan::hardware::ABDetector;
/// use skyspan::prelude::*;
///
/// let lab = Harness::new();
/// let pair = lab.add(ABDetector::new("pair"));
/// let run = lab.run(plans::count(&pair, 1));
/// run.assert_success();
/// assert_eq!(run.trace().spans().filter(|span| span.attr("status_type") == Some(&"AndStatus".into())).count(), 1);
/// ```
#[derive(Clone, Debug)]
pub struct ABDetector {
    name: Text,
    labels: Vec<Text>,
    parent: Option<WeakDevice>,
}

impl ABDetector {
    /// A detector of that name.
    #[must_use]
    pub fn new(name: impl Into<Text>) -> Self {
        Self { name: name.into(), labels: Vec::new(), parent: None }
    }

    takes_parent!();

    takes_labels!();
}

impl From<ABDetector> for Device {
    fn from(detector: ABDetector) -> Self {
        let (a, b) = (chance(format!("{}_a", detector.name)), chance(format!("{}_b", detector.name)));
        let (a, b) = (Arc::new(Interceptable::new(a.kind(Kind::Hinted))), Arc::new(Interceptable::new(b)));
        let components = Components::new("ABDetector", detector.name)
            .of_parent(detector.parent)
            .labelled(detector.labels)
            .with("a", Arc::clone(&a))
            .with("b", Arc::clone(&b));
        DetectorDevice::new(components).triggers(Self::of(a)).triggers(Self::of(b)).into_device()
    }
}

/// A signal that is drawn at each trigger.
fn chance(name: String) -> SynSignal {
    let drawn = Drawn::of(format!("values of {name}"));
    let signal = SynSignal::new(name);
    signal.signal.state.put(drawn.unseeded().uniform().into(), Timestamp::EPOCH);
    signal.set_func(Arc::new(move |cx| Ok(drawn.seed(cx).uniform().into())));
    signal
}
