//! [`SameAs`]: a trace that is as another one, but for what is named.

use std::fmt;
use std::sync::Arc;

use super::events::event;
use super::expectation::Expectation;
use super::links::{link_elsewhere, link_to};
use super::mismatch::Mismatch;
use super::part_attributes::PartAttributes;
use super::pattern::NamePattern;
use super::property::Property;
use super::same_trees::Comparison;
use super::span_expectation::{SpanExpectation, span};
use crate::trace::{Attributes, Event, Link, Span, SpanRef, Trace};
use crate::value::{Text, Timestamp, Value};

/// A part of traces that may be left out where two are compared.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum TracePart {
    /// The ids of traces and spans. Who is whose child, and to which span of the trace a link points, is compared all the same.
    Ids,
    /// Starts, ends, and the times of events. Whether a span has ended is compared all the same.
    Times,
    /// The order of siblings.
    Order,
    /// Kinds.
    SpanKind,
    /// Statuses.
    Status,
    /// Events.
    Events,
    /// Links.
    Links,
    /// Resources.
    Resource,
    /// Scopes.
    Scope,
    /// Trace states, of spans and links.
    TraceState,
    /// Flags, of spans.
    Flags,
    /// How much was dropped for limits.
    Dropped,
}

impl TracePart {
    const fn words(self) -> &'static str {
        match self {
            Self::Ids => "ids",
            Self::Times => "times",
            Self::Order => "order",
            Self::SpanKind => "kind",
            Self::Status => "status",
            Self::Events => "events",
            Self::Links => "links",
            Self::Resource => "resource",
            Self::Scope => "scope",
            Self::TraceState => "trace state",
            Self::Flags => "flags",
            Self::Dropped => "dropped",
        }
    }
}

/// What a comparison leaves out.
#[derive(Clone, Debug, Default)]
pub(super) struct LeftOut {
    parts: Vec<TracePart>,
    keys: Vec<NamePattern>,
    values: Vec<NamePattern>,
}

impl LeftOut {
    pub(super) fn has(&self, part: TracePart) -> bool {
        self.parts.contains(&part)
    }

    pub(super) fn has_value(&self, key: &str) -> bool {
        self.values.iter().any(|pattern| pattern.matches(key))
    }

    pub(super) fn has_key(&self, key: &str) -> bool {
        self.keys.iter().any(|pattern| pattern.matches(key))
    }

    /// What attributes must be to be the same.
    fn attributes(&self, of: &Attributes) -> PartAttributes {
        let mut same = PartAttributes::free_at(&self.keys);
        let said = of.iter().filter(|(key, _)| !self.has_key(key));
        same.are(said.map(|(key, value)| (key.clone(), self.expected(key, value))));
        same
    }

    fn expected(&self, key: &str, value: &Value) -> super::Expected {
        if self.has_value(key) { super::Expected::Any } else { super::Expected::Equal(value.clone()) }
    }
}

/// A trace that is as another one, but for what is named. Made by [`same_as`].
#[derive(Clone, Debug)]
#[must_use = "an expectation does nothing until a trace is checked against it"]
pub struct SameAs {
    pub(super) trace: Trace,
    pub(super) left_out: Arc<LeftOut>,
}

/// The trace is as another one: the same trees, and of each span all that it has. What may differ is named: ids and times between two
/// runs, or the attribute that a change is about.
///
/// Siblings stand in the order in which they started. Attributes may stand in any.
///
/// ```
/// use skyspan_trace::expect::{TracePart, glob, same_as};
/// # use skyspan_trace::{value::Timestamp, trace::{Span, Trace}};
///
/// let run = |id: u64, thread: i64| {
///     let order = Span::builder("order").trace_id(u128::from(id)).span_id(id).start(Timestamp::from_unix_ns(id));
///     Trace::from_spans([order.attribute("customer", "ada").attribute("thread.id", thread).build()])
/// };
/// run(2, 7).assert(same_as(&run(1, 5)).without([TracePart::Ids, TracePart::Times]).without_key(glob("thread.*")));
/// ```
///
/// ```should_panic
/// # use skyspan_trace::{expect::{TracePart, same_as}, trace::{Span, Trace}};
/// # let run = |customer: &str| Trace::from_spans([Span::builder("order").attribute("customer", customer).build()]);
/// run("bob").assert(same_as(&run("ada")));
/// ```
pub fn same_as(trace: &Trace) -> SameAs {
    SameAs { trace: trace.clone(), left_out: Arc::default() }
}

impl SameAs {
    /// These parts may differ.
    ///
    /// ```
    /// # use skyspan_trace::{expect::{TracePart, same_as}, trace::{Span, Trace}};
    /// # let [one, other] = [1, 2].map(|id| Trace::from_spans([Span::builder("order").trace_id(1).span_id(id).build()]));
    /// one.assert(same_as(&other).without([TracePart::Ids]));
    /// ```
    ///
    /// ```should_panic
    /// # use skyspan_trace::{expect::{TracePart, same_as}, trace::{Span, Trace}};
    /// # let [one, other] = [1, 2].map(|id| Trace::from_spans([Span::builder("order").trace_id(1).span_id(id).build()]));
    /// one.assert(same_as(&other).without([TracePart::Times]));
    /// ```
    pub fn without(mut self, parts: impl IntoIterator<Item = TracePart>) -> Self {
        Arc::make_mut(&mut self.left_out).parts.extend(parts);
        self
    }

    /// Attributes with this key, an exact one or as a pattern says, may be there or not, whatever their value: of spans, events, links and
    /// resources.
    ///
    /// ```
    /// # use skyspan_trace::{expect::same_as, trace::{Span, Trace}};
    /// # let one = Trace::from_spans([Span::builder("order").attribute("thread.id", 1).build()]);
    /// # let other = Trace::from_spans([Span::builder("order").build()]);
    /// one.assert(same_as(&other).without_key("thread.id"));
    /// ```
    ///
    /// ```should_panic
    /// # use skyspan_trace::{expect::same_as, trace::{Span, Trace}};
    /// # let one = Trace::from_spans([Span::builder("order").attribute("thread.id", 1).build()]);
    /// # let other = Trace::from_spans([Span::builder("order").build()]);
    /// one.assert(same_as(&other).without_key("thread.name"));
    /// ```
    pub fn without_key(mut self, key: impl Into<NamePattern>) -> Self {
        Arc::make_mut(&mut self.left_out).keys.push(key.into());
        self
    }

    /// Attributes with this key are there where they are in the other trace, whatever their value.
    ///
    /// ```
    /// # use skyspan_trace::{expect::same_as, trace::{Span, Trace}};
    /// # let [one, other] = ["set-3fa9c1", "set-000000"].map(|group| Trace::from_spans([Span::builder("set").attribute("group", group).build()]));
    /// one.assert(same_as(&other).without_value("group"));
    /// ```
    ///
    /// ```should_panic
    /// # use skyspan_trace::{expect::same_as, trace::{Span, Trace}};
    /// # let one = Trace::from_spans([Span::builder("set").attribute("group", "set-3fa9c1").build()]);
    /// # let other = Trace::from_spans([Span::builder("set").build()]);
    /// one.assert(same_as(&other).without_value("group"));
    /// ```
    pub fn without_value(mut self, key: impl Into<NamePattern>) -> Self {
        Arc::make_mut(&mut self.left_out).values.push(key.into());
        self
    }

    /// A span by itself.
    pub(super) fn span(&self, of: SpanRef<'_>) -> SpanExpectation {
        let left_out = &self.left_out;
        let here = of.span();
        let mut same = span(NamePattern::Exact(here.name_text().clone()));
        for (key, value) in here.attributes().iter().filter(|(key, _)| !left_out.has_key(key)) {
            same = same.attr(key.clone(), left_out.expected(key, value));
        }
        let keys = here.attributes().keys().filter(|key| !left_out.has_key(key)).cloned();
        same = same.no_other_attrs(keys.collect(), left_out.keys.clone());
        if !left_out.has(TracePart::SpanKind) {
            same = same.kind(of.kind());
        }
        if !left_out.has(TracePart::Status) {
            same = same.status(here.status().clone());
        }
        same = if here.end().is_some() { same.ended() } else { same.open() };
        if !left_out.has(TracePart::Events) {
            same = same.events(here.events().iter().map(|event| self.event(event, of)));
        }
        if !left_out.has(TracePart::Links) {
            same = same.links(here.links().iter().map(|link| self.link(link, of)));
        }
        let parts = [
            TracePart::Times,
            TracePart::Ids,
            TracePart::Resource,
            TracePart::Scope,
            TracePart::TraceState,
            TracePart::Flags,
            TracePart::Dropped,
        ];
        for part in parts.into_iter().filter(|part| !left_out.has(*part)) {
            same = same.with_property(SamePart { part, with: self.clone(), at: of.index() as u32 });
        }
        same
    }

    fn event(&self, of: &Event, span: SpanRef<'_>) -> super::EventExpectation {
        let same = event(NamePattern::Exact(of.name.clone())).with_attributes(self.left_out.attributes(&of.attributes));
        let start = span.span().start();
        // Before the start of its span none can be asked for.
        if self.left_out.has(TracePart::Times) || of.timestamp < start {
            return same;
        }
        let after = of.timestamp.since(start);
        same.after(after..=after)
    }

    fn link(&self, of: &Link, from: SpanRef<'_>) -> super::LinkExpectation {
        let same = match from.trace().get_in(of.trace_id, of.span_id) {
            Some(to) => link_to(span(NamePattern::Exact(to.span().name_text().clone()))),
            None => link_elsewhere(),
        };
        let same = same.with_attributes(self.left_out.attributes(&of.attributes));
        if self.left_out.has(TracePart::TraceState) { same } else { same.trace_state(&of.trace_state) }
    }
}

impl Expectation for SameAs {
    fn check(&self, trace: &Trace) -> Result<(), Mismatch> {
        let mut comparison = Comparison::of(self, trace);
        comparison.run();
        Mismatch::unless_none(trace, comparison.failures, comparison.matched)
    }
}

/// `the same as another trace of 12 spans, without ids, times, group`.
impl fmt::Display for SameAs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = self.trace.len();
        write!(f, "the same as another trace of {number} {}", if number == 1 { "span" } else { "spans" })?;
        let LeftOut { parts, keys, values } = &*self.left_out;
        let parts = parts.iter().map(|part| part.words().to_owned());
        let keys = keys.iter().map(|key| format!("attribute {key}"));
        let left_out: Vec<String> =
            parts.chain(keys).chain(values.iter().map(|key| format!("value of {key}"))).collect();
        if left_out.is_empty() { Ok(()) } else { write!(f, ", without {}", left_out.join(", ")) }
    }
}

/// A part of a span is as in the other trace.
#[derive(Debug)]
pub(super) struct SamePart {
    pub(super) part: TracePart,
    pub(super) with: SameAs,
    /// The place of the span in the other trace.
    pub(super) at: u32,
}

impl SamePart {
    /// The part of a span, as a report shows it.
    pub(super) fn shown(&self, span: SpanRef<'_>) -> String {
        let here = span.span();
        match self.part {
            TracePart::Ids => {
                let links = here.links().iter().map(|link| format!(", link 0x{} 0x{}", link.trace_id, link.span_id));
                let parent = span.parent_id().map(|parent| format!(", parent 0x{parent}")).unwrap_or_default();
                format!("0x{} 0x{}{parent}{}", span.trace_id(), span.span_id(), links.collect::<String>())
            }
            TracePart::Times => {
                let end = here.end().map_or_else(|| "no end".to_owned(), |end| end.to_string());
                format!("{} to {end}", here.start())
            }
            TracePart::Scope => span.scope().map_or_else(
                || "none".to_owned(),
                |scope| {
                    let of = |word: &str, text: &Option<Text>| {
                        text.as_ref().map(|text| format!(" {word} {text:?}")).unwrap_or_default()
                    };
                    let attributes = Said(&scope.attributes);
                    format!(
                        "{:?}{}{}{attributes}",
                        scope.name,
                        of("version", &scope.version),
                        of("schema", &scope.schema_url)
                    )
                },
            ),
            TracePart::TraceState => format!("{:?}", here.trace_state()),
            TracePart::Flags => format!("{:#x}", here.flags()),
            TracePart::Dropped => super::origin::dropped(span).unwrap_or_else(|| "nothing".to_owned()),
            _ => String::new(),
        }
    }

    fn other(&self) -> SpanRef<'_> {
        self.with.trace.at(self.at)
    }
}

/// Attributes behind a word.
struct Said<'a>(&'a Attributes);

impl fmt::Display for Said<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|(key, value)| write!(f, " {key}={}", super::expected::in_message(value)))
    }
}

impl Property for SamePart {
    fn name(&self) -> String {
        self.part.words().to_owned()
    }

    /// That it is as in the other trace is said of the whole.
    fn words(&self) -> String {
        String::new()
    }

    fn expected(&self) -> String {
        match self.part {
            TracePart::Resource => {
                let same = self.with.left_out.attributes(&self.other().resource().attributes);
                format!("one{same}")
            }
            _ => self.shown(self.other()),
        }
    }

    fn found_instead(&self, span: SpanRef<'_>) -> Option<String> {
        let other = self.other();
        if self.part == TracePart::Resource {
            // Most spans of a trace share one.
            if std::ptr::eq(other.resource(), span.resource()) {
                return None;
            }
            let same = self.with.left_out.attributes(&other.resource().attributes);
            let differences = same.differences(&span.resource().attributes);
            return (!differences.is_empty()).then(|| format!("one with {}", differences.join("; ")));
        }
        let is_same = match self.part {
            TracePart::Ids => {
                let ids = |span: &Span| {
                    let links: Vec<_> = span.links().iter().map(|link| (link.trace_id, link.span_id)).collect();
                    (span.trace_id(), span.span_id(), span.parent_id(), links)
                };
                ids(other.span()) == ids(span.span())
            }
            TracePart::Times => {
                let times = |span: &Span| -> (Timestamp, Option<Timestamp>) { (span.start(), span.end()) };
                times(other.span()) == times(span.span())
            }
            TracePart::Scope => other.scope() == span.scope(),
            TracePart::TraceState => other.trace_state() == span.trace_state(),
            TracePart::Flags => other.span().flags() == span.span().flags(),
            TracePart::Dropped => {
                let dropped =
                    |span: SpanRef<'_>| [span.dropped_attributes(), span.dropped_events(), span.dropped_links()];
                dropped(other) == dropped(span)
            }
            _ => true,
        };
        (!is_same).then(|| self.shown(span))
    }
}
