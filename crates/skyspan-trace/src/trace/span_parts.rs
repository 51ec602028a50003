//! The parts of a span: [`Status`], [`Event`], [`Link`].

use std::fmt;

use opentelemetry::trace::{SpanId, TraceId};
use serde::{Deserialize, Serialize};

use super::{Attributes, id_json};
use crate::value::{IntoEntries, Text, Timestamp};

/// How the operation that a span stands for went (OpenTelemetry specification, "Set Status").
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "UPPERCASE")]
pub enum Status {
    /// The program has set no status.
    #[default]
    Unset,
    /// Somebody vouched for it.
    Ok,
    /// The operation has failed.
    Error {
        /// Why; may be empty.
        #[serde(default)]
        description: Text,
    },
}

impl Status {
    /// A failure and its reason.
    pub fn error(description: impl Into<Text>) -> Self {
        Self::Error { description: description.into() }
    }

    /// The reason of a failure, if it is one.
    #[must_use]
    pub fn description(&self) -> Option<&str> {
        match self {
            Self::Error { description } => Some(description),
            Self::Unset | Self::Ok => None,
        }
    }

    /// The name of the code as the specification and the console JSON have it: `UNSET`, `OK`, `ERROR`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unset => "UNSET",
            Self::Ok => "OK",
            Self::Error { .. } => "ERROR",
        }
    }
}

/// The code, and the description of an error if there is one: `ERROR: beam lost`.
impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.description() {
            Some(description) if !description.is_empty() => write!(f, "{}: {description}", self.code()),
            _ => f.pad(self.code()),
        }
    }
}

/// Something that happened during a span (OpenTelemetry specification, "Add Events").
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// The name of the event.
    pub name: Text,
    /// When the event happened.
    pub timestamp: Timestamp,
    /// The attributes of the event.
    #[serde(default)]
    pub attributes: Attributes,
}

impl Event {
    /// An event without attributes.
    pub fn new(name: impl Into<Text>, timestamp: Timestamp) -> Self {
        Self { name: name.into(), timestamp, attributes: Attributes::new() }
    }

    /// The same event with these attributes instead: `json!({...})`, [`Attributes`], or a list of pairs.
    ///
    /// # Panics
    ///
    /// If they are JSON, but no object.
    #[must_use]
    #[track_caller]
    pub fn with_attributes(self, attributes: impl IntoEntries) -> Self {
        Self { attributes: Attributes::from_entries(attributes.into_entries()), ..self }
    }
}

/// A span's pointer to another span that is not its parent (OpenTelemetry specification, "Link").
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Link {
    /// The trace of the span pointed to.
    #[serde(with = "id_json")]
    pub trace_id: TraceId,
    /// The id of the linked span.
    #[serde(with = "id_json")]
    pub span_id: SpanId,
    /// Its trace state, as [`Span::trace_state`](super::Span::trace_state).
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub trace_state: Text,
    /// What the link means.
    #[serde(default)]
    pub attributes: Attributes,
    /// Its flags, as [`Span::flags`](super::Span::flags).
    #[serde(default, skip_serializing_if = "is_zero")]
    pub flags: u32,
}

impl Link {
    /// A link without trace state or attributes.
    pub fn new(trace_id: impl Into<TraceId>, span_id: impl Into<SpanId>) -> Self {
        Self {
            trace_id: trace_id.into(),
            span_id: span_id.into(),
            trace_state: Text::default(),
            attributes: Attributes::new(),
            flags: 0,
        }
    }

    /// The same link with these attributes instead: `json!({...})`, [`Attributes`], or a list of pairs.
    ///
    /// # Panics
    ///
    /// If they are JSON, but no object.
    #[must_use]
    #[track_caller]
    pub fn with_attributes(self, attributes: impl IntoEntries) -> Self {
        Self { attributes: Attributes::from_entries(attributes.into_entries()), ..self }
    }

    /// The same link with these flags instead.
    #[must_use]
    pub fn with_flags(self, flags: u32) -> Self {
        Self { flags, ..self }
    }

    /// The same link with this trace state instead.
    #[must_use]
    pub fn with_trace_state(self, trace_state: impl Into<Text>) -> Self {
        Self { trace_state: trace_state.into(), ..self }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands it over so")]
const fn is_zero(flags: &u32) -> bool {
    *flags == 0
}
