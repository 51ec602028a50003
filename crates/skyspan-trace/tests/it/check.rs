//! Check files: what they say, and what comes of it.

mod bless;
mod documents;
mod learn;
mod lint;
mod refused;
mod reports;
mod said;

use std::sync::Arc;

use skyspan_trace::check::{CheckFile, CheckReport};
use skyspan_trace::trace::{Event, Link, Resource, Scope, Span, SpanBuilder, SpanKind, Status, Trace};
use skyspan_trace::value::Timestamp;

/// A time so many milliseconds after the beginning.
fn at(ms: u64) -> Timestamp {
    Timestamp::from_unix_ns(1_000_000_000 + ms * 1_000_000)
}

fn span_at(id: u64, name: &'static str, from_ms: u64, to_ms: u64) -> SpanBuilder {
    Span::builder(name).trace_id(1).span_id(id).start(at(from_ms)).end(at(to_ms))
}

/// A scan of two points in one trace: for each a `set` and its status, a wait, and a retry that failed.
fn scan() -> Trace {
    let resource = Arc::new(Resource::new([("service.name", "scan")]));
    let scope = Arc::new(Scope { name: "bluesky.tracing".into(), version: Some("1.0".into()), ..Scope::default() });
    let stage = |span: SpanBuilder, target: f64| span.attribute("device_name", "stage").attribute("target", target);
    let events = [
        Event::new("begun", at(1_510)).with_attributes([("nth", 1)]),
        Event::new("exception", at(1_590))
            .with_attributes([("exception.type", "ValueError"), ("exception.message", "no light")]),
    ];
    let retry = span_at(7, "retry", 1_500, 1_600).parent_id(1).kind(SpanKind::Client);
    let retry = retry.status(Status::error("no light at 3 s")).attribute("body", r#"{"number": 5, "kind": "a"}"#);
    let [begun, exception] = events;
    let link = Link::new(1_u128, 2_u64).with_attributes([("why", "again")]);
    let elsewhere = Link::new(9_u128, 9_u64);
    let spans = [
        stage(span_at(3, "Ophyd Status", 0, 400).parent_id(2), 0.0),
        span_at(2, "Bluesky RunEngine set", 0, 10).parent_id(1).attribute("msg.args", [0.0]),
        stage(span_at(5, "Ophyd Status", 500, 1_500).parent_id(4), 1.0),
        span_at(4, "Bluesky RunEngine set", 500, 510).parent_id(1).attribute("msg.args", [1.0]),
        span_at(6, "Bluesky RunEngine wait", 510, 1_500).parent_id(1).attribute("group", "set-1"),
        retry.event(begun).event(exception).link(link).link(elsewhere),
        span_at(1, "Bluesky RunEngine run", 0, 2_000).attribute("exit_status", "success").attribute("reason", ""),
    ];
    let made = |span: SpanBuilder| span.resource(Arc::clone(&resource)).scope(Arc::clone(&scope)).build();
    spans.into_iter().map(made).collect()
}

fn check(text: &str, trace: &Trace) -> CheckReport {
    let file = CheckFile::parse(text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    file.check(trace).unwrap_or_else(|error| panic!("{error}\n{text}"))
}
