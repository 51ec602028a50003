//! A trace is drawn as a tree.

use skyspan_trace::trace::{AttributeChoice, Span, SpanBuilder, Trace, exact_duration, rounded_duration};
use skyspan_trace::value::Timestamp;
use skyspan_trace::value::{Map, Value};

const MOTOR: &str = "SynAxis(prefix='', name='motor', read_attrs=['readback', 'setpoint'])";

fn span(name: &str, id: u64, parent: u64, start: u64, duration: u64) -> SpanBuilder {
    let at = Timestamp::from_unix_ns;
    Span::builder(name).trace_id(1).span_id(id).parent_id(parent).start(at(start)).end(at(start + duration))
}

fn plan() -> Trace {
    Trace::from_spans([
        span("Ophyd Status", 3, 2, 10, 2_000_000).attribute("target", 0.0).attribute("finish_pos", 0.0).build(),
        span("Bluesky RunEngine set", 2, 0, 5, 0)
            .attribute("msg.command", "set")
            .attribute("msg.args", [0.0])
            .attribute("msg.kwargs", "{}")
            .attribute("msg.obj", MOTOR)
            .build(),
        span("Bluesky RunEngine run", 1, 0, 0, 12_000_000)
            .attribute("msg.args", Value::from(Vec::<Value>::new()))
            .attribute("exit_status", "success")
            .attribute("reason", "")
            .build(),
    ])
}

#[test]
fn a_plan_is_drawn_with_what_tells_most() {
    assert_eq!(
        plan().tree_text().to_string(),
        "\
Bluesky RunEngine run  12 ms  exit_status=\"success\" reason=\"\"
Bluesky RunEngine set   0 s   msg.args=[0.0] msg.obj=motor
└ Ophyd Status          2 ms  target=0.0 finish_pos=0.0
"
    );
}

#[test]
fn attributes_and_durations_can_be_left_out() {
    assert_eq!(
        plan().tree_text().attributes(AttributeChoice::None).durations(false).to_string(),
        "Bluesky RunEngine run\nBluesky RunEngine set\n└ Ophyd Status\n"
    );
    let all = plan().tree_text().attributes(AttributeChoice::All).width(12).durations(false).to_string();
    assert!(all.contains("msg.command=\"set\" msg.args=[0.0] msg.kwargs=\"{}\" msg.obj=\"SynAxis(pr…\n"), "{all}");
}

#[test]
fn guides_lead_from_parents_to_children() {
    let trace = Trace::from_spans([
        span("root", 1, 0, 0, 9).build(),
        span("a", 2, 1, 1, 1).build(),
        span("a1", 3, 2, 1, 1).build(),
        span("a2", 4, 2, 2, 1).build(),
        span("b", 5, 1, 3, 1).build(),
        span("b1", 6, 5, 3, 1).build(),
        Span::builder("b11").trace_id(1).span_id(7).parent_id(6).build(),
        span("second root", 8, 0, 1, 1).build(),
    ]);
    assert_eq!(
        trace.tree_text().to_string(),
        "\
root            9 ns
├ a             1 ns
│ ├ a1          1 ns
│ └ a2          1 ns
└ b             1 ns
  └ b1          1 ns
    └ b11    open
second root     1 ns
"
    );
}

#[test]
fn values_that_are_long_or_go_over_lines_are_cut() {
    check("short".into(), 10, "\"short\"");
    check("12345678".into(), 10, "\"12345678\"");
    check("123456789".into(), 10, "\"12345678…");
    check("Größe µ 🔬".into(), 20, "\"Größe µ 🔬\"");
    check("one\ntwo".into(), 20, "\"one…");
    check("a\tb\"c\\\u{1b}".into(), 20, "\"a\\tb\\\"c\\\\\\u001b\"");
    check(Value::from([1.5, f64::NAN]), 20, "[1.5, NaN]");
    check(Value::from(vec![1; 1000]), 8, "[1, 1, …");
    check(Map::from_iter([("k", Value::Null)]).into(), 20, "{\"k\": null}");
    check(1e-5.into(), 20, "1e-05");
    check("x".into(), 1, "…");

    #[track_caller]
    fn check(value: Value, width: usize, expected: &str) {
        let trace = Trace::from_spans([span("s", 1, 0, 0, 0).attribute("k", value).build()]);
        assert_eq!(trace.tree_text().durations(false).width(width).to_string(), format!("s  k={expected}\n"));
    }
}

#[test]
fn a_device_is_shown_by_the_name_in_its_repr() {
    check(MOTOR, "motor");
    check("Device(name='det')", "det");
    check("Device(hostname='a', name=\"it's\")", "it's");
    check("<bluesky.Thing at 0x1>", "\"<bluesky.Thing at 0x1>\"");
    check("Device(prefix='')", "\"Device(prefix='')\"");

    #[track_caller]
    fn check(repr: &str, expected: &str) {
        let trace = Trace::from_spans([span("Bluesky RunEngine read", 1, 0, 0, 0).attribute("msg.obj", repr).build()]);
        assert_eq!(
            trace.tree_text().durations(false).to_string(),
            format!("Bluesky RunEngine read  msg.obj={expected}\n")
        );
    }
}

#[test]
fn a_name_stays_on_its_line() {
    let long = "n".repeat(100);
    let trace = Trace::from_spans([span("two\nlines", 1, 0, 0, 5).build(), span(&long, 2, 0, 1, 5).build()]);
    assert_eq!(trace.tree_text().to_string(), format!("\"two\\nlines\"  5 ns\n{long}  5 ns\n"));
}

#[test]
fn durations_are_exact() {
    check(0, "0 s");
    check(1, "1 ns");
    check(999, "999 ns");
    check(1_000, "1 µs");
    check(1_001, "1.001 µs");
    check(377_673_120, "377.67312 ms");
    check(8_000_000_000, "8 s");
    check(59_999_999_999, "59.999999999 s");
    check(60_000_000_000, "1 min");
    check(90_500_000_000, "1 min 30.5 s");
    check(3_600_000_000_001, "1 h 0.000000001 s");
    check(7_980_000_000_000, "2 h 13 min");
    check(100 * 3_600_000_000_000, "100 h");
    check(-1_500, "-1.5 µs");
    check(-60_000_000_000, "-1 min");

    #[track_caller]
    fn check(ns: i128, expected: &str) {
        assert_eq!(exact_duration(ns), expected);
    }
}

#[test]
fn people_read_three_digits_or_two_units() {
    for (ns, text) in [
        (0, "0 s"),
        (1, "1 ns"),
        (999, "999 ns"),
        (1_234, "1.23 µs"),
        (1_235, "1.24 µs"),
        (12_349, "12.3 µs"),
        (123_499, "123 µs"),
        (999_499, "999 µs"),
        (999_500, "1 ms"),
        (500_000_000, "500 ms"),
        (59_949_999_999, "59.9 s"),
        (59_950_000_000, "1 min"),
        (60_499_999_999, "1 min"),
        (3_599_500_000_000, "1 h"),
        (86_369_999_999_999, "23 h 59 min"),
        (86_370_000_000_000, "1 d"),
        (8_640_000_000_000_000, "100 d"),
        (-26_512_345_678, "-26.5 s"),
        (i128::MIN, "-1969226660422097589487121 d 14 h"),
    ] {
        assert_eq!(rounded_duration(ns), text, "{ns} ns");
    }
}

#[test]
fn a_rounded_time_is_near_the_exact_one() {
    // What is rounded is rounded again to itself, and a longer time is never drawn as a shorter one.
    let mut last = 0;
    let times = (0..1_200).map(|step| (1.04_f64.powi(step)) as i128).take_while(|ns| *ns < 8_640_000_000_000_000);
    for ns in times {
        let text = rounded_duration(ns);
        let units = [("d", 86_400e9), ("h", 3_600e9), ("min", 60e9), ("s", 1e9), ("ms", 1e6), ("µs", 1e3), ("ns", 1.0)];
        let words: Vec<&str> = text.split(' ').collect();
        let read: f64 = words
            .chunks(2)
            .map(|part| part[0].parse::<f64>().unwrap() * units.iter().find(|(unit, _)| *unit == part[1]).unwrap().1)
            .sum();
        let read = read.round() as i128;
        assert!((read - ns).abs() <= ns / 48 + 1, "{ns} ns: {text}");
        assert!(read >= last, "{ns} ns: {text}");
        assert_eq!(rounded_duration(read), text);
        last = read;
    }
}
