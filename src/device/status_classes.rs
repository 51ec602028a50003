//! The kinds of status, and how each is made.

use std::time::Duration;

use super::{Cx, DeviceError, Readings, Status, SubscriptionId};
use crate::clock::Timer;
use crate::value::Value;

/// The kinds of status that ophyd 1.11.2 knows, each of which leaves its own attributes on its span, and that of ophyd-async.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum StatusKind {
    /// `StatusBase`: of nothing in particular.
    Base,
    /// `Status`: of an object, as signals make them.
    Object,
    /// `DeviceStatus`: of a device. When it fails, the device is stopped.
    Device,
    /// `SubscriptionStatus`: of a device, until its readings are as wanted; [`Status::when`] makes one.
    Subscription,
    /// `StableSubscriptionStatus`: the same, until they have been so for a while; [`Status::when_stable`] makes one.
    StableSubscription,
    /// `MoveStatus`: of a move to a target.
    Move {
        /// The value to which the device goes.
        target: Value,
    },
    /// `AndStatus`: of two, made by `left & right`.
    And {
        /// The first of the two statuses.
        left: Status,
        /// The second of the two statuses.
        right: Status,
    },
    /// `NullStatus`: done from the beginning; [`Status::null`] makes one.
    Null,
    /// `AsyncStatus` of ophyd-async: of work; [`Status::spawn`] makes one. It leaves no span.
    Async {
        /// Whether it is `WatchableAsyncStatus`, which tells how far it has come.
        watchable: bool,
    },
}

impl StatusKind {
    /// A move to `target`.
    pub fn to(target: impl Into<Value>) -> Self {
        Self::Move { target: target.into() }
    }

    /// The name of its class.
    #[must_use]
    pub const fn class_name(&self) -> &'static str {
        match self {
            Self::Base => "StatusBase",
            Self::Object => "Status",
            Self::Device => "DeviceStatus",
            Self::Subscription => "SubscriptionStatus",
            Self::StableSubscription => "StableSubscriptionStatus",
            Self::Move { .. } => "MoveStatus",
            Self::And { .. } => "AndStatus",
            Self::Null => "NullStatus",
            Self::Async { watchable: false } => "AsyncStatus",
            Self::Async { watchable: true } => "WatchableAsyncStatus",
        }
    }

    /// Whether it is `SubscriptionStatus` or `StableSubscriptionStatus`.
    pub(super) const fn is_of_a_subscription(&self) -> bool {
        matches!(self, Self::Subscription | Self::StableSubscription)
    }

    /// Whether its statuses, and those who wait for them, leave spans: those of ophyd do, those of ophyd-async do not.
    #[must_use]
    pub const fn leaves_spans(&self) -> bool {
        !matches!(self, Self::Async { .. })
    }

    /// Whether it is `DeviceStatus` or one of the classes derived from it.
    #[must_use]
    pub const fn is_of_a_device(&self) -> bool {
        matches!(self, Self::Device | Self::Subscription | Self::StableSubscription | Self::Move { .. })
    }
}

/// A status to be, with its options.
#[derive(Clone, Debug)]
#[must_use = "build() makes the status"]
pub struct StatusBuilder<'a> {
    cx: Cx<'a>,
    pub(super) kind: StatusKind,
    pub(super) timeout: Option<Duration>,
    pub(super) settle_time: Duration,
    pub(super) call_stop_on_failure: bool,
    pub(super) spelled_out: bool,
    pub(super) start_position: Option<Value>,
}

impl<'a> StatusBuilder<'a> {
    pub(super) const fn new(cx: Cx<'a>, kind: StatusKind) -> Self {
        Self {
            cx,
            kind,
            timeout: None,
            settle_time: Duration::ZERO,
            call_stop_on_failure: true,
            spelled_out: false,
            start_position: None,
        }
    }

    /// How long it may take, the settle time not counted, before it fails with `StatusTimeoutError`.
    pub const fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// How long it takes from its good end until it is done.
    pub const fn settle_time(mut self, settle_time: Duration) -> Self {
        self.settle_time = settle_time;
        self
    }

    /// Whether a device is stopped when its status fails; it is unless one says otherwise.
    pub const fn call_stop_on_failure(mut self, call_stop_on_failure: bool) -> Self {
        self.call_stop_on_failure = call_stop_on_failure;
        self
    }

    /// Where a move began, for a device that has moved when its status is made; where the device is, unless this is said.
    pub fn start_position(mut self, position: impl Into<Value>) -> Self {
        self.start_position = Some(position.into());
        self
    }

    /// The span tells the timeout and the settle time among the arguments of the status even where none was given, as the
    /// moves of ophyd's positioners do.
    pub(crate) const fn spelled_out(mut self) -> Self {
        self.spelled_out = true;
        self
    }

    /// Makes the status, and starts its span.
    #[must_use]
    pub fn build(self) -> Status {
        Status::start(self.cx, self)
    }

    /// Makes a status that finishes as soon as the device's readings satisfy `predicate`: the builder of a
    /// [`Status::when`] with options.
    ///
    /// # Errors
    ///
    /// If the device is not [`Subscribable`](super::Subscribable).
    pub fn when(self, predicate: impl FnMut(&Readings) -> bool + Send + 'static) -> Result<Status, DeviceError> {
        self.subscribed(Duration::ZERO, predicate)
    }

    fn subscribed(
        self,
        stable_for: Duration,
        mut predicate: impl FnMut(&Readings) -> bool + Send + 'static,
    ) -> Result<Status, DeviceError> {
        let cx = self.cx;
        if self.timeout.is_some_and(|timeout| stable_for > timeout) {
            return Err(DeviceError::value(format!(
                "Stability time ({:?}) must be less than full status timeout ({:?})",
                stable_for,
                self.timeout.unwrap_or_default()
            )));
        }
        let subscribable =
            cx.device().subscribable().map_err(|error| DeviceError::other("AttributeError", error.to_string()))?;
        let status = self.build();
        let finish = status.clone();
        let clock = cx.clock().clone();
        let mut pending: Option<Timer> = None;
        let id = subscribable.subscribe(Box::new(move |readings| {
            if !predicate(readings) {
                if let Some(timer) = pending.take() {
                    timer.cancel();
                }
            } else if stable_for.is_zero() {
                // Later changes find it finished already.
                let _ = finish.set_finished();
            } else if pending.is_none() {
                let finish = finish.clone();
                pending = Some(clock.call_after(stable_for, move || drop(finish.set_finished())));
            }
        }));
        unsubscribe_when_done(&status, id);
        Ok(status)
    }
}

fn unsubscribe_when_done(status: &Status, id: SubscriptionId) {
    status.add_callback(move |status| {
        if let Ok(subscribable) = status.device().subscribable() {
            subscribable.clear_sub(id);
        }
    });
}

impl Status {
    /// A status of the device that is called, finished as soon as its readings satisfy `predicate`
    /// (`ophyd.status.SubscriptionStatus`).
    ///
    /// # Errors
    ///
    /// If the device is not [`Subscribable`](super::Subscribable).
    pub fn when(cx: Cx<'_>, predicate: impl FnMut(&Readings) -> bool + Send + 'static) -> Result<Self, DeviceError> {
        Self::builder(cx, StatusKind::Subscription).when(predicate)
    }

    /// A status of the device that is called, finished as soon as its readings have satisfied `predicate` for a while
    /// without a break (`ophyd.status.StableSubscriptionStatus`).
    ///
    /// # Errors
    ///
    /// If the device is not [`Subscribable`](super::Subscribable).
    pub fn when_stable(
        cx: Cx<'_>,
        stable_for: Duration,
        predicate: impl FnMut(&Readings) -> bool + Send + 'static,
    ) -> Result<Self, DeviceError> {
        Self::builder(cx, StatusKind::StableSubscription).subscribed(stable_for, predicate)
    }

    /// A status that is done from the beginning. Like ophyd's it waits for itself, so that it leaves two spans
    /// (`ophyd.sim.NullStatus`).
    #[must_use]
    pub fn null(cx: Cx<'_>) -> Self {
        let status = Self::new(cx, StatusKind::Null);
        // Nobody else has it yet, so nobody can have finished it.
        let _ = status.set_finished();
        let mut wait = cx.tracer().start(crate::value::Text::literal("Ophyd Status wait"), cx.parent());
        wait.set_all(|| status.attributes());
        status
    }
}
