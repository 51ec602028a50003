//! Signals that are not as others: read-only, invariant, of a choice, with images, and for process variables.

#![expect(clippy::unwrap_used, reason = "a test's helper may fail the test")]

use std::time::Duration;

use skyspan::device::{Device, DeviceError};
use skyspan::hardware::{FakeEpicsSignal, Signal, SynSignal};
use skyspan::value::{Map, Value, to_json};

use crate::rig::Rig;

fn described(rig: &Rig, device: &Device) -> String {
    let keys = rig.block_on(device.readable().unwrap().describe(rig.cx(device))).unwrap();
    to_json(&keys.0.iter().map(|(key, data_key)| (key.clone(), data_key.to_map())).collect::<Map>().into())
}

/// The error that setting it to a value comes to, at once or by the status.
#[track_caller]
fn fails(rig: &Rig, device: &Device, value: impl Into<Value>, expected: &str) {
    let error = match rig.set(device, value) {
        Ok(status) => status.exception().unwrap(),
        Err(error) => error,
    };
    assert_eq!(error.name(), expected, "{error}");
}

#[test]
fn a_read_only_signal_is_neither_set_nor_triggered() {
    let rig = Rig::new();
    let fixed = rig.add(SynSignal::new("fixed").func(|| 3).read_only());
    fails(&rig, &fixed, 1, "ReadOnlyError");
    let triggered = fixed.triggerable().unwrap().trigger(rig.cx(&fixed)).map(|status| status.repr());
    assert_eq!(triggered.map_err(|error| error.name()), Err("ReadOnlyError".into()));
    let slow = rig.add(SynSignal::new("slow").exposure_time_s(0.5).read_only());
    let status = rig.trigger(&slow);
    rig.advance(Duration::from_millis(500));
    assert_eq!(status.exception().unwrap().name(), "ReadOnlyError", "it fails, where ophyd's never ends");
    assert_eq!((rig.value(&fixed), fixed.class_name()), (3.into(), "SynSignalRO".into()));
}

#[test]
fn an_invariant_signal_reads_as_taken_when_time_began() {
    let rig = Rig::new();
    let still = rig.add(SynSignal::new("still").func(|| 7).invariant());
    rig.trigger(&still);
    rig.set(&still, 8).unwrap();
    assert_eq!(rig.read(&still).0[0].1.timestamp.unix_ns(), 0);
    assert_eq!((rig.value(&still), still.repr()), (8.into(), "<INVARIANT REPR>".into()));
}

#[test]
fn a_choice_reads_as_its_text_and_is_described_by_its_number() {
    let rig = Rig::new();
    let mode = rig.add(Signal::with_choices("mode", "dark", ["light", "dark"]).unwrap());
    assert_eq!(rig.value(&mode), "dark".into());
    rig.set(&mode, 0).unwrap();
    assert_eq!(rig.value(&mode), "light".into());
    rig.set(&mode, true).unwrap();
    assert_eq!(rig.value(&mode), "dark".into());
    rig.set(&mode, 0.5).unwrap();
    assert_eq!(rig.value(&mode), "0.5".into(), "what is no choice reads as it prints");
    fails(&rig, &mode, "dim", "ValueError");
    assert!(described(&rig, &mode).contains(r#""enum_strs": ["light", "dark"]"#));
    assert!(Signal::with_choices("mode", "dim", ["light", "dark"]).is_err());
}

#[test]
fn an_array_has_the_extents_of_all_dimensions_and_a_list_of_lists_has_one() {
    let rig = Rig::new();
    let list = rig.add(SynSignal::new("list").func(|| [[1, 2, 3], [4, 5, 6]]));
    assert!(described(&rig, &list).contains(r#""dtype": "array", "shape": [2]"#));
    let array = rig.add(SynSignal::new("array").func(|| [[1, 2, 3], [4, 5, 6]]).ndarray());
    assert!(described(&rig, &array).contains(r#""dtype": "array", "shape": [2, 3]"#));
}

#[test]
fn a_fake_process_variable_minds_its_limits_once_they_are_set() {
    let rig = Rig::new();
    let signal = FakeEpicsSignal::builder("XF:1", "bound").limits().build();
    let bound = rig.add(signal.clone());
    let check = |value: Value| bound.checkable().unwrap().check_value(&value).map_err(|error| error.name());
    assert_eq!(check(1.into()), Err("TypeError".into()), "it has none yet");
    signal.sim_set_limits(-1, 2);
    assert_eq!(check(2.into()), Ok(()));
    assert_eq!(check(2.5.into()), Err("LimitError".into()));
    assert_eq!(check(Value::Null), Err("ValueError".into()));
    fails(&rig, &bound, 3, "LimitError");
    fails(&rig, &bound, Value::Null, "ValueError");
    assert!(rig.set(&bound, -1).unwrap().is_success());
    signal.sim_put(100, rig.clock.now());
    assert_eq!(rig.value(&bound), 100.into(), "the control system minds no limits");
    let unbound = rig.add(FakeEpicsSignal::new("XF:2", "unbound"));
    assert!(rig.set(&unbound, 1e9).unwrap().is_success());
}

#[test]
fn a_fake_process_variable_with_choices_is_set_by_their_texts_and_keeps_their_numbers() {
    let rig = Rig::new();
    for (string, read) in [(false, Value::from(1)), (true, Value::from("Closed"))] {
        let builder = FakeEpicsSignal::builder("XF:Sh", "shutter");
        let signal = if string { builder.string() } else { builder }.build();
        let shutter = rig.add(signal.clone());
        assert_eq!(rig.value(&shutter), if string { "0".into() } else { 0.into() });
        signal.sim_set_enum_strs(["Open", "Closed"]);
        assert!(rig.set(&shutter, "Closed").unwrap().is_success());
        assert_eq!(rig.value(&shutter), read);
        assert!(rig.set(&shutter, 1).unwrap().is_success());
        fails(&rig, &shutter, "Ajar", "ValueError");
        assert!(described(&rig, &shutter).contains(r#""enum_strs": ["Open", "Closed"]"#));
    }
}

#[test]
fn a_putter_is_called_in_place_of_a_put_and_who_sets_waits_for_it() {
    let rig = Rig::new();
    let signal = FakeEpicsSignal::new("XF:V", "valve");
    let valve = rig.add(signal.clone());
    let control = signal.clone();
    signal.sim_set_putter(move |value, now| match value.as_f64() {
        Some(number) if number < 0.0 => Err(DeviceError::value("closed already")),
        Some(number) => {
            control.sim_put(number / 2.0, now);
            Ok(())
        }
        None => Ok(()),
    });
    let status = rig.set(&valve, 4).unwrap();
    assert_eq!((status.is_done(), rig.value(&valve)), (false, 2.0.into()), "it is half way");
    signal.sim_put(3, rig.clock.now());
    assert!(!status.is_done());
    signal.sim_put(4.0, rig.clock.now());
    assert!(status.is_success());
    fails(&rig, &valve, -1, "ValueError");
}

#[test]
fn the_fakes_are_called_and_wired_as_in_ophyd() {
    let rig = Rig::new();
    for (signal, class, read_pv, write_pv) in [
        (FakeEpicsSignal::new("A", "a"), "FakeEpicsSignal", "A", "A"),
        (FakeEpicsSignal::builder("B", "b").write_pv("C").build(), "FakeEpicsSignal", "B", "C"),
        (FakeEpicsSignal::with_rbv("D", "d"), "FakeEpicsSignalWithRBV", "D_RBV", "D"),
        (FakeEpicsSignal::path("E", "e"), "FakeEpicsPathSignal", "E_RBV", "E"),
        (FakeEpicsSignal::read_only("F", "f"), "FakeEpicsSignalRO", "F", "F"),
    ] {
        assert_eq!((&**signal.read_pv(), &**signal.write_pv()), (read_pv, write_pv));
        let device = rig.add(signal.clone());
        assert_eq!(device.class_name(), class);
        assert_eq!(rig.set(&device, 1).is_err(), class == "FakeEpicsSignalRO");
        signal.sim_put(5, rig.clock.now());
        assert_eq!(rig.value(&device), 5.into());
    }
    let exposed = rig.add(FakeEpicsSignal::builder("G", "g").func(|| 2.5).exposure_time_s(0.25).build());
    let status = rig.trigger(&exposed);
    assert!(!status.is_done());
    rig.advance(Duration::from_millis(250));
    assert_eq!((status.is_success(), rig.value(&exposed)), (true, 2.5.into()));
}
