//! [`SynAxis`]: an axis that moves to where it is set.

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::components::{Components, Hinting, Kind, checks_nothing, device_of_components, protocols_of_components};
use super::faults::Fault;
use super::setpoint_signal::SetpointSignal;
use super::signal::Signal;
use super::signal_state::{SignalState, SubscribeOptions, Subscribers};
use super::wanted;
use crate::clock::{Clock, Timestamp};
use crate::device::{
    Args, Callback, Checkable, Cx, Device, DeviceError, Ending, Interceptable, Locatable, Location, Movable,
    OphydObject, Positioner, Preparable, Status, StatusKind, Subscribable, SubscriptionId, SyncOrAsync, Triggerable,
    WeakDevice,
};
use crate::hardware::component_macros::{takes_labels, takes_parent};
use crate::value::{Map, Text, Value};
use skyspan_trace::internal::lock;

/// What the readback is when the axis is at a position.
type ReadbackFunc = Box<dyn FnMut(f64) -> f64 + Send>;

/// An axis that moves to where it is set, evenly over its delay: `ophyd.sim.SynAxis`.
///
/// This is the axis to be: `Device::from` makes the device. As in ophyd, `stop` does not stop it.
pub struct SynAxis {
    name: Text,
    readback_func: Option<ReadbackFunc>,
    value: Value,
    delay: Duration,
    precision: i64,
    events_per_move: u32,
    egu: Text,
    labels: Vec<Text>,
    parent: Option<WeakDevice>,
    faults: Vec<Fault>,
    locatable: bool,
    replayable: bool,
    positioned: bool,
    hinting: Hinting,
}

impl SynAxis {
    /// An axis at 0 that moves in no time.
    #[must_use]
    pub fn new(name: impl Into<Text>) -> Self {
        Self {
            name: name.into(),
            readback_func: None,
            value: 0.into(),
            delay: Duration::ZERO,
            precision: 3,
            events_per_move: 1,
            egu: Text::literal("mm"),
            labels: Vec::new(),
            parent: None,
            faults: Vec::new(),
            locatable: false,
            replayable: true,
            positioned: true,
            hinting: Hinting::OfComponents,
        }
    }

    /// What the readback is when the axis is at a position: noise, an offset.
    #[must_use]
    pub fn readback_func(mut self, readback_func: impl FnMut(f64) -> f64 + Send + 'static) -> Self {
        self.readback_func = Some(Box::new(readback_func));
        self
    }

    /// Where it is at first; 0 unless one says otherwise.
    #[must_use]
    pub fn value(mut self, value: impl Into<Value>) -> Self {
        self.value = value.into();
        self
    }

    /// How long each move takes, in seconds, however far it goes; no time unless one says otherwise.
    ///
    /// # Panics
    ///
    /// If it is negative, no number, or more than a duration holds.
    #[must_use]
    #[track_caller]
    pub fn delay_s(mut self, delay_s: f64) -> Self {
        self.delay = wanted::seconds("delay_s", delay_s);
        self
    }

    /// How many digits behind the point matter; 3 unless one says otherwise.
    #[must_use]
    pub const fn precision(mut self, precision: i64) -> Self {
        self.precision = precision;
        self
    }

    /// How often a move tells where it is, its end included; once unless one says otherwise.
    ///
    /// # Panics
    ///
    /// For 0: ophyd wants at least one.
    #[must_use]
    pub const fn events_per_move(mut self, events_per_move: u32) -> Self {
        assert!(events_per_move > 0, "at least 1 event per move is required");
        self.events_per_move = events_per_move;
        self
    }

    /// The unit of its position; `mm` unless one says otherwise.
    #[must_use]
    pub fn egu(mut self, egu: impl Into<Text>) -> Self {
        self.egu = egu.into();
        self
    }

    /// What goes wrong with it, in addition to what was said before; the device is a `FaultySynAxis` then.
    /// [`Device::fault`] gives a fault to any device, and leaves its class as it is.
    #[must_use]
    pub fn fault(mut self, fault: Fault) -> Self {
        self.faults.push(fault);
        self
    }

    /// It says where it is and where it was told to go, and it may be prepared, by which it moves; the device is a
    /// `LocatableSynAxis` then. `ophyd.sim` has no such axis.
    #[must_use]
    pub const fn locatable(mut self) -> Self {
        self.locatable = true;
        self
    }

    /// Nothing that was done with it may be done again after a pause; the device is an `UnreplayableSynAxis` then.
    /// `ophyd.sim` has no such axis.
    ///
    /// ```
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// let shutter = lab.add(SynAxis::new("shutter").unreplayable());
    /// lab.at_message(3).pause();
    /// lab.run(plan(async move |p| {
    ///     p.mv(&shutter, 1).await?;
    ///     p.sleep(1.0).await
    /// }));
    /// let run = lab.resume();
    /// let commands: Vec<_> = run.messages().iter().map(Msg::command).collect();
    /// assert_eq!(commands, ["set", "wait", "sleep"], "the sleep is not slept again either");
    /// ```
    #[must_use]
    pub const fn unreplayable(mut self) -> Self {
        self.replayable = false;
        self
    }

    /// It has no position that could be asked for, and the status of its moves is a `DeviceStatus`, which knows nothing of
    /// a target: `ophyd.sim.SynAxisNoPosition`.
    ///
    /// ```
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// let slit = lab.add(SynAxis::new("slit").no_position());
    /// assert_eq!(slit.position(), None);
    /// lab.run(plans::scan(&lab.device("det"), &slit, 0, 1, 2)).assert_success();
    /// ```
    #[must_use]
    pub const fn no_position(mut self) -> Self {
        self.positioned = false;
        self
    }

    /// It says that it has hints, and that there are none: `ophyd.sim.SynAxisEmptyHints`.
    ///
    /// ```
    /// use skyspan::prelude::*;
    ///
    /// let slit = Device::from(SynAxis::new("slit").empty_hints());
    /// assert_eq!(slit.has_hints().map(|it| it.hints().fields), Ok(None));
    /// ```
    #[must_use]
    pub const fn empty_hints(mut self) -> Self {
        self.hinting = Hinting::Empty;
        self
    }

    /// It has no hints, and its readback is not read: `ophyd.sim.SynAxisNoHints`.
    ///
    /// ```
    /// use skyspan::prelude::*;
    ///
    /// let slit = Device::from(SynAxis::new("slit").no_hints());
    /// assert!(slit.has_hints().is_err());
    /// ```
    #[must_use]
    pub const fn no_hints(mut self) -> Self {
        self.hinting = Hinting::Missing;
        self
    }

    takes_parent!();

    takes_labels!();
}

impl From<SynAxis> for Device {
    fn from(mut axis: SynAxis) -> Self {
        let precision = Some(axis.precision);
        let mut readback = Signal::new(axis.name.clone(), axis.value.clone());
        if let Some(func) = &mut axis.readback_func
            && let Some(position) = axis.value.as_f64()
        {
            readback.state = SignalState::new(func(position).into(), Timestamp::EPOCH);
        }
        (readback.class_name, readback.precision, readback.read_only) = ("_ReadbackSignal", precision, true);
        if axis.hinting == Hinting::Missing {
            readback.kind = Kind::Omitted;
        }
        let mut setpoint = Signal::new(format!("{}_setpoint", axis.name), axis.value.clone()).kind(Kind::Normal);
        (setpoint.class_name, setpoint.precision) = ("_SetpointSignal", precision);
        let config = |attribute: &str, kind| Signal::new(format!("{}_{attribute}", axis.name), 1).kind(kind);
        let (velocity, acceleration) = (config("velocity", Kind::Config), config("acceleration", Kind::Config));
        let unused = config("unused", Kind::Omitted);
        let readback = Arc::new(Interceptable::new(readback));
        let faults = std::mem::take(&mut axis.faults);
        let device = Self::new_cyclic(|device| {
            let setpoint = Arc::new(Interceptable::new(SetpointSignal::new(setpoint, device.clone())));
            let class_name = match &axis {
                _ if !faults.is_empty() => "FaultySynAxis",
                SynAxis { locatable: true, .. } => "LocatableSynAxis",
                SynAxis { replayable: false, .. } => "UnreplayableSynAxis",
                SynAxis { positioned: false, .. } => "SynAxisNoPosition",
                SynAxis { hinting: Hinting::Empty, .. } => "SynAxisEmptyHints",
                SynAxis { hinting: Hinting::Missing, .. } => "SynAxisNoHints",
                _ => "SynAxis",
            };
            let components = Components::new(class_name, axis.name)
                .of_parent(axis.parent)
                .labelled(axis.labels)
                .replayable(axis.replayable)
                .hinting(axis.hinting)
                .with("readback", Arc::clone(&readback))
                .with("setpoint", Arc::clone(&setpoint))
                .with("velocity", Arc::new(Interceptable::new(velocity)))
                .with("acceleration", Arc::new(Interceptable::new(acceleration)))
                .with("unused", Arc::new(Interceptable::new(unused)));
            components.adopt(device);
            AxisDevice {
                components,
                axis: Arc::new(Axis {
                    readback,
                    setpoint,
                    subscribers: Subscribers::default(),
                    readback_func: axis.readback_func.map(Mutex::new),
                }),
                delay: axis.delay,
                precision: axis.precision,
                events_per_move: axis.events_per_move,
                egu: axis.egu,
                locatable: axis.locatable,
                positioned: axis.positioned,
            }
        });
        faults.into_iter().for_each(|fault| device.fault_of_its_class(fault));
        device
    }
}

impl fmt::Debug for SynAxis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SynAxis").field("name", &self.name).field("delay", &self.delay).finish_non_exhaustive()
    }
}

#[derive(Debug)]
struct AxisDevice {
    components: Components,
    axis: Arc<Axis>,
    delay: Duration,
    precision: i64,
    events_per_move: u32,
    egu: Text,
    locatable: bool,
    positioned: bool,
}

/// What a move changes; shared with its timers.
struct Axis {
    readback: Arc<Interceptable<Signal>>,
    setpoint: Arc<Interceptable<SetpointSignal>>,
    subscribers: Subscribers,
    readback_func: Option<Mutex<ReadbackFunc>>,
}

impl Axis {
    fn update(&self, position: f64, now: Timestamp) {
        let value = match &self.readback_func {
            Some(func) => lock(func)(position),
            None => position,
        };
        self.readback.state.put(value.into(), now);
        self.readback.subscribers.notify(|| self.readback.readings());
        self.subscribers.notify(|| self.readback.readings());
    }
}

impl fmt::Debug for Axis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Axis").field("readback", &self.readback).finish_non_exhaustive()
    }
}

/// One move, from its start to its end.
struct Move {
    axis: Arc<Axis>,
    clock: Clock,
    status: Status,
    start: f64,
    distance: f64,
    started: Timestamp,
    delay: Duration,
    events: u32,
}

impl Move {
    /// The nth of its events, at the time it is due.
    fn event(self, nth: u32) {
        let position = self.start + self.distance * (f64::from(nth) / f64::from(self.events));
        self.axis.update(position, self.clock.now());
        self.status.report_position(&self.axis.readback.get());
        if nth == self.events {
            // Nobody else ends the status of a move, unless its own timeout did.
            let _ = self.status.set_finished();
        } else {
            self.await_event(nth + 1);
        }
    }

    fn await_event(self, nth: u32) {
        // A fraction of the whole delay, so that what is lost in rounding does not add up.
        let ns = self.delay.as_nanos() * u128::from(nth) / u128::from(self.events);
        let due = self.started + Duration::from_nanos(u64::try_from(ns).unwrap_or(u64::MAX));
        let clock = self.clock.clone();
        let _ = clock.call_at(due, move || self.event(nth));
    }
}

impl Movable for AxisDevice {
    fn set(&self, cx: Cx<'_>, args: &Args) -> Result<Status, DeviceError> {
        let target = args.single_number()?;
        let value = args.single()?;
        let kind = if self.positioned { StatusKind::to(value.clone()) } else { StatusKind::Device };
        if cx.ending().is_some_and(Ending::is_stalled) {
            // It does not arrive, so it does not begin to move.
            return Ok(Status::new(cx, kind));
        }
        let setpoint = &self.axis.setpoint.signal;
        let start = setpoint.state.value().as_f64().unwrap_or_default();
        setpoint.state.put(value.clone(), cx.now());
        setpoint.subscribers.notify(|| setpoint.readings());
        let status = Status::new(cx, kind);
        let movement = Move {
            axis: Arc::clone(&self.axis),
            clock: cx.clock().clone(),
            status: status.clone(),
            start,
            distance: target - start,
            started: cx.now(),
            delay: self.delay,
            events: self.events_per_move,
        };
        if self.delay.is_zero() {
            for nth in 1..self.events_per_move {
                let position = start + movement.distance * (f64::from(nth) / f64::from(self.events_per_move));
                self.axis.update(position, movement.started);
                status.report_position(&self.axis.readback.get());
            }
            movement.event(self.events_per_move);
        } else {
            movement.await_event(1);
        }
        Ok(status)
    }
}

device_of_components!(AxisDevice);
checks_nothing!(AxisDevice);

impl OphydObject for AxisDevice {
    protocols_of_components!();

    fn as_movable(&self) -> Option<&dyn Movable> {
        Some(self)
    }

    fn as_locatable(&self) -> Option<&dyn Locatable> {
        if self.locatable { Some(self) } else { None }
    }

    fn as_preparable(&self) -> Option<&dyn Preparable> {
        if self.locatable { Some(self) } else { None }
    }

    fn as_positioner(&self) -> Option<&dyn Positioner> {
        if self.positioned { Some(self) } else { None }
    }

    fn as_checkable(&self) -> Option<&dyn Checkable> {
        Some(self)
    }

    fn as_triggerable(&self) -> Option<&dyn Triggerable> {
        Some(self)
    }

    fn as_subscribable(&self) -> Option<&dyn Subscribable> {
        Some(self)
    }
}

impl Locatable for AxisDevice {
    fn locate<'a>(&'a self, _: Cx<'a>) -> SyncOrAsync<'a, Result<Location, DeviceError>> {
        let setpoint = self.axis.setpoint.signal.state.value();
        Ok(Location { setpoint, readback: self.axis.readback.get() }).into()
    }
}

/// It is prepared for a value by moving there.
impl Preparable for AxisDevice {
    fn prepare(&self, cx: Cx<'_>, args: &Args) -> Result<Status, DeviceError> {
        self.set(cx, args)
    }
}

/// Nothing is there to be triggered, and so it is done (`ophyd.Device.trigger`).
impl Triggerable for AxisDevice {
    fn trigger(&self, cx: Cx<'_>) -> Result<Status, DeviceError> {
        let status = Status::new(cx, StatusKind::Device);
        let _ = status.set_finished();
        Ok(status)
    }
}

impl Positioner for AxisDevice {
    fn position(&self) -> Value {
        self.axis.readback.get()
    }

    fn egu(&self) -> Option<Text> {
        Some(self.egu.clone())
    }

    fn precision(&self) -> Option<i64> {
        Some(self.precision)
    }
}

/// Tells of the readback.
impl Subscribable for AxisDevice {
    fn subscribe(&self, callback: Callback) -> SubscriptionId {
        self.axis.subscribers.add(callback, || self.axis.readback.readings())
    }

    fn subscribe_with(&self, callback: Callback, options: &Map) -> Result<SubscriptionId, DeviceError> {
        let options = SubscribeOptions::of(options, "readback", &["acq_done"])?;
        if !options.of_readings {
            // ophyd's axis never says that it has acquired something.
            return Ok(self.axis.subscribers.add_idle());
        }
        Ok(self.axis.subscribers.add_with(callback, options.run, || self.axis.readback.readings()))
    }

    fn clear_sub(&self, id: SubscriptionId) {
        self.axis.subscribers.remove(id);
    }
}
