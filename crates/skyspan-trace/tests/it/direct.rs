//! The direct provider of a capture: the same spans as the SDK makes.

use std::time::{Duration, SystemTime};

use opentelemetry::trace::{
    Event, Link, Span, SpanBuilder, SpanContext, SpanId, SpanKind, Status, TraceContextExt as _, TraceFlags, TraceId,
    TraceState, Tracer, TracerProvider,
};
use opentelemetry::{Array, Context, InstrumentationScope, KeyValue, Value};
use opentelemetry_sdk::Resource;
use proptest::prelude::*;
use skyspan_trace::expect::{one, span};
use skyspan_trace::trace::{Capture, SeededIds, Trace};

/// What a program does with a provider.
trait Program {
    fn run<P: TracerProvider>(&self, provider: &P)
    where
        P::Tracer: Tracer,
        <P::Tracer as Tracer>::Span: Send + Sync + 'static;
}

/// The traces of a program with the direct provider, and with the SDK.
fn both(program: &impl Program) -> [Trace; 2] {
    let resource = || Resource::builder_empty().with_attributes([KeyValue::new("b", 2), KeyValue::new("a", 1)]).build();
    let (direct, sdk) = (Capture::new(), Capture::new());
    program.run(&direct.direct_provider().with_resource(resource()).with_id_generator(SeededIds::new(7)));
    let provider = sdk.provider_builder().with_resource(resource()).with_id_generator(SeededIds::new(7)).build();
    program.run(&provider);
    // What is dropped with the tracers must not be missed.
    [direct.trace(), sdk.trace()]
}

fn assert_the_same(program: &impl Program) {
    let [direct, sdk] = both(program);
    assert!(!direct.is_empty());
    let spans = |trace: &Trace| trace.spans().map(|span| format!("{:?}", span.span())).collect::<Vec<_>>();
    assert_eq!(spans(&direct), spans(&sdk));
}

fn at(ms: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_millis(ms)
}

/// One thing done with one of the spans.
#[derive(Clone, Debug)]
enum Step {
    Start { parent: Option<usize>, remote: bool, rich: bool },
    With { span: usize, act: Act },
}

#[derive(Clone, Debug)]
enum Act {
    Attribute(usize, Value),
    Event(usize),
    Link,
    Status(Status),
    Rename,
    End,
}

impl Act {
    fn on(&self, span: &mut impl Span, time: u64) {
        match self {
            Self::Attribute(key, value) => span.set_attribute(KeyValue::new(["a", "b", "c"][key % 3], value.clone())),
            Self::Event(key) => {
                let attributes = vec![KeyValue::new(format!("key {key}"), "value")];
                span.add_event_with_timestamp("happened", at(time), attributes);
            }
            Self::Link => span.add_link(remote_parent(time), vec![KeyValue::new("a", 1.5)]),
            Self::Status(status) => span.set_status(status.clone()),
            Self::Rename => span.update_name(format!("renamed at {time}")),
            Self::End => {
                span.end_with_timestamp(at(time));
                assert!(!span.is_recording());
            }
        }
    }
}

#[derive(Debug)]
struct Steps(Vec<Step>);

impl Program for Steps {
    fn run<P: TracerProvider>(&self, provider: &P)
    where
        <P::Tracer as Tracer>::Span: Send + Sync + 'static,
    {
        let scope = InstrumentationScope::builder("shop").with_version("1.2").with_schema_url("http://schema").build();
        let tracers = [provider.tracer("app"), provider.tracer_with_scope(scope)];
        let mut spans: Vec<<P::Tracer as Tracer>::Span> = Vec::new();
        for (time, step) in (0..).zip(&self.0) {
            let count = spans.len().max(1);
            let (parent, remote, rich) = match step {
                Step::With { span, act } => {
                    if let Some(span) = spans.get_mut(span % count) {
                        act.on(span, time);
                    }
                    continue;
                }
                Step::Start { parent, remote, rich } => (parent, *remote, *rich),
            };
            let name = ["request", "query", "render"][spans.len() % 3];
            let mut builder = SpanBuilder::from_name(name).with_start_time(at(time));
            if rich {
                let link = Link::new(remote_parent(9), vec![KeyValue::new("why", "retry")], 0);
                builder = builder
                    .with_kind(SpanKind::Client)
                    .with_attributes([KeyValue::new("a", 1), KeyValue::new("a", 2)])
                    .with_events(vec![Event::new("begun", at(time), vec![KeyValue::new("b", true)], 0)])
                    .with_links(vec![link]);
            }
            let context = match parent.and_then(|parent| spans.get(parent % count)) {
                Some(parent) => Context::new().with_remote_span_context(parent.span_context().clone()),
                None if remote => Context::new().with_remote_span_context(remote_parent(time)),
                None => Context::new(),
            };
            let span = tracers[spans.len() % 2].build_with_context(builder, &context);
            spans.push(span);
        }
        for (time, span) in (1_000..).zip(&mut spans) {
            span.end_with_timestamp(at(time));
        }
    }
}

fn remote_parent(id: u64) -> SpanContext {
    let state: TraceState = "vendor=1,other=2".parse().unwrap_or_default();
    SpanContext::new(TraceId::from(u128::from(id) + 1), SpanId::from(id + 1), TraceFlags::SAMPLED, true, state)
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        Just(Value::from(1.5)),
        "[a-zäß]{0,60}".prop_map(Value::from),
        prop::collection::vec(any::<i64>(), 0..3).prop_map(|all| Value::Array(Array::I64(all))),
        prop::collection::vec(any::<bool>(), 0..3).prop_map(|all| Value::Array(Array::Bool(all))),
        prop::collection::vec("[a-c]{0,3}", 0..3)
            .prop_map(|all| Value::Array(Array::String(all.into_iter().map(Into::into).collect()))),
    ]
}

fn status() -> impl Strategy<Value = Status> {
    prop_oneof![Just(Status::Unset), Just(Status::Ok), "[a-c]{0,2}".prop_map(Status::error)]
}

fn step() -> impl Strategy<Value = Step> {
    let act = prop_oneof![
        4 => (0..3_usize, value()).prop_map(|(key, value)| Act::Attribute(key, value)),
        1 => (0..9_usize).prop_map(Act::Event),
        1 => Just(Act::Link),
        2 => status().prop_map(Act::Status),
        1 => Just(Act::Rename),
        2 => Just(Act::End),
    ];
    let start = (prop::option::of(0..8_usize), any::<bool>(), any::<bool>());
    prop_oneof![
        1 => start.prop_map(|(parent, remote, rich)| Step::Start { parent, remote, rich }),
        3 => (0..8_usize, act).prop_map(|(span, act)| Step::With { span, act }),
    ]
}

proptest! {
    #[test]
    fn whatever_a_program_does_the_spans_are_those_of_the_sdk(steps in prop::collection::vec(step(), 1..40)) {
        let begin = Step::Start { parent: None, remote: false, rich: false };
        assert_the_same(&Steps([vec![begin], steps].concat()));
    }
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the span ends at the wall clock's time")]
fn a_span_that_is_dropped_ends() {
    let capture = Capture::new();
    let before = SystemTime::now();
    drop(capture.direct_provider().tracer("app").start("request"));
    let trace = capture.trace();
    let end = trace.spans().next().and_then(|span| span.end());
    assert!(end >= Some(before.into()), "{end:?}");
}

#[test]
fn an_open_span_has_what_it_started_with() {
    let capture = Capture::new();
    let tracer = capture.direct_provider().tracer("app");
    let builder = tracer.span_builder("request").with_attributes([KeyValue::new("user", "ada")]);
    let mut request = builder.start(&tracer);
    request.set_attribute(KeyValue::new("items", 3));
    let open = capture.trace();
    let attributes = |trace: &Trace| trace.spans().next().map(|span| span.attributes().clone());
    assert_eq!(attributes(&open), Some([("user", "ada")].into_iter().collect()));
    assert_eq!((capture.open_count(), &*capture.open_spans()[0].name), (1, "request"));

    request.end();
    capture.trace().assert(one(span("request").attr("user", "ada").attr("items", 3)));
    assert_eq!(open.unended().count(), 1, "a trace stays as it was");
    assert_eq!(attributes(&open), Some([("user", "ada")].into_iter().collect()));
}

#[test]
fn what_was_forgotten_while_it_was_open_is_caught_when_it_ends() {
    let capture = Capture::new();
    let mut request = capture.direct_provider().tracer("app").start("request");
    capture.clear();
    assert!(capture.is_empty());
    request.end();
    capture.trace().assert(one(span("request").ended()));
}

#[test]
fn nothing_is_made_where_telemetry_is_suppressed() {
    let capture = Capture::new();
    let tracer = capture.direct_provider().tracer("app");
    let span = tracer.start_with_context("request", &Context::new().with_telemetry_suppressed());
    assert!(!span.is_recording() && !span.span_context().is_valid());
    drop(span);
    assert!(capture.is_empty());
}

#[test]
fn both_providers_may_bring_spans_to_one_capture_in_the_order_in_which_they_end() {
    let capture = Capture::new();
    let (direct, sdk) = (capture.direct_provider().tracer("direct"), capture.provider().tracer("sdk"));
    for at in 0..3 {
        direct.start(format!("direct {at}")).end();
        sdk.start(format!("sdk {at}")).end();
    }
    let trace = capture.trace();
    let names: Vec<&str> = trace.spans().map(|span| span.span().name()).collect();
    assert_eq!(names, ["direct 0", "sdk 0", "direct 1", "sdk 1", "direct 2", "sdk 2"]);
    direct.start("later").end();
    assert_eq!(capture.trace().spans().last().map(|span| span.span().name().to_owned()).as_deref(), Some("later"));
}

#[test]
fn spans_of_many_threads_are_all_caught() {
    let capture = Capture::new();
    let tracer = capture.direct_provider().tracer("app");
    std::thread::scope(|threads| {
        for _ in 0..4 {
            threads.spawn(|| (0..100).for_each(|_| tracer.in_span("work", |_| {})));
        }
    });
    assert_eq!((capture.len(), capture.open_count()), (400, 0));
}
