//! [`Fault`]: what goes wrong with a device, and when.

use std::time::Duration;

use crate::value::Text;

/// What goes wrong with a device at one of its calls. Its error is a `DeviceFault` with the message.
///
/// ```
/// use skyspan::prelude::*;
///
/// let lab = Harness::new();
/// let stage = lab.add(SynAxis::new("stage").fault(Fault::on_set(2).fails_after(secs(0.5), "stalled")));
/// let run = lab.run(plans::scan(&lab.device("det"), &stage, 0, 10, 3));
/// assert_eq!(run.exit_status(), Fail);
/// assert_eq!(run.exception().map(PlanError::name).as_deref(), Some("FailedStatus"));
/// run.assert(one(span("Ophyd Status").has_attr("exception").lasting(secs(0.5)..=secs(0.5))));
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Fault {
    /// Which call, from 1.
    pub(super) nth: u64,
    pub(super) kind: FaultKind,
}

/// What goes wrong.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum FaultKind {
    /// The call raises.
    Raises(Text),
    /// The status of the call fails after a time.
    Fails(Duration, Text),
    /// The status of the call never ends.
    Hangs,
}

/// A fault at one call, of a kind yet to be said.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[must_use = "say what goes wrong"]
pub struct FaultOnSet {
    nth: u64,
}

impl Fault {
    /// At the nth `set` of the device, counted from 1; at no other. 0 never comes.
    pub const fn on_set(nth: u64) -> FaultOnSet {
        FaultOnSet { nth }
    }
}

impl FaultOnSet {
    /// The call raises, and there is no status; the plan gets the error at once.
    #[must_use]
    pub fn raises(self, message: impl Into<Text>) -> Fault {
        Fault { nth: self.nth, kind: FaultKind::Raises(message.into()) }
    }

    /// The status of the call fails after a time; the axis does not move.
    #[must_use]
    pub fn fails_after(self, delay: Duration, message: impl Into<Text>) -> Fault {
        Fault { nth: self.nth, kind: FaultKind::Fails(delay, message.into()) }
    }

    /// The status of the call never ends. A plan that waits for it without a timeout ends with a deadlock report.
    #[must_use]
    pub const fn hangs(self) -> Fault {
        Fault { nth: self.nth, kind: FaultKind::Hangs }
    }
}
