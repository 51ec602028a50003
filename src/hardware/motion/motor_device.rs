//! The device that a [`SimMotor`](super::SimMotor) becomes.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::carriage::{Carriage, End};
use super::fly::Flight;
use super::leg::{Leg, Pace};
use crate::clock::Timestamp;
use crate::device::{
    Args, Callback, Checkable, Cx, DeviceError, Flyable, Interceptable, Locatable, Location, Movable, OphydObject,
    Positioner, Preparable, Status, StatusKind, Stoppable, Subscribable, SubscriptionId, SyncOrAsync, Triggerable,
};
use crate::hardware::components::{Components, device_of_components, protocols_of_components};
use crate::hardware::setpoint_signal::SetpointSignal;
use crate::hardware::signal::Signal;
use crate::hardware::signal_state::SubscribeOptions;
use crate::value::{Map, Text, Value, float_repr};

#[derive(Debug)]
pub(super) struct MotorDevice {
    pub(super) components: Components,
    pub(super) carriage: Arc<Carriage>,
    pub(super) setpoint: Arc<Interceptable<SetpointSignal>>,
    pub(super) velocity: Arc<Interceptable<Signal>>,
    pub(super) acceleration_time: Arc<Interceptable<Signal>>,
    pub(super) latency: Duration,
    pub(super) settle_time: Duration,
    pub(super) limits: Option<(f64, f64)>,
    pub(super) backlash: f64,
    pub(super) precision: i64,
    pub(super) egu: Text,
    pub(super) flight: Mutex<Option<Flight>>,
}

impl MotorDevice {
    /// How fast it moves, by its configuration.
    pub(super) fn pace(&self) -> Result<Pace, DeviceError> {
        let number = |signal: &Signal, accepted: fn(f64) -> bool, expected: &str| {
            let value = signal.get();
            match value.as_f64() {
                Some(number) if accepted(number) => Ok(number),
                _ => Err(DeviceError::value(format!("{} is {value}; it moves by {expected} only", signal.name()))),
            }
        };
        Ok(Pace {
            velocity: number(&self.velocity, |number| number > 0.0, "a velocity greater than zero")?,
            acceleration_time_s: number(
                &self.acceleration_time,
                |number| number >= 0.0 && number.is_finite(),
                "a finite time that is not negative",
            )?,
        })
    }

    /// The legs of a move: it stands still for its latency, and then goes. Where it would come to its target from the wrong side, it goes beyond it first.
    pub(super) fn legs(&self, start: f64, target: f64, pace: Pace) -> Vec<Leg> {
        let mut legs = Vec::with_capacity(1);
        if !self.latency.is_zero() {
            legs.push(Leg::standing(start, self.latency.as_secs_f64()));
        }
        if (target - start) * self.backlash < 0.0 {
            let beyond = target - self.backlash;
            legs.extend([Leg::from_rest(start, beyond, pace), Leg::from_rest(beyond, target, pace)]);
        } else {
            legs.push(Leg::from_rest(start, target, pace));
        }
        legs
    }

    pub(super) fn within_limits(&self, value: &Value, target: f64) -> Result<(), DeviceError> {
        if !target.is_finite() {
            return Err(DeviceError::value(format!("{} cannot be told to go to {value}", self.components.name())));
        }
        match self.limits {
            Some((low, high)) if !(low..=high).contains(&target) => {
                let (name, low, high) = (self.components.name(), float_repr(low), float_repr(high));
                let message = format!("{name}: value {value} outside of range: [{low}, {high}]");
                Err(DeviceError::other(Text::literal("LimitError"), message))
            }
            _ => Ok(()),
        }
    }

    /// Whatever is under way is given up for a target; from here on the motor slows down, if it moves.
    pub(super) fn supersede(&self, cx: Cx<'_>, target: f64) {
        self.carriage.encoder.noise_from(cx.seed());
        self.carriage.supersede(target);
    }

    /// Begins to go somewhere, from where it stands or comes to stand. The status, if there is one, ends with it.
    pub(super) fn go(&self, cx: Cx<'_>, status: Option<&Status>, target: Value, legs: impl FnOnce(f64) -> Vec<Leg>) {
        let setpoint = &self.setpoint.signal;
        setpoint.state.put(target, cx.now());
        setpoint.subscribers.notify(|| setpoint.readings());
        if let Some(status) = status {
            let followed = Arc::downgrade(&self.carriage);
            status.on_watch(move || {
                if let Some(carriage) = followed.upgrade() {
                    carriage.tell_while_moving();
                }
            });
        }
        self.carriage.go(cx.clock(), status.cloned(), legs, |began, end| ending(cx, began, end));
    }
}

/// How a motion ends, if a fault has it stall.
fn ending(cx: Cx<'_>, began: Timestamp, end: Timestamp) -> End {
    let stalls_at = cx.ending().and_then(|ending| match &ending.fails {
        Some((after, _)) => Some(began + *after),
        None if ending.never => Some(began + (end - began) / 2),
        None => None,
    });
    stalls_at.filter(|at| *at < end).map_or(End::Arrived, End::Stalled)
}

impl Movable for MotorDevice {
    fn set(&self, cx: Cx<'_>, args: &Args) -> Result<Status, DeviceError> {
        let (value, target) = (args.single()?, args.single_number()?);
        self.within_limits(value, target)?;
        if !self.carriage.position().is_finite() {
            let (name, at) = (self.components.name(), float_repr(self.carriage.position()));
            return Err(DeviceError::value(format!("{name} is at {at}, from where there is no way to anywhere")));
        }
        let pace = self.pace()?;
        self.supersede(cx, target);
        let status = Status::builder(cx, StatusKind::to(value.clone())).settle_time(self.settle_time).build();
        self.go(cx, Some(&status), value.clone(), |start| self.legs(start, target, pace));
        Ok(status)
    }
}

impl Checkable for MotorDevice {
    fn check_value(&self, value: &Value) -> Result<(), DeviceError> {
        self.within_limits(value, Args::one(value.clone()).single_number()?)
    }
}

/// Slows down, and waits until it stands still.
impl Stoppable for MotorDevice {
    fn stop<'a>(&'a self, cx: Cx<'a>, success: bool) -> SyncOrAsync<'a, Result<(), DeviceError>> {
        self.carriage.stop(success);
        match self.carriage.rests_at() {
            None => Ok(()).into(),
            Some(at) => SyncOrAsync::later(async move {
                cx.clock().sleep_until(at).await;
                // In real time the timer of its end may come a moment later, when it may have been told something else.
                self.carriage.end_if_due();
                Ok(())
            }),
        }
    }
}

impl Locatable for MotorDevice {
    fn locate<'a>(&'a self, _: Cx<'a>) -> SyncOrAsync<'a, Result<Location, DeviceError>> {
        let setpoint = self.setpoint.signal.state.value();
        Ok(Location { setpoint, readback: self.carriage.readback.get() }).into()
    }
}

/// Nothing is there to be triggered, and so it is done (`ophyd.Device.trigger`).
impl Triggerable for MotorDevice {
    fn trigger(&self, cx: Cx<'_>) -> Result<Status, DeviceError> {
        let status = Status::new(cx, StatusKind::Device);
        let _ = status.set_finished();
        Ok(status)
    }
}

impl Positioner for MotorDevice {
    fn position(&self) -> Value {
        self.carriage.position().into()
    }

    fn egu(&self) -> Option<Text> {
        Some(self.egu.clone())
    }

    fn precision(&self) -> Option<i64> {
        Some(self.precision)
    }

    fn limits(&self) -> Option<(Value, Value)> {
        self.limits.map(|(low, high)| (low.into(), high.into()))
    }
}

/// Tells of the readback.
impl Subscribable for MotorDevice {
    fn subscribe(&self, callback: Callback) -> SubscriptionId {
        let id = self.carriage.subscribers.add(callback, || self.carriage.readback.readings());
        self.carriage.tell_while_moving();
        id
    }

    fn subscribe_with(&self, callback: Callback, options: &Map) -> Result<SubscriptionId, DeviceError> {
        let options = SubscribeOptions::of(options, "readback", &["start_moving", "done_moving", "acq_done"])?;
        if !options.of_readings {
            return Ok(self.carriage.subscribers.add_idle());
        }
        let id = self.carriage.subscribers.add_with(callback, options.run, || self.carriage.readback.readings());
        self.carriage.tell_while_moving();
        Ok(id)
    }

    fn clear_sub(&self, id: SubscriptionId) {
        self.carriage.subscribers.remove(id);
    }
}

device_of_components!(MotorDevice, but stop);

impl OphydObject for MotorDevice {
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

    fn as_preparable(&self) -> Option<&dyn Preparable> {
        Some(self)
    }

    fn as_flyable(&self) -> Option<&dyn Flyable> {
        Some(self)
    }

    fn as_triggerable(&self) -> Option<&dyn Triggerable> {
        Some(self)
    }

    fn as_subscribable(&self) -> Option<&dyn Subscribable> {
        Some(self)
    }
}
