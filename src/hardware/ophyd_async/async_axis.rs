//! [`AsyncAxis`]: a movable of a setpoint and a readback, as drivers of ophyd-async make them.

use std::time::Duration;

use super::assembly::{Assembly, Parts};
use super::async_readable::ReadableFormat;
use super::async_signal::{AsyncSignal, Naming};
use super::axis::{Axis, Manner};
use crate::device::{Device, WeakDevice};
use crate::hardware::component_macros::takes_labels;
use crate::hardware::wanted;
use crate::value::Text;

/// When the readback of an [`AsyncAxis`] has the value that is set.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Arrives {
    /// At once, as it has in mock mode.
    AtOnce,
    /// A fixed time after the move began.
    After(Duration),
    /// Never. A set without a timeout does not end then.
    Never,
}

/// A movable of a setpoint and a readback: `ophyd_async.core.StandardMovable` 0.21.3, which is a `StandardReadable` too.
///
/// This is the axis to be: `Device::from` makes the device. It reads `NAME`; its configuration are the signals that are
/// [added](Self::config). Set, it is done when its readback is what was set.
///
/// ```
/// use skyspan::hardware::{Arrives, AsyncAxis};
/// use skyspan::prelude::*;
///
/// let lab = Harness::new();
/// let furnace = lab.add(AsyncAxis::new("furnace").units("K").arrives(Arrives::After(secs(30.0))));
/// let run = lab.run(plan(async move |p| p.mv(&furnace, 500.0).await));
/// assert_eq!(run.duration(), secs(30.0));
/// ```
#[derive(Clone, Debug)]
pub struct AsyncAxis {
    name: Text,
    class_name: Text,
    value: f64,
    units: Option<Text>,
    precision: Option<i64>,
    limits: Option<(f64, f64)>,
    arrives: Arrives,
    config: Vec<(Text, AsyncSignal)>,
    labels: Vec<Text>,
    mock: bool,
}

impl AsyncAxis {
    /// An axis at 0, which arrives at once.
    #[must_use]
    pub fn new(name: impl Into<Text>) -> Self {
        Self {
            name: name.into(),
            class_name: Text::literal("StandardMovable"),
            value: 0.0,
            units: None,
            precision: None,
            limits: None,
            arrives: Arrives::AtOnce,
            config: Vec::new(),
            labels: Vec::new(),
            mock: false,
        }
    }

    /// The name of its class, as its `repr` has it; `StandardMovable` unless one says otherwise.
    #[must_use]
    pub fn class_name(mut self, class_name: impl Into<Text>) -> Self {
        self.class_name = class_name.into();
        self
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

    /// The unit of its position.
    #[must_use]
    pub fn units(mut self, units: impl Into<Text>) -> Self {
        self.units = Some(units.into());
        self
    }

    /// How many digits behind the point of its position matter.
    #[must_use]
    pub const fn precision(mut self, precision: i64) -> Self {
        self.precision = Some(precision);
        self
    }

    /// Where it can be, both ends included. A set beyond fails with a `ValueError`. There are no limits where the low one is not
    /// below the high one.
    ///
    /// # Panics
    ///
    /// If one of them is no number.
    #[must_use]
    #[track_caller]
    pub fn limits(mut self, low: f64, high: f64) -> Self {
        self.limits = wanted::limits(low, high);
        self
    }

    /// When its readback has the value that is set; at once unless one says otherwise.
    #[must_use]
    pub const fn arrives(mut self, arrives: Arrives) -> Self {
        self.arrives = arrives;
        self
    }

    /// Adds a signal to its configuration, by its attribute.
    #[must_use]
    pub fn config(mut self, attribute: impl Into<Text>, signal: AsyncSignal) -> Self {
        self.config.push((attribute.into(), signal));
        self
    }

    /// It is connected in mock mode.
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
            let own_name = Naming { name: naming.name.clone(), ..naming.child("", own) };
            let mut readback = AsyncSignal::new("", self.value);
            readback.units = self.units;
            readback.precision = self.precision;
            let readback = readback.build(&own_name);
            let setpoint = AsyncSignal::new("", self.value).build(&naming.child("user_setpoint", own));
            let mut parts =
                Parts::default().with("user_readback", ReadableFormat::HintedSignal, Device::new(readback.clone()));
            for (attribute, signal) in self.config {
                let signal = signal.build(&naming.child(&attribute, own));
                parts = parts.with(attribute, ReadableFormat::ConfigSignal, Device::new(signal));
            }
            let parts = parts.with("user_setpoint", ReadableFormat::NotRead, Device::new(setpoint.clone()));
            let manner = Manner::Following { arrives: self.arrives, limits: self.limits };
            let axis = Axis::new(naming.name.clone(), readback, setpoint, manner);
            Assembly::new(self.class_name, &naming, parts).labelled(self.labels).moving(axis)
        })
    }
}

impl From<AsyncAxis> for Device {
    fn from(axis: AsyncAxis) -> Self {
        let naming = Naming::of_top(axis.name.clone(), Text::literal("-"), axis.mock);
        axis.build(&naming)
    }
}
