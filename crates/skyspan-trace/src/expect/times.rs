//! What [`SpanExpectation`] says of a span's times, besides how long it lasts.

use std::ops::RangeBounds;
use std::time::Duration;

use super::duration::DurationRange;
use super::property::Property;
use super::span_expectation::SpanExpectation;
use crate::trace::{SpanRef, exact_duration};
use crate::value::Timestamp;

/// So many spans of a critical path are told.
const PATH_TOLD_MAX: usize = 5;

impl SpanExpectation {
    /// It starts so long after the first span of the trace does.
    ///
    /// ```
    /// # use skyspan_trace::{value::Timestamp, expect::{ms, secs, span}, trace::{Span, Trace}};
    /// # let run = Span::builder("run").start(Timestamp::from_unix_s(100.0)).build();
    /// # let set = Span::builder("set").start(Timestamp::from_unix_s(102.0)).build();
    /// # let trace = Trace::from_spans([run, set]);
    /// trace.assert(span("set").starting(secs(2.0)..=secs(2.0)));
    /// ```
    ///
    /// ```should_panic
    /// # use skyspan_trace::{value::Timestamp, expect::{ms, secs, span}, trace::{Span, Trace}};
    /// # let run = Span::builder("run").start(Timestamp::from_unix_s(100.0)).build();
    /// # let set = Span::builder("set").start(Timestamp::from_unix_s(102.0)).build();
    /// # let trace = Trace::from_spans([run, set]);
    /// trace.assert(span("set").starting(..secs(2.0)));
    /// ```
    pub fn starting(self, after: impl RangeBounds<Duration>) -> Self {
        self.with_property(Time { of: TimeOf::Start, range: DurationRange::new(after) })
    }

    /// It ends so long after the first span of the trace starts.
    ///
    /// ```
    /// # use skyspan_trace::{value::Timestamp, expect::{secs, span}, trace::{Span, Trace}};
    /// # let at = Timestamp::from_unix_s;
    /// # let run = Span::builder("run").start(at(100.0)).build();
    /// # let set = Span::builder("set").start(at(102.0)).end(at(103.0)).build();
    /// # let trace = Trace::from_spans([run, set]);
    /// trace.assert(span("set").ending(..=secs(3.0)));
    /// ```
    ///
    /// ```should_panic
    /// # use skyspan_trace::{value::Timestamp, expect::{secs, span}, trace::{Span, Trace}};
    /// # let run = Span::builder("run").start(Timestamp::from_unix_s(100.0)).build();
    /// # let trace = Trace::from_spans([run]);
    /// trace.assert(span("run").ending(..=secs(3.0)));
    /// ```
    pub fn ending(self, after: impl RangeBounds<Duration>) -> Self {
        self.with_property(Time { of: TimeOf::End, range: DurationRange::new(after) })
    }

    /// It starts at this time, to the nanosecond.
    ///
    /// ```
    /// # use skyspan_trace::{value::Timestamp, expect::span, trace::{Span, Trace}};
    /// # let at = Timestamp::from_unix_s;
    /// # let trace = Trace::from_spans([Span::builder("set").start(at(102.0)).end(at(103.0)).build()]);
    /// trace.assert(span("set").starting_at(Timestamp::from_unix_s(102.0)));
    /// ```
    ///
    /// ```should_panic
    /// # use skyspan_trace::{value::Timestamp, expect::span, trace::{Span, Trace}};
    /// # let at = Timestamp::from_unix_s;
    /// # let trace = Trace::from_spans([Span::builder("set").start(at(102.0)).end(at(103.0)).build()]);
    /// trace.assert(span("set").starting_at(Timestamp::from_unix_s(102.5)));
    /// ```
    pub fn starting_at(self, at: Timestamp) -> Self {
        self.with_property(WallTime { of_end: false, at })
    }

    /// It ends at this time, to the nanosecond.
    ///
    /// ```
    /// # use skyspan_trace::{value::Timestamp, expect::span, trace::{Span, Trace}};
    /// # let at = Timestamp::from_unix_s;
    /// # let trace = Trace::from_spans([Span::builder("set").start(at(102.0)).end(at(103.0)).build()]);
    /// trace.assert(span("set").ending_at(Timestamp::from_unix_s(103.0)));
    /// ```
    ///
    /// ```should_panic
    /// # use skyspan_trace::{value::Timestamp, expect::span, trace::{Span, Trace}};
    /// # let trace = Trace::from_spans([Span::builder("set").start(Timestamp::from_unix_s(102.0)).build()]);
    /// trace.assert(span("set").ending_at(Timestamp::from_unix_s(103.0)));
    /// ```
    pub fn ending_at(self, at: Timestamp) -> Self {
        self.with_property(WallTime { of_end: true, at })
    }

    /// So much of its time is its own: spent in none of its children ([`SpanRef::self_time_ns`]).
    ///
    /// ```
    /// # use skyspan_trace::{value::Timestamp, expect::{ns, span}, trace::{Span, Trace}};
    /// # let at = Timestamp::from_unix_ns;
    /// let plan = Span::builder("plan").trace_id(1).span_id(1).start(at(0)).end(at(10)).build();
    /// let set = Span::builder("set").trace_id(1).span_id(2).parent_id(1).start(at(2)).end(at(9)).build();
    /// Trace::from_spans([plan, set]).assert(span("plan").self_time(..=ns(3)));
    /// ```
    ///
    /// ```should_panic
    /// # use skyspan_trace::{value::Timestamp, expect::{ns, span}, trace::{Span, Trace}};
    /// # let at = Timestamp::from_unix_ns;
    /// # let plan = Span::builder("plan").trace_id(1).span_id(1).start(at(0)).end(at(10)).build();
    /// # let set = Span::builder("set").trace_id(1).span_id(2).parent_id(1).start(at(2)).end(at(9)).build();
    /// Trace::from_spans([plan, set]).assert(span("plan").self_time(..ns(3)));
    /// ```
    pub fn self_time(self, range: impl RangeBounds<Duration>) -> Self {
        self.with_property(Time { of: TimeOf::Own, range: DurationRange::new(range) })
    }

    /// Its root would have been quicker if it had been: it is on the critical path, itself or by a span below it
    /// ([`SpanRef::critical_path`]).
    ///
    /// ```
    /// # use skyspan_trace::{value::Timestamp, expect::{every, none, span}, trace::{Span, Trace}};
    /// # let made = |name: &str, id: u64, parent: u64, start, end| {
    /// #     let at = Timestamp::from_unix_ns;
    /// #     Span::builder(name).trace_id(1).span_id(id).parent_id(parent).start(at(start)).end(at(end)).build()
    /// # };
    /// # let trace = Trace::from_spans([made("run", 1, 0, 0, 9), made("move", 2, 1, 0, 9), made("read", 3, 1, 2, 5)]);
    /// trace.assert(every(span("move")).on_critical_path());
    /// trace.assert(none(span("read").on_critical_path()));
    /// ```
    ///
    /// ```should_panic
    /// # use skyspan_trace::{value::Timestamp, expect::{every, span}, trace::{Span, Trace}};
    /// # let made = |name: &str, id: u64, parent: u64, start, end| {
    /// #     let at = Timestamp::from_unix_ns;
    /// #     Span::builder(name).trace_id(1).span_id(id).parent_id(parent).start(at(start)).end(at(end)).build()
    /// # };
    /// # let trace = Trace::from_spans([made("run", 1, 0, 0, 9), made("move", 2, 1, 0, 9), made("read", 3, 1, 2, 5)]);
    /// trace.assert(every(span("read")).on_critical_path());
    /// ```
    pub fn on_critical_path(self) -> Self {
        self.with_property(OnCriticalPath)
    }
}

#[derive(Debug)]
struct OnCriticalPath;

impl Property for OnCriticalPath {
    fn name(&self) -> String {
        "critical path".to_owned()
    }

    fn expected(&self) -> String {
        "that the span is on it".to_owned()
    }

    fn found_instead(&self, span: SpanRef<'_>) -> Option<String> {
        if span.is_on_critical_path() {
            return None;
        }
        let mut names: Vec<String> = Vec::new();
        for part in span.root().critical_path() {
            let name = format!("{:?}", part.span.span().name());
            if names.last() != Some(&name) {
                names.push(name);
            }
        }
        Some(match names.as_slice() {
            [] => "none".to_owned(),
            few if few.len() <= PATH_TOLD_MAX => few.join(", "),
            many => format!("{}, and {} more", many[..PATH_TOLD_MAX].join(", "), many.len() - PATH_TOLD_MAX),
        })
    }

    fn words(&self) -> String {
        "on the critical path".to_owned()
    }
}

/// When it starts or ends by the calendar.
#[derive(Debug)]
struct WallTime {
    of_end: bool,
    at: Timestamp,
}

impl Property for WallTime {
    fn name(&self) -> String {
        if self.of_end { "end" } else { "start" }.to_owned()
    }

    fn expected(&self) -> String {
        self.at.to_string()
    }

    fn found_instead(&self, span: SpanRef<'_>) -> Option<String> {
        let found = if self.of_end { span.end() } else { Some(span.start()) };
        (found != Some(self.at)).then(|| found.map_or_else(|| "it open".to_owned(), |found| found.to_string()))
    }
}

#[derive(Debug)]
struct Time {
    of: TimeOf,
    range: DurationRange,
}

#[derive(Debug)]
enum TimeOf {
    Start,
    End,
    Own,
}

impl Property for Time {
    fn name(&self) -> String {
        match self.of {
            TimeOf::Start => "start",
            TimeOf::End => "end",
            TimeOf::Own => "self time",
        }
        .to_owned()
    }

    fn expected(&self) -> String {
        match self.of {
            TimeOf::Start | TimeOf::End => format!("{} after the start of the trace", self.range),
            TimeOf::Own => self.range.to_string(),
        }
    }

    fn found_instead(&self, span: SpanRef<'_>) -> Option<String> {
        let after_start = |time: Timestamp| {
            let first = span.trace().first_start().unwrap_or(span.start());
            time.signed_ns_since(first)
        };
        let ns = match self.of {
            TimeOf::Start => Some(after_start(span.start())),
            TimeOf::End => span.end().map(after_start),
            TimeOf::Own => span.self_time_ns(),
        };
        match ns {
            Some(ns) if self.range.contains_ns(ns) => None,
            Some(ns) => Some(exact_duration(ns)),
            None => Some("it open".to_owned()),
        }
    }
}
