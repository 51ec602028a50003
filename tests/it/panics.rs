//! What panics, and what the engine makes of it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};

use skyspan::engine::Suspender;
use skyspan::prelude::*;

use crate::rogue::{Rogue, is_as_good_as_before, monitoring, names};

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
        let mut run = lab.run(plan(async move |p| {
            let body = async {
                p.checkpoint().await?;
                p.abs_set_in(&device, 1, "g").await?;
                p.sleep(1.0).await
            };
            p.in_run(Map::new(), body).await
        }));
        assert_eq!(run.is_paused(), method == "resume", "a resumption that fails leaves the engine paused");
        if run.is_paused() {
            let error = run.exception().map(ToString::to_string);
            assert_eq!(error.as_deref(), Some("`resume` of rogue panicked: resume went wrong"));
            run = lab.abort("it does not go on");
        }
        assert_eq!(names(&run), "start stop", "{method}: {run:?}");
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
