//! A status may be of readings: done when they are as wanted, or have been for a while.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use skyspan::device::{Device, OphydObject, Readings, Status, StatusKind};
use skyspan::expect::{Expectation as _, none, one, span};
use skyspan::hardware::Signal;
use skyspan::value::Text;

use super::ms;
use crate::rig::Rig;

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

/// A device that has a name and nothing else.
struct Unreadable(Text);

impl OphydObject for Unreadable {
    fn name(&self) -> &Text {
        &self.0
    }

    fn class_name(&self) -> Text {
        Text::literal("Unreadable")
    }
}

#[test]
fn a_device_without_subscriptions_cannot_be_watched_for_a_reading() {
    let rig = Rig::new();
    let device = Device::new(Unreadable("d".into()));
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
