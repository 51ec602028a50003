//! The typed tree of a plan file: devices, callbacks, suspenders, and the steps of plans.

use super::Item;
use crate::engine::Limits;
use crate::hardware::Fault;
use crate::value::yaml::{Node, Spanned};
use crate::value::{Map, Position};

/// A plan file: devices, and plans to run on them one after another.
#[derive(Clone, Debug, PartialEq)]
pub struct PlanFile {
    /// The resource attributes of the spans; `service.name: skyspan` unless the file has its own.
    pub resource: Map,
    /// How the `RunEngine` is made.
    pub engine: EngineOptions,
    /// The devices that are added to the default beamline, in order: a device may name one before it.
    pub devices: Vec<DeviceSpec>,
    /// What goes wrong with devices, those of the default beamline and those of the file.
    pub faults: Vec<FaultSpec>,
    /// Those who may get documents.
    pub callbacks: Vec<CallbackSpec>,
    /// What may suspend plans.
    pub suspenders: Vec<SuspenderSpec>,
    /// The calls of the `RunEngine`, in order, and what is asked of it between them.
    pub items: Vec<Item>,
}

/// How the `RunEngine` is made.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EngineOptions {
    /// Whether interruptions become events in a stream of their own.
    pub record_interruptions: bool,
    /// Whether plans declare their stream before they read anything of it.
    pub predeclare: bool,
    /// Whether a callback that fails keeps the plan going.
    pub ignore_callback_exceptions: bool,
    /// The persistent metadata.
    pub md: Map,
    /// How much a plan may do and leave before it is ended.
    pub limits: Limits,
}

/// A simulated device.
#[derive(Clone, Debug, PartialEq)]
pub struct DeviceSpec {
    /// The name by which plans know it.
    pub name: Spanned<String>,
    /// Its class, such as `SynAxis`; whether there is one is for the beamline to say.
    pub class: Spanned<String>,
    /// All other keys, which are the options of its class.
    pub options: Vec<(Spanned<String>, Node)>,
    /// What goes wrong with it, where its class is one that says so.
    pub fault: Option<Fault>,
    /// What else goes wrong with it.
    pub faults: Vec<Fault>,
}

/// What goes wrong with a device.
#[derive(Clone, Debug, PartialEq)]
pub struct FaultSpec {
    /// The name of the device.
    pub device: Spanned<String>,
    /// What goes wrong with it, and when.
    pub fault: Fault,
}

/// Somebody who may get documents, does nothing with them, and may fail at one.
#[derive(Clone, Debug, PartialEq)]
pub struct CallbackSpec {
    /// The name by which plans know it.
    pub name: Spanned<String>,
    /// At which document it fails.
    pub fault: Option<CallbackFault>,
}

/// At which document a callback fails.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CallbackFault {
    /// Which document, counted from 1 over all calls and kinds of documents.
    pub nth: u64,
    /// The text of the error.
    pub message: String,
}

/// What may suspend plans.
#[derive(Clone, Debug, PartialEq)]
pub struct SuspenderSpec {
    /// The name by which plans know it.
    pub name: Spanned<String>,
    /// Its class, such as `SuspendFloor`; whether there is one is for who makes it to say.
    pub class: Spanned<String>,
    /// The signal that it watches.
    pub signal: Node,
    /// All other keys, which are the arguments of its class.
    pub options: Vec<(Spanned<String>, Node)>,
    /// What is done before the wait, anew for each suspension.
    pub pre_plan: Option<Vec<Step>>,
    /// What is done after the wait, anew for each suspension.
    pub post_plan: Option<Vec<Step>>,
}

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
        /// Which plan.
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
        /// The span's name.
        name: Spanned<String>,
        /// What happens in it.
        body: Vec<Self>,
        /// Where the step stands.
        position: Position,
    },
    /// A preprocessor around a body.
    Wrap {
        /// Which one: a name that plan files know.
        name: Spanned<String>,
        /// Its options: only those it has, with all it must have, each of the right kind; not its bodies.
        options: Vec<(Spanned<String>, Node)>,
        /// What it is wrapped around.
        body: Vec<Self>,
        /// What `finalize` and `contingency` do in the end, however the body ends.
        final_body: Option<Vec<Self>>,
        /// What `contingency` does when the body fails.
        except_body: Option<Vec<Self>>,
        /// What `contingency` does when the body succeeds.
        else_body: Option<Vec<Self>>,
        /// What `msg_mutator` and `plan_mutator` do at messages of the body.
        parts: Vec<MutationPart>,
        /// Where the step stands.
        position: Position,
    },
    /// A body several times.
    Repeat {
        /// How many times.
        times: u64,
        /// What is repeated.
        body: Vec<Self>,
        /// Where the step stands.
        position: Position,
    },
    /// The plan fails.
    Raise {
        /// The error's text.
        text: String,
        /// The error's class.
        class: RaisedClass,
        /// Where the step stands.
        position: Position,
    },
    /// A step, and then a `null` message with what it gave.
    Show {
        /// The step.
        step: Box<Self>,
        /// Where the step stands.
        position: Position,
    },
    /// A body, and then a `null` message with the name of the error that was caught in it, or null.
    Catch {
        /// What is done.
        body: Vec<Self>,
        /// Where the step stands.
        position: Position,
    },
}

/// What is done at messages of one command.
#[derive(Clone, Debug, PartialEq)]
pub struct MutationPart {
    /// Where: `before`, `instead`, `after`, or to `replace` the message by one other.
    pub option: &'static str,
    /// Which messages.
    pub command: Spanned<String>,
    /// What is done.
    pub steps: Vec<Step>,
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
            | Self::Raise { position, .. }
            | Self::Show { position, .. }
            | Self::Catch { position, .. } => *position,
        }
    }
}
