//! What devices panic with where nobody who called them can be told: in timers, in what is called back, and where they are
//! asked about themselves. It is an error of the run, which ends as every other.

#![expect(clippy::unwrap_used, reason = "a test's helper may fail the test")]

use std::sync::{Arc, Mutex};

use skyspan::device::{
    Args, Callback, Cx, DeviceError, Locatable, Location, Movable, OphydObject, Pausable, Readable, Status, StatusKind,
    Stoppable, Subscribable, SubscriptionId, SyncOrAsync, Triggerable,
};
use skyspan::prelude::*;

use crate::rogue::{is_as_good_as_before, names};

/// A device that panics where it is asked about itself, once it is told to.
#[derive(Clone)]
struct Moody {
    inner: Device,
    panics_in: Arc<Mutex<&'static str>>,
    name: Text,
}

impl Moody {
    fn in_lab(lab: &Harness) -> (Device, Arc<Mutex<&'static str>>) {
        let panics_in = Arc::default();
        let inner = Signal::new("moody", 1).into();
        let device = lab.add(Device::new(Self { inner, panics_in: Arc::clone(&panics_in), name: "moody".into() }));
        (device, panics_in)
    }

    fn asked(&self, what: &str) {
        let panics_in = *self.panics_in.lock().unwrap();
        assert_ne!(panics_in, what, "do not ask");
    }
}

impl OphydObject for Moody {
    fn name(&self) -> &Text {
        self.asked("name");
        &self.name
    }
    fn class_name(&self) -> Text {
        self.asked("class_name");
        "Moody".into()
    }
    fn repr(&self) -> Text {
        self.asked("repr");
        format!("{}()", self.class_name()).into()
    }
    fn is_rewindable(&self) -> bool {
        self.asked("is_rewindable");
        true
    }
    fn as_readable(&self) -> Option<&dyn Readable> {
        self.inner.object().as_readable()
    }
    fn as_movable(&self) -> Option<&dyn Movable> {
        Some(self)
    }
    fn as_triggerable(&self) -> Option<&dyn Triggerable> {
        self.asked("as_triggerable");
        Some(self)
    }
    fn as_locatable(&self) -> Option<&dyn Locatable> {
        self.asked("as_locatable");
        Some(self)
    }
    fn as_pausable(&self) -> Option<&dyn Pausable> {
        self.asked("as_pausable");
        Some(self)
    }
    fn as_stoppable(&self) -> Option<&dyn Stoppable> {
        self.asked("as_stoppable");
        Some(self)
    }
    fn as_subscribable(&self) -> Option<&dyn Subscribable> {
        self.asked("as_subscribable");
        Some(self)
    }
}

impl Movable for Moody {
    fn set(&self, cx: Cx<'_>, _: &Args) -> Result<Status, DeviceError> {
        let status = Status::new(cx, StatusKind::Device);
        let _ = status.set_finished();
        Ok(status)
    }
}

impl Triggerable for Moody {
    fn trigger(&self, cx: Cx<'_>) -> Result<Status, DeviceError> {
        self.set(cx, &Args::default())
    }
}

impl Locatable for Moody {
    fn locate<'a>(&'a self, _: Cx<'a>) -> SyncOrAsync<'a, Result<Location, DeviceError>> {
        Ok(Location { setpoint: 1.into(), readback: 1.into() }).into()
    }
}

impl Stoppable for Moody {
    fn stop<'a>(&'a self, _: Cx<'a>, _: bool) -> SyncOrAsync<'a, Result<(), DeviceError>> {
        Ok(()).into()
    }
}

impl Pausable for Moody {
    fn pause<'a>(&'a self, _: Cx<'a>) -> SyncOrAsync<'a, Result<(), DeviceError>> {
        Ok(()).into()
    }
    fn resume<'a>(&'a self, _: Cx<'a>) -> SyncOrAsync<'a, Result<(), DeviceError>> {
        Ok(()).into()
    }
}

impl Subscribable for Moody {
    fn subscribe(&self, callback: Callback) -> SubscriptionId {
        self.inner.subscribable().unwrap().subscribe(callback)
    }
    fn clear_sub(&self, id: SubscriptionId) {
        self.inner.subscribable().unwrap().clear_sub(id);
    }
}

/// A run that asks a device everything: what it is monitored, moved, triggered, read and located by.
fn asks_everything(moody: &Device, panics_in: &Arc<Mutex<&'static str>>, method: &'static str) -> Plan {
    let (moody, panics_in) = (moody.clone(), Arc::clone(panics_in));
    plan(async move |p| {
        let body = async {
            p.checkpoint().await?;
            p.monitor(&moody, "beam").await?;
            *panics_in.lock().unwrap() = method;
            p.mv(&moody, 1).await?;
            p.rd(&moody).await?;
            p.trigger_and_read([&moody], "primary").await.map(drop)
        };
        p.in_run(Map::new(), body).await
    })
}

#[test]
fn a_device_that_panics_where_it_is_asked_about_itself_fails_the_run_or_its_clean_up() {
    let methods = ["repr", "class_name", "is_rewindable", "as_triggerable", "as_locatable", "as_pausable"];
    for method in methods {
        let lab = Harness::new();
        let (moody, panics_in) = Moody::in_lab(&lab);
        let run = lab.run(asks_everything(&moody, &panics_in, method));
        assert_eq!(names(&run).matches("stop").count(), 1, "{method}: {}", names(&run));
        let error = run.exception().unwrap_or_else(|| panic!("{method}: no error"));
        assert_eq!((run.exit_status(), &*error.name()), (Fail, "Panic"), "{method}: {error}");
        assert!(error.to_string().contains("do not ask"), "{method}: {error}");
        *panics_in.lock().unwrap() = "";
        is_as_good_as_before(&lab);
    }
    for method in ["as_stoppable", "as_subscribable"] {
        let lab = Harness::new();
        let (moody, panics_in) = Moody::in_lab(&lab);
        let run = lab.run(asks_everything(&moody, &panics_in, method));
        assert_eq!(names(&run).matches("stop").count(), 1, "{method}: {}", names(&run));
        assert_eq!(run.state(), RunEngineState::Idle, "{method}");
        *panics_in.lock().unwrap() = "";
        is_as_good_as_before(&lab);
    }
}

#[test]
fn a_device_whose_name_panics_fails_the_run() {
    let lab = Harness::new();
    let (moody, panics_in) = Moody::in_lab(&lab);
    let (device, told) = (moody, Arc::clone(&panics_in));
    let run = lab.run(plan(async move |p| {
        let body = async {
            *told.lock().unwrap() = "name";
            p.trigger_and_read([&device], "primary").await.map(drop)
        };
        p.in_run(Map::new(), body).await
    }));
    assert_eq!((names(&run).as_str(), run.exit_status()), ("start stop", Fail));
    assert_eq!(run.exception().map(PlanError::name).as_deref(), Some("Panic"));
    *panics_in.lock().unwrap() = "";
    is_as_good_as_before(&lab);
}

#[test]
fn a_device_that_cannot_say_whether_it_stops_keeps_no_other_from_being_stopped() {
    let lab = Harness::new();
    let (moody, panics_in) = Moody::in_lab(&lab);
    let stage = lab.add(SimMotor::new("stage"));
    let calls = stage.record_calls();
    let run = lab.run(plan(async move |p| {
        p.mv(&moody, 1).await?;
        p.abs_set(&stage, 100).await?;
        *panics_in.lock().unwrap() = "as_stoppable";
        Err::<(), _>(plan_error!("enough"))
    }));
    assert_eq!(calls.count(Method::Stop), 1);
    let errors = &run.result().cleanup_errors;
    assert!(errors.iter().any(|error| error.contains("Failed to stop") && error.contains("do not ask")), "{errors:?}");
}

/// A device whose moves are `make`'s.
struct Timed(Text, fn(Cx<'_>) -> Status);

impl OphydObject for Timed {
    fn name(&self) -> &Text {
        &self.0
    }
    fn class_name(&self) -> Text {
        "Timed".into()
    }
    fn as_movable(&self) -> Option<&dyn Movable> {
        Some(self)
    }
}

impl Movable for Timed {
    fn set(&self, cx: Cx<'_>, _: &Args) -> Result<Status, DeviceError> {
        Ok((self.1)(cx))
    }
}

fn panics_in_a_timer(cx: Cx<'_>) -> Status {
    let status = Status::new(cx, StatusKind::Device);
    let kept = status.clone();
    let _ = cx.clock().call_after(secs(1.0), move || {
        assert!(kept.is_done(), "the encoder is gone");
    });
    status
}

fn panics_in_a_callback(cx: Cx<'_>) -> Status {
    let status = Status::new(cx, StatusKind::Device);
    status.add_callback(|status| assert!(!status.is_done(), "nobody may hear of it"));
    let ended = status.clone();
    let _ = cx.clock().call_after(secs(1.0), move || {
        let _ = ended.set_finished();
    });
    status
}

#[test]
fn what_a_device_panics_with_in_a_timer_is_thrown_at_the_plan() {
    let lab = Harness::new();
    let timed = lab.add(Device::new(Timed("timed".into(), panics_in_a_timer)));
    let tidied = Arc::new(Mutex::new(false));
    let (device, told) = (timed, Arc::clone(&tidied));
    let moves = plan(async move |p| p.in_run(Map::new(), p.mv(&device, 1)).await);
    let run = lab.run(preprocessors::finalize_wrapper(
        moves,
        plan(async move |p| {
            *told.lock().unwrap() = true;
            p.null().await
        }),
    ));
    assert_eq!((run.exit_status(), run.duration()), (Fail, secs(1.0)));
    assert_eq!(
        run.exception().map(ToString::to_string).as_deref(),
        Some("a timer of a device panicked: the encoder is gone")
    );
    assert_eq!(names(&run), "start stop");
    assert!(*tidied.lock().unwrap(), "the plan has cleaned up");
    is_as_good_as_before(&lab);
}

#[test]
fn what_is_called_back_and_panics_is_thrown_at_the_plan_and_keeps_nobody_else_from_hearing() {
    let lab = Harness::new();
    let timed = lab.add(Device::new(Timed("timed".into(), panics_in_a_callback)));
    let run = lab.run(plan(async move |p| p.mv(&timed, 1).await));
    assert_eq!((run.exit_status(), run.duration()), (Fail, secs(1.0)));
    let error = run.exception().map(ToString::to_string).unwrap_or_default();
    assert!(error.starts_with("a callback of ") && error.ends_with("nobody may hear of it"), "{error}");
    run.assert(exactly(1, span("Ophyd Status")));
    is_as_good_as_before(&lab);
}

#[test]
fn a_panic_between_two_calls_is_an_error_of_the_next() {
    let lab = Harness::new();
    let timed = lab.add(Device::new(Timed("timed".into(), panics_in_a_timer)));
    lab.run(plan(async move |p| p.abs_set(&timed, 1).await.map(drop))).assert_success();
    lab.clock().block_on(lab.clock().sleep(secs(2.0))).unwrap();
    let run = lab.run(plan(async |p| p.sleep(1.0).await));
    assert_eq!(run.exception().map(PlanError::name).as_deref(), Some("Panic"));
    is_as_good_as_before(&lab);
}

#[test]
fn a_panic_of_what_was_scheduled_goes_to_the_test() {
    let lab = Harness::new();
    lab.at(ms(50)).call(|| assert!(lab_is_broken(), "on purpose"));
    let ran = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| lab.run(plan(async |p| p.sleep(1.0).await))));
    assert!(ran.is_err());
    is_as_good_as_before(&lab);
}

fn lab_is_broken() -> bool {
    std::hint::black_box(false)
}
