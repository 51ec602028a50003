//! [`Watched`]: a device around another one, that remembers how it was called.

#![expect(clippy::unwrap_used, reason = "a test's helper may fail the test")]

use std::sync::{Arc, Mutex};

use skyspan::device::{
    Args, Callback, Cx, Device, DeviceError, HasHints, Movable, OphydObject, Readable, Stageable, Staged, Status,
    Stoppable, Subscribable, SubscriptionId, SyncOrAsync, Triggerable,
};
use skyspan::value::Text;

/// What was done with a device.
#[derive(Clone, Debug, Default)]
pub(crate) struct Log {
    /// The calls that matter for a clean-up: `set`, `stop`, `stage`, `unstage`.
    pub(crate) calls: Vec<&'static str>,
    /// How many subscriptions there are.
    pub(crate) subscriptions: i32,
}

impl Log {
    /// What is wrong with a device after a call: it moves, is staged, or is monitored.
    pub(crate) fn what_is_left(&self) -> Option<String> {
        let last = |of: [&str; 2]| self.calls.iter().rev().find(|call| of.contains(call)).copied();
        if last(["set", "stop"]) == Some("set") {
            return Some(format!("it was not stopped: {:?}", self.calls));
        }
        if last(["stage", "unstage"]) == Some("stage") {
            return Some(format!("it is staged: {:?}", self.calls));
        }
        (self.subscriptions != 0).then(|| format!("it has {} subscriptions", self.subscriptions))
    }
}

/// A device around another one, that remembers how it was called.
#[derive(Clone)]
pub(crate) struct Watched {
    inner: Device,
    log: Arc<Mutex<Log>>,
}

impl Watched {
    pub(crate) fn around(inner: impl Into<Device>) -> Self {
        Self { inner: inner.into(), log: Arc::default() }
    }

    pub(crate) fn log(&self) -> Log {
        self.log.lock().unwrap().clone()
    }

    fn note(&self, call: &'static str) {
        self.log.lock().unwrap().calls.push(call);
    }
}

impl OphydObject for Watched {
    fn name(&self) -> &Text {
        self.inner.name()
    }
    fn class_name(&self) -> Text {
        self.inner.class_name()
    }
    fn repr(&self) -> Text {
        self.inner.repr()
    }
    fn added_at(&self, time: skyspan::clock::Timestamp) {
        self.inner.object().added_at(time);
    }
    fn as_readable(&self) -> Option<&dyn Readable> {
        self.inner.object().as_readable()
    }
    fn as_triggerable(&self) -> Option<&dyn Triggerable> {
        self.inner.object().as_triggerable()
    }
    fn as_has_hints(&self) -> Option<&dyn HasHints> {
        self.inner.object().as_has_hints()
    }
    fn as_configurable(&self) -> Option<&dyn skyspan::device::Configurable> {
        self.inner.object().as_configurable()
    }
    fn as_flyable(&self) -> Option<&dyn skyspan::device::Flyable> {
        self.inner.object().as_flyable()
    }
    fn as_collectable(&self) -> Option<&dyn skyspan::device::Collectable> {
        self.inner.object().as_collectable()
    }
    fn as_event_collectable(&self) -> Option<&dyn skyspan::device::EventCollectable> {
        self.inner.object().as_event_collectable()
    }
    fn as_movable(&self) -> Option<&dyn Movable> {
        self.inner.object().as_movable().map(|_| self as _)
    }
    fn as_stoppable(&self) -> Option<&dyn Stoppable> {
        Some(self)
    }
    fn as_stageable(&self) -> Option<&dyn Stageable> {
        Some(self)
    }
    fn as_subscribable(&self) -> Option<&dyn Subscribable> {
        self.inner.object().as_subscribable().map(|_| self as _)
    }
}

impl Movable for Watched {
    fn set(&self, cx: Cx<'_>, args: &Args) -> Result<Status, DeviceError> {
        self.note("set");
        self.inner.movable().map_err(|error| DeviceError::value(error.to_string()))?.set(cx.of(&self.inner), args)
    }
}

impl Stoppable for Watched {
    fn stop<'a>(&'a self, _: Cx<'a>, _: bool) -> SyncOrAsync<'a, Result<(), DeviceError>> {
        self.note("stop");
        SyncOrAsync::now(Ok(()))
    }
}

impl Stageable for Watched {
    fn stage(&self, _: Cx<'_>) -> Result<Staged, DeviceError> {
        self.note("stage");
        Ok(Staged::Devices(Vec::new()))
    }
    fn unstage(&self, _: Cx<'_>) -> Result<Staged, DeviceError> {
        self.note("unstage");
        Ok(Staged::Devices(Vec::new()))
    }
}

impl Subscribable for Watched {
    fn subscribe(&self, callback: Callback) -> SubscriptionId {
        self.log.lock().unwrap().subscriptions += 1;
        let Some(inner) = self.inner.object().as_subscribable() else { return SubscriptionId(0) };
        inner.subscribe(callback)
    }
    fn clear_sub(&self, id: SubscriptionId) {
        self.log.lock().unwrap().subscriptions -= 1;
        if let Some(inner) = self.inner.object().as_subscribable() {
            inner.clear_sub(id);
        }
    }
}
