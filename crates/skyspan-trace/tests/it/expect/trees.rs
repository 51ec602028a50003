//! Tree patterns: order, numbers, options, depth, and what a failure of each prints.

use skyspan_trace::expect::{ForestExpectation, NumberRange, regex};

use super::*;

/// A trace of trees written by indentation, one letter or word a line: what stands below starts later.
fn grown(text: &str) -> Trace {
    let mut above: Vec<(usize, u64)> = Vec::new();
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    let spans = lines.zip(1..).map(|(line, id)| {
        let indent = line.len() - line.trim_start().len();
        above.retain(|(other, _)| *other < indent);
        let parent = above.last().map_or(0, |(_, id)| *id);
        above.push((indent, id));
        made(line.trim(), id, parent, id, 5).build()
    });
    spans.collect()
}

fn spans<const N: usize>(names: [&str; N]) -> [SpanExpectation; N] {
    names.map(span)
}

#[track_caller]
fn check(expectation: impl Expectation, text: &str, holds: bool) {
    let checked = grown(text).check(&expectation);
    assert_eq!(
        checked.is_ok(),
        holds,
        "{expectation}\n{text}\n{}",
        checked.err().map(|m| m.to_string()).unwrap_or_default()
    );
}

#[test]
fn an_item_stands_for_as_many_spans_as_it_says() {
    for (number, holds) in [
        (NumberRange::from(3), [false, false, false, true, false]),
        (NumberRange::from(2..=3), [false, false, true, true, false]),
        (NumberRange::from(1..3), [false, true, true, false, false]),
        (NumberRange::from(2..), [false, false, true, true, true]),
        (NumberRange::from(..=1), [true, true, false, false, false]),
        (NumberRange::from(..2), [true, true, false, false, false]),
        (NumberRange::from(..), [true; 5]),
        (NumberRange::from(0), [true, false, false, false, false]),
    ] {
        for (times, holds) in holds.into_iter().enumerate() {
            let trace = format!("p\n{}", "  a\n".repeat(times));
            let a = || span("a").times(number);
            check(forest([span("p").children([a()])]), &trace, holds);
            check(forest([span("p").children([a()])]).in_order(), &trace, holds);
            check(forest([span("p").children_in_order([a()])]), &trace, holds);
            check(forest([span("p").children_at_least([a()])]), &trace, holds);
            check(forest([span("p").children_at_least_in_order([a()])]), &trace, holds);
            check(span("p").child(a()), &trace, holds);
            check(span("p").descendant(a()), &trace, holds);
            check(a(), &trace, holds);
            check(span("p").no_child(a()), &trace, !holds);
        }
    }
}

#[test]
#[should_panic(expected = "no number is 3 or more and at most 2")]
fn a_range_without_a_number_is_no_number() {
    let _ = span("a").times(3..3);
}

#[test]
fn others_may_be_there_where_it_is_said() {
    let trace = "p\n  a\n  x\n  b\n  a";
    check(forest([span("p").children_at_least(spans(["b", "a"]))]), trace, true);
    check(forest([span("p").children_at_least(spans(["b", "b"]))]), trace, false);
    check(forest([span("p").children_at_least([])]), trace, true);
    check(forest([span("p").children_at_least([span("a").times(1)])]), trace, false);
    check(forest([span("p").any_children()]).or_more(), "p\n  a\nq", true);
    check(forest([span("p")]).or_more(), "p\n  a\nq", false);
    check(span("p").children_at_least([span("x").forbidden()]), trace, false);
    check(span("p").children_at_least([span("y").forbidden(), span(any()).times(..)]), trace, true);
    check(span("p").children([span(any()).times(..), span("x").forbidden()]), trace, false);
    check(span("p").children([span(any()).times(..), span("y").optional()]), trace, true);
}

#[test]
fn each_item_has_its_spans_whatever_else_could_take_them() {
    let trace = "p\n  a\n  a\n  ab\n  ab\n  b";
    let like_a = || span(glob("a*"));
    let like_b = || span(glob("*b"));
    check(span("p").children([like_a().times(2..=3), like_b().times(2..=3)]), trace, true);
    check(span("p").children([like_a().times(3), like_b().times(2)]), trace, true);
    check(span("p").children([like_a().times(2), like_b().times(3)]), trace, true);
    check(span("p").children([like_a().times(1), like_b().times(4)]), trace, false);
    check(span("p").children([like_a().times(..), like_b().times(4..)]), trace, false);
    check(span("p").children([span(any()).optional(), like_b().times(3), like_a()]), trace, true);
    check(span("p").children([span(any()).times(..=1), like_a().times(..=1), like_b().times(..=2)]), trace, false);
    check(span("p").children([span(any()).times(..=1), like_a().times(..=1), like_b().times(..=3)]), trace, true);
}

#[test]
fn siblings_come_in_order() {
    let trace = "p\n  a\n  b\n  b\n  c";
    let ordered = |children: &[SpanExpectation]| span("p").children_in_order(children.to_vec());
    let at_least = |children: &[SpanExpectation]| span("p").children_at_least_in_order(children.to_vec());
    check(ordered(&spans(["a", "b", "b", "c"])), trace, true);
    check(ordered(&spans(["b", "a", "b", "c"])), trace, false);
    check(ordered(&[span("a"), span(any()).times(..), span("c")]), trace, true);
    check(ordered(&[span("a"), span(any()).times(2), span("c")]), trace, true);
    check(ordered(&[span(any()).times(..), span("b"), span(any()).times(..)]), trace, true);
    check(ordered(&[span("x").optional(), span("a"), span("b").times(1..), span("c").times(..)]), trace, true);
    check(ordered(&[span(any()).times(..), span("c"), span("c")]), trace, false);
    check(ordered(&[span("b").times(2), span("a"), span("c")]), trace, false);
    check(at_least(&spans(["a", "c"])), trace, true);
    check(at_least(&spans(["b", "b"])), trace, true);
    check(at_least(&spans(["c", "a"])), trace, false);
    check(at_least(&[span("a"), span("b").times(1), span("c")]), trace, false);
    check(at_least(&[span("a"), span("c").forbidden()]), trace, false);
    check(forest(spans(["a", "b"])).in_order(), "a\nb", true);
    check(forest(spans(["b", "a"])).in_order(), "a\nb", false);
    check(forest(spans(["b", "a"])), "a\nb", true);
    check(forest(spans(["b", "c"])).in_order().or_more(), "a\nb\nx\nc", true);
}

#[test]
fn a_span_may_stand_at_any_depth() {
    let deep = |name: &str| span(name).at_any_depth();
    let trace = "p\n  a\n    b\n      c";
    check(forest([span("p").children([deep("c")])]), trace, true);
    check(forest([deep("c")]), trace, true);
    check(forest([deep("b")]), trace, false);
    check(forest([deep("b").children([span("c")])]), trace, true);
    check(forest([deep("c"), deep("c")]), trace, false);
    check(
        forest([span("p").children([span("a").children([span("b").children([span("c")])]), deep("c")])]),
        trace,
        false,
    );
    check(forest([span("p").children([span("a").any_children(), deep("c")])]), trace, true);
    check(forest([span("p").children([span("a"), deep("c")])]), trace, false);
    check(forest([span("p").children([deep("c").forbidden(), span("a").any_children()])]), trace, false);
    check(forest([span("p").children([deep("x").forbidden(), span("a").any_children()])]), trace, true);
    // What leads there is all right, what stands beside it is not.
    let trace = "p\n  a\n    c\n    c\n    x\n  c";
    check(forest([span("p").children([deep("c").times(3)])]), trace, false);
    check(forest([span("p").children([deep("c").times(3), deep("x")])]), trace, true);
    check(forest([span("p").children_at_least([deep("c").times(3)])]), trace, true);
    check(forest([span("p").children_at_least([deep("c").times(2)])]), trace, false);
    check(forest([span("p").children_at_least([deep("c"), deep("c")])]), trace, true);
    check(forest([span("p").children([deep("c").times(..), deep("x").optional()])]), trace, true);
    check(span("p").children([span("c"), deep("c").times(2), deep("x")]), trace, true);
    // The sibling that is of no use further down is the one to be taken.
    check(forest([span("p").children([span("a"), deep("c")])]), "p\n  a\n    c\n  a", true);
    check(forest([span("p").children([span("a"), span("a"), deep("c")])]), "p\n  a\n    c\n  a", false);
    check(forest([span("p").children([span(any()).any_children(), deep("c")])]), "p\n  a\n    c\n  b", true);
    // One in another: the lower is taken first.
    let nested = deep("a").children([span("b")]).times(2);
    check(forest([nested]).or_more(), "a\n  b\n  a\n    b", false);
    check(forest([deep("a").children_at_least([span("b")]).times(2)]), "a\n  b\n  a\n    b", true);
    // None takes what another needs, though each may be there more often.
    let both = [deep("a").children([span("b")]), deep("a").children([span("b")])];
    check(forest([span("p").children_at_least(both.clone())]), "p\n  x\n    a\n      b\n    a\n      b", true);
    check(forest([span("p").children_at_least(both)]), "p\n  x\n    a\n      b\n    a", false);
}

#[test]
fn patterns_are_said_in_words() {
    for (expectation, words) in [
        (
            Box::new(span("p").children_in_order([span("a").times(3), span("b").optional()])) as Box<dyn Expectation>,
            r#"span "p" with the children in this order (exactly 3 spans "a"; at most 1 span "b")"#,
        ),
        (
            Box::new(span("p").children_at_least([span("a").forbidden(), span("b").at_any_depth()])),
            r#"span "p" with at least the children (no spans "a"; span "b" at any depth)"#,
        ),
        (Box::new(forest([span("a").times(2..)]).or_more()), r#"at least these trees: at least 2 spans "a""#),
        (
            Box::new(forest([span("a").times(..)]).in_order()),
            r#"exactly these trees in this order: any number of spans "a""#,
        ),
    ] {
        assert_eq!(expectation.to_string(), words);
    }
}

#[test]
fn a_failure_is_told_by_its_kind() {
    let kinds = |text: &str, expectation: ForestExpectation| {
        let mismatch = grown(text).check(expectation).unwrap_err();
        let kind = |failure: &Failure| format!("{failure:?}").split([' ', '{']).next().unwrap().to_owned();
        mismatch.failures().iter().map(kind).collect::<Vec<_>>()
    };
    assert_eq!(kinds("p", forest([span("p").times(2)])), ["Times"]);
    assert_eq!(kinds("p\np\np", forest([span("p").times(2)])), ["Times"]);
    assert_eq!(kinds("p\nq", forest([span("p"), span("q").forbidden()])), ["Forbidden"]);
    assert_eq!(kinds("p\nq", forest([span("p").children([span("q")])])), ["Moved"]);
    assert_eq!(kinds("p\nq", forest([span("q"), span("p")]).in_order()), ["Differs"]);
    assert_eq!(kinds("p\nq", forest([span("q")])), ["Unexpected"]);
    assert_eq!(kinds("p", forest([span("q"), span("p")])), ["Missing"]);
}

#[test]
fn report_of_too_few() {
    reports(
        forest([span("p").children([span("a").times(3), span("b").times(2..=5), span(regex("^c$")).times(2..)])]),
        &grown("p\n  a\n  a\n  c"),
        r#"
the trace is not as expected: 4 spans are missing

spans "a": expected exactly 3 under "p", found 2
spans "b": expected 2 to 5 under "p", found none; the closest is "a" under "p" at 1 ns: name: expected "b", found "a"
spans matching /^c$/: expected at least 2 under "p", found 1

  ✓ p              5 ns
  ✓ ├ a            5 ns
  ✓ ├ a            5 ns
  ✓ ├ c            5 ns
  + ├ a {3}              1 missing: expected exactly 3, found 2
  + ├ b {2..=5}          2 missing: expected 2 to 5, found none; the closest is under "p":
                         name: expected "b", found "a"
  + └ /^c$/ {2..}        1 missing: expected at least 2, found 1
"#,
    );
}

#[test]
fn report_of_too_many() {
    reports(
        forest([span("p").children([span("a").times(2), span("b").optional()])]),
        &grown("p\n  a\n  b\n  a\n  b\n    x\n  a\n  a"),
        r#"
the trace is not as expected: 2 spans are not expected, 2 are too many

"b" under "p" at 4 ns: not expected
spans "a": expected exactly 2 under "p", found 4

  ✓ p      5 ns
  ✓ ├ a    5 ns
  ✓ ├ b    5 ns
  ✓ ├ a    5 ns
  - ├ b    5 ns
  - │ └ x  5 ns
  - ├ a    5 ns
                 too many: expected exactly 2, found 4
  - └ a    5 ns
"#,
    );
}

#[test]
fn report_of_a_wrong_order() {
    reports(
        forest([span("p").children_in_order([
            span("open"),
            span("a").times(..),
            span("read").child(span("x")),
            span("close"),
        ])]),
        &grown("p\n  open\n  close\n  a\n  a\n  read\n    x"),
        r#"
the trace is not as expected: 1 span differs

"close" under "p": order: expected that it comes after the span "read" with a child (span "x")

  ✓ p        5 ns
  ✓ ├ open   5 ns
  ✗ ├ close  5 ns
                   order: expected that it comes after the span "read" with a child (span "x")
  ✓ ├ a      5 ns
  ✓ ├ a      5 ns
  ✓ └ read   5 ns
      └ x    5 ns
"#,
    );
}

#[test]
fn report_of_a_forbidden_one() {
    reports(
        forest([span("p").children_at_least([
            span("a"),
            span("retry").attr("why", any()).forbidden(),
            span("x").at_any_depth().forbidden(),
        ])]),
        &Trace::from_spans([
            made("p", 1, 0, 0, 9).build(),
            made("a", 2, 1, 1, 1).build(),
            made("retry", 3, 1, 2, 1).attribute("why", "no light").build(),
            made("x", 4, 3, 3, 1).build(),
        ]),
        r#"
the trace is not as expected: 2 spans are not expected

"x" under "retry": forbidden: span "x" at any depth
"retry" under "p": forbidden: span "retry" with why=anything

  ✓ p        9 ns
  ✓ ├ a      1 ns
  - └ retry  1 ns  why="no light"
                   forbidden: span "retry" with why=anything
  -   └ x    1 ns
                   forbidden: span "x" at any depth
"#,
    );
}

#[test]
fn report_of_one_that_is_missing_at_any_depth() {
    reports(
        forest([span("p").children([span("status").attr("device", "x").at_any_depth()])]),
        &Trace::from_spans([
            made("p", 1, 0, 0, 9).build(),
            made("set", 2, 1, 1, 1).build(),
            made("status", 3, 2, 2, 1).attribute("device", "y").build(),
        ]),
        r#"
the trace is not as expected: 1 span is missing, 2 are not expected

"set" under "p": not expected
span "status" with device="x", at any depth: missing under "p"; the closest is "status" under "set": device: expected "x", found "y"

  ✓ p            9 ns
  - ├ set        1 ns
  - │ └ status   1 ns  device="y"
  + └ ** status        missing; the closest is under "set":
                       device: expected "x", found "y"
"#,
    );
}

#[test]
fn report_of_one_that_has_moved() {
    let set = |id, target: i64| made("set", id, 1, id, 3).attribute("target", target).build();
    reports(
        forest([span("p").children([
            span("set").attr("target", 1).children([span("status").children([span("poll")])]),
            span("set").attr("target", 2),
        ])]),
        &Trace::from_spans([
            made("p", 1, 0, 0, 9).build(),
            set(2, 1),
            set(3, 2),
            made("status", 4, 3, 4, 1).build(),
            made("poll", 5, 4, 5, 1).build(),
        ]),
        r#"
the trace is not as expected: 1 span has moved

"status": moved: expected under "set" at 2 ns, found under "set" at 3 ns

  ✓ p           9 ns
  ✓ ├ set       3 ns  target=1
  ✓ └ set       3 ns  target=2
  →   └ status  1 ns
                      moved: expected under "set" (target=1), found under "set" (target=2)
  ✓     └ poll  1 ns
"#,
    );
}

#[test]
fn report_of_one_that_has_moved_below_one_that_is_not_expected() {
    reports(
        forest([span("p").children([span("a")])]),
        &grown("p\nx\n  y\n  a"),
        r#"
the trace is not as expected: 1 span has moved, 2 are not expected

"x" at the root: not expected
"a": moved: expected under "p", found under "x"

  ✓ p    5 ns
  - x    5 ns
  - ├ y  5 ns
  → └ a  5 ns
               moved: expected under "p", found under "x"
"#,
    );
}

#[test]
fn ten_thousand_in_order_with_two_faults_are_explained_at_once() {
    const NUMBER: u64 = 10_000;
    let child = |n: u64| made("point", n + 2, 1, n, 1).attribute("n", n).build();
    let trace = Trace::from_spans(std::iter::once(made("scan", 1, 0, 0, 9).build()).chain((0..NUMBER).map(child)));
    let point = |n: u64| span("point").attr("n", n);
    passes(forest([span("scan").children_in_order((0..NUMBER).map(point))]), &trace);
    let swapped = (0..NUMBER).map(|n| match n {
        4_000 => 4_001,
        4_001 => 4_000,
        n => n,
    });
    let mismatch = trace.check(forest([span("scan").children_in_order(swapped.map(point))])).unwrap_err();
    assert!(mismatch.to_string().starts_with("the trace is not as expected: 1 span differs\n"), "{mismatch}");
    passes(forest([span("scan").children_in_order([span("point").times(NUMBER as usize)])]), &trace);
    passes(forest([span("scan").children([span("point").times(5_000..), span(glob("p*")).times(2_000..)])]), &trace);
    fails(
        forest([span("scan").children([span("point").times(5_000..), span("x").times(..=9)])]).in_order(),
        &Trace::default(),
    );
}
