//! Steps made in code.

use super::{RaisedClass, Step, WrapOption};
use crate::value::Position;
use crate::value::yaml::{Node, Spanned};

/// Steps made in code, which stand in no file.
///
/// ```
/// use skyspan::prelude::*;
/// use skyspan::program::Step;
///
/// let steps = [
///     Step::message("open_run"),
///     Step::plan("mv").arg("motor").arg(3),
///     Step::wrap("stage", [Step::plan("trigger_and_read").arg(["det", "motor"])]).with("devices", ["det"]),
///     Step::message("close_run"),
/// ];
/// let lab = Harness::new();
/// let run = lab.run(lab.plan_of(&steps).unwrap());
/// run.assert_success();
/// assert_eq!(run.events().count(), 1);
/// ```
impl Step {
    /// A message with that command.
    #[must_use]
    pub fn message(command: impl Into<String>) -> Self {
        let command = Spanned::from(command.into());
        let (args, kwargs) = (Vec::new(), Vec::new());
        Self::Message { command, obj: None, args, kwargs, run: None, position: Position::NOWHERE }
    }

    /// The plan or plan stub of that name.
    #[must_use]
    pub fn plan(name: impl Into<String>) -> Self {
        let name = Spanned::from(name.into());
        Self::Plan { name, args: Vec::new(), kwargs: Vec::new(), position: Position::NOWHERE }
    }

    /// A span around steps.
    #[must_use]
    pub fn span(name: impl Into<String>, body: impl IntoIterator<Item = Self>) -> Self {
        let name = Spanned::from(name.into());
        Self::Span { name, body: body.into_iter().collect(), position: Position::NOWHERE }
    }

    /// The preprocessor of that name around steps.
    #[must_use]
    pub fn wrap(name: impl Into<String>, body: impl IntoIterator<Item = Self>) -> Self {
        let name = Spanned::from(name.into());
        Self::Wrap { name, options: Vec::new(), body: body.into_iter().collect(), position: Position::NOWHERE }
    }

    /// Steps again and again.
    #[must_use]
    pub fn repeat(times: u64, body: impl IntoIterator<Item = Self>) -> Self {
        Self::Repeat { times, body: body.into_iter().collect(), position: Position::NOWHERE }
    }

    /// The failure of the plan, with that text.
    #[must_use]
    pub fn raise(text: impl Into<String>) -> Self {
        Self::Raise { text: text.into(), class: RaisedClass::RuntimeError, position: Position::NOWHERE }
    }

    /// A message about that device; other steps are about none.
    #[must_use]
    pub fn of(mut self, device: impl Into<Node>) -> Self {
        if let Self::Message { obj, .. } = &mut self {
            *obj = Some(device.into());
        }
        self
    }

    /// A message or a plan with one argument more by position.
    #[must_use]
    pub fn arg(mut self, value: impl Into<Node>) -> Self {
        if let Self::Message { args, .. } | Self::Plan { args, .. } = &mut self {
            args.push(value.into());
        }
        self
    }

    /// A message or a plan with one argument more by name.
    #[must_use]
    pub fn kwarg(mut self, name: impl Into<String>, value: impl Into<Node>) -> Self {
        if let Self::Message { kwargs, .. } | Self::Plan { kwargs, .. } = &mut self {
            kwargs.push((Spanned::from(name.into()), value.into()));
        }
        self
    }

    /// A message about the run of that key.
    #[must_use]
    pub fn in_run(mut self, key: impl Into<Node>) -> Self {
        if let Self::Message { run, .. } = &mut self {
            *run = Some(key.into());
        }
        self
    }

    /// A preprocessor with an option.
    #[must_use]
    pub fn with(self, name: impl Into<String>, value: impl Into<Node>) -> Self {
        self.with_option(name.into(), WrapOption::Value(value.into()))
    }

    /// A preprocessor with steps in an option.
    #[must_use]
    pub fn with_steps(self, name: impl Into<String>, steps: impl IntoIterator<Item = Self>) -> Self {
        self.with_option(name.into(), WrapOption::Steps(steps.into_iter().collect()))
    }

    /// A preprocessor with steps at the messages of a command, in an option that has steps by command.
    #[must_use]
    pub fn with_steps_at(
        mut self,
        name: impl Into<String>,
        command: impl Into<String>,
        steps: impl IntoIterator<Item = Self>,
    ) -> Self {
        let (name, entry) = (name.into(), (Spanned::from(command.into()), steps.into_iter().collect()));
        if let Self::Wrap { options, .. } = &mut self {
            match options.iter_mut().find(|(key, _)| key.value == name) {
                Some((_, WrapOption::ByCommand(entries))) => entries.push(entry),
                _ => options.push((Spanned::from(name), WrapOption::ByCommand(vec![entry]))),
            }
        }
        self
    }

    fn with_option(mut self, name: String, option: WrapOption) -> Self {
        if let Self::Wrap { options, .. } = &mut self {
            options.push((Spanned::from(name), option));
        }
        self
    }
}
