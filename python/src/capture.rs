//! The capture of what Python's SDK emits: one processor in a provider, and those who listen.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use pyo3::prelude::*;
use pyo3::types::PyTuple;
use skyspan_trace::expect::Mismatch;
use skyspan_trace::trace::capture::ingest::{Incoming, Ingest as _};
use skyspan_trace::trace::{Capture, Trace};
use skyspan_trace::value::Text;

use crate::asked::asked;
use crate::checking::checking;
use crate::convert::{self, Shared, scope_name};
use crate::expectation::joined;
use crate::mismatch::assertion_error;
use crate::trace::PyTrace;
use crate::value::text;

/// A capture, and the spans of Python that are open in it.
struct Caught {
    capture: Capture,
    open: Mutex<Open>,
    /// How many times a span started or ended.
    changes: Mutex<u64>,
    changed: Condvar,
    /// The name of a tracer whose spans are none of the test's.
    ignored: OnceLock<Text>,
}

/// Spans that have started and not ended, by the place of their context in memory, which they keep alive.
///
/// The capture hears of them when somebody asks for the trace, so that a span that ends costs it one visit.
#[derive(Default)]
struct Open {
    started: u64,
    spans: HashMap<usize, OpenSpan>,
}

struct OpenSpan {
    span: Py<PyAny>,
    /// How many had started before it.
    order: u64,
    /// Whether the capture has heard of it.
    told: bool,
    /// Whether it is forgotten until it ends.
    hidden: bool,
}

// No call into Python while a lock is held: it may let go of the GIL, and the next thread would wait for the lock with the
// GIL in its hands. Dropping an object may call into Python, too.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Caught {
    fn new() -> Self {
        let capture = Capture::new();
        // A capture that nothing feeds says so in its reports; this one is fed by a processor of Python's SDK.
        drop(capture.exporter());
        Self {
            capture,
            open: Mutex::default(),
            changes: Mutex::default(),
            changed: Condvar::new(),
            ignored: OnceLock::new(),
        }
    }

    fn tell(&self) {
        *lock(&self.changes) += 1;
        self.changed.notify_all();
    }

    fn ignores(&self, span: &Bound<'_, PyAny>) -> PyResult<bool> {
        match self.ignored.get() {
            Some(ignored) => Ok(scope_name(span)? == *ignored),
            None => Ok(false),
        }
    }

    fn start(&self, span: &Bound<'_, PyAny>, place: usize) {
        let own = span.clone().unbind();
        let unused = {
            let mut open = lock(&self.open);
            let order = open.started;
            // A provider within a provider tells of a span twice.
            match open.spans.entry(place) {
                Entry::Occupied(_) => Some(own),
                Entry::Vacant(free) => {
                    free.insert(OpenSpan { span: own, order, told: false, hidden: false });
                    open.started += 1;
                    None
                }
            }
        };
        drop(unused);
        self.tell();
    }

    /// The trace by now, of open spans with what they have by now.
    fn trace(&self, py: Python<'_>) -> PyResult<Trace> {
        let mut open: Vec<(u64, usize, Py<PyAny>)> = {
            let open = lock(&self.open);
            let shown = open.spans.iter().filter(|(_, open)| !open.hidden);
            shown.map(|(place, open)| (open.order, *place, open.span.clone_ref(py))).collect()
        };
        open.sort_unstable_by_key(|(order, ..)| *order);
        for (order, place, object) in open {
            let span = convert::span(object.bind(py), order, true, &SHARED)?;
            // It may have ended meanwhile, or another thread may have told of it.
            let Some(told) = lock(&self.open).spans.get_mut(&place).map(|open| std::mem::replace(&mut open.told, true))
            else {
                continue;
            };
            if told {
                self.capture.still_open(span);
            } else {
                self.capture.started(Incoming::from(span));
            }
        }
        // Another thread may hold the capture's lock, and never needs the GIL for it.
        Ok(py.detach(|| self.capture.trace()))
    }

    /// How many spans there are, and how many of them are open.
    fn numbers(&self) -> (usize, usize) {
        let open = lock(&self.open).spans.values().filter(|open| !open.hidden).count();
        (self.capture.len() - self.capture.open_count() + open, open)
    }
}

/// Who listens to the processors of this process; each gets all spans that start from then on.
static LISTENERS: Mutex<Option<Arc<[Arc<Caught>]>>> = Mutex::new(None);

/// What the captures of this process share.
static SHARED: std::sync::LazyLock<Shared> = std::sync::LazyLock::new(Shared::default);

fn listeners() -> Option<Arc<[Arc<Caught>]>> {
    lock(&LISTENERS).clone()
}

fn change_listeners(change: impl FnOnce(&mut Vec<Arc<Caught>>)) {
    let mut listeners = lock(&LISTENERS);
    let mut all: Vec<_> = listeners.iter().flat_map(|listeners| listeners.iter().cloned()).collect();
    change(&mut all);
    *listeners = if all.is_empty() { None } else { Some(all.into()) };
}

/// A span processor for Python's SDK. It costs next to nothing while nobody listens.
#[pyclass(frozen, name = "SpanProcessor", module = "skyspan._core", weakref)]
pub(crate) struct PyProcessor;

#[pymethods]
impl PyProcessor {
    #[new]
    fn new() -> Self {
        Self
    }

    #[pyo3(signature = (span, parent_context = None))]
    #[expect(unused_variables, reason = "the SDK hands it over by this name")]
    fn on_start(&self, span: &Bound<'_, PyAny>, parent_context: Option<&Bound<'_, PyAny>>) -> PyResult<()> {
        let Some(listeners) = listeners() else { return Ok(()) };
        let place = convert::context(span)?.as_ptr() as usize;
        for caught in listeners.iter() {
            if !caught.ignores(span)? {
                caught.start(span, place);
            }
        }
        Ok(())
    }

    fn on_end(&self, span: &Bound<'_, PyAny>) -> PyResult<()> {
        let Some(listeners) = listeners() else { return Ok(()) };
        let place = convert::context(span)?.as_ptr() as usize;
        for caught in listeners.iter() {
            // What started before somebody listened is no concern of theirs.
            let Some(open) = lock(&caught.open).spans.remove(&place) else { continue };
            let span = convert::span(span, open.order, false, &SHARED)?;
            caught.capture.ended(Incoming::from(span));
            caught.tell();
        }
        Ok(())
    }

    fn _on_ending(&self, _span: &Bound<'_, PyAny>) {}

    fn shutdown(&self) {}

    #[pyo3(signature = (timeout_millis = 30_000))]
    #[expect(unused_variables, reason = "the SDK hands it over by this name")]
    fn force_flush(&self, timeout_millis: u64) -> bool {
        true
    }
}

/// What a process emits while somebody listens.
#[pyclass(frozen, subclass, sequence, name = "Capture", module = "skyspan._core")]
pub(crate) struct PyCapture(Arc<Caught>);

asked!(PyCapture);

impl PyCapture {
    fn now(&self, py: Python<'_>) -> PyResult<PyTrace> {
        self.0.trace(py).map(PyTrace)
    }

    /// Waits for a change after so many; gives false where the time is up.
    fn wait(&self, py: Python<'_>, seen: u64, until: Instant) -> PyResult<bool> {
        loop {
            let left = until.saturating_duration_since(now());
            if left.is_zero() {
                return Ok(false);
            }
            // In short turns, so that Ctrl-C is heard.
            let turn = left.min(Duration::from_millis(50));
            let has_changed = py.detach(|| {
                let changes = lock(&self.0.changes);
                let waited = self.0.changed.wait_timeout_while(changes, turn, |changes| *changes == seen);
                *waited.unwrap_or_else(PoisonError::into_inner).0 != seen
            });
            py.check_signals()?;
            if has_changed {
                return Ok(true);
            }
        }
    }

    fn open_names(&self, py: Python<'_>) -> PyResult<Vec<Text>> {
        let open: Vec<Py<PyAny>> = {
            let open = lock(&self.0.open);
            open.spans.values().filter(|open| !open.hidden).map(|open| open.span.clone_ref(py)).collect()
        };
        open.iter().map(|span| text(&span.bind(py).getattr("name")?)).collect()
    }

    fn changes(&self) -> u64 {
        *lock(&self.0.changes)
    }
}

#[expect(clippy::disallowed_methods, reason = "a test waits for threads of a real program")]
pub(crate) fn now() -> Instant {
    Instant::now()
}

#[pymethods]
impl PyCapture {
    #[new]
    fn new() -> Self {
        Self(Arc::new(Caught::new()))
    }

    /// Listens from now on.
    fn _begin(&self) {
        change_listeners(|listeners| {
            if !listeners.iter().any(|listener| Arc::ptr_eq(listener, &self.0)) {
                listeners.push(Arc::clone(&self.0));
            }
        });
    }

    /// Ignores the spans of the tracer with this name.
    fn _ignore(&self, scope: String) {
        self.0.ignored.get_or_init(|| scope.into());
    }

    /// Does not wait for the end of what is open: it is no concern any more.
    fn _forget_open(&self) {
        let forgotten = std::mem::take(&mut lock(&self.0.open).spans);
        drop(forgotten);
    }

    /// Listens no longer. What was caught stays, and what is open stays open.
    fn _end(&self, py: Python<'_>) -> PyResult<()> {
        change_listeners(|listeners| listeners.retain(|listener| !Arc::ptr_eq(listener, &self.0)));
        // What open spans have by now is the last that is known of them.
        self.now(py)?;
        self._forget_open();
        Ok(())
    }

    /// Waits until the spans are as all of these say; raises AssertionError with the report where they are not in time.
    #[pyo3(signature = (*expectations, timeout = 5.0))]
    fn wait_until(&self, py: Python<'_>, expectations: &Bound<'_, PyTuple>, timeout: f64) -> PyResult<()> {
        let expectation = joined(expectations)?;
        let until = now() + seconds(timeout)?;
        loop {
            let seen = self.changes();
            let trace = self.now(py)?;
            match checking(py, || expectation.check(&trace.0))? {
                Ok(()) => return Ok(()),
                Err(mismatch) if !self.wait(py, seen, until)? => {
                    let mismatch: Mismatch = mismatch.with_clue(format!("waited {timeout} s for it"));
                    return Err(assertion_error(py, mismatch));
                }
                Err(_) => {}
            }
        }
    }

    /// Waits until no span is open and none has started or ended for a while; raises TimeoutError where that is not so in time.
    #[pyo3(signature = (*, quiet = 0.05, timeout = 5.0))]
    fn settled(&self, py: Python<'_>, quiet: f64, timeout: f64) -> PyResult<()> {
        let (quiet, until) = (seconds(quiet)?, now() + seconds(timeout)?);
        loop {
            let seen = self.changes();
            let open = self.open_names(py)?;
            if open.is_empty() {
                if !self.wait(py, seen, (now() + quiet).min(until))? && now() < until {
                    return Ok(());
                }
            } else if !self.wait(py, seen, until)? {
                let names: Vec<String> = open.iter().take(5).map(|name| format!("{:?}", name.as_str())).collect();
                let more = if open.len() > 5 { ", ..." } else { "" };
                return Err(pyo3::exceptions::PyTimeoutError::new_err(format!(
                    "{} span(s) still open after {timeout} s: {}{more}",
                    open.len(),
                    names.join(", ")
                )));
            }
            if now() >= until && open.is_empty() {
                return Err(pyo3::exceptions::PyTimeoutError::new_err(format!(
                    "spans still came and went after {timeout} s"
                )));
            }
        }
    }

    /// Forgets all spans so far. One that is open now is caught when it ends.
    fn clear(&self) {
        for open in lock(&self.0.open).spans.values_mut() {
            (open.hidden, open.told) = (true, false);
        }
        self.0.capture.clear();
    }

    /// How many spans there are so far, open ones included.
    fn __len__(&self) -> usize {
        self.0.numbers().0
    }

    fn __repr__(&self) -> String {
        let (all, open) = self.0.numbers();
        format!("<Spans: {all} caught, {open} open>")
    }
}

pub(crate) fn seconds(number: f64) -> PyResult<Duration> {
    Duration::try_from_secs_f64(number)
        .ok()
        .filter(|duration| duration.as_secs() < 1_000_000_000)
        .ok_or_else(|| pyo3::exceptions::PyValueError::new_err(format!("{number} s is no time to wait")))
}
