//! A receiver takes OTLP from live programs, answers as the specification says, and loses nothing.

#![expect(clippy::unwrap_used, reason = "a test's helper may fail the test")]

mod answers;
mod clients;
mod hostile;
mod tests_apart;

use std::process::Command;
use std::time::Duration;

use clients::{Form, grpc, post, request};
use skyspan_trace::expect::{exactly, forest, one, span};
use skyspan_trace::receive::Receiver;
use skyspan_trace::trace::{Awaited, Span, Trace};
use skyspan_trace::value::Timestamp;

fn made(name: &'static str, trace: u128, id: u64) -> skyspan_trace::trace::SpanBuilder {
    let (start, end) = (Timestamp::from_unix_ns(1_000), Timestamp::from_unix_ns(2_000));
    Span::builder(name).trace_id(trace).span_id(id).start(start).end(end)
}

fn trace_of(spans: impl IntoIterator<Item = skyspan_trace::trace::SpanBuilder>) -> Trace {
    Trace::from_spans(spans.into_iter().map(skyspan_trace::trace::SpanBuilder::build))
}

#[test]
fn what_is_sent_is_in_the_trace_in_whatever_form_it_comes() {
    let receiver = Receiver::start().unwrap();
    for (number, form) in (1..).zip([Form::Protobuf, Form::Json]) {
        let sent = trace_of([made("order", number, 1), made("charge", number, 2).parent_id(1).attribute("eur", 5)]);
        let answer = post(&receiver, form, &form.body_of(&sent));
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(answer.header("content-type"), Some(form.content_type()));
    }
    let answer =
        grpc(&receiver, &trace_of([made("order", 3, 1), made("charge", 3, 2).parent_id(1).attribute("eur", 5)]));
    assert_eq!(answer.grpc_status(), Some(0), "{answer:?}");
    let order = || span("order").children([span("charge").attr("eur", 5)]);
    receiver.trace().assert(forest([order(), order(), order()]));
    assert_eq!(receiver.warnings(), [""; 0]);
}

#[test]
fn a_receiver_of_ones_own_has_a_port_of_its_own_and_only_of_this_machine() {
    let (first, second) = (Receiver::start().unwrap(), Receiver::start().unwrap());
    assert_ne!(first.address(), second.address());
    assert!(first.address().ip().is_loopback() && !first.is_beyond_loopback());
    assert_eq!(first.endpoint(), format!("http://{}", first.address()));
    let error = Receiver::options().listen(first.address()).start().unwrap_err();
    assert!(error.to_string().contains("another program has this port"), "{error}");
    let both = Receiver::options().also_listen(([127, 0, 0, 1], 0).into()).start().unwrap();
    assert_eq!(both.addresses().len(), 2);
    for address in both.addresses() {
        assert_eq!(clients::Request::post("/v1/traces").form(Form::Json).body(b"{}").send_to(*address).status, 200);
    }
    let everywhere = Receiver::options().listen(([0, 0, 0, 0], 0).into()).start().unwrap();
    assert!(everywhere.is_beyond_loopback());
    assert!(everywhere.endpoint().starts_with("http://127.0.0.1:"), "{}", everywhere.endpoint());
}

#[test]
fn eight_clients_at_once_lose_no_span() {
    const REQUESTS: u64 = 40;
    const SPANS: u64 = 25;
    let receiver = Receiver::start().unwrap();
    std::thread::scope(|threads| {
        for client in 0..8_u64 {
            let receiver = &receiver;
            threads.spawn(move || {
                for number in 0..REQUESTS {
                    let id = |at: u64| (client * REQUESTS + number) * SPANS + at + 1;
                    let sent = trace_of((0..SPANS).map(|at| made("sent", 1, id(at))));
                    match client % 3 {
                        0 => assert_eq!(grpc(receiver, &sent).grpc_status(), Some(0)),
                        1 => assert_eq!(post(receiver, Form::Json, &Form::Json.body_of(&sent)).status, 200),
                        _ => assert_eq!(post(receiver, Form::Protobuf, &Form::Protobuf.body_of(&sent)).status, 200),
                    }
                }
            });
        }
    });
    let trace = receiver.trace();
    let all = usize::try_from(8 * REQUESTS * SPANS).unwrap();
    trace.assert(exactly(all, span("sent")));
    let mut ids: Vec<_> = trace.spans().map(|span| span.span_id().to_bytes()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), all);
}

#[test]
fn it_is_settled_when_every_parent_has_come() {
    let receiver = Receiver::start().unwrap();
    let send = |sent: Trace| assert_eq!(post(&receiver, Form::Protobuf, &Form::Protobuf.body_of(&sent)).status, 200);
    send(trace_of([made("charge", 1, 2).parent_id(1)]));
    let error = receiver.settled().within(Duration::from_millis(200)).blocking().unwrap_err();
    assert!(matches!(error.awaited, Awaited::Whole { .. }));
    assert!(
        error.to_string().starts_with("within 200ms not every span's parent has come; caught by then: 1 span"),
        "{error}"
    );
    std::thread::scope(|threads| {
        threads.spawn(|| send(trace_of([made("order", 1, 1)])));
        receiver.settled().blocking().unwrap().assert(forest([span("order").children([span("charge")])]));
    });
}

#[test]
fn a_parent_of_another_process_is_not_waited_for() {
    let receiver = Receiver::start().unwrap();
    // The flags of OTLP that say that it is known to be remote.
    let sent = trace_of([made("charge", 1, 2).parent_id(1).flags(0x301)]);
    assert_eq!(post(&receiver, Form::Protobuf, &Form::Protobuf.body_of(&sent)).status, 200);
    receiver.settled().blocking().unwrap().assert(one(span("charge")));
}

#[test]
fn a_test_may_wait_for_the_span_that_must_come() {
    let receiver = Receiver::start().unwrap();
    std::thread::scope(|threads| {
        threads.spawn(|| grpc(&receiver, &trace_of([made("order", 1, 1)])));
        let trace = receiver.capture().wait_until(|trace| trace.named("order").count() == 1).blocking().unwrap();
        assert_eq!(trace.len(), 1);
    });
}

#[test]
fn what_was_received_is_kept_when_nobody_listens_any_more() {
    let receiver = Receiver::start().unwrap();
    let capture = receiver.capture().clone();
    assert_eq!(post(&receiver, Form::Protobuf, &request("order", 1)).status, 200);
    let address = receiver.address();
    drop(receiver);
    assert_eq!(capture.len(), 1);
    assert!(std::net::TcpStream::connect(address).is_err());
}

#[test]
fn metrics_and_logs_are_answered_and_told() {
    let receiver = Receiver::start().unwrap();
    for path in ["/v1/metrics", "/v1/metrics", "/v1/logs"] {
        let answer = clients::Request::post(path).form(Form::Protobuf).body(b"\x0a\x00").send(&receiver);
        assert_eq!((answer.status, &*answer.body), (200, &b""[..]));
    }
    assert!(receiver.trace().is_empty());
    assert_eq!(receiver.warnings(), ["passed over 2 requests of metrics", "passed over 1 request of logs"]);
}

#[test]
fn a_program_is_told_where_to_send_and_by_no_proxy() {
    let receiver = Receiver::start().unwrap();
    let mut command = Command::new("program");
    command.env("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://elsewhere:4318/v1/traces");
    receiver.configure(&mut command);
    let set = |name: &str| {
        let found = command.get_envs().find(|(key, _)| *key == name);
        found.map(|(_, value)| value.map(|value| value.to_str().unwrap().to_owned()))
    };
    assert_eq!(set("OTEL_EXPORTER_OTLP_ENDPOINT"), Some(Some(receiver.endpoint())));
    assert_eq!(set("OTEL_TRACES_EXPORTER"), Some(Some("otlp".to_owned())));
    assert_eq!(set("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"), Some(None));
    assert!(set("NO_PROXY").flatten().is_some_and(|hosts| hosts.ends_with("127.0.0.1")));
}
