//! A small change of a trace is a small change of its shape.

use skyspan::clock::Timestamp;
use skyspan::expect::{Shape, glob, shape};
use skyspan::prelude::*;
use skyspan::trace::{Attributes, Capture, Event, Link, Resource, Span, SpanBuilder, Status, Trace};

/// The lines that only one of two texts has.
fn changed(old: &str, new: &str) -> (Vec<String>, Vec<String>) {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    let mut common = vec![vec![0; new.len() + 1]; old.len() + 1];
    for o in (0..old.len()).rev() {
        for n in (0..new.len()).rev() {
            let longest: usize = common[o + 1][n].max(common[o][n + 1]);
            common[o][n] = if old[o] == new[n] { common[o + 1][n + 1] + 1 } else { longest };
        }
    }
    let (mut o, mut n, mut gone, mut come) = (0, 0, Vec::new(), Vec::new());
    while o < old.len() || n < new.len() {
        if o < old.len() && n < new.len() && old[o] == new[n] {
            (o, n) = (o + 1, n + 1);
        } else if n == new.len() || (o < old.len() && common[o + 1][n] >= common[o][n + 1]) {
            gone.push(old[o].to_owned());
            o += 1;
        } else {
            come.push(new[n].to_owned());
            n += 1;
        }
    }
    (gone, come)
}

/// Five moves, each with an exposure after it; `exposure_s` is that of the third.
fn scan(points: usize, exposure_s: f64) -> Trace {
    let lab = Harness::new();
    let stage = lab.add(SimMotor::new("stage").velocity(2.0).acceleration_time_s(0.0));
    let run = lab.run(plan(async move |p| {
        p.open_run(Attributes::new()).await?;
        for point in 0..points {
            p.mv(&stage, point as f64).await?;
            p.sleep(if point == 2 { exposure_s } else { 1.0 }).await?;
        }
        p.close_run().await
    }));
    run.trace().clone()
}

#[test]
fn a_wait_that_takes_longer_changes_the_line_after_it_and_that_of_the_run() {
    let (gone, come) = changed(&shape(&scan(5, 1.0)), &shape(&scan(5, 1.5)));
    assert_eq!((gone.len(), come.len()), (2, 2), "{gone:#?} {come:#?}");
    assert!(gone[0].starts_with("Bluesky RunEngine run  7 s") && gone[1].contains("after 1 s"), "{gone:#?}");
    assert!(come[0].starts_with("Bluesky RunEngine run  7.5 s") && come[1].contains("after 1.5 s"), "{come:#?}");
}

#[test]
fn a_point_more_is_a_few_lines_more() {
    let of_a_point = shape(&scan(2, 1.0)).lines().count() - shape(&scan(1, 1.0)).lines().count();
    let (gone, come) = changed(&shape(&scan(4, 1.0)), &shape(&scan(5, 1.0)));
    assert_eq!((gone.len(), come.len()), (1, 1 + of_a_point), "{gone:#?} {come:#?}");
}

/// A request with three queries, each of which has an event.
fn request() -> Vec<SpanBuilder> {
    let at = |ms: u64| Timestamp::from_unix_ns(1_700_000_000_000_000_000 + ms * 1_000_000);
    let made = |name: &str, id: u64, parent: u64, start: u64, end: u64| {
        Span::builder(name.to_owned()).trace_id(1).span_id(id).parent_id(parent).start(at(start)).end(at(end))
    };
    let mut spans = vec![made("GET /orders", 1, 0, 0, 100).attribute("http.route", "/orders")];
    for query in 0..3 {
        let group = format!("query-{query:06x}");
        let long = format!("SELECT * FROM orders WHERE customer = {query} ORDER BY placed_at DESC LIMIT 100");
        let start = 10 + 20 * query;
        spans.push(
            made("query", 2 + query, 1, start, start + 20)
                .attribute("db.statement", long)
                .attribute("rows", query)
                .attribute("group", group)
                .event(Event::new("row", at(start + 3)).with_attributes(Attributes::from_iter([("number", query)]))),
        );
    }
    spans
}

fn text(spans: Vec<SpanBuilder>) -> String {
    shape(&Trace::from_spans(spans.into_iter().map(SpanBuilder::build)))
}

#[test]
fn each_of_six_small_changes_is_a_diff_of_as_many_lines() {
    let at = |ms: u64| Timestamp::from_unix_ns(1_700_000_000_000_000_000 + ms * 1_000_000);
    type Change = fn(&mut Vec<SpanBuilder>);
    // What is changed, how, and how many lines go and come.
    let changes: [(&str, Change, usize, usize); 6] = [
        ("one attribute", |spans| spans[2] = spans[2].clone().attribute("rows", 17), 1, 1),
        ("one long text", |spans| spans[2] = spans[2].clone().attribute("db.statement", "SELECT 1 ".repeat(9)), 1, 1),
        ("one event more", |spans| spans[3] = spans[3].clone().event(Event::new("slow", Timestamp::EPOCH)), 0, 1),
        ("one span less", |spans| _ = spans.pop(), 3, 0),
        ("one name", |spans| spans[3] = rename(&spans[3]), 1, 1),
        ("one span fails", |spans| spans[1] = spans[1].clone().status(Status::error("timeout")), 1, 1),
    ];
    let before = text(request());
    assert_eq!(before.lines().count(), 10, "{before}");
    for (what, change, gone, come) in changes {
        let mut spans = request();
        change(&mut spans);
        let found = changed(&before, &text(spans));
        assert_eq!((found.0.len(), found.1.len()), (gone, come), "{what}: {found:#?}");
    }
    // The last ends later, and nothing is after it.
    let mut spans = request();
    spans[3] = spans[3].clone().end(at(90));
    let found = changed(&before, &text(spans));
    assert_eq!((found.0.len(), found.1.len()), (1, 1), "one duration: {found:#?}");
    // All that comes after a span that takes longer comes so much later.
    let mut spans = request();
    spans[1] = spans[1].clone().end(at(35));
    spans[2] = spans[2].clone().start(at(35)).end(at(55));
    spans[3] = spans[3].clone().start(at(55)).end(at(75));
    let found =
        changed(&before.replace("after 3 ms", ""), &text(spans).replace("after 3 ms", "").replace("after -2 ms", ""));
    assert_eq!(found.0.iter().filter(|line| line.contains("query  20 ms")).count(), 1, "{found:#?}");
}

fn rename(span: &SpanBuilder) -> SpanBuilder {
    let span = span.clone().build();
    let mut renamed = Span::builder("fetch").trace_id(1).span_id(span.span_id()).parent_id(1).start(span.start());
    for (key, value) in span.attributes() {
        renamed = renamed.attribute(key.clone(), value.clone());
    }
    let end = span.end().unwrap_or_default();
    span.events().iter().fold(renamed.end(end), |renamed, event| renamed.event(event.clone()))
}

#[test]
fn the_order_at_one_instant_is_kept_where_the_clock_is_simulated() {
    // Nothing takes any time: all is at one instant.
    let run = |order: [&'static str; 3]| {
        let lab = Harness::new();
        let run = lab.run(plan(async move |p| {
            for step in order {
                p.trace(step, async |p| p.checkpoint().await).await?;
            }
            Ok(())
        }));
        run.trace().clone()
    };
    let [right, wrong] = [run(["open", "expose", "close"]), run(["close", "open", "expose"])];
    assert!(right.order_is_certain());
    assert_ne!(shape(&right), shape(&wrong));
    assert_eq!(shape(Shape::of(&right).unordered()), shape(Shape::of(&wrong).unordered()));
    // What is made of a trace keeps it, and what was read has lost it.
    assert!(right.grouped_by_run().trace.order_is_certain() && right.ended().order_is_certain());
    let read: Trace = serde_json::from_str(&serde_json::to_string(&right).unwrap()).unwrap();
    assert!(!read.order_is_certain());
}

#[test]
fn an_order_that_threads_decide_on_is_not_believed() {
    use opentelemetry::trace::{Tracer as _, TracerProvider as _};
    let capture = Capture::new().in_certain_order();
    let tracer = capture.provider().tracer("app");
    tracer.in_span("one", |_| {});
    assert!(capture.trace().order_is_certain());
    std::thread::spawn(move || tracer.in_span("other", |_| {})).join().unwrap();
    assert!(!capture.trace().order_is_certain());
}

#[test]
fn what_a_shape_does_not_see_it_shows_where_it_is_asked_for() {
    let plain = || Span::builder("a").trace_id(1).span_id(1);
    let shop = Resource::new(serde_json::json!({"service.name": "shop"}));
    type Asked = for<'t> fn(Shape<'t>) -> Shape<'t>;
    let cases: [(SpanBuilder, Asked, &str); 4] = [
        (plain().resource(shop), |shape| shape.with_resource(), "a  open\n  │ resource  service.name=\"shop\"\n"),
        (plain().dropped(0, 1, 2), |shape| shape.with_dropped(), "a  open  dropped 1 event, 2 links\n"),
        (plain().trace_state("a=1"), |shape| shape.with_trace_state(), "a  open  trace state \"a=1\"\n"),
        (
            plain().link(Link::new(9, 9).with_trace_state("b=2")),
            |shape| shape.with_trace_state(),
            "a  open\n  │ link to elsewhere  trace state \"b=2\"\n",
        ),
    ];
    for (span, asked, expected) in cases {
        let trace = Trace::from_spans([span.build()]);
        assert_eq!(asked(Shape::of(&trace)).to_string(), expected);
        assert!(!shape(&trace).contains("shop") && !shape(&trace).contains("dropped") && !shape(&trace).contains("=1"));
    }
}

#[test]
fn a_text_of_many_lines_stands_on_as_many() {
    let trace =
        "Traceback (most recent call last):\n  File \"scan.py\", line 3, in scan\n    raise ValueError(\"\\n\")\n";
    let span = Span::builder("a").attribute("exception.stacktrace", trace).attribute("k", 1).build();
    assert_eq!(
        shape(&Trace::from_spans([span])),
        r#"a  open  k=1
  │ exception.stacktrace="Traceback (most recent call last):\n
  │       File \"scan.py\", line 3, in scan\n
  │         raise ValueError(\"\\n\")\n"
"#
    );
}

#[test]
fn times_that_a_clock_measured_are_left_out_of_attributes() {
    let status = |elapsed: f64, at: &str| {
        Trace::from_spans([Span::builder("a")
            .attribute("elapsed", elapsed)
            .attribute("busy_ns", (elapsed * 1e9) as u64)
            .attribute("exposure_s", 0.5)
            .attribute("object_repr", format!("MoveStatus(done=True, elapsed={elapsed:.1}, success=True)"))
            .attribute("said", format!("at {at} it began"))
            .build()])
    };
    let text = |trace: &Trace| shape(Shape::of(trace).without_times());
    let one = status(1.5, "2024-06-18T08:40:56.25Z");
    assert_eq!(text(&one), text(&status(2.25, "2025-01-01 00:00:00+01:00")));
    assert_eq!(
        text(&one),
        r#"a  open  elapsed=<time> busy_ns=<time> exposure_s=0.5 said="at <time> it began"
  │ object_repr="MoveStatus(done=True, elapsed=<time>, success=True)"
"#
    );
    assert!(shape(&one).contains("elapsed=1.5 busy_ns=1500000000"));
    assert_eq!(shape(Shape::of(&one).without_times().only_keys([glob("expo*")])), "a  open  exposure_s=0.5\n");
}
