//! [`MockFlyer`]: a flyer that steps a motor and triggers a detector on its own.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use opentelemetry::Context;

use super::linspace;
use crate::device::{
    Args, CallEnvironment, Collectable, CollectedStreams, Configurable, Cx, DataKeys, Device, DeviceError, DeviceTask,
    EventCollectable, Flyable, NotSupported, OphydObject, PartialEvent, Readings, Status, StatusKind, Stoppable,
    SyncOrAsync, WeakDevice,
};
use crate::value::{Map, Text};
use skyspan_trace::internal::lock;

/// How long it takes until it begins to step.
const START_DELAY: Duration = Duration::from_millis(100);

/// A flyer that steps a motor and triggers a detector on its own: `ophyd.sim.MockFlyer`.
///
/// This is the flyer to be: `Device::from` makes the device. It is kicked off at once, and begins to step 0.1 s later. If
/// its motor or its detector fails, so does its completion, where ophyd's never ends.
#[derive(Clone, Debug)]
pub struct MockFlyer {
    name: Text,
    detector: Device,
    motor: Device,
    start: f64,
    stop: f64,
    num: u64,
}

impl MockFlyer {
    /// A flyer that takes `motor` from `start` to `stop` in `num` even steps, and reads it and `detector` at each.
    #[must_use]
    pub fn new(name: impl Into<Text>, detector: &Device, motor: &Device, start: f64, stop: f64, num: u64) -> Self {
        Self { name: name.into(), detector: detector.clone(), motor: motor.clone(), start, stop, num }
    }
}

impl From<MockFlyer> for Device {
    fn from(flyer: MockFlyer) -> Self {
        Self::new_cyclic(|own| FlyerDevice {
            flyer: Arc::new(flyer),
            data: Arc::default(),
            completion: Mutex::default(),
            own: own.clone(),
        })
    }
}

#[derive(Debug)]
struct FlyerDevice {
    flyer: Arc<MockFlyer>,
    data: Arc<Mutex<Vec<PartialEvent>>>,
    completion: Mutex<Completion>,
    own: WeakDevice,
}

/// The completion of the last flight. A status keeps its device, so it is forgotten when it is done and was asked for.
#[derive(Debug, Default)]
enum Completion {
    /// The flyer was never kicked off.
    #[default]
    Never,
    /// It flies, or has flown and nobody asked.
    Of(Status),
    /// It has flown, and somebody asked.
    Over,
}

impl FlyerDevice {
    /// Forgets a completion that is done.
    fn forget(&self, done: &Status) {
        let mut completion = lock(&self.completion);
        if matches!(&*completion, Completion::Of(status) if status == done) {
            *completion = Completion::Over;
        }
    }
}

impl Flyable for FlyerDevice {
    fn kickoff(&self, cx: Cx<'_>, args: &Args) -> Result<Status, DeviceError> {
        args.nothing()?;
        if matches!(&*lock(&self.completion), Completion::Of(status) if !status.is_done()) {
            return Err(DeviceError::other("RuntimeError", "Kicking off a second time?!"));
        }
        lock(&self.data).clear();
        let completion = Status::new(cx, StatusKind::Device);
        *lock(&self.completion) = Completion::Of(completion.clone());
        let (flyer, data, shared) = (Arc::clone(&self.flyer), Arc::clone(&self.data), Arc::clone(cx.shared()));
        let _ = DeviceTask::run(cx.clock(), async move {
            // Nobody else ends it.
            match flyer.fly(&shared, &data).await {
                Ok(()) => drop(completion.set_finished()),
                Err(error) => drop(completion.set_exception(error)),
            }
        });
        let kicked_off = Status::new(cx, StatusKind::Device);
        let _ = kicked_off.set_finished();
        Ok(kicked_off)
    }

    fn complete(&self, cx: Cx<'_>, args: &Args) -> Result<Status, DeviceError> {
        args.nothing()?;
        let status = match &*lock(&self.completion) {
            Completion::Never => return Err(DeviceError::other("RuntimeError", "No collection in progress")),
            Completion::Of(status) => Some(status.clone()),
            Completion::Over => None,
        };
        let Some(status) = status else {
            let over = Status::new(cx, StatusKind::Device);
            let _ = over.set_finished();
            return Ok(over);
        };
        let own = self.own.clone();
        status.add_callback(move |done| {
            if let Some(own) = own.upgrade()
                && let Some(own) = own.downcast_ref::<Self>()
            {
                own.forget(done);
            }
        });
        Ok(status)
    }
}

impl MockFlyer {
    /// What ophyd does in a thread: no span of the caller is around it.
    async fn fly(&self, shared: &Arc<CallEnvironment>, data: &Mutex<Vec<PartialEvent>>) -> Result<(), DeviceError> {
        let none = Context::new();
        let (motor, detector) = (Cx::new(shared, &self.motor, &none), Cx::new(shared, &self.detector, &none));
        shared.clock.sleep(START_DELAY).await;
        for position in linspace(self.start, self.stop, self.num) {
            let moved = self.motor.movable().map_err(lacks)?.set(motor, &Args::one(position))?;
            moved.wait(motor, None).await?;
            let triggered = self.detector.triggerable().map_err(lacks)?.trigger(detector)?;
            triggered.wait(detector, None).await?;
            let time = Some(shared.clock.now());
            let mut readings = self.motor.readable().map_err(lacks)?.read(motor).await?.0;
            readings.append(&mut self.detector.readable().map_err(lacks)?.read(detector).await?.0);
            lock(data).push(PartialEvent { readings, filled: Map::new(), time });
        }
        Ok(())
    }
}

/// What Python says of a method that is not there.
fn lacks(error: NotSupported) -> DeviceError {
    DeviceError::other("AttributeError", error.to_string())
}

impl Collectable for FlyerDevice {
    fn describe_collect<'a>(&'a self, cx: Cx<'a>) -> SyncOrAsync<'a, Result<CollectedStreams, DeviceError>> {
        let flyer = &self.flyer;
        SyncOrAsync::later(async move {
            let mut data_keys = DataKeys::default();
            for device in [&flyer.motor, &flyer.detector] {
                data_keys.0.append(&mut device.readable().map_err(lacks)?.describe(cx.of(device)).await?.0);
            }
            Ok(CollectedStreams::Named(vec![(flyer.name.clone(), data_keys)]))
        })
    }
}

impl EventCollectable for FlyerDevice {
    fn collect<'a>(&'a self, _: Cx<'a>) -> SyncOrAsync<'a, Result<Vec<PartialEvent>, DeviceError>> {
        Ok(std::mem::take(&mut *lock(&self.data))).into()
    }
}

impl Configurable for FlyerDevice {
    fn read_configuration<'a>(&'a self, _: Cx<'a>) -> SyncOrAsync<'a, Result<Readings, DeviceError>> {
        Ok(Readings::default()).into()
    }

    fn describe_configuration<'a>(&'a self, _: Cx<'a>) -> SyncOrAsync<'a, Result<DataKeys, DeviceError>> {
        Ok(DataKeys::default()).into()
    }

    fn configure<'a>(&'a self, _: Cx<'a>, _: &'a Args) -> SyncOrAsync<'a, Result<(Readings, Readings), DeviceError>> {
        Err(DeviceError::no_attribute("MockFlyer", "configure")).into()
    }
}

/// As in ophyd, a stop does not stop it.
impl Stoppable for FlyerDevice {
    fn stop<'a>(&'a self, _: Cx<'a>, _: bool) -> SyncOrAsync<'a, Result<(), DeviceError>> {
        Ok(()).into()
    }
}

impl OphydObject for FlyerDevice {
    fn name(&self) -> &Text {
        &self.flyer.name
    }

    fn class_name(&self) -> Text {
        Text::literal("MockFlyer")
    }

    fn repr(&self) -> Text {
        Text::literal("<ophyd.sim.MockFlyer object>")
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
}
