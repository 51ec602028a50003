//! [`Syn2DGauss`]: a detector that sees a peak above a plane.

use super::peak::{Noise, PeakOptions};
use crate::device::{Device, WeakDevice};
use crate::hardware::component_macros::{takes_labels, takes_parent};
use crate::value::{Text, Value};

/// A detector that sees a Gaussian peak above the plane of two axes: `ophyd.sim.Syn2DGauss`.
///
/// This is the detector to be: `Device::from` makes the device. Its noise comes from the seed of the one who triggers
/// it, in a stream that belongs to its name. As in ophyd it does not tell of changes: it cannot be monitored.
///
/// ```
/// use skyspan::hardware::Syn2DGauss;
/// use skyspan::prelude::*;
///
/// let lab = Harness::new();
/// let (x, y) = (lab.device("motor1"), lab.device("motor2"));
/// let spot = lab.add(Syn2DGauss::new("spot", &x, "motor1", &y, "motor2").center([1, 0]).imax(5));
/// let run = lab.run(plan(async move |p| {
///     p.mv(&x, 1).await?;
///     p.run(plans::count(&spot, 1)).await
/// }));
/// run.assert_success();
/// ```
#[derive(Clone, Debug)]
pub struct Syn2DGauss {
    name: Text,
    peak: PeakOptions,
    labels: Vec<Text>,
    parent: Option<WeakDevice>,
}

impl Syn2DGauss {
    /// A detector that sees a peak of height 1 and width 1 at (0, 0), as read from the fields of those names of the axes.
    #[must_use]
    pub fn new(
        name: impl Into<Text>,
        motor0: impl Into<Device>,
        motor_field0: impl Into<Text>,
        motor1: impl Into<Device>,
        motor_field1: impl Into<Text>,
    ) -> Self {
        let axes = vec![(motor0.into(), motor_field0.into()), (motor1.into(), motor_field1.into())];
        Self { name: name.into(), peak: PeakOptions::along(axes, [0, 0].into()), labels: Vec::new(), parent: None }
    }

    /// Where the peak is, in the units of the axes: two numbers, or one for both; at (0, 0) unless one says otherwise.
    #[must_use]
    pub fn center(mut self, center: impl Into<Value>) -> Self {
        self.peak.center = center.into();
        self
    }

    /// How high the peak is (ophyd's `Imax`); 1 unless one says otherwise.
    #[must_use]
    pub fn imax(mut self, imax: impl Into<Value>) -> Self {
        self.peak.imax = imax.into();
        self
    }

    /// How wide the peak is: its standard deviation, in the unit of the axes; 1 unless one says otherwise.
    #[must_use]
    pub fn sigma(mut self, sigma: impl Into<Value>) -> Self {
        self.peak.sigma = sigma.into();
        self
    }

    /// What noise there is; none unless one says otherwise.
    #[must_use]
    pub const fn noise(mut self, noise: Noise) -> Self {
        self.peak.noise = noise;
        self
    }

    /// How far uniform noise goes to either side of the signal; 1 unless one says otherwise.
    #[must_use]
    pub fn noise_multiplier(mut self, noise_multiplier: impl Into<Value>) -> Self {
        self.peak.noise_multiplier = noise_multiplier.into();
        self
    }

    /// Where its axes are when it is made, so that they need not be read for its first value.
    pub(super) fn first_seen_at(mut self, positions: Vec<f64>) -> Self {
        self.peak.first_seen_at = Some(positions);
        self
    }

    takes_parent!();

    takes_labels!();
}

impl From<Syn2DGauss> for Device {
    fn from(gauss: Syn2DGauss) -> Self {
        gauss.peak.into_detector("Syn2DGauss", gauss.name, gauss.labels, gauss.parent, false)
    }
}
