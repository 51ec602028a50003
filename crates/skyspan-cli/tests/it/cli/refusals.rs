//! Plan files that `skyspan run` refuses: with the place of what is wrong, before anything of it runs.

use super::{TempFile, skyspan};

/// Wants a plan file to be refused with a message that begins with the line and the column.
#[track_caller]
pub(super) fn refused(yaml: &str, message: &str) {
    let file = TempFile::new(yaml);
    let out = skyspan(["run", file.path()]);
    assert_eq!(out.stderr, format!("skyspan: {}:{message}\n", file.path()), "{yaml}");
    assert_eq!((out.code, &*out.stdout), (2, ""), "{yaml}");
}

#[track_caller]
pub(super) fn step_refused(step: &str, message: &str) {
    refused(&format!("items: [{{item_type: messages, messages: [\n  {step}]}}]\n"), message);
}

#[track_caller]
pub(super) fn device_refused(device: &str, message: &str) {
    refused(&format!("devices: [\n  {device}]\nitems: []\n"), message);
}

#[test]
fn what_is_misspelled_is_refused_with_what_may_be_meant() {
    refused(
        "itmes: []\n",
        "1:1: expected one of the keys `version`, `resource`, `engine`, `devices`, `faults`, `stage_sigs`, `callbacks`, `suspenders`, `fail_fast`, `expect`, `items` in a plan \
         file, found `itmes`; did you mean `items`?",
    );
    refused(
        "items: [{item_type: plan, name: cuont}]\n",
        "1:33: expected the name of a plan, found the string \"cuont\"; did you mean `count`?",
    );
    refused(
        "items: [{item_type: plan, name: temperature_scan}]\n",
        "1:33: expected the name of a plan, found the string \"temperature_scan\"",
    );
    device_refused(
        "{name: x, class: SynAxi}",
        "2:20: expected the class of a device, found the string \"SynAxi\"; did you mean `SynAxis`?",
    );
    device_refused(
        "{name: x, class: SynAxis, dleay: 1}",
        "2:29: expected an option of SynAxis: value, delay, precision, events_per_move, egu, labels, found \"dleay\"; \
         did you mean `delay`?",
    );
    step_refused(
        "{wrap: stge, body: []}",
        "2:10: expected a wrapper: `run`, `stage`, `lazily_stage`, `baseline`, `monitor_during`, `fly_during`, \
         `supplemental_data`, `relative_set`, `reset_positions`, `configure_count_time`, `rewindable`, \
         `inject_md`, `set_run_key`, `stub`, `subs`, `suspend`, `finalize`, `contingency`, `print_summary`, \
         `pchain`, `msg_mutator`, `plan_mutator`, found the string \"stge\"; did you mean `stage`?",
    );
    step_refused(
        "{plan: {name: sacn}}",
        "2:17: expected the name of a plan, found the string \"sacn\"; did you mean `scan`?",
    );
    step_refused(
        "{wrap: stage, devices: [dett], body: []}",
        "2:27: expected the name of a device, found the string \"dett\"; did you mean `det`?",
    );
}

#[test]
fn text_that_is_no_plan_file_is_refused() {
    refused("", "1:1: expected a plan file with the key `items`, found nothing");
    refused(
        "items: [{item_type: plan\n",
        "2:1: expected well-formed YAML, found the end of the text; while parsing a flow mapping, did not find \
         expected ',' or '}'",
    );
    refused("items: 5\n", "1:8: expected a list as `items`, found the integer 5");
}

#[test]
fn devices_with_wrong_options_are_refused() {
    let devices = [
        (
            "{name: x, class: SynAxis, delay: -1}",
            "2:36: expected a number of seconds that is not negative, found the integer -1",
        ),
        ("{name: x, class: SynAxis, delay: long}", "2:36: expected a number of seconds, found the string \"long\""),
        ("{name: x, class: SynAxis, precision: 1.5}", "2:40: expected a whole number, found the float 1.5"),
        (
            "{name: x, class: SynAxis, events_per_move: 0}",
            "2:46: expected how many events a move has, at least 1, found the integer 0",
        ),
        (
            "{name: x, class: SynAxis, events_per_move: 5000000000}",
            "2:46: expected how many events a move has, at least 1, found the integer 5000000000",
        ),
        (
            "{name: x, class: SynAxis, egu: 5}",
            "2:34: expected a unit, found the integer 5; put it in quotes to make it a string",
        ),
        ("{name: x, class: SynAxis, labels: motors}", "2:37: expected a list of labels, found the string \"motors\""),
        (
            "{name: x, class: SynAxis, labels: [5]}",
            "2:38: expected a label, found the integer 5; put it in quotes to make it a string",
        ),
        ("{name: x, class: SynGauss}", "2:20: expected the option `motor` of a SynGauss, found none"),
        (
            "{name: x, class: SynGauss, motor: motor}",
            "2:20: expected the option `motor_field` of a SynGauss, found none",
        ),
        (
            "{name: x, class: SynGauss, motor: motor, motor_field: motor}",
            "2:20: expected the option `center` of a SynGauss, found none",
        ),
        (
            "{name: x, class: SynGauss, motor: motor, motor_field: motor, center: 0}",
            "2:20: expected the option `Imax` of a SynGauss, found none",
        ),
        (
            "{name: x, class: SynGauss, motor: mtor, motor_field: motor, center: 0, Imax: 1}",
            "2:37: expected the name of a device, found the string \"mtor\"; did you mean `motor`?",
        ),
        (
            "{name: x, class: SynGauss, motor: motor, motor_field: 5, center: 0, Imax: 1}",
            "2:57: expected the data key of the motor, found the integer 5; put it in quotes to make it a string",
        ),
        (
            "{name: x, class: SynGauss, motor: motor, motor_field: motor, center: here, Imax: 1}",
            "2:72: expected a number, found the string \"here\"",
        ),
        (
            "{name: x, class: SynGauss, motor: motor, motor_field: motor, center: 0, Imax: 1, noise: loud}",
            "2:91: expected `none`, `poisson` or `uniform`, found the string \"loud\"",
        ),
        (
            "{name: x, class: SynGauss, motor: x, motor_field: x, center: 0, Imax: 1}",
            "2:37: expected the name of a device, found the string \"x\"",
        ),
        (
            "{name: x, class: SynSignal, exposure_time: -0.1}",
            "2:46: expected a number of seconds that is not negative, found the float -0.1",
        ),
        ("{name: x, class: Signal, labels: slits}", "2:36: expected a list of labels, found the string \"slits\""),
        (
            "{name: x, class: Signal, vlaue: 1}",
            "2:28: expected an option of Signal: value, labels, found \"vlaue\"; did you mean `value`?",
        ),
    ];
    for (device, message) in devices {
        device_refused(device, message);
    }
}

#[test]
fn plans_with_wrong_arguments_are_refused() {
    let calls = [
        ("abs_set, args: []", "2:29: expected the argument `obj` of abs_set, found none"),
        (
            "abs_set, args: [dett, 1]",
            "2:45: expected the name of a device, found the string \"dett\"; did you mean `det`?",
        ),
        (
            "abs_set, args: [5, 1]",
            "2:45: expected the name of a device, found the integer 5; put it in quotes to make it a string",
        ),
        (
            "abs_set, args: [motor, 1], kwargs: {obj: motor}",
            "2:65: expected `obj` to be given once, found it by position and by keyword",
        ),
        (
            "abs_set, args: [motor, 1], kwargs: {wait: maybe}",
            "2:71: expected true or false, found the string \"maybe\"",
        ),
        (
            "abs_set, args: [motor, det]",
            "2:52: expected a value, not a device, found the string \"det\"; write {str: NAME} for the plain string",
        ),
        ("checkpoint, args: [1]", "2:48: expected checkpoint without arguments by position, found the integer 1"),
        ("checkpoint, kwargs: {x: 1}", "2:50: expected checkpoint without arguments by keyword, found \"x\""),
        (
            "close_run, args: [success, done, more]",
            "2:62: expected close_run with at most 2 arguments by position, found the string \"more\"",
        ),
        (
            "close_run, args: [success], kwargs: {exit_status: fail}",
            "2:66: expected `exit_status` to be given once, found it by position and by keyword",
        ),
        (
            "close_run, kwargs: {why: dark}",
            "2:49: expected an argument of close_run: exit_status, reason, found \"why\"",
        ),
        ("count", "2:29: expected the argument `detectors` of count, found none"),
        ("count, args: [det]", "2:43: expected a list of devices, found the string \"det\""),
        (
            "count, args: [[det], -1]",
            "2:50: expected how many readings are taken, a whole number from 0 on, found the integer -1",
        ),
        (
            "count, args: [[det], 2.0]",
            "2:50: expected how many readings are taken, a whole number from 0 on, found the float 2.0",
        ),
        (
            "count, args: [[det], 1, 0, more]",
            "2:56: expected count with at most 3 arguments by position, found the string \"more\"",
        ),
        (
            "count, args: [[det]], kwargs: {nm: 2}",
            "2:60: expected an argument of count: detectors, num, delay, per_shot, md, found \"nm\"; did you mean \
             `num`?",
        ),
        (
            "count, args: [[det]], kwargs: {detectors: [det]}",
            "2:60: expected `detectors` to be given once, found it by position and by keyword",
        ),
        (
            "count, args: [[det], 1], kwargs: {num: 2}",
            "2:63: expected `num` to be given once, found it by position and by keyword",
        ),
        (
            "count, args: [[det]], kwargs: {per_shot: mine}",
            "2:70: expected a list of steps as `per_shot`, found the string \"mine\"",
        ),
        ("count, args: [[det]], kwargs: {md: 5}", "2:64: expected a map as metadata, found the integer 5"),
        (
            "count, args: [[det, 5]]",
            "2:49: expected the name of a device, found the integer 5; put it in quotes to make it a string",
        ),
        (
            "count, args: [[det, mtor]]",
            "2:49: expected the name of a device, found the string \"mtor\"; did you mean `motor`?",
        ),
        ("count, args: [[det.Imx]]", "2:44: expected a component of the device `det`, found the string \"det.Imx\""),
        (
            "count, args: [[det]], kwargs: {num: many}",
            "2:65: expected how many readings are taken, a whole number from 0 on, found the string \"many\"",
        ),
        (
            "create, args: [5]",
            "2:44: expected the name of a stream, found the integer 5; put it in quotes to make it a string",
        ),
        ("create, args: [a, b]", "2:47: expected create with at most 1 argument by position, found the string \"b\""),
        (
            "create, args: [a], kwargs: {name: b}",
            "2:57: expected `name` to be given once, found it by position and by keyword",
        ),
        ("drop, args: [1]", "2:42: expected drop without arguments by position, found the integer 1"),
        ("mov, args: [motor]", "2:41: expected a device and where to move it, in pairs, found the string \"motor\""),
        ("mv", "2:29: expected a device and where to move it, found none"),
        ("mv, args: [motor]", "2:40: expected a device and where to move it, in pairs, found the string \"motor\""),
        (
            "mv, args: [motor, 1, motor1]",
            "2:50: expected a device and where to move it, in pairs, found the string \"motor1\"",
        ),
        (
            "mv, args: [1, motor]",
            "2:40: expected the name of a device, found the integer 1; put it in quotes to make it a string",
        ),
        (
            "mv, args: [motor, motor]",
            "2:47: expected a value, not a device, found the string \"motor\"; write {str: NAME} for the plain string",
        ),
        (
            "mv, args: [motor, 1], kwargs: {timeout: long}",
            "2:69: expected a number of seconds, found the string \"long\"",
        ),
        ("\"null\", args: [1]", "2:44: expected null without arguments by position, found the integer 1"),
        ("one_shot", "2:29: expected the argument `detectors` of one_shot, found none"),
        ("one_shot, args: [det]", "2:46: expected a list of devices, found the string \"det\""),
        (
            "one_shot, args: [[det], 1]",
            "2:53: expected no `take_reading`, for a plan file has no functions, found the integer 1",
        ),
        ("open_run, args: [5]", "2:46: expected a map as metadata, found the integer 5"),
        ("open_run, args: [{}, 1]", "2:50: expected open_run with at most 1 argument by position, found the integer 1"),
        ("open_run, kwargs: {meta: {}}", "2:48: expected an argument of open_run: md, found \"meta\""),
        ("read", "2:29: expected the argument `obj` of read, found none"),
        ("read, args: [detector]", "2:42: expected the name of a device, found the string \"detector\""),
        (
            "read, args: [det, motor]",
            "2:47: expected read with at most 1 argument by position, found the string \"motor\"",
        ),
        (
            "read, args: [det], kwargs: {obj: det}",
            "2:57: expected `obj` to be given once, found it by position and by keyword",
        ),
        ("save, args: [primary]", "2:42: expected save without arguments by position, found the string \"primary\""),
        ("scan", "2:29: expected the argument `detectors` of scan, found none"),
        (
            "scan, args: [[det]]",
            "2:29: expected the number of points of scan, as the last argument by position or as `num`, found none",
        ),
        (
            "scan, args: [[det], motor, 0, 1]",
            "2:29: expected the number of points of scan, as the last argument by position or as `num`, found none",
        ),
        (
            "scan, args: [[det], motor, 0, 1, 2.5]",
            "2:62: expected the number of points, a whole number from 0 on, found the float 2.5",
        ),
        (
            "scan, args: [[det], motor, 0, 1, -1]",
            "2:62: expected the number of points, a whole number from 0 on, found the integer -1",
        ),
        (
            "scan, args: [[det], motor, zero, 1, 2]",
            "2:56: expected the number where the scan starts, found the string \"zero\"",
        ),
        (
            "scan, args: [[det], motor, 0, one, 2]",
            "2:59: expected the number where the scan stops, found the string \"one\"",
        ),
        (
            "scan, args: [[det], 0, 1, motor, 2]",
            "2:49: expected the name of a device, found the integer 0; put it in quotes to make it a string",
        ),
        (
            "scan, args: [[det], motor, 0], kwargs: {num: 2}",
            "2:49: expected a motor, a start and a stop for each axis of scan, found the string \"motor\"",
        ),
        ("scan, args: [[det], 5]", "2:29: expected a motor, a start and a stop for scan, found none"),
        (
            "scan, args: [[det], motor, 0, 1, 2], kwargs: {steps: 2}",
            "2:75: expected an argument of scan: num, per_step, md, found \"steps\"",
        ),
        (
            "scan, args: [[det], motor, 0, 1, 2], kwargs: {per_step: mine}",
            "2:85: expected a list of steps as `per_step`, found the string \"mine\"",
        ),
        ("scan, args: [[det], motor, 0, 1, 2], kwargs: {md: [a]}", "2:79: expected a map as metadata, found a list"),
        ("scan, args: [det, motor, 0, 1, 2]", "2:42: expected a list of devices, found the string \"det\""),
        ("sleep", "2:29: expected the argument `time` of sleep, found none"),
        ("sleep, args: [long]", "2:43: expected a number of seconds, found the string \"long\""),
        ("sleep, args: [1, 2]", "2:46: expected sleep with at most 1 argument by position, found the integer 2"),
        (
            "sleep, args: [1], kwargs: {time: 2}",
            "2:56: expected `time` to be given once, found it by position and by keyword",
        ),
        ("sleep, kwargs: {tme: 2}", "2:45: expected an argument of sleep: time, found \"tme\"; did you mean `time`?"),
        ("stage", "2:29: expected the argument `obj` of stage, found none"),
        (
            "stage, args: [mot0r]",
            "2:43: expected the name of a device, found the string \"mot0r\"; did you mean `motor`?",
        ),
        (
            "stage, args: [det, motor]",
            "2:48: expected stage with at most 1 argument by position, found the string \"motor\"",
        ),
        (
            "stage_all, args: [det, 5]",
            "2:52: expected the name of a device, found the integer 5; put it in quotes to make it a string",
        ),
        ("stage_all, args: [det], kwargs: {grp: g}", "2:62: expected an argument of stage_all: group, found \"grp\""),
        ("trigger", "2:29: expected the argument `obj` of trigger, found none"),
        (
            "trigger, args: [det, g]",
            "2:50: expected trigger with at most 1 argument by position, found the string \"g\"",
        ),
        ("trigger, args: [det], kwargs: {wait: 1}", "2:66: expected true or false, found the integer 1"),
        (
            "trigger, args: [det], kwargs: {grp: g}",
            "2:60: expected an argument of trigger: obj, group, wait, found \"grp\"",
        ),
        ("trigger_and_read", "2:29: expected the argument `devices` of trigger_and_read, found none"),
        ("trigger_and_read, args: [det]", "2:54: expected a list of devices, found the string \"det\""),
        (
            "trigger_and_read, args: [[det], 5]",
            "2:61: expected the name of a stream, found the integer 5; put it in quotes to make it a string",
        ),
        (
            "trigger_and_read, args: [[det], a], kwargs: {name: b}",
            "2:74: expected `name` to be given once, found it by position and by keyword",
        ),
        ("unstage", "2:29: expected the argument `obj` of unstage, found none"),
        (
            "unstage, args: [1.5]",
            "2:45: expected the name of a device, found the float 1.5; put it in quotes to make it a string",
        ),
        ("unstage_all, args: [[det]]", "2:49: expected the name of a device, found a list"),
        ("wait, args: [g, 5]", "2:45: expected wait with at most 1 argument by position, found the integer 5"),
        (
            "wait, args: [g], kwargs: {group: h}",
            "2:55: expected `group` to be given once, found it by position and by keyword",
        ),
        ("wait, kwargs: {timeout: soon}", "2:53: expected a number of seconds, found the string \"soon\""),
        ("wait, kwargs: {watch: g}", "2:51: expected a list of groups, found the string \"g\""),
        ("wait, kwargs: {error_on_timeout: 0}", "2:62: expected true or false, found the integer 0"),
        (
            "wait, args: [det]",
            "2:42: expected a value, not a device, found the string \"det\"; write {str: NAME} for the plain string",
        ),
        (
            "wait, kwargs: {tmeout: 1}",
            "2:44: expected an argument of wait: group, timeout, error_on_timeout, watch, found \"tmeout\"; did you \
             mean `timeout`?",
        ),
    ];
    for (call, message) in calls {
        refused(&format!("items:\n  - {{item_type: plan, name: {call}}}\n"), message);
    }
}

#[test]
fn nothing_in_a_file_is_obeyed_by_the_terminal_that_is_told_of_it() {
    let plan =
        "items:\n  - item_type: messages\n    messages: [{command: \"shrug\\u202e\\e[2J\", args: [\"\\u202e\"]}]\n";
    let file = TempFile::new(plan);
    let run = skyspan(["run", file.path(), "--spans", "none"]);
    assert!(run.code == 1 && run.stderr.contains("shrug\\u{202e}\\u{1b}[2J"), "{}", run.stderr);
    let query = skyspan(["query", "-", "{ .v = \u{1b}[2J }"]);
    let long = skyspan(["query", "-", &format!("{{ .v = {} }}", "a\u{202e}b".repeat(5_000))]);
    for out in [&run, &query, &long] {
        assert!(!out.stderr.contains(['\u{1b}', '\u{202e}']), "{:?}", out.stderr);
        assert!(out.stderr.len() < 3_000, "{} characters", out.stderr.len());
    }
    let lines: Vec<&str> = query.stderr.lines().skip(1).collect();
    assert_eq!(lines[..2], ["  | { .v = \u{fffd}[2J }", "  |        ^"]);
}
