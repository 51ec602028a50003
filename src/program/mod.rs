//! Plans as data: what a plan file says, and what a search generates, in one language.
//!
//! A [`Program`] has devices, faults, callbacks, suspenders, and items: calls of the engine with what is done to them from
//! outside. It is data, made in code or read from YAML, in which case everything in it knows its place:
//!
#![cfg_attr(feature = "plan-files", doc = "```")]
#![cfg_attr(not(feature = "plan-files"), doc = "```ignore")]
//! use skyspan::program::{Item, Program};
//!
//! let file = Program::parse("items:\n  - {item_type: plan, name: scan, args: [[det], motor, 0, 10, 11]}\n")?;
//! let Item::Plan { name, args, .. } = &file.items[0] else { panic!("a plan item") };
//! assert_eq!((name.value.as_str(), args.len()), ("scan", 5));
//!
//! let error = Program::parse("items:\n  - {item_type: plan, nme: scan}\n").unwrap_err();
//! assert_eq!(
//!     error.in_file("plan.yaml").to_string(),
//!     "plan.yaml:2:23: expected one of the keys `item_type`, `name`, `args`, `kwargs`, `meta`, `subs`, `input`, \
//!      `at`, `on_pause`, `expect` in a plan item, found `nme`; did you mean `name`?",
//! );
//! # Ok::<(), skyspan::value::yaml::YamlError>(())
//! ```
//!
//! It goes one way. Text is [read](Program::parse) into a program; [`Harness::prepare`](crate::harness::Harness::prepare) resolves
//! every name in it against a beamline and checks every argument before anything runs, so that all that is wrong is said with its
//! place; what is [`Prepared`] is run by the harness. A program is [written](Program::to_yaml) as YAML, and its steps as Rust code.
//!
//! What programs know is in tables, one for each kind of word: the [plans and plan stubs](NamedPlan), the
//! [preprocessors](Wrapper), the classes of [devices](DeviceClass) and [suspenders](SuspenderClass). Whoever needs to know what
//! there is reads them: the reader of files, the [lists and the schema](Vocabulary), the search.

mod answers;
mod awaitables;
mod call;
mod callback;
mod data;
mod devices;
mod fault_kinds;
mod op;
mod options;
mod parameter;
mod plans;
mod read;
mod resolve;
mod rust_words;
mod scope;
mod subscribers;
mod vocabulary;
mod wrappers;
mod write;

pub use callback::ProgramCallback;
pub use data::{
    CallSpec, CallbackFault, CallbackSpec, Comparison, Condition, DeviceSpec, EngineOptions, FaultSpec, Item,
    OutsideAct, OutsideSpec, PauseAction, Program, PutSpec, RaisedClass, Request, StageSigsSpec, Step, SubsSpec,
    SuspenderSpec, WrapOption,
};
pub use devices::{DeviceClass, OptionChange, SuspenderClass};
pub use fault_kinds::KindOfFault;
pub use parameter::{By, Parameter, Takes};
#[cfg(feature = "property")]
pub(crate) use plans::Drawn;
pub use plans::NamedPlan;
pub(crate) use resolve::furnish_names;
pub(crate) use resolve::plan_of;
#[cfg(feature = "property")]
pub(crate) use resolve::quiet_plan_of;
pub(crate) use resolve::{Act, Call, Outside, Work};
pub use resolve::{PauseAnswer, Prepared, PreparedItem, Put};
#[cfg(feature = "property")]
pub(crate) use rust_words::variable;
pub(crate) use scope::ProgramNames;
pub use vocabulary::Vocabulary;
#[cfg(feature = "property")]
pub(crate) use wrappers::DrawnWrapper;
pub use wrappers::Wrapper;
#[cfg(feature = "property")]
pub(crate) use write::{
    StepNames, callback_to_rust, duration_to_rust, rust_body, step_node, steps_node, suspender_to_rust,
};
pub(crate) use write::{device_text, fault_text, map_text, outside_text, pauses_text, step_text};
