//! [`SynGauss`]: a detector that sees a peak along an axis.

use super::peak::{Noise, PeakOptions};
use crate::device::{Device, WeakDevice};
use crate::hardware::component_macros::{takes_labels, takes_parent};
use crate::value::{Text, Value};

/// A detector that sees a Gaussian peak along an axis: `ophyd.sim.SynGauss`.
///
/// This is the detector to be: `Device::from` makes the device. Its noise comes from the seed of the one who triggers
/// it, in a stream that belongs to its name.
#[derive(Clone, Debug)]
pub struct SynGauss {
    name: Text,
    peak: PeakOptions,
    labels: Vec<Text>,
    parent: Option<WeakDevice>,
}

impl SynGauss {
    /// A detector that sees a peak of height 1 and width 1 at 0, as read from the field of that name of `motor`.
    #[must_use]
    pub fn new(name: impl Into<Text>, motor: impl Into<Device>, motor_field: impl Into<Text>) -> Self {
        Self {
            name: name.into(),
            peak: PeakOptions::along(vec![(motor.into(), motor_field.into())], 0.into()),
            labels: Vec::new(),
            parent: None,
        }
    }

    /// Where the peak is, in the unit of the axis; at 0 unless one says otherwise.
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

    /// How wide the peak is: its standard deviation, in the unit of the axis; 1 unless one says otherwise.
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

impl From<SynGauss> for Device {
    fn from(gauss: SynGauss) -> Self {
        gauss.peak.into_detector("SynGauss", gauss.name, gauss.labels, gauss.parent, true)
    }
}
