//! `skyspan record -- COMMAND`.

use std::ffi::OsString;
use std::process::{Child, Command, ExitStatus};
use std::time::Duration;

use skyspan::trace::Trace;

use crate::arguments::duration;
use crate::command::{CommandError, Ended};
use crate::receive::ReceiveLimits;
use crate::trace_changes::TraceChanges;
use crate::trace_output::TraceOutput;
use crate::trace_source::tell;

/// How long nothing more must have come after the program is gone.
const QUIET: Duration = Duration::from_millis(300);
/// How long is waited for the parents of spans that have come.
const LATE: Duration = Duration::from_secs(5);

#[derive(Debug, clap::Args)]
pub(crate) struct Record {
    #[command(flatten)]
    pub(crate) output: TraceOutput,
    #[command(flatten)]
    pub(crate) changes: TraceChanges,
    #[command(flatten)]
    pub(crate) recorded: RecordedCommand,
}

/// A program that is run, and whose spans are received.
#[derive(Debug, clap::Args)]
pub(crate) struct RecordedCommand {
    #[command(flatten)]
    pub(crate) limits: ReceiveLimits,
    /// Waits at most S seconds, after the program has ended, for parents of spans that have come [default: 5].
    #[arg(long, value_name = "S", value_parser = duration)]
    pub(crate) wait: Option<Duration>,
    /// Takes a program that sends no span for one. Otherwise it is an error.
    #[arg(long)]
    pub(crate) allow_empty: bool,
    /// The program and its arguments.
    #[arg(last = true, required = true, value_name = "COMMAND")]
    pub(crate) command: Vec<OsString>,
}

/// What a program has left.
pub(crate) struct Recorded {
    pub(crate) trace: Trace,
    /// How the program has ended.
    pub(crate) ended: Ended,
}

/// Runs a program, and writes the trace of the spans that it sends.
pub(crate) fn record(wanted: &Record) -> Result<Ended, CommandError> {
    let output = wanted.output.open()?;
    let Recorded { trace, ended } = record_command(&wanted.recorded)?;
    output.write(&wanted.changes.apply(trace, "")?, false)?;
    Ok(ended)
}

/// Runs a program with the variables by which it sends its spans here, waits for what is late, and tells on standard error
/// what of that was passed over or refused.
pub(crate) fn record_command(wanted: &RecordedCommand) -> Result<Recorded, CommandError> {
    let receiver = wanted.limits.options().start()?;
    let Some((program, arguments)) = wanted.command.split_first() else {
        return Err(CommandError::Program { program: String::new(), error: std::io::ErrorKind::NotFound.into() });
    };
    let mut command = Command::new(program);
    let failed = |error| CommandError::Program { program: program.to_string_lossy().into_owned(), error };
    // Before it is there, so that no signal finds nobody.
    let signals = Signals::hear();
    let mut child = receiver.configure(command.args(arguments)).spawn().map_err(failed)?;
    signals.hand_on_to(&child);
    let status = child.wait().map_err(failed)?;
    let ended = ended(status);

    let late = wanted.wait.unwrap_or(LATE);
    let trace = receiver.settled().quiet_for(QUIET).within(late.max(2 * QUIET)).blocking().unwrap_or_else(|error| {
        let orphans = error.trace.orphans().len();
        if orphans > 0 {
            let (plural, have) = if orphans == 1 { ("", "has") } else { ("s", "have") };
            tell(&format!("{orphans} span{plural} {have} a parent that has not come within {late:?}"));
        }
        error.trace
    });
    for warning in receiver.warnings() {
        tell(&warning);
    }
    if trace.is_empty() && !wanted.allow_empty {
        // A program that has failed has its own reason for it.
        if ended != Ended::Well {
            tell("the program sent no span");
            return Ok(Recorded { trace, ended });
        }
        return Err(CommandError::NothingReceived { advice: NOTHING_SENT });
    }
    Ok(Recorded { trace, ended })
}

const NOTHING_SENT: &str = ": it has to have OpenTelemetry's SDK, and an OTLP exporter; a Python program gets them from \
                            `opentelemetry-instrument`, a Node one from `--require @opentelemetry/auto-instrumentations-node/register`";

/// How a program has ended, as our exit code hands it on.
fn ended(status: ExitStatus) -> Ended {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return Ended::BySignal(u8::try_from(signal).unwrap_or_default());
    }
    match status.code() {
        Some(0) => Ended::Well,
        // Elsewhere codes have 32 bits.
        Some(code) => Ended::AsProgram(u8::try_from(code).unwrap_or(1)),
        None => Ended::NotWell,
    }
}

/// The signals that end a process. Ctrl-C the terminal sends to the program as well, which has to say what becomes of it; SIGTERM
/// and SIGHUP are handed on.
#[cfg(unix)]
struct Signals(Option<signal_hook::iterator::Signals>);

#[cfg(unix)]
impl Signals {
    fn hear() -> Self {
        use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
        let signals = signal_hook::iterator::Signals::new([SIGINT, SIGTERM, SIGHUP]);
        Self(signals.inspect_err(|error| tell(&format!("a signal will end it without a trace: {error}"))).ok())
    }

    fn hand_on_to(self, child: &Child) {
        let Some(mut signals) = self.0 else { return };
        let child = i32::try_from(child.id()).ok().and_then(rustix::process::Pid::from_raw);
        std::thread::spawn(move || {
            for signal in signals.forever() {
                let signal = match signal {
                    signal_hook::consts::SIGTERM => rustix::process::Signal::TERM,
                    signal_hook::consts::SIGHUP => rustix::process::Signal::HUP,
                    _ => continue,
                };
                if let Some(child) = child {
                    // One that is gone needs no more.
                    let _ = rustix::process::kill_process(child, signal);
                }
            }
        });
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn hear() -> Self {
        if let Err(error) = ctrlc::set_handler(|| {}) {
            tell(&format!("Ctrl-C will end it without a trace: {error}"));
        }
        Self
    }

    fn hand_on_to(self, _: &Child) {}
}
