//! [`Tracer`]: starts spans, and ends them at the clock's time.

use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use opentelemetry::global::{BoxedSpan, BoxedTracer};
use opentelemetry::trace::{
    Span as _, SpanBuilder, SpanContext, Status, TraceContextExt as _, Tracer as _, TracerProvider as _,
};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider};
use skyspan_trace::internal::{ABANDONED, otel_array, otel_value};

use super::Clock;
use crate::value::{Text, Value};

/// Starts spans at the time of a [`Clock`], which is also the time at which they end. Cloning is cheap.
///
/// It takes its parents from the caller, never from the thread (OpenTelemetry's current context is wrong across an
/// `.await`).
#[derive(Clone)]
pub struct Tracer(Option<Arc<Inner>>);

struct Inner {
    clock: Clock,
    kind: Kind,
}

enum Kind {
    Sdk(SdkTracer),
    Any(BoxedTracer),
}

impl Tracer {
    /// A tracer of an SDK provider, with `scope` as the name of its instrumentation scope.
    #[must_use]
    pub fn of_provider(provider: &SdkTracerProvider, scope: &'static str, clock: Clock) -> Self {
        Self(Some(Arc::new(Inner { clock, kind: Kind::Sdk(provider.tracer(scope)) })))
    }

    /// Any tracer, that of a global provider too.
    pub fn of_tracer<T>(tracer: T, clock: Clock) -> Self
    where
        T: opentelemetry::trace::Tracer + Send + Sync + 'static,
        T::Span: Send + Sync + 'static,
    {
        Self(Some(Arc::new(Inner { clock, kind: Kind::Any(BoxedTracer::new(Box::new(tracer))) })))
    }

    /// The tracer of those who do not trace: its spans record nothing, and cost nothing.
    #[must_use]
    pub const fn off() -> Self {
        Self(None)
    }

    /// Whether it is [`off`](Self::off).
    #[must_use]
    pub const fn is_off(&self) -> bool {
        self.0.is_none()
    }

    /// Starts a span now, under the span of `parent` (or as a root where it has none).
    pub fn start(&self, name: impl Into<Text>, parent: &Context) -> LiveSpan {
        let Some(inner) = &self.0 else { return LiveSpan(None) };
        let name = name.into().to_otel_name();
        let builder = SpanBuilder::from_name(name).with_start_time(inner.clock.now());
        let span = match &inner.kind {
            Kind::Sdk(tracer) => SpanKind::Sdk(tracer.build_with_context(builder, parent)),
            Kind::Any(tracer) => SpanKind::Any(tracer.build_with_context(builder, parent)),
        };
        LiveSpan(span.is_recording().then(|| Box::new(Recording { clock: inner.clock.clone(), span })))
    }
}

impl fmt::Debug for Tracer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_off() { "Tracer(off)" } else { "Tracer" })
    }
}

/// A span that has started. It ends when told to, or when dropped: at the clock's time either way.
///
/// All values are computed only if the span is [recording](Self::is_recording), so they are given as closures where they
/// cost something.
#[must_use = "the span ends when this is dropped"]
pub struct LiveSpan(Option<Box<Recording>>);

struct Recording {
    clock: Clock,
    span: SpanKind,
}

#[expect(clippy::large_enum_variant, reason = "it is boxed, and the large one is the common one")]
enum SpanKind {
    Sdk(opentelemetry_sdk::trace::Span),
    Any(BoxedSpan),
}

impl LiveSpan {
    /// A span that records nothing.
    pub const fn off() -> Self {
        Self(None)
    }

    /// Whether what is set on it is kept.
    #[must_use]
    pub const fn is_recording(&self) -> bool {
        self.0.is_some()
    }

    /// Sets an attribute. OpenTelemetry has no null: such an attribute is left out.
    ///
    /// A list becomes a typed array where its elements share a type (integers and floats share float), else an array of
    /// their JSON texts; a map becomes its JSON text.
    pub fn set(&mut self, key: impl Into<Text>, value: impl Into<Value>) {
        if let Some(recording) = &mut self.0
            && let Some(value) = otel_value(value.into())
        {
            recording.span.set_attribute(KeyValue::new(key.into().to_otel_key(), value));
        }
    }

    /// Sets an attribute to a list of values.
    pub(crate) fn set_list(&mut self, key: Text, elements: &[Value]) {
        if let Some(recording) = &mut self.0 {
            let array = opentelemetry::Value::Array(otel_array(elements));
            recording.span.set_attribute(KeyValue::new(key.to_otel_key(), array));
        }
    }

    /// Sets an attribute to a text that nobody shares.
    pub(crate) fn set_string(&mut self, key: Text, text: String) {
        if let Some(recording) = &mut self.0 {
            recording.span.set_attribute(KeyValue::new(key.to_otel_key(), text));
        }
    }

    /// Sets many attributes, which are computed only if the span is recording.
    pub fn set_all<I: IntoIterator<Item = (Text, Value)>>(&mut self, attributes: impl FnOnce() -> I) {
        if self.is_recording() {
            attributes().into_iter().for_each(|(key, value)| self.set(key, value));
        }
    }

    /// Marks the span as failed, and records why as an `exception` event (OpenTelemetry semantic conventions 1.37).
    pub fn fail(&mut self, error_type: impl Into<Text>, message: &str) {
        let Some(recording) = &mut self.0 else { return };
        let error_type = error_type.into();
        let now = recording.clock.now().into();
        let attributes = vec![
            KeyValue::new("exception.type", error_type.to_otel()),
            KeyValue::new("exception.message", message.to_owned()),
        ];
        recording.span.add_event(now, attributes);
        recording.span.set_status(Status::error(format!("{error_type}: {message}")));
    }

    /// Marks the span as failed, without an event.
    pub fn set_error(&mut self, description: &str) {
        if let Some(recording) = &mut self.0 {
            recording.span.set_status(Status::error(description.to_owned()));
        }
    }

    /// The context in which this span is the parent; that of no parent if it is not recording.
    #[must_use]
    pub fn context(&self) -> Context {
        match &self.0 {
            Some(recording) => Context::new().with_remote_span_context(recording.span.span_context().clone()),
            None => Context::new(),
        }
    }

    /// Leaves the span open for ever: nobody is left who could say how it ended, and an end that is made up would hide
    /// that. A [`Capture`](crate::trace::Capture) keeps it among its open spans. Other processors and exporters, to which the SDK
    /// cannot show a span but at its end, get it with the attribute `skyspan.abandoned`, and the epoch for its end, which
    /// OTLP takes for none.
    pub fn abandon(mut self) {
        // To forget it instead would keep its provider for ever, and with that all that was captured.
        if let Some(recording) = &mut self.0 {
            recording.span.set_attribute(KeyValue::new(ABANDONED, true));
            recording.span.end_at(SystemTime::UNIX_EPOCH);
        }
    }

    /// Ends the span now.
    pub fn end(self) {}
}

impl Drop for Recording {
    fn drop(&mut self) {
        if self.span.is_recording() {
            self.span.end_at(self.clock.now().into());
        }
    }
}

impl fmt::Debug for LiveSpan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Some(recording) => write!(f, "LiveSpan({})", recording.span.span_context().span_id()),
            None => f.write_str("LiveSpan(off)"),
        }
    }
}

impl SpanKind {
    fn is_recording(&self) -> bool {
        match self {
            Self::Sdk(span) => span.is_recording(),
            Self::Any(span) => span.is_recording(),
        }
    }

    fn span_context(&self) -> &SpanContext {
        match self {
            Self::Sdk(span) => span.span_context(),
            Self::Any(span) => span.span_context(),
        }
    }

    fn set_attribute(&mut self, attribute: KeyValue) {
        match self {
            Self::Sdk(span) => span.set_attribute(attribute),
            Self::Any(span) => span.set_attribute(attribute),
        }
    }

    fn add_event(&mut self, time: SystemTime, attributes: Vec<KeyValue>) {
        match self {
            Self::Sdk(span) => span.add_event_with_timestamp("exception", time, attributes),
            Self::Any(span) => span.add_event_with_timestamp("exception", time, attributes),
        }
    }

    fn set_status(&mut self, status: Status) {
        match self {
            Self::Sdk(span) => span.set_status(status),
            Self::Any(span) => span.set_status(status),
        }
    }

    fn end_at(&mut self, time: SystemTime) {
        match self {
            Self::Sdk(span) => span.end_with_timestamp(time),
            Self::Any(span) => span.end_with_timestamp(time),
        }
    }
}
