//! [`DeviceFault`]: which device has which fault, as a value that can be given, printed and made simpler.

use std::time::Duration;

use crate::device::DeviceError;
use crate::hardware::{Fault, Method};
use crate::harness::Harness;
use crate::value::Text;

/// A fault of one device, at one of its calls.
#[derive(Clone, Debug, PartialEq)]
pub struct DeviceFault {
    /// The name of the device.
    pub device: Text,
    /// The method whose call goes wrong.
    pub method: Method,
    /// Which of its calls, counted from 1.
    pub nth: u32,
    /// What goes wrong.
    pub kind: FaultKind,
}

/// What goes wrong at a call.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum FaultKind {
    /// It raises.
    Raises,
    /// What it began fails so much later.
    FailsAfter(Duration),
    /// What it began ends so much later than it would.
    LateBy(Duration),
    /// What it began takes twice as long.
    Slow,
    /// What it began never ends.
    Hangs,
    /// It reads NaN.
    ReadsNan,
    /// The device cannot be reached for so long.
    DisconnectsFor(Duration),
}

/// What the errors of these faults say.
const MESSAGE: &str = "injected fault";

impl DeviceFault {
    /// Whether the call, or what it began, never comes to a good end.
    #[must_use]
    pub const fn is_failure(&self) -> bool {
        matches!(
            self.kind,
            FaultKind::Raises | FaultKind::FailsAfter(_) | FaultKind::Hangs | FaultKind::DisconnectsFor(_)
        )
    }

    /// The fault of the device.
    #[must_use]
    pub fn fault(&self) -> Fault {
        let at = Fault::on(self.method, self.nth);
        match self.kind {
            FaultKind::Raises => at.raises(MESSAGE),
            FaultKind::FailsAfter(delay) => at.fails_with(delay, DeviceError::other("DeviceFault", MESSAGE)),
            FaultKind::LateBy(delay) => at.late_by(delay),
            FaultKind::Slow => at.slow_by(2.0),
            FaultKind::Hangs => at.hangs(),
            FaultKind::ReadsNan => at.reads_nan(),
            FaultKind::DisconnectsFor(time) => at.disconnects_for(time),
        }
    }

    /// Gives the fault to the device of a harness; one that it has not gets none.
    pub fn give_to(&self, lab: &Harness) {
        if let Some(device) = lab.beamline().get(&self.device) {
            let fault = self.fault();
            if fault.can_come_to(&device) {
                device.fault(fault);
            }
        }
    }

    /// As Rust code: `lab.device("motor").fault(Fault::on_set(2).raises("injected fault"));`
    #[must_use]
    pub fn to_rust(&self) -> String {
        let on = match self.method {
            Method::Set
            | Method::Trigger
            | Method::Read
            | Method::Stage
            | Method::Unstage
            | Method::Stop
            | Method::Kickoff
            | Method::Complete
            | Method::Collect => format!("on_{}({})", self.method, self.nth),
            other => format!("on(Method::{other:?}, {})", self.nth),
        };
        let what = match &self.kind {
            FaultKind::Raises => format!("raises({MESSAGE:?})"),
            FaultKind::FailsAfter(delay) => format!("fails_after({}, {MESSAGE:?})", duration_to_rust(*delay)),
            FaultKind::LateBy(delay) => format!("late_by({})", duration_to_rust(*delay)),
            FaultKind::Slow => "slow_by(2.0)".to_owned(),
            FaultKind::Hangs => "hangs()".to_owned(),
            FaultKind::ReadsNan => "reads_nan()".to_owned(),
            FaultKind::DisconnectsFor(time) => format!("disconnects_for({})", duration_to_rust(*time)),
        };
        format!("lab.device({:?}).fault(Fault::{on}.{what});", self.device)
    }

    /// The same with less to it, simplest first.
    pub(super) fn simpler(&self) -> Vec<Self> {
        let mut all = Vec::new();
        if self.kind != FaultKind::Raises && self.method != Method::Read {
            all.push(Self { kind: FaultKind::Raises, ..self.clone() });
        }
        if self.nth > 1 {
            all.push(Self { nth: 1, ..self.clone() });
            all.push(Self { nth: self.nth - 1, ..self.clone() });
        }
        all
    }
}

/// `secs(0.5)`
pub(super) fn duration_to_rust(time: Duration) -> String {
    format!("secs({:?})", time.as_secs_f64())
}
