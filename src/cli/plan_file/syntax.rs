//! The typed tree of a plan file.

use super::Node;
use crate::value::{Map, Position};

/// Something a plan file says, and where it says so.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Spanned<T> {
    /// What it says.
    pub value: T,
    /// Where.
    pub position: Position,
}

/// A plan file: devices, and plans to run on them one after another.
#[derive(Clone, Debug, PartialEq)]
pub struct PlanFile {
    /// The resource attributes of the spans; `service.name: skyspan` unless the file has its own.
    pub resource: Map,
    /// How the `RunEngine` is made.
    pub engine: EngineOptions,
    /// The devices that are added to the default beamline, in order: a device may name one before it.
    pub devices: Vec<DeviceSpec>,
    /// The calls of the `RunEngine`, in order.
    pub items: Vec<Item>,
}

/// How the `RunEngine` is made.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EngineOptions {
    /// Whether interruptions become events in a stream of their own.
    pub record_interruptions: bool,
    /// The persistent metadata.
    pub md: Map,
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
    /// What goes wrong with it.
    pub fault: Option<FaultSpec>,
}

/// What goes wrong with a device's `set`.
#[derive(Clone, Debug, PartialEq)]
pub struct FaultSpec {
    /// How it goes wrong.
    pub kind: Spanned<FaultKind>,
    /// Which `set` goes wrong, counted from 1.
    pub nth: u64,
    /// The text of the error.
    pub message: String,
    /// How many seconds after the `set` its status fails.
    pub after_s: f64,
}

/// How a device's `set` goes wrong.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum FaultKind {
    /// Its status fails.
    Fail,
    /// It raises instead of giving a status.
    Raise,
    /// Its status never finishes.
    Hang,
}

/// One call of the `RunEngine`.
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    /// A plan by name.
    Plan {
        /// Which plan.
        name: Spanned<String>,
        /// Its arguments by position.
        args: Vec<Node>,
        /// Its arguments by name.
        kwargs: Vec<(Spanned<String>, Node)>,
        /// The metadata given to the call.
        meta: Map,
        /// What is done at each pause in turn; at one beyond the end, halt.
        on_pause: Vec<PauseAction>,
        /// Where the item stands.
        position: Position,
    },
    /// A plan that is written out.
    Messages {
        /// Its steps.
        messages: Vec<Step>,
        /// The metadata given to the call.
        meta: Map,
        /// What is done at each pause in turn; at one beyond the end, halt.
        on_pause: Vec<PauseAction>,
        /// Where the item stands.
        position: Position,
    },
}

/// What is done with a paused `RunEngine`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum PauseAction {
    /// The plan goes on.
    Resume,
    /// The plan is ended as failed.
    Abort {
        /// Why; empty where the file gives no reason.
        reason: String,
    },
    /// The plan is ended as done.
    Stop,
    /// The plan is dropped without its cleanup.
    Halt,
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
    /// The plan fails with a `RuntimeError`.
    Raise {
        /// The error's text.
        text: String,
        /// Where the step stands.
        position: Position,
    },
}

impl Item {
    /// Where the item stands.
    #[must_use]
    pub fn position(&self) -> Position {
        match self {
            Self::Plan { position, .. } | Self::Messages { position, .. } => *position,
        }
    }

    /// The metadata given to the call.
    #[must_use]
    pub fn meta(&self) -> &Map {
        match self {
            Self::Plan { meta, .. } | Self::Messages { meta, .. } => meta,
        }
    }

    /// What is done at each pause in turn; at one beyond the end, halt.
    #[must_use]
    pub fn on_pause(&self) -> &[PauseAction] {
        match self {
            Self::Plan { on_pause, .. } | Self::Messages { on_pause, .. } => on_pause,
        }
    }
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
            | Self::Raise { position, .. } => *position,
        }
    }
}
