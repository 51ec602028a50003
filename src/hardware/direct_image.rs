//! [`DirectImage`]: a camera whose images are in the events themselves.

use std::sync::Arc;

use super::components::{Components, Kind};
use super::detector_device::DetectorDevice;
use super::syn_signal::SynSignal;
use crate::device::{Device, Interceptable, WeakDevice};
use crate::hardware::component_macros::{takes_labels, takes_parent};
use crate::value::{Text, Value};

/// A camera whose images are in the events themselves: `ophyd.sim.DirectImage`.
///
/// This is the camera to be: `Device::from` makes the device. Its image is 0 until it is triggered, as in ophyd.
///
/// ```
/// use skyspan::hardware::DirectImage;
/// use skyspan::prelude::*;
///
/// let lab = Harness::new();
/// let camera = lab.add(DirectImage::new("camera").func(|| [[1.0, 2.0], [3.0, 4.0]]).ndarray());
/// let run = lab.run(plans::count(&camera, 1));
/// let descriptor = run.documents()[1].to_map();
/// let key = descriptor.get("data_keys").and_then(|keys| keys.as_map()?.get("camera_img")?.as_map()?.get("shape"));
/// assert_eq!(key, Some(&[2, 2].into()));
/// ```
#[derive(Debug)]
pub struct DirectImage {
    name: Text,
    img: SynSignal,
    labels: Vec<Text>,
    parent: Option<WeakDevice>,
}

impl DirectImage {
    /// A camera whose images are 0.
    #[must_use]
    pub fn new(name: impl Into<Text>) -> Self {
        let name = name.into();
        let img = SynSignal::new(format!("{name}_img")).kind(Kind::Hinted);
        Self { name, img, labels: Vec::new(), parent: None }
    }

    /// What a trigger takes.
    #[must_use]
    pub fn func<V: Into<Value>>(self, func: impl Fn() -> V + Send + Sync + 'static) -> Self {
        self.img.set_func(Arc::new(move |_| Ok(func().into())));
        self
    }

    /// Its images are numpy's arrays, described with the extents of all their dimensions; of a list of lists only how many
    /// lists there are is described.
    #[must_use]
    pub fn ndarray(mut self) -> Self {
        self.img = self.img.ndarray();
        self
    }

    /// The data key of its images; its own name and `_img` unless one says otherwise.
    #[must_use]
    pub fn img_name(mut self, name: impl Into<Text>) -> Self {
        self.img.signal.name = name.into();
        self
    }

    takes_parent!();

    takes_labels!();
}

impl From<DirectImage> for Device {
    fn from(camera: DirectImage) -> Self {
        let img = Arc::new(Interceptable::new(camera.img));
        let components = Components::new("DirectImage", camera.name)
            .of_parent(camera.parent)
            .labelled(camera.labels)
            .with("img", Arc::clone(&img));
        DetectorDevice::new(components).triggers(Self::of(img)).into_device()
    }
}
