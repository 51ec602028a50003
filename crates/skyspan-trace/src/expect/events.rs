//! What [`SpanExpectation`] says of a span's events; [`EventExpectation`]: what an event must be.

use std::fmt;
use std::ops::RangeBounds;
use std::time::Duration;

use super::duration::DurationRange;
use super::expected::{Expected, in_message};
use super::number_range::NumberRange;
use super::part_attributes::PartAttributes;
use super::pattern::NamePattern;
use super::property::Property;
use super::several::Several;
use super::span_expectation::SpanExpectation;
use crate::trace::{Event, SpanRef, exact_duration};
use crate::value::Text;
use crate::value::Timestamp;

/// What an event of a span must be. Made by [`event`].
#[derive(Clone, Debug)]
#[must_use = "an event alone expects nothing: say of which span"]
pub struct EventExpectation {
    name: NamePattern,
    attributes: PartAttributes,
    after_start: Option<DurationRange>,
}

/// An event with this name.
///
/// ```
/// use skyspan_trace::expect::{event, ms, span};
/// # use skyspan_trace::{value::Timestamp, trace::{Attributes, Event, Span, Trace}};
/// # let at = Timestamp::from_unix_ns;
/// # let frame = Event::new("frame", at(5_000_000)).with_attributes(Attributes::from_iter([("number", 1)]));
/// # let trace = Trace::from_spans([Span::builder("expose").start(at(0)).event(frame).build()]);
/// trace.assert(span("expose").event(event("frame").attr("number", 1).after(ms(5)..=ms(5))));
/// ```
pub fn event(name: impl Into<NamePattern>) -> EventExpectation {
    EventExpectation { name: name.into(), attributes: PartAttributes::default(), after_start: None }
}

impl EventExpectation {
    /// It has such an attribute.
    pub fn attr(mut self, key: impl Into<Text>, expected: impl Into<Expected>) -> Self {
        self.attributes.has(key.into(), expected.into());
        self
    }

    /// It has these attributes, and no others.
    ///
    /// ```
    /// use skyspan_trace::expect::{event, span};
    /// # use skyspan_trace::{value::Timestamp, trace::{Event, Span, Trace}};
    /// # let frame = Event::new("frame", Timestamp::EPOCH).with_attributes([("number", 1)]);
    /// # let trace = Trace::from_spans([Span::builder("expose").event(frame).build()]);
    /// trace.assert(span("expose").event(event("frame").attrs_exactly([("number", 1)])));
    /// ```
    ///
    /// ```should_panic
    /// # use skyspan_trace::expect::{event, span};
    /// # use skyspan_trace::{value::Timestamp, trace::{Event, Span, Trace}};
    /// # let frame = Event::new("frame", Timestamp::EPOCH).with_attributes([("number", 1), ("row", 7)]);
    /// # let trace = Trace::from_spans([Span::builder("expose").event(frame).build()]);
    /// trace.assert(span("expose").event(event("frame").attrs_exactly([("number", 1)])));
    /// ```
    pub fn attrs_exactly(
        mut self,
        attributes: impl IntoIterator<Item = (impl Into<Text>, impl Into<Expected>)>,
    ) -> Self {
        self.attributes.are(attributes.into_iter().map(|(key, expected)| (key.into(), expected.into())));
        self
    }

    /// Its attributes are as this says.
    pub(super) fn with_attributes(self, attributes: PartAttributes) -> Self {
        Self { attributes, ..self }
    }

    /// It happens so long after the start of its span.
    pub fn after(mut self, range: impl RangeBounds<Duration>) -> Self {
        self.after_start = Some(DurationRange::new(range));
        self
    }

    fn matches(&self, event: &Event, start: Timestamp) -> bool {
        self.name.matches(&event.name)
            && self.attributes.matches(&event.attributes)
            && self.after_start.is_none_or(|range| range.contains_ns(event.timestamp.signed_ns_since(start)))
    }

    /// In what an event of its name differs, where it says of all attributes what they are: of others a report shows what was asked.
    fn differences(&self, event: &Event, start: Timestamp) -> Option<Vec<String>> {
        if !self.name.matches(&event.name) || !self.attributes.is_exact() {
            return None;
        }
        let mut differences = self.attributes.differences(&event.attributes);
        let after_ns = event.timestamp.signed_ns_since(start);
        if let Some(range) = self.after_start.filter(|range| !range.contains_ns(after_ns)) {
            differences.push(format!("{} after the start in place of {range}", exact_duration(after_ns)));
        }
        Some(differences)
    }

    /// An event that was found, with as much of it as was asked of one with its name: `"frame" (number=1) after 5 ms`.
    fn shown_to(all: &[Self], event: &Event, start: Timestamp) -> String {
        let asked = || all.iter().filter(|expected| expected.name.matches(&event.name));
        let mut shown = format!("{:?}", event.name);
        let is_asked = |key: &Text| asked().any(|expected| expected.attributes.is_asked(key));
        let attributes = event.attributes.iter().filter(|(key, _)| is_asked(key));
        let attributes: Vec<String> = attributes.map(|(key, value)| format!("{key}={}", in_message(value))).collect();
        if !attributes.is_empty() {
            shown = format!("{shown} ({})", attributes.join(" "));
        }
        if asked().any(|expected| expected.after_start.is_some()) {
            shown = format!("{shown} after {}", exact_duration(event.timestamp.signed_ns_since(start)));
        }
        shown
    }
}

/// `event "exception" with exception.type="ValueError"`.
impl fmt::Display for EventExpectation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "event {}{}", self.name, self.attributes)?;
        self.after_start.as_ref().map_or(Ok(()), |range| write!(f, " {range} after the start"))
    }
}

impl SpanExpectation {
    /// It has such an event, perhaps among others.
    ///
    /// ```
    /// # use skyspan_trace::{value::Timestamp, expect::{event, span}, trace::{Event, Span, Trace}};
    /// # let trace = Trace::from_spans([Span::builder("a").event(Event::new("retry", Timestamp::EPOCH)).build()]);
    /// trace.assert(span("a").event(event("retry")));
    /// ```
    ///
    /// ```should_panic
    /// # use skyspan_trace::{value::Timestamp, expect::{event, span}, trace::{Event, Span, Trace}};
    /// # let trace = Trace::from_spans([Span::builder("a").event(Event::new("retry", Timestamp::EPOCH)).build()]);
    /// trace.assert(span("a").event(event("failure")));
    /// ```
    pub fn event(self, event: EventExpectation) -> Self {
        self.with_property(Several::Some(event))
    }

    /// It has no such event.
    ///
    /// ```
    /// # use skyspan_trace::{value::Timestamp, expect::{event, span}, trace::{Event, Span, Trace}};
    /// # let trace = Trace::from_spans([Span::builder("a").event(Event::new("retry", Timestamp::EPOCH)).build()]);
    /// trace.assert(span("a").no_event(event("failure")));
    /// ```
    ///
    /// ```should_panic
    /// # use skyspan_trace::{value::Timestamp, expect::{any, event, span}, trace::{Event, Span, Trace}};
    /// # let trace = Trace::from_spans([Span::builder("a").event(Event::new("retry", Timestamp::EPOCH)).build()]);
    /// trace.assert(span("a").no_event(event(any())));
    /// ```
    pub fn no_event(self, event: EventExpectation) -> Self {
        self.with_property(Several::None(event))
    }

    /// It has exactly these events, in this order.
    ///
    /// ```
    /// # use skyspan_trace::{value::Timestamp, expect::{event, span}, trace::{Event, Span, Trace}};
    /// # let made = |name: &str| Event::new(name.to_owned(), Timestamp::EPOCH);
    /// # let trace = Trace::from_spans([Span::builder("a").event(made("retry")).event(made("failure")).build()]);
    /// trace.assert(span("a").events([event("retry"), event("failure")]));
    /// ```
    ///
    /// ```should_panic
    /// # use skyspan_trace::{value::Timestamp, expect::{event, span}, trace::{Event, Span, Trace}};
    /// # let made = |name: &str| Event::new(name.to_owned(), Timestamp::EPOCH);
    /// # let trace = Trace::from_spans([Span::builder("a").event(made("retry")).event(made("failure")).build()]);
    /// trace.assert(span("a").events([event("failure"), event("retry")]));
    /// ```
    pub fn events(self, events: impl IntoIterator<Item = EventExpectation>) -> Self {
        self.with_property(Several::these(events, true, false))
    }

    /// It has exactly these events, in any order; each expectation takes an event of its own.
    ///
    /// ```
    /// # use skyspan_trace::{value::Timestamp, expect::{any, event, span}, trace::{Event, Span, Trace}};
    /// # let made = |name: &str| Event::new(name.to_owned(), Timestamp::EPOCH);
    /// # let trace = Trace::from_spans([Span::builder("a").event(made("retry")).event(made("failure")).build()]);
    /// trace.assert(span("a").events_in_any_order([event(any()), event("retry")]));
    /// ```
    ///
    /// ```should_panic
    /// # use skyspan_trace::{value::Timestamp, expect::{event, span}, trace::{Event, Span, Trace}};
    /// # let made = |name: &str| Event::new(name.to_owned(), Timestamp::EPOCH);
    /// # let trace = Trace::from_spans([Span::builder("a").event(made("retry")).event(made("failure")).build()]);
    /// trace.assert(span("a").events_in_any_order([event("retry"), event("retry")]));
    /// ```
    pub fn events_in_any_order(self, events: impl IntoIterator<Item = EventExpectation>) -> Self {
        self.with_property(Several::these(events, false, false))
    }

    /// It has these events, in any order and perhaps among others; each expectation takes an event of its own.
    ///
    /// ```
    /// # use skyspan_trace::{value::Timestamp, expect::{event, span}, trace::{Event, Span, Trace}};
    /// # let made = |name: &str| Event::new(name.to_owned(), Timestamp::EPOCH);
    /// # let frames = Span::builder("a").event(made("frame")).event(made("saved")).event(made("frame"));
    /// # let trace = Trace::from_spans([frames.build()]);
    /// trace.assert(span("a").events_at_least([event("frame"), event("frame")]));
    /// ```
    ///
    /// ```should_panic
    /// # use skyspan_trace::{value::Timestamp, expect::{event, span}, trace::{Event, Span, Trace}};
    /// # let made = |name: &str| Event::new(name.to_owned(), Timestamp::EPOCH);
    /// # let trace = Trace::from_spans([Span::builder("a").event(made("frame")).event(made("saved")).build()]);
    /// trace.assert(span("a").events_at_least([event("frame"), event("frame")]));
    /// ```
    pub fn events_at_least(self, events: impl IntoIterator<Item = EventExpectation>) -> Self {
        self.with_property(Several::these(events, false, true))
    }

    /// It has these events, in this order and perhaps among others.
    ///
    /// ```
    /// # use skyspan_trace::{value::Timestamp, expect::{event, span}, trace::{Event, Span, Trace}};
    /// # let made = |name: &str| Event::new(name.to_owned(), Timestamp::EPOCH);
    /// # let frames = Span::builder("a").event(made("armed")).event(made("frame")).event(made("saved"));
    /// # let trace = Trace::from_spans([frames.build()]);
    /// trace.assert(span("a").events_at_least_in_order([event("armed"), event("saved")]));
    /// ```
    ///
    /// ```should_panic
    /// # use skyspan_trace::{value::Timestamp, expect::{event, span}, trace::{Event, Span, Trace}};
    /// # let made = |name: &str| Event::new(name.to_owned(), Timestamp::EPOCH);
    /// # let frames = Span::builder("a").event(made("armed")).event(made("frame")).event(made("saved"));
    /// # let trace = Trace::from_spans([frames.build()]);
    /// trace.assert(span("a").events_at_least_in_order([event("saved"), event("armed")]));
    /// ```
    pub fn events_at_least_in_order(self, events: impl IntoIterator<Item = EventExpectation>) -> Self {
        self.with_property(Several::these(events, true, true))
    }

    /// It has so many such events: a number, or a range of numbers.
    ///
    /// ```
    /// # use skyspan_trace::{value::Timestamp, expect::{event, span}, trace::{Event, Span, Trace}};
    /// # let retry = || Event::new("retry", Timestamp::EPOCH);
    /// # let trace = Trace::from_spans([Span::builder("a").event(retry()).event(retry()).build()]);
    /// trace.assert(span("a").event_count(2, event("retry")).event_count(..=3, event("retry")));
    /// ```
    ///
    /// ```should_panic
    /// # use skyspan_trace::{value::Timestamp, expect::{event, span}, trace::{Event, Span, Trace}};
    /// # let retry = || Event::new("retry", Timestamp::EPOCH);
    /// # let trace = Trace::from_spans([Span::builder("a").event(retry()).event(retry()).build()]);
    /// trace.assert(span("a").event_count(..=1, event("retry")));
    /// ```
    pub fn event_count(self, number: impl Into<NumberRange>, of: EventExpectation) -> Self {
        self.with_property(Several::Number(number.into(), of))
    }

    /// An exception of this type was recorded on it, with this message (OpenTelemetry semantic conventions, "Exceptions").
    ///
    /// ```
    /// # use skyspan_trace::{value::Timestamp, expect::{glob, span}, trace::{Attributes, Event, Span, Trace}};
    /// # let attributes = [("exception.type", "ValueError"), ("exception.message", "no light at all")];
    /// # let raised = Event::new("exception", Timestamp::EPOCH).with_attributes(Attributes::from_iter(attributes));
    /// # let trace = Trace::from_spans([Span::builder("set").event(raised).build()]);
    /// trace.assert(span("set").exception("ValueError", glob("no light*")));
    /// ```
    ///
    /// ```should_panic
    /// # use skyspan_trace::{expect::{any, span}, trace::{Span, Trace}};
    /// # let trace = Trace::from_spans([Span::builder("set").build()]);
    /// trace.assert(span("set").exception(any(), any()));
    /// ```
    pub fn exception(self, of_type: impl Into<Expected>, message: impl Into<Expected>) -> Self {
        self.event(event("exception").attr("exception.type", of_type).attr("exception.message", message))
    }
}

type Events = Several<EventExpectation>;

impl Property for Events {
    fn name(&self) -> String {
        "events".to_owned()
    }

    fn expected(&self) -> String {
        self.list("an")
    }

    fn found_instead(&self, span: SpanRef<'_>) -> Option<String> {
        let (found, start) = (span.span().events(), span.start());
        let holds = self.holds(found, |expected, event| expected.matches(event, start));
        let shown = |event: &Event| EventExpectation::shown_to(self.all(), event, start);
        (!holds).then(|| self.instead(found, shown, |expected, event| expected.differences(event, start)))
    }
}
