//! [`SoftSignal`]: a signal of ophyd-async that lives in memory alone.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::watch;

use super::async_signal::{Access, AsyncSignal, OnPut};
use super::datatype::SignalDatatype;
use super::timeouts::{Patience, value_and_patience, within};
use crate::clock::{Clock, Timestamp};
use crate::device::{
    Args, Callback, Cx, DataKey, DataKeys, Device, DeviceError, Locatable, Location, Movable, OphydObject, Readable,
    Reading, Readings, Stageable, Staged, Status, Subscribable, SubscriptionId, SyncOrAsync, WeakDevice,
};
use crate::hardware::signal_state::{SignalState, Subscribers};
use crate::value::{Map, Text, Value};
use skyspan_trace::internal::lock;

/// A signal of ophyd-async that lives in memory alone, as [`AsyncSignal`] makes it. Cloning gives another handle to the same
/// signal; [`Device::downcast_ref`] leads to it.
///
/// ```
/// use skyspan::hardware::{AsyncSignal, SoftSignal};
/// use skyspan::prelude::*;
///
/// let lab = Harness::new();
/// let counts = lab.add(AsyncSignal::new("counts", 0).read_only());
/// let signal = counts.downcast_ref::<SoftSignal>().ok_or("it is one")?;
/// signal.put(42, lab.clock().now())?;
/// assert_eq!(signal.value(), 42.into());
/// assert!(signal.put("many", lab.clock().now()).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct SoftSignal(Arc<Core>);

#[derive(Debug)]
struct Core {
    name: Text,
    source: Text,
    access: Access,
    datatype: SignalDatatype,
    initial: Value,
    units: Option<Text>,
    precision: Option<i64>,
    timeout: Option<Duration>,
    labels: Vec<Text>,
    parent: Option<WeakDevice>,
    state: SignalState,
    /// What was put last.
    setpoint: Mutex<Value>,
    subscribers: Subscribers,
    on_put: Option<OnPut>,
    put_proceeds: watch::Sender<bool>,
}

impl SoftSignal {
    pub(super) fn new(signal: AsyncSignal, parent: Option<WeakDevice>) -> Self {
        let AsyncSignal {
            name,
            datatype,
            value,
            units,
            precision,
            timeout,
            access,
            mock,
            on_put,
            put_proceeds,
            labels,
        } = signal;
        // A first value that is none of its type is kept as it is, for the one who gave it to find.
        let value = value.map(|value| datatype.convert(&value).unwrap_or(value));
        let value = value.unwrap_or_else(|| datatype.empty());
        let subscribers = Subscribers::default();
        // Who subscribes is told at once.
        subscribers.changed();
        Self(Arc::new(Core {
            source: format!("{}soft://{name}", if mock { "mock+" } else { "" }).into(),
            name,
            access,
            datatype,
            initial: value.clone(),
            units,
            precision,
            timeout,
            labels,
            parent,
            state: SignalState::new(value.clone(), Timestamp::EPOCH),
            setpoint: Mutex::new(value),
            subscribers,
            on_put,
            put_proceeds: watch::Sender::new(put_proceeds),
        }))
    }

    /// The present value of the signal.
    #[must_use]
    pub fn value(&self) -> Value {
        self.0.state.value()
    }

    /// What was put last by a set.
    #[must_use]
    pub fn setpoint(&self) -> Value {
        lock(&self.0.setpoint).clone()
    }

    /// Gives it a value without a set, at a time: `set_mock_value`, and the setter of a signal that cannot be set. Those who follow it are told,
    /// also where the value is the one that it had.
    ///
    /// # Errors
    ///
    /// A `ValueError` or `TypeError` for a value that cannot be made one of its type.
    pub fn put(&self, value: impl Into<Value>, now: Timestamp) -> Result<(), DeviceError> {
        let value = self.converted(&value.into())?;
        self.store(value, now);
        Ok(())
    }

    /// Whether a set is done once its value is put; those that wait for it go on (`set_mock_put_proceeds`).
    pub fn set_put_proceeds(&self, proceeds: bool) {
        self.0.put_proceeds.send_replace(proceeds);
    }

    /// Whether [`put`](Self::put) would take a value.
    pub(crate) fn takes(&self, value: &Value) -> Result<(), DeviceError> {
        self.converted(value).map(drop)
    }

    /// The signal that a device is, if it is one.
    pub(crate) fn of_device(device: &Device) -> Option<&Self> {
        device.downcast_ref::<Self>()
    }

    fn converted(&self, value: &Value) -> Result<Value, DeviceError> {
        if value.is_null() { Ok(self.0.initial.clone()) } else { self.0.datatype.convert(value) }
    }

    /// Its value as a number.
    pub(super) fn number(&self) -> f64 {
        self.value().as_f64().unwrap_or(f64::NAN)
    }

    pub(super) fn datatype(&self) -> &SignalDatatype {
        &self.0.datatype
    }

    pub(super) fn units(&self) -> Option<Text> {
        self.0.units.clone()
    }

    pub(super) fn precision(&self) -> Option<i64> {
        self.0.precision
    }

    /// Gives it a value that is one of its type.
    pub(super) fn store(&self, value: Value, now: Timestamp) {
        self.0.state.put(value, now);
        self.0.subscribers.notify(|| self.readings());
    }

    /// The same as by a set.
    pub(super) fn store_setpoint(&self, value: Value, now: Timestamp) {
        *lock(&self.0.setpoint) = value.clone();
        self.store(value, now);
    }

    /// Puts a value as a set does, which may take as long as that says.
    pub(super) async fn set_within(&self, clock: &Clock, value: &Value, patience: Patience) -> Result<(), DeviceError> {
        let given = self.0.on_put.as_ref().map_or(Ok(None), |on_put| (on_put.0)(value))?;
        let value = self.converted(given.as_ref().unwrap_or(value))?;
        self.store_setpoint(value, clock.now());
        let mut proceeds = self.0.put_proceeds.subscribe();
        let proceed = async move {
            // The signal has the sender, and lives as long as this.
            let _ = proceeds.wait_for(|proceeds| *proceeds).await;
        };
        within(clock, patience.or(self.0.timeout), proceed).await.map_err(|_| self.too_late())
    }

    fn too_late(&self) -> DeviceError {
        DeviceError::other(Text::literal("TimeoutError"), self.0.source.clone())
    }

    pub(super) fn readings(&self) -> Readings {
        let (value, timestamp) = self.0.state.get();
        Readings(vec![(self.0.name.clone(), Reading { value, timestamp })])
    }

    pub(super) fn data_keys(&self) -> DataKeys {
        let (core, value) = (&self.0, self.value());
        let mut more = Map::from_iter([("dtype_numpy", core.datatype.dtype_numpy())]);
        if let Some(units) = &core.units {
            more.insert("units", units);
        }
        if let Some(precision) = core.precision {
            more.insert("precision", precision);
        }
        if let Some(choices) = core.datatype.choices() {
            more.insert("choices", choices);
        }
        let (dtype, shape) = (core.datatype.dtype(), core.datatype.shape(&value));
        DataKeys(vec![(core.name.clone(), DataKey { source: core.source.clone(), dtype, shape, more })])
    }

    pub(super) fn follow(&self, callback: Callback) -> SubscriptionId {
        self.0.subscribers.add(callback, || self.readings())
    }

    pub(super) fn follow_no_more(&self, id: SubscriptionId) {
        self.0.subscribers.remove(id);
    }

    fn class(&self) -> &'static str {
        match self.0.access {
            Access::ReadWrite => "SignalRW",
            Access::Read => "SignalR",
            Access::Write => "SignalW",
        }
    }
}

/// What a subscription says to options, of which ophyd-async knows none; so a suspender, which gives some, cannot watch it.
pub(super) fn no_options(class: &str, options: &Map) -> Result<(), DeviceError> {
    options.keys().next().map_or(Ok(()), |key| {
        let message = format!("{class}.subscribe_reading() got an unexpected keyword argument '{key}'");
        Err(DeviceError::type_error(message))
    })
}

impl Readable for SoftSignal {
    fn read<'a>(&'a self, _: Cx<'a>) -> SyncOrAsync<'a, Result<Readings, DeviceError>> {
        Ok(self.readings()).into()
    }

    fn describe<'a>(&'a self, _: Cx<'a>) -> SyncOrAsync<'a, Result<DataKeys, DeviceError>> {
        Ok(self.data_keys()).into()
    }
}

impl Movable for SoftSignal {
    fn set(&self, cx: Cx<'_>, args: &Args) -> Result<Status, DeviceError> {
        let (value, patience) = value_and_patience(args, "value")?;
        let (signal, clock, value) = (self.clone(), cx.clock().clone(), value.clone());
        Ok(Status::spawn(cx, async move { signal.set_within(&clock, &value, patience).await }))
    }
}

impl Locatable for SoftSignal {
    fn locate<'a>(&'a self, _: Cx<'a>) -> SyncOrAsync<'a, Result<Location, DeviceError>> {
        Ok(Location { setpoint: self.setpoint(), readback: self.value() }).into()
    }
}

/// A signal that is staged is read from what it was told last, which here is what it holds.
impl Stageable for SoftSignal {
    fn stage(&self, cx: Cx<'_>) -> Result<Staged, DeviceError> {
        Ok(Staged::Status(Status::spawn(cx, async { Ok(()) })))
    }

    fn unstage(&self, cx: Cx<'_>) -> Result<Staged, DeviceError> {
        self.stage(cx)
    }
}

/// Who subscribes is told at once, and at every set, whether the value is another one or not.
impl Subscribable for SoftSignal {
    fn subscribe(&self, callback: Callback) -> SubscriptionId {
        self.follow(callback)
    }

    fn subscribe_with(&self, callback: Callback, options: &Map) -> Result<SubscriptionId, DeviceError> {
        no_options("SignalR", options)?;
        Ok(self.follow(callback))
    }

    fn takes_suspender(&self) -> Result<(), DeviceError> {
        no_options("SignalR", &Map::from_iter([("event_type", Value::Null)]))
    }

    fn clear_sub(&self, id: SubscriptionId) {
        self.follow_no_more(id);
    }
}

impl OphydObject for SoftSignal {
    fn name(&self) -> &Text {
        &self.0.name
    }

    fn class_name(&self) -> Text {
        Text::literal(self.class())
    }

    fn repr(&self) -> Text {
        repr_of(self.class(), &self.0.name)
    }

    fn added_at(&self, now: Timestamp) {
        let (value, timestamp) = self.0.state.get();
        if timestamp == Timestamp::EPOCH {
            self.0.state.put(value, now);
        }
    }

    fn labels(&self) -> &[Text] {
        &self.0.labels
    }

    fn parent(&self) -> Option<Device> {
        self.0.parent.as_ref()?.upgrade()
    }

    fn as_readable(&self) -> Option<&dyn Readable> {
        (self.0.access != Access::Write).then_some(self)
    }

    fn as_movable(&self) -> Option<&dyn Movable> {
        (self.0.access != Access::Read).then_some(self)
    }

    fn as_locatable(&self) -> Option<&dyn Locatable> {
        (self.0.access == Access::ReadWrite).then_some(self)
    }

    fn as_stageable(&self) -> Option<&dyn Stageable> {
        (self.0.access != Access::Write).then_some(self)
    }

    fn as_subscribable(&self) -> Option<&dyn Subscribable> {
        (self.0.access != Access::Write).then_some(self)
    }
}

/// `SimMotor(name="m")`, as ophyd-async prints a device.
pub(super) fn repr_of(class: &str, name: &str) -> Text {
    format!("{class}(name={name:?})").into()
}
