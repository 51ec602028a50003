//! A value with its time, and those who want to know when it changes.

use std::sync::{Arc, Mutex, OnceLock, Weak};

use crate::clock::Timestamp;
use crate::device::{Callback, DeviceError, Readings, SubscriptionId};
use crate::value::{Map, Value, repr};
use skyspan_trace::internal::lock;

/// The value of a signal, shared by its device and the timers that change it.
#[derive(Clone, Debug)]
pub(super) struct SignalState(Arc<SignalCell>);

#[derive(Debug)]
struct SignalCell {
    state: Mutex<StampedValue>,
    live: OnceLock<Weak<dyn Live>>,
}

#[derive(Debug)]
struct StampedValue {
    value: Value,
    timestamp: Timestamp,
}

/// What knows at any time what the value of a signal is: a motor that moves.
pub(super) trait Live: std::fmt::Debug + Send + Sync {
    /// The value as it is now, and since when; nothing where it is what was put last.
    fn live(&self) -> Option<(Value, Timestamp)>;
}

impl SignalState {
    pub(super) fn new(value: Value, timestamp: Timestamp) -> Self {
        Self(Arc::new(SignalCell { state: Mutex::new(StampedValue { value, timestamp }), live: OnceLock::new() }))
    }

    /// From now on the value is what `live` knows of it, as long as that is there.
    pub(super) fn lives_by(&self, live: Weak<dyn Live>) {
        // A signal is made for one such thing.
        let _ = self.0.live.set(live);
    }

    pub(super) fn get(&self) -> (Value, Timestamp) {
        let live = self.0.live.get().and_then(|live| live.upgrade()?.live());
        live.unwrap_or_else(|| {
            let state = lock(&self.0.state);
            (state.value.clone(), state.timestamp)
        })
    }

    pub(super) fn value(&self) -> Value {
        match self.0.live.get() {
            Some(_) => self.get().0,
            None => lock(&self.0.state).value.clone(),
        }
    }

    pub(super) fn put(&self, value: Value, timestamp: Timestamp) {
        *lock(&self.0.state) = StampedValue { value, timestamp };
    }
}

/// Those who want to know when a device's readings change.
#[derive(Clone, Default)]
pub(super) struct Subscribers(Arc<Mutex<List>>);

#[derive(Default)]
struct List {
    next_id: u64,
    /// Whether the readings have changed since the device was made.
    changed: bool,
    callbacks: Vec<(SubscriptionId, Callback)>,
    /// Those that ended while the callbacks were being called.
    ended: Vec<SubscriptionId>,
}

impl Subscribers {
    /// Adds one, and calls it at once with the readings as they are, if they have changed before.
    pub(super) fn add(&self, callback: Callback, now: impl FnOnce() -> Readings) -> SubscriptionId {
        self.add_with(callback, true, now)
    }

    /// Adds one, and calls it at once only if that is asked for, too.
    pub(super) fn add_with(&self, mut callback: Callback, run: bool, now: impl FnOnce() -> Readings) -> SubscriptionId {
        let (id, changed) = {
            let mut list = lock(&self.0);
            list.next_id += 1;
            (SubscriptionId(list.next_id), list.changed)
        };
        if changed && run {
            callback(&now());
        }
        lock(&self.0).callbacks.push((id, callback));
        id
    }

    /// The id of a subscription to what never happens.
    pub(super) fn add_idle(&self) -> SubscriptionId {
        let mut list = lock(&self.0);
        list.next_id += 1;
        SubscriptionId(list.next_id)
    }

    /// Whether nobody wants to know.
    pub(super) fn is_empty(&self) -> bool {
        lock(&self.0).callbacks.is_empty()
    }

    /// The readings have changed, but nobody can have subscribed yet.
    pub(super) fn changed(&self) {
        lock(&self.0).changed = true;
    }

    pub(super) fn remove(&self, id: SubscriptionId) {
        let mut list = lock(&self.0);
        let before = list.callbacks.len();
        list.callbacks.retain(|(other, _)| *other != id);
        if list.callbacks.len() == before {
            list.ended.push(id);
        }
    }

    /// Tells all of them. A callback may add and remove subscriptions.
    pub(super) fn notify(&self, readings: impl FnOnce() -> Readings) {
        let mut callbacks = {
            let mut list = lock(&self.0);
            list.changed = true;
            std::mem::take(&mut list.callbacks)
        };
        if callbacks.is_empty() {
            return;
        }
        let readings = readings();
        for (_, callback) in &mut callbacks {
            callback(&readings);
        }
        let mut list = lock(&self.0);
        let ended = std::mem::take(&mut list.ended);
        callbacks.append(&mut list.callbacks);
        callbacks.retain(|(id, _)| !ended.contains(id));
        list.callbacks = callbacks;
    }
}

impl std::fmt::Debug for Subscribers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} subscribers", lock(&self.0).callbacks.len())
    }
}

/// What a subscription to a device of ophyd's takes: `event_type` and `run` (`OphydObject.subscribe`).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct SubscribeOptions {
    /// Whether it is about the readings; the other event types are about what is simulated nowhere.
    pub(super) of_readings: bool,
    /// Whether the callback is called at once.
    pub(super) run: bool,
}

impl SubscribeOptions {
    /// Those options, where `of_readings` is the event type that stands for the readings, and `others` are the others.
    pub(super) fn of(options: &Map, of_readings: &str, others: &[&str]) -> Result<Self, DeviceError> {
        let mut result = Self { of_readings: true, run: true };
        for (key, value) in options {
            match (&**key, value) {
                ("event_type", Value::Null) => {}
                ("event_type", Value::Str(event_type)) if *event_type == *of_readings => {}
                ("event_type", Value::Str(event_type)) if others.contains(&&**event_type) => result.of_readings = false,
                ("event_type", other) => {
                    let others = others.join(", ");
                    let message =
                        format!("Unknown subscription {}, must be one of {of_readings}, {others}", repr(other));
                    return Err(DeviceError::other("UnknownSubscription", message));
                }
                ("run", value) => result.run = value.is_truthy(),
                (other, _) => {
                    let message = format!("subscribe() got an unexpected keyword argument '{other}'");
                    return Err(DeviceError::type_error(message));
                }
            }
        }
        Ok(result)
    }
}
