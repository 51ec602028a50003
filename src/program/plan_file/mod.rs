//! Plan files: which plans to run on which simulated hardware, written in YAML.
//!
//! A plan file is read in two steps. [`Node::parse`](crate::value::yaml::Node::parse) makes a tree of the YAML text in which every node knows its line and
//! its column; scalars mean what they mean to `PyYAML`'s `safe_load`, for Python's bluesky runs the same files.
//! [`PlanFile::parse`] then gives the tree its types: devices, items, steps, with every key known and every wrapper's
//! options checked. Names of devices and plans stay as they are written: who runs the file looks them up, and reports one
//! that does not exist with the same [`YamlError`](crate::value::yaml::YamlError), at the
//! position of the [`Node`](crate::value::yaml::Node) or [`Spanned`](crate::value::yaml::Spanned) that holds it.
//!
//! ```
//! use skyspan::program::plan_file::{Item, PlanFile};
//!
//! let file = PlanFile::parse("items:\n  - {item_type: plan, name: scan, args: [[det], motor, 0, 10, 11]}\n")?;
//! let Item::Plan { name, args, .. } = &file.items[0] else { panic!("a plan item") };
//! assert_eq!((name.value.as_str(), args.len()), ("scan", 5));
//!
//! let error = PlanFile::parse("items:\n  - {item_type: plan, nme: scan}\n").unwrap_err();
//! assert_eq!(
//!     error.in_file("plan.yaml").to_string(),
//!     "plan.yaml:2:23: expected one of the keys `item_type`, `name`, `args`, `kwargs`, `meta`, `subs`, `input`, \
//!      `at`, `on_pause` in a plan item, found `nme`; did you mean `name`?",
//! );
//! # Ok::<(), skyspan::value::yaml::YamlError>(())
//! ```

mod fault;
mod item;
mod read;
mod read_item;
mod step;
mod syntax;

pub use item::{CallSpec, Item, OutsideAct, OutsideSpec, PauseAction, PutSpec, Request, SubsSpec};
pub(in crate::program) use read_item::read_subs;
pub(in crate::program) use step::{step, steps};
pub use syntax::{
    CallbackFault, CallbackSpec, DeviceSpec, EngineOptions, FaultSpec, MutationPart, PlanFile, RaisedClass, Step,
    SuspenderSpec,
};
