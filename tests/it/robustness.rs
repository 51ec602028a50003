//! What a user may do to an engine, and the engine must survive.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use skyspan::clock::Clock;
use skyspan::engine::{RunEngine, Suspender};
use skyspan::prelude::*;

use crate::rogue::{Rogue, is_as_good_as_before, monitoring, names};

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
                        run.assert(every(span("Bluesky RunEngine run")).has_attr("exit_status").ended().or_none());
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
