//! Ctrl-C: which presses count, and what they do to a plan. The times are the clock's, so nobody waits.

#![expect(clippy::unwrap_used, reason = "a test's helper may fail the test")]

use std::sync::mpsc;
use std::time::Duration;

use skyspan::clock::Clock;
use skyspan::device::{Cx, OphydObject, Readable, Readings, SyncOrAsync};
use skyspan::engine::{CtrlC, Press, RunEngine};
use skyspan::message::Command;
use skyspan::prelude::*;
use skyspan::value::Text;

use Press::{DeferredPause, Ignored, Kill, Pause, Released};

/// Presses at these milliseconds of the next call, all of one call; gives what they meant.
fn press(lab: &Harness, at_ms: &[u64]) -> mpsc::Receiver<Press> {
    let (told, meant) = mpsc::channel();
    let ctrl_c = std::sync::Arc::new(std::sync::Mutex::new(CtrlC::new(lab.handle().clone())));
    for at in at_ms {
        let (clock, ctrl_c, told) = (lab.clock().clone(), ctrl_c.clone(), told.clone());
        lab.at(Duration::from_millis(*at)).call(move || {
            let _ = told.send(ctrl_c.lock().unwrap().press(clock.now()));
        });
    }
    meant
}

#[test]
fn presses_count_unless_they_are_too_fast_and_are_forgotten_after_a_while() {
    let engine = RunEngine::builder(Clock::simulated()).build();
    let meanings = |at_ms: &[u64]| -> Vec<Press> {
        let mut ctrl_c = CtrlC::new(engine.handle());
        at_ms.iter().map(|at| ctrl_c.press(Timestamp::EPOCH + Duration::from_millis(*at))).collect()
    };
    assert_eq!(meanings(&[0, 5000, 15_000, 25_001]), [DeferredPause, Pause, Pause, DeferredPause]);
    // The time is counted from the last that counted; a tenth of a second is not enough, nor are ten seconds too much.
    assert_eq!(meanings(&[0, 60, 100, 101, 160]), [DeferredPause, Ignored, Ignored, Pause, Ignored]);
    assert_eq!(meanings(&[0, 10_000, 20_000, 30_001]), [DeferredPause, Pause, Pause, DeferredPause]);
    let many: Vec<u64> = (0..13).map(|press| press * 200).collect();
    let mut expected = [Pause; 13];
    (expected[0], expected[10], expected[11], expected[12]) = (DeferredPause, Kill, Released, Released);
    assert_eq!(meanings(&many), expected);
    // After eleven there is no way back, however long it takes.
    let mut late = many[..11].to_vec();
    late.push(60_000);
    assert_eq!(meanings(&late).last(), Some(&Released));
}

/// Behaviour 21 of bluesky's suite: three presses pause at once, while a move runs, and the clean-up runs after an abort.
#[test]
fn three_presses_pause_a_move_at_once() {
    let lab = Harness::new();
    let axis = lab.add(SynAxis::new("axis").delay_s(0.5));
    let meant = press(&lab, &[0, 110, 220]);
    let run = lab.run(plan(async move |p| p.finalize(p.mv(&axis, 1), p.mv(&axis, 0)).await));
    assert!(run.is_paused() && run.interrupted());
    assert_eq!(run.duration(), ms(110));
    let run = lab.abort("");
    assert_eq!((run.exit_status(), run.duration()), (Abort, ms(110) + ms(500)));
    // The third comes while the plan is being aborted, which cannot be paused.
    assert_eq!(meant.try_iter().collect::<Vec<_>>(), [DeferredPause, Pause, Pause]);
}

/// Behaviour 23 of bluesky's suite: one press without a checkpoint stops nothing, and does not leak into the next call.
#[test]
fn one_press_without_a_checkpoint_stops_neither_this_plan_nor_the_next() {
    let lab = Harness::new();
    let meant = press(&lab, &[1000]);
    let run = lab.run(plan(async |p| p.sleep(3.0).await));
    run.assert_success();
    assert_eq!(run.duration(), secs(3.0));
    assert_eq!(meant.try_iter().collect::<Vec<_>>(), [DeferredPause]);
    let run = lab.run(plan(async |p| p.checkpoint().await));
    run.assert_success();
}

/// Behaviour 23 of bluesky's suite: one press pauses a plan at its next checkpoint.
#[test]
fn one_press_pauses_at_the_next_checkpoint() {
    let lab = Harness::new();
    let _meant = press(&lab, &[1500]);
    let run = lab.run(plan(async |p| {
        loop {
            p.sleep(1.0).await?;
            p.checkpoint().await?;
        }
        #[expect(unreachable_code, reason = "it says what the plan would give")]
        Ok(())
    }));
    assert!(run.is_paused());
    assert_eq!(run.duration(), secs(2.5));
}

#[test]
fn a_press_that_comes_too_late_is_passed_over() {
    let lab = Harness::new();
    let mut ctrl_c = CtrlC::new(lab.handle().clone());
    assert_eq!(ctrl_c.press(lab.clock().now()), DeferredPause);
    assert_eq!(ctrl_c.press(lab.clock().now() + secs(1.0)), Pause);
    assert_eq!(lab.state(), RunEngineState::Idle);
    assert!(!ctrl_c.give_up());
    lab.run(plan(async |p| p.checkpoint().await)).assert_success();
}

/// Behaviour 22 of bluesky's suite: the eleventh press ends a call whose plan does not let it pause, with `fail` and
/// without a reason.
#[test]
fn the_eleventh_press_ends_the_call_without_asking_the_plan() {
    let lab = Harness::new();
    let handle = lab.handle().clone();
    let mut ctrl_c = CtrlC::new(handle.clone());
    let run = lab.run(plan(async move |p| {
        p.open_run(Map::new()).await?;
        // A plan that computes for long: all presses come before its next message.
        let now = p.env().clock.now();
        let presses: Vec<Press> = (0..11).map(|press| ctrl_c.press(now + ms(press * 150))).collect();
        assert_eq!((presses[0], presses[1], presses[10]), (DeferredPause, Pause, Kill));
        // What is asked after that changes nothing.
        let _ = handle.abort("too late");
        let result = p.sleep(1.0).await;
        let _ = p.null().await;
        result
    }));
    assert_eq!((run.state(), run.exit_status(), run.interrupted()), (RunEngineState::Idle, Fail, true));
    assert_eq!((run.exception(), &*run.result().reason, run.duration()), (None, "", Duration::ZERO));
    let Some(Document::Stop(stop)) = run.documents().last() else { panic!("the run was closed") };
    assert_eq!((stop.exit_status, &*stop.reason), (Fail, ""));
    let commands: Vec<&str> = run.messages().iter().map(Msg::command).collect();
    assert_eq!(commands, ["open_run", "sleep"], "the plan was not asked");
    run.assert(one(span("Bluesky RunEngine run").exit_status(Fail).ended()));
    lab.run(plan(async |p| p.checkpoint().await)).assert_success();
}

#[test]
fn the_eleventh_press_ends_a_paused_call_too() {
    let lab = Harness::new();
    let run = lab.run(plan(async |p| p.pause().await));
    assert!(run.is_paused());
    let mut ctrl_c = CtrlC::new(lab.handle().clone());
    let now = lab.clock().now();
    let presses: Vec<Press> = (0..11).map(|press| ctrl_c.press(now + ms(press * 150))).collect();
    assert_eq!(presses.last(), Some(&Kill));
    assert!(!ctrl_c.give_up(), "a paused engine has come back");
    // It is left with the next that is asked of it.
    let run = lab.resume();
    assert_eq!(run.state(), RunEngineState::Idle);
}

/// A detector that does not come back from being read, until it is let go.
struct Stuck {
    let_go: std::sync::Mutex<mpsc::Receiver<()>>,
    is_stuck: mpsc::Sender<()>,
}

impl OphydObject for Stuck {
    fn name(&self) -> &Text {
        const { &Text::literal("stuck") }
    }
    fn class_name(&self) -> Text {
        "Stuck".into()
    }
    fn as_readable(&self) -> Option<&dyn Readable> {
        Some(self)
    }
}

impl Readable for Stuck {
    fn read<'a>(&'a self, _: Cx<'a>) -> SyncOrAsync<'a, Result<Readings, DeviceError>> {
        self.is_stuck.send(()).unwrap();
        let _ = self.let_go.lock().unwrap().recv();
        SyncOrAsync::now(Ok(Readings::default()))
    }
    fn describe<'a>(&'a self, _: Cx<'a>) -> SyncOrAsync<'a, Result<skyspan::device::DataKeys, DeviceError>> {
        SyncOrAsync::now(Ok(skyspan::device::DataKeys::default()))
    }
}

/// Behaviour 22 of bluesky's suite: an engine that does not come back after the eleventh press is panicked, for good,
/// even if it comes back after all.
#[test]
fn an_engine_that_does_not_come_back_is_panicked() {
    let (let_it_go, let_go) = mpsc::channel();
    let (is_stuck, stuck) = mpsc::channel();
    let device = Device::new(Stuck { let_go: std::sync::Mutex::new(let_go), is_stuck });
    let clock = Clock::simulated();
    let mut engine = RunEngine::builder(clock.clone()).build();
    let mut ctrl_c = CtrlC::new(engine.handle());
    let (documents, stops) = mpsc::channel();
    engine.subscribe_to(DocumentName::Stop, move |document| documents.send(document.clone()).unwrap());
    let call = std::thread::spawn(move || {
        let result = clock.block_on(engine.run(plan(async move |p| {
            p.open_run(Map::new()).await?;
            p.msg(Command::Read { obj: device }).await?;
            p.close_run().await
        })));
        let again = clock.block_on(engine.run(plan(async |p| p.null().await)));
        (result.unwrap().unwrap(), again.unwrap().unwrap_err())
    });
    stuck.recv().unwrap();
    let at = |press: u32| Timestamp::EPOCH + CtrlC::SPACING * 2 * press;
    let presses: Vec<Press> = (0..11).map(|press| ctrl_c.press(at(press))).collect();
    assert_eq!(presses.last(), Some(&Kill));
    // In a process somebody waits now for `CtrlC::PATIENCE`; it would not help.
    assert!(ctrl_c.give_up());
    assert!(stops.try_recv().is_err());
    let_it_go.send(()).unwrap();
    let (result, refused) = call.join().unwrap();
    assert_eq!((result.exit_status, &*result.reason), (Fail, ""));
    let Document::Stop(stop) = stops.recv().unwrap() else { panic!("a stop") };
    assert_eq!(stop.exit_status, Fail, "the run is closed nevertheless");
    assert_eq!((refused.name(), refused.state), ("RuntimeError", RunEngineState::Panicked));
    assert_eq!(ctrl_c.press(at(12)), Released);
}
