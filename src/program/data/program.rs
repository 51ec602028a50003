//! [`Program`]: devices, callbacks, suspenders, and what is done with them.

use super::{Item, Step};
use crate::clock::Moments;
use crate::engine::Limits;
use crate::hardware::Fault;
use crate::value::Map;
use crate::value::yaml::{Node, Spanned};

/// What a plan file says: devices, and plans to run on them one after another. It is data: nothing in it is made yet, and no name
/// in it stands for anything yet.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Program {
    /// The resource attributes of the spans; `service.name: skyspan` unless the file has its own.
    pub resource: Map,
    /// How the `RunEngine` is made.
    pub engine: EngineOptions,
    /// The devices that are added to the default beamline, in order: a device may name one before it.
    pub devices: Vec<DeviceSpec>,
    /// What goes wrong with devices, those of the default beamline and those of the file.
    pub faults: Vec<FaultSpec>,
    /// The signals that devices set when they are staged.
    pub stage_sigs: Vec<StageSigsSpec>,
    /// Those who may get documents.
    pub callbacks: Vec<CallbackSpec>,
    /// What may suspend plans.
    pub suspenders: Vec<SuspenderSpec>,
    /// Whether the items behind one that has failed are left out.
    pub fail_fast: bool,
    /// What all of it must leave, as a check file says it; whether it does is for who runs it to see.
    pub expect: Option<Node>,
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
    /// The persistent metadata of the engine.
    pub md: Map,
    /// How much a plan may do and leave before it is ended.
    pub limits: Limits,
    /// In which order comes what is due at one moment. Where it is shuffled, the seed is that of the harness.
    pub moments: Moments,
}

/// A simulated device that a file adds to the beamline.
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

/// The signals that a device sets when it is staged, and puts back when it is unstaged.
#[derive(Clone, Debug, PartialEq)]
pub struct StageSigsSpec {
    /// The name of the device.
    pub device: Spanned<String>,
    /// Each signal, a component of the device or another device, and its value.
    pub sigs: Vec<(Spanned<String>, Node)>,
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
