//! [`Rule`]: what a trace should be like whatever it is of.

use std::fmt;

use super::report::Found;
use super::{attributes, bluesky, names, resources, structure};
use crate::trace::Trace;
use crate::value::nearest;

/// How bad it is to break a rule.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// It may be meant so.
    Info,
    /// Somebody who reads the trace will be misled, or miss something.
    Warning,
    /// The trace is malformed, or does harm.
    Error,
}

impl Severity {
    /// All of them, the least first.
    pub const ALL: [Self; 3] = [Self::Info, Self::Warning, Self::Error];

    /// The word that check files and reports have for it: `info`, `warning`, `error`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// What a trace should be like whatever it is of. [`Rule::all`] has all of them.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Rule {
    /// What it is called: `unended`.
    pub name: &'static str,
    /// How bad it is to break it.
    pub severity: Severity,
    /// What should be the case; it goes on after "expected".
    pub wants: &'static str,
    /// Why a trace should keep the rule.
    pub reason: &'static str,
    /// The text from which it comes.
    pub source: &'static str,
    pub(super) find: fn(&Trace) -> Vec<Found>,
}

macro_rules! rules {
    ($($name:literal $severity:ident $find:path: $wants:literal, $reason:literal, $source:literal;)*) => {
        &[$(Rule {
            name: $name, severity: Severity::$severity, wants: $wants, reason: $reason, source: $source, find: $find,
        }),*]
    };
}

const RULES: &[Rule] = rules! {
    "unended" Error structure::unended: "an end",
        "a span that never ends reaches no exporter, and nobody knows how long it took",
        "OpenTelemetry specification, trace API, End";
    "negative-duration" Error structure::negative_durations: "an end that is not before the start",
        "what draws or adds up durations goes wrong",
        "OpenTelemetry protocol, trace.proto, end_time_unix_nano";
    "unknown-start" Error structure::unknown_starts: "a time of the start",
        "the span cannot be put in order with others",
        "OpenTelemetry protocol, trace.proto, start_time_unix_nano";
    "duplicate-id" Error structure::duplicate_ids: "an id that no other span of its trace has",
        "children and links lead to one of the two, whichever came first",
        "OpenTelemetry specification, trace API, SpanContext";
    "cycle" Error structure::cycles: "a parent that is not below it",
        "what walks up a trace never comes to its root",
        "OpenTelemetry specification, overview: a trace is a directed acyclic graph of spans";
    "orphan" Warning structure::orphans: "its parent in the trace",
        "a part of the trace is missing: a process that was not recorded, or a span that never ended",
        "Jaeger: invalid parent span IDs; tracetest: a trace in one piece";
    "child-outside-parent" Warning structure::outside_parent: "a start while its parent is under way",
        "work that starts before its cause, or long after it, has another cause, or the clocks differ",
        "OpenTelemetry specification, overview, traces; Jaeger, clock skew adjustment";
    "empty-name" Error names::empty: "a name",
        "nothing groups or finds it",
        "OpenTelemetry specification, trace API, span creation; tracetest, span-naming";
    "name-cardinality" Warning names::high_cardinality: "a name that is the same for all spans of a kind",
        "what is grouped by name has a group for every span; ids and numbers belong in attributes",
        "OpenTelemetry specification, trace API, Span: the name; tracetest, span-naming";
    "exception-status" Warning attributes::exceptions: "the status ERROR with a description, as an exception was recorded",
        "a search for failed spans does not find it, or does not say why",
        "OpenTelemetry semantic conventions, exceptions on spans; recording errors";
    "attribute-key" Warning attributes::keys: "keys in lower case, with `_` within and `.` between words",
        "who searches for one has to guess how it is written",
        "OpenTelemetry semantic conventions, attribute naming; weaver and tracetest, attribute-naming";
    "attribute-type" Warning attributes::types: "values of one type for one key of spans of one name",
        "stores keep one type, and refuse or lose the others",
        "OpenTelemetry semantic conventions, attribute requirement; weaver live-check, type mismatch";
    "secret" Error attributes::secrets: "no secret in attributes, events and the status",
        "traces are kept for long, and read by many",
        "OpenTelemetry, handling sensitive data; tracetest, secure-https-protocol and no-api-key-leak";
    "service-name" Warning resources::service_name: "the resource attribute service.name",
        "stores file the trace under unknown_service",
        "OpenTelemetry semantic conventions, resource, service; tracetest, required-attributes";
    "dropped-data" Warning resources::dropped: "all attributes, events and links kept",
        "a limit of the SDK took some of them, and what is searched may have been among them",
        "OpenTelemetry specification, common, attribute limits; trace.proto, dropped_attributes_count";
    "clock-skew" Warning resources::clock_skew: "clocks of resources that agree",
        "a span of another process lies outside the call that led to it, so times cannot be compared across the two",
        "Jaeger, clock skew adjustment";
    "run-exit-status" Warning bluesky::run_without_exit_status: "an exit_status of success, abort or fail, as the run has ended",
        "nobody sees how the run went; bluesky 1.14 and 1.15 write null or None where a plan closed its run without a word",
        "bluesky, tracing with OpenTelemetry: the span of a run";
    "set-status" Info bluesky::set_without_status: "a child `Ophyd Status`",
        "how long the device moved is not in the trace; devices of ophyd-async leave no status",
        "bluesky, tracing with OpenTelemetry: spans of ophyd";
    "status-outlives-run" Warning bluesky::status_outlives_run: "an end no later than that of its run",
        "a device still moved when its run was closed: a group that nobody waited for",
        "bluesky: wait for the groups of a run before it is closed";
};

impl Rule {
    /// All rules: of the structure of traces, of names, attributes and resources, and of bluesky.
    ///
    /// ```
    /// use skyspan_trace::check::Rule;
    ///
    /// assert!(Rule::all().iter().all(|rule| !rule.reason.is_empty() && !rule.source.is_empty()));
    /// ```
    #[must_use]
    pub const fn all() -> &'static [Self] {
        RULES
    }

    /// The rule of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        RULES.iter().find(|rule| rule.name == name)
    }

    /// The name that was perhaps meant.
    #[must_use]
    pub fn nearest(name: &str) -> Option<&'static str> {
        nearest(name, RULES.iter().map(|rule| rule.name))
    }
}

/// Rules are the same if they are called the same.
impl PartialEq for Rule {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Rule {}

/// Written as the name of the rule.
impl serde::Serialize for Rule {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct as _;
        let mut rule = serializer.serialize_struct("Rule", 5)?;
        rule.serialize_field("name", self.name)?;
        rule.serialize_field("severity", &self.severity)?;
        rule.serialize_field("wants", self.wants)?;
        rule.serialize_field("reason", self.reason)?;
        rule.serialize_field("source", self.source)?;
        rule.end()
    }
}
