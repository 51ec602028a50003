//! Devices that are made of signals: what `ophyd.Device` does for all of them.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

pub(super) use super::component_macros::{checks_nothing, device_of_components, protocols_of_components};
use super::signal::Signal;
use crate::clock::Timestamp;
use crate::device::{
    Args, CoupledAxes, Cx, DataKeys, Device, DeviceError, Hints, Interceptable, OphydObject, Readings, Staged,
    WeakDevice,
};
use crate::value::{Map, Text, Value, repr, repr_str};

/// How much a component matters: `ophyd.Kind`.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Kind {
    /// Neither read nor part of the configuration.
    Omitted,
    /// The component is part of the device's readings.
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
    class_name: Text,
    name: Text,
    all: Vec<Component>,
    /// Other attributes by which some of them are known.
    also: Vec<Component>,
    staged: AtomicBool,
    repr: OnceLock<Text>,
    /// What the device itself is a component of.
    parent: Option<WeakDevice>,
    labels: Vec<Text>,
    /// Those that the device moves together.
    coupled: Option<CoupledAxes>,
    /// Whether what was done with the device may be done again after a pause.
    replayable: bool,
    hinting: Hinting,
    /// What the `repr` has between the name and the lists of attributes, and what it has behind them.
    repr_info: [Text; 2],
    /// What the data keys of all that is read have in addition.
    key_info: Map,
}

/// What a device says of its hints.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) enum Hinting {
    /// Those of its components.
    #[default]
    OfComponents,
    /// That there are none, not even a list of fields.
    Empty,
    /// Nothing: it is not one that has hints.
    Missing,
}

#[derive(Debug)]
struct Component {
    attribute: Text,
    part: Arc<Interceptable<dyn Part>>,
}

impl Component {
    fn device(&self) -> Device {
        Device::of(Arc::clone(&self.part) as Arc<Interceptable<dyn OphydObject>>)
    }

    fn is_read(&self) -> bool {
        matches!(self.part.kind(), Kind::Normal | Kind::Hinted)
    }

    /// A device that is read has its own configuration, which belongs to that of the whole.
    fn is_configured(&self) -> bool {
        self.part.kind() == Kind::Config || self.part.components().is_some() && self.is_read()
    }

    /// Its attribute, and behind a dot those of its own components that are chosen.
    fn attributes(&self, chosen: fn(&Self) -> bool) -> Vec<Value> {
        let inner = self.part.components().into_iter().flat_map(|inner| &inner.all).filter(|inner| chosen(inner));
        let inner = inner.flat_map(|inner| inner.attributes(chosen));
        let inner = inner.map(|attribute| format!("{}.{}", self.attribute, attribute.as_str().unwrap_or_default()));
        std::iter::once(Value::from(&self.attribute)).chain(inner.map(Value::from)).collect()
    }
}

/// What a device is made of: a signal, or another device.
pub(super) trait Part: OphydObject + std::fmt::Debug {
    fn kind(&self) -> Kind;

    /// Adds what is read of it.
    fn add_readings(&self, now: Timestamp, to: &mut Readings) -> Result<(), DeviceError>;

    /// Adds what describes that.
    fn add_data_keys(&self, to: &mut DataKeys) -> Result<(), DeviceError>;

    /// Tells it which device it belongs to.
    fn belongs_to(&self, parent: WeakDevice);

    /// Its own components, if it is a device.
    fn components(&self) -> Option<&Components> {
        None
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

impl<S: SignalComponent> Part for S {
    fn kind(&self) -> Kind {
        self.signal().kind
    }

    fn add_readings(&self, _: Timestamp, to: &mut Readings) -> Result<(), DeviceError> {
        let signal = self.signal();
        to.0.push((signal.name.clone(), signal.reading()));
        Ok(())
    }

    fn add_data_keys(&self, to: &mut DataKeys) -> Result<(), DeviceError> {
        let signal = self.signal();
        to.0.push((signal.name.clone(), signal.data_key()?));
        Ok(())
    }

    fn belongs_to(&self, parent: WeakDevice) {
        self.signal().belongs_to(parent);
    }
}

impl Components {
    pub(super) const fn new(class_name: &'static str, name: Text) -> Self {
        Self::of_class(Text::literal(class_name), name)
    }

    /// The same for a class that is named elsewhere.
    pub(super) const fn of_class(class_name: Text, name: Text) -> Self {
        Self {
            class_name,
            name,
            all: Vec::new(),
            also: Vec::new(),
            staged: AtomicBool::new(false),
            repr: OnceLock::new(),
            parent: None,
            labels: Vec::new(),
            coupled: None,
            replayable: true,
            hinting: Hinting::OfComponents,
            repr_info: [Text::literal(""), Text::literal("")],
            key_info: Map::new(),
        }
    }

    pub(super) const fn hinting(mut self, hinting: Hinting) -> Self {
        self.hinting = hinting;
        self
    }

    /// What the data keys of all that is read have in addition.
    pub(super) fn describing(mut self, key_info: Map) -> Self {
        self.key_info = key_info;
        self
    }

    /// What the `repr` has before the lists of attributes, and what it has behind them, each with its commas.
    pub(super) fn repr_info(mut self, before: impl Into<Text>, behind: impl Into<Text>) -> Self {
        self.repr_info = [before.into(), behind.into()];
        self
    }

    pub(super) const fn replayable(mut self, replayable: bool) -> Self {
        self.replayable = replayable;
        self
    }

    pub(super) fn of_parent(mut self, parent: Option<WeakDevice>) -> Self {
        self.parent = parent;
        self
    }

    /// Some of them are axes that the device moves together.
    pub(super) fn coupling(mut self, axes: CoupledAxes) -> Self {
        self.coupled = Some(axes);
        self
    }

    pub(super) fn coupled_axes(&self) -> Option<CoupledAxes> {
        self.coupled.clone()
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

    pub(super) fn with(self, attribute: &'static str, part: Arc<Interceptable<impl Part>>) -> Self {
        self.with_named(Text::literal(attribute), part)
    }

    /// The same with an attribute that is named elsewhere.
    pub(super) fn with_named(mut self, attribute: Text, part: Arc<Interceptable<impl Part>>) -> Self {
        self.all.push(Component { attribute, part });
        self
    }

    /// The last component is known by another attribute, too.
    pub(super) fn also(mut self, attribute: &'static str) -> Self {
        if let Some(last) = self.all.last() {
            let (attribute, part) = (Text::literal(attribute), Arc::clone(&last.part));
            self.also.push(Component { attribute, part });
        }
        self
    }

    /// Tells each component which device it belongs to.
    pub(super) fn adopt(&self, parent: &WeakDevice) {
        for component in &self.all {
            component.part.belongs_to(parent.clone());
        }
    }

    /// Its values were taken now, as far as they have no time yet.
    pub(super) fn added_at(&self, now: Timestamp) {
        self.all.iter().for_each(|component| component.part.added_at(now));
    }

    pub(super) const fn name(&self) -> &Text {
        &self.name
    }

    pub(super) fn class_name(&self) -> Text {
        self.class_name.clone()
    }

    pub(super) fn get(&self, attribute: &str) -> Option<Device> {
        let component = self.all.iter().chain(&self.also).find(|component| *component.attribute == *attribute)?;
        Some(component.device())
    }

    /// A component by its path: behind a dot stands a component of a component.
    fn find(&self, path: &str) -> Option<&Component> {
        let (first, rest) = path.split_once('.').map_or((path, None), |(first, rest)| (first, Some(rest)));
        let component = self.all.iter().find(|component| *component.attribute == *first)?;
        match rest {
            None => Some(component),
            Some(rest) => component.part.components()?.find(rest),
        }
    }

    /// `SynAxis(prefix='', name='motor', read_attrs=[...], configuration_attrs=[...])`, made once.
    pub(super) fn repr(&self) -> Text {
        let make = || {
            let attributes = |chosen: fn(&Component) -> bool| {
                repr(&self.all.iter().filter(|of| chosen(of)).flat_map(|of| of.attributes(chosen)).collect())
            };
            let [before, behind] = &self.repr_info;
            format!(
                "{}(prefix='', name={}{}{before}, read_attrs={}, configuration_attrs={}{behind})",
                self.class_name,
                repr_str(&self.name),
                self.parent().map(|parent| format!(", parent={}", repr_str(parent.name()))).unwrap_or_default(),
                attributes(Component::is_read),
                attributes(Component::is_configured),
            )
            .into()
        };
        self.repr.get_or_init(make).clone()
    }

    /// The attributes of the components that are read, and of theirs.
    pub(super) fn read_attrs(&self) -> Vec<Text> {
        let attributes = self.all.iter().filter(|of| of.is_read()).flat_map(|of| of.attributes(Component::is_read));
        attributes.filter_map(|attribute| attribute.as_str().map(Text::from)).collect()
    }

    pub(super) fn readings(&self, now: Timestamp) -> Result<Readings, DeviceError> {
        let mut readings = Readings(Vec::with_capacity(self.all.len()));
        let mut read = self.all.iter().filter(|component| component.is_read());
        read.try_for_each(|component| component.part.add_readings(now, &mut readings)).map(|()| readings)
    }

    pub(super) fn data_keys(&self) -> Result<DataKeys, DeviceError> {
        let mut data_keys = DataKeys::default();
        let mut read = self.all.iter().filter(|component| component.is_read());
        read.try_for_each(|component| component.part.add_data_keys(&mut data_keys))?;
        if !self.key_info.is_empty() {
            data_keys.0.iter_mut().for_each(|(_, key)| key.more.extend(self.key_info.clone()));
        }
        Ok(data_keys)
    }

    pub(super) fn configuration(&self, now: Timestamp) -> Result<Readings, DeviceError> {
        let mut readings = Readings::default();
        for component in self.all.iter().filter(|component| component.is_configured()) {
            match component.part.components() {
                Some(inner) => readings.0.extend(inner.configuration(now)?.0),
                None => component.part.add_readings(now, &mut readings)?,
            }
        }
        Ok(readings)
    }

    pub(super) fn configuration_data_keys(&self) -> Result<DataKeys, DeviceError> {
        let mut data_keys = DataKeys::default();
        for component in self.all.iter().filter(|component| component.is_configured()) {
            match component.part.components() {
                Some(inner) => data_keys.0.extend(inner.configuration_data_keys()?.0),
                None => component.part.add_data_keys(&mut data_keys)?,
            }
        }
        Ok(data_keys)
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
        let before = self.configuration(cx.now())?;
        for (attribute, value) in wanted.iter() {
            let component = self.find(attribute);
            let component =
                component.ok_or_else(|| DeviceError::value(format!("There is no signal named {attribute}")))?;
            if !component.is_configured() {
                return Err(DeviceError::value(format!(
                    "{attribute} is not one of the configuration_fields, so it cannot be changed using configure"
                )));
            }
            let signal = component.device();
            let movable = signal.movable().map_err(|error| DeviceError::type_error(error.to_string()))?;
            let set = movable.set(cx.of(&signal), &Args::one(value.clone()))?;
            set.wait(cx.of(&signal), None).await?;
        }
        Ok((before, self.configuration(cx.now())?))
    }

    pub(super) fn hints(&self) -> Hints {
        match self.hinting {
            Hinting::OfComponents => Hints::fields(self.hinted()),
            Hinting::Empty | Hinting::Missing => Hints::default(),
        }
    }

    pub(super) fn has_hints(&self) -> bool {
        self.hinting != Hinting::Missing
    }

    /// The data keys that its components hint at.
    fn hinted(&self) -> Vec<Text> {
        let fields = self.all.iter().filter(|component| component.is_read()).flat_map(|component| {
            match component.part.components() {
                Some(inner) => inner.hinted(),
                None if component.part.kind() == Kind::Hinted => vec![component.part.name().clone()],
                None => Vec::new(),
            }
        });
        fields.collect()
    }

    /// `ophyd.Device.pause` does nothing; one that is not replayable says so.
    pub(super) fn pause(&self) -> Result<(), DeviceError> {
        if self.replayable {
            return Ok(());
        }
        let message = format!("nothing that was done with {} may be done again", self.name);
        Err(DeviceError::other(Text::literal("NoReplayAllowed"), message))
    }

    /// Stages the device, and those that it is made of.
    pub(super) fn stage(&self, cx: Cx<'_>) -> Result<Staged, DeviceError> {
        if self.staged.swap(true, Ordering::AcqRel) {
            return Err(DeviceError::RedundantStaging(
                format!("Device {} is already staged. Unstage it first.", self.repr()).into(),
            ));
        }
        let mut all = vec![cx.device().clone()];
        for device in self.inner_devices() {
            if let Err(error) = device.stageable().map_or(Ok(()), |it| it.stage(cx.of(&device)).and_then(at_once)) {
                self.unstage(cx);
                return Err(error);
            }
            all.push(device);
        }
        Ok(Staged::Devices(all))
    }

    /// Unstages those that the device is made of, the last one first, and then the device.
    pub(super) fn unstage(&self, cx: Cx<'_>) -> Staged {
        let mut all: Vec<Device> = self.inner_devices().rev().collect();
        for device in &all {
            // None that is made of components refuses it.
            let _ = device.stageable().map(|it| it.unstage(cx.of(device)));
        }
        self.staged.store(false, Ordering::Release);
        all.push(cx.device().clone());
        Staged::Devices(all)
    }

    fn inner_devices(&self) -> impl DoubleEndedIterator<Item = Device> {
        self.all.iter().filter(|component| component.part.components().is_some()).map(Component::device)
    }
}

/// What is made of components is staged at once, and so are they.
fn at_once(staged: Staged) -> Result<(), DeviceError> {
    match staged {
        Staged::Later(_) => Err(DeviceError::other(
            Text::literal("RuntimeError"),
            "a stage signal of a component takes time, for which only a device that is staged by itself can wait",
        )),
        Staged::Devices(_) | Staged::Status(_) => Ok(()),
    }
}
