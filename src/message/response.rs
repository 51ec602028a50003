//! [`Response`]: what the engine answers.

use std::sync::Arc;

use super::PlanError;
use crate::device::{Device, Location, PartialEvent, PartialEventPage, Readings, Status};
use crate::document::Descriptor;
use crate::value::{Text, Value};

/// What the engine answers to a message.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub enum Response {
    /// No answer: Python's `None`.
    #[default]
    None,
    /// The uid of a run.
    Uid(Text),
    /// The readings of a device.
    Readings(Readings),
    /// The status of what was begun.
    Status(Status),
    /// The devices that were staged or unstaged.
    Devices(Vec<Device>),
    /// Where a device is.
    Location(Box<Location>),
    /// The locations of devices.
    Locations(Vec<Location>),
    /// What came of each awaitable of a `wait_for`.
    Awaited(Vec<Result<Value, PlanError>>),
    /// The configuration of a device, before and after it was configured.
    Configured(Box<Configured>),
    /// What describes a stream that was declared.
    Descriptor(Arc<Descriptor>),
    /// The events that a flyer has collected.
    Payload(Payload),
    /// A plain value.
    Value(Value),
}

/// What was collected, as the device has gathered it.
#[derive(Clone, Debug, PartialEq)]
pub enum Payload {
    /// Events, one by one.
    Events(Vec<PartialEvent>),
    /// Pages of events, in columns.
    Pages(Vec<PartialEventPage>),
}

/// The configuration of a device, before and after it was configured.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Configured {
    /// The configuration before.
    pub old: Readings,
    /// The configuration after.
    pub new: Readings,
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

    /// The configuration of a device before and after; empty if it is nothing of the kind.
    #[must_use]
    pub fn into_configured(self) -> (Readings, Readings) {
        match self {
            Self::Configured(configured) => (configured.old, configured.new),
            _ => Default::default(),
        }
    }

    /// What describes a stream, if it is that.
    #[must_use]
    pub fn into_descriptor(self) -> Option<Arc<Descriptor>> {
        match self {
            Self::Descriptor(descriptor) => Some(descriptor),
            _ => None,
        }
    }

    /// What was collected, if it is that.
    #[must_use]
    pub fn into_payload(self) -> Option<Payload> {
        match self {
            Self::Payload(payload) => Some(payload),
            _ => None,
        }
    }

    /// Whether Python holds it for true.
    #[must_use]
    pub fn is_truthy(&self) -> bool {
        match self {
            Self::None => false,
            Self::Uid(uid) => !uid.is_empty(),
            Self::Readings(readings) => !readings.0.is_empty(),
            Self::Status(_) | Self::Configured(_) | Self::Descriptor(_) => true,
            Self::Payload(Payload::Events(events)) => !events.is_empty(),
            Self::Payload(Payload::Pages(pages)) => !pages.is_empty(),
            Self::Devices(devices) => !devices.is_empty(),
            Self::Location(_) => true,
            Self::Locations(locations) => !locations.is_empty(),
            Self::Awaited(outcomes) => !outcomes.is_empty(),
            Self::Value(value) => value.is_truthy(),
        }
    }
}
