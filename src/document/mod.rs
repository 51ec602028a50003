//! Documents: what a run says about itself, after event-model 1.24.0.
//!
//! A run begins with a [`RunStart`], describes each of its streams by a [`Descriptor`] before the first [`Event`] in it,
//! and ends with a [`RunStop`]. What devices write somewhere else is told by [`Resource`] and [`Datum`], or by
//! [`StreamResource`] and [`StreamDatum`]; what flyers have gathered comes as an [`EventPage`]. [`RunComposer`] composes
//! them so that they are valid together: descriptors before events, sequence numbers without gaps, exactly the data keys
//! that were described.
//!
//! ```
//! use skyspan::prelude::*;
//!
//! let lab = Harness::new();
//! let run = lab.run(plans::count(&lab.device("det"), 2));
//! let names: Vec<_> = run.documents().iter().map(Document::name).collect();
//! assert_eq!(names, ["start", "descriptor", "event", "event", "stop"]);
//! ```

mod asset_composer;
mod asset_documents;
mod compose_error;
mod composer;
mod descriptor;
mod descriptor_schema;
#[expect(clippy::module_inception, reason = "the type gives the room its name")]
mod document;
mod event;
mod name;
mod page;
mod read;
mod run_documents;
mod start_schema;
mod written;

pub use asset_composer::AssetComposer;
pub use asset_documents::{Resource, StreamDatum, StreamResource};
pub use compose_error::ComposeError;
pub use composer::{DescribedObject, NextEvent, RunComposer};
pub use descriptor::{Configuration, Descriptor};
pub use document::Document;
pub use event::{Event, EventPage};
pub use name::DocumentName;
pub use run_documents::{ExitStatus, RunStart, RunStop};

pub use crate::device::Datum;
