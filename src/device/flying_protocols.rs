//! The protocols of bluesky 1.15.1 (`bluesky.protocols`) about data that a device gathers or writes on its own.

use super::{AssetDoc, Cx, DataKeys, DeviceError, PartialEvent, PartialEventPage, SyncOrAsync};
use crate::value::Text;

/// What describes what will be collected.
#[derive(Clone, Debug, PartialEq)]
pub enum CollectedStreams {
    /// Of one stream, whose name is said where it is declared: `{key: DataKey}`.
    One(DataKeys),
    /// Of streams of its own, by name: `{stream: {key: DataKey}}`. These need not be declared.
    Named(Vec<(Text, DataKeys)>),
}

/// Has data to be collected after, or during, a flight.
pub trait Collectable: Send + Sync {
    /// What describes what will be collected: by stream, in the stream's order.
    ///
    /// # Errors
    ///
    /// Whatever keeps it from being described.
    fn describe_collect<'a>(&'a self, cx: Cx<'a>) -> SyncOrAsync<'a, Result<CollectedStreams, DeviceError>>;
}

/// Has gathered events one by one. It is [`Collectable`], too.
pub trait EventCollectable: Send + Sync {
    /// Those since the last time. Each belongs to the stream that has its data keys.
    ///
    /// # Errors
    ///
    /// Whatever keeps them from being collected.
    fn collect<'a>(&'a self, cx: Cx<'a>) -> SyncOrAsync<'a, Result<Vec<PartialEvent>, DeviceError>>;
}

/// Has gathered events as columns. It is [`Collectable`], too.
pub trait EventPageCollectable: Send + Sync {
    /// Those since the last time. Each page belongs to the stream that has its data keys.
    ///
    /// # Errors
    ///
    /// Whatever keeps them from being collected.
    fn collect_pages<'a>(&'a self, cx: Cx<'a>) -> SyncOrAsync<'a, Result<Vec<PartialEventPage>, DeviceError>>;
}

/// Writes data somewhere else, and says where.
pub trait WritesExternalAssets: Send + Sync {
    /// What it has written since the last time.
    ///
    /// # Errors
    ///
    /// Whatever keeps it from saying so.
    fn collect_asset_docs<'a>(&'a self, cx: Cx<'a>) -> SyncOrAsync<'a, Result<Vec<AssetDoc>, DeviceError>>;
}

/// Writes the data of whole streams somewhere else, and says where and how far it has come. Of several such devices as
/// much is collected as all of them have.
pub trait WritesStreamAssets: Send + Sync {
    /// What it has written since the last time, of values before `index` only, if there is one.
    ///
    /// # Errors
    ///
    /// Whatever keeps it from saying so.
    fn collect_asset_docs<'a>(
        &'a self,
        cx: Cx<'a>,
        index: Option<u64>,
    ) -> SyncOrAsync<'a, Result<Vec<AssetDoc>, DeviceError>>;

    /// How many values it has written.
    ///
    /// # Errors
    ///
    /// Whatever keeps it from saying so.
    fn get_index<'a>(&'a self, cx: Cx<'a>) -> SyncOrAsync<'a, Result<u64, DeviceError>>;
}
