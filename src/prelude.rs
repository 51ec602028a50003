//! What a test needs, in one line: `use skyspan::prelude::*;`.
//!
//! For a device of one's own the traits come besides: `use skyspan::device::*;`.

pub use std::time::Duration;

pub use crate::assert_tree;
pub use crate::callbacks::{BestEffortCallback, DocumentRouter, LiveTable, PeakStats};
pub use crate::clock::Timestamp;
pub use crate::device::{Device, DeviceError};
pub use crate::document::{Document, DocumentName};
pub use crate::engine::ExitStatus::{self, Abort, Fail, Success};
pub use crate::engine::{CallOptions, RunEngineState, SpanConvention};
pub use crate::expect::{
    all, any, at_least, at_most, at_once, every, exactly, forest, glob, if_any, ms, none, ns, one, percentile, secs,
    share, some, span, total, us,
};
pub use crate::hardware::{Fault, Method, Noise, Signal, SimDetector, SimMotor, SynAxis, SynGauss, SynSignal};
pub use crate::harness::{Decision, Harness, Outcome};
pub use crate::message::{GenericMsg, Msg, PlanError};
pub use crate::plan::{Plan, Stubs, plan, plans, preprocessors};
pub use crate::plan_error;
#[cfg(feature = "property")]
pub use crate::property::{Law, OrFail, faults, for_all, interruptions, laws, messages, plans, settings};
pub use crate::simulate::{RunEngineSimulator, msg};
pub use crate::trace::{Capture, Trace};
pub use crate::value::{Map, Text, Value};
