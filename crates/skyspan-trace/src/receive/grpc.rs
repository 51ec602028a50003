//! OTLP over gRPC: unary calls, each one message behind five bytes, and a status behind the answer (gRPC over HTTP/2).

use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use hyper::http::request::Parts;
use hyper::{HeaderMap, Response};
use prost::Message as _;

use super::body::{Body, read, request_of, throw_away};
use super::exchange::{Answer, Head, Signal, content_type, may_ask, whole};
use super::http::response;
use super::intake::{Intake, Taken};
use super::refusal::{Because, Refusal};
use crate::trace::{Compression, Encoding};

const PATHS: [(&str, Signal); 4] = [
    ("/opentelemetry.proto.collector.trace.v1.TraceService/Export", Signal::Traces),
    ("/opentelemetry.proto.collector.metrics.v1.MetricsService/Export", Signal::Other("metrics")),
    ("/opentelemetry.proto.collector.logs.v1.LogsService/Export", Signal::Other("logs")),
    ("/opentelemetry.proto.collector.profiles.v1development.ProfilesService/Export", Signal::Other("profiles")),
];

const GRPC: HeaderValue = HeaderValue::from_static("application/grpc");
const STATUS: HeaderName = HeaderName::from_static("grpc-status");
const MESSAGE: HeaderName = HeaderName::from_static("grpc-message");
const ENCODING: HeaderName = HeaderName::from_static("grpc-encoding");
const ACCEPTED: HeaderName = HeaderName::from_static("grpc-accept-encoding");
/// A byte that says whether the message is compressed, and its length in four.
const FRAME: usize = 5;

pub(super) fn is_grpc(head: &Parts) -> bool {
    let content_type = content_type(head);
    content_type == "application/grpc" || content_type.starts_with("application/grpc+")
}

/// Answers one call of gRPC.
pub(super) async fn answer(head: &Head, mut body: Incoming, intake: &Intake) -> Answer {
    match export(head, &mut body, intake).await {
        Ok(taken) => {
            let message = response(&taken).encode_to_vec();
            let mut framed = vec![0];
            framed.extend_from_slice(&u32::try_from(message.len()).unwrap_or_default().to_be_bytes());
            framed.extend_from_slice(&message);
            let trailers = HeaderMap::from_iter([(STATUS, HeaderValue::from_static("0"))]);
            let body = Full::new(Bytes::from(framed)).with_trailers(std::future::ready(Some(Ok(trailers))));
            let mut answer = Response::new(body.boxed());
            answer.headers_mut().insert(CONTENT_TYPE, GRPC);
            answer
        }
        Err(refusal) => {
            intake.refuses(&refusal);
            throw_away(&mut body, &refusal, &intake.options).await;
            refused(&refusal)
        }
    }
}

async fn export(head: &Head, body: &mut Incoming, intake: &Intake) -> Result<Taken, Refusal> {
    may_ask(head, &intake.options)?;
    let path = head.uri.path();
    let Some((_, signal)) = PATHS.iter().find(|(known, _)| *known == path) else {
        return Err(Because::NoSuchPath.says(format!("expected a call of {}, found {path:?}", PATHS[0].0)));
    };
    let framed = read(body, intake).await?;
    let Signal::Traces = signal else {
        if let Signal::Other(what) = signal {
            intake.passes_over(what);
        }
        return Ok(Taken::default());
    };
    let (request, bytes) = request_of(Body::Grpc, &framed.bytes, compression(head)?, &intake.options)?;
    Ok(intake.take(request, bytes))
}

/// The message of a call.
pub(super) struct Framed<'a> {
    pub(super) is_compressed: bool,
    pub(super) bytes: &'a [u8],
}

pub(super) fn message(framed: &[u8]) -> Result<Framed<'_>, Refusal> {
    let wrong =
        |found: String| Because::Malformed.says(format!("expected one message behind its length, found {found}"));
    let Some((&[flag, length @ ..], bytes)) = framed.split_first_chunk::<FRAME>() else {
        return Err(wrong(format!("{} bytes", framed.len())));
    };
    let length = u32::from_be_bytes(length) as usize;
    if flag > 1 || bytes.len() != length {
        return Err(wrong(format!("the flag {flag} and {} bytes behind the length {length}", bytes.len())));
    }
    Ok(Framed { is_compressed: flag == 1, bytes })
}

fn compression(head: &Parts) -> Result<Option<Compression>, Refusal> {
    let encoding = head.headers.get(ENCODING).map_or("", |value| value.to_str().unwrap_or("?"));
    match Encoding::of(encoding) {
        Encoding::Plain => Ok(None),
        Encoding::Compressed(by) => Ok(Some(by)),
        Encoding::Unknown => {
            Err(Because::MediaType
                .says(format!("expected the encoding gzip, deflate, zstd or none, found {encoding:?}")))
        }
    }
}

/// A refusal, which is all in the headers.
fn refused(refusal: &Refusal) -> Answer {
    let mut answer = Response::new(whole(""));
    let headers = answer.headers_mut();
    headers.insert(CONTENT_TYPE, GRPC);
    headers.insert(STATUS, HeaderValue::from(refusal.because.grpc()));
    if let Ok(message) = HeaderValue::from_str(&percent_encoded(&refusal.message)) {
        headers.insert(MESSAGE, message);
    }
    headers.insert(ACCEPTED, HeaderValue::from_static("identity,gzip,deflate,zstd"));
    answer
}

/// A message as gRPC has it in a header: UTF-8, in which all that is not printable ASCII is a `%` and two digits.
fn percent_encoded(message: &str) -> String {
    let mut encoded = String::with_capacity(message.len());
    for byte in message.bytes() {
        match byte {
            b' '..=b'~' if byte != b'%' => encoded.push(char::from(byte)),
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}
