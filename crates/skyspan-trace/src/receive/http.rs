//! OTLP over HTTP: protobuf and JSON (OTLP 1.7, "OTLP/HTTP").

use hyper::body::Incoming;
use hyper::header::{
    ACCEPT_ENCODING, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_REQUEST_HEADERS, ALLOW, CONTENT_ENCODING, CONTENT_TYPE, HeaderValue, ORIGIN, VARY,
};
use hyper::http::request::Parts;
use hyper::{Method, Response, StatusCode};
use opentelemetry_proto::tonic::collector::trace::v1::{ExportTracePartialSuccess, ExportTraceServiceResponse};
use prost::Message as _;
use serde_json::json;

use super::body::{Body, read, request_of, throw_away};
use super::exchange::{Answer, Head, Signal, content_type, may_ask, whole};
use super::intake::{Intake, Taken};
use super::refusal::{Because, Refusal};
use crate::trace::{Compression, Encoding};

const PATHS: [(&str, Signal); 4] = [
    ("/v1/traces", Signal::Traces),
    ("/v1/metrics", Signal::Other("metrics")),
    ("/v1/logs", Signal::Other("logs")),
    ("/v1development/profiles", Signal::Other("profiles")),
];

/// In which form a request is, and then its answer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Form {
    Protobuf,
    Json,
}

impl Form {
    fn of(head: &Parts) -> Option<Self> {
        match &*content_type(head) {
            "application/x-protobuf" | "application/protobuf" => Some(Self::Protobuf),
            "application/json" => Some(Self::Json),
            _ => None,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Protobuf => "application/x-protobuf",
            Self::Json => "application/json",
        }
    }
}

/// Answers one request of HTTP.
pub(super) async fn answer(head: &Head, mut body: Incoming, intake: &Intake) -> Answer {
    let form = Form::of(head);
    let mut answer = match export(head, form, &mut body, intake).await {
        Ok(Some((form, taken))) => accepted(form, &taken),
        Ok(None) => preflight(head),
        Err(refusal) => {
            intake.refuses(&refusal);
            throw_away(&mut body, &refusal, &intake.options).await;
            refused(form, &refusal)
        }
    };
    let is_allowed = answer.status() != StatusCode::FORBIDDEN;
    if let Some(origin) = head.headers.get(ORIGIN).filter(|_| is_allowed) {
        answer.headers_mut().insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        answer.headers_mut().insert(VARY, HeaderValue::from_static("origin"));
    }
    answer
}

/// Takes what is sent. Nothing where a browser only asks whether it may send.
async fn export(
    head: &Head,
    form: Option<Form>,
    body: &mut Incoming,
    intake: &Intake,
) -> Result<Option<(Form, Taken)>, Refusal> {
    may_ask(head, &intake.options)?;
    let path = head.uri.path();
    let Some((_, signal)) = PATHS.iter().find(|(known, _)| *known == path) else {
        return Err(Because::NoSuchPath.says(format!(
            "expected the path /v1/traces, found {path:?}; OTEL_EXPORTER_OTLP_ENDPOINT is given without a path"
        )));
    };
    if head.method == Method::OPTIONS && head.headers.contains_key(ORIGIN) {
        return Ok(None);
    }
    if head.method != Method::POST {
        return Err(Because::Method.says(format!("expected POST, found {}", head.method)));
    }
    let form = form.ok_or_else(|| {
        let found = content_type(head);
        Because::MediaType
            .says(format!("expected the content type application/x-protobuf or application/json, found {found:?}"))
    })?;
    let compression = compression(head)?;
    let held = read(body, intake).await?;
    let Signal::Traces = signal else {
        if let Signal::Other(what) = signal {
            intake.passes_over(what);
        }
        return Ok(Some((form, Taken::default())));
    };
    let kind = match form {
        Form::Protobuf => Body::Protobuf,
        Form::Json => Body::Json,
    };
    let (request, bytes) = request_of(kind, &held.bytes, compression, &intake.options)?;
    Ok(Some((form, intake.take(request, bytes))))
}

fn compression(head: &Parts) -> Result<Option<Compression>, Refusal> {
    let encoding = head.headers.get(CONTENT_ENCODING).map_or("", |value| value.to_str().unwrap_or("?"));
    match Encoding::of(encoding) {
        Encoding::Plain => Ok(None),
        Encoding::Compressed(by) => Ok(Some(by)),
        Encoding::Unknown => Err(Because::MediaType
            .says(format!("expected the content encoding gzip, deflate, zstd or none, found {encoding:?}"))),
    }
}

fn accepted(form: Form, taken: &Taken) -> Answer {
    let body = match form {
        Form::Protobuf => response(taken).encode_to_vec(),
        Form::Json if taken.refused_spans == 0 => b"{}".to_vec(),
        Form::Json => {
            let (refused, message) = (taken.refused_spans.to_string(), &taken.message);
            json!({"partialSuccess": {"rejectedSpans": refused, "errorMessage": message}}).to_string().into_bytes()
        }
    };
    let mut answer = Response::new(whole(body));
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(form.name()));
    answer
}

/// What OTLP answers to a request that was taken, at least in part.
pub(super) fn response(taken: &Taken) -> ExportTraceServiceResponse {
    let partial = ExportTracePartialSuccess {
        rejected_spans: i64::try_from(taken.refused_spans).unwrap_or(i64::MAX),
        error_message: taken.message.clone(),
    };
    ExportTraceServiceResponse { partial_success: (taken.refused_spans > 0).then_some(partial) }
}

/// A refusal, as a `google.rpc.Status` in the form of the request; for who asks in none, as a text.
fn refused(form: Option<Form>, refusal: &Refusal) -> Answer {
    let Refusal { because, message } = refusal;
    let body = match form {
        Some(Form::Protobuf) => {
            let mut status = Vec::new();
            prost::encoding::int32::encode(1, &because.grpc(), &mut status);
            prost::encoding::string::encode(2, message, &mut status);
            status
        }
        Some(Form::Json) => json!({"code": because.grpc(), "message": message}).to_string().into_bytes(),
        None => format!("skyspan: {message}\n").into_bytes(),
    };
    let mut answer = Response::new(whole(body));
    *answer.status_mut() = because.http();
    let headers = answer.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(form.map_or("text/plain; charset=utf-8", Form::name)));
    match because {
        Because::Method => drop(headers.insert(ALLOW, HeaderValue::from_static("POST"))),
        Because::MediaType => {
            drop(headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("gzip, deflate, zstd, identity")));
        }
        _ => {}
    }
    answer
}

/// What a browser hears that asks whether a page may send.
fn preflight(head: &Parts) -> Answer {
    let mut answer = Response::new(whole(""));
    *answer.status_mut() = StatusCode::NO_CONTENT;
    let wanted = head.headers.get(ACCESS_CONTROL_REQUEST_HEADERS).cloned();
    let headers = answer.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("POST"));
    headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, wanted.unwrap_or_else(|| HeaderValue::from_static("content-type")));
    answer
}
