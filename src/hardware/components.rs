//! Devices that are made of signals: what `ophyd.Device` does for all of them.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use super::signal::Signal;
use crate::clock::Timestamp;
use crate::device::{
    Args, Cx, DataKeys, Device, DeviceError, Hints, Mounted, OphydObject, Readings, Staged, WeakDevice,
};
use crate::value::{Text, Value, repr, repr_str};

/// How much a component matters: `ophyd.Kind`.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Kind {
    /// Neither read nor part of the configuration.
    Omitted,
    /// Read.
    #[default]
    Normal,
    /// Part of the configuration.
    Config,
    /// Read, and shown to people first.
    Hinted,
}

/// The components of a device in order, each by its attribute.
#[derive(Debug)]
pub(super) struct Components {
    class_name: &'static str,
    name: Text,
    all: Vec<Component>,
    staged: AtomicBool,
    repr: OnceLock<Text>,
    /// What the device itself is a component of.
    parent: Option<WeakDevice>,
    labels: Vec<Text>,
    /// Whether what was done with the device may be done again after a pause.
    replayable: bool,
}

#[derive(Debug)]
struct Component {
    attribute: &'static str,
    kind: Kind,
    signal: Arc<Mounted<dyn SignalComponent>>,
}

impl Component {
    fn device(&self) -> Device {
        Device::of(Arc::clone(&self.signal) as Arc<Mounted<dyn OphydObject>>)
    }
}

/// A signal, or a signal with a behaviour of its own.
pub(super) trait SignalComponent: OphydObject + std::fmt::Debug {
    fn signal(&self) -> &Signal;
}

impl SignalComponent for Signal {
    fn signal(&self) -> &Signal {
        self
    }
}

impl Components {
    pub(super) const fn new(class_name: &'static str, name: Text) -> Self {
        Self {
            class_name,
            name,
            all: Vec::new(),
            staged: AtomicBool::new(false),
            repr: OnceLock::new(),
            parent: None,
            labels: Vec::new(),
            replayable: true,
        }
    }

    pub(super) const fn replayable(mut self, replayable: bool) -> Self {
        self.replayable = replayable;
        self
    }

    pub(super) fn of_parent(mut self, parent: Option<WeakDevice>) -> Self {
        self.parent = parent;
        self
    }

    pub(super) fn labelled(mut self, labels: Vec<Text>) -> Self {
        self.labels = labels;
        self
    }

    pub(super) fn labels(&self) -> &[Text] {
        &self.labels
    }

    pub(super) fn parent(&self) -> Option<Device> {
        self.parent.as_ref()?.upgrade()
    }

    pub(super) fn with(mut self, attribute: &'static str, signal: Arc<Mounted<impl SignalComponent>>) -> Self {
        let kind = signal.signal().kind;
        self.all.push(Component { attribute, kind, signal });
        self
    }

    /// The last component is known by another attribute, too.
    pub(super) fn also(mut self, attribute: &'static str) -> Self {
        if let Some(last) = self.all.last() {
            let signal = Arc::clone(&last.signal);
            self.all.push(Component { attribute, kind: Kind::Omitted, signal });
        }
        self
    }

    /// Tells each component which device it belongs to.
    pub(super) fn adopt(&self, parent: &WeakDevice) {
        for component in &self.all {
            component.signal.signal().belongs_to(parent.clone());
        }
    }

    /// Its values were taken now, as far as they have no time yet.
    pub(super) fn added_at(&self, now: Timestamp) {
        self.all.iter().for_each(|component| component.signal.added_at(now));
    }

    pub(super) const fn name(&self) -> &Text {
        &self.name
    }

    pub(super) const fn class_name(&self) -> &'static str {
        self.class_name
    }

    pub(super) fn get(&self, attribute: &str) -> Option<Device> {
        let component = self.all.iter().find(|component| component.attribute == attribute)?;
        Some(component.device())
    }

    /// `SynAxis(prefix='', name='motor', read_attrs=[...], configuration_attrs=[...])`, made once.
    pub(super) fn repr(&self) -> Text {
        let make = || {
            let attributes = |kinds: &[Kind]| {
                let chosen = self.all.iter().filter(|component| kinds.contains(&component.kind));
                repr(&chosen.map(|component| Value::literal(component.attribute)).collect())
            };
            format!(
                "{}(prefix='', name={}{}, read_attrs={}, configuration_attrs={})",
                self.class_name,
                repr_str(&self.name),
                self.parent().map(|parent| format!(", parent={}", repr_str(parent.name()))).unwrap_or_default(),
                attributes(&[Kind::Normal, Kind::Hinted]),
                attributes(&[Kind::Config]),
            )
            .into()
        };
        self.repr.get_or_init(make).clone()
    }

    fn read_components(&self) -> impl Iterator<Item = &Component> {
        self.all.iter().filter(|component| matches!(component.kind, Kind::Normal | Kind::Hinted))
    }

    fn config_components(&self) -> impl Iterator<Item = &Component> {
        self.all.iter().filter(|component| component.kind == Kind::Config)
    }

    pub(super) fn readings(&self) -> Readings {
        let signals = self.read_components().map(|component| component.signal.signal());
        signals.map(|signal| (signal.name.clone(), signal.reading())).collect()
    }

    pub(super) fn data_keys(&self) -> Result<DataKeys, DeviceError> {
        data_keys(self.read_components())
    }

    pub(super) fn configuration(&self) -> Readings {
        let signals = self.config_components().map(|component| component.signal.signal());
        signals.map(|signal| (signal.name.clone(), signal.reading())).collect()
    }

    pub(super) fn configuration_data_keys(&self) -> Result<DataKeys, DeviceError> {
        data_keys(self.config_components())
    }

    /// Sets components of the configuration by attribute, and waits for each; gives the configuration before and after.
    pub(super) async fn configure(&self, cx: Cx<'_>, args: &Args) -> Result<(Readings, Readings), DeviceError> {
        let wanted = match (&*args.positional, args.keyword.get("d")) {
            ([wanted], None) | ([], Some(wanted)) if args.positional.len() + args.keyword.len() == 1 => wanted,
            _ => return Err(DeviceError::type_error("configure() takes one argument: a map of the values to be set")),
        };
        let Value::Map(wanted) = wanted else {
            return Err(DeviceError::no_attribute(wanted.kind(), "items"));
        };
        let before = self.configuration();
        for (attribute, value) in wanted.iter() {
            let component = self.all.iter().find(|component| component.attribute == &**attribute);
            let component =
                component.ok_or_else(|| DeviceError::value(format!("There is no signal named {attribute}")))?;
            if component.kind != Kind::Config {
                return Err(DeviceError::value(format!(
                    "{attribute} is not one of the configuration_fields, so it cannot be changed using configure"
                )));
            }
            let signal = component.device();
            let movable = signal.movable().map_err(|error| DeviceError::type_error(error.to_string()))?;
            let set = movable.set(cx.of(&signal), &Args::one(value.clone()))?;
            set.wait(cx.of(&signal), None).await?;
        }
        Ok((before, self.configuration()))
    }

    pub(super) fn hints(&self) -> Hints {
        let hinted = self.all.iter().filter(|component| component.kind == Kind::Hinted);
        Hints::fields(hinted.map(|component| component.signal.signal().name.clone()).collect())
    }

    /// `ophyd.Device.pause` does nothing; one that is not replayable says so.
    pub(super) fn pause(&self) -> Result<(), DeviceError> {
        if self.replayable {
            return Ok(());
        }
        let message = format!("nothing that was done with {} may be done again", self.name);
        Err(DeviceError::other(Text::literal("NoReplayAllowed"), message))
    }

    pub(super) fn stage(&self, cx: Cx<'_>) -> Result<Staged, DeviceError> {
        if self.staged.swap(true, Ordering::AcqRel) {
            return Err(DeviceError::RedundantStaging(
                format!("Device {} is already staged. Unstage it first.", self.repr()).into(),
            ));
        }
        Ok(Staged::Devices(vec![cx.device().clone()]))
    }

    pub(super) fn unstage(&self, cx: Cx<'_>) -> Staged {
        self.staged.store(false, Ordering::Release);
        Staged::Devices(vec![cx.device().clone()])
    }
}

fn data_keys<'a>(components: impl Iterator<Item = &'a Component>) -> Result<DataKeys, DeviceError> {
    let keys = components.map(|component| {
        let signal = component.signal.signal();
        Ok((signal.name.clone(), signal.data_key()?))
    });
    Ok(DataKeys(keys.collect::<Result<_, DeviceError>>()?))
}

/// Implements for a device with a field `components` all that `ophyd.Device` implements for it; `but stop`, all but how
/// it is stopped.
macro_rules! device_of_components {
    ($device:ty) => {
        $crate::hardware::components::device_of_components!($device, but stop);

        /// `ophyd.Device.stop` stops the devices that it is made of; signals need no stop.
        impl $crate::device::Stoppable for $device {
            fn stop<'a>(
                &'a self,
                _: $crate::device::Cx<'a>,
                _: bool,
            ) -> $crate::device::SyncOrAsync<'a, Result<(), $crate::device::DeviceError>> {
                Ok(()).into()
            }
        }
    };
    ($device:ty, but stop) => {
        impl $crate::device::Readable for $device {
            fn read<'a>(
                &'a self,
                _: $crate::device::Cx<'a>,
            ) -> $crate::device::SyncOrAsync<'a, Result<$crate::device::Readings, $crate::device::DeviceError>> {
                Ok(self.components.readings()).into()
            }

            fn describe<'a>(
                &'a self,
                _: $crate::device::Cx<'a>,
            ) -> $crate::device::SyncOrAsync<'a, Result<$crate::device::DataKeys, $crate::device::DeviceError>> {
                self.components.data_keys().into()
            }
        }

        impl $crate::device::Configurable for $device {
            fn read_configuration<'a>(
                &'a self,
                _: $crate::device::Cx<'a>,
            ) -> $crate::device::SyncOrAsync<'a, Result<$crate::device::Readings, $crate::device::DeviceError>> {
                Ok(self.components.configuration()).into()
            }

            fn describe_configuration<'a>(
                &'a self,
                _: $crate::device::Cx<'a>,
            ) -> $crate::device::SyncOrAsync<'a, Result<$crate::device::DataKeys, $crate::device::DeviceError>> {
                self.components.configuration_data_keys().into()
            }

            fn configure<'a>(
                &'a self,
                cx: $crate::device::Cx<'a>,
                args: &'a $crate::device::Args,
            ) -> $crate::device::SyncOrAsync<
                'a,
                Result<($crate::device::Readings, $crate::device::Readings), $crate::device::DeviceError>,
            > {
                $crate::device::SyncOrAsync::later(self.components.configure(cx, args))
            }
        }

        impl $crate::device::Stageable for $device {
            fn stage(&self, cx: $crate::device::Cx<'_>) -> Result<$crate::device::Staged, $crate::device::DeviceError> {
                self.components.stage(cx)
            }

            fn unstage(
                &self,
                cx: $crate::device::Cx<'_>,
            ) -> Result<$crate::device::Staged, $crate::device::DeviceError> {
                Ok(self.components.unstage(cx))
            }
        }

        impl $crate::device::Pausable for $device {
            fn pause<'a>(
                &'a self,
                _: $crate::device::Cx<'a>,
            ) -> $crate::device::SyncOrAsync<'a, Result<(), $crate::device::DeviceError>> {
                self.components.pause().into()
            }

            fn resume<'a>(
                &'a self,
                _: $crate::device::Cx<'a>,
            ) -> $crate::device::SyncOrAsync<'a, Result<(), $crate::device::DeviceError>> {
                Ok(()).into()
            }
        }

        impl $crate::device::HasHints for $device {
            fn hints(&self) -> $crate::device::Hints {
                self.components.hints()
            }
        }
    };
}
pub(super) use device_of_components;

/// What such a device says of itself, and that it implements what [`device_of_components`] implements for it.
macro_rules! protocols_of_components {
    () => {
        fn name(&self) -> &$crate::value::Text {
            self.components.name()
        }

        fn class_name(&self) -> $crate::value::Text {
            $crate::value::Text::literal(self.components.class_name())
        }

        fn repr(&self) -> $crate::value::Text {
            self.components.repr()
        }

        fn added_at(&self, now: $crate::clock::Timestamp) {
            self.components.added_at(now);
        }

        fn parent(&self) -> Option<$crate::device::Device> {
            self.components.parent()
        }

        fn labels(&self) -> &[$crate::value::Text] {
            self.components.labels()
        }

        fn component(&self, attribute: &str) -> Option<$crate::device::Device> {
            self.components.get(attribute)
        }

        fn as_readable(&self) -> Option<&dyn $crate::device::Readable> {
            Some(self)
        }

        fn as_configurable(&self) -> Option<&dyn $crate::device::Configurable> {
            Some(self)
        }

        fn as_stageable(&self) -> Option<&dyn $crate::device::Stageable> {
            Some(self)
        }

        fn as_stoppable(&self) -> Option<&dyn $crate::device::Stoppable> {
            Some(self)
        }

        fn as_pausable(&self) -> Option<&dyn $crate::device::Pausable> {
            Some(self)
        }

        fn as_has_hints(&self) -> Option<&dyn $crate::device::HasHints> {
            Some(self)
        }
    };
}
pub(super) use protocols_of_components;
