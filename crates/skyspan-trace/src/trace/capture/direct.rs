//! [`DirectTracerProvider`]: OpenTelemetry's traits in front of a capture, without the SDK between.

use std::borrow::Cow;
use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use opentelemetry::trace::{
    Span as OtelSpan, SpanBuilder, SpanContext, SpanKind, Status as OtelStatus, TraceContextExt as _, TraceFlags,
    TraceState, Tracer, TracerProvider,
};
use opentelemetry::{Context, InstrumentationScope, KeyValue};
use opentelemetry_sdk::trace::{IdGenerator, RandomIdGenerator};

use super::Capture;
use super::recording::{AtStart, Library, SpanRecording};
use crate::sync::lock;
use crate::value::{Text, Timestamp};

/// Makes spans that go straight into a capture; from [`Capture::direct_provider`].
///
/// ```
/// use opentelemetry::trace::{Tracer as _, TracerProvider as _};
/// use opentelemetry_sdk::Resource;
/// use skyspan_trace::trace::{Capture, SeededIds};
///
/// let capture = Capture::new();
/// let provider = capture
///     .direct_provider()
///     .with_resource(Resource::builder_empty().with_service_name("app").build())
///     .with_id_generator(SeededIds::new(7));
/// provider.tracer("shop").in_span("order", |_| {});
/// let trace = capture.trace();
/// assert_eq!(trace.spans().next().unwrap().resource().attributes.get("service.name"), Some(&"app".into()));
/// ```
#[derive(Clone)]
pub struct DirectTracerProvider {
    capture: Capture,
    ids: Arc<dyn IdGenerator>,
}

impl Capture {
    /// A provider whose spans go straight into this capture: the same spans as those of [`provider`](Self::provider), for
    /// less than they cost there.
    ///
    /// It has OpenTelemetry's traits, and nothing of the SDK behind them: no sampler, no limits, no other processors, no
    /// shutdown. [`provider_builder`](Self::provider_builder) has these.
    ///
    /// ```
    /// use opentelemetry::KeyValue;
    /// use opentelemetry::trace::{Span as _, Tracer as _, TracerProvider as _};
    /// use skyspan_trace::expect::{one, span};
    /// use skyspan_trace::trace::Capture;
    ///
    /// let capture = Capture::new();
    /// let mut request = capture.direct_provider().tracer("app").start("request");
    /// request.set_attribute(KeyValue::new("user", "ada"));
    /// assert_eq!(capture.open_count(), 1);
    /// request.end();
    /// capture.trace().assert(one(span("request").attr("user", "ada")));
    /// ```
    #[must_use]
    pub fn direct_provider(&self) -> DirectTracerProvider {
        self.watch().has_source();
        DirectTracerProvider { capture: self.clone(), ids: Arc::new(RandomIdGenerator::default()) }
    }
}

impl DirectTracerProvider {
    /// What its spans come from; nothing is known of it unless one says so.
    #[must_use]
    pub fn with_resource(mut self, resource: opentelemetry_sdk::Resource) -> Self {
        self.capture.come_from(Arc::new((&resource).into()));
        self
    }

    /// Where ids come from; they are random unless one says otherwise.
    #[must_use]
    pub fn with_id_generator(mut self, ids: impl IdGenerator + 'static) -> Self {
        self.ids = Arc::new(ids);
        self
    }
}

impl TracerProvider for DirectTracerProvider {
    type Tracer = DirectTracer;

    fn tracer_with_scope(&self, scope: InstrumentationScope) -> DirectTracer {
        let (capture, ids) = (self.capture.clone(), Arc::clone(&self.ids));
        DirectTracer(Arc::new(Library { capture, scope: Arc::new((&scope).into()), ids, converter: Mutex::default() }))
    }
}

impl fmt::Debug for DirectTracerProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DirectTracerProvider")
    }
}

/// Makes the spans of one library; from a [`DirectTracerProvider`]. Cloning is cheap.
#[derive(Clone)]
pub struct DirectTracer(Arc<Library>);

impl DirectTracer {
    /// Starts a span for one who has its values as they are kept.
    #[doc(hidden)]
    #[must_use]
    pub fn record(&self, name: Text, parent: &Context, start: Timestamp) -> Option<SpanRecording> {
        SpanRecording::start(&self.0, name, parent, start, AtStart::default())
    }
}

impl Tracer for DirectTracer {
    type Span = DirectSpan;

    fn build_with_context(&self, builder: SpanBuilder, parent: &Context) -> DirectSpan {
        let (attributes, events, links) = (builder.attributes, builder.events, builder.links);
        let with = {
            let mut converter = lock(&self.0.converter);
            AtStart {
                kind: builder.span_kind.unwrap_or(SpanKind::Internal),
                attributes: attributes.into_iter().flatten().map(|attribute| converter.entry(attribute)).collect(),
                events: events.into_iter().flatten().map(|event| converter.event(event)).collect(),
                links: links.into_iter().flatten().map(|link| converter.link(link)).collect(),
            }
        };
        let start = builder.start_time.unwrap_or_else(opentelemetry::time::now).into();
        match SpanRecording::start(&self.0, builder.name.into(), parent, start, with) {
            Some(recording) => {
                let parent = parent.span();
                let parent = Some(parent.span_context()).filter(|parent| parent.is_valid());
                let context = recording.span_context();
                let flags = parent.map_or(TraceFlags::NOT_SAMPLED, SpanContext::trace_flags).with_sampled(true);
                let trace_state = parent.map_or(TraceState::NONE, |parent| parent.trace_state().clone());
                let context = SpanContext::new(context.trace_id(), context.span_id(), flags, false, trace_state);
                DirectSpan { context, recording: Some(recording) }
            }
            None => DirectSpan { context: SpanContext::NONE, recording: None },
        }
    }
}

impl fmt::Debug for DirectTracer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DirectTracer({})", self.0.scope.name)
    }
}

/// A span of a [`DirectTracer`]. It ends when told to, or when dropped: at the wall clock's time then.
#[derive(Debug)]
pub struct DirectSpan {
    context: SpanContext,
    /// Nothing where it has ended, or records nothing.
    recording: Option<SpanRecording>,
}

impl OtelSpan for DirectSpan {
    fn add_event_with_timestamp<T>(&mut self, name: T, timestamp: SystemTime, attributes: Vec<KeyValue>)
    where
        T: Into<Cow<'static, str>>,
    {
        if let Some(recording) = &mut self.recording {
            let event = opentelemetry::trace::Event::new(name, timestamp, attributes, 0);
            let event = lock(&recording.library.converter).event(event);
            recording.add_event(event);
        }
    }

    fn span_context(&self) -> &SpanContext {
        &self.context
    }

    fn is_recording(&self) -> bool {
        self.recording.is_some()
    }

    fn set_attribute(&mut self, attribute: KeyValue) {
        if let Some(recording) = &mut self.recording {
            recording.set_key_value(attribute);
        }
    }

    fn set_status(&mut self, status: OtelStatus) {
        if let Some(recording) = &mut self.recording {
            recording.set_status(status);
        }
    }

    fn update_name<T>(&mut self, new_name: T)
    where
        T: Into<Cow<'static, str>>,
    {
        if let Some(recording) = &mut self.recording {
            recording.rename(new_name.into().into());
        }
    }

    fn add_link(&mut self, span_context: SpanContext, attributes: Vec<KeyValue>) {
        if let Some(recording) = &mut self.recording {
            let link = opentelemetry::trace::Link::new(span_context, attributes, 0);
            let link = lock(&recording.library.converter).link(link);
            recording.add_link(link);
        }
    }

    fn end_with_timestamp(&mut self, timestamp: SystemTime) {
        if let Some(recording) = self.recording.take() {
            recording.end(timestamp.into());
        }
    }
}

impl Drop for DirectSpan {
    fn drop(&mut self) {
        self.end();
    }
}
