//! [`Calls`]: what was asked of a device.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use super::Method;
use crate::clock::Timestamp;
use crate::device::Args;
use skyspan_trace::internal::lock;

/// One call of a method of a device.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Call {
    /// The method that was called.
    pub method: Method,
    /// With which arguments; none for a method that takes none.
    pub args: Args,
    /// When, on the clock of the one who called.
    pub time: Timestamp,
}

/// The record of the calls of a device: made by [`Device::record_calls`](crate::device::Device::record_calls). Cloning gives
/// another handle to the same record.
///
/// ```
/// use skyspan::hardware::Method;
/// use skyspan::prelude::*;
///
/// let lab = Harness::new();
/// let motor = lab.device("motor");
/// let calls = motor.record_calls();
/// lab.run(plans::scan(&lab.device("det"), &motor, 0, 1, 2)).assert_success();
///
/// assert_eq!(calls.count(Method::Set), 2);
/// let set: Vec<String> = calls.of(Method::Set).iter().map(|call| call.args.positional[0].to_string()).collect();
/// assert_eq!(set, ["0.0", "1.0"]);
/// assert_eq!(calls.all().first().map(|call| call.method), Some(Method::Stage));
/// ```
#[derive(Clone, Debug, Default)]
pub struct Calls(Arc<Record>);

#[derive(Debug, Default)]
struct Record {
    calls: Mutex<Vec<Call>>,
    subscriptions: AtomicUsize,
}

impl Calls {
    pub(super) fn add(&self, call: Call) {
        lock(&self.0.calls).push(call);
    }

    pub(super) fn subscribed(&self) {
        self.0.subscriptions.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn unsubscribed(&self) {
        // What was subscribed before the record began may be ended after.
        let _ = self.0.subscriptions.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |count| count.checked_sub(1));
    }

    /// How many of the subscriptions to its readings that were made since the record began have not been ended.
    ///
    /// ```
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// let det = lab.device("det");
    /// let calls = det.record_calls();
    /// lab.at_message(3).pause();
    /// let watched = plan(async move |p| {
    ///     p.open_run(Map::new()).await?;
    ///     p.monitor(&det, "seen").await?;
    ///     p.checkpoint().await?;
    ///     p.close_run().await.map(drop)
    /// });
    /// assert!(lab.run(watched).is_paused());
    /// assert_eq!(calls.open_subscriptions(), 0, "monitors rest in a pause");
    /// lab.resume().assert_success();
    /// assert_eq!(calls.open_subscriptions(), 0);
    /// ```
    #[must_use]
    pub fn open_subscriptions(&self) -> usize {
        self.0.subscriptions.load(Ordering::Relaxed)
    }

    /// All calls so far, in order, those included that a fault did not let through.
    #[must_use]
    pub fn all(&self) -> Vec<Call> {
        lock(&self.0.calls).clone()
    }

    /// Those of one method.
    #[must_use]
    pub fn of(&self, method: Method) -> Vec<Call> {
        lock(&self.0.calls).iter().filter(|call| call.method == method).cloned().collect()
    }

    /// How many there were of one method.
    #[must_use]
    pub fn count(&self, method: Method) -> usize {
        lock(&self.0.calls).iter().filter(|call| call.method == method).count()
    }

    /// Forgets all calls so far.
    pub fn clear(&self) {
        lock(&self.0.calls).clear();
    }
}
