//! [`Parameter`]: what a plan, a preprocessor, or a class of devices takes; the words of which the vocabulary is made.

/// What a plan, a plan stub, a preprocessor, or a class of devices or suspenders takes.
///
/// One such entry serves all who ask: reading checks names by it and suggests them, `skyspan list` and `skyspan schema` print it,
/// and the search draws arguments by it.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Parameter {
    /// The name of the parameter.
    pub name: &'static str,
    /// The kind of value that the parameter takes.
    pub takes: Takes,
    /// What it is where it is left out, as YAML; nothing where it may not be.
    pub default: Option<&'static str>,
    /// How it is given.
    pub by: By,
    /// What it is for, in one line.
    pub about: &'static str,
}

/// How an argument is given.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum By {
    /// By its position or by its name.
    Either,
    /// By its position alone.
    Position,
    /// By its name alone.
    Keyword,
    /// As all arguments by position that are left.
    Rest,
    /// As all arguments by name that no other parameter takes.
    Others,
}

/// What an argument or an option is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Takes {
    /// The name of a device.
    Device,
    /// The name of a device that moves.
    Motor,
    /// The names of devices that are read, in a list.
    Detectors,
    /// The names of any devices, in a list.
    Devices,
    /// The same, or null.
    DevicesOrNull,
    /// The names of devices that fly, in a list.
    Flyers,
    /// The name of a device that flies.
    Flyer,
    /// The name of a callback.
    Callback,
    /// The name of a callback, or the token of a subscription.
    CallbackOrToken,
    /// The name of a suspender.
    Suspender,
    /// The names of suspenders, in a list.
    Suspenders,
    /// Callbacks by the documents that they get, or a list of those that get all.
    Subscribers,
    /// A number, whole or not.
    Number,
    /// A number, or null.
    NumberOrNull,
    /// A number greater than zero.
    Positive,
    /// A whole number.
    Integer,
    /// A whole number from 0 on.
    Count,
    /// A whole number from 0 on, or null for no end.
    CountOrNull,
    /// A number of seconds.
    Seconds,
    /// A number of seconds, or null for no end.
    SecondsOrNull,
    /// A number of seconds, or a list of them.
    Delay,
    /// True or false.
    Bool,
    /// True or false, or null.
    BoolOrNull,
    /// A string of characters.
    Text,
    /// A string, or null.
    TextOrNull,
    /// The data key of a reading.
    Key,
    /// The name of a stream.
    Stream,
    /// The name of a group, or null.
    Group,
    /// The names of groups, in a list.
    Groups,
    /// The key of a run.
    RunKey,
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// Any value that YAML can write.
    Value,
    /// A map of names to values.
    Map,
    /// A map, or null.
    MapOrNull,
    /// A list of strings.
    Texts,
    /// Two numbers, or null.
    LimitsOrNull,
    /// A number, or two.
    NumberOrPair,
    /// Pairs of numbers, in a list.
    Pairs,
    /// Whole numbers, in a list.
    Counts,
    /// Lists of values, by key.
    ListsByKey,
    /// Lists of whole numbers, by key.
    CountsByKey,
    /// A list of steps.
    Steps,
    /// A list of steps, or null.
    StepsOrNull,
    /// One step, or a list of them.
    StepOrSteps,
    /// Lists of steps, by the names of commands.
    StepsByCommand,
    /// One message each, by the names of commands.
    MessageByCommand,
    /// The names of commands, in a list.
    Commands,
    /// The name of a command.
    Command,
    /// What is waited for, in a list.
    Awaitables,
    /// Where motors go, by their names.
    Positions,
    /// A device and where it goes, again and again.
    Moves,
    /// A motor, where it starts and where it stops, again and again.
    Lines,
    /// The same, and then a number of points.
    LinesThenCount,
    /// A motor and a list of its points, again and again.
    Lists,
    /// A motor, where it starts and stops, how many points it has and perhaps whether it snakes, again and again.
    Grid,
    /// Whether axes snake: true, false, or a list of motors.
    Snake,
    /// Points of motors, put together.
    Cycler,
    /// Nothing but null: what is a function in Python.
    Function,
}

impl Parameter {
    /// The same, given by its name alone.
    pub(super) const fn by_keyword(self) -> Self {
        Self { by: By::Keyword, ..self }
    }

    /// The same, given by its position alone.
    pub(super) const fn by_position(self) -> Self {
        Self { by: By::Position, ..self }
    }

    /// Whether it must be given.
    #[must_use]
    pub const fn is_required(&self) -> bool {
        self.default.is_none() && matches!(self.by, By::Either | By::Position | By::Keyword)
    }

    /// Whether it has a place among the arguments by position.
    pub(super) const fn has_position(&self) -> bool {
        matches!(self.by, By::Either | By::Position)
    }
}

/// A parameter that must be given.
pub(super) const fn required(name: &'static str, takes: Takes, about: &'static str) -> Parameter {
    Parameter { name, takes, default: None, by: By::Either, about }
}

/// A parameter that may be left out.
pub(super) const fn optional(
    name: &'static str,
    takes: Takes,
    default: &'static str,
    about: &'static str,
) -> Parameter {
    Parameter { name, takes, default: Some(default), by: By::Either, about }
}

/// All arguments by position that are left.
pub(super) const fn rest(name: &'static str, takes: Takes, about: &'static str) -> Parameter {
    Parameter { name, takes, default: None, by: By::Rest, about }
}

/// All arguments by name that are left.
pub(super) const fn others(name: &'static str, about: &'static str) -> Parameter {
    Parameter { name, takes: Takes::Value, default: None, by: By::Others, about }
}

impl Takes {
    /// What it is, in words.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Device => "a device",
            Self::Motor => "a motor",
            Self::Detectors => "detectors, in a list",
            Self::Devices => "devices, in a list",
            Self::DevicesOrNull => "devices, in a list, or null",
            Self::Flyers => "flyers, in a list",
            Self::Flyer => "a flyer",
            Self::Callback => "a callback",
            Self::CallbackOrToken => "a callback or a token",
            Self::Suspender => "a suspender",
            Self::Suspenders => "suspenders, in a list",
            Self::Subscribers => "callbacks by documents, or in a list",
            Self::Number => "a number",
            Self::NumberOrNull => "a number or null",
            Self::Positive => "a number greater than 0",
            Self::Integer => "a whole number",
            Self::Count => "a whole number from 0 on",
            Self::CountOrNull => "a whole number from 0 on, or null for no end",
            Self::Seconds => "a number of seconds",
            Self::BoolOrNull => "true, false or null",
            Self::SecondsOrNull => "a number of seconds, or null",
            Self::Delay => "a number of seconds, or a list of them",
            Self::Bool => "true or false",
            Self::Text => "a string",
            Self::TextOrNull => "a string or null",
            Self::Key => "a data key",
            Self::Stream => "the name of a stream",
            Self::Group => "the name of a group, or null",
            Self::Groups => "the names of groups, in a list",
            Self::RunKey => "the key of a run",
            Self::OneOf(_) => "a word",
            Self::Value => "anything",
            Self::Map => "a map",
            Self::MapOrNull => "a map or null",
            Self::Texts => "strings, in a list",
            Self::LimitsOrNull => "two numbers in a list, or null",
            Self::NumberOrPair => "a number, or two in a list",
            Self::Pairs => "pairs of numbers, in a list",
            Self::Counts => "whole numbers from 0 on, in a list",
            Self::ListsByKey => "a list by data key",
            Self::CountsByKey => "a list of whole numbers by data key",
            Self::Steps => "nodes, in a list",
            Self::StepsOrNull => "nodes, in a list, or null",
            Self::StepOrSteps => "a node, or several in a list",
            Self::StepsByCommand => "nodes in a list, by command",
            Self::MessageByCommand => "a message by command",
            Self::Commands => "commands, in a list",
            Self::Command => "a command",
            Self::Awaitables => "what is waited for, in a list",
            Self::Positions => "positions by motor",
            Self::Moves => "a device, where it goes, ...",
            Self::Lines => "a motor, its start, its stop, ...",
            Self::LinesThenCount => "a motor, its start, its stop, ..., and the number of points",
            Self::Lists => "a motor, a list of its points, ...",
            Self::Grid => "a motor, its start, its stop, its number of points, perhaps whether it snakes, ...",
            Self::Snake => "true, false, or a list of motors",
            Self::Cycler => "a motor and its points, or a cycler",
            Self::Function => "null",
        }
    }

    /// The unit of the number that it is.
    #[must_use]
    pub const fn unit(self) -> Option<&'static str> {
        match self {
            Self::Seconds | Self::SecondsOrNull | Self::Delay => Some("s"),
            _ => None,
        }
    }
}
