//! What [`SpanExpectation`] says of a span's events; [`EventExpectation`]: what an event must be.

use std::fmt;
use std::ops::RangeBounds;
use std::time::Duration;

use super::duration::DurationRange;
use super::expected::Expected;
use super::pattern::NamePattern;
use super::property::Property;
use super::span_expectation::SpanExpectation;
use crate::clock::Timestamp;
use crate::trace::{Event, SpanRef};
use crate::value::Text;

/// What an event of a span must be. Made by [`event`].
#[derive(Clone, Debug)]
#[must_use = "an event alone expects nothing: say of which span"]
pub struct EventExpectation {
    name: NamePattern,
    attributes: Vec<(Text, Expected)>,
    after_start: Option<DurationRange>,
}

/// An event with this name.
///
/// ```
/// use skyspan::expect::{event, ms, span};
/// # use skyspan::{clock::Timestamp, trace::{Attributes, Event, Span, Trace}};
/// # let at = Timestamp::from_unix_ns;
/// # let frame = Event::new("frame", at(5_000_000)).with_attributes(Attributes::from_iter([("number", 1)]));
/// # let trace = Trace::from_spans([Span::builder("expose").start(at(0)).event(frame).build()]);
/// trace.assert(span("expose").event(event("frame").attr("number", 1).after(ms(5)..=ms(5))));
/// ```
pub fn event(name: impl Into<NamePattern>) -> EventExpectation {
    EventExpectation { name: name.into(), attributes: Vec::new(), after_start: None }
}

impl EventExpectation {
    /// It has such an attribute.
    pub fn attr(mut self, key: impl Into<Text>, expected: impl Into<Expected>) -> Self {
        self.attributes.push((key.into(), expected.into()));
        self
    }

    /// It happens so long after the start of its span.
    pub fn after(mut self, range: impl RangeBounds<Duration>) -> Self {
        self.after_start = Some(DurationRange::new(range));
        self
    }

    fn matches(&self, event: &Event, start: Timestamp) -> bool {
        let has =
            |(key, expected): &(Text, Expected)| event.attributes.get(key).is_some_and(|value| expected.matches(value));
        self.name.matches(&event.name)
            && self.attributes.iter().all(has)
            && self.after_start.is_none_or(|range| range.contains_ns(event.timestamp.signed_ns_since(start)))
    }
}

/// `event "exception" with exception.type="ValueError"`.
impl fmt::Display for EventExpectation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "event {}", self.name)?;
        for (at, (key, expected)) in self.attributes.iter().enumerate() {
            write!(f, "{} {key}={expected}", if at == 0 { " with" } else { "" })?;
        }
        self.after_start.as_ref().map_or(Ok(()), |range| write!(f, " {range} after the start"))
    }
}

impl SpanExpectation {
    /// It has such an event, perhaps among others.
    ///
    /// ```
    /// # use skyspan::{clock::Timestamp, expect::{event, span}, trace::{Event, Span, Trace}};
    /// # let trace = Trace::from_spans([Span::builder("a").event(Event::new("retry", Timestamp::EPOCH)).build()]);
    /// trace.assert(span("a").event(event("retry")));
    /// ```
    ///
    /// ```should_panic
    /// # use skyspan::{clock::Timestamp, expect::{event, span}, trace::{Event, Span, Trace}};
    /// # let trace = Trace::from_spans([Span::builder("a").event(Event::new("retry", Timestamp::EPOCH)).build()]);
    /// trace.assert(span("a").event(event("failure")));
    /// ```
    pub fn event(self, event: EventExpectation) -> Self {
        self.with_property(Events::Some(event))
    }

    /// It has no such event.
    ///
    /// ```
    /// # use skyspan::{clock::Timestamp, expect::{event, span}, trace::{Event, Span, Trace}};
    /// # let trace = Trace::from_spans([Span::builder("a").event(Event::new("retry", Timestamp::EPOCH)).build()]);
    /// trace.assert(span("a").no_event(event("failure")));
    /// ```
    ///
    /// ```should_panic
    /// # use skyspan::{clock::Timestamp, expect::{any, event, span}, trace::{Event, Span, Trace}};
    /// # let trace = Trace::from_spans([Span::builder("a").event(Event::new("retry", Timestamp::EPOCH)).build()]);
    /// trace.assert(span("a").no_event(event(any())));
    /// ```
    pub fn no_event(self, event: EventExpectation) -> Self {
        self.with_property(Events::None(event))
    }

    /// It has exactly these events, in this order.
    ///
    /// ```
    /// # use skyspan::{clock::Timestamp, expect::{event, span}, trace::{Event, Span, Trace}};
    /// # let made = |name: &str| Event::new(name.to_owned(), Timestamp::EPOCH);
    /// # let trace = Trace::from_spans([Span::builder("a").event(made("retry")).event(made("failure")).build()]);
    /// trace.assert(span("a").events([event("retry"), event("failure")]));
    /// ```
    ///
    /// ```should_panic
    /// # use skyspan::{clock::Timestamp, expect::{event, span}, trace::{Event, Span, Trace}};
    /// # let made = |name: &str| Event::new(name.to_owned(), Timestamp::EPOCH);
    /// # let trace = Trace::from_spans([Span::builder("a").event(made("retry")).event(made("failure")).build()]);
    /// trace.assert(span("a").events([event("failure"), event("retry")]));
    /// ```
    pub fn events(self, events: impl IntoIterator<Item = EventExpectation>) -> Self {
        self.with_property(Events::Exactly(events.into_iter().collect()))
    }

    /// It has exactly these events, in any order; each expectation takes an event of its own.
    ///
    /// ```
    /// # use skyspan::{clock::Timestamp, expect::{any, event, span}, trace::{Event, Span, Trace}};
    /// # let made = |name: &str| Event::new(name.to_owned(), Timestamp::EPOCH);
    /// # let trace = Trace::from_spans([Span::builder("a").event(made("retry")).event(made("failure")).build()]);
    /// trace.assert(span("a").events_in_any_order([event(any()), event("retry")]));
    /// ```
    ///
    /// ```should_panic
    /// # use skyspan::{clock::Timestamp, expect::{event, span}, trace::{Event, Span, Trace}};
    /// # let made = |name: &str| Event::new(name.to_owned(), Timestamp::EPOCH);
    /// # let trace = Trace::from_spans([Span::builder("a").event(made("retry")).event(made("failure")).build()]);
    /// trace.assert(span("a").events_in_any_order([event("retry"), event("retry")]));
    /// ```
    pub fn events_in_any_order(self, events: impl IntoIterator<Item = EventExpectation>) -> Self {
        self.with_property(Events::AnyOrder(events.into_iter().collect()))
    }

    /// An exception of this type was recorded on it, with this message (OpenTelemetry semantic conventions, "Exceptions").
    ///
    /// ```
    /// # use skyspan::{clock::Timestamp, expect::{glob, span}, trace::{Attributes, Event, Span, Trace}};
    /// # let attributes = [("exception.type", "ValueError"), ("exception.message", "no light at all")];
    /// # let raised = Event::new("exception", Timestamp::EPOCH).with_attributes(Attributes::from_iter(attributes));
    /// # let trace = Trace::from_spans([Span::builder("set").event(raised).build()]);
    /// trace.assert(span("set").exception("ValueError", glob("no light*")));
    /// ```
    ///
    /// ```should_panic
    /// # use skyspan::{expect::{any, span}, trace::{Span, Trace}};
    /// # let trace = Trace::from_spans([Span::builder("set").build()]);
    /// trace.assert(span("set").exception(any(), any()));
    /// ```
    pub fn exception(self, of_type: impl Into<Expected>, message: impl Into<Expected>) -> Self {
        self.event(event("exception").attr("exception.type", of_type).attr("exception.message", message))
    }
}

#[derive(Debug)]
enum Events {
    Some(EventExpectation),
    None(EventExpectation),
    Exactly(Vec<EventExpectation>),
    AnyOrder(Vec<EventExpectation>),
}

impl Events {
    fn holds(&self, found: &[Event], start: Timestamp) -> bool {
        match self {
            Self::Some(expected) => found.iter().any(|event| expected.matches(event, start)),
            Self::None(expected) => !found.iter().any(|event| expected.matches(event, start)),
            Self::Exactly(expected) => {
                let mut pairs = expected.iter().zip(found);
                expected.len() == found.len() && pairs.all(|(expected, event)| expected.matches(event, start))
            }
            Self::AnyOrder(expected) => {
                let mut taken_by = vec![None; found.len()];
                let matches = |one: usize, other: usize| expected[one].matches(&found[other], start);
                let all = (0..expected.len())
                    .all(|one| takes_one(one, &matches, &mut taken_by, &mut vec![false; found.len()]));
                expected.len() == found.len() && all
            }
        }
    }
}

/// Gives one expectation an event of its own, where others may have to move on (an augmenting path). As deep as there are
/// events; a span has few.
pub(super) fn takes_one(
    one: usize,
    matches: &impl Fn(usize, usize) -> bool,
    taken_by: &mut [Option<usize>],
    seen: &mut [bool],
) -> bool {
    for at in 0..taken_by.len() {
        if seen[at] || !matches(one, at) {
            continue;
        }
        seen[at] = true;
        if taken_by[at].is_none_or(|other| takes_one(other, matches, taken_by, seen)) {
            taken_by[at] = Some(one);
            return true;
        }
    }
    false
}

impl Property for Events {
    fn name(&self) -> String {
        "events".to_owned()
    }

    fn expected(&self) -> String {
        let list = |events: &[EventExpectation]| match events {
            [] => "none".to_owned(),
            events => events.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
        };
        match self {
            Self::Some(event) => format!("an {event}"),
            Self::None(event) => format!("no {event}"),
            Self::Exactly(events) => list(events),
            Self::AnyOrder(events) => format!("in any order {}", list(events)),
        }
    }

    fn found_instead(&self, span: SpanRef<'_>) -> Option<String> {
        let found = span.span().events();
        (!self.holds(found, span.start())).then(|| match found {
            [] => "none".to_owned(),
            found => {
                let names: Vec<String> = found.iter().map(|event| format!("{:?}", event.name)).collect();
                names.join(", ")
            }
        })
    }
}
