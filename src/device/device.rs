//! [`Device`]: a handle to a device, and [`OphydObject`]: what a device implements.

use std::any::Any;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use super::each_protocol::each_protocol;
use super::flying_protocols::{
    Collectable, EventCollectable, EventPageCollectable, WritesExternalAssets, WritesStreamAssets,
};
use super::interceptable::Interceptable;
use super::protocols::{
    Checkable, Configurable, Flyable, HasHints, Locatable, Movable, Pausable, Positioner, Preparable, Readable,
    Stageable, Stoppable, Subscribable, Triggerable,
};
use super::{CoupledAxes, DevicePanic, NotSupported, WeakDevice};
use crate::clock::{Clock, Timestamp};
use crate::value::{Text, Value, repr_str};

/// What every device is: named, printable, and able to say which protocols it supports (ophyd's `OphydObject`, and the
/// protocols of `bluesky.protocols` that an object of it would be found to implement).
///
/// A device overrides `as_...` for each protocol that it implements.
pub trait OphydObject: Any + Send + Sync {
    /// The name of the device, as documents and spans have it.
    fn name(&self) -> &Text;

    /// The name of its class, as in `device_type` of an `Ophyd Status` span.
    fn class_name(&self) -> Text;

    /// Python's `repr` of it.
    fn repr(&self) -> Text {
        format!("{}(name={})", self.class_name(), repr_str(self.name())).into()
    }

    /// It becomes part of a beamline: the values that it starts with were taken now.
    fn added_at(&self, now: Timestamp) {
        let _ = now;
    }

    /// It becomes part of a beamline with that clock: what happens with it on its own, without being called, begins now.
    /// Unless it has such a life it only gets to know [what time it is](Self::added_at).
    fn added_to(&self, clock: &Clock) {
        self.added_at(clock.now());
    }

    /// Labels by which people find it.
    fn labels(&self) -> &[Text] {
        &[]
    }

    /// The device that it is a component of.
    fn parent(&self) -> Option<Device> {
        None
    }

    /// One of its components, by attribute: `velocity` of a `SynAxis`.
    fn component(&self, attribute: &str) -> Option<Device> {
        let _ = attribute;
        None
    }

    /// The attributes of the components that are read with it, if it is made of components (ophyd 1.11.2,
    /// `Device.read_attrs`).
    fn read_attrs(&self) -> Option<Vec<Text>> {
        None
    }

    /// The axes that it moves together, if it is a positioner of several: plans that move two of its pseudo axes move it once
    /// then (`bluesky.utils.merge_cycler`, 1.15.1).
    fn coupled_axes(&self) -> Option<CoupledAxes> {
        None
    }

    /// Whether what is done with it may be done again after a pause: the value of bluesky's `rewindable` signal.
    fn is_rewindable(&self) -> bool {
        true
    }

    /// Itself, if it is [`Readable`].
    fn as_readable(&self) -> Option<&dyn Readable> {
        None
    }
    /// Itself, if it is [`Configurable`].
    fn as_configurable(&self) -> Option<&dyn Configurable> {
        None
    }
    /// Itself, if it is [`Movable`].
    fn as_movable(&self) -> Option<&dyn Movable> {
        None
    }
    /// Itself, if it is [`Checkable`].
    fn as_checkable(&self) -> Option<&dyn Checkable> {
        None
    }
    /// Itself, if it is [`Locatable`].
    fn as_locatable(&self) -> Option<&dyn Locatable> {
        None
    }
    /// Itself, if it is a [`Positioner`].
    fn as_positioner(&self) -> Option<&dyn Positioner> {
        None
    }
    /// Itself, if it is [`Triggerable`].
    fn as_triggerable(&self) -> Option<&dyn Triggerable> {
        None
    }
    /// Itself, if it is [`Stageable`].
    fn as_stageable(&self) -> Option<&dyn Stageable> {
        None
    }
    /// Itself, if it is [`Stoppable`].
    fn as_stoppable(&self) -> Option<&dyn Stoppable> {
        None
    }
    /// Itself, if it is [`Pausable`].
    fn as_pausable(&self) -> Option<&dyn Pausable> {
        None
    }
    /// Itself, if it is [`Flyable`].
    fn as_flyable(&self) -> Option<&dyn Flyable> {
        None
    }
    /// Itself, if it is [`Preparable`].
    fn as_preparable(&self) -> Option<&dyn Preparable> {
        None
    }
    /// Itself, if it is [`Collectable`].
    fn as_collectable(&self) -> Option<&dyn Collectable> {
        None
    }
    /// Itself, if it is [`EventCollectable`].
    fn as_event_collectable(&self) -> Option<&dyn EventCollectable> {
        None
    }
    /// Itself, if it is [`EventPageCollectable`].
    fn as_event_page_collectable(&self) -> Option<&dyn EventPageCollectable> {
        None
    }
    /// Itself, if it [`WritesExternalAssets`].
    fn as_writes_external_assets(&self) -> Option<&dyn WritesExternalAssets> {
        None
    }
    /// Itself, if it [`WritesStreamAssets`].
    fn as_writes_stream_assets(&self) -> Option<&dyn WritesStreamAssets> {
        None
    }
    /// Itself, if it is [`Subscribable`].
    fn as_subscribable(&self) -> Option<&dyn Subscribable> {
        None
    }
    /// Itself, if it [`HasHints`].
    fn as_has_hints(&self) -> Option<&dyn HasHints> {
        None
    }
}

/// A handle to a device. Cloning gives another handle to the same device; two are equal if they lead to the same one.
#[derive(Clone)]
pub struct Device(Arc<Interceptable<dyn OphydObject>>);

macro_rules! protocols {
    ($($method:ident, $as_method:ident, $protocol:ident;)*) => {$(
        #[doc = concat!("The device as [`", stringify!($protocol), "`].")]
        ///
        /// # Errors
        ///
        /// [`NotSupported`] if it is not.
        pub fn $method(&self) -> Result<&dyn $protocol, NotSupported> {
            self.$as_method().ok_or_else(|| NotSupported { object: self.repr(), protocol: stringify!($protocol) })
        }

        #[doc = concat!("The device as [`", stringify!($protocol), "`], if it is that.")]
        pub(crate) fn $as_method(&self) -> Option<&dyn $protocol> {
            self.answer(stringify!($as_method), |object| object.$as_method())
        }
    )*};
}

impl Device {
    /// A handle to a new device.
    #[must_use]
    pub fn new(object: impl OphydObject) -> Self {
        Self(Arc::new(Interceptable::new(object)))
    }

    /// A handle to a new device that gets to know itself, to hand itself on: to its components, or to what it starts.
    ///
    /// ```
    /// use skyspan::device::{Device, OphydObject, WeakDevice};
    /// use skyspan::value::Text;
    ///
    /// struct Rack { name: Text, slot: Device }
    /// struct Slot { name: Text, rack: WeakDevice }
    ///
    /// impl OphydObject for Rack {
    ///     fn name(&self) -> &Text { &self.name }
    ///     fn class_name(&self) -> Text { "Rack".into() }
    ///     fn component(&self, attribute: &str) -> Option<Device> { (attribute == "slot").then(|| self.slot.clone()) }
    /// }
    ///
    /// impl OphydObject for Slot {
    ///     fn name(&self) -> &Text { &self.name }
    ///     fn class_name(&self) -> Text { "Slot".into() }
    ///     fn parent(&self) -> Option<Device> { self.rack.upgrade() }
    /// }
    ///
    /// let rack = Device::new_cyclic(|rack| Rack {
    ///     name: "rack".into(),
    ///     slot: Device::new(Slot { name: "rack_slot".into(), rack: rack.clone() }),
    /// });
    /// let slot = rack.component("slot").expect("a rack has a slot");
    /// assert_eq!(slot.root_ancestor(), rack);
    /// ```
    #[must_use]
    pub fn new_cyclic<T: OphydObject>(make: impl FnOnce(&WeakDevice) -> T) -> Self {
        Self(Interceptable::new_cyclic(make))
    }

    /// The handle to a device that is shared already.
    pub(crate) fn of(interceptable: Arc<Interceptable<dyn OphydObject>>) -> Self {
        Self(interceptable)
    }

    /// The way back to the device, which does not keep it: so a component knows what it is a component of.
    #[must_use]
    pub fn downgrade(&self) -> WeakDevice {
        WeakDevice::of(Arc::downgrade(&self.0))
    }

    /// What stands for the device: the object that implements it, or what was put in front of that.
    #[must_use]
    pub fn object(&self) -> &dyn OphydObject {
        self.0.front()
    }

    /// The object that implements the device, whatever stands in front of it.
    pub(crate) fn behind_front(&self) -> &dyn OphydObject {
        &**self.0
    }

    /// Puts an object in front of the one that implements the device, made at the first call; gives what stands there. All
    /// calls of the device go to the front, which hands them on as it likes.
    pub(crate) fn put_in_front(&self, make: impl FnOnce() -> Box<dyn OphydObject>) -> &dyn OphydObject {
        self.0.put_in_front(make)
    }

    /// The device as its own type, if it is of that type.
    #[must_use]
    pub fn downcast_ref<T: OphydObject>(&self) -> Option<&T> {
        (self.behind_front() as &dyn Any).downcast_ref()
    }

    /// The name of the device, as documents and spans have it.
    #[must_use]
    pub fn name(&self) -> &Text {
        DevicePanic::catch("name", || self.0.name()).unwrap_or_else(|panic| panic.unwind())
    }

    /// The name of its class.
    #[must_use]
    pub fn class_name(&self) -> Text {
        self.answer("class_name", OphydObject::class_name)
    }

    /// Python's `repr` of it.
    #[must_use]
    pub fn repr(&self) -> Text {
        self.answer("repr", OphydObject::repr)
    }

    /// What it answers to a question about itself, or what it panics with.
    pub(crate) fn ask<'a, T>(
        &'a self,
        what: &'static str,
        question: impl FnOnce(&'a dyn OphydObject) -> T,
    ) -> Result<T, DevicePanic> {
        DevicePanic::catch(what, || question(self.object()))
    }

    /// What it answers to a question about itself.
    fn answer<'a, T>(&'a self, what: &'static str, question: impl FnOnce(&'a dyn OphydObject) -> T) -> T {
        self.ask(what, question).unwrap_or_else(|panic| panic.unwind())
    }

    /// The device that it is a component of.
    #[must_use]
    pub fn parent(&self) -> Option<Self> {
        DevicePanic::catch("parent", || self.0.parent()).unwrap_or_else(|panic| panic.unwind())
    }

    /// The device at the top, of which it is a component of a component (`bluesky.utils.root_ancestor`).
    #[must_use]
    pub fn root_ancestor(&self) -> Self {
        std::iter::successors(Some(self.clone()), Self::parent).last().unwrap_or_else(|| self.clone())
    }

    /// One of its components, by attribute; dots reach further down: `motor.velocity`.
    #[must_use]
    pub fn component(&self, path: &str) -> Option<Self> {
        path.split('.').try_fold(self.clone(), |device, attribute| {
            device.answer("component", |object| object.component(attribute))
        })
    }

    /// Where it is, if it is a [`Positioner`].
    #[must_use]
    pub fn position(&self) -> Option<Value> {
        self.as_positioner().map(Positioner::position)
    }

    each_protocol!(protocols);
}

impl PartialEq for Device {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Device {}

impl Hash for Device {
    fn hash<H: Hasher>(&self, state: &mut H) {
        Arc::as_ptr(&self.0).cast::<()>().hash(state);
    }
}

/// Its `repr`. Errors have it in their texts, so that one that panics is told in place of it.
impl fmt::Debug for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.ask("repr", OphydObject::repr) {
            Ok(repr) => f.write_str(&repr),
            Err(DevicePanic { what, message }) => write!(f, "<{what} panicked: {message}>"),
        }
    }
}

/// Its name; one that panics is told in place of it.
impl fmt::Display for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match DevicePanic::catch("name", || self.0.name()) {
            Ok(name) => f.pad(name),
            Err(DevicePanic { what, message }) => write!(f, "<{what} panicked: {message}>"),
        }
    }
}

impl From<&Self> for Device {
    fn from(device: &Self) -> Self {
        device.clone()
    }
}
