//! [`Status`]: something that takes time, and how it ends.

use std::fmt;
use std::future::poll_fn;
use std::ops::BitAnd;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Poll, Waker};
use std::time::Duration;

use opentelemetry::Context;

use super::progress::{Progress, fraction_left};
use super::status_attributes::{each_attribute, object_repr, object_str};
use super::status_classes::{StatusBuilder, StatusKind};
use super::{Circumstances, Cx, Device, DeviceError, Ending, InvalidState};
use crate::clock::{Timer, Timestamp};
use crate::sync::lock;
use crate::trace::LiveSpan;
use crate::value::{Text, Value};

/// Something that takes time, and how it ends (ophyd 1.11.2, `ophyd.status`).
///
/// It ends once: by [`set_finished`](Self::set_finished), by [`set_exception`](Self::set_exception), or by its own
/// timeout. A device that ends one must not hold a lock that it needs to tell its position.
///
/// From its making until its end it is an `Ophyd Status` span under the span of the call that made it. Cloning
/// gives another handle to the same status.
///
/// Where ophyd leaves the span of a status open that times out, this one ends it.
#[derive(Clone)]
pub struct Status(Arc<Inner>);

pub(super) struct Inner {
    pub(super) shared: Arc<Circumstances>,
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
    state: Mutex<State>,
}

type DoneCallback = Box<dyn FnOnce(&Status) + Send>;
type Watcher = Box<dyn FnMut(&Progress) + Send>;
type OnWatch = Box<dyn FnMut() + Send>;

pub(super) struct State {
    span: LiveSpan,
    pub(super) object_repr: Text,
    /// Somebody said how it ended; it may yet have to settle.
    ended: bool,
    pub(super) done: bool,
    /// It is done, and its callbacks have been called.
    told: bool,
    pub(super) exception: Option<DeviceError>,
    pub(super) finish: Option<(Timestamp, Value)>,
    callbacks: Vec<DoneCallback>,
    watchers: Vec<Watcher>,
    /// Called when somebody begins to watch.
    on_watch: Option<OnWatch>,
    wakers: Vec<Waker>,
    timer: Option<Timer>,
    /// How it ends, where a fault has it otherwise than the device.
    ending: Option<Box<Ending>>,
}

impl Drop for State {
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
        let mut span = cx.tracer().start(Text::literal("Ophyd Status"), cx.parent());
        let positioner = match options.kind {
            StatusKind::Move { .. } => cx.device().position(),
            _ => None,
        };
        let inner = Inner {
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
            state: Mutex::new(State {
                span: std::mem::replace(&mut span, LiveSpan::off()),
                object_repr: Text::default(),
                ended: false,
                done: false,
                told: false,
                exception: None,
                finish: None,
                callbacks: Vec::new(),
                watchers: Vec::new(),
                on_watch: None,
                wakers: Vec::new(),
                timer: None,
                ending: None,
            }),
        };
        let status = Self(Arc::new(inner));
        let mut state = status.state();
        if state.span.is_recording() {
            state.object_repr = object_repr(&status.0, &state);
        }
        if let Some(deadline) = status.deadline() {
            let late = status.clone();
            state.timer = Some(cx.clock().call_at(deadline, move || late.time_out()));
        }
        drop(state);
        if let Some(ending) = cx.ending() {
            status.end_so(ending);
        }
        status
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.0.state)
    }

    /// When its own time is up, the settle time counted.
    fn deadline(&self) -> Option<Timestamp> {
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
        self.state().done
    }

    /// Whether it has ended well.
    #[must_use]
    pub fn is_success(&self) -> bool {
        let state = self.state();
        state.done && state.exception.is_none()
    }

    /// Why it failed, if it is done and did.
    #[must_use]
    pub fn exception(&self) -> Option<DeviceError> {
        let state = self.state();
        state.exception.clone().filter(|_| state.done)
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

    /// Says that it has ended well. After the settle time, if there is one, it is done.
    ///
    /// After a timeout this is without effect.
    ///
    /// # Errors
    ///
    /// [`InvalidState`] if somebody said already how it ended.
    pub fn set_finished(&self) -> Result<(), InvalidState> {
        self.begin_end()?;
        self.end_when_due(None);
        Ok(())
    }

    /// Says that it has failed, and why. It is done at once.
    ///
    /// After a timeout this is without effect.
    ///
    /// # Errors
    ///
    /// `InvalidState` if somebody said already how it ended, `ValueError` for the errors that stand for a timeout.
    pub fn set_exception(&self, error: DeviceError) -> Result<(), DeviceError> {
        if matches!(error, DeviceError::StatusTimeout(_) | DeviceError::WaitTimeout(_)) {
            let name = error.name();
            return Err(DeviceError::value(format!(
                "{name} has special significance and cannot be set as the exception; use another one"
            )));
        }
        self.begin_end().map_err(|error| DeviceError::InvalidState(error.to_string().into()))?;
        self.end_when_due(Some(error));
        Ok(())
    }

    /// Calls back once, when it is done; at once if it is.
    pub fn add_callback(&self, callback: impl FnOnce(&Self) + Send + 'static) {
        let mut state = self.state();
        if state.done {
            drop(state);
            callback(self);
        } else {
            state.callbacks.push(Box::new(callback));
        }
    }

    /// Calls back whenever a move has come further. A status that is no move knows only its device, and its end.
    pub fn watch(&self, mut watcher: impl FnMut(&Progress) + Send + 'static) {
        if !matches!(self.0.kind, StatusKind::Move { .. }) {
            watcher(&self.progress(None, None));
        }
        let mut state = self.state();
        if state.done {
            return;
        }
        state.watchers.push(Box::new(watcher));
        if let Some(mut on_watch) = state.on_watch.take() {
            // The device may look at the status.
            drop(state);
            on_watch();
            self.on_watch_again(on_watch);
        }
    }

    /// Whether somebody watches how far it has come. For the device that made the status: to nobody it need not tell.
    #[must_use]
    pub fn is_watched(&self) -> bool {
        !self.state().watchers.is_empty()
    }

    /// Calls the device that made the status when somebody begins to watch.
    pub fn on_watch(&self, on_watch: impl FnMut() + Send + 'static) {
        self.on_watch_again(Box::new(on_watch));
    }

    fn on_watch_again(&self, on_watch: OnWatch) {
        let mut state = self.state();
        if !state.done {
            state.on_watch = Some(on_watch);
        }
    }

    /// Tells the watchers of a move where it is. For the device that made the status.
    pub fn report_position(&self, current: &Value) {
        let mut state = self.state();
        if state.watchers.is_empty() {
            return;
        }
        let fraction = match &self.0.kind {
            StatusKind::Move { target } => fraction_left(&self.0.start_position, current, target),
            _ => None,
        };
        let progress = self.progress(Some(current.clone()), fraction);
        // A watcher may look at the status.
        let mut watchers = std::mem::take(&mut state.watchers);
        drop(state);
        watchers.iter_mut().for_each(|watcher| watcher(&progress));
        let mut state = self.state();
        watchers.append(&mut state.watchers);
        state.watchers = watchers;
    }

    /// Done when the status is.
    pub async fn done(&self) {
        poll_fn(|cx| if self.poll_done(cx) { Poll::Ready(()) } else { Poll::Pending }).await;
    }

    /// Whether it is done and all who added a callback have heard of it. Between the two another thread may look, and must
    /// not go on before the engine has heard of a failure.
    pub(crate) fn is_told(&self) -> bool {
        self.state().told
    }

    /// [`is_told`](Self::is_told); if not, wakes the task when it is.
    pub(crate) fn poll_done(&self, cx: &std::task::Context<'_>) -> bool {
        let mut state = self.state();
        if !state.told && !state.wakers.iter().any(|waker| waker.will_wake(cx.waker())) {
            state.wakers.push(cx.waker().clone());
        }
        state.told
    }

    /// Waits for it as a device does in its own logic; leaves an `Ophyd Status wait` span under the span of the call.
    ///
    /// # Errors
    ///
    /// Why it failed, or `WaitTimeoutError` if it was not done within `timeout`.
    pub async fn wait(&self, cx: Cx<'_>, timeout: Option<Duration>) -> Result<(), DeviceError> {
        let mut span = cx.tracer().start(Text::literal("Ophyd Status wait"), cx.parent());
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

    /// Takes note that somebody says how it ended.
    fn begin_end(&self) -> Result<(), InvalidState> {
        let mut state = self.state();
        if state.ended {
            drop(state);
            return Err(InvalidState { status: self.repr() });
        }
        state.ended = true;
        Ok(())
    }

    /// Ends it as the device says, when a fault lets it.
    fn end_when_due(&self, failure: Option<DeviceError>) {
        let clock = &self.0.shared.clock;
        let now = clock.now();
        let due = match &self.state().ending {
            None => now,
            Some(ending) if ending.is_stalled() => return,
            Some(ending) => ending.due(self.0.started, now),
        };
        if due == now {
            return self.end(failure);
        }
        let late = self.clone();
        let _ = clock.call_at(due, move || late.end(failure));
    }

    /// The status that stands for this one, and ends as a fault has it: itself, unless it has ended already. A device that hands
    /// its call on may give such a one.
    pub(crate) fn ending_so(self, cx: Cx<'_>, ending: &Ending) -> Self {
        let state = self.state();
        if state.ending.is_some() {
            // It was made so.
            drop(state);
            return self;
        }
        if !state.ended && !state.done {
            drop(state);
            self.end_so(ending);
            return self;
        }
        let failure = state.exception.clone();
        drop(state);
        let stands_for_it = Self::new(cx.ending_so(ending), self.0.kind.clone());
        stands_for_it.state().ended = true;
        stands_for_it.end_when_due(failure);
        stands_for_it
    }

    fn end_so(&self, ending: &Ending) {
        self.state().ending = Some(Box::new(ending.clone()));
        if let Some((after, error)) = ending.fails.clone() {
            let failing = self.clone();
            let _ = self.0.shared.clock.call_at(self.0.started + after, move || failing.end(Some(error)));
        }
    }

    /// It ends now; where that is well, it may yet have to settle.
    fn end(&self, failure: Option<DeviceError>) {
        let mut state = self.state();
        if state.done {
            return;
        }
        if failure.is_some() || self.0.settle_time.is_zero() {
            state.exception = failure;
            return self.complete(state);
        }
        self.close_span(&mut state);
        let deadline = self.0.shared.clock.now() + self.0.settle_time;
        if self.deadline().is_some_and(|own| own < deadline) {
            // Its time will be up before it has settled; the timer for that goes on.
            return;
        }
        let settled = self.clone();
        let timer = self.0.shared.clock.call_at(deadline, move || settled.settle());
        if let Some(own_timeout) = state.timer.replace(timer) {
            own_timeout.cancel();
        }
    }

    fn settle(&self) {
        let state = self.state();
        if !state.done {
            self.complete(state);
        }
    }

    fn time_out(&self) {
        let mut state = self.state();
        if state.done {
            return;
        }
        let repr = object_repr(&self.0, &state);
        let message = format!("Status {repr} failed to complete in specified timeout.");
        state.exception = Some(DeviceError::StatusTimeout(message.into()));
        self.complete(state);
    }

    /// It is done: its span ends, a failed device is stopped, and all who wait are told.
    fn complete(&self, mut state: MutexGuard<'_, State>) {
        if let Some(timer) = state.timer.take() {
            timer.cancel();
        }
        if matches!(self.0.kind, StatusKind::Move { .. }) {
            let position = self.0.device.position().unwrap_or_default();
            state.finish = Some((self.0.shared.clock.now(), position));
        }
        self.close_span(&mut state);
        state.done = true;
        let failed = state.exception.is_some();
        let callbacks = std::mem::take(&mut state.callbacks);
        let watchers = std::mem::take(&mut state.watchers);
        state.on_watch = None;
        drop(state);
        let _told = Telling(self);
        for mut watcher in watchers {
            watcher(&self.progress(None, Some(0.0)));
        }
        if failed && self.0.call_stop_on_failure && self.0.kind.is_of_a_device() {
            self.stop_device();
        }
        callbacks.into_iter().for_each(|callback| callback(self));
    }

    fn close_span(&self, state: &mut State) {
        let mut span = std::mem::replace(&mut state.span, LiveSpan::off());
        if span.is_recording() {
            each_attribute(&self.0, state, |key, value| span.set(Text::literal(key), value));
        }
    }

    fn stop_device(&self) {
        let (device, shared) = (self.0.device.clone(), Arc::clone(&self.0.shared));
        let stopped = async move {
            let none = Context::new();
            if let Ok(stoppable) = device.stoppable() {
                // ophyd logs what goes wrong here; the failure that led here is what counts.
                let _ = stoppable.stop(Cx::new(&shared, &device, &none), false).await;
            }
        };
        let mut stopped = Box::pin(stopped);
        let mut no_one = std::task::Context::from_waker(Waker::noop());
        if stopped.as_mut().poll(&mut no_one).is_pending()
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            runtime.spawn(stopped);
        }
    }

    fn progress(&self, current: Option<Value>, fraction: Option<f64>) -> Progress {
        let positioner = self.0.device.positioner().ok();
        let target = match &self.0.kind {
            StatusKind::Move { target } => Some(target.clone()),
            _ => None,
        };
        Progress {
            name: self.0.device.name().clone(),
            current,
            initial: target.is_some().then(|| self.0.start_position.clone()),
            target,
            unit: positioner.and_then(super::Positioner::egu),
            precision: positioner.and_then(super::Positioner::precision),
            fraction,
            time_elapsed: self.0.shared.clock.now() - self.0.started,
        }
    }
}

/// Those who have a callback are being told; when this is dropped, also by a panic of one, all have been.
struct Telling<'a>(&'a Status);

impl Drop for Telling<'_> {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.told = true;
        let wakers = std::mem::take(&mut state.wakers);
        drop(state);
        wakers.into_iter().for_each(Waker::wake);
    }
}

pub(super) fn elapsed(inner: &Inner, state: &State) -> Duration {
    let until = state.finish.as_ref().map_or_else(|| inner.shared.clock.now(), |(time, _)| *time);
    until - inner.started
}

/// Done well when both are; failed as soon as one has failed (`ophyd.status.AndStatus`). Its span has the parent of the
/// left one's.
impl BitAnd for Status {
    type Output = Self;

    fn bitand(self, right: Self) -> Self {
        let left = self;
        let kind = StatusKind::And { left: left.clone(), right: right.clone() };
        let both = Self::new(Cx::new(&left.0.shared, &left.0.device, &left.0.parent), kind);
        for side in [&left, &right] {
            let (both, left, right) = (both.clone(), left.clone(), right.clone());
            side.add_callback(move |_| {
                let failed = [&left, &right].into_iter().any(|side| side.exception().is_some());
                // The second side to end finds the end declared already.
                let _ = if failed {
                    let message = format!(
                        "The status {} has failed. To obtain more specific, helpful errors, look at its sides.",
                        both.repr()
                    );
                    both.set_exception(DeviceError::UnknownStatusFailure(message.into()))
                } else if left.is_success() && right.is_success() {
                    both.set_finished().map_err(|_| DeviceError::value(""))
                } else {
                    Ok(())
                };
            });
        }
        both
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
