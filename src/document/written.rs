//! Documents for serde: each is what event-model says it is, and nothing else.

use serde::ser::{Serialize, Serializer};

use super::asset_documents::datum_to_map;
use super::{
    Descriptor, Document, Event, EventPage, ExitStatus, Resource, RunStart, RunStop, StreamDatum, StreamResource,
};
use crate::device::Datum;

/// The document itself, with the keys that event-model gives it, and its uid among them; see [`json`](crate::json). As lines of
/// a file, with their names, a [`JsonLinesWriter`](crate::callbacks::JsonLinesWriter) writes documents.
///
/// ```
/// use serde_json::json;
/// use skyspan::prelude::*;
///
/// let lab = Harness::new();
/// let run = lab.run(plans::count(&lab.device("det"), 3));
/// let stop = serde_json::to_value(run.documents().last())?;
/// assert_eq!((&stop["exit_status"], &stop["num_events"]), (&json!("success"), &json!({"primary": 3})));
/// # Ok::<(), serde_json::Error>(())
/// ```
impl Serialize for Document {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_map().serialize(serializer)
    }
}

macro_rules! written_as_maps {
    ($($document:ty),*) => {$(
        impl Serialize for $document {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                self.to_map().serialize(serializer)
            }
        }
    )*};
}

written_as_maps!(Descriptor, Event, EventPage, Resource, RunStart, RunStop, StreamDatum, StreamResource);

impl Serialize for Datum {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        datum_to_map(self).serialize(serializer)
    }
}

/// Written as its name in documents.
impl Serialize for ExitStatus {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}
