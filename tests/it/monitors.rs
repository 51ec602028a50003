//! Devices that are monitored: each change is an event, of the time of the change.

use skyspan::device::{Reading, Readings};
use skyspan::message::{Command, Monitor};
use skyspan::prelude::*;
use skyspan::value::Value;

use crate::probe::{Probe, counts};

/// A plan in a run, and what it leaves.
fn run<Fut>(lab: &Harness, body: impl FnOnce(Stubs) -> Fut + Send + 'static) -> Outcome
where
    Fut: Future<Output = Result<(), PlanError>> + Send + 'static,
{
    lab.run(preprocessors::run_wrapper(plan(body), Map::new()))
}

/// The values of the events with that data key, with the milliseconds since the run began.
fn values(run: &Outcome, key: &str) -> Vec<(u128, Value)> {
    let of_key = run.events().filter_map(|event| Some((event.time, event.get(key)?.clone())));
    of_key.map(|(time, value)| ((time - run.started()).as_millis(), value)).collect()
}

#[test]
fn every_change_of_a_device_that_is_monitored_is_an_event_of_its_time() {
    let lab = Harness::new();
    let slow = lab.add(SynAxis::new("slow").delay_s(0.4).events_per_move(4));
    let outcome = run(&lab, async move |p| {
        p.monitor(&slow, "positions").await?;
        p.mv(&slow, 4).await?;
        p.unmonitor(&slow).await?;
        p.mv(&slow, 0).await
    });
    let changes = values(&outcome, "slow");
    assert_eq!(changes, [(100, 1.0.into()), (200, 2.0.into()), (300, 3.0.into()), (400, 4.0.into())]);
    assert_eq!(counts(&outcome), "start 1, descriptor 1, event 4, stop 1");
    // It is told of its readback, and all of it is read.
    assert!(outcome.events().all(|event| event.get("slow_setpoint") == Some(&4.into())));
    assert_eq!(outcome.events().map(|event| event.seq_num).collect::<Vec<_>>(), [1, 2, 3, 4]);
}

/// Behaviour 56 of bluesky's suite: what changes in a pause is not told of; after it, the value is told of once.
#[test]
fn what_changes_in_a_pause_is_no_event_and_the_value_after_it_is_one() {
    let lab = Harness::new();
    let sig = lab.device("sig");
    let set = |value: i64| {
        let sig = sig.clone();
        plan(async move |p| p.mv(&sig, value).await)
    };
    let monitored = sig.clone();
    let before = set(1);
    let after = set(4);
    lab.at(secs(5.0)).call({
        let (sig, clock) = (sig.clone(), lab.clock().clone());
        move || {
            for value in [2, 3] {
                sig.downcast_ref::<Signal>().unwrap().put(value, clock.now()).unwrap();
            }
        }
    });
    lab.at(secs(9.0)).resume();
    let outcome = run(&lab, async move |p| {
        p.monitor(&monitored, "values").await?;
        p.run(before).await?;
        p.pause().await?;
        p.run(after).await.map(drop)
    });
    outcome.assert_success();
    assert_eq!(values(&outcome, "sig"), [(0, 1.into()), (9000, 3.into()), (9000, 1.into()), (9000, 4.into())]);
}

#[test]
fn what_has_changed_before_tells_of_it_at_once() {
    let lab = Harness::new();
    let (sig, det, fresh) = (lab.device("sig"), lab.device("det"), lab.device("bool_sig"));
    let set = sig.clone();
    lab.run(plan(async move |p| p.mv(&set, 3).await)).assert_success();
    let outcome = run(&lab, async move |p| {
        p.monitor(&sig, "values").await?;
        p.monitor(&det, "counts").await?;
        p.monitor(&fresh, "flags").await
    });
    let names: Vec<_> = outcome.documents().iter().map(Document::name).collect();
    assert_eq!(names, ["start", "descriptor", "event", "descriptor", "event", "descriptor", "stop"]);
    assert_eq!(values(&outcome, "sig"), [(0, 3.into())]);
}

/// Behaviour 12 of bluesky's suite: a device is monitored once at a time, and in a run.
#[test]
fn a_device_is_monitored_once_at_a_time() {
    check("mum", None);
    check(
        "mm",
        Some(
            "A 'monitor' message was sent for Signal(name='sig', value=0, timestamp=1718700056.0) which is already monitored",
        ),
    );
    check(
        "u",
        Some("Cannot 'unmonitor' Signal(name='sig', value=0, timestamp=1718700056.0); it is not being monitored."),
    );
    check(
        "muu",
        Some("Cannot 'unmonitor' Signal(name='sig', value=0, timestamp=1718700056.0); it is not being monitored."),
    );
    check("cm", Some("A 'monitor' message was sent but no run is open."));
    check("cu", Some("An 'unmonitor' message was sent but no run is open."));

    #[track_caller]
    fn check(steps: &'static str, error: Option<&str>) {
        let lab = Harness::new();
        let sig = lab.device("sig");
        let outcome = lab.run(plan(async move |p| {
            p.open_run(Map::new()).await?;
            for step in steps.chars() {
                match step {
                    'm' => p.monitor(&sig, "values").await?,
                    'u' => p.unmonitor(&sig).await?,
                    _ => drop(p.close_run().await?),
                }
            }
            Ok(())
        }));
        let found = outcome.exception().map(|error| format!("{}: {error}", error.name()));
        assert_eq!(found, error.map(|error| format!("IllegalMessageSequence: {error}")), "{steps}");
    }
}

#[test]
fn a_run_that_is_closed_monitors_nothing_any_more() {
    let lab = Harness::new();
    let sig = lab.device("sig");
    let monitored = sig.clone();
    let outcome = lab.run(plan(async move |p| {
        p.open_run(Map::new()).await?;
        p.monitor(&monitored, "values").await?;
        p.mv(&monitored, 1).await?;
        p.close_run().await?;
        p.mv(&monitored, 2).await?;
        p.open_run(Map::new()).await?;
        p.monitor(&monitored, "values").await?;
        p.mv(&monitored, 3).await
        // This one is closed by the engine.
    }));
    assert_eq!(
        values(&outcome, "sig").into_iter().map(|(_, value)| value).collect::<Vec<_>>(),
        [1, 2, 3].map(Value::from)
    );
    let after = lab.run(plan(async move |p| p.mv(&sig, 4).await));
    assert_eq!(after.documents().len(), 0);
}

#[test]
fn a_monitor_and_a_bundle_do_not_know_of_each_other() {
    let lab = Harness::new();
    let (sig, det) = (lab.device("sig"), lab.device("det"));
    let outcome = run(&lab, async move |p| {
        p.monitor(&sig, "values").await?;
        p.create("primary").await?;
        p.read(&det).await?;
        p.mv(&sig, 1).await?;
        p.read(&sig).await?;
        p.save().await
    });
    let names: Vec<_> = outcome.documents().iter().map(Document::name).collect();
    assert_eq!(names, ["start", "descriptor", "event", "descriptor", "event", "stop"]);
}

#[test]
fn two_runs_may_monitor_the_same_device() {
    let lab = Harness::new();
    let sig = lab.device("sig");
    let outcome = lab.run(plan(async move |p| {
        for key in ["a", "b"] {
            p.msg(Msg::open_run(Map::new()).with_run(key)).await?;
            let monitor = Monitor { obj: sig.clone(), name: Some("values".into()), options: Map::new() };
            p.msg(Msg::from(Command::Monitor(monitor.into())).with_run(key)).await?;
        }
        p.mv(&sig, 1).await?;
        p.msg(Msg::from(Command::CloseRun(Box::default())).with_run("a")).await?;
        p.mv(&sig, 2).await
    }));
    outcome.assert_success();
    let stops: Vec<u64> = outcome
        .documents()
        .iter()
        .filter_map(|document| match document {
            Document::Stop(stop) => Some(stop.num_events[0].1),
            _ => None,
        })
        .collect();
    assert_eq!(stops, [1, 2]);
}

#[test]
fn a_stream_without_a_name_gets_one() {
    let lab = Harness::new();
    let sig = lab.device("sig");
    let outcome = run(&lab, async move |p| {
        let monitor = Monitor { obj: sig, name: None, options: Map::new() };
        p.msg(Command::Monitor(monitor.into())).await.map(drop)
    });
    let Document::Descriptor(descriptor) = &outcome.documents()[1] else { panic!("its stream is described") };
    assert!(descriptor.name.starts_with("monitor-") && descriptor.name.len() == 14, "{}", descriptor.name);
}

#[test]
fn options_go_to_the_subscription() {
    check([("run", false.into())], "", 1);
    check([("event_type", "value".into())], "", 2);
    check([("event_type", "meta".into())], "", 0);
    check(
        [("event_type", "bogus".into())],
        "UnknownSubscription: Unknown subscription 'bogus', must be one of value, meta",
        0,
    );
    check([("depth", 3.into())], "TypeError: subscribe() got an unexpected keyword argument 'depth'", 0);

    #[track_caller]
    fn check(options: [(&'static str, Value); 1], error: &str, events: usize) {
        let lab = Harness::new();
        let sig = lab.device("sig");
        let outcome = run(&lab, async move |p| {
            p.mv(&sig, 1).await?;
            p.monitor_with(&sig, "values", Map::from_iter(options)).await?;
            p.mv(&sig, 2).await
        });
        let found = outcome.exception().map(|error| format!("{}: {error}", error.name()));
        assert_eq!(found.unwrap_or_default(), error);
        assert_eq!(outcome.events().count(), events);
    }
}

#[test]
fn a_change_that_does_not_fit_is_reported_and_the_plan_goes_on() {
    let lab = Harness::new();
    let probe = Probe::new("x").reads(&["x"]).subscribable();
    let callbacks = std::sync::Arc::clone(&probe.callbacks);
    let device = lab.add(probe);
    let outcome = run(&lab, async move |p| {
        p.monitor(&device, "values").await?;
        let reading = Reading { value: 5.into(), timestamp: Timestamp::EPOCH };
        for keys in [&["x"][..], &["x", "y"]] {
            let readings: Readings = keys.iter().map(|key| ((*key).into(), reading.clone())).collect();
            callbacks.lock().unwrap().iter_mut().for_each(|(_, callback)| callback(&readings));
        }
        p.null().await
    });
    outcome.assert_success();
    assert_eq!(outcome.events().count(), 1);
    assert_eq!(
        outcome.result().cleanup_errors,
        [
            "Failed to emit what is monitored: the data key \"y\" of an event of stream \"values\" is not in its descriptor"
        ]
    );
}

#[test]
fn a_device_that_tells_of_nothing_cannot_be_monitored() {
    let lab = Harness::new();
    let outcome = run(&lab, {
        let flyer = lab.device("flyer1");
        async move |p| p.monitor(&flyer, "values").await
    });
    assert_eq!(outcome.exception().map(|error| error.name()).as_deref(), Some("AssertionError"));
}
