//! Positioners without hardware, and axes that are computed from others, behave as ophyd's.

#![expect(clippy::unwrap_used, reason = "a test's helper may fail the test")]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use skyspan::device::{Args, Device, DeviceError, Staged, Status};
use skyspan::expect::{Expectation as _, all, any, exactly, one, span};
use skyspan::hardware::{PseudoPositioner, SoftPositioner};
use skyspan::value::{Map, Value, from_json, to_json};

use crate::rig::{Rig, values};

fn set(rig: &Rig, device: &Device, args: &str, kwargs: &str) -> Result<Status, DeviceError> {
    let positional = from_json(args).unwrap().as_array().unwrap().to_vec();
    let keyword = from_json(kwargs).unwrap().as_map().unwrap().clone();
    device.movable().unwrap().set(rig.cx(device), &Args { positional, keyword })
}

fn position(device: &Device) -> String {
    to_json(&device.position().unwrap())
}

#[track_caller]
fn goes_to(rig: &Rig, device: &Device, args: &str, kwargs: &str, expected: &str) {
    let status = set(rig, device, args, kwargs).unwrap();
    assert!(status.is_success(), "{status}");
    assert_eq!(position(device), expected, "{args} {kwargs}");
}

#[track_caller]
fn refuses(rig: &Rig, device: &Device, args: &str, kwargs: &str, error: &str) {
    let refused = set(rig, device, args, kwargs).map(|status| status.repr());
    assert_eq!(refused.map_err(|error| error.name()), Err(error.into()), "{args} {kwargs}");
}

#[test]
fn a_soft_positioner_is_where_it_is_set_at_once() {
    let rig = Rig::new();
    let soft = rig.add(SoftPositioner::new("soft").egu("mm").limits(-1, 2.5).init_pos(1).source("nowhere"));
    assert_eq!(
        soft.repr(),
        "SoftPositioner(name='soft', settle_time=0.0, timeout=None, egu='mm', limits=(-1, 2.5), source='nowhere')"
    );
    goes_to(&rig, &soft, "[2]", "{}", "2");
    goes_to(&rig, &soft, "[]", r#"{"new_position": -1, "timeout": null, "wait": false}"#, "-1");
    for (args, kwargs, error) in [
        ("[3]", "{}", "LimitError"),
        ("[\"far\"]", "{}", "TypeError"),
        ("[]", "{}", "TypeError"),
        ("[1, 2]", "{}", "TypeError"),
        ("[1]", r#"{"speed": 2}"#, "TypeError"),
        ("[1]", r#"{"timeout": "long"}"#, "TypeError"),
    ] {
        refuses(&rig, &soft, args, kwargs, error);
    }
    assert_eq!(position(&soft), "-1");
    rig.advance(Duration::from_secs(5));
    assert_eq!(rig.read(&soft).0[0].1.timestamp, rig.clock.now(), "it is read when it is read");
    assert!(soft.triggerable().is_err() && soft.stageable().is_err() && soft.pausable().is_err());
}

#[test]
fn a_soft_positioner_without_limits_goes_anywhere_and_one_that_is_nowhere_cannot_be_described() {
    let rig = Rig::new();
    let free = rig.add(SoftPositioner::new("free"));
    assert_eq!(values(&rig.read(&free)), r#"{"free": null}"#);
    let described = rig.block_on(free.readable().unwrap().describe(rig.cx(&free)));
    assert_eq!(described.unwrap_err().name(), "ValueError");
    goes_to(&rig, &free, "[1e9]", "{}", "1000000000.0");
    goes_to(&rig, &free, "[\"home\"]", "{}", "\"home\"");
}

#[test]
fn a_settle_time_passes_before_a_positioner_is_done() {
    let rig = Rig::new();
    let soft = rig.add(SoftPositioner::new("soft").settle_time_s(0.5));
    let status = set(&rig, &soft, "[1]", "{}").unwrap();
    assert!(!status.is_done());
    assert_eq!(position(&soft), "1");
    rig.advance(Duration::from_millis(500));
    assert!(status.is_success());
}

#[test]
fn what_a_positioner_checks_is_what_it_would_refuse() {
    let rig = Rig::new();
    let soft = rig.add(SoftPositioner::new("soft").limits(0, 1).init_pos(0));
    let table = rig.add(PseudoPositioner::s3x3("table"));
    let check = |device: &Device, value: &str| {
        let checked = device.checkable().unwrap().check_value(&from_json(value).unwrap());
        checked.map_or_else(|error| error.name().to_string(), |()| "fine".to_owned())
    };
    let axis = table.component("pseudo1").unwrap();
    for (device, value, expected) in [
        (&soft, "1", "fine"),
        (&soft, "1.5", "LimitError"),
        (&table, "[10, -10, 1000]", "fine"),
        (&table, "[10.5, 0, 0]", "ValueError"),
        (&table, "[1, 2]", "ValueError"),
        (&table, "3", "ValueError"),
        (&axis, "-10", "fine"),
        (&axis, "-11", "ValueError"),
        (&axis, "\"far\"", "TypeError"),
    ] {
        assert_eq!(check(device, value), expected, "{} {value}", device.name());
    }
    assert_eq!((position(&soft), position(&table)), ("0".to_owned(), "[0, 0, 0]".to_owned()), "nothing was set");
}

#[test]
fn a_pseudo_positioner_is_set_in_every_way_that_ophyd_knows() {
    let rig = Rig::new();
    let table = rig.add(PseudoPositioner::s3x3("table"));
    for (args, kwargs, expected) in [
        ("[1, 2, 3]", "{}", "[1, 2, 3]"),
        ("[[4, 5.5, 6]]", "{}", "[4, 5.5, 6]"),
        ("[7]", "{}", "[7, 5.5, 6]"),
        ("[[8, 9]]", "{}", "[8, 9, 6]"),
        ("[]", r#"{"pseudo3": 100}"#, "[8, 9, 100]"),
        (r#"[{"pseudo1": 0, "pseudo2": 0}]"#, "{}", "[0, 0, 100]"),
        (r#"[{"pseudo1": 1}]"#, r#"{"pseudo3": 2}"#, "[1, 0, 2]"),
        ("[true, 0, 0]", "{}", "[1, 0, 0]"),
    ] {
        goes_to(&rig, &table, args, kwargs, expected);
    }
    for (args, kwargs, error) in [
        ("[1, 2, 3, 4]", "{}", "ValueError"),
        ("[]", "{}", "ValueError"),
        ("[{}]", "{}", "ValueError"),
        ("[[1, 2, 3], 4]", "{}", "ValueError"),
        ("[1]", r#"{"pseudo2": 3}"#, "ValueError"),
        (r#"[{"pseudo2": 3}]"#, r#"{"pseudo2": 3}"#, "ValueError"),
        ("[]", r#"{"pseudo2": 3, "pseudo5": 4}"#, "TypeError"),
        ("[[\"dark\", 2, 3]]", "{}", "TypeError"),
        ("[\"abc\"]", "{}", "TypeError"),
        ("[null]", "{}", "TypeError"),
        ("[0, 0, \"c\"]", "{}", "TypeError"),
    ] {
        refuses(&rig, &table, args, kwargs, error);
    }
}

#[test]
fn an_axis_moves_the_whole_and_a_refused_target_stays() {
    let rig = Rig::new();
    let table = rig.add(PseudoPositioner::s3x3("table"));
    let [first, second] = ["pseudo1", "pseudo2"].map(|axis| table.component(axis).unwrap());
    let status = set(&rig, &first, "[4]", "{}").unwrap();
    assert_eq!(status.device(), &table);
    assert_eq!(position(&table), "[4, 0, 0]");
    refuses(&rig, &first, "[11]", "{}", "ValueError");
    refuses(&rig, &second, "[1]", "{}", "ValueError");
    assert_eq!(values(&rig.read(&first)), r#"{"table_pseudo1": 4, "table_pseudo1_setpoint": 11}"#);
    goes_to(&rig, &first, "[5]", "{}", "5");
    assert_eq!(position(&table), "[5, 1, 0]", "the other axis goes where it was told to go");
    let setpoint = set(&rig, &table.component("pseudo1.setpoint").unwrap(), "[1]", "{}").unwrap();
    assert_eq!(setpoint.exception().unwrap().name(), "AttributeError");
}

#[test]
fn without_auto_target_the_other_axes_stay_where_they_are_told_one_by_one() {
    let rig = Rig::new();
    let table = rig.add(PseudoPositioner::s3x3("table").auto_target(false));
    goes_to(&rig, &table, "[1, 2, 3]", "{}", "[1, 2, 3]");
    let first = table.component("pseudo1").unwrap();
    goes_to(&rig, &first, "[4]", "{}", "4");
    set(&rig, &table, "[5, 5, 5]", "{}").unwrap();
    assert_eq!(values(&rig.read(&first)), r#"{"table_pseudo1": 5, "table_pseudo1_setpoint": 4}"#);
}

#[test]
fn real_axes_move_at_once_or_one_after_another_each_with_its_status() {
    let rig = Rig::new();
    for concurrent in [true, false] {
        let table = rig.add(PseudoPositioner::s3x3("table").concurrent(concurrent));
        let mark = rig.capture.mark();
        set(&rig, &table, "[1, 2, 3]", "{}").unwrap();
        let trace = rig.capture.trace_since(mark);
        let names = ["table", "table_real1", "table_real2", "table_real3"];
        let statuses = names.map(|name| one(span(any()).attr("device_name", name)));
        trace.assert(all((all(statuses), exactly(4, span(any())))).because(format!("concurrent: {concurrent}")));
        let reals = ["real1", "real2", "real3"].map(|real| position(&table.component(real).unwrap()));
        assert_eq!(reals, ["-1", "-2", "-3"]);
    }
    let line = rig.add(PseudoPositioner::s1x3("line"));
    goes_to(&rig, &line, "[2.5]", "{}", "[2.5]");
    assert_eq!(values(&rig.read(&line.component("real3").unwrap())), r#"{"line_real3": -2.5}"#);
}

#[test]
fn a_real_axis_that_is_moved_alone_moves_the_pseudo_axes() {
    let rig = Rig::new();
    let table = rig.add(PseudoPositioner::s3x3("table"));
    let told = Arc::new(Mutex::new(Vec::new()));
    let heard = Arc::clone(&told);
    let subscribable = table.subscribable().unwrap();
    let id = subscribable.subscribe(Box::new(move |readings| heard.lock().unwrap().push(values(readings))));
    set(&rig, &table.component("real2").unwrap(), "[-3]", "{}").unwrap();
    subscribable.clear_sub(id);
    set(&rig, &table, "[0, 0, 0]", "{}").unwrap();
    let at = |second: i64| {
        let keys = ["table_pseudo1", "table_pseudo2", "table_pseudo3"];
        to_json(
            &keys.into_iter().zip([0, second, 0]).map(|(key, value)| (key, Value::from(value))).collect::<Map>().into(),
        )
    };
    assert_eq!(*told.lock().unwrap(), [at(0), at(3)], "where it was at once, and each change");
    // What no pseudo axis can be computed from is no position, and no panic.
    set(&rig, &table.component("real2").unwrap(), "[\"lost\"]", "{}").unwrap();
    assert_eq!(table.position(), Some(Value::Null));
    let read = rig.block_on(table.readable().unwrap().read(rig.cx(&table)));
    assert_eq!(read.unwrap_err().name(), "TypeError");
}

#[test]
fn a_pseudo_positioner_is_staged_with_its_axes() {
    let rig = Rig::new();
    let table = rig.add(PseudoPositioner::s3x3("table"));
    let first = table.component("pseudo1").unwrap();
    let names = |staged: Result<Staged, DeviceError>| match staged {
        Ok(Staged::Devices(all)) => all.iter().map(|device| device.name().to_string()).collect::<Vec<_>>().join(" "),
        Ok(Staged::Status(status)) => status.to_string(),
        Ok(Staged::Later(_)) => "later".to_owned(),
        Err(error) => error.name().to_string(),
    };
    let stage = |device: &Device| names(device.stageable().unwrap().stage(rig.cx(device)));
    let unstage = |device: &Device| names(device.stageable().unwrap().unstage(rig.cx(device)));
    assert_eq!(stage(&table), "table table_pseudo1 table_pseudo2 table_pseudo3");
    assert_eq!(stage(&first), "RedundantStaging");
    assert_eq!(unstage(&table), "table_pseudo3 table_pseudo2 table_pseudo1 table");
    assert_eq!(stage(&first), "table_pseudo1");
    assert_eq!(stage(&table), "RedundantStaging");
    assert_eq!(stage(&table), "table table_pseudo1 table_pseudo2 table_pseudo3", "what was staged was unstaged again");
}
