//! A status ends once, tells all who ask, and leaves the span that ophyd's leaves.

#![expect(clippy::unwrap_used, reason = "a test's helper may fail the test")]

mod printed;
mod readings;
mod stopping;
mod watching;

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use skyspan::device::{Cx, Device, DeviceError, Status, StatusKind};
use skyspan::expect::{none, one, span};
use skyspan::hardware::{Signal, SynAxis};
use skyspan::harness::Harness;
use skyspan::plan::plan;
use skyspan::trace::{SpanRef, Status as SpanStatus, Trace};
use skyspan::value::{Map, Value};

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

#[test]
fn statuses_without_a_tracer_work_all_the_same() {
    let (rig, motor, _) = lab();
    let shared = Arc::new(skyspan::device::CallEnvironment::new(
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
