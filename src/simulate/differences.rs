//! [`MsgDifference`]: what about a message is not as expected.

use std::fmt;

use super::msg_expectation::{Clause, ObjPattern, obj_name};
use crate::expect::{Expected, NamePattern};
use crate::message::{Arg, Msg};
use crate::trace::shown;
use crate::value::{Text, Value};

/// How many characters of a value a message shows.
const WIDTH: usize = 60;

/// What about a message is not as expected. Its `Display` says so: `args[0]: expected 5, found 5.0`.
#[derive(Clone, Debug)]
#[non_exhaustive]
#[expect(missing_docs, reason = "`expected` and `found` are what they say")]
pub enum MsgDifference {
    /// It asks for something else.
    Command { expected: NamePattern, found: Text },
    /// It is about something else (found by its name), or about nothing where it should be about something, or the other
    /// way round (`None`). Two devices may have one name.
    Obj { expected: Option<ObjPattern>, found: Option<Text> },
    /// An argument by position, counted from 0, is another one, or not there.
    Arg { at: usize, expected: Expected, found: Option<Value> },
    /// There are more arguments by position, or fewer.
    ArgCount { expected: usize, found: usize },
    /// An argument by keyword is another one, or not there.
    Kwarg { key: Text, expected: Expected, found: Option<Value> },
    /// It is about another run.
    Run { expected: Expected, found: Value },
    /// A condition does not hold.
    Condition { description: Text },
}

impl MsgDifference {
    /// How far it takes a message from what was expected: one of another command is not easily the one that was meant.
    pub(super) const fn weight(&self) -> usize {
        match self {
            Self::Command { .. } => 8,
            Self::Obj { .. } => 2,
            _ => 1,
        }
    }
}

impl Clause {
    /// What about a message is otherwise than was said.
    pub(super) fn difference(&self, msg: &Msg) -> Option<MsgDifference> {
        match self {
            Self::Obj(expected) => {
                let obj = msg.obj();
                let is_it = obj.as_ref().is_some_and(|obj| expected.matches(obj));
                (!is_it)
                    .then(|| MsgDifference::Obj { expected: Some(expected.clone()), found: obj.as_ref().map(obj_name) })
            }
            Self::NoObj => msg.obj().map(|found| MsgDifference::Obj { expected: None, found: Some(obj_name(&found)) }),
            Self::Arg(at, expected) => {
                let found = msg.args().get(*at).map(Arg::to_recorded);
                let is_it = found.as_ref().is_some_and(|found| expected.matches(found));
                (!is_it).then(|| MsgDifference::Arg { at: *at, expected: expected.clone(), found })
            }
            Self::ArgCount(expected) => {
                let found = msg.args().len();
                (found != *expected).then_some(MsgDifference::ArgCount { expected: *expected, found })
            }
            Self::Kwarg(key, expected) => {
                let found = msg.kwargs().into_iter().find(|(k, _)| k == key).map(|(_, arg)| arg.to_recorded());
                let is_it = found.as_ref().is_some_and(|found| expected.matches(found));
                (!is_it).then(|| MsgDifference::Kwarg { key: key.clone(), expected: expected.clone(), found })
            }
            Self::Run(expected) => (!expected.matches(&msg.run))
                .then(|| MsgDifference::Run { expected: expected.clone(), found: msg.run.clone() }),
            Self::That(description, holds) => {
                (!holds(msg)).then(|| MsgDifference::Condition { description: description.clone() })
            }
        }
    }
}

impl fmt::Display for MsgDifference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = |found: &Option<Value>| found.as_ref().map_or_else(|| "none".to_owned(), |it| shown(it, WIDTH));
        match self {
            Self::Command { expected, found } => write!(f, "command: expected {expected}, found {found:?}"),
            Self::Obj { expected, found } => {
                let expected_text = expected.as_ref().map_or_else(|| "nothing".to_owned(), ToString::to_string);
                let found_text = found.as_deref().unwrap_or("nothing");
                let namesake = expected.is_some() && expected_text == found_text;
                let found_text = if namesake { format!("another {found_text}") } else { found_text.to_owned() };
                write!(f, "object: expected {expected_text}, found {found_text}")
            }
            Self::Arg { at, expected, found } => write!(f, "args[{at}]: expected {expected}, found {}", value(found)),
            Self::ArgCount { expected, found } => {
                write!(f, "arguments by position: expected {expected}, found {found}")
            }
            Self::Kwarg { key, expected, found } => write!(f, "{key}: expected {expected}, found {}", value(found)),
            Self::Run { expected, found } => write!(f, "run: expected {expected}, found {}", shown(found, WIDTH)),
            Self::Condition { description } => write!(f, "expected that {description}"),
        }
    }
}
