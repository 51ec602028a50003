//! [`Item`]: calls of the engine with what is done to them from outside, and requests between calls.

use std::time::Duration;

use super::Step;
use crate::document::DocumentName;
use crate::value::yaml::{Node, Spanned};
use crate::value::{Map, Position, Value};

/// One call of the `RunEngine`, or something that is asked of it between calls.
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    /// A plan by name.
    Plan {
        /// The name of the plan.
        name: Spanned<String>,
        /// Its arguments by position.
        args: Vec<Node>,
        /// Its arguments by name.
        kwargs: Vec<(Spanned<String>, Node)>,
        /// What bluesky-queueserver keeps with it, such as `item_uid` and `user`, and the engine does not look at.
        kept: Vec<(Spanned<String>, Node)>,
        /// What there is about the call besides its plan.
        call: CallSpec,
        /// Where the item stands.
        position: Position,
    },
    /// A plan that is written out.
    Messages {
        /// The steps that yield the messages.
        messages: Vec<Step>,
        /// What there is about the call besides its plan.
        call: CallSpec,
        /// Where the item stands.
        position: Position,
    },
    /// No call; something is asked of the engine between calls.
    Request {
        /// The request to the engine.
        request: Request,
        /// Where the item stands.
        position: Position,
    },
}

/// What there is about a call besides its plan.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CallSpec {
    /// The metadata given to it.
    pub meta: Map,
    /// Who gets its documents.
    pub subs: Vec<SubsSpec>,
    /// The lines that `input` messages read; after them, empty ones. Nothing where the file says nothing of them.
    pub input: Option<Vec<String>>,
    /// What is done from outside while it runs.
    pub at: Vec<OutsideSpec>,
    /// What is done at each pause in turn; at one beyond the end, halt.
    pub on_pause: Vec<PauseAction>,
    /// What the call must leave, as a check file says it; whether it does is for who runs it to see.
    pub expect: Option<Node>,
}

/// Callbacks, and which documents they get.
#[derive(Clone, Debug, PartialEq)]
pub struct SubsSpec {
    /// The name of the documents that the callback gets.
    pub documents: DocumentName,
    /// The names of the callbacks.
    pub callbacks: Vec<Node>,
}

/// Something that is done from outside, once, while a call runs.
#[derive(Clone, Debug, PartialEq)]
pub struct OutsideSpec {
    /// The message that it waits for, counted from 1; the beginning of the call where there is none.
    pub message: Option<u64>,
    /// How long after that; at once, before the message is executed, where this is left out.
    pub after: Option<Duration>,
    /// What is done at that moment.
    pub act: OutsideAct,
    /// Where the entry stands.
    pub position: Position,
}

/// What is done from outside.
#[derive(Clone, Debug, PartialEq)]
pub enum OutsideAct {
    /// Signals get these values.
    Set(Vec<PutSpec>),
    /// Something is asked of the engine; never to resume.
    Ask(Request),
    /// The plan is suspended.
    Suspend {
        /// How long it waits.
        time: Duration,
        /// The reason that the suspension gives.
        justification: Option<String>,
    },
}

/// A signal, and the value that it gets.
#[derive(Clone, Debug, PartialEq)]
pub struct PutSpec {
    /// The name of the signal.
    pub signal: Spanned<String>,
    /// The value that the signal gets.
    pub value: Spanned<Value>,
}

/// What can be asked of the `RunEngine`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Request {
    /// The engine pauses.
    Pause,
    /// That it pauses at the next checkpoint.
    DeferredPause,
    /// That the paused plan goes on.
    Resume,
    /// That the plan is ended as an abort.
    Abort {
        /// Why; empty where the file gives no reason.
        reason: String,
    },
    /// That the plan is ended as a success.
    Stop,
    /// That the plan is ended without its clean-up.
    Halt,
}

/// What is done at a pause.
#[derive(Clone, Debug, PartialEq)]
pub enum PauseAction {
    /// Something is asked of the engine.
    Ask(Request),
    /// The engine is called a second time, which it refuses.
    Call,
    /// Signals get these values.
    Set(Vec<PutSpec>),
    /// This much time passes.
    Sleep(Duration),
}

impl Item {
    /// Where the item stands.
    #[must_use]
    pub const fn position(&self) -> Position {
        match self {
            Self::Plan { position, .. } | Self::Messages { position, .. } | Self::Request { position, .. } => *position,
        }
    }

    /// What there is about the call besides its plan; nothing if it is no call.
    #[must_use]
    pub const fn call(&self) -> Option<&CallSpec> {
        match self {
            Self::Plan { call, .. } | Self::Messages { call, .. } => Some(call),
            Self::Request { .. } => None,
        }
    }
}
