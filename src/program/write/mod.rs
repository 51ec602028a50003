//! From a program to text: YAML, and Rust code.

mod nodes;
mod rust;
mod rust_furniture;
mod rust_message;
mod step_names;
mod yaml;

#[cfg(feature = "property")]
pub(crate) use nodes::{step as step_node, steps as steps_node};
#[cfg(feature = "property")]
pub(crate) use rust::rust_body;
#[cfg(feature = "property")]
pub(crate) use rust_furniture::{callback_to_rust, duration_to_rust, suspender_to_rust};
#[cfg(feature = "property")]
pub(crate) use step_names::StepNames;
pub(crate) use yaml::{device_text, fault_text, map_text, outside_text, pauses_text, step_text};
