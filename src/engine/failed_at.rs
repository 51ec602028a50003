//! [`FailedAt`]: where a plan was when it failed.

use std::collections::VecDeque;
use std::fmt;

use super::RunEngine;
use super::groups::FailedStatus;
use crate::device::Device;
use crate::message::{Msg, PlanError};
use crate::value::{Text, Value};

/// Where a plan was when it failed: at which message, with which device, at which point.
///
/// ```
/// use skyspan::prelude::*;
///
/// let lab = Harness::new();
/// let stage = lab.add(SimMotor::new("stage").limits(-5.0, 5.0));
/// let run = lab.run(plans::scan(&lab.device("det"), &stage, 0, 10, 3));
/// let failed_at = run.result().failed_at.as_ref().ok_or("it failed")?;
/// assert_eq!(failed_at.device.as_ref(), Some(&stage));
/// assert_eq!((failed_at.message, failed_at.point), (25, Some(3)));
/// assert_eq!(run.messages()[24].command(), "set");
/// # Ok::<(), &str>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct FailedAt {
    /// The number of the message that failed, counted from 1 over all messages of the call; of the last one, where the plan
    /// has failed by itself.
    pub message: u64,
    /// What failed: the message, or the status that it gave; nothing where the plan has failed by itself, after the message.
    pub what: Option<Text>,
    /// The device that the message is about.
    pub device: Option<Device>,
    /// Which event of its run was being measured, counted from 1 in the stream that the run has used last; nothing where no
    /// run was open.
    pub point: Option<u64>,
}

impl FailedAt {
    fn message(number: u64, msg: &Msg, point: Option<u64>) -> Self {
        Self { message: number, what: Some(msg.to_string().into()), device: msg.command.device().cloned(), point }
    }
}

/// For people: `message 24: set(stage, 10.0), at point 3`, or `after message 24`.
impl fmt::Display for FailedAt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.what {
            Some(what) => write!(f, "message {}: {what}", self.message)?,
            None => write!(f, "after message {}", self.message)?,
        }
        match self.point {
            Some(point) => write!(f, ", at point {point}"),
            None => Ok(()),
        }
    }
}

/// A message, or the status of one, that failed, and where that was.
#[derive(Clone, Debug)]
pub(super) struct Failure {
    error: PlanError,
    at: FailedAt,
}

/// The last failures: a plan may fail with one that was before those of its clean-up.
#[derive(Debug, Default)]
pub(super) struct LastFailures(VecDeque<Failure>);

/// How many failures are kept.
const KEPT: usize = 8;

impl LastFailures {
    fn note(&mut self, failure: Failure) {
        if self.0.len() == KEPT {
            self.0.pop_front();
        }
        self.0.push_back(failure);
    }

    fn iter(&self) -> impl DoubleEndedIterator<Item = &Failure> {
        self.0.iter()
    }
}

impl RunEngine {
    /// Takes note of a message that failed.
    pub(super) fn note_failure(&mut self, msg: &Msg, error: &PlanError) {
        let point = self.point_of(&msg.run);
        let at = FailedAt::message(self.call.messages, msg, point);
        self.call.failures.note(Failure { error: error.clone(), at });
    }

    /// Takes note of a status that failed, which the message of that number gave.
    pub(super) fn note_failed_status(&mut self, failed: FailedStatus) -> PlanError {
        let FailedStatus { error, message, device } = failed;
        let what = Some(format!("the status that it gave for {device} failed").into());
        let point = self.call.runs.last().map(|(_, run)| run.bundler.next_point());
        let at = FailedAt { message, what, device: Some(device), point };
        self.call.failures.note(Failure { error: error.clone(), at });
        error
    }

    /// Which event of a run is being measured.
    fn point_of(&mut self, run: &Value) -> Option<u64> {
        self.bundler(run).map(|bundler| bundler.next_point())
    }

    /// Where the plan was that has ended with this error.
    pub(super) fn failed_at(&self, error: &PlanError) -> Option<FailedAt> {
        if let Some(failure) = self.call.failures.iter().rev().find(|failure| failure.error == *error) {
            return Some(failure.at.clone());
        }
        let message = self.call.messages;
        (message > 0).then_some(FailedAt { message, what: None, device: None, point: None })
    }
}
