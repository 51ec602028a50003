//! Faults in plan files.

use skyspan::prelude::*;
use skyspan::program::Program;

#[track_caller]
fn says(fault: &str, said: &str) {
    let file = Program::parse(&format!("faults: [{fault}]\nitems: []")).unwrap();
    assert_eq!(file.faults[0].fault.to_string(), said);
    assert_eq!(file.faults[0].device.value, "det");
}

#[test]
fn each_kind_of_fault_can_be_written() {
    says("{device: det, kind: fail}", "on_set(1).fails_after(10ms, 'injected fault')");
    says("{device: det, kind: fail, nth: 2, message: stalled, after: 0.5}", "on_set(2).fails_after(500ms, 'stalled')");
    says("{device: det, method: trigger, kind: raise, from: 3, message: dark}", "on_trigger(3..).raises('dark')");
    says("{device: det, method: read, kind: raise, from: 3, to: 5}", "on_read(3..=5).raises('injected fault')");
    says("{device: det, kind: hang, message: of no use, after: 1}", "on_set(1).hangs()");
    says("{device: det, method: stage, kind: hang, to: 2}", "on_stage(1..=2).hangs()");
    says("{device: det, method: kickoff, kind: late, by: 1.5}", "on_kickoff(1).late_by(1.5s)");
    says("{device: det, kind: late, from: 1, by: [0, 0.5]}", "on_set(..).late_by_one_of([0ns, 500ms])");
    says("{device: det, kind: slow, factor: 3, from: 1}", "on_set(..).slow_by(3)");
    says("{device: det, kind: read, value: .nan, rate: 0.25}", "on_read(at_rate(0.25)).reads_nan()");
    says("{device: det, method: read, kind: read, key: det, value: [1, x]}", "on_read(1).reads_as('det', [1, 'x'])");
    says("{device: det, method: collect, kind: disconnect, for: 5}", "on_collect(1).disconnects_for(5s)");
}

#[track_caller]
fn refused(fault: &str, message: &str) {
    let text = format!("devices: [\n  {{name: a, class: B, fault: {fault}}}]\nitems: []");
    assert_eq!(Program::parse(&text).unwrap_err().to_string(), message, "{fault}");
}

const KINDS: &str = "a kind of fault: `fail`, `raise`, `hang`, `late`, `slow`, `read`, `disconnect`";

#[test]
fn a_fault_that_is_not_one_is_refused() {
    refused("fail", "2:30: expected a map as a fault, found the string \"fail\"");
    refused("{}", "2:30: expected the key `kind` in a fault, found an empty map");
    refused("{kind: fial}", &format!("2:37: expected {KINDS}, found the string \"fial\"; did you mean `fail`?"));
    refused("{kind: 5}", &format!("2:37: expected {KINDS}, found the integer 5"));
    refused("{kind: hang, nth: 0}", "2:48: expected a whole number from 1 on as `nth`, found the integer 0");
    refused("{kind: hang, nth: 1.0}", "2:48: expected a whole number from 1 on as `nth`, found the float 1.0");
    refused("{kind: hang, rate: 2}", "2:49: expected a number from 0 to 1 as `rate`, found the integer 2");
    refused(
        "{kind: hang, nth: 1, rate: 0.5}",
        "2:30: expected only one of `nth`, `from` and `to`, and `rate` in a fault, found only `kind`, `nth`, `rate`",
    );
    refused(
        "{kind: fail, after: -1}",
        "2:50: expected a number of seconds, not negative, as `after`, found the integer -1",
    );
    refused(
        "{kind: fail, after: 1e-3}",
        "2:50: expected a number of seconds, not negative, as `after`, found the string \"1e-3\"; \
         a number with an exponent needs a point and a sign, as in 1.0e+5",
    );
    refused(
        "{kind: fail, message: 5}",
        "2:52: expected the text of an error, found the integer 5; put it in quotes to make it a string",
    );
    refused(
        "{kind: fail, afer: 1}",
        "2:43: expected one of the keys `kind`, `method`, `nth`, `from`, `to`, `rate`, `message`, `class`, `after` in a fault, \
         found `afer`; did you mean `after`?",
    );
    refused(
        "{kind: late, by: [1, -1]}",
        "2:51: expected how many seconds later, each from 0 on, in the list `by`, found the integer -1",
    );
    refused("{kind: late, by: []}", "2:47: expected a number of seconds, not negative, as `by`, found a list");
    refused("{kind: late}", "2:30: expected the key `by` in a fault, found only `kind`");
    refused("{kind: slow, factor: 0.5}", "2:51: expected a number from 1 on as `factor`, found the float 0.5");
    refused(
        "{kind: hang, from: 5, to: 2}",
        "2:56: expected the number of a call from 5 on as `to`, found the integer 2",
    );
    refused(
        "{kind: read, value: 1, method: describe}",
        "2:61: expected a method of a device that may go wrong so: `read`, `read_configuration`, `locate`, found the \
         string \"describe\"",
    );
    refused("{kind: read}", "2:30: expected the key `value` in a fault, found only `kind`");
    refused(
        "{kind: late, message: x}",
        "2:43: expected one of the keys `kind`, `method`, `nth`, `from`, `to`, `rate`, `by` in a fault, found `message`",
    );
}

#[test]
fn a_fault_may_name_the_class_of_its_error() {
    let text = "faults: [{device: det, method: trigger, kind: raise, class: OSError, message: no such file}]\n\
                items: [{item_type: plan, name: count, args: [[det], 1]}]";
    let program = Program::parse(text).unwrap();
    let run = Harness::new().run_program(&program).unwrap();
    let error = run.items()[0].error().expect("the trigger raises");
    assert_eq!((&*error.name(), error.to_string().as_str()), ("OSError", "no such file"));
    assert!(program.to_yaml().contains("class: OSError"), "{}", program.to_yaml());
    assert_eq!(Program::parse(&program.to_yaml()).unwrap().to_yaml(), program.to_yaml());
}
