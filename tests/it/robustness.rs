//! What a user may do to an engine, and the engine must survive.

#![expect(clippy::unwrap_used, reason = "a test's helper may fail the test")]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};

use skyspan::clock::Clock;
use skyspan::device::{
    Args, Callback, Cx, Device, DeviceError, Movable, OphydObject, Pausable, Readable, Status, StatusKind, Stoppable,
    Subscribable, SubscriptionId, SyncOrAsync,
};
use skyspan::engine::{RunEngine, Suspender};
use skyspan::prelude::*;
use skyspan::value::Text;

/// A device around a signal that panics where it is told to, and takes its time where it is told to.
#[derive(Clone)]
struct Rogue {
    inner: Device,
    panics_in: Arc<Mutex<&'static str>>,
    slow: Duration,
    fails_after: Duration,
}

impl Rogue {
    fn new(name: &str) -> Self {
        let (slow, fails_after) = (Duration::ZERO, Duration::ZERO);
        Self { inner: Signal::new(name, 1).into(), panics_in: Arc::default(), slow, fails_after }
    }
    #[expect(clippy::panic, reason = "that is what it does")]
    fn may_panic(&self, method: &str) {
        if *self.panics_in.lock().unwrap() == method {
            panic!("{method} went wrong");
        }
    }
    fn later<'a>(&'a self, method: &'static str, cx: Cx<'a>) -> SyncOrAsync<'a, Result<(), DeviceError>> {
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

fn names(run: &Outcome) -> String {
    run.documents().iter().map(|document| document.name()).collect::<Vec<_>>().join(" ")
}

fn monitoring(device: &Device) -> Plan {
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
fn is_as_good_as_before(lab: &Harness) {
    assert_eq!(lab.state(), RunEngineState::Idle);
    lab.run(plans::count(&lab.device("det"), 1)).assert_success();
}

#[test]
fn a_device_that_panics_where_its_monitor_ends_is_an_error_of_the_run() {
    let lab = Harness::new();
    let rogue = Rogue::new("rogue");
    let device = lab.add(Device::new(rogue.clone()));
    *rogue.panics_in.lock().unwrap() = "clear_sub";
    let run = lab.run(monitoring(&device));
    assert_eq!(names(&run).matches("stop").count(), 1);
    is_as_good_as_before(&lab);
}

#[test]
fn a_device_that_panics_where_its_monitor_is_suspended_is_an_error_of_the_run() {
    let lab = Harness::new();
    let rogue = Rogue::new("rogue");
    let device = lab.add(Device::new(rogue.clone()));
    *rogue.panics_in.lock().unwrap() = "clear_sub";
    lab.at(ms(500)).pause();
    lab.at(secs(1.0)).resume();
    let run = lab.run(monitoring(&device));
    assert_eq!(names(&run).matches("stop").count(), 1);
    is_as_good_as_before(&lab);
}

#[test]
fn a_device_that_panics_where_its_monitor_is_restored_is_an_error_of_the_run() {
    let lab = Harness::new();
    let rogue = Rogue::new("rogue");
    let device = lab.add(Device::new(rogue.clone()));
    lab.at(ms(500)).pause();
    let told = rogue.panics_in.clone();
    lab.at(ms(600)).call(move || *told.lock().unwrap() = "subscribe");
    lab.at(secs(1.0)).resume();
    let run = lab.run(monitoring(&device));
    assert_eq!(names(&run).matches("stop").count(), 1);
    is_as_good_as_before(&lab);
}

#[test]
fn what_panics_in_pauses_and_stops_is_an_error_of_the_run() {
    for method in ["pause", "resume", "stop", "set"] {
        let lab = Harness::new();
        let mut rogue = Rogue::new("rogue");
        rogue.fails_after = secs(100.0);
        let device = lab.add(Device::new(rogue.clone()));
        *rogue.panics_in.lock().unwrap() = method;
        lab.at(ms(500)).pause();
        lab.at(secs(1.0)).resume();
        let run = lab.run(plan(async move |p| {
            let body = async {
                p.checkpoint().await?;
                p.abs_set_in(&device, 1, "g").await?;
                p.sleep(1.0).await
            };
            p.in_run(Map::new(), body).await
        }));
        assert_eq!(names(&run), "start stop", "{method}: {run:?}");
        is_as_good_as_before(&lab);
    }
}

/// The plan catches failures; an end that comes in the same moment as one must end it nevertheless.
#[test]
fn an_end_in_the_moment_of_a_failure_ends_the_plan() {
    for what in ["abort", "stop", "halt"] {
        let lab = Harness::new();
        let mut rogue = Rogue::new("rogue");
        rogue.fails_after = secs(1.0);
        let device = lab.add(Device::new(rogue));
        // The failure comes first, then the end, before the plan hears of the failure.
        match what {
            "abort" => lab.at_message(3).later(secs(1.0)).abort("beam lost"),
            "stop" => lab.at_message(3).later(secs(1.0)).stop(),
            _ => lab.at_message(3).later(secs(1.0)).halt(),
        }
        let run = lab.run(plan(async move |p| {
            p.checkpoint().await?;
            p.abs_set_in(&device, 1, "g").await?;
            match p.sleep(1.0).await {
                Ok(()) | Err(PlanError::FailedStatus { .. }) => p.sleep(1000.0).await,
                Err(error) => Err(error),
            }
        }));
        assert_eq!(run.duration(), secs(1.0), "{what}: {:?}", run.result());
        let expected = if what == "stop" { ExitStatus::Success } else { ExitStatus::Abort };
        assert_eq!(run.exit_status(), expected, "{what}: {:?}", run.result());
        is_as_good_as_before(&lab);
    }
}

#[test]
fn what_was_scheduled_for_a_call_that_panicked_does_not_happen_in_the_next() {
    let lab = Harness::new();
    lab.at(secs(5.0)).abort("of the first call");
    let first = catch_unwind(AssertUnwindSafe(|| {
        lab.run(plan(async |p| {
            p.sleep(1.0).await?;
            assert!(std::hint::black_box(false), "on purpose");
            Ok(())
        }))
    }));
    assert!(first.is_err());
    assert_eq!(lab.state(), RunEngineState::Idle);
    let run = lab.run(plan(async |p| p.sleep(10.0).await));
    assert_eq!((run.exit_status(), run.duration()), (ExitStatus::Success, secs(10.0)));
}

#[test]
fn an_engine_whose_state_hook_panics_is_idle_afterwards() {
    for at in [RunEngineState::Running, RunEngineState::Suspending, RunEngineState::Pausing, RunEngineState::Idle] {
        let lab = Harness::new();
        lab.with_engine(|engine| engine.set_state_hook(move |to, _| assert_ne!(to, at, "on purpose")));
        if at == RunEngineState::Suspending {
            lab.at_message(2).suspend_for(secs(1.0));
        } else if at == RunEngineState::Pausing {
            lab.at_message(2).pause();
        }
        let run = catch_unwind(AssertUnwindSafe(|| {
            lab.run(plan(async |p| {
                p.checkpoint().await?;
                p.sleep(1.0).await
            }))
        }));
        assert!(run.is_err(), "{at}");
        assert_eq!(lab.state(), RunEngineState::Idle, "{at}");
        is_as_good_as_before(&lab);
    }
}

#[test]
fn an_engine_whose_preprocessor_panics_is_idle_afterwards() {
    let lab = Harness::new();
    lab.with_engine(|engine| {
        engine.add_preprocessor(|plan| {
            assert_ne!(&**plan.name(), "count", "on purpose");
            plan
        });
    });
    let run = catch_unwind(AssertUnwindSafe(|| lab.run(plans::count(&lab.device("det"), 1))));
    assert!(run.is_err());
    assert_eq!(lab.state(), RunEngineState::Idle);
    lab.run(plan(async |p| p.sleep(1.0).await)).assert_success();
}

#[test]
fn an_engine_whose_hooks_panic_is_idle_afterwards() {
    let lab = Harness::new();
    let counted = Arc::new(Mutex::new(0));
    lab.with_engine(|engine| {
        engine.set_msg_hook(move |_| {
            let number = {
                let mut counted = counted.lock().unwrap();
                *counted += 1;
                *counted
            };
            assert_ne!(number, 4, "on purpose");
        });
    });
    let documents = Arc::new(Mutex::new(Vec::new()));
    let said = Arc::clone(&documents);
    lab.with_engine(|engine| engine.subscribe(move |document: &Document| said.lock().unwrap().push(document.name())));
    assert!(catch_unwind(AssertUnwindSafe(|| lab.run(plans::count(&lab.device("det"), 1)))).is_err());
    assert_eq!(*documents.lock().unwrap(), ["start", "stop"]);
    assert!(lab.capture().open_spans().is_empty());
    is_as_good_as_before(&lab);
}

#[test]
fn a_condition_that_panics_in_a_timer_leaves_the_engine_idle() {
    let lab = Harness::new();
    let signal = lab.add(Signal::new("beam", 1));
    let suspender = Suspender::when(
        &signal,
        |value| {
            assert_ne!(value.as_i64(), Some(0), "on purpose");
            false
        },
        |_| true,
    )
    .build()
    .unwrap();
    lab.with_engine(|engine| engine.install_suspender(&suspender));
    let (beam, clock) = (signal.clone(), lab.clock().clone());
    lab.at(secs(1.0)).call(move || {
        let _ = beam.downcast_ref::<Signal>().map(|beam| beam.put(0, clock.now()));
    });
    let run = catch_unwind(AssertUnwindSafe(|| lab.run(plans::count(&lab.device("det"), 1).pipe_sleep())));
    let _ = run;
    assert_eq!(lab.state(), RunEngineState::Idle);
    is_as_good_as_before(&lab);
}

trait PipeSleep {
    fn pipe_sleep(self) -> Plan;
}
impl<P: Into<Plan>> PipeSleep for P {
    fn pipe_sleep(self) -> Plan {
        let first = self.into();
        plan(async move |p| {
            p.run(first).await?;
            p.sleep(5.0).await
        })
    }
}

/// A harness that is asked for its engine by what is changing it says so, and does not wait for itself.
#[test]
fn a_harness_that_is_called_while_its_engine_is_changed_does_not_hang() {
    let lab = Arc::new(Harness::new());
    let (sender, receiver) = std::sync::mpsc::channel();
    let inner = Arc::clone(&lab);
    std::thread::spawn(move || {
        let nested = inner.with_engine(|_| {
            let run = inner.run(plan(async |p| p.sleep(1.0).await));
            let changed = catch_unwind(AssertUnwindSafe(|| inner.with_engine(|_| ())));
            (run.exception().map(|error| error.name().to_string()), changed.is_err())
        });
        let _ = sender.send(nested);
    });
    let nested = receiver.recv_timeout(secs(10.0)).expect("it hangs");
    assert_eq!(nested, (Some("RuntimeError".to_owned()), true));
    is_as_good_as_before(&lab);
}

/// A run whose future is dropped has its stop document, and what is staged is unstaged, though a device takes time to stop.
#[test]
fn a_run_that_is_dropped_is_closed_though_a_device_takes_time_to_stop() {
    let clock = Clock::simulated();
    let mut engine = RunEngine::builder(clock.clone()).build();
    let mut documents = engine.documents(100);
    let mut rogue = Rogue::new("rogue");
    rogue.slow = secs(1.0);
    rogue.fails_after = secs(100.0);
    let device = Device::new(rogue);
    let body = plan(async move |p| {
        let body = async {
            p.abs_set_in(&device, 1, "g").await?;
            p.sleep(10.0).await
        };
        p.in_run(Map::new(), body).await
    });
    let left = clock.block_on(clock.timeout(secs(2.0), engine.run(body))).unwrap();
    assert!(left.is_err());
    assert_eq!(engine.state(), RunEngineState::Idle);
    let names: Vec<_> = std::iter::from_fn(|| documents.try_next()).map(|document| document.name()).collect();
    assert_eq!(names, ["start", "stop"]);
}

/// Devices that take time, interrupted at every tenth of a second by everything.
#[test]
fn slow_devices_may_be_interrupted_at_any_time_twice() {
    for first in 0..5_usize {
        for second in 0..5_usize {
            for tenth in 0..35_u32 {
                for gap in [0, 1, 3_u32] {
                    let trace = || {
                        let lab = Harness::new();
                        let mut rogue = Rogue::new("rogue");
                        rogue.slow = ms(300);
                        rogue.fails_after = secs(1000.0);
                        let device = lab.add(Device::new(rogue));
                        for (what, at) in [(first, tenth), (second, tenth + gap)] {
                            let at = lab.at(ms(100) * at);
                            match what {
                                0 => at.pause(),
                                1 => at.abort("a"),
                                2 => at.stop(),
                                3 => at.halt(),
                                _ => at.suspend_for(ms(400)),
                            }
                        }
                        lab.at(ms(100) * (tenth + gap + 4)).resume();
                        lab.at(ms(100) * (tenth + gap + 8)).resume();
                        let det = lab.device("det");
                        let mut run = lab.run(plan(async move |p| {
                            let body = async {
                                p.monitor(&device, "beam").await?;
                                for _ in 0..2 {
                                    p.checkpoint().await?;
                                    p.abs_set_in(&device, 1, "g").await?;
                                    p.sleep(0.5).await?;
                                    p.stop(&device).await?;
                                    p.trigger_and_read(&det, "primary").await?;
                                }
                                Ok(())
                            };
                            p.in_run(Map::new(), body).await
                        }));
                        for _ in 0..3 {
                            if run.is_paused() {
                                run = lab.resume();
                            }
                        }
                        assert_eq!(run.state(), RunEngineState::Idle);
                        assert!(
                            !matches!(run.exception(), Some(PlanError::Deadlock(_))),
                            "{first} {second} {tenth} {gap}"
                        );
                        let names = names(&run);
                        assert_eq!(names.matches("start").count(), names.matches("stop").count());
                        assert!(
                            run.trace()
                                .named("Bluesky RunEngine run")
                                .all(|span| span.attributes().get("exit_status").is_some())
                        );
                        is_as_good_as_before(&lab);
                        format!("{:?} {:?} {:?}", run.documents(), run.trace(), run.result())
                    };
                    let once = trace();
                    if tenth % 7 == 0 {
                        assert_eq!(once, trace());
                    }
                }
            }
        }
    }
}

/// A subscriber that moves what is monitored, a few times.
#[test]
fn a_subscriber_may_set_what_is_monitored_and_trip_a_suspender() {
    let lab = Harness::new();
    let beam = lab.add(Signal::new("beam", 1));
    let suspender = Suspender::floor(&beam, 1).sleep_s(1.0).build().unwrap();
    lab.with_engine(|engine| engine.install_suspender(&suspender));
    let (signal, clock, handle) = (beam.clone(), lab.clock().clone(), lab.handle().clone());
    let mut counted = 0;
    lab.with_engine(|engine| {
        engine.subscribe(move |document: &Document| {
            let _ = handle.state();
            if document.name() == "event" && counted < 4 {
                counted += 1;
                let value = i64::from(counted % 2);
                let _ = signal.downcast_ref::<Signal>().map(|signal| signal.put(value, clock.now()));
            }
        })
    });
    let run = lab.run(monitoring(&beam));
    run.assert_success();
    assert_eq!(names(&run).matches("stop").count(), 1);
    let times: Vec<_> = run.events().map(|event| event.seq_num).collect();
    assert!(times.is_sorted(), "{times:?}");
}

/// Who subscribed to one call hears of that call only, even if its plan panics.
#[test]
fn the_subscribers_of_a_call_that_panicked_hear_of_no_other() {
    let lab = Harness::new();
    let counted = Arc::new(Mutex::new(0));
    let count = Arc::clone(&counted);
    let subscriber = skyspan::engine::Subscriber::new(move |_: &Document| *count.lock().unwrap() += 1);
    let subscribers = vec![(skyspan::document::DocumentName::All, subscriber)];
    let options = skyspan::engine::CallOptions { subscribers, ..Default::default() };
    let panicking = plan(async |p| {
        let body = async {
            p.sleep(1.0).await?;
            assert!(std::hint::black_box(false), "on purpose");
            Ok(())
        };
        p.in_run(Map::new(), body).await
    });
    assert!(catch_unwind(AssertUnwindSafe(|| lab.run_with(panicking, options))).is_err());
    assert_eq!(*counted.lock().unwrap(), 2);
    is_as_good_as_before(&lab);
    assert_eq!(*counted.lock().unwrap(), 2);
}

/// A hook that panics where the call ends does not end the process, even in the middle of another panic.
#[test]
fn a_plan_and_a_state_hook_may_both_panic() {
    let lab = Harness::new();
    lab.with_engine(|engine| engine.set_state_hook(|to, _| assert_ne!(to, RunEngineState::Idle, "on purpose")));
    let panicking = plan(async |p| {
        p.sleep(1.0).await?;
        assert!(std::hint::black_box(false), "on purpose");
        Ok(())
    });
    assert!(catch_unwind(AssertUnwindSafe(|| lab.run(panicking))).is_err());
    is_as_good_as_before(&lab);
}

/// An engine on which nobody waits any more while it is paused or being resumed can be resumed or ended.
#[test]
fn a_resume_that_is_dropped_can_be_followed_by_anything() {
    for after in ["resume", "abort", "halt", "reset", "abort by handle"] {
        for wait in [50, 350, 650, 1100] {
            let clock = Clock::simulated();
            let mut engine = RunEngine::builder(clock.clone()).build();
            let mut documents = engine.documents(100);
            let mut rogue = Rogue::new("rogue");
            rogue.slow = ms(500);
            rogue.fails_after = secs(100.0);
            let device = Device::new(rogue);
            let handle = engine.handle();
            let _ = clock.call_after(ms(100), move || handle.pause().unwrap());
            let body = plan(async move |p| {
                let body = async {
                    p.monitor(&device, "beam").await?;
                    p.checkpoint().await?;
                    p.abs_set_in(&device, 1, "g").await?;
                    p.sleep(0.5).await
                };
                p.in_run(Map::new(), body).await
            });
            clock.block_on(engine.run(body)).unwrap().unwrap();
            assert_eq!(engine.state(), RunEngineState::Paused);
            let _ = clock.block_on(clock.timeout(ms(wait), engine.decision())).unwrap();
            assert_eq!(engine.state(), RunEngineState::Paused);
            let _ = clock.block_on(clock.timeout(ms(wait), engine.resume())).unwrap();
            let what = format!("{after} {wait} {}", engine.state());
            if engine.state() == RunEngineState::Paused {
                let result = clock.block_on(async {
                    match after {
                        "resume" => drop(engine.resume().await.unwrap()),
                        "abort" => drop(engine.abort("a").await.unwrap()),
                        "halt" => drop(engine.halt().await.unwrap()),
                        "reset" => engine.reset().await.unwrap(),
                        _ => {
                            engine.handle().abort("b").unwrap();
                            drop(engine.decision().await.unwrap());
                        }
                    }
                });
                result.unwrap();
            }
            assert_eq!(engine.state(), RunEngineState::Idle, "{what}");
            let names: Vec<_> = std::iter::from_fn(|| documents.try_next()).map(|document| document.name()).collect();
            assert_eq!(names.iter().filter(|name| **name == "start").count(), 1, "{what}: {names:?}");
            assert_eq!(names.iter().filter(|name| **name == "stop").count(), 1, "{what}: {names:?}");
            let slept = clock.block_on(engine.run(plan(async |p| p.sleep(1.0).await))).unwrap().unwrap();
            assert_eq!(slept.exit_status, ExitStatus::Success);
        }
    }
}

/// Threads that pause, resume and end what they can, on a real clock.
#[test]
#[expect(clippy::disallowed_methods, reason = "a thread beside the runtime may sleep")]
fn threads_may_ask_for_anything_at_any_time() {
    for round in 0..20_u64 {
        let clock = Clock::real();
        let mut engine = RunEngine::builder(clock.clone()).build();
        let handle = engine.handle();
        let done = Arc::new(std::sync::atomic::AtomicBool::new(false));
        let seen = Arc::clone(&done);
        let thread = std::thread::spawn(move || {
            let mut number = round;
            while !seen.load(std::sync::atomic::Ordering::Acquire) {
                number = number.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
                let _ = match (number >> 33) % 40 {
                    0 if round % 2 == 0 => handle.abort("a"),
                    1..20 => handle.pause(),
                    20 => handle.deferred_pause(),
                    _ => handle.resume(),
                };
                std::thread::sleep(Duration::from_micros((number >> 40) % 300));
            }
        });
        let result = clock
            .block_on(async {
                let mut result = engine
                    .run(plan(async |p| {
                        for _ in 0..10 {
                            p.checkpoint().await?;
                            p.sleep(0.0005).await?;
                        }
                        Ok(())
                    }))
                    .await
                    .unwrap();
                while engine.state() != RunEngineState::Idle {
                    result = engine.decision().await.unwrap();
                }
                result
            })
            .unwrap();
        done.store(true, std::sync::atomic::Ordering::Release);
        thread.join().unwrap();
        assert_ne!(result.exit_status, ExitStatus::Fail, "{result:?}");
    }
}

/// What comes after the last message, or beyond the end, changes nothing, and the engine is idle.
#[test]
fn what_comes_at_the_very_end_leaves_the_engine_idle() {
    for at in 1..16 {
        for what in 0..4 {
            let lab = Harness::new();
            let handle = lab.handle().clone();
            lab.with_engine(|engine| {
                engine.subscribe(move |document: &Document| {
                    if document.name() == "stop" {
                        let _ = match what {
                            0 => handle.abort("late"),
                            1 => handle.pause(),
                            2 => handle.halt(),
                            _ => handle.stop(),
                        };
                    }
                })
            });
            lab.at_message(at).later(ms(0)).pause();
            lab.at_message(at).later(ms(1)).resume();
            let mut run = lab.run(plans::count(&lab.device("det"), 1));
            for _ in 0..3 {
                if run.is_paused() {
                    run = lab.resume();
                }
            }
            assert_eq!(names(&run).matches("stop").count(), 1, "{at} {what}");
            assert_eq!(run.state(), RunEngineState::Idle, "{at} {what}");
            is_idle_again(&lab);
        }
    }
}

#[track_caller]
fn is_idle_again(lab: &Harness) {
    let mut run = lab.run(plan(async |p| p.sleep(1.0).await));
    if run.is_paused() {
        run = lab.resume();
    }
    run.assert_success();
}
