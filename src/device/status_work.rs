//! Statuses of work: those of ophyd-async, whose end is that of an async block.

use std::sync::{Arc, Weak};

use super::device_task::DeviceTask;
use super::status::Status;
use super::status_classes::StatusKind;
use super::status_progress::Progress;
use super::{Cx, DeviceError};

impl Status {
    /// A status that ends when the work does, as the work does: `AsyncStatus` of ophyd-async 0.21.3.
    ///
    /// The work begins when all else is done that is due now: no part of it is done before the call returns, and what it fails
    /// of is the failure of the status, never that of the call. It waits by the clock of the call alone.
    ///
    /// It leaves no span, and stops no device when it fails: ophyd-async knows neither.
    ///
    /// ```
    /// use skyspan::device::{Args, Cx, Device, DeviceError, Movable, OphydObject, Status};
    /// use skyspan::prelude::*;
    ///
    /// struct Valve(Text);
    ///
    /// impl OphydObject for Valve {
    ///     fn name(&self) -> &Text { &self.0 }
    ///     fn class_name(&self) -> Text { "Valve".into() }
    ///     fn as_movable(&self) -> Option<&dyn Movable> { Some(self) }
    /// }
    ///
    /// impl Movable for Valve {
    ///     fn set(&self, cx: Cx<'_>, args: &Args) -> Result<Status, DeviceError> {
    ///         let (clock, wanted) = (cx.clock().clone(), args.single()?.clone());
    ///         Ok(Status::spawn(cx, async move {
    ///             clock.sleep(ms(300)).await;
    ///             wanted.as_bool().map(drop).ok_or_else(|| DeviceError::value("a valve is opened by true"))
    ///         }))
    ///     }
    /// }
    ///
    /// let lab = Harness::new();
    /// let valve = lab.add(Device::new(Valve("valve".into())));
    /// let (opened, refused) = (valve.clone(), valve);
    /// assert_eq!(lab.run(plan(async move |p| p.mv(&opened, true).await)).duration(), ms(300));
    /// let run = lab.run(plan(async move |p| p.mv(&refused, "ajar").await));
    /// assert!(run.exception().is_some_and(|error| error.to_string().contains("a valve is opened by true")));
    /// assert_eq!(run.trace().named("Ophyd Status").count(), 0);
    /// ```
    #[must_use]
    pub fn spawn(cx: Cx<'_>, work: impl Future<Output = Result<(), DeviceError>> + Send + 'static) -> Self {
        Self::spawn_work(cx, false, |_| work).0
    }

    /// The same for work that [reports](Self::report) how far it has come: `WatchableAsyncStatus`. It gets the status for that.
    #[must_use]
    pub fn spawn_watchable<W>(cx: Cx<'_>, work: impl FnOnce(Self) -> W) -> Self
    where
        W: Future<Output = Result<(), DeviceError>> + Send + 'static,
    {
        Self::spawn_work(cx, true, work).0
    }

    /// The same, with what the work can be ended by.
    pub(crate) fn spawn_work<W>(cx: Cx<'_>, watchable: bool, work: impl FnOnce(Self) -> W) -> (Self, Weak<DeviceTask>)
    where
        W: Future<Output = Result<(), DeviceError>> + Send + 'static,
    {
        let status = Self::new(cx, StatusKind::Async { watchable });
        let (ending, work) = (status.clone(), work(status.clone()));
        let task = DeviceTask::run_soon(cx.clock(), async move {
            let outcome = work.await;
            ending.end_as(outcome);
        });
        (status, task)
    }

    /// It ends as some work has ended. Where somebody has said already how it ends, that holds.
    pub(crate) fn end_as(&self, outcome: Result<(), DeviceError>) {
        if self.begin_end().is_ok() {
            self.end_when_due(outcome.err());
        }
    }

    /// How far it has come, as far as the status knows by itself: its device, and the time. A device fills in the rest, and
    /// [reports](Self::report) it.
    #[must_use]
    pub fn progress_now(&self) -> Progress {
        self.progress(None, None)
    }

    /// Tells the watchers of work how far it has come. Who watches later gets the last of these at once. For the device that made
    /// the status.
    pub fn report(&self, progress: Progress) {
        let mut state = self.state();
        let pending = state.make_pending();
        let mut watchers = std::mem::take(&mut pending.watchers);
        let reported = Arc::new(progress);
        pending.reported = Some(Arc::clone(&reported));
        // A watcher may look at the status.
        drop(state);
        for watcher in &mut watchers {
            self.guard("a watcher of", || watcher(&reported));
        }
        let mut state = self.state();
        if !self.is_done() {
            let pending = state.make_pending();
            watchers.append(&mut pending.watchers);
            pending.watchers = watchers;
        }
    }
}
