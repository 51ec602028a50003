//! What [`SpanExpectation`] says of a span's links; [`LinkExpectation`]: what a link must be.

use std::fmt;

use super::expected::Expected;
use super::matcher::{Matcher, World};
use super::number_range::NumberRange;
use super::part_attributes::PartAttributes;
use super::property::Property;
use super::several::Several;
use super::span_expectation::SpanExpectation;
use crate::trace::{Link, SpanRef};
use crate::value::Text;

/// What a link of a span must be. Made by [`link_to`] and [`link_elsewhere`].
#[derive(Clone, Debug)]
#[must_use = "a link alone expects nothing: say of which span"]
pub struct LinkExpectation {
    /// Nothing if it points to a span that is not in the trace.
    to: Option<SpanExpectation>,
    attributes: PartAttributes,
    trace_state: Option<Expected>,
}

/// A link to such a span of the trace.
///
/// ```
/// use skyspan_trace::expect::{link_to, span};
/// # use skyspan_trace::trace::{Attributes, Link, Span, Trace};
/// # let run = Span::builder("run").trace_id(1).span_id(1).build();
/// let link = Link::new(1, 1).with_attributes(Attributes::from_iter([("why", "it caused it")]));
/// let trace = Trace::from_spans([run, Span::builder("set").trace_id(2).span_id(2).link(link).build()]);
/// trace.assert(span("set").link(link_to(span("run")).attr("why", "it caused it")));
/// ```
pub fn link_to(span: SpanExpectation) -> LinkExpectation {
    LinkExpectation { to: Some(span), attributes: PartAttributes::default(), trace_state: None }
}

/// A link to a span that is not in the trace.
///
/// ```
/// use skyspan_trace::expect::{link_elsewhere, span};
/// # use skyspan_trace::trace::{Link, Span, Trace};
/// let trace = Trace::from_spans([Span::builder("set").trace_id(2).span_id(2).link(Link::new(1, 1)).build()]);
/// trace.assert(span("set").links([link_elsewhere()]));
/// ```
pub fn link_elsewhere() -> LinkExpectation {
    LinkExpectation { to: None, attributes: PartAttributes::default(), trace_state: None }
}

impl LinkExpectation {
    /// It has such an attribute.
    pub fn attr(mut self, key: impl Into<Text>, expected: impl Into<Expected>) -> Self {
        self.attributes.has(key.into(), expected.into());
        self
    }

    /// It has these attributes, and no others.
    ///
    /// ```
    /// use skyspan_trace::expect::{link_elsewhere, span};
    /// # use skyspan_trace::trace::{Link, Span, Trace};
    /// # let link = Link::new(9, 9).with_attributes([("why", "it caused it")]);
    /// # let trace = Trace::from_spans([Span::builder("set").span_id(2).link(link).build()]);
    /// trace.assert(span("set").link(link_elsewhere().attrs_exactly([("why", "it caused it")])));
    /// ```
    ///
    /// ```should_panic
    /// # use skyspan_trace::expect::{link_elsewhere, span};
    /// # use skyspan_trace::trace::{Link, Span, Trace};
    /// # let link = Link::new(9, 9).with_attributes([("why", "it caused it"), ("by", "ada")]);
    /// # let trace = Trace::from_spans([Span::builder("set").span_id(2).link(link).build()]);
    /// trace.assert(span("set").link(link_elsewhere().attrs_exactly([("why", "it caused it")])));
    /// ```
    pub fn attrs_exactly(
        mut self,
        attributes: impl IntoIterator<Item = (impl Into<Text>, impl Into<Expected>)>,
    ) -> Self {
        self.attributes.are(attributes.into_iter().map(|(key, expected)| (key.into(), expected.into())));
        self
    }

    /// Its trace state is this, as the header `tracestate` has it: `vendor=value,other=value`.
    ///
    /// ```
    /// use skyspan_trace::expect::{link_elsewhere, span};
    /// # use skyspan_trace::trace::{Link, Span, Trace};
    /// # let link = Link::new(9, 9).with_trace_state("a=1");
    /// # let trace = Trace::from_spans([Span::builder("set").span_id(2).link(link).build()]);
    /// trace.assert(span("set").link(link_elsewhere().trace_state("a=1")));
    /// ```
    ///
    /// ```should_panic
    /// # use skyspan_trace::expect::{link_elsewhere, span};
    /// # use skyspan_trace::trace::{Link, Span, Trace};
    /// # let link = Link::new(9, 9).with_trace_state("a=1");
    /// # let trace = Trace::from_spans([Span::builder("set").span_id(2).link(link).build()]);
    /// trace.assert(span("set").link(link_elsewhere().trace_state("a=2")));
    /// ```
    pub fn trace_state(self, expected: impl Into<Expected>) -> Self {
        Self { trace_state: Some(expected.into()), ..self }
    }

    /// Its attributes are as this says.
    pub(super) fn with_attributes(self, attributes: PartAttributes) -> Self {
        Self { attributes, ..self }
    }

    fn matches(&self, link: &Link, of: SpanRef<'_>) -> bool {
        self.points_to(link, of) && self.attributes.matches(&link.attributes) && self.has_trace_state(link)
    }

    fn points_to(&self, link: &Link, of: SpanRef<'_>) -> bool {
        match (&self.to, of.trace().get_in(link.trace_id, link.span_id)) {
            (Some(expected), Some(to)) => expected.matches(to, World::Open, &Matcher::new()),
            (expected, to) => expected.is_none() && to.is_none(),
        }
    }

    fn has_trace_state(&self, link: &Link) -> bool {
        self.trace_state.as_ref().is_none_or(|expected| expected.matches(&(&link.trace_state).into()))
    }

    /// In what a link that points there differs, where more than that is said.
    fn differences(&self, link: &Link, of: SpanRef<'_>) -> Option<Vec<String>> {
        let says_more = !self.attributes.is_empty() || self.trace_state.is_some();
        if !says_more || !self.points_to(link, of) {
            return None;
        }
        let mut differences = self.attributes.differences(&link.attributes);
        if let Some(expected) = &self.trace_state
            && !self.has_trace_state(link)
        {
            differences.push(format!("trace state: {:?} in place of {expected}", link.trace_state));
        }
        Some(differences)
    }
}

/// `link to span "run" with why="it caused it"`.
impl fmt::Display for LinkExpectation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.to {
            Some(to) => write!(f, "link to {to}")?,
            None => f.write_str("link elsewhere")?,
        }
        self.attributes.fmt(f)?;
        self.trace_state.as_ref().map_or(Ok(()), |expected| write!(f, " with trace state {expected}"))
    }
}

impl SpanExpectation {
    /// It has such a link, perhaps among others.
    ///
    /// ```
    /// # use skyspan_trace::{expect::{link_to, span}, trace::{Link, Span, Trace}};
    /// # let run = Span::builder("run").trace_id(1).span_id(1).build();
    /// # let trace = Trace::from_spans([run, Span::builder("set").trace_id(2).span_id(2).link(Link::new(1, 1)).build()]);
    /// trace.assert(span("set").link(link_to(span("run"))));
    /// ```
    ///
    /// ```should_panic
    /// # use skyspan_trace::{expect::{link_to, span}, trace::{Link, Span, Trace}};
    /// # let run = Span::builder("run").trace_id(1).span_id(1).build();
    /// # let trace = Trace::from_spans([run, Span::builder("set").trace_id(2).span_id(2).link(Link::new(1, 1)).build()]);
    /// trace.assert(span("set").link(link_to(span("set"))));
    /// ```
    pub fn link(self, link: LinkExpectation) -> Self {
        self.with_property(Several::Some(link))
    }

    /// It has no such link.
    ///
    /// ```
    /// # use skyspan_trace::{expect::{link_elsewhere, span}, trace::{Link, Span, Trace}};
    /// Trace::from_spans([Span::builder("set").build()]).assert(span("set").no_link(link_elsewhere()));
    /// ```
    ///
    /// ```should_panic
    /// # use skyspan_trace::{expect::{link_elsewhere, span}, trace::{Link, Span, Trace}};
    /// # let trace = Trace::from_spans([Span::builder("set").span_id(2).link(Link::new(1, 1)).build()]);
    /// trace.assert(span("set").no_link(link_elsewhere()));
    /// ```
    pub fn no_link(self, link: LinkExpectation) -> Self {
        self.with_property(Several::None(link))
    }

    /// It has exactly these links, in this order.
    ///
    /// ```
    /// # use skyspan_trace::{expect::{link_elsewhere, span}, trace::{Link, Span, Trace}};
    /// # let trace = Trace::from_spans([Span::builder("set").span_id(2).link(Link::new(1, 1)).build()]);
    /// trace.assert(span("set").links([link_elsewhere()]));
    /// ```
    ///
    /// ```should_panic
    /// # use skyspan_trace::{expect::span, trace::{Link, Span, Trace}};
    /// # let trace = Trace::from_spans([Span::builder("set").span_id(2).link(Link::new(1, 1)).build()]);
    /// trace.assert(span("set").links([]));
    /// ```
    pub fn links(self, links: impl IntoIterator<Item = LinkExpectation>) -> Self {
        self.with_property(Several::these(links, true, false))
    }

    /// It has exactly these links, in any order; each expectation takes a link of its own.
    ///
    /// ```
    /// # use skyspan_trace::{expect::{link_elsewhere, link_to, span}, trace::{Link, Span, Trace}};
    /// # let set = Span::builder("set").trace_id(1).span_id(2).link(Link::new(9, 9)).link(Link::new(1, 2)).build();
    /// Trace::from_spans([set]).assert(span("set").links_in_any_order([link_to(span("set")), link_elsewhere()]));
    /// ```
    ///
    /// ```should_panic
    /// # use skyspan_trace::{expect::{link_elsewhere, link_to, span}, trace::{Link, Span, Trace}};
    /// # let set = Span::builder("set").trace_id(1).span_id(2).link(Link::new(9, 9)).link(Link::new(1, 2)).build();
    /// Trace::from_spans([set]).assert(span("set").links_in_any_order([link_elsewhere(), link_elsewhere()]));
    /// ```
    pub fn links_in_any_order(self, links: impl IntoIterator<Item = LinkExpectation>) -> Self {
        self.with_property(Several::these(links, false, false))
    }

    /// It has these links, in any order and perhaps among others; each expectation takes a link of its own.
    ///
    /// ```
    /// # use skyspan_trace::{expect::{link_elsewhere, span}, trace::{Link, Span, Trace}};
    /// # let set = Span::builder("set").trace_id(1).span_id(2).link(Link::new(9, 9)).link(Link::new(9, 8)).build();
    /// Trace::from_spans([set]).assert(span("set").links_at_least([link_elsewhere(), link_elsewhere()]));
    /// ```
    ///
    /// ```should_panic
    /// # use skyspan_trace::{expect::{link_elsewhere, span}, trace::{Link, Span, Trace}};
    /// # let set = Span::builder("set").trace_id(1).span_id(2).link(Link::new(9, 9)).build();
    /// Trace::from_spans([set]).assert(span("set").links_at_least([link_elsewhere(), link_elsewhere()]));
    /// ```
    pub fn links_at_least(self, links: impl IntoIterator<Item = LinkExpectation>) -> Self {
        self.with_property(Several::these(links, false, true))
    }

    /// It has these links, in this order and perhaps among others.
    ///
    /// ```
    /// # use skyspan_trace::{expect::{link_elsewhere, link_to, span}, trace::{Link, Span, Trace}};
    /// # let links = [Link::new(9, 9), Link::new(9, 8), Link::new(1, 2)];
    /// # let set = links.into_iter().fold(Span::builder("set").trace_id(1).span_id(2), |set, link| set.link(link)).build();
    /// Trace::from_spans([set]).assert(span("set").links_at_least_in_order([link_elsewhere(), link_to(span("set"))]));
    /// ```
    ///
    /// ```should_panic
    /// # use skyspan_trace::{expect::{link_elsewhere, link_to, span}, trace::{Link, Span, Trace}};
    /// # let set = Span::builder("set").trace_id(1).span_id(2).link(Link::new(9, 9)).link(Link::new(1, 2)).build();
    /// Trace::from_spans([set]).assert(span("set").links_at_least_in_order([link_to(span("set")), link_elsewhere()]));
    /// ```
    pub fn links_at_least_in_order(self, links: impl IntoIterator<Item = LinkExpectation>) -> Self {
        self.with_property(Several::these(links, true, true))
    }

    /// It has so many such links: a number, or a range of numbers.
    ///
    /// ```
    /// # use skyspan_trace::{expect::{link_elsewhere, span}, trace::{Link, Span, Trace}};
    /// # let set = Span::builder("set").trace_id(1).span_id(2).link(Link::new(9, 9)).link(Link::new(9, 8)).build();
    /// Trace::from_spans([set]).assert(span("set").link_count(1..=2, link_elsewhere()));
    /// ```
    ///
    /// ```should_panic
    /// # use skyspan_trace::{expect::{link_elsewhere, span}, trace::{Link, Span, Trace}};
    /// # let set = Span::builder("set").trace_id(1).span_id(2).link(Link::new(9, 9)).link(Link::new(9, 8)).build();
    /// Trace::from_spans([set]).assert(span("set").link_count(1, link_elsewhere()));
    /// ```
    pub fn link_count(self, number: impl Into<NumberRange>, of: LinkExpectation) -> Self {
        self.with_property(Several::Number(number.into(), of))
    }
}

type Links = Several<LinkExpectation>;

impl Property for Links {
    fn name(&self) -> String {
        "links".to_owned()
    }

    fn depth(&self) -> usize {
        self.all().iter().filter_map(|link| link.to.as_ref()).map(|to| to.depth + 1).max().unwrap_or(0)
    }

    fn expected(&self) -> String {
        self.list("a")
    }

    fn found_instead(&self, span: SpanRef<'_>) -> Option<String> {
        let to = |link: &Link| match span.trace().get_in(link.trace_id, link.span_id) {
            Some(to) => format!("one to {:?}", to.span().name()),
            None => "one elsewhere".to_owned(),
        };
        let holds = self.holds(span.span().links(), |expected, link| expected.matches(link, span));
        (!holds).then(|| self.instead(span.span().links(), to, |expected, link| expected.differences(link, span)))
    }
}
