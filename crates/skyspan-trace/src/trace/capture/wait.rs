//! [`CaptureWait`]: waiting for what a program's tasks and threads have yet to do.

use std::fmt;
use std::pin::Pin;
use std::sync::PoisonError;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use super::Capture;
use super::alarm::Alarm;
use super::idle::Workers;
use super::real_time::{after, left_until, now};
use crate::trace::Trace;

/// How long a wait takes at most, unless one says otherwise.
const TIMEOUT: Duration = Duration::from_secs(30);

/// How long nothing new must have come, unless one says otherwise.
const QUIET_FOR: Duration = Duration::from_millis(50);

/// In how many looks in a row nothing new must have come. Each of them is a turn of the waiting task, so that on a busy machine,
/// where turns come late, quiet takes longer.
const LOOKS: u32 = 5;

/// How many lines of the trace an error shows.
const LINES_MAX: usize = 40;

impl Capture {
    /// Waits until the trace of all spans so far is as `condition` wants it, and gives that trace. The condition is looked
    /// at once in any case, and then whenever a span has started or ended.
    ///
    /// It is awaited, on any runtime, or told to [block](CaptureWait::blocking). In real time: with a simulated clock
    /// there is nothing to wait for, since all that could happen has happened when `Harness::run` has come back.
    ///
    /// ```
    /// use opentelemetry::trace::{Span as _, Tracer as _, TracerProvider as _};
    /// use skyspan_trace::trace::Capture;
    ///
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// let capture = Capture::new();
    /// let tracer = capture.provider().tracer("app");
    /// tokio::spawn(async move { tracer.start("stored").end() });
    ///
    /// let trace = capture.wait_until(|trace| trace.named("stored").count() == 1).await?;
    /// assert_eq!(trace.len(), 1);
    /// # Ok::<(), skyspan_trace::trace::WaitError>(()) }).unwrap();
    /// ```
    pub fn wait_until<C: FnMut(&Trace) -> bool>(&self, condition: C) -> CaptureWait<C> {
        CaptureWait::new(self, Awaited::Condition, Some(condition))
    }

    /// Waits until no span is open and none has started or ended for a while, 50 ms unless
    /// [told otherwise](CaptureWait::quiet_for), and gives the trace of all.
    ///
    /// The while is cut into five looks, each of which is a turn of the waiting task, and with the feature `tokio` all workers of
    /// its runtime must have run out of work meanwhile: on a busy machine it takes longer. Still it is a guess that nothing more will
    /// come: from a socket, a timer, a thread. Where you know what must come, [`wait_until`](Self::wait_until) that.
    ///
    /// ```
    /// use opentelemetry::trace::{Span as _, Tracer as _, TracerProvider as _};
    /// use skyspan_trace::trace::Capture;
    ///
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// let capture = Capture::new();
    /// let request = capture.provider().tracer("app").start("request");
    /// tokio::spawn(async move { drop(request) });
    ///
    /// let trace = capture.settled().await?;
    /// assert_eq!(trace.unended().count(), 0);
    /// # Ok::<(), skyspan_trace::trace::WaitError>(()) }).unwrap();
    /// ```
    pub fn settled(&self) -> CaptureWait {
        CaptureWait::new(self, Awaited::Settled { quiet_for: QUIET_FOR }, None)
    }

    /// Waits until no span has started or ended for a while, as [`settled`](Self::settled); spans may be open then: a program that
    /// waits for its next request is quiet.
    ///
    /// ```
    /// use opentelemetry::trace::{Span as _, Tracer as _, TracerProvider as _};
    /// use skyspan_trace::trace::Capture;
    ///
    /// let capture = Capture::new();
    /// let _server = capture.provider().tracer("app").start("serve");
    /// let trace = capture.quiet().blocking()?;
    /// assert_eq!(trace.unended().count(), 1);
    /// # Ok::<(), skyspan_trace::trace::WaitError>(())
    /// ```
    pub fn quiet(&self) -> CaptureWait {
        CaptureWait::new(self, Awaited::Quiet { quiet_for: QUIET_FOR }, None)
    }

    /// Waits until it is quiet and what has come is whole, as far as `is_whole` tells.
    #[cfg(feature = "receive")]
    pub(crate) fn whole<C: FnMut(&Trace) -> bool>(&self, is_whole: C) -> CaptureWait<C> {
        CaptureWait::new(self, Awaited::Whole { quiet_for: QUIET_FOR }, Some(is_whole))
    }
}

/// A wait for what tasks and threads have yet to do, from [`Capture::wait_until`], [`Capture::settled`] and [`Capture::quiet`].
///
/// Awaited, it lets others run meanwhile, on any runtime; it has a thread for its time-out, and needs no timer of the runtime.
///
/// # Errors
///
/// Both ways give a [`WaitError`] if what is waited for does not come in time; it has, and shows, what was caught.
#[derive(Debug)]
#[must_use = "it waits only when it is awaited, or told to block"]
pub struct CaptureWait<C = fn(&Trace) -> bool> {
    capture: Capture,
    awaited: Awaited,
    condition: Option<C>,
    timeout: Duration,
}

impl<C> CaptureWait<C> {
    fn new(capture: &Capture, awaited: Awaited, condition: Option<C>) -> Self {
        Self { capture: capture.clone(), awaited, condition, timeout: TIMEOUT }
    }

    /// Waits for so long at most; 30 s unless one says otherwise.
    pub fn within(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }

    /// How long nothing new must have come; 50 ms unless one says otherwise. It means nothing to a wait for a condition.
    pub fn quiet_for(mut self, duration: Duration) -> Self {
        match &mut self.awaited {
            Awaited::Condition => {}
            Awaited::Quiet { quiet_for } | Awaited::Settled { quiet_for } | Awaited::Whole { quiet_for } => {
                *quiet_for = duration;
            }
        }
        self
    }
}

impl<C: FnMut(&Trace) -> bool> CaptureWait<C> {
    /// Waits, and blocks this thread meanwhile: for programs that have threads of their own. On a tokio runtime of one thread what
    /// is waited for could not go on; await it there.
    ///
    /// ```
    /// use std::time::Duration;
    /// use opentelemetry::trace::{Span as _, Tracer as _, TracerProvider as _};
    /// use skyspan_trace::trace::Capture;
    ///
    /// let capture = Capture::new();
    /// let tracer = capture.provider().tracer("app");
    /// std::thread::spawn(move || tracer.start("stored").end());
    /// capture.wait_until(|trace| trace.named("stored").count() == 1).within(Duration::from_secs(10)).blocking()?;
    /// # Ok::<(), skyspan_trace::trace::WaitError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`WaitError`] if it does not come in time.
    pub fn blocking(mut self) -> Result<Trace, WaitError> {
        let mut progress = Progress::new(&self);
        loop {
            match progress.look(&mut self) {
                Look::Over(result) => {
                    return result
                        .map_err(|error| WaitError { blocked_runtime: is_in_runtime_of_one_thread(), ..error });
                }
                Look::Again { changes, at } => self.capture.sleep_until_change(changes, at),
            }
        }
    }
}

/// Whether the thread is of a tokio runtime that has no other to run its tasks.
fn is_in_runtime_of_one_thread() -> bool {
    #[cfg(feature = "tokio")]
    {
        use tokio::runtime::{Handle, RuntimeFlavor};
        Handle::try_current().is_ok_and(|runtime| runtime.runtime_flavor() == RuntimeFlavor::CurrentThread)
    }
    #[cfg(not(feature = "tokio"))]
    false
}

impl Capture {
    /// Sleeps until a moment, or until a span has started or ended since there were so many `changes`.
    fn sleep_until_change(&self, changes: Option<u64>, at: Instant) {
        let mut caught = self.caught();
        caught.waiters.thread_waits();
        let is_asleep = |caught: &mut super::caught::Caught| changes.is_none_or(|changes| caught.changes == changes);
        let waited = self.shared().changed.wait_timeout_while(caught, left_until(at), is_asleep);
        waited.unwrap_or_else(PoisonError::into_inner).0.waiters.thread_goes_on();
    }
}

/// How far a wait has come.
#[derive(Debug)]
struct Progress {
    deadline: Instant,
    /// How many changes the last look saw, when that was, and how many in a row saw no more than the one before.
    seen: Option<u64>,
    looked: Instant,
    quiet_looks: u32,
    workers: Workers,
}

/// What a look at the capture came to.
enum Look {
    Over(Result<Trace, WaitError>),
    /// Look again at that moment, or, if `changes` says how many there were, when there are more.
    Again {
        changes: Option<u64>,
        at: Instant,
    },
}

impl Progress {
    fn new<C>(wait: &CaptureWait<C>) -> Self {
        Self { deadline: after(wait.timeout), seen: None, looked: now(), quiet_looks: 0, workers: Workers::default() }
    }

    fn look<C: FnMut(&Trace) -> bool>(&mut self, wait: &mut CaptureWait<C>) -> Look {
        match (wait.awaited, &mut wait.condition) {
            (Awaited::Quiet { quiet_for }, _) => self.look_for_quiet(wait, quiet_for, true),
            (Awaited::Settled { quiet_for }, _) => self.look_for_quiet(wait, quiet_for, false),
            (Awaited::Whole { quiet_for }, _) => self.look_for_quiet(wait, quiet_for, true),
            (Awaited::Condition, condition) => {
                let (trace, changes) = wait.capture.trace_and_changes();
                // The lock is free by now: the condition may take its time, and look at the capture.
                if condition.as_mut().is_none_or(|condition| condition(&trace)) {
                    return Look::Over(Ok(trace));
                }
                self.again(wait, Some(changes), self.deadline)
            }
        }
    }

    fn look_for_quiet<C: FnMut(&Trace) -> bool>(
        &mut self,
        wait: &mut CaptureWait<C>,
        quiet_for: Duration,
        though_open: bool,
    ) -> Look {
        let step = quiet_for / LOOKS;
        let (changes, open) = {
            let caught = wait.capture.caught();
            (caught.changes, caught.open.len())
        };
        let now = now();
        if self.seen != Some(changes) || open > 0 && !though_open {
            (self.seen, self.looked, self.quiet_looks) = (Some(changes), now, 0);
        } else if now.duration_since(self.looked) >= step {
            let looks = if though_open || self.workers.have_been_idle() { self.quiet_looks + 1 } else { 0 };
            (self.looked, self.quiet_looks) = (now, looks);
        }
        if self.quiet_looks == LOOKS {
            let trace = wait.capture.trace();
            if wait.condition.as_mut().is_none_or(|is_whole| is_whole(&trace)) {
                return Look::Over(Ok(trace));
            }
            self.quiet_looks = 0;
        }
        self.again(wait, None, (self.looked + step).min(self.deadline))
    }

    /// Looks again later, unless the time is up.
    fn again<C>(&self, wait: &CaptureWait<C>, changes: Option<u64>, at: Instant) -> Look {
        if left_until(self.deadline).is_zero() {
            return Look::Over(Err(WaitError {
                awaited: wait.awaited,
                timeout: wait.timeout,
                trace: wait.capture.trace(),
                blocked_runtime: false,
            }));
        }
        Look::Again { changes, at }
    }
}

impl Capture {
    /// The trace of all spans, and how many times one had started or ended by then.
    fn trace_and_changes(&self) -> (Trace, u64) {
        let mut caught = self.caught();
        (caught.trace(self.shared_watch()), caught.changes)
    }
}

impl<C: FnMut(&Trace) -> bool> IntoFuture for CaptureWait<C> {
    type Output = Result<Trace, WaitError>;
    type IntoFuture = Waiting<C>;

    fn into_future(self) -> Waiting<C> {
        let task = self.capture.caught().waiters.task();
        Waiting { progress: Progress::new(&self), wait: Box::new(self), alarm: Alarm::default(), task }
    }
}

/// A [`CaptureWait`] that is awaited.
#[derive(Debug)]
#[must_use = "a future does nothing until it is polled"]
pub struct Waiting<C> {
    /// Boxed, so that the condition may be called where this is pinned.
    wait: Box<CaptureWait<C>>,
    progress: Progress,
    alarm: Alarm,
    task: u64,
}

impl<C: FnMut(&Trace) -> bool> Future for Waiting<C> {
    type Output = Result<Trace, WaitError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        if this.wait.awaited == Awaited::Condition {
            // Before the look, so that no change is missed.
            let before = this.wait.capture.caught().waiters.task_waits(this.task, cx.waker());
            drop(before);
        }
        match this.progress.look(&mut this.wait) {
            Look::Over(result) => Poll::Ready(result),
            Look::Again { at, .. } => {
                this.alarm.set(at, cx.waker());
                Poll::Pending
            }
        }
    }
}

impl<C> Drop for Waiting<C> {
    fn drop(&mut self) {
        let waker = self.wait.capture.caught().waiters.task_goes_on(self.task);
        drop(waker);
    }
}

/// What was waited for did not come in time.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct WaitError {
    /// What was waited for.
    pub awaited: Awaited,
    /// How long was waited.
    pub timeout: Duration,
    /// What was caught until then.
    pub trace: Trace,
    /// Whether the wait blocked a thread of a tokio runtime that has only one, on which nothing else could run meanwhile; known with
    /// the feature `tokio`.
    pub blocked_runtime: bool,
}

/// What was waited for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Awaited {
    /// That a condition holds.
    Condition,
    /// That no span starts or ends.
    Quiet {
        /// For how long nothing new must come.
        quiet_for: Duration,
    },
    /// That no span is open, and none starts or ends.
    Settled {
        /// For how long nothing new must come.
        quiet_for: Duration,
    },
    /// That no span comes from another process, and all that have come have their parents.
    Whole {
        /// For how long nothing new must come.
        quiet_for: Duration,
    },
}

impl fmt::Display for WaitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let open = self.trace.unended().count();
        match self.awaited {
            Awaited::Condition => write!(f, "the condition did not hold within {:?}", self.timeout)?,
            Awaited::Settled { .. } if open > 0 => {
                write!(f, "within {:?} not every span has ended", self.timeout)?;
            }
            Awaited::Whole { .. } if self.trace.orphans().len() > 0 => {
                write!(f, "within {:?} not every span's parent has come", self.timeout)?;
            }
            Awaited::Quiet { quiet_for } | Awaited::Settled { quiet_for } | Awaited::Whole { quiet_for } => {
                write!(f, "within {:?} it was never quiet for {quiet_for:?}", self.timeout)?;
            }
        }
        let spans = if self.trace.len() == 1 { "span" } else { "spans" };
        write!(f, "; caught by then: {} {spans}", self.trace.len())?;
        if open > 0 {
            write!(f, ", {open} of them open")?;
        }
        if self.blocked_runtime {
            f.write_str(
                "\nthe wait blocked its thread, which is the only one of a tokio runtime, so that no task of that runtime could go \
                 on: use `.await` instead of `.blocking()`",
            )?;
        }
        let drawn = self.trace.draw().without_head().width(118).to_string();
        let mut lines = drawn.lines();
        for line in lines.by_ref().take(LINES_MAX) {
            write!(f, "\n  {line}")?;
        }
        match lines.count() {
            0 => {}
            1 => f.write_str("\n  … 1 line more")?,
            more => write!(f, "\n  … {more} lines more")?,
        }
        match self.trace.unseen() {
            Some(unseen) => write!(f, "\n{unseen}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for WaitError {}
