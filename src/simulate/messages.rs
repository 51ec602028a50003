//! [`Messages`]: a list of messages, or what is left of one, and what they must be.

use std::fmt;
use std::ops::Deref;

use super::mismatch::{MsgFailure, MsgMismatch, closest};
use super::msg_expectation::MsgExpectation;
use super::pairs::pair_up;
use crate::expect::NumberRange;
use crate::message::Msg;

/// Messages in order: those of a [simulated](super::Simulated) plan, or of any other list, or what is left of one after
/// some were found.
///
/// Each `assert_...` panics with a report where the messages are otherwise; the `check_...` of the same name gives the same
/// as a typed [`MsgMismatch`].
///
/// ```
/// use skyspan::prelude::*;
/// use skyspan::simulate::{Messages, msg};
///
/// let lab = Harness::new();
/// let run = lab.run(plans::count(&lab.device("det"), 2));
/// let messages = Messages::of(run.messages());
/// let rest = messages.assert_in_order([msg("open_run"), msg("trigger").obj("det")]);
/// assert_eq!(rest[0].command(), "wait");
/// messages.assert_exactly(2, msg("save"));
/// ```
///
/// # The report
///
/// It shows the messages around what is wrong: `✓` was found, `+` is missing, `-` is not expected.
///
/// ```
/// use skyspan::prelude::*;
/// use skyspan::simulate::{Messages, msg};
///
/// let motor: Device = SynAxis::new("motor").into();
/// let messages = [Msg::set(&motor, 5).in_group("g"), Msg::read(&motor)];
/// let mismatch = Messages::of(&messages).check_in_order([msg("read"), msg("set").arg(6)]).unwrap_err();
/// assert_eq!(mismatch.to_string(), r#"
/// the messages are not as expected: 1 message is missing
///
///     1 set(motor, 5, group='g')
///   ✓ 2 read(motor)
///   +   missing: message "set" with args[0]=6; the closest is 1:
///         args[0]: expected 6, found 5
/// "#.trim_start());
/// ```
#[derive(Clone, Copy)]
pub struct Messages<'m> {
    all: &'m [Msg],
    /// What is before this was found already.
    from: usize,
}

impl<'m> Messages<'m> {
    /// These messages, as a value to assert on.
    #[must_use]
    pub const fn of(messages: &'m [Msg]) -> Self {
        Self { all: messages, from: 0 }
    }

    /// How many are as expected.
    #[must_use]
    pub fn count(&self, expected: &MsgExpectation) -> usize {
        self.iter().filter(|msg| expected.matches(msg)).count()
    }

    /// Those that are as expected, in order.
    pub fn matching(self, expected: &MsgExpectation) -> impl Iterator<Item = &'m Msg> {
        self.all[self.from..].iter().filter(|msg| expected.matches(msg))
    }

    /// Wants messages that come in this order, whatever else comes before, between and after them
    /// (`bluesky.simulators.assert_message_and_return_remaining`, 1.15.1). Gives what is left after the last of them.
    ///
    /// # Errors
    ///
    /// [`MsgMismatch`] for the first that does not come.
    pub fn check_in_order(self, expected: impl IntoIterator<Item = MsgExpectation>) -> Result<Self, MsgMismatch> {
        let (mut rest, mut matched) = (self, Vec::new());
        for expected in expected {
            let Some(at) = rest.iter().position(|msg| expected.matches(msg)) else {
                let closest = closest(&expected, self.all, rest.from, &matched);
                let after = rest.from.checked_sub(1);
                return Err(
                    self.mismatch(vec![MsgFailure::Missing { expected: Box::new(expected), after, closest }], matched)
                );
            };
            matched.push(rest.from + at);
            rest.from += at + 1;
        }
        Ok(rest)
    }

    /// Wants messages that come in this order, whatever else comes before, between and after them
    /// (`bluesky.simulators.assert_message_and_return_remaining`, 1.15.1). Gives what is left after the last of them.
    ///
    /// ```
    /// # use skyspan::{prelude::*, simulate::{Messages, msg}};
    /// let motor: Device = SynAxis::new("motor").into();
    /// let messages = [Msg::set(&motor, 5).in_group("g"), Msg::wait("g"), Msg::read(&motor)];
    /// let rest = Messages::of(&messages).assert_in_order([msg("set").obj(&motor), msg("wait").group("g")]);
    /// assert_eq!(rest.len(), 1);
    /// ```
    ///
    /// # Panics
    ///
    /// With a report, for the first that does not come.
    ///
    /// ```should_panic
    /// # use skyspan::{prelude::*, simulate::{Messages, msg}};
    /// # let motor: Device = SynAxis::new("motor").into();
    /// # let messages = [Msg::set(&motor, 5).in_group("g"), Msg::wait("g"), Msg::read(&motor)];
    /// Messages::of(&messages).assert_in_order([msg("wait"), msg("set")]);
    /// ```
    #[track_caller]
    pub fn assert_in_order(self, expected: impl IntoIterator<Item = MsgExpectation>) -> Self {
        self.check_in_order(expected).unwrap_or_else(|mismatch| fail(&mismatch))
    }

    /// Wants messages that come in any order, each expectation one of its own, whatever else comes besides.
    ///
    /// # Errors
    ///
    /// [`MsgMismatch`] for all that do not come.
    pub fn check_in_any_order(self, expected: impl IntoIterator<Item = MsgExpectation>) -> Result<(), MsgMismatch> {
        let expected: Vec<MsgExpectation> = expected.into_iter().collect();
        let found = pair_up(expected.len(), self.len(), |at, message| expected[at].matches(&self[message]));
        let mut matched: Vec<usize> = found.iter().flatten().map(|at| self.from + at).collect();
        matched.sort_unstable();
        let missing = expected.into_iter().zip(&found).filter(|(_, found)| found.is_none());
        let failures = missing.map(|(expected, _)| {
            let closest = closest(&expected, self.all, self.from, &matched);
            let after = self.all.len().checked_sub(1);
            MsgFailure::Missing { expected: Box::new(expected), after, closest }
        });
        self.unless_none(failures.collect(), matched)
    }

    /// Wants messages that come in any order, each expectation one of its own, whatever else comes besides. They are dealt
    /// out by maximum matching, so that no order of messages or expectations matters.
    ///
    /// ```
    /// # use skyspan::{prelude::*, simulate::{Messages, msg}};
    /// let motor: Device = SynAxis::new("motor").into();
    /// let messages = [Msg::set(&motor, 5), Msg::set(&motor, 6), Msg::wait("g")];
    /// Messages::of(&messages).assert_in_any_order([msg("wait"), msg("set"), msg("set").arg(5)]);
    /// ```
    ///
    /// # Panics
    ///
    /// With a report, where one does not come.
    ///
    /// ```should_panic
    /// # use skyspan::{prelude::*, simulate::{Messages, msg}};
    /// # let motor: Device = SynAxis::new("motor").into();
    /// # let messages = [Msg::set(&motor, 5), Msg::set(&motor, 6), Msg::wait("g")];
    /// Messages::of(&messages).assert_in_any_order([msg("wait"), msg("wait")]);
    /// ```
    #[track_caller]
    pub fn assert_in_any_order(self, expected: impl IntoIterator<Item = MsgExpectation>) {
        self.check_in_any_order(expected).unwrap_or_else(|mismatch| fail(&mismatch));
    }

    /// Wants these messages in this order, and no others.
    ///
    /// # Errors
    ///
    /// [`MsgMismatch`] for all that are missing, and all that are not expected.
    pub fn check_list(self, expected: impl IntoIterator<Item = MsgExpectation>) -> Result<(), MsgMismatch> {
        let (mut next, mut failures, mut matched) = (self.from, Vec::new(), Vec::new());
        for expected in expected {
            // One that comes later says that those before it are not expected.
            match self.all[next..].iter().position(|msg| expected.matches(msg)) {
                Some(skipped) => {
                    failures.extend((next..next + skipped).map(|message| MsgFailure::Unexpected { message }));
                    matched.push(next + skipped);
                    next += skipped + 1;
                }
                None => {
                    let closest = closest(&expected, self.all, next, &matched);
                    let after = next.checked_sub(1);
                    failures.push(MsgFailure::Missing { expected: Box::new(expected), after, closest });
                }
            }
        }
        failures.extend((next..self.all.len()).map(|message| MsgFailure::Unexpected { message }));
        self.unless_none(failures, matched)
    }

    /// Wants these messages in this order, and no others.
    ///
    /// ```
    /// # use skyspan::{prelude::*, simulate::{Messages, msg}};
    /// let motor: Device = SynAxis::new("motor").into();
    /// let messages = [Msg::set(&motor, 5), Msg::wait("g")];
    /// Messages::of(&messages).assert_list([msg("set"), msg("wait")]);
    /// ```
    ///
    /// # Panics
    ///
    /// With a report, where one is missing or not expected.
    ///
    /// ```should_panic
    /// # use skyspan::{prelude::*, simulate::{Messages, msg}};
    /// # let motor: Device = SynAxis::new("motor").into();
    /// # let messages = [Msg::set(&motor, 5), Msg::wait("g")];
    /// Messages::of(&messages).assert_list([msg("set")]);
    /// ```
    #[track_caller]
    pub fn assert_list(self, expected: impl IntoIterator<Item = MsgExpectation>) {
        self.check_list(expected).unwrap_or_else(|mismatch| fail(&mismatch));
    }

    /// Wants so many such messages.
    ///
    /// # Errors
    ///
    /// [`MsgMismatch`] if there are more or fewer.
    pub fn check_number(self, expected: NumberRange, of: MsgExpectation) -> Result<(), MsgMismatch> {
        let found: Vec<usize> = (self.from..self.all.len()).filter(|at| of.matches(&self.all[*at])).collect();
        if expected.contains(found.len()) {
            return Ok(());
        }
        let too_few = found.len() < expected.at_least;
        let closest = too_few.then(|| closest_other(&of, self, &found)).flatten();
        self.unless_none(vec![MsgFailure::Number { expected, of: Box::new(of), found, closest }], Vec::new())
    }

    /// Wants one such message, and no more.
    ///
    /// ```
    /// # use skyspan::{prelude::*, simulate::{Messages, msg}};
    /// Messages::of(&[Msg::wait("a"), Msg::wait("b")]).assert_one(msg("wait").group("a"));
    /// ```
    ///
    /// # Panics
    ///
    /// With a report, if there are more or fewer.
    ///
    /// ```should_panic
    /// # use skyspan::{prelude::*, simulate::{Messages, msg}};
    /// Messages::of(&[Msg::wait("a"), Msg::wait("b")]).assert_one(msg("wait"));
    /// ```
    #[track_caller]
    pub fn assert_one(self, of: MsgExpectation) {
        self.assert_exactly(1, of);
    }

    /// Wants so many such messages, no more and no less.
    ///
    /// ```
    /// # use skyspan::{prelude::*, simulate::{Messages, msg}};
    /// Messages::of(&[Msg::wait("a"), Msg::wait("b")]).assert_exactly(2, msg("wait"));
    /// ```
    ///
    /// # Panics
    ///
    /// With a report, if there are more or fewer.
    ///
    /// ```should_panic
    /// # use skyspan::{prelude::*, simulate::{Messages, msg}};
    /// Messages::of(&[Msg::wait("a"), Msg::wait("b")]).assert_exactly(3, msg("wait"));
    /// ```
    #[track_caller]
    pub fn assert_exactly(self, number: usize, of: MsgExpectation) {
        self.assert_number(NumberRange { at_least: number, at_most: Some(number) }, of);
    }

    /// Wants so many such messages or more.
    ///
    /// ```
    /// # use skyspan::{prelude::*, simulate::{Messages, msg}};
    /// Messages::of(&[Msg::wait("a"), Msg::wait("b")]).assert_at_least(1, msg("wait"));
    /// ```
    ///
    /// # Panics
    ///
    /// With a report, if there are fewer.
    ///
    /// ```should_panic
    /// # use skyspan::{prelude::*, simulate::{Messages, msg}};
    /// Messages::of(&[Msg::wait("a"), Msg::wait("b")]).assert_at_least(3, msg("wait"));
    /// ```
    #[track_caller]
    pub fn assert_at_least(self, number: usize, of: MsgExpectation) {
        self.assert_number(NumberRange { at_least: number, at_most: None }, of);
    }

    /// Wants so many such messages or fewer.
    ///
    /// ```
    /// # use skyspan::{prelude::*, simulate::{Messages, msg}};
    /// Messages::of(&[Msg::wait("a"), Msg::wait("b")]).assert_at_most(2, msg("wait"));
    /// ```
    ///
    /// # Panics
    ///
    /// With a report, if there are more.
    ///
    /// ```should_panic
    /// # use skyspan::{prelude::*, simulate::{Messages, msg}};
    /// Messages::of(&[Msg::wait("a"), Msg::wait("b")]).assert_at_most(1, msg("wait"));
    /// ```
    #[track_caller]
    pub fn assert_at_most(self, number: usize, of: MsgExpectation) {
        self.assert_number(NumberRange { at_least: 0, at_most: Some(number) }, of);
    }

    /// Wants no such message.
    ///
    /// ```
    /// # use skyspan::{prelude::*, simulate::{Messages, msg}};
    /// Messages::of(&[Msg::wait("a"), Msg::wait("b")]).assert_none(msg("wait").group("c"));
    /// ```
    ///
    /// # Panics
    ///
    /// With a report, if there is one.
    ///
    /// ```should_panic
    /// # use skyspan::{prelude::*, simulate::{Messages, msg}};
    /// Messages::of(&[Msg::wait("a"), Msg::wait("b")]).assert_none(msg("wait"));
    /// ```
    #[track_caller]
    pub fn assert_none(self, of: MsgExpectation) {
        self.assert_exactly(0, of);
    }

    #[track_caller]
    fn assert_number(self, expected: NumberRange, of: MsgExpectation) {
        self.check_number(expected, of).unwrap_or_else(|mismatch| fail(&mismatch));
    }

    fn mismatch(self, failures: Vec<MsgFailure>, matched: Vec<usize>) -> MsgMismatch {
        MsgMismatch { messages: self.all.to_vec(), failures, matched }
    }

    /// Success if nothing failed.
    fn unless_none(self, failures: Vec<MsgFailure>, matched: Vec<usize>) -> Result<(), MsgMismatch> {
        if failures.is_empty() { Ok(()) } else { Err(self.mismatch(failures, matched)) }
    }
}

/// What comes closest to one more, and is none.
fn closest_other(of: &MsgExpectation, messages: Messages<'_>, found: &[usize]) -> Option<super::ClosestMsg> {
    if found.is_empty() { closest(of, messages.all, messages.from, &[]) } else { None }
}

#[track_caller]
#[expect(clippy::panic, reason = "this is what an assertion does")]
fn fail(mismatch: &MsgMismatch) -> ! {
    panic!("{mismatch}")
}

impl Deref for Messages<'_> {
    type Target = [Msg];

    fn deref(&self) -> &[Msg] {
        &self.all[self.from..]
    }
}

impl<'m> IntoIterator for Messages<'m> {
    type Item = &'m Msg;
    type IntoIter = std::slice::Iter<'m, Msg>;

    fn into_iter(self) -> Self::IntoIter {
        self.all[self.from..].iter()
    }
}

impl fmt::Debug for Messages<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter().map(ToString::to_string)).finish()
    }
}
