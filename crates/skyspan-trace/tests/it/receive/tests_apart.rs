//! Tests that share a receiver have each its own spans.

use skyspan_trace::expect::{forest, span};
use skyspan_trace::receive::Receiver;
use skyspan_trace::trace::{Resource, SpanBuilder};

use super::clients::{Form, grpc, post};
use super::{made, trace_of};

fn send(receiver: &Receiver, spans: impl IntoIterator<Item = SpanBuilder>) {
    assert_eq!(post(receiver, Form::Protobuf, &Form::Protobuf.body_of(&trace_of(spans))).status, 200);
}

/// The id in a `traceparent`.
fn ids(traceparent: &str) -> (u128, u64) {
    let parts: Vec<&str> = traceparent.split('-').collect();
    (u128::from_str_radix(parts[1], 16).unwrap(), u64::from_str_radix(parts[2], 16).unwrap())
}

#[test]
fn a_request_that_carries_the_traceparent_belongs_to_the_test() {
    let receiver = Receiver::start().unwrap();
    let (first, second) = (receiver.test(), receiver.test());
    for (test, name) in [(&first, "GET /first"), (&second, "GET /second")] {
        let (trace, parent) = ids(&test.traceparent());
        assert_eq!(trace.to_be_bytes(), test.trace_id().to_bytes());
        send(&receiver, [made(name, trace, 1).parent_id(parent), made("query", trace, 2).parent_id(1)]);
    }
    send(&receiver, [made("of nobody", 7, 1)]);
    // The parent that the test has made up is not waited for.
    first.settled().blocking().unwrap().assert(forest([span("GET /first").children([span("query")])]));
    second.settled().blocking().unwrap().assert(forest([span("GET /second").children([span("query")])]));
    assert_eq!(receiver.settled().blocking().unwrap().len(), 5);
}

#[test]
fn a_program_that_has_the_test_in_its_resource_belongs_to_it_with_all_of_its_traces() {
    let receiver = Receiver::start().unwrap();
    let (test, _other) = (receiver.test(), receiver.test());
    let variables = test.environment();
    let (_, attributes) = variables.iter().find(|(name, _)| *name == "OTEL_RESOURCE_ATTRIBUTES").unwrap();
    let (key, id) = attributes.rsplit(',').next().unwrap().split_once('=').unwrap();
    let resource = || Resource::new(serde_json::json!({"service.name": "app", key: id}));
    // What another service has sent of the same trace before belongs to it as well, once that is known.
    send(&receiver, [made("stored", 5, 3).parent_id(2), made("of nobody", 6, 1)]);
    assert!(test.trace().is_empty());
    send(&receiver, [made("request", 5, 2).resource(resource()), made("alone", 8, 1).resource(resource())]);
    send(&receiver, [made("mailed", 5, 4).parent_id(2)]);
    test.trace().assert(forest([span("request").children([span("stored"), span("mailed")]), span("alone")]));
    assert_eq!(receiver.trace().len(), 5);
}

#[test]
fn a_hundred_tests_in_parallel_each_have_their_own() {
    let receiver = Receiver::start().unwrap();
    std::thread::scope(|threads| {
        for _ in 0..20 {
            threads.spawn(|| {
                for _ in 0..5 {
                    let test = receiver.test();
                    let (trace, parent) = ids(&test.traceparent());
                    let spans = (1..=10).map(|id| made("step", trace, id).parent_id(parent));
                    assert_eq!(grpc(&receiver, &trace_of(spans)).grpc_status(), Some(0));
                    assert_eq!(test.trace().len(), 10);
                    assert!(test.trace().spans().all(|span| span.trace_id() == test.trace_id()));
                }
            });
        }
    });
    assert_eq!(receiver.trace().len(), 1000);
}
