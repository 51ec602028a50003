//! Checks and reports of large traces: how often a span is looked at, how deep and how wide it may go.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use skyspan_trace::expect::{ForestExpectation, bless, if_any, some};

use super::*;

/// Counts how often a span is looked at.
#[derive(Clone, Default)]
struct Looks(Arc<AtomicUsize>);

impl Looks {
    /// A span with this name, of which it counts the looks.
    fn span(&self, name: &str) -> SpanExpectation {
        let looks = self.0.clone();
        span(name).that("it is looked at", move |_| {
            looks.fetch_add(1, Ordering::Relaxed);
            true
        })
    }
}

/// A root with `n` times `a` and `b`, in turn.
fn in_turn(n: u64) -> Trace {
    let below = (0..2 * n).map(|at| made(if at % 2 == 0 { "a" } else { "b" }, at + 2, 1, at + 1, 1).build());
    std::iter::once(made("root", 1, 0, 0, 1).build()).chain(below).collect()
}

/// `n` spans `a`, each the child of the one before.
fn chain(n: u64) -> Trace {
    (1..=n).map(|id| made("a", id, id - 1, id, 1).build()).collect()
}

type Case = (&'static str, fn(u64) -> Trace, fn(&Looks, usize) -> Box<dyn Expectation>);

const CASES: &[Case] = &[
    ("so many of each", in_turn, |looks, n| {
        Box::new(forest([span("root").children([looks.span("a").times(n), looks.span("b").times(n)])]))
    }),
    ("one more than there is", in_turn, |looks, n| {
        Box::new(forest([span("root").children([looks.span("a").times(n), looks.span("b").times(n + 1)])]))
    }),
    ("one too many", in_turn, |looks, n| {
        Box::new(forest([span("root").children([looks.span("a").times(n - 1), looks.span("b").times(n)])]))
    }),
    ("first all of one kind, then all of the other, plainly", in_turn, |looks, n| {
        let a = std::iter::repeat_n(looks.span("a"), n);
        Box::new(span("root").children(a.chain(std::iter::repeat_n(looks.span("b"), n))))
    }),
    ("any number of any, and a number of one", in_turn, |looks, n| {
        Box::new(forest([span("root").children([span(any()).times(..), looks.span("b").times(n)])]))
    }),
    ("in order, any number of each, again and again", in_turn, |looks, n| {
        let both = [looks.span("a").times(0..), looks.span("b").times(0..)];
        Box::new(span("root").children_in_order((0..n).flat_map(move |_| both.clone())))
    }),
    ("in order, among others", in_turn, |looks, n| {
        Box::new(span("root").children_at_least_in_order(std::iter::repeat_n(looks.span("b"), n)))
    }),
    ("siblings of siblings of siblings", in_turn, |looks, _| {
        let (a, b) = (|| span("a"), looks.span("b"));
        Box::new(at_least(1, a().sibling(a().sibling(a().sibling(b)))))
    }),
    ("siblings of siblings that are not there", in_turn, |looks, _| {
        let a = || looks.span("a");
        Box::new(none(a().sibling(a().sibling(a().sibling(span("c"))))))
    }),
    ("descendants of descendants that are not there", chain, |looks, _| {
        let a = || looks.span("a");
        Box::new(none(a().descendant(a().descendant(a().descendant(span("b"))))))
    }),
    ("ancestors of descendants of ancestors that are not there", chain, |looks, _| {
        let a = || looks.span("a");
        Box::new(one(a().ancestor(a().descendant(a().ancestor(span("b"))))))
    }),
    ("as many descendants as there are", chain, |looks, n| {
        Box::new(one(span("a").descendant(looks.span("a").times(n - 1))))
    }),
    ("as many ancestors as there are", chain, |looks, n| {
        Box::new(one(span("a").ancestor(looks.span("a").times(n - 1))))
    }),
    ("every with a descendant that is not there", chain, |looks, _| {
        Box::new(every(span("a")).descendant(looks.span("a").attr("k", 1)))
    }),
    ("every with no sibling, though there are many", in_turn, |looks, _| {
        Box::new(every(span("a")).no_sibling(looks.span("b")))
    }),
    ("a condition on a descendant", chain, |looks, _| {
        Box::new(if_any(span("a").descendant(looks.span("a"))).then(every(some_end()).open().or_none()))
    }),
    ("before every other", in_turn, |looks, _| Box::new(every(looks.span("a")).before(some(looks.span("b"))))),
];

fn some_end() -> SpanExpectation {
    span("end")
}

#[test]
fn a_span_is_looked_at_a_few_times_however_many_there_are() {
    for (name, trace, expectation) in CASES {
        let looks_at = |n: usize| {
            let looks = Looks::default();
            let expectation = expectation(&looks, n);
            let result = trace(n as u64).check(&expectation);
            drop(result.map_err(|mismatch| mismatch.to_string()));
            looks.0.load(Ordering::Relaxed)
        };
        let (few, many) = (looks_at(300), looks_at(1200));
        assert!(few > 0 && many * 2 <= few * 9, "{name}: {few} looks at 300, {many} at 1200");
        assert!(many <= 20 * 1200, "{name}: {many} looks at 1200");
    }
}

#[test]
fn expectations_nest_two_hundred_deep() {
    type Deeper = fn(SpanExpectation) -> SpanExpectation;
    let ways: [(&str, Deeper); 6] = [
        ("children", |inner| span("a").children([inner])),
        ("children at any depth", |inner| span("a").children_at_least([inner.at_any_depth()])),
        ("child", |inner| span("a").child(inner)),
        ("descendant", |inner| span("a").descendant(inner)),
        ("no_ancestor", |inner| span("a").no_ancestor(inner)),
        ("parent", |inner| span("a").parent(inner)),
    ];
    let trace = chain(60);
    for (name, deeper) in ways {
        let nested = |depth: usize| (0..depth).fold(span("a").attr("missing", 1), |inner, _| deeper(inner));
        let deepest = nested(200);
        for expectation in [
            Box::new(one(deepest.clone())) as Box<dyn Expectation>,
            Box::new(every(deepest.clone())),
            Box::new(every(span("a")).must(deepest.clone())),
            Box::new(forest([deepest.clone()])),
        ] {
            if let Err(mismatch) = trace.check(&expectation) {
                assert!(
                    !mismatch.to_string().is_empty()
                        && serde_json::to_string(&mismatch).is_ok_and(|json| !json.is_empty())
                );
            }
            assert!(expectation.to_string().len() > 200 && !format!("{deepest:?}").is_empty(), "{name}");
        }
        let panic = std::panic::catch_unwind(|| drop(nested(201))).expect_err("too deep");
        let message = panic.downcast_ref::<String>().expect("a message");
        assert!(message.contains("nest 201 deep here, and may nest 200 deep"), "{name}: {message}");
    }
}

#[test]
fn what_holds_expectations_nests_two_hundred_deep() {
    type Boxed = Box<dyn Expectation + Send + Sync>;
    type Deeper = fn(Boxed) -> Boxed;
    let ways: [(&str, Deeper); 4] = [
        ("all", |inner| Box::new(all([inner]))),
        ("because", |inner| Box::new(inner.because("it matters"))),
        ("if_any", |inner| Box::new(if_any(span("a")).then(inner))),
        ("all behind a pointer", |inner| Box::new(Arc::new(all((one(span("a")), inner))))),
    ];
    for (name, deeper) in ways {
        let nested = |depth: usize| (0..depth).fold(Box::new(none(span("a"))) as Boxed, |inner, _| deeper(inner));
        let deepest = nested(200);
        assert_eq!(deepest.depth(), 200, "{name}");
        let report = chain(1).check(&deepest).unwrap_err().to_string();
        assert!(report.contains("1 span") && !deepest.to_string().is_empty(), "{name}: {report}");
        drop(deepest);
        let too_deep = std::panic::catch_unwind(|| drop(nested(201))).expect_err("too deep");
        let message = too_deep.downcast_ref::<String>().expect("a message");
        assert!(message.contains("nest 201 deep here, and may nest 200 deep"), "{name}: {message}");
    }
}

#[test]
fn a_name_of_any_length_is_drawn() {
    let name = "SELECT ".repeat(10_000);
    let trace: Trace = (1..40).map(|id| made(if id == 7 { &name } else { "query" }, id, 0, id, 1).build()).collect();
    let shape = shape(&trace);
    assert!(shape.contains(name.trim()), "the shape is whole");
    assert!(shape.len() < 2 * name.len() + 40 * 400, "the others are no wider: {}", shape.len());
    assert!(trace.tree_text().to_string().len() < 10_000 + name.len());
    let report = trace.check(none(span(any()))).unwrap_err().to_string();
    assert!(report.len() < 10_000, "{}", report.len());
    let code = bless(&trace).to_string();
    assert!(code.contains(name.trim()));
}

#[test]
fn an_error_far_to_the_right_is_shown_there() {
    let text = format!("a  key=\"{}\"x", "y".repeat(70_000));
    let error = ForestExpectation::parse(&text).unwrap_err();
    assert_eq!(error.position.column, 70_010);
    let shown = error.to_string();
    let lines: Vec<&str> = shown.lines().skip(1).collect();
    assert_eq!(lines, [format!("  | …{}\"x", "y".repeat(79)), format!("  | …{}^", " ".repeat(80))]);
}

#[test]
fn the_code_of_a_chain_grows_with_it() {
    let [short, long] = [4_000, 16_380].map(|n| {
        let code = bless(&chain(n)).to_string();
        assert_eq!(code.matches("span(").count(), n as usize);
        code.len()
    });
    assert!(long < short * 9 / 2, "{short} characters, {long}");
}

#[test]
fn a_mismatch_of_thousands_of_spans_is_told() {
    let trace: Trace = (1..=4000).map(|id| made("node", id, id / 10, id, 1).build()).collect();
    fn expected(id: u64) -> SpanExpectation {
        let children = (id * 10..id * 10 + 10).filter(|child| *child <= 4000);
        span("knot").children(children.map(expected).collect::<Vec<_>>())
    }
    let mismatch = trace.check(forest((1..10).map(expected))).unwrap_err();
    let report = mismatch.to_string();
    assert!(
        report.starts_with("the trace is not as expected: 4000 spans are missing, 4000 are not expected\n"),
        "{report}"
    );
    assert!(report.lines().count() < 200, "{report}");
}

#[test]
fn characters_that_are_not_seen_are_drawn_by_their_numbers() {
    let name = "pay\u{202e}lairt\u{2066}";
    let trace = Trace::from_spans([made(name, 1, 0, 0, 1).attribute("k\u{feff}", "v\u{200f}").build()]);
    for drawn in [trace.tree_text().to_string(), shape(&trace), trace.check(none(span(any()))).unwrap_err().to_string()]
    {
        assert!(!drawn.contains(['\u{202e}', '\u{2066}', '\u{feff}', '\u{200f}']), "{drawn:?}");
        assert!(drawn.contains("pay\\u202elairt\\u2066"), "{drawn}");
    }
    passes(ForestExpectation::parse(&trace.tree_text().to_string()).unwrap(), &trace);
}
