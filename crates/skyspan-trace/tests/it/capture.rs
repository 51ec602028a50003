//! A capture catches every span of a provider.

use std::time::{Duration, SystemTime};

use opentelemetry::trace::{
    Link, Span as _, SpanBuilder, SpanContext, TraceContextExt, TraceFlags, TraceState, Tracer, TracerProvider,
};
use opentelemetry::{Array, Context, InstrumentationScope, KeyValue, Value as OtelValue};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{SdkTracer, Span as SdkSpan};
use skyspan_trace::trace::{Capture, SeededIds, SpanId, SpanKind, SpanRef, Status, Trace, TraceId};
use skyspan_trace::value::{Value, to_json};

fn at(ns: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_nanos(ns)
}

fn start(tracer: &SdkTracer, name: &'static str, ns: u64) -> SdkSpan {
    tracer.build_with_context(SpanBuilder::from_name(name).with_start_time(at(ns)), &Context::new())
}

fn names(trace: &Trace) -> Vec<&str> {
    trace.spans().map(|span| span.span().name()).collect()
}

#[test]
fn all_of_a_span_is_caught() {
    let capture = Capture::new();
    let resource = Resource::builder_empty()
        .with_schema_url([KeyValue::new("z", 1), KeyValue::new("service.name", "app")], "https://example.org/1")
        .build();
    let provider = capture.provider_builder().with_resource(resource).with_id_generator(SeededIds::new(1)).build();
    let scope = InstrumentationScope::builder("lib").with_version("1.2").with_attributes([KeyValue::new("a", 1)]);
    let tracer = provider.tracer_with_scope(scope.build());

    let state = TraceState::from_key_value([("k", "v"), ("l", "w")]).unwrap();
    let parent = SpanContext::new(TraceId::from(5), SpanId::from(6), TraceFlags::SAMPLED, true, state);
    let link = Link::new(parent.clone(), vec![KeyValue::new("why", "because")], 0);
    let mut span = tracer
        .span_builder(String::from("all"))
        .with_kind(opentelemetry::trace::SpanKind::Consumer)
        .with_start_time(at(10))
        .with_attributes([KeyValue::new("first", 1), KeyValue::new("text", String::from("owned"))])
        .with_links(vec![link])
        .start_with_context(&tracer, &Context::new().with_remote_span_context(parent));
    span.set_attribute(KeyValue::new("floats", OtelValue::Array(Array::F64(vec![1.0, -0.0]))));
    span.set_attribute(KeyValue::new("strings", OtelValue::Array(Array::String(vec!["a".into(), "b".into()]))));
    span.set_attribute(KeyValue::new("bools", OtelValue::Array(Array::Bool(vec![true]))));
    span.set_attribute(KeyValue::new("ints", OtelValue::Array(Array::I64(vec![1, 2]))));
    span.set_attribute(KeyValue::new("first", 2));
    span.add_event_with_timestamp("happened", at(12), vec![KeyValue::new("n", 1.5)]);
    span.set_status(opentelemetry::trace::Status::error("stalled"));
    span.end_with_timestamp(at(343));

    let trace = capture.trace();
    let span = trace.spans().next().unwrap();
    assert_eq!((span.name(), span.kind()), ("all", SpanKind::Consumer));
    assert_eq!((span.trace_id(), span.parent_id()), (TraceId::from(5), Some(SpanId::from(6))));
    assert_eq!((span.start().unix_ns(), span.signed_duration_ns()), (10, Some(333)));
    assert_eq!(*span.status(), Status::error("stalled"));
    assert_eq!(span.trace_state(), "k=v,l=w");
    let attributes: Vec<String> =
        span.attributes().iter().map(|(key, value)| format!("{key}={}", to_json(value))).collect();
    assert_eq!(
        attributes,
        ["text=\"owned\"", "floats=[1.0, -0.0]", "strings=[\"a\", \"b\"]", "bools=[true]", "ints=[1, 2]", "first=2"]
    );
    assert_eq!((&*span.events()[0].name, span.events()[0].timestamp.unix_ns()), ("happened", 12));
    assert_eq!(span.events()[0].attributes.get("n"), Some(&1.5.into()));
    assert_eq!(span.links()[0].span_id, SpanId::from(6));
    assert_eq!(span.links()[0].attributes.get("why"), Some(&"because".into()));
    assert_eq!((span.dropped_attributes(), span.dropped_events(), span.dropped_links()), (0, 0, 0));
    let keys: Vec<&str> = span.resource().attributes.keys().map(|key| key.as_str()).collect();
    assert_eq!((keys, &*span.resource().schema_url), (vec!["service.name", "z"], "https://example.org/1"));
    let scope = span.scope().unwrap();
    assert_eq!((&*scope.name, scope.version.as_deref()), ("lib", Some("1.2")));
    assert_eq!(scope.attributes.get("a"), Some(&1.into()));
    assert!(trace.to_console_json().contains("\"trace_state\": \"['{key=k, value=v}', '{key=l, value=w}']\""));
}

#[test]
fn an_open_span_is_known_and_comes_last() {
    let capture = Capture::new();
    let tracer = capture.provider().tracer("t");
    let mut late = start(&tracer, "late", 1);
    let _open = start(&tracer, "open", 2);
    let mut early = start(&tracer, "early", 3);
    early.end_with_timestamp(at(4));

    assert_eq!((capture.len(), capture.open_count()), (3, 2));
    let open: Vec<String> = capture.open_spans().iter().map(|o| format!("{} {}", o.name, o.start.unix_ns())).collect();
    assert_eq!(open, ["late 1", "open 2"]);
    let before = capture.trace();
    assert_eq!(names(&before), ["early", "late", "open"]);
    assert_eq!(before.unended().count(), 2);
    assert_eq!(capture.trace().draw().without_head().to_string().matches("open").count(), 3);

    late.end_with_timestamp(at(9));
    assert_eq!(names(&capture.trace()), ["early", "late", "open"]);
    assert_eq!((capture.trace().unended().count(), before.unended().count()), (1, 2), "a trace does not change");
}

#[test]
fn spans_outlive_their_provider() {
    let capture = Capture::new();
    let provider = capture.provider();
    let tracer = provider.tracer("t");
    start(&tracer, "before", 1).end();
    let mut open = start(&tracer, "open", 2);
    provider.shutdown().unwrap();
    drop(provider);
    open.end_with_timestamp(at(3));
    drop((open, tracer));
    assert_eq!(names(&capture.trace()), ["before", "open"]);
    assert!(capture.trace().spans().last().unwrap().end().is_none(), "the SDK passes nothing on after a shutdown");
}

#[test]
fn a_trace_shares_its_spans_with_the_capture() {
    let capture = Capture::new();
    let tracer = capture.provider().tracer("t");
    start(&tracer, "one", 1).end_with_timestamp(at(2));
    let place = |trace: &Trace| trace.spans().next().map(SpanRef::span).map(std::ptr::from_ref);
    let (first, second) = (capture.trace(), capture.trace());
    assert_eq!(first.get_in(0, 0), second.get_in(0, 0));
    assert_eq!(first.spans().next(), second.spans().next(), "it is the same trace while nothing comes");
    start(&tracer, "two", 3).end_with_timestamp(at(4));
    assert_eq!(place(&first), place(&capture.trace()));
}

#[test]
fn a_mark_tells_old_spans_from_new() {
    let capture = Capture::new();
    let tracer = capture.provider().tracer("t");
    start(&tracer, "old", 1).end_with_timestamp(at(2));
    let _old_open = start(&tracer, "old and open", 1);
    let mut across = start(&tracer, "ends after the mark", 1);
    let mark = capture.mark();
    assert!(capture.trace_since(mark).is_empty());
    let _open = start(&tracer, "new and open", 3);
    start(&tracer, "new", 4).end_with_timestamp(at(5));
    across.end_with_timestamp(at(6));
    assert_eq!(names(&capture.trace_since(mark)), ["new", "ends after the mark", "new and open"]);
    assert_eq!(capture.trace().len(), 5);

    let later = capture.mark();
    capture.clear();
    assert!(capture.is_empty() && capture.trace().is_empty());
    start(&tracer, "newest", 7).end_with_timestamp(at(8));
    assert_eq!(names(&capture.trace_since(mark)), ["newest"]);
    assert_eq!(names(&capture.trace_since(later)), ["newest"]);
}

#[test]
fn a_span_that_was_open_when_all_was_cleared_is_caught_when_it_ends() {
    let capture = Capture::new();
    let tracer = capture.provider().tracer("t");
    let mut span = start(&tracer, "long", 1);
    capture.clear();
    assert!(capture.is_empty());
    span.end_with_timestamp(at(2));
    assert_eq!(names(&capture.trace()), ["long"]);
}

#[test]
fn each_provider_keeps_its_resource() {
    let capture = Capture::new();
    for name in ["a", "b"] {
        let resource = Resource::builder_empty().with_service_name(name).build();
        let provider = capture.provider_builder().with_resource(resource).build();
        start(&provider.tracer("t"), name, 1).end_with_timestamp(at(2));
    }
    for span in capture.trace().spans() {
        assert_eq!(span.resource().attributes.get("service.name"), Some(&Value::from(span.name())));
    }
}

#[test]
fn nothing_is_dropped_for_being_too_much() {
    let capture = Capture::new();
    let mut span = start(&capture.provider().tracer("t"), "busy", 1);
    for n in 0..1000 {
        span.set_attribute(KeyValue::new(format!("key {n}"), n));
        span.add_event_with_timestamp("e", at(2), vec![]);
    }
    span.end_with_timestamp(at(3));
    let trace = capture.trace();
    let span = trace.spans().next().unwrap();
    assert_eq!((span.attributes().len(), span.events().len()), (1000, 1000));
    assert_eq!((span.dropped_attributes(), span.dropped_events()), (0, 0));
}

#[derive(Debug)]
struct OneId;

impl opentelemetry_sdk::trace::IdGenerator for OneId {
    fn new_trace_id(&self) -> TraceId {
        TraceId::from(1)
    }

    fn new_span_id(&self) -> SpanId {
        SpanId::from(1)
    }
}

#[test]
fn spans_with_the_same_id_are_all_caught() {
    let capture = Capture::new();
    let tracer = capture.provider_builder().with_id_generator(OneId).build().tracer("t");
    let mut spans = [start(&tracer, "a", 1), start(&tracer, "b", 2), start(&tracer, "c", 3)];
    assert_eq!(names(&capture.trace()), ["a", "b", "c"]);
    spans[1].end_with_timestamp(at(9));
    assert_eq!(names(&capture.trace()), ["b", "a", "c"]);
    spans[0].end_with_timestamp(at(9));
    spans[2].end_with_timestamp(at(9));
    assert_eq!((names(&capture.trace()), capture.open_count()), (vec!["b", "a", "c"], 0));
}

#[test]
fn no_span_is_lost_between_threads() {
    let capture = Capture::new();
    let provider = capture.provider();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let tracer = provider.tracer("t");
                for n in 0..2000 {
                    let mut span = start(&tracer, "s", n);
                    if n % 500 == 0 {
                        let _ = capture.trace();
                    }
                    span.end_with_timestamp(at(n + 1));
                }
            });
        }
    });
    assert_eq!((capture.trace().len(), capture.open_count()), (16_000, 0));
    assert!(capture.trace().defects().is_empty());
}

#[test]
fn seeded_captures_give_the_same_bytes() {
    let record = |seed| {
        let capture = Capture::new();
        let tracer = capture.provider_builder().with_id_generator(SeededIds::new(seed)).build().tracer("t");
        for n in 0..20 {
            start(&tracer, "s", n).end_with_timestamp(at(n + 1));
        }
        capture.trace().to_console_json()
    };
    assert_eq!(record(1), record(1));
    assert_ne!(record(1), record(2));
}

#[test]
fn of_equal_times_the_order_of_starting_counts() {
    let capture = Capture::new();
    let tracer = capture.provider().tracer("test");
    let noon = std::time::SystemTime::UNIX_EPOCH;
    let start =
        |name: &'static str| tracer.build(opentelemetry::trace::SpanBuilder::from_name(name).with_start_time(noon));
    let (mut first, mut second, mut third) = (start("first"), start("second"), start("third"));
    third.end_with_timestamp(noon);
    first.end_with_timestamp(noon);
    second.end_with_timestamp(noon);
    let trace = capture.trace();
    assert_eq!(trace.spans().map(|span| span.name().to_owned()).collect::<Vec<_>>(), ["third", "first", "second"]);
    assert_eq!(trace.roots().map(|span| span.name().to_owned()).collect::<Vec<_>>(), ["first", "second", "third"]);
}
