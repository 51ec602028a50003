//! [`Suspender`]: watches a signal, and suspends the plan when it is not as it should be.

use std::fmt;
use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

use tokio::sync::watch;

use super::{PlanMaker, RunEngineHandle, RunEngineState, SuspendCondition, Suspension};
use crate::clock::Clock;
use crate::device::{Callback, Device, Readings, Subscribable, SubscriptionId};
use crate::message::{Awaitable, Object};
use crate::value::{Text, Value};
use skyspan_trace::internal::lock;

/// Watches a signal, and suspends the plan of its engine when the signal is not as it should be
/// (`bluesky.suspenders`, 1.15.1). Cloning gives another handle to the same suspender.
///
/// It does nothing until it is [installed](super::RunEngine::install_suspender). Then it trips when its condition says
/// so; it lets go some time (`sleep_s`) after the condition says that the plan can go on. While it is tripped no second
/// suspension of it begins; but one that trips again in that time begins another suspension.
///
/// * A plan that waits for something is suspended at once: it is led back to its last checkpoint, and waits for the
///   suspender. One that has nothing to wait for gets two messages further at most, as in bluesky. One that cannot be led
///   back is aborted.
/// * Tripped while no plan runs, it keeps the next one waiting before its first message.
/// * Tripped while the plan is paused, it does not keep it from being resumed, as in bluesky; nor does a suspension go on
///   that a pause has interrupted, or another suspension on top of it: see [`Suspension`].
///
/// ```
/// use skyspan::engine::Suspender;
/// use skyspan::prelude::*;
///
/// let lab = Harness::new();
/// let current = lab.add(Signal::new("ring_current", 300));
/// let beam = Suspender::floor(&current, 200).resume_thresh(250).sleep_s(60.0).build()?;
/// lab.with_engine(|engine| engine.install_suspender(&beam));
///
/// for (time_s, value) in [(10.0, 0), (30.0, 220), (40.0, 260)] {
///     let (signal, clock) = (current.clone(), lab.clock().clone());
///     lab.at(secs(time_s)).call(move || {
///         let _ = signal.downcast_ref::<Signal>().map(|signal| signal.put(value, clock.now()));
///     });
/// }
/// let run = lab.run(plan(async |p| p.sleep(25.0).await));
/// run.assert_success();
/// assert_eq!(run.duration(), secs(10.0 + 30.0 + 60.0 + 25.0));
/// # Ok::<(), skyspan::engine::SuspenderError>(())
/// ```
#[derive(Clone)]
pub struct Suspender(Arc<SuspenderParts>);

pub(super) struct SuspenderParts {
    pub(super) signal: Device,
    pub(super) condition: Box<dyn SuspendCondition>,
    pub(super) sleep: Duration,
    pub(super) pre_plan: Option<PlanMaker>,
    pub(super) post_plan: Option<PlanMaker>,
    pub(super) tripped_message: Text,
    pub(super) state: Mutex<SuspenderWatch>,
}

#[derive(Default)]
pub(super) struct SuspenderWatch {
    /// Where it is installed, and what it has subscribed to there.
    installed: Option<Installed>,
    subscription: Option<SubscriptionId>,
    /// What those wait for who were told that it tripped; nothing where they were told that it lets go.
    release: Option<Release>,
    is_tripped: bool,
    /// What the signal was last.
    value: Value,
}

struct Installed {
    clock: Clock,
    engine: RunEngineHandle,
}

impl Suspender {
    pub(super) fn new(inner: SuspenderParts) -> Self {
        Self(Arc::new(inner))
    }

    /// The signal that it watches.
    #[must_use]
    pub fn signal(&self) -> &Device {
        &self.0.signal
    }

    /// The name of its class in Python.
    #[must_use]
    pub fn class_name(&self) -> Text {
        self.0.condition.class_name()
    }

    /// Whether the signal is not as it should be. One that is not installed does not know.
    #[must_use]
    pub fn tripped(&self) -> bool {
        lock(&self.0.state).is_tripped
    }

    /// Why it is tripped, with its message if it has one; nothing if it is not.
    #[must_use]
    pub fn justification(&self) -> Option<Text> {
        let value = {
            let state = lock(&self.0.state);
            state.is_tripped.then(|| state.value.clone())?
        };
        Some(self.0.justification(&value))
    }

    /// Begins to watch for an engine; one that watches already begins anew.
    pub(super) fn install(&self, clock: Clock, engine: RunEngineHandle) {
        let before = {
            let mut state = lock(&self.0.state);
            state.installed = Some(Installed { clock, engine });
            state.subscription.take()
        };
        if let Some(before) = before {
            self.0.unsubscribe(before);
        }
        // The signal must not keep the suspender alive that keeps the signal.
        let watching = Arc::downgrade(&self.0);
        let subscription = self.0.subscribe(move |value| {
            if let Some(suspender) = Weak::upgrade(&watching) {
                suspender.heed(value);
            }
        });
        lock(&self.0.state).subscription = subscription;
    }

    /// Ends its watch, and lets go those who wait, as if the signal had come back.
    pub(super) fn remove(&self) {
        let (subscription, release) = {
            let mut state = lock(&self.0.state);
            state.is_tripped = false;
            let clock = state.installed.take().map(|installed| installed.clock);
            (state.subscription.take(), state.release.take().zip(clock))
        };
        if let Some(subscription) = subscription {
            self.0.unsubscribe(subscription);
        }
        if let Some((release, clock)) = release {
            self.0.let_go(release, &clock);
        }
    }

    /// What a plan waits for before it begins, where the suspender is tripped.
    pub(super) fn release_if_tripped(&self) -> Option<Awaitable> {
        let mut state = lock(&self.0.state);
        state.is_tripped.then(|| state.release.get_or_insert_with(Release::new).awaitable())
    }
}

impl SuspenderParts {
    /// Subscribes to the values of the signal; the present one may come at once.
    fn subscribe(&self, mut heed: impl FnMut(Value) + Send + 'static) -> Option<SubscriptionId> {
        let signal = self.signal.clone();
        let callback: Callback = Box::new(move |readings: &Readings| {
            if let Some(value) = value_of(&signal, readings) {
                heed(value.clone());
            }
        });
        Some(self.subscribable()?.subscribe(callback))
    }

    fn unsubscribe(&self, subscription: SubscriptionId) {
        if let Some(signal) = self.subscribable() {
            signal.clear_sub(subscription);
        }
    }

    fn subscribable(&self) -> Option<&dyn Subscribable> {
        self.signal.as_subscribable()
    }

    /// Looks at a value of the signal (`SuspenderBase.__call__`).
    fn heed(&self, value: Value) {
        // The condition may ask the suspender itself, so it is not asked under the lock.
        let should_suspend = self.condition.should_suspend(&value);
        let should_resume = !should_suspend && self.condition.should_resume(&value);
        let mut state = lock(&self.state);
        let Some(Installed { clock, engine }) = &state.installed else { return };
        let (clock, engine) = (clock.clone(), engine.clone());
        state.value = value.clone();
        if should_suspend {
            state.is_tripped = true;
            if state.release.is_none() {
                let release = state.release.insert(Release::new()).awaitable();
                drop(state);
                if engine.state() == RunEngineState::Running {
                    let suspension = Suspension::until(release)
                        .of_suspender(self.pre_plan.clone(), self.post_plan.clone())
                        .because(self.justification(&value));
                    // A plan that is being ended meanwhile need not be suspended.
                    let _ = engine.suspend(suspension);
                }
            }
        } else if should_resume {
            state.is_tripped = false;
            let release = state.release.take();
            drop(state);
            if let Some(release) = release {
                self.let_go(release, &clock);
            }
        }
    }

    fn let_go(&self, release: Release, clock: &Clock) {
        if self.sleep.is_zero() {
            release.set();
        } else {
            let _ = clock.call_after(self.sleep, move || release.set());
        }
    }

    fn justification(&self, value: &Value) -> Text {
        let why = self.condition.justification(&self.signal, value);
        match (why.is_empty(), self.tripped_message.is_empty()) {
            (_, true) => why,
            (true, false) => self.tripped_message.clone(),
            (false, false) => format!("{why}: {}", self.tripped_message).into(),
        }
    }
}

/// The value of a device that counts: that with its own name, such as where a motor is; of a device without one the first,
/// unless it has a position, and this is something else.
pub(super) fn value_of<'a>(signal: &Device, readings: &'a Readings) -> Option<&'a Value> {
    let of_name = readings.iter().find(|(key, _)| **key == *signal.name());
    let first = || readings.iter().next().filter(|_| signal.as_positioner().is_none());
    of_name.or_else(first).map(|(_, reading)| &reading.value)
}

impl Drop for SuspenderParts {
    fn drop(&mut self) {
        if let Some(subscription) = lock(&self.state).subscription.take() {
            self.unsubscribe(subscription);
        }
    }
}

/// What those wait for whom a suspender has suspended: set once, by `asyncio.Event` in bluesky.
#[derive(Clone)]
struct Release(Arc<watch::Sender<bool>>);

impl Release {
    fn new() -> Self {
        Self(Arc::new(watch::Sender::new(false)))
    }

    fn set(&self) {
        self.0.send_replace(true);
    }

    fn awaitable(&self) -> Awaitable {
        let release = Arc::clone(&self.0);
        let wait = move || {
            let release = Arc::clone(&release);
            async move {
                let mut seen = release.subscribe();
                // It cannot be closed, for this holds its sender.
                let _ = seen.wait_for(|is_set| *is_set).await;
                Ok(Value::Bool(true))
            }
        };
        Awaitable::new(wait).of_class("method")
    }
}

impl PartialEq for Suspender {
    /// Two handles to the same suspender.
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Suspender {}

/// As the messages `install_suspender` and `remove_suspender` carry it.
impl From<&Suspender> for Object {
    fn from(suspender: &Suspender) -> Self {
        Self::new(suspender.class_name(), suspender.clone())
    }
}

impl From<Suspender> for Object {
    fn from(suspender: Suspender) -> Self {
        Self::from(&suspender)
    }
}

impl fmt::Debug for Suspender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct(&self.class_name()).field("signal", self.signal()).field("tripped", &self.tripped()).finish()
    }
}
