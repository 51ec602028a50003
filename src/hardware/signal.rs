//! [`Signal`]: one value that can be read and set.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use super::components::Kind;
use super::numpy_repr::numpy_repr;
use super::signal_state::{SignalState, SubscribeOptions, Subscribers};
use crate::clock::Timestamp;
use crate::device::{
    Args, Callback, Checkable, Configurable, Cx, DataKey, DataKeys, Device, DeviceError, Dtype, HasHints, Hints,
    Movable, OphydObject, Readable, Reading, Readings, Status, StatusKind, Subscribable, SubscriptionId, SyncOrAsync,
    Triggerable, WeakDevice,
};
use crate::hardware::component_macros::takes_labels;
use crate::value::{Map, Text, Value, repr, repr_str};

/// One value that can be read and set: `ophyd.Signal`.
///
/// Set, it has its value at once. Triggered, it does nothing and is done.
#[derive(Debug)]
pub struct Signal {
    pub(super) name: Text,
    pub(super) class_name: &'static str,
    pub(super) state: SignalState,
    pub(super) subscribers: Subscribers,
    pub(super) kind: Kind,
    pub(super) precision: Option<i64>,
    pub(super) read_only: bool,
    /// What else describes it.
    pub(super) described: Map,
    enum_strings: Option<Vec<Text>>,
    /// Where its value comes from, if not from the simulation.
    pub(super) source: Option<Text>,
    /// Whether a list is numpy's array, which has an extent in each of its dimensions.
    pub(super) ndarray: AtomicBool,
    /// Whether it reads as taken at the beginning of all times, whenever that was.
    pub(super) invariant: bool,
    pub(super) labels: Vec<Text>,
    parent: OnceLock<WeakDevice>,
}

impl Signal {
    /// A signal with that name and value.
    #[must_use]
    pub fn new(name: impl Into<Text>, value: impl Into<Value>) -> Self {
        Self {
            name: name.into(),
            class_name: "Signal",
            state: SignalState::new(value.into(), Timestamp::EPOCH),
            subscribers: Subscribers::default(),
            kind: Kind::Hinted,
            precision: None,
            read_only: false,
            described: Map::new(),
            enum_strings: None,
            source: None,
            ndarray: AtomicBool::new(false),
            invariant: false,
            labels: Vec::new(),
            parent: OnceLock::new(),
        }
    }

    /// A signal whose value is one of these strings, or the number of one: `ophyd.sim.EnumSignal`.
    ///
    /// # Errors
    ///
    /// A `ValueError` where `value` is none of them.
    pub fn with_choices(
        name: impl Into<Text>,
        value: impl Into<Value>,
        choices: impl IntoIterator<Item = impl Into<Text>>,
    ) -> Result<Self, DeviceError> {
        let mut signal = Self::new(name, 0);
        signal.class_name = "EnumSignal";
        signal.enum_strings = Some(choices.into_iter().map(Into::into).collect());
        let value = signal.accept(&value.into())?;
        signal.state.put(value, Timestamp::EPOCH);
        Ok(signal)
    }

    /// How much it matters to people; [`Kind::Hinted`] unless one says otherwise.
    #[must_use]
    pub const fn kind(mut self, kind: Kind) -> Self {
        self.kind = kind;
        self
    }

    takes_labels!();

    /// Its value; one of its strings, if it has a choice of them.
    #[must_use]
    pub fn get(&self) -> Value {
        self.shown(self.state.value())
    }

    /// Sets its value without a status, at a time.
    ///
    /// # Errors
    ///
    /// A `ValueError` for a string that is not one of its choices, a `ReadOnlyError` for the readback of an axis.
    pub fn put(&self, value: impl Into<Value>, now: Timestamp) -> Result<(), DeviceError> {
        self.write_allowed()?;
        let value = self.accept(&value.into())?;
        self.state.put(value, now);
        self.subscribers.notify(|| self.readings());
        Ok(())
    }

    /// Whether [`put`](Self::put) would take a value.
    ///
    /// # Errors
    ///
    /// What `put` would fail with.
    pub fn takes(&self, value: &Value) -> Result<(), DeviceError> {
        self.write_allowed()?;
        self.accept(value).map(drop)
    }

    pub(super) fn belongs_to(&self, parent: WeakDevice) {
        // A component is made with its device, and belongs to it from then on.
        let _ = self.parent.set(parent);
    }

    /// The value as it is kept: the number of a choice.
    fn accept(&self, value: &Value) -> Result<Value, DeviceError> {
        match (&self.enum_strings, value) {
            (Some(choices), Value::Str(text)) => match choices.iter().position(|choice| choice == text) {
                Some(number) => Ok(number.into()),
                None => {
                    let choices = choices.iter().map(|choice| repr_str(choice)).collect::<Vec<_>>().join(", ");
                    Err(DeviceError::value(format!("{text} not in enum strs ({choices})")))
                }
            },
            _ => Ok(value.clone()),
        }
    }

    fn shown(&self, value: Value) -> Value {
        let Some(choices) = &self.enum_strings else { return value };
        let number = value.as_i64().or_else(|| value.as_bool().map(i64::from));
        match number.and_then(|number| choices.get(usize::try_from(number).ok()?)) {
            Some(choice) => choice.into(),
            None if number.is_some() || value.is_null() => value,
            // What is no number of a choice is shown as the text that it prints.
            None => python_str(&value).into(),
        }
    }

    pub(super) fn reading(&self) -> Reading {
        let (value, timestamp) = self.state.get();
        let timestamp = if self.invariant { Timestamp::EPOCH } else { timestamp };
        Reading { value: self.shown(value), timestamp }
    }

    pub(super) fn readings(&self) -> Readings {
        Readings(vec![(self.name.clone(), self.reading())])
    }

    pub(super) fn data_key(&self) -> Result<DataKey, DeviceError> {
        // ophyd describes the choices' signal by the number it keeps.
        let value = self.state.value();
        let dtype = Dtype::of(&value).ok_or_else(|| {
            DeviceError::value(format!("failed to describe '{}' with value '{}'", self.name, repr(&value)))
        })?;
        let mut more = Map::new();
        if let Some(precision) = self.precision {
            more.insert(Text::literal("precision"), precision);
        }
        more.extend(self.described.clone());
        if let Some(choices) = &self.enum_strings {
            more.insert(Text::literal("enum_strs"), choices.as_slice());
        }
        let shape = match value.as_array() {
            Some(elements) if self.is_ndarray() => shape_of(elements),
            // Of a list of lists ophyd knows how many lists there are.
            Some(elements) => vec![elements.len() as u64],
            None => Vec::new(),
        };
        let source = self.source.clone().unwrap_or_else(|| format!("SIM:{}", self.name).into());
        Ok(DataKey { source, dtype, shape, more })
    }

    fn is_ndarray(&self) -> bool {
        self.ndarray.load(Ordering::Relaxed)
    }

    pub(super) fn data_keys(&self) -> Result<DataKeys, DeviceError> {
        Ok(DataKeys(vec![(self.name.clone(), self.data_key()?)]))
    }

    pub(super) fn write_allowed(&self) -> Result<(), DeviceError> {
        if self.read_only {
            let message = match self.class_name {
                "_ReadbackSignal" => format!("The signal {} is readonly.", self.name),
                _ => format!("{} is readonly", self.repr()),
            };
            return Err(DeviceError::ReadOnly(message.into()));
        }
        Ok(())
    }
}

/// Python's `str` of a value.
pub(super) fn python_str(value: &Value) -> Text {
    match value {
        Value::Str(text) => text.clone(),
        other => repr(other).into(),
    }
}

/// The extents of a list of lists, as numpy finds them.
fn shape_of(elements: &[Value]) -> Vec<u64> {
    let mut shape = vec![elements.len() as u64];
    if let Some(inner) = elements.first().and_then(Value::as_array) {
        shape.extend(shape_of(inner));
    }
    shape
}

impl OphydObject for Signal {
    fn name(&self) -> &Text {
        &self.name
    }

    fn class_name(&self) -> Text {
        Text::literal(self.class_name)
    }

    fn repr(&self) -> Text {
        if self.invariant {
            return Text::literal("<INVARIANT REPR>");
        }
        let parent = self.parent().map(|parent| format!(", parent={}", repr_str(parent.name()))).unwrap_or_default();
        let (value, timestamp) = self.state.get();
        let numpy = if self.is_ndarray() { numpy_repr(&value) } else { None };
        format!(
            "{}(name={}{parent}, value={}, timestamp={})",
            self.class_name,
            repr_str(&self.name),
            numpy.unwrap_or_else(|| repr(&value)),
            repr(&timestamp.unix_s().into())
        )
        .into()
    }

    fn added_at(&self, now: Timestamp) {
        let (value, timestamp) = self.state.get();
        if timestamp == Timestamp::EPOCH {
            self.state.put(value, now);
        }
    }

    fn labels(&self) -> &[Text] {
        &self.labels
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

    fn as_triggerable(&self) -> Option<&dyn Triggerable> {
        Some(self)
    }

    fn as_subscribable(&self) -> Option<&dyn Subscribable> {
        Some(self)
    }

    fn as_has_hints(&self) -> Option<&dyn HasHints> {
        Some(self)
    }
}

impl Readable for Signal {
    fn read<'a>(&'a self, _: Cx<'a>) -> SyncOrAsync<'a, Result<Readings, DeviceError>> {
        Ok(self.readings()).into()
    }

    fn describe<'a>(&'a self, _: Cx<'a>) -> SyncOrAsync<'a, Result<DataKeys, DeviceError>> {
        self.data_keys().into()
    }
}

/// A signal is its own configuration (`ophyd.Signal.read_configuration`).
impl Configurable for Signal {
    fn read_configuration<'a>(&'a self, cx: Cx<'a>) -> SyncOrAsync<'a, Result<Readings, DeviceError>> {
        self.read(cx)
    }

    fn describe_configuration<'a>(&'a self, cx: Cx<'a>) -> SyncOrAsync<'a, Result<DataKeys, DeviceError>> {
        self.describe(cx)
    }

    fn configure<'a>(&'a self, _: Cx<'a>, _: &'a Args) -> SyncOrAsync<'a, Result<(Readings, Readings), DeviceError>> {
        Err(DeviceError::no_attribute(self.class_name, "configure")).into()
    }
}

impl Movable for Signal {
    fn set(&self, cx: Cx<'_>, args: &Args) -> Result<Status, DeviceError> {
        self.write_allowed()?;
        let value = args.single()?;
        let status = Status::new(cx, StatusKind::Object);
        // What goes wrong with the value goes wrong in ophyd's thread, and so ends the status.
        match self.put(value.clone(), cx.now()) {
            Ok(()) => drop(status.set_finished()),
            Err(error) => drop(status.set_exception(error)),
        }
        Ok(status)
    }
}

/// Any value could be set, for all that is known beforehand (`ophyd.OphydObject.check_value`): it may still be refused.
impl Checkable for Signal {
    fn check_value(&self, _: &Value) -> Result<(), DeviceError> {
        Ok(())
    }
}

impl Triggerable for Signal {
    fn trigger(&self, cx: Cx<'_>) -> Result<Status, DeviceError> {
        let status = Status::new(cx, StatusKind::Object);
        let _ = status.set_finished();
        Ok(status)
    }
}

impl Subscribable for Signal {
    fn subscribe(&self, callback: Callback) -> SubscriptionId {
        self.subscribers.add(callback, || self.readings())
    }

    fn subscribe_with(&self, callback: Callback, options: &Map) -> Result<SubscriptionId, DeviceError> {
        let options = SubscribeOptions::of(options, "value", &["meta"])?;
        if !options.of_readings {
            // What is known of a signal besides its value never changes here.
            return Ok(self.subscribers.add_idle());
        }
        Ok(self.subscribers.add_with(callback, options.run, || self.readings()))
    }

    fn clear_sub(&self, id: SubscriptionId) {
        self.subscribers.remove(id);
    }
}

impl HasHints for Signal {
    fn hints(&self) -> Hints {
        Hints::fields(if self.kind == Kind::Hinted { vec![self.name.clone()] } else { Vec::new() })
    }
}

/// What a device with a field `signal` says of itself where it is as that signal says: all but how it is set and
/// triggered.
macro_rules! protocols_of_signal {
    () => {
        fn name(&self) -> &$crate::value::Text {
            self.signal.name()
        }

        fn class_name(&self) -> $crate::value::Text {
            self.signal.class_name()
        }

        fn repr(&self) -> $crate::value::Text {
            self.signal.repr()
        }

        fn added_at(&self, now: $crate::clock::Timestamp) {
            self.signal.added_at(now);
        }

        fn labels(&self) -> &[$crate::value::Text] {
            &self.signal.labels
        }

        fn parent(&self) -> Option<$crate::device::Device> {
            self.signal.parent()
        }

        fn as_readable(&self) -> Option<&dyn $crate::device::Readable> {
            self.signal.as_readable()
        }

        fn as_configurable(&self) -> Option<&dyn $crate::device::Configurable> {
            self.signal.as_configurable()
        }

        fn as_checkable(&self) -> Option<&dyn $crate::device::Checkable> {
            self.signal.as_checkable()
        }

        fn as_subscribable(&self) -> Option<&dyn $crate::device::Subscribable> {
            self.signal.as_subscribable()
        }

        fn as_has_hints(&self) -> Option<&dyn $crate::device::HasHints> {
            self.signal.as_has_hints()
        }
    };
}
pub(super) use protocols_of_signal;

impl From<Signal> for Device {
    fn from(signal: Signal) -> Self {
        Self::new(signal)
    }
}
