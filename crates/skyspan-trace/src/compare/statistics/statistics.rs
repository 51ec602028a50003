//! [`Statistics`]: where the time of a trace goes.

use std::time::Duration;

use serde::Serialize;

use super::between::between;
use super::held::{HeldSums, Holder};
use super::lane::{Decided, decide, label_in};
use super::member::members_of;
use super::part::Parts;
use super::span_group::groups_of;
use super::{BetweenSpans, Held, HeldWait, RunStatistics, SectionStatistics, SpanGroup};
use crate::trace::Trace;
use crate::trace::bluesky::{RUN, command_of};
use crate::value::{FormatVersion, Text, Timestamp, nanoseconds};

/// Where the time of a trace goes. Its `Display` is tables of at most 80 columns; its JSON begins with `version: 1`.
///
/// ```
/// use skyspan_trace::trace::{Span, Trace};
/// use skyspan_trace::value::Timestamp;
/// use std::time::Duration;
///
/// let span = |name: &str, id: u64, parent: u64, start, end| {
///     let at = Timestamp::from_unix_ns;
///     Span::builder(name).trace_id(1).span_id(id).parent_id(parent).start(at(start)).end(at(end)).build()
/// };
/// let trace = Trace::from_spans([
///     span("order", 1, 0, 0, 100),
///     span("charge", 2, 1, 10, 40),
///     span("charge", 3, 1, 50, 90),
/// ]);
/// let statistics = trace.statistics();
/// let charge = statistics.groups.iter().find(|group| group.name() == Some("charge")).unwrap();
/// assert_eq!((charge.count, charge.times.total, charge.share), (2, Duration::from_nanos(70), 0.7));
/// assert_eq!(statistics.groups[0].self_time, Duration::from_nanos(30));
/// ```
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Statistics {
    version: FormatVersion,
    /// When the first span starts; nothing where there is none.
    pub start: Option<Timestamp>,
    /// From there to the end of the last span.
    #[serde(rename = "duration_ns", serialize_with = "nanoseconds")]
    pub duration: Duration,
    /// How many spans there are.
    pub spans: u64,
    /// The spans that are alike, those first that took longest together.
    pub groups: Vec<SpanGroup>,
    /// The sections of plans, those first that took longest together. A trace that is of no RunEngine has none.
    pub sections: Vec<SectionStatistics>,
    /// The runs, in order of time.
    pub runs: Vec<RunStatistics>,
    /// What held the waits, those first that held longest; and the devices that held none, with their statuses.
    pub held: Vec<Held>,
    /// Time in which no span says what was done.
    pub between: Vec<BetweenSpans>,
    /// Each wait, in order of time.
    pub waits: Vec<HeldWait>,
}

impl Trace {
    /// Where the time of the trace goes: by name and device, by section, by run; what held each wait of a RunEngine; and what
    /// is between the spans. Takes time in proportion to the number of spans, but for sorting.
    ///
    /// Self times, runs and sections are those of the [tree of runs](Self::grouped_by_run). Open spans have no time.
    ///
    /// # Who held a wait
    ///
    /// A wait is for the statuses of its group that were made before it. A status is of the group of the message above it; one
    /// without a message above it (all but those of `set` and `complete`, in bluesky's own convention) is of the next wait
    /// that nothing else explains. The one that was done last ended it, or the one that failed. Where the wait ended and
    /// statuses of it were still under way, it was a time-out if its span says so, and an interruption if not. The time that a
    /// device settles for counts as its status. A device that leaves no status at all, as those of ophyd-async, is found where its message is the
    /// only one.
    #[must_use]
    pub fn statistics(&self) -> Statistics {
        self.statistics_by(["name", "device"])
    }

    /// The same, with groups of spans that are alike in other things: `name`, `kind`, `status`, `device`, or attributes of the span or
    /// its resource, such as `service.name`; `span.` and `resource.` before a key say which.
    ///
    /// ```
    /// use serde_json::json;
    /// use skyspan_trace::trace::{Resource, Span, Trace};
    ///
    /// let shop = |name: &str| Span::builder(name).resource(Resource::new(json!({"service.name": "shop"}))).build();
    /// let statistics = Trace::from_spans([shop("order"), shop("charge")]).statistics_by(["service.name"]);
    /// assert_eq!((statistics.groups[0].key("service.name"), statistics.groups[0].count), (Some("shop"), 2));
    /// ```
    #[must_use]
    pub fn statistics_by(&self, by: impl IntoIterator<Item = impl Into<Text>>) -> Statistics {
        let by: Vec<Text> = by.into_iter().map(Into::into).collect();
        let is_of_engine = self.spans().any(|span| span.name() == RUN || command_of(span.span()).is_some());
        let tree = if self.named(RUN).next().is_some() { self.grouped_by_run().trace } else { self.clone() };
        let from = self.first_start().unwrap_or_default();
        let known = || self.spans().filter(|span| span.start_is_known());
        let to = known().map(|span| span.end().unwrap_or(span.start())).max().unwrap_or(from).max(from);
        let whole = to.since(from);

        let parts = Parts::of(&tree);
        let waits = tree.spans().filter(|span| command_of(span.span()) == Some("wait")).collect();
        let (decided, members) = decide(waits, members_of(&tree), self);
        let decided: Vec<(Decided<'_>, HeldWait)> = decided
            .into_iter()
            .map(|it| {
                let wait = HeldWait {
                    span: label_in(self, it.span),
                    at: it.span.start().since(from),
                    duration: it.span.end().unwrap_or(to).since(it.span.start()),
                    group: it.group.clone(),
                    run: parts.run_of(it.span),
                    statuses: it.statuses,
                    end: it.end.clone(),
                };
                (it, wait)
            })
            .collect();
        let mut held = HeldSums::default();
        members.iter().for_each(|member| held.status(&member.device, member.command.as_ref(), member.time()));
        decided.iter().for_each(|(_, wait)| held.wait(wait));
        let sections = if is_of_engine { parts.sections(&tree, &decided, whole) } else { Vec::new() };
        let waits: Vec<HeldWait> = decided.into_iter().map(|(_, wait)| wait).collect();
        Statistics {
            version: FormatVersion,
            start: (!self.is_empty()).then_some(from),
            duration: whole,
            spans: self.len() as u64,
            groups: groups_of(&tree, &by, whole),
            sections,
            runs: parts.runs(&tree, &waits, from, to),
            held: held.finish(whole),
            between: between(&tree, &waits, from, to),
            waits,
        }
    }
}

impl Statistics {
    /// The waits that a device held by what it was told to do: `statistics.held_by("camera", "trigger")`.
    #[must_use]
    pub fn held_by(&self, device: &str, command: &str) -> Option<&Held> {
        self.held.iter().find(|held| match &held.by {
            Holder::Status { device: known, command: Some(told) } => known == device && told == command,
            _ => false,
        })
    }

    /// How long all waits took.
    #[must_use]
    pub fn waiting(&self) -> Duration {
        self.waits.iter().map(|wait| wait.duration).sum()
    }
}
