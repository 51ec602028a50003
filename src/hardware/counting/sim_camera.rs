//! [`SimCamera`]: a detector that writes frames to files.

use super::exposure::{Exposure, ExposureOptions};
use super::sim_camera_device::{CameraDevice, Recording};
use crate::device::{Device, WeakDevice};
use crate::hardware::component_macros::{takes_labels, takes_parent};
use crate::hardware::components::Components;
use crate::hardware::frame_file::FrameFile;
use crate::value::Text;

/// A detector that writes frames to files: no class of `ophyd.sim`, but what an area detector is to ophyd or to ophyd-async.
/// No file is really written.
///
/// This is the detector to be: `Device::from` makes the device. Its configuration is that of a
/// [`SimDetector`](super::SimDetector), and so is the time of a trigger: the frames times the exposure time, the dead time
/// between every two of them, and the readout time.
///
/// Staged, it begins a file. What a trigger writes is one entry of it: a frame, or as many as a trigger takes.
///
/// * By itself it tells of them as ophyd-async's detectors do: by a `stream_resource` and `stream_datum` documents; its
///   data key is external, and stands in no event.
/// * [`with_datums`](Self::with_datums) it tells of them as ophyd's do: by a `resource`, and a `datum` for each trigger, whose
///   id is what is read.
///
/// The first kind can fly. Prepared for a number of entries, it is kicked off at once. One entry after another is exposed
/// without a break: the nth is there n times its frames times the sum of exposure and dead time after the kickoff, less the
/// last dead time, and the readout time later. It is complete when the last one is there.
///
/// ```
/// use skyspan::hardware::SimCamera;
/// use skyspan::prelude::*;
///
/// let lab = Harness::new();
/// let camera = lab.add(SimCamera::new("camera").shape([480, 640]).exposure_s(0.09).dead_time_s(0.01).readout_s(0.05));
/// let run = lab.run(plan(async move |p| {
///     p.open_run(Map::new()).await?;
///     p.stage(&camera).await?;
///     p.prepare_in(&camera, 100, "ready").await?;
///     p.wait("ready").await?;
///     p.declare_stream_to_collect(&camera, "images").await?;
///     p.kickoff_all(&camera).await?;
///     p.complete_all(&camera, "done").await?;
///     p.wait("done").await?;
///     p.collect(&camera, None).await?;
///     p.unstage(&camera).await?;
///     p.close_run().await
/// }));
/// run.assert_success();
/// assert_eq!(run.duration(), secs(99.0 * 0.1 + 0.09 + 0.05));
/// let names: Vec<_> = run.documents().iter().map(Document::name).collect();
/// assert_eq!(names, ["start", "descriptor", "stream_resource", "stream_datum", "stop"]);
/// ```
#[derive(Clone, Debug)]
pub struct SimCamera {
    name: Text,
    exposure: ExposureOptions,
    shape: [u64; 2],
    root: Text,
    has_datums: bool,
    labels: Vec<Text>,
    parent: Option<WeakDevice>,
}

impl SimCamera {
    /// A camera of 10 by 10 pixels that exposes one frame for 0.1 s.
    #[must_use]
    pub fn new(name: impl Into<Text>) -> Self {
        Self {
            name: name.into(),
            exposure: ExposureOptions::usual(),
            shape: [10, 10],
            root: Text::literal("/simulated"),
            has_datums: false,
            labels: Vec::new(),
            parent: None,
        }
    }

    /// It tells of what it writes by a resource and datums, whose ids are read.
    ///
    /// ```
    /// use skyspan::hardware::SimCamera;
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// let camera = lab.add(SimCamera::new("camera").with_datums());
    /// let run = lab.run(plans::count(&camera, 2));
    /// let names: Vec<_> = run.documents().iter().map(Document::name).collect();
    /// assert_eq!(names, ["start", "descriptor", "resource", "datum", "event", "datum", "event", "stop"]);
    /// ```
    #[must_use]
    pub const fn with_datums(mut self) -> Self {
        self.has_datums = true;
        self
    }

    /// How long a frame is exposed, in seconds; 0.1 unless one says otherwise. A trigger fails with a `ValueError` where this,
    /// or one of the other times, is negative or no time at all.
    #[must_use]
    pub const fn exposure_s(mut self, exposure_s: f64) -> Self {
        self.exposure.exposure_s = exposure_s;
        self
    }

    /// How long it takes to read out the frames of a trigger, in seconds; no time unless one says otherwise.
    #[must_use]
    pub const fn readout_s(mut self, readout_s: f64) -> Self {
        self.exposure.readout_s = readout_s;
        self
    }

    /// How long it takes between two frames, in seconds; no time unless one says otherwise.
    #[must_use]
    pub const fn dead_time_s(mut self, dead_time_s: f64) -> Self {
        self.exposure.dead_time_s = dead_time_s;
        self
    }

    /// How many frames a trigger takes; one unless one says otherwise. They are one entry of the file.
    #[must_use]
    pub const fn frames(mut self, frames: u64) -> Self {
        self.exposure.frames = frames;
        self
    }

    /// The rows and columns of a frame; 10 and 10 unless one says otherwise.
    #[must_use]
    pub const fn shape(mut self, shape: [u64; 2]) -> Self {
        self.shape = shape;
        self
    }

    /// The directory of the files; `/simulated` unless one says otherwise.
    #[must_use]
    pub fn root(mut self, root: impl Into<Text>) -> Self {
        self.root = root.into();
        self
    }

    takes_labels!();

    takes_parent!();
}

impl From<SimCamera> for Device {
    fn from(camera: SimCamera) -> Self {
        let SimCamera { name, exposure, shape, root, has_datums, labels, parent } = camera;
        let uri = format!("file://localhost{root}").into();
        let file = FrameFile::new(name.clone(), vec![(name.clone(), shape.into())], uri);
        let exposure = Exposure::new(&name, exposure);
        let components = Components::new("SimCamera", name).of_parent(parent).labelled(labels);
        let components = exposure.add_to(components);
        Self::new_cyclic(|device| {
            components.adopt(device);
            CameraDevice { components, exposure, file, shape, root, has_datums, recording: Recording::default() }
        })
    }
}
