//! Simulated hardware prints, describes and behaves as ophyd's.

#![expect(clippy::unwrap_used, reason = "a test's helper may fail the test")]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use skyspan::device::{Args, DataKeys, Device, DeviceError, Readings, Staged, Stoppable};
use skyspan::expect::{one, span};
use skyspan::hardware::{Beamline, Fault, Signal, SynAxis, SynGauss, SynSignal};
use skyspan::seed::Seed;
use skyspan::value::{Map, Value, to_json};

use crate::rig::{Rig, elapsed_ns, values};

const DEVICES: &str = include_str!("../../fixtures/bluesky/devices.txt");

// What is compared with every line of a file would be so with every line of an empty one.
const _: () = {
    assert!(DEVICES.len() > 10_000);
};

fn ns(ns: u64) -> Duration {
    Duration::from_nanos(ns)
}

fn described(keys: &DataKeys) -> String {
    to_json(&keys.0.iter().map(|(key, data_key)| (key.clone(), data_key.to_map())).collect::<Map>().into())
}

/// How a device prints, reads and describes itself, as the fixture has it.
fn portrait(rig: &Rig, device: &Device) -> String {
    let (cx, readable, configurable) = (rig.cx(device), device.readable().unwrap(), device.configurable().unwrap());
    format!(
        "{}\nread {}\ndescribe {}\nread_configuration {}\ndescribe_configuration {}\nhints {}\n",
        device.repr(),
        values(&rig.read(device)),
        described(&rig.block_on(readable.describe(cx)).unwrap()),
        values(&rig.block_on(configurable.read_configuration(cx)).unwrap()),
        described(&rig.block_on(configurable.describe_configuration(cx)).unwrap()),
        to_json(&device.has_hints().map(|it| it.hints().to_map()).ok().into()),
    )
}

#[test]
fn every_device_prints_reads_and_describes_itself_as_in_ophyd() {
    let rig = Rig::new();
    let mut beamline = Beamline::simulated(&Seed::new(0));
    beamline.add(Signal::new("text", "it's"));
    beamline.add(Signal::new("list", [1, 2, 3]));
    beamline.add(Signal::new("empty", Vec::<i64>::new()));
    beamline.add(Signal::new("float", 1.5));
    beamline.add(Signal::with_choices("choice", "b", ["a", "b"]).unwrap());
    beamline.add(SynSignal::new("func").func(|| 3.5).precision(1));
    beamline.add(SynAxis::new("offset").readback_func(|x| 2.0 * x + 0.5).value(1.5).precision(5));
    let moved = beamline.add(SynAxis::new("moved").value(1.5));
    beamline.added_at(rig.clock.now());
    rig.set(&moved, 2).unwrap();

    let mut blocks = 0;
    for block in DEVICES.split("## ").skip(1) {
        let (path, expected) = block.split_once('\n').unwrap();
        let device = beamline.get(path).unwrap_or_else(|| panic!("no {path}"));
        let mut portrait = portrait(&rig, &device);
        // The exponential that is the same on every machine is here not the one of numpy, but its neighbour.
        let numpy = 1.764_993_805_169_190_7_f64;
        portrait = portrait.replace(&format!("{}", numpy.next_up()), &format!("{numpy}"));
        if path == "noisy_det" {
            let reading = portrait.lines().find(|line| line.starts_with("read ")).unwrap().to_owned() + "\n";
            portrait = portrait.replace(&reading, "");
        }
        assert_eq!(portrait, expected, "{path}");
        blocks += 1;
    }
    assert_eq!(blocks, 45);
}

#[test]
fn devices_support_the_protocols_that_they_support_in_ophyd() {
    let beamline = Beamline::simulated(&Seed::new(0));
    let axis = "Readable Configurable Movable Checkable Triggerable Stageable Stoppable Pausable Subscribable";
    for path in ["motor", "motor_no_pos", "motor_empty_hints1", "pseudo3x3", "pseudo1x3.pseudo1"] {
        check(&beamline, path, &format!("{axis} HasHints"));
    }
    check(&beamline, "motor_no_hints1", axis);
    for path in ["det", "det4", "ab_det", "direct_img", "det_with_conf", "det_with_count_time"] {
        let detector = "Readable Configurable Checkable Triggerable Stageable Stoppable Pausable Subscribable HasHints";
        check(&beamline, path, detector);
    }
    let signals = ["sig", "signal", "motor.setpoint", "motor.readback", "det.val", "det.noise", "invariant1", "rand"];
    for path in signals.into_iter().chain(["pseudo3x3.pseudo1.readback", "ab_det.a"]) {
        check(&beamline, path, "Readable Configurable Movable Checkable Triggerable Subscribable HasHints");
    }
    check(&beamline, "pseudo3x3.real1", "Readable Configurable Movable Checkable Stoppable Subscribable HasHints");

    check(
        &beamline,
        "img",
        "Readable Configurable Movable Checkable Triggerable Stageable WritesExternalAssets Subscribable HasHints",
    );
    let flyer = "Configurable Stoppable Flyable Collectable EventCollectable";
    check(&beamline, "flyer1", flyer);
    check(&beamline, "trivial_flyer", flyer);
    check(&beamline, "new_trivial_flyer", &format!("{flyer} WritesExternalAssets"));

    #[track_caller]
    fn check(beamline: &Beamline, path: &str, expected: &str) {
        let device = beamline.get(path).unwrap();
        let supported: Vec<&str> = [
            ("Readable", device.readable().is_ok()),
            ("Configurable", device.configurable().is_ok()),
            ("Movable", device.movable().is_ok()),
            ("Checkable", device.checkable().is_ok()),
            ("Locatable", device.locatable().is_ok()),
            ("Triggerable", device.triggerable().is_ok()),
            ("Stageable", device.stageable().is_ok()),
            ("Stoppable", device.stoppable().is_ok()),
            ("Pausable", device.pausable().is_ok()),
            ("Flyable", device.flyable().is_ok()),
            ("Preparable", device.preparable().is_ok()),
            ("Collectable", device.collectable().is_ok()),
            ("EventCollectable", device.event_collectable().is_ok()),
            ("EventPageCollectable", device.event_page_collectable().is_ok()),
            ("WritesExternalAssets", device.writes_external_assets().is_ok()),
            ("WritesStreamAssets", device.writes_stream_assets().is_ok()),
            ("Subscribable", device.subscribable().is_ok()),
            ("HasHints", device.has_hints().is_ok()),
        ]
        .into_iter()
        .filter_map(|(name, supported)| supported.then_some(name))
        .collect();
        assert_eq!(supported.join(" "), expected, "{path}");
    }
}

#[test]
fn a_missing_protocol_is_named() {
    let beamline = Beamline::simulated(&Seed::new(0));
    let error = beamline.get("det.Imax").unwrap().stageable().err().unwrap();
    assert_eq!(
        error.to_string(),
        "Signal(name='det_Imax', parent='det', value=1, timestamp=0.0) does not implement all Stageable methods"
    );
}

#[test]
fn a_beamline_reaches_its_devices_and_their_components_by_name() {
    let mut beamline = Beamline::simulated(&Seed::new(0));
    let names: Vec<&str> = beamline.names().map(|name| &**name).collect();
    assert_eq!(
        names.join(" "),
        "motor motor1 motor2 motor3 jittery_motor1 jittery_motor2 motor_no_pos motor_empty_hints1 motor_empty_hints2 \
         motor_no_hints1 motor_no_hints2 pseudo3x3 pseudo1x3 noisy_det det identical_det det1 det2 det3 det4 det5 flyer1 \
         flyer2 trivial_flyer new_trivial_flyer ab_det direct_img direct_img_list img det_with_conf det_with_count_time \
         invariant1 invariant2 rand rand2 sig bool_sig signal"
    );
    assert_eq!(beamline.get("identical_det").unwrap().name(), "det");
    assert_ne!(beamline.get("identical_det"), beamline.get("det"));
    let motor = beamline.get("motor").unwrap();
    assert_eq!(beamline.get("motor.velocity"), motor.component("velocity"));
    assert_eq!(motor.component("velocity").unwrap().parent(), Some(motor.clone()));
    assert_eq!(motor.component("velocity").unwrap().root_ancestor(), motor);
    assert_eq!(motor.root_ancestor(), motor);
    for path in ["nothing", "motor.nothing", "motor.velocity.nothing", "", "motor."] {
        assert_eq!(beamline.get(path), None, "{path:?}");
    }
    assert_eq!(motor.object().labels(), ["motors"]);
    assert_eq!(beamline.get("det1").unwrap().object().labels(), ["detectors"]);
    assert!(beamline.get("sig").unwrap().object().labels().is_empty());
    let signals = [Device::from(Signal::new("s", 0).labels(["slits"])), SynSignal::new("t").labels(["slits"]).into()];
    assert!(signals.iter().all(|signal| signal.object().labels() == ["slits"]));

    let other = beamline.add(SynAxis::new("motor").delay_s(1.0));
    assert_eq!((beamline.get("motor"), beamline.names().len()), (Some(other), 38));
    assert_eq!(&**beamline.names().next().unwrap(), "motor", "it keeps its place");
}

/// Every change of the readback, with the nanosecond of it.
fn track(rig: &Rig, axis: &Device) -> Arc<Mutex<Vec<(u64, Value)>>> {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let (changes, clock) = (Arc::clone(&seen), rig.clock.clone());
    axis.subscribable().unwrap().subscribe(Box::new(move |readings: &Readings| {
        let (_, reading) = readings.iter().next().unwrap();
        assert!(reading.timestamp <= clock.now());
        changes.lock().unwrap().push((elapsed_ns(clock.now()), reading.value.clone()));
    }));
    seen
}

#[test]
fn a_move_is_at_its_positions_at_the_exact_nanosecond() {
    // The positions are those of ophyd, to the bit.
    check(
        SynAxis::new("a").value(0.1).delay_s(0.2).events_per_move(3),
        1.3,
        &[(66_666_666, 0.5), (133_333_333, 0.899_999_999_999_999_9), (200_000_000, 1.3)],
    );
    check(
        SynAxis::new("a").value(1).delay_s(0.2).events_per_move(4),
        3,
        &[(50_000_000, 1.5), (100_000_000, 2.0), (150_000_000, 2.5), (200_000_000, 3.0)],
    );
    check(SynAxis::new("a").delay_s(1e-9).events_per_move(2), -2, &[(0, -1.0), (1, -2.0)]);
    check(SynAxis::new("a").delay_s(3600.0), 5, &[(3_600_000_000_000, 5.0)]);
    check(SynAxis::new("a").events_per_move(2), 5, &[(0, 2.5), (0, 5.0)]);
    check(SynAxis::new("a").delay_s(0.5).value(7), 7, &[(500_000_000, 7.0)]);
    check(SynAxis::new("a").delay_s(0.5).readback_func(|x| 2.0 * x + 0.5), 3, &[(500_000_000, 6.5)]);

    #[track_caller]
    fn check(axis: SynAxis, target: impl Into<Value>, expected: &[(u64, f64)]) {
        let rig = Rig::new();
        let axis = rig.add(axis);
        let (seen, target) = (track(&rig, &axis), target.into());
        let status = rig.set(&axis, target.clone()).unwrap();
        assert!(values(&rig.read(&axis)).contains(&format!("\"a_setpoint\": {target}")), "set at once");
        rig.block_on(status.done());
        let seen: Vec<(u64, f64)> = seen.lock().unwrap().iter().map(|(at, v)| (*at, v.as_f64().unwrap())).collect();
        assert_eq!(seen, expected);
        let (end, last) = expected[expected.len() - 1];
        assert_eq!((rig.elapsed_ns(), status.is_success(), axis.position()), (end, true, Some(last.into())));
        assert_eq!(status.elapsed(), ns(end));
        rig.capture.trace().assert(one(span("Ophyd Status").lasting(ns(end)..=ns(end))));
    }
}

#[test]
fn moves_that_overlap_each_go_their_way() {
    // ophyd guards nothing: with the same sets its axis is at 5, 5, 10 and 0.
    let rig = Rig::new();
    let axis = rig.add(SynAxis::new("o").delay_s(0.2).events_per_move(2));
    let seen = track(&rig, &axis);
    let first = rig.set(&axis, 10).unwrap();
    rig.advance(Duration::from_millis(50));
    let second = rig.set(&axis, 0).unwrap();
    rig.block_on(first.done());
    assert_eq!((rig.elapsed_ns(), second.is_done()), (200_000_000, false));
    rig.block_on(second.done());
    let seen = seen.lock().unwrap();
    let seen: Vec<(u64, f64)> = seen.iter().map(|(at, value)| (at / 1_000_000, value.as_f64().unwrap())).collect();
    assert_eq!(seen, [(100, 5.0), (150, 5.0), (200, 10.0), (250, 0.0)]);
}

#[test]
fn a_stop_does_not_stop_an_axis() {
    let rig = Rig::new();
    let axis = rig.add(SynAxis::new("a").delay_s(1.0));
    let status = rig.set(&axis, 4).unwrap();
    let stoppable: &dyn Stoppable = axis.stoppable().unwrap();
    rig.block_on(stoppable.stop(rig.cx(&axis), true)).unwrap();
    rig.block_on(status.done());
    assert_eq!(axis.position(), Some(4.0.into()));
}

#[test]
fn setting_the_setpoint_moves_the_axis_and_takes_as_long() {
    let rig = Rig::new();
    let axis = rig.add(SynAxis::new("a").delay_s(0.5));
    let setpoint = axis.component("setpoint").unwrap();
    let status = rig.set(&setpoint, 7).unwrap();
    assert!(!status.is_done());
    rig.block_on(status.done());
    assert_eq!((rig.elapsed_ns(), values(&rig.read(&axis))), (500_000_000, r#"{"a": 7.0, "a_setpoint": 7.0}"#.into()));
    assert_eq!(status.kind().class_name(), "Status");
}

#[test]
fn what_cannot_be_set_says_why() {
    let rig = Rig::new();
    let motor = rig.add(SynAxis::new("motor"));
    let choice = rig.add(Signal::with_choices("choice", 0, ["a", "b"]).unwrap());
    for value in [Value::from("x"), Value::Null, [1].into(), Map::new().into()] {
        assert_eq!(rig.set(&motor, value.clone()).unwrap_err().name(), "TypeError", "{value}");
    }
    assert_eq!(motor.position(), Some(0.into()), "it did not move");
    let movable = motor.movable().unwrap();
    let keyword = |entries: &[(&'static str, i64)]| entries.iter().copied().collect::<Map>();
    let check = |positional: &[i64], entries: &[(&'static str, i64)], expected: Result<f64, &str>| {
        let args = Args { positional: positional.iter().map(|&v| v.into()).collect(), keyword: keyword(entries) };
        let outcome = movable.set(rig.cx(&motor), &args);
        match expected {
            Ok(position) => assert!(outcome.is_ok() && motor.position() == Some(position.into()), "{args:?}"),
            Err(message) => {
                let error = outcome.unwrap_err();
                assert_eq!((&*error.name(), &*error.to_string()), ("TypeError", message), "{args:?}");
            }
        }
    };
    check(&[3], &[], Ok(3.0));
    check(&[], &[("value", 2)], Ok(2.0));
    check(&[], &[], Err("takes 1 positional argument but 0 were given"));
    check(&[1, 2], &[], Err("takes 1 positional argument but 2 were given"));
    check(&[1], &[("wait", 1)], Err("got an unexpected keyword argument 'wait'"));
    check(&[1], &[("value", 1)], Err("got multiple values for argument 'value'"));

    let readback = motor.component("readback").unwrap();
    let read_only = rig.set(&readback, 3).unwrap_err();
    assert_eq!((&*read_only.name(), &*read_only.to_string()), ("ReadOnlyError", "The signal motor is readonly."));
    let signal = readback.downcast_ref::<Signal>().unwrap();
    assert_eq!(signal.put(3, rig.clock.now()).unwrap_err(), read_only);

    // The error of a choice comes with the status, as ophyd's thread gives it.
    let status = rig.set(&choice, "c").unwrap();
    assert_eq!(status.exception(), Some(DeviceError::value("c not in enum strs ('a', 'b')")));
    assert_eq!(Signal::with_choices("e", "x", ["a", "b"]).unwrap_err().name(), "ValueError");
}

#[test]
fn a_choice_is_set_by_its_text_or_its_number_and_read_as_text() {
    let rig = Rig::new();
    let choice = rig.add(Signal::with_choices("choice", "b", ["a", "b"]).unwrap());
    assert_eq!(rig.value(&choice), "b".into());
    for (value, read) in [(Value::from("a"), "a"), (1.into(), "b")] {
        assert!(rig.set(&choice, value).unwrap().is_success());
        assert_eq!(rig.value(&choice), read.into());
    }
}

#[test]
fn a_signal_without_a_type_cannot_be_described() {
    let rig = Rig::new();
    check(&rig, Value::Null, "failed to describe 's' with value 'None'");
    check(&rig, Map::from_iter([("a", 1)]).into(), "failed to describe 's' with value '{'a': 1}'");

    #[track_caller]
    fn check(rig: &Rig, value: Value, expected: &str) {
        let signal = rig.add(Signal::new("s", value));
        let error = rig.block_on(signal.readable().unwrap().describe(rig.cx(&signal))).unwrap_err();
        assert_eq!((&*error.name(), &*error.to_string()), ("ValueError", expected));
    }
}

#[test]
fn components_are_set_and_configured() {
    let rig = Rig::new();
    let motor = rig.add(SynAxis::new("motor"));
    let det = rig.add(SynGauss::new("det", &motor, "motor"));
    rig.advance(Duration::from_secs(1));
    assert!(rig.set(&motor.component("velocity").unwrap(), 7).unwrap().is_success());
    assert!(rig.set(&det.component("Imax").unwrap(), 100).unwrap().is_success());
    let configuration = rig.block_on(motor.configurable().unwrap().read_configuration(rig.cx(&motor))).unwrap();
    assert_eq!(values(&configuration), r#"{"motor_velocity": 7, "motor_acceleration": 1}"#);
    let times: Vec<u64> = configuration.iter().map(|(_, reading)| elapsed_ns(reading.timestamp)).collect();
    assert_eq!(times, [1_000_000_000, 0], "each has the time of its own value");

    rig.set(&motor, 1).unwrap();
    assert_eq!(rig.value(&det), 1.0.into(), "until it is triggered");
    assert!(rig.trigger(&det).is_success());
    assert_eq!(rig.value(&det), 60.653_065_971_263_345.into(), "as ophyd's");

    let configure = |wanted: &[(&'static str, i64)]| {
        let args = Args::one(wanted.iter().copied().collect::<Map>());
        let configured = rig.block_on(motor.configurable().unwrap().configure(rig.cx(&motor), &args));
        configured.map(|(before, after)| format!("{} {}", values(&before), values(&after)))
    };
    assert_eq!(
        configure(&[("velocity", 3)]).unwrap(),
        r#"{"motor_velocity": 7, "motor_acceleration": 1} {"motor_velocity": 3, "motor_acceleration": 1}"#
    );
    assert_eq!(
        configure(&[("unused", 3)]).unwrap_err(),
        DeviceError::value("unused is not one of the configuration_fields, so it cannot be changed using configure")
    );
    assert_eq!(configure(&[("nope", 3)]).unwrap_err(), DeviceError::value("There is no signal named nope"));
    let with = |args: Args| rig.block_on(motor.configurable().unwrap().configure(rig.cx(&motor), &args));
    let velocity = || Value::from(Map::from_iter([("velocity", 4)]));
    let by_keyword = Args { positional: Vec::new(), keyword: Map::from_iter([("d", velocity())]) };
    assert_eq!(values(&with(by_keyword).unwrap().1), r#"{"motor_velocity": 4, "motor_acceleration": 1}"#);
    let twice = Args { positional: vec![velocity()], keyword: Map::from_iter([("d", velocity())]) };
    for args in [Args::none(), twice] {
        assert_eq!(with(args).unwrap_err().name(), "TypeError");
    }
    assert_eq!(with(Args::one(5)).unwrap_err().name(), "AttributeError");
}

#[test]
fn a_fault_comes_at_its_call_and_at_no_other() {
    let fails = |axis: SynAxis| {
        let rig = Rig::new();
        let axis = rig.add(axis.delay_s(1.0));
        assert_eq!(axis.class_name(), "FaultySynAxis");
        assert!(axis.repr().starts_with("FaultySynAxis(prefix='', name='a', read_attrs="));
        rig.block_on(rig.set(&axis, 1).unwrap().done());
        let outcome = rig.set(&axis, 2);
        (rig, axis, outcome)
    };
    let fault = |message: &'static str| DeviceError::other("DeviceFault", message);

    let (rig, axis, outcome) = fails(SynAxis::new("a").fault(Fault::on_set(2).raises("jammed")));
    assert_eq!(outcome.unwrap_err(), fault("jammed"));
    assert_eq!(values(&rig.read(&axis)), r#"{"a": 1.0, "a_setpoint": 1}"#, "it did not move");
    let third = rig.set(&axis, 3).unwrap();
    rig.block_on(third.done());
    assert_eq!((third.is_success(), axis.position()), (true, Some(3.0.into())));

    let late = Fault::on_set(2).fails_after(Duration::from_millis(300), "stalled");
    let (rig, axis, outcome) = fails(SynAxis::new("a").fault(late));
    let status = outcome.unwrap();
    rig.block_on(status.done());
    assert_eq!((rig.elapsed_ns(), status.exception()), (1_300_000_000, Some(fault("stalled"))));
    assert_eq!((axis.position(), status.kind().class_name()), (Some(1.0.into()), "MoveStatus"));

    let (rig, _, outcome) = fails(SynAxis::new("a").fault(Fault::on_set(2).hangs()));
    let status = outcome.unwrap();
    rig.advance(Duration::from_secs(1_000_000));
    assert!(!status.is_done());
    assert!(rig.clock.block_on(status.done()).is_err(), "nothing can ever end it");
}

#[test]
fn a_device_is_staged_once() {
    let rig = Rig::new();
    let motor = rig.add(SynAxis::new("motor"));
    let stageable = motor.stageable().unwrap();
    let took_part = |staged: Staged| match staged {
        Staged::Devices(devices) => devices,
        Staged::Status(status) => panic!("{status}"),
        Staged::Later(_) => panic!("it takes no time"),
    };
    assert_eq!(took_part(stageable.stage(rig.cx(&motor)).unwrap()), std::slice::from_ref(&motor));
    let error = stageable.stage(rig.cx(&motor)).unwrap_err();
    assert_eq!(
        (&*error.name(), &*error.to_string()),
        (
            "RedundantStaging",
            "Device SynAxis(prefix='', name='motor', read_attrs=['readback', 'setpoint'], \
             configuration_attrs=['velocity', 'acceleration']) is already staged. Unstage it first."
        )
    );
    for _ in 0..2 {
        assert_eq!(took_part(stageable.unstage(rig.cx(&motor)).unwrap()), std::slice::from_ref(&motor));
    }
    assert!(stageable.stage(rig.cx(&motor)).is_ok());
}

#[test]
fn a_subscription_tells_of_every_change_until_it_ends() {
    let rig = Rig::new();
    let motor = rig.add(SynAxis::new("motor"));
    let det = rig.add(SynGauss::new("det", &motor, "motor"));
    let sig = rig.add(Signal::new("sig", 0));
    let seen: Arc<Mutex<Vec<String>>> = Arc::default();
    let subscribe = |device: &Device| {
        let seen = Arc::clone(&seen);
        let callback = move |readings: &Readings| seen.lock().unwrap().push(values(readings));
        device.subscribable().unwrap().subscribe(Box::new(callback))
    };
    let all =
        [&motor, &det, &sig, &motor.component("setpoint").unwrap()].map(|device| (device.clone(), subscribe(device)));
    let change = || {
        rig.set(&motor, 2).unwrap();
        rig.trigger(&det);
        rig.set(&sig, 0).unwrap();
        rig.set(&sig, 4).unwrap();
    };
    change();
    let expected = [
        // ophyd triggers a detector when it is made; of the others nothing has changed yet.
        r#"{"det": 1.0}"#,
        r#"{"motor_setpoint": 2}"#,
        r#"{"motor": 2.0}"#,
        r#"{"det": 0.1353352832366127}"#,
        r#"{"sig": 0}"#,
        r#"{"sig": 4}"#,
    ];
    assert_eq!(*seen.lock().unwrap(), expected);
    for (device, id) in all {
        device.subscribable().unwrap().clear_sub(id);
        device.subscribable().unwrap().clear_sub(id);
    }
    change();
    assert_eq!(seen.lock().unwrap().len(), expected.len());
}

#[test]
fn a_callback_may_end_its_own_subscription() {
    let rig = Rig::new();
    let sig = rig.add(Signal::new("sig", 0));
    let seen = Arc::new(Mutex::new(0));
    let own = Arc::new(Mutex::new(None));
    let (count, id, device) = (Arc::clone(&seen), Arc::clone(&own), sig.clone());
    rig.set(&sig, 0).unwrap();
    let callback = move |_: &Readings| {
        *count.lock().unwrap() += 1;
        if let Some(id) = *id.lock().unwrap() {
            device.subscribable().unwrap().clear_sub(id);
        }
    };
    *own.lock().unwrap() = Some(sig.subscribable().unwrap().subscribe(Box::new(callback)));
    for value in 1..5 {
        rig.set(&sig, value).unwrap();
    }
    assert_eq!(*seen.lock().unwrap(), 2, "at the subscription, and once more");
}

#[test]
fn a_device_may_be_a_part_of_another_which_is_staged_in_its_place() {
    use skyspan::prelude::{Harness, plan, preprocessors};
    let lab = Harness::new();
    let table = lab.device("motor");
    let inner = lab.add(SynAxis::new("inner").parent(&table));
    let det = lab.add(SynGauss::new("g", &inner, "inner").parent(&table));
    let sig = lab.add(SynSignal::new("sig").parent(&table));
    assert_eq!(
        inner.repr(),
        "SynAxis(prefix='', name='inner', parent='motor', read_attrs=['readback', 'setpoint'], \
         configuration_attrs=['velocity', 'acceleration'])"
    );
    assert_eq!(
        det.repr(),
        "SynGauss(prefix='', name='g', parent='motor', read_attrs=['val'], configuration_attrs=['Imax', 'center', \
         'sigma', 'noise', 'noise_multiplier'])"
    );
    assert!(sig.repr().starts_with("SynSignal(name='sig', parent='motor', value=0, timestamp="), "{sig:?}");
    let run = lab.run(preprocessors::stage_wrapper(plan(async |p| p.null().await), [&inner, &det, &sig]));
    let staged: Vec<String> = run.messages().iter().map(ToString::to_string).collect();
    let group = run.messages()[0].kwargs()[0].1.to_string();
    let unstaged = run.messages()[2].kwargs()[0].1.to_string();
    assert_eq!(
        staged,
        [format!("stage(motor, group={group})"), "null()".into(), format!("unstage(motor, group={unstaged})")]
    );
}
