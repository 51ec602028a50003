//! [`TrivialFlyer`]: a flyer that has nothing to say.

use crate::clock::Timestamp;
use crate::device::{
    Args, AssetDoc, Collectable, CollectedStreams, Configurable, Cx, DataKeys, Device, DeviceError, EventCollectable,
    Flyable, OphydObject, PartialEvent, Readings, Status, Stoppable, SyncOrAsync, WritesExternalAssets,
};
use crate::value::{Map, Text};

/// How many events it has, each without data.
const EVENTS: u32 = 100;

/// A flyer that is done at once and has a hundred events without data: `ophyd.sim.TrivialFlyer`, and
/// `ophyd.sim.NewTrivialFlyer`, which also writes nothing.
///
/// This is the flyer to be: `Device::from` makes the device.
#[derive(Clone, Debug)]
pub struct TrivialFlyer {
    name: Text,
    is_new: bool,
}

impl TrivialFlyer {
    /// A `TrivialFlyer`; ophyd's is called `trivial_flyer`.
    #[must_use]
    pub fn new(name: impl Into<Text>) -> Self {
        Self { name: name.into(), is_new: false }
    }

    /// A `NewTrivialFlyer`; ophyd's is called `new_trivial_flyer`.
    #[must_use]
    pub fn with_assets(name: impl Into<Text>) -> Self {
        Self { name: name.into(), is_new: true }
    }
}

impl From<TrivialFlyer> for Device {
    fn from(flyer: TrivialFlyer) -> Self {
        Self::new(flyer)
    }
}

impl OphydObject for TrivialFlyer {
    fn name(&self) -> &Text {
        &self.name
    }

    fn class_name(&self) -> Text {
        Text::literal(if self.is_new { "NewTrivialFlyer" } else { "TrivialFlyer" })
    }

    fn repr(&self) -> Text {
        Text::literal(if self.is_new {
            "<ophyd.sim.NewTrivialFlyer object>"
        } else {
            "<ophyd.sim.TrivialFlyer object>"
        })
    }

    fn as_configurable(&self) -> Option<&dyn Configurable> {
        Some(self)
    }

    fn as_stoppable(&self) -> Option<&dyn Stoppable> {
        Some(self)
    }

    fn as_flyable(&self) -> Option<&dyn Flyable> {
        Some(self)
    }

    fn as_collectable(&self) -> Option<&dyn Collectable> {
        Some(self)
    }

    fn as_event_collectable(&self) -> Option<&dyn EventCollectable> {
        Some(self)
    }

    fn as_writes_external_assets(&self) -> Option<&dyn WritesExternalAssets> {
        self.is_new.then_some(self as &dyn WritesExternalAssets)
    }
}

impl Flyable for TrivialFlyer {
    fn kickoff(&self, cx: Cx<'_>, args: &Args) -> Result<Status, DeviceError> {
        args.nothing()?;
        Ok(Status::null(cx))
    }

    fn complete(&self, cx: Cx<'_>, args: &Args) -> Result<Status, DeviceError> {
        args.nothing()?;
        Ok(Status::null(cx))
    }
}

impl Collectable for TrivialFlyer {
    fn describe_collect<'a>(&'a self, _: Cx<'a>) -> SyncOrAsync<'a, Result<CollectedStreams, DeviceError>> {
        Ok(CollectedStreams::Named(vec![(Text::literal("stream_name"), DataKeys::default())])).into()
    }
}

impl EventCollectable for TrivialFlyer {
    fn collect<'a>(&'a self, _: Cx<'a>) -> SyncOrAsync<'a, Result<Vec<PartialEvent>, DeviceError>> {
        let time = |nth| Some(Timestamp::from_unix_s(f64::from(nth)));
        let event = |nth| PartialEvent { readings: Vec::new(), filled: Map::new(), time: time(nth) };
        Ok((0..EVENTS).map(event).collect()).into()
    }
}

impl WritesExternalAssets for TrivialFlyer {
    fn collect_asset_docs<'a>(&'a self, _: Cx<'a>) -> SyncOrAsync<'a, Result<Vec<AssetDoc>, DeviceError>> {
        Ok(Vec::new()).into()
    }
}

impl Configurable for TrivialFlyer {
    fn read_configuration<'a>(&'a self, _: Cx<'a>) -> SyncOrAsync<'a, Result<Readings, DeviceError>> {
        Ok(Readings::default()).into()
    }

    fn describe_configuration<'a>(&'a self, _: Cx<'a>) -> SyncOrAsync<'a, Result<DataKeys, DeviceError>> {
        Ok(DataKeys::default()).into()
    }

    fn configure<'a>(&'a self, _: Cx<'a>, _: &'a Args) -> SyncOrAsync<'a, Result<(Readings, Readings), DeviceError>> {
        Err(DeviceError::no_attribute(&self.class_name(), "configure")).into()
    }
}

impl Stoppable for TrivialFlyer {
    fn stop<'a>(&'a self, _: Cx<'a>, _: bool) -> SyncOrAsync<'a, Result<(), DeviceError>> {
        Ok(()).into()
    }
}
