//! What a failure prints.

use super::*;

#[test]
fn a_wrong_attribute() {
    reports(
        every(span("Ophyd Status")).attr("device_name", "motor1"),
        &plan(),
        r#"
the trace is not as expected: 1 span differs

"Ophyd Status" under "Bluesky RunEngine set" at 1 s: device_name: expected "motor1", found "motor2"

    Bluesky RunEngine run    3 s  exit_status="success" reason=""
    demo plan                3 s
    ├ Bluesky RunEngine set  0 s  msg.args=[5]
  ✓ │ └ Ophyd Status         1 s  device_name="motor1" target=5
    └ Bluesky RunEngine set  0 s  msg.args=[7.5]
  ✗   └ Ophyd Status         2 s  device_name="motor2" target=7.5
                                  device_name: expected "motor1", found "motor2"
"#,
    );
}

#[test]
fn no_span_as_wanted_but_a_close_one() {
    reports(
        status("motor3").attr("target", 5),
        &plan(),
        r#"
the trace is not as expected: 1 span is missing

expected at least 1 span "Ophyd Status" with device_name="motor3" target=5, found none
the closest is "Ophyd Status" under "Bluesky RunEngine set" at 2 ns: device_name: expected "motor3", found "motor1"

    Bluesky RunEngine run    3 s  exit_status="success" reason=""
    demo plan                3 s
    ├ Bluesky RunEngine set  0 s  msg.args=[5]
  ≈ │ └ Ophyd Status         1 s  device_name="motor1" target=5
                                  device_name: expected "motor3", found "motor1"
    └ Bluesky RunEngine set  0 s  msg.args=[7.5]
      └ Ophyd Status         2 s  device_name="motor2" target=7.5
"#,
    );
}

#[test]
fn a_missing_child() {
    let lonely = Trace::from_spans(
        plan().spans().filter(|span| span.attr("target") != Some(&5.into())).map(|span| span.span().clone()),
    );
    reports(
        forest([span("Bluesky RunEngine run"), demo_plan()]),
        &lonely,
        r#"
the trace is not as expected: 1 span is missing

span "Ophyd Status" with device_name="motor1" target=5: missing under "Bluesky RunEngine set"; the closest is "Ophyd Status" under "Bluesky RunEngine set": device_name: expected "motor1", found "motor2"; target: expected 5, found 7.5

  ✓ Bluesky RunEngine run    3 s  exit_status="success" reason=""
  ✓ demo plan                3 s
  ✓ ├ Bluesky RunEngine set  0 s  msg.args=[5]
  + │ └ Ophyd Status              missing; the closest is under "Bluesky RunEngine set":
                                  device_name: expected "motor1", found "motor2"
                                  target: expected 5, found 7.5
  ✓ └ Bluesky RunEngine set  0 s  msg.args=[7.5]
  ✓   └ Ophyd Status         2 s  device_name="motor2" target=7.5
"#,
    );
}

#[test]
fn an_extra_span() {
    reports(
        forest([demo_plan()]),
        &plan(),
        r#"
the trace is not as expected: 1 span is not expected

"Bluesky RunEngine run" at the root: not expected

  - Bluesky RunEngine run    3 s  exit_status="success" reason=""
  ✓ demo plan                3 s
  ✓ ├ Bluesky RunEngine set  0 s  msg.args=[5]
  ✓ │ └ Ophyd Status         1 s  device_name="motor1" target=5
  ✓ └ Bluesky RunEngine set  0 s  msg.args=[7.5]
  ✓   └ Ophyd Status         2 s  device_name="motor2" target=7.5
"#,
    );
}

#[test]
fn a_wrong_duration() {
    reports(
        every(span("Ophyd Status")).lasting(..=secs(1.0)),
        &plan(),
        r#"
the trace is not as expected: 1 span differs

"Ophyd Status" under "Bluesky RunEngine set" at 1 s: duration: expected at most 1 s, found 2 s

    Bluesky RunEngine run    3 s  exit_status="success" reason=""
    demo plan                3 s
    ├ Bluesky RunEngine set  0 s  msg.args=[5]
  ✓ │ └ Ophyd Status         1 s  device_name="motor1" target=5
    └ Bluesky RunEngine set  0 s  msg.args=[7.5]
  ✗   └ Ophyd Status         2 s  device_name="motor2" target=7.5
                                  duration: expected at most 1 s, found 2 s
"#,
    );
}

#[test]
fn a_wrong_total() {
    reports(
        total(span("Ophyd Status")).at_most(secs(2.5)),
        &plan(),
        r#"
the trace is not as expected: a total is off

expected that all spans "Ophyd Status" take at most 2.5 s in total, found 3 s over 2 spans

    Bluesky RunEngine run    3 s  exit_status="success" reason=""
    demo plan                3 s
    ├ Bluesky RunEngine set  0 s  msg.args=[5]
  Σ │ └ Ophyd Status         1 s  device_name="motor1" target=5
    └ Bluesky RunEngine set  0 s  msg.args=[7.5]
  Σ   └ Ophyd Status         2 s  device_name="motor2" target=7.5
"#,
    );
}

#[test]
fn every_over_nothing() {
    reports(
        every(span("Ophyd Statu")).ended(),
        &plan(),
        r#"
the trace is not as expected: there is nothing to check

there is no span "Ophyd Statu"; where that is as it should be, say so with .or_none()
the closest is "Ophyd Status" under "Bluesky RunEngine set" at 2 ns: name: expected "Ophyd Statu", found "Ophyd Status"

    Bluesky RunEngine run    3 s  exit_status="success" reason=""
    demo plan                3 s
    ├ Bluesky RunEngine set  0 s  msg.args=[5]
  ≈ │ └ Ophyd Status         1 s  device_name="motor1" target=5
                                  name: expected "Ophyd Statu", found "Ophyd Status"
    └ Bluesky RunEngine set  0 s  msg.args=[7.5]
      └ Ophyd Status         2 s  device_name="motor2" target=7.5
"#,
    );
}

#[test]
fn a_forest_that_is_another() {
    let expected = forest([
        span("Bluesky RunEngine run").exit_status("fail"),
        span("demo plan").children([
            span("Bluesky RunEngine set").attr("msg.args", [5]).children([status("motor2").attr("target", 5)]),
            span("Bluesky RunEngine set")
                .attr("msg.args", [7.5])
                .children([status("motor2"), span("Bluesky RunEngine wait").children([span("x")])]),
        ]),
        span("demo plan").children([span("Ophyd Status")]),
    ]);
    reports(
        expected,
        &plan(),
        r#"
the trace is not as expected: 2 spans differ, 4 are missing

"Ophyd Status" under "Bluesky RunEngine set" at 2 ns: device_name: expected "motor2", found "motor1"
"Bluesky RunEngine run" at the root: exit_status: expected "fail", found "success"
span "Bluesky RunEngine wait" with the children (span "x"): missing under "Bluesky RunEngine set"
and 1 more that is marked below

  ✗ Bluesky RunEngine run       3 s  exit_status="success" reason=""
                                     exit_status: expected "fail", found "success"
  ✓ demo plan                   3 s
  ✓ ├ Bluesky RunEngine set     0 s  msg.args=[5]
  ✗ │ └ Ophyd Status            1 s  device_name="motor1" target=5
                                     device_name: expected "motor2", found "motor1"
  ✓ └ Bluesky RunEngine set     0 s  msg.args=[7.5]
  ✓   ├ Ophyd Status            2 s  device_name="motor2" target=7.5
  +   └ Bluesky RunEngine wait       missing: with the children (span "x")
  +     └ x                          missing
  + demo plan                        missing; the closest is at the root:
                                     children: "Ophyd Status" is missing, 2 "Bluesky RunEngine set" are not expected
  + └ Ophyd Status                   missing
"#,
    );
}

#[test]
fn a_span_that_stands_elsewhere() {
    let trace = Trace::from_spans([made("plan", 1, 0, 0, 9).build(), made("wait", 2, 0, 1, 1).build()]);
    reports(
        forest([span("plan").children([span("wait")])]),
        &trace,
        r#"
the trace is not as expected: 1 span has moved

  ✓ plan  9 ns
  → wait  1 ns
                moved: expected under "plan", found at the root
"#,
    );
}

#[test]
fn too_many_and_clues() {
    let expectation = all((
        at_most(1).of(span("Bluesky RunEngine set")).because("one motor is enough"),
        none(status("motor1")),
        span("demo plan").child(span("wait")),
    ));
    reports(
        expectation,
        &plan(),
        r#"
the trace is not as expected: 1 span is missing, 1 is not expected, 1 is too many
one motor is enough

expected at most 1 span "Bluesky RunEngine set", found 2
any 1 of them is too many
expected no spans "Ophyd Status" with device_name="motor1", found 1
found: "Ophyd Status" under "Bluesky RunEngine set" at 2 ns
expected at least 1 span "demo plan" with a child (span "wait"), found none
the closest is "demo plan" at the root: child: expected a span "wait", found 2 others

    Bluesky RunEngine run    3 s  exit_status="success" reason=""
  ≈ demo plan                3 s
                                  child: expected a span "wait", found 2 others
  - ├ Bluesky RunEngine set  0 s  msg.args=[5]
  - │ └ Ophyd Status         1 s  device_name="motor1" target=5
  - └ Bluesky RunEngine set  0 s  msg.args=[7.5]
      └ Ophyd Status         2 s  device_name="motor2" target=7.5
"#,
    );
}

#[test]
fn a_trace_without_spans() {
    reports(
        one(span("x").attr("k", 1)),
        &Trace::default(),
        r#"
the trace is not as expected: 1 span is missing

expected exactly 1 span "x" with k=1, found none

    (the trace has no spans)
  + x     missing: with k=1
"#,
    );
}

#[test]
fn a_long_trace_is_cut_around_what_matters() {
    let mut spans = vec![made("plan", 1, 0, 0, 1_000).build()];
    spans.extend(
        (2..=500).map(|id| made("step", id, 1, id, if id == 250 { 70 } else { 7 }).attribute("number", id).build()),
    );
    reports(
        every(span("step")).lasting(..=ns(7)),
        &Trace::from_spans(spans),
        r#"
the trace is not as expected: 1 span differs

"step" under "plan" at 250 ns: duration: expected at most 7 ns, found 70 ns

    plan     1 µs
    ⋯ 247 more spans
  ✓ ├ step   7 ns  number=249
  ✗ ├ step  70 ns  number=250
                   duration: expected at most 7 ns, found 70 ns
  ✓ ├ step   7 ns  number=251
    ⋯ 249 more spans
"#,
    );
}

#[test]
fn long_values_are_shown_where_they_part() {
    let text = |end: &str| format!("{}{end}", "0123456789".repeat(20));
    let trace = Trace::from_spans([made("s", 1, 0, 0, 1).attribute("k", text("a")).build()]);
    reports(
        every(span("s")).attr("k", text("b")),
        &trace,
        r#"
the trace is not as expected: 1 span differs

  ✗ s  1 ns  k="01234567890123456789012345678901234567…
             k: expected …"890123456789b", found …"890123456789a"
"#,
    );
}
