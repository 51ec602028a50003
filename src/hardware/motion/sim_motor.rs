//! [`SimMotor`]: a motor that speeds up, goes on and slows down.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::carriage::{Carriage, CarriagePosition};
use super::encoder::Encoder;
use super::motor_device::MotorDevice;
use crate::device::{Device, Interceptable, WeakDevice};
use crate::hardware::component_macros::{takes_labels, takes_parent};
use crate::hardware::components::{Components, Kind};
use crate::hardware::setpoint_signal::SetpointSignal;
use crate::hardware::signal::Signal;
use crate::hardware::signal_state::Subscribers;
use crate::hardware::wanted;
use crate::value::{Map, Text, Value};

/// A motor that speeds up evenly, goes on at its velocity and slows down: no class of `ophyd.sim`, but what a motor of EPICS
/// is to ophyd (`ophyd.EpicsMotor`), with the motion of ophyd-async's `SimMotor`.
///
/// This is the motor to be: `Device::from` makes the device. It reads `NAME`, where it is, and `NAME_setpoint`, where it was
/// told to go; its configuration is `NAME_velocity` and `NAME_acceleration`, the time in seconds from rest to that velocity.
/// Both can be [configured](crate::device::Configurable) and set as components; the next move goes by them.
///
/// # Time
///
/// Over a distance d, with a velocity v and an acceleration time t, a move takes d / v + t seconds where d is at least v t,
/// and 2 √(d t / v) seconds where it is less and the velocity is never reached. It ends so many nanoseconds after its
/// beginning, rounded to the nearest; a move that has two parts takes what both take. Where the motor is in between is
/// computed when somebody asks: it is exact at any time.
///
/// ```
/// use skyspan::prelude::*;
///
/// let lab = Harness::new();
/// let stage = lab.add(SimMotor::new("stage").velocity(2.0).acceleration_time_s(0.5));
/// lab.at(secs(0.25)).call({
///     let stage = stage.clone();
///     // Half way through speeding up by 4 mm/s²: 4 / 2 * 0.25².
///     move || assert_eq!(stage.position(), Some(0.125.into()))
/// });
/// let run = lab.run(plan(async move |p| p.mv(&stage, 10).await));
/// assert_eq!(run.duration(), secs(10.0 / 2.0 + 0.5));
/// ```
///
/// # What else may happen to a move
///
/// Told to stop, the motor slows down as it has sped up. When it stands still, the move has ended: well if the stop was as
/// intended, as at a pause of the engine; if not, with a `RuntimeError`. The setpoint is then where it stands, and who
/// stopped it has waited until then.
///
/// Set while it moves, it slows down and goes on from where it has come to rest. The earlier move fails at once with a
/// `RuntimeError`, as in ophyd, where only one can be under way.
///
/// A fault that makes a move fail after a time leaves the motor where it is at that time; one by which it never ends leaves it
/// where it is after half the time of the move. By any other fault it moves as ever.
///
/// # Who follows it
///
/// Those who watch a move, and those who subscribe to the motor or its readback, are told where it is every
/// [`update_period_s`](Self::update_period_s) of a move and at its end. Where there is nobody, no timer is set for it.
#[derive(Clone, Debug)]
pub struct SimMotor {
    name: Text,
    velocity: f64,
    acceleration: Acceleration,
    value: f64,
    latency: Duration,
    settle_time: Duration,
    limits: Option<(f64, f64)>,
    backlash: f64,
    readback_noise: f64,
    readback_resolution: Option<f64>,
    update_period: Duration,
    precision: i64,
    egu: Text,
    labels: Vec<Text>,
    parent: Option<WeakDevice>,
}

/// How fast a motor comes to its velocity.
#[derive(Clone, Copy, Debug)]
enum Acceleration {
    /// In so many seconds.
    Time(f64),
    /// By so much per second squared, as long as its velocity is what it is at first.
    Rate(f64),
}

impl SimMotor {
    /// A motor at 0 that moves by 1 mm/s, and comes to that in 0.5 s.
    #[must_use]
    pub fn new(name: impl Into<Text>) -> Self {
        Self {
            name: name.into(),
            velocity: 1.0,
            acceleration: Acceleration::Time(0.5),
            value: 0.0,
            latency: Duration::ZERO,
            settle_time: Duration::ZERO,
            limits: None,
            backlash: 0.0,
            readback_noise: 0.0,
            readback_resolution: None,
            update_period: Duration::from_millis(100),
            precision: 3,
            egu: Text::literal("mm"),
            labels: Vec::new(),
            parent: None,
        }
    }

    /// The velocity in units per second; 1 unless one says otherwise. Infinite, every move takes no time. A move fails with a
    /// `ValueError` where it is not greater than zero.
    #[must_use]
    pub const fn velocity(mut self, velocity: f64) -> Self {
        self.velocity = velocity;
        self
    }

    /// How long it takes from rest to the velocity, and back, in seconds, as `ACCL` of EPICS; 0.5 unless one says otherwise. A
    /// move fails with a `ValueError` where it is negative.
    #[must_use]
    pub const fn acceleration_time_s(mut self, acceleration_time_s: f64) -> Self {
        self.acceleration = Acceleration::Time(acceleration_time_s);
        self
    }

    /// The acceleration in units per second squared, in place of its time. What is kept is the time that follows from it and
    /// from the velocity; if that is changed later, the time stays.
    #[must_use]
    pub const fn acceleration(mut self, acceleration: f64) -> Self {
        self.acceleration = Acceleration::Rate(acceleration);
        self
    }

    /// Where it is at first; 0 unless one says otherwise. A move fails with a `ValueError` where that is nowhere.
    #[must_use]
    pub const fn value(mut self, value: f64) -> Self {
        self.value = value;
        self
    }

    /// How long it stands still before each move that it is set to, in seconds, as a controller takes its time; no time unless one
    /// says otherwise. A move of no distance takes it, too.
    ///
    /// # Panics
    ///
    /// If it is negative, no number, or more than a duration holds.
    ///
    /// ```
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// let stage = lab.add(SimMotor::new("stage").velocity(2.0).acceleration_time_s(0.0).latency_s(0.25));
    /// let run = lab.run(plan(async move |p| p.mv(&stage, 10).await));
    /// assert_eq!(run.duration(), secs(0.25 + 5.0));
    /// ```
    #[must_use]
    #[track_caller]
    pub fn latency_s(mut self, latency_s: f64) -> Self {
        self.latency = wanted::seconds("latency_s", latency_s);
        self
    }

    /// How long it takes to settle at the end of a move, in seconds; no time unless one says otherwise.
    ///
    /// # Panics
    ///
    /// If it is negative, no number, or more than a duration holds.
    #[must_use]
    #[track_caller]
    pub fn settle_time_s(mut self, settle_time_s: f64) -> Self {
        self.settle_time = wanted::seconds("settle_time_s", settle_time_s);
        self
    }

    /// How far it may be told to go, both ends included. As in EPICS there are no limits where the low one is not below the
    /// high one; a value outside is refused with a `LimitError`. What it goes beyond a target for its
    /// [backlash](Self::backlash) is not limited.
    ///
    /// # Panics
    ///
    /// If one of them is no number.
    ///
    /// ```
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// let stage = lab.add(SimMotor::new("stage").limits(-5.0, 5.0));
    /// let run = lab.run(plan(async move |p| p.mv(&stage, 6).await));
    /// let error = run.exception().expect("it is too far");
    /// assert_eq!((&*error.name(), &*error.to_string()), ("LimitError", "stage: value 6 outside of range: [-5.0, 5.0]"));
    /// ```
    #[must_use]
    #[track_caller]
    pub fn limits(mut self, low: f64, high: f64) -> Self {
        self.limits = wanted::limits(low, high);
        self
    }

    /// How far it goes beyond its target to come to it from the one side, in units, as `BDST` of EPICS: a positive one comes
    /// to all targets from below, a negative one from above. None unless one says otherwise.
    ///
    /// # Panics
    ///
    /// If it is not finite.
    ///
    /// ```
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// let stage = lab.add(SimMotor::new("stage").velocity(1.0).acceleration_time_s(0.0).value(5.0).backlash(0.5));
    /// let run = lab.run(plan(async move |p| p.mv(&stage, 2).await));
    /// assert_eq!(run.duration(), secs(3.5 + 0.5));
    /// ```
    #[must_use]
    #[track_caller]
    pub fn backlash(mut self, backlash: f64) -> Self {
        self.backlash = wanted::finite("backlash", backlash);
        self
    }

    /// Up to how much more or less is read than where it is, evenly; nothing unless one says otherwise. Drawn anew whenever it
    /// is read, from the seed of the engine that moves it first. Its position is free of it.
    ///
    /// # Panics
    ///
    /// If it is negative or not finite.
    #[must_use]
    #[track_caller]
    pub fn readback_noise(mut self, readback_noise: f64) -> Self {
        self.readback_noise = wanted::from_zero("readback_noise", readback_noise);
        self
    }

    /// What all that is read is a multiple of, the step of its encoder; none unless one says otherwise. Its position is free
    /// of it.
    ///
    /// # Panics
    ///
    /// If it is not greater than zero, or not finite.
    #[must_use]
    #[track_caller]
    pub fn readback_resolution(mut self, readback_resolution: f64) -> Self {
        self.readback_resolution = Some(wanted::above_zero("readback_resolution", readback_resolution));
        self
    }

    /// How often those are told who follow a move, in seconds; every 0.1 s unless one says otherwise, and at the end of the
    /// move only for 0.
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

    /// How many digits behind the point matter; 3 unless one says otherwise.
    #[must_use]
    pub const fn precision(mut self, precision: i64) -> Self {
        self.precision = precision;
        self
    }

    /// The unit of its position; `mm` unless one says otherwise.
    #[must_use]
    pub fn egu(mut self, egu: impl Into<Text>) -> Self {
        self.egu = egu.into();
        self
    }

    takes_labels!();

    takes_parent!();
}

impl From<SimMotor> for Device {
    fn from(motor: SimMotor) -> Self {
        let name = |attribute: &str| format!("{}_{attribute}", motor.name);
        let mut units = Map::from_iter([("units", Value::from(&motor.egu))]);
        if let Some((low, high)) = motor.limits {
            units.extend([("lower_ctrl_limit", Value::from(low)), ("upper_ctrl_limit", high.into())]);
        }
        let mut readback = Signal::new(motor.name.clone(), motor.value);
        (readback.class_name, readback.read_only) = ("_ReadbackSignal", true);
        let mut setpoint = Signal::new(name("setpoint"), motor.value).kind(Kind::Normal);
        setpoint.class_name = "_SetpointSignal";
        for signal in [&mut readback, &mut setpoint] {
            (signal.precision, signal.described) = (Some(motor.precision), units.clone());
        }
        let acceleration_time_s = match motor.acceleration {
            Acceleration::Time(time_s) => time_s,
            // What moves in no time is as fast as that at once.
            Acceleration::Rate(_) if motor.velocity.is_infinite() => 0.0,
            Acceleration::Rate(rate) => motor.velocity / rate,
        };
        let config = |attribute, value: f64| Signal::new(name(attribute), value).kind(Kind::Config);
        let velocity = Arc::new(Interceptable::new(config("velocity", motor.velocity)));
        let acceleration_time = Arc::new(Interceptable::new(config("acceleration", acceleration_time_s)));
        let readback = Arc::new(Interceptable::new(readback));
        Self::new_cyclic(|device| {
            let setpoint = Arc::new(Interceptable::new(SetpointSignal::new(setpoint, device.clone())));
            let carriage = Arc::new_cyclic(|own| Carriage {
                name: motor.name.clone(),
                encoder: Encoder::new(&motor.name, motor.readback_noise, motor.readback_resolution),
                readback: Arc::clone(&readback),
                setpoint: setpoint.signal.state.clone(),
                setpoint_subscribers: setpoint.signal.subscribers.clone(),
                subscribers: Subscribers::default(),
                update_period: motor.update_period,
                state: Mutex::new(CarriagePosition::at_rest(motor.value)),
                own: own.clone(),
            });
            let own = Arc::downgrade(&carriage);
            readback.state.lives_by(own);
            let components = Components::new("SimMotor", motor.name)
                .of_parent(motor.parent)
                .labelled(motor.labels)
                .with("readback", readback)
                .with("setpoint", Arc::clone(&setpoint))
                .with("velocity", Arc::clone(&velocity))
                .with("acceleration", Arc::clone(&acceleration_time));
            components.adopt(device);
            MotorDevice {
                components,
                carriage,
                setpoint,
                velocity,
                acceleration_time,
                latency: motor.latency,
                settle_time: motor.settle_time,
                limits: motor.limits,
                backlash: motor.backlash,
                precision: motor.precision,
                egu: motor.egu,
                flight: Mutex::default(),
            }
        })
    }
}
