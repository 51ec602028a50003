//! Pauses: what comes to rest, what is replayed, and who is asked.

#![expect(clippy::unwrap_used, reason = "a test's helper may fail the test")]

use std::sync::{Arc, Mutex};

use skyspan::device::{Cx, DeviceError, OphydObject, Pausable, Stoppable, SyncOrAsync};
use skyspan::message::Command;
use skyspan::prelude::*;
use skyspan::value::Text;

fn commands(run: &Outcome) -> Vec<String> {
    run.messages().iter().map(|msg| msg.command().to_owned()).collect()
}

fn seq_nums(run: &Outcome) -> Vec<u64> {
    run.events().map(|event| event.seq_num).collect()
}

/// Resumes until the plan is over; gives how often that was.
fn resume_to_the_end(lab: &Harness, mut run: Outcome) -> (Outcome, usize) {
    let mut resumed = 0;
    while run.is_paused() {
        run = lab.resume();
        resumed += 1;
    }
    (run, resumed)
}

/// A `null` that can be told from others.
fn null(number: i64) -> Msg {
    Msg::from(Command::Null).with_run(number)
}

fn numbers(run: &Outcome) -> Vec<i64> {
    run.messages().iter().filter_map(|msg| msg.run.as_i64()).collect()
}

#[test]
fn what_was_executed_since_the_last_checkpoint_is_executed_again() {
    let lab = Harness::new();
    let run = lab.run(plan(async |p| {
        p.msg(null(1)).await?;
        p.checkpoint().await?;
        p.msg(null(2)).await?;
        p.msg(null(3)).await?;
        p.pause().await?;
        p.msg(null(4)).await.map(drop)
    }));
    assert!(run.is_paused() && run.interrupted());
    assert_eq!(lab.state(), RunEngineState::Paused);
    let run = lab.resume();
    run.assert_success();
    assert!(!run.interrupted());
    assert_eq!(numbers(&run), [1, 2, 3, 2, 3, 4]);
}

#[test]
fn what_is_replayed_is_replayed_again_by_the_next_pause() {
    let lab = Harness::new();
    let run = lab.run(plan(async |p| {
        for number in 1..=3 {
            p.msg(null(number)).await?;
            p.pause().await?;
        }
        Ok(())
    }));
    let (run, resumed) = resume_to_the_end(&lab, run);
    assert_eq!((numbers(&run), resumed), (vec![1, 1, 2, 1, 2, 3, 1, 2, 3], 3));
}

#[test]
fn messages_that_cannot_be_executed_twice_are_not_replayed() {
    let lab = Harness::new();
    let det = lab.device("det");
    let run = lab.run(plan(async move |p| {
        p.open_run(Map::new()).await?;
        p.msg(null(1)).await?;
        p.stage(&det).await?;
        p.msg(null(2)).await?;
        p.close_run().await?;
        p.pause().await?;
        p.unstage(&det).await
    }));
    assert!(run.is_paused());
    let run = lab.resume();
    run.assert_success();
    // `stage` is a checkpoint besides, `open_run` and `close_run` are not.
    assert_eq!(commands(&run), ["open_run", "null", "stage", "null", "close_run", "pause", "null", "unstage"]);
    assert_eq!(numbers(&run), [1, 2, 2]);
}

/// Behaviour 27 of bluesky's suite: where it is not rewindable nothing is replayed, and `rewindable` tells the state.
#[test]
fn what_is_not_rewindable_is_not_replayed() {
    let lab = Harness::new();
    let run = lab.run(plan(async |p| {
        let set = |rewindable| p.msg(Command::Rewindable { rewindable });
        assert!(set(None).await?.is_truthy());
        p.msg(null(1)).await?;
        assert!(!set(Some(false)).await?.is_truthy());
        p.msg(null(2)).await?;
        assert!(!set(None).await?.is_truthy());
        p.pause().await?;
        p.msg(null(3)).await.map(drop)
    }));
    assert!(run.is_paused());
    let run = lab.resume();
    assert_eq!(numbers(&run), [1, 2, 3]);
    assert!(lab.with_engine(|engine| !engine.is_rewindable()), "as in bluesky, it stays so after the call");
}

/// Behaviour 28 of bluesky's suite: a detector that cannot be rewound is read between messages that say so.
#[test]
fn a_detector_that_cannot_be_rewound_is_read_without_a_way_back() {
    struct OneWay(Device);

    impl OphydObject for OneWay {
        fn name(&self) -> &Text {
            self.0.name()
        }
        fn class_name(&self) -> Text {
            "OneWay".into()
        }
        fn is_rewindable(&self) -> bool {
            false
        }
        fn as_readable(&self) -> Option<&dyn skyspan::device::Readable> {
            self.0.object().as_readable()
        }
        fn as_triggerable(&self) -> Option<&dyn skyspan::device::Triggerable> {
            self.0.object().as_triggerable()
        }
    }

    let lab = Harness::new();
    let det = lab.add(Device::new(OneWay(lab.device("det"))));
    let run = lab.run(preprocessors::run_wrapper(
        plan(async move |p| p.trigger_and_read(&det, "primary").await.map(drop)),
        Map::new(),
    ));
    run.assert_success();
    let expected = "open_run rewindable rewindable trigger wait create read save rewindable close_run";
    assert_eq!(commands(&run).join(" "), expected);
}

/// Behaviours 47 and 50 of bluesky's suite: the numbers of events are repeated in a replay.
#[test]
fn a_replayed_event_has_the_number_that_it_had() {
    let lab = Harness::new();
    let det = lab.device("det");
    let point = async |p: &Stubs, det: &Device| {
        p.create("primary").await?;
        p.read(det).await?;
        p.save().await
    };
    let run = lab.run(preprocessors::run_wrapper(
        plan(async move |p| {
            p.checkpoint().await?;
            point(&p, &det).await?;
            p.checkpoint().await?;
            point(&p, &det).await?;
            p.pause().await?;
            point(&p, &det).await
        }),
        Map::new(),
    ));
    assert!(run.is_paused());
    let run = lab.resume();
    run.assert_success();
    assert_eq!(seq_nums(&run), [1, 2, 2, 3]);
    let stop = run.documents().last().map(|stop| stop.to_map()).unwrap_or_default();
    assert_eq!(stop.get("num_events"), Some(&Map::from_iter([("primary", 3)]).into()));

    // Without a checkpoint before the first event, all of it is replayed, and the stream is not described again.
    let det = lab.device("det");
    let run = lab.run(preprocessors::run_wrapper(
        plan(async move |p| {
            point(&p, &det).await?;
            p.pause().await?;
            point(&p, &det).await
        }),
        Map::new(),
    ));
    assert!(run.is_paused());
    let run = lab.resume();
    let names: Vec<_> = run.documents().iter().map(Document::name).collect();
    assert_eq!(names, ["start", "descriptor", "event", "event", "event", "stop"]);
    assert_eq!(seq_nums(&run), [1, 1, 2]);
}

#[test]
fn a_bundle_that_is_open_in_a_pause_is_begun_anew() {
    let lab = Harness::new();
    let det = lab.device("det");
    let run = lab.run(preprocessors::run_wrapper(
        plan(async move |p| {
            p.checkpoint().await?;
            p.create("primary").await?;
            p.pause().await?;
            p.read(&det).await?;
            p.save().await
        }),
        Map::new(),
    ));
    assert!(run.is_paused());
    let run = lab.resume();
    run.assert_success();
    assert_eq!(seq_nums(&run), [1]);
}

#[test]
fn a_pause_cuts_a_sleep_and_a_wait_short_and_they_begin_anew() {
    let lab = Harness::new();
    let axis = lab.add(SynAxis::new("axis").delay_s(4.0));
    lab.at(secs(3.0)).pause();
    let run = lab.run(plan(async move |p| {
        p.checkpoint().await?;
        p.abs_set_in(&axis, 1, "g").await?;
        p.wait("g").await?;
        p.sleep(2.0).await
    }));
    assert!(run.is_paused());
    assert_eq!(run.duration(), secs(3.0));
    let run = lab.resume();
    run.assert_success();
    assert_eq!(commands(&run), ["checkpoint", "set", "wait", "set", "wait", "sleep"]);
    assert_eq!(run.duration(), secs(3.0 + 4.0 + 2.0));
    run.assert(exactly(2, span("Bluesky RunEngine wait")));
}

#[test]
fn a_deferred_pause_waits_for_a_checkpoint_and_leaves_half_a_second() {
    let lab = Harness::new();
    lab.at(secs(1.0)).deferred_pause();
    let run = lab.run(plan(async |p| {
        p.sleep(5.0).await?;
        p.checkpoint().await?;
        p.sleep(5.0).await
    }));
    assert!(run.is_paused());
    assert_eq!(run.duration(), secs(5.5));
    assert!(!lab.handle().deferred_pause_requested());
    let run = lab.resume();
    assert_eq!((run.duration(), run.exit_status()), (secs(10.5), Success));
}

/// What a device is asked when the engine pauses.
struct Nosy {
    name: Text,
    asked: Arc<Mutex<Vec<String>>>,
    refuses_replay: bool,
    fails_to_stop: bool,
}

impl Nosy {
    fn note(&self, what: &str) {
        self.asked.lock().unwrap().push(format!("{} {what}", self.name));
    }
}

impl OphydObject for Nosy {
    fn name(&self) -> &Text {
        &self.name
    }
    fn class_name(&self) -> Text {
        "Nosy".into()
    }
    fn as_pausable(&self) -> Option<&dyn Pausable> {
        Some(self)
    }
    fn as_stoppable(&self) -> Option<&dyn Stoppable> {
        Some(self)
    }
    fn as_movable(&self) -> Option<&dyn skyspan::device::Movable> {
        Some(self)
    }
}

impl Pausable for Nosy {
    fn pause<'a>(&'a self, _: Cx<'a>) -> SyncOrAsync<'a, Result<(), DeviceError>> {
        self.note("pause");
        SyncOrAsync::now(if self.refuses_replay { Err(DeviceError::other("NoReplayAllowed", "")) } else { Ok(()) })
    }
    fn resume<'a>(&'a self, _: Cx<'a>) -> SyncOrAsync<'a, Result<(), DeviceError>> {
        self.note("resume");
        SyncOrAsync::now(Ok(()))
    }
}

impl Stoppable for Nosy {
    fn stop<'a>(&'a self, _: Cx<'a>, _: bool) -> SyncOrAsync<'a, Result<(), DeviceError>> {
        self.note("stop");
        SyncOrAsync::now(if self.fails_to_stop { Err(DeviceError::value("jammed")) } else { Ok(()) })
    }
}

impl skyspan::device::Movable for Nosy {
    fn set(&self, cx: Cx<'_>, _: &skyspan::device::Args) -> Result<skyspan::device::Status, DeviceError> {
        Ok(skyspan::device::Status::null(cx))
    }
}

/// Two nosy devices in a plan with a pause, and what they were asked.
fn asked(refuses_replay: bool, fails_to_stop: bool) -> (Outcome, Vec<String>) {
    let lab = Harness::new();
    let asked = Arc::new(Mutex::new(Vec::new()));
    let nosy = |name: &str| {
        let asked = Arc::clone(&asked);
        lab.add(Device::new(Nosy { name: name.into(), asked, refuses_replay, fails_to_stop }))
    };
    let (a, b) = (nosy("a"), nosy("b"));
    let run = lab.run(plan(async move |p| {
        p.checkpoint().await?;
        p.mv_all([(&a, 1), (&b, 1)]).await?;
        p.pause().await
    }));
    assert!(run.is_paused());
    let run = lab.resume();
    let asked = asked.lock().unwrap().clone();
    (run, asked)
}

/// Behaviour 8 of bluesky's suite: a pause stops every device that was set, even if one of them fails to stop.
#[test]
fn a_pause_stops_all_that_was_set_and_tells_all_that_want_to_know() {
    let in_turn = ["a stop", "b stop", "a pause", "b pause", "a resume", "b resume", "a stop", "b stop"];
    let (run, told) = asked(false, false);
    run.assert_success();
    assert_eq!(told, in_turn);
    assert_eq!(commands(&run).join(" "), "checkpoint set set wait pause set set wait");
    assert!(run.result().cleanup_errors.is_empty());

    let (run, told) = asked(false, true);
    run.assert_success();
    assert_eq!(told, in_turn);
    let errors = &run.result().cleanup_errors;
    assert_eq!(errors.len(), 4);
    assert!(errors.iter().all(|error| error.contains("Failed to stop") && error.contains("jammed")), "{errors:?}");
}

#[test]
fn a_device_may_forbid_the_replay() {
    let (run, _) = asked(true, false);
    run.assert_success();
    assert_eq!(commands(&run).join(" "), "checkpoint set set wait pause");
}

/// Behaviour 19 of bluesky's suite: the clean-up of a plan runs after a stop, an abort and a resume; behaviour 29: a halt
/// skips it, from a pause and while it sleeps.
#[test]
fn the_clean_up_of_a_plan_runs_unless_it_is_halted() {
    let cleaned_up = |end: &dyn Fn(&Harness) -> Outcome| {
        let lab = Harness::new();
        let plan = plan(async |p| p.finalize(async { p.pause().await }, async { p.msg(null(1)).await }).await);
        assert!(lab.run(plan).is_paused());
        numbers(&end(&lab)).len()
    };
    assert_eq!(cleaned_up(&|lab| lab.resume()), 1);
    assert_eq!(cleaned_up(&|lab| lab.stop()), 1);
    assert_eq!(cleaned_up(&|lab| lab.abort("why not")), 1);
    assert_eq!(cleaned_up(&|lab| lab.halt()), 0);

    let lab = Harness::new();
    lab.at(secs(1.0)).halt();
    let run = lab.run(plan(async |p| {
        let error = p.sleep(50.0).await.unwrap_err();
        assert!(error.is_halt());
        p.msg(null(1)).await.map(drop)
    }));
    assert_eq!((run.exit_status(), run.duration(), numbers(&run).len()), (Abort, secs(1.0), 0));
    let errors = &run.result().cleanup_errors;
    assert!(errors.len() == 1 && errors[0].contains("tried to go on"), "{errors:?}");
}

/// Behaviour 30 of bluesky's suite: stop and abort are prompt, and what the plan does about them is executed.
#[test]
fn stop_and_abort_are_prompt_and_a_plan_may_answer_them() {
    for is_stop in [true, false] {
        let lab = Harness::new();
        if is_stop {
            lab.at(secs(1.0)).stop()
        } else {
            lab.at(secs(1.0)).abort("")
        }
        let run = lab.run(plan(async |p| {
            let error = p.sleep(50.0).await.unwrap_err();
            p.sleep(2.0).await?;
            Err::<(), _>(error)
        }));
        assert_eq!(run.duration(), secs(3.0));
        assert_eq!(run.exit_status(), if is_stop { Success } else { Abort });
        assert_eq!(run.plan_result(), None);
    }
}

/// Behaviour 20 of bluesky's suite: a plan sees which end it comes to.
#[test]
fn a_plan_sees_which_end_it_comes_to() {
    for (end, seen) in
        [("stop", PlanError::RequestStop), ("abort", PlanError::RequestAbort), ("halt", PlanError::PlanHalt)]
    {
        let lab = Harness::new();
        let found = Arc::new(Mutex::new(None));
        let note = Arc::clone(&found);
        let run = lab.run(plan(async move |p| {
            let result = p.pause().await;
            *note.lock().unwrap() = result.clone().err();
            result
        }));
        assert!(run.is_paused());
        let run = match end {
            "stop" => lab.stop(),
            "abort" => lab.abort(""),
            _ => lab.halt(),
        };
        assert_eq!(*found.lock().unwrap(), Some(seen));
        assert_eq!(run.exception(), None);
    }
}

/// Behaviour 24 of bluesky's suite: clean-ups that go wrong in any way leave an engine that is as good as before.
#[test]
fn clean_ups_that_go_wrong_leave_the_engine_as_good_as_before() {
    type CleanUp = fn(Stubs, Device) -> std::pin::Pin<Box<dyn Future<Output = Result<(), PlanError>> + Send>>;
    let clean_ups: [(&str, CleanUp); 4] = [
        ("raises", |_, _| Box::pin(async { Err(plan_error!("in the clean-up")) })),
        ("bad set", |p, det| Box::pin(async move { p.mv(&det, 1).await })),
        ("bad message", |p, _| Box::pin(async move { p.save().await })),
        ("pauses", |p, _| Box::pin(async move { p.pause().await })),
    ];
    for (name, clean_up) in clean_ups {
        for end in ["stop", "abort", "halt"] {
            let lab = Harness::new();
            let det = lab.device("det");
            let run = lab.run(preprocessors::run_wrapper(
                plan(async move |p| p.finalize(p.pause(), clean_up(p.clone(), det)).await),
                Map::new(),
            ));
            assert!(run.is_paused());
            let run = match end {
                "stop" => lab.stop(),
                "abort" => lab.abort(""),
                _ => lab.halt(),
            };
            assert_eq!(run.state(), RunEngineState::Idle, "{name}, {end}");
            assert_eq!(run.documents().last().map(Document::name), Some("stop"), "{name}, {end}");
            lab.run(plans::count(&lab.device("det"), 1)).assert_success();
        }
    }
}

/// A subscriber that raises at its nth event.
fn raises_at(nth: u64) -> impl FnMut(&Document) -> Result<(), PlanError> + Send {
    let mut events = 0;
    move |document| {
        let is_event = document.name() == "event";
        events += u64::from(is_event);
        if is_event && events == nth { Err(plan_error!("the database is full")) } else { Ok(()) }
    }
}

/// A plan that pauses, and tells whether it has cleaned up.
fn pausing(pauses: fn(&Harness) -> Plan, lab: &Harness, tidied: &Arc<Mutex<bool>>) -> Plan {
    let told = Arc::clone(tidied);
    let clean_up = plan(async move |p| {
        *told.lock().unwrap() = true;
        p.null().await
    });
    preprocessors::run_wrapper(preprocessors::finalize_wrapper(pauses(lab), clean_up), Map::new())
}

#[test]
fn a_subscriber_that_raises_at_an_interruption_is_an_error_of_the_plan_that_asked_for_it() {
    let asks: [fn(&Harness) -> Plan; 2] = [
        |_| {
            plan(async |p| {
                p.checkpoint().await?;
                p.pause().await?;
                p.sleep(1.0).await
            })
        },
        |_| {
            plan(async |p| {
                p.deferred_pause().await?;
                p.sleep(1.0).await?;
                p.checkpoint().await?;
                p.sleep(1.0).await
            })
        },
    ];
    for (at, ask) in asks.into_iter().enumerate() {
        let lab = Harness::builder().record_interruptions(true).build();
        lab.with_engine(|engine| engine.subscribe(raises_at(1)));
        let tidied = Arc::default();
        let run = lab.run(pausing(ask, &lab, &tidied));
        assert_eq!((run.exit_status(), run.state()), (Fail, RunEngineState::Idle), "{at}");
        assert_eq!(run.exception().map(ToString::to_string).as_deref(), Some("the database is full"), "{at}");
        assert!(*tidied.lock().unwrap(), "{at}: a finalizer always runs");
    }
}

#[test]
fn a_subscriber_that_raises_at_a_pause_from_outside_does_not_end_the_plan() {
    let lab = Harness::builder().record_interruptions(true).build();
    lab.with_engine(|engine| engine.subscribe(raises_at(1)));
    lab.at(ms(500)).pause();
    let run = lab.run(pausing(|_| plan(async |p| p.sleep(2.0).await), &lab, &Arc::default()));
    assert_eq!((run.exit_status(), run.duration()), (Success, secs(2.0)));
    assert_eq!(run.result().cleanup_errors, ["Failed to pause: the database is full"]);
}

#[test]
fn a_resumption_that_fails_leaves_the_engine_paused_and_can_be_asked_for_again() {
    let lab = Harness::builder().record_interruptions(true).build();
    lab.with_engine(|engine| engine.subscribe(raises_at(2)));
    lab.at(ms(500)).pause();
    let run = lab.run(pausing(|_| plan(async |p| p.sleep(2.0).await), &lab, &Arc::default()));
    assert!(run.is_paused() && run.exception().is_none());
    let run = lab.resume();
    assert!(run.is_paused());
    assert_eq!(run.exception().map(ToString::to_string).as_deref(), Some("the database is full"));
    let run = lab.resume();
    assert_eq!((run.exit_status(), run.exception()), (Success, None));
    assert_eq!(run.result().cleanup_errors, ["Failed to resume: the database is full"]);
}

#[test]
fn a_device_that_fails_to_pause_is_an_error_of_the_plan_and_what_is_monitored_goes_on() {
    let lab = Harness::new();
    let stage = lab.add(SynAxis::new("stage").unreplayable());
    let beam = lab.add(Signal::new("beam", 0));
    stage.fault(Fault::on(Method::Pause, 1).raises("it is jammed"));
    let (told, put) = (beam.clone(), lab.clock().clone());
    lab.at(ms(500)).pause();
    lab.at(secs(3.0)).call(move || {
        let signal = told.downcast_ref::<Signal>().unwrap();
        signal.put(7, put.now()).unwrap();
    });
    let (seen, device) = (beam.clone(), stage.clone());
    let run = lab.run(plan(async move |p| {
        let body = async {
            p.monitor(&seen, "beam").await?;
            p.mv(&device, 1).await?;
            p.checkpoint().await?;
            let failed = p.sleep(2.0).await;
            assert_eq!(failed.map_err(|error| error.to_string()), Err("it is jammed".to_owned()));
            p.sleep(5.0).await
        };
        p.in_run(Map::new(), body).await
    }));
    run.assert_success();
    let values: Vec<_> = run.events().filter_map(|event| event.get("beam").cloned()).collect();
    assert_eq!(values.last(), Some(&7.into()), "it is monitored again");
}

#[test]
fn data_of_one_run_in_another_are_told_with_both_runs_and_the_messages() {
    let measures = |checkpoints: bool| {
        plan(async move |p| {
            p.checkpoint().await?;
            p.open_run(Map::new()).await?;
            p.create("primary").await?;
            p.save().await?;
            p.close_run().await?;
            if checkpoints {
                p.checkpoint().await?;
            }
            p.open_run(Map::new()).await?;
            p.sleep(1.0).await?;
            p.close_run().await
        })
    };
    for checkpoints in [false, true] {
        let lab = Harness::new();
        lab.at(ms(500)).pause();
        lab.at(secs(2.0)).resume();
        let run = lab.run(measures(checkpoints));
        run.assert_success();
        let warned: Vec<String> = run.result().warnings.iter().map(ToString::to_string).collect();
        let [from, into] = &*run.result().run_start_uids else { panic!("two runs") };
        let warning = format!(
            "create(name='primary'), save() of run {from} were executed again in run {into}, for there was no checkpoint after \
             its `close_run`"
        );
        assert_eq!(warned, if checkpoints { Vec::new() } else { vec![warning] });
    }
}
