//! [`PlanError`]: what is thrown into a plan, and what comes out of it.

use std::error::Error;
use std::fmt;

use crate::clock::Deadlock;
use crate::device::{DeviceError, DevicePanic, ForeignError, NotSupported, said};
use crate::value::{Text, repr_str};

/// What is thrown into a plan, as the `Err` of its `.await`, and what comes out of a plan that does not catch it.
///
/// [`name`](Self::name) is the class of the exception that bluesky 1.15.1 raises for it.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum PlanError {
    /// A message that makes no sense after those before it.
    #[error("{0}")]
    IllegalMessageSequence(Text),
    /// A command that is not registered.
    #[error("{command}: no such command is registered; see RunEngine's commands")]
    InvalidCommand {
        /// The name of the command that failed.
        command: Text,
    },
    /// A status failed. It is thrown at the next turn of the engine, whatever the plan does then.
    #[error("{status} failed: {cause}")]
    FailedStatus {
        /// The status, as Python prints it.
        status: Text,
        /// The error of the device.
        #[source]
        cause: DeviceError,
    },
    /// A device lacks a protocol.
    #[error(transparent)]
    NotSupported(NotSupported),
    /// A method of a device raised.
    #[error(transparent)]
    Device(DeviceError),
    /// The time of a `wait` was up.
    #[error("Plan failed to complete in the specified time: {0}")]
    WaitForTimeout(Text),
    /// Asks for the end of the plan, as a success.
    #[error("a stop was requested")]
    RequestStop,
    /// Asks for the end of the plan, as an abort.
    #[error("an abort was requested")]
    RequestAbort,
    /// The engine was to pause, and no checkpoint leads back (`bluesky.utils.FailedPause`).
    #[error("the plan cannot be paused: it has cleared its checkpoint, so there is no way back")]
    FailedPause,
    /// The plan is halted: it ends here, and nothing that it yields is executed any more (`bluesky.utils.PlanHalt`). A
    /// plan passes it on.
    #[error("the plan is halted")]
    PlanHalt,
    /// What the engine was executing was interrupted. A plan gets nothing as the answer instead.
    #[error("interrupted")]
    Cancelled,
    /// The call was ended without asking the plan, as bluesky does on the eleventh Ctrl-C.
    #[error("the call was ended from outside, without asking the plan")]
    Killed,
    /// What was asked of the engine does not go in the state that it is in.
    #[error("{message}")]
    Transition {
        /// The class of the exception: `TransitionError`, or `RuntimeError` for a call.
        name: &'static str,
        /// What was asked, and what can be done.
        message: Text,
    },
    /// A device, a callback or another function given by the user panicked.
    #[error("{what} panicked: {message}")]
    Panicked {
        /// What panicked: a device, a callback, or a plan.
        what: Text,
        /// The message of the panic.
        message: Text,
    },
    /// Nothing can ever end the wait.
    #[error(transparent)]
    Deadlock(Box<DeadlockReport>),
    /// The plan awaited something else than its own messages. It is not resumed any more.
    #[error(
        "the plan awaits something that is not one of its messages; a plan may only await its own messages \
         (put what takes time into a device, or a sleep)"
    )]
    ForeignAwait,
    /// The plan yielded a message before the last one was answered.
    #[error("the plan yields `{0}` before its last message was answered; messages are yielded one after another")]
    ConcurrentYield(Text),
    /// An error of another library, as it is.
    #[error("{0}")]
    Foreign(#[source] ForeignError),
    /// An exception of Python's library, or of the plan's own, by the name of its class.
    #[error("{message}")]
    Raised {
        /// The class of the exception.
        name: Text,
        /// The message of the exception.
        message: Text,
    },
}

impl PlanError {
    /// A failure of the plan's own: Python's `RuntimeError`. See also [`plan_error!`](crate::plan_error).
    pub fn runtime(message: impl Into<Text>) -> Self {
        Self::raised("RuntimeError", message)
    }

    /// A value that does not do: Python's `ValueError`.
    pub fn value(message: impl Into<Text>) -> Self {
        Self::raised("ValueError", message)
    }

    /// An argument of another type: Python's `TypeError`.
    pub fn type_error(message: impl Into<Text>) -> Self {
        Self::raised("TypeError", message)
    }

    /// Something that is not there: Python's `KeyError`.
    #[must_use]
    pub fn key(key: &str) -> Self {
        Self::raised("KeyError", repr_str(key))
    }

    /// Something that an object lacks: Python's `AttributeError`.
    #[must_use]
    pub fn no_attribute(class: &str, attribute: &str) -> Self {
        Self::raised("AttributeError", format!("'{class}' object has no attribute '{attribute}'"))
    }

    /// An error of another library, which stays the [`source`](Error::source), so that a plan may use `?` on what it calls.
    ///
    /// ```
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// let run = lab.run(plan(async |_| {
    ///     let steps: i64 = "ten".parse().map_err(PlanError::foreign)?;
    ///     Ok(steps)
    /// }));
    /// let error = run.exception().expect("ten is no number");
    /// assert_eq!(error.to_string(), "invalid digit found in string");
    /// assert!(error.downcast_ref::<std::num::ParseIntError>().is_some());
    /// ```
    pub fn foreign<E: Error + Send + Sync + 'static>(error: E) -> Self {
        Self::Foreign(ForeignError::new(error))
    }

    /// The error of another library that it carries, if it is one of that type: the plan's own, that of a device, or that of a
    /// failed status.
    #[must_use]
    pub fn downcast_ref<E: Error + 'static>(&self) -> Option<&E> {
        match self {
            Self::Foreign(error) => error.downcast_ref(),
            Self::Device(error) | Self::FailedStatus { cause: error, .. } => error.downcast_ref(),
            _ => None,
        }
    }

    /// An exception by the name of its class.
    pub fn raised(name: &'static str, message: impl Into<Text>) -> Self {
        Self::Raised { name: Text::literal(name), message: message.into() }
    }

    /// The class of the exception that bluesky raises for it.
    #[must_use]
    pub fn name(&self) -> Text {
        Text::literal(match self {
            Self::IllegalMessageSequence(_) => "IllegalMessageSequence",
            Self::InvalidCommand { .. } => "InvalidCommand",
            Self::FailedStatus { .. } => "FailedStatus",
            Self::NotSupported(_) => "AssertionError",
            Self::Device(error) => return error.name(),
            Self::WaitForTimeout(_) => "WaitForTimeoutError",
            Self::RequestStop => "RequestStop",
            Self::RequestAbort => "RequestAbort",
            Self::FailedPause => "FailedPause",
            Self::PlanHalt => "PlanHalt",
            Self::Cancelled => "CancelledError",
            Self::Killed => "KeyboardInterrupt",
            Self::Transition { name, .. } => name,
            Self::Panicked { .. } => "Panic",
            Self::Deadlock(_) => "Deadlock",
            Self::ForeignAwait => "ForeignAwait",
            Self::ConcurrentYield(_) => "ConcurrentYield",
            Self::Foreign(error) => return error.name().clone(),
            Self::Raised { name, .. } => return name.clone(),
        })
    }

    /// What bluesky writes as the reason of a run that ends with it: Python's `str` of the exception.
    #[must_use]
    pub fn reason(&self) -> Text {
        match self {
            Self::InvalidCommand { command } => repr_str(command).into(),
            Self::FailedStatus { status, .. } => status.clone(),
            Self::WaitForTimeout(_) => Text::literal("Plan failed to complete in the specified time"),
            Self::RequestStop | Self::RequestAbort | Self::FailedPause | Self::PlanHalt => Text::literal(""),
            Self::Cancelled | Self::Killed => Text::literal(""),
            other => other.to_string().into(),
        }
    }

    /// The panic of something; of a device that was asked about itself meanwhile, where it was that.
    pub(crate) fn of_panic(what: Text, panic: &(dyn std::any::Any + Send)) -> Self {
        match panic.downcast_ref::<DevicePanic>() {
            Some(device) => device.clone().into(),
            None => Self::Panicked { what, message: said(panic) },
        }
    }

    /// Whether the plan is halted, and nothing that it yields is executed any more: a clean-up passes it on.
    #[must_use]
    pub const fn is_halt(&self) -> bool {
        matches!(self, Self::PlanHalt)
    }

    /// The exit status of a run that ends with it, where it asks for its end: `bluesky.utils.RunEngineControlException`.
    #[must_use]
    pub const fn control_exit_status(&self) -> Option<&'static str> {
        match self {
            Self::RequestStop => Some("success"),
            Self::RequestAbort => Some("abort"),
            _ => None,
        }
    }
}

impl From<DeviceError> for PlanError {
    fn from(error: DeviceError) -> Self {
        Self::Device(error)
    }
}

impl From<DevicePanic> for PlanError {
    fn from(DevicePanic { what, message }: DevicePanic) -> Self {
        Self::Panicked { what, message }
    }
}

impl From<NotSupported> for PlanError {
    fn from(error: NotSupported) -> Self {
        Self::NotSupported(error)
    }
}

/// A deadlock in a run: when, what waits, and which spans are still open.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct DeadlockReport {
    /// When, and what waits.
    pub deadlock: Deadlock,
    /// The spans that have started and not ended, in the order in which they started.
    pub open_spans: Vec<Text>,
}

impl fmt::Display for DeadlockReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.deadlock.fmt(f)?;
        for span in &self.open_spans {
            write!(f, "\n  open span: {span}")?;
        }
        f.write_str(
            "\n  if a thread or a socket would have ended it: its device says so by `cx.clock().outside_work()`",
        )
    }
}

impl std::error::Error for DeadlockReport {}

/// A failure of a plan's own, from a format: a [`PlanError`] that Python would call a `RuntimeError`.
///
/// ```
/// let error = skyspan::plan_error!("no light after {} steps", 20);
/// assert_eq!(error.to_string(), "no light after 20 steps");
/// assert_eq!(error.name(), "RuntimeError");
/// ```
#[macro_export]
macro_rules! plan_error {
    ($($format:tt)*) => {
        $crate::message::PlanError::runtime(::std::format!($($format)*))
    };
}
