//! [`DocumentName`]: which documents somebody wants.

use std::fmt;

use super::Document;

/// Which documents somebody wants: those of one name, or all (`event_model.DocumentNames`, 1.24.0).
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum DocumentName {
    /// Documents of every name.
    #[default]
    All,
    /// `start`: a run begins.
    Start,
    /// A stream is described.
    Descriptor,
    /// Readings that were taken together.
    Event,
    /// Events of one stream, column by column.
    EventPage,
    /// Where data lie outside of the documents.
    Resource,
    /// `datum`: one datum of a file.
    Datum,
    /// Where a stream of data lies outside of the documents.
    StreamResource,
    /// `stream_datum`: frames of a stream of files.
    StreamDatum,
    /// A run has ended.
    Stop,
}

impl DocumentName {
    const ALL: [Self; 10] = [
        Self::All,
        Self::Start,
        Self::Descriptor,
        Self::Event,
        Self::EventPage,
        Self::Resource,
        Self::Datum,
        Self::StreamResource,
        Self::StreamDatum,
        Self::Stop,
    ];

    /// The name in event-model; `all` where it is all.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Start => "start",
            Self::Descriptor => "descriptor",
            Self::Event => "event",
            Self::EventPage => "event_page",
            Self::Resource => "resource",
            Self::Datum => "datum",
            Self::StreamResource => "stream_resource",
            Self::StreamDatum => "stream_datum",
            Self::Stop => "stop",
        }
    }

    /// What that name stands for.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.as_str() == name)
    }

    /// Whether a document is among those.
    #[must_use]
    pub fn includes(self, document: &Document) -> bool {
        self == Self::All || self.as_str() == document.name()
    }
}

impl fmt::Display for DocumentName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
