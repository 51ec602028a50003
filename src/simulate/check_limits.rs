//! [`check_limits`]: whether a plan would move something to where it cannot be.

use super::RunEngineSimulator;
use crate::device::{Device, DeviceError};
use crate::message::{Arg, PlanError};
use crate::plan::Plan;
use crate::plan::preprocessors::printed;
use crate::value::Value;

/// A device that a plan moves and that cannot say whether it would take the value
/// ([`Checkable`](crate::device::Checkable)).
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{} has no check_value() method to check if {} is within its limits.", .object.name(), printed(&Arg::Value(.value.clone())))]
#[non_exhaustive]
pub struct LimitWarning {
    /// The device whose limit is broken.
    pub object: Device,
    /// The first value that it is set to.
    pub value: Value,
    /// The number of the message, from 1.
    pub message: usize,
}

/// Why a plan is not found to stay within limits.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum LimitError {
    /// A device would not take a value.
    #[error("message {message} would set {} to {value}, which it refuses: {error}", .object.name())]
    Refused {
        /// The device whose limits cannot be checked.
        object: Device,
        /// The value that was asked for.
        value: Value,
        /// The number of the message, from 1.
        message: usize,
        /// What the device says.
        error: DeviceError,
    },
    /// The plan failed before its end, or does not end.
    #[error("the limits of a plan cannot be checked that fails: {0}")]
    Plan(PlanError),
}

/// Asks of every `set` of a plan whether the device would take the value (`bluesky.simulators.check_limits`, 1.15.1).
/// Nothing moves; every message is answered with nothing.
///
/// Gives the devices that cannot tell, each once, in the order in which they are set. Where a plan wants other answers,
/// [`RunEngineSimulator::check_limits`] gives them. It can be called anywhere, also while an engine runs.
///
/// ```
/// use skyspan::prelude::*;
/// use skyspan::simulate::check_limits;
///
/// let lab = Harness::new();
/// let stage = lab.add(SimMotor::new("stage").limits(0.0, 10.0));
/// assert_eq!(check_limits(plans::scan(&lab.device("det"), &stage, 0, 10, 5)), Ok(vec![]));
///
/// let error = check_limits(plans::scan(&lab.device("det"), &stage, 0, 12, 5)).expect_err("12 is too far");
/// assert_eq!(
///     error.to_string(),
///     "message 45 would set stage to 12.0, which it refuses: stage: value 12.0 outside of range: [0.0, 10.0]",
/// );
/// ```
///
/// # Errors
///
/// [`LimitError`] for the first value that a device refuses, and for a plan that fails.
pub fn check_limits(plan: impl Into<Plan>) -> Result<Vec<LimitWarning>, LimitError> {
    RunEngineSimulator::new().check_limits(plan)
}

impl RunEngineSimulator {
    /// The same as the function [`check_limits`], with the answers of this simulator.
    ///
    /// # Errors
    ///
    /// As there.
    pub fn check_limits(&self, plan: impl Into<Plan>) -> Result<Vec<LimitWarning>, LimitError> {
        let mut warnings: Vec<LimitWarning> = Vec::new();
        let (mut refused, mut message) = (None, 0);
        let result = self.step_through(plan.into(), |msg| {
            message += 1;
            let Some(Arg::Device(object)) = msg.obj().filter(|_| msg.command() == "set") else { return true };
            // A value that is given by its name is one, too.
            let args = msg.args();
            let by_name = || msg.kwargs().into_iter().find(|(key, _)| key == "value").map(|(_, arg)| arg);
            let Some(value) = args.first().cloned().or_else(by_name).map(|arg| arg.to_recorded()) else { return true };
            match object.as_checkable() {
                Some(checkable) => {
                    refused = checkable.check_value(&value).err().map(|error| LimitError::Refused {
                        object: object.clone(),
                        value,
                        message,
                        error,
                    });
                }
                None if warnings.iter().any(|warning| warning.object == object) => {}
                None => warnings.push(LimitWarning { object, value, message }),
            }
            refused.is_none()
        });
        match refused {
            Some(refused) => Err(refused),
            None => result.map(|_| warnings).map_err(LimitError::Plan),
        }
    }
}
