//! [`Axis`]: what moves of a device of ophyd-async.

use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

use super::async_axis::Arrives;
use super::axis_flight::Flight;
use super::profile::Profile;
use super::soft_signal::{SoftSignal, no_options};
use super::timeouts::{Patience, value_and_patience, within};
use crate::clock::Clock;
use crate::device::{
    Args, Callback, Checkable, Cx, DeviceError, DeviceTask, Locatable, Location, Movable, Positioner, Status,
    Stoppable, Subscribable, SubscriptionId, SyncOrAsync, WeakStatus,
};
use crate::value::{Map, Text, Value, repr};
use skyspan_trace::internal::lock;

/// What moves of a device: a setpoint, and a readback that follows it (`ophyd_async.core.StandardMovable`, 0.21.3).
///
/// A second move does not end the first: both go on, and each is done at its own time. A stop ends the last one.
#[derive(Clone, Debug)]
pub(super) struct Axis(pub(super) Arc<AxisCore>);

#[derive(Debug)]
pub(super) struct AxisCore {
    pub(super) name: Text,
    pub(super) readback: SoftSignal,
    pub(super) setpoint: SoftSignal,
    pub(super) manner: Manner,
    /// The move that was begun last.
    moving: Mutex<Option<Moving>>,
    pub(super) flight: Mutex<Flight>,
}

/// By which formula the axis moves.
#[derive(Debug)]
pub(super) enum Manner {
    /// As `ophyd_async.sim.SimMotor`: at a velocity, which it has after so long.
    Simulated { velocity: SoftSignal, acceleration_time: SoftSignal },
    /// The readback has the value that is set when that is so; some values are refused.
    Following { arrives: Arrives, limits: Option<(f64, f64)> },
}

/// A move that is under way.
#[derive(Debug)]
struct Moving {
    status: WeakStatus,
    work: Weak<DeviceTask>,
}

impl Axis {
    pub(super) fn new(name: Text, readback: SoftSignal, setpoint: SoftSignal, manner: Manner) -> Self {
        let (moving, flight) = (Mutex::default(), Mutex::default());
        Self(Arc::new(AxisCore { name, readback, setpoint, manner, moving, flight }))
    }

    /// Whether it can be prepared for a flight.
    pub(super) fn flies(&self) -> bool {
        matches!(self.0.manner, Manner::Simulated { .. })
    }

    /// Begins a move to a value, and gives its status.
    pub(super) fn begin(&self, cx: Cx<'_>, to: Value, patience: Patience) -> Status {
        let (core, clock) = (Arc::clone(&self.0), cx.clock().clone());
        let (status, work) = Status::spawn_work(cx, true, |status| async move {
            core.check(&to)?;
            core.report(&status, &to);
            core.go(&clock, to, patience).await
        });
        *lock(&self.0.moving) = Some(Moving { status: status.downgrade(), work });
        status
    }
}

impl AxisCore {
    fn check(&self, to: &Value) -> Result<(), DeviceError> {
        let Manner::Following { limits: Some((low, high)), .. } = self.manner else { return Ok(()) };
        match to.as_f64() {
            Some(number) if (low..=high).contains(&number) => Ok(()),
            _ => Err(DeviceError::value(format!("{} is outside of {low:?} to {high:?}", repr(to)))),
        }
    }

    /// Tells the watchers of a move of every change of the readback, from now on until it is done.
    fn report(self: &Arc<Self>, status: &Status, to: &Value) {
        let (core, weak) = (Arc::downgrade(self), status.downgrade());
        let (initial, target) = (self.readback.value(), to.clone());
        let following = self.readback.follow(Box::new(move |readings| {
            let (Some(core), Some(status)) = (core.upgrade(), weak.upgrade()) else { return };
            let mut progress = status.progress_now();
            progress.name = core.name.clone();
            progress.current = readings.iter().next().map(|(_, reading)| reading.value.clone());
            progress.initial = Some(initial.clone());
            progress.target = Some(target.clone());
            progress.unit = core.readback.units();
            progress.precision = core.readback.precision();
            status.report(progress);
        }));
        let readback = self.readback.clone();
        status.add_callback(move |_| readback.follow_no_more(following));
    }

    async fn go(&self, clock: &Clock, to: Value, patience: Patience) -> Result<(), DeviceError> {
        match &self.manner {
            Manner::Simulated { velocity, acceleration_time } => {
                self.go_at(clock, &to, velocity.number().abs(), acceleration_time.number().abs()).await
            }
            Manner::Following { arrives, .. } => self.follow(clock, to, *arrives, patience).await,
        }
    }

    async fn go_at(&self, clock: &Clock, to: &Value, speed: f64, acceleration_time_s: f64) -> Result<(), DeviceError> {
        let (from, target) = (self.readback.number(), self.readback.datatype().convert(to)?);
        let to = target.as_f64().unwrap_or(f64::NAN);
        if !to.is_finite() {
            return Err(DeviceError::value(format!("{} cannot be moved to {target}", self.name)));
        }
        if from == to {
            return Ok(());
        }
        self.setpoint.store_setpoint(target.clone(), clock.now());
        if speed == 0.0 {
            self.readback.store(target, clock.now());
            return Ok(());
        }
        if !(acceleration_time_s > 0.0 && acceleration_time_s.is_finite() && speed.is_finite()) {
            return Err(DeviceError::value(format!(
                "{} moves at {speed:?} after {acceleration_time_s:?} s; expected finite numbers, and a time greater than \
                 zero (ophyd-async's own ends nowhere then)",
                self.name
            )));
        }
        let (profile, began) = (Profile::new(from, to, speed, acceleration_time_s), clock.now());
        for time_s in profile.updates() {
            let after = Duration::try_from_secs_f64(time_s).unwrap_or(Duration::MAX);
            clock.sleep_until(began + after).await;
            self.readback.store(profile.position(time_s).into(), clock.now());
        }
        Ok(())
    }

    /// Sets the setpoint, and waits for the readback.
    async fn follow(&self, clock: &Clock, to: Value, arrives: Arrives, patience: Patience) -> Result<(), DeviceError> {
        let wanted = self.readback.datatype().convert(&to)?;
        let patience_s = patience.or(None);
        if arrives == Arrives::AtOnce {
            self.readback.store(wanted.clone(), clock.now());
        }
        let arrival = async {
            self.setpoint.set_within(clock, &to, Patience::Of(None)).await?;
            match arrives {
                Arrives::AtOnce => {}
                Arrives::After(time) => {
                    clock.sleep(time).await;
                    self.readback.store(wanted, clock.now());
                }
                Arrives::Never => std::future::pending().await,
            }
            Ok(())
        };
        within(clock, patience_s, arrival).await.unwrap_or_else(|_| {
            let patience_s = Value::from(patience_s.unwrap_or_default().as_secs_f64());
            let (name, last) = (&self.name, self.readback.value());
            let message =
                format!("{name} didn't match {} in {}s, last value {}", repr(&to), repr(&patience_s), repr(&last));
            Err(DeviceError::other(Text::literal("TimeoutError"), message))
        })
    }
}

impl Movable for Axis {
    fn set(&self, cx: Cx<'_>, args: &Args) -> Result<Status, DeviceError> {
        let (value, patience) = value_and_patience(args, "new_position")?;
        Ok(self.begin(cx, value.clone(), patience))
    }
}

/// The last move ends: well, where that is how it is meant; else with a `RuntimeError`.
impl Stoppable for Axis {
    fn stop<'a>(&'a self, cx: Cx<'a>, success: bool) -> SyncOrAsync<'a, Result<(), DeviceError>> {
        let core = &self.0;
        if self.flies() {
            core.setpoint.store_setpoint(core.readback.value(), cx.now());
        }
        let moving = lock(&core.moving).take();
        if let Some(Moving { status, work }) = moving {
            if let Some(work) = work.upgrade() {
                work.abandon();
            }
            if let Some(status) = status.upgrade() {
                let stopped = || DeviceError::other("RuntimeError", format!("Device {} was stopped.", core.name));
                let outcome = if success { Ok(()) } else { Err(stopped()) };
                // As what is cancelled in Python it ends when the one who stops it has gone on.
                let _ = cx.clock().call_after(Duration::ZERO, move || status.end_as(outcome));
            }
        }
        Ok(()).into()
    }
}

impl Locatable for Axis {
    fn locate<'a>(&'a self, _: Cx<'a>) -> SyncOrAsync<'a, Result<Location, DeviceError>> {
        Ok(Location { setpoint: self.0.setpoint.value(), readback: self.0.readback.value() }).into()
    }
}

impl Checkable for Axis {
    fn check_value(&self, value: &Value) -> Result<(), DeviceError> {
        self.0.check(value)
    }
}

impl Subscribable for Axis {
    fn subscribe(&self, callback: Callback) -> SubscriptionId {
        self.0.readback.follow(callback)
    }

    fn subscribe_with(&self, callback: Callback, options: &Map) -> Result<SubscriptionId, DeviceError> {
        no_options("StandardMovable", options)?;
        Ok(self.subscribe(callback))
    }

    fn takes_suspender(&self) -> Result<(), DeviceError> {
        no_options("StandardMovable", &Map::from_iter([("event_type", Value::Null)]))
    }

    fn clear_sub(&self, id: SubscriptionId) {
        self.0.readback.follow_no_more(id);
    }
}

/// ophyd-async's have no `position`; whoever looks at a device in a test finds it here all the same.
impl Positioner for Axis {
    fn position(&self) -> Value {
        self.0.readback.value()
    }

    fn egu(&self) -> Option<Text> {
        self.0.readback.units()
    }

    fn precision(&self) -> Option<i64> {
        self.0.readback.precision()
    }
}
