//! [`TriggerInfo`]: how a detector of ophyd-async is to be triggered.

use std::time::Duration;

use crate::device::DeviceError;
use crate::value::{Map, Text, Value, repr};

/// What starts an exposure (`ophyd_async.core.DetectorTrigger`, 0.21.3).
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum DetectorTrigger {
    /// The detector triggers itself.
    #[default]
    Internal,
    /// An edge of a signal from outside.
    ExternalEdge,
    /// A signal from outside, for as long as it is there.
    ExternalLevel,
}

impl DetectorTrigger {
    const ALL: [Self; 3] = [Self::Internal, Self::ExternalEdge, Self::ExternalLevel];

    /// Its name in Python.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Internal => "INTERNAL",
            Self::ExternalEdge => "EXTERNAL_EDGE",
            Self::ExternalLevel => "EXTERNAL_LEVEL",
        }
    }

    /// The one of that name.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|trigger| trigger.as_str() == name)
    }
}

/// How a detector is to be triggered (`ophyd_async.core.TriggerInfo`, 0.21.3). It is the argument of a `prepare` message:
///
/// ```
/// use skyspan::hardware::{AsyncDetector, TriggerInfo};
/// use skyspan::prelude::*;
///
/// let lab = Harness::new();
/// let camera = lab.add(AsyncDetector::blob("camera"));
/// let run = lab.run(plan(async move |p| {
///     p.stage_all(&[camera.clone()]).await?;
///     p.open_run(Map::new()).await?;
///     p.prepare_in(&camera, TriggerInfo::new().number_of_events(4).livetime_s(0.1), "ready").await?;
///     p.wait("ready").await?;
///     p.kickoff_all(&camera).await?;
///     p.complete_all(&camera, "done").await?;
///     p.wait("done").await?;
///     p.close_run().await
/// }));
/// run.assert_success();
/// assert_eq!(run.duration(), secs(0.4));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[must_use = "it is what a detector is prepared with"]
pub struct TriggerInfo {
    pub(super) trigger: DetectorTrigger,
    pub(super) livetime_s: f64,
    pub(super) deadtime_s: f64,
    pub(super) exposures_per_collection: u64,
    pub(super) collections_per_event: u64,
    pub(super) number_of_events: u64,
    /// Nothing where it is what the detector finds right.
    exposure_timeout_s: Option<f64>,
}

impl Default for TriggerInfo {
    fn default() -> Self {
        Self::new()
    }
}

impl TriggerInfo {
    /// One event of one exposure that the detector begins itself.
    pub const fn new() -> Self {
        Self {
            trigger: DetectorTrigger::Internal,
            livetime_s: 0.0,
            deadtime_s: 0.0,
            exposures_per_collection: 1,
            collections_per_event: 1,
            number_of_events: 1,
            exposure_timeout_s: None,
        }
    }

    /// What starts an exposure.
    pub const fn trigger(mut self, trigger: DetectorTrigger) -> Self {
        self.trigger = trigger;
        self
    }

    /// How long an exposure is, in seconds; 0, which it is unless one says otherwise, is for as long as the one before.
    pub const fn livetime_s(mut self, livetime_s: f64) -> Self {
        self.livetime_s = livetime_s;
        self
    }

    /// How long the detector rests after an exposure, in seconds.
    pub const fn deadtime_s(mut self, deadtime_s: f64) -> Self {
        self.deadtime_s = deadtime_s;
        self
    }

    /// How many exposures make a collection.
    pub const fn exposures_per_collection(mut self, exposures: u64) -> Self {
        self.exposures_per_collection = exposures;
        self
    }

    /// How many collections make an event.
    pub const fn collections_per_event(mut self, collections: u64) -> Self {
        self.collections_per_event = collections;
        self
    }

    /// How many events there are to be.
    pub const fn number_of_events(mut self, events: u64) -> Self {
        self.number_of_events = events;
        self
    }

    /// How long an exposure may take, in seconds; 10 more than it should unless one says otherwise.
    pub const fn exposure_timeout_s(mut self, exposure_timeout_s: f64) -> Self {
        self.exposure_timeout_s = Some(exposure_timeout_s);
        self
    }

    pub(super) fn timeout_s(self) -> f64 {
        self.exposure_timeout_s.unwrap_or(self.livetime_s + self.deadtime_s + 10.0)
    }

    /// How many collections there are to be.
    pub(super) const fn collections(self) -> u64 {
        self.number_of_events.saturating_mul(self.collections_per_event)
    }

    /// What a value says: a map of the fields, of which those may be left out that are as usual.
    ///
    /// # Errors
    ///
    /// A `ValidationError` for other fields, and for times that are negative or no numbers.
    pub fn of(value: &Value) -> Result<Self, DeviceError> {
        let wrong = |message: String| DeviceError::other("ValidationError", message);
        let fields =
            value.as_map().ok_or_else(|| wrong(format!("expected a TriggerInfo, found {}: {value}", value.kind())))?;
        let mut info = Self::new();
        for (key, value) in fields {
            let seconds = || {
                let seconds = value.as_f64().filter(|seconds| Duration::try_from_secs_f64(*seconds).is_ok());
                seconds
                    .ok_or_else(|| wrong(format!("{key} of a TriggerInfo is a time from 0 on, found {}", repr(value))))
            };
            let count = || {
                let count = value.as_i64().and_then(|count| u64::try_from(count).ok());
                count.ok_or_else(|| wrong(format!("{key} of a TriggerInfo is a whole number, found {}", repr(value))))
            };
            match &**key {
                "trigger" => {
                    let trigger = value.as_str().and_then(DetectorTrigger::of_name);
                    info.trigger = trigger.ok_or_else(|| {
                        let names = DetectorTrigger::ALL.map(DetectorTrigger::as_str).join(", ");
                        wrong(format!("the trigger of a TriggerInfo is one of {names}, found {}", repr(value)))
                    })?;
                }
                "livetime" => info.livetime_s = seconds()?,
                "deadtime" => info.deadtime_s = seconds()?,
                "exposures_per_collection" => info.exposures_per_collection = count()?,
                "collections_per_event" => match count()? {
                    0 => return Err(wrong("collections_per_event of a TriggerInfo is 1 or more, found 0".to_owned())),
                    number => info.collections_per_event = number,
                },
                "number_of_events" => info.number_of_events = count()?,
                "exposure_timeout" => info.exposure_timeout_s = Some(seconds()?),
                other => return Err(wrong(format!("a TriggerInfo has no field {other}"))),
            }
        }
        Ok(info)
    }
}

/// All fields, by their names in Python.
impl From<TriggerInfo> for Value {
    fn from(info: TriggerInfo) -> Self {
        let mut fields = Map::with_capacity(7);
        fields.insert(Text::literal("trigger"), info.trigger.as_str());
        fields.insert(Text::literal("livetime"), info.livetime_s);
        fields.insert(Text::literal("deadtime"), info.deadtime_s);
        fields.insert(Text::literal("exposures_per_collection"), info.exposures_per_collection);
        fields.insert(Text::literal("collections_per_event"), info.collections_per_event);
        fields.insert(Text::literal("number_of_events"), info.number_of_events);
        fields.insert(Text::literal("exposure_timeout"), info.timeout_s());
        fields.into()
    }
}
