//! A status ends once, tells all who ask, and leaves the span that ophyd's leaves.

#![expect(clippy::unwrap_used, reason = "a test's helper may fail the test")]

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use skyspan::device::{
    Cx, Device, DeviceError, OphydObject, Progress, Readings, Status, StatusBuilder, StatusKind, Stoppable, SyncOrAsync,
};
use skyspan::expect::{Expectation as _, none, one, span};
use skyspan::hardware::{Signal, SynAxis};
use skyspan::harness::Harness;
use skyspan::plan::plan;
use skyspan::trace::{SpanRef, Status as SpanStatus, Trace};
use skyspan::value::{Map, Text, Value};

use crate::rig::{Rig, elapsed_ns};

pub(crate) fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

pub(crate) fn boom() -> DeviceError {
    DeviceError::other("RuntimeError", "boom")
}

/// A rig with a motor at 0 and a signal at 1.
pub(crate) fn lab() -> (Rig, Device, Device) {
    let rig = Rig::new();
    let (motor, sig) = (rig.add(SynAxis::new("motor")), rig.add(Signal::new("sig", 1)));
    (rig, motor, sig)
}

pub(crate) fn status(rig: &Rig, device: &Device, kind: StatusKind) -> Status {
    Status::new(rig.cx(device), kind)
}

/// The one status span that has ended.
pub(crate) fn only_span(trace: &Trace) -> SpanRef<'_> {
    let mut spans = trace.named("Ophyd Status").filter(|span| span.end().is_some());
    let span = spans.next().unwrap();
    assert_eq!(spans.count(), 0);
    span
}

/// How a status ends in the checks below.
pub(crate) enum End {
    Well,
    Badly,
}

#[test]
fn a_status_prints_as_in_ophyd() {
    let (rig, motor, sig) = lab();
    let of = |device: &Device, kind| status(&rig, device, kind);
    check(of(&motor, StatusKind::Device), "DeviceStatus(device=motor, done={}, success={})");
    check(of(&motor, StatusKind::Subscription), "SubscriptionStatus(device=motor, done={}, success={})");
    check(of(&sig, StatusKind::StableSubscription), "StableSubscriptionStatus(device=sig, done={}, success={})");
    check(
        of(&sig, StatusKind::Object),
        "Status(obj=Signal(name='sig', value=1, timestamp=1000.0), done={}, success={})",
    );
    check(of(&motor, StatusKind::to(1)), "MoveStatus(done={}, pos=motor, elapsed=0.0, success={}, settle_time=0.0)");
    // Python's str of two at once does not say of what, its repr does.
    let both = of(&motor, StatusKind::Device) & of(&motor, StatusKind::Base);
    assert_eq!(
        (both.to_string().as_str(), &*both.repr()),
        (
            "AndStatus(done=False, success=False)",
            "(DeviceStatus(device=motor, done=False, success=False) & <ophyd.status.StatusBase object>)"
        )
    );

    #[track_caller]
    fn check(status: Status, pattern: &str) {
        let shown = |done, success| pattern.replacen("{}", done, 1).replacen("{}", success, 1);
        assert_eq!(status.to_string(), shown("False", "False"));
        status.set_finished().unwrap();
        assert_eq!((status.to_string(), format!("{status:?}")), (shown("True", "True"), shown("True", "True")));
        assert_eq!(*status.repr(), *shown("True", "True"));
    }
}

#[test]
fn a_move_prints_how_long_it_took() {
    let rig = Rig::new();
    let motor = rig.add(SynAxis::new("motor").delay_s(1.26));
    let moved = rig.set(&motor, 1).unwrap();
    rig.advance(ms(500));
    assert_eq!((moved.elapsed(), moved.to_string().contains("elapsed=0.5")), (ms(500), true));
    rig.advance(ms(5000));
    let expected = "MoveStatus(done=True, pos=motor, elapsed=1.3, success=True, settle_time=0.0)";
    assert_eq!((moved.elapsed(), moved.to_string().as_str()), (ms(1260), expected));
}

#[test]
fn a_status_says_how_it_stands() {
    let (rig, motor, _) = lab();
    let status = status(&rig, &motor, StatusKind::Base);
    let stands = |status: &Status| (status.is_done(), status.is_success(), status.exception());
    assert_eq!(stands(&status), (false, false, None));
    status.set_finished().unwrap();
    assert_eq!(stands(&status), (true, true, None));
    let failed = self::status(&rig, &motor, StatusKind::Base);
    failed.set_exception(boom()).unwrap();
    assert_eq!(stands(&failed), (true, false, Some(boom())));
    assert_ne!(status, failed);
    assert_eq!(status, status.clone());
    assert_eq!(status.device(), &motor);
}

#[test]
fn a_callback_is_called_once_whenever_it_is_added() {
    let (rig, motor, _) = lab();
    for good in [true, false] {
        let status = status(&rig, &motor, StatusKind::Base);
        let calls: Arc<Mutex<Vec<&str>>> = Arc::default();
        let add = |name| {
            let calls = Arc::clone(&calls);
            status.add_callback(move |status| {
                assert_eq!((status.is_done(), status.is_success()), (true, good));
                calls.lock().unwrap().push(name);
            });
        };
        add("first");
        // A callback that adds another one finds the status done.
        let nested = Arc::clone(&calls);
        status.add_callback(move |status| status.add_callback(move |_| nested.lock().unwrap().push("nested")));
        add("second");
        assert!(calls.lock().unwrap().is_empty());
        let _ = if good { status.set_finished().map_err(|_| boom()) } else { status.set_exception(boom()) };
        assert_eq!(*calls.lock().unwrap(), ["first", "nested", "second"]);
        add("late");
        assert!(status.set_finished().is_err());
        assert_eq!(*calls.lock().unwrap(), ["first", "nested", "second", "late"]);
    }
}

#[test]
fn a_status_ends_once() {
    let (rig, motor, _) = lab();
    let make = || status(&rig, &motor, StatusKind::Device);
    let message =
        |status: &str| format!("either set_finished() or set_exception() has already been called on {status}");
    let status = make();
    status.set_finished().unwrap();
    let good = message("DeviceStatus(device=motor, done=True, success=True)");
    assert_eq!(status.set_finished().unwrap_err().to_string(), good);
    assert_eq!(status.set_exception(boom()), Err(DeviceError::InvalidState(good.into())));
    assert!(status.is_success());

    let status = make();
    status.set_exception(boom()).unwrap();
    let bad = message("DeviceStatus(device=motor, done=True, success=False)");
    assert_eq!(status.set_finished().unwrap_err().to_string(), bad);
    assert_eq!(status.set_exception(DeviceError::value("other")).unwrap_err().name(), "InvalidState");
    assert_eq!(status.exception(), Some(boom()));

    // Also while it settles.
    let status = Status::builder(rig.cx(&motor), StatusKind::Device).settle_time(ms(5)).build();
    status.set_finished().unwrap();
    assert_eq!(status.set_exception(boom()).unwrap_err().name(), "InvalidState");
    rig.advance(ms(5));
    assert!(status.is_success());
}

#[test]
fn the_errors_that_stand_for_a_timeout_cannot_be_set() {
    let (rig, motor, _) = lab();
    for error in [DeviceError::StatusTimeout("x".into()), DeviceError::WaitTimeout("x".into())] {
        let status = status(&rig, &motor, StatusKind::Base);
        let refused = status.set_exception(error.clone()).unwrap_err();
        assert_eq!(refused.name(), "ValueError");
        assert!(refused.to_string().starts_with(&*error.name()), "{refused}");
        assert!(!status.is_done());
        assert_eq!(status.set_finished(), Ok(()), "it may still end");
    }
}

#[test]
fn a_status_that_takes_too_long_fails_and_its_span_ends() {
    let (rig, motor, _) = lab();
    let status = Status::builder(rig.cx(&motor), StatusKind::Device).timeout(ms(100)).build();
    rig.advance(Duration::from_nanos(99_999_999));
    assert!(!status.is_done());
    rig.advance(Duration::from_nanos(1));
    let message =
        "Status DeviceStatus(device=motor, done=False, success=False) failed to complete in specified timeout.";
    assert_eq!(status.exception(), Some(DeviceError::StatusTimeout(message.into())));
    let trace = rig.capture.trace();
    let timed_out = span("Ophyd Status").lasting(ms(100)..=ms(100)).attr("exception", message);
    trace.assert(one(timed_out.status(SpanStatus::Unset)));

    // What comes too late is ignored, but may come only once.
    assert_eq!(status.set_finished(), Ok(()));
    assert!(!status.is_success());
    assert_eq!(status.set_exception(boom()).unwrap_err().name(), "InvalidState");
    assert_eq!(status.exception().unwrap().name(), "StatusTimeoutError");
}

#[test]
fn a_status_that_ends_in_time_does_not_time_out() {
    let (rig, motor, _) = lab();
    let status = Status::builder(rig.cx(&motor), StatusKind::Base).timeout(ms(100)).build();
    rig.advance(ms(99));
    status.set_finished().unwrap();
    rig.advance(ms(1000));
    assert!(status.is_success());
}

#[test]
fn a_status_is_done_when_it_has_settled_and_its_span_ends_before() {
    // From its good end on; the timeout of ophyd's status is for both together.
    check(None, 30, 230, None);
    check(Some(50), 40, 240, None);
    check(Some(50), 50, 250, None);
    check(Some(50), 51, 250, Some("StatusTimeoutError"));
    check(Some(50), 200, 250, Some("StatusTimeoutError"));
    check(Some(50), 1000, 250, Some("StatusTimeoutError"));

    #[track_caller]
    fn check(timeout_ms: Option<u64>, finished_ms: u64, done_ms: u64, error: Option<&str>) {
        let (rig, motor, _) = lab();
        let builder = Status::builder(rig.cx(&motor), StatusKind::to(1)).settle_time(ms(200));
        let status = match timeout_ms {
            Some(timeout_ms) => builder.timeout(ms(timeout_ms)).build(),
            None => builder.build(),
        };
        let done_at = Arc::new(Mutex::new(Vec::new()));
        let (times, clock) = (Arc::clone(&done_at), rig.clock.clone());
        status.add_callback(move |_| times.lock().unwrap().push(elapsed_ns(clock.now()) / 1_000_000));
        rig.advance(ms(finished_ms));
        assert_eq!(status.is_done(), finished_ms > done_ms);
        status.set_finished().unwrap();
        rig.advance(ms(5000));
        assert_eq!(*done_at.lock().unwrap(), [done_ms]);
        assert_eq!(status.exception().map(|error| error.name()).as_deref(), error);
        let span_ms = finished_ms.min(done_ms);
        assert_eq!(only_span(&rig.capture.trace()).duration(), Some(ms(span_ms)));
    }
}

#[test]
fn a_failure_does_not_settle() {
    let (rig, motor, _) = lab();
    let status = Status::builder(rig.cx(&motor), StatusKind::Base).settle_time(ms(200)).build();
    status.set_exception(boom()).unwrap();
    assert_eq!((status.is_done(), rig.elapsed_ns()), (true, 0));
}

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

/// What a status tells its watchers.
fn watch(status: &Status) -> Arc<Mutex<Vec<Progress>>> {
    let seen: Arc<Mutex<Vec<Progress>>> = Arc::default();
    let progress = Arc::clone(&seen);
    status.watch(move |now| progress.lock().unwrap().push(now.clone()));
    seen
}

#[test]
fn those_who_watch_a_move_are_told_which_part_of_the_way_is_left() {
    // Positions and fractions as ophyd gives them; at the end comes a fraction of 0 without a position.
    let end = (None, Some(0.0), 200);
    check(
        1,
        3,
        &[
            (Some(1.5), Some(0.75), 50),
            (Some(2.0), Some(0.5), 100),
            (Some(2.5), Some(0.25), 150),
            (Some(3.0), Some(0.0), 200),
            end,
        ],
    );
    let there = |ms| (Some(3.0), None, ms);
    check(3, 3, &[there(50), there(100), there(150), there(200), end]);

    #[track_caller]
    fn check(from: i64, to: i64, expected: &[(Option<f64>, Option<f64>, u64)]) {
        let rig = Rig::new();
        let axis = SynAxis::new("m").value(from).delay_s(0.2).events_per_move(4).precision(5).egu("deg");
        let axis = rig.add(axis);
        let status = rig.set(&axis, to).unwrap();
        let seen = watch(&status);
        rig.block_on(status.done());
        let late = watch(&status);
        let seen = seen.lock().unwrap();
        let of =
            |p: &Progress| (p.current.as_ref().and_then(Value::as_f64), p.fraction, p.time_elapsed.as_millis() as u64);
        assert_eq!(seen.iter().map(of).collect::<Vec<_>>(), expected);
        for progress in &*seen {
            assert_eq!((&*progress.name, progress.unit.as_deref(), progress.precision), ("m", Some("deg"), Some(5)));
            assert_eq!((&progress.initial, &progress.target), (&Some(from.into()), &Some(to.into())));
        }
        assert!(late.lock().unwrap().is_empty(), "nothing more comes");
    }
}

#[test]
fn those_who_watch_another_status_are_told_of_its_device_and_its_end() {
    let (rig, motor, _) = lab();
    let status = status(&rig, &motor, StatusKind::Device);
    let seen = watch(&status);
    rig.advance(ms(7));
    status.set_exception(boom()).unwrap();
    let late = watch(&status);
    let of = |seen: &Mutex<Vec<Progress>>| {
        let seen = seen.lock().unwrap();
        seen.iter().map(|p| (p.name.to_string(), p.current.is_some(), p.fraction)).collect::<Vec<_>>()
    };
    assert_eq!(of(&seen), [("motor".into(), false, None), ("motor".into(), false, Some(0.0))]);
    assert_eq!(of(&late), [("motor".into(), false, None)]);
}

#[test]
fn two_at_once_are_done_when_both_are_and_fail_with_the_first_that_fails() {
    // What becomes of left and right, in that order, and whether both are done after each.
    check(&[("left", true, false), ("right", true, true)], None);
    check(&[("right", true, false), ("left", true, true)], None);
    check(&[("left", false, true), ("right", true, true)], Some("UnknownStatusFailure"));
    check(&[("right", false, true), ("left", false, true)], Some("UnknownStatusFailure"));
    check(&[("right", true, false), ("left", false, true)], Some("UnknownStatusFailure"));

    #[track_caller]
    fn check(ends: &[(&str, bool, bool)], error: Option<&str>) {
        let (rig, motor, sig) = lab();
        let (left, right) = (status(&rig, &motor, StatusKind::Device), status(&rig, &sig, StatusKind::Base));
        let both = left.clone() & right.clone();
        let calls = Arc::new(AtomicU32::new(0));
        let count = Arc::clone(&calls);
        both.add_callback(move |_| _ = count.fetch_add(1, Ordering::Relaxed));
        for (side, good, done) in ends {
            let side = if *side == "left" { &left } else { &right };
            match good {
                true => side.set_finished().unwrap(),
                false => side.set_exception(boom()).unwrap(),
            }
            assert_eq!(both.is_done(), *done);
        }
        assert_eq!(both.exception().map(|error| error.name()).as_deref(), error);
        assert_eq!((both.is_success(), calls.load(Ordering::Relaxed)), (error.is_none(), 1));
    }
}

#[test]
fn two_that_are_done_already_are_done_at_once() {
    let (rig, motor, _) = lab();
    let [left, right] = [0, 1].map(|_| Status::null(rig.cx(&motor)));
    assert!((left.clone() & right.clone()).is_success());
    let open = status(&rig, &motor, StatusKind::Base);
    let three = left & right & open.clone();
    assert!(!three.is_done());
    open.set_finished().unwrap();
    assert!(three.is_success());
    let same = status(&rig, &motor, StatusKind::Base);
    let twice = same.clone() & same.clone();
    same.set_finished().unwrap();
    assert!(twice.is_success(), "also with itself");
}

fn is_positive(readings: &Readings) -> bool {
    readings.iter().all(|(_, reading)| reading.value.as_f64().is_some_and(|value| value > 0.0))
}

#[test]
fn a_status_of_readings_is_done_as_soon_as_they_are_as_wanted() {
    let rig = Rig::new();
    let sig = rig.add(Signal::new("sig", 0));
    let looked = Arc::new(AtomicU32::new(0));
    let count = Arc::clone(&looked);
    let status = Status::when(rig.cx(&sig), move |readings| {
        count.fetch_add(1, Ordering::Relaxed);
        is_positive(readings)
    });
    let status = status.unwrap();
    for (value, done) in [(-1, false), (0, false), (3, true), (-3, true)] {
        rig.advance(ms(10));
        rig.set(&sig, value).unwrap();
        assert_eq!(status.is_done(), done, "{value}");
    }
    assert!(status.is_success());
    assert_eq!(looked.load(Ordering::Relaxed), 3, "at each change, and no more after the end");
    let trace = rig.capture.trace();
    trace.assert(one(span("Ophyd Status").attr("status_type", "SubscriptionStatus").lasting(ms(30)..=ms(30))));

    assert!(!Status::when(rig.cx(&sig), is_positive).unwrap().is_done());
    rig.set(&sig, 1).unwrap();
    assert!(Status::when(rig.cx(&sig), is_positive).unwrap().is_success(), "at once");
}

#[test]
fn a_status_of_readings_may_time_out_and_then_looks_no_more() {
    let rig = Rig::new();
    let sig = rig.add(Signal::new("sig", 0));
    let looked = Arc::new(AtomicU32::new(0));
    let count = Arc::clone(&looked);
    let builder = Status::builder(rig.cx(&sig), StatusKind::Subscription).timeout(ms(10));
    let status = builder.when(move |readings| {
        count.fetch_add(1, Ordering::Relaxed);
        is_positive(readings)
    });
    let status = status.unwrap();
    rig.advance(ms(10));
    assert_eq!(status.exception().map(|error| error.name()).as_deref(), Some("StatusTimeoutError"));
    rig.set(&sig, 1).unwrap();
    assert_eq!((looked.load(Ordering::Relaxed), status.is_success()), (0, false));
}

#[test]
fn a_device_without_subscriptions_cannot_be_watched_for_a_reading() {
    let rig = Rig::new();
    let device = Device::new(Stopped { name: "d".into(), stops: 0.into(), intended: 0.into() });
    for status in [Status::when(rig.cx(&device), is_positive), Status::when_stable(rig.cx(&device), ms(1), is_positive)]
    {
        assert_eq!(status.unwrap_err().name(), "AttributeError");
    }
    rig.capture.trace().assert(none(span("Ophyd Status")).because("no status was made"));
}

#[test]
fn readings_that_flap_are_stable_only_after_their_last_break() {
    // The values at their milliseconds, how long they must be as wanted, and when the status is done.
    check(&[(10, 1)], 50, Some(60));
    check(&[(10, 1), (30, 2), (55, 3)], 50, Some(60));
    check(&[(10, 1), (40, 0), (70, 1)], 50, Some(120));
    check(&[(10, 1), (40, 0), (41, 1), (90, -1), (100, 5)], 50, Some(150));
    check(&[(10, 1), (60, 0)], 50, Some(60));
    check(&[(10, 1), (59, 0)], 50, None);
    check(&[(10, 1), (20, 0), (30, 1)], 0, Some(10));
    check(&[], 50, None);

    #[track_caller]
    fn check(changes: &[(u64, i64)], stable_ms: u64, done_ms: Option<u64>) {
        let rig = Rig::new();
        let sig = rig.add(Signal::new("sig", 0));
        let status = Status::when_stable(rig.cx(&sig), ms(stable_ms), is_positive).unwrap();
        for (at, value) in changes {
            rig.advance(ms(*at - rig.elapsed_ns() / 1_000_000));
            rig.set(&sig, *value).unwrap();
        }
        rig.advance(ms(1000));
        assert_eq!(status.is_success(), done_ms.is_some());
        let trace = rig.capture.trace();
        let stable = span("Ophyd Status").attr("status_type", "StableSubscriptionStatus");
        // An open span does not say yet whose it is.
        trace.assert(match done_ms.map(ms) {
            Some(done) => one(stable.lasting(done..=done)),
            None => none(stable),
        });
    }
}

#[test]
fn statuses_without_a_tracer_work_all_the_same() {
    let (rig, motor, _) = lab();
    let shared = Arc::new(skyspan::device::Circumstances::new(
        rig.clock.clone(),
        skyspan::clock::Tracer::off(),
        skyspan::seed::Seed::new(0),
    ));
    let no_parent = opentelemetry::Context::new();
    let cx = Cx::new(&shared, &motor, &no_parent);
    let status = Status::builder(cx, StatusKind::to(1)).timeout(ms(10)).build();
    let written: Map = status.attributes().into_iter().collect();
    assert_eq!(written.get("status_type"), Some(&"MoveStatus".into()), "the attributes are there for who asks");
    rig.advance(ms(10));
    assert_eq!(status.exception().map(|error| error.name()).as_deref(), Some("StatusTimeoutError"));
    rig.capture.trace().assert(none(span("Ophyd Status")));
}

#[test]
fn how_long_a_status_took_stands_once_it_is_done_whatever_its_kind() {
    let lab = Harness::new();
    let (det, motor) = (lab.device("det"), lab.device("motor"));
    let run = lab.run(plan(async move |p| {
        let statuses = [p.trigger(&det, "g").await?, p.abs_set_in(&motor, 1, "g").await?];
        p.wait("g").await?;
        p.sleep(5.0).await?;
        Ok(statuses.into_iter().flatten().map(|status| status.elapsed().as_secs_f64()).collect::<Value>())
    }));
    assert_eq!(run.plan_result(), Some(&[0.0, 0.0].as_slice().into()));
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

#[test]
fn a_watcher_that_ends_its_move_hears_of_the_end_and_is_let_go() {
    let (rig, motor, _) = lab();
    let move_to = status(&rig, &motor, StatusKind::Move { target: 10.into() });
    let told = Arc::new(Mutex::new(Vec::new()));
    let (ended, heard) = (move_to.clone(), Arc::clone(&told));
    let alive = Arc::new(());
    let kept = Arc::downgrade(&alive);
    move_to.watch(move |progress| {
        let _ = &alive;
        heard.lock().unwrap().push((progress.current.clone(), progress.fraction));
        let _ = ended.set_finished();
    });
    move_to.report_position(&5.into());
    assert!(move_to.is_done());
    assert_eq!(*told.lock().unwrap(), [(Some(5.into()), Some(0.5)), (None, Some(0.0))]);
    assert!(!move_to.is_watched());
    assert!(kept.upgrade().is_none(), "a status that is done keeps no watcher");
    move_to.report_position(&6.into());
    assert_eq!(told.lock().unwrap().len(), 2);
}
