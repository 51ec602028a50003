//! A harness: alone in the world, exact, and the same every time.

use std::sync::{Arc, Mutex};

use skyspan::clock::Clock;
use skyspan::clock::Tracer;
use skyspan::device::{
    Args, Cx, DataKeys, DeviceError, Movable, OphydObject, Readable, Readings, Status, StatusKind, SyncOrAsync,
};
use skyspan::engine::RunEngine;
use skyspan::expect::shape;
use skyspan::hardware::Beamline;
use skyspan::prelude::*;
use skyspan::trace::SpanKind;
use skyspan::value::Text;

#[test]
fn eight_hours_of_odd_naps_are_over_in_no_time_and_exact_to_the_nanosecond() {
    // 100,000 naps of 287,999,999 ns and of 288,000,001 ns in turn are eight hours.
    let lab = Harness::new();
    let run = lab.run(plan(async |p| {
        for nap in 0..100_000 {
            p.sleep(if nap % 2 == 0 { 0.287_999_999 } else { 0.288_000_001 }).await?;
        }
        Ok(())
    }));
    run.assert_success();
    assert_eq!(run.duration(), Duration::from_secs(8 * 3600));
    assert_eq!(run.messages().len(), 100_000);
}

#[test]
fn a_wait_for_a_status_that_nobody_ends_is_reported_as_a_deadlock() {
    let lab = Harness::new();
    let stuck = lab.add(SynAxis::new("stuck").fault(Fault::on_set(1).hangs()));
    let moved = stuck.clone();
    let run = lab.run(preprocessors::run_wrapper(
        plan(async move |p| {
            p.sleep(1.5).await?;
            p.trace("approach", async |p| p.mv(&moved, 3).await).await
        }),
        Map::new(),
    ));
    let report = run.exception().unwrap().to_string();
    let uid = run.messages()[2].kwargs()[0].1.to_string().replace('\'', "\"");
    assert_eq!(
        report,
        format!(
            "deadlock at 2024-06-18T08:40:57.500000000Z: nothing is left that could end the wait\n  waiting: wait for \
             group {uid}: MoveStatus(done=False, pos=stuck, elapsed=0.0, success=False, settle_time=0.0)\n  open span: \
             Bluesky RunEngine run (since 2024-06-18T08:40:56.000000000Z)\n  open span: approach (since \
             2024-06-18T08:40:57.500000000Z)\n  open span: Ophyd Status (since 2024-06-18T08:40:57.500000000Z)\n  open \
             span: Bluesky RunEngine wait (since 2024-06-18T08:40:57.500000000Z)\n  if a thread or a socket would have ended it: \
             its device says so by `cx.clock().outside_work()`"
        )
    );
    assert_eq!(run.exit_status(), Fail);
    assert_eq!(run.trace().unended().count(), 1, "the status that nobody ended");
    assert_eq!(documents(&run), ["start", "stop"]);
    lab.run(plans::count(&lab.device("det"), 1)).assert_success();
}

#[test]
fn a_device_that_never_answers_is_a_deadlock_too() {
    struct Silent(Text);
    impl OphydObject for Silent {
        fn name(&self) -> &Text {
            &self.0
        }
        fn class_name(&self) -> Text {
            Text::literal("Silent")
        }
        fn as_readable(&self) -> Option<&dyn Readable> {
            Some(self)
        }
    }
    impl Readable for Silent {
        fn read<'a>(&'a self, _: Cx<'a>) -> SyncOrAsync<'a, Result<Readings, DeviceError>> {
            SyncOrAsync::later(std::future::pending())
        }
        fn describe<'a>(&'a self, _: Cx<'a>) -> SyncOrAsync<'a, Result<DataKeys, DeviceError>> {
            SyncOrAsync::later(std::future::pending())
        }
    }
    let lab = Harness::new();
    let silent = lab.add(Device::new(Silent("silent".into())));
    let run = lab.run(plans::count(&silent, 1));
    let error = run.exception().unwrap();
    assert_eq!(error.name(), "Deadlock");
    assert!(error.to_string().contains("waiting: read of silent"), "{error}");
}

#[test]
fn a_thousand_harnesses_in_parallel_threads_leave_a_thousand_equal_traces() {
    let run = || {
        let lab = Harness::seeded(3);
        let outcome = lab.run(plans::scan([&lab.device("noisy_det")], &lab.device("jittery_motor1"), -1, 1, 3));
        let documents: Vec<String> = outcome.documents().iter().map(|doc| doc.to_recorded().to_string()).collect();
        (outcome.trace().to_console_json(), documents)
    };
    let results = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..20 {
            scope.spawn(|| (0..50).for_each(|_| results.lock().unwrap().push(run())));
        }
    });
    let results = results.into_inner().unwrap();
    assert_eq!(results.len(), 1000);
    assert!(results.iter().all(|result| *result == results[0]));
    assert!(results[0].0.matches("Ophyd Status").count() == 9);
}

#[test]
fn another_seed_gives_other_ids_and_the_same_shape() {
    let run = |seed| {
        let lab = Harness::seeded(seed);
        lab.run(plans::scan(&lab.device("det"), &lab.device("motor"), 0, 1, 2))
    };
    let (one, other) = (run(1), run(2));
    assert_ne!(one.trace().to_console_json(), other.trace().to_console_json());
    assert_eq!(shape(one.trace()), shape(other.trace()));
}

#[test]
fn an_untraced_harness_leaves_documents_and_no_spans() {
    let lab = Harness::builder().untraced().build();
    let run = lab.run(plans::count(&lab.device("det"), 2));
    assert_eq!(run.trace().len(), 0);
    assert_eq!(documents(&run), ["start", "descriptor", "event", "event", "stop"]);
}

#[test]
fn the_trace_of_a_run_has_the_spans_of_that_run_only() {
    let lab = Harness::new();
    let first = lab.run(plans::count(&lab.device("det"), 1));
    let second = lab.run(plans::count(&lab.device("det"), 2));
    assert_eq!((first.trace().len(), second.trace().len(), lab.trace().len()), (3, 5, 8));
}

#[test]
fn a_harness_starts_when_it_is_told_to_and_names_its_resource() {
    let start = "2031-01-01T00:00:00Z".parse().unwrap();
    let lab = Harness::builder().start_time(start).resource([("service.name", "beamline 7")]).build();
    let run = lab.run(plans::count(&lab.device("det"), 1));
    let run_span = span("Bluesky RunEngine run").starting_at(start).kind(SpanKind::Internal);
    run.assert(one(run_span.resource("service.name", "beamline 7").scope("bluesky.tracing")));
}

#[test]
fn in_real_time_a_move_takes_as_long_as_it_takes() {
    let lab = Harness::builder().real_time().build();
    let stage = lab.add(SynAxis::new("stage").delay_s(0.01));
    let run = lab.run(plan(async move |p| p.mv(&stage, 1).await));
    run.assert_success();
    assert!(run.duration() >= Duration::from_millis(10), "{:?}", run.duration());
}

#[test]
fn a_device_that_works_in_a_thread_of_its_own_is_waited_for() {
    struct Threaded(Text);
    impl OphydObject for Threaded {
        fn name(&self) -> &Text {
            &self.0
        }
        fn class_name(&self) -> Text {
            Text::literal("Threaded")
        }
        fn as_movable(&self) -> Option<&dyn Movable> {
            Some(self)
        }
    }
    impl Movable for Threaded {
        fn set(&self, cx: Cx<'_>, _: &Args) -> Result<Status, DeviceError> {
            let status = Status::new(cx, StatusKind::Device);
            let (finish, work) = (status.clone(), cx.clock().outside_work());
            std::thread::spawn(move || {
                (0..1000).for_each(|_| std::thread::yield_now());
                finish.set_finished().unwrap();
                drop(work);
            });
            Ok(status)
        }
    }
    let lab = Harness::new();
    let device = lab.add(Device::new(Threaded("threaded".into())));
    let run = lab.run(plan(async move |p| p.mv(&device, 1).await));
    run.assert_success();
    assert_eq!(run.duration(), Duration::ZERO, "simulated time stood still meanwhile");
}

#[test]
#[should_panic(expected = "no device is called \"motr\"; there are motor, motor1")]
fn a_device_that_is_not_there_is_named_with_those_that_are() {
    let _ = Harness::new().device("motr");
}

#[test]
fn any_tracer_may_be_handed_to_an_engine() {
    use opentelemetry::trace::TracerProvider as _;
    let clock = Clock::simulated();
    let capture = Capture::new();
    let tracer = Tracer::of_tracer(capture.provider().tracer("mine"), clock.clone());
    let beamline = Beamline::simulated(&skyspan::seed::Seed::new(0));
    let mut engine = RunEngine::builder(clock.clone()).tracer(tracer).build();
    clock.block_on(engine.run(plans::count(&beamline.get("det").unwrap(), 1))).unwrap().unwrap();
    capture.trace().assert(all((exactly(3, any_span()), every(any_span()).scope("mine"))));
}

#[test]
fn the_progress_of_a_move_reaches_those_who_watch_it() {
    let lab = Harness::new();
    let stage = lab.add(SynAxis::new("stage").delay_s(1.0).events_per_move(4));
    let seen = Arc::new(Mutex::new(Vec::new()));
    let watched = Arc::clone(&seen);
    lab.with_engine(|engine| {
        engine.set_waiting_hook(move |statuses| {
            for status in statuses.unwrap_or_default() {
                let watched = Arc::clone(&watched);
                status.watch(move |progress| watched.lock().unwrap().push(progress.fraction));
            }
        });
    });
    lab.run(plan(async move |p| p.mv(&stage, 8).await)).assert_success();
    assert_eq!(*seen.lock().unwrap(), [Some(0.75), Some(0.5), Some(0.25), Some(0.0), Some(0.0)]);
}

fn documents(run: &Outcome) -> Vec<&'static str> {
    run.documents().iter().map(Document::name).collect()
}

#[test]
fn what_is_scheduled_for_later_than_a_message_comes_in_the_middle_of_it() {
    let lab = Harness::new();
    lab.at_message(3).later(secs(0.5)).later(secs(0.5)).pause();
    let run = lab.run(plan(async |p| {
        p.sleep(10.0).await?;
        p.checkpoint().await?;
        p.sleep(2.0).await
    }));
    assert!(run.is_paused());
    assert_eq!(run.duration(), secs(11.0));
    assert_eq!(lab.resume().duration(), secs(13.0));
    // What the call does not reach is not left to the next one.
    lab.at_message(1).later(secs(5.0)).abort("late");
    for _ in 0..2 {
        lab.run(plan(async |p| p.sleep(3.0).await)).assert_success();
    }
}

#[test]
fn a_decision_that_is_scheduled_is_waited_for_at_a_pause() {
    let paused = || {
        plan(async |p| {
            p.checkpoint().await?;
            p.pause().await?;
            p.sleep(1.0).await
        })
    };
    let lab = Harness::new();
    lab.at_message(2).later(secs(5.0)).resume();
    let run = lab.run(paused());
    run.assert_success();
    assert_eq!(run.duration(), secs(6.0));

    let lab = Harness::new();
    lab.at(secs(5.0)).abort("beam lost");
    let run = lab.run(paused());
    assert_eq!((run.exit_status(), &*run.result().reason, run.duration()), (Abort, "beam lost", secs(5.0)));
}

#[test]
fn a_decision_of_the_handle_is_carried_out() {
    let lab = Harness::new();
    let run = lab.run(plan(async |p| p.pause().await));
    assert!(run.is_paused());
    lab.handle().stop().unwrap();
    let run = lab.decision();
    assert_eq!((run.exit_status(), run.state()), (Success, RunEngineState::Idle));
    // Nothing is paused, and so there is nothing to be decided.
    assert_eq!(lab.decision().exception().map(PlanError::name).as_deref(), Some("TransitionError"));

    let lab = Harness::new();
    lab.run(plan(async |p| p.pause().await));
    let run = lab.decision();
    assert_eq!(run.exception().map(PlanError::name).as_deref(), Some("Deadlock"));
    assert_eq!(run.exit_status(), Abort);
}
