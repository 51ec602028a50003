//! How runs ended, in the words of RunStop documents and in those that releases of bluesky write into spans.

use skyspan::clock::Timestamp;
use skyspan::document::ExitStatus::{Abort, Fail, Success};
use skyspan::expect::{Expectation, ForestExpectation, any, every, glob, one_of, span};
use skyspan::trace::{Span, SpanBuilder, Trace};
use skyspan::value::Value;

/// A span of trace 1; parent 0 is none.
fn made(name: &str, id: u64, parent: u64, start: u64, duration: u64) -> SpanBuilder {
    let at = Timestamp::from_unix_ns;
    Span::builder(name).trace_id(1).span_id(id).parent_id(parent).start(at(start)).end(at(start + duration))
}

#[track_caller]
fn passes(expectation: impl Expectation, trace: &Trace) {
    if let Err(mismatch) = trace.check(&expectation) {
        panic!("{expectation}\n{mismatch}");
    }
}

#[track_caller]
fn fails(expectation: impl Expectation, trace: &Trace) {
    assert!(trace.check(&expectation).is_err(), "{expectation}");
}

#[track_caller]
fn reports(expectation: impl Expectation, trace: &Trace, report: &str) {
    let found = trace.check(expectation).expect_err("a mismatch").to_string();
    assert_eq!(found, report.trim_start_matches('\n'), "\n{found}");
}

/// A trace of one run whose span has these attributes.
fn run(attributes: &[(&'static str, Value)]) -> Trace {
    Trace::from_spans([made("run", 1, 0, 0, 9).attributes(attributes.to_vec()).build()])
}

#[test]
fn what_a_release_of_bluesky_writes_is_read_as_it_is_meant() {
    for (exit_status, meant) in [
        (Some(Value::from("success")), Success),
        (Some("None".into()), Success),
        (Some(Value::Null), Success),
        (None, Success),
        (Some("fail".into()), Fail),
        (Some("abort".into()), Abort),
        (Some("aborted".into()), Abort),
    ] {
        let attributes: Vec<(&'static str, Value)> =
            exit_status.into_iter().map(|value| ("exit_status", value)).collect();
        for asked in [Success, Fail, Abort] {
            let holds = run(&attributes).check(span("run").bluesky_exit_status(asked)).is_ok();
            assert_eq!(holds, asked == meant, "{attributes:?} is {asked}");
        }
    }
    passes(span("run").bluesky_exit_status(one_of(["abort", "fail"])), &run(&[("exit_status", "aborted".into())]));
    fails(span("run").exit_status(Abort), &run(&[("exit_status", "aborted".into())]));
}

#[test]
fn a_reason_that_nobody_gave_is_empty() {
    for reason in [Value::from("None"), Value::Null, "".into()] {
        passes(span("run").bluesky_reason(""), &run(&[("reason", reason)]));
    }
    passes(span("run").bluesky_reason(""), &run(&[]));
    passes(span("run").bluesky_reason(glob("beam *")), &run(&[("reason", "beam lost".into())]));
    fails(span("run").bluesky_reason(""), &run(&[("reason", "beam lost".into())]));
    // Nor is it the reason of a run that "aborted".
    fails(span("run").bluesky_reason("abort"), &run(&[("reason", "aborted".into())]));
}

#[test]
fn a_run_that_goes_on_has_not_ended_somehow() {
    let open = Trace::from_spans([Span::builder("run").trace_id(1).span_id(1).build()]);
    fails(span("run").bluesky_exit_status(any()), &open);
    fails(span("run").bluesky_reason(any()), &open);
    reports(
        every(span("run")).bluesky_exit_status(Success),
        &open,
        r#"
the trace is not as expected: 1 span differs

  ✗ run  open
                exit_status: expected "success", or what bluesky writes for it, found none
"#,
    );
}

#[test]
fn a_plain_word_in_a_text_of_a_tree_means_what_bluesky_writes_too() {
    let run =
        |exit_status: &str| Trace::from_spans([made("run", 1, 0, 0, 5).attribute("exit_status", exit_status).build()]);
    let tree = |text| ForestExpectation::parse(text).unwrap();
    passes(tree("run  exit_status=success"), &run("success"));
    passes(
        tree("run  exit_status=success  reason=*"),
        &Trace::from_spans([made("run", 1, 0, 0, 5).attribute("reason", "").build()]),
    );
    passes(tree("run  exit_status=success"), &run("None"));
    passes(tree("run  exit_status=abort"), &run("aborted"));
    fails(tree("run  exit_status=fail"), &run("None"));
    // In quotes it is the value itself.
    fails(tree("run  exit_status=\"success\""), &run("None"));
    passes(tree("run  exit_status=\"None\""), &run("None"));
    passes(tree("run  exit_status=succ*"), &run("success"));
    fails(tree("run  exit_status=succ*"), &run("None"));
}

#[test]
fn what_bluesky_recorded_is_read_as_it_is_meant() {
    let trace = Trace::read(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/recordings/scan/spans.json")).unwrap();
    passes(every(span("Bluesky RunEngine run")).bluesky_exit_status(Success).bluesky_reason(""), &trace);
    fails(every(span("Bluesky RunEngine run")).exit_status(Success), &trace);
}
