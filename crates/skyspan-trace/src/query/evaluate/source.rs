//! [`Source`]: where the value of a field comes from, and [`SpanAt`], the span of which it is asked.

use std::borrow::Cow;
use std::cell::OnceCell;

use opentelemetry::trace::SpanKind;

use super::asked::{Picked, Picks};
use super::groups::{Facts, Groups};
use super::nesting::Nesting;
use super::val::Val;
use crate::query::syntax::ast::Field;
use crate::query::syntax::words::{Intrinsic, KindWord, Scope, StatusWord};
use crate::trace::{Attributes, Event, Link, Span, Status, Trace};
use crate::value::Timestamp;

/// A trace of which a query is asked, and what had to be worked out for that.
#[derive(Debug)]
pub(in crate::query) struct Scene<'a> {
    pub(in crate::query) trace: &'a Trace,
    pub(in crate::query) groups: Groups,
    facts: OnceCell<Vec<Facts>>,
    nesting: OnceCell<Nesting>,
}

impl<'a> Scene<'a> {
    pub(in crate::query) fn new(trace: &'a Trace) -> Self {
        Self::with(trace, Groups::of(trace))
    }

    /// The same as if all spans were of one trace id.
    pub(in crate::query) fn undivided(trace: &'a Trace) -> Self {
        Self::with(trace, Groups::undivided(trace))
    }

    fn with(trace: &'a Trace, groups: Groups) -> Self {
        Self { trace, groups, facts: OnceCell::new(), nesting: OnceCell::new() }
    }

    pub(in crate::query) fn facts(&self, group: usize) -> &Facts {
        let all = (0..self.groups.len()).map(|group| Facts::of(self.trace, self.groups.members(group)));
        &self.facts.get_or_init(|| all.collect())[group]
    }

    pub(super) fn nesting(&self) -> &Nesting {
        self.nesting.get_or_init(|| Nesting::of(self.trace, &self.groups))
    }

    /// The span at a place of the trace.
    pub(in crate::query) fn at(&'a self, place: u32) -> Option<SpanAt<'a>> {
        Some(SpanAt { span: self.trace.span_ref(place as usize)?.span(), place, scene: self, picked: &[] })
    }

    fn root(&self, place: u32) -> Option<&'a Span> {
        let root = self.facts(self.groups.group_of(place)).root?;
        Some(self.trace.span_ref(root as usize)?.span())
    }
}

/// The span of which a query is asked, and where it stands.
#[derive(Clone, Copy)]
pub(in crate::query) struct SpanAt<'a> {
    pub(in crate::query) span: &'a Span,
    pub(in crate::query) place: u32,
    scene: &'a Scene<'a>,
    /// What was picked of its events and links.
    picked: &'a [Picked<'a>],
}

/// Where the value of a field comes from.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::query) enum Source {
    Span(String),
    Resource(String),
    /// The span's, or else the resource's.
    Either(String),
    Instrumentation(String),
    Event(String),
    Link(String),
    Intrinsic(Intrinsic),
}

const SERVICE_NAME: &str = "service.name";

impl Source {
    pub(in crate::query) fn of(field: &Field) -> Self {
        match field {
            Field::Intrinsic(intrinsic) => Self::Intrinsic(*intrinsic),
            Field::Attribute { scope, key } => match scope {
                Scope::Any => Self::Either(key.clone()),
                Scope::Span => Self::Span(key.clone()),
                Scope::Resource => Self::Resource(key.clone()),
                Scope::Event => Self::Event(key.clone()),
                Scope::Link => Self::Link(key.clone()),
                Scope::Instrumentation => Self::Instrumentation(key.clone()),
            },
        }
    }

    /// Whether each event of a span has one of it.
    pub(super) fn is_of_events(&self) -> bool {
        matches!(self, Self::Event(_) | Self::Intrinsic(Intrinsic::EventName | Intrinsic::EventTimeSinceStart))
    }

    /// Whether each link of a span has one of it.
    pub(super) fn is_of_links(&self) -> bool {
        matches!(self, Self::Link(_) | Self::Intrinsic(Intrinsic::LinkTraceId | Intrinsic::LinkSpanId))
    }

    /// The value for a span; of events and links that of the first that has one.
    pub(in crate::query) fn value<'a>(&self, at: SpanAt<'a>) -> Val<'a> {
        let span = at.span;
        match self {
            Self::Span(key) => attribute(span.attributes(), key),
            Self::Resource(key) => resource(span, key),
            Self::Either(key) => match span.attributes().get(key) {
                Some(value) => Val::of(value),
                None => resource(span, key),
            },
            Self::Instrumentation(key) => span.scope().map_or(Val::Nil, |scope| attribute(&scope.attributes, key)),
            Self::Intrinsic(intrinsic) => at.intrinsic(*intrinsic),
            Self::Event(_) => first(span.events().iter().map(|event| self.of_event(event, span.start()))),
            Self::Link(_) => first(span.links().iter().map(|link| self.of_link(link))),
        }
    }

    /// The value for an event of a span that starts then.
    pub(super) fn of_event<'a>(&self, event: &'a Event, start: Timestamp) -> Val<'a> {
        match self {
            Self::Event(key) => attribute(&event.attributes, key),
            Self::Intrinsic(Intrinsic::EventName) => Val::text(&event.name),
            Self::Intrinsic(Intrinsic::EventTimeSinceStart) => {
                Val::Duration(nanoseconds(event.timestamp.signed_ns_since(start)))
            }
            _ => Val::Nil,
        }
    }

    /// The value for a link.
    pub(super) fn of_link<'a>(&self, link: &'a Link) -> Val<'a> {
        match self {
            Self::Link(key) => attribute(&link.attributes, key),
            Self::Intrinsic(Intrinsic::LinkTraceId) => Val::Str(Cow::Owned(link.trace_id.to_string())),
            Self::Intrinsic(Intrinsic::LinkSpanId) => Val::Str(Cow::Owned(link.span_id.to_string())),
            _ => Val::Nil,
        }
    }
}

fn attribute<'a>(attributes: &'a Attributes, key: &str) -> Val<'a> {
    attributes.get(key).map_or(Val::Nil, Val::of)
}

/// A resource that has no name has the empty one.
fn resource<'a>(span: &'a Span, key: &str) -> Val<'a> {
    match span.resource().attributes.get(key) {
        Some(value) => Val::of(value),
        None if key == SERVICE_NAME => Val::text(""),
        None => Val::Nil,
    }
}

fn first<'a>(values: impl IntoIterator<Item = Val<'a>>) -> Val<'a> {
    values.into_iter().find(|value| !value.is_missing()).unwrap_or(Val::Nil)
}

fn nanoseconds(ns: i128) -> i64 {
    i64::try_from(ns).unwrap_or(if ns < 0 { i64::MIN } else { i64::MAX })
}

/// The name of the service that emitted a span; empty if it has none.
pub(in crate::query) fn service_name(span: &Span) -> &str {
    span.resource().attributes.get(SERVICE_NAME).and_then(crate::value::Value::as_str).unwrap_or("")
}

impl<'a> SpanAt<'a> {
    /// Does something with what is picked of its events and links.
    pub(super) fn picking<T>(self, picks: &Picks, act: impl FnOnce(SpanAt<'_>) -> T) -> T {
        if picks.is_empty() {
            return act(self);
        }
        let picked = picks.of(self);
        act(SpanAt { picked: &picked, ..self })
    }

    pub(super) fn picked(&self, pick: usize) -> Option<&'a Val<'a>> {
        self.picked.get(pick)?.as_ref()
    }

    fn intrinsic(self, intrinsic: Intrinsic) -> Val<'a> {
        let (span, place, scene) = (self.span, self.place, self.scene);
        match intrinsic {
            Intrinsic::Duration => span.signed_duration_ns().map_or(Val::Nil, |ns| Val::Duration(nanoseconds(ns))),
            Intrinsic::Name => Val::text(span.name()),
            Intrinsic::Status => Val::Status(match span.status() {
                Status::Unset => StatusWord::Unset,
                Status::Ok => StatusWord::Ok,
                Status::Error { .. } => StatusWord::Error,
            }),
            Intrinsic::StatusMessage => Val::text(span.status().description().unwrap_or("")),
            Intrinsic::Kind if !span.kind_is_known() => Val::Kind(KindWord::Unspecified),
            Intrinsic::Kind => Val::Kind(match span.kind() {
                SpanKind::Internal => KindWord::Internal,
                SpanKind::Server => KindWord::Server,
                SpanKind::Client => KindWord::Client,
                SpanKind::Producer => KindWord::Producer,
                SpanKind::Consumer => KindWord::Consumer,
            }),
            Intrinsic::SpanId => Val::Str(Cow::Owned(span.span_id().to_string())),
            Intrinsic::ParentId => {
                let parent_id = span.parent_id().unwrap_or(opentelemetry::trace::SpanId::INVALID);
                Val::Str(Cow::Owned(parent_id.to_string()))
            }
            Intrinsic::TraceId => Val::Str(Cow::Owned(span.trace_id().to_string())),
            Intrinsic::ChildCount => Val::Int(scene.nesting().child_count(place).into()),
            Intrinsic::NestedSetLeft => Val::Int(scene.nesting().left(place).into()),
            Intrinsic::NestedSetRight => Val::Int(scene.nesting().right(place).into()),
            Intrinsic::NestedSetParent => Val::Int(scene.nesting().parent_left(scene.trace, place)),
            Intrinsic::TraceDuration => Val::Duration(scene.facts(scene.groups.group_of(place)).duration_ns()),
            Intrinsic::RootName => Val::text(scene.root(place).map_or("", Span::name)),
            Intrinsic::RootServiceName => Val::text(scene.root(place).map_or("", service_name)),
            Intrinsic::InstrumentationName => Val::text(span.scope().map_or("", |scope| &scope.name)),
            Intrinsic::InstrumentationVersion => {
                Val::text(span.scope().and_then(|scope| scope.version.as_deref()).unwrap_or(""))
            }
            // A span without events and links has the empty name, id and time, as Tempo groups it.
            Intrinsic::EventName => Val::text(span.events().first().map_or("", |event| &event.name)),
            Intrinsic::EventTimeSinceStart => match span.events().first() {
                Some(event) => Source::Intrinsic(intrinsic).of_event(event, span.start()),
                None => Val::Duration(0),
            },
            Intrinsic::LinkTraceId | Intrinsic::LinkSpanId => match span.links().first() {
                Some(link) => Source::Intrinsic(intrinsic).of_link(link),
                None => Val::text(""),
            },
        }
    }
}
