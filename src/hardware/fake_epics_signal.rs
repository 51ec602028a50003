//! [`FakeEpicsSignal`]: a signal that stands for a process variable.

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::components::Kind;
use super::fake_epics_device::FakeEpicsDevice;
use super::positioner::Limits;
use super::signal::{Signal, python_str};
use super::wanted;
use crate::clock::Timestamp;
use crate::device::{DeviceError, OphydObject as _, Reading};
use crate::value::{Text, Value, repr, repr_str};
use skyspan_trace::internal::lock;

/// What is done in place of a put.
type Putter = Arc<dyn Fn(&Value, Timestamp) -> Result<(), DeviceError> + Send + Sync>;
/// What a trigger takes.
type Func = Arc<dyn Fn() -> Value + Send + Sync>;

/// A signal that stands for a process variable of EPICS: `ophyd.sim.FakeEpicsSignal`, and the classes derived from it.
///
/// `Device::from` makes the device. A clone is another handle to the same signal, by which a test plays the control system:
/// [`sim_put`](Self::sim_put) and the others beginning with `sim_` are for that. The names of its variables do nothing, as
/// in ophyd. There is nothing like `make_fake_device` and `instantiate_fake_device` of `ophyd.sim`, which turn classes of
/// devices with real process variables into such with fake ones: there are no devices with real ones here.
///
/// Where ophyd waits until the signal reads as it was set, this does as well: what it reads then may be a text, a choice or
/// what [its putter](Self::sim_set_putter) made of it.
///
/// ```
/// use skyspan::hardware::FakeEpicsSignal;
/// use skyspan::prelude::*;
///
/// let shutter = FakeEpicsSignal::new("XF:Sh", "shutter");
/// shutter.sim_set_enum_strs(["Open", "Closed"]);
/// let lab = Harness::new();
/// let device = lab.add(shutter.clone());
/// lab.run(plan(async move |p| p.mv(&device, "Closed").await)).assert_success();
/// assert_eq!(shutter.get(), 1.into());
/// ```
#[derive(Clone)]
pub struct FakeEpicsSignal(Arc<Fake>);

pub(super) struct Fake {
    pub(super) signal: Signal,
    pub(super) exposure_time: Duration,
    read_pv: Text,
    write_pv: Option<Text>,
    string: bool,
    use_limits: bool,
    func: Option<Func>,
    simulated: Mutex<Simulated>,
}

/// What a test has set.
#[derive(Default)]
struct Simulated {
    limits: Option<Limits>,
    enum_strs: Option<Vec<Text>>,
    putter: Option<Putter>,
}

/// A [`FakeEpicsSignal`] to be, with its options.
#[must_use = "build() makes the signal"]
pub struct FakeEpicsSignalBuilder(Fake);

impl FakeEpicsSignal {
    /// A signal that is 0, with the name of the variable that is read.
    #[must_use]
    pub fn new(read_pv: impl Into<Text>, name: impl Into<Text>) -> Self {
        Self::builder(read_pv, name).build()
    }

    /// One that cannot be set, and not be triggered either, for that would set it: `ophyd.sim.FakeEpicsSignalRO`.
    #[must_use]
    pub fn read_only(read_pv: impl Into<Text>, name: impl Into<Text>) -> Self {
        Self::builder(read_pv, name).read_only().build()
    }

    /// One whose readback is another variable, `PREFIX_RBV`: `ophyd.sim.FakeEpicsSignalWithRBV`.
    #[must_use]
    pub fn with_rbv(prefix: impl Into<Text>, name: impl Into<Text>) -> Self {
        Self::builder("", name).with_rbv(prefix).build()
    }

    /// One that is a path in a file system, with a readback as [`with_rbv`](Self::with_rbv) has it:
    /// `ophyd.sim.FakeEpicsPathSignal`. What kind of path it is makes no difference there either.
    #[must_use]
    pub fn path(prefix: impl Into<Text>, name: impl Into<Text>) -> Self {
        Self::builder("", name).with_rbv(prefix).of_a_path().build()
    }

    /// A signal to be, with options.
    pub fn builder(read_pv: impl Into<Text>, name: impl Into<Text>) -> FakeEpicsSignalBuilder {
        let mut signal = Signal::new(name, 0).kind(Kind::Normal);
        (signal.class_name, signal.precision) = ("FakeEpicsSignal", Some(3));
        FakeEpicsSignalBuilder(Fake {
            signal,
            exposure_time: Duration::ZERO,
            read_pv: read_pv.into(),
            write_pv: None,
            string: false,
            use_limits: false,
            func: None,
            simulated: Mutex::default(),
        })
    }

    /// The name of the variable that is read.
    #[must_use]
    pub fn read_pv(&self) -> &Text {
        &self.0.read_pv
    }

    /// The name of the variable that is written; that which is read, unless another one was given.
    #[must_use]
    pub fn write_pv(&self) -> &Text {
        self.0.write_pv.as_ref().unwrap_or(&self.0.read_pv)
    }

    /// Its value: a number, or a text if it is one that reads as a string.
    #[must_use]
    pub fn get(&self) -> Value {
        self.0.shown(self.0.signal.state.value())
    }

    /// Sets its value without a status, at a time.
    ///
    /// # Errors
    ///
    /// A `ReadOnlyError` if it cannot be set, a `ValueError` for a text that is none of its choices and for null, a
    /// `LimitError` beyond its limits, a `TypeError` if it minds limits and has none, and what its putter fails with.
    pub fn put(&self, value: impl Into<Value>, now: Timestamp) -> Result<(), DeviceError> {
        self.0.put(&value.into(), now)
    }

    /// Sets its value, whatever its limits and choices are, also if it is read-only: what the control system does.
    pub fn sim_put(&self, value: impl Into<Value>, now: Timestamp) {
        self.0.keep(value.into(), now);
    }

    /// Says what is done in place of a put. That may be to put something else, by [`sim_put`](Self::sim_put) of a clone; who
    /// sets it waits until it reads as it was set.
    pub fn sim_set_putter(
        &self,
        putter: impl Fn(&Value, Timestamp) -> Result<(), DeviceError> + Send + Sync + 'static,
    ) {
        lock(&self.0.simulated).putter = Some(Arc::new(putter));
    }

    /// Says which choices it has: it may be set by their texts from then on, and keeps their numbers, from 0.
    pub fn sim_set_enum_strs(&self, enum_strs: impl IntoIterator<Item = impl Into<Text>>) {
        lock(&self.0.simulated).enum_strs = Some(enum_strs.into_iter().map(Into::into).collect());
    }

    /// Says from where to where it may be set, both included. It minds that if it was [made so](FakeEpicsSignalBuilder::limits).
    pub fn sim_set_limits(&self, low: impl Into<Value>, high: impl Into<Value>) {
        lock(&self.0.simulated).limits = Some(Limits::of(low.into(), high.into()));
    }

    pub(super) fn fake(&self) -> &Fake {
        &self.0
    }
}

impl FakeEpicsSignalBuilder {
    /// The variable that is written, if it is another one.
    pub fn write_pv(mut self, write_pv: impl Into<Text>) -> Self {
        self.0.write_pv = Some(write_pv.into());
        self
    }

    /// It reads as a string: a choice by its text, all else as it prints.
    pub const fn string(mut self) -> Self {
        self.0.string = true;
        self
    }

    /// It minds its limits, which have to be [set](FakeEpicsSignal::sim_set_limits) then.
    pub const fn limits(mut self) -> Self {
        self.0.use_limits = true;
        self
    }

    /// It cannot be set.
    pub const fn read_only(mut self) -> Self {
        self.0.signal.class_name = "FakeEpicsSignalRO";
        self.0.signal.read_only = true;
        self
    }

    /// Its readback is another variable, `PREFIX_RBV`.
    pub fn with_rbv(mut self, prefix: impl Into<Text>) -> Self {
        let prefix = prefix.into();
        self.0.signal.class_name = "FakeEpicsSignalWithRBV";
        self.0.read_pv = format!("{prefix}_RBV").into();
        self.0.write_pv = Some(prefix);
        self
    }

    /// It is a path in a file system.
    pub const fn of_a_path(mut self) -> Self {
        self.0.signal.class_name = "FakeEpicsPathSignal";
        self
    }

    /// What a trigger sets the value to; it stays as it is unless one says otherwise. The value it starts with is computed
    /// at once.
    pub fn func<V: Into<Value>>(mut self, func: impl Fn() -> V + Send + Sync + 'static) -> Self {
        self.0.signal.state.put(func().into(), Timestamp::EPOCH);
        self.0.func = Some(Arc::new(move || func().into()));
        self
    }

    /// How long a trigger takes, in seconds; no time unless one says otherwise.
    ///
    /// # Panics
    ///
    /// If it is negative, no number, or more than a duration holds.
    #[track_caller]
    pub fn exposure_time_s(mut self, exposure_time_s: f64) -> Self {
        self.0.exposure_time = wanted::seconds("exposure_time_s", exposure_time_s);
        self
    }

    /// How many digits behind the point matter; 3 unless one says otherwise.
    pub const fn precision(mut self, precision: i64) -> Self {
        self.0.signal.precision = Some(precision);
        self
    }

    /// How much it matters to people; [`Kind::Normal`] unless one says otherwise.
    pub const fn kind(mut self, kind: Kind) -> Self {
        self.0.signal.kind = kind;
        self
    }

    /// Labels by which people find it.
    pub fn labels(mut self, labels: impl IntoIterator<Item = impl Into<Text>>) -> Self {
        self.0.signal.labels = labels.into_iter().map(Into::into).collect();
        self
    }

    /// Makes the signal from these options.
    #[must_use]
    pub fn build(self) -> FakeEpicsSignal {
        let fake = self.0;
        if fake.string && fake.func.is_none() {
            // ophyd starts with what it reads.
            fake.signal.state.put(Value::literal("0"), Timestamp::EPOCH);
        }
        FakeEpicsSignal(Arc::new(fake))
    }
}

impl From<FakeEpicsSignal> for crate::device::Device {
    fn from(signal: FakeEpicsSignal) -> Self {
        Self::new(FakeEpicsDevice(signal))
    }
}

impl fmt::Debug for FakeEpicsSignal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.signal.repr())
    }
}

impl fmt::Debug for FakeEpicsSignalBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FakeEpicsSignalBuilder").field("read_pv", &self.0.read_pv).finish_non_exhaustive()
    }
}

impl Fake {
    /// A value as it is read.
    fn shown(&self, value: Value) -> Value {
        if !self.string || value.is_null() {
            return value;
        }
        let number = value.as_i64().or_else(|| value.as_bool().map(i64::from));
        let simulated = lock(&self.simulated);
        let choices = simulated.enum_strs.as_deref().unwrap_or_default();
        match number.and_then(|number| choices.get(usize::try_from(number).ok()?)) {
            Some(choice) => choice.into(),
            None => python_str(&value).into(),
        }
    }

    pub(super) fn reading(&self) -> Reading {
        let (value, timestamp) = self.signal.state.get();
        Reading { value: self.shown(value), timestamp }
    }

    pub(super) fn enum_strs(&self) -> Option<Vec<Text>> {
        lock(&self.simulated).enum_strs.clone()
    }

    /// What a trigger sets it to.
    pub(super) fn taken(&self) -> Value {
        self.func.as_ref().map_or_else(|| self.reading().value, |func| func())
    }

    pub(super) fn put(&self, value: &Value, now: Timestamp) -> Result<(), DeviceError> {
        if self.signal.read_only {
            let put = format!("{}.put(value={}, timestamp=None, force=False)", self.signal.repr(), repr(value));
            return Err(DeviceError::ReadOnly(put.into()));
        }
        let value = self.numbered(value)?;
        let putter = lock(&self.simulated).putter.clone();
        if let Some(putter) = putter {
            return putter(&value, now);
        }
        self.check(&value)?;
        self.keep(value, now);
        Ok(())
    }

    /// The number of a choice, where there are choices.
    fn numbered(&self, value: &Value) -> Result<Value, DeviceError> {
        let (Some(choices), Value::Str(text)) = (self.enum_strs(), value) else { return Ok(value.clone()) };
        match choices.iter().position(|choice| choice == text) {
            Some(number) => Ok(number.into()),
            None => {
                let choices = choices.iter().map(|choice| repr_str(choice)).collect::<Vec<_>>().join(", ");
                Err(DeviceError::value(format!("{text} not in enum strs ({choices})")))
            }
        }
    }

    /// Whether it takes a value, which is the number of a choice where there are choices.
    pub(super) fn check(&self, value: &Value) -> Result<(), DeviceError> {
        if value.is_null() {
            return Err(DeviceError::value("Cannot write None to EPICS PVs"));
        }
        if !self.use_limits {
            return Ok(());
        }
        let limits = lock(&self.simulated).limits.clone();
        // What Python says where the limits were never set.
        let limits = limits.ok_or_else(|| DeviceError::type_error("'NoneType' object is not subscriptable"))?;
        if limits.enclose(value)? {
            return Ok(());
        }
        let message = format!("value={} not within limits {limits}", repr(value));
        Err(DeviceError::other(Text::literal("LimitError"), message))
    }

    fn keep(&self, value: Value, now: Timestamp) {
        self.signal.state.put(value, now);
        let readings = || crate::device::Readings(vec![(self.signal.name.clone(), self.reading())]);
        self.signal.subscribers.notify(readings);
    }
}
