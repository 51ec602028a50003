//! Documents: what a run says about itself, after event-model 1.24.0.
//!
//! A run begins with a [`RunStart`], describes each of its streams by a [`Descriptor`] before the first [`Event`] in it,
//! and ends with a [`RunStop`]. [`RunComposer`] composes them so that they are valid together: descriptors before
//! events, sequence numbers without gaps, exactly the data keys that were described.
//!
//! ```
//! use skyspan::prelude::*;
//!
//! let lab = Harness::new();
//! let run = lab.run(plans::count(&lab.device("det"), 2));
//! let names: Vec<_> = run.documents().iter().map(Document::name).collect();
//! assert_eq!(names, ["start", "descriptor", "event", "event", "stop"]);
//! ```

mod composer;
#[expect(clippy::module_inception, reason = "the type gives the room its name")]
mod document;
mod name;
mod start_schema;

pub use composer::{ComposeError, DescribedObject, NextEvent, RunComposer};
pub use document::{Configuration, Descriptor, Document, Event, ExitStatus, RunStart, RunStop};
pub use name::DocumentName;
