//! From the tree of a text to a [`Program`](super::Program), in which everything knows its place.
//!
//! Every key is known, and every option of a preprocessor is of the right kind. Names of devices, plans and classes stay as they
//! are written: what they stand for is seen when the program is [prepared](crate::harness::Harness::prepare) for a beamline, with
//! the same [`YamlError`](crate::value::yaml::YamlError)s.

mod read_fault;
mod read_item;
mod read_program;
mod read_step;

pub(in crate::program) use read_item::KEPT_KEYS;
pub(in crate::program) use read_step::{KINDS, step, steps};
