//! `skyspan receive`.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use skyspan::receive::{Receiver, ReceiverOptions};

use crate::arguments::{address, bytes, duration};
use crate::command::{CommandError, Ended};
use crate::trace_changes::TraceChanges;
use crate::trace_output::TraceOutput;
use crate::trace_source::tell;

/// Where programs send OTLP that know no other place, over HTTP and over gRPC.
const PORTS: [u16; 2] = [4318, 4317];
/// How often it is looked whether anything has come.
const LOOK: Duration = Duration::from_millis(100);
/// How long is waited, at the end, for what is under way.
const LATE: Duration = Duration::from_secs(1);

#[derive(Debug, clap::Args)]
pub(crate) struct Receive {
    /// Listens there; may be said for each. `:4318` is a port of this machine alone, `0.0.0.0:4318` one that others reach, and port
    /// 0 one that is free [default: :4318 and :4317, where programs send that know no other place].
    #[arg(long, value_name = "ADDR", value_parser = address)]
    pub(crate) listen: Vec<SocketAddr>,
    #[command(flatten)]
    pub(crate) output: TraceOutput,
    #[command(flatten)]
    pub(crate) changes: TraceChanges,
    #[command(flatten)]
    pub(crate) limits: ReceiveLimits,
    /// Ends when nothing has come for S seconds after something has. Otherwise Ctrl-C ends it.
    #[arg(long, value_name = "S", value_parser = duration)]
    pub(crate) idle: Option<Duration>,
    /// Takes a trace without spans for one. Otherwise it is an error.
    #[arg(long)]
    pub(crate) allow_empty: bool,
}

/// Whom a receiver hears, and how much it takes.
#[derive(Debug, Default, clap::Args)]
pub(crate) struct ReceiveLimits {
    /// Takes at most N spans [default: 5000000].
    #[arg(long, value_name = "N")]
    pub(crate) max_spans: Option<u64>,
    /// Takes requests of at most so many bytes, after decompression; `k`, `M` and `G` stand for powers of 1000 [default: 67M].
    #[arg(long, value_name = "BYTES", value_parser = bytes)]
    pub(crate) max_request: Option<u64>,
    /// Hears requests to this host as well, such as host.docker.internal; may be said for each.
    #[arg(long, value_name = "HOST")]
    pub(crate) allow_host: Vec<String>,
    /// Hears web pages of this origin, such as http://localhost:5173; may be said for each. Others are refused.
    #[arg(long, value_name = "ORIGIN")]
    pub(crate) allow_origin: Vec<String>,
}

impl ReceiveLimits {
    /// A receiver with these limits.
    pub(crate) fn options(&self) -> ReceiverOptions {
        let mut options = Receiver::options();
        if let Some(spans) = self.max_spans {
            options = options.spans_max(spans);
        }
        if let Some(bytes) = self.max_request {
            options = options.decompressed_max(bytes).body_max(bytes);
        }
        options = self.allow_host.iter().fold(options, ReceiverOptions::allow_host);
        self.allow_origin.iter().fold(options, ReceiverOptions::allow_origin)
    }
}

/// Receives until it is ended, and writes what has come.
pub(crate) fn receive(wanted: &Receive) -> Result<Ended, CommandError> {
    let output = wanted.output.open()?;
    let ended = ended_by_signal();
    let on_loopback = PORTS.map(|port| SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port));
    let listen = if wanted.listen.is_empty() { &on_loopback[..] } else { &wanted.listen };
    let (first, others) = listen.split_first().unwrap_or((&on_loopback[0], &[]));
    let options = others.iter().fold(wanted.limits.options().listen(*first), |all, other| all.also_listen(*other));
    let receiver = options.start()?;
    let addresses: Vec<String> = receiver.addresses().iter().map(|address| format!("http://{address}")).collect();
    let until = if wanted.idle.is_some() { "it is idle, or Ctrl-C" } else { "Ctrl-C" };
    tell(&format!("takes OTLP over HTTP and gRPC at {}, until {until}", addresses.join(" and ")));
    if receiver.is_beyond_loopback() {
        tell("other machines reach it, and whoever does can send spans");
    }
    wait(&receiver, wanted.idle, &ended);
    let trace = receiver.settled().within(LATE).blocking().unwrap_or_else(|error| error.trace);
    for warning in receiver.warnings() {
        tell(&warning);
    }
    drop(receiver);
    if trace.is_empty() && !wanted.allow_empty {
        return Err(CommandError::NothingReceived { advice: "" });
    }
    output.write(&wanted.changes.apply(trace, "")?, true)?;
    Ok(Ended::Well)
}

/// Waits for a signal, or until nothing comes any more.
fn wait(receiver: &Receiver, idle: Option<Duration>, ended: &mpsc::Receiver<()>) {
    let (mut seen, mut quiet) = (0, Duration::ZERO);
    loop {
        match ended.recv_timeout(LOOK) {
            Ok(()) => return,
            Err(RecvTimeoutError::Timeout) => {}
            // Nobody can end it by a signal, which is told; what is left is idleness, or the end of the process.
            Err(RecvTimeoutError::Disconnected) => std::thread::park_timeout(LOOK),
        }
        let come = receiver.capture().len();
        quiet = if come == seen { quiet + LOOK } else { Duration::ZERO };
        seen = come;
        if come > 0 && idle.is_some_and(|idle| quiet >= idle) {
            return;
        }
    }
}

/// Hears of Ctrl-C, and of SIGTERM and SIGHUP where they are.
fn ended_by_signal() -> mpsc::Receiver<()> {
    let (sender, ended) = mpsc::channel();
    #[cfg(unix)]
    {
        use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
        match signal_hook::iterator::Signals::new([SIGINT, SIGTERM, SIGHUP]) {
            Ok(mut signals) => {
                std::thread::spawn(move || {
                    for (count, signal) in (0_u32..).zip(signals.forever()) {
                        // Who presses again does not want to wait for what is written.
                        if count > 0 {
                            std::process::exit(128 + signal);
                        }
                        let _ = sender.send(());
                    }
                });
            }
            Err(error) => tell(&format!("Ctrl-C will end it without a trace: {error}")),
        }
    }
    #[cfg(not(unix))]
    if let Err(error) = ctrlc::set_handler(move || drop(sender.send(()))) {
        tell(&format!("Ctrl-C will end it without a trace: {error}"));
    }
    ended
}
