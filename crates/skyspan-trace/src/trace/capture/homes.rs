//! Which capture a span belongs to: the traces, places and runtimes of all that have a scope.

use std::sync::{Arc, LazyLock, Mutex, RwLock, Weak};

use opentelemetry::Context;
use opentelemetry::trace::{SpanContext, SpanId, TraceContextExt as _, TraceId};
use rustc_hash::FxHashMap;

use super::Capture;
use super::capture::{CaptureShared, WeakCapture};
use super::home::{Home, WeakHome};
use super::place;
use crate::sync::{lock, read, write};

/// Traces are spread over so many tables, so that threads need not wait for each other.
const SHARDS: usize = 16;

/// The captures that have spans of a trace.
static TRACES: LazyLock<[Shard; SHARDS]> = LazyLock::new(Default::default);

type Shard = Mutex<FxHashMap<TraceId, Vec<Claim>>>;

/// The homes of all that ever had a scope, and that anybody still has.
static HOMES: RwLock<Vec<WeakHome>> = RwLock::new(Vec::new());

static PROCESS_WIDE: RwLock<Option<WeakHome>> = RwLock::new(None);

/// A capture has spans of a trace.
#[derive(Debug)]
struct Claim {
    capture: WeakCapture,
    home: WeakHome,
    /// Whether the trace began there. If not, it came from elsewhere, with an id that another test may use as well.
    began: bool,
}

/// The capture to which a span belongs.
pub(super) struct Found {
    pub(super) capture: Capture,
    pub(super) home: Arc<Home>,
    claims: Claims,
}

/// What finding a capture says of the trace.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Claims {
    /// It is known to be of this capture.
    Known,
    /// It begins with this span.
    Begins,
    /// Its id came from elsewhere.
    Joins,
}

impl Found {
    /// Notes that the capture has spans of the trace from now on.
    pub(super) fn claim(&self, trace: TraceId) {
        if self.claims == Claims::Known {
            return;
        }
        let capture = self.capture.downgrade();
        let began = self.claims == Claims::Begins;
        let claim = Claim { capture, home: Arc::downgrade(&self.home), began };
        lock(shard(trace)).entry(trace).or_default().push(claim);
        self.capture.note_trace(trace);
    }
}

fn shard(trace: TraceId) -> &'static Shard {
    // Ids are random in their last bytes, whoever makes them.
    &TRACES[usize::from(trace.to_bytes()[15]) % SHARDS]
}

/// A home has a scope from now on.
pub(super) fn begin(home: &Arc<Home>) {
    let mut homes = write(&HOMES);
    homes.retain(|home| home.strong_count() > 0);
    if !homes.iter().any(|known| Weak::as_ptr(known) == Arc::as_ptr(home)) {
        homes.push(Arc::downgrade(home));
    }
}

/// Forgets that a capture has spans of these traces.
pub(super) fn forget(traces: &[TraceId], capture: *const CaptureShared) {
    for trace in traces {
        let mut shard = lock(shard(*trace));
        if let Some(claims) = shard.get_mut(trace) {
            claims.retain(|claim| !claim.capture.is(capture));
            if claims.is_empty() {
                shard.remove(trace);
            }
        }
    }
}

/// The capture to which a span belongs that starts now, on this thread, under this parent.
pub(super) fn find(parent: &Context) -> Option<Found> {
    let span = parent.span();
    let parent_span = span.span_context();
    let joined = if parent_span.is_valid() {
        match of_trace(parent_span) {
            OfTrace::Known(found) => return Some(found),
            OfTrace::Joined(found) => found,
        }
    } else {
        Vec::new()
    };
    let claims = if parent_span.is_valid() { Claims::Joins } else { Claims::Begins };
    let found = |home: Arc<Home>| Some(Found { capture: home.capture()?, home, claims });
    place::home_of(parent)
        .and_then(found)
        .or_else(|| of_runtime().and_then(found))
        .map(|mut new| {
            if joined.iter().any(|known| known.capture.is_same(&new.capture)) {
                new.claims = Claims::Known;
            }
            new
        })
        .or_else(|| only(joined))
        .or_else(|| of_open_parent(parent_span))
        .or_else(|| read(&PROCESS_WIDE).as_ref().and_then(Weak::upgrade).and_then(found))
}

/// What the trace of a span says.
enum OfTrace {
    Known(Found),
    /// Nothing for sure: captures that have spans of the trace, which came from elsewhere.
    Joined(Vec<Found>),
}

/// The only one; of several it could only be guessed.
fn only(joined: Vec<Found>) -> Option<Found> {
    let [only] = <[Found; 1]>::try_from(joined).ok()?;
    Some(only)
}

fn of_trace(parent: &SpanContext) -> OfTrace {
    let found = |claim: &Claim| {
        let capture = claim.capture.upgrade()?;
        let home = claim.home.upgrade().unwrap_or_else(|| capture.home());
        Some((Found { capture, home, claims: Claims::Known }, claim.began))
    };
    // The captures are looked at without the lock, as they have their own.
    let known: Vec<(Found, bool)> = match lock(shard(parent.trace_id())).get(&parent.trace_id()) {
        None => return OfTrace::Joined(Vec::new()),
        Some(claims) => claims.iter().filter_map(found).collect(),
    };
    let mut joined = Vec::new();
    for (found, began) in known {
        if began || found.capture.has_open(parent.trace_id(), parent.span_id()) {
            return OfTrace::Known(found);
        }
        joined.push(found);
    }
    OfTrace::Joined(joined)
}

/// The capture that has the parent among its open spans, though nothing is known of its trace: the program was given a provider
/// of that capture.
fn of_open_parent(parent: &SpanContext) -> Option<Found> {
    if !parent.is_valid() {
        return None;
    }
    let homes: Vec<Arc<Home>> = read(&HOMES).iter().filter_map(Weak::upgrade).collect();
    homes.into_iter().find_map(|home| {
        let capture = home.capture()?;
        let open = capture.has_open(parent.trace_id(), parent.span_id());
        open.then_some(Found { capture, home, claims: Claims::Joins })
    })
}

/// The capture of a span that has ended, and that [`find`] was asked for when it started.
pub(super) fn of_started(trace: TraceId, span: SpanId) -> Option<Capture> {
    let claimed: Vec<(Capture, bool)> = lock(shard(trace))
        .get(&trace)?
        .iter()
        .filter_map(|claim| Some((claim.capture.upgrade()?, claim.began)))
        .collect();
    claimed.into_iter().find_map(|(capture, began)| (began || capture.has_open(trace, span)).then_some(capture))
}

/// Another capture is process-wide, and still there.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error(
    "another capture of this process is process-wide, and one process has room for one: run the tests with nextest, which gives \
     each a process, or begin a `capture.scope()` instead"
)]
pub struct AlreadyProcessWide;

/// As long as this lives, a capture gets every span of the process that belongs to no other; from
/// [`Capture::process_wide`].
#[derive(Debug)]
#[must_use = "the capture is process-wide until this is dropped"]
pub struct ProcessScope {
    home: Arc<Home>,
    _capture: Capture,
}

impl ProcessScope {
    pub(super) fn begin(capture: &Capture) -> Result<Self, AlreadyProcessWide> {
        let home = capture.home();
        let mut process_wide = write(&PROCESS_WIDE);
        if process_wide.as_ref().is_some_and(|home| home.strong_count() > 0) {
            return Err(AlreadyProcessWide);
        }
        *process_wide = Some(Arc::downgrade(&home));
        Ok(Self { home, _capture: capture.clone() })
    }
}

impl Drop for ProcessScope {
    fn drop(&mut self) {
        let mut process_wide = write(&PROCESS_WIDE);
        if process_wide.as_ref().is_some_and(|home| Weak::as_ptr(home) == Arc::as_ptr(&self.home)) {
            *process_wide = None;
        }
    }
}

#[cfg(not(feature = "tokio"))]
fn of_runtime() -> Option<Arc<Home>> {
    None
}

/// Whether the scope of the runtime of this thread has ended.
#[cfg(not(feature = "tokio"))]
pub(super) fn is_after_its_scope() -> bool {
    false
}

#[cfg(feature = "tokio")]
pub(super) use runtimes::{is_after_its_scope, of_runtime};

#[cfg(feature = "tokio")]
pub(super) mod runtimes {
    //! The tokio runtimes on which scopes are.

    use std::sync::atomic::{AtomicU64, Ordering};
    use std::sync::{Arc, RwLock, Weak};

    use tokio::runtime::{Handle, Id};

    use super::{Home, WeakHome};
    use crate::sync::{read, write};

    /// How many runtimes are remembered whose scopes have ended.
    const ENDED_MAX: usize = 64;

    static RUNTIMES: RwLock<Vec<Runtime>> = RwLock::new(Vec::new());

    struct Runtime {
        id: Id,
        scope: u64,
        /// None if the scope has ended. tokio may give the id to another runtime then.
        home: Option<WeakHome>,
    }

    /// A scope is on a runtime as long as this lives.
    #[derive(Debug)]
    pub(in crate::trace::capture) struct OnRuntime(u64);

    impl OnRuntime {
        pub(in crate::trace::capture) fn new(runtime: &Handle, home: &Arc<Home>) -> Self {
            static NEXT: AtomicU64 = AtomicU64::new(0);
            let scope = NEXT.fetch_add(1, Ordering::Relaxed);
            let home = Some(Arc::downgrade(home));
            write(&RUNTIMES).push(Runtime { id: runtime.id(), scope, home });
            Self(scope)
        }
    }

    impl Drop for OnRuntime {
        fn drop(&mut self) {
            let mut runtimes = write(&RUNTIMES);
            if let Some(runtime) = runtimes.iter_mut().find(|runtime| runtime.scope == self.0) {
                runtime.home = None;
            }
            if runtimes.iter().filter(|runtime| runtime.home.is_none()).count() > ENDED_MAX {
                let oldest = runtimes.iter().position(|runtime| runtime.home.is_none());
                oldest.map(|at| runtimes.remove(at));
            }
        }
    }

    /// The home of the innermost scope on the runtime of this thread.
    pub(in crate::trace::capture) fn of_runtime() -> Option<Arc<Home>> {
        let id = Handle::try_current().ok()?.id();
        let runtimes = read(&RUNTIMES);
        let mut here = runtimes.iter().rev().filter(|runtime| runtime.id == id);
        here.find_map(|runtime| runtime.home.as_ref().and_then(Weak::upgrade))
    }

    /// Whether a scope was on the runtime of this thread, and has ended.
    pub(in crate::trace::capture) fn is_after_its_scope() -> bool {
        Handle::try_current().is_ok_and(|runtime| {
            let id = runtime.id();
            read(&RUNTIMES).iter().any(|runtime| runtime.id == id)
        })
    }
}
