//! What a program says, as it is said: a plan file's content, a generated plan, a counterexample.
//!
//! Arguments are [`Node`](crate::value::yaml::Node)s, in which devices stand by name. What was read from a file knows its place
//! there; what was made in code has none.

mod device_making;
mod item;
mod program;
mod step;
mod step_making;

pub use item::{CallSpec, Item, OutsideAct, OutsideSpec, PauseAction, PutSpec, Request, SubsSpec};
pub use program::{
    CallbackFault, CallbackSpec, DeviceSpec, EngineOptions, FaultSpec, Program, StageSigsSpec, SuspenderSpec,
};
pub use step::{Comparison, Condition, RaisedClass, Step, WrapOption};
