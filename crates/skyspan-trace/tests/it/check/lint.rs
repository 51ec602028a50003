//! Rules that a trace breaks.

use std::sync::Arc;

use skyspan_trace::check::{Lint, Rule, Severity, lint};
use skyspan_trace::trace::{Event, Resource, Span, SpanBuilder, Status, Trace};

use super::{at, check, span_at};

fn of_service(name: &'static str) -> Arc<Resource> {
    Arc::new(Resource::new([("service.name", name)]))
}

/// The names of the rules that spans of one service break.
fn broken(spans: impl IntoIterator<Item = SpanBuilder>) -> Vec<&'static str> {
    let service = of_service("app");
    let trace: Trace = spans.into_iter().map(|span| span.resource(Arc::clone(&service)).build()).collect();
    let mut names: Vec<&str> = lint(&trace).findings().iter().map(|finding| finding.rule.name).collect();
    names.dedup();
    names
}

/// A span of one trace that breaks nothing.
fn good(id: u64, name: &'static str) -> SpanBuilder {
    span_at(id, name, 0, 10)
}

#[test]
fn every_rule_is_broken_by_what_it_is_about_and_by_nothing_else() {
    let exception = || Event::new("exception", at(5)).with_attributes([("exception.type", "E")]);
    let run = |exit_status: &'static str| good(1, "Bluesky RunEngine run").attribute("exit_status", exit_status);
    let status = |parent: u64, to: u64| span_at(9, "Ophyd Status", 0, to).parent_id(parent);
    let cases: Vec<(&str, Vec<SpanBuilder>, Vec<SpanBuilder>)> = vec![
        ("unended", vec![Span::builder("a").start(at(0))], vec![good(1, "a")]),
        ("negative-duration", vec![span_at(1, "a", 10, 0)], vec![span_at(1, "a", 0, 0)]),
        ("unknown-start", vec![good(1, "a").unknown_start()], vec![good(1, "a")]),
        ("duplicate-id", vec![good(1, "a"), good(1, "b")], vec![good(1, "a"), good(2, "a")]),
        (
            "cycle",
            vec![good(1, "a").parent_id(2), good(2, "b").parent_id(1)],
            vec![good(1, "a"), good(2, "b").parent_id(1)],
        ),
        ("orphan", vec![good(1, "a").parent_id(7)], vec![good(1, "a").remote_parent(7)]),
        (
            "child-outside-parent",
            vec![span_at(1, "a", 5, 9), span_at(2, "b", 4, 6).parent_id(1)],
            vec![span_at(1, "a", 5, 9), span_at(2, "b", 9, 12).parent_id(1)],
        ),
        ("empty-name", vec![good(1, " ")], vec![good(1, "a")]),
        ("name-cardinality", vec![good(1, "GET /order/7314")], vec![good(1, "GET /order/{id}"), good(2, "motor1")]),
        (
            "exception-status",
            vec![good(1, "a").event(exception())],
            vec![good(1, "a").event(exception()).status(Status::error("E"))],
        ),
        (
            "exception-status",
            vec![good(1, "a").event(exception()).status(Status::error(""))],
            vec![good(1, "a").status(Status::error(""))],
        ),
        (
            "attribute-key",
            vec![good(1, "a").attribute("deviceName", 1)],
            vec![good(1, "a").attribute("http.request.header.content-type", 1)],
        ),
        (
            "attribute-type",
            vec![good(1, "a").attribute("n", 1), good(2, "a").attribute("n", "1")],
            vec![good(1, "a").attribute("n", 1), good(2, "a").attribute("n", 1.5), good(3, "b").attribute("n", "1")],
        ),
        ("secret", vec![good(1, "a").attribute("api_key", "12345")], vec![good(1, "a").attribute("api_key", "")]),
        ("dropped-data", vec![good(1, "a").dropped(1, 0, 0)], vec![good(1, "a").dropped(0, 0, 0)]),
        ("run-exit-status", vec![run("None")], vec![run("abort")]),
        (
            "set-status",
            vec![good(2, "Bluesky RunEngine set")],
            vec![good(2, "Bluesky RunEngine set").status(Status::error("E"))],
        ),
        ("status-outlives-run", vec![run("success"), status(1, 11)], vec![run("success"), status(1, 10)]),
    ];
    let mut tested: Vec<&str> = cases.iter().map(|(rule, ..)| *rule).collect();
    for (rule, bad, fine) in cases {
        assert_eq!(broken(bad), [rule]);
        assert_eq!(broken(fine), [""; 0], "{rule}");
    }
    // These two are of resources.
    let nameless = Trace::from_spans([good(1, "a").build()]);
    assert_eq!(lint(&nameless).findings()[0].rule.name, "service-name");
    let skewed = Trace::from_spans([
        span_at(1, "call", 10, 20).resource(of_service("client")).build(),
        span_at(2, "serve", 5, 15).parent_id(1).resource(of_service("server")).build(),
    ]);
    let report = lint(&skewed);
    assert_eq!(report.findings()[0].rule.name, "clock-skew");
    assert!(report.to_string().contains("\"server\" is 5 ms outside its parent in \"client\""), "{report}");
    tested.extend(["service-name", "clock-skew"]);
    for rule in Rule::all() {
        assert!(tested.contains(&rule.name), "{} has no test", rule.name);
    }
}

#[test]
fn names_that_differ_by_numbers_alone_are_too_many_when_there_are_many() {
    let names: Vec<&'static str> = (0..12).map(|n| &*format!("step {n} of 12").leak()).collect();
    let spans = |number: usize| (0..number).map(|n| good(n as u64 + 1, names[n])).collect::<Vec<_>>();
    assert_eq!(broken(spans(12)), ["name-cardinality"]);
    assert_eq!(broken(spans(10)), [""; 0]);
}

#[test]
fn what_was_found_is_told_worst_first_and_only_so_often() {
    let spans = (1..=20).map(|id| Span::builder("a").trace_id(1).span_id(id as u64).start(at(0)).build());
    let report = lint(&spans.collect());
    assert_eq!((report.count(Severity::Error), report.count(Severity::Warning)), (20, 1));
    let told = report.to_string();
    assert!(told.starts_with("20 errors, 1 warning\n\nerror    unended: expected an end\n"), "{told}");
    assert!(told.contains("⋯ 15 more"), "{told}");
    assert!(!report.to_string().contains("hunter"), "{told}");
}

#[test]
fn a_rule_can_be_left_out_and_information_is_no_reason_to_fail() {
    let trace = Trace::from_spans([good(2, "Bluesky RunEngine set").resource(of_service("app")).build()]);
    trace.assert(Lint::standard());
    assert!(trace.check(Lint::standard().deny(Severity::Info)).is_err());
    trace.assert(Lint::standard().without("set-status").expect("there is such a rule").deny(Severity::Info));
    assert_eq!(
        Lint::standard().without("set-statuses").expect_err("there is none"),
        "no rule is called \"set-statuses\"; did you mean \"set-status\"?"
    );
    assert!(check("- lint: standard", &trace).holds());
    assert!(!check("- lint: {deny: info}", &trace).holds());
    let report = check("- lint: {deny: info, without: [set-status]}", &trace);
    assert!(report.holds(), "{report}");
    assert!(report.to_string().starts_with("✓ lint: standard, without set-status, from in…  1 span\n"), "{report}");
}

#[test]
fn what_lint_finds_is_drawn_on_the_trace() {
    let trace = Trace::from_spans([Span::builder("a").resource(of_service("app")).start(at(0)).build()]);
    let report = check("- lint: standard", &trace).to_string();
    assert!(report.contains("✗ a  open\n                unended: expected an end, found it is open"), "{report}");
}
