//! Arguments that mean nothing are refused where they are written, and what never came is told.

use std::panic::{AssertUnwindSafe, catch_unwind};

use skyspan::hardware::{Occasions, SimBeam, SimShutter, SimTemperatureController, SoftPositioner, SynPeriodicSignal};
use skyspan::prelude::*;

/// Wants it to panic with that text.
#[track_caller]
fn is_refused<T>(expected: &str, make: impl FnOnce() -> T) {
    let Err(panic) = catch_unwind(AssertUnwindSafe(make)) else { panic!("it was taken: {expected}") };
    let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    assert_eq!(text, Some(expected));
}

#[test]
fn a_number_that_means_nothing_to_a_device_is_refused() {
    let motor = || SimMotor::new("m");
    is_refused("backlash wants a finite number, found NaN", || motor().backlash(f64::NAN));
    let resolution = "readback_resolution wants a finite number greater than zero, found";
    is_refused(&format!("{resolution} -1"), || motor().readback_resolution(-1.0));
    is_refused(&format!("{resolution} 0"), || motor().readback_resolution(0.0));
    is_refused("readback_noise wants a finite number from zero on, found -1", || motor().readback_noise(-1.0));
    is_refused("settle_time_s wants a time in seconds from zero on, found inf", || {
        motor().settle_time_s(f64::INFINITY)
    });
    is_refused("limits wants two numbers, found NaN and 1", || motor().limits(f64::NAN, 1.0));
    let detector = || SimDetector::new("d");
    is_refused("rate wants a finite number from zero on, found NaN", || detector().rate(f64::NAN));
    is_refused("dark_rate wants a finite number from zero on, found -1", || detector().dark_rate(-1.0));
    is_refused("delay_s wants a time in seconds from zero on, found -1", || SynAxis::new("a").delay_s(-1.0));
    is_refused("timeout_s wants a time in seconds from zero on, found NaN", || {
        SoftPositioner::new("s").timeout_s(f64::NAN)
    });
    is_refused("exposure_time_s wants a time in seconds from zero on, found -1", || {
        SynSignal::new("s").exposure_time_s(-1.0)
    });
    is_refused("period_s wants a finite number from zero on, found NaN", || {
        SynPeriodicSignal::new("p").period_s(f64::NAN)
    });
    is_refused("opens_in_s wants a time in seconds from zero on, found NaN", || {
        SimShutter::new("s").opens_in_s(f64::NAN)
    });
    is_refused("lifetime_s wants a finite number greater than zero, found 0", || SimBeam::new("b").lifetime_s(0.0));
    is_refused("tolerance wants a finite number from zero on, found -1", || {
        SimTemperatureController::new("t").tolerance(-1.0)
    });
    // What may be meant is taken.
    let _ = motor().velocity(f64::INFINITY).backlash(-0.5).readback_noise(0.0).limits(1.0, -1.0);
}

#[test]
fn a_fault_at_no_call_is_refused() {
    is_refused("calls are counted from 1, found 0", || Fault::on_set(0));
    is_refused("calls are counted from 1, found 0", || Fault::on_set(-3));
    is_refused("calls are counted from 1, found 0", || Fault::on(Method::Read, 0..));
    is_refused("a rate is a probability from 0 to 1, found NaN", || Occasions::at_rate(f64::NAN));
    is_refused("a rate is a probability from 0 to 1, found 2", || Occasions::at_rate(2.0));
    is_refused("slow_by wants a number, found NaN", || Fault::on_set(1).slow_by(f64::NAN));
}

#[test]
fn what_is_scheduled_for_a_message_that_never_comes_is_told() {
    let lab = Harness::new();
    is_refused("messages are counted from 1", || lab.at_message(0).pause());
    lab.at_message(3).later(secs(10.0)).pause();
    for number in [40, 300, 40] {
        lab.at_message(number).abort("beam lost");
    }
    let run = lab.run(plans::count(&lab.device("det"), 1));
    assert_eq!((run.exit_status(), run.unreached()), (Success, &[40, 300][..]));
    let told = catch_unwind(AssertUnwindSafe(|| run.assert_success())).expect_err("it is no success");
    let told = told.downcast_ref::<String>().map(String::as_str).unwrap_or_default();
    let expected = format!("something was scheduled for the messages [40, 300], and it had {}", run.messages().len());
    assert!(told.contains(&expected), "{told}");
    // The next call begins with nothing scheduled.
    lab.run(plans::count(&lab.device("det"), 1)).assert_success();
}

#[test]
fn an_error_says_at_which_message_device_and_point_it_was() {
    let lab = Harness::new();
    let stage = lab.add(SynAxis::new("stage").delay_s(1.0));
    stage.fault(Fault::on_set(3).fails_after(secs(0.5), "stalled"));
    let run = lab.run(plans::scan(&lab.device("det"), &stage, 0, 10, 5));
    let failed_at = run.result().failed_at.clone().expect("it failed");
    assert_eq!((failed_at.device.as_ref(), failed_at.point), (Some(&stage), Some(3)));
    let number = usize::try_from(failed_at.message).expect("a small number");
    assert_eq!(run.messages()[number - 1].to_string().split(',').next(), Some("set(stage"));
    assert_eq!(
        failed_at.to_string(),
        format!("message {number}: the status that it gave for stage failed, at point 3")
    );
    let shown = catch_unwind(AssertUnwindSafe(|| run.assert_success())).expect_err("it failed");
    let shown = shown.downcast_ref::<String>().map(String::as_str).unwrap_or_default();
    assert!(shown.contains(&format!("\n{failed_at}")), "{shown}");

    let det = lab.device("det");
    det.fault(Fault::on_read(2).raises("no light"));
    let run = lab.run(plans::count(&det, 3));
    let failed_at = run.result().failed_at.as_ref().expect("it failed");
    assert_eq!(
        (failed_at.device.as_ref(), failed_at.point, failed_at.what.as_deref()),
        (Some(&det), Some(2), Some("read(det)"))
    );

    let run = lab.run(plan(async |p| {
        p.null().await?;
        Err::<(), _>(plan_error!("enough"))
    }));
    let failed_at = run.result().failed_at.as_ref().expect("it failed");
    assert_eq!(failed_at.to_string(), "after message 1");
}
