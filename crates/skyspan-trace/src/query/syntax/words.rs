//! The words of the language.

use crate::value::{Text, nearest};

/// Whose attribute is meant.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::query) enum Scope {
    /// The span's, or else the resource's.
    Any,
    Span,
    Resource,
    Event,
    Link,
    Instrumentation,
}

/// What stands before a colon: whose property is meant.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::query) enum Owner {
    Trace,
    Span,
    Event,
    Link,
    Instrumentation,
}

pub(in crate::query) const SCOPES: [(&str, Scope); 5] = [
    ("span", Scope::Span),
    ("resource", Scope::Resource),
    ("event", Scope::Event),
    ("link", Scope::Link),
    ("instrumentation", Scope::Instrumentation),
];

pub(in crate::query) const OWNERS: [(&str, Owner); 5] = [
    ("trace", Owner::Trace),
    ("span", Owner::Span),
    ("event", Owner::Event),
    ("link", Owner::Link),
    ("instrumentation", Owner::Instrumentation),
];

/// What every span has, or its trace, event, link or instrumentation.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::query) enum Intrinsic {
    Duration,
    Name,
    Status,
    StatusMessage,
    Kind,
    ChildCount,
    SpanId,
    ParentId,
    TraceId,
    TraceDuration,
    RootName,
    RootServiceName,
    NestedSetLeft,
    NestedSetRight,
    NestedSetParent,
    EventName,
    EventTimeSinceStart,
    LinkTraceId,
    LinkSpanId,
    InstrumentationName,
    InstrumentationVersion,
}

/// Intrinsics that stand without an owner.
pub(in crate::query) const BARE: [(&str, Intrinsic); 11] = [
    ("duration", Intrinsic::Duration),
    ("name", Intrinsic::Name),
    ("status", Intrinsic::Status),
    ("statusMessage", Intrinsic::StatusMessage),
    ("kind", Intrinsic::Kind),
    ("rootName", Intrinsic::RootName),
    ("rootServiceName", Intrinsic::RootServiceName),
    ("traceDuration", Intrinsic::TraceDuration),
    ("nestedSetLeft", Intrinsic::NestedSetLeft),
    ("nestedSetRight", Intrinsic::NestedSetRight),
    ("nestedSetParent", Intrinsic::NestedSetParent),
];

/// Intrinsics behind the name of their owner and a colon.
pub(in crate::query) const OWNED: [(Owner, &str, Intrinsic); 18] = [
    (Owner::Trace, "duration", Intrinsic::TraceDuration),
    (Owner::Trace, "rootName", Intrinsic::RootName),
    (Owner::Trace, "rootService", Intrinsic::RootServiceName),
    (Owner::Trace, "id", Intrinsic::TraceId),
    (Owner::Span, "duration", Intrinsic::Duration),
    (Owner::Span, "name", Intrinsic::Name),
    (Owner::Span, "kind", Intrinsic::Kind),
    (Owner::Span, "status", Intrinsic::Status),
    (Owner::Span, "statusMessage", Intrinsic::StatusMessage),
    (Owner::Span, "id", Intrinsic::SpanId),
    (Owner::Span, "parentID", Intrinsic::ParentId),
    (Owner::Span, "childCount", Intrinsic::ChildCount),
    (Owner::Event, "name", Intrinsic::EventName),
    (Owner::Event, "timeSinceStart", Intrinsic::EventTimeSinceStart),
    (Owner::Link, "traceID", Intrinsic::LinkTraceId),
    (Owner::Link, "spanID", Intrinsic::LinkSpanId),
    (Owner::Instrumentation, "name", Intrinsic::InstrumentationName),
    (Owner::Instrumentation, "version", Intrinsic::InstrumentationVersion),
];

impl Intrinsic {
    /// As Tempo writes it.
    pub(in crate::query) fn text(self) -> &'static str {
        match self {
            Self::ChildCount => "span:childCount",
            Self::SpanId => "span:id",
            Self::ParentId => "span:parentID",
            Self::TraceId => "trace:id",
            Self::EventName => "event:name",
            Self::EventTimeSinceStart => "event:timeSinceStart",
            Self::LinkTraceId => "link:traceID",
            Self::LinkSpanId => "link:spanID",
            Self::InstrumentationName => "instrumentation:name",
            Self::InstrumentationVersion => "instrumentation:version",
            bare => BARE.iter().find(|(_, intrinsic)| *intrinsic == bare).map_or("", |(text, _)| text),
        }
    }
}

/// The status of a span, as the language has it.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(in crate::query) enum StatusWord {
    Error,
    Ok,
    Unset,
}

/// The kind of a span, as the language has it.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(in crate::query) enum KindWord {
    Unspecified,
    Internal,
    Server,
    Client,
    Producer,
    Consumer,
}

pub(in crate::query) const STATUSES: [(&str, StatusWord); 3] =
    [("error", StatusWord::Error), ("ok", StatusWord::Ok), ("unset", StatusWord::Unset)];

pub(in crate::query) const KINDS: [(&str, KindWord); 6] = [
    ("unspecified", KindWord::Unspecified),
    ("internal", KindWord::Internal),
    ("server", KindWord::Server),
    ("client", KindWord::Client),
    ("producer", KindWord::Producer),
    ("consumer", KindWord::Consumer),
];

impl StatusWord {
    pub(in crate::query) fn text(self) -> &'static str {
        STATUSES.iter().find(|(_, word)| *word == self).map_or("", |(text, _)| text)
    }
}

impl KindWord {
    pub(in crate::query) fn text(self) -> &'static str {
        KINDS.iter().find(|(_, word)| *word == self).map_or("", |(text, _)| text)
    }
}

/// How the values of many spans become one.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::query) enum AggregateWord {
    Count,
    Average,
    Max,
    Min,
    Sum,
}

pub(in crate::query) const AGGREGATES: [(&str, AggregateWord); 5] = [
    ("count", AggregateWord::Count),
    ("avg", AggregateWord::Average),
    ("max", AggregateWord::Max),
    ("min", AggregateWord::Min),
    ("sum", AggregateWord::Sum),
];

impl AggregateWord {
    pub(in crate::query) fn text(self) -> &'static str {
        AGGREGATES.iter().find(|(_, word)| *word == self).map_or("", |(text, _)| text)
    }
}

/// How spans become series.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::query) enum MetricWord {
    Rate,
    Count,
    Min,
    Max,
    Average,
    Sum,
    Quantile,
    Histogram,
}

pub(in crate::query) const METRICS: [(&str, MetricWord); 8] = [
    ("rate", MetricWord::Rate),
    ("count_over_time", MetricWord::Count),
    ("min_over_time", MetricWord::Min),
    ("max_over_time", MetricWord::Max),
    ("avg_over_time", MetricWord::Average),
    ("sum_over_time", MetricWord::Sum),
    ("quantile_over_time", MetricWord::Quantile),
    ("histogram_over_time", MetricWord::Histogram),
];

impl MetricWord {
    pub(in crate::query) fn text(self) -> &'static str {
        METRICS.iter().find(|(_, word)| *word == self).map_or("", |(text, _)| text)
    }
}

/// Which of several series are kept at each time.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::query) enum RankWord {
    Top,
    Bottom,
}

pub(in crate::query) const RANKS: [(&str, RankWord); 2] = [("topk", RankWord::Top), ("bottomk", RankWord::Bottom)];

impl RankWord {
    pub(in crate::query) fn text(self) -> &'static str {
        match self {
            Self::Top => "topk",
            Self::Bottom => "bottomk",
        }
    }
}

/// What a word stands for in a table of words.
pub(in crate::query) fn find<T: Copy>(table: &[(&str, T)], word: &str) -> Option<T> {
    table.iter().find(|(text, _)| *text == word).map(|(_, meaning)| *meaning)
}

/// Words of other languages, and those that people try, each with what TraceQL has for it.
const OTHER_WORDS: [(&str, &str); 12] = [
    ("and", "&&"),
    ("AND", "&&"),
    ("or", "||"),
    ("OR", "||"),
    ("not", "!"),
    ("null", "nil"),
    ("none", "nil"),
    ("NIL", "nil"),
    ("True", "true"),
    ("False", "false"),
    ("rootService", "trace:rootService"),
    ("service", "resource.service.name"),
];

/// What a word meant to say perhaps: a word of another language, the property of an owner, or the most like of those that
/// may stand there.
pub(super) fn meant<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<Text> {
    if let Some((_, ours)) = OTHER_WORDS.iter().find(|(theirs, _)| *theirs == word) {
        return Some((*ours).into());
    }
    if let Some((_, _, intrinsic)) = OWNED.iter().find(|(_, text, _)| *text == word) {
        return Some(intrinsic.text().into());
    }
    nearest(word, candidates).map(Text::from)
}
