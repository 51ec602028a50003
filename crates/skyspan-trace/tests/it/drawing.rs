//! A trace is drawn for people: what failed, when, and how long nothing seemed to happen.

use std::time::Duration;

use skyspan_trace::trace::{
    AttributeChoice, Attributes, Drawing, Event, Lull, Span, SpanBuilder, SpanKind, Status, Trace,
};
use skyspan_trace::value::Timestamp;

const MS: u64 = 1_000_000;

fn at(ms: u64) -> Timestamp {
    Timestamp::from_unix_ns(1_718_700_056_000_000_000 + ms * MS)
}

/// A span of trace 1; parent 0 is none. Times are in milliseconds.
fn span(name: &str, id: u64, parent: u64, start: u64, duration: u64) -> SpanBuilder {
    Span::builder(name).trace_id(1).span_id(id).parent_id(parent).start(at(start)).end(at(start + duration))
}

/// A service that asks a database, twenty times; the last time it does not answer.
fn service() -> Trace {
    let mut spans = vec![
        span("GET /orders/{id}", 1, 0, 0, 1_000)
            .kind(SpanKind::Server)
            .attribute("http.route", "/orders/{id}")
            .status(Status::error("TimeoutError: no answer"))
            .build(),
    ];
    for at in 0..20 {
        let query = span("SELECT orders", 2 + at, 1, 10 * at, 4).kind(SpanKind::Client).attribute("db.rows", at);
        spans.push(match at {
            19 => query
                .end(self::at(990))
                .status(Status::error(""))
                .event(exception(990, "TimeoutError", "no answer"))
                .build(),
            _ => query.build(),
        });
    }
    spans.push(span("render", 30, 1, 990, 10).event(Event::new("cache miss", self::at(993))).build());
    Trace::from_spans(spans)
}

fn exception(ms: u64, kind: &str, message: &str) -> Event {
    let attributes = [("exception.type", kind), ("exception.message", message)];
    Event::new("exception", at(ms)).with_attributes(Attributes::from_iter(attributes))
}

/// A scan as bluesky leaves it: roots, each of a trace of its own.
fn scan(points: u64) -> Vec<Span> {
    let loose = |name: &str, id: u64, start: u64, duration: u64| {
        Span::builder(name).trace_id(u128::from(id)).span_id(id).start(at(start)).end(at(start + duration))
    };
    let kwargs = r#"{"plan_name": "scan", "num_points": 3}"#;
    let run = loose("Bluesky RunEngine run", 1, 0, 1_500 * points).attribute("msg.kwargs", kwargs);
    let mut spans = vec![run.attribute("exit_status", "success").build()];
    for point in 0..points {
        let (id, start) = (10 + 10 * point, 1_500 * point);
        let target = point as f64 / 3.0;
        spans.push(loose("Bluesky RunEngine set", id, start, 0).attribute("msg.args", [target]).build());
        let status = loose("Ophyd Status", id + 1, start, 1_000 + point).trace_id(u128::from(id)).parent_id(id);
        spans.push(status.attribute("device_name", "stage").attribute("target", target).build());
        spans.push(loose("Bluesky RunEngine wait", id + 2, start, 1_000 + point).attribute("group", "set").build());
        spans.push(loose("Bluesky RunEngine wait", id + 3, start + 1_000 + point, 500 - point).build());
    }
    spans
}

#[track_caller]
fn is_drawn(drawing: &Drawing<'_>, expected: &str) {
    assert_eq!(drawing.to_string().trim_end(), expected.trim(), "\n{drawing}");
}

#[test]
fn what_failed_is_seen_first() {
    is_drawn(
        &service().draw().width(80),
        "
22 spans, 1 s, 2 failed, from 2024-06-18 08:40:56 UTC
✗    0 s  GET /orders/{id}        1 s  TimeoutError: no answer  server http.rou…
     0 s  ├ SELECT orders ×19    4 ms  each  client db.rows=0 to 18
✗ 190 ms  ├ SELECT orders      800 ms  TimeoutError: no answer  client db.rows=…
  990 ms  └ render              10 ms  (cache miss at 3 ms)",
    );
}

#[test]
fn a_narrow_terminal_gets_what_matters() {
    is_drawn(
        &service().draw().width(40),
        "
22 spans, 1 s, 2 failed
✗    0 s  GET /orders/{id}        1 s
            TimeoutError: no answer
     0 s  ├ SELECT orders ×19    4 ms
✗ 190 ms  ├ SELECT orders      800 ms
              TimeoutError: no answer
  990 ms  └ render              10 ms",
    );
}

#[test]
fn what_repeats_is_drawn_once_with_the_middle_and_the_longest() {
    let trace = Trace::from_spans(scan(3));
    is_drawn(
        &trace.draw().width(100),
        "
13 spans, 4.5 s, from 2024-06-18 08:40:56 UTC
0 s  Bluesky RunEngine run      4.5 s  plan_name=scan num_points=3 exit_status=success
0 s  3 times:                   1.5 s  each
0 s  ├ Bluesky RunEngine set      0 s  each  msg.args=[0.0] to [0.666667]
0 s  │ └ Ophyd Status             1 s  each  device_name=stage target=0.0 to 0.666667
0 s  ├ Bluesky RunEngine wait     1 s  each  group=set
1 s  └ Bluesky RunEngine wait  499 ms  p50, max 500 ms",
    );
    let unfolded = trace.draw().unfolded().exact().to_string();
    assert_eq!(unfolded.lines().count(), 1 + trace.len(), "{unfolded}");
    assert!(unfolded.contains("1.001 s") && unfolded.contains("target=0.6666666666666666"), "{unfolded}");
}

#[test]
fn repetitions_within_repetitions_are_folded_too() {
    let mut spans = Vec::new();
    for line in 0..5 {
        spans.push(span("line", 1 + 100 * line, 0, 1_000 * line, 10).build());
        spans.extend(
            (0..20).map(|point| span("point", 2 + point + 100 * line, 0, 1_000 * line + 10 + point, 1).build()),
        );
    }
    let drawn = Trace::from_spans(spans).draw().width(60).without_head().to_string();
    // After the last line nothing comes.
    assert_eq!(drawn.lines().count(), 6, "{drawn}");
    assert!(drawn.contains("4 times:") && drawn.contains("├ point ×20"), "{drawn}");
    assert!(drawn.contains("⋯ 970 ms without a span"), "{drawn}");
}

#[test]
fn neighbours_that_differ_in_how_they_went_are_not_folded() {
    let equal = |changed: fn(SpanBuilder) -> SpanBuilder| {
        let spans = (0..5).map(|at| {
            let span = span("move", 1 + at, 0, at, 1);
            if at == 2 { changed(span).build() } else { span.build() }
        });
        Trace::from_spans(spans).draw().to_string().contains('×')
    };
    assert!(equal(|span| span));
    assert!(equal(|span| span.attribute("target", 5)));
    assert!(!equal(|span| span.status(Status::error("stalled"))));
    assert!(!equal(|span| span.event(exception(2, "E", "m"))));
    assert!(!equal(|span| span.kind(SpanKind::Client)));
    assert!(!equal(|span| span.attribute("device_name", "other")));
}

#[test]
fn a_time_without_a_span_is_drawn_where_it_is() {
    let trace = Trace::from_spans([
        span("align", 1, 0, 0, 100_000).build(),
        span("move", 2, 1, 0, 20_000).build(),
        span("expose", 3, 1, 50_000, 49_500).build(),
        span("later", 4, 0, 160_000, 1_000).build(),
    ]);
    is_drawn(
        &trace.draw().width(60),
        "
4 spans, 2 min 41 s, from 2024-06-18 08:40:56 UTC
       0 s  align     1 min 40 s
       0 s  ├ move          20 s
      20 s  ├ ⋯ 30 s without a span
      50 s  └ expose      49.5 s
1 min 40 s  ⋯ 1 min without a span
2 min 40 s  later            1 s",
    );
}

#[test]
fn a_time_of_which_it_is_known_what_it_was_says_so() {
    let trace = Trace::from_spans([span("move", 1, 0, 0, 1_000).build(), span("move", 2, 0, 40_000, 1_000).build()]);
    let lulls = [
        Lull::new(at(5_000), at(35_000), "suspended: beam"),
        // While something moves it is no time in which nothing happens.
        Lull::new(at(100), at(900), "sleep"),
        Lull::new(at(41_000), at(43_000), "paused"),
    ];
    is_drawn(
        &trace.draw().width(60).lulls(lulls),
        "
2 spans, 41 s, from 2024-06-18 08:40:56 UTC
 0 s  move  1 s
 1 s  ⋯ 4 s without a span
 5 s  ⋯ 30 s suspended: beam
35 s  ⋯ 5 s without a span
40 s  move  1 s
41 s  ⋯ 2 s paused",
    );
}

#[test]
fn what_is_drawn_can_be_chosen() {
    let (service, run) = (service(), Trace::from_spans(scan(3)));
    let names = |drawing: Drawing<'_>| -> Vec<String> {
        let text = drawing.without_head().width(300).unfolded().to_string();
        let words = text.lines().filter(|line| !line.ends_with("are drawn"));
        words
            .map(|line| {
                line.replace(['├', '└', '│', '✗'], " ").split_whitespace().skip(2).take(2).collect::<Vec<_>>().join(" ")
            })
            .collect()
    };
    assert_eq!(names(service.draw().errors()), ["GET /orders/{id}", "SELECT orders"]);
    assert_eq!(names(service.draw().slower(Duration::from_millis(800))), ["GET /orders/{id}", "SELECT orders"]);
    assert_eq!(names(service.draw().since(Duration::from_millis(991))), ["GET /orders/{id}", "render 10"]);
    assert_eq!(names(service.draw().until(Duration::from_millis(9))), ["GET /orders/{id}", "SELECT orders"]);
    assert_eq!(names(run.draw().device("stage")).len(), 6);
    let depth = service.draw().depth(1).width(100).to_string();
    assert!(depth.contains("(21 spans below)") && depth.ends_with("1 of 22 spans are drawn\n"), "{depth}");
    let several = Trace::from_spans(scan(2).into_iter().chain([
        Span::builder("Bluesky RunEngine run").trace_id(99).span_id(99).start(at(5_000)).end(at(9_000)).build(),
        Span::builder("Bluesky RunEngine wait").trace_id(98).span_id(98).start(at(5_000)).end(at(6_000)).build(),
    ]));
    assert_eq!(names(several.draw().run(2).unwrap()), ["Bluesky RunEngine", "Bluesky RunEngine", "⋯ 3"]);
    assert_eq!(names(several.draw().run(1).unwrap()).len(), 9);
    let error = several.draw().run(3).unwrap_err().to_string();
    assert_eq!(error, "expected the number of a run, of which the trace has 2, counted from 1, found 3");
}

#[test]
fn several_traces_are_told_apart() {
    let request = |trace: u128, start: u64| {
        let made = |name: &str, id: u64, parent: u64| {
            Span::builder(name)
                .trace_id(trace)
                .span_id(id)
                .parent_id(parent)
                .start(at(start))
                .end(at(start + 5))
                .build()
        };
        [made("request", 1, 0), made(if trace == 7 { "update" } else { "query" }, 2, 1)]
    };
    let trace = Trace::from_spans(
        [(1, 0), (7, 10), (2, 20), (3, 30), (4, 40)].into_iter().flat_map(|(id, at)| request(id, at)),
    );
    is_drawn(
        &trace.draw().width(60).without_head(),
        "
trace 00000000000000000000000000000001
  0 s  request     5 ms
  0 s  └ query     5 ms
 5 ms  ⋯ 5 ms without a span
trace 00000000000000000000000000000007
10 ms  request     5 ms
10 ms  └ update    5 ms
trace 00000000000000000000000000000002 and 2 others
15 ms  3 times:   10 ms  each
15 ms  ├ ⋯ 5 ms without a span  each
20 ms  └ request   5 ms  each
20 ms    └ query   5 ms  each",
    );
}

#[test]
fn no_line_is_wider_than_the_terminal_whatever_is_in_it() {
    let words = [
        "电机位置传感器",
        "e\u{301}le\u{301}ment",
        "🔬🔬🔬",
        "Bluesky RunEngine set",
        "a\tb\u{202e}c",
        "n",
        &"long ".repeat(60),
    ];
    let mut spans = Vec::new();
    for (id, word) in (1_u64..).zip(words.iter().cycle().take(60)) {
        let made = span(word, id, id / 3, id, id * 7_919 % 10_000).attribute(word.repeat(2), *word);
        spans.push(if id % 5 == 0 { made.status(Status::error(word.repeat(4))).build() } else { made.build() });
    }
    spans.extend((100..160).map(|id| span("deep", id, if id == 100 { 0 } else { id - 1 }, id, 9_000).build()));
    let trace = Trace::from_spans(spans);
    for width in [20, 33, 40, 57, 80, 110, 120, 200, 1_000] {
        for attributes in [AttributeChoice::All, AttributeChoice::Key, AttributeChoice::None] {
            let drawing = trace.draw().width(width).attributes(attributes);
            let text = drawing.to_string();
            for line in text.lines() {
                assert!(columns(line) <= width, "{width}: {} columns: {line:?}", columns(line));
            }
            assert_eq!(without_colors(&drawing.colored(true).to_string()), text);
        }
    }
}

/// Not by the crate that the drawing asks: what is wide and what combines of the letters above.
fn columns(line: &str) -> usize {
    let of = |c: char| match c {
        '\u{300}'..='\u{36f}' => 0,
        '\u{4e00}'..='\u{9fff}' | '\u{1f300}'..='\u{1faff}' => 2,
        _ => 1,
    };
    line.chars().map(of).sum()
}

fn without_colors(text: &str) -> String {
    let mut parts = text.split("\x1b[");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |all, part| all + part.split_once('m').map_or(part, |(_, rest)| rest))
}

#[test]
fn every_span_is_on_some_line() {
    // Folded members count: nothing is lost, in whichever way spans repeat.
    for pattern in ["aaaa", "abababab", "aabaabaab", "abcabcabcd", "abbabbabbabb", "aaabaaabaaabaaab", "abcdef"] {
        let spans = (0_u64..).zip(pattern.chars()).map(|(id, name)| span(&name.to_string(), 1 + id, 0, id, 1).build());
        let trace = Trace::from_spans(spans);
        let drawn = trace.draw().without_head().attributes(AttributeChoice::None).width(80).to_string();
        let mut around: Vec<usize> = Vec::new();
        let mut total = 0;
        for line in drawn.lines() {
            let label = line.split("  ").filter(|part| !part.trim().is_empty()).nth(1).unwrap();
            let depth = label.matches(['├', '└', '│']).count();
            around.truncate(depth);
            let times = label.split_once('×').and_then(|(_, times)| times.trim().parse().ok()).unwrap_or(1);
            let outer: usize = around.iter().product();
            match label.split_once(" times:") {
                Some((times, _)) => around.push(times.trim_start_matches(['├', '└', '│', ' ']).parse().unwrap()),
                None => {
                    total += outer * times;
                    around.push(1);
                }
            }
        }
        assert_eq!(total, pattern.len(), "{pattern}\n{drawn}");
    }
}

#[test]
fn services_and_spans_that_are_open_or_unknown_are_told() {
    let of = |service: &str| skyspan_trace::trace::Resource::new([("service.name", service)]);
    let trace = Trace::from_spans([
        span("checkout", 1, 0, 0, 50).resource(of("shop")).build(),
        Span::builder("charge").trace_id(1).span_id(2).parent_id(1).start(at(1)).resource(of("bank")).build(),
    ]);
    is_drawn(
        &trace.draw().width(60),
        "
2 spans, 50 ms, 1 open, from 2024-06-18 08:40:56 UTC
 0 s  checkout  50 ms  [shop]
1 ms  └ charge   open  [bank]",
    );
    assert_eq!(Trace::default().draw().to_string(), "(no spans)\n");
}

#[test]
fn a_long_tree_lists_what_failed_before_it() {
    let mut spans: Vec<Span> = (0..100).map(|at| span(&format!("step {at}"), 1 + at, 0, at, 1).build()).collect();
    spans.extend((0..3).map(|at| span("store", 200 + at, 0, 50 + at, 1).status(Status::error("disk full")).build()));
    spans.push(span("send", 300, 0, 70, 1).status(Status::error("no route")).build());
    let drawn = Trace::from_spans(spans).draw().width(80).to_string();
    let first: Vec<&str> = drawn.lines().take(4).collect();
    assert_eq!(
        first,
        [
            "104 spans, 100 ms, 4 failed, from 2024-06-18 08:40:56 UTC",
            "✗ 50 ms  store ×3: disk full",
            "✗ 70 ms  send: no route",
            ""
        ]
    );
}
