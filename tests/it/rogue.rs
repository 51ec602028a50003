//! [`Rogue`]: a device that panics where it is told to, and takes its time where it is told to.

#![expect(clippy::unwrap_used, reason = "a test's helper may fail the test")]

use std::sync::{Arc, Mutex};

use skyspan::device::{
    Args, Callback, Cx, DeviceError, Movable, OphydObject, Pausable, Readable, Status, StatusKind, Stoppable,
    Subscribable, SubscriptionId, SyncOrAsync,
};
use skyspan::prelude::*;
use skyspan::value::Text;

/// A device around a signal that panics where it is told to, and takes its time where it is told to.
#[derive(Clone)]
pub(crate) struct Rogue {
    pub(crate) inner: Device,
    pub(crate) panics_in: Arc<Mutex<&'static str>>,
    pub(crate) slow: Duration,
    pub(crate) fails_after: Duration,
}

impl Rogue {
    pub(crate) fn new(name: &str) -> Self {
        let (slow, fails_after) = (Duration::ZERO, Duration::ZERO);
        Self { inner: Signal::new(name, 1).into(), panics_in: Arc::default(), slow, fails_after }
    }
    #[expect(clippy::panic, reason = "that is what it does")]
    pub(crate) fn may_panic(&self, method: &str) {
        if *self.panics_in.lock().unwrap() == method {
            panic!("{method} went wrong");
        }
    }
    pub(crate) fn later<'a>(&'a self, method: &'static str, cx: Cx<'a>) -> SyncOrAsync<'a, Result<(), DeviceError>> {
        self.may_panic(method);
        if self.slow.is_zero() {
            return SyncOrAsync::now(Ok(()));
        }
        SyncOrAsync::later(async move {
            cx.clock().sleep(self.slow).await;
            Ok(())
        })
    }
}

impl OphydObject for Rogue {
    fn name(&self) -> &Text {
        self.inner.name()
    }
    fn class_name(&self) -> Text {
        "Rogue".into()
    }
    fn as_readable(&self) -> Option<&dyn Readable> {
        self.inner.object().as_readable()
    }
    fn as_movable(&self) -> Option<&dyn Movable> {
        Some(self)
    }
    fn as_stoppable(&self) -> Option<&dyn Stoppable> {
        Some(self)
    }
    fn as_pausable(&self) -> Option<&dyn Pausable> {
        Some(self)
    }
    fn as_subscribable(&self) -> Option<&dyn Subscribable> {
        Some(self)
    }
}

impl Movable for Rogue {
    fn set(&self, cx: Cx<'_>, _: &Args) -> Result<Status, DeviceError> {
        self.may_panic("set");
        let status = Status::new(cx, StatusKind::Device);
        let failing = status.clone();
        let _ = cx.clock().call_after(self.fails_after, move || {
            let _ = failing.set_exception(DeviceError::value("stuck"));
        });
        Ok(status)
    }
}

impl Stoppable for Rogue {
    fn stop<'a>(&'a self, cx: Cx<'a>, _: bool) -> SyncOrAsync<'a, Result<(), DeviceError>> {
        self.later("stop", cx)
    }
}

impl Pausable for Rogue {
    fn pause<'a>(&'a self, cx: Cx<'a>) -> SyncOrAsync<'a, Result<(), DeviceError>> {
        self.later("pause", cx)
    }
    fn resume<'a>(&'a self, cx: Cx<'a>) -> SyncOrAsync<'a, Result<(), DeviceError>> {
        self.later("resume", cx)
    }
}

impl Subscribable for Rogue {
    fn subscribe(&self, callback: Callback) -> SubscriptionId {
        self.may_panic("subscribe");
        self.inner.subscribable().unwrap().subscribe(callback)
    }
    fn clear_sub(&self, id: SubscriptionId) {
        self.may_panic("clear_sub");
        self.inner.subscribable().unwrap().clear_sub(id);
    }
}

pub(crate) fn names(run: &Outcome) -> String {
    run.documents().iter().map(|document| document.name()).collect::<Vec<_>>().join(" ")
}

pub(crate) fn monitoring(device: &Device) -> Plan {
    let device = device.clone();
    plan(async move |p| {
        let body = async {
            p.monitor(&device, "beam").await?;
            p.checkpoint().await?;
            p.sleep(1.0).await
        };
        p.in_run(Map::new(), body).await
    })
}

#[track_caller]
pub(crate) fn is_as_good_as_before(lab: &Harness) {
    assert_eq!(lab.state(), RunEngineState::Idle);
    lab.run(plans::count(&lab.device("det"), 1)).assert_success();
}
