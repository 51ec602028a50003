//! [`OphydDevice`]: a device of named components, as ophyd's `Device` with its `Component`s.

use std::sync::Arc;

use super::components::{Components, Kind, Part, checks_nothing, device_of_components, protocols_of_components};
use super::signal::Signal;
use crate::clock::Timestamp;
use crate::device::{
    Checkable, Cx, DataKeys, Device, DeviceError, Interceptable, OphydObject, Readings, Status, StatusKind,
    Triggerable, WeakDevice,
};
use crate::hardware::component_macros::takes_labels;
use crate::value::{Text, Value};

/// A device of named components, signals and other such devices: `ophyd.Device` 1.11.2 with `Component`s.
///
/// This is the device to be: `Device::from` makes it. A component is called `NAME_ATTRIBUTE`, and is reached as `device.attribute`;
/// it is read, configured or left out, and hinted at, as its [kind](Kind) says. Triggered, the device is done at once.
///
/// ```
/// use skyspan::hardware::{Kind, OphydDevice};
/// use skyspan::prelude::*;
///
/// let lab = Harness::new();
/// let camera = OphydDevice::new("camera")
///     .class_name("AreaDetector")
///     .signal("counts", Kind::Hinted, 7)
///     .device("cam", Kind::Normal, OphydDevice::new("").class_name("Cam").signal("acquire_time", Kind::Config, 0.1));
/// let camera = lab.add(camera);
/// let acquire_time = camera.component("cam.acquire_time").ok_or("it has one")?;
/// assert_eq!(acquire_time.name(), "camera_cam_acquire_time");
///
/// let counted = camera.clone();
/// let run = lab.run(plan(async move |p| {
///     p.mv(&acquire_time, 0.5).await?;
///     p.configure(&counted, [("cam.acquire_time", 0.25)]).await?;
///     p.run(plans::count(&counted, 1)).await
/// }));
/// run.assert_success();
/// let event = run.events().next().ok_or("there is one")?;
/// assert_eq!(event.readings.iter().map(|(key, _)| key.as_str()).collect::<Vec<_>>(), ["camera_counts"]);
/// # Ok::<(), &str>(())
/// ```
#[derive(Debug)]
pub struct OphydDevice {
    name: Text,
    class_name: Text,
    components: Vec<(Text, Kind, OphydComponent)>,
    labels: Vec<Text>,
}

/// What a component can be.
#[derive(Debug)]
enum OphydComponent {
    Signal(Box<Signal>),
    Device(OphydDevice),
}

impl OphydDevice {
    /// A device without components.
    #[must_use]
    pub fn new(name: impl Into<Text>) -> Self {
        Self { name: name.into(), class_name: Text::literal("Device"), components: Vec::new(), labels: Vec::new() }
    }

    /// The name of its class, as its `repr` has it; `Device` unless one says otherwise.
    #[must_use]
    pub fn class_name(mut self, class_name: impl Into<Text>) -> Self {
        self.class_name = class_name.into();
        self
    }

    /// Adds a signal with that value, by its attribute.
    #[must_use]
    pub fn signal(self, attribute: impl Into<Text>, kind: Kind, value: impl Into<Value>) -> Self {
        self.with_signal(attribute, kind, Signal::new("", value))
    }

    /// Adds a signal, an enumeration for example, by its attribute. It gets its name and its kind from here.
    #[must_use]
    pub fn with_signal(mut self, attribute: impl Into<Text>, kind: Kind, signal: Signal) -> Self {
        self.components.push((attribute.into(), kind, OphydComponent::Signal(Box::new(signal))));
        self
    }

    /// Adds another device of components, by its attribute. It gets its name from here.
    #[must_use]
    pub fn device(mut self, attribute: impl Into<Text>, kind: Kind, device: Self) -> Self {
        self.components.push((attribute.into(), kind, OphydComponent::Device(device)));
        self
    }

    takes_labels!();

    fn build(self, name: Text, kind: Kind, parent: Option<WeakDevice>) -> Arc<Interceptable<ComponentDevice>> {
        Interceptable::new_cyclic(|own| {
            let mut components =
                Components::of_class(self.class_name, name.clone()).of_parent(parent).labelled(self.labels);
            for (attribute, kind, component) in self.components {
                let name = Text::from(format!("{name}_{attribute}"));
                components = match component {
                    OphydComponent::Signal(signal) => {
                        let mut signal = signal.kind(kind);
                        signal.name = name;
                        components.with_named(attribute, Arc::new(Interceptable::new(signal)))
                    }
                    OphydComponent::Device(device) => {
                        let device = device.build(name, kind, Some(own.clone()));
                        components.with_named(attribute, device)
                    }
                };
            }
            components.adopt(own);
            ComponentDevice { components, kind }
        })
    }
}

impl From<OphydDevice> for Device {
    fn from(device: OphydDevice) -> Self {
        let name = device.name.clone();
        Self::of(device.build(name, Kind::Normal, None))
    }
}

#[derive(Debug)]
struct ComponentDevice {
    components: Components,
    kind: Kind,
}

device_of_components!(ComponentDevice);
checks_nothing!(ComponentDevice);

/// It is done at once (`ophyd.Device.trigger` without trigger signals).
impl Triggerable for ComponentDevice {
    fn trigger(&self, cx: Cx<'_>) -> Result<Status, DeviceError> {
        let status = Status::new(cx, StatusKind::Device);
        let _ = status.set_finished();
        Ok(status)
    }
}

impl Part for ComponentDevice {
    fn kind(&self) -> Kind {
        self.kind
    }

    fn add_readings(&self, now: Timestamp, to: &mut Readings) -> Result<(), DeviceError> {
        to.0.extend(self.components.readings(now)?.0);
        Ok(())
    }

    fn add_data_keys(&self, to: &mut DataKeys) -> Result<(), DeviceError> {
        to.0.extend(self.components.data_keys()?.0);
        Ok(())
    }

    fn belongs_to(&self, _: WeakDevice) {
        // It was made with its parent.
    }

    fn components(&self) -> Option<&Components> {
        Some(&self.components)
    }
}

impl OphydObject for ComponentDevice {
    protocols_of_components!();

    fn as_triggerable(&self) -> Option<&dyn Triggerable> {
        Some(self)
    }

    fn as_checkable(&self) -> Option<&dyn Checkable> {
        Some(self)
    }
}
