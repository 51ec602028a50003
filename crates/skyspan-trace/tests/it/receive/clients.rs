//! Clients that say exactly what a test wants said.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};

use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper_util::rt::{TokioExecutor, TokioIo};
use skyspan_trace::receive::Receiver;
use skyspan_trace::trace::{Span, Trace};
use skyspan_trace::value::Timestamp;

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Form {
    Protobuf,
    Json,
}

impl Form {
    pub(super) fn content_type(self) -> &'static str {
        match self {
            Self::Protobuf => "application/x-protobuf",
            Self::Json => "application/json",
        }
    }

    pub(super) fn body_of(self, trace: &Trace) -> Vec<u8> {
        match self {
            Self::Protobuf => trace.to_otlp_protobuf(),
            Self::Json => trace.to_otlp_json().into_bytes(),
        }
    }
}

/// What came back.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

impl Answer {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub(super) fn grpc_status(&self) -> Option<i32> {
        self.header("grpc-status")?.parse().ok()
    }

    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// A request of HTTP/1.1.
pub(super) struct Request {
    method: &'static str,
    path: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Request {
    pub(super) fn new(method: &'static str, path: &str) -> Self {
        Self { method, path: path.to_owned(), headers: Vec::new(), body: Vec::new() }
    }

    pub(super) fn post(path: &str) -> Self {
        Self::new("POST", path)
    }

    pub(super) fn form(self, form: Form) -> Self {
        self.header("content-type", form.content_type())
    }

    pub(super) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(super) fn body(self, body: &[u8]) -> Self {
        Self { body: body.to_vec(), ..self }
    }

    pub(super) fn send(self, receiver: &Receiver) -> Answer {
        self.send_to(receiver.address())
    }

    pub(super) fn send_to(self, address: SocketAddr) -> Answer {
        let mut head = format!("{} {} HTTP/1.1\r\nconnection: close\r\n", self.method, self.path);
        if !self.headers.iter().any(|(name, _)| name == "host") {
            head.push_str("host: localhost\r\n");
        }
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str(&format!("content-length: {}\r\n\r\n", self.body.len()));
        let mut socket = TcpStream::connect(address).unwrap();
        socket.write_all(head.as_bytes()).unwrap();
        socket.write_all(&self.body).unwrap();
        let mut answer = Vec::new();
        socket.read_to_end(&mut answer).unwrap();
        parsed(&answer)
    }
}

fn parsed(answer: &[u8]) -> Answer {
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n").expect("an answer has a head");
    let head = String::from_utf8(answer[..end].to_vec()).unwrap();
    let mut lines = head.lines();
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let header = |line: &str| line.split_once(": ").map(|(name, value)| (name.to_owned(), value.to_owned())).unwrap();
    Answer { status, headers: lines.map(header).collect(), body: answer[end + 4..].to_vec() }
}

pub(super) fn post(receiver: &Receiver, form: Form, body: &[u8]) -> Answer {
    Request::post("/v1/traces").form(form).body(body).send(receiver)
}

/// A request with one span, in protobuf.
pub(super) fn request(name: &'static str, trace: u128) -> Vec<u8> {
    let (start, end) = (Timestamp::from_unix_ns(1_000), Timestamp::from_unix_ns(2_000));
    let span = Span::builder(name).trace_id(trace).span_id(1).start(start).end(end);
    Form::Protobuf.body_of(&Trace::from_spans([span.build()]))
}

/// A call of gRPC, as all clients make it.
pub(super) fn grpc(receiver: &Receiver, trace: &Trace) -> Answer {
    let call = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
    grpc_call(receiver, call, &[], &framed(0, &trace.to_otlp_protobuf()))
}

/// A message behind its flag and its length.
pub(super) fn framed(flag: u8, message: &[u8]) -> Vec<u8> {
    let length = u32::try_from(message.len()).unwrap().to_be_bytes();
    [&[flag], &length[..], message].concat()
}

pub(super) fn grpc_call(receiver: &Receiver, call: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let uri = format!("{}{call}", receiver.endpoint());
    let mut request = hyper::Request::post(uri).header("content-type", "application/grpc").header("te", "trailers");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Full::new(Bytes::copy_from_slice(body))).unwrap();
    let address = receiver.address();
    runtime.block_on(async move {
        let stream = tokio::net::TcpStream::connect(address).await.unwrap();
        let shaken = hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await;
        let (mut sender, connection) = shaken.unwrap();
        tokio::spawn(connection);
        let (head, body) = sender.send_request(request).await.unwrap().into_parts();
        let body = body.collect().await.unwrap();
        let trailers = body.trailers().cloned().unwrap_or_default();
        let headers = head.headers.iter().chain(&trailers);
        Answer {
            status: head.status.as_u16(),
            headers: headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())).collect(),
            body: body.to_bytes().to_vec(),
        }
    })
}
