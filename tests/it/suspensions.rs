//! Suspensions: what a plan does in one, and what becomes of it when it is paused, ended or suspended again meanwhile.
//!
//! The expected messages and times are those of bluesky 1.15.1, where the same was done.

#![expect(clippy::unwrap_used, reason = "a test's helper may fail the test")]

use std::sync::{Arc, Mutex};

use skyspan::device::{Cx, OphydObject, Pausable, Readable, SyncOrAsync, Triggerable};
use skyspan::engine::{Suspender, Suspension};
use skyspan::expect::{Expectation, ForestExpectation};
use skyspan::message::{Awaitable, Command, GenericMsg};
use skyspan::prelude::*;
use skyspan::program::{CallbackSpec, ProgramCallback};
use skyspan::trace::Status;
use skyspan::value::Value;

use crate::tripping::{checkpoint_and_sleep, commands, install, install_high, justifications, lab, put, schedule};

/// Behaviour 53 of bluesky's suite: the plans before and after a suspension, and what is executed around them.
#[test]
fn the_plans_before_and_after_a_suspension_stand_around_the_wait() {
    let lab = lab();
    let before = || plan(async |p| p.null().await.map(drop));
    let after = || plan(async |p| p.sleep(0.25).await);
    let plain = || Suspender::bool_high(&lab.device("a"));
    let begin = "checkpoint sleep _start_suspender rewindable";
    for (suspender, expected, duration_s) in [
        (plain(), "wait_for _resume_from_suspender rewindable sleep", 1.5),
        (plain().pre_plan(before), "null wait_for _resume_from_suspender rewindable sleep", 1.5),
        (plain().post_plan(after), "wait_for _resume_from_suspender sleep rewindable sleep", 1.75),
        (
            plain().pre_plan(before).post_plan(after),
            "null wait_for _resume_from_suspender sleep rewindable sleep",
            1.75,
        ),
    ] {
        let suspender = suspender.build().unwrap();
        install(&lab, &suspender);
        // The plans are made anew for each suspension.
        for _ in 0..2 {
            schedule(&lab, &[(0.1, "a", 1), (1.0, "a", 0)]);
            let run = lab.run(checkpoint_and_sleep());
            run.assert_success();
            assert_eq!((commands(&run), run.duration()), (format!("{begin} {expected}"), secs(duration_s)));
        }
        lab.with_engine(|engine| engine.remove_suspender(&suspender));
    }
    assert!(lab.with_engine(|engine| engine.suspenders().is_empty()));
}

/// Behaviour 54 of bluesky's suite: a pause while the plan waits to begin; after it, the `wait_for` is executed again.
#[test]
fn a_pause_before_a_plan_has_begun_repeats_the_wait() {
    let lab = lab();
    install_high(&lab, &["a"]);
    put(&lab, &lab.device("a"), 1)();
    lab.at(secs(1.0)).pause();
    schedule(&lab, &[(2.0, "a", 0)]);
    let run = lab.run(plan(async |p| p.checkpoint().await));
    assert!(run.is_paused());
    assert_eq!((&*commands(&run), run.duration()), ("wait_for", secs(1.0)));
    let run = lab.resume();
    run.assert_success();
    assert_eq!((&*commands(&run), run.duration()), ("wait_for wait_for checkpoint", secs(2.0)));
}

#[test]
fn a_deferred_pause_before_a_plan_has_begun_waits_for_its_first_checkpoint() {
    let lab = lab();
    install_high(&lab, &["a"]);
    put(&lab, &lab.device("a"), 1)();
    lab.at(secs(1.0)).deferred_pause();
    schedule(&lab, &[(4.0, "a", 0)]);
    let run = lab.run(plan(async |p| {
        p.checkpoint().await?;
        p.null().await
    }));
    assert!(run.is_paused());
    assert_eq!((&*commands(&run), run.duration()), ("wait_for checkpoint", secs(4.5)));
    assert_eq!(commands(&lab.resume()), "wait_for checkpoint null");
}

/// What is in the message list of a suspension that has begun.
const BEGUN: &str = "checkpoint sleep _start_suspender rewindable wait_for";

/// As in bluesky: what is executed in a suspension is not executed again, the wait neither.
#[test]
fn a_wait_that_a_pause_interrupts_is_not_taken_up_again() {
    let lab = lab();
    install_high(&lab, &["a"]);
    schedule(&lab, &[(0.3, "a", 1), (1.5, "a", 0)]);
    lab.at(secs(0.6)).pause();
    let run = lab.run(checkpoint_and_sleep());
    assert!(run.is_paused());
    assert_eq!((&*commands(&run), run.duration()), (BEGUN, secs(0.6)));
    let run = lab.resume();
    run.assert_success();
    assert_eq!(commands(&run), format!("{BEGUN} _resume_from_suspender rewindable sleep"));
    assert_eq!(run.duration(), secs(0.6 + 0.5));
}

#[test]
fn suspensions_nest_and_the_wait_below_is_over_with_the_one_on_top() {
    let on_top = "_start_suspender rewindable wait_for _resume_from_suspender rewindable";
    // Whichever comes back first.
    for (puts, duration_s) in [([(0.9, "b", 0), (1.8, "a", 0)], 0.9), ([(0.9, "a", 0), (1.4, "b", 0)], 1.4)] {
        let lab = lab();
        install_high(&lab, &["a", "b"]);
        schedule(&lab, &[(0.3, "a", 1), (0.6, "b", 1)]);
        schedule(&lab, &puts);
        let run = lab.run(checkpoint_and_sleep());
        run.assert_success();
        assert_eq!(commands(&run), format!("{BEGUN} {on_top} _resume_from_suspender rewindable sleep"));
        assert_eq!(justifications(&run), ["Signal a is high", "Signal b is high"]);
        assert_eq!(run.duration(), secs(duration_s + 0.5));
    }
}

#[test]
fn of_two_that_trip_at_the_same_time_the_later_one_is_on_top() {
    let lab = lab();
    install_high(&lab, &["a"]);
    install(&lab, &Suspender::ceil(&lab.device("a"), 0.5).build().unwrap());
    schedule(&lab, &[(0.3, "a", 1), (0.6, "a", 0)]);
    let run = lab.run(checkpoint_and_sleep());
    run.assert_success();
    let end = "_resume_from_suspender rewindable sleep";
    assert_eq!(commands(&run), format!("{BEGUN} {end} _start_suspender rewindable wait_for {end}"));
    let ceiling = "Signal a = 1 went above 0.5 and has not yet crossed below 0.5.";
    assert_eq!(justifications(&run), [ceiling, "Signal a is high"]);
    assert_eq!(run.duration(), secs(0.6 + 0.5 + 0.5), "what one of them repeats, the other interrupts");
}

#[test]
fn a_suspender_that_trips_again_before_it_lets_go_suspends_again() {
    let lab = lab();
    let suspender = Suspender::bool_high(&lab.device("a")).sleep_s(0.5).build().unwrap();
    install(&lab, &suspender);
    // The second 1 finds it tripped.
    schedule(&lab, &[(0.3, "a", 1), (0.4, "a", 1), (0.6, "a", 0), (0.8, "a", 1), (1.5, "a", 0)]);
    let run = lab.run(checkpoint_and_sleep());
    run.assert_success();
    let on_top = "_start_suspender rewindable wait_for _resume_from_suspender rewindable";
    assert_eq!(commands(&run), format!("{BEGUN} {on_top} _resume_from_suspender rewindable sleep"));
    assert_eq!(run.duration(), secs(1.5 + 0.5 + 0.5));
}

/// As in bluesky, where only a running engine is told.
#[test]
fn a_suspender_that_trips_while_the_plan_is_paused_does_not_keep_it_from_going_on() {
    let lab = lab();
    let suspender = Suspender::bool_high(&lab.device("a")).build().unwrap();
    install(&lab, &suspender);
    lab.at(secs(0.3)).pause();
    assert!(lab.run(checkpoint_and_sleep()).is_paused());
    put(&lab, &lab.device("a"), 1)();
    let run = lab.resume();
    run.assert_success();
    assert!(suspender.tripped());
    assert_eq!((&*commands(&run), run.duration()), ("checkpoint sleep sleep", secs(0.8)));
    // The next plan has to wait.
    schedule(&lab, &[(3.0, "a", 0)]);
    assert_eq!(lab.run(checkpoint_and_sleep()).duration(), secs(3.5));
}

/// What lets go after a time.
fn after(lab: &Harness, time_s: f64) -> Awaitable {
    let clock = lab.clock().clone();
    Awaitable::new(move || {
        let clock = clock.clone();
        async move {
            clock.sleep(secs(time_s)).await;
            Ok(Value::Null)
        }
    })
}

#[test]
fn a_suspension_that_is_asked_for_in_a_pause_comes_after_the_replay() {
    let lab = lab();
    lab.at(secs(0.3)).pause();
    assert!(lab.run(checkpoint_and_sleep()).is_paused());
    lab.handle().suspend(Suspension::until(after(&lab, 1.0)).because("why not")).unwrap();
    let run = lab.resume();
    run.assert_success();
    let suspended = "_start_suspender rewindable wait_for _resume_from_suspender rewindable";
    assert_eq!(commands(&run), format!("checkpoint sleep sleep {suspended} sleep"));
    assert_eq!(run.duration(), secs(0.3 + 0.5 + 1.0 + 0.5));
    assert_eq!(justifications(&run), ["why not"]);
}

#[test]
fn a_suspension_that_is_asked_for_in_a_pause_is_forgotten_with_the_plan() {
    let lab = lab();
    lab.at(secs(0.3)).pause();
    let run = lab.run(plan(async |p| {
        p.checkpoint().await?;
        let error = p.sleep(0.5).await.unwrap_err();
        p.sleep(2.0).await?;
        Err::<(), _>(error)
    }));
    assert!(run.is_paused());
    lab.handle().suspend(Suspension::until(after(&lab, 1.0))).unwrap();
    let run = lab.abort("enough");
    assert_eq!((&*commands(&run), run.duration()), ("checkpoint sleep sleep", secs(0.3 + 2.0)));
}

#[test]
fn a_plan_that_cannot_be_led_back_is_aborted_in_place_of_a_suspension() {
    let lab = lab();
    install_high(&lab, &["a", "b"]);
    schedule(&lab, &[(0.3, "a", 1), (0.3, "b", 1)]);
    let states = states(&lab);
    let run = lab.run(plan(async |p| {
        p.clear_checkpoint().await?;
        p.sleep(0.8).await
    }));
    assert_eq!((run.exit_status(), run.interrupted(), run.duration()), (Abort, true, secs(0.3)));
    assert_eq!(commands(&run), "clear_checkpoint sleep");
    assert_eq!(*states.lock().unwrap(), "running aborting idle");
}

/// Notes the states that the engine goes through.
fn states(lab: &Harness) -> Arc<Mutex<String>> {
    let states = Arc::new(Mutex::new(String::new()));
    let note = Arc::clone(&states);
    lab.with_engine(|engine| {
        engine.set_state_hook(move |state, _| {
            let mut states = note.lock().unwrap();
            let space = if states.is_empty() { "" } else { " " };
            *states += &format!("{space}{state}");
        });
    });
    states
}

#[test]
fn a_suspended_plan_can_be_ended_like_any_other() {
    for (end, error, exit_status, state) in [
        ("abort", Some("RequestAbort"), Abort, "aborting"),
        ("stop", Some("RequestStop"), Success, "stopping"),
        ("halt", None, Abort, "halting"),
    ] {
        for in_a_pause in [false, true] {
            let lab = lab();
            let post_plan = || plan(async |p| p.sleep(7.0).await);
            install(&lab, &Suspender::bool_high(&lab.device("a")).post_plan(post_plan).build().unwrap());
            schedule(&lab, &[(0.3, "a", 1)]);
            match (in_a_pause, end) {
                (true, _) => lab.at(secs(0.6)).pause(),
                (_, "abort") => lab.at(secs(0.6)).abort("beam lost"),
                (_, "stop") => lab.at(secs(0.6)).stop(),
                (_, _) => lab.at(secs(0.6)).halt(),
            }
            let states = states(&lab);
            let run = lab.run(plan(async |p| {
                p.checkpoint().await?;
                let error = p.sleep(0.5).await.unwrap_err();
                p.msg(Msg::from(Command::Null).with_run(error.name())).await?;
                Err::<(), _>(error)
            }));
            let run = match (run.is_paused(), end) {
                (false, _) => run,
                (_, "abort") => lab.abort("beam lost"),
                (_, "stop") => lab.stop(),
                (_, _) => lab.halt(),
            };
            let answered = if error.is_some() { " null" } else { "" };
            assert_eq!(commands(&run), format!("{BEGUN}{answered}"));
            let seen = run.messages().last().and_then(|msg| msg.run.as_str()).map(str::to_owned);
            assert_eq!(seen.as_deref(), error, "{end}");
            assert_eq!((run.exit_status(), run.interrupted(), run.duration()), (exit_status, true, secs(0.6)));
            let paused = if in_a_pause { " pausing paused" } else { "" };
            assert_eq!(*states.lock().unwrap(), format!("running suspending running{paused} {state} idle"));
            // The suspender is tripped as before, and the engine as good.
            schedule(&lab, &[(1.0, "a", 0)]);
            assert_eq!(commands(&lab.run(checkpoint_and_sleep())), "wait_for checkpoint sleep");
        }
    }
}

/// Behaviour 26 of bluesky's suite: an exception in the plan before a suspension goes to the plan that it suspends.
#[test]
fn an_error_in_the_plan_before_goes_to_the_plan_that_is_suspended() {
    type Make = fn() -> Plan;
    let errors: [(&str, Make); 2] = [
        ("RuntimeError", || {
            plan(async |p| {
                p.null().await?;
                Err::<(), _>(plan_error!("no shutter"))
            })
        }),
        ("InvalidCommand", || {
            plan(async |p| {
                let unknown = GenericMsg { command: "aardvark".into(), ..GenericMsg::default() };
                p.msg(unknown.into_msg(Value::Null)).await.map(drop)
            })
        }),
    ];
    for (name, pre_plan) in errors {
        let lab = lab();
        let seen = Arc::new(Mutex::new(None));
        let note = Arc::clone(&seen);
        let run = lab.run(plan(async move |p| {
            let paused = p.pause().await;
            *note.lock().unwrap() = paused.as_ref().err().map(PlanError::name);
            paused
        }));
        assert!(run.is_paused());
        lab.handle().suspend(Suspension::until(after(&lab, 0.0)).pre_plan(pre_plan)).unwrap();
        let run = lab.resume();
        assert_eq!((run.exit_status(), run.exception().map(PlanError::name).as_deref()), (Fail, Some(name)));
        assert_eq!(seen.lock().unwrap().as_deref(), Some(name));

        // A plan that catches it goes on, and is not suspended any more.
        let lab = crate::tripping::lab();
        install(&lab, &Suspender::bool_high(&lab.device("a")).pre_plan(pre_plan).build().unwrap());
        schedule(&lab, &[(0.3, "a", 1)]);
        let run = lab.run(plan(async |p| {
            p.checkpoint().await?;
            let error = p.sleep(0.5).await.unwrap_err();
            Ok(error.name().to_string())
        }));
        run.assert_success();
        assert_eq!((run.plan_result(), run.duration()), (Some(&name.into()), secs(0.3)));
        // As in bluesky, it leaves to the calls that come that nothing is executed again.
        assert!(lab.with_engine(|engine| !engine.is_rewindable()));
    }
}

/// A detector that forbids the replay when it is told to pause.
struct Unreplayable(Device);

impl OphydObject for Unreplayable {
    fn name(&self) -> &Text {
        self.0.name()
    }
    fn class_name(&self) -> Text {
        "UnreplayableSynGauss".into()
    }
    fn as_readable(&self) -> Option<&dyn Readable> {
        self.0.object().as_readable()
    }
    fn as_triggerable(&self) -> Option<&dyn Triggerable> {
        self.0.object().as_triggerable()
    }
    fn as_pausable(&self) -> Option<&dyn Pausable> {
        Some(self)
    }
}

impl Pausable for Unreplayable {
    fn pause<'a>(&'a self, _: Cx<'a>) -> SyncOrAsync<'a, Result<(), DeviceError>> {
        SyncOrAsync::now(Err(DeviceError::other("NoReplayAllowed", "")))
    }
    fn resume<'a>(&'a self, _: Cx<'a>) -> SyncOrAsync<'a, Result<(), DeviceError>> {
        SyncOrAsync::now(Ok(()))
    }
}

/// Behaviour 17 of bluesky's suite: what was executed before a pause is executed again, unless a device forbids it;
/// behaviour 18: before a suspension, too.
#[test]
fn a_device_may_forbid_the_replay_of_a_pause_and_of_a_suspension() {
    let suspended = "sleep _start_suspender rewindable wait_for _resume_from_suspender rewindable";
    for forbids in [true, false] {
        for suspends in [true, false] {
            let lab = lab();
            let (motor, det) = (lab.device("motor"), lab.device("det"));
            let det = if forbids { lab.add(Device::new(Unreplayable(det))) } else { det };
            if suspends {
                lab.at(secs(0.5)).suspend_for(secs(1.0));
            }
            let run = lab.run(plan(async move |p| {
                p.abs_set(&motor, 0).await?;
                p.trigger(&det, "g").await?;
                if suspends {
                    p.sleep(1.0).await?
                } else {
                    p.pause().await?
                }
                p.abs_set(&motor, 1).await?;
                p.trigger(&det, "g").await.map(drop)
            }));
            let run = if run.is_paused() { lab.resume() } else { run };
            run.assert_success();
            let expected = match (forbids, suspends) {
                (true, false) => "set trigger pause set trigger".to_owned(),
                (false, false) => "set trigger pause set trigger set trigger".to_owned(),
                (true, true) => format!("set trigger {suspended} set trigger"),
                (false, true) => format!("set trigger {suspended} set trigger sleep set trigger"),
            };
            assert_eq!(commands(&run), expected, "forbids: {forbids}, suspends: {suspends}");
        }
    }
}

/// Behaviour 16 of bluesky's suite: interruptions are recorded inside a run only, and only if that is wanted.
#[test]
fn interruptions_are_recorded_in_a_run_where_that_is_wanted() {
    for record in [false, true] {
        let lab = Harness::builder().record_interruptions(record).build();
        let mut run = lab.run(plan(async |p| {
            p.pause().await?;
            p.open_run(Map::new()).await?;
            p.pause().await?;
            p.close_run().await
        }));
        while run.is_paused() {
            run = lab.resume();
        }
        let texts: Vec<_> = run.events().filter_map(|event| event.get("interruption").cloned()).collect();
        let expected: &[Value] = if record { &["pause".into(), "resume".into()] } else { &[] };
        assert_eq!(texts, expected);

        lab.at_message(2).suspend_for(secs(1.0));
        lab.at_message(7).suspend(Suspension::until(after(&lab, 1.0)).because("beam lost"));
        let run = lab.run(plan(async |p| {
            p.open_run(Map::new()).await?;
            p.sleep(1.0).await?;
            p.close_run().await
        }));
        run.assert_success();
        let texts: Vec<_> = run.events().filter_map(|event| event.get("interruption").cloned()).collect();
        let expected: &[Value] = if record { &["suspended".into(), "beam lost".into()] } else { &[] };
        assert_eq!(texts, expected);
    }
}

/// A move that is suspended and begun again, and what its spans must be.
pub(crate) fn suspended_move() -> (Outcome, impl Expectation) {
    let lab = lab();
    let slow = lab.add(SynAxis::new("slow").delay_s(1.0));
    lab.at(secs(0.5)).suspend_for(secs(1.0));
    let run = lab.run(plan(async move |p| p.mv(&slow, 1).await));
    let tree = ForestExpectation::parse(
        r#"
        (in order)
        Bluesky RunEngine set     0 s
          Ophyd Status            1 s     device_name="slow"
        Bluesky RunEngine wait    500 ms
        Bluesky RunEngine set     0 s
          Ophyd Status            1 s     device_name="slow"
        Bluesky RunEngine wait    1 s
        "#,
    );
    (run, all((tree.expect("a tree"), every(any_span()).status(Status::Unset))))
}

#[test]
fn a_wait_that_is_cut_short_has_not_failed() {
    let (run, expected) = suspended_move();
    run.assert_success();
    run.assert(expected);
}

/// bluesky 1.15.1 loses this suspension in a task of its own, for its state is still `pausing`, and fails the plan after a `wait`.
#[test]
fn a_suspension_comes_at_once_after_a_pause_at_whose_event_a_subscriber_raised() {
    let lab = Harness::builder().chronicled().build();
    let axis = lab.add(SynAxis::new("axis").delay_s(2.0));
    let listener = ProgramCallback::new(&CallbackSpec::new("listener").failing_at(3, "no space left"));
    lab.with_engine(|engine| {
        engine.record_interruptions(true);
        engine.add_subscriber(DocumentName::All, listener.subscriber());
    });
    lab.at_message(4).pause();
    lab.at_message(4).later(secs(0.5)).suspend_for(secs(0.2));
    let run = lab.run(plan(async move |p| {
        p.open_run(Map::new()).await?;
        p.checkpoint().await?;
        p.abs_set_in(&axis, 1, "a").await?;
        p.wait("a").await?;
        p.close_run().await
    }));
    assert_eq!(run.exit_status(), Success);
    assert_eq!(run.duration(), secs(0.5 + 0.2 + 2.0));
    let waits: Vec<_> = run.chronicle().unwrap().executed().filter(|done| done.msg.command() == "wait").collect();
    let was_disturbed: Vec<bool> = waits.iter().map(|done| done.was_disturbed).collect();
    assert_eq!(was_disturbed, [true, false], "the wait that is cut short is known as such");
    #[cfg(feature = "property")]
    assert!(laws::standard(&run).is_ok(), "{:?}", laws::standard(&run));
}
