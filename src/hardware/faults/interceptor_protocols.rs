//! How the calls of a device with faults go on.

use std::any::Any;

use super::Method;
use super::attached::Met;
use super::interceptor::Interceptor;
use super::stage_sigs::now_or_later;
use crate::device::{
    Args, AssetDoc, Callback, Checkable, Collectable, CollectedStreams, Configurable, Cx, DataKeys, Device,
    DeviceError, Ending, EventCollectable, EventPageCollectable, Flyable, HasHints, Hints, Locatable, Location,
    Movable, OphydObject, PartialEvent, PartialEventPage, Pausable, Positioner, Preparable, Readable, Readings,
    Stageable, Staged, Status, StatusKind, Stoppable, Subscribable, SubscriptionId, SyncOrAsync, Triggerable,
    WritesExternalAssets, WritesStreamAssets,
};
use crate::value::{Map, Text, Value};

/// What a method gives at once, or later.
type Given<'a, T> = SyncOrAsync<'a, Result<T, DeviceError>>;

/// The device that is called, without what stands in front of it, as one that can do what it is asked.
fn behind<'a, P: ?Sized>(
    cx: Cx<'a>,
    of: impl FnOnce(&'a dyn OphydObject) -> Option<&'a P>,
) -> Result<&'a P, DeviceError> {
    let wrong =
        || DeviceError::type_error(format!("{} was called in the circumstances of another device", cx.device()));
    of(cx.device().behind_front()).ok_or_else(wrong)
}

impl Interceptor {
    /// A call that gives something at once, or later: that comes as the faults have it, and is changed by them.
    fn asked<'a, T: Send + Unpin + 'a>(
        &'a self,
        cx: Cx<'a>,
        method: Method,
        args: &Args,
        call: impl FnOnce(Cx<'a>) -> Given<'a, T> + Send + 'a,
        change: impl FnOnce(&Met, &mut T) + Send + 'a,
    ) -> Given<'a, T> {
        let met = match self.attached.meet(cx, method, args) {
            Ok(met) => met,
            Err(error) => return Err(error).into(),
        };
        match (met.ending().cloned(), call(cx)) {
            (None, SyncOrAsync::Now(Some(given))) => given
                .map(|mut given| {
                    change(&met, &mut given);
                    given
                })
                .into(),
            (ending, given) => SyncOrAsync::later(async move {
                let mut given = ended(cx, ending, given).await?;
                change(&met, &mut given);
                Ok(given)
            }),
        }
    }

    /// What stands in front of a device, if anything does.
    fn of_device(device: &Device) -> Option<&Self> {
        (device.object() as &dyn Any).downcast_ref()
    }

    /// The device, for what knows no circumstances.
    fn device(&self) -> Option<Device> {
        self.own.upgrade()
    }
}

/// What comes of what was begun, when a fault lets it come.
async fn ended<T: Unpin>(cx: Cx<'_>, ending: Option<Ending>, given: Given<'_, T>) -> Result<T, DeviceError> {
    let Some(ending) = ending else { return given.await };
    if ending.never && ending.fails.is_none() {
        std::future::pending::<()>().await;
    }
    if let Some((after, error)) = ending.fails {
        cx.clock().sleep(after).await;
        return Err(error);
    }
    let began = cx.now();
    let given = given.await;
    cx.clock().sleep(ending.due(began, cx.now()) - cx.now()).await;
    given
}

/// Leaves the result of the device as it is.
const fn as_it_is<T>(_: &Met, _: &mut T) {}

/// Implements methods without arguments that give something at once, or later.
macro_rules! asked {
    ($as_method:ident, $($method:ident, $name:ident, $given:ty;)*) => {$(
        fn $name<'a>(&'a self, cx: Cx<'a>) -> Given<'a, $given> {
            let call = |cx| match behind(cx, OphydObject::$as_method) {
                Ok(device) => device.$name(cx),
                Err(error) => Err(error).into(),
            };
            self.asked(cx, Method::$method, &Args::none(), call, as_it_is)
        }
    )*};
}

impl Readable for Interceptor {
    fn read<'a>(&'a self, cx: Cx<'a>) -> Given<'a, Readings> {
        let call = |cx| match behind(cx, OphydObject::as_readable) {
            Ok(device) => device.read(cx),
            Err(error) => Err(error).into(),
        };
        self.asked(cx, Method::Read, &Args::none(), call, Met::change_readings)
    }

    asked! { as_readable, Describe, describe, DataKeys; }
}

impl Configurable for Interceptor {
    fn read_configuration<'a>(&'a self, cx: Cx<'a>) -> Given<'a, Readings> {
        let call = |cx| match behind(cx, OphydObject::as_configurable) {
            Ok(device) => device.read_configuration(cx),
            Err(error) => Err(error).into(),
        };
        self.asked(cx, Method::ReadConfiguration, &Args::none(), call, Met::change_readings)
    }

    asked! { as_configurable, DescribeConfiguration, describe_configuration, DataKeys; }

    fn configure<'a>(&'a self, cx: Cx<'a>, args: &'a Args) -> Given<'a, (Readings, Readings)> {
        let call = move |cx| match behind(cx, OphydObject::as_configurable) {
            Ok(device) => device.configure(cx, args),
            Err(error) => Err(error).into(),
        };
        self.asked(cx, Method::Configure, args, call, as_it_is)
    }
}

impl Movable for Interceptor {
    fn set(&self, cx: Cx<'_>, args: &Args) -> Result<Status, DeviceError> {
        let met = self.attached.meet(cx, Method::Set, args)?;
        let status = behind(cx, OphydObject::as_movable)?.set(met.circumstances(cx), args)?;
        Ok(met.ended(cx, status))
    }
}

impl Triggerable for Interceptor {
    fn trigger(&self, cx: Cx<'_>) -> Result<Status, DeviceError> {
        let met = self.attached.meet(cx, Method::Trigger, &Args::none())?;
        let status = behind(cx, OphydObject::as_triggerable)?.trigger(met.circumstances(cx))?;
        Ok(met.ended(cx, status))
    }
}

impl Preparable for Interceptor {
    fn prepare(&self, cx: Cx<'_>, args: &Args) -> Result<Status, DeviceError> {
        let met = self.attached.meet(cx, Method::Prepare, args)?;
        let status = behind(cx, OphydObject::as_preparable)?.prepare(met.circumstances(cx), args)?;
        Ok(met.ended(cx, status))
    }
}

impl Flyable for Interceptor {
    fn kickoff(&self, cx: Cx<'_>, args: &Args) -> Result<Status, DeviceError> {
        let met = self.attached.meet(cx, Method::Kickoff, args)?;
        let status = behind(cx, OphydObject::as_flyable)?.kickoff(met.circumstances(cx), args)?;
        Ok(met.ended(cx, status))
    }

    fn complete(&self, cx: Cx<'_>, args: &Args) -> Result<Status, DeviceError> {
        let met = self.attached.meet(cx, Method::Complete, args)?;
        let status = behind(cx, OphydObject::as_flyable)?.complete(met.circumstances(cx), args)?;
        Ok(met.ended(cx, status))
    }
}

/// What was staged at once takes a status to be late.
fn taking_its_time(cx: Cx<'_>, staged: Staged) -> Staged {
    match (staged, cx.ending()) {
        (staged, None) => staged,
        // Signals that take their time are late enough.
        (Staged::Later(later), Some(_)) => Staged::Later(later),
        (Staged::Status(status), Some(ending)) => Staged::Status(status.ending_so(cx, ending)),
        (Staged::Devices(_), Some(_)) => {
            let status = Status::new(cx, StatusKind::Device);
            // Nobody else has it yet.
            let _ = status.set_finished();
            Staged::Status(status)
        }
    }
}

impl Stageable for Interceptor {
    fn stage(&self, cx: Cx<'_>) -> Result<Staged, DeviceError> {
        let met = self.attached.meet(cx, Method::Stage, &Args::none())?;
        let cx = met.circumstances(cx);
        let staged = match self.stage_sigs.are_none() {
            true => behind(cx, OphydObject::as_stageable)?.stage(cx),
            false => now_or_later(cx, true, Self::of_device),
        };
        staged.map(|staged| taking_its_time(cx, staged))
    }

    fn unstage(&self, cx: Cx<'_>) -> Result<Staged, DeviceError> {
        let met = self.attached.meet(cx, Method::Unstage, &Args::none())?;
        let cx = met.circumstances(cx);
        let unstaged = match self.stage_sigs.are_none() {
            true => behind(cx, OphydObject::as_stageable)?.unstage(cx),
            false => now_or_later(cx, false, Self::of_device),
        };
        unstaged.map(|unstaged| taking_its_time(cx, unstaged))
    }
}

impl Stoppable for Interceptor {
    fn stop<'a>(&'a self, cx: Cx<'a>, success: bool) -> Given<'a, ()> {
        let call = move |cx| match behind(cx, OphydObject::as_stoppable) {
            Ok(device) => device.stop(cx, success),
            Err(error) => Err(error).into(),
        };
        let mut args = Args::none();
        args.keyword.insert("success", success);
        self.asked(cx, Method::Stop, &args, call, as_it_is)
    }
}

impl Pausable for Interceptor {
    asked! { as_pausable, Pause, pause, (); Resume, resume, (); }
}

impl Locatable for Interceptor {
    fn locate<'a>(&'a self, cx: Cx<'a>) -> Given<'a, Location> {
        let call = |cx| match behind(cx, OphydObject::as_locatable) {
            Ok(device) => device.locate(cx),
            Err(error) => Err(error).into(),
        };
        self.asked(cx, Method::Locate, &Args::none(), call, Met::change_location)
    }
}

impl Collectable for Interceptor {
    asked! { as_collectable, DescribeCollect, describe_collect, CollectedStreams; }
}

impl EventCollectable for Interceptor {
    asked! { as_event_collectable, Collect, collect, Vec<PartialEvent>; }
}

impl EventPageCollectable for Interceptor {
    asked! { as_event_page_collectable, CollectPages, collect_pages, Vec<PartialEventPage>; }
}

impl WritesExternalAssets for Interceptor {
    asked! { as_writes_external_assets, CollectAssetDocs, collect_asset_docs, Vec<AssetDoc>; }
}

impl WritesStreamAssets for Interceptor {
    fn collect_asset_docs<'a>(&'a self, cx: Cx<'a>, index: Option<u64>) -> Given<'a, Vec<AssetDoc>> {
        let call = move |cx| match behind(cx, OphydObject::as_writes_stream_assets) {
            Ok(device) => device.collect_asset_docs(cx, index),
            Err(error) => Err(error).into(),
        };
        self.asked(cx, Method::CollectAssetDocs, &Args::none(), call, as_it_is)
    }

    asked! { as_writes_stream_assets, GetIndex, get_index, u64; }
}

impl Checkable for Interceptor {
    fn check_value(&self, value: &Value) -> Result<(), DeviceError> {
        let device = self.device();
        let checkable = device.as_ref().and_then(|device| device.behind_front().as_checkable());
        checkable.map_or(Ok(()), |checkable| checkable.check_value(value))
    }
}

impl Positioner for Interceptor {
    fn position(&self) -> Value {
        let position = |device: Device| Some(device.behind_front().as_positioner()?.position());
        self.device().and_then(position).unwrap_or_default()
    }

    fn egu(&self) -> Option<Text> {
        self.device()?.behind_front().as_positioner()?.egu()
    }

    fn precision(&self) -> Option<i64> {
        self.device()?.behind_front().as_positioner()?.precision()
    }

    fn limits(&self) -> Option<(Value, Value)> {
        self.device()?.behind_front().as_positioner()?.limits()
    }
}

impl Subscribable for Interceptor {
    fn subscribe(&self, callback: Callback) -> SubscriptionId {
        let device = self.device();
        let subscribable = device.as_ref().and_then(|device| device.behind_front().as_subscribable());
        let id = subscribable.map_or(SubscriptionId(u64::MAX), |subscribable| subscribable.subscribe(callback));
        self.attached.subscribed();
        id
    }

    fn subscribe_with(&self, callback: Callback, options: &Map) -> Result<SubscriptionId, DeviceError> {
        let device = self.device();
        let subscribable = device.as_ref().and_then(|device| device.behind_front().as_subscribable());
        let subscribable = subscribable.ok_or_else(|| DeviceError::type_error("the device is gone"))?;
        let id = subscribable.subscribe_with(callback, options)?;
        self.attached.subscribed();
        Ok(id)
    }

    fn takes_suspender(&self) -> Result<(), DeviceError> {
        let device = self.device();
        let subscribable = device.as_ref().and_then(|device| device.behind_front().as_subscribable());
        subscribable.map_or(Ok(()), Subscribable::takes_suspender)
    }

    fn clear_sub(&self, id: SubscriptionId) {
        if let Some(device) = self.device()
            && let Some(subscribable) = device.behind_front().as_subscribable()
        {
            subscribable.clear_sub(id);
            self.attached.unsubscribed();
        }
    }
}

impl HasHints for Interceptor {
    fn hints(&self) -> Hints {
        let hints = |device: Device| Some(device.behind_front().as_has_hints()?.hints());
        self.device().and_then(hints).unwrap_or_else(|| Hints::fields(Vec::new()))
    }
}
