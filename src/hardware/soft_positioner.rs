//! [`SoftPositioner`]: a positioner without hardware.

use std::fmt;
use std::sync::{Mutex, OnceLock};
use std::time::Duration;

use super::components::{Kind, Part};
use super::positioner::{Limits, MoveOptions, Moved, info, positioner_events};
use super::signal_state::{SubscribeOptions, Subscribers};
use super::wanted;
use crate::clock::Timestamp;
use crate::device::{
    Args, Callback, Checkable, Configurable, Cx, DataKey, DataKeys, Device, DeviceError, Dtype, HasHints, Hints,
    Movable, OphydObject, Positioner, Readable, Reading, Readings, Status, StatusKind, Stoppable, Subscribable,
    SubscriptionId, SyncOrAsync, WeakDevice,
};
use crate::hardware::component_macros::{takes_labels, takes_parent};
use crate::value::{Map, Text, Value, repr, repr_str};
use skyspan_trace::internal::lock;

/// A positioner without hardware, which is where it is set at once: `ophyd.SoftPositioner`.
///
/// This is the positioner to be: `Device::from` makes the device. It has no configuration, and can neither be triggered nor
/// staged.
///
/// ```
/// use skyspan::hardware::SoftPositioner;
/// use skyspan::prelude::*;
///
/// let lab = Harness::new();
/// let energy = lab.add(SoftPositioner::new("energy").egu("keV").limits(5, 20).init_pos(8));
/// let moved = energy.clone();
/// lab.run(plan(async move |p| p.mv(&moved, 12.5).await)).assert_success();
/// assert_eq!(energy.position(), Some(12.5.into()));
/// let run = lab.run(plan(async move |p| p.mv(&energy, 25).await));
/// assert_eq!(run.exception().map(PlanError::name).as_deref(), Some("LimitError"));
/// ```
#[derive(Clone, Debug)]
pub struct SoftPositioner {
    name: Text,
    egu: Text,
    limits: Limits,
    source: Text,
    init_pos: Value,
    settle_time: Duration,
    timeout: Option<Duration>,
    kind: Kind,
    labels: Vec<Text>,
    parent: Option<WeakDevice>,
}

impl SoftPositioner {
    /// A positioner without limits that is nowhere: it cannot be described before it was set.
    #[must_use]
    pub fn new(name: impl Into<Text>) -> Self {
        Self {
            name: name.into(),
            egu: Text::default(),
            limits: Limits::none(),
            source: Text::literal("computed"),
            init_pos: Value::Null,
            settle_time: Duration::ZERO,
            timeout: None,
            kind: Kind::Normal,
            labels: Vec::new(),
            parent: None,
        }
    }

    /// The unit of its position; none unless one says otherwise.
    #[must_use]
    pub fn egu(mut self, egu: impl Into<Text>) -> Self {
        self.egu = egu.into();
        self
    }

    /// From where to where it goes, both included. Where the one is not below the other, there are no limits.
    #[must_use]
    pub fn limits(mut self, low: impl Into<Value>, high: impl Into<Value>) -> Self {
        self.limits = Limits::of(low.into(), high.into());
        self
    }

    /// Where its position comes from, for the documents; `computed` unless one says otherwise.
    #[must_use]
    pub fn source(mut self, source: impl Into<Text>) -> Self {
        self.source = source.into();
        self
    }

    /// Where it is at first; nowhere unless one says otherwise. Its limits are not asked, where ophyd refuses to make it.
    #[must_use]
    pub fn init_pos(mut self, init_pos: impl Into<Value>) -> Self {
        self.init_pos = init_pos.into();
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

    /// How much it matters to people; [`Kind::Normal`] unless one says otherwise.
    #[must_use]
    pub const fn kind(mut self, kind: Kind) -> Self {
        self.kind = kind;
        self
    }

    takes_parent!();

    takes_labels!();

    pub(super) fn make(self) -> SoftDevice {
        let subscribers = Subscribers::default();
        if !self.init_pos.is_null() {
            subscribers.changed();
        }
        let position = Mutex::new(self.init_pos.clone());
        let parent = self.parent.clone().map_or_else(OnceLock::new, OnceLock::from);
        SoftDevice { options: self, position, subscribers, parent }
    }
}

impl From<SoftPositioner> for Device {
    fn from(positioner: SoftPositioner) -> Self {
        Self::new(positioner.make())
    }
}

pub(super) struct SoftDevice {
    options: SoftPositioner,
    position: Mutex<Value>,
    pub(super) subscribers: Subscribers,
    parent: OnceLock<WeakDevice>,
}

impl SoftDevice {
    /// Moves there, at once; `moved` hears of the end.
    pub(super) fn move_to(
        &self,
        cx: Cx<'_>,
        position: &Value,
        timeout: Option<Duration>,
        moved: Option<Moved>,
    ) -> Result<Status, DeviceError> {
        self.check_value(position)?;
        let mut status = Status::builder(cx, StatusKind::to(position.clone())).spelled_out();
        if let Some(timeout) = timeout.or(self.options.timeout) {
            status = status.timeout(timeout);
        }
        let status = status.settle_time(self.options.settle_time).build();
        if let Some(moved) = moved {
            status.add_callback(moved);
        }
        if cx.ending().is_some_and(crate::device::Ending::is_stalled) {
            return Ok(status);
        }
        lock(&self.position).clone_from(position);
        self.subscribers.notify(|| self.readings(cx.now()));
        status.report_position(position);
        // Nobody else ends it.
        let _ = status.set_finished();
        Ok(status)
    }

    fn readings(&self, now: Timestamp) -> Readings {
        let reading = Reading { value: self.position(), timestamp: now };
        Readings(vec![(self.options.name.clone(), reading)])
    }

    fn data_keys(&self) -> Result<DataKeys, DeviceError> {
        let (position, options) = (self.position(), &self.options);
        let dtype = Dtype::of(&position).ok_or_else(|| {
            let message = format!("Cannot determine the data type of {}, the position", repr(&position));
            DeviceError::value(format!("{message} of {}", options.name))
        })?;
        let mut more = Map::new();
        more.insert(Text::literal("units"), &options.egu);
        more.insert(Text::literal("lower_ctrl_limit"), options.limits.low.clone());
        more.insert(Text::literal("upper_ctrl_limit"), options.limits.high.clone());
        let shape = position.as_array().map(|elements| vec![elements.len() as u64]).unwrap_or_default();
        let key = DataKey { source: options.source.clone(), dtype, shape, more };
        Ok(DataKeys(vec![(options.name.clone(), key)]))
    }
}

impl fmt::Debug for SoftDevice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.repr())
    }
}

impl Part for SoftDevice {
    fn kind(&self) -> Kind {
        self.options.kind
    }

    fn add_readings(&self, now: Timestamp, to: &mut Readings) -> Result<(), DeviceError> {
        to.0.extend(self.readings(now).0);
        Ok(())
    }

    fn add_data_keys(&self, to: &mut DataKeys) -> Result<(), DeviceError> {
        to.0.extend(self.data_keys()?.0);
        Ok(())
    }

    fn belongs_to(&self, parent: WeakDevice) {
        // A component is made with its device, and belongs to it from then on.
        let _ = self.parent.set(parent);
    }
}

impl OphydObject for SoftDevice {
    fn name(&self) -> &Text {
        &self.options.name
    }

    fn class_name(&self) -> Text {
        Text::literal("SoftPositioner")
    }

    fn repr(&self) -> Text {
        let options = &self.options;
        let parent = self.parent().map(|parent| format!(", parent={}", repr_str(parent.name()))).unwrap_or_default();
        let info = info(options.settle_time, options.timeout, &options.egu, &options.limits, &options.source);
        format!("SoftPositioner(name={}{parent}{info})", repr_str(&options.name)).into()
    }

    fn labels(&self) -> &[Text] {
        &self.options.labels
    }

    fn parent(&self) -> Option<Device> {
        self.parent.get()?.upgrade()
    }

    fn as_readable(&self) -> Option<&dyn Readable> {
        Some(self)
    }

    fn as_configurable(&self) -> Option<&dyn Configurable> {
        Some(self)
    }

    fn as_movable(&self) -> Option<&dyn Movable> {
        Some(self)
    }

    fn as_checkable(&self) -> Option<&dyn Checkable> {
        Some(self)
    }

    fn as_positioner(&self) -> Option<&dyn Positioner> {
        Some(self)
    }

    fn as_stoppable(&self) -> Option<&dyn Stoppable> {
        Some(self)
    }

    fn as_subscribable(&self) -> Option<&dyn Subscribable> {
        Some(self)
    }

    fn as_has_hints(&self) -> Option<&dyn HasHints> {
        Some(self)
    }
}

impl Readable for SoftDevice {
    fn read<'a>(&'a self, cx: Cx<'a>) -> SyncOrAsync<'a, Result<Readings, DeviceError>> {
        Ok(self.readings(cx.now())).into()
    }

    fn describe<'a>(&'a self, _: Cx<'a>) -> SyncOrAsync<'a, Result<DataKeys, DeviceError>> {
        self.data_keys().into()
    }
}

impl Configurable for SoftDevice {
    fn read_configuration<'a>(&'a self, _: Cx<'a>) -> SyncOrAsync<'a, Result<Readings, DeviceError>> {
        Ok(Readings::default()).into()
    }

    fn describe_configuration<'a>(&'a self, _: Cx<'a>) -> SyncOrAsync<'a, Result<DataKeys, DeviceError>> {
        Ok(DataKeys::default()).into()
    }

    fn configure<'a>(&'a self, _: Cx<'a>, _: &'a Args) -> SyncOrAsync<'a, Result<(Readings, Readings), DeviceError>> {
        Err(DeviceError::no_attribute("SoftPositioner", "configure")).into()
    }
}

impl Movable for SoftDevice {
    fn set(&self, cx: Cx<'_>, args: &Args) -> Result<Status, DeviceError> {
        let (options, keyword) = MoveOptions::taken_from(&args.keyword)?;
        let args = Args { positional: args.positional.clone(), keyword };
        self.move_to(cx, args.single_named("new_position")?, options.timeout, None)
    }
}

impl Checkable for SoftDevice {
    fn check_value(&self, value: &Value) -> Result<(), DeviceError> {
        let limits = &self.options.limits;
        if limits.contain(value)? {
            return Ok(());
        }
        Err(DeviceError::other(
            Text::literal("LimitError"),
            format!("position={} not within limits {limits}", repr(value)),
        ))
    }
}

impl Positioner for SoftDevice {
    fn position(&self) -> Value {
        lock(&self.position).clone()
    }

    fn egu(&self) -> Option<Text> {
        Some(self.options.egu.clone())
    }

    fn limits(&self) -> Option<(Value, Value)> {
        self.options.limits.both()
    }
}

/// It is never under way.
impl Stoppable for SoftDevice {
    fn stop<'a>(&'a self, _: Cx<'a>, _: bool) -> SyncOrAsync<'a, Result<(), DeviceError>> {
        Ok(()).into()
    }
}

/// Tells of its position. That it starts to move and that it is done, which it tells in ophyd as well, it does not tell.
impl Subscribable for SoftDevice {
    fn subscribe(&self, callback: Callback) -> SubscriptionId {
        self.subscribers.add(callback, || self.readings(Timestamp::EPOCH))
    }

    fn subscribe_with(&self, callback: Callback, options: &Map) -> Result<SubscriptionId, DeviceError> {
        let options = SubscribeOptions::of(options, "readback", positioner_events())?;
        if !options.of_readings {
            return Ok(self.subscribers.add_idle());
        }
        Ok(self.subscribers.add_with(callback, options.run, || self.readings(Timestamp::EPOCH)))
    }

    fn clear_sub(&self, id: SubscriptionId) {
        self.subscribers.remove(id);
    }
}

impl HasHints for SoftDevice {
    fn hints(&self) -> Hints {
        let hinted = self.options.kind == Kind::Hinted;
        Hints::fields(if hinted { vec![self.options.name.clone()] } else { Vec::new() })
    }
}
