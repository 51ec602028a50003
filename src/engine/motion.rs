//! `set`, `trigger`, `wait` and `sleep`.

use std::future::poll_fn;
use std::task::Poll;
use std::time::Duration;

use opentelemetry::Context;

use super::RunEngine;
use crate::clock::Timestamp;
use crate::device::{Args, Device, DeviceError, Status, SyncOrAsync};
use crate::message::{DeadlockReport, PlanError, Response, Wait};
use crate::value::{Text, Value};

impl RunEngine {
    pub(super) fn set(
        &mut self,
        obj: &Device,
        args: &Args,
        group: Option<&Value>,
        parent: &Context,
    ) -> Result<Response, PlanError> {
        let movable = obj.movable()?;
        if self.call.moved.last() != Some(obj) && self.call.moved_before.insert(obj.clone()) {
            self.call.moved.push(obj.clone());
        }
        let status = movable.set(self.cx(obj, parent), args)?;
        self.call.groups.add(group.unwrap_or(&Value::Null), &status);
        Ok(Response::Status(status))
    }

    pub(super) fn trigger(
        &mut self,
        obj: &Device,
        group: Option<&Value>,
        parent: &Context,
    ) -> Result<Response, PlanError> {
        let status = obj.triggerable()?.trigger(self.cx(obj, parent))?;
        self.call.groups.add(group.unwrap_or(&Value::Null), &status);
        Ok(Response::Status(status))
    }

    /// Waits until all statuses of a group are done, one of them has failed, or one of the watched groups; gives whether
    /// all are done. A failure is not given here: it is thrown at the plan at the next turn.
    pub(super) async fn wait(&mut self, wait: &Wait) -> Result<bool, PlanError> {
        let statuses = self.call.groups.take(&wait.group);
        if statuses.is_empty() {
            return Ok(true);
        }
        if let Some(hook) = &mut self.hooks.waiting {
            hook(Some(&statuses));
        }
        let watched: Vec<Status> =
            wait.watch.iter().flatten().flat_map(|group| self.call.groups.get(group)).cloned().collect();
        let timeout_s = wait.timeout_s.flatten().filter(|timeout_s| *timeout_s != f64::INFINITY);
        let ended = poll_fn(|cx| {
            let mut all_done = true;
            for status in &statuses {
                if !status.poll_done(cx) {
                    all_done = false;
                } else if !status.is_success() {
                    return Poll::Ready(());
                }
            }
            let watch_failed = watched.iter().any(|status| status.poll_done(cx) && !status.is_success());
            if all_done || watch_failed { Poll::Ready(()) } else { Poll::Pending }
        });
        let error_on_timeout = wait.error_on_timeout.unwrap_or(true);
        let none_pending = || statuses.iter().chain(&watched).all(Status::is_done);
        let outcome = match timeout_s {
            _ if none_pending() => Ok(()),
            None => self.or_deadlock(|| what_is_waited_for(&wait.group, &statuses), ended).await,
            Some(timeout_s) => {
                match self.shared.clock.timeout(duration(timeout_s), ended).await {
                    Ok(()) => Ok(()),
                    Err(_) => {
                        let late = what_is_waited_for(&wait.group, &statuses);
                        // It may be waited for again.
                        self.call.groups.put_back(&wait.group, statuses.clone());
                        if error_on_timeout { Err(PlanError::WaitForTimeout(late)) } else { Ok(()) }
                    }
                }
            }
        };
        if let Some(hook) = &mut self.hooks.waiting {
            hook(None);
        }
        outcome.map(|()| error_on_timeout || statuses.iter().all(Status::is_done))
    }

    /// The output of `future`, or the deadlock in which it would never come.
    async fn or_deadlock<T>(
        &self,
        what: impl FnOnce() -> Text,
        future: impl Future<Output = T>,
    ) -> Result<T, PlanError> {
        let what = what();
        self.shared.clock.or_deadlock(move || what.clone(), future).await.map_err(|deadlock| {
            let open_spans = self.hooks.open_spans.as_ref().map(|open| open()).unwrap_or_default();
            PlanError::Deadlock(Box::new(DeadlockReport { deadlock, open_spans }))
        })
    }

    /// What a device gives, at once or later, or the deadlock in which it would never come.
    pub(super) async fn given<T: Unpin>(
        &self,
        what: &'static str,
        device: &Device,
        giving: SyncOrAsync<'_, Result<T, DeviceError>>,
    ) -> Result<T, PlanError> {
        let given = match giving {
            SyncOrAsync::Now(_) => giving.await,
            SyncOrAsync::Later(_) => self.or_deadlock(|| format!("{what} of {}", device.name()).into(), giving).await?,
        };
        given.map_err(PlanError::Device)
    }

    pub(super) async fn sleep(&mut self, duration_s: f64) -> Result<(), PlanError> {
        if duration_s.is_nan() {
            return Err(PlanError::value("Invalid delay: NaN (not a number)"));
        }
        let duration = duration(duration_s);
        if self.shared.clock.now() + duration == Timestamp::MAX {
            // Nobody wakes from a sleep that ends after the end of time.
            return self.or_deadlock(|| format!("sleep of {duration_s} s").into(), std::future::pending()).await;
        }
        self.shared.clock.sleep(duration).await;
        Ok(())
    }
}

/// Less than nothing is nothing; what no `Duration` can hold is for ever.
fn duration(seconds: f64) -> Duration {
    if seconds > 0.0 { Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX) } else { Duration::ZERO }
}

/// Which statuses of a group are not done.
fn what_is_waited_for(group: &Value, statuses: &[Status]) -> Text {
    let waiting: Vec<String> = statuses.iter().filter(|status| !status.is_done()).map(ToString::to_string).collect();
    let group = if group.is_null() { "no group".to_owned() } else { format!("group {group}") };
    format!("wait for {group}: {}", waiting.join(", ")).into()
}
