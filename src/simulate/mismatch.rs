//! [`MsgMismatch`]: why messages are not as expected.

use std::fmt;

use super::differences::MsgDifference;
use super::msg_expectation::MsgExpectation;
use super::report::Report;
use crate::expect::NumberRange;
use crate::message::Msg;

/// Why messages are not as expected. Its `Display` is a report: what is wrong, and the messages around it.
#[derive(Clone, Debug)]
pub struct MsgMismatch {
    pub(super) messages: Vec<Msg>,
    pub(super) failures: Vec<MsgFailure>,
    pub(super) matched: Vec<usize>,
}

/// One thing that is wrong. Messages are told by their place in the whole list, from 0.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum MsgFailure {
    /// There is no such message.
    Missing {
        /// What there should be.
        expected: Box<MsgExpectation>,
        /// The message after which it should come, where there is one.
        after: Option<usize>,
        /// What comes closest to it.
        closest: Option<ClosestMsg>,
    },
    /// A message is there that should not be.
    Unexpected {
        /// The position of the message.
        message: usize,
    },
    /// There are more such messages, or fewer.
    Number {
        /// How many there should be.
        expected: NumberRange,
        /// Which messages were counted.
        of: Box<MsgExpectation>,
        /// The positions of the messages that match.
        found: Vec<usize>,
        /// What comes closest to one, where there are too few.
        closest: Option<ClosestMsg>,
    },
}

/// The message that comes closest to what was expected.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ClosestMsg {
    /// The position of the message.
    pub message: usize,
    /// What about it is otherwise; nothing if it is as expected, and in another place.
    pub differences: Vec<MsgDifference>,
}

impl MsgMismatch {
    /// What is wrong, one failure after another.
    #[must_use]
    pub fn failures(&self) -> &[MsgFailure] {
        &self.failures
    }

    /// The messages that were checked, in order.
    #[must_use]
    pub fn messages(&self) -> &[Msg] {
        &self.messages
    }
}

impl fmt::Display for MsgMismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Report::of(self).fmt(f)
    }
}

impl std::error::Error for MsgMismatch {}

/// The message that comes closest; nothing where none has anything to do with what was expected. Of several that are as
/// close, the first from `from` on.
pub(super) fn closest(expected: &MsgExpectation, messages: &[Msg], from: usize, taken: &[usize]) -> Option<ClosestMsg> {
    let judged = messages.iter().enumerate().map(|(message, msg)| {
        let differences = expected.differences(msg);
        let weight: usize = differences.iter().map(MsgDifference::weight).sum();
        ((weight, taken.contains(&message), message < from, message), differences)
    });
    let ((_, _, _, message), differences) = judged.min_by_key(|(order, _)| *order)?;
    let renamed = differences.iter().any(|difference| matches!(difference, MsgDifference::Command { .. }));
    // One of another command was meant only if something else was said of it, and all that holds.
    let is_meant = !renamed || (differences.len() == 1 && !expected.clauses.is_empty());
    is_meant.then_some(ClosestMsg { message, differences })
}
