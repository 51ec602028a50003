//! Thirty-six assertions that do not hold: the span, the key, what was expected and what is there instead are in the first five lines
//! of their reports.

#![expect(clippy::unwrap_used, reason = "a test's helper may fail the test")]

use skyspan_trace::expect::{Expected, ForestExpectation, between, event, median, percentile, regex, share};
use skyspan_trace::trace::{Event, Link};

use super::*;

/// So many of them may say it further down.
const LATER_MAX: usize = 2;

/// A report, and the words that tell its cause: span, key, expected, found.
struct Broken {
    what: &'static str,
    report: String,
    words: [&'static str; 4],
}

#[track_caller]
fn broken(what: &'static str, trace: &Trace, expectation: impl Expectation, words: [&'static str; 4]) -> Broken {
    Broken { what, report: trace.check(&expectation).expect_err(what).to_string(), words }
}

const MS: u64 = 1_000_000;

/// Twenty requests, each with a query of 2 ms; the last one takes 4 ms.
fn requests() -> Trace {
    let mut spans = Vec::new();
    for at in 0..20 {
        let (id, start) = (10 * at + 1, 100 * at * MS);
        let request = made("request", id, 0, start, 50 * MS).attribute("http.route", "/orders").kind(SpanKind::Server);
        spans.push(
            request.attribute("retries", 0).event(Event::new("accepted", Timestamp::from_unix_ns(start))).build(),
        );
        let query = made("query", id + 1, id, start + MS, if at == 19 { 4 } else { 2 } * MS).attribute("rows", at);
        spans.push(query.attribute("db", "orders").build());
        spans.push(made("render", id + 2, id, start + 10 * MS, 5 * MS).build());
    }
    Trace::from_spans(spans)
}

/// A plan of 475 moves below one another plan, of which one stalls.
fn moves() -> Trace {
    let mut spans =
        vec![made("align", 1, 0, 0, 500_000 * MS).build(), made("store", 2, 0, 500_000 * MS, 10 * MS).build()];
    for at in 0..475 {
        let stage = if at == 300 { "other" } else { "stage" };
        let lasting = if at == 200 { 3_000 } else { 900 };
        let step =
            made("move", 10 + at, 1, 1_000 * at * MS, lasting * MS).attribute("device", stage).attribute("n", at);
        spans.push(if at == 400 { step.status(Status::error("stalled at 400")).build() } else { step.build() });
    }
    Trace::from_spans(spans)
}

/// Four levels of one thing below another.
fn deep() -> Trace {
    Trace::from_spans([
        made("job", 1, 0, 0, 100).build(),
        made("stage", 2, 1, 0, 90).build(),
        made("task", 3, 2, 0, 80).build(),
        made("step", 4, 3, 0, 70).attribute("level", 3).link(Link::new(1, 1)).build(),
        made("log", 5, 0, 100, 5).build(),
        made("flush", 6, 5, 100, 5).build(),
    ])
}

fn all_broken() -> Vec<Broken> {
    let (plan, requests, moves, deep) = (plan(), requests(), moves(), deep());
    let ophyd = || span("Ophyd Status");
    vec![
        broken(
            "another value",
            &plan,
            every(ophyd()).attr("device_name", "motor1"),
            ["Ophyd Status", "device_name", "motor1", "motor2"],
        ),
        broken(
            "another type",
            &plan,
            every(ophyd()).attr("target", "5"),
            ["Ophyd Status", "target", "\"5\"", "found 5"],
        ),
        broken("no attribute", &plan, every(ophyd()).has_attr("group"), ["Ophyd Status", "group", "expected", "none"]),
        broken(
            "an attribute too many",
            &plan,
            every(ophyd()).no_attr("target"),
            ["Ophyd Status", "target", "expected", "5"],
        ),
        broken(
            "out of a range",
            &plan,
            every(ophyd()).attr("target", between(0.0..=6.0)),
            ["Ophyd Status", "target", "6", "7.5"],
        ),
        broken(
            "another pattern",
            &plan,
            every(ophyd()).attr("device_name", regex("^motor[13]$")),
            ["Ophyd Status", "device_name", "[13]", "motor2"],
        ),
        broken(
            "too long",
            &plan,
            every(ophyd()).lasting(..=secs(1.0)),
            ["Ophyd Status", "duration", "at most 1 s", "2 s"],
        ),
        broken(
            "another parent",
            &plan,
            every(ophyd()).parent(span("demo plan")),
            ["Ophyd Status", "parent", "demo plan", "Bluesky RunEngine set"],
        ),
        broken(
            "no root",
            &plan,
            every(span("Bluesky RunEngine set")).is_root(),
            ["Bluesky RunEngine set", "parent", "none", "demo plan"],
        ),
        broken("one too few", &plan, exactly(3, ophyd()), ["Ophyd Status", "expected", "exactly 3", "found 2"]),
        broken(
            "nearly one",
            &plan,
            one(status("motor1").attr("target", 6)),
            ["Ophyd Status", "target", "expected 6", "found 5"],
        ),
        broken("nearly at least one", &plan, status("motor3"), ["Ophyd Status", "device_name", "motor3", "motor1"]),
        broken(
            "a slip of the pen",
            &plan,
            one(span("Ophyd Statos")),
            ["Ophyd Status", "name", "Ophyd Statos", "found"],
        ),
        broken(
            "a child that is too slow",
            &requests,
            every(span("request")).child(span("query").lasting(..=ms(3))),
            ["request", "query", "at most 3 ms", "4 ms"],
        ),
        broken(
            "a descendant that is too slow",
            &requests,
            every(span("request")).descendant(span("query").lasting(..=ms(3))),
            ["request", "query", "at most 3 ms", "4 ms"],
        ),
        broken(
            "a sibling that is otherwise",
            &requests,
            every(span("render")).sibling(span("query").attr("db", "users")),
            ["render", "db", "users", "orders"],
        ),
        broken(
            "one cause in many places",
            &requests,
            every(span("request")).attr("retries", 1),
            ["20 spans", "retries", "expected 1", "found 0"],
        ),
        broken(
            "another kind",
            &requests,
            every(span("request")).kind(SpanKind::Client),
            ["request", "kind", "Client", "Server"],
        ),
        broken(
            "no event",
            &requests,
            every(span("request")).event(event("answered")),
            ["request", "event", "answered", "accepted"],
        ),
        broken(
            "another order",
            &requests,
            every(span("render")).before(every(span("query"))),
            ["render", "order", "query", "after"],
        ),
        broken(
            "too many at once",
            &requests,
            at_most(1).at_once(span(glob("re*"))),
            ["", "at once", "at most 1", "found 2"],
        ),
        broken(
            "one too many of 475",
            &moves,
            exactly(474, span("move")),
            ["move", "1 of them", "exactly 474", "found 475"],
        ),
        broken(
            "one of 475 takes too long",
            &moves,
            every(span("move")).lasting(..=secs(1.0)),
            ["move", "duration", "at most 1 s", "3 s"],
        ),
        broken(
            "one of 475 is another device",
            &moves,
            every(span("move")).attr("device", "stage"),
            ["move", "device", "stage", "other"],
        ),
        broken("an error", &moves, none(span(any()).status_error()), ["move", "status", "no spans", "stalled at 400"]),
        broken(
            "a median",
            &moves,
            median(span("move")).at_most(ms(800)),
            ["move", "median", "at most 800 ms", "900 ms"],
        ),
        broken(
            "a percentile",
            &moves,
            percentile(99, span("move")).at_most(ms(800)),
            ["move", "percentile", "at most 800 ms", "900 ms"],
        ),
        broken("a total", &moves, total(span("move")).at_most(secs(60.0)), ["move", "total", "at most 1 min", "7 min"]),
        broken(
            "a share of what is elsewhere",
            &moves,
            share(span("store")).of(span("align")).at_least(0.1),
            ["align", "store", "some below", "at the root"],
        ),
        broken(
            "a share",
            &moves,
            share(span("move")).of(span("align")).at_most(0.5),
            ["align", "share", "at most 50 %", "85"],
        ),
        broken(
            "other roots",
            &moves,
            none(span(any()).is_root().but(span("align"))),
            ["store", "root", "no spans", "found 1"],
        ),
        broken(
            "a missing span deep down",
            &deep,
            forest([
                span("job")
                    .children([span("stage").children([span("task").children([span("step").attr("level", 4)])])]),
                span("log").children([span("flush")]),
            ]),
            ["step", "level", "expected 4", "found 3"],
        ),
        broken(
            "a span that has moved",
            &deep,
            tree("job\n  stage\n    task\n  step\nlog\n  flush"),
            ["step", "moved", "under \"job\"", "under \"task\""],
        ),
        broken(
            "a span that nobody expects",
            &deep,
            tree("job\n  stage\n    task\n      step\nlog"),
            ["flush", "under \"log\"", "not expected", ""],
        ),
        broken(
            "at any depth",
            &deep,
            tree("job\n  ** step  level=9\n  ...\nlog\n  flush"),
            ["step", "level", "expected 9", "found 3"],
        ),
        broken(
            "exact attributes",
            &plan,
            one(ophyd().attrs_exactly([("device_name", Expected::from("motor1"))])),
            ["Ophyd Status", "attributes", "no others", "target=5"],
        ),
    ]
}

fn tree(text: &str) -> ForestExpectation {
    ForestExpectation::parse(text).unwrap()
}

#[test]
fn the_first_five_lines_tell_span_key_expected_and_found() {
    let all = all_broken();
    assert_eq!(all.len(), 36);
    let mut later = Vec::new();
    for Broken { what, report, words } in &all {
        let first: Vec<&str> = report.lines().take(5).collect();
        let first = first.join("\n");
        let lacking: Vec<&&str> = words.iter().filter(|word| !first.contains(**word)).collect();
        if !lacking.is_empty() {
            later.push(format!("{what}: {lacking:?} are not in\n{first}\n"));
        }
    }
    assert!(later.len() <= LATER_MAX, "{} of 36:\n{}", later.len(), later.join("\n"));
}

#[test]
fn what_is_wrong_alike_is_told_once_and_marked_in_few_places() {
    let (requests, moves) = (requests(), moves());
    let of_all = requests.check(every(span("request")).attr("retries", 1)).unwrap_err().to_string();
    assert_eq!(of_all.matches("retries: expected 1, found 0").count(), 1 + 3, "{of_all}");
    assert!(of_all.contains("20 spans \"request\", the first at the root at 0 s: retries: expected 1"), "{of_all}");
    let too_many = moves.check(exactly(474, span("move"))).unwrap_err().to_string();
    assert_eq!(too_many.matches("\n  - ").count(), 3, "{too_many}");
    let slow = moves.check(median(span("move")).at_most(ms(800))).unwrap_err().to_string();
    assert_eq!(slow.matches("\n  Σ ").count(), 3, "{slow}");
    let slowest = slow.lines().find(|line| line.ends_with("n=200")).unwrap_or_default();
    assert!(slowest.starts_with("  Σ "), "{slow}");
}

#[test]
fn what_comes_closest_is_marked_where_it_stands() {
    let report = plan().check(one(status("motor1").attr("target", 6))).unwrap_err().to_string();
    let row = report.lines().position(|line| line.starts_with("  ≈ │ └ Ophyd Status")).expect("the closest is marked");
    assert!(report.lines().nth(row + 1).unwrap().contains("target: expected 6, found 5"), "{report}");
    assert_eq!(report.lines().filter(|line| line.starts_with("  + ")).count(), 0, "{report}");
}
