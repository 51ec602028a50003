//! [`Calls`]: what was asked of a device.

use std::sync::{Arc, Mutex};

use super::Method;
use crate::clock::Timestamp;
use crate::device::Args;
use crate::sync::lock;

/// One call of a method of a device.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// What was asked.
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
pub struct Calls(Arc<Mutex<Vec<Call>>>);

impl Calls {
    pub(super) fn add(&self, call: Call) {
        lock(&self.0).push(call);
    }

    /// All calls so far, in order, those included that a fault did not let through.
    #[must_use]
    pub fn all(&self) -> Vec<Call> {
        lock(&self.0).clone()
    }

    /// Those of one method.
    #[must_use]
    pub fn of(&self, method: Method) -> Vec<Call> {
        lock(&self.0).iter().filter(|call| call.method == method).cloned().collect()
    }

    /// How many there were of one method.
    #[must_use]
    pub fn count(&self, method: Method) -> usize {
        lock(&self.0).iter().filter(|call| call.method == method).count()
    }

    /// Forgets all calls so far.
    pub fn clear(&self) {
        lock(&self.0).clear();
    }
}
