//! [`Ending`]: how what a call started ends, other than the device has it.

use std::time::Duration;

use super::DeviceError;
use crate::clock::Timestamp;

/// How what a call started ends, other than the device has it: what a fault does to the statuses of a call.
///
/// It comes to the device with the [`Cx`](super::Cx) of the call. Every status of the called device that is made with it ends
/// so; the device need not know. One that does ask for it can be where a device would be that has stalled.
#[derive(Clone, Debug, PartialEq)]
pub struct Ending {
    /// Whether the status never ends.
    pub never: bool,
    /// It fails so long after it began, whatever the device says of it.
    pub fails: Option<(Duration, DeviceError)>,
    /// How many times as long it takes as it would; 1 if it is not slow.
    pub slow_by: f64,
    /// How much later it ends, in addition.
    pub late_by: Duration,
}

impl Ending {
    /// As the device has it.
    #[must_use]
    pub const fn usual() -> Self {
        Self { never: false, fails: None, slow_by: 1.0, late_by: Duration::ZERO }
    }

    /// Whether it does not end well, whatever the device does: the device may stay where it is.
    #[must_use]
    pub const fn is_stalled(&self) -> bool {
        self.never || self.fails.is_some()
    }

    /// When it ends, of what began at one time and would have ended at another. A factor below 1 is taken for 1: nothing ends
    /// before the device says so.
    #[must_use]
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "no time is negative, and what is longer than any time ends with all times"
    )]
    pub fn due(&self, began: Timestamp, ended: Timestamp) -> Timestamp {
        let took_ns = (ended - began).as_nanos() as f64 * self.slow_by.max(1.0);
        began + Duration::from_nanos(took_ns.round() as u64) + self.late_by
    }
}

impl Default for Ending {
    fn default() -> Self {
        Self::usual()
    }
}
