//! From a program to text: YAML, and Rust code.

mod nodes;
mod rust;
mod rust_furniture;
mod rust_message;
mod yaml;

#[cfg(feature = "property")]
pub(crate) use nodes::{step as step_node, steps as steps_node};
#[cfg(feature = "property")]
pub(crate) use rust::{devices_of, rust_body};
#[cfg(feature = "property")]
pub(crate) use rust_furniture::duration_to_rust;
pub(crate) use yaml::{device_text, fault_text, map_text, outside_text, step_text};
