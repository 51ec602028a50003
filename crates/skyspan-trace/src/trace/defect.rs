//! [`Defect`]: what is wrong with a trace.

use std::fmt;

use opentelemetry::trace::{SpanId, TraceId};
use serde::{Deserialize, Serialize};

use super::{Span, SpanRef, Trace, exact_duration, id_json};
use crate::value::{Text, whole_json};

/// How a message names a span: by name and ids.
#[derive(Clone, Debug, Eq, Hash, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SpanLabel {
    /// What the span is called.
    pub name: Text,
    /// The trace it belongs to.
    #[serde(with = "id_json")]
    pub trace_id: TraceId,
    /// The id of the span.
    #[serde(with = "id_json")]
    pub span_id: SpanId,
}

impl From<&Span> for SpanLabel {
    fn from(span: &Span) -> Self {
        Self { name: span.name_text().clone(), trace_id: span.trace_id(), span_id: span.span_id() }
    }
}

/// The name and the span id: `"demo plan" (0x6d4272c02f6990f5)`.
impl fmt::Display for SpanLabel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} (0x{})", self.name, self.span_id)
    }
}

/// Something that should not be in a trace, and is.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Defect {
    /// A span names a parent that is not there, and does not say that it [belongs to another process](Span::is_remote_child). OTLP
    /// keeps that, other formats do not: in what was read from those it may be normal.
    Orphan {
        /// The span whose parent is missing.
        span: SpanLabel,
        /// The id of the parent.
        #[serde(with = "id_json")]
        parent_id: SpanId,
    },
    /// A span has an id that another span of its trace had before.
    DuplicateId {
        /// The later of the two.
        span: SpanLabel,
        /// The earlier one, to which the children of both go.
        first: SpanLabel,
    },
    /// Spans are one another's ancestors.
    Cycle {
        /// From the earliest, parents before children.
        spans: Vec<SpanLabel>,
    },
    /// A span ended before it started.
    NegativeDuration {
        /// The span that ended before it started.
        span: SpanLabel,
        /// How long before, in nanoseconds; below zero.
        #[serde(with = "whole_json")]
        duration_ns: i128,
    },
    /// A span never ended.
    Unended {
        /// The span that never ended.
        span: SpanLabel,
    },
    /// Nobody knows when a span started: the file that it was read from does not say.
    UnknownStart {
        /// The span without a start.
        span: SpanLabel,
    },
}

impl fmt::Display for Defect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Orphan { span, parent_id } => write!(f, "{span}: its parent 0x{parent_id} is not in the trace"),
            Self::DuplicateId { span, first } => {
                write!(f, "{span}: the span {:?} before it has the same id", first.name)
            }
            Self::Cycle { spans } => {
                for span in spans {
                    write!(f, "{span} → ")?;
                }
                match spans.first() {
                    Some(first) => write!(f, "{first}: a cycle of parents and children"),
                    None => f.write_str("an empty cycle"),
                }
            }
            Self::NegativeDuration { span, duration_ns } => {
                write!(f, "{span}: ended {} before it started", exact_duration(-duration_ns))
            }
            Self::Unended { span } => write!(f, "{span}: never ended"),
            Self::UnknownStart { span } => write!(f, "{span}: nobody says when it started"),
        }
    }
}

impl Trace {
    /// The spans that name a parent which is not in the trace, in order of arrival. Those that say that it belongs to another
    /// process are [others](Self::remote_children).
    pub fn orphans(&self) -> impl ExactSizeIterator<Item = SpanRef<'_>> + Clone {
        self.forest().orphans.iter().map(|&at| self.at(at))
    }

    /// The spans whose parent is not in the trace, as it belongs to another process, in order of arrival. They are roots, and no
    /// defect.
    pub fn remote_children(&self) -> impl ExactSizeIterator<Item = SpanRef<'_>> + Clone {
        self.forest().remote.iter().map(|&at| self.at(at))
    }

    /// The spans whose id another span of the same trace id had before them, in order of arrival.
    /// [`get_in`](Self::get_in) gives the first with the id, and children belong to that one.
    pub fn duplicate_ids(&self) -> impl ExactSizeIterator<Item = SpanRef<'_>> + Clone {
        self.forest().duplicates.iter().map(|&at| self.at(at))
    }

    /// The cycles of spans that are one another's ancestors, each from its earliest span, parents before children. The
    /// earliest is a root of the tree, so that the others can be reached. A span that is its own parent is a cycle of
    /// one.
    pub fn cycles(&self) -> impl ExactSizeIterator<Item = Vec<SpanRef<'_>>> + Clone {
        self.forest().cycles.iter().map(|cycle| cycle.iter().map(|&at| self.at(at)).collect())
    }

    /// The spans that ended before they started, in order of arrival.
    pub fn negative_durations(&self) -> impl Iterator<Item = SpanRef<'_>> + Clone {
        self.spans().filter(|span| span.signed_duration_ns().is_some_and(|ns| ns < 0))
    }

    /// The spans that never ended, in order of arrival.
    pub fn unended(&self) -> impl Iterator<Item = SpanRef<'_>> + Clone {
        self.spans().filter(|span| span.end().is_none())
    }

    /// The spans of which nobody knows when they started, in order of arrival.
    pub fn unknown_starts(&self) -> impl Iterator<Item = SpanRef<'_>> + Clone {
        self.spans().filter(|span| !span.start_is_known())
    }

    /// All that is wrong with the trace: orphans, then duplicate ids, cycles, negative durations, spans that never ended,
    /// and those whose start is not known. Empty for a sound one.
    ///
    /// ```
    /// use skyspan_trace::trace::{Span, Trace};
    ///
    /// let trace = Trace::from_spans([Span::builder("wait").span_id(2).build()]);
    /// assert_eq!(trace.defects()[0].to_string(), r#""wait" (0x0000000000000002): never ended"#);
    /// ```
    #[must_use]
    pub fn defects(&self) -> Vec<Defect> {
        let label = |span: SpanRef<'_>| SpanLabel::from(span.span());
        let orphans = self
            .orphans()
            .filter_map(|span| span.parent_id().map(|parent_id| Defect::Orphan { span: label(span), parent_id }));
        let duplicates = self.duplicate_ids().filter_map(|span| {
            let first = label(self.get_in(span.trace_id(), span.span_id())?);
            Some(Defect::DuplicateId { span: label(span), first })
        });
        let cycles = self.cycles().map(|cycle| Defect::Cycle { spans: cycle.into_iter().map(label).collect() });
        let negative = self.negative_durations().filter_map(|span| {
            span.signed_duration_ns().map(|duration_ns| Defect::NegativeDuration { span: label(span), duration_ns })
        });
        let unended = self.unended().map(|span| Defect::Unended { span: label(span) });
        let unknown = self.unknown_starts().map(|span| Defect::UnknownStart { span: label(span) });
        orphans.chain(duplicates).chain(cycles).chain(negative).chain(unended).chain(unknown).collect()
    }
}
