//! [`Receiver`]: takes OTLP from live programs.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};
use std::process::Command;
use std::sync::Arc;
use std::thread::JoinHandle;

use tokio::sync::watch;

use super::environment::Environment;
use super::intake::Intake;
use super::options::ReceiverOptions;
use super::server;
use super::test_spans::TestSpans;
use crate::trace::{Capture, CaptureWait, Trace};

/// Takes OTLP from live programs, over HTTP (protobuf and JSON) and gRPC on one port, until it is dropped.
///
/// It has a thread of its own, and needs no runtime. What comes is in its [trace](Self::trace) at any time, and is kept after
/// the programs are gone. [`settled`](Self::settled) waits for what is yet to come. Metrics and logs are answered as if they were taken,
/// and [told](Self::warnings).
///
/// ```
/// use std::io::{Read as _, Write as _};
/// use skyspan_trace::expect::{one, span};
/// use skyspan_trace::receive::Receiver;
///
/// let receiver = Receiver::start()?;
/// // What any OpenTelemetry SDK does:
/// let request = r#"{"resourceSpans": [{"scopeSpans": [{"spans": [{
///     "traceId": "5b8efff798038103d269b633813fc60c", "spanId": "eee19b7ec3c1b174", "name": "request",
///     "startTimeUnixNano": "1544712660000000000", "endTimeUnixNano": "1544712661000000000"}]}]}]}"#;
/// let mut socket = std::net::TcpStream::connect(receiver.address())?;
/// write!(
///     socket,
///     "POST /v1/traces HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: application/json\r\n\
///      content-length: {}\r\n\r\n{request}",
///     request.len()
/// )?;
/// let mut answer = String::new();
/// socket.read_to_string(&mut answer)?;
/// assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
///
/// receiver.trace().assert(one(span("request")));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Receiver {
    intake: Arc<Intake>,
    /// Where it listens; never empty.
    addresses: Vec<SocketAddr>,
    stop: watch::Sender<bool>,
    thread: Option<JoinHandle<()>>,
}

/// A receiver cannot listen.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on {address}: {error}{}", advice(.error))]
#[non_exhaustive]
pub struct ReceiveError {
    /// Where it was to listen.
    pub address: SocketAddr,
    /// What the operating system says.
    #[source]
    pub error: io::Error,
}

fn advice(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::AddrInUse => {
            "; another program has this port, a collector perhaps: choose another, or 0 for a free one"
        }
        io::ErrorKind::AddrNotAvailable => "; the address is not one of this machine",
        _ => "",
    }
}

/// A listener of the runtime that is entered, and where it listens.
fn bound(address: SocketAddr) -> io::Result<(tokio::net::TcpListener, SocketAddr)> {
    let listener = TcpListener::bind(address)?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    Ok((tokio::net::TcpListener::from_std(listener)?, address))
}

impl Receiver {
    /// A receiver on a port of this machine that nobody else uses and no other machine reaches.
    ///
    /// # Errors
    ///
    /// [`ReceiveError`] if the operating system gives no port or thread.
    pub fn start() -> Result<Self, ReceiveError> {
        Self::options().start()
    }

    /// A receiver that listens elsewhere, or has other limits.
    pub fn options() -> ReceiverOptions {
        ReceiverOptions::default()
    }

    pub(super) fn listening(options: ReceiverOptions) -> Result<Self, ReceiveError> {
        let first = options.listen.first().copied().unwrap_or_else(|| SocketAddr::new(Ipv4Addr::LOCALHOST.into(), 0));
        let failed = |error| ReceiveError { address: first, error };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(failed)?;
        let (mut listeners, mut addresses) = (Vec::new(), Vec::new());
        for wanted in &options.listen {
            let entered = runtime.enter();
            let bound = bound(*wanted).map_err(|error| ReceiveError { address: *wanted, error });
            drop(entered);
            let (listener, address) = bound?;
            listeners.push(listener);
            addresses.push(address);
        }
        let intake = Arc::new(Intake::new(options));
        let (stop, stopped) = watch::channel(false);
        let of_thread = Arc::clone(&intake);
        let thread = std::thread::Builder::new()
            .name("skyspan receiver".to_owned())
            .spawn(move || runtime.block_on(server::serve(listeners, of_thread, stopped)))
            .map_err(failed)?;
        Ok(Self { intake, addresses, stop, thread: Some(thread) })
    }

    /// Where it listens; of several addresses the first.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.addresses[0]
    }

    /// All addresses on which it listens, in the order in which they were given.
    #[must_use]
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// The value of `OTEL_EXPORTER_OTLP_ENDPOINT`, for OTLP over HTTP and over gRPC: `http://127.0.0.1:38911`. Of a receiver that
    /// listens on all addresses it is that of this machine itself.
    #[must_use]
    pub fn endpoint(&self) -> String {
        let ip = match self.address() {
            SocketAddr::V4(address) if address.ip().is_unspecified() => Ipv4Addr::LOCALHOST.into(),
            SocketAddr::V6(address) if address.ip().is_unspecified() => Ipv6Addr::LOCALHOST.into(),
            address => address.ip(),
        };
        format!("http://{}", SocketAddr::new(ip, self.address().port()))
    }

    /// Whether other machines can reach it.
    #[must_use]
    pub fn is_beyond_loopback(&self) -> bool {
        !self.addresses.iter().all(|address| address.ip().to_canonical().is_loopback())
    }

    /// Sets the variables by which a program that has an OpenTelemetry SDK sends its spans here: all of them, often, and
    /// neither metrics nor logs unless it was told to; takes away those by which it would send them elsewhere or by a proxy. The
    /// protocol is HTTP with protobuf unless `OTEL_EXPORTER_OTLP_PROTOCOL` says otherwise.
    pub fn configure<'c>(&self, command: &'c mut Command) -> &'c mut Command {
        Environment::of(&self.endpoint()).apply(command)
    }

    /// The same variables, for those who start programs otherwise.
    #[must_use]
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        Environment::of(&self.endpoint()).set()
    }

    /// Begins a test that wants its own of the spans that come here. They are in [`trace`](Self::trace) all the same.
    #[must_use]
    pub fn test(&self) -> TestSpans {
        TestSpans::begin(&self.intake, &self.endpoint())
    }

    /// All spans so far, in the order in which they came.
    #[must_use]
    pub fn trace(&self) -> Trace {
        self.intake.capture.trace()
    }

    /// What has caught them, to [wait](Capture::wait_until) for one, or for [quiet](Capture::quiet).
    #[must_use]
    pub fn capture(&self) -> &Capture {
        &self.intake.capture
    }

    /// Waits until what has come is whole, and gives it: no request is under way, no span lacks its parent (unless that belongs
    /// to another process, as OTLP tells), and nothing has come for a while, 50 ms unless [told otherwise](CaptureWait::quiet_for).
    ///
    /// An SDK sends its spans when it is shut down, and every five seconds, or, with [our variables](Self::configure), five times a
    /// second: for a program that goes on say [`quiet_for`](CaptureWait::quiet_for) of more than that, or
    /// [wait](Capture::wait_until) for the span that you know must come. Where nothing at all has come it is whole, too.
    ///
    /// ```
    /// use skyspan_trace::receive::Receiver;
    ///
    /// let receiver = Receiver::start()?;
    /// assert!(receiver.settled().blocking()?.is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn settled(&self) -> CaptureWait<impl FnMut(&Trace) -> bool + use<>> {
        let intake = Arc::clone(&self.intake);
        self.intake.capture.whole(move |trace| intake.is_whole(trace))
    }

    /// All that somebody should hear who takes the trace for all that was sent: what was passed over and what was refused.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        self.intake.warnings()
    }
}

impl Drop for Receiver {
    /// Answers what is under way, for a second at most, and listens no more.
    fn drop(&mut self) {
        let _ = self.stop.send(true);
        if let Some(thread) = self.thread.take() {
            // It has no panic of its own to hand on.
            let _ = thread.join();
        }
    }
}
