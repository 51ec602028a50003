//! Waiting: for what a device does, for a status, for a while. What is asked of the engine meanwhile is heard.

use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;

use super::RunEngine;
use crate::clock::Deadlock;
use crate::device::{Device, DeviceError, SyncOrAsync};
use crate::message::{DeadlockReport, PlanError};
use crate::value::Text;

impl RunEngine {
    /// The output of `future`; [`PlanError::Cancelled`] if the engine is told to do something else meanwhile.
    ///
    /// What monitored devices tell in the meantime is emitted at once.
    pub(super) async fn attend<T>(&mut self, future: impl Future<Output = T>) -> Result<T, PlanError> {
        let control = Arc::clone(&self.control);
        let mut future = pin!(future);
        poll_fn(|cx| {
            // What is there at once is not given up, whatever is asked.
            if let Poll::Ready(output) = future.as_mut().poll(cx) {
                return Poll::Ready(Ok(output));
            }
            if self.call.hurried {
                return Poll::Ready(Err(PlanError::Cancelled));
            }
            if !self.call.undisturbed {
                control.wake_on_news(cx.waker());
                // It is taken before it is looked at, so that what another thread asks in between is news again.
                if control.has_news() && control.take_news() {
                    self.give_way();
                    if control.is_interrupted() || self.call.panic.is_some() || self.call.mishap.is_some() {
                        control.make_suspensions_due();
                        control.renew_news();
                        return Poll::Ready(Err(PlanError::Cancelled));
                    }
                }
            }
            Poll::Pending
        })
        .await
    }

    /// The output of `future`, or the deadlock in which it would never come. It is then that `what` is asked for a text.
    pub(super) async fn or_deadlock<T>(
        &mut self,
        what: impl Fn() -> Text + Send + Sync + 'static,
        future: impl Future<Output = T>,
    ) -> Result<T, PlanError> {
        let clock = self.shared.clock.clone();
        let outcome = self.attend(clock.or_deadlock(what, future)).await?;
        outcome.map_err(|deadlock| self.deadlock(deadlock))
    }

    /// The report of a deadlock, with the spans that are open.
    pub(super) fn deadlock(&self, deadlock: Deadlock) -> PlanError {
        let open_spans = self.hooks.open_spans.as_ref().map(|open| open()).unwrap_or_default();
        PlanError::Deadlock(Box::new(DeadlockReport { deadlock, open_spans }))
    }

    /// What a device gives, at once or later, or the deadlock in which it would never come.
    pub(super) async fn given<T: Unpin>(
        &mut self,
        what: &'static str,
        device: &Device,
        giving: SyncOrAsync<'_, Result<T, DeviceError>>,
    ) -> Result<T, PlanError> {
        let given = match giving {
            SyncOrAsync::Now(_) => giving.await,
            SyncOrAsync::Later(_) => {
                let device = device.clone();
                self.or_deadlock(move || format!("{what} of {device}").into(), giving).await?
            }
        };
        given.map_err(PlanError::Device)
    }
}

/// The output of `future`, or the panic in it as an error. The future is pinned already, since it may be too large to be
/// handed on.
pub(super) async fn without_panic<T>(
    what: impl Fn() -> Text,
    mut future: Pin<&mut impl Future<Output = Result<T, PlanError>>>,
) -> Result<T, PlanError> {
    poll_fn(|cx| {
        catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(cx)))
            .unwrap_or_else(|panic| Poll::Ready(Err(PlanError::of_panic(what(), &*panic))))
    })
    .await
}

/// The outputs of all, which are on their way at the same time.
pub(super) async fn all<F: Future + Unpin>(futures: Vec<F>) -> Vec<F::Output> {
    enum Progress<F: Future> {
        UnderWay(F),
        There(F::Output),
    }
    let mut all: Vec<Progress<F>> = futures.into_iter().map(Progress::UnderWay).collect();
    poll_fn(|cx| {
        let mut is_ready = true;
        for progress in &mut all {
            if let Progress::UnderWay(future) = progress {
                match Pin::new(future).poll(cx) {
                    Poll::Ready(output) => *progress = Progress::There(output),
                    Poll::Pending => is_ready = false,
                }
            }
        }
        if is_ready { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    let there = |progress| match progress {
        Progress::There(output) => Some(output),
        Progress::UnderWay(_) => None,
    };
    all.into_iter().filter_map(there).collect()
}
