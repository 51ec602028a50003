//! [`Command`]: what a message asks for.

use std::sync::Arc;

use super::generic::GenericMsg;
use super::{Arg, Awaitable, Object, PlanError};
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
    CloseRun(Box<CloseRun>),
    /// Begins a bundle of readings that will be one event.
    Create {
        /// The stream of the event.
        name: Text,
    },
    /// Reads a device, into the bundle if there is one. Answered with the readings.
    Read {
        /// The device that is read.
        obj: Device,
    },
    /// Ends the bundle with an event; without one if nothing was read.
    Save,
    /// Ends the bundle without an event.
    Drop,
    /// Sets a device. Answered with its status.
    Set(Arc<DeviceCall>),
    /// Triggers a device. Answered with its status.
    Trigger {
        /// The device that is triggered.
        obj: Device,
        /// The group in which it can be waited for.
        group: Option<Value>,
    },
    /// Waits for all statuses of a group. Answered with whether all are done.
    Wait(Wait),
    /// `sleep`: waits for a number of seconds.
    Sleep {
        /// How long, in seconds; less than nothing is nothing.
        duration_s: f64,
    },
    /// `null`: does nothing.
    Null,
    /// Everything before this is not replayed after a pause.
    Checkpoint,
    /// Prepares a device for the run. Answered with its status or the devices that took part.
    Stage {
        /// The device that is staged.
        obj: Device,
        /// The group in which it can be waited for.
        group: Option<Value>,
    },
    /// Puts a device back. Answered with its status or the devices that took part.
    Unstage {
        /// The device that is unstaged.
        obj: Device,
        /// The group in which it can be waited for.
        group: Option<Value>,
    },
    /// Describes a stream before its first event. Answered with its descriptor.
    DeclareStream(Box<DeclareStream>),
    /// Emits an event for every change of a device, until it is unmonitored or the run ends.
    Monitor(Box<Monitor>),
    /// `unmonitor`: ends the monitoring of a device.
    Unmonitor {
        /// The device that is monitored.
        obj: Device,
    },
    /// Prepares a device for what is to come. Answered with its status.
    Prepare(Arc<DeviceCall>),
    /// Starts a flyer. Answered with its status.
    Kickoff(Arc<DeviceCall>),
    /// Tells a flyer to come to its end. Answered with its status.
    Complete(Arc<DeviceCall>),
    /// Emits the data that flyers have gathered. Answered with them.
    Collect(Box<Collect>),
    /// Waits for anything that can be awaited, and can be awaited again.
    WaitFor(Box<WaitFor>),
    /// Changes whether messages are replayed after a pause, or asks. Answered with whether they are.
    Rewindable {
        /// Whether they shall be; nothing to ask.
        rewindable: Option<bool>,
    },
    /// `pause`: pauses the engine, at once or at the next checkpoint.
    Pause {
        /// Whether at the next checkpoint; at once unless one says so.
        defer: Option<bool>,
    },
    /// From here on there is no way back: a pause ends the plan.
    ClearCheckpoint,
    /// `stop`: stops a device.
    Stop {
        /// The device that is stopped.
        obj: Device,
    },
    /// Configures a device. Answered with the configuration before and after.
    Configure(Box<Configure>),
    /// Asks devices where they are. Answered with one location or a list of them.
    Locate(Box<Locate>),
    /// Subscribes to the documents, until the end of the call. Answered with the token of the subscription.
    Subscribe(Box<Subscribe>),
    /// Ends such a subscription.
    Unsubscribe {
        /// The token that `subscribe` gave.
        token: Value,
    },
    /// `install_suspender`: installs a suspender.
    InstallSuspender {
        /// The suspender that is installed.
        suspender: Object,
    },
    /// `remove_suspender`: removes a suspender.
    RemoveSuspender {
        /// The suspender that is removed.
        suspender: Object,
    },
    /// The engine's own: begins a suspension.
    StartSuspender(Box<StartSuspender>),
    /// The engine's own: ends one.
    ResumeFromSuspender,
    /// Asks the user. Answered with the line that was typed.
    Input {
        /// What the user sees; nothing where it is left out.
        prompt: Option<Text>,
    },
    /// Asks which engine this is. Answered with the name of its type.
    ReClass,
    /// A command that bluesky does not have. Unless it is registered, it is answered with
    /// [`InvalidCommand`](PlanError::InvalidCommand).
    Custom(Box<GenericMsg>),
    /// A command of bluesky with arguments that it does not take. It fails when it is executed, as it does in bluesky.
    Refused(Box<(GenericMsg, PlanError)>),
}

/// The arguments of `close_run`.
#[derive(Clone, Debug, Default)]
pub struct CloseRun {
    /// `success`, `abort` or `fail`; success where it is left out or null.
    pub exit_status: Option<Value>,
    /// Why; nothing where it is left out or null.
    pub reason: Option<Value>,
}

/// The arguments of `wait`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Wait {
    /// The name of the group that is waited for.
    pub group: Value,
    /// Whether it is an error if the time is up; it is unless one says otherwise.
    pub error_on_timeout: Option<bool>,
    /// How long to wait, in seconds; null for ever.
    pub timeout_s: Option<Option<f64>>,
    /// Other groups, whose failure ends the wait.
    pub watch: Option<Box<[Value]>>,
}

/// The call of a method of a device that gives a status.
#[derive(Clone, Debug)]
pub struct DeviceCall {
    /// The device that is called.
    pub obj: Device,
    /// The arguments of the method.
    pub args: Args,
    /// The group in which the status can be waited for.
    pub group: Option<Value>,
}

/// The arguments of `declare_stream`.
#[derive(Clone, Debug)]
pub struct DeclareStream {
    /// What will be read, or collected.
    pub objs: Vec<Device>,
    /// The name of the stream, which may not be left out.
    pub name: Option<Value>,
    /// Whether it is collected from flyers; it is not where this is left out.
    pub collect: Option<bool>,
}

/// The arguments of `monitor`.
#[derive(Clone, Debug)]
pub struct Monitor {
    /// The device that is monitored.
    pub obj: Device,
    /// The name of the stream; one that is made up where it is left out.
    pub name: Option<Value>,
    /// What the subscription is made with.
    pub options: Map,
}

/// The arguments of `collect`.
#[derive(Clone, Debug)]
pub struct Collect {
    /// What the data are collected from, at least one.
    pub objs: Vec<Device>,
    /// Not supported any more; false where it is left out.
    pub stream: Option<bool>,
    /// Whether the data are the answer; they are where this is left out.
    pub return_payload: Option<bool>,
    /// The stream, where it was declared.
    pub name: Option<Value>,
}

/// The arguments of `wait_for`.
#[derive(Clone, Debug)]
pub struct WaitFor {
    /// What is waited for.
    pub awaitables: Vec<Awaitable>,
    /// How long to wait, in seconds; null for ever.
    pub timeout_s: Option<Option<f64>>,
}

/// The arguments of `configure`.
#[derive(Clone, Debug)]
pub struct Configure {
    /// The device that is configured.
    pub obj: Device,
    /// The arguments of the device's `configure`.
    pub args: Args,
}

/// The arguments of `locate`.
#[derive(Clone, Debug)]
pub struct Locate {
    /// What is located, at least one.
    pub objs: Vec<Device>,
    /// Whether one location alone is the answer, and not a list of one; it is where this is left out.
    pub squeeze: Option<bool>,
}

/// The arguments of `subscribe`.
#[derive(Clone, Debug)]
pub struct Subscribe {
    /// Who gets the documents: a `Subscriber` of [`document`](crate::document).
    pub callback: Object,
    /// Which documents: a name of event-model or `all`, which it is where this is left out.
    pub name: Option<Value>,
}

/// The arguments of `_start_suspender`.
#[derive(Clone, Debug)]
pub struct StartSuspender {
    /// The plan before the suspension.
    pub pre_plan: Option<Object>,
    /// The plan after it.
    pub post_plan: Option<Object>,
    /// The reason that the suspender gives.
    pub justification: Option<Text>,
    /// The awaitable that ends the suspension.
    pub release: Awaitable,
}

impl Command {
    /// The name of the command, as bluesky has it.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Custom(generic) => &generic.command,
            Self::Refused(refused) => &refused.0.command,
            known => known.known_name(),
        }
    }

    /// The name of the command, without a copy.
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
            Self::CloseRun(_) => "close_run",
            Self::Create { .. } => "create",
            Self::Read { .. } => "read",
            Self::Save => "save",
            Self::Drop => "drop",
            Self::Set(_) => "set",
            Self::Trigger { .. } => "trigger",
            Self::Wait(_) => "wait",
            Self::Sleep { .. } => "sleep",
            Self::Null => "null",
            Self::Checkpoint => "checkpoint",
            Self::Stage { .. } => "stage",
            Self::Unstage { .. } => "unstage",
            Self::DeclareStream(_) => "declare_stream",
            Self::Monitor(_) => "monitor",
            Self::Unmonitor { .. } => "unmonitor",
            Self::Prepare(_) => "prepare",
            Self::Kickoff(_) => "kickoff",
            Self::Complete(_) => "complete",
            Self::Collect(_) => "collect",
            Self::WaitFor(_) => "wait_for",
            Self::Rewindable { .. } => "rewindable",
            Self::Pause { .. } => "pause",
            Self::ClearCheckpoint => "clear_checkpoint",
            Self::Stop { .. } => "stop",
            Self::Configure(_) => "configure",
            Self::Locate(_) => "locate",
            Self::Subscribe(_) => "subscribe",
            Self::Unsubscribe { .. } => "unsubscribe",
            Self::InstallSuspender { .. } => "install_suspender",
            Self::RemoveSuspender { .. } => "remove_suspender",
            Self::StartSuspender(_) => "_start_suspender",
            Self::ResumeFromSuspender => "_resume_from_suspender",
            Self::Input { .. } => "input",
            Self::ReClass => "RE_class",
            Self::Custom(_) | Self::Refused(_) => "",
        }
    }

    /// Whether a message is kept for a replay: not if it cannot be executed twice (`RunEngine._UNCACHEABLE_COMMANDS`,
    /// bluesky 1.15.1).
    pub(super) fn is_cacheable(&self) -> bool {
        match self {
            Self::OpenRun { .. }
            | Self::CloseRun(_)
            | Self::Stage { .. }
            | Self::Unstage { .. }
            | Self::Monitor(_)
            | Self::Unmonitor { .. }
            | Self::Pause { .. }
            | Self::Subscribe(_)
            | Self::Unsubscribe { .. }
            | Self::InstallSuspender { .. }
            | Self::RemoveSuspender { .. }
            | Self::StartSuspender(_) => false,
            Self::Refused(refused) => !matches!(
                &*refused.0.command,
                "open_run"
                    | "close_run"
                    | "stage"
                    | "unstage"
                    | "monitor"
                    | "unmonitor"
                    | "pause"
                    | "subscribe"
                    | "unsubscribe"
                    | "install_suspender"
                    | "remove_suspender"
                    | "_start_suspender"
            ),
            _ => true,
        }
    }

    /// The object that it is about.
    #[must_use]
    pub fn device(&self) -> Option<&Device> {
        match self {
            Self::Read { obj }
            | Self::Trigger { obj, .. }
            | Self::Stage { obj, .. }
            | Self::Unstage { obj, .. }
            | Self::Unmonitor { obj }
            | Self::Stop { obj } => Some(obj),
            Self::Set(call) | Self::Prepare(call) | Self::Kickoff(call) | Self::Complete(call) => Some(&call.obj),
            Self::Monitor(monitor) => Some(&monitor.obj),
            Self::Configure(configure) => Some(&configure.obj),
            Self::Collect(collect) => collect.objs.first(),
            Self::Locate(locate) => locate.objs.first(),
            Self::Custom(generic) => generic.device(),
            Self::Refused(refused) => refused.0.device(),
            _ => None,
        }
    }

    /// Its arguments by position, in bluesky's form.
    pub(super) fn args(&self) -> Vec<Arg> {
        match self {
            Self::Set(call) | Self::Prepare(call) | Self::Kickoff(call) | Self::Complete(call) => {
                values(&call.args.positional)
            }
            Self::Configure(configure) => values(&configure.args.positional),
            Self::DeclareStream(declared) => devices(&declared.objs),
            Self::Collect(collect) => devices(collect.objs.get(1..).unwrap_or_default()),
            Self::Locate(locate) => devices(locate.objs.get(1..).unwrap_or_default()),
            Self::WaitFor(wait) => {
                vec![Arg::List(wait.awaitables.iter().map(|awaitable| Arg::Object(awaitable.to_object())).collect())]
            }
            Self::Rewindable { rewindable } => vec![(*rewindable).into()],
            Self::Subscribe(subscribe) => {
                let name = subscribe.name.iter().cloned().map(Arg::Value);
                std::iter::once(Arg::Object(subscribe.callback.clone())).chain(name).collect()
            }
            Self::Unsubscribe { token } => vec![Arg::Value(token.clone())],
            Self::InstallSuspender { suspender } | Self::RemoveSuspender { suspender } => {
                vec![Arg::Object(suspender.clone())]
            }
            Self::StartSuspender(start) => {
                let plan = |plan: &Option<Object>| plan.clone().map_or(Arg::Value(Value::Null), Arg::Object);
                let justification = start.justification.as_ref().into();
                let release = Arg::Object(start.release.to_object());
                vec![plan(&start.pre_plan), plan(&start.post_plan), Arg::Value(justification), release]
            }
            Self::Sleep { duration_s } => vec![(*duration_s).into()],
            Self::Custom(generic) => generic.args.clone(),
            Self::Refused(refused) => refused.0.args.clone(),
            _ => Vec::new(),
        }
    }

    /// Its arguments by position, where they are plain values and need not be put together.
    pub(super) fn plain_args(&self) -> Option<&[Value]> {
        match self {
            Self::Set(call) | Self::Prepare(call) | Self::Kickoff(call) | Self::Complete(call) => {
                Some(&call.args.positional)
            }
            Self::OpenRun { .. } | Self::CloseRun(_) | Self::Create { .. } | Self::Save | Self::Drop => Some(&[]),
            Self::Read { .. } | Self::Trigger { .. } | Self::Wait(_) | Self::Null | Self::Checkpoint => Some(&[]),
            Self::Stage { .. } | Self::Unstage { .. } => Some(&[]),
            _ => None,
        }
    }

    /// Gives its arguments by keyword, in bluesky's form and order, one after another.
    pub(super) fn each_kwarg(&self, mut give: impl FnMut(Text, Arg)) {
        let mut set = |key: &'static str, value: Value| give(Text::literal(key), Arg::Value(value));
        match self {
            Self::OpenRun { md } => md.iter().for_each(|(key, value)| give(key.clone(), Arg::Value(value.clone()))),
            Self::CloseRun(close) => {
                let CloseRun { exit_status, reason } = &**close;
                exit_status.iter().for_each(|value| set("exit_status", value.clone()));
                reason.iter().for_each(|value| set("reason", value.clone()));
            }
            Self::Create { name } => set("name", name.into()),
            Self::Trigger { group, .. } | Self::Stage { group, .. } | Self::Unstage { group, .. } => {
                group.iter().for_each(|value| set("group", value.clone()));
            }
            Self::Wait(wait) => {
                set("group", wait.group.clone());
                wait.error_on_timeout.iter().for_each(|value| set("error_on_timeout", (*value).into()));
                wait.timeout_s.iter().for_each(|value| set("timeout", (*value).into()));
                wait.watch.iter().for_each(|value| set("watch", (&**value).into()));
            }
            Self::Set(call) | Self::Prepare(call) | Self::Kickoff(call) | Self::Complete(call) => {
                call.group.iter().for_each(|value| set("group", value.clone()));
                call.args.keyword.iter().for_each(|(key, value)| give(key.clone(), Arg::Value(value.clone())));
            }
            Self::Configure(configure) => {
                let keyword = configure.args.keyword.iter();
                keyword.for_each(|(key, value)| give(key.clone(), Arg::Value(value.clone())));
            }
            Self::DeclareStream(declared) => {
                declared.name.iter().for_each(|value| set("name", value.clone()));
                declared.collect.iter().for_each(|value| set("collect", (*value).into()));
            }
            Self::Monitor(monitor) => {
                monitor.name.iter().for_each(|value| set("name", value.clone()));
                monitor.options.iter().for_each(|(key, value)| give(key.clone(), Arg::Value(value.clone())));
            }
            Self::Collect(collect) => {
                collect.stream.iter().for_each(|value| set("stream", (*value).into()));
                collect.return_payload.iter().for_each(|value| set("return_payload", (*value).into()));
                collect.name.iter().for_each(|value| set("name", value.clone()));
            }
            Self::WaitFor(wait) => wait.timeout_s.iter().for_each(|value| set("timeout", (*value).into())),
            Self::Pause { defer } => defer.iter().for_each(|value| set("defer", (*value).into())),
            Self::Locate(locate) => locate.squeeze.iter().for_each(|value| set("squeeze", (*value).into())),
            Self::Input { prompt } => prompt.iter().for_each(|value| set("prompt", value.into())),
            Self::Custom(generic) => generic.kwargs.iter().cloned().for_each(|(key, arg)| give(key, arg)),
            Self::Refused(refused) => refused.0.kwargs.iter().cloned().for_each(|(key, arg)| give(key, arg)),
            Self::Read { .. } | Self::Save | Self::Drop | Self::Sleep { .. } | Self::Null | Self::Checkpoint => {}
            Self::Unmonitor { .. } | Self::Rewindable { .. } | Self::ClearCheckpoint | Self::Stop { .. } => {}
            Self::Subscribe(_) | Self::Unsubscribe { .. } | Self::ReClass => {}
            Self::InstallSuspender { .. } | Self::RemoveSuspender { .. } => {}
            Self::StartSuspender(_) | Self::ResumeFromSuspender => {}
        }
    }
}

fn values(values: &[Value]) -> Vec<Arg> {
    values.iter().cloned().map(Arg::Value).collect()
}

fn devices(devices: &[Device]) -> Vec<Arg> {
    devices.iter().map(Arg::from).collect()
}
