//! A flight of a motor: at one velocity between two positions.

use std::sync::Arc;
use std::time::Duration;

use super::leg::{Leg, Pace};
use super::motor_device::MotorDevice;
use crate::device::{Args, Cx, DeviceError, Flyable, Preparable, Status, StatusKind};
use crate::value::{Map, Text, Value};
use skyspan_trace::internal::lock;

/// A flight: at one velocity from one position to another, in so much time (`ophyd_async.core.FlyMotorInfo`).
///
/// A [`SimMotor`](super::SimMotor) that is prepared for it goes to where it has to speed up from, as fast as it moves. Kicked
/// off, it begins, and is kicked off when it has its velocity, at the start position; complete it is when it has slowed down
/// behind the end position. How long it takes to the velocity is the acceleration time of the motor.
///
/// ```
/// use skyspan::hardware::FlyMotorInfo;
/// use skyspan::prelude::*;
///
/// let lab = Harness::new();
/// let stage = lab.add(SimMotor::new("stage").velocity(10.0).acceleration_time_s(0.5));
/// let run = lab.run(plan(async move |p| {
///     let flight = FlyMotorInfo { start_position: 0.0, end_position: 8.0, time_for_move_s: 4.0 };
///     p.prepare_in(&stage, flight, "ready").await?;
///     p.wait("ready").await?;
///     assert_eq!(stage.position(), Some((-0.5).into()), "2 mm/s in 0.5 s take half a millimetre");
///     p.open_run(Map::new()).await?;
///     p.kickoff_all(&stage).await?;
///     assert_eq!(stage.position(), Some(0.0.into()));
///     p.complete_all(&stage, "done").await?;
///     p.wait("done").await?;
///     assert_eq!(stage.position(), Some(8.5.into()));
///     p.close_run().await
/// }));
/// run.assert_success();
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FlyMotorInfo {
    /// Where it has its velocity.
    pub start_position: f64,
    /// Until where it has.
    pub end_position: f64,
    /// How long it takes from the one to the other, in seconds.
    pub time_for_move_s: f64,
}

impl From<FlyMotorInfo> for Value {
    fn from(flight: FlyMotorInfo) -> Self {
        Map::from_iter([
            ("start_position", flight.start_position),
            ("end_position", flight.end_position),
            ("time_for_move", flight.time_for_move_s),
        ])
        .into()
    }
}

impl FlyMotorInfo {
    /// The flight that a value stands for.
    pub(crate) fn of(value: &Value) -> Result<Self, DeviceError> {
        let Value::Map(map) = value else {
            return Err(DeviceError::type_error(format!(
                "expected a map of start_position, end_position and time_for_move, found {}: {value}",
                value.kind()
            )));
        };
        let number = |key: &str| {
            let number = map.get(key).and_then(Value::as_f64).filter(|number| number.is_finite());
            number.ok_or_else(|| DeviceError::value(format!("expected a number as the {key} of a flight in {value}")))
        };
        let [start_position, end_position] = [number("start_position")?, number("end_position")?];
        let flight = Self { start_position, end_position, time_for_move_s: number("time_for_move")? };
        if flight.time_for_move_s <= 0.0 || flight.start_position == flight.end_position {
            return Err(DeviceError::value(format!(
                "expected a flight that goes some way in some time, found {value}"
            )));
        }
        Ok(flight)
    }
}

/// A flight that was prepared.
#[derive(Debug)]
pub(super) struct Flight {
    pace: Pace,
    /// Where it starts and ends, the ways of speeding up and slowing down included.
    from: f64,
    to: f64,
    /// The number of its motion, once it has begun.
    motion: Option<u64>,
}

impl Preparable for MotorDevice {
    fn prepare(&self, cx: Cx<'_>, args: &Args) -> Result<Status, DeviceError> {
        let info = FlyMotorInfo::of(args.single()?)?;
        let usual = self.pace()?;
        let way = info.end_position - info.start_position;
        let pace = Pace { velocity: way.abs() / info.time_for_move_s, ..usual };
        let ramp = pace.ramp().copysign(way);
        let flight = Flight { pace, from: info.start_position - ramp, to: info.end_position + ramp, motion: None };
        for end in [flight.from, flight.to] {
            self.within_limits(&end.into(), end)?;
        }
        let from = flight.from;
        self.supersede(cx, from);
        *lock(&self.flight) = Some(flight);
        let status = Status::builder(cx, StatusKind::to(from)).settle_time(self.settle_time).build();
        self.go(cx, Some(&status), from.into(), |start| self.legs(start, from, usual));
        Ok(status)
    }
}

impl Flyable for MotorDevice {
    fn kickoff(&self, cx: Cx<'_>, args: &Args) -> Result<Status, DeviceError> {
        args.nothing()?;
        let position = self.carriage.position();
        let (from, to, pace) = match &*lock(&self.flight) {
            Some(Flight { from, to, pace, motion: None }) if from.to_bits() == position.to_bits() => {
                (*from, *to, *pace)
            }
            _ => {
                let message = format!("{} has to be prepared before it is kicked off", self.carriage.name);
                return Err(DeviceError::other(Text::literal("RuntimeError"), message));
            }
        };
        let status = Status::new(cx, StatusKind::Device);
        self.go(cx, None, to.into(), |_| vec![Leg::from_rest(from, to, pace)]);
        let motion = self.carriage.motion_number();
        if let Some(flight) = &mut *lock(&self.flight) {
            flight.motion = Some(motion);
        }
        let (carriage, flying) = (Arc::clone(&self.carriage), status.clone());
        let flies = move || {
            // A fault may have ended it already.
            if carriage.motion_number() == motion {
                drop(flying.set_finished());
            } else {
                let message = format!("{} was stopped before it had its velocity", carriage.name);
                drop(flying.set_exception(DeviceError::other(Text::literal("RuntimeError"), message)));
            }
        };
        match Duration::try_from_secs_f64(pace.acceleration_time_s) {
            Ok(time) if !time.is_zero() => drop(cx.clock().call_after(time, flies)),
            _ => flies(),
        }
        Ok(status)
    }

    fn complete(&self, cx: Cx<'_>, args: &Args) -> Result<Status, DeviceError> {
        args.nothing()?;
        let flight = lock(&self.flight).as_ref().and_then(|flight| Some((flight.motion?, flight.to)));
        let Some((motion, to)) = flight else {
            let message = format!("{} was not kicked off", self.carriage.name);
            return Err(DeviceError::other(Text::literal("RuntimeError"), message));
        };
        let status = Status::new(cx, StatusKind::Device);
        self.carriage.ends_with(motion, to, status.clone());
        Ok(status)
    }
}
