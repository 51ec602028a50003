//! Each request is answered as the specification of OTLP says.

use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceResponse;
use prost::Message as _;
use skyspan_trace::expect::{one, span};
use skyspan_trace::receive::Receiver;
use skyspan_trace::trace::Trace;
use std::io::Write as _;

use super::clients::{Form, Request, framed, grpc_call, post, request};
use super::{made, trace_of};

const EXPORT: &str = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn what_is_compressed_is_taken() {
    let receiver = Receiver::start().unwrap();
    let body = request("order", 1);
    for (encoding, body) in [("gzip", gzip(&body)), ("deflate", zlib(&body)), ("identity", body.clone())] {
        let posted = Request::post("/v1/traces").form(Form::Protobuf).header("content-encoding", encoding).body(&body);
        let answer = posted.send(&receiver);
        assert_eq!(answer.status, 200, "{encoding}: {answer:?}");
    }
    let json = gzip(&Form::Json.body_of(&trace_of([made("order", 1, 1)])));
    let posted = Request::post("/v1/traces").form(Form::Json).header("content-encoding", "gzip").body(&json);
    assert_eq!((posted.send(&receiver).status, receiver.trace().len()), (200, 4));
    for (encoding, message) in [("gzip", gzip(&body)), ("deflate", zlib(&body))] {
        let answer = grpc_call(&receiver, EXPORT, &[("grpc-encoding", encoding)], &framed(1, &message));
        assert_eq!(answer.grpc_status(), Some(0), "{encoding}: {answer:?}");
    }
    // A client that has agreed on a compression may still send a message without.
    let answer = grpc_call(&receiver, EXPORT, &[("grpc-encoding", "gzip")], &framed(0, &body));
    assert_eq!((answer.grpc_status(), receiver.trace().len()), (Some(0), 7));
}

#[test]
fn a_request_without_spans_is_one() {
    let receiver = Receiver::start().unwrap();
    for (form, body) in [(Form::Protobuf, &b""[..]), (Form::Json, b"{}"), (Form::Json, b"{\"resourceSpans\": []}")] {
        assert_eq!(post(&receiver, form, body).status, 200);
    }
    let answer = grpc_call(&receiver, EXPORT, &[], &framed(0, b""));
    assert_eq!((answer.grpc_status(), answer.body.len()), (Some(0), 5));
    assert!(receiver.trace().is_empty() && receiver.warnings().is_empty());
}

#[test]
fn what_a_later_version_of_otlp_adds_is_passed_over() {
    let receiver = Receiver::start().unwrap();
    // Field 99 of the request, and of the spans of a resource.
    let mut of_resource = Trace::to_otlp_protobuf(&trace_of([made("order", 1, 1)]))[2..].to_vec();
    of_resource.extend_from_slice(b"\x9a\x06\x01x");
    let mut body = vec![0x0a, u8::try_from(of_resource.len()).unwrap()];
    body.extend(of_resource);
    body.extend_from_slice(b"\x98\x06\x05");
    assert_eq!(post(&receiver, Form::Protobuf, &body).status, 200);
    let json = br#"{"new": 1, "resourceSpans": [{"new": {}, "scopeSpans": [{"spans": [{"new": [], "name": "order",
        "traceId": "00000000000000000000000000000001", "spanId": "0000000000000002"}]}]}]}"#;
    assert_eq!(post(&receiver, Form::Json, json).status, 200);
    assert_eq!(receiver.trace().named("order").count(), 2);
}

#[test]
fn what_is_no_otlp_is_refused_with_a_status_in_the_form_of_the_request() {
    let receiver = Receiver::start().unwrap();
    let wrong: [(Form, &[u8], &str); 7] = [
        (Form::Json, b"", "line 1, column 1: expected a JSON value"),
        (Form::Json, b"{\"resourceSpans\": [", "line 1, column 20"),
        (Form::Json, b"{} {}", "line 1, column 4: expected nothing behind the request"),
        (Form::Json, b"{\"resourceMetrics\": []}", "expected a map with \"resourceSpans\""),
        (Form::Json, b"{\"a\": \"\xff\"}", "expected text in UTF-8, found other bytes"),
        (Form::Protobuf, b"\x0a\x7f", "it is cut off here"),
        (Form::Protobuf, b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", "it is no message"),
    ];
    for (form, body, told) in wrong {
        let answer = post(&receiver, form, body);
        assert_eq!((answer.status, answer.header("content-type")), (400, Some(form.content_type())), "{answer:?}");
        let text = answer.text();
        if form == Form::Json {
            let status: serde_json::Value = serde_json::from_str(&text).unwrap();
            assert_eq!(status["code"], 3);
            assert!(status["message"].as_str().unwrap().contains(told), "{text}");
        } else {
            // The code, then the message behind its length.
            assert_eq!(&answer.body[..3], b"\x08\x03\x12");
            assert!(text.contains(told), "{text}");
        }
    }
    let warnings = receiver.warnings();
    assert!(warnings[0].starts_with("refused 7 requests: the first: 400, line 1, column 1:"), "{warnings:?}");
    assert!(receiver.trace().is_empty());
}

#[test]
fn a_span_that_is_wrong_is_refused_beside_others_that_are_taken() {
    let receiver = Receiver::start().unwrap();
    let json = br#"{"resourceSpans": [{"scopeSpans": [{"spans": [
        {"name": "order", "traceId": "00000000000000000000000000000001", "spanId": "0000000000000002"},
        {"name": "short", "traceId": "0001", "spanId": "0000000000000002"},
        {"name": "none", "traceId": "00000000000000000000000000000000", "spanId": "0000000000000002"}]}]}]}"#;
    let answer = post(&receiver, Form::Json, json);
    let body: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
    let told = "span \"short\", traceId: expected 32 hexadecimal digits, found \"0001\"; and 1 more";
    assert_eq!(answer.status, 200);
    assert_eq!(body["partialSuccess"], serde_json::json!({"rejectedSpans": "2", "errorMessage": told}));
    receiver.trace().assert(one(span("order")));

    let sent = trace_of([made("order", 2, 1), made("none", 0, 1)]);
    let answer = post(&receiver, Form::Protobuf, &sent.to_otlp_protobuf());
    let partial = ExportTraceServiceResponse::decode(&*answer.body).unwrap().partial_success.unwrap();
    assert_eq!(partial.rejected_spans, 1);
    assert_eq!(partial.error_message, "span \"none\": its trace id or span id is all zeros");
    let answer = grpc_call(&receiver, EXPORT, &[], &framed(0, &sent.to_otlp_protobuf()));
    let partial = ExportTraceServiceResponse::decode(&answer.body[5..]).unwrap().partial_success.unwrap();
    assert_eq!((answer.grpc_status(), partial.rejected_spans), (Some(0), 1));
    let warnings = receiver.warnings();
    assert!(warnings[0].starts_with("refused 4 spans: the first: span \"short\", traceId: expected"), "{warnings:?}");
}

#[test]
fn what_is_asked_for_in_another_way_is_told_how() {
    let receiver = Receiver::start().unwrap();
    let body = request("order", 1);
    let answer = Request::new("GET", "/v1/traces").send(&receiver);
    assert_eq!((answer.status, answer.header("allow")), (405, Some("POST")));
    let answer = Request::new("GET", "/").send(&receiver);
    assert_eq!(answer.status, 404);
    assert!(answer.text().contains("expected the path /v1/traces, found \"/\""), "{}", answer.text());
    let answer = Request::post("/v1/traces").header("content-type", "text/plain").body(&body).send(&receiver);
    assert_eq!(answer.status, 415);
    assert!(answer.text().contains("found \"text/plain\""), "{}", answer.text());
    assert_eq!(Request::post("/v1/traces").body(&body).send(&receiver).status, 415);
    let answer =
        Request::post("/v1/traces").form(Form::Protobuf).header("content-encoding", "br").body(&body).send(&receiver);
    assert_eq!((answer.status, answer.header("accept-encoding")), (415, Some("gzip, deflate, zstd, identity")));
    let posted = Request::post("/v1/traces").header("content-type", "application/json; charset=utf-8").body(b"{}");
    assert_eq!(posted.send(&receiver).status, 200);
    assert!(receiver.trace().is_empty());
}

/// A call, its headers and its body, and the status and a part of the message that come of it.
type WrongCall<'a> = (&'a str, &'a [(&'a str, &'a str)], Vec<u8>, i32, &'a str);

#[test]
fn a_call_of_grpc_that_is_wrong_has_a_status_and_a_message() {
    let receiver = Receiver::start().unwrap();
    let body = framed(0, &request("order", 1));
    let wrong: [WrongCall<'_>; 7] = [
        ("/a.B/C", &[], body.clone(), 12, "expected a call of /opentelemetry.proto"),
        (EXPORT, &[], Vec::new(), 3, "expected one message behind its length, found 0 bytes"),
        (EXPORT, &[], body[..9].to_vec(), 3, "expected one message behind its length"),
        (EXPORT, &[], framed(0, b"\x0a\x7f"), 3, "it is cut off here"),
        (EXPORT, &[], framed(1, b"x"), 3, "nobody says how"),
        (EXPORT, &[("grpc-encoding", "snappy")], framed(1, b"x"), 12, "found \"snappy\""),
        (EXPORT, &[("grpc-encoding", "gzip")], framed(1, b"x"), 3, "expected a body in gzip"),
    ];
    for (call, headers, body, status, told) in wrong {
        let answer = grpc_call(&receiver, call, headers, &body);
        assert_eq!((answer.status, answer.grpc_status()), (200, Some(status)), "{answer:?}");
        assert!(answer.header("grpc-message").unwrap().contains(told), "{answer:?}");
    }
    let metrics = "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export";
    assert_eq!(grpc_call(&receiver, metrics, &[], &framed(0, b"")).grpc_status(), Some(0));
    assert!(receiver.trace().is_empty());
    assert!(receiver.warnings().contains(&"passed over 1 request of metrics".to_owned()));
}
