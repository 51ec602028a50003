//! A clock, a capture and the circumstances of calls, to call devices as an engine does.

#![expect(clippy::unwrap_used, reason = "a test's helper may fail the test")]

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use opentelemetry::Context;
use skyspan::clock::{Clock, Timestamp};
use skyspan::clock::{LiveSpan, Tracer};
use skyspan::device::{Args, CallEnvironment, Cx, Device, DeviceError, Readings, Status};
use skyspan::seed::Seed;
use skyspan::trace::{Capture, SpanRef};
use skyspan::value::{Map, Value, to_json};

pub(crate) struct Rig {
    pub(crate) clock: Clock,
    pub(crate) capture: Capture,
    pub(crate) shared: Arc<CallEnvironment>,
    pub(crate) parent: Context,
    /// Kept open: the parent of all that is called.
    _caller: LiveSpan,
}

impl Rig {
    pub(crate) fn new() -> Self {
        Self::seeded(0)
    }

    /// A rig whose clock starts 1000 s after the epoch.
    pub(crate) fn seeded(seed: u64) -> Self {
        let clock = Clock::simulated_from(Timestamp::from_unix_s(1000.0));
        let capture = Capture::new();
        let tracer = Tracer::of_provider(&capture.provider(), "ophyd.status", clock.clone());
        let caller = tracer.start("caller", &Context::new());
        let shared = Arc::new(CallEnvironment::new(clock.clone(), tracer, Seed::new(seed)));
        Self { clock, capture, shared, parent: caller.context(), _caller: caller }
    }

    pub(crate) fn cx<'a>(&'a self, device: &'a Device) -> Cx<'a> {
        Cx::new(&self.shared, device, &self.parent)
    }

    /// Adds a device as a harness does.
    pub(crate) fn add(&self, device: impl Into<Device>) -> Device {
        let device = device.into();
        device.object().added_to(&self.clock);
        device
    }

    pub(crate) fn set(&self, device: &Device, value: impl Into<Value>) -> Result<Status, DeviceError> {
        device.movable().unwrap().set(self.cx(device), &Args::one(value))
    }

    pub(crate) fn trigger(&self, device: &Device) -> Status {
        device.triggerable().unwrap().trigger(self.cx(device)).unwrap()
    }

    pub(crate) fn read(&self, device: &Device) -> Readings {
        self.block_on(device.readable().unwrap().read(self.cx(device))).unwrap()
    }

    /// The one value that is read.
    pub(crate) fn value(&self, device: &Device) -> Value {
        self.read(device).0[0].1.value.clone()
    }

    /// Lets so much time go by.
    pub(crate) fn advance(&self, duration: Duration) {
        self.block_on(self.clock.sleep(duration));
    }

    pub(crate) fn block_on<T>(&self, future: impl Future<Output = T>) -> T {
        self.clock.block_on(future).unwrap()
    }

    /// Nanoseconds since the rig was made.
    pub(crate) fn elapsed_ns(&self) -> u64 {
        elapsed_ns(self.clock.now())
    }
}

/// Nanoseconds since a rig's clock started.
pub(crate) fn elapsed_ns(time: Timestamp) -> u64 {
    time.unix_ns() - 1_000_000_000_000
}

/// The attributes of a span, one to a line, as Python would write them.
pub(crate) fn attributes(span: SpanRef<'_>) -> String {
    span.attributes().iter().map(|(key, value)| format!("{key}: {}\n", to_json(value))).collect()
}

/// The values of readings, as Python would write them.
pub(crate) fn values(readings: &Readings) -> String {
    to_json(&readings.iter().map(|(key, reading)| (key.clone(), reading.value.clone())).collect::<Map>().into())
}
