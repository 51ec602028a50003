//! [`Step`]: a piece of a generated plan, from which nothing is left out any more.

use super::Line;
use crate::value::Text;

/// A piece of a generated plan as it is executed: what a [`Program`](super::Program) comes to once all that does not apply is
/// left out. It can be run, and written as Rust code and into a plan file.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// A message.
    Message(Line),
    /// A plan of bluesky.
    Plan(NamedPlan),
    /// A preprocessor around a body.
    Wrap(Wrapper, Vec<Self>),
    /// The body again and again.
    Repeat(u32, Vec<Self>),
    /// The plan fails.
    Raise,
}

/// A plan of bluesky, with its arguments.
#[derive(Clone, Debug, PartialEq)]
pub enum NamedPlan {
    /// `mv(motor, to)`
    Mv {
        /// What is moved.
        motor: Text,
        /// Where to.
        to: i32,
    },
    /// `mvr(motor, by)`
    Mvr {
        /// What is moved.
        motor: Text,
        /// How far.
        by: i32,
    },
    /// `count([detector], num)`
    Count {
        /// What is read.
        detector: Text,
        /// How often.
        num: u32,
    },
    /// `scan([detector], motor, 0, to, num)`, or `rel_scan`
    Scan {
        /// Whether from where the motor is.
        relative: bool,
        /// What is read.
        detector: Text,
        /// What is moved.
        motor: Text,
        /// Where to.
        to: i32,
        /// How many points.
        num: u32,
    },
    /// `fly([flyer])`
    Fly {
        /// What flies.
        flyer: Text,
    },
    /// `trigger_and_read(devices, name)`
    TriggerAndRead {
        /// What is read.
        devices: Vec<Text>,
        /// The name of the stream.
        stream: &'static str,
    },
}

/// A preprocessor of bluesky, with its arguments.
#[derive(Clone, Debug, PartialEq)]
pub enum Wrapper {
    /// `trace_plan`: a span around the body.
    Span(&'static str),
    /// `run_wrapper`
    Run,
    /// `stage_wrapper`
    Stage(Vec<Text>),
    /// `lazily_stage_wrapper`
    LazilyStage,
    /// `baseline_wrapper`
    Baseline(Vec<Text>),
    /// `monitor_during_wrapper`
    MonitorDuring(Vec<Text>),
    /// `fly_during_wrapper`
    FlyDuring(Vec<Text>),
    /// `relative_set_wrapper`
    RelativeSet,
    /// `reset_positions_wrapper`
    ResetPositions,
    /// `rewindable_wrapper(.., False)`
    NotRewindable,
    /// `inject_md_wrapper`
    InjectMd,
    /// `set_run_key_wrapper`
    SetRunKey(&'static str),
    /// `finalize_wrapper`, with these steps in the end
    Finalize(Vec<Step>),
    /// `contingency_wrapper(auto_raise=False)`: errors are caught
    Catch,
}

/// How many messages steps yield at least: those of plans and preprocessors are counted as one.
pub(super) fn messages_in(steps: &[Step]) -> usize {
    steps
        .iter()
        .map(|step| match step {
            Step::Message(_) | Step::Plan(_) => 1,
            Step::Raise => 0,
            Step::Wrap(Wrapper::Finalize(end), body) => messages_in(body) + messages_in(end),
            Step::Wrap(_, body) => messages_in(body),
            Step::Repeat(times, body) => messages_in(body) * *times as usize,
        })
        .sum()
}
