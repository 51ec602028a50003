//! Statuses by the group in which they can be waited for, and the failures of all of them.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use crate::device::{Device, HearsOfEnd, Status};
use crate::message::PlanError;
use crate::value::{Text, Value, to_json};
use rustc_hash::FxHashMap;
use skyspan_trace::internal::lock;

/// Statuses by group, until they are waited for.
#[derive(Debug, Default)]
pub(super) struct Groups {
    by_key: FxHashMap<Key, Arc<Vec<Status>>>,
    /// An empty list of one that was waited for, for the next group.
    spare: Option<Arc<Vec<Status>>>,
    failures: Arc<Failures>,
}

/// A group's name, which in bluesky may be anything.
#[derive(Debug, Eq, Hash, PartialEq)]
enum Key {
    None,
    Name(Text),
    Other(String),
}

impl Key {
    fn of(group: &Value) -> Self {
        match group {
            Value::Null => Self::None,
            Value::Str(name) => Self::Name(name.clone()),
            other => Self::Other(to_json(other)),
        }
    }
}

/// The last status that failed and was not yet thrown at the plan.
#[derive(Debug, Default)]
struct Failures {
    any: AtomicBool,
    last: Mutex<Option<FailedStatus>>,
}

/// A status that failed.
#[derive(Debug)]
pub(super) struct FailedStatus {
    pub(super) error: PlanError,
    /// The number of the message that gave it.
    pub(super) message: u64,
    pub(super) device: Device,
}

impl HearsOfEnd for Failures {
    fn ended(&self, status: &Status, message: u64) {
        if let Some(cause) = status.exception() {
            let error = PlanError::FailedStatus { status: status.to_string().into(), cause };
            *lock(&self.last) = Some(FailedStatus { error, message, device: status.device().clone() });
            self.any.store(true, Ordering::Release);
        }
    }
}

impl Groups {
    /// Adds a status to a group, which the message of that number gave. If it fails, it is thrown at the plan, whether anyone
    /// waits for it or not.
    pub(super) fn add(&mut self, group: &Value, status: &Status, message: u64) {
        status.hear_of_end(&self.failures, message);
        let spare = &mut self.spare;
        let statuses = self.by_key.entry(Key::of(group)).or_insert_with(|| spare.take().unwrap_or_default());
        Arc::make_mut(statuses).push(status.clone());
    }

    /// Takes a group out. What nothing was added to is no group.
    pub(super) fn take(&mut self, group: &Value) -> Option<Arc<Vec<Status>>> {
        self.by_key.remove(&Key::of(group))
    }

    /// Puts a group back that is to be waited for again.
    pub(super) fn put_back(&mut self, group: &Value, statuses: Arc<Vec<Status>>) {
        self.by_key.insert(Key::of(group), statuses);
    }

    /// Takes back the list of a group that was taken out, once it is done with.
    pub(super) fn give_back(&mut self, mut statuses: Arc<Vec<Status>>) {
        if let Some(list) = Arc::get_mut(&mut statuses) {
            list.clear();
            self.spare = Some(statuses);
        }
    }

    /// The statuses of a group.
    pub(super) fn get(&self, group: &Value) -> &[Status] {
        self.by_key.get(&Key::of(group)).map_or(&[], |statuses| statuses.as_slice())
    }

    /// The failure to be thrown at the plan, if there is one.
    pub(super) fn take_failure(&self) -> Option<FailedStatus> {
        if !self.failures.any.load(Ordering::Acquire) {
            return None;
        }
        self.failures.any.store(false, Ordering::Release);
        lock(&self.failures.last).take()
    }
}
