//! [`PseudoPositioner`]: axes that are computed from others.

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::components::{Components, Kind, device_of_components, protocols_of_components};
use super::positioner::{Limits, MoveOptions, info, negated, positioner_events};
use super::pseudo_core::{Kinematics, PseudoAxis, PseudoCore};
use super::pseudo_single::SingleDevice;
use super::signal::Signal;
use super::signal_state::{SubscribeOptions, Subscribers};
use super::soft_positioner::SoftPositioner;
use super::wanted;
use crate::clock::Timestamp;
use crate::device::{
    Args, Callback, Checkable, CoupledAxes, Cx, Device, DeviceError, Interceptable, Movable, OphydObject, Positioner,
    Status, StatusKind, Subscribable, SubscriptionId, Triggerable, WeakDevice,
};
use crate::hardware::component_macros::{takes_labels, takes_parent};
use crate::value::{Map, Text, Value};

/// Axes that are computed from others: `ophyd.PseudoPositioner`, in the two forms that `ophyd.sim` has.
///
/// This is the positioner to be: `Device::from` makes the device. Its components `pseudo1`, ... are axes from -10 to 10 (but
/// `pseudo3` has no limits), and `real1`, `real2` and `real3` are [`SoftPositioner`]s, each the negative of its pseudo axis.
/// It is set as a whole, by a list or by the names of its axes, or by one axis, which moves the whole: axes of which nothing
/// is said go where they were told to go last, also where that was refused, as in ophyd. Its status is a `MoveStatus`, and so
/// is that of each real axis.
///
/// ```
/// use skyspan::hardware::PseudoPositioner;
/// use skyspan::prelude::*;
///
/// let lab = Harness::new();
/// let table = lab.add(PseudoPositioner::s3x3("table"));
/// let (whole, axis) = (table.clone(), table.component("pseudo2").expect("an axis"));
/// lab.run(plan(async move |p| {
///     p.mv(&whole, [1, 2, 3]).await?;
///     p.mv(&axis, 5).await
/// }))
/// .assert_success();
/// assert_eq!(table.position(), Some([1, 5, 3].into()));
/// assert_eq!(table.component("real2").and_then(|real| real.position()), Some((-5).into()));
/// ```
#[derive(Clone)]
pub struct PseudoPositioner {
    class_name: &'static str,
    name: Text,
    /// Each with its limits and its unit.
    axes: Vec<(&'static str, Limits, Text)>,
    forward: Kinematics,
    inverse: Kinematics,
    /// Whether there is a signal, too.
    signal: bool,
    concurrent: bool,
    auto_target: bool,
    egu: Text,
    settle_time: Duration,
    timeout: Option<Duration>,
    labels: Vec<Text>,
    parent: Option<WeakDevice>,
}

const REALS: [&str; 3] = ["real1", "real2", "real3"];

impl PseudoPositioner {
    /// Three axes that are the negatives of three others, and a signal `sig`: `ophyd.sim.SPseudo3x3`.
    #[must_use]
    pub fn s3x3(name: impl Into<Text>) -> Self {
        let each: Kinematics = Arc::new(|positions| positions.iter().map(negated).collect());
        let limits = Limits::of((-10).into(), 10.into());
        let axes = vec![
            ("pseudo1", limits.clone(), Text::literal("a")),
            ("pseudo2", limits, Text::literal("b")),
            ("pseudo3", Limits::none(), Text::literal("c")),
        ];
        Self { signal: true, ..Self::of("SPseudo3x3", name.into(), axes, (Arc::clone(&each), each)) }
    }

    /// One axis that is the negative of the first of three, which all go there: `ophyd.sim.SPseudo1x3`.
    #[must_use]
    pub fn s1x3(name: impl Into<Text>) -> Self {
        let forward: Kinematics = Arc::new(|positions| {
            let real = negated(positions.first().unwrap_or(&Value::Null))?;
            Ok(vec![real; REALS.len()])
        });
        let inverse: Kinematics = Arc::new(|reals| Ok(vec![negated(reals.first().unwrap_or(&Value::Null))?]));
        let axes = vec![("pseudo1", Limits::of((-10).into(), 10.into()), Text::default())];
        Self::of("SPseudo1x3", name.into(), axes, (forward, inverse))
    }

    fn of(
        class_name: &'static str,
        name: Text,
        axes: Vec<(&'static str, Limits, Text)>,
        (forward, inverse): (Kinematics, Kinematics),
    ) -> Self {
        Self {
            class_name,
            name,
            axes,
            forward,
            inverse,
            signal: false,
            concurrent: true,
            auto_target: true,
            egu: Text::default(),
            settle_time: Duration::ZERO,
            timeout: None,
            labels: Vec::new(),
            parent: None,
        }
    }

    /// Whether the real axes are moved all at once, as they are unless one says otherwise, or one after another.
    #[must_use]
    pub const fn concurrent(mut self, concurrent: bool) -> Self {
        self.concurrent = concurrent;
        self
    }

    /// Whether a move of the whole sets the targets of its axes, as it does unless one says otherwise.
    #[must_use]
    pub const fn auto_target(mut self, auto_target: bool) -> Self {
        self.auto_target = auto_target;
        self
    }

    /// The unit of its position; those of its axes, with commas, unless one says otherwise.
    #[must_use]
    pub fn egu(mut self, egu: impl Into<Text>) -> Self {
        self.egu = egu.into();
        self
    }

    /// How long it takes, in seconds, from the end of each move until its status is done; no time unless one says
    /// otherwise (negative, infinite, not a number).
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

    /// How long a move may take, in seconds, the settle time not counted; for ever unless one says otherwise.
    ///
    /// # Panics
    ///
    /// If it is negative, no number, or more than a duration holds.
    #[must_use]
    #[track_caller]
    pub fn timeout_s(mut self, timeout_s: f64) -> Self {
        self.timeout = Some(wanted::seconds("timeout_s", timeout_s));
        self
    }

    takes_parent!();

    takes_labels!();

    /// The units of the axes, if none was given for the whole.
    fn unit(&self) -> Text {
        if !self.egu.is_empty() {
            return self.egu.clone();
        }
        let units: Vec<&str> = self.axes.iter().map(|(_, _, egu)| &**egu).filter(|egu| !egu.is_empty()).collect();
        units.join(", ").into()
    }

    fn core(&self, whole: &WeakDevice) -> Arc<PseudoCore> {
        let axes = self.axes.iter().map(|(attribute, limits, _)| {
            let subscribers = Subscribers::default();
            // The real axes have told where they are when they were made.
            subscribers.changed();
            let name = format!("{}_{attribute}", self.name).into();
            PseudoAxis { attribute, name, limits: limits.clone(), subscribers }
        });
        let subscribers = Subscribers::default();
        subscribers.changed();
        let real = |attribute: &str| SoftPositioner::new(format!("{}_{attribute}", self.name)).init_pos(0).make();
        Arc::new(PseudoCore {
            axes: axes.collect(),
            reals: REALS.iter().map(|attribute| Arc::new(Interceptable::new(real(attribute)))).collect(),
            forward: Arc::clone(&self.forward),
            inverse: Arc::clone(&self.inverse),
            concurrent: self.concurrent,
            auto_target: self.auto_target,
            settle_time: self.settle_time,
            timeout: self.timeout,
            subscribers,
            whole: whole.clone(),
            targets: Mutex::new(vec![None; self.axes.len()]),
            current: Mutex::default(),
        })
    }

    fn components(&self, core: &Arc<PseudoCore>, whole: &WeakDevice) -> Components {
        let concurrent = if self.concurrent { "True" } else { "False" };
        let before = info(self.settle_time, self.timeout, &self.unit(), &Limits::none(), "computed");
        let mut components = Components::new(self.class_name, self.name.clone())
            .of_parent(self.parent.clone())
            .labelled(self.labels.clone())
            .coupling(CoupledAxes {
                pseudo: self.axes.iter().map(|(attribute, ..)| Text::literal(attribute)).collect(),
                real: REALS.map(Text::literal).to_vec(),
            })
            .repr_info(before, format!(", concurrent={concurrent}"));
        for (nth, (attribute, _, egu)) in self.axes.iter().enumerate() {
            components = components.with(attribute, SingleDevice::make(core, nth, egu.clone(), whole));
        }
        for (attribute, real) in REALS.iter().zip(&core.reals) {
            components = components.with(attribute, Arc::clone(real));
        }
        if self.signal {
            let signal = Signal::new(format!("{}_sig", self.name), 0).kind(Kind::Normal);
            components = components.with("sig", Arc::new(Interceptable::new(signal)));
        }
        components
    }
}

impl fmt::Debug for PseudoPositioner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct(self.class_name).field("name", &self.name).finish_non_exhaustive()
    }
}

impl From<PseudoPositioner> for Device {
    fn from(positioner: PseudoPositioner) -> Self {
        Self::new_cyclic(|device| {
            let core = positioner.core(device);
            for real in &core.reals {
                let core = Arc::downgrade(&core);
                let moved = move |readings: &crate::device::Readings| {
                    if let (Some(core), Some((_, reading))) = (core.upgrade(), readings.iter().next()) {
                        core.moved(reading.timestamp);
                    }
                };
                real.subscribers.add_with(Box::new(moved), false, Default::default);
            }
            let components = positioner.components(&core, device);
            components.adopt(device);
            PseudoDevice { components, core, egu: positioner.unit() }
        })
    }
}

#[derive(Debug)]
struct PseudoDevice {
    components: Components,
    core: Arc<PseudoCore>,
    egu: Text,
}

device_of_components!(PseudoDevice);

impl OphydObject for PseudoDevice {
    protocols_of_components!();

    fn as_movable(&self) -> Option<&dyn Movable> {
        Some(self)
    }

    fn as_checkable(&self) -> Option<&dyn Checkable> {
        Some(self)
    }

    fn as_positioner(&self) -> Option<&dyn Positioner> {
        Some(self)
    }

    fn as_triggerable(&self) -> Option<&dyn Triggerable> {
        Some(self)
    }

    fn as_subscribable(&self) -> Option<&dyn Subscribable> {
        Some(self)
    }
}

impl Movable for PseudoDevice {
    fn set(&self, cx: Cx<'_>, args: &Args) -> Result<Status, DeviceError> {
        let (options, keyword) = MoveOptions::taken_from(&args.keyword)?;
        let positions = self.core.positions_of(&args.positional, keyword)?;
        self.core.move_all(cx, positions, options.timeout)
    }
}

impl Checkable for PseudoDevice {
    fn check_value(&self, value: &Value) -> Result<(), DeviceError> {
        self.core.check_value(value)
    }
}

/// Its position is the list of those of its axes.
impl Positioner for PseudoDevice {
    fn position(&self) -> Value {
        self.core.position().map_or(Value::Null, Value::from)
    }

    fn egu(&self) -> Option<Text> {
        Some(self.egu.clone())
    }
}

/// Nothing is there to be triggered, and so it is done (`ophyd.Device.trigger`).
impl Triggerable for PseudoDevice {
    fn trigger(&self, cx: Cx<'_>) -> Result<Status, DeviceError> {
        let status = Status::new(cx, StatusKind::Device);
        let _ = status.set_finished();
        Ok(status)
    }
}

/// Tells of its position, once for each real axis that has moved.
impl Subscribable for PseudoDevice {
    fn subscribe(&self, callback: Callback) -> SubscriptionId {
        self.core.subscribers.add(callback, || self.core.readings(Timestamp::EPOCH))
    }

    fn subscribe_with(&self, callback: Callback, options: &Map) -> Result<SubscriptionId, DeviceError> {
        let options = SubscribeOptions::of(options, "readback", positioner_events())?;
        if !options.of_readings {
            return Ok(self.core.subscribers.add_idle());
        }
        Ok(self.core.subscribers.add_with(callback, options.run, || self.core.readings(Timestamp::EPOCH)))
    }

    fn clear_sub(&self, id: SubscriptionId) {
        self.core.subscribers.remove(id);
    }
}
