//! [`AsyncDetector`]: a detector of ophyd-async to be.

use std::time::Duration;

use super::async_signal::AsyncSignal;
use super::detector_device::DetectorDevice;
use super::pattern::Pattern;
use super::trigger_info::DetectorTrigger;
use crate::device::Device;
use crate::hardware::component_macros::takes_labels;
use crate::hardware::wanted;
use crate::value::Text;

/// A data set that a detector writes: one value of it for each collection (`ophyd_async.core.StreamResourceInfo`, 0.21.3).
#[derive(Clone, Debug, PartialEq)]
pub struct DetectorData {
    /// What stands behind the name of the detector in its data key: nothing, or `-sum`.
    pub suffix: Text,
    /// The extents of one value; none for a number.
    pub shape: Vec<u64>,
    /// Its type in numpy's words: `|u1`.
    pub dtype_numpy: Text,
    /// In what pieces it stands in the file.
    pub chunk_shape: Vec<u64>,
    /// Where it stands in the file.
    pub dataset: Text,
    /// Whether it is shown to people first.
    pub hinted: bool,
}

/// A detector of ophyd-async 0.21.3 that is triggered, or flies: `StandardDetector`, and [`SimBlobDetector`](Self::blob).
///
/// This is the detector to be: `Device::from` makes the device. What it [writes into files](Self::data) it tells of in
/// `stream_resource` and `stream_datum` documents, and no file is really written; [signals](Self::signal) stand in its events. Triggered it
/// takes one event. Prepared with a [`TriggerInfo`](super::TriggerInfo) and kicked off it takes as many as that says, one collection
/// after each [period](Self::period_s); `detector.events_to_kickoff` says how many a kick-off takes. Staged it begins anew, with another file.
///
/// ```
/// use skyspan::hardware::AsyncDetector;
/// use skyspan::prelude::*;
///
/// let lab = Harness::new();
/// let camera = lab.add(AsyncDetector::blob("camera"));
/// let run = lab.run(plans::count(&camera, 2));
/// assert_eq!(run.duration(), secs(0.4));
/// let names: Vec<_> = run.documents().iter().map(Document::name).collect();
/// assert_eq!(names[..6], ["start", "descriptor", "stream_resource", "stream_resource", "stream_datum", "stream_datum"]);
/// ```
#[derive(Clone, Debug)]
pub struct AsyncDetector {
    pub(super) name: Text,
    pub(super) class_name: Text,
    pub(super) data: Vec<DetectorData>,
    pub(super) signals: Vec<(Text, AsyncSignal)>,
    pub(super) config: Vec<(Text, AsyncSignal)>,
    pub(super) config_signals: Vec<Device>,
    pub(super) period: Duration,
    pub(super) triggers: Vec<DetectorTrigger>,
    pub(super) takes_exposures: bool,
    pub(super) writes: bool,
    pub(super) root: Text,
    pub(super) filename: Option<Text>,
    pub(super) pattern: Option<Pattern>,
    pub(super) mock: bool,
    pub(super) labels: Vec<Text>,
}

impl AsyncDetector {
    /// A `StandardDetector` without data.
    #[must_use]
    pub fn new(name: impl Into<Text>) -> Self {
        Self {
            name: name.into(),
            class_name: Text::literal("StandardDetector"),
            data: Vec::new(),
            signals: Vec::new(),
            config: Vec::new(),
            config_signals: Vec::new(),
            period: Duration::from_millis(200),
            triggers: vec![DetectorTrigger::Internal],
            takes_exposures: false,
            writes: true,
            root: Text::literal("file://localhost/simulated/"),
            filename: None,
            pattern: None,
            mock: false,
            labels: Vec::new(),
        }
    }

    /// A `SimBlobDetector`: it writes `NAME`, a frame of 240 by 320, and `NAME-sum`.
    #[must_use]
    pub fn blob(name: impl Into<Text>) -> Self {
        let mut detector = Self::new(name);
        detector.class_name = Text::literal("SimBlobDetector");
        detector.pattern = Some(Pattern::default());
        let frame = DetectorData {
            suffix: Text::literal(""),
            shape: vec![240, 320],
            dtype_numpy: Text::literal("|u1"),
            chunk_shape: vec![1, 240, 320],
            dataset: Text::literal("/entry/data/data"),
            hinted: true,
        };
        let sum = DetectorData {
            suffix: Text::literal("-sum"),
            shape: Vec::new(),
            dtype_numpy: Text::literal("<i8"),
            chunk_shape: vec![1024],
            dataset: Text::literal("/entry/sum"),
            hinted: false,
        };
        detector.data(frame).data(sum)
    }

    /// A blob detector shares the `PatternGenerator` of that stage, or of that detector: what looks at the one looks at the other.
    ///
    /// # Panics
    ///
    /// If the device is neither a stage nor a detector of ophyd-async's.
    #[must_use]
    #[track_caller]
    pub fn looks_at(mut self, stage: &Device) -> Self {
        self.pattern = Some(Pattern::wanted_of(stage));
        self
    }

    /// The name of its class, as its `repr` has it.
    #[must_use]
    pub fn class_name(mut self, class_name: impl Into<Text>) -> Self {
        self.class_name = class_name.into();
        self
    }

    /// Adds a data set that it writes.
    #[must_use]
    pub fn data(mut self, data: DetectorData) -> Self {
        self.data.push(data);
        self
    }

    /// Adds a signal that is read in its events, by its attribute.
    #[must_use]
    pub fn signal(mut self, attribute: impl Into<Text>, signal: AsyncSignal) -> Self {
        self.signals.push((attribute.into(), signal));
        self
    }

    /// Adds a signal to its configuration, by its attribute.
    #[must_use]
    pub fn config(mut self, attribute: impl Into<Text>, signal: AsyncSignal) -> Self {
        self.config.push((attribute.into(), signal));
        self
    }

    /// Adds to its configuration what is no part of it (`config_sigs`).
    #[must_use]
    pub fn config_signal(mut self, signal: &Device) -> Self {
        self.config_signals.push(signal.clone());
        self
    }

    /// How long it takes for a collection, in seconds, until it is prepared for another time; 0.2 unless one says otherwise.
    ///
    /// # Panics
    ///
    /// If it is negative, no number, or more than a duration holds.
    #[must_use]
    #[track_caller]
    pub fn period_s(mut self, period_s: f64) -> Self {
        self.period = wanted::seconds("period_s", period_s);
        self
    }

    /// What can start an exposure; the detector alone unless one says otherwise. Signals from outside are taken to come one every
    /// period, from the kick-off or the trigger on.
    #[must_use]
    pub fn triggers(mut self, triggers: impl IntoIterator<Item = DetectorTrigger>) -> Self {
        self.triggers = triggers.into_iter().collect();
        self
    }

    /// It can make a collection of several exposures.
    #[must_use]
    pub const fn takes_exposures(mut self) -> Self {
        self.takes_exposures = true;
        self
    }

    /// No collection ever comes: a trigger fails with a `TimeoutError`.
    #[must_use]
    pub const fn never_writes(mut self) -> Self {
        self.writes = false;
        self
    }

    /// Where its files are; `file://localhost/simulated/` unless one says otherwise.
    #[must_use]
    pub fn root(mut self, root: impl Into<Text>) -> Self {
        self.root = root.into();
        self
    }

    /// The name of its files, without the ending; its own unless one says otherwise.
    #[must_use]
    pub fn filename(mut self, filename: impl Into<Text>) -> Self {
        self.filename = Some(filename.into());
        self
    }

    /// It is connected in mock mode.
    #[must_use]
    pub const fn mock(mut self) -> Self {
        self.mock = true;
        self
    }

    takes_labels!();
}

impl From<AsyncDetector> for Device {
    fn from(detector: AsyncDetector) -> Self {
        Self::new_cyclic(|own| DetectorDevice::new(detector, own))
    }
}
