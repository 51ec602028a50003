//! What [`SpanExpectation`] says of a span's links; [`LinkExpectation`]: what a link must be.

use std::fmt;

use super::expected::Expected;
use super::matcher::{Matcher, World};
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
    attributes: Vec<(Text, Expected)>,
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
    LinkExpectation { to: Some(span), attributes: Vec::new() }
}

/// A link to a span that is not in the trace.
///
/// ```
/// use skyspan_trace::expect::{link_elsewhere, span};
/// # use skyspan_trace::trace::{Link, Span, Trace};
/// let trace = Trace::from_spans([Span::builder("set").trace_id(2).span_id(2).link(Link::new(1, 1)).build()]);
/// trace.assert(span("set").links([link_elsewhere()]));
/// ```
pub const fn link_elsewhere() -> LinkExpectation {
    LinkExpectation { to: None, attributes: Vec::new() }
}

impl LinkExpectation {
    /// It has such an attribute.
    pub fn attr(mut self, key: impl Into<Text>, expected: impl Into<Expected>) -> Self {
        self.attributes.push((key.into(), expected.into()));
        self
    }

    fn matches(&self, link: &Link, of: SpanRef<'_>) -> bool {
        let has =
            |(key, expected): &(Text, Expected)| link.attributes.get(key).is_some_and(|value| expected.matches(value));
        let is_there = match (&self.to, of.trace().get_in(link.trace_id, link.span_id)) {
            (Some(expected), Some(to)) => expected.matches(to, World::Open, &Matcher::new()),
            (expected, to) => expected.is_none() && to.is_none(),
        };
        is_there && self.attributes.iter().all(has)
    }
}

/// `link to span "run" with why="it caused it"`.
impl fmt::Display for LinkExpectation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.to {
            Some(to) => write!(f, "link to {to}")?,
            None => f.write_str("link elsewhere")?,
        }
        let mut attributes = self.attributes.iter().enumerate();
        attributes
            .try_for_each(|(at, (key, expected))| write!(f, "{} {key}={expected}", if at == 0 { " with" } else { "" }))
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
        (!holds).then(|| match span.span().links() {
            [] => "none".to_owned(),
            found => found.iter().map(to).collect::<Vec<_>>().join(", "),
        })
    }
}
