//! [`Status`]: something that takes time, and how it ends.

use std::fmt;
use std::future::poll_fn;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, Weak};
use std::task::{Poll, Waker};
use std::time::Duration;

use opentelemetry::Context;
use smallvec::SmallVec;

use super::status_attributes::{each_attribute, object_repr, object_str};
use super::status_classes::{StatusBuilder, StatusKind};
use super::status_progress::{OnWatch, Progress};
use super::{CallEnvironment, Cx, Device, DeviceError, Ending};
use crate::clock::LiveSpan;
use crate::clock::{Timer, Timestamp};
use crate::value::{Text, Value};
use skyspan_trace::internal::lock;

/// Something that takes time, and how it ends (ophyd 1.11.2, `ophyd.status`).
///
/// It ends once: by [`set_finished`](Self::set_finished), by [`set_exception`](Self::set_exception), or by its own
/// timeout. A device that ends one must not hold a lock that it needs to tell its position.
///
/// From its making until its end it is an `Ophyd Status` span under the span of the call that made it, unless it is one of
/// [work](Self::spawn). Cloning gives another handle to the same status.
///
/// Where ophyd leaves the span of a status open that times out, this one ends it.
#[derive(Clone)]
pub struct Status(pub(super) Arc<StatusParts>);

pub(super) struct StatusParts {
    pub(super) shared: Arc<CallEnvironment>,
    pub(super) parent: Context,
    pub(super) device: Device,
    pub(super) kind: StatusKind,
    pub(super) timeout: Option<Duration>,
    pub(super) settle_time: Duration,
    pub(super) call_stop_on_failure: bool,
    /// Whether the span tells all arguments, also those that were not given.
    pub(super) spelled_out: bool,
    pub(super) started: Timestamp,
    pub(super) start_position: Value,
    phases: AtomicU8,
    state: Mutex<StatusProgress>,
}

/// What it has come to. Looked at without the lock, changed by one who has it.
#[derive(Clone, Copy)]
pub(super) enum Phase {
    /// Somebody said how it ended; it may yet have to settle.
    Ended = 1,
    Done = 2,
    /// It is done, and its callbacks have been called.
    Told = 4,
    /// It is done, and has failed. Nobody sees that it is done who cannot see this.
    Failed = 8,
}

impl StatusParts {
    pub(super) fn has(&self, phase: Phase) -> bool {
        self.phases.load(Ordering::Acquire) & phase as u8 != 0
    }

    pub(super) fn reach(&self, phase: Phase) {
        self.phases.fetch_or(phase as u8, Ordering::Release);
    }

    /// Whether it has ended well.
    pub(super) fn is_success(&self) -> bool {
        let phases = self.phases.load(Ordering::Acquire);
        phases & (Phase::Done as u8 | Phase::Failed as u8) == Phase::Done as u8
    }
}

/// What is called when a status is done.
pub(super) enum DoneCallback {
    Call(Box<dyn FnOnce(&Status) + Send>),
    Tell(Arc<dyn HearsOfEnd>, u64),
}

impl DoneCallback {
    pub(super) fn call(self, status: &Status) {
        match self {
            Self::Call(callback) => callback(status),
            Self::Tell(listener, number) => listener.ended(status, number),
        }
    }
}

/// Who hears of the end of many statuses.
pub(crate) trait HearsOfEnd: Send + Sync {
    /// The status is done that was given this number.
    fn ended(&self, status: &Status, number: u64);
}

pub(super) type Watcher = Box<dyn FnMut(&Progress) + Send>;

pub(super) struct StatusProgress {
    pub(super) span: LiveSpan,
    pub(super) object_repr: Text,
    /// When it was done.
    pub(super) done_at: Option<Timestamp>,
    pub(super) exception: Option<DeviceError>,
    pub(super) finish: Option<(Timestamp, Value)>,
    pending: Option<Box<Pending>>,
}

/// What only one has that takes time.
#[derive(Default)]
pub(super) struct Pending {
    pub(super) callbacks: SmallVec<[DoneCallback; 1]>,
    pub(super) watchers: Vec<Watcher>,
    /// What its device has reported last.
    pub(super) reported: Option<Arc<Progress>>,
    /// Called when somebody begins to watch.
    pub(super) on_watch: Option<OnWatch>,
    pub(super) wakers: SmallVec<[Waker; 1]>,
    pub(super) timer: Option<Timer>,
    /// How it ends, where a fault has it otherwise than the device.
    pub(super) ending: Option<Ending>,
}

impl StatusProgress {
    /// What it has of these, if it has any.
    pub(super) fn pending(&self) -> Option<&Pending> {
        self.pending.as_deref()
    }

    /// The same, to be changed where it is there.
    pub(super) fn pending_mut(&mut self) -> Option<&mut Pending> {
        self.pending.as_deref_mut()
    }

    /// The same, to be added to.
    pub(super) fn make_pending(&mut self) -> &mut Pending {
        self.pending.get_or_insert_default()
    }
}

impl Drop for StatusProgress {
    /// A status that nobody can end any more leaves its span open, to be reported as such.
    fn drop(&mut self) {
        std::mem::replace(&mut self.span, LiveSpan::off()).abandon();
    }
}

impl Status {
    /// A status of the device that is called, without a timeout.
    #[must_use]
    pub fn new(cx: Cx<'_>, kind: StatusKind) -> Self {
        Self::builder(cx, kind).build()
    }

    /// A status of the device that is called, with options.
    pub fn builder(cx: Cx<'_>, kind: StatusKind) -> StatusBuilder<'_> {
        StatusBuilder::new(cx, kind)
    }

    pub(super) fn start(cx: Cx<'_>, options: StatusBuilder<'_>) -> Self {
        let span = span_of(cx, &options.kind, "Ophyd Status");
        let positioner = match options.kind {
            StatusKind::Move { .. } => options.start_position.or_else(|| cx.device().position()),
            _ => None,
        };
        let inner = StatusParts {
            shared: Arc::clone(cx.shared()),
            parent: cx.parent().clone(),
            device: cx.device().clone(),
            kind: options.kind,
            timeout: options.timeout,
            settle_time: options.settle_time,
            call_stop_on_failure: options.call_stop_on_failure,
            spelled_out: options.spelled_out,
            started: cx.now(),
            start_position: positioner.unwrap_or_default(),
            phases: AtomicU8::new(0),
            state: Mutex::new(StatusProgress {
                span,
                object_repr: Text::default(),
                done_at: None,
                exception: None,
                finish: None,
                pending: None,
            }),
        };
        let status = Self(Arc::new(inner));
        let mut state = status.state();
        if state.span.is_recording() {
            state.object_repr = object_repr(&status.0, &state);
        }
        if let Some(deadline) = status.deadline() {
            let late = status.clone();
            state.make_pending().timer = Some(cx.clock().call_at(deadline, move || late.time_out()));
        }
        drop(state);
        if let Some(ending) = cx.ending() {
            status.end_so(ending);
        }
        status
    }

    pub(super) fn state(&self) -> MutexGuard<'_, StatusProgress> {
        lock(&self.0.state)
    }

    /// When its own time is up, the settle time counted.
    pub(super) fn deadline(&self) -> Option<Timestamp> {
        self.0.timeout.map(|timeout| self.0.started + timeout + self.0.settle_time)
    }

    /// Python's `repr` of it; only that of an `AndStatus` is not what [`Display`](fmt::Display) prints.
    #[must_use]
    pub fn repr(&self) -> Text {
        object_repr(&self.0, &self.state())
    }

    /// Whether it has ended, one way or the other, and settled.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.0.has(Phase::Done)
    }

    /// Whether it has ended well.
    #[must_use]
    pub fn is_success(&self) -> bool {
        self.0.is_success()
    }

    /// Why it failed, if it is done and did.
    #[must_use]
    pub fn exception(&self) -> Option<DeviceError> {
        if self.0.has(Phase::Failed) { self.state().exception.clone() } else { None }
    }

    /// The way back to it, which does not keep it.
    pub(crate) fn downgrade(&self) -> WeakStatus {
        WeakStatus(Arc::downgrade(&self.0))
    }

    /// The device whose status it is.
    #[must_use]
    pub fn device(&self) -> &Device {
        &self.0.device
    }

    /// What kind of status it is.
    #[must_use]
    pub fn kind(&self) -> &StatusKind {
        &self.0.kind
    }

    /// How long it took until now, or until it was done.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        elapsed(&self.0, &self.state())
    }

    /// Calls back once, when it is done; at once if it is.
    pub fn add_callback(&self, callback: impl FnOnce(&Self) + Send + 'static) {
        let mut state = self.state();
        if self.is_done() {
            drop(state);
            callback(self);
        } else {
            state.make_pending().callbacks.push(DoneCallback::Call(Box::new(callback)));
        }
    }

    /// Tells once, when it is done; at once if it is.
    pub(crate) fn hear_of_end<L: HearsOfEnd + 'static>(&self, listener: &Arc<L>, number: u64) {
        let mut state = self.state();
        if self.is_done() {
            drop(state);
            listener.ended(self, number);
        } else {
            let listener: Arc<dyn HearsOfEnd> = Arc::clone(listener) as _;
            state.make_pending().callbacks.push(DoneCallback::Tell(listener, number));
        }
    }

    /// Done when the status is.
    pub async fn done(&self) {
        poll_fn(|cx| if self.poll_done(cx) { Poll::Ready(()) } else { Poll::Pending }).await;
    }

    /// Whether it is done and all who added a callback have heard of it. Between the two another thread may look, and must
    /// not go on before the engine has heard of a failure.
    pub(crate) fn is_told(&self) -> bool {
        self.0.has(Phase::Told)
    }

    /// [`is_told`](Self::is_told); if not, wakes the task when it is.
    pub(crate) fn poll_done(&self, cx: &std::task::Context<'_>) -> bool {
        if self.is_told() {
            return true;
        }
        let mut state = self.state();
        // Those who wait are woken by one who has the lock.
        if self.is_told() {
            return true;
        }
        let wakers = &mut state.make_pending().wakers;
        if !wakers.iter().any(|waker| waker.will_wake(cx.waker())) {
            wakers.push(cx.waker().clone());
        }
        false
    }

    /// Waits for it as a device does in its own logic; leaves an `Ophyd Status wait` span under the span of the call.
    ///
    /// # Errors
    ///
    /// Why it failed, or `WaitTimeoutError` if it was not done within `timeout`.
    pub async fn wait(&self, cx: Cx<'_>, timeout: Option<Duration>) -> Result<(), DeviceError> {
        let mut span = span_of(cx, &self.0.kind, "Ophyd Status wait");
        span.set_all(|| self.attributes());
        let in_time = match timeout {
            Some(timeout) => cx.clock().timeout(timeout, self.done()).await.is_ok(),
            None => {
                self.done().await;
                true
            }
        };
        let outcome = match self.exception() {
            _ if !in_time => {
                Err(DeviceError::WaitTimeout(format!("Status {} has not completed yet.", self.repr()).into()))
            }
            Some(error) => Err(error),
            None => Ok(()),
        };
        if let Err(error) = &outcome {
            span.fail(error.name(), &error.to_string());
        }
        outcome
    }

    /// The attributes of its span, as they are now.
    #[must_use]
    pub fn attributes(&self) -> Vec<(Text, Value)> {
        let mut state = self.state();
        if state.object_repr.is_empty() {
            state.object_repr = object_repr(&self.0, &state);
        }
        let mut all = Vec::new();
        each_attribute(&self.0, &state, |key, value| all.push((Text::literal(key), value)));
        all
    }
}

/// A span of that name, where that kind of status leaves one.
fn span_of(cx: Cx<'_>, kind: &StatusKind, name: &'static str) -> LiveSpan {
    if kind.leaves_spans() { cx.tracer().start(Text::literal(name), cx.parent()) } else { LiveSpan::off() }
}

pub(super) fn elapsed(inner: &StatusParts, state: &StatusProgress) -> Duration {
    let until = state.done_at.unwrap_or_else(|| inner.shared.clock.now());
    until - inner.started
}

/// The way back to a status, which does not keep it: so a device knows what ends with what it does. It is kept by those who
/// wait for it, and by the timer that ends it; would the device keep it, too, it would keep itself, for a status keeps its
/// device.
#[derive(Clone, Debug, Default)]
pub(crate) struct WeakStatus(Weak<StatusParts>);

impl WeakStatus {
    /// The status, if it can still end, or anybody looks at it.
    pub(crate) fn upgrade(&self) -> Option<Status> {
        self.0.upgrade().map(Status)
    }

    /// Whether it leads to that status.
    pub(crate) fn is(&self, status: &Status) -> bool {
        std::ptr::eq(self.0.as_ptr(), Arc::as_ptr(&status.0))
    }
}

impl fmt::Debug for StatusParts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Inner")
    }
}

impl PartialEq for Status {
    /// Two handles to the same status.
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Status {}

/// As Python prints it: `MoveStatus(done=False, pos=motor, elapsed=0.0, success=False, settle_time=0.0)`.
impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&object_str(&self.0, &self.state()))
    }
}

impl fmt::Debug for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.repr())
    }
}
