//! Jaeger: answers by the definition of its API.

use skyspan_trace::expect::{exactly, forest, span};
use skyspan_trace::store::StoreError;
use skyspan_trace::trace::{Span, Trace};

use super::fetch;
use super::server::{Answer, Server};

fn order(id: u128) -> Trace {
    let charge = Span::builder("charge").trace_id(id).span_id(2).parent_id(1).build();
    Trace::from_spans([Span::builder("order").trace_id(id).span_id(1).build(), charge])
}

#[test]
fn a_trace_is_had_in_version_3_which_is_otlp() {
    // As gRPC's gateway streams it: an object for each part.
    let server = Server::start(|_| {
        let part = |trace: Trace| format!("{{\"result\":{}}}\n", trace.to_otlp_json());
        let all: Vec<Span> = order(5).spans().map(|span| span.span().clone()).collect();
        Answer::json(all.into_iter().map(|span| part(Trace::from_spans([span]))).collect::<String>())
    });
    let reading = fetch(&server, "jaeger", "/5").unwrap();
    reading.trace.assert(forest([span("order").children([span("charge")])]));
    assert_eq!(server.paths(), ["/api/v3/traces/5"]);
}

#[test]
fn a_jaeger_that_knows_no_version_3_is_asked_in_the_other() {
    for (status, content_type, body) in
        [(200, "text/html; charset=utf-8", "<!doctype html><title>Jaeger UI</title>"), (404, "text/plain", "404")]
    {
        let server = Server::start(move |asked| match asked.path.as_str() {
            "/jaeger/api/traces/5" => Answer::json(order(5).to_jaeger_json()),
            _ => Answer::new(status, content_type, body),
        });
        let reading = fetch(&server, "jaeger", "/jaeger/5").unwrap();
        reading.trace.assert(forest([span("order").children([span("charge")])]));
    }
}

#[test]
fn a_trace_that_is_not_there_is_an_error_in_either_version() {
    let server = Server::start(|asked| match asked.path.starts_with("/api/v3/") {
        true => Answer::new(404, "application/json", r#"{"error":{"httpCode":404,"message":"No traces found"}}"#),
        false => Answer::new(
            404,
            "application/json",
            r#"{"data":null,"total":0,"errors":[{"code":404,"msg":"trace not found"}]}"#,
        ),
    });
    let error = fetch(&server, "jaeger", "/5").unwrap_err();
    assert!(matches!(error, StoreError::NoSuchTrace { .. }), "{error}");
}

/// The value of a parameter of a path.
fn parameter(path: &str, key: &str) -> u64 {
    let found = path.split(['?', '&']).find_map(|pair| pair.strip_prefix(key)?.strip_prefix('=')?.parse().ok());
    found.unwrap_or_else(|| panic!("{key} in {path}"))
}

#[test]
fn a_search_gives_each_trace_once_from_all_of_its_time() {
    // A trace a second, which the answers to both neighbours of a border have.
    let server = Server::start(|asked| {
        let seconds = |key| parameter(&asked.path, key) / 1_000_000;
        let limit = usize::try_from(parameter(&asked.path, "limit")).unwrap();
        let spans = (seconds("start")..=seconds("end"))
            .take(limit)
            .flat_map(|second| order(second.into()).spans().map(|span| span.span().clone()).collect::<Vec<_>>());
        Answer::json(Trace::from_spans(spans).to_jaeger_json())
    });
    let reading = fetch(&server, "jaeger", "?service=shop&start=1970-01-01T00:10:00Z&end=1200000000").unwrap();
    reading.trace.assert(exactly(601, span("order").children([span("charge")])));
    assert!(server.paths()[0].starts_with("/api/traces?service=shop&start=600000000&end=1200000000&limit=200"));
}

#[test]
fn a_search_in_version_3_is_handed_on_as_it_is() {
    let server = Server::start(|_| Answer::json(format!("{{\"result\":{}}}", order(5).to_otlp_json())));
    assert_eq!(fetch(&server, "jaeger", "?query.service_name=shop&query.num_traces=3").unwrap().trace.len(), 2);
    assert_eq!(server.paths(), ["/api/v3/traces?query.service_name=shop&query.num_traces=3"]);
    let nothing = Server::start(|_| {
        Answer::new(404, "application/json", r#"{"error":{"httpCode":404,"message":"No traces found"}}"#)
    });
    let error = fetch(&nothing, "jaeger", "?query.service_name=shop").unwrap_err();
    assert!(matches!(error, StoreError::NothingFound { .. }), "{error}");
}
