//! [`CannedReadings`]: a device that reads what it was told to read.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::device::{
    Args, Configurable, Cx, DataKey, DataKeys, Device, DeviceError, Dtype, HasHints, Hints, OphydObject, Readable,
    Reading, Readings, Status, StatusKind, SyncOrAsync, Triggerable,
};
use crate::value::{Map, Text, Value};

/// A device that reads what it was told to read: no class of `ophyd.sim`, but a fake for tests of plans that look at what
/// they read.
///
/// This is the device to be: `Device::from` makes the device. Each key has a value, or several: each read gives the next of
/// them, and the last one again and again, unless it is [strict](Self::strict). It describes itself by the first values,
/// hints at all of its keys, and is done at once when triggered.
///
/// ```
/// use skyspan::hardware::CannedReadings;
/// use skyspan::prelude::*;
///
/// let lab = Harness::new();
/// let diode = lab.add(CannedReadings::new("diode").key("diode", [0.1, 0.2, 0.9]));
/// let run = lab.run(plan(async move |p| {
///     let mut attempts = 1;
///     while p.rd(&diode).await?.as_f64() < Some(0.5) {
///         attempts += 1;
///     }
///     Ok(attempts)
/// }));
/// assert_eq!(run.plan_result(), Some(&3.into()));
/// ```
#[derive(Clone, Debug)]
pub struct CannedReadings {
    name: Text,
    keys: Vec<(Text, Vec<Value>)>,
    config: Vec<(Text, Value)>,
    hints: Option<Vec<Text>>,
    is_strict: bool,
}

impl CannedReadings {
    /// A device that reads nothing.
    #[must_use]
    pub fn new(name: impl Into<Text>) -> Self {
        Self { name: name.into(), keys: Vec::new(), config: Vec::new(), hints: None, is_strict: false }
    }

    /// Adds a data key, and what is read of it time after time. Without any value there is nothing to be described.
    #[must_use]
    pub fn key(mut self, key: impl Into<Text>, values: impl IntoIterator<Item = impl Into<Value>>) -> Self {
        self.keys.push((key.into(), values.into_iter().map(Into::into).collect()));
        self
    }

    /// Adds a key of the configuration, whose value never changes.
    #[must_use]
    pub fn config(mut self, key: impl Into<Text>, value: impl Into<Value>) -> Self {
        self.config.push((key.into(), value.into()));
        self
    }

    /// The keys that it hints at, in place of all.
    #[must_use]
    pub fn hints(mut self, keys: impl IntoIterator<Item = impl Into<Text>>) -> Self {
        self.hints = Some(keys.into_iter().map(Into::into).collect());
        self
    }

    /// A read fails with a `RuntimeError` where a key has no more values.
    #[must_use]
    pub const fn strict(mut self) -> Self {
        self.is_strict = true;
        self
    }
}

impl From<CannedReadings> for Device {
    fn from(canned: CannedReadings) -> Self {
        Self::new(CannedDevice { canned, reads: AtomicUsize::new(0) })
    }
}

#[derive(Debug)]
struct CannedDevice {
    canned: CannedReadings,
    /// How often it was read.
    reads: AtomicUsize,
}

impl CannedDevice {
    fn next(&self, cx: Cx<'_>) -> Result<Readings, DeviceError> {
        let nth = self.reads.fetch_add(1, Ordering::Relaxed);
        let readings = self.canned.keys.iter().map(|(key, values)| {
            let value = values.get(nth).or_else(|| values.last().filter(|_| !self.canned.is_strict));
            let value = value.ok_or_else(|| {
                let message =
                    format!("{} has {} readings of {key}, and was read once more", self.canned.name, values.len());
                DeviceError::other(Text::literal("RuntimeError"), message)
            })?;
            Ok((key.clone(), Reading { value: value.clone(), timestamp: cx.now() }))
        });
        readings.collect()
    }

    fn described(&self, key: &Text, value: Option<&Value>) -> Result<(Text, DataKey), DeviceError> {
        let dtype = value.and_then(Dtype::of).ok_or_else(|| {
            let found = value.map_or_else(|| "no value".to_owned(), |value| format!("{}: {value}", value.kind()));
            DeviceError::value(format!("expected a value of {key} that can be described, found {found}"))
        })?;
        let shape = value.map(shape_of).unwrap_or_default();
        let source = format!("SIM:{}", self.canned.name).into();
        Ok((key.clone(), DataKey { source, dtype, shape, more: Map::new() }))
    }
}

/// The extents of a list of lists.
fn shape_of(value: &Value) -> Vec<u64> {
    let Some(elements) = value.as_array() else { return Vec::new() };
    let inner = elements.first().map(shape_of).unwrap_or_default();
    std::iter::once(elements.len() as u64).chain(inner).collect()
}

impl Readable for CannedDevice {
    fn read<'a>(&'a self, cx: Cx<'a>) -> SyncOrAsync<'a, Result<Readings, DeviceError>> {
        self.next(cx).into()
    }

    fn describe<'a>(&'a self, _: Cx<'a>) -> SyncOrAsync<'a, Result<DataKeys, DeviceError>> {
        let keys = self.canned.keys.iter().map(|(key, values)| self.described(key, values.first()));
        keys.collect::<Result<_, _>>().map(DataKeys).into()
    }
}

impl Configurable for CannedDevice {
    fn read_configuration<'a>(&'a self, cx: Cx<'a>) -> SyncOrAsync<'a, Result<Readings, DeviceError>> {
        let reading = |value: &Value| Reading { value: value.clone(), timestamp: cx.now() };
        Ok(self.canned.config.iter().map(|(key, value)| (key.clone(), reading(value))).collect()).into()
    }

    fn describe_configuration<'a>(&'a self, _: Cx<'a>) -> SyncOrAsync<'a, Result<DataKeys, DeviceError>> {
        let keys = self.canned.config.iter().map(|(key, value)| self.described(key, Some(value)));
        keys.collect::<Result<_, _>>().map(DataKeys).into()
    }

    fn configure<'a>(&'a self, _: Cx<'a>, _: &'a Args) -> SyncOrAsync<'a, Result<(Readings, Readings), DeviceError>> {
        Err(DeviceError::no_attribute("CannedReadings", "configure")).into()
    }
}

/// It is done at once.
impl Triggerable for CannedDevice {
    fn trigger(&self, cx: Cx<'_>) -> Result<Status, DeviceError> {
        let status = Status::new(cx, StatusKind::Device);
        let _ = status.set_finished();
        Ok(status)
    }
}

impl HasHints for CannedDevice {
    fn hints(&self) -> Hints {
        let all = || self.canned.keys.iter().map(|(key, _)| key.clone()).collect();
        Hints::fields(self.canned.hints.clone().unwrap_or_else(all))
    }
}

impl OphydObject for CannedDevice {
    fn name(&self) -> &Text {
        &self.canned.name
    }

    fn class_name(&self) -> Text {
        Text::literal("CannedReadings")
    }

    fn as_readable(&self) -> Option<&dyn Readable> {
        Some(self)
    }

    fn as_configurable(&self) -> Option<&dyn Configurable> {
        Some(self)
    }

    fn as_triggerable(&self) -> Option<&dyn Triggerable> {
        Some(self)
    }

    fn as_has_hints(&self) -> Option<&dyn HasHints> {
        Some(self)
    }
}
