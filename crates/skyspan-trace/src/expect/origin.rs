//! What [`SpanExpectation`] says of where a span comes from: its resource, its scope, its trace state, a parent in another
//! process, and what its limits have cost.

use super::expected::Expected;
use super::pattern::NamePattern;
use super::property::Property;
use super::span_expectation::SpanExpectation;
use crate::trace::{SpanId, SpanRef};
use crate::value::Text;

impl SpanExpectation {
    /// It was emitted by a resource with such an attribute: `.resource("service.name", "beamline")`.
    ///
    /// ```
    /// # use opentelemetry::trace::{Span as _, Tracer as _, TracerProvider as _};
    /// # use skyspan_trace::{expect::span, trace::Capture};
    /// let capture = Capture::new();
    /// let resource = opentelemetry_sdk::Resource::builder().with_service_name("beamline").build();
    /// let provider = capture.provider_builder().with_resource(resource).build();
    /// provider.tracer("app").start("request").end();
    /// capture.trace().assert(span("request").resource("service.name", "beamline"));
    /// ```
    ///
    /// ```should_panic
    /// # use skyspan_trace::{expect::span, trace::{Span, Trace}};
    /// # let trace = Trace::from_spans([Span::builder("request").build()]);
    /// trace.assert(span("request").resource("service.name", "beamline"));
    /// ```
    pub fn resource(self, key: impl Into<Text>, expected: impl Into<Expected>) -> Self {
        self.with_property(Origin::Resource(key.into(), expected.into()))
    }

    /// It was started by the tracer of a scope (a library, mostly) of that name.
    ///
    /// ```
    /// # use opentelemetry::trace::{Span as _, Tracer as _, TracerProvider as _};
    /// # use skyspan_trace::{expect::span, trace::Capture};
    /// let capture = Capture::new();
    /// capture.provider().tracer("app").start("request").end();
    /// capture.trace().assert(span("request").scope("app"));
    /// ```
    ///
    /// ```should_panic
    /// # use opentelemetry::trace::{Span as _, Tracer as _, TracerProvider as _};
    /// # use skyspan_trace::{expect::span, trace::Capture};
    /// # let capture = Capture::new();
    /// # capture.provider().tracer("app").start("request").end();
    /// capture.trace().assert(span("request").scope("driver"));
    /// ```
    pub fn scope(self, name: impl Into<NamePattern>) -> Self {
        self.with_property(Origin::Scope(name.into()))
    }

    /// Its scope has this version.
    ///
    /// ```
    /// # use opentelemetry::{InstrumentationScope, trace::{Span as _, Tracer as _, TracerProvider as _}};
    /// # use skyspan_trace::{expect::span, trace::Capture};
    /// # let capture = Capture::new();
    /// let scope = InstrumentationScope::builder("app").with_version("1.2").build();
    /// capture.provider().tracer_with_scope(scope).start("request").end();
    /// capture.trace().assert(span("request").scope_version("1.2"));
    /// ```
    ///
    /// ```should_panic
    /// # use opentelemetry::trace::{Span as _, Tracer as _, TracerProvider as _};
    /// # use skyspan_trace::{expect::span, trace::Capture};
    /// # let capture = Capture::new();
    /// # capture.provider().tracer("app").start("request").end();
    /// capture.trace().assert(span("request").scope_version("1.2"));
    /// ```
    pub fn scope_version(self, expected: impl Into<Expected>) -> Self {
        self.with_property(Origin::ScopeVersion(expected.into()))
    }

    /// Its trace state is this, as the header `tracestate` has it: `vendor=value,other=value`.
    ///
    /// ```
    /// # use skyspan_trace::{expect::span, trace::{Span, Trace}};
    /// # let trace = Trace::from_spans([Span::builder("request").trace_state("a=1").build()]);
    /// trace.assert(span("request").trace_state("a=1"));
    /// ```
    ///
    /// ```should_panic
    /// # use skyspan_trace::{expect::span, trace::{Span, Trace}};
    /// # let trace = Trace::from_spans([Span::builder("request").trace_state("a=1").build()]);
    /// trace.assert(span("request").trace_state(""));
    /// ```
    pub fn trace_state(self, expected: impl Into<Expected>) -> Self {
        self.with_property(Origin::TraceState(expected.into()))
    }

    /// It says that its parent belongs to another process, from which its context came: a request that was served. The parent may be in the
    /// trace all the same, where both sides were captured.
    ///
    /// ```
    /// # use skyspan_trace::{expect::span, trace::{Span, Trace}};
    /// # let trace = Trace::from_spans([Span::builder("answer").trace_id(1).span_id(2).remote_parent(1).build()]);
    /// trace.assert(span("answer").is_remote_child());
    /// ```
    ///
    /// ```should_panic
    /// # use skyspan_trace::{expect::span, trace::{Span, Trace}};
    /// # let trace = Trace::from_spans([Span::builder("answer").trace_id(1).span_id(2).parent_id(1).build()]);
    /// trace.assert(span("answer").is_remote_child());
    /// ```
    pub fn is_remote_child(self) -> Self {
        self.with_property(Origin::RemoteParent(None))
    }

    /// Its parent belongs to another process, and has this id; a number will do.
    ///
    /// ```
    /// # use skyspan_trace::{expect::span, trace::{Span, Trace}};
    /// # let trace = Trace::from_spans([Span::builder("answer").trace_id(1).span_id(2).remote_parent(1).build()]);
    /// trace.assert(span("answer").remote_parent(1));
    /// ```
    ///
    /// ```should_panic
    /// # use skyspan_trace::{expect::span, trace::{Span, Trace}};
    /// # let trace = Trace::from_spans([Span::builder("answer").trace_id(1).span_id(2).remote_parent(1).build()]);
    /// trace.assert(span("answer").remote_parent(3));
    /// ```
    pub fn remote_parent(self, span_id: impl Into<SpanId>) -> Self {
        self.with_property(Origin::RemoteParent(Some(span_id.into())))
    }

    /// None of its attributes, events and links was dropped for a limit of the SDK.
    ///
    /// ```
    /// # use skyspan_trace::{expect::span, trace::{Span, Trace}};
    /// # let trace = Trace::from_spans([Span::builder("request").build()]);
    /// trace.assert(span("request").nothing_dropped());
    /// ```
    ///
    /// ```should_panic
    /// # use skyspan_trace::{expect::span, trace::{Span, Trace}};
    /// # let trace = Trace::from_spans([Span::builder("request").dropped(0, 3, 0).build()]);
    /// trace.assert(span("request").nothing_dropped());
    /// ```
    pub fn nothing_dropped(self) -> Self {
        self.with_property(Origin::NothingDropped)
    }
}

#[derive(Debug)]
enum Origin {
    Resource(Text, Expected),
    Scope(NamePattern),
    ScopeVersion(Expected),
    TraceState(Expected),
    /// In another process, and perhaps with this id.
    RemoteParent(Option<SpanId>),
    NothingDropped,
}

impl Property for Origin {
    fn name(&self) -> String {
        match self {
            Self::Resource(key, _) => format!("resource {key}"),
            Self::Scope(_) => "scope".to_owned(),
            Self::ScopeVersion(_) => "scope version".to_owned(),
            Self::TraceState(_) => "trace state".to_owned(),
            Self::RemoteParent(_) => "remote parent".to_owned(),
            Self::NothingDropped => "dropped".to_owned(),
        }
    }

    fn expected(&self) -> String {
        match self {
            Self::Resource(_, expected) | Self::ScopeVersion(expected) | Self::TraceState(expected) => {
                expected.to_string()
            }
            Self::Scope(name) => name.to_string(),
            Self::RemoteParent(Some(id)) => format!("0x{id}"),
            Self::RemoteParent(None) => "one".to_owned(),
            Self::NothingDropped => "nothing".to_owned(),
        }
    }

    fn found_instead(&self, span: SpanRef<'_>) -> Option<String> {
        let instead = |found: Option<crate::value::Value>, expected: &Expected| match found {
            Some(value) if expected.matches(&value) => None,
            Some(value) => Some(super::expected::in_message(&value)),
            None => Some("none".to_owned()),
        };
        match self {
            Self::Resource(key, expected) => instead(span.resource().attributes.get(key).cloned(), expected),
            Self::Scope(name) => match span.scope() {
                Some(scope) if name.matches(&scope.name) => None,
                Some(scope) => Some(format!("{:?}", scope.name)),
                None => Some("none".to_owned()),
            },
            Self::ScopeVersion(expected) => {
                let version = span.scope().and_then(|scope| scope.version.clone());
                instead(version.map(Into::into), expected)
            }
            Self::TraceState(expected) => instead(Some(span.span().trace_state().into()), expected),
            Self::RemoteParent(expected) => match (span.remote_parent(), span.parent_id()) {
                (Some(found), _) if expected.is_none_or(|expected| expected == found) => None,
                (Some(found), _) => Some(format!("0x{found}")),
                (None, Some(local)) => Some(format!("0x{local} in its own process")),
                (None, None) => Some("none".to_owned()),
            },
            Self::NothingDropped => dropped(span),
        }
    }

    fn words(&self) -> String {
        match self {
            Self::RemoteParent(None) => "with a remote parent".to_owned(),
            Self::NothingDropped => "with nothing dropped".to_owned(),
            _ => format!("with {} {}", self.name(), self.expected()),
        }
    }
}

/// What was dropped of a span for a limit: `1 attribute, 3 events`.
pub(super) fn dropped(span: SpanRef<'_>) -> Option<String> {
    let all =
        [(span.dropped_attributes(), "attribute"), (span.dropped_events(), "event"), (span.dropped_links(), "link")];
    let dropped = all.into_iter().filter(|(number, _)| *number > 0);
    let words: Vec<String> =
        dropped.map(|(number, noun)| format!("{number} {noun}{}", if number == 1 { "" } else { "s" })).collect();
    (!words.is_empty()).then(|| words.join(", "))
}
