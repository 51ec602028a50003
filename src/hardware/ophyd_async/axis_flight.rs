//! A flight of a simulated motor of ophyd-async.

use std::sync::Arc;

use opentelemetry::Context;

use super::axis::{Axis, Manner};
use super::timeouts::Patience;
use crate::device::{Args, Cx, DeviceError, Flyable, Preparable, Status, StatusKind, WeakStatus};
use crate::hardware::FlyMotorInfo;
use crate::value::Text;
use skyspan_trace::internal::lock;

/// What is known of the flight of a motor.
#[derive(Debug, Default)]
pub(super) struct Flight {
    prepared: Option<FlyMotorInfo>,
    flown: Option<Flown>,
}

/// A flight that was kicked off.
#[derive(Debug)]
enum Flown {
    UnderWay(WeakStatus),
    Over(Result<(), DeviceError>),
}

impl FlyMotorInfo {
    /// How far it is from rest to its velocity, signed.
    fn ramp(self, acceleration_time_s: f64) -> f64 {
        acceleration_time_s * (self.end_position - self.start_position) / (2.0 * self.time_for_move_s)
    }
}

fn runtime_error(message: &'static str) -> DeviceError {
    DeviceError::other("RuntimeError", Text::literal(message))
}

/// It goes to where it has to speed up from, in no time, and has the velocity of the flight from then on.
impl Preparable for Axis {
    fn prepare(&self, cx: Cx<'_>, args: &Args) -> Result<Status, DeviceError> {
        let (value, axis, clock) = (args.single()?.clone(), self.clone(), cx.clock().clone());
        Ok(Status::spawn(cx, async move {
            let flight = FlyMotorInfo::of(&value)?;
            let core = &axis.0;
            let Manner::Simulated { velocity, acceleration_time } = &core.manner else { return Ok(()) };
            lock(&core.flight).prepared = Some(flight);
            velocity.store_setpoint(0.0.into(), clock.now());
            let start = flight.start_position - flight.ramp(acceleration_time.number());
            if core.readback.number() != start {
                core.setpoint.store_setpoint(start.into(), clock.now());
                core.readback.store(start.into(), clock.now());
            }
            let speed = (flight.end_position - flight.start_position).abs() / flight.time_for_move_s;
            velocity.store_setpoint(speed.into(), clock.now());
            Ok(())
        }))
    }
}

/// Kicked off is the motor when it has had the time to come to its velocity; completed, when its move is done.
impl Flyable for Axis {
    fn kickoff(&self, cx: Cx<'_>, args: &Args) -> Result<Status, DeviceError> {
        args.nothing()?;
        let (axis, shared, device) = (self.clone(), Arc::clone(cx.shared()), cx.device().clone());
        Ok(Status::spawn(cx, async move {
            let core = Arc::clone(&axis.0);
            let Manner::Simulated { acceleration_time, .. } = &core.manner else { return Ok(()) };
            let prepared = lock(&core.flight).prepared;
            let flight =
                prepared.ok_or_else(|| runtime_error("Motor must be prepared before attempting to kickoff"))?;
            let acceleration_time_s = acceleration_time.number();
            let (to, none) = (flight.end_position + flight.ramp(acceleration_time_s), Context::new());
            let moving = axis.begin(Cx::new(&shared, &device, &none), to.into(), Patience::OfDevice);
            lock(&core.flight).flown = Some(Flown::UnderWay(moving.downgrade()));
            let of_move = Arc::downgrade(&core);
            moving.add_callback(move |moving| {
                let Some(core) = of_move.upgrade() else { return };
                let mut flight = lock(&core.flight);
                if matches!(&flight.flown, Some(Flown::UnderWay(status)) if status.is(moving)) {
                    flight.flown = Some(Flown::Over(moving.exception().map_or(Ok(()), Err)));
                }
            });
            drop(moving);
            let time = std::time::Duration::try_from_secs_f64(acceleration_time_s).unwrap_or_default();
            shared.clock.sleep(time).await;
            Ok(())
        }))
    }

    fn complete(&self, cx: Cx<'_>, args: &Args) -> Result<Status, DeviceError> {
        args.nothing()?;
        let flight = lock(&self.0.flight);
        match &flight.flown {
            None => Err(runtime_error("kickoff not called")),
            Some(Flown::UnderWay(status)) => status.upgrade().ok_or_else(|| runtime_error("the flight is gone")),
            Some(Flown::Over(outcome)) => {
                let (outcome, status) = (outcome.clone(), Status::new(cx, StatusKind::Async { watchable: true }));
                drop(flight);
                status.end_as(outcome);
                Ok(status)
            }
        }
    }
}
