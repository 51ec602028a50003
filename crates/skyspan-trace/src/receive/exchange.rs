//! A request and its answer: who may ask, for what, and in which of the two protocols.

use std::convert::Infallible;
use std::net::IpAddr;
use std::ops::Deref;

use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONTENT_TYPE, HOST, ORIGIN};
use hyper::http::request::Parts;
use hyper::{Request, Response};

use super::intake::Intake;
use super::options::ReceiverOptions;
use super::refusal::{Because, Refusal};
use super::{grpc, http};

pub(super) type Answer = Response<BoxBody<Bytes, Infallible>>;

/// What is sent, by the last part of its path.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Signal {
    Traces,
    /// Something that is not taken, and not missed by who sends it.
    Other(&'static str),
}

/// A request without its body, and how it came.
pub(super) struct Head {
    pub(super) parts: Parts,
    /// By an address that only this machine has.
    pub(super) is_by_loopback: bool,
}

impl Deref for Head {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.parts
    }
}

/// Answers one request, of whichever transport.
pub(super) async fn answer(request: Request<Incoming>, is_by_loopback: bool, intake: &Intake) -> Answer {
    let _under_way = intake.begins();
    let (parts, body) = request.into_parts();
    let head = Head { parts, is_by_loopback };
    if grpc::is_grpc(&head) { grpc::answer(&head, body, intake).await } else { http::answer(&head, body, intake).await }
}

/// Checks that a request comes neither from a page of the web, nor by a name that is not this machine's.
pub(super) fn may_ask(head: &Head, options: &ReceiverOptions) -> Result<(), Refusal> {
    if let Some(origin) = head.headers.get(ORIGIN) {
        let origin = String::from_utf8_lossy(origin.as_bytes());
        if !options.origins.iter().any(|allowed| *allowed == origin) {
            return Err(Because::Forbidden.says(format!(
                "expected a program, found a page of {origin:?}; ReceiverOptions::allow_origin and --allow-origin allow it"
            )));
        }
    }
    if !head.is_by_loopback {
        return Ok(());
    }
    let named = head.headers.get(HOST).map(|host| String::from_utf8_lossy(host.as_bytes()).into_owned());
    let Some(host) = head.uri.authority().map(|authority| authority.as_str().to_owned()).or(named) else {
        // HTTP/1.0 and HTTP/2 may leave it out; browsers do not.
        return Ok(());
    };
    let name = without_port(&host);
    let is_ours = name.parse::<IpAddr>().map_or_else(
        |_| name.eq_ignore_ascii_case("localhost") || name.to_ascii_lowercase().ends_with(".localhost"),
        |ip| ip.to_canonical().is_loopback(),
    );
    let is_allowed = |allowed: &String| allowed.eq_ignore_ascii_case(name) || *allowed == host;
    if is_ours || options.hosts.iter().any(is_allowed) {
        return Ok(());
    }
    Err(Because::Forbidden.says(format!(
        "expected a name of this machine, found the host {host:?}; ReceiverOptions::allow_host and --allow-host allow it"
    )))
}

/// The name or address of a host, without its port and the brackets of IPv6.
fn without_port(host: &str) -> &str {
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    match host.strip_prefix('[') {
        Some(address) => address.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    }
}

/// The value of a header, in small letters and without parameters.
pub(super) fn content_type(head: &Parts) -> String {
    let value = head.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// A body that is there.
pub(super) fn whole(bytes: impl Into<Bytes>) -> BoxBody<Bytes, Infallible> {
    Full::new(bytes.into()).boxed()
}
