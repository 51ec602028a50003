//! The state machine of the engine: its states, which leads to which, and what can be asked in each.

#![expect(clippy::unwrap_used, reason = "a test's helper may fail the test")]

use std::sync::{Arc, Mutex};

use skyspan::clock::Clock;
use skyspan::engine::{CtrlC, RunEngine, RunEngineHandle, TransitionError};
use skyspan::prelude::*;

/// Behaviour 1 of bluesky's suite: nine states with exactly these names, in this order.
#[test]
fn there_are_nine_states() {
    let names = RunEngineState::ALL.map(RunEngineState::as_str);
    let expected =
        ["idle", "running", "pausing", "paused", "halting", "stopping", "aborting", "suspending", "panicked"];
    assert_eq!(names, expected);
    assert_eq!(RunEngineState::default(), RunEngineState::Idle);
}

#[cfg(feature = "snapshot")]
#[test]
fn the_graph_of_the_states_is_that_of_bluesky() {
    insta::assert_snapshot!(RunEngineState::graph(), @r"
    digraph RunEngine {
      idle -> running
      idle -> panicked
      running -> idle
      running -> pausing
      running -> halting
      running -> stopping
      running -> aborting
      running -> suspending
      running -> panicked
      pausing -> paused
      pausing -> idle
      pausing -> halting
      pausing -> aborting
      pausing -> panicked
      paused -> idle
      paused -> running
      paused -> halting
      paused -> stopping
      paused -> aborting
      paused -> panicked
      halting -> idle
      halting -> panicked
      stopping -> idle
      stopping -> panicked
      aborting -> idle
      aborting -> panicked
      suspending -> running
      suspending -> halting
      suspending -> aborting
      suspending -> panicked
    }
    ");
}

/// What is answered to everything that can be asked through a handle.
fn answers(handle: &RunEngineHandle) -> Vec<Result<(), TransitionError>> {
    vec![handle.pause(), handle.deferred_pause(), handle.resume(), handle.abort(""), handle.stop(), handle.halt()]
}

/// Behaviour 4 of bluesky's suite: an idle engine can be neither paused nor resumed, stopped, aborted or halted.
#[test]
fn an_idle_engine_can_only_be_called() {
    let clock = Clock::simulated();
    let mut engine = RunEngine::builder(clock.clone()).build();
    let handle = engine.handle();
    let mut refused: Vec<TransitionError> = answers(&handle).into_iter().map(Result::unwrap_err).collect();
    let of_engine = clock.block_on(async {
        vec![
            engine.resume().await.unwrap_err(),
            engine.abort("").await.unwrap_err(),
            engine.stop().await.unwrap_err(),
            engine.halt().await.unwrap_err(),
            engine.decision().await.unwrap_err(),
        ]
    });
    refused.extend(of_engine.unwrap());
    for error in refused {
        assert_eq!((error.name(), error.state), ("TransitionError", RunEngineState::Idle), "{error}");
    }
    assert_eq!(engine.state(), RunEngineState::Idle);
}

/// Notes the changes of state.
fn changes(lab: &Harness) -> Arc<Mutex<Vec<(RunEngineState, RunEngineState)>>> {
    let changes = Arc::new(Mutex::new(Vec::new()));
    let note = Arc::clone(&changes);
    lab.with_engine(|engine| engine.set_state_hook(move |new, old| note.lock().unwrap().push((old, new))));
    changes
}

/// Behaviour 3 of bluesky's suite: the state hook sees each change over a pause and a resume, with the state before.
#[test]
fn the_state_hook_sees_every_change() {
    let lab = Harness::new();
    let changes = changes(&lab);
    lab.at(secs(1.0)).suspend_for(secs(1.0));
    lab.at(secs(5.0)).pause();
    assert!(lab.run(plan(async |p| p.sleep(10.0).await)).is_paused());
    lab.resume().assert_success();
    use RunEngineState::{Idle, Paused, Pausing, Running, Suspending};
    let expected = [
        (Idle, Running),
        (Running, Suspending),
        (Suspending, Running),
        (Running, Pausing),
        (Pausing, Paused),
        (Paused, Running),
        (Running, Idle),
    ];
    assert_eq!(*changes.lock().unwrap(), expected);
}

/// Whatever happens, the engine goes from state to state as the table has it.
#[test]
fn every_change_is_one_of_the_table() {
    for at_ms in (0..4000).step_by(250) {
        for what in 0..6 {
            let lab = Harness::new();
            let changes = changes(&lab);
            lab.at(secs(1.0)).suspend_for(secs(1.0));
            let at = || lab.at(ms(at_ms));
            at().call(|| {});
            match what {
                0 => at().pause(),
                1 => at().deferred_pause(),
                2 => at().abort("why not"),
                3 => at().stop(),
                4 => at().halt(),
                _ => at().suspend_for(secs(0.5)),
            }
            let run = lab.run(plan(async |p| {
                p.checkpoint().await?;
                p.sleep(1.5).await?;
                p.checkpoint().await?;
                p.sleep(0.5).await
            }));
            if run.is_paused() {
                let _ = lab.resume();
            }
            for (old, new) in &*changes.lock().unwrap() {
                assert!(old.leads_to().contains(new), "{old} to {new}");
            }
            assert_eq!(lab.state(), RunEngineState::Idle);
        }
    }
}

/// Behaviour 5 of bluesky's suite: a paused engine refuses a call with a RuntimeError, and then can be resumed and called.
#[test]
fn a_paused_engine_refuses_a_call_and_can_be_resumed() {
    let lab = Harness::new();
    let plan_that_pauses = || {
        plan(async |p| {
            p.checkpoint().await?;
            p.pause().await?;
            p.sleep(1.0).await
        })
    };
    assert!(lab.run(plan_that_pauses()).is_paused());
    let refused = lab.run(plan_that_pauses());
    let error = refused.exception().unwrap();
    assert_eq!(&*error.name(), "RuntimeError");
    assert!(error.to_string().contains("The RunEngine is in a paused state"), "{error}");
    assert!(refused.is_paused());
    lab.resume().assert_success();
    assert!(lab.run(plan_that_pauses()).is_paused());
    lab.resume().assert_success();
}

/// Behaviour 6 of bluesky's suite: after a call a deferred pause is still asked for if it came after the last checkpoint.
#[test]
fn a_deferred_pause_after_the_last_checkpoint_stays_asked_for() {
    for (at_s, pauses, stays) in [(None, false, false), (Some(0.1), true, false), (Some(1.4), false, true)] {
        let lab = Harness::new();
        let handle = lab.handle().clone();
        assert!(!handle.deferred_pause_requested());
        if let Some(at_s) = at_s {
            lab.at(secs(at_s)).deferred_pause();
            let handle = handle.clone();
            lab.at(secs(at_s + 0.1)).call(move || assert!(handle.deferred_pause_requested()));
        }
        let run = lab.run(plan(async |p| {
            p.sleep(1.0).await?;
            p.checkpoint().await?;
            p.sleep(1.0).await
        }));
        assert_eq!((run.is_paused(), handle.deferred_pause_requested()), (pauses, stays), "{at_s:?}");
        if pauses {
            lab.resume().assert_success();
        }
        // It does not carry over into the next call.
        lab.run(plan(async |p| p.checkpoint().await)).assert_success();
    }
}

/// Behaviour 2 of bluesky's suite: from `panicked` there is no way back; every method refuses with a RuntimeError.
#[test]
fn panicked_is_for_good() {
    assert!(RunEngineState::Panicked.leads_to().is_empty());
    assert!(
        RunEngineState::ALL.iter().all(|state| {
            *state == RunEngineState::Panicked || state.leads_to().contains(&RunEngineState::Panicked)
        })
    );

    let clock = Clock::simulated();
    let mut engine = RunEngine::builder(clock.clone()).build();
    let handle = engine.handle();
    // Somebody gives it up while it executes a plan.
    let ctrl_c = CtrlC::new(handle.clone());
    assert!(!ctrl_c.give_up(), "one that is idle has not been lost");
    let result = clock
        .block_on(engine.run(plan(async move |p| {
            p.open_run(Map::new()).await?;
            assert!(ctrl_c.give_up());
            p.null().await
        })))
        .unwrap()
        .unwrap();
    assert_eq!(result.run_start_uids.len(), 1);
    assert_eq!(engine.state(), RunEngineState::Panicked);

    let mut refused: Vec<TransitionError> = answers(&handle).into_iter().map(Result::unwrap_err).collect();
    let never = skyspan::message::Awaitable::new(std::future::pending);
    refused.push(handle.suspend(skyspan::engine::Suspension::until(never)).unwrap_err());
    let of_engine = clock.block_on(async {
        vec![
            engine.run(plan(async |p| p.null().await)).await.unwrap_err(),
            engine.resume().await.unwrap_err(),
            engine.abort("").await.unwrap_err(),
            engine.stop().await.unwrap_err(),
            engine.halt().await.unwrap_err(),
            engine.decision().await.unwrap_err(),
            engine.reset().await.unwrap_err(),
        ]
    });
    refused.extend(of_engine.unwrap());
    for error in refused {
        assert_eq!((error.name(), error.state), ("RuntimeError", RunEngineState::Panicked), "{error}");
        assert!(error.to_string().contains("panicked and cannot be recovered"), "{error}");
    }
}

/// `RE.reset` of bluesky: what is paused is halted, and nobody is subscribed any more; what was set stays.
#[test]
fn a_reset_ends_what_is_paused_and_all_subscriptions() {
    let clock = Clock::simulated();
    let mut engine = RunEngine::builder(clock.clone()).md([("sample", "A")]).build();
    let names = Arc::new(Mutex::new(Vec::new()));
    let note = Arc::clone(&names);
    engine.subscribe(move |document| note.lock().unwrap().push(document.name()));
    let run = || {
        plan(async |p| {
            p.open_run(Map::new()).await?;
            p.pause().await?;
            p.close_run().await
        })
    };
    clock
        .block_on(async {
            engine.reset().await.unwrap();
            assert!(engine.run(run()).await.unwrap().interrupted);
            engine.reset().await.unwrap();
            assert_eq!(engine.state(), RunEngineState::Idle);
            assert!(names.lock().unwrap().is_empty(), "the first reset has ended the subscription");

            let note = Arc::clone(&names);
            engine.subscribe(move |document| note.lock().unwrap().push(document.name()));
            assert!(engine.run(run()).await.unwrap().interrupted);
            // A decision that nobody has carried out yet is one, too.
            engine.handle().abort("enough").unwrap();
            engine.reset().await.unwrap();
            assert_eq!(*names.lock().unwrap(), ["start", "stop"]);
            assert_eq!(engine.md().get("sample"), Some(&"A".into()));
            assert!(engine.run(run()).await.unwrap().interrupted, "and it can be called");
        })
        .unwrap();
    assert_eq!(names.lock().unwrap().len(), 2);
}
