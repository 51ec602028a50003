//! Devices that are monitored: each change of their readings is an event.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use super::RunEngine;
use super::bundler::refused;
use super::control::Control;
use crate::clock::Timestamp;
use crate::device::{CallEnvironment, Callback, Cx, Device, Reading, Readings, SubscriptionId, WeakDevice};
use crate::document::Document;
use crate::message::PlanError;
use crate::value::{Map, Text};
use skyspan_trace::internal::lock;

/// The devices that a run monitors.
#[derive(Debug)]
pub(super) struct Monitors(Vec<Monitored>);

/// A device that is monitored.
#[derive(Debug)]
struct Monitored {
    device: Device,
    stream: Text,
    /// The data keys that its stream has.
    keys: Vec<Text>,
    /// What the subscription is made with.
    options: Map,
    /// Nothing while the engine is paused.
    subscription: Option<SubscriptionId>,
}

/// What has changed of the devices that are monitored, and is no event yet.
///
/// They change while a device or a timer runs, which cannot reach the engine.
#[derive(Default)]
pub(super) struct Updates {
    any: AtomicBool,
    queue: Mutex<VecDeque<Result<Update, Text>>>,
    /// Wakes the engine where it waits.
    engine: Arc<Control>,
}

/// One change of a device that is monitored.
#[derive(Debug)]
struct Update {
    /// The uid of the run.
    run: Text,
    stream: Text,
    readings: Vec<(Text, Reading)>,
    time: Timestamp,
}

impl Updates {
    pub(super) fn of(engine: &Arc<Control>) -> Self {
        Self { engine: Arc::clone(engine), ..Self::default() }
    }

    fn push(&self, update: Result<Update, Text>) {
        lock(&self.queue).push_back(update);
        self.any.store(true, Ordering::Release);
        self.engine.nudge();
    }

    fn take(&self) -> VecDeque<Result<Update, Text>> {
        if !self.any.load(Ordering::Acquire) {
            return VecDeque::new();
        }
        self.any.store(false, Ordering::Release);
        std::mem::take(&mut lock(&self.queue))
    }
}

impl std::fmt::Debug for Updates {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Updates").field("queue", &self.queue).finish_non_exhaustive()
    }
}

impl Monitors {
    pub(super) const fn new() -> Self {
        Self(Vec::new())
    }

    pub(super) fn contains(&self, device: &Device) -> bool {
        self.0.iter().any(|monitored| monitored.device == *device)
    }

    /// Subscribes to a device.
    pub(super) fn add(
        &mut self,
        device: &Device,
        stream: Text,
        keys: Vec<Text>,
        options: Map,
        to: &Listener<'_>,
    ) -> Result<(), PlanError> {
        let mut monitored = Monitored { device: device.clone(), stream, keys, options, subscription: None };
        monitored.subscribe(to)?;
        self.0.push(monitored);
        Ok(())
    }

    /// Ends the subscription to a device; gives whether there was one.
    pub(super) fn remove(&mut self, device: &Device) -> bool {
        let Some(at) = self.0.iter().position(|monitored| monitored.device == *device) else { return false };
        self.0.remove(at).unsubscribe();
        true
    }

    /// Ends all subscriptions of the engine.
    pub(super) fn clear(&mut self) {
        self.0.drain(..).for_each(|mut monitored| monitored.unsubscribe());
    }

    /// Ends all subscriptions until they are restored.
    pub(super) fn suspend(&mut self) {
        self.0.iter_mut().for_each(Monitored::unsubscribe);
    }

    /// Subscribes again where the subscription was suspended, and only there.
    pub(super) fn restore(&mut self, to: &Listener<'_>) -> Result<(), PlanError> {
        self.0
            .iter_mut()
            .filter(|monitored| monitored.subscription.is_none())
            .try_for_each(|monitored| monitored.subscribe(to))
    }
}

/// A run that is given up, whatever the reason, hears of nothing any more.
impl Drop for Monitors {
    fn drop(&mut self) {
        self.clear();
    }
}

impl Monitored {
    fn subscribe(&mut self, to: &Listener<'_>) -> Result<(), PlanError> {
        let callback = to.callback(&self.device, &self.stream, &self.keys);
        let subscribing = catch_unwind(AssertUnwindSafe(|| -> Result<SubscriptionId, PlanError> {
            Ok(self.device.subscribable()?.subscribe_with(callback, &self.options)?)
        }));
        let subscribed =
            subscribing.map_err(|panic| PlanError::of_panic(format!("`subscribe` of {}", self.device).into(), &*panic));
        self.subscription = Some(subscribed??);
        Ok(())
    }

    fn unsubscribe(&mut self) {
        if let Some(subscription) = self.subscription.take() {
            // What a device says that cannot end it is nothing to keep the others from theirs.
            let _ = catch_unwind(AssertUnwindSafe(|| {
                self.device.as_subscribable().map(|subscribable| subscribable.clear_sub(subscription))
            }));
        }
    }
}

/// Who hears of the changes.
#[derive(Clone, Copy)]
pub(super) struct Listener<'a> {
    pub(super) shared: &'a Arc<CallEnvironment>,
    pub(super) updates: &'a Arc<Updates>,
    /// The uid of the run.
    pub(super) run: &'a Text,
}

impl Listener<'_> {
    /// What is called when the device changes. It keeps no handle to the device, which keeps it.
    fn callback(&self, device: &Device, stream: &Text, keys: &[Text]) -> Callback {
        let (shared, updates) = (Arc::clone(self.shared), Arc::clone(self.updates));
        let (device, run, stream, keys) = (device.downgrade(), self.run.clone(), stream.clone(), keys.to_vec());
        Box::new(move |changed| {
            let all = match keys.iter().all(|key| changed.get(key).is_some()) {
                true => Ok(changed.clone()),
                // It told of one of its signals; bluesky reads the device whenever it is told of anything.
                false => read(&device, &shared),
            };
            updates.push(all.map(|readings| Update {
                run: run.clone(),
                stream: stream.clone(),
                readings: readings.0,
                time: shared.clock.now(),
            }));
        })
    }
}

/// What a device reads, which must be there at once.
fn read(device: &WeakDevice, shared: &Arc<CallEnvironment>) -> Result<Readings, Text> {
    let Some(device) = device.upgrade() else { return Err("the device is gone".into()) };
    let none = opentelemetry::Context::new();
    let readable = device.readable().map_err(|error| Text::from(error.to_string()))?;
    let mut reading = std::pin::pin!(readable.read(Cx::new(shared, &device, &none)));
    match reading.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(readings) => readings.map_err(|error| error.to_string().into()),
        Poll::Pending => Err(format!("{device:?} takes time to read, and tells of some of its readings only").into()),
    }
}

impl RunEngine {
    /// Emits the events of what has changed since the last time, in the order in which it changed, each with its time.
    pub(super) fn emit_monitored(&mut self) {
        for update in self.call.updates.take() {
            if let Err(error) = update.and_then(|update| self.emit_update(update)) {
                self.call.cleanup_errors.push(format!("Failed to emit what is monitored: {error}").into());
            }
        }
    }

    fn emit_update(&mut self, update: Update) -> Result<(), Text> {
        let Update { run, stream, readings, time } = update;
        let mut bundlers = self.call.runs.iter_mut().map(|(_, run)| &mut run.bundler);
        // A run that is closed meanwhile has no more events.
        let Some(bundler) = bundlers.find(|bundler| bundler.composer.start().uid == run) else { return Ok(()) };
        let event = bundler.composer.event_of(&stream, readings, Map::new(), time);
        let event = event.map_err(|error| Text::from(refused(error).to_string()))?;
        self.emit(|| Document::Event(event.compose().into())).map_err(|error| error.to_string().into())
    }

    /// Ends all subscriptions until they are restored.
    pub(super) fn suspend_monitors(&mut self) {
        self.call.runs.iter_mut().for_each(|(_, run)| run.bundler.monitors.suspend());
        self.emit_monitored();
    }

    /// Subscribes again to what is monitored, where the subscription was suspended.
    pub(super) fn restore_monitors(&mut self) -> Result<(), PlanError> {
        let (shared, updates) = (&self.shared, &self.call.updates);
        let restored = self.call.runs.iter_mut().try_for_each(|(_, run)| {
            let bundler = &mut run.bundler;
            bundler.monitors.restore(&Listener { shared, updates, run: &bundler.composer.start().uid })
        });
        self.emit_monitored();
        restored
    }

    /// Ends all subscriptions of the run.
    pub(super) fn clear_monitors(&mut self) {
        self.call.runs.iter_mut().for_each(|(_, run)| run.bundler.monitors.clear());
        self.emit_monitored();
    }
}
