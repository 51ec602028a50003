//! [`Command`]: what a message asks for.

use super::generic::GenericMsg;
use super::{Arg, PlanError};
use crate::device::{Args, Device};
use crate::value::{Map, Text, Value};

/// What a message asks for: a command of bluesky 1.15.1 with its arguments, or one that was registered.
///
/// An argument that is an `Option` may be left out of the message; `None` says that it was.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Command {
    /// Opens a run, with this metadata. Answered with the uid of the run.
    OpenRun {
        /// What goes into the start document.
        md: Map,
    },
    /// Closes the run. Answered with its uid.
    CloseRun {
        /// `success`, `abort` or `fail`; success where it is left out or null.
        exit_status: Option<Value>,
        /// Why; nothing where it is left out or null.
        reason: Option<Value>,
    },
    /// Begins a bundle of readings that will be one event.
    Create {
        /// The stream of the event.
        name: Text,
    },
    /// Reads a device, into the bundle if there is one. Answered with the readings.
    Read {
        /// What is read.
        obj: Device,
    },
    /// Ends the bundle with an event; without one if nothing was read.
    Save,
    /// Ends the bundle without an event.
    Drop,
    /// Sets a device. Answered with its status.
    Set {
        /// What is set.
        obj: Device,
        /// Where to.
        args: Args,
        /// The group in which it can be waited for.
        group: Option<Value>,
    },
    /// Triggers a device. Answered with its status.
    Trigger {
        /// What is triggered.
        obj: Device,
        /// The group in which it can be waited for.
        group: Option<Value>,
    },
    /// Waits for all statuses of a group. Answered with whether all are done.
    Wait(Wait),
    /// Sleeps.
    Sleep {
        /// How long, in seconds; less than nothing is nothing.
        duration_s: f64,
    },
    /// Does nothing.
    Null,
    /// Everything before this is not replayed after a pause.
    Checkpoint,
    /// Prepares a device for the run. Answered with its status or the devices that took part.
    Stage {
        /// What is staged.
        obj: Device,
        /// The group in which it can be waited for.
        group: Option<Value>,
    },
    /// Puts a device back. Answered with its status or the devices that took part.
    Unstage {
        /// What is unstaged.
        obj: Device,
        /// The group in which it can be waited for.
        group: Option<Value>,
    },
    /// A command that bluesky does not have. Unless it is registered, it is answered with
    /// [`InvalidCommand`](PlanError::InvalidCommand).
    Custom(Box<GenericMsg>),
    /// A command of bluesky with arguments that it does not take. It fails when it is executed, as it does in bluesky.
    Refused(Box<(GenericMsg, PlanError)>),
}

/// The arguments of `wait`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Wait {
    /// The group.
    pub group: Value,
    /// Whether it is an error if the time is up; it is unless one says otherwise.
    pub error_on_timeout: Option<bool>,
    /// How long to wait, in seconds; null for ever.
    pub timeout_s: Option<Option<f64>>,
    /// Other groups, whose failure ends the wait.
    pub watch: Option<Vec<Value>>,
}

impl Command {
    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Custom(generic) => &generic.command,
            Self::Refused(refused) => &refused.0.command,
            known => known.known_name(),
        }
    }

    /// Its name, shared.
    pub(crate) fn name_text(&self) -> Text {
        match self {
            Self::Custom(generic) => generic.command.clone(),
            Self::Refused(refused) => refused.0.command.clone(),
            known => Text::literal(known.known_name()),
        }
    }

    /// The name of a command of bluesky; of no other.
    const fn known_name(&self) -> &'static str {
        match self {
            Self::OpenRun { .. } => "open_run",
            Self::CloseRun { .. } => "close_run",
            Self::Create { .. } => "create",
            Self::Read { .. } => "read",
            Self::Save => "save",
            Self::Drop => "drop",
            Self::Set { .. } => "set",
            Self::Trigger { .. } => "trigger",
            Self::Wait(_) => "wait",
            Self::Sleep { .. } => "sleep",
            Self::Null => "null",
            Self::Checkpoint => "checkpoint",
            Self::Stage { .. } => "stage",
            Self::Unstage { .. } => "unstage",
            Self::Custom(_) | Self::Refused(_) => "",
        }
    }

    /// The object that it is about.
    #[must_use]
    pub fn device(&self) -> Option<&Device> {
        match self {
            Self::Read { obj }
            | Self::Set { obj, .. }
            | Self::Trigger { obj, .. }
            | Self::Stage { obj, .. }
            | Self::Unstage { obj, .. } => Some(obj),
            Self::Custom(generic) => generic.device(),
            Self::Refused(refused) => refused.0.device(),
            _ => None,
        }
    }

    /// Its arguments by position, in bluesky's form.
    pub(super) fn args(&self) -> Vec<Arg> {
        match self {
            Self::Set { args, .. } => args.positional.iter().cloned().map(Arg::Value).collect(),
            Self::Sleep { duration_s } => vec![(*duration_s).into()],
            Self::Custom(generic) => generic.args.clone(),
            Self::Refused(refused) => refused.0.args.clone(),
            _ => Vec::new(),
        }
    }

    /// Its arguments by position, where they are plain values and need not be put together.
    pub(super) fn plain_args(&self) -> Option<&[Value]> {
        match self {
            Self::Set { args, .. } => Some(&args.positional),
            Self::Sleep { .. } | Self::Custom(_) | Self::Refused(_) => None,
            _ => Some(&[]),
        }
    }

    /// Gives its arguments by keyword, in bluesky's form and order, one after another.
    pub(super) fn each_kwarg(&self, mut give: impl FnMut(Text, Arg)) {
        let mut set = |key: &'static str, value: Value| give(Text::literal(key), Arg::Value(value));
        match self {
            Self::OpenRun { md } => md.iter().for_each(|(key, value)| give(key.clone(), Arg::Value(value.clone()))),
            Self::CloseRun { exit_status, reason } => {
                exit_status.iter().for_each(|value| set("exit_status", value.clone()));
                reason.iter().for_each(|value| set("reason", value.clone()));
            }
            Self::Create { name } => set("name", name.into()),
            Self::Set { args, group, .. } => {
                group.iter().for_each(|value| set("group", value.clone()));
                args.keyword.iter().for_each(|(key, value)| give(key.clone(), Arg::Value(value.clone())));
            }
            Self::Trigger { group, .. } | Self::Stage { group, .. } | Self::Unstage { group, .. } => {
                group.iter().for_each(|value| set("group", value.clone()));
            }
            Self::Wait(wait) => {
                set("group", wait.group.clone());
                wait.error_on_timeout.iter().for_each(|value| set("error_on_timeout", (*value).into()));
                wait.timeout_s.iter().for_each(|value| set("timeout", (*value).into()));
                wait.watch.iter().for_each(|value| set("watch", value.as_slice().into()));
            }
            Self::Custom(generic) => generic.kwargs.iter().cloned().for_each(|(key, arg)| give(key, arg)),
            Self::Refused(refused) => refused.0.kwargs.iter().cloned().for_each(|(key, arg)| give(key, arg)),
            Self::Read { .. } | Self::Save | Self::Drop | Self::Sleep { .. } | Self::Null | Self::Checkpoint => {}
        }
    }
}
