//! [`AsyncReadable`]: a device that is read of its children; [`AsyncChild`]: what a child can be.

use super::assembly::{Assembly, Parts};
use super::async_axis::AsyncAxis;
use super::async_motor::AsyncMotor;
use super::async_signal::{AsyncSignal, Naming};
use super::stage::AsyncStage;
use crate::device::{Device, WeakDevice};
use crate::hardware::component_macros::takes_labels;
use crate::value::Text;

/// How a child takes part in what its device reads (`ophyd_async.core.StandardReadableFormat`, 0.21.3).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum ReadableFormat {
    /// As it says itself: it is read, configured, staged and hinted at as it would be alone.
    Child,
    /// As a part of the configuration.
    ConfigSignal,
    /// It is read, and shown to people first.
    HintedSignal,
    /// Read at each reading, without a cache.
    UncachedSignal,
    /// It is read, and shown to people first; it is not staged.
    HintedUncachedSignal,
    /// Neither read nor configured.
    NotRead,
}

/// What a child of a device can be: a signal, or another device. It gets its name from its device: `DEVICE-ATTRIBUTE`.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum AsyncChild {
    /// An ophyd-async signal.
    Signal(AsyncSignal),
    /// An ophyd-async `SimMotor`.
    Motor(AsyncMotor),
    /// An ophyd-async `StandardMovable`.
    Axis(AsyncAxis),
    /// An ophyd-async `SimStage`.
    Stage(AsyncStage),
    /// A device of children.
    Readable(AsyncReadable),
    /// Children by number or key, each read as it says itself: a `DeviceVector`.
    Vector(Vec<(Text, Self)>),
}

macro_rules! children {
    ($($variant:ident: $type:ty;)*) => {$(
        impl From<$type> for AsyncChild {
            fn from(child: $type) -> Self {
                Self::$variant(child)
            }
        }
    )*};
}

children! {
    Signal: AsyncSignal;
    Motor: AsyncMotor;
    Axis: AsyncAxis;
    Stage: AsyncStage;
    Readable: AsyncReadable;
}

impl AsyncChild {
    /// The device, so named.
    pub(super) fn build(self, naming: &Naming) -> Device {
        match self {
            Self::Signal(signal) => Device::new(signal.build(naming)),
            Self::Motor(motor) => motor.build(naming),
            Self::Axis(axis) => axis.build(naming),
            Self::Stage(stage) => stage.build(naming),
            Self::Readable(readable) => readable.build(naming),
            Self::Vector(children) => Device::new_cyclic(|own| {
                let children = children.into_iter().map(|(key, child)| (key, ReadableFormat::Child, child));
                Assembly::new("DeviceVector", naming, Parts::build(children, naming, own)).not_readable()
            }),
        }
    }
}

/// A device that is read of its children: `ophyd_async.core.StandardReadable`, 0.21.3.
///
/// This is the device to be: `Device::from` makes it. A child of it is called `NAME-ATTRIBUTE`, is reached by its attribute, and
/// takes part in what is read, configured, staged and hinted at as its [format](ReadableFormat) says. Staging gives a status,
/// which is done when all children are staged.
///
/// ```
/// use skyspan::hardware::{AsyncMotor, AsyncReadable, AsyncSignal, ReadableFormat};
/// use skyspan::prelude::*;
///
/// let lab = Harness::new();
/// let head = AsyncReadable::new("head")
///     .class_name("DiffractionHead")
///     .child("counts", ReadableFormat::HintedSignal, AsyncSignal::new("", 7))
///     .child("gain", ReadableFormat::ConfigSignal, AsyncSignal::new("", 2.5))
///     .child("arm", ReadableFormat::Child, AsyncMotor::new(""));
/// let head = lab.add(head);
/// assert_eq!(head.repr(), "DiffractionHead(name=\"head\")");
/// let run = lab.run(plans::count(&head, 1));
/// let event = run.events().next().ok_or("there is one")?;
/// let keys: Vec<_> = event.readings.iter().map(|(key, _)| key.as_str()).collect();
/// assert_eq!(keys, ["head-counts", "head-arm"]);
/// # Ok::<(), &str>(())
/// ```
#[derive(Clone, Debug)]
pub struct AsyncReadable {
    name: Text,
    class_name: Text,
    children: Vec<(Text, ReadableFormat, AsyncChild)>,
    separator: Text,
    mock: bool,
    labels: Vec<Text>,
}

impl AsyncReadable {
    /// A device without children.
    #[must_use]
    pub fn new(name: impl Into<Text>) -> Self {
        Self {
            name: name.into(),
            class_name: Text::literal("StandardReadable"),
            children: Vec::new(),
            separator: Text::literal("-"),
            mock: false,
            labels: Vec::new(),
        }
    }

    /// The name of its class, as its `repr` has it; `StandardReadable` unless one says otherwise.
    #[must_use]
    pub fn class_name(mut self, class_name: impl Into<Text>) -> Self {
        self.class_name = class_name.into();
        self
    }

    /// Adds a child by its attribute.
    #[must_use]
    pub fn child(mut self, attribute: impl Into<Text>, format: ReadableFormat, child: impl Into<AsyncChild>) -> Self {
        self.children.push((attribute.into(), format, child.into()));
        self
    }

    /// What stands between its name and that of a child (`child_name_separator`); `-` unless one says otherwise.
    #[must_use]
    pub fn child_name_separator(mut self, separator: impl Into<Text>) -> Self {
        self.separator = separator.into();
        self
    }

    /// It is connected in mock mode, with its children.
    #[must_use]
    pub const fn mock(mut self) -> Self {
        self.mock = true;
        self
    }

    takes_labels!();

    fn build(self, naming: &Naming) -> Device {
        let mut naming = naming.clone();
        naming.mock |= self.mock;
        Device::new_cyclic(|own: &WeakDevice| {
            let parts = Parts::build(self.children, &naming, own);
            Assembly::new(self.class_name, &naming, parts).labelled(self.labels)
        })
    }
}

impl From<AsyncReadable> for Device {
    fn from(readable: AsyncReadable) -> Self {
        let naming = Naming::of_top(readable.name.clone(), readable.separator.clone(), readable.mock);
        readable.build(&naming)
    }
}
