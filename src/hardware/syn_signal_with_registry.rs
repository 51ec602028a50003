//! [`SynSignalWithRegistry`]: a signal whose values are written to files, and that reads where they are.

use std::fmt;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};

use super::components::Kind;
use super::drawn::Drawn;
use super::signal_state::SignalState;
use super::syn_signal::SynSignal;
use crate::clock::Timestamp;
use crate::device::{
    Args, AssetDoc, Checkable, Configurable, Cx, DataKeys, Datum, Device, DeviceError, HasHints, Movable, OphydObject,
    PartialResource, Readable, Reading, Readings, Stageable, Staged, Status, Subscribable, SyncOrAsync, Triggerable,
    WritesExternalAssets,
};
use crate::value::{Map, Text, Value};
use skyspan_trace::internal::lock;

/// What writes a value to a file of that path.
type SaveFunc = Arc<dyn Fn(&str, &Value) -> Result<(), DeviceError> + Send + Sync>;

/// A signal whose values are written to files, and that reads where they are: `ophyd.sim.SynSignalWithRegistry`.
///
/// This is the signal to be: `Device::from` makes the device. Staging it begins a resource, each trigger is a datum; one
/// that is not staged cannot be triggered. No file is written, unless one says how: see [`save_func`](Self::save_func).
pub struct SynSignalWithRegistry {
    signal: SynSignal,
    save_path: Text,
    save_func: Mutex<Option<SaveFunc>>,
    save_spec: Text,
    save_ext: Text,
}

impl SynSignalWithRegistry {
    /// A signal whose value is 0, and stays what it is when triggered.
    #[must_use]
    pub fn new(name: impl Into<Text>) -> Self {
        let mut signal = SynSignal::new(name);
        signal.signal.class_name = "SynSignalWithRegistry";
        // What it saves to files is saved as an array.
        signal.signal.ndarray = AtomicBool::new(true);
        Self {
            signal,
            save_path: Text::literal("/simulated"),
            save_func: Mutex::default(),
            save_spec: Text::literal("NPY_SEQ"),
            save_ext: Text::literal("npy"),
        }
    }

    /// What a trigger sets the value to. The value it starts with is computed at once.
    #[must_use]
    pub fn func<V: Into<Value>>(mut self, func: impl Fn() -> V + Send + Sync + 'static) -> Self {
        self.signal = self.signal.func(func);
        self
    }

    /// How long a trigger takes, in seconds, until the value is computed. As in ophyd nobody waits for that: what is
    /// written is the value as it was before.
    #[must_use]
    pub fn exposure_time_s(mut self, exposure_time_s: f64) -> Self {
        self.signal = self.signal.exposure_time_s(exposure_time_s);
        self
    }

    /// How many digits behind the point matter; 3 unless one says otherwise.
    #[must_use]
    pub fn precision(mut self, precision: i64) -> Self {
        self.signal = self.signal.precision(precision);
        self
    }

    /// The directory of the files; `/simulated` unless one says otherwise, where ophyd makes one up.
    #[must_use]
    pub fn save_path(mut self, save_path: impl Into<Text>) -> Self {
        self.save_path = save_path.into();
        self
    }

    /// What writes each value to a file, given its path; nothing does unless one says so.
    #[must_use]
    pub fn save_func(
        self,
        save_func: impl Fn(&str, &Value) -> Result<(), DeviceError> + Send + Sync + 'static,
    ) -> Self {
        *lock(&self.save_func) = Some(Arc::new(save_func));
        self
    }

    /// Has a device that was made of one of these write its values so from now on.
    ///
    /// # Errors
    ///
    /// A `TypeError` for any other device.
    pub fn set_save_func(
        device: &Device,
        save_func: impl Fn(&str, &Value) -> Result<(), DeviceError> + Send + Sync + 'static,
    ) -> Result<(), DeviceError> {
        let none = || DeviceError::type_error(format!("{} writes no values to files", device.repr()));
        let registry = device.downcast_ref::<RegistryDevice>().ok_or_else(none)?;
        *lock(&registry.options.save_func) = Some(Arc::new(save_func));
        Ok(())
    }

    /// What can read the files; `NPY_SEQ` unless one says otherwise.
    #[must_use]
    pub fn save_spec(mut self, save_spec: impl Into<Text>) -> Self {
        self.save_spec = save_spec.into();
        self
    }

    /// How the names of the files end, without the dot; `npy` unless one says otherwise.
    #[must_use]
    pub fn save_ext(mut self, save_ext: impl Into<Text>) -> Self {
        self.save_ext = save_ext.into();
        self
    }

    /// The device that it is a component of. It is staged and unstaged in its place.
    #[must_use]
    pub fn parent(mut self, parent: &Device) -> Self {
        self.signal = self.signal.parent(parent);
        self
    }

    /// How much it matters to people; [`Kind::Normal`] unless one says otherwise.
    #[must_use]
    pub fn kind(mut self, kind: Kind) -> Self {
        self.signal = self.signal.kind(kind);
        self
    }

    /// Labels by which people find it.
    #[must_use]
    pub fn labels(mut self, labels: impl IntoIterator<Item = impl Into<Text>>) -> Self {
        self.signal = self.signal.labels(labels);
        self
    }
}

impl fmt::Debug for SynSignalWithRegistry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SynSignalWithRegistry").field("signal", &self.signal).finish_non_exhaustive()
    }
}

impl From<SynSignalWithRegistry> for Device {
    fn from(options: SynSignalWithRegistry) -> Self {
        let drawn = Drawn::of(format!("assets of {}", options.signal.signal.name));
        Self::new(RegistryDevice { options, registry: Mutex::default(), drawn })
    }
}

#[derive(Debug)]
pub(super) struct RegistryDevice {
    options: SynSignalWithRegistry,
    registry: Mutex<Registry>,
    /// Where its uids come from.
    drawn: Drawn,
}

/// What it has written since it was staged.
#[derive(Debug, Default)]
struct Registry {
    /// The uid of the resource and what its files' names begin with; nothing unless it is staged.
    resource: Option<(Text, String)>,
    next: u64,
    docs: Vec<AssetDoc>,
    /// What is read: the datum of the last trigger.
    result: Readings,
}

impl RegistryDevice {
    /// The signal of a device that is one of these.
    pub(super) fn signal_of(device: &Device) -> Option<&SynSignal> {
        device.downcast_ref::<Self>().map(|registry| &registry.options.signal)
    }

    const fn state(&self) -> &SignalState {
        &self.options.signal.signal.state
    }
}

impl Stageable for RegistryDevice {
    fn stage(&self, cx: Cx<'_>) -> Result<Staged, DeviceError> {
        let seed = self.drawn.seed(cx);
        let stem: Text = seed.uid()[..6].into();
        let uid = seed.uid();
        let options = &self.options;
        let mut registry = lock(&self.registry);
        registry.next = 0;
        registry.resource = Some((uid.clone(), format!("{}/{stem}", options.save_path)));
        registry.docs.push(AssetDoc::Resource(PartialResource {
            uid,
            spec: options.save_spec.clone(),
            root: options.save_path.clone(),
            resource_path: stem,
            resource_kwargs: Map::new(),
            windows_path: false,
        }));
        // ophyd's gives nothing at all.
        Ok(Staged::Devices(Vec::new()))
    }

    fn unstage(&self, _: Cx<'_>) -> Result<Staged, DeviceError> {
        *lock(&self.registry) = Registry::default();
        Ok(Staged::Devices(Vec::new()))
    }
}

impl Triggerable for RegistryDevice {
    fn trigger(&self, cx: Cx<'_>) -> Result<Status, DeviceError> {
        self.options.signal.trigger(cx)?;
        let (value, timestamp) = self.state().get();
        let (resource, path, number) = {
            let mut registry = lock(&self.registry);
            let Some((resource, path)) = registry.resource.clone() else {
                return Err(DeviceError::type_error(format!("{} is not staged", self.options.signal.signal.name)));
            };
            registry.next += 1;
            (resource, path, registry.next - 1)
        };
        // It may be anybody's code, and wait for a thread that reads the device.
        let save = lock(&self.options.save_func).clone();
        if let Some(save) = save {
            save(&format!("{path}_{number}.{}", self.options.save_ext), &value)?;
        }
        let mut registry = lock(&self.registry);
        let datum_id = Text::from(format!("{resource}/{number}"));
        let reading = Reading { value: (&datum_id).into(), timestamp };
        registry.result = Readings(vec![(self.options.signal.signal.name.clone(), reading)]);
        let datum_kwargs = Map::from_iter([("index", number)]);
        registry.docs.push(AssetDoc::Datum(Datum { datum_id, resource, datum_kwargs }));
        drop(registry);
        Ok(Status::null(cx))
    }
}

impl WritesExternalAssets for RegistryDevice {
    fn collect_asset_docs<'a>(&'a self, _: Cx<'a>) -> SyncOrAsync<'a, Result<Vec<AssetDoc>, DeviceError>> {
        Ok(std::mem::take(&mut lock(&self.registry).docs)).into()
    }
}

impl Readable for RegistryDevice {
    fn read<'a>(&'a self, _: Cx<'a>) -> SyncOrAsync<'a, Result<Readings, DeviceError>> {
        Ok(lock(&self.registry).result.clone()).into()
    }

    fn describe<'a>(&'a self, _: Cx<'a>) -> SyncOrAsync<'a, Result<DataKeys, DeviceError>> {
        let signal = &self.options.signal.signal;
        let described = signal.data_key().map(|mut described| {
            described.more.insert(Text::literal("external"), Value::literal("FILESTORE"));
            DataKeys(vec![(signal.name.clone(), described)])
        });
        described.into()
    }
}

/// Like any signal it is its own configuration.
impl Configurable for RegistryDevice {
    fn read_configuration<'a>(&'a self, cx: Cx<'a>) -> SyncOrAsync<'a, Result<Readings, DeviceError>> {
        self.read(cx)
    }

    fn describe_configuration<'a>(&'a self, cx: Cx<'a>) -> SyncOrAsync<'a, Result<DataKeys, DeviceError>> {
        self.describe(cx)
    }

    fn configure<'a>(&'a self, _: Cx<'a>, _: &'a Args) -> SyncOrAsync<'a, Result<(Readings, Readings), DeviceError>> {
        Err(DeviceError::no_attribute("SynSignalWithRegistry", "configure")).into()
    }
}

impl OphydObject for RegistryDevice {
    fn name(&self) -> &Text {
        self.options.signal.name()
    }

    fn class_name(&self) -> Text {
        self.options.signal.class_name()
    }

    fn repr(&self) -> Text {
        self.options.signal.repr()
    }

    fn added_at(&self, now: Timestamp) {
        self.options.signal.added_at(now);
    }

    fn labels(&self) -> &[Text] {
        OphydObject::labels(&self.options.signal)
    }

    fn parent(&self) -> Option<Device> {
        OphydObject::parent(&self.options.signal)
    }

    fn as_readable(&self) -> Option<&dyn Readable> {
        Some(self)
    }

    fn as_configurable(&self) -> Option<&dyn Configurable> {
        Some(self)
    }

    fn as_movable(&self) -> Option<&dyn Movable> {
        self.options.signal.as_movable()
    }

    fn as_checkable(&self) -> Option<&dyn Checkable> {
        self.options.signal.as_checkable()
    }

    fn as_triggerable(&self) -> Option<&dyn Triggerable> {
        Some(self)
    }

    fn as_stageable(&self) -> Option<&dyn Stageable> {
        Some(self)
    }

    fn as_subscribable(&self) -> Option<&dyn Subscribable> {
        self.options.signal.as_subscribable()
    }

    fn as_has_hints(&self) -> Option<&dyn HasHints> {
        self.options.signal.as_has_hints()
    }

    fn as_writes_external_assets(&self) -> Option<&dyn WritesExternalAssets> {
        Some(self)
    }
}
