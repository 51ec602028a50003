//! [`Client`]: asks over HTTP, again where a store is busy, and follows where it leads.

use std::io::Read as _;
use std::time::Duration;

use ureq::http::header::{ACCEPT, CONTENT_ENCODING, CONTENT_TYPE, LOCATION, RETRY_AFTER};
use ureq::http::{Response, Uri};
use ureq::tls::{RootCerts, TlsConfig};
use ureq::{Agent, Body};

use super::StoreError;
use super::error::seconds;
use super::store::Store;
use crate::trace::{Encoding, ReadProblem};

const REDIRECTS_MAX: u32 = 5;
const CONNECT_TIME: Duration = Duration::from_secs(10);
/// However long a store wishes for.
const RETRY_MAX: Duration = Duration::from_secs(30);
/// How much of an answer that says no is shown.
const SAID_MAX: usize = 200;

/// Asks a store over HTTP.
pub(super) struct Client<'a> {
    agent: Agent,
    store: &'a Store,
    /// The headers are for this host.
    origin: Origin,
}

/// A scheme, a host and a port.
#[derive(Debug, Eq, PartialEq)]
struct Origin(String, String, u16);

impl Origin {
    fn of(url: &Uri) -> Self {
        let scheme = url.scheme_str().unwrap_or_default().to_ascii_lowercase();
        let port = url.port_u16().unwrap_or(if scheme == "https" { 443 } else { 80 });
        Self(scheme, url.host().unwrap_or_default().to_ascii_lowercase(), port)
    }
}

/// What a store answers.
pub(super) struct Answer {
    pub(super) url: String,
    pub(super) status: u16,
    pub(super) content_type: String,
    pub(super) body: Vec<u8>,
}

impl Answer {
    /// How the body begins, on one line.
    pub(super) fn said(&self) -> String {
        let text = String::from_utf8_lossy(&self.body[..self.body.len().min(4 * SAID_MAX)]).into_owned();
        let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
        words.chars().take(SAID_MAX).collect()
    }

    pub(super) fn refused(&self) -> StoreError {
        StoreError::Refused { url: self.url.clone(), status: self.status, said: self.said() }
    }

    pub(super) fn is_protobuf(&self) -> bool {
        self.content_type.contains("protobuf")
    }

    /// Whether it is a page for people, as a user interface gives for whatever it does not know.
    pub(super) fn is_page(&self) -> bool {
        self.content_type.contains("html")
    }
}

impl<'a> Client<'a> {
    /// A client for the host of an address.
    pub(super) fn new(store: &'a Store, url: &str) -> Result<Self, StoreError> {
        let tls = TlsConfig::builder().root_certs(RootCerts::PlatformVerifier).build();
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_connect(Some(CONNECT_TIME.min(store.timeout)))
            .timeout_per_call(Some(store.timeout))
            .user_agent(concat!("skyspan/", env!("CARGO_PKG_VERSION")))
            .accept_encoding("gzip")
            .tls_config(tls);
        Ok(Self { agent: config.build().new_agent(), store, origin: Origin::of(&uri(url)?) })
    }

    pub(super) fn store(&self) -> &'a Store {
        self.store
    }

    /// Asks for something, in a form.
    pub(super) fn get(&self, url: &str, accept: &str) -> Result<Answer, StoreError> {
        let mut left = self.store.retries;
        let mut delay = self.store.retry_delay;
        loop {
            let answer = self.follow(url, accept)?;
            let is_busy = matches!(answer.status().as_u16(), 429 | 502 | 503 | 504);
            if !is_busy || left == 0 {
                return self.read(url, answer);
            }
            let wished = answer.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.trim().parse().ok());
            wait(wished.map_or(delay, Duration::from_secs).min(RETRY_MAX));
            left -= 1;
            delay *= 2;
        }
    }

    /// Asks, and follows where the answer leads.
    fn follow(&self, url: &str, accept: &str) -> Result<Response<Body>, StoreError> {
        let wrong = |problem: String| StoreError::Redirect { url: url.to_owned(), problem };
        let mut at = uri(url)?;
        for _ in 0..=REDIRECTS_MAX {
            let mut request = self.agent.get(&at).header(ACCEPT, accept);
            if Origin::of(&at) == self.origin {
                for (name, value) in &self.store.headers.0 {
                    request = request.header(name, value);
                }
            }
            let answer = request.call().map_err(|error| self.unreachable(&at, &error))?;
            if !matches!(answer.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
                return Ok(answer);
            }
            let location = answer.headers().get(LOCATION).and_then(|value| value.to_str().ok());
            let location = location.ok_or_else(|| wrong("that leads nowhere".to_owned()))?;
            let next = resolved(&at, location).ok_or_else(|| wrong("to no address of HTTP".to_owned()))?;
            if at.scheme_str() == Some("https") && next.scheme_str() != Some("https") {
                return Err(wrong("from https to http, where others could read the trace".to_owned()));
            }
            at = next;
        }
        Err(wrong(format!("after {REDIRECTS_MAX} others")))
    }

    fn read(&self, url: &str, answer: Response<Body>) -> Result<Answer, StoreError> {
        let size_max = self.store.size_max;
        let too_large = || StoreError::TooLarge { url: url.to_owned(), size_max };
        let header = |name| {
            let value = answer.headers().get(name).and_then(|value| value.to_str().ok());
            value.unwrap_or_default().to_ascii_lowercase()
        };
        let (status, content_type, encoding) =
            (answer.status().as_u16(), header(CONTENT_TYPE), header(CONTENT_ENCODING));
        let mut body = Vec::new();
        let mut source = answer.into_body().into_reader().take(size_max.saturating_add(1));
        source.read_to_end(&mut body).map_err(|error| StoreError::Unreachable {
            url: url.to_owned(),
            problem: format!("the answer is cut off: {error}"),
        })?;
        if body.len() as u64 > size_max {
            return Err(too_large());
        }
        if let Encoding::Compressed(by) = Encoding::of(&encoding) {
            body = by.decompressed(&body, size_max).map_err(|error| match error.problem {
                ReadProblem::TooLarge { .. } => too_large(),
                _ => StoreError::Answer { url: url.to_owned(), error: Box::new(error) },
            })?;
        }
        Ok(Answer { url: url.to_owned(), status, content_type, body })
    }

    fn unreachable(&self, at: &Uri, error: &ureq::Error) -> StoreError {
        let url = at.to_string();
        let told = error.to_string();
        // ureq hands on what goes wrong in TLS as an error of the socket.
        if let Some((_, reason)) = told.split_once(UNTRUSTED) {
            return StoreError::Certificate { url, problem: untrusted(at.host().unwrap_or_default(), reason) };
        }
        let problem = match error {
            ureq::Error::Timeout(_) => {
                format!("expected an answer within {}, found none; is the store there?", seconds(self.store.timeout))
            }
            ureq::Error::HostNotFound => "there is no such host".to_owned(),
            _ if told.contains(NO_TLS) => {
                "expected TLS, found something else; the address of a store without TLS begins with http".to_owned()
            }
            ureq::Error::Io(error) => format!("nobody answers: {error}"),
            other => format!("nobody answers: {other}"),
        };
        StoreError::Unreachable { url, problem }
    }
}

/// How rustls (0.23) begins to say that a certificate is not trusted, and that what comes is no TLS.
const UNTRUSTED: &str = "invalid peer certificate: ";
const NO_TLS: &str = "received corrupt message";

/// Why a certificate is not trusted, by whom, and what to do, of a reason as rustls gives it.
fn untrusted(host: &str, reason: &str) -> String {
    let (why, advice) = match reason {
        "UnknownIssuer" => (
            "this machine does not know who signed it".to_owned(),
            "add that authority to the certificates that this machine trusts, or name a file with it in SSL_CERT_FILE",
        ),
        _ if reason.contains("not valid for name") => (
            reason
                .split_once("; ")
                .map_or(reason, |(_, names)| names)
                .replace("certificate is", "it is")
                .replace("DnsName(\"", "\"")
                .replace("\")", "\""),
            "ask the store by a name that its certificate has",
        ),
        _ if reason.contains("expired") || reason == "Expired" => {
            (reason.replace("certificate expired", "it has expired"), "the store needs a new one")
        }
        _ => (reason.to_owned(), "the store needs another one"),
    };
    format!("the certificate of {host} is not trusted: {why}; {advice}")
}

fn uri(url: &str) -> Result<Uri, StoreError> {
    let wrong = |error: ureq::http::uri::InvalidUri| StoreError::Unreachable {
        url: url.to_owned(),
        problem: format!("it is no address of HTTP: {error}"),
    };
    url.parse().map_err(wrong)
}

/// The address that a `Location` means (RFC 9110, 10.2.2).
fn resolved(at: &Uri, location: &str) -> Option<Uri> {
    let location = location.split('#').next().unwrap_or_default();
    let (scheme, authority) = (at.scheme_str()?, at.authority()?);
    let folder = at.path().rsplit_once('/').map_or("", |(folder, _)| folder);
    let url = match location {
        _ if location.starts_with("http://") || location.starts_with("https://") => location.to_owned(),
        _ if location.contains("://") => return None,
        _ if location.starts_with("//") => format!("{scheme}:{location}"),
        _ if location.starts_with('/') => format!("{scheme}://{authority}{location}"),
        _ if location.starts_with('?') => format!("{scheme}://{authority}{}{location}", at.path()),
        _ => format!("{scheme}://{authority}{folder}/{location}"),
    };
    url.parse::<Uri>().ok().filter(|url| url.host().is_some())
}

#[expect(clippy::disallowed_methods, reason = "a store is of the real world")]
fn wait(time: Duration) {
    std::thread::sleep(time);
}
