//! [`Response`]: what the engine answers.

use super::PlanError;
use crate::device::{Device, Location, Readings, Status};
use crate::value::{Text, Value};

/// What the engine answers to a message.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub enum Response {
    /// Nothing: Python's `None`.
    #[default]
    None,
    /// The uid of a run.
    Uid(Text),
    /// What was read.
    Readings(Readings),
    /// A status.
    Status(Status),
    /// The devices that were staged or unstaged.
    Devices(Vec<Device>),
    /// Where a device is.
    Location(Box<Location>),
    /// Where devices are.
    Locations(Vec<Location>),
    /// What came of each awaitable of a `wait_for`.
    Awaited(Vec<Result<Value, PlanError>>),
    /// Any value.
    Value(Value),
}

impl Response {
    /// The uid of a run; empty if it is none.
    #[must_use]
    pub fn into_uid(self) -> Text {
        match self {
            Self::Uid(uid) => uid,
            _ => Text::default(),
        }
    }

    /// The status, if it is one.
    #[must_use]
    pub fn into_status(self) -> Option<Status> {
        match self {
            Self::Status(status) => Some(status),
            _ => None,
        }
    }

    /// What was read; nothing if it is nothing of the kind.
    #[must_use]
    pub fn into_readings(self) -> Readings {
        match self {
            Self::Readings(readings) => readings,
            _ => Readings::default(),
        }
    }

    /// Whether Python holds it for true.
    #[must_use]
    pub fn is_truthy(&self) -> bool {
        match self {
            Self::None => false,
            Self::Uid(uid) => !uid.is_empty(),
            Self::Readings(readings) => !readings.0.is_empty(),
            Self::Status(_) => true,
            Self::Devices(devices) => !devices.is_empty(),
            Self::Location(_) => true,
            Self::Locations(locations) => !locations.is_empty(),
            Self::Awaited(outcomes) => !outcomes.is_empty(),
            Self::Value(value) => value.is_truthy(),
        }
    }
}
