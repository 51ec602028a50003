//! [`MsgExpectation`]: what a message must be.

use std::fmt;
use std::sync::Arc;

use super::differences::MsgDifference;
use crate::device::Device;
use crate::expect::{Any, Expected, Glob, NamePattern};
use crate::message::{Arg, Msg};
use crate::value::Text;

/// What a message must be: a value that is made by [`msg`], told more, kept, cloned, and given to whatever selects or
/// demands messages. Its `Display` says it in words.
///
/// What is not said does not matter.
#[derive(Clone)]
#[must_use = "an expectation does nothing until messages are checked against it"]
pub struct MsgExpectation {
    pub(super) command: NamePattern,
    pub(super) clauses: Vec<Clause>,
}

/// Something that was said of a message.
#[derive(Clone)]
pub(super) enum Clause {
    Obj(ObjPattern),
    NoObj,
    Arg(usize, Expected),
    ArgCount(usize),
    Kwarg(Text, Expected),
    Run(Expected),
    That(Text, Predicate),
}

pub(super) type Predicate = Arc<dyn Fn(&Msg) -> bool + Send + Sync>;

/// What a message must be about: this very device, or one of that name.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum ObjPattern {
    /// This device, and no other of its name.
    Device(Device),
    /// Whatever is called so.
    Named(NamePattern),
}

/// A message with this command: to the letter, or as a [`glob`](crate::expect::glob) says, or
/// [`any`](crate::expect::any).
///
/// ```
/// use skyspan::prelude::*;
/// use skyspan::simulate::msg;
///
/// let motor: Device = SynAxis::new("motor").into();
/// let expected = msg("set").obj(&motor).arg(5).group("g");
/// assert!(expected.matches(&Msg::set(&motor, 5).in_group("g")));
/// assert!(msg(glob("s*")).matches(&Msg::set(&motor, 5)));
/// assert_eq!(expected.to_string(), r#"message "set" of motor with args[0]=5 group="g""#);
/// ```
pub fn msg(command: impl Into<NamePattern>) -> MsgExpectation {
    MsgExpectation { command: command.into(), clauses: Vec::new() }
}

impl MsgExpectation {
    /// It is about this device, or about one of this name: `&device`, `"motor"`, `glob("motor*")`.
    ///
    /// ```
    /// use skyspan::prelude::*;
    /// use skyspan::simulate::msg;
    ///
    /// let (motor, other): (Device, Device) = (SynAxis::new("motor").into(), SynAxis::new("motor").into());
    /// let read = Msg::read(&motor);
    /// assert!(msg("read").obj("motor").matches(&read));
    /// assert!(msg("read").obj(&motor).matches(&read));
    /// assert!(!msg("read").obj(&other).matches(&read));
    /// ```
    pub fn obj(self, expected: impl Into<ObjPattern>) -> Self {
        self.with(Clause::Obj(expected.into()))
    }

    /// It is about nothing.
    pub fn no_obj(self) -> Self {
        self.with(Clause::NoObj)
    }

    /// Its next argument by position: said once it is the first, said again the second. A plain value means equal, of the
    /// same type: `5` is neither `"5"` nor `5.0`. A device among the arguments stands there by its name.
    ///
    /// ```
    /// use skyspan::prelude::*;
    /// use skyspan::simulate::msg;
    ///
    /// let motor: Device = SynAxis::new("motor").into();
    /// assert!(msg("set").arg(5).matches(&Msg::set(&motor, 5)));
    /// assert!(!msg("set").arg(5.0).matches(&Msg::set(&motor, 5)));
    /// ```
    pub fn arg(self, expected: impl Into<Expected>) -> Self {
        let at = self.clauses.iter().filter(|clause| matches!(clause, Clause::Arg(..))).count();
        self.with(Clause::Arg(at, expected.into()))
    }

    /// These are its arguments by position, and there are no more.
    pub fn args<E: Into<Expected>>(self, expected: impl IntoIterator<Item = E>) -> Self {
        let all = expected.into_iter().fold(self, Self::arg);
        let count = all.clauses.iter().filter(|clause| matches!(clause, Clause::Arg(..))).count();
        all.with(Clause::ArgCount(count))
    }

    /// It has such an argument by keyword.
    ///
    /// ```
    /// use skyspan::prelude::*;
    /// use skyspan::expect::any;
    /// use skyspan::simulate::msg;
    ///
    /// let open = Msg::open_run(Map::from_iter([("sample", "A")]));
    /// assert!(msg("open_run").kwarg("sample", "A").matches(&open));
    /// assert!(!msg("open_run").kwarg("purpose", any()).matches(&open));
    /// ```
    pub fn kwarg(self, key: impl Into<Text>, expected: impl Into<Expected>) -> Self {
        self.with(Clause::Kwarg(key.into(), expected.into()))
    }

    /// It is in this group, or waits for it: its argument `group`.
    pub fn group(self, expected: impl Into<Expected>) -> Self {
        self.kwarg(Text::literal("group"), expected)
    }

    /// It is about the run of this key.
    pub fn run(self, expected: impl Into<Expected>) -> Self {
        self.with(Clause::Run(expected.into()))
    }

    /// Anything else, with the words for it.
    ///
    /// ```
    /// use skyspan::prelude::*;
    /// use skyspan::value::Value;
    /// use skyspan::simulate::msg;
    ///
    /// let to_the_left = |msg: &Msg| msg.args()[0].as_value().and_then(Value::as_f64).is_some_and(|to| to < 0.0);
    /// let expected = msg("set").that("it goes to the left", to_the_left);
    /// let motor: Device = SynAxis::new("motor").into();
    /// assert!(expected.matches(&Msg::set(&motor, -1)));
    /// assert_eq!(expected.to_string(), r#"message "set" such that it goes to the left"#);
    /// ```
    pub fn that(self, description: impl Into<Text>, predicate: impl Fn(&Msg) -> bool + Send + Sync + 'static) -> Self {
        self.with(Clause::That(description.into(), Arc::new(predicate)))
    }

    fn with(mut self, clause: Clause) -> Self {
        self.clauses.push(clause);
        self
    }

    /// Whether a message is as expected.
    #[must_use]
    pub fn matches(&self, msg: &Msg) -> bool {
        self.command.matches(msg.command()) && self.clauses.iter().all(|clause| clause.difference(msg).is_none())
    }

    /// What about a message is not as expected; nothing where it is.
    #[must_use]
    pub fn differences(&self, msg: &Msg) -> Vec<MsgDifference> {
        let command = (!self.command.matches(msg.command()))
            .then(|| MsgDifference::Command { expected: self.command.clone(), found: msg.command().into() });
        command.into_iter().chain(self.clauses.iter().filter_map(|clause| clause.difference(msg))).collect()
    }
}

impl ObjPattern {
    /// Whether this is it.
    #[must_use]
    pub fn matches(&self, obj: &Arg) -> bool {
        match (self, obj) {
            (Self::Device(expected), Arg::Device(found)) => expected == found,
            (Self::Device(_), _) => false,
            (Self::Named(name), obj) => name.matches(&obj_name(obj)),
        }
    }
}

/// What an object is called in an expectation and in a report.
pub(super) fn obj_name(obj: &Arg) -> Text {
    match obj {
        Arg::Device(device) => device.name().clone(),
        other => other.to_string().into(),
    }
}

/// `message "set" of motor with args[0]=5 group="g"`.
impl fmt::Display for MsgExpectation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "message {}", self.command)?;
        let (mut with, mut others): (Vec<String>, Vec<String>) = Default::default();
        for clause in &self.clauses {
            match clause {
                Clause::Obj(obj) => write!(f, " of {obj}")?,
                Clause::NoObj => others.push("of nothing".to_owned()),
                Clause::Arg(at, expected) => with.push(format!("args[{at}]={expected}")),
                Clause::ArgCount(count) => others.push(format!("{count} arguments by position")),
                Clause::Kwarg(key, expected) => with.push(format!("{key}={expected}")),
                Clause::Run(expected) => with.push(format!("run={expected}")),
                Clause::That(description, _) => others.push(format!("such that {description}")),
            }
        }
        if !with.is_empty() {
            others.insert(0, format!("with {}", with.join(" ")));
        }
        if others.is_empty() { Ok(()) } else { write!(f, " {}", others.join(", ")) }
    }
}

impl fmt::Debug for MsgExpectation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MsgExpectation({self})")
    }
}

impl fmt::Display for ObjPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Device(device) => f.write_str(device.name()),
            Self::Named(NamePattern::Exact(name)) => f.write_str(name),
            Self::Named(pattern) => write!(f, "something {pattern}"),
        }
    }
}

impl From<&Device> for ObjPattern {
    fn from(device: &Device) -> Self {
        Self::Device(device.clone())
    }
}

macro_rules! named {
    ($($name:ty),*) => {$(
        impl From<$name> for ObjPattern {
            fn from(name: $name) -> Self {
                Self::Named(name.into())
            }
        }
    )*};
}

named!(&str, String, &String, Text, Glob, Any);
