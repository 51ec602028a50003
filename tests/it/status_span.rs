//! The span of a status has the attributes of ophyd's, in its order, and its parent is the span of the call.

#![expect(clippy::unwrap_used, reason = "a test's helper may fail the test")]

use std::time::Duration;

use skyspan::device::{Device, DeviceError, Status, StatusKind};
use skyspan::expect::{SpanExpectation, all, event, every, exactly, glob, one, span};
use skyspan::hardware::SynAxis;
use skyspan::trace::{SpanKind, Status as SpanStatus};

use crate::rig::{Rig, attributes};
use crate::status::{End, boom, lab, ms, only_span, status};

const MOTOR: &str = "SynAxis(prefix='', name='motor', read_attrs=['readback', 'setpoint'], \
                     configuration_attrs=['velocity', 'acceleration'])";

/// Makes a status, ends it 20 ms later, and holds the attributes of its span against those of ophyd.
#[track_caller]
fn check_span(
    of: impl for<'a> FnOnce(&'a Device, &'a Device) -> (&'a Device, StatusKind),
    (timeout, settle_time): (Option<Duration>, Duration),
    end: End,
    expected: &str,
) {
    let (rig, motor, sig) = lab();
    let (device, kind) = of(&motor, &sig);
    let mut builder = Status::builder(rig.cx(device), kind).settle_time(settle_time);
    if let Some(timeout) = timeout {
        builder = builder.timeout(timeout);
    }
    let status = builder.build();
    rig.advance(ms(20));
    match end {
        End::Well => status.set_finished().unwrap(),
        End::Badly => status.set_exception(boom()).unwrap(),
    }
    let trace = rig.capture.trace();
    let span = only_span(&trace);
    let expected: String = expected.replace("MOTOR", MOTOR);
    assert_eq!(attributes(span), expected.trim_start().replace("\n    ", "\n"));
    let of_the_call = called("Ophyd Status").scope("ophyd.status").kind(SpanKind::Internal);
    trace.assert(one(of_the_call
        .starting(..=ms(0))
        .lasting(ms(20)..=ms(20))
        .status(SpanStatus::Unset)
        .events([])
        .links([])));
}

/// A span of what was called, which has ended.
fn called(name: &'static str) -> SpanExpectation {
    span(name).parent(span("caller").is_root()).ended()
}

/// Neither a timeout nor a settle time.
const PLAIN: (Option<Duration>, Duration) = (None, Duration::ZERO);

#[test]
fn a_bare_status_leaves_the_span_of_ophyd() {
    // ophyd prints an address after `object`, which is different each time.
    let expected = r#"
    status_type: "StatusBase"
    settle_time: 0
    no_timeout_given: true
    object_repr: "<ophyd.status.StatusBase object>"
"#;
    check_span(|motor, _| (motor, StatusKind::Base), PLAIN, End::Well, expected);
    let failed = format!("{expected}    exception: \"boom\"\n");
    check_span(|motor, _| (motor, StatusKind::Base), PLAIN, End::Badly, &failed);
    let options = (Some(ms(5500)), ms(10));
    check_span(
        |_, sig| (sig, StatusKind::Base),
        options,
        End::Well,
        r#"
    status_type: "StatusBase"
    settle_time: 0.01
    timeout: 5.5
    object_repr: "<ophyd.status.StatusBase object>"
"#,
    );
}

#[test]
fn the_status_of_an_object_leaves_the_span_of_ophyd() {
    check_span(
        |_, sig| (sig, StatusKind::Object),
        PLAIN,
        End::Well,
        r#"
    status_type: "Status"
    settle_time: 0
    no_timeout_given: true
    object_repr: "Status(obj=Signal(name='sig', value=1, timestamp=1000.0), done=False, success=False)"
    obj: "Signal(name='sig', value=1, timestamp=1000.0)"
    no_obj_given: false
"#,
    );
}

#[test]
fn the_status_of_a_device_leaves_the_span_of_ophyd() {
    let expected = r#"
    status_type: "DeviceStatus"
    settle_time: 0
    no_timeout_given: true
    object_repr: "DeviceStatus(device=motor, done=False, success=False)"
    device_name: "motor"
    device_type: "SynAxis"
    kwargs: "{}"
"#;
    check_span(|motor, _| (motor, StatusKind::Device), PLAIN, End::Well, expected);
    let failed = format!("{expected}    exception: \"boom\"\n");
    check_span(|motor, _| (motor, StatusKind::Device), PLAIN, End::Badly, &failed);
    let options = (Some(ms(5500)), ms(10));
    check_span(
        |motor, _| (motor, StatusKind::Device),
        options,
        End::Badly,
        r#"
    status_type: "DeviceStatus"
    settle_time: 0.01
    timeout: 5.5
    object_repr: "DeviceStatus(device=motor, done=False, success=False)"
    device_name: "motor"
    device_type: "SynAxis"
    kwargs: "{\"timeout\": 5.5, \"settle_time\": 0.01}"
    exception: "boom"
"#,
    );
}

#[test]
fn the_status_of_a_subscription_leaves_the_span_of_ophyd() {
    // Its settle time is None in ophyd, which OpenTelemetry has no attribute for.
    check_span(
        |_, sig| (sig, StatusKind::Subscription),
        PLAIN,
        End::Well,
        r#"
    status_type: "SubscriptionStatus"
    no_timeout_given: true
    object_repr: "SubscriptionStatus(device=sig, done=False, success=False)"
    device_name: "sig"
    device_type: "Signal"
    kwargs: "{\"timeout\": null, \"settle_time\": null}"
"#,
    );
    check_span(
        |_, sig| (sig, StatusKind::StableSubscription),
        (Some(ms(3500)), ms(0)),
        End::Well,
        r#"
    status_type: "StableSubscriptionStatus"
    timeout: 3.5
    object_repr: "StableSubscriptionStatus(device=sig, done=False, success=False)"
    device_name: "sig"
    device_type: "Signal"
    kwargs: "{\"timeout\": 3.5, \"settle_time\": null}"
"#,
    );
}

#[test]
fn the_status_of_a_move_leaves_the_span_of_ophyd() {
    let base = r#"
    status_type: "MoveStatus"
    settle_time: 0
    no_timeout_given: true
    object_repr: "MoveStatus(done=False, pos=motor, elapsed=0.0, success=False, settle_time=0.0)"
    device_name: "motor"
    device_type: "SynAxis"
    kwargs: "{}"
    target: 2.5
    start_time: 1000.0
    start_pos : 0
    unit: "mm"
    positioner_name: "motor"
    positioner: "MOTOR"
"#;
    let finished = format!("{base}    finish_time: 1000.02\n    finish_pos: 0\n");
    check_span(|motor, _| (motor, StatusKind::to(2.5)), PLAIN, End::Well, &finished);
    let failed = format!("{base}    exception: \"boom\"\n");
    check_span(|motor, _| (motor, StatusKind::to(2.5)), PLAIN, End::Badly, &failed);
    // Where there is a settle time, the span ends before it is known where the move came to.
    let options = (Some(ms(3500)), ms(10));
    let settling = base
        .replace("settle_time: 0\n    no_timeout_given: true", "settle_time: 0.01\n    timeout: 3.5")
        .replace("settle_time=0.0", "settle_time=0.01")
        .replace("kwargs: \"{}\"", r#"kwargs: "{\"timeout\": 3.5, \"settle_time\": 0.01}""#);
    check_span(|motor, _| (motor, StatusKind::to(2.5)), options, End::Well, &settling);
}

#[test]
fn two_statuses_at_once_leave_the_span_of_ophyd() {
    let (rig, motor, sig) = lab();
    let both = status(&rig, &motor, StatusKind::Device) & status(&rig, &sig, StatusKind::Base);
    let StatusKind::And { left, right } = both.kind() else { panic!("{both:?}") };
    left.set_finished().unwrap();
    right.set_exception(boom()).unwrap();
    let trace = rig.capture.trace();
    let span = trace.named("Ophyd Status").find(|span| span.attr("left").is_some()).unwrap();
    let (left, right) = (
        r#"{\"status_type\": \"DeviceStatus\", \"settle_time\": 0, \"no_timeout_given\": true, \"object_repr\": \"DeviceStatus(device=motor, done=False, success=False)\", \"device_name\": \"motor\", \"device_type\": \"SynAxis\", \"kwargs\": \"{}\"}"#,
        r#"{\"status_type\": \"StatusBase\", \"settle_time\": 0, \"no_timeout_given\": true, \"object_repr\": \"<ophyd.status.StatusBase object>\", \"exception\": \"boom\"}"#,
    );
    let repr = "(DeviceStatus(device=motor, done=False, success=False) & <ophyd.status.StatusBase object>)";
    let written = attributes(span);
    let (rest, exception) = written.split_once("exception: \"The status ").unwrap_or_else(|| panic!("{written}"));
    assert_eq!(
        rest,
        format!(
            "status_type: \"AndStatus\"\nsettle_time: 0\nno_timeout_given: true\nobject_repr: \"{repr}\"\n\
             left: \"{left}\"\nright: \"{right}\"\n"
        )
    );
    assert!(exception.starts_with("(DeviceStatus(device=motor, done=True, success=True) & <ophyd"), "{exception}");
    trace.assert(one(called("Ophyd Status").has_attr("left")));
}

#[test]
fn a_null_status_is_done_from_the_beginning_and_leaves_two_spans() {
    let (rig, motor, _) = lab();
    let null = Status::null(rig.cx(&motor));
    assert!(null.is_done() && null.is_success());
    let trace = rig.capture.trace();
    let attributes = ["status_type", "settle_time", "no_timeout_given", "object_repr"];
    let null = |name: &'static str| {
        let null = called(name).status(SpanStatus::Unset).only_attrs(attributes).attr("status_type", "NullStatus");
        let null = null.attr("settle_time", 0).attr("no_timeout_given", true);
        null.attr("object_repr", "<ophyd.sim.NullStatus object>")
    };
    trace.assert(all((one(null("Ophyd Status")), one(null("Ophyd Status wait")), exactly(2, span(glob("Ophyd *"))))));
}

#[test]
fn a_wait_is_a_span_of_its_own() {
    let (rig, motor, _) = lab();
    let status = status(&rig, &motor, StatusKind::to(5));
    let finish = status.clone();
    let _ = rig.clock.call_after(ms(70), move || finish.set_exception(boom()).unwrap());
    let late = rig.block_on(status.wait(rig.cx(&motor), Some(ms(20)))).unwrap_err();
    let message = "Status MoveStatus(done=False, pos=motor, elapsed=0.0, success=False, settle_time=0.0) has not \
                   completed yet.";
    assert_eq!(late, DeviceError::WaitTimeout(message.into()));
    assert!(!status.is_done(), "its own end is not near for that");
    assert_eq!(rig.block_on(status.wait(rig.cx(&motor), None)), Err(boom()));
    rig.advance(ms(5));
    assert_eq!(rig.block_on(status.wait(rig.cx(&motor), None)), Err(boom()));

    let trace = rig.capture.trace();
    trace.assert(exactly(3, span("Ophyd Status wait")));
    let move_keys = [
        "status_type settle_time no_timeout_given object_repr device_name device_type kwargs",
        "target start_time start_pos_ unit positioner_name positioner",
    ];
    let keys = |more: &str| {
        let all = move_keys.into_iter().chain([more]).flat_map(str::split_whitespace);
        all.map(|key| key.replace("start_pos_", "start_pos ")).collect::<Vec<_>>()
    };
    // The attributes are those of the status when the wait began; after its end they also say where the move came to.
    for (start, duration, error, more_keys) in [
        (0, 20, "WaitTimeoutError", ""),
        (20, 50, "RuntimeError", ""),
        (75, 0, "RuntimeError", "exception finish_time finish_pos"),
    ] {
        let wait = called("Ophyd Status wait").starting(ms(start)..=ms(start)).lasting(ms(duration)..=ms(duration));
        let wait = wait.only_attrs(keys(more_keys)).events([event("exception").attr("exception.type", error)]);
        trace.assert(one(wait.status_description(glob(format!("{error}: *")))));
    }
    trace.assert(every(span("Ophyd Status wait").starting(ms(20)..)).status(SpanStatus::error("RuntimeError: boom")));
}

#[test]
fn a_wait_that_ends_well_leaves_no_error() {
    let rig = Rig::new();
    let motor = rig.add(SynAxis::new("motor").delay_s(0.5));
    let status = rig.set(&motor, 5).unwrap();
    // What is done exactly at the end of the time is in time.
    assert_eq!(rig.block_on(status.wait(rig.cx(&motor), Some(ms(500)))), Ok(()));
    let trace = rig.capture.trace();
    trace.assert(one(called("Ophyd Status wait").status(SpanStatus::Unset).events([]).lasting(ms(500)..=ms(500))));
}
