//! `wait`, `wait_for`, `sleep` and `input`.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use super::RunEngine;
use super::attending::all;
use crate::clock::{Elapsed, Timestamp, the_end_of_time};
use crate::device::Status;
use crate::message::{Awaitable, PlanError, Response, Wait, WaitFor};
use crate::value::{Text, Value};

impl RunEngine {
    /// Waits until all statuses of a group are done, one of them has failed, or one of the watched groups; gives whether
    /// all are done. A failure is not given here: it is thrown at the plan at the next turn.
    pub(super) async fn wait(&mut self, wait: &Wait) -> Result<bool, PlanError> {
        let Some(statuses) = self.call.groups.take(&wait.group) else { return Ok(true) };
        self.take_loop_turns(3);
        let error_on_timeout = wait.error_on_timeout.unwrap_or(true);
        self.tell_of_wait(&wait.group, &statuses, error_on_timeout);
        let outcome = self.wait_until_ended(wait, &statuses).await.and_then(|()| {
            // bluesky 1.15.1 holds a wait that one failure has ended for one whose time was up: it is on the span, and the
            // group may be waited for again. The plan gets the failure itself.
            let failed = statuses.iter().any(|status| status.is_done() && !status.is_success());
            let is_left = failed && !statuses.iter().all(Status::is_done);
            if is_left { Err(PlanError::WaitForTimeout(what_is_waited_for(&wait.group, &statuses))) } else { Ok(()) }
        });
        if matches!(outcome, Err(PlanError::WaitForTimeout(_))) {
            // It may be waited for again.
            self.call.groups.put_back(&wait.group, Arc::clone(&statuses));
        }
        let all_done = statuses.iter().all(Status::is_done);
        self.call.groups.give_back(statuses);
        self.tell_of_end_of_wait(&wait.group, error_on_timeout || all_done, error_on_timeout);
        match outcome {
            Err(PlanError::WaitForTimeout(_)) if !error_on_timeout => Ok(all_done),
            outcome => outcome.map(|()| error_on_timeout || all_done),
        }
    }

    async fn wait_until_ended(&mut self, wait: &Wait, statuses: &Arc<Vec<Status>>) -> Result<(), PlanError> {
        let watched = wait.watch.iter().flatten().flat_map(|group| self.call.groups.get(group));
        // The plan has got the failure of what had failed before: bluesky 1.15.1 would abort the run here.
        let watched: Vec<Status> = watched.filter(|status| !status.is_done() || status.is_success()).cloned().collect();
        if statuses.iter().chain(&watched).all(Status::is_told) {
            return Ok(());
        }
        let ended = poll_fn(|cx| poll_ended(statuses, &watched, cx));
        match self.time_out(wait.timeout_s.flatten()) {
            None => {
                let (group, waited_for) = (wait.group.clone(), Arc::clone(statuses));
                self.or_deadlock(move || what_is_waited_for(&group, &waited_for), ended).await
            }
            Some(timeout) => {
                let clock = self.shared.clock.clone();
                let ended = self.attend(clock.timeout(timeout, ended)).await?;
                ended.map_err(|Elapsed { .. }| PlanError::WaitForTimeout(what_is_waited_for(&wait.group, statuses)))
            }
        }
    }

    /// The time after which a wait is given up; none for one that ends after the clock's time does.
    fn time_out(&self, timeout_s: Option<f64>) -> Option<Duration> {
        timeout_s.map(duration).filter(|timeout| self.shared.clock.now() + *timeout != Timestamp::MAX)
    }

    /// Tells the waiting hook, once for each group even if the wait for it moves on again and again.
    fn tell_of_wait(&mut self, group: &Value, statuses: &[Status], error_on_timeout: bool) {
        let Some(hook) = &mut self.hooks.waiting else { return };
        if !error_on_timeout {
            if self.call.moved_on_groups.contains(group) {
                return;
            }
            self.call.moved_on_groups.push(group.clone());
        }
        hook(Some(statuses));
    }

    fn tell_of_end_of_wait(&mut self, group: &Value, is_over: bool, error_on_timeout: bool) {
        let Some(hook) = &mut self.hooks.waiting else { return };
        if is_over {
            if !error_on_timeout {
                self.call.moved_on_groups.retain(|known| known != group);
            }
            hook(None);
        }
    }

    /// Waits until all of them are there; what came of each is the answer, errors included.
    pub(super) async fn wait_for(&mut self, wait: &WaitFor) -> Result<Response, PlanError> {
        let begun: Vec<_> = wait.awaitables.iter().map(Awaitable::begin).collect();
        self.take_loop_turns(3);
        let reasons: Vec<&str> = wait.awaitables.iter().filter_map(Awaitable::reason).collect();
        let what = match reasons.as_slice() {
            [] => Text::from(format!("wait_for of {} awaitables", begun.len())),
            reasons => reasons.join(", ").into(),
        };
        let all = all(begun);
        let outcomes = match self.time_out(wait.timeout_s.flatten()) {
            None => self.or_deadlock(move || what.clone(), all).await?,
            Some(timeout) => {
                let clock = self.shared.clock.clone();
                let ended = self.attend(clock.timeout(timeout, all)).await?;
                ended.map_err(|Elapsed { .. }| PlanError::WaitForTimeout(what))?
            }
        };
        Ok(Response::Awaited(outcomes))
    }

    pub(super) async fn sleep(&mut self, duration_s: f64) -> Result<(), PlanError> {
        if duration_s.is_nan() {
            return Err(PlanError::value("Invalid delay: NaN (not a number)"));
        }
        let duration = duration(duration_s);
        if self.shared.clock.now() + duration == Timestamp::MAX {
            // Nobody wakes from a sleep that ends after the end of time.
            let what = move || format!("sleep of {duration_s} s, which lasts beyond {}", the_end_of_time()).into();
            return self.or_deadlock(what, std::future::pending()).await;
        }
        self.take_loop_turns(1);
        let sleep = self.shared.clock.sleep(duration);
        self.attend(sleep).await
    }

    /// Asks the user for a line.
    pub(super) async fn input(&mut self, prompt: Option<&Text>) -> Result<Response, PlanError> {
        let asked = (self.hooks.input)(prompt.cloned().unwrap_or_default(), &self.shared.clock);
        self.take_loop_turns(3);
        let prompt = prompt.cloned();
        let what = move || prompt.as_ref().map_or(Text::literal("input"), |prompt| format!("input: {prompt:?}").into());
        let line = self.or_deadlock(what, asked).await?;
        line.map(|line| Response::Value(line.into()))
    }
}

/// Whether all statuses are done, one of them has failed, or one of the watched.
fn poll_ended(statuses: &[Status], watched: &[Status], cx: &mut Context<'_>) -> Poll<()> {
    let mut all_done = true;
    for status in statuses {
        if !status.poll_done(cx) {
            all_done = false;
        } else if !status.is_success() {
            return Poll::Ready(());
        }
    }
    let watch_failed = watched.iter().any(|status| status.poll_done(cx) && !status.is_success());
    if all_done || watch_failed { Poll::Ready(()) } else { Poll::Pending }
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
