//! What goes wrong around a clock is told, in words that say what to do, and nothing waits for ever because of it.

use std::future::pending;
use std::panic::{AssertUnwindSafe, catch_unwind};

use skyspan::clock::Clock;
use skyspan::device::{
    Args, Cx, DeviceError, Movable, OphydObject, Readable, Readings, Status, StatusKind, SyncOrAsync,
};
use skyspan::engine::Suspension;
use skyspan::message::{Awaitable, Wait};
use skyspan::prelude::*;

/// What a call panicked with.
fn panic_of<T>(call: impl FnOnce() -> T) -> String {
    let panic = catch_unwind(AssertUnwindSafe(call)).err().expect("it panics");
    let text = panic.downcast_ref::<String>().cloned();
    text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned())).expect("it says something")
}

/// A device that does something when it is set, and never ends its status.
struct Stuck(Text, fn(Cx<'_>));

impl Stuck {
    fn device(does: fn(Cx<'_>)) -> Device {
        Device::new(Self("stuck".into(), does))
    }
}

impl OphydObject for Stuck {
    fn name(&self) -> &Text {
        &self.0
    }
    fn class_name(&self) -> Text {
        "Stuck".into()
    }
    fn as_movable(&self) -> Option<&dyn Movable> {
        Some(self)
    }
    fn as_readable(&self) -> Option<&dyn Readable> {
        Some(self)
    }
}

impl Movable for Stuck {
    fn set(&self, cx: Cx<'_>, _: &Args) -> Result<Status, DeviceError> {
        (self.1)(cx);
        Ok(Status::new(cx, StatusKind::Device))
    }
}

impl Readable for Stuck {
    fn read<'a>(&'a self, cx: Cx<'a>) -> SyncOrAsync<'a, Result<Readings, DeviceError>> {
        SyncOrAsync::later(async move {
            (self.1)(cx);
            pending().await
        })
    }
    fn describe<'a>(&'a self, _: Cx<'a>) -> SyncOrAsync<'a, Result<skyspan::device::DataKeys, DeviceError>> {
        SyncOrAsync::later(pending())
    }
}

fn set(device: &Device) -> Plan {
    let device = device.clone();
    plan(async move |p| p.mv(&device, 1).await)
}

#[test]
fn a_panic_of_a_timer_comes_out_of_the_call_on_either_clock() {
    for clock in [Clock::simulated(), Clock::real()] {
        let waiting = clock.clone();
        let said = panic_of(|| {
            let _ = clock.call_after(ms(1), || panic!("out of order"));
            clock.block_on(async { waiting.sleep(secs(3600.0)).await })
        });
        assert_eq!(said, "out of order");
        // The clock goes on.
        clock.block_on(clock.sleep(ms(1))).unwrap();
    }
}

#[test]
fn a_panic_of_what_is_done_at_a_time_fails_a_run_in_real_time_too() {
    for lab in [Harness::new(), Harness::builder().real_time().build()] {
        lab.at(ms(1)).call(|| panic!("the beam fell down"));
        let said = panic_of(|| lab.run(plan(async |p| p.sleep(0.05).await)));
        assert_eq!(said, "the beam fell down");
    }
}

#[test]
fn a_device_whose_callback_panics_does_not_keep_a_run_in_real_time_waiting() {
    for lab in [Harness::new(), Harness::builder().real_time().build()] {
        let device = lab.add(Stuck::device(|cx| {
            let _ = cx.clock().call_after(ms(1), || panic!("no answer"));
        }));
        let run = lab.run(set(&device));
        assert_eq!(
            run.exception().map(ToString::to_string).as_deref(),
            Some("a timer of a device panicked: no answer")
        );
    }
}

fn tick(clock: &Clock) {
    let again = clock.clone();
    let _ = clock.call_after_in_background(secs(1.0), move || tick(&again));
}

#[test]
fn a_timer_that_never_comes_is_no_reason_to_go_on_ticking() {
    let clock = Clock::simulated();
    tick(&clock);
    let deadlock = clock.block_on(clock.sleep_until(Timestamp::MAX)).unwrap_err();
    assert_eq!(deadlock.never, 1);
    assert_eq!(
        deadlock.to_string().lines().nth(1),
        Some(
            "  1 timer is set for the end of the clock's time, 2554-07-21T23:34:33.709551615Z, or after it: that never comes"
        )
    );
    // A timer that is given up is none.
    let deadlock = clock.block_on(pending::<()>()).unwrap_err();
    assert_eq!(deadlock.never, 0);
}

#[test]
fn a_wait_whose_timeout_is_beyond_the_end_of_time_is_one_without() {
    for ticking in [false, true] {
        let lab = Harness::new();
        if ticking {
            tick(lab.clock());
        }
        let stuck = lab.add(SynAxis::new("stuck").fault(Fault::on_set(1).hangs()));
        let run = lab.run(plan(async move |p| {
            p.abs_set_in(&stuck, 1, "there").await?;
            p.wait_with(Wait { group: "there".into(), timeout_s: Some(Some(1e300)), ..Wait::default() }).await
        }));
        let error = run.exception().unwrap();
        assert_eq!(error.name(), "Deadlock");
        assert!(error.to_string().contains("waiting: wait for group \"there\""), "{error}");
    }
}

#[test]
fn a_sleep_beyond_the_end_of_time_says_so() {
    let run = Harness::new().run(plan(async |p| p.sleep(1e300).await));
    let error = run.exception().unwrap().to_string();
    assert!(
        error.contains("which lasts beyond the end of the clock's time, 2554-07-21T23:34:33.709551615Z"),
        "{error}"
    );
}

#[test]
fn a_deadlock_says_why_the_plan_is_suspended() {
    let lab = Harness::new();
    let never = || Awaitable::new(|| async { pending().await });
    for (suspension, expected) in [
        (Suspension::until(never()).because("beam lost"), "waiting: the end of the suspension: beam lost"),
        (Suspension::until(never()), "waiting: the end of the suspension"),
    ] {
        lab.at(ms(500)).suspend(suspension);
        let run = lab.run(plan(async |p| {
            p.checkpoint().await?;
            p.sleep(1.0).await
        }));
        let error = run.exception().unwrap().to_string();
        assert!(error.lines().any(|line| line.trim() == expected), "{error}");
    }
}

#[test]
fn a_deadlock_says_what_was_asked() {
    let lab = Harness::new();
    lab.with_engine(|engine| engine.set_input(|_| pending()));
    let run = lab.run(plan(async |p| p.input("which sample? ").await));
    let error = run.exception().unwrap().to_string();
    assert!(error.contains("waiting: input: \"which sample? \""), "{error}");
}

#[test]
fn a_deadlock_says_what_a_device_with_a_thread_forgot() {
    let lab = Harness::new();
    let device = lab.add(Stuck::device(|_| {}));
    let error = lab.run(set(&device)).exception().unwrap().to_string();
    assert!(error.contains("its device says so by `cx.clock().outside_work()`"), "{error}");
}

#[test]
#[expect(clippy::disallowed_methods, reason = "that is what goes wrong")]
fn what_awaits_tokios_timers_is_told_of_the_clock() {
    let told = |said: &str| assert!(said.contains("a simulated clock has none: sleep by the clock"), "{said}");
    let sleepy = async |_| {
        tokio::time::sleep(ms(1)).await;
        Ok(())
    };
    told(&panic_of(|| Harness::new().run(plan(sleepy))));
    told(&panic_of(|| Clock::simulated().block_on(async { tokio::time::sleep(ms(1)).await })));
    // What panics in a device is an error of the run.
    let lab = Harness::new();
    let device = lab.add(Stuck::device(|_| drop(tokio::time::sleep(ms(1)))));
    told(&lab.run(set(&device)).exception().unwrap().to_string());
    told(&lab.run(plans::count(&device, 1)).exception().unwrap().to_string());
}

#[tokio::test]
async fn a_run_within_a_runtime_says_what_to_do() {
    let said = panic_of(|| Harness::new().run(plan(async |p| p.sleep(1.0).await)));
    assert!(said.contains("make it a plain `#[test]`"), "{said}");
    #[expect(clippy::disallowed_methods, reason = "that is what to do")]
    let run = tokio::task::spawn_blocking(|| Harness::new().run(plan(async |p| p.sleep(1.0).await))).await.unwrap();
    run.assert_success();
}
