//! [`Interceptable`]: a device where others find it, and what stands in front of it; [`WeakDevice`]: the way back to it.

use std::fmt;
use std::ops::Deref;
use std::sync::{Arc, OnceLock, Weak};

use super::{Device, OphydObject};

/// What implements a device, with a place in front of it: what stands there gets its calls first, under whatever handle
/// the device was handed out before.
pub(crate) struct Interceptable<T: ?Sized> {
    front: OnceLock<Box<dyn OphydObject>>,
    object: T,
}

impl<T> Interceptable<T> {
    /// Nothing stands in front of it.
    pub(crate) const fn new(object: T) -> Self {
        Self { front: OnceLock::new(), object }
    }
}

impl<T: OphydObject> Interceptable<T> {
    /// The same for an object that gets to know itself.
    pub(crate) fn new_cyclic(make: impl FnOnce(&WeakDevice) -> T) -> Arc<Self> {
        Arc::new_cyclic(|own: &Weak<Self>| Self::new(make(&WeakDevice::of(own.clone()))))
    }
}

impl Interceptable<dyn OphydObject> {
    /// What stands in front of the object; itself, if nothing does.
    #[inline]
    pub(super) fn front(&self) -> &dyn OphydObject {
        self.front.get().map_or(&self.object, |front| &**front)
    }

    pub(super) fn put_in_front(&self, make: impl FnOnce() -> Box<dyn OphydObject>) -> &dyn OphydObject {
        &**self.front.get_or_init(make)
    }
}

impl<T: ?Sized> Deref for Interceptable<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.object
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for Interceptable<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.object.fmt(f)
    }
}

/// The way back to a device, which does not keep it alive: made by [`Device::downgrade`] and [`Device::new_cyclic`].
#[derive(Clone)]
pub struct WeakDevice(Weak<Interceptable<dyn OphydObject>>);

impl WeakDevice {
    pub(super) fn of(interceptable: Weak<Interceptable<dyn OphydObject>>) -> Self {
        Self(interceptable)
    }

    /// The device, if anyone has it still. While it is being made nobody has it.
    #[must_use]
    pub fn upgrade(&self) -> Option<Device> {
        self.0.upgrade().map(Device::of)
    }
}

impl fmt::Debug for WeakDevice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.upgrade() {
            Some(device) => write!(f, "WeakDevice({})", device.name()),
            None => f.write_str("WeakDevice(gone)"),
        }
    }
}
