//! [`Verdicts`]: checks in other threads that fail the test.

use std::any::Any;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use super::real_time::{after, left_until};
use crate::sync::lock;

/// Brings what goes wrong in other threads to the thread of the test.
///
/// A panic in a thread or a task whose result nobody looks at fails no test. What is [watched](Self::watch) does: when
/// this is dropped, in the test's thread, it panics there with all that went wrong, and also if something that was watched
/// has not come to its end, for then nobody knows. [`finish`](Self::finish) gives threads the time to do so.
///
/// ```
/// use std::time::Duration;
/// use skyspan_trace::expect::span;
/// use skyspan_trace::trace::{Span, Trace, Verdicts};
///
/// let verdicts = Verdicts::new();
/// std::thread::spawn(verdicts.watch(|| {
///     Trace::from_spans([Span::builder("request").build()]).assert(span("request"));
/// }));
/// verdicts.finish(Duration::from_secs(30))?;
/// # Ok::<(), skyspan_trace::trace::Unmet>(())
/// ```
///
/// ```should_panic
/// use skyspan_trace::expect::span;
/// use skyspan_trace::trace::{Trace, Verdicts};
///
/// let verdicts = Verdicts::new();
/// let _ = std::thread::spawn(verdicts.watch(|| Trace::default().assert(span("request")))).join();
/// ```
#[derive(Debug, Default)]
#[must_use = "it fails the test when it is dropped; dropped at once, it watches nothing"]
pub struct Verdicts {
    shared: Arc<WatchedRuns>,
    finished: bool,
}

#[derive(Debug, Default)]
struct WatchedRuns {
    state: Mutex<RunTally>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct RunTally {
    /// How many are watched and have not ended.
    under_way: usize,
    failures: Vec<String>,
}

impl Verdicts {
    /// Nothing is watched yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The function, to be called in another thread: if it panics, the test fails. The panic itself goes on as it would.
    ///
    /// It counts as under way from now on. If it is dropped without having been called, that is a failure, too.
    pub fn watch<T, F: FnOnce() -> T>(&self, f: F) -> impl FnOnce() -> T + use<T, F> {
        let verdict = self.verdict();
        move || match catch_unwind(AssertUnwindSafe(f)) {
            Ok(value) => {
                verdict.give::<&str>(Ok(()));
                value
            }
            Err(panic) => {
                verdict.give(Err(message(&*panic)));
                resume_unwind(panic);
            }
        }
    }

    /// A verdict that another thread or task has yet to give.
    ///
    /// ```
    /// use skyspan_trace::expect::none;
    /// use skyspan_trace::expect::span;
    /// use skyspan_trace::trace::{Trace, Verdicts};
    ///
    /// let verdicts = Verdicts::new();
    /// let verdict = verdicts.verdict();
    /// let _ = std::thread::spawn(move || verdict.give(Trace::default().check(none(span("retry"))))).join();
    /// ```
    pub fn verdict(&self) -> PendingVerdict {
        lock(&self.shared.state).under_way += 1;
        PendingVerdict { shared: Arc::clone(&self.shared), given: false }
    }

    /// Waits until everything that is watched has ended, in real time.
    ///
    /// # Errors
    ///
    /// [`Unmet`] if anything went wrong, or has not ended within `timeout`.
    pub fn finish(mut self, timeout: Duration) -> Result<(), Unmet> {
        let deadline = after(timeout);
        let mut state = lock(&self.shared.state);
        while state.under_way > 0 {
            let left = left_until(deadline);
            if left.is_zero() {
                break;
            }
            state = self.shared.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        let unmet = unmet(&state);
        drop(state);
        self.finished = true;
        unmet
    }
}

fn unmet(state: &RunTally) -> Result<(), Unmet> {
    if state.failures.is_empty() && state.under_way == 0 {
        return Ok(());
    }
    Err(Unmet { failures: state.failures.clone(), under_way: state.under_way })
}

impl Drop for Verdicts {
    /// # Panics
    ///
    /// If anything went wrong or has not ended, unless the thread panics already.
    fn drop(&mut self) {
        let unmet = unmet(&lock(&self.shared.state));
        if let Err(unmet) = unmet
            && !self.finished
            && !thread::panicking()
        {
            panic!("{unmet}");
        }
    }
}

/// A verdict to be given by another thread, from [`Verdicts::verdict`]. One that is dropped without is a failure.
#[derive(Debug)]
#[must_use = "a verdict that is never given fails the test"]
pub struct PendingVerdict {
    shared: Arc<WatchedRuns>,
    given: bool,
}

impl PendingVerdict {
    /// Gives it: what a check came to.
    pub fn give<E: fmt::Display>(mut self, result: Result<(), E>) {
        self.given = true;
        self.end(result.err().map(|error| error.to_string()));
    }

    fn end(&self, failure: Option<String>) {
        let mut state = lock(&self.shared.state);
        state.under_way -= 1;
        state.failures.extend(failure);
        drop(state);
        self.shared.changed.notify_all();
    }
}

impl Drop for PendingVerdict {
    fn drop(&mut self) {
        if !self.given {
            self.end(Some("a verdict was never given".to_owned()));
        }
    }
}

/// What went wrong in other threads.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Unmet {
    /// The reports, in the order in which they came.
    pub failures: Vec<String>,
    /// How many of what is watched have not ended.
    pub under_way: usize,
}

impl fmt::Display for Unmet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "in other threads: {} failed, {} under way", self.failures.len(), self.under_way)?;
        for failure in &self.failures {
            write!(f, "\n\n{}", failure.trim_end())?;
        }
        if self.under_way > 0 {
            f.write_str("\n\nwhat is under way may yet fail: join it, or wait for it with `finish`")?;
        }
        Ok(())
    }
}

impl std::error::Error for Unmet {}

/// What a panic says.
fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    text.unwrap_or("a panic without a message").to_owned()
}
