//! Relatives, and that there are none.

use super::*;

type Relation = fn(SpanExpectation, SpanExpectation) -> SpanExpectation;

#[test]
fn of_each_relation_and_its_negation_one_holds_for_each_pair_of_spans() {
    let names = ["plan", "set", "wait", "status", "poll", "run"];
    let trace = Trace::from_spans([
        made("plan", 1, 0, 0, 9).build(),
        made("set", 2, 1, 1, 3).build(),
        made("wait", 3, 1, 4, 5).build(),
        made("status", 4, 2, 1, 2).build(),
        made("poll", 5, 4, 1, 1).build(),
        made("run", 6, 0, 1, 1).build(),
    ]);
    let relations: [(&str, Relation, Relation, &str); 8] = [
        (
            "parent",
            SpanExpectation::parent,
            SpanExpectation::no_parent,
            "plan of set, plan of wait, set of status, status of poll",
        ),
        (
            "child",
            SpanExpectation::child,
            SpanExpectation::no_child,
            "set of plan, wait of plan, status of set, poll of status",
        ),
        (
            "descendant",
            SpanExpectation::descendant,
            SpanExpectation::no_descendant,
            "set of plan, wait of plan, status of plan, poll of plan, status of set, poll of set, poll of status",
        ),
        (
            "ancestor",
            SpanExpectation::ancestor,
            SpanExpectation::no_ancestor,
            "plan of set, plan of wait, plan of status, set of status, plan of poll, set of poll, status of poll",
        ),
        (
            "sibling",
            SpanExpectation::sibling,
            SpanExpectation::no_sibling,
            "run of plan, wait of set, set of wait, plan of run",
        ),
        ("second child", |of, other| of.nth_child(2, other), |of, other| of.no_nth_child(2, other), "wait of plan"),
        (
            "root",
            |of, _| of.is_root(),
            |of, _| of.has_parent(),
            "plan of plan, set of plan, wait of plan, status of plan, poll of plan, run of plan, plan of run, set of run, \
             wait of run, status of run, poll of run, run of run",
        ),
        (
            "itself",
            |of, other| {
                of.that("it is called so", move |span| other.to_string().contains(&format!("{:?}", span.name())))
            },
            SpanExpectation::but,
            "plan of plan, set of set, wait of wait, status of status, poll of poll, run of run",
        ),
    ];
    for (name, is, is_not, pairs) in relations {
        let mut found = Vec::new();
        for (of, other) in names.iter().flat_map(|of| names.iter().map(move |other| (*of, *other))) {
            let holds = trace.check(is(span(of), span(other))).is_ok();
            let does_not = trace.check(is_not(span(of), span(other))).is_ok();
            assert_ne!(holds, does_not, "{name} {other} of {of}");
            found.extend(holds.then(|| format!("{other} of {of}")));
        }
        assert_eq!(found.join(", "), pairs, "{name}");
    }
}

#[test]
fn a_child_that_must_not_be_there_is_told_by_its_place() {
    let trace = Trace::from_spans([made("plan", 1, 0, 0, 9).build(), made("set", 2, 1, 1, 3).build()]);
    reports(
        every(span("plan")).no_nth_child(1, span("set")).no_parent(span(any())),
        &trace,
        r#"
the trace is not as expected: 1 span differs

  ✗ plan   9 ns
                 child 1: expected no span "set", found 1
    └ set  3 ns
"#,
    );
    reports(
        span("plan").has_parent(),
        &trace,
        r#"
the trace is not as expected: 1 span is missing

expected at least 1 span "plan" under a span of any name, found none
the closest is "plan" at the root: parent: expected a span of any name, found none

  ≈ plan   9 ns
                 parent: expected a span of any name, found none
    └ set  3 ns
"#,
    );
}
