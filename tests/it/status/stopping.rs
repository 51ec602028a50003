//! A device is stopped when its status fails.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use skyspan::device::{
    Cx, Device, DeviceError, OphydObject, Status, StatusBuilder, StatusKind, Stoppable, SyncOrAsync,
};
use skyspan::value::Text;

use super::{End, boom, ms, status};
use crate::rig::Rig;

/// A device that counts how often it is stopped, and how often as intended.
struct Stopped {
    name: Text,
    stops: AtomicU32,
    intended: AtomicU32,
}

impl OphydObject for Stopped {
    fn name(&self) -> &Text {
        &self.name
    }

    fn class_name(&self) -> Text {
        Text::literal("Stopped")
    }

    fn as_stoppable(&self) -> Option<&dyn Stoppable> {
        Some(self)
    }
}

impl Stoppable for Stopped {
    fn stop<'a>(&'a self, _: Cx<'a>, success: bool) -> SyncOrAsync<'a, Result<(), DeviceError>> {
        self.stops.fetch_add(1, Ordering::Relaxed);
        self.intended.fetch_add(u32::from(success), Ordering::Relaxed);
        Err(boom()).into()
    }
}

#[test]
fn a_device_is_stopped_when_its_status_fails() {
    type Make = fn(StatusBuilder<'_>) -> StatusBuilder<'_>;
    let stopping: Make = |builder| builder;
    check(StatusKind::Device, stopping, End::Badly, 1);
    check(StatusKind::Subscription, stopping, End::Badly, 1);
    check(StatusKind::StableSubscription, stopping, End::Badly, 1);
    check(StatusKind::to(1), stopping, End::Badly, 1);
    check(StatusKind::Device, |builder| builder.timeout(ms(1)), End::Well, 1);
    check(StatusKind::Device, stopping, End::Well, 0);
    check(StatusKind::Device, |builder| builder.call_stop_on_failure(false), End::Badly, 0);
    check(StatusKind::Base, stopping, End::Badly, 0);
    check(StatusKind::Object, stopping, End::Badly, 0);

    #[track_caller]
    fn check(kind: StatusKind, with: Make, end: End, stops: u32) {
        let rig = Rig::new();
        let device = Device::new(Stopped { name: "d".into(), stops: 0.into(), intended: 0.into() });
        let stopped: &Stopped = device.downcast_ref().unwrap();
        let status = with(Status::builder(rig.cx(&device), kind)).build();
        rig.advance(ms(5));
        match end {
            End::Well => status.set_finished().unwrap(),
            End::Badly => status.set_exception(boom()).unwrap(),
        }
        assert!(status.is_done());
        assert_eq!(stopped.stops.load(Ordering::Relaxed), stops);
        assert_eq!(stopped.intended.load(Ordering::Relaxed), 0);
    }
}

/// A device that stops in its own time.
struct Slow(Text, Arc<Mutex<Vec<&'static str>>>);

impl OphydObject for Slow {
    fn name(&self) -> &Text {
        &self.0
    }
    fn class_name(&self) -> Text {
        "Slow".into()
    }
    fn as_stoppable(&self) -> Option<&dyn Stoppable> {
        Some(self)
    }
}

impl Stoppable for Slow {
    fn stop<'a>(&'a self, cx: Cx<'a>, _: bool) -> SyncOrAsync<'a, Result<(), DeviceError>> {
        SyncOrAsync::later(async move {
            self.1.lock().unwrap().push("stopping");
            cx.clock().sleep(ms(10)).await;
            self.1.lock().unwrap().push("stopped");
            Ok(())
        })
    }
}

#[test]
fn a_device_that_stops_in_its_own_time_is_stopped_whatever_thread_its_status_fails_on() {
    for elsewhere in [false, true] {
        let rig = Rig::new();
        let said = Arc::default();
        let device = rig.add(Device::new(Slow("slow".into(), Arc::clone(&said))));
        let failing = status(&rig, &device, StatusKind::Device);
        let fails = move || failing.set_exception(boom()).unwrap();
        if elsewhere {
            std::thread::spawn(fails).join().unwrap();
        } else {
            rig.clock.block_on(async { fails() }).unwrap();
        }
        rig.clock.block_on(rig.clock.sleep(ms(20))).unwrap();
        assert_eq!(*said.lock().unwrap(), ["stopping", "stopped"], "elsewhere: {elsewhere}");
    }
}
