//! [`Tracer`]: starts spans, and ends them at the clock's time.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use opentelemetry::global::{BoxedSpan, BoxedTracer};
use opentelemetry::trace::{
    Span as _, SpanBuilder, SpanContext, Status, TraceContextExt as _, Tracer as _, TracerProvider as _,
};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider};
use skyspan_trace::internal::{ABANDONED, SpanRecording, otel_array, otel_value};

use super::Clock;
use crate::trace::{Attributes, DirectTracer, DirectTracerProvider, Event};
use crate::value::{Text, Value};

/// As many attributes as the span of a move has, which has most.
const USUAL_ATTRIBUTES: usize = 16;

/// Starts spans at the time of a [`Clock`], which is also the time at which they end. Cloning is cheap.
///
/// It takes its parents from the caller, never from the thread (OpenTelemetry's current context is wrong across an
/// `.await`).
#[derive(Clone)]
pub struct Tracer(Option<Arc<TracerParts>>);

struct TracerParts {
    clock: Clock,
    kind: TracerKind,
}

enum TracerKind {
    Direct(DirectTracer),
    Sdk(SdkTracer),
    Any(BoxedTracer),
}

/// Where spans are made; a reference to a provider becomes one.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum SpanProvider {
    /// By a capture itself.
    Direct(DirectTracerProvider),
    /// By OpenTelemetry's SDK.
    Sdk(SdkTracerProvider),
}

impl From<&DirectTracerProvider> for SpanProvider {
    fn from(provider: &DirectTracerProvider) -> Self {
        Self::Direct(provider.clone())
    }
}

impl From<&SdkTracerProvider> for SpanProvider {
    fn from(provider: &SdkTracerProvider) -> Self {
        Self::Sdk(provider.clone())
    }
}

impl From<&Self> for SpanProvider {
    fn from(provider: &Self) -> Self {
        provider.clone()
    }
}

impl Tracer {
    /// A tracer of a provider, with `scope` as the name of its instrumentation scope.
    #[must_use]
    pub fn of_provider(provider: impl Into<SpanProvider>, scope: &'static str, clock: Clock) -> Self {
        let kind = match provider.into() {
            SpanProvider::Direct(provider) => TracerKind::Direct(provider.tracer(scope)),
            SpanProvider::Sdk(provider) => TracerKind::Sdk(provider.tracer(scope)),
        };
        Self(Some(Arc::new(TracerParts { clock, kind })))
    }

    /// Any tracer, that of a global provider too.
    pub fn of_tracer<T>(tracer: T, clock: Clock) -> Self
    where
        T: opentelemetry::trace::Tracer + Send + Sync + 'static,
        T::Span: Send + Sync + 'static,
    {
        Self(Some(Arc::new(TracerParts { clock, kind: TracerKind::Any(BoxedTracer::new(Box::new(tracer))) })))
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
        let Some(inner) = &self.0 else { return LiveSpan::off() };
        let (name, now) = (name.into(), inner.clock.now());
        let builder = |name: Text| {
            // The SDK keeps the list that it gets, so that there is room for all that most spans have.
            let attributes = Vec::with_capacity(USUAL_ATTRIBUTES);
            SpanBuilder { attributes: Some(attributes), ..SpanBuilder::from_name(name.to_otel_name()) }
                .with_start_time(now)
        };
        let span = match &inner.kind {
            TracerKind::Direct(tracer) => {
                let recording = tracer.record(name, parent, now);
                return LiveSpan(recording.map_or(Sink::Off, |span| Sink::Direct(span, Arc::clone(inner))));
            }
            TracerKind::Sdk(tracer) => SpanKind::Sdk(tracer.build_with_context(builder(name), parent)),
            TracerKind::Any(tracer) => SpanKind::Any(tracer.build_with_context(builder(name), parent)),
        };
        let is_recording = span.is_recording();
        LiveSpan(if is_recording { Sink::Otel(Box::new((span, Arc::clone(inner)))) } else { Sink::Off })
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
pub struct LiveSpan(Sink);

/// Where what is set on a span goes; the tracer has the clock at whose time it ends.
enum Sink {
    Off,
    Direct(SpanRecording, Arc<TracerParts>),
    Otel(Box<(SpanKind, Arc<TracerParts>)>),
}

#[expect(clippy::large_enum_variant, reason = "it is boxed, and the large one is the common one")]
enum SpanKind {
    Sdk(opentelemetry_sdk::trace::Span),
    Any(BoxedSpan),
}

impl LiveSpan {
    /// A span that records nothing.
    pub const fn off() -> Self {
        Self(Sink::Off)
    }

    /// Whether what is set on it is kept.
    #[must_use]
    pub const fn is_recording(&self) -> bool {
        !matches!(self.0, Sink::Off)
    }

    /// So many attributes will be set, so that room for them is made once.
    pub(crate) fn reserve(&mut self, attributes: usize) {
        if let Sink::Direct(span, _) = &mut self.0 {
            span.reserve(attributes);
        }
    }

    /// Sets an attribute. OpenTelemetry has no null: such an attribute is left out.
    ///
    /// A list becomes a typed array where its elements share a type (integers and floats share float), else an array of
    /// their JSON texts; a map becomes its JSON text.
    pub fn set(&mut self, key: impl Into<Text>, value: impl Into<Value>) {
        match &mut self.0 {
            Sink::Off => {}
            Sink::Direct(span, _) => span.set(key.into(), value.into()),
            Sink::Otel(otel) => {
                if let Some(value) = otel_value(value.into()) {
                    otel.0.set_attribute(KeyValue::new(key.into().to_otel_key(), value));
                }
            }
        }
    }

    /// Sets an attribute to a list of values.
    pub(crate) fn set_list(&mut self, key: Text, elements: &[Value]) {
        match &mut self.0 {
            Sink::Off => {}
            Sink::Direct(span, _) => span.set(key, elements.into()),
            Sink::Otel(otel) => {
                let array = opentelemetry::Value::Array(otel_array(elements));
                otel.0.set_attribute(KeyValue::new(key.to_otel_key(), array));
            }
        }
    }

    /// Sets many attributes, which are computed only if the span is recording.
    pub fn set_all<I: IntoIterator<Item = (Text, Value)>>(&mut self, attributes: impl FnOnce() -> I) {
        if self.is_recording() {
            let attributes = attributes().into_iter();
            self.reserve(attributes.size_hint().0);
            attributes.for_each(|(key, value)| self.set(key, value));
        }
    }

    /// Marks the span as failed, and records why as an `exception` event (OpenTelemetry semantic conventions 1.37).
    pub fn fail(&mut self, error_type: impl Into<Text>, message: &str) {
        let error_type = error_type.into();
        match &mut self.0 {
            Sink::Off => return,
            Sink::Direct(span, tracer) => {
                let why = [("exception.type", error_type.clone()), ("exception.message", message.into())];
                let event = Event::new(Text::literal("exception"), tracer.clock.now());
                span.add_event(event.with_attributes(Attributes::from_iter(why)));
            }
            Sink::Otel(otel) => {
                let (span, tracer) = &mut **otel;
                let attributes = vec![
                    KeyValue::new("exception.type", error_type.to_otel()),
                    KeyValue::new("exception.message", message.to_owned()),
                ];
                span.add_event("exception".into(), tracer.clock.now().into(), attributes);
            }
        }
        self.set_error(&format!("{error_type}: {message}"));
    }

    /// Notes that something happened now. Attributes that are null are left out.
    pub fn event<I: IntoIterator<Item = (Text, Value)>>(
        &mut self,
        name: impl Into<Text>,
        attributes: impl FnOnce() -> I,
    ) {
        match &mut self.0 {
            Sink::Off => {}
            Sink::Direct(span, tracer) => span.note(name.into(), tracer.clock.now(), attributes()),
            Sink::Otel(otel) => {
                let (span, tracer) = &mut **otel;
                let attributes = attributes().into_iter();
                let attributes =
                    attributes.filter_map(|(key, value)| Some(KeyValue::new(key.to_otel_key(), otel_value(value)?)));
                span.add_event(name.into().to_otel_name(), tracer.clock.now().into(), attributes.collect());
            }
        }
    }

    /// Marks the span as failed, without an event.
    pub fn set_error(&mut self, description: &str) {
        match &mut self.0 {
            Sink::Off => {}
            Sink::Direct(span, _) => span.set_status(Status::error(description.to_owned())),
            Sink::Otel(otel) => otel.0.set_status(Status::error(description.to_owned())),
        }
    }

    /// The context in which this span is the parent; that of no parent if it is not recording.
    #[must_use]
    pub fn context(&self) -> Context {
        let span_context = match &self.0 {
            Sink::Off => return Context::new(),
            Sink::Direct(span, _) => span.span_context(),
            Sink::Otel(otel) => otel.0.span_context().clone(),
        };
        Context::new().with_remote_span_context(span_context)
    }

    /// Leaves the span open for ever: nobody is left who could say how it ended, and an end that is made up would hide
    /// that. A [`Capture`](crate::trace::Capture) keeps it among its open spans. Other processors and exporters, to which the SDK
    /// cannot show a span but at its end, get it with the attribute `skyspan.abandoned`, and the epoch for its end, which
    /// OTLP takes for none.
    pub fn abandon(mut self) {
        match std::mem::replace(&mut self.0, Sink::Off) {
            // A recording that is dropped stays open.
            Sink::Off | Sink::Direct(..) => {}
            // To forget it instead would keep its provider for ever, and with that all that was captured.
            Sink::Otel(mut otel) => {
                otel.0.set_attribute(KeyValue::new(ABANDONED, true));
                otel.0.end_at(SystemTime::UNIX_EPOCH);
            }
        }
    }

    /// Ends the span now.
    pub fn end(self) {}
}

impl Drop for LiveSpan {
    #[inline]
    fn drop(&mut self) {
        if self.is_recording() {
            self.end_now();
        }
    }
}

impl LiveSpan {
    fn end_now(&mut self) {
        match std::mem::replace(&mut self.0, Sink::Off) {
            Sink::Off => {}
            Sink::Direct(span, tracer) => span.end(tracer.clock.now()),
            Sink::Otel(mut otel) => {
                let now = otel.1.clock.now();
                otel.0.end_at(now.into());
            }
        }
    }
}

impl fmt::Debug for LiveSpan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Sink::Off => f.write_str("LiveSpan(off)"),
            Sink::Direct(span, _) => write!(f, "LiveSpan({})", span.span_context().span_id()),
            Sink::Otel(otel) => write!(f, "LiveSpan({})", otel.0.span_context().span_id()),
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

    fn add_event(&mut self, name: Cow<'static, str>, time: SystemTime, attributes: Vec<KeyValue>) {
        match self {
            Self::Sdk(span) => span.add_event_with_timestamp(name, time, attributes),
            Self::Any(span) => span.add_event_with_timestamp(name, time, attributes),
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
