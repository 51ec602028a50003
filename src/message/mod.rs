//! The vocabulary between a plan and the engine: what a plan asks for, and what it gets.
//!
//! A plan yields a [`Msg`]; the engine executes it and answers with a [`Response`], or throws a [`PlanError`] into the
//! plan. A message is typed: its [`Command`] is an enum with the arguments of each of bluesky's commands. What spans,
//! logs and plan files need is the generic view, `command()`, `obj()`, `args()` and `kwargs()`; it is built only when
//! someone looks.
//!
//! ```
//! use skyspan::hardware::SynAxis;
//! use skyspan::device::Device;
//! use skyspan::message::Msg;
//!
//! let motor: Device = SynAxis::new("motor").into();
//! let msg = Msg::set(&motor, 5).in_group("g");
//! assert_eq!(msg.command(), "set");
//! assert_eq!(msg.args_value().to_string(), "[5]");
//! assert_eq!(msg.kwargs_json(), r#"{"group": "g"}"#);
//! assert_eq!(msg.to_string(), "set(motor, 5, group='g')");
//! ```

mod arg;
mod command;
mod error;
mod generic;
mod msg;
mod object;
mod response;
mod seen;
mod written;

pub use arg::Arg;
pub use command::{
    CloseRun, Collect, Command, Configure, DeclareStream, DeviceCall, Locate, Monitor, StartSuspender, Subscribe, Wait,
    WaitFor,
};
pub use error::{DeadlockReport, PlanError};
pub use generic::{BLUESKY_COMMANDS, GenericMsg};
pub use msg::Msg;
pub use object::{Awaitable, Object};
pub use response::{Configured, Payload, Response};
pub(crate) use seen::Mark;
