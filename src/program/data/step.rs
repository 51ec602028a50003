//! [`Step`]: a piece of a plan that is written out.

use std::fmt;

use crate::value::yaml::{Node, NodeValue, Spanned};
use crate::value::{Position, Value, repr};

/// One step of a plan that is written out.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// One message, exactly so.
    Message {
        /// What the engine is told to do; a command that does not exist is a message, too.
        command: Spanned<String>,
        /// What it is to be done with, unless left out or null.
        obj: Option<Node>,
        /// Its arguments by position.
        args: Vec<Node>,
        /// Its arguments by name.
        kwargs: Vec<(Spanned<String>, Node)>,
        /// The key of its run, unless left out or null.
        run: Option<Node>,
        /// Where the step stands.
        position: Position,
    },
    /// A plan or a plan stub by name.
    Plan {
        /// The name of the plan or stub.
        name: Spanned<String>,
        /// Its arguments by position.
        args: Vec<Node>,
        /// Its arguments by name.
        kwargs: Vec<(Spanned<String>, Node)>,
        /// Where the step stands.
        position: Position,
    },
    /// A span around a body.
    Span {
        /// The name of the span.
        name: Spanned<String>,
        /// What happens in it.
        body: Vec<Self>,
        /// Where the step stands.
        position: Position,
    },
    /// A preprocessor around a body.
    Wrap {
        /// The name of the preprocessor.
        name: Spanned<String>,
        /// What the preprocessor takes besides: only what it knows, and each of the right kind.
        options: Vec<(Spanned<String>, WrapOption)>,
        /// What it is wrapped around.
        body: Vec<Self>,
        /// Where the step stands.
        position: Position,
    },
    /// A body several times.
    Repeat {
        /// How many times the body is repeated.
        times: u64,
        /// The steps that are repeated.
        body: Vec<Self>,
        /// Where the step stands.
        position: Position,
    },
    /// A body again and again, until what a device reads is as it should be.
    Until {
        /// The condition that ends the repetition.
        condition: Condition,
        /// The steps that are repeated.
        body: Vec<Self>,
        /// Where the step stands.
        position: Position,
    },
    /// The plan raises an error.
    Raise {
        /// The text of the error.
        text: String,
        /// The class of the error.
        class: RaisedClass,
        /// Where the step stands.
        position: Position,
    },
    /// A step, and then a `null` message with what it gave.
    Show {
        /// The step whose answer is kept.
        step: Box<Self>,
        /// Where the step stands.
        position: Position,
    },
    /// A body, and then a `null` message with the name of the error that was caught in it, or null.
    Catch {
        /// The steps that are done.
        body: Vec<Self>,
        /// Where the step stands.
        position: Position,
    },
}

/// What a preprocessor takes besides its body.
#[derive(Clone, Debug, PartialEq)]
pub enum WrapOption {
    /// A value, or names.
    Value(Node),
    /// Steps that the preprocessor runs.
    Steps(Vec<Step>),
    /// Steps, or one message, by the command at whose messages they are done.
    ByCommand(Vec<(Spanned<String>, Vec<Step>)>),
}

/// When a loop ends: once the value of a device compares so with another.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    /// Whose value: what `rd` gives of it.
    pub device: Node,
    /// How the reading is compared.
    pub comparison: Comparison,
    /// The number it is compared with.
    pub value: f64,
    /// After how many rounds the plan fails.
    pub at_most: u64,
}

/// How two numbers compare.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Comparison {
    /// Less than: `<`.
    Below,
    /// At most: `<=`.
    AtMost,
    /// Equal: `==`.
    Equal,
    /// Not equal: `!=`.
    Unequal,
    /// At least: `>=`.
    AtLeast,
    /// Greater than: `>`.
    Above,
}

impl Comparison {
    /// Every comparison that a plan file knows.
    pub const ALL: [Self; 6] = [Self::Below, Self::AtMost, Self::Equal, Self::Unequal, Self::AtLeast, Self::Above];

    /// As it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Below => "<",
            Self::AtMost => "<=",
            Self::Equal => "==",
            Self::Unequal => "!=",
            Self::AtLeast => ">=",
            Self::Above => ">",
        }
    }

    /// Whether two numbers compare so; NaN compares with nothing, but for that it is unequal.
    #[must_use]
    pub fn holds(self, left: f64, right: f64) -> bool {
        match self {
            Self::Below => left < right,
            Self::AtMost => left <= right,
            #[expect(clippy::float_cmp, reason = "it is asked whether they are the same")]
            Self::Equal => left == right,
            #[expect(clippy::float_cmp, reason = "it is asked whether they are the same")]
            Self::Unequal => left != right,
            Self::AtLeast => left >= right,
            Self::Above => left > right,
        }
    }
}

/// What a plan may raise.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum RaisedClass {
    /// A failure of its own.
    #[default]
    RuntimeError,
    /// The wish to end as a success.
    RequestStop,
    /// The wish to end as an abort.
    RequestAbort,
}

impl Step {
    /// Where the step stands.
    #[must_use]
    pub fn position(&self) -> Position {
        match self {
            Self::Message { position, .. }
            | Self::Plan { position, .. }
            | Self::Span { position, .. }
            | Self::Wrap { position, .. }
            | Self::Repeat { position, .. }
            | Self::Until { position, .. }
            | Self::Raise { position, .. }
            | Self::Show { position, .. }
            | Self::Catch { position, .. } => *position,
        }
    }

    /// The steps that are in it: its body, and what a preprocessor does besides.
    #[must_use]
    pub fn bodies(&self) -> Vec<&[Self]> {
        match self {
            Self::Message { .. } | Self::Plan { .. } | Self::Raise { .. } => Vec::new(),
            Self::Span { body, .. }
            | Self::Repeat { body, .. }
            | Self::Until { body, .. }
            | Self::Catch { body, .. } => {
                vec![body]
            }
            Self::Show { step, .. } => vec![std::slice::from_ref(&**step)],
            Self::Wrap { options, body, .. } => {
                let mut all: Vec<&[Self]> = vec![body];
                for (_, option) in options {
                    match option {
                        WrapOption::Value(_) => {}
                        WrapOption::Steps(steps) => all.push(steps),
                        WrapOption::ByCommand(entries) => all.extend(entries.iter().map(|(_, steps)| steps.as_slice())),
                    }
                }
                all
            }
        }
    }

    /// An option of a preprocessor, by its name.
    #[must_use]
    pub fn option(&self, name: &str) -> Option<&WrapOption> {
        match self {
            Self::Wrap { options, .. } => options.iter().find(|(key, _)| key.value == name).map(|(_, option)| option),
            _ => None,
        }
    }
}

/// For people: a message or a plan a line, as a list of messages shows it (`set(motor, 5, group='a')`), indented in what is around it.
impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.show(f, 0)
    }
}

impl Step {
    fn show(&self, f: &mut fmt::Formatter<'_>, depth: usize) -> fmt::Result {
        let indent = "  ".repeat(depth);
        match self {
            Self::Message { command, obj, args, kwargs, run, .. } => {
                let run = run.as_ref().map(|run| format!("run={}", in_python(run)));
                let args = obj.iter().chain(args).map(shown_argument);
                let all: Vec<String> = args.chain(kwargs.iter().map(shown_keyword)).chain(run).collect();
                return writeln!(f, "{indent}{}({})", command.value, all.join(", "));
            }
            Self::Plan { name, args, kwargs, .. } => {
                let all: Vec<String> =
                    args.iter().map(shown_argument).chain(kwargs.iter().map(shown_keyword)).collect();
                return writeln!(f, "{indent}{}({})", name.value, all.join(", "));
            }
            Self::Span { name, .. } => writeln!(f, "{indent}span {}", name.value)?,
            Self::Repeat { times, .. } => writeln!(f, "{indent}{times} times")?,
            Self::Until { condition, .. } => {
                let Condition { device, comparison, value, at_most } = condition;
                let (device, comparison) = (shown_argument(device), comparison.as_str());
                writeln!(f, "{indent}until {device} {comparison} {value}, {at_most} times at most")?;
            }
            Self::Raise { text, .. } => return writeln!(f, "{indent}raise {text}"),
            Self::Show { .. } => writeln!(f, "{indent}show")?,
            Self::Catch { .. } => writeln!(f, "{indent}catch")?,
            Self::Wrap { name, options, .. } => {
                let values = options.iter().filter_map(|(key, option)| match option {
                    WrapOption::Value(node) => Some(format!("{}={}", key.value, shown_argument(node))),
                    _ => None,
                });
                writeln!(f, "{indent}{}({})", name.value, values.collect::<Vec<_>>().join(", "))?;
            }
        }
        self.bodies().into_iter().flatten().try_for_each(|step| step.show(f, depth + 1))
    }
}

fn shown_keyword((key, node): &(Spanned<String>, Node)) -> String {
    format!("{}={}", key.value, in_python(node))
}

/// An argument by position: a string is most likely the name of a device.
fn shown_argument(node: &Node) -> String {
    match &node.value {
        NodeValue::Scalar(Value::Str(name)) => name.to_string(),
        NodeValue::Sequence(nodes) => format!("[{}]", nodes.iter().map(shown_argument).collect::<Vec<_>>().join(", ")),
        _ => in_python(node),
    }
}

/// A value as Python shows it.
fn in_python(node: &Node) -> String {
    node.to_value().map_or_else(|_| node.describe(), |value| repr(&value))
}
