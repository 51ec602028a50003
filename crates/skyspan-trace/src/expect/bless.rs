//! [`Bless`]: the expectation that describes a trace, as Rust code.

use std::fmt;
use std::time::Duration;

use super::bless_python::BlessPython;
use super::bless_value::{expected, is_volatile_text, text_or_glob};
use super::pattern::NamePattern;
use super::shape::Shape;
use super::shape_rules::Rules;
use crate::pad::{blank, width_of};
use crate::trace::{Link, Span, SpanKind, SpanRef, Status, Trace};

/// A longer line is broken, one condition a line.
const LINE_MAX: usize = 100;
/// Code that is deeper than this stands in no further.
const INDENT_MAX: usize = 64;
/// What tells where in a program something happened, which changes with every edit of it.
pub(super) const STACKTRACE: &str = "exception.stacktrace";

/// The expectation that describes a trace, as Rust code. Made by [`bless`]; its `Display` is the code.
#[derive(Clone, Debug)]
#[must_use = "it is only written when it is displayed"]
pub struct Bless<'t> {
    trace: &'t Trace,
    rules: Rules,
    durations: bool,
}

/// The expectation that describes a trace, as Rust code, ready to paste: a [`forest`](super::forest) of all spans with
/// all attributes, and kind, status, events and links where there are any.
///
/// What is another in each run, as for the [`shape`](super::shape), becomes a pattern: `set-3fa9c1` is `glob("set-*")`, a
/// wall time `between(1e8..)`, a list or map that holds any `any()`. Ids are left out, and so is
/// `exception.stacktrace`. Siblings stand as in the shape.
///
/// Expectations nest 200 deep: the code of a deeper trace is whole, and panics where it goes deeper.
///
/// The code wants `use skyspan_trace::expect::*;`, and where they appear `skyspan_trace::trace::{SpanKind, Status}` and
/// `skyspan_trace::value::{Map, Value}`.
///
/// ```
/// use skyspan_trace::value::Timestamp;
/// use skyspan_trace::expect::*;
/// use skyspan_trace::trace::{Span, Trace};
///
/// let at = Timestamp::from_unix_ns;
/// let plan = Span::builder("demo plan").trace_id(1).span_id(1).start(at(0)).end(at(5_000_000)).build();
/// let set = Span::builder("set").trace_id(1).span_id(2).parent_id(1).start(at(0)).end(at(0));
/// let set = set.attribute("msg.args", [5]).attribute("group", "set-3fa9c1").build();
/// let trace = Trace::from_spans([plan, set]);
///
/// assert_eq!(bless(&trace).with_durations().to_string(), r#"forest([
///     span("demo plan").lasting(ms(5)..=ms(5)).children([
///         span("set").attr("msg.args", [5]).attr("group", glob("set-*")).lasting(ns(0)..=ns(0)),
///     ]),
/// ])
/// "#);
/// trace.assert(forest([
///     span("demo plan").lasting(ms(5)..=ms(5)).children([
///         span("set").attr("msg.args", [5]).attr("group", glob("set-*")).lasting(ns(0)..=ns(0)),
///     ]),
/// ]));
/// ```
pub fn bless(trace: &Trace) -> Bless<'_> {
    Bless { trace, rules: Rules::default(), durations: false }
}

impl Trace {
    /// The expectation that describes this trace, as Rust code, ready to paste: [`bless`](crate::expect::bless), as text.
    #[must_use]
    pub fn to_expectation_code(&self) -> String {
        bless(self).to_string()
    }
}

impl<'t> Bless<'t> {
    /// Says how long each span lasts, to the nanosecond. For traces of the simulated clock.
    pub fn with_durations(self) -> Self {
        Self { durations: true, ..self }
    }

    /// Leaves out attributes with this key, an exact one or as a pattern says.
    ///
    /// ```
    /// # use skyspan_trace::{expect::{bless, glob}, trace::{Span, Trace}};
    /// let trace = Trace::from_spans([Span::builder("a").attribute("thread.id", 1).attribute("k", 2).build()]);
    /// assert_eq!(
    ///     bless(&trace).without_key(glob("thread.*")).to_string(),
    ///     "forest([\n    span(\"a\").attr(\"k\", 2).open(),\n])\n",
    /// );
    /// ```
    pub fn without_key(mut self, key: impl Into<NamePattern>) -> Self {
        self.rules.omitted.push(key.into());
        self
    }

    /// The same as code of the Python package `skyspan`, which wants `from skyspan import forest, span` and the words that stand in it.
    ///
    /// A key that is a name in Python is a keyword of `span()`, others stand in its `attributes`. What looks like a secret may be
    /// anything. Python reads code of some 90 levels; that of a deeper trace is whole, and refused by it.
    ///
    /// ```
    /// # use skyspan_trace::{expect::bless, trace::{Span, Trace}};
    /// let trace = Trace::from_spans([Span::builder("set").attribute("msg.args", [5]).attribute("group", "set-3fa9c1").build()]);
    /// assert_eq!(
    ///     bless(&trace).as_python().to_string(),
    ///     "forest([\n    span(\"set\", attributes={\"msg.args\": [5]}, group=glob(\"set-*\")).open(),\n])\n",
    /// );
    /// ```
    pub fn as_python(&self) -> BlessPython<'t> {
        let times = self.durations.then_some(0.0);
        BlessPython { trace: self.trace, rules: self.rules.clone(), times, fractions: true, telling: false }
    }

    /// All that is said of a span, its children aside: `.attr("k", 2)`, ...
    fn conditions(&self, span: SpanRef<'_>) -> Vec<String> {
        let rules = &self.rules;
        let shown = span.span().attributes().iter().filter(|(key, _)| !rules.omit(key));
        let mut all: Vec<String> = shown
            .map(|(key, value)| {
                let expected = expected(key, value, rules);
                match key.as_str() {
                    "exit_status" | "reason" => format!(".{key}({expected})"),
                    key => format!(".attr({key:?}, {expected})"),
                }
            })
            .collect();
        if span.kind() != SpanKind::Internal {
            all.push(format!(".kind(SpanKind::{:?})", span.kind()));
        }
        match span.span().status() {
            Status::Unset => {}
            Status::Ok => all.push(".status(Status::Ok)".to_owned()),
            Status::Error { description } if is_volatile_text(description, rules) => {
                all.push(".status_error()".to_owned())
            }
            Status::Error { description } => all.push(format!(".status(Status::error({description:?}))")),
        }
        if !span.span().events().is_empty() {
            let events: Vec<String> = self.events(span.span()).collect();
            all.push(format!(".events([{}])", events.join(", ")));
        }
        if !span.span().links().is_empty() {
            let links: Vec<String> = span.span().links().iter().map(|link| self.link(span, link)).collect();
            all.push(format!(".links([{}])", links.join(", ")));
        }
        match span.span().end() {
            None => all.push(".open()".to_owned()),
            Some(end) if self.durations && end >= span.span().start() => {
                all.push(format!(".lasting({})", exactly(end.since(span.span().start()))));
            }
            Some(_) => {}
        }
        all
    }

    fn link(&self, of: SpanRef<'_>, link: &Link) -> String {
        let mut code = match of.trace().get_in(link.trace_id, link.span_id) {
            Some(to) => format!("link_to(span({}))", text_or_glob(to.span().name(), &self.rules)),
            None => "link_elsewhere()".to_owned(),
        };
        for (key, value) in link.attributes.iter().filter(|(key, _)| !self.rules.omit(key)) {
            code += &format!(".attr({key:?}, {})", expected(key, value, &self.rules));
        }
        code
    }

    fn events(&self, span: &Span) -> impl Iterator<Item = String> {
        span.events().iter().map(|event| {
            let mut code = format!("event({})", text_or_glob(&event.name, &self.rules));
            let said = event.attributes.iter().filter(|(key, _)| *key != STACKTRACE && !self.rules.omit(key));
            for (key, value) in said {
                code += &format!(".attr({key:?}, {})", expected(key, value, &self.rules));
            }
            if self.durations && event.timestamp >= span.start() {
                code += &format!(".after({})", exactly(event.timestamp.since(span.start())));
            }
            code
        })
    }
}

/// A range of one duration, in the largest unit in which it is whole.
fn exactly(duration: Duration) -> String {
    let ns = duration.as_nanos();
    let (number, unit) = match ns {
        0 => (0, "ns"),
        ns if ns.is_multiple_of(1_000_000) => (ns / 1_000_000, "ms"),
        ns if ns.is_multiple_of(1_000) => (ns / 1_000, "us"),
        ns => (ns, "ns"),
    };
    format!("{unit}({number})..={unit}({number})")
}

/// What is still to be written, the next one last.
pub(super) enum Ahead {
    Span(usize, usize),
    /// The end of the children of a span at a depth.
    End(usize),
}

/// The blanks before code at a depth. What is very deep stands in no further, or the code of a long chain would grow with the
/// square of its length.
pub(super) fn indent_at(depth: usize) -> String {
    blank(4 * depth.min(INDENT_MAX))
}

impl fmt::Display for Bless<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let order = Shape::of(self.trace).order();
        writeln!(f, "forest([")?;
        // The stack is on the heap: a chain of spans may be long.
        let below = |spans: &[usize], depth: usize| {
            spans.iter().rev().map(move |span| Ahead::Span(*span, depth)).collect::<Vec<_>>()
        };
        let mut ahead = below(&order.roots, 1);
        while let Some(next) = ahead.pop() {
            let (span, depth) = match next {
                Ahead::Span(span, depth) => (order.spans[span], depth),
                Ahead::End(depth) => {
                    writeln!(f, "{}]),", indent_at(depth))?;
                    continue;
                }
            };
            let children = &order.children[span.index()];
            let mut line = format!("{}span({})", indent_at(depth), text_or_glob(span.name(), &self.rules));
            let conditions = self.conditions(span);
            let end = if children.is_empty() { "," } else { ".children([" };
            let length =
                width_of(&line) + conditions.iter().map(|condition| width_of(condition)).sum::<usize>() + end.len();
            let is_broken = length > LINE_MAX && !conditions.is_empty();
            let indent = if is_broken { format!("\n{}", indent_at(depth + 1)) } else { String::new() };
            for condition in &conditions {
                line += &indent;
                line += condition;
            }
            if !children.is_empty() {
                line += &indent;
            }
            writeln!(f, "{line}{end}")?;
            if !children.is_empty() {
                let inner = depth + 1 + usize::from(is_broken);
                ahead.push(Ahead::End(inner - 1));
                ahead.extend(below(children, inner));
            }
        }
        writeln!(f, "])")
    }
}
