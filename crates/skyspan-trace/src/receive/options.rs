//! [`ReceiverOptions`]: where a receiver listens, whom it hears, and how much it takes.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use super::{ReceiveError, Receiver};

/// Where a [`Receiver`] listens, whom it hears, and how much it takes; from [`Receiver::options`].
///
/// # Limits
///
/// | what | at most | what happens to more |
/// |---|---|---|
/// | the body of a request, as it comes | 20 MiB, [`body_max`](Self::body_max) | 413, RESOURCE_EXHAUSTED |
/// | the same decompressed | 64 MiB, [`decompressed_max`](Self::decompressed_max) | the same |
/// | spans | 5,000,000, [`spans_max`](Self::spans_max) | refused, by partial success |
/// | bytes of all bodies, decompressed | 2 GiB, [`total_max`](Self::total_max) | the same |
/// | connections | 256 | the one from which nothing has come for longest is closed: after 0.25 s where nothing is under way on it, else after 3 s |
/// | what all bodies have together that are read at a time | 256 MiB | they wait to be read |
/// | headers | 16 KiB, 100 of them, 10 s | 431, or the connection is closed |
/// | the time that a body takes | 30 s, [`body_time`](Self::body_time) | 408, DEADLINE_EXCEEDED |
/// | a connection on which nothing goes on | 2 minutes | it is closed |
///
/// ```
/// use skyspan_trace::receive::Receiver;
///
/// let receiver = Receiver::options().spans_max(1000).allow_origin("http://localhost:5173").start()?;
/// assert!(receiver.endpoint().starts_with("http://127.0.0.1:"));
/// # Ok::<(), skyspan_trace::receive::ReceiveError>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "it listens only when it is started"]
pub struct ReceiverOptions {
    pub(super) listen: Vec<SocketAddr>,
    pub(super) body_max: u64,
    pub(super) decompressed_max: u64,
    pub(super) spans_max: u64,
    pub(super) total_max: u64,
    pub(super) body_time: Duration,
    pub(super) hosts: Vec<String>,
    pub(super) origins: Vec<String>,
}

impl Default for ReceiverOptions {
    fn default() -> Self {
        Self {
            listen: vec![SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0)],
            body_max: 20 << 20,
            decompressed_max: 64 << 20,
            spans_max: 5_000_000,
            total_max: 2 << 30,
            body_time: Duration::from_secs(30),
            hosts: Vec::new(),
            origins: Vec::new(),
        }
    }
}

impl ReceiverOptions {
    /// Listens there: `127.0.0.1:4318` for programs that know no other place, `0.0.0.0:0` for those in containers. Unless this is said
    /// it is a port of this machine alone that nobody uses. Port 0 is one that nobody uses.
    pub fn listen(self, address: SocketAddr) -> Self {
        Self { listen: vec![address], ..self }
    }

    /// Listens there as well: programs that know no other place send OTLP over HTTP to the port 4318, and over gRPC to 4317. Each
    /// port takes both.
    pub fn also_listen(mut self, address: SocketAddr) -> Self {
        self.listen.push(address);
        self
    }

    /// Sets how many bytes the body of a request has at most, as it comes.
    pub fn body_max(self, bytes: u64) -> Self {
        Self { body_max: bytes, ..self }
    }

    /// Sets how many bytes the body of a request has at most after it was decompressed.
    pub fn decompressed_max(self, bytes: u64) -> Self {
        Self { decompressed_max: bytes, ..self }
    }

    /// Sets how many spans are taken at most.
    pub fn spans_max(self, spans: u64) -> Self {
        Self { spans_max: spans, ..self }
    }

    /// Sets how many bytes the bodies of all requests with spans have together at most, decompressed; the spans of a request that
    /// goes beyond are refused.
    pub fn total_max(self, bytes: u64) -> Self {
        Self { total_max: bytes, ..self }
    }

    /// Sets how long the body of a request may take to come.
    pub fn body_time(self, time: Duration) -> Self {
        Self { body_time: time, ..self }
    }

    /// Hears requests that name this host as well, such as `host.docker.internal`. Of what comes by a loopback address it hears
    /// what names a loopback address, `localhost` or a name below it, and nothing else, so that a page of the web cannot reach it by
    /// a name that it has made to mean this machine.
    pub fn allow_host(mut self, host: impl Into<String>) -> Self {
        self.hosts.push(host.into());
        self
    }

    /// Hears pages of the web of this origin, such as `http://localhost:5173`, and tells their browser so. All others are refused:
    /// whatever page somebody looks at could send spans to this machine.
    pub fn allow_origin(mut self, origin: impl Into<String>) -> Self {
        self.origins.push(origin.into());
        self
    }

    /// Begins to listen.
    ///
    /// # Errors
    ///
    /// [`ReceiveError`] if it cannot: another program has the port, or there is no such address.
    pub fn start(self) -> Result<Receiver, ReceiveError> {
        Receiver::listening(self)
    }
}
