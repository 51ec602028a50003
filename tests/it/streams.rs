//! Streams: what describes them, what is asked of their devices and how often, and their numbers.

#![expect(clippy::unwrap_used, reason = "a test's helper may fail the test")]

use skyspan::message::{Command, DeclareStream};
use skyspan::prelude::*;
use skyspan::value::Value;

use crate::probe::{Calls, Probe, counts, data_keys, readings};

fn in_run<Fut, T>(body: impl FnOnce(Stubs) -> Fut + Send + 'static) -> Plan
where
    Fut: Future<Output = Result<T, PlanError>> + Send + 'static,
    T: Into<Value> + Send + 'static,
{
    preprocessors::run_wrapper(plan(body), Map::new())
}

/// The events of each stream: its name and their numbers.
fn numbers(run: &Outcome) -> Vec<(String, Vec<u64>)> {
    let mut streams: Vec<(String, Vec<u64>)> = Vec::new();
    let mut by_descriptor = Vec::new();
    for document in run.documents() {
        match document {
            Document::Descriptor(descriptor) => {
                by_descriptor.push((descriptor.uid.clone(), descriptor.name.to_string()));
                if !streams.iter().any(|(name, _)| *name == *descriptor.name) {
                    streams.push((descriptor.name.to_string(), Vec::new()));
                }
            }
            Document::Event(event) => {
                let (_, name) = by_descriptor.iter().find(|(uid, _)| *uid == event.descriptor).unwrap();
                streams.iter_mut().find(|(other, _)| other == name).unwrap().1.push(event.seq_num);
            }
            _ => {}
        }
    }
    streams
}

fn num_events(run: &Outcome) -> Vec<(String, u64)> {
    let stops = run.documents().iter().filter_map(|document| match document {
        Document::Stop(stop) => Some(stop),
        _ => None,
    });
    stops.flat_map(|stop| &stop.num_events).map(|(name, count)| (name.to_string(), *count)).collect()
}

#[track_caller]
fn refused(run: &Outcome, error: &str) {
    let found = run.exception().map(|error| format!("{}: {error}", error.name()));
    assert_eq!(found.as_deref(), Some(error));
}

/// Behaviour 39 of bluesky's suite: a baseline and 35 points, each stream with its own numbers; behaviour 42: all are counted.
#[test]
fn each_stream_counts_its_own_events() {
    let lab = Harness::new();
    let (det, motor) = (lab.device("det"), lab.device("motor"));
    let run = lab.run(in_run(async move |p| {
        p.trigger_and_read(&motor, "baseline").await?;
        for _ in 0..35 {
            p.trigger_and_read([&det, &motor], "primary").await?;
        }
        p.trigger_and_read(&motor, "baseline").await.map(drop)
    }));
    assert_eq!(numbers(&run), [("baseline".into(), vec![1, 2]), ("primary".into(), (1..=35).collect())]);
    assert_eq!(num_events(&run), [("baseline".into(), 2), ("primary".into(), 35)]);
}

/// Behaviour 45 of bluesky's suite: whatever is dropped in between, three events are saved.
#[test]
fn what_is_dropped_counts_for_nothing() {
    for pattern in ["sss", "dsss", "sdsds", "ddsssd"] {
        let lab = Harness::new();
        let det = lab.device("det");
        let run = lab.run(in_run(async move |p| {
            for step in pattern.chars() {
                p.create("primary").await?;
                p.read(&det).await?;
                if step == 's' { p.save().await? } else { p.drop().await? }
            }
            Ok(())
        }));
        assert_eq!(numbers(&run), [("primary".into(), vec![1, 2, 3])], "{pattern}");
    }
}

/// Behaviour 13 of bluesky's suite: a bundle into which nothing was read is no event, and describes nothing.
#[test]
fn an_empty_bundle_is_no_event() {
    let lab = Harness::new();
    let run = lab.run(in_run(async |p| {
        p.create("primary").await?;
        p.save().await
    }));
    assert_eq!(counts(&run), "start 1, stop 1");
}

/// Behaviour 49 of bluesky's suite: the data keys of the descriptor and of the event are in the order of reading.
#[test]
fn data_keys_are_in_the_order_of_reading() {
    let lab = Harness::new();
    let (det, motor, sig) = (lab.device("det"), lab.device("motor"), lab.device("sig"));
    for order in [[&det, &motor, &sig], [&sig, &motor, &det], [&motor, &det, &sig]] {
        let devices: Vec<Device> = order.into_iter().cloned().collect();
        let expected: Vec<&str> = devices
            .iter()
            .flat_map(|device| match &**device.name() {
                "motor" => vec!["motor", "motor_setpoint"],
                "det" => vec!["det"],
                _ => vec!["sig"],
            })
            .collect();
        let run = lab.run(in_run(async move |p| p.trigger_and_read(&devices, "primary").await.map(drop)));
        let Document::Descriptor(descriptor) = &run.documents()[1] else { panic!("the stream is described first") };
        assert_eq!(descriptor.data_keys.iter().map(|(key, _)| &**key).collect::<Vec<_>>(), expected);
        let event = run.events().next().unwrap();
        assert_eq!(event.readings.iter().map(|(key, _)| &**key).collect::<Vec<_>>(), expected);
    }
}

/// Behaviour 48 of bluesky's suite: each configuration has its descriptor, the numbers go on.
#[test]
fn a_device_that_is_configured_has_its_streams_described_anew() {
    let lab = Harness::new();
    let motor = lab.device("motor");
    let run = lab.run(in_run(async move |p| {
        p.trigger_and_read(&motor, "primary").await?;
        let (old, new) = p.configure(&motor, [("velocity", 7)]).await?;
        let velocity = |readings: &skyspan::device::Readings| readings.get("motor_velocity").unwrap().value.clone();
        assert_eq!((velocity(&old), velocity(&new)), (1.into(), 7.into()));
        p.trigger_and_read(&motor, "primary").await.map(drop)
    }));
    let names: Vec<_> = run.documents().iter().map(Document::name).collect();
    assert_eq!(names, ["start", "descriptor", "event", "descriptor", "event", "stop"]);
    assert_eq!(num_events(&run), [("primary".into(), 2)]);
    let velocities: Vec<Value> = run
        .documents()
        .iter()
        .filter_map(|document| match document {
            Document::Descriptor(descriptor) => Some(descriptor.configuration[0].1.readings[0].1.value.clone()),
            _ => None,
        })
        .collect();
    assert_eq!(velocities, [1.into(), 7.into()]);
}

/// bluesky 1.15.1 fails here with a `KeyError`: it looks into the stream that was used last only.
#[test]
fn a_device_of_any_stream_may_be_configured() {
    let lab = Harness::new();
    let (det, motor, other) = (lab.device("det"), lab.device("motor"), lab.device("motor1"));
    let run = lab.run(in_run(async move |p| {
        p.trigger_and_read([&motor, &det], "primary").await?;
        p.trigger_and_read([&other, &motor], "baseline").await?;
        p.trigger_and_read(&other, "last").await?;
        p.configure(&motor, [("velocity", 7)]).await?;
        p.configure(&det, [("Imax", 7)]).await?;
        p.trigger_and_read([&motor, &det], "primary").await.map(drop)
    }));
    run.assert_success();
    let described: Vec<&str> = run
        .documents()
        .iter()
        .filter_map(|document| match document {
            Document::Descriptor(descriptor) => Some(&*descriptor.name),
            _ => None,
        })
        .collect();
    assert_eq!(described, ["primary", "baseline", "last", "primary", "baseline", "primary"]);
    assert_eq!(num_events(&run), [("primary".into(), 2), ("baseline".into(), 1), ("last".into(), 1)]);
}

#[test]
fn a_device_is_configured_outside_of_a_run_and_of_its_streams_too() {
    let lab = Harness::new();
    let (motor, other) = (lab.device("motor"), lab.device("motor1"));
    let run = lab.run(plan(async move |p| {
        p.configure(&motor, [("velocity", 2)]).await?;
        p.open_run(Map::new()).await?;
        p.trigger_and_read(&motor, "primary").await?;
        p.configure(&other, [("velocity", 2)]).await?;
        p.close_run().await
    }));
    assert_eq!(counts(&run), "start 1, descriptor 1, event 1, stop 1");
}

/// Behaviour 51 of bluesky's suite: in a bundle nothing is configured.
#[test]
fn a_device_is_not_configured_in_a_bundle() {
    let lab = Harness::new();
    let motor = lab.device("motor");
    let run = lab.run(in_run(async move |p| {
        p.create("primary").await?;
        p.configure(&motor, [("velocity", 2)]).await.map(drop)
    }));
    refused(&run, "IllegalMessageSequence: Cannot configure after 'create' but before 'save' Aborting!");
}

/// Behaviour 57 of bluesky's suite: a stream asks each device once what it is; another stream asks anew.
#[test]
fn a_stream_asks_a_device_once_what_it_is() {
    let lab = Harness::new();
    let calls = Calls::default();
    let device = lab.add(Probe::new("x").reads(&["x"]).configurable().counted(&calls));
    let run = lab.run(in_run(async move |p| {
        for value in 0..4 {
            p.msg(Command::Configure(
                skyspan::message::Configure { obj: device.clone(), args: skyspan::device::Args::one(value) }.into(),
            ))
            .await?;
            for _ in 0..2 {
                p.trigger_and_read(&device, format!("stream {value}")).await?;
            }
        }
        Ok(())
    }));
    run.assert_success();
    assert_eq!((calls.count("read"), calls.count("describe")), (8, 4));
    assert_eq!(calls.count("describe_configuration"), 4);
    // Once for each stream, and once whenever a device is configured that some stream knows.
    assert_eq!(calls.count("read_configuration"), 4 + 3);
    // Each stream has the configuration of its time, and gets the later ones.
    let settings: Vec<(String, Value)> = run
        .documents()
        .iter()
        .filter_map(|document| match document {
            Document::Descriptor(descriptor) => {
                Some((descriptor.name.to_string(), descriptor.configuration[0].1.readings[0].1.value.clone()))
            }
            _ => None,
        })
        .collect();
    let expected = [(0, 0), (0, 1), (1, 1), (0, 2), (1, 2), (2, 2), (0, 3), (1, 3), (2, 3), (3, 3)];
    assert_eq!(settings, expected.map(|(stream, value)| (format!("stream {stream}"), value.into())));
}

#[test]
fn devices_are_asked_all_at_once_what_they_are() {
    let lab = Harness::new();
    let devices: Vec<Device> =
        ["a", "b", "c"].map(|name| lab.add(Probe::new(name).reads(&[name]).configurable().takes(secs(1.0)))).into();
    let run = lab.run(in_run(async move |p| p.declare_stream(&devices, "primary").await.map(drop)));
    run.assert_success();
    assert_eq!(run.duration(), secs(1.0));
}

#[test]
fn a_device_that_never_answers_is_reported_as_a_deadlock() {
    let lab = Harness::new();
    let silent = lab.add(Probe::new("silent").reads(&["x"]).takes(Duration::MAX));
    let run = lab.run(in_run(async move |p| p.declare_stream(&silent, "primary").await.map(drop)));
    let error = run.exception().unwrap();
    assert_eq!(error.name(), "Deadlock");
    assert!(error.to_string().contains("description of silent"), "{error}");
}

#[test]
fn a_stream_that_is_declared_keeps_the_order_in_which_it_was() {
    let lab = Harness::new();
    let devices = ["sig", "det", "motor", "sig"].map(|name| lab.device(name));
    let run = lab.run(in_run(async move |p| {
        let descriptor = p.declare_stream(&devices, "primary").await?;
        Ok(descriptor.data_keys.iter().map(|(key, _)| key.clone()).collect::<Value>())
    }));
    let Document::Descriptor(descriptor) = &run.documents()[1] else { panic!("it is described at once") };
    let keys: Vec<&str> = descriptor.data_keys.iter().map(|(key, _)| &**key).collect();
    assert_eq!(keys, ["sig", "det", "motor", "motor_setpoint"]);
    let objects: Vec<&str> = descriptor.object_keys.iter().map(|(object, _)| &**object).collect();
    assert_eq!(objects, ["sig", "det", "motor"]);
    assert_eq!(num_events(&run), [("primary".into(), 0)]);
}

#[test]
fn a_stream_that_is_declared_is_read_by_these_devices_only() {
    let lab = Harness::new();
    let (det, motor) = (lab.device("det"), lab.device("motor"));
    let run = lab.run(in_run(async move |p| {
        p.declare_stream(&det, "primary").await?;
        p.trigger_and_read(&motor, "primary").await.map(drop)
    }));
    refused(&run, "RuntimeError: Mismatched objects read, expected {det}, got {motor}");
}

#[test]
fn a_stream_keeps_its_data_keys() {
    let lab = Harness::new();
    let (det, motor) = (lab.device("det"), lab.device("motor"));
    let run = lab.run(in_run(async move |p| {
        p.declare_stream(&det, "primary").await?;
        p.declare_stream(&det, "primary").await?;
        p.declare_stream(&motor, "primary").await.map(drop)
    }));
    refused(
        &run,
        "EventModelValidationError: stream \"primary\" was described by the data keys [\"det\"], and now is by \
         [\"motor\", \"motor_setpoint\"]",
    );
    assert_eq!(counts(&run), "start 1, descriptor 2, stop 1");
}

#[test]
fn the_run_is_looked_for_before_what_is_declared() {
    let lab = Harness::new();
    let declare = |name: Value| {
        let declared = DeclareStream { objs: Vec::new(), name: Some(name), collect: None };
        plan(async move |p| p.msg(Command::DeclareStream(declared.into())).await.map(drop))
    };
    refused(
        &lab.run(declare(Value::Null)),
        "IllegalMessageSequence: Cannot bundle readings without an open run. That is, 'create' must be preceded by \
         'open_run'.",
    );
    refused(
        &lab.run(preprocessors::run_wrapper(declare(Value::Null), Map::new())),
        "AssertionError: A stream name that is not None is required for pre-declare",
    );
}

/// What is read has to be what was described. Behaviour 46 of bluesky's suite, as far as there is such a thing here: a
/// device cannot give `None` for its readings, and what it leaves out is missed.
#[test]
fn readings_that_were_not_described_are_refused() {
    check(&["a", "b"], &["a", "b"], "");
    check(&["a", "b"], &["b", "a"], "");
    check(&["a", "b"], &["a", "b", "a"], "");
    check(&["a*", "b"], &["b"], "");
    check(&[], &[], "");
    check(
        &["a", "b"],
        &["a"],
        "EventModelValidationError: the data keys of an event of stream \"primary\" are [\"a\"]; its descriptor has \
         [\"a\", \"b\"]",
    );
    check(
        &["a"],
        &["a", "b"],
        "KeyError: the data key \"b\" of an event of stream \"primary\" is not in its descriptor",
    );
    check(
        &["a.b"],
        &["a.b"],
        "ValidationError: the key \"a.b\" of the descriptor of stream \"primary\" is not allowed: its keys are not \
         empty, hold no dot and no slash",
    );

    #[track_caller]
    fn check(described: &'static [&'static str], read: &'static [&'static str], error: &str) {
        let lab = Harness::new();
        let probe = Probe::new("x").describes(move || data_keys(described)).gives(move || readings(read));
        let run = lab.run(plans::count(&lab.add(probe), 1));
        let found = run.exception().map(|error| format!("{}: {error}", error.name()));
        assert_eq!(found.unwrap_or_default(), error, "{described:?} {read:?}");
        // What describes the stream comes before what does not fit to it.
        let descriptors = usize::from(!error.starts_with("ValidationError"));
        let found = run.documents().iter().filter(|document| document.name() == "descriptor").count();
        assert_eq!(found, descriptors);
    }
}

#[test]
fn a_device_that_cannot_be_read_fails_the_run() {
    let lab = Harness::new();
    let error = DeviceError::other("ConnectionError", "no route");
    let broken = lab.add(Probe::new("x").reads(&["x"]).fails_to_read(error));
    let run = lab.run(plans::count(&broken, 1));
    refused(&run, "ConnectionError: no route");
    assert_eq!(counts(&run), "start 1, stop 1");
}

/// Behaviour 55 of bluesky's suite: runs that are open at once are told apart by their keys, whether one encloses the other or not.
#[test]
fn runs_that_are_open_at_once_each_have_their_documents() {
    check("o1 o2 r1 r2 r1 r2 c1 c2", false);
    check("o1 o2 r1 r2 r1 r2 c2 c1", false);
    check("o1 r1 o2 r2 r2 c2 r1 c1", false);
    check("o1 o2 r1 r2 r1 r2 fail", true);

    #[track_caller]
    fn check(steps: &'static str, fails: bool) {
        let lab = Harness::new();
        let det = lab.device("det");
        let run = lab.run(plan(async move |p| {
            for step in steps.split(' ') {
                let key = Value::from(&step[1..]);
                let msg = |command: Command| Msg::from(command).with_run(key.clone());
                match &step[..1] {
                    "o" => drop(p.msg(msg(Command::OpenRun { md: Map::new() })).await?),
                    "c" => drop(p.msg(msg(Command::CloseRun(Box::default()))).await?),
                    "r" => {
                        p.msg(msg(Command::Create { name: "primary".into() })).await?;
                        p.msg(msg(Command::Read { obj: det.clone() })).await?;
                        p.msg(msg(Command::Save)).await?;
                    }
                    _ => return Err(plan_error!("no light")),
                }
            }
            Ok(())
        }));
        let starts = run.documents().iter().filter_map(|document| match document {
            Document::Start(start) => Some(&start.uid),
            _ => None,
        });
        for uid in starts {
            let descriptor = run.documents().iter().find_map(|document| match document {
                Document::Descriptor(descriptor) if descriptor.run_start == *uid => Some(descriptor),
                _ => None,
            });
            let descriptor = descriptor.unwrap();
            let events: Vec<u64> =
                run.events().filter(|event| event.descriptor == descriptor.uid).map(|event| event.seq_num).collect();
            assert_eq!(events, [1, 2], "{steps}");
            let stop = run.documents().iter().find_map(|document| match document {
                Document::Stop(stop) if stop.run_start == *uid => Some(stop),
                _ => None,
            });
            assert_eq!(stop.unwrap().exit_status, if fails { Fail } else { Success }, "{steps}");
        }
        assert_eq!(counts(&run), "start 2, descriptor 2, event 4, stop 2");
    }
}
