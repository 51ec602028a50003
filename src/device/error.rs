//! What goes wrong in a device.

use std::error::Error;

use super::ForeignError;
use crate::value::{Text, repr_str};

/// What goes wrong in a device: raised by one of its methods, or set on a [`Status`](super::Status).
///
/// [`name`](Self::name) is the class of the exception that ophyd 1.11.2 raises for it.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum DeviceError {
    /// A value that the device does not take.
    #[error("{0}")]
    Value(Text),
    /// An argument of another type, or another number of arguments.
    #[error("{0}")]
    Type(Text),
    /// What may not be written was written.
    #[error("{0}")]
    ReadOnly(Text),
    /// What is staged was staged again.
    #[error("{0}")]
    RedundantStaging(Text),
    /// A status was not done within its own time.
    #[error("{0}")]
    StatusTimeout(Text),
    /// A status was not done when the one who waited for it lost patience.
    #[error("{0}")]
    WaitTimeout(Text),
    /// A status failed, and nobody said why.
    #[error("{0}")]
    UnknownStatusFailure(Text),
    /// A status was finished twice.
    #[error("{0}")]
    InvalidState(Text),
    /// An error of another library, as it is.
    #[error("{0}")]
    Foreign(#[source] ForeignError),
    /// Any other failure, by the name of its class: `DeviceFault`, `ConnectionError`, ...
    #[error("{message}")]
    Other {
        /// The class of the exception.
        name: Text,
        /// The message of the exception.
        message: Text,
    },
}

impl DeviceError {
    /// A value that the device does not take: Python's `ValueError`.
    pub fn value(message: impl Into<Text>) -> Self {
        Self::Value(message.into())
    }

    /// An argument of another type: Python's `TypeError`.
    pub fn type_error(message: impl Into<Text>) -> Self {
        Self::Type(message.into())
    }

    /// Something that a device lacks: Python's `AttributeError`.
    #[must_use]
    pub fn no_attribute(class: &str, attribute: &str) -> Self {
        Self::other("AttributeError", format!("'{class}' object has no attribute '{attribute}'"))
    }

    /// An error of another library, which stays the [`source`](Error::source): of a driver, a socket, a parser.
    ///
    /// ```
    /// use std::error::Error as _;
    /// use std::io;
    /// use skyspan::device::DeviceError;
    ///
    /// let lost = io::Error::new(io::ErrorKind::ConnectionReset, "the camera hung up");
    /// let error = DeviceError::foreign(lost);
    /// assert_eq!(error.to_string(), "the camera hung up");
    /// assert!(error.source().is_some());
    /// let lost: &io::Error = error.downcast_ref().expect("it is given back as it was");
    /// assert_eq!(lost.kind(), io::ErrorKind::ConnectionReset);
    /// ```
    pub fn foreign<E: Error + Send + Sync + 'static>(error: E) -> Self {
        Self::Foreign(ForeignError::new(error))
    }

    /// The error of another library that it carries, if it is one of that type.
    #[must_use]
    pub fn downcast_ref<E: Error + 'static>(&self) -> Option<&E> {
        match self {
            Self::Foreign(error) => error.downcast_ref(),
            _ => None,
        }
    }

    /// Any other failure, by the name of its class.
    pub fn other(name: impl Into<Text>, message: impl Into<Text>) -> Self {
        Self::Other { name: name.into(), message: message.into() }
    }

    /// Python's `repr` of the exception: `RuntimeError('stalled')`.
    #[must_use]
    pub fn repr(&self) -> Text {
        let text = self.to_string();
        let text = if text.is_empty() { text } else { repr_str(&text) };
        format!("{}({text})", self.name()).into()
    }

    /// The class of the exception that ophyd raises for it.
    #[must_use]
    pub fn name(&self) -> Text {
        Text::literal(match self {
            Self::Value(_) => "ValueError",
            Self::Type(_) => "TypeError",
            Self::ReadOnly(_) => "ReadOnlyError",
            Self::RedundantStaging(_) => "RedundantStaging",
            Self::StatusTimeout(_) => "StatusTimeoutError",
            Self::WaitTimeout(_) => "WaitTimeoutError",
            Self::UnknownStatusFailure(_) => "UnknownStatusFailure",
            Self::InvalidState(_) => "InvalidState",
            Self::Foreign(error) => return error.name().clone(),
            Self::Other { name, .. } => return name.clone(),
        })
    }
}

/// A status was finished, or failed, twice (ophyd 1.11.2, `ophyd.utils.InvalidState`).
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("either set_finished() or set_exception() has already been called on {status}")]
#[non_exhaustive]
pub struct InvalidState {
    /// The status, as it was then.
    pub status: Text,
}

/// A device lacks a protocol; an `AssertionError` in bluesky 1.15.1 (`bluesky.protocols.check_supports`).
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{object} does not implement all {protocol} methods")]
#[non_exhaustive]
pub struct NotSupported {
    /// The `repr` of the object.
    pub object: Text,
    /// The name of the protocol that the device lacks.
    pub protocol: &'static str,
}
