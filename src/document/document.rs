//! [`Document`]: any of the documents.

use std::sync::Arc;

use super::asset_documents::datum_to_map;
use super::{Descriptor, Event, EventPage, Resource, RunStart, RunStop, StreamDatum, StreamResource};
use crate::device::Datum;
use crate::value::{Map, Text, Value};

/// A document. Cloning gives another handle to the same one.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Document {
    /// A run begins: the start document.
    Start(Arc<RunStart>),
    /// A stream is described.
    Descriptor(Arc<Descriptor>),
    /// Readings that were taken together.
    Event(Arc<Event>),
    /// Readings that were taken together, again and again.
    EventPage(Arc<EventPage>),
    /// A device has begun to write somewhere.
    Resource(Arc<Resource>),
    /// A device has written one value.
    Datum(Arc<Datum>),
    /// A device has begun to write all values of a data key somewhere.
    StreamResource(Arc<StreamResource>),
    /// A device has written some of them.
    StreamDatum(Arc<StreamDatum>),
    /// A run has ended.
    Stop(Arc<RunStop>),
}

impl Document {
    /// Its name in event-model: `start`, `descriptor`, `event`, ...
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Start(_) => "start",
            Self::Descriptor(_) => "descriptor",
            Self::Event(_) => "event",
            Self::EventPage(_) => "event_page",
            Self::Resource(_) => "resource",
            Self::Datum(_) => "datum",
            Self::StreamResource(_) => "stream_resource",
            Self::StreamDatum(_) => "stream_datum",
            Self::Stop(_) => "stop",
        }
    }

    /// Its uid, for a datum its `datum_id`; a page of events has none of its own.
    #[must_use]
    pub fn uid(&self) -> Option<&Text> {
        match self {
            Self::Start(start) => Some(&start.uid),
            Self::Descriptor(descriptor) => Some(&descriptor.uid),
            Self::Event(event) => Some(&event.uid),
            Self::EventPage(_) => None,
            Self::Resource(resource) => Some(&resource.resource.uid),
            Self::Datum(datum) => Some(&datum.datum_id),
            Self::StreamResource(resource) => Some(&resource.resource.uid),
            Self::StreamDatum(datum) => Some(&datum.datum.uid),
            Self::Stop(stop) => Some(&stop.uid),
        }
    }

    /// Its fields, as they stand in JSON.
    #[must_use]
    pub fn to_map(&self) -> Map {
        match self {
            Self::Start(start) => start.to_map(),
            Self::Descriptor(descriptor) => descriptor.to_map(),
            Self::Event(event) => event.to_map(),
            Self::EventPage(page) => page.to_map(),
            Self::Resource(resource) => resource.to_map(),
            Self::Datum(datum) => datum_to_map(datum),
            Self::StreamResource(resource) => resource.to_map(),
            Self::StreamDatum(datum) => datum.to_map(),
            Self::Stop(stop) => stop.to_map(),
        }
    }

    /// The pair of its name and its fields, as a line of `documents.jsonl` holds it.
    #[must_use]
    pub fn to_recorded(&self) -> Value {
        [Value::literal(self.name()), self.to_map().into()].into()
    }
}
