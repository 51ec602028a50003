//! A hostile client costs bounded memory and time, and a page of the web is not heard.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use skyspan_trace::receive::Receiver;

use super::clients::{Form, Request, framed, grpc_call, post, request};
use super::{made, trace_of};

const EXPORT: &str = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";

#[test]
fn a_body_that_is_too_large_is_refused() {
    let receiver = Receiver::options().body_max(100).start().unwrap();
    let body = [b'{'; 101];
    for form in [Form::Json, Form::Protobuf] {
        let answer = post(&receiver, form, &body);
        assert_eq!((answer.status, answer.header("content-type")), (413, Some(form.content_type())));
        assert!(answer.text().contains("expected at most 100 bytes, found more"), "{}", answer.text());
    }
    let answer = grpc_call(&receiver, EXPORT, &[], &framed(0, &body));
    assert_eq!((answer.status, answer.grpc_status()), (200, Some(8)));
    // It goes on hearing others.
    assert_eq!(post(&receiver, Form::Protobuf, &request("order", 1)).status, 200);
}

#[test]
fn who_sends_much_that_is_refused_comes_to_read_why() {
    let receiver = Receiver::options().body_max(1 << 20).start().unwrap();
    let body = vec![b'x'; 4 << 20];
    let posted = Request::post("/v1/traces").header("content-type", "text/plain").body(&body);
    assert_eq!(posted.send(&receiver).status, 415);
    assert_eq!(Request::post("/elsewhere").form(Form::Json).body(&body).send(&receiver).status, 404);
    assert_eq!(post(&receiver, Form::Json, &body).status, 413);
    assert_eq!(grpc_call(&receiver, "/a.B/C", &[], &framed(0, &body)).grpc_status(), Some(12));
}

#[test]
fn a_body_that_decompresses_to_too_much_is_refused() {
    let receiver = Receiver::options().decompressed_max(1 << 20).start().unwrap();
    let mut bomb = GzEncoder::new(Vec::new(), Compression::best());
    let zeros = vec![b' '; 1 << 20];
    (0..64).for_each(|_| bomb.write_all(&zeros).unwrap());
    let bomb = bomb.finish().unwrap();
    let posted = Request::post("/v1/traces").form(Form::Json).header("content-encoding", "gzip").body(&bomb);
    let answer = posted.send(&receiver);
    assert_eq!(answer.status, 413);
    assert!(answer.text().contains("expected at most 1048576 bytes after decompression"), "{}", answer.text());
    let answer = grpc_call(&receiver, EXPORT, &[("grpc-encoding", "gzip")], &framed(1, &bomb));
    assert_eq!(answer.grpc_status(), Some(8));
}

#[test]
fn what_is_compressed_and_cut_off_is_refused() {
    let receiver = Receiver::start().unwrap();
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(&request("order", 1)).unwrap();
    let whole = encoder.finish().unwrap();
    for cut in [1, 10, whole.len() - 1] {
        let posted =
            Request::post("/v1/traces").form(Form::Protobuf).header("content-encoding", "gzip").body(&whole[..cut]);
        assert_eq!(posted.send(&receiver).status, 400, "{cut}");
    }
    assert!(receiver.trace().is_empty());
}

#[test]
fn spans_beyond_the_limit_are_refused_and_told() {
    let receiver = Receiver::options().spans_max(3).start().unwrap();
    let two = |trace| trace_of([made("order", trace, 1), made("order", trace, 2)]);
    assert_eq!(post(&receiver, Form::Json, &Form::Json.body_of(&two(1))).text(), "{}");
    let answer = post(&receiver, Form::Json, &Form::Json.body_of(&two(2))).text();
    assert!(answer.contains(r#""rejectedSpans":"1""#), "{answer}");
    assert!(answer.contains("the receiver takes 3 spans, and has them"), "{answer}");
    assert_eq!(receiver.trace().len(), 3);
    assert_eq!(receiver.warnings(), ["refused 1 span: the receiver takes 3 spans, and has them"]);

    let receiver = Receiver::options().total_max(100).start().unwrap();
    let body = request("order", 1);
    assert!(body.len() > 50 && body.len() <= 100);
    assert_eq!(post(&receiver, Form::Protobuf, &body).body, b"");
    assert_ne!(post(&receiver, Form::Protobuf, &body).body, b"");
    assert_eq!(receiver.trace().len(), 1);
}

#[test]
fn a_page_of_the_web_is_not_heard_unless_it_is_allowed() {
    let receiver = Receiver::options().allow_origin("http://localhost:5173").start().unwrap();
    let body = request("order", 1);
    let from = |origin: &str| Request::post("/v1/traces").form(Form::Protobuf).header("origin", origin).body(&body);
    for origin in ["https://evil.example", "null", "http://localhost:5174"] {
        let answer = from(origin).send(&receiver);
        assert_eq!((answer.status, answer.header("access-control-allow-origin")), (403, None), "{origin}");
    }
    assert!(receiver.trace().is_empty());
    let answer = from("http://localhost:5173").send(&receiver);
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("access-control-allow-origin"), Some("http://localhost:5173"));
    let asks = Request::new("OPTIONS", "/v1/traces")
        .header("origin", "http://localhost:5173")
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "content-type,x-team");
    let answer = asks.send(&receiver);
    assert_eq!((answer.status, answer.header("access-control-allow-headers")), (204, Some("content-type,x-team")));
    assert_eq!(answer.header("access-control-allow-methods"), Some("POST"));
    let answer = grpc_call(&receiver, EXPORT, &[("origin", "https://evil.example")], &framed(0, &body));
    assert_eq!(answer.grpc_status(), Some(7));
}

#[test]
fn a_name_that_was_made_to_mean_this_machine_is_not_heard() {
    let receiver = Receiver::options().allow_host("host.docker.internal").start().unwrap();
    let body = request("order", 1);
    let by = |host: &str| {
        let posted = Request::post("/v1/traces").form(Form::Protobuf).header("host", host).body(&body);
        posted.send(&receiver).status
    };
    for host in
        ["evil.example", "evil.example:4318", "localhost.evil.example", "10.0.0.1", "[fe80::1]:80", "127.0.0.1.nip.io"]
    {
        assert_eq!(by(host), 403, "{host}");
    }
    let port = receiver.address().port();
    for host in [
        &*format!("127.0.0.1:{port}"),
        "localhost",
        "LOCALHOST:1",
        "app.localhost",
        "[::1]:4318",
        "host.docker.internal:4318",
    ] {
        assert_eq!(by(host), 200, "{host}");
    }
}

#[test]
fn a_client_that_sends_its_body_too_slowly_is_refused() {
    let receiver = Receiver::options().body_time(Duration::from_millis(50)).start().unwrap();
    let mut socket = TcpStream::connect(receiver.address()).unwrap();
    let head =
        "POST /v1/traces HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{";
    socket.write_all(head.as_bytes()).unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    assert!(answer.contains("expected the body within 50ms"), "{answer}");
}

#[test]
fn what_is_no_http_ends_its_connection_and_no_other() {
    let receiver = Receiver::start().unwrap();
    for bytes in
        [&b"\x16\x03\x01\x00\xa5\x01\x00\x00"[..], b"hello\r\n\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nxxxxxxxxxxxx"]
    {
        let mut socket = TcpStream::connect(receiver.address()).unwrap();
        socket.write_all(bytes).unwrap();
        // Whatever it says, it closes.
        let _ = socket.read_to_end(&mut Vec::new());
    }
    assert_eq!(post(&receiver, Form::Protobuf, &request("order", 1)).status, 200);
}

#[test]
fn headers_without_end_are_refused() {
    let receiver = Receiver::start().unwrap();
    let mut posted = Request::post("/v1/traces").form(Form::Protobuf);
    for number in 0..200 {
        posted = posted.header(&format!("x-{number}"), "x");
    }
    assert_eq!(posted.send(&receiver).status, 431);
}

/// As many clients as there is room for, of which each says this and no more.
fn crowd(receiver: &Receiver, said: &str) -> Vec<TcpStream> {
    let client = |_| {
        let mut socket = TcpStream::connect(receiver.address()).unwrap();
        socket.write_all(said.as_bytes()).unwrap();
        socket
    };
    (0..256).map(client).collect()
}

#[test]
fn clients_that_stall_keep_no_others_waiting() {
    let begun =
        "POST /v1/traces HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{";
    for said in ["", "POST /v1/tra", begun] {
        let receiver = Receiver::start().unwrap();
        let stalled = crowd(&receiver, said);
        for trace in 1..=3 {
            let body = request("order", trace);
            let mut socket = TcpStream::connect(receiver.address()).unwrap();
            // Waited for, the others would take 10 s where they have no header, and 30 s where they have no body.
            socket.set_read_timeout(Some(Duration::from_secs(8))).unwrap();
            let length = body.len();
            write!(
                socket,
                "POST /v1/traces HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/x-protobuf\r\n\
                 content-length: {length}\r\nconnection: close\r\n\r\n"
            )
            .unwrap();
            socket.write_all(&body).unwrap();
            let mut answer = Vec::new();
            socket.read_to_end(&mut answer).unwrap_or_else(|error| panic!("{said:?}: {error}"));
            assert!(answer.starts_with(b"HTTP/1.1 200 "), "{said:?}: {}", String::from_utf8_lossy(&answer));
        }
        assert_eq!(receiver.trace().len(), 3);
        drop(stalled);
    }
}
