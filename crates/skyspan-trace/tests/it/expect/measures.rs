//! Percentiles, self times, shares, the critical path.

use skyspan_trace::expect::{median, percentile, share, total_self_time};

use super::*;

/// A run that moves twice, the second time while it reads; times in ms.
fn run() -> Trace {
    const MS: u64 = 1_000_000;
    let made = |name, id, parent, start: u64, duration: u64| made(name, id, parent, start * MS, duration * MS).build();
    Trace::from_spans([
        made("run", 1, 0, 0, 100),
        made("move", 2, 1, 0, 40),
        made("settle", 3, 2, 30, 10),
        made("move", 4, 1, 50, 30),
        made("read", 5, 1, 60, 10),
    ])
}

#[test]
fn measures_are_exact() {
    let all = &run();
    for (expectation, holds) in [
        (percentile(50, span("move")).exactly(ms(30)), true),
        (percentile(51, span("move")).exactly(ms(40)), true),
        (percentile(0, span(any())).exactly(ms(10)), true),
        (percentile(95, span(any())).at_most(ms(100)), true),
        (percentile(80, span(any())).at_most(ms(40)), true),
        (percentile(80.1, span(any())).at_most(ms(40)), false),
        (median(span("move")).within(ms(31)..), false),
        (total_self_time(span("move")).exactly(ms(60)), true),
        (total_self_time(span("run")).exactly(ms(30)), true),
        (total_self_time(span("run")).at_most(ms(29)), false),
        (total_self_time(span("retry")).at_most(ms(29)), false),
        (total_self_time(span("retry")).at_most(ms(29)).or_none(), true),
        (median(span("retry")).at_most(ms(29)), false),
    ] {
        assert_eq!(all.check(&expectation).is_ok(), holds, "{expectation}");
    }
}

#[test]
fn a_share_counts_each_moment_once() {
    let all = &run();
    for (expectation, holds) in [
        (share(span("move")).of(span("run")).within(0.7..=0.7), true),
        (share(span(any())).of(span("run")).at_most(0.7), true),
        (share(span(any())).of(span("run")).at_most(0.69), false),
        (share(span("settle")).of(span("run")).within(0.1..=0.1), true),
        (share(span("settle")).of(span("move")).at_most(0.25), true),
        (share(span("settle")).of(span("move")).at_least(0.25), false),
        (share(span("move")).of(span("read")).at_most(1.0), false),
        (share(span("move")).of(span("read")).at_most(1.0).or_none(), true),
        (share(span("move")).of(span("retry")).at_most(1.0), false),
        (share(span("move")).of(span("retry")).at_most(1.0).or_none(), true),
    ] {
        assert_eq!(all.check(&expectation).is_ok(), holds, "{expectation}");
    }
}

#[test]
fn an_open_span_has_no_measure() {
    let open = Span::builder("move").trace_id(1).span_id(9).build();
    let all = &Trace::from_spans(run().spans().map(|span| span.span().clone()).chain([open]));
    fails(median(span("move")).at_most(secs(1.0)), all);
    fails(total_self_time(span("move")).at_most(secs(1.0)), all);
    fails(share(span(any())).of(span("move")).at_most(1.0), all);
}

#[test]
fn a_percentile_that_is_off_is_told() {
    reports(
        percentile(95, span("move")).at_most(ms(35)),
        &run(),
        r#"
the trace is not as expected: a measure is off

expected that the 95 % percentile of spans "move" is at most 35 ms, found 40 ms over 2 spans

    run         100 ms
  Σ ├ move       40 ms
    │ └ settle   10 ms
  Σ ├ move       30 ms
    └ read       10 ms
"#,
    );
}

#[test]
fn a_share_that_is_off_is_told() {
    reports(
        share(span("move")).of(span("run")).at_most(0.5),
        &run(),
        r#"
the trace is not as expected: 1 span differs

"run" at the root: share of spans "move": expected at most 50 %, found 70 %

  ✗ run         100 ms
                        share of spans "move": expected at most 50 %, found 70 %
  ✓ ├ move       40 ms
    │ └ settle   10 ms
  ✓ ├ move       30 ms
    └ read       10 ms
"#,
    );
}

#[test]
fn a_span_off_the_critical_path_is_told() {
    let all = &run();
    passes(every(span("move")).on_critical_path(), all);
    passes(none(span("read").on_critical_path()), all);
    let report = all.check(every(span("read")).on_critical_path()).unwrap_err().to_string();
    let expected =
        r#"critical path: expected that the span is on it, found "run", "move", "settle", "run", "move", "run""#;
    assert!(report.contains("critical path: expected that the span is on it"), "{report}\n{expected}");
}

#[test]
fn colours_mark_what_matters() {
    let mismatch = plan().check(every(status("motor2")).attr("target", 5)).unwrap_err();
    let text = mismatch.colored().width(100).to_string();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], "\u{1b}[1mthe trace is not as expected: 1 span differs\u{1b}[0m");
    assert_eq!(
        lines[9..],
        [
            "  \u{1b}[31m✗\u{1b}[0m   └ Ophyd Status         2 s  device_name=\"motor2\" target=7.5",
            "                                  target: expected \u{1b}[32m5\u{1b}[0m, found \u{1b}[31m7.5\u{1b}[0m",
        ]
    );
    let narrow = mismatch.colored().width(60).to_string();
    assert!(narrow.lines().skip(1).any(|line| line.ends_with('…')), "{narrow}");
}
