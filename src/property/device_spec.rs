//! [`DeviceSpec`]: a simulated device with its settings, as a value that can be made, printed and made simpler.

use std::time::Duration;

use crate::device::Device;
use crate::hardware::{FrameFlyer, SimDetector, SimMotor, SynAxis, SynSignal};
use crate::harness::Harness;
use crate::value::{Text, Value};

/// A simulated device with its settings. The same value makes the device, and writes how it is made as Rust code and in a plan
/// file.
#[derive(Clone, Debug, PartialEq)]
pub enum DeviceSpec {
    /// A [`SynAxis`], which takes this time for every move.
    Axis {
        /// Its name.
        name: Text,
        /// How long a move takes.
        delay: Duration,
    },
    /// A [`SimMotor`] with 0.1 s of acceleration, which moves with this velocity.
    Motor {
        /// Its name.
        name: Text,
        /// In units a second.
        velocity: u32,
    },
    /// A [`SynSignal`], which takes this time for every trigger, and reads 0.
    Signal {
        /// Its name.
        name: Text,
        /// How long an exposure takes.
        exposure: Duration,
    },
    /// A [`SimDetector`] with this exposure and 10 ms of dead time after it, without noise.
    Detector {
        /// Its name.
        name: Text,
        /// How long an exposure takes.
        exposure: Duration,
    },
    /// A flyer with two streams that it names: [`FrameFlyer::nested`].
    NestedFlyer {
        /// Its name.
        name: Text,
        /// How many frames it takes.
        num: u32,
    },
}

impl DeviceSpec {
    /// The name of the device.
    #[must_use]
    pub const fn name(&self) -> &Text {
        match self {
            Self::Axis { name, .. }
            | Self::Motor { name, .. }
            | Self::Signal { name, .. }
            | Self::Detector { name, .. }
            | Self::NestedFlyer { name, .. } => name,
        }
    }

    /// Adds the device to a harness, in place of one that has its name already.
    pub fn add_to(&self, lab: &Harness) -> Device {
        match self {
            Self::Axis { name, delay } => lab.add(SynAxis::new(name.clone()).delay_s(delay.as_secs_f64())),
            Self::Motor { name, velocity } => {
                lab.add(SimMotor::new(name.clone()).velocity(f64::from((*velocity).max(1))).acceleration_time_s(0.1))
            }
            Self::Signal { name, exposure } => {
                lab.add(SynSignal::new(name.clone()).exposure_time_s(exposure.as_secs_f64()))
            }
            Self::Detector { name, exposure } => lab.add(
                SimDetector::new(name.clone()).exposure_s(exposure.as_secs_f64()).dead_time_s(0.01).without_noise(),
            ),
            Self::NestedFlyer { name, num } => lab.add(FrameFlyer::nested(name.clone()).num(u64::from(*num))),
        }
    }

    /// As Rust code: `SynAxis::new("motor").delay_s(0.5)`.
    #[must_use]
    pub fn to_rust(&self) -> String {
        let seconds = |time: &Duration| format!("{:?}", time.as_secs_f64());
        match self {
            Self::Axis { name, delay } => format!("SynAxis::new({name:?}).delay_s({})", seconds(delay)),
            Self::Motor { name, velocity } => {
                format!("SimMotor::new({name:?}).velocity({}.0).acceleration_time_s(0.1)", (*velocity).max(1))
            }
            Self::Signal { name, exposure } => {
                format!("SynSignal::new({name:?}).exposure_time_s({})", seconds(exposure))
            }
            Self::Detector { name, exposure } => {
                format!(
                    "SimDetector::new({name:?}).exposure_s({}).dead_time_s(0.01).without_noise()",
                    seconds(exposure)
                )
            }
            Self::NestedFlyer { name, num } => {
                format!("skyspan::hardware::FrameFlyer::nested({name:?}).num({num})")
            }
        }
    }

    /// As a program has it.
    #[must_use]
    pub fn to_data(&self) -> crate::program::DeviceSpec {
        let (class, options): (&str, Vec<(&str, Value)>) = match self {
            Self::Axis { delay, .. } => ("SynAxis", vec![("delay", delay.as_secs_f64().into())]),
            Self::Motor { velocity, .. } => (
                "SimMotor",
                vec![("velocity", f64::from((*velocity).max(1)).into()), ("acceleration_time", 0.1.into())],
            ),
            Self::Signal { exposure, .. } => ("SynSignal", vec![("exposure_time", exposure.as_secs_f64().into())]),
            Self::Detector { exposure, .. } => (
                "SimDetector",
                vec![
                    ("exposure_time", exposure.as_secs_f64().into()),
                    ("dead_time", 0.01.into()),
                    ("noise", "none".into()),
                ],
            ),
            Self::NestedFlyer { num, .. } => ("NestedFlyer", vec![("num", (*num).into())]),
        };
        let options = options.into_iter().map(|(key, value)| (key.into(), value.into())).collect();
        let (name, class) = (self.name().to_string().into(), class.into());
        crate::program::DeviceSpec { name, class, options, fault: None, faults: Vec::new() }
    }

    /// The same with less to it, simplest first.
    pub(super) fn simpler(&self) -> Vec<Self> {
        let name = self.name().clone();
        let zero = Duration::ZERO;
        match self {
            Self::Axis { delay, .. } if delay.is_zero() => Vec::new(),
            Self::Axis { .. } => vec![Self::Axis { name, delay: zero }],
            Self::Motor { .. } => {
                vec![Self::Axis { name: name.clone(), delay: zero }, Self::Axis { name, delay: Duration::from_secs(1) }]
            }
            Self::Signal { exposure, .. } if exposure.is_zero() => Vec::new(),
            Self::Signal { .. } => vec![Self::Signal { name, exposure: zero }],
            Self::Detector { exposure, .. } => {
                vec![Self::Signal { name: name.clone(), exposure: zero }, Self::Signal { name, exposure: *exposure }]
            }
            Self::NestedFlyer { num, .. } if *num <= 1 => Vec::new(),
            Self::NestedFlyer { .. } => vec![Self::NestedFlyer { name, num: 1 }],
        }
    }
}
