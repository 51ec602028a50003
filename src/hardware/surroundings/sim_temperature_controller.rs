//! [`SimTemperatureController`]: a controller whose temperature comes near to its setpoint.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::approach::Rate;
use super::oven::{Oven, OvenTemperature};
use crate::clock::Timestamp;
use crate::device::{
    Args, Callback, Checkable, Cx, Device, DeviceError, Interceptable, Locatable, Location, Movable, OphydObject,
    Positioner, Status, StatusKind, Stoppable, Subscribable, SubscriptionId, SyncOrAsync, WeakDevice,
};
use crate::hardware::component_macros::{takes_labels, takes_parent};
use crate::hardware::components::{Components, Kind, device_of_components, protocols_of_components};
use crate::hardware::signal::Signal;
use crate::hardware::signal_state::Subscribers;
use crate::hardware::wanted;
use crate::value::{Map, Text, Value};

/// A controller whose temperature comes near to its setpoint: no class of `ophyd.sim`.
///
/// This is the controller to be: `Device::from` makes the device. It reads `NAME`, the temperature, and `NAME_setpoint`; its
/// configuration is `NAME_tolerance` and `NAME_hold_time`, by which the next set goes.
///
/// By a time constant τ the temperature comes near to the setpoint as e^(-t/τ); by a ramp it goes there evenly, and stays. A
/// set is done when the temperature has been within the tolerance for the hold time: τ ln(d / tolerance) after it began from
/// a distance d, or (d - tolerance) / rate, rounded to the nanosecond, and the hold time later. The temperature goes on from
/// there, and is known at any time.
///
/// Set anew, it goes on from where it is, and the earlier set fails with a `RuntimeError`. Told to stop, it holds the
/// temperature at which it is.
///
/// ```
/// use skyspan::hardware::SimTemperatureController;
/// use skyspan::prelude::*;
///
/// let lab = Harness::new();
/// let furnace = SimTemperatureController::new("furnace").value(300.0).ramp_rate(2.0).tolerance(1.0).hold_s(10.0);
/// let furnace = lab.add(furnace);
/// let run = lab.run(plan(async move |p| p.mv(&furnace, 401).await));
/// assert_eq!(run.duration(), secs((101.0 - 1.0) / 2.0 + 10.0));
/// ```
#[derive(Clone, Debug)]
pub struct SimTemperatureController {
    name: Text,
    value: f64,
    rate: Rate,
    tolerance: f64,
    hold_s: f64,
    limits: Option<(f64, f64)>,
    update_period: Duration,
    egu: Text,
    labels: Vec<Text>,
    parent: Option<WeakDevice>,
}

impl SimTemperatureController {
    /// A controller at 295 K with a time constant of 60 s, and a tolerance of 0.1 K that does not have to be held.
    #[must_use]
    pub fn new(name: impl Into<Text>) -> Self {
        Self {
            name: name.into(),
            value: 295.0,
            rate: Rate::TimeConstant(60.0),
            tolerance: 0.1,
            hold_s: 0.0,
            limits: None,
            update_period: Duration::from_secs(1),
            egu: Text::literal("K"),
            labels: Vec::new(),
            parent: None,
        }
    }

    /// The temperature at first, and the setpoint; 295 unless one says otherwise.
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

    /// After how many seconds the e-th part of the way is left; 60 unless one says otherwise.
    #[must_use]
    pub const fn time_constant_s(mut self, time_constant_s: f64) -> Self {
        self.rate = Rate::TimeConstant(time_constant_s);
        self
    }

    /// By how much it goes in a second, evenly, in place of a time constant.
    #[must_use]
    pub const fn ramp_rate(mut self, units_per_s: f64) -> Self {
        self.rate = Rate::Ramp(units_per_s);
        self
    }

    /// How near it has to be; 0.1 unless one says otherwise. A set fails with a `ValueError` where this is not positive.
    ///
    /// # Panics
    ///
    /// If it is negative or not finite.
    #[must_use]
    #[track_caller]
    pub fn tolerance(mut self, tolerance: f64) -> Self {
        self.tolerance = wanted::from_zero("tolerance", tolerance);
        self
    }

    /// How long it has to be that near, in seconds; not at all unless one says otherwise.
    ///
    /// # Panics
    ///
    /// If it is negative or not finite.
    #[must_use]
    #[track_caller]
    pub fn hold_s(mut self, hold_s: f64) -> Self {
        self.hold_s = wanted::from_zero("hold_s", hold_s);
        self
    }

    /// To what it may be set, both ends included; a value outside is refused with a `LimitError`. There are no limits where
    /// the low one is not below the high one.
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

    /// How often those are told who follow it until a set is done, in seconds; every second unless one says otherwise, and
    /// only then for 0.
    ///
    /// # Panics
    ///
    /// If it is negative, no number, or more than a duration holds.
    #[must_use]
    #[track_caller]
    pub fn update_period_s(mut self, update_period_s: f64) -> Self {
        self.update_period = wanted::seconds("update_period_s", update_period_s);
        self
    }

    /// The unit; `K` unless one says otherwise.
    #[must_use]
    pub fn egu(mut self, egu: impl Into<Text>) -> Self {
        self.egu = egu.into();
        self
    }

    takes_labels!();

    takes_parent!();
}

impl From<SimTemperatureController> for Device {
    fn from(controller: SimTemperatureController) -> Self {
        let name = |attribute: &str| format!("{}_{attribute}", controller.name);
        let read = |name: Text, kind| {
            let mut signal = Signal::new(name, controller.value).kind(kind);
            signal.described = Map::from_iter([("units", Value::from(&controller.egu))]);
            signal.read_only = true;
            Arc::new(Interceptable::new(signal))
        };
        let config = |attribute: &str, value: f64| {
            Arc::new(Interceptable::new(Signal::new(name(attribute), value).kind(Kind::Config)))
        };
        let readback = read(controller.name.clone(), Kind::Hinted);
        let setpoint = read(name("setpoint").into(), Kind::Normal);
        let (tolerance, hold_time) =
            (config("tolerance", controller.tolerance), config("hold_time", controller.hold_s));
        let components = Components::new("SimTemperatureController", controller.name.clone())
            .of_parent(controller.parent)
            .labelled(controller.labels)
            .with("readback", Arc::clone(&readback))
            .with("setpoint", Arc::clone(&setpoint))
            .with("tolerance", Arc::clone(&tolerance))
            .with("hold_time", Arc::clone(&hold_time));
        let oven = Arc::new_cyclic(|own| Oven {
            readback: Arc::clone(&readback),
            subscribers: Subscribers::default(),
            update_period: controller.update_period,
            state: Mutex::new(OvenTemperature::at_rest(controller.value)),
            own: own.clone(),
        });
        let live = Arc::downgrade(&oven);
        readback.state.lives_by(live);
        let (rate, limits, egu) = (controller.rate, controller.limits, controller.egu);
        Self::new_cyclic(|device| {
            components.adopt(device);
            ControllerDevice { components, oven, setpoint, tolerance, hold_time, rate, limits, egu }
        })
    }
}

#[derive(Debug)]
struct ControllerDevice {
    components: Components,
    oven: Arc<Oven>,
    setpoint: Arc<Interceptable<Signal>>,
    tolerance: Arc<Interceptable<Signal>>,
    hold_time: Arc<Interceptable<Signal>>,
    rate: Rate,
    limits: Option<(f64, f64)>,
    egu: Text,
}

impl ControllerDevice {
    fn within_limits(&self, value: &Value) -> Result<f64, DeviceError> {
        let target = Args::one(value.clone()).single_number()?;
        let name = self.components.name();
        if !target.is_finite() {
            return Err(DeviceError::value(format!("{name} cannot be set to {value}")));
        }
        match self.limits {
            Some((low, high)) if !(low..=high).contains(&target) => {
                let message = format!("{name}: value {value} outside of range: [{low:?}, {high:?}]");
                Err(DeviceError::other(Text::literal("LimitError"), message))
            }
            _ => Ok(target),
        }
    }

    fn put_setpoint(&self, value: Value, now: Timestamp) {
        self.setpoint.state.put(value, now);
        self.setpoint.subscribers.notify(|| self.setpoint.readings());
    }
}

impl Movable for ControllerDevice {
    fn set(&self, cx: Cx<'_>, args: &Args) -> Result<Status, DeviceError> {
        let value = args.single()?;
        let target = self.within_limits(value)?;
        let number = |signal: &Signal, at_least: f64, expected: &str| {
            let value = signal.get();
            let number = value.as_f64().filter(|number| *number >= at_least && number.is_finite());
            number.ok_or_else(|| DeviceError::value(format!("{} is {value}; expected {expected}", signal.name())))
        };
        let tolerance = number(&self.tolerance, f64::MIN_POSITIVE, "a number greater than zero")?;
        let hold_s = number(&self.hold_time, 0.0, "a time in seconds that is not negative")?;
        let (Rate::TimeConstant(rate) | Rate::Ramp(rate)) = self.rate;
        if rate.is_nan() || rate <= 0.0 {
            let expected = "expected a time constant or a ramp rate greater than zero";
            return Err(DeviceError::value(format!("{expected}, {} has {rate:?}", self.components.name())));
        }
        if let Some(earlier) = self.oven.approach(cx.clock(), target, self.rate) {
            let message = format!("{} was set to {value} before it was done", self.components.name());
            // A fault may have ended it already.
            drop(earlier.set_exception(DeviceError::other(Text::literal("RuntimeError"), message)));
        }
        let status = Status::new(cx, StatusKind::to(value.clone()));
        self.put_setpoint(value.clone(), cx.now());
        let hold = Duration::try_from_secs_f64(hold_s).unwrap_or(Duration::MAX);
        self.oven.done_within(tolerance, hold, &status);
        Ok(status)
    }
}

/// Holds the temperature at which it is.
impl Stoppable for ControllerDevice {
    fn stop<'a>(&'a self, cx: Cx<'a>, success: bool) -> SyncOrAsync<'a, Result<(), DeviceError>> {
        if !self.oven.is_being_set() {
            return Ok(()).into();
        }
        let now = self.oven.temperature();
        let set = self.oven.approach(cx.clock(), now, self.rate);
        self.put_setpoint(now.into(), cx.now());
        self.oven.tell();
        let Some(status) = set else { return Ok(()).into() };
        // A fault may have ended it already.
        if success {
            drop(status.set_finished());
        } else {
            let message = format!("{} was stopped at {now}", self.components.name());
            drop(status.set_exception(DeviceError::other(Text::literal("RuntimeError"), message)));
        }
        Ok(()).into()
    }
}

impl Checkable for ControllerDevice {
    fn check_value(&self, value: &Value) -> Result<(), DeviceError> {
        self.within_limits(value).map(drop)
    }
}

impl Locatable for ControllerDevice {
    fn locate<'a>(&'a self, _: Cx<'a>) -> SyncOrAsync<'a, Result<Location, DeviceError>> {
        Ok(Location { setpoint: self.setpoint.get(), readback: self.oven.readback.get() }).into()
    }
}

/// The position of the controller is its temperature.
impl Positioner for ControllerDevice {
    fn position(&self) -> Value {
        self.oven.temperature().into()
    }

    fn egu(&self) -> Option<Text> {
        Some(self.egu.clone())
    }

    fn limits(&self) -> Option<(Value, Value)> {
        self.limits.map(|(low, high)| (low.into(), high.into()))
    }
}

/// Tells of the temperature.
impl Subscribable for ControllerDevice {
    fn subscribe(&self, callback: Callback) -> SubscriptionId {
        let id = self.oven.subscribers.add(callback, || self.oven.readback.readings());
        self.oven.tell_meanwhile();
        id
    }

    fn clear_sub(&self, id: SubscriptionId) {
        self.oven.subscribers.remove(id);
    }
}

device_of_components!(ControllerDevice, but stop);

impl OphydObject for ControllerDevice {
    protocols_of_components!();

    fn as_movable(&self) -> Option<&dyn Movable> {
        Some(self)
    }

    fn as_checkable(&self) -> Option<&dyn Checkable> {
        Some(self)
    }

    fn as_locatable(&self) -> Option<&dyn Locatable> {
        Some(self)
    }

    fn as_positioner(&self) -> Option<&dyn Positioner> {
        Some(self)
    }

    fn as_subscribable(&self) -> Option<&dyn Subscribable> {
        Some(self)
    }
}
