//! An interruption at every message of a plan: whatever comes when, the engine is idle afterwards and nothing is left open.

use skyspan::document::RunStop;
use skyspan::expect::Expectation as _;
use skyspan::hardware::FrameFlyer;
use skyspan::prelude::*;
use skyspan::value::Text;

use crate::watched::Watched;

/// What comes from outside.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Interruption {
    PauseAndResume,
    Abort,
    Stop,
    Halt,
    Suspend,
}

use Interruption::{Abort as ToAbort, Halt as ToHalt, PauseAndResume, Stop as ToStop, Suspend};

const ALL: [Interruption; 5] = [PauseAndResume, ToAbort, ToStop, ToHalt, Suspend];

/// A harness, the devices of a plan, and the plan.
struct Bench {
    lab: Harness,
    probes: Vec<Watched>,
}

impl Bench {
    fn new() -> Self {
        Self { lab: Harness::new(), probes: Vec::new() }
    }

    /// Adds a device that remembers how it was called.
    fn add(&mut self, device: impl Into<Device>) -> Device {
        let probe = Watched::around(device);
        self.probes.push(probe.clone());
        self.lab.add(Device::new(probe))
    }
}

fn scan_with_two_detectors() -> (Bench, Plan) {
    let mut bench = Bench::new();
    let motor = bench.add(SynAxis::new("motor").delay_s(1.0));
    let det1 = bench.add(SynGauss::new("det1", &motor, "motor").center(0).imax(1));
    let det2 = bench.add(SynSignal::new("det2").exposure_time_s(0.5));
    (bench, plans::scan([&det1, &det2], &motor, 0, 2, 3).into())
}

fn nested_runs() -> (Bench, Plan) {
    let mut bench = Bench::new();
    let motor = bench.add(SynAxis::new("motor").delay_s(1.0));
    let det = bench.add(SynSignal::new("det").exposure_time_s(0.5));
    let plan = plan(async move |p| {
        let outer = async {
            for point in 0..2 {
                p.checkpoint().await?;
                p.mv(&motor, point).await?;
                p.run(preprocessors::set_run_key_wrapper(plans::count(&det, 2), "inner")).await?;
                p.trigger_and_read(&motor, "primary").await?;
            }
            Ok(())
        };
        p.in_run(Map::new(), outer).await
    });
    (bench, plan)
}

fn fly_scan() -> (Bench, Plan) {
    let mut bench = Bench::new();
    let motor = bench.add(SynAxis::new("motor").delay_s(1.0));
    let flyer = bench.add(FrameFlyer::flat("flyer").num(4));
    let beam = bench.add(Signal::new("beam", 1));
    let plan = plan(async move |p| {
        let devices = [motor.clone(), flyer.clone(), beam.clone()];
        let flight = async {
            p.monitor(&beam, "beam").await?;
            p.declare_stream_to_collect(&flyer, "frames").await?;
            p.checkpoint().await?;
            p.mv(&motor, 0).await?;
            p.kickoff_all(&flyer).await?;
            for end in 1..=2 {
                p.abs_set_in(&motor, end, "flight").await?;
                p.mv(&beam, end + 1).await?;
                p.wait("flight").await?;
            }
            p.complete_all(&flyer, "done").await?;
            p.wait("done").await?;
            p.collect(&flyer, None).await?;
            p.checkpoint().await?;
            p.unmonitor(&beam).await
        };
        p.staged(&devices, p.in_run(Map::new(), flight)).await
    });
    (bench, plan)
}

fn interrupt(make: fn() -> (Bench, Plan), interruption: Interruption, at: usize) -> (Bench, Outcome) {
    let (bench, plan) = make();
    let schedule = bench.lab.at_message(at);
    match interruption {
        PauseAndResume => schedule.pause(),
        ToAbort => schedule.abort("beam lost"),
        ToStop => schedule.stop(),
        ToHalt => schedule.halt(),
        Suspend => schedule.suspend_for(secs(10.0)),
    }
    let mut run = bench.lab.run(plan);
    if interruption == PauseAndResume {
        assert!(run.is_paused(), "at message {at}");
        run = bench.lab.resume();
    }
    (bench, run)
}

fn stops(run: &Outcome) -> Vec<&RunStop> {
    let stops = run.documents().iter().filter_map(|document| match document {
        Document::Stop(stop) => Some(&**stop),
        _ => None,
    });
    stops.collect()
}

/// Wants nothing to be left open, and all that is said of each run to be the same.
#[track_caller]
fn nothing_is_left(bench: &Bench, run: &Outcome, what: &str) {
    assert_eq!(run.state(), RunEngineState::Idle, "{what}");
    let starts: Vec<&Text> =
        run.documents().iter().filter(|document| document.name() == "start").filter_map(Document::uid).collect();
    let stops = stops(run);
    let mut stopped: Vec<&Text> = stops.iter().map(|stop| &stop.run_start).collect();
    stopped.sort_by_key(|uid| starts.iter().position(|start| start == uid));
    assert_eq!(stopped, starts, "{what}: every run has its stop document");
    // Every run span says what its document says.
    let run_span = || span("Bluesky RunEngine run");
    let said = stops.iter().map(|stop| run_span().exit_status(stop.exit_status).reason(&*stop.reason).ended());
    run.assert(all((forest(said).or_more().because(what.to_owned()), exactly(stops.len(), run_span()))));
    assert_eq!(bench.lab.capture().open_spans().len(), run.trace().len() - run.trace().ended().len());
    for (probe, name) in bench.probes.iter().map(|probe| (probe, skyspan::device::OphydObject::name(probe))) {
        assert_eq!(probe.log().what_is_left(), None, "{what}: {name}");
    }
    // The engine is as good as before.
    bench.lab.run(plans::count(&bench.lab.device("noisy_det"), 1)).assert_success();
}

#[track_caller]
fn leaves_nothing_wherever_it_is_interrupted(make: fn() -> (Bench, Plan)) {
    let (bench, plan) = make();
    let whole = bench.lab.run(plan);
    whole.assert_success();
    let messages = whole.messages().len();
    let events = whole.events().count();
    assert!(messages > 20);
    for interruption in ALL {
        for at in 1..=messages {
            let what = format!("{interruption:?} at message {at}");
            let (bench, run) = interrupt(make, interruption, at);
            nothing_is_left(&bench, &run, &what);
            // As in bluesky, what is replayed after the end of a run, without a checkpoint since, finds the run closed; a
            // suspension lets one more message begin.
            let ends_a_run =
                |number: usize| whole.messages().get(number - 1).is_some_and(|m| m.command() == "close_run");
            let finds_it_closed = match interruption {
                PauseAndResume => ends_a_run(at),
                Suspend => ends_a_run(at) || ends_a_run(at + 1),
                _ => false,
            };
            if finds_it_closed && let Some(error) = run.exception() {
                assert_eq!(error.name(), "IllegalMessageSequence", "{what}");
                continue;
            }
            assert_eq!(run.exception(), None, "{what}");
            let expected = match interruption {
                ToAbort | ToHalt => Abort,
                _ => Success,
            };
            // A request that comes with the last message finds nothing more to end.
            assert!(run.exit_status() == expected || at == messages, "{what}: {}", run.exit_status());
            if matches!(interruption, PauseAndResume | Suspend) {
                assert!(run.events().count() >= events, "{what}: events are missing");
                let runs = stops(&run);
                assert!(runs.iter().all(|stop| stop.exit_status == Success), "{what}");
            }
        }
    }
}

/// The engine is still about to pause, as in bluesky, which then finds no way back.
#[test]
fn a_plan_that_clears_its_checkpoint_after_a_refused_pause_is_ended() {
    let lab = Harness::builder().record_interruptions(true).build();
    let mut events = 0;
    lab.with_engine(|engine| {
        engine.subscribe(move |document: &Document| {
            events += u64::from(document.name() == "event");
            if events == 1 { Err(plan_error!("the database is full")) } else { Ok(()) }
        })
    });
    let run = lab.run(plan(async |p| {
        p.open_run(Map::new()).await?;
        let refused = [p.pause().await, p.pause().await, p.deferred_pause().await];
        let names = refused.map(|refused| refused.unwrap_err().name());
        assert_eq!(names, ["RuntimeError", "TransitionError", "TransitionError"]);
        p.checkpoint().await?;
        p.clear_checkpoint().await?;
        p.sleep(1.0).await
    }));
    assert_eq!((run.exit_status(), run.duration(), run.state()), (Abort, secs(0.0), RunEngineState::Idle));
    lab.run(plan(async |p| p.sleep(1.0).await)).assert_success();
}

#[test]
fn a_scan_with_two_detectors_leaves_nothing_wherever_it_is_interrupted() {
    leaves_nothing_wherever_it_is_interrupted(scan_with_two_detectors);
}

#[test]
fn a_fly_scan_leaves_nothing_wherever_it_is_interrupted() {
    leaves_nothing_wherever_it_is_interrupted(fly_scan);
}

#[test]
fn nested_runs_leave_nothing_wherever_they_are_interrupted() {
    leaves_nothing_wherever_it_is_interrupted(nested_runs);
}

#[test]
fn a_run_whose_start_is_refused_has_no_events_of_interruptions() {
    let lab = Harness::new();
    lab.with_engine(|engine| {
        engine.record_interruptions(true);
        engine.subscribe_to(DocumentName::Start, |_| Err::<(), _>(plan_error!("no space left")));
    });
    lab.at_message(1).pause();
    lab.on_pause([Decision::resume()]);
    let run = lab.run(plan(async |p| p.open_run(Map::new()).await.map(drop)));
    let names: Vec<&str> = run.documents().iter().map(Document::name).collect();
    assert_eq!(names, ["start", "stop"], "an event would have no descriptor");
}

#[test]
fn where_a_subscriber_fails_at_an_interruption_the_next_run_has_none() {
    let lab = Harness::new();
    lab.with_engine(|engine| {
        engine.record_interruptions(true);
        engine.subscribe_to(DocumentName::Event, |_| Err(plan_error!("no space left")));
    });
    let run = lab.run(plan(async |p| {
        let open = |run: &'static str| p.msg(GenericMsg::new("open_run").in_run(run));
        open("a").await?;
        open("b").await?;
        p.checkpoint().await?;
        let refused = p.pause().await;
        refused.map_or(Ok(()), |_| Err(plan_error!("the pause is not refused")))
    }));
    run.assert_success();
    // One event was composed, and the number of the other was not taken.
    assert_eq!(run.events().count(), 1);
    let counts = run.documents().iter().filter_map(|document| match document {
        Document::Stop(stop) => Some(stop.num_events.iter().map(|(_, count)| count).sum()),
        _ => None,
    });
    let mut counts: Vec<u64> = counts.collect();
    counts.sort_unstable();
    assert_eq!(counts, [0, 1]);
}
