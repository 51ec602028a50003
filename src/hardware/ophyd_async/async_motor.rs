//! [`AsyncMotor`]: the simulated motor of ophyd-async.

use super::assembly::{Assembly, Parts};
use super::async_readable::ReadableFormat;
use super::async_signal::{AsyncSignal, Naming};
use super::axis::{Axis, Manner};
use crate::device::{Device, WeakDevice};
use crate::hardware::component_macros::takes_labels;
use crate::hardware::wanted;
use crate::value::Text;

/// A motor of ophyd-async 0.21.3: `ophyd_async.sim.SimMotor`.
///
/// This is the motor to be: `Device::from` makes the device. It reads `NAME`; its configuration is `NAME-velocity` and
/// `NAME-acceleration_time`, which plans set as `motor.velocity` and `motor.acceleration_time`. It can be located, and be prepared
/// for a [flight](crate::hardware::FlyMotorInfo).
///
/// A move to another place takes |d| / v + a at the velocity v with the acceleration time a, or 2 √(|d| a / v) where the way is
/// too short for that; no time at velocity 0, which it has unless it is [slow](Self::velocity). The readback changes every tenth of a
/// second and at the end, and in between stays as it was. A second set does not end the first: the readback jumps between the two,
/// until each is done. Stopped, it stands at once, where its readback was last.
///
/// ```
/// use skyspan::hardware::AsyncMotor;
/// use skyspan::prelude::*;
///
/// let lab = Harness::new();
/// let stage = lab.add(AsyncMotor::new("stage").velocity(2.0).acceleration_time_s(0.5));
/// assert_eq!(stage.repr(), "SimMotor(name=\"stage\")");
/// let run = lab.run(plan(async move |p| p.mv(&stage, 10).await));
/// assert_eq!(run.duration(), secs(10.0 / 2.0 + 0.5));
/// run.assert(none(span("Ophyd Status")));
/// ```
#[derive(Clone, Debug)]
pub struct AsyncMotor {
    name: Text,
    value: f64,
    velocity: f64,
    acceleration_time_s: f64,
    units: Text,
    labels: Vec<Text>,
    mock: bool,
}

impl AsyncMotor {
    /// A motor at 0 mm that takes no time, as `SimMotor()` is.
    #[must_use]
    pub fn new(name: impl Into<Text>) -> Self {
        Self {
            name: name.into(),
            value: 0.0,
            velocity: 0.0,
            acceleration_time_s: 0.5,
            units: Text::literal("mm"),
            labels: Vec::new(),
            mock: false,
        }
    }

    /// Where it is at first; at 0 unless one says otherwise.
    ///
    /// # Panics
    ///
    /// If it is not finite.
    #[must_use]
    #[track_caller]
    pub fn value(mut self, value: f64) -> Self {
        self.value = wanted::finite("value", value);
        self
    }

    /// How fast it moves, in units a second; 0, which it is unless one says otherwise, is for a motor that takes no time. That of
    /// `SimMotor(instant=False)` is 1.
    ///
    /// # Panics
    ///
    /// If it is negative or not finite.
    #[must_use]
    #[track_caller]
    pub fn velocity(mut self, velocity: f64) -> Self {
        self.velocity = wanted::from_zero("velocity", velocity);
        self
    }

    /// How long it takes to come to its velocity, in seconds; 0.5 unless one says otherwise.
    ///
    /// # Panics
    ///
    /// If it is not finite, or not greater than zero: ophyd-async's own motor ends nowhere then.
    #[must_use]
    #[track_caller]
    pub fn acceleration_time_s(mut self, acceleration_time_s: f64) -> Self {
        self.acceleration_time_s = wanted::above_zero("acceleration_time_s", acceleration_time_s);
        self
    }

    /// The unit of its position; `mm` unless one says otherwise.
    #[must_use]
    pub fn units(mut self, units: impl Into<Text>) -> Self {
        self.units = units.into();
        self
    }

    /// It is connected in mock mode, in which it moves all the same.
    #[must_use]
    pub const fn mock(mut self) -> Self {
        self.mock = true;
        self
    }

    takes_labels!();

    pub(super) fn build(self, naming: &Naming) -> Device {
        let mut naming = naming.clone();
        naming.mock |= self.mock;
        Device::new_cyclic(|own: &WeakDevice| {
            let signal = |attribute: &str, value: f64| AsyncSignal::new("", value).build(&naming.child(attribute, own));
            // The readback has the name of the motor.
            let own_name = Naming { name: naming.name.clone(), ..naming.child("", own) };
            let readback = AsyncSignal::new("", self.value).units(self.units.clone()).read_only().build(&own_name);
            let (velocity, acceleration_time) =
                (signal("velocity", self.velocity), signal("acceleration_time", self.acceleration_time_s));
            let setpoint = AsyncSignal::new("", self.value).units(self.units);
            let setpoint = setpoint.build(&naming.child("user_setpoint", own));
            let parts = Parts::default()
                .with("user_readback", ReadableFormat::HintedSignal, Device::new(readback.clone()))
                .with("velocity", ReadableFormat::ConfigSignal, Device::new(velocity.clone()))
                .with("acceleration_time", ReadableFormat::ConfigSignal, Device::new(acceleration_time.clone()))
                .with("user_setpoint", ReadableFormat::NotRead, Device::new(setpoint.clone()));
            let manner = Manner::Simulated { velocity, acceleration_time };
            let axis = Axis::new(naming.name.clone(), readback, setpoint, manner);
            Assembly::new("SimMotor", &naming, parts).labelled(self.labels).moving(axis)
        })
    }
}

impl From<AsyncMotor> for Device {
    fn from(motor: AsyncMotor) -> Self {
        let naming = Naming::of_top(motor.name.clone(), Text::literal("-"), motor.mock);
        motor.build(&naming)
    }
}
