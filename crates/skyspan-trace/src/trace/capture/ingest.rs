//! The one door: how spans get into a capture, whatever their source.
//!
//! A source tells of a span twice: when it has [`started`](Ingest::started), and when it has [`ended`](Ingest::ended), then with
//! all of it. A [`Capture`] is a door behind which everything is that capture's; a [`Router`] is one that gives each
//! span to the capture to which it belongs. The SDK's span processor, the layer of `tracing`, the exporter and what receives spans from
//! other processes are thin in front of this, and a source of your own is no more:
//!
//! ```
//! use skyspan_trace::trace::capture::ingest::{Incoming, Ingest};
//! use skyspan_trace::trace::{Capture, Span};
//!
//! /// Reads `+name id` where a span starts, and `-name id` where it ends.
//! fn read(log: &str, door: &impl Ingest) {
//!     for line in log.lines() {
//!         let Some((name, id)) = line[1..].split_once(' ') else { continue };
//!         let span = Span::builder(name).trace_id(1).span_id(id.parse::<u64>().unwrap());
//!         match line.as_bytes()[0] {
//!             b'+' => door.started(Incoming::from(span.build())),
//!             _ => door.ended(Incoming::from(span.end(Default::default()).build())),
//!         }
//!     }
//! }
//!
//! let capture = Capture::new();
//! read("+request 1\n+query 2\n-query 2", &capture);
//! assert_eq!((capture.len(), capture.open_count()), (2, 1));
//! ```
//!
//! What ended and was never told to have started is taken as well: an exporter knows no better. What has started twice counts
//! twice, as two spans with one id do.
//!
//! Nothing here panics, blocks for longer than it takes to put a span down, or calls back into the source.

use std::sync::Arc;

use opentelemetry::Context;
use opentelemetry::trace::{SpanContext, SpanId, TraceContextExt as _, TraceFlags, TraceId, TraceState};
use opentelemetry_sdk::trace::SpanData;

use super::Capture;
use super::homes;
use super::lost;
use super::place::Place;
use crate::trace::convert::Converter;
use crate::trace::{Resource, Span};
use crate::value::Text;
use crate::value::Timestamp;

/// Where spans come in.
pub trait Ingest {
    /// A span has started, and is open from now on.
    fn started(&self, span: Incoming);

    /// A span has ended; this is all of it.
    fn ended(&self, span: Incoming);
}

impl Capture {
    /// Takes what an open span has by now, in place of what it had when it started. A source that can look at its open spans
    /// tells of them so before somebody asks for the trace. Nothing happens if no such span is open.
    ///
    /// ```
    /// use skyspan_trace::trace::capture::ingest::{Incoming, Ingest};
    /// use skyspan_trace::trace::{Capture, Span};
    ///
    /// let capture = Capture::new();
    /// let span = Span::builder("request").trace_id(1).span_id(1);
    /// capture.started(Incoming::from(span.clone().build()));
    /// capture.still_open(span.attribute("user", "ada").build());
    /// assert_eq!(capture.trace().get(1).unwrap().attr("user"), Some(&"ada".into()));
    /// assert_eq!((capture.len(), capture.open_count()), (1, 1));
    /// ```
    pub fn still_open(&self, span: Span) {
        self.caught().still_open(Record::Own(Arc::new(span)));
    }
}

/// A span as its source has it: a [`Span`], or a record of the SDK, which is converted when somebody looks.
#[derive(Clone, Debug)]
pub struct Incoming {
    pub(super) record: Record,
    place: Option<Place>,
}

#[derive(Clone, Debug)]
#[expect(clippy::large_enum_variant, reason = "the large one is the common one, and is moved once")]
pub(super) enum Record {
    Sdk(SpanData, Arc<Resource>),
    Own(Arc<Span>),
}

impl Incoming {
    /// A record of the SDK, and the resource of its provider.
    #[must_use]
    pub fn sdk(data: SpanData, resource: Arc<Resource>) -> Self {
        Self { record: Record::Sdk(data, resource), place: None }
    }

    /// The same, for a source that tells of it elsewhere than where it started: a [`Router`] then looks for its capture as if
    /// it were in that place.
    #[must_use]
    pub fn at(self, place: Place) -> Self {
        Self { place: Some(place), ..self }
    }
}

impl From<Span> for Incoming {
    fn from(span: Span) -> Self {
        Self::from(Arc::new(span))
    }
}

impl From<Arc<Span>> for Incoming {
    fn from(span: Arc<Span>) -> Self {
        Self { record: Record::Own(span), place: None }
    }
}

impl Record {
    pub(super) fn id(&self) -> (TraceId, SpanId) {
        match self {
            Self::Sdk(data, _) => (data.span_context.trace_id(), data.span_context.span_id()),
            Self::Own(span) => (span.trace_id(), span.span_id()),
        }
    }

    pub(super) fn start(&self) -> Timestamp {
        match self {
            Self::Sdk(data, _) => data.start_time.into(),
            Self::Own(span) => span.start(),
        }
    }

    pub(super) fn name(&self, converter: &mut Converter) -> Text {
        match self {
            Self::Sdk(data, _) => converter.text(data.name.clone()),
            Self::Own(span) => span.name_text().clone(),
        }
    }

    /// The span of this record. `ended` is false for one that was only seen to start; what it says of its end is not true.
    pub(super) fn into_span(self, converter: &mut Converter, ended: bool, started: u64) -> Arc<Span> {
        match self {
            Self::Sdk(data, resource) => Arc::new(converter.span(data, resource, ended, started)),
            Self::Own(mut span) => {
                let own = Arc::make_mut(&mut span);
                // A source may know better in which order its spans started than in which they came.
                own.started = own.started.max(started);
                own.end = own.end.filter(|_| ended);
                span
            }
        }
    }

    /// The context of its parent; an invalid one for a root.
    fn parent(&self) -> SpanContext {
        let (trace, parent, remote) = match self {
            Self::Sdk(data, _) => (data.span_context.trace_id(), data.parent_span_id, data.parent_span_is_remote),
            Self::Own(span) => (span.trace_id(), span.parent_id().unwrap_or(SpanId::INVALID), span.is_remote_child()),
        };
        let trace = if parent == SpanId::INVALID { TraceId::INVALID } else { trace };
        SpanContext::new(trace, parent, TraceFlags::SAMPLED, remote, TraceState::NONE)
    }
}

impl Ingest for Capture {
    fn started(&self, span: Incoming) {
        self.take_started(span.record);
    }

    fn ended(&self, span: Incoming) {
        self.take_ended(span.record);
    }
}

/// The door that gives each span to the capture to which it belongs, from [`router`].
///
/// A span belongs to a capture by the first of these that says something:
///
/// 1. its parent, or the trace that it is part of;
/// 2. the [place](Place) of its thread: that of a [`CaptureScope`](super::CaptureScope), or one that was entered or carried there;
/// 3. the tokio runtime on which it starts (with the feature `tokio`), if a scope is there;
/// 4. the capture that is [process-wide](Capture::process_wide).
///
/// One for which none of them does is counted, and [told](crate::trace::Trace::unseen) where a trace is too short.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct Router;

/// The door that gives each span to the capture to which it belongs.
#[must_use]
pub fn router() -> Router {
    Router
}

impl Ingest for Router {
    fn started(&self, span: Incoming) {
        let parent = Context::new().with_remote_span_context(span.record.parent());
        let found = {
            let _entered = span.place.as_ref().map(Place::enter);
            homes::find(&parent)
        };
        let Some(found) = found else {
            return lost::count(&span.record.name(&mut Converter::default()));
        };
        found.claim(span.record.id().0);
        found.capture.take_started(span.record);
    }

    fn ended(&self, span: Incoming) {
        let (trace, id) = span.record.id();
        if let Some(capture) = homes::of_started(trace, id) {
            return capture.take_ended(span.record);
        }
        // It was never told to have started.
        let parent = Context::new().with_remote_span_context(span.record.parent());
        let _entered = span.place.as_ref().map(Place::enter);
        match homes::find(&parent) {
            Some(found) => {
                found.claim(trace);
                found.capture.take_ended(span.record);
            }
            None => lost::count(&span.record.name(&mut Converter::default())),
        }
    }
}
