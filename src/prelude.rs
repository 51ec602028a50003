//! What a test needs, in one line: `use skyspan::prelude::*;`.
//!
//! It goes together with the globs of `opentelemetry`, `proptest::prelude`, `tokio` and `anyhow`: no name of one is a name of
//! another. [`expect::prelude`](crate::expect::prelude) has all words for expectations; for a device of one's own the traits come
//! besides: `use skyspan::device::*;`.

pub use skyspan_trace::prelude::*;

pub use crate::callbacks::{BestEffortCallback, DocumentRouter, LiveTable, PeakStats};
pub use crate::clock::Timestamp;
pub use crate::device::{Device, DeviceError};
pub use crate::document::{Document, DocumentName};
pub use crate::engine::ExitStatus::{self, Abort, Fail, Success};
pub use crate::engine::{CallOptions, RunEngineState, SpanConvention};
pub use crate::hardware::{Fault, Method, Noise, Signal, SimDetector, SimMotor, SynAxis, SynGauss, SynSignal};
pub use crate::harness::{Decision, Harness, Outcome};
pub use crate::message::{GenericMsg, Msg, PlanError};
pub use crate::plan::{Plan, Stubs, plan, plans, preprocessors};
pub use crate::plan_error;
#[cfg(feature = "property")]
pub use crate::property::{
    Law, OrFail, faults, for_all, interruptions, laws, messages, plans, settings, shuffled_moments,
};
pub use crate::simulate::{RunEngineSimulator, msg};
