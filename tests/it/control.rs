//! Who leads an engine from outside: a schedule, another task, another thread.

use std::sync::Arc;
use std::time::Duration;

use skyspan::clock::Clock;
use skyspan::engine::{RunEngine, RunEngineHandle, Suspension, TransitionError};
use skyspan::message::Awaitable;
use skyspan::prelude::*;
use skyspan::value::Value;

fn long_plan() -> Plan {
    plan(async |p| {
        p.checkpoint().await?;
        p.sleep(10.0).await
    })
}

#[test]
fn a_pause_lasts_until_the_resume_that_is_scheduled() {
    let lab = Harness::new();
    lab.at(secs(3.0)).pause();
    lab.at(secs(100.0)).resume();
    let run = lab.run(long_plan());
    run.assert_success();
    assert_eq!(run.duration(), secs(110.0));
    assert!(run.refused().is_empty());
}

#[test]
fn a_paused_plan_is_ended_by_what_is_scheduled() {
    let lab = Harness::new();
    lab.at(secs(3.0)).pause();
    lab.at(secs(5.0)).abort("too late");
    let run = lab.run(long_plan());
    assert_eq!((run.exit_status(), run.duration()), (Abort, secs(5.0)));
    assert_eq!(run.result().reason, "too late");
}

#[test]
fn what_does_not_go_is_told_and_what_is_not_reached_does_not_happen() {
    let lab = Harness::new();
    lab.at(secs(1.0)).resume();
    lab.at(secs(50.0)).abort("never");
    let run = lab.run(long_plan());
    run.assert_success();
    assert_eq!(run.duration(), secs(10.0));
    let refused: Vec<String> = run.refused().iter().map(ToString::to_string).collect();
    assert_eq!(refused, ["the RunEngine is running and cannot be resumed; only a paused one can"]);
    lab.run(plan(async |p| p.sleep(100.0).await)).assert_success();
}

#[test]
fn anything_can_be_scheduled() {
    let lab = Harness::new();
    let det = lab.device("sig");
    let capture = Arc::new(std::sync::Mutex::new(0));
    let seen = Arc::clone(&capture);
    lab.at(secs(3.0)).call(move || *seen.lock().unwrap() += 1);
    lab.at_message(2).call({
        let seen = Arc::clone(&capture);
        move || *seen.lock().unwrap() += 10
    });
    lab.run(long_plan()).assert_success();
    assert_eq!(*capture.lock().unwrap(), 11);
    assert_eq!(det.name(), "sig");
}

#[test]
fn suspensions_follow_one_another() {
    let lab = Harness::new();
    lab.at(secs(1.0)).suspend_for(secs(5.0));
    lab.at(secs(8.0)).suspend_for(secs(5.0));
    let run = lab.run(long_plan());
    run.assert_success();
    // 1 s, 5 s of suspension, 2 s of the sleep that begins anew, 5 s, and the whole sleep.
    assert_eq!(run.duration(), secs(1.0 + 5.0 + 2.0 + 5.0 + 10.0));
}

#[test]
fn another_task_leads_the_engine() {
    let clock = Clock::simulated();
    let mut engine = RunEngine::builder(clock.clone()).build();
    let handle = engine.handle();
    let started = clock.now();
    let result = clock.block_on(async {
        let (control, time) = (handle.clone(), clock.clone());
        let control = tokio::spawn(async move {
            time.sleep(secs(2.0)).await;
            control.pause().unwrap();
            time.sleep(secs(2.0)).await;
            assert_eq!(control.state(), RunEngineState::Paused);
            control.resume().unwrap();
        });
        let paused = engine.run(long_plan()).await.unwrap();
        assert!(paused.interrupted);
        let result = engine.decision().await.unwrap();
        control.await.unwrap();
        result
    });
    let result = result.unwrap();
    assert_eq!((result.exit_status, result.interrupted), (Success, false));
    assert_eq!(clock.now() - started, secs(14.0));
}

#[test]
fn a_pause_that_nobody_can_end_is_a_deadlock() {
    let clock = Clock::simulated();
    let mut engine = RunEngine::builder(clock.clone()).build();
    let result = clock.block_on(async {
        engine.run(plan(async |p| p.pause().await)).await.unwrap();
        engine.decision().await.unwrap()
    });
    let result = result.unwrap();
    let error = result.exception.map(|error| error.to_string()).unwrap_or_default();
    assert!(error.contains("the decision what becomes of a paused plan"), "{error}");
    assert_eq!(engine.state(), RunEngineState::Idle);
}

#[test]
fn another_thread_leads_an_engine_in_real_time() {
    let clock = Clock::real();
    let mut engine = RunEngine::builder(clock.clone()).build();
    let handle = engine.handle();
    let thread = std::thread::spawn(move || {
        while handle.pause().is_err() {
            std::thread::yield_now();
        }
        while handle.resume().is_err() {
            std::thread::yield_now();
        }
        while handle.abort("enough").is_err() {
            std::thread::yield_now();
        }
    });
    let result = clock.block_on(async {
        let paused = engine.run(plan(async |p| p.sleep(3600.0).await)).await.unwrap();
        assert!(paused.interrupted);
        engine.decision().await.unwrap()
    });
    thread.join().unwrap();
    let result = result.unwrap();
    assert_eq!((result.exit_status, &*result.reason), (Abort, "enough"));
}

/// As another thread may: the hook is called as soon as the engine is paused, and before its call returns.
#[test]
fn what_is_decided_before_a_paused_call_returns_is_carried_out_by_the_next() {
    type Decide = fn(&RunEngineHandle) -> Result<(), TransitionError>;
    let decisions: [(Decide, ExitStatus); 4] = [
        (RunEngineHandle::resume, Success),
        (|handle| handle.abort("enough"), Abort),
        (RunEngineHandle::stop, Success),
        (RunEngineHandle::halt, Abort),
    ];
    for (decide, exit_status) in decisions {
        let clock = Clock::simulated();
        let mut engine = RunEngine::builder(clock.clone()).build();
        let handle = engine.handle();
        engine.set_state_hook(move |state, _| {
            if state == RunEngineState::Paused {
                decide(&handle).unwrap();
            }
        });
        let ended = clock.block_on(async {
            let paused = engine.run(plan(async |p| p.pause().await)).await.unwrap();
            assert!(paused.interrupted && paused.run_start_uids.is_empty());
            assert_ne!(engine.state(), RunEngineState::Idle);
            engine.decision().await.unwrap()
        });
        assert_eq!(ended.unwrap().exit_status, exit_status);
        assert_eq!(engine.state(), RunEngineState::Idle);
    }
}

#[test]
fn a_suspension_has_plans_before_and_after_it() {
    let lab = Harness::new();
    let clock = lab.clock().clone();
    let beam_is_back = Awaitable::new(move || {
        let clock = clock.clone();
        async move {
            clock.sleep(Duration::from_secs(60)).await;
            Ok(Value::Null)
        }
    });
    let suspension = Suspension::until(beam_is_back)
        .pre_plan(|| plan(async |p| p.sleep(1.0).await))
        .post_plan(|| plan(async |p| p.sleep(2.0).await))
        .because("no beam");
    lab.at(secs(5.0)).suspend(suspension);
    let run = lab.run(long_plan());
    run.assert_success();
    assert_eq!(run.duration(), secs(5.0 + 1.0 + 60.0 + 2.0 + 10.0));
    let commands: Vec<_> = run.messages().iter().map(Msg::command).collect();
    assert_eq!(
        commands.join(" "),
        "checkpoint sleep _start_suspender rewindable sleep wait_for _resume_from_suspender sleep rewindable sleep"
    );
}

#[test]
fn an_idle_engine_has_nothing_to_pause_resume_or_end() {
    let lab = Harness::new();
    let handle = lab.handle();
    for refused in
        [handle.pause(), handle.deferred_pause(), handle.resume(), handle.abort(""), handle.stop(), handle.halt()]
    {
        let refused = refused.unwrap_err();
        assert_eq!((refused.name(), refused.state), ("TransitionError", RunEngineState::Idle));
    }
    for run in [lab.resume(), lab.abort(""), lab.stop(), lab.halt()] {
        assert_eq!(run.exception().map(PlanError::name).as_deref(), Some("TransitionError"));
    }
}
