//! Waiting for what a program's threads have yet to do.

use std::fmt;
use std::time::Duration;

use super::Capture;
use super::stopwatch::Stopwatch;
use crate::trace::Trace;

/// How many lines of the trace an error shows.
const LINES_MAX: usize = 40;

impl Capture {
    /// Waits until the trace of all spans so far is as `condition` wants it, and gives that trace. The condition is looked
    /// at once in any case, and then whenever a span has started or ended.
    ///
    /// This blocks the thread, in real time: it is for programs that have threads of their own. With a simulated clock
    /// there is nothing to wait for: when its `block_on` (or `Harness::run`) has come back, all that could happen has
    /// happened, and within it a plan or a device sleeps by that clock, which stands still while a thread is blocked here.
    ///
    /// ```
    /// use std::time::Duration;
    /// use opentelemetry::trace::{Span as _, Tracer as _, TracerProvider as _};
    /// use skyspan_trace::trace::Capture;
    ///
    /// let capture = Capture::new();
    /// let tracer = capture.provider().tracer("app");
    /// std::thread::spawn(move || tracer.start("stored").end());
    ///
    /// let trace = capture.wait_until(|trace| trace.named("stored").count() == 1, Duration::from_secs(30))?;
    /// assert_eq!(trace.len(), 1);
    /// # Ok::<(), skyspan_trace::trace::WaitError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`WaitError`] if that does not come within `timeout`; it has, and shows, what was caught.
    pub fn wait_until(&self, mut condition: impl FnMut(&Trace) -> bool, timeout: Duration) -> Result<Trace, WaitError> {
        let stopwatch = Stopwatch::start();
        loop {
            let (trace, changes) = self.trace_and_changes();
            // The lock is free by now: the condition may take its time, and look at the capture.
            if condition(&trace) {
                return Ok(trace);
            }
            let left = timeout.saturating_sub(stopwatch.elapsed());
            if left.is_zero() {
                return Err(WaitError { awaited: Awaited::Condition, timeout, trace });
            }
            self.wait_for_change(changes, left);
        }
    }

    /// Waits until no span has started or ended for as long as `quiet_for`, counted from now at the earliest, and gives
    /// the trace of all. Spans may be open then: a program that waits for its next request is quiet.
    ///
    /// In real time, as [`wait_until`](Self::wait_until).
    ///
    /// ```
    /// use std::time::Duration;
    /// use opentelemetry::trace::{Span as _, Tracer as _, TracerProvider as _};
    /// use skyspan_trace::trace::Capture;
    ///
    /// let capture = Capture::new();
    /// capture.provider().tracer("app").start("request").end();
    /// let trace = capture.wait_until_quiet(Duration::from_millis(5), Duration::from_secs(30))?;
    /// assert_eq!(trace.len(), 1);
    /// # Ok::<(), skyspan_trace::trace::WaitError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`WaitError`] if it is not quiet for so long within `timeout`, which ought to be the longer of the two.
    pub fn wait_until_quiet(&self, quiet_for: Duration, timeout: Duration) -> Result<Trace, WaitError> {
        let stopwatch = Stopwatch::start();
        let (_, mut seen) = self.trace_and_changes();
        let mut since = Duration::ZERO;
        loop {
            let now = stopwatch.elapsed();
            let (quiet, left) = (quiet_for.saturating_sub(now - since), timeout.saturating_sub(now));
            if quiet.is_zero() || left.is_zero() {
                let (trace, changes) = self.trace_and_changes();
                if quiet.is_zero() && changes == seen {
                    return Ok(trace);
                }
                if left.is_zero() {
                    return Err(WaitError { awaited: Awaited::Quiet { quiet_for }, timeout, trace });
                }
            }
            let changes = self.wait_for_change(seen, quiet.min(left));
            if changes != seen {
                (seen, since) = (changes, stopwatch.elapsed());
            }
        }
    }
}

/// What was waited for did not come in time.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct WaitError {
    /// What was waited for.
    pub awaited: Awaited,
    /// How long.
    pub timeout: Duration,
    /// What was caught until then.
    pub trace: Trace,
}

/// What was waited for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Awaited {
    /// That a condition holds.
    Condition,
    /// That no span starts or ends.
    Quiet {
        /// For how long.
        quiet_for: Duration,
    },
}

impl fmt::Display for WaitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.awaited {
            Awaited::Condition => write!(f, "the condition did not hold within {:?}", self.timeout)?,
            Awaited::Quiet { quiet_for } => {
                write!(f, "within {:?} it was never quiet for {quiet_for:?}", self.timeout)?;
            }
        }
        let open = self.trace.unended().count();
        let spans = if self.trace.len() == 1 { "span" } else { "spans" };
        write!(f, "; caught by then: {} {spans}", self.trace.len())?;
        if open > 0 {
            write!(f, ", {open} of them open")?;
        }
        let drawn = self.trace.draw().to_string();
        let mut lines = drawn.lines();
        for line in lines.by_ref().take(LINES_MAX) {
            write!(f, "\n  {line}")?;
        }
        match lines.count() {
            0 => Ok(()),
            1 => f.write_str("\n  … 1 line more"),
            more => write!(f, "\n  … {more} lines more"),
        }
    }
}

impl std::error::Error for WaitError {}
