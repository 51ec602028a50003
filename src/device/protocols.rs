//! The protocols of bluesky 1.15.1 (`bluesky.protocols`), each a trait.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use super::{Args, Cx, DataKeys, DeviceError, Hints, Location, Readings, Status, SyncOrAsync};
use crate::value::{Map, Text, Value};

/// A device that can be read, as `bluesky.protocols.Readable`.
pub trait Readable: Send + Sync {
    /// The current readings. They are those of the last trigger, where the device is triggered.
    ///
    /// # Errors
    ///
    /// Whatever keeps the device from being read; the plan gets it.
    fn read<'a>(&'a self, cx: Cx<'a>) -> SyncOrAsync<'a, Result<Readings, DeviceError>>;

    /// What describes each reading.
    ///
    /// # Errors
    ///
    /// Whatever keeps the device from being described; the plan gets it.
    fn describe<'a>(&'a self, cx: Cx<'a>) -> SyncOrAsync<'a, Result<DataKeys, DeviceError>>;
}

/// Has a configuration: readings that seldom change, kept in the descriptor instead of the events.
pub trait Configurable: Send + Sync {
    /// The readings of the configuration.
    ///
    /// # Errors
    ///
    /// Whatever keeps them from being read.
    fn read_configuration<'a>(&'a self, cx: Cx<'a>) -> SyncOrAsync<'a, Result<Readings, DeviceError>>;

    /// What describes each of them.
    ///
    /// # Errors
    ///
    /// Whatever keeps them from being described.
    fn describe_configuration<'a>(&'a self, cx: Cx<'a>) -> SyncOrAsync<'a, Result<DataKeys, DeviceError>>;

    /// Changes the configuration; gives the one before and the one after.
    ///
    /// # Errors
    ///
    /// For values that the device does not take.
    fn configure<'a>(
        &'a self,
        cx: Cx<'a>,
        args: &'a Args,
    ) -> SyncOrAsync<'a, Result<(Readings, Readings), DeviceError>>;
}

/// Can be set to a value.
pub trait Movable: Send + Sync {
    /// Begins to move there; the status is done when it has arrived.
    ///
    /// # Errors
    ///
    /// For a value that the device does not take.
    fn set(&self, cx: Cx<'_>, args: &Args) -> Result<Status, DeviceError>;
}

/// Knows which values it can be set to: `bluesky.protocols.Checkable`.
pub trait Checkable: Send + Sync {
    /// Whether it could be set to that value now; nothing is set.
    ///
    /// # Errors
    ///
    /// For a value that it would refuse, such as a `LimitError` for one beyond its limits.
    fn check_value(&self, value: &Value) -> Result<(), DeviceError>;
}

/// Can say where it is, and where it was told to go.
pub trait Locatable: Send + Sync {
    /// Where it is, and where it was told to go.
    ///
    /// # Errors
    ///
    /// Whatever keeps it from saying so.
    fn locate<'a>(&'a self, cx: Cx<'a>) -> SyncOrAsync<'a, Result<Location, DeviceError>>;
}

/// Has a position, as ophyd's positioners do; what a status of a move shows comes from here.
pub trait Positioner: Send + Sync {
    /// The present position.
    fn position(&self) -> Value;

    /// The unit of its position.
    fn egu(&self) -> Option<Text> {
        None
    }

    /// How many digits behind the point of its position matter.
    fn precision(&self) -> Option<i64> {
        None
    }

    /// From where to where it goes, both included; `None` for one that goes anywhere (`limits` of ophyd 1.11.2, which has two
    /// equal numbers then).
    fn limits(&self) -> Option<(Value, Value)> {
        None
    }
}

/// Can be triggered to take what is read next.
pub trait Triggerable: Send + Sync {
    /// Begins to take it; the status is done when it can be read.
    ///
    /// # Errors
    ///
    /// Whatever keeps the device from it.
    fn trigger(&self, cx: Cx<'_>) -> Result<Status, DeviceError>;
}

/// What came of staging or unstaging.
pub enum Staged {
    /// Done, and these devices took part: ophyd's way.
    Devices(Vec<super::Device>),
    /// Done when the status is: ophyd-async's way.
    Status(Status),
    /// One of the others, once something has been waited for: where ophyd's devices keep the engine waiting.
    Later(Pin<Box<dyn Future<Output = Result<Self, DeviceError>> + Send>>),
}

impl Staged {
    /// What comes of some work: at once, if the work takes no time.
    ///
    /// # Errors
    ///
    /// What the work fails of at once.
    pub fn later(work: impl Future<Output = Result<Self, DeviceError>> + Send + 'static) -> Result<Self, DeviceError> {
        let mut work = Box::pin(work);
        match work.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(staged) => staged,
            Poll::Pending => Ok(Self::Later(work)),
        }
    }
}

impl fmt::Debug for Staged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Devices(devices) => f.debug_tuple("Devices").field(devices).finish(),
            Self::Status(status) => f.debug_tuple("Status").field(status).finish(),
            Self::Later(_) => f.write_str("Later"),
        }
    }
}

/// Is prepared before a run and put back after it.
pub trait Stageable: Send + Sync {
    /// Prepares.
    ///
    /// # Errors
    ///
    /// Whatever keeps the device from it, such as that it is staged already.
    fn stage(&self, cx: Cx<'_>) -> Result<Staged, DeviceError>;

    /// Puts back.
    ///
    /// # Errors
    ///
    /// Whatever keeps the device from it.
    fn unstage(&self, cx: Cx<'_>) -> Result<Staged, DeviceError>;
}

/// A device that can be stopped, as `bluesky.protocols.Stoppable`.
pub trait Stoppable: Send + Sync {
    /// Stops what is under way; `success` says whether that is as intended.
    ///
    /// # Errors
    ///
    /// Whatever keeps it from stopping; it is reported, and other devices are stopped all the same.
    fn stop<'a>(&'a self, cx: Cx<'a>, success: bool) -> SyncOrAsync<'a, Result<(), DeviceError>>;
}

/// Wants to know when the engine pauses.
pub trait Pausable: Send + Sync {
    /// The engine pauses.
    ///
    /// # Errors
    ///
    /// `NoReplayAllowed` where the messages since the last checkpoint may not be replayed.
    fn pause<'a>(&'a self, cx: Cx<'a>) -> SyncOrAsync<'a, Result<(), DeviceError>>;

    /// The engine goes on.
    ///
    /// # Errors
    ///
    /// Whatever keeps the device from it.
    fn resume<'a>(&'a self, cx: Cx<'a>) -> SyncOrAsync<'a, Result<(), DeviceError>>;
}

/// Can take data on its own, from kickoff to completion.
pub trait Flyable: Send + Sync {
    /// Begins; the status is done when it flies.
    ///
    /// # Errors
    ///
    /// Whatever keeps it from it.
    fn kickoff(&self, cx: Cx<'_>, args: &Args) -> Result<Status, DeviceError>;

    /// Tells it to come to its end; the status is done when it has.
    ///
    /// # Errors
    ///
    /// For one that was not kicked off.
    fn complete(&self, cx: Cx<'_>, args: &Args) -> Result<Status, DeviceError>;
}

/// Can be prepared for what is to come.
pub trait Preparable: Send + Sync {
    /// Prepares; the status is done when it is ready.
    ///
    /// # Errors
    ///
    /// For a value that it does not take.
    fn prepare(&self, cx: Cx<'_>, args: &Args) -> Result<Status, DeviceError>;
}

/// Gets the readings of a device whenever they change.
pub type Callback = Box<dyn FnMut(&Readings) + Send>;

/// Names a subscription, to end it.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct SubscriptionId(pub u64);

/// Tells of every change of its readings. One method stands for what Python has twice: `Subscribable.subscribe` of bluesky 1.15.1, and
/// `subscribe_reading` of ophyd-async 0.21, which is looked for first where a device has both.
pub trait Subscribable: Send + Sync {
    /// Calls back whenever the readings change; and at once with the current ones, if they have changed before, as
    /// ophyd 1.11.2 does (`OphydObject.subscribe`).
    ///
    /// The callback may get some of the readings only: those of the signal that has changed.
    fn subscribe(&self, callback: Callback) -> SubscriptionId;

    /// The same with options, which `monitor` hands on from its message.
    ///
    /// # Errors
    ///
    /// A `TypeError` for an option that the device does not know; most know none.
    fn subscribe_with(&self, callback: Callback, options: &Map) -> Result<SubscriptionId, DeviceError> {
        match options.keys().next() {
            None => Ok(self.subscribe(callback)),
            Some(key) => {
                Err(DeviceError::type_error(format!("subscribe() got an unexpected keyword argument '{key}'")))
            }
        }
    }

    /// Whether a suspender can watch it. bluesky 1.15.1 subscribes with options that ophyd's devices know, and those of
    /// ophyd-async do not.
    ///
    /// # Errors
    ///
    /// What the subscription fails of.
    fn takes_suspender(&self) -> Result<(), DeviceError> {
        Ok(())
    }

    /// Ends a subscription; one that is not there has ended already.
    fn clear_sub(&self, id: SubscriptionId);
}

/// Knows which of its data keys matter most to people.
pub trait HasHints: Send + Sync {
    /// The hints that the descriptor gets.
    fn hints(&self) -> Hints;
}
