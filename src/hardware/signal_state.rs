//! A value with its time, and those who want to know when it changes.

use std::sync::{Arc, Mutex};

use crate::clock::Timestamp;
use crate::device::{Callback, Readings, SubscriptionId};
use crate::sync::lock;
use crate::value::Value;

/// The value of a signal, shared by its device and the timers that change it.
#[derive(Clone, Debug)]
pub(super) struct SignalState(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    value: Value,
    timestamp: Timestamp,
}

impl SignalState {
    pub(super) fn new(value: Value, timestamp: Timestamp) -> Self {
        Self(Arc::new(Mutex::new(State { value, timestamp })))
    }

    pub(super) fn get(&self) -> (Value, Timestamp) {
        let state = lock(&self.0);
        (state.value.clone(), state.timestamp)
    }

    pub(super) fn value(&self) -> Value {
        lock(&self.0).value.clone()
    }

    pub(super) fn put(&self, value: Value, timestamp: Timestamp) {
        *lock(&self.0) = State { value, timestamp };
    }
}

/// Those who want to know when a device's readings change.
#[derive(Clone, Default)]
pub(super) struct Subscribers(Arc<Mutex<List>>);

#[derive(Default)]
struct List {
    next_id: u64,
    callbacks: Vec<(SubscriptionId, Callback)>,
    /// Those that ended while the callbacks were being called.
    ended: Vec<SubscriptionId>,
}

impl Subscribers {
    /// Adds one, and calls it at once with the readings as they are.
    pub(super) fn add(&self, mut callback: Callback, now: &Readings) -> SubscriptionId {
        let id = {
            let mut list = lock(&self.0);
            list.next_id += 1;
            SubscriptionId(list.next_id)
        };
        callback(now);
        lock(&self.0).callbacks.push((id, callback));
        id
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
        let mut callbacks = std::mem::take(&mut lock(&self.0).callbacks);
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
